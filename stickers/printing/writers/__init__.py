"""Writes files, with one module for each format."""
