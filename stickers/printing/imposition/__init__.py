"""Stickers on pages: page sizes, layouts and registration marks."""
