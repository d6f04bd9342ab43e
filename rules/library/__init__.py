"""One rule, one file. ``rules.registry`` lists them in the order in which they are asked."""
