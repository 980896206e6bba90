"""From what the services say to typed values and rows: pure functions."""
