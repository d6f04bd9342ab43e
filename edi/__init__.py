"""What was said: X12 text to typed records and back (837P, 835 and their acknowledgments)."""
