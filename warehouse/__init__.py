"""Where it is kept, and the steps that tie the rest together."""
