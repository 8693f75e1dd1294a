"""What is wrong with a print, where, and what fixes it."""
