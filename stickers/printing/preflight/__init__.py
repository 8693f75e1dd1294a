"""Finds what is wrong with a print, where, and what fixes it."""
