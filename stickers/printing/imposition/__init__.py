"""Arranges stickers on pages: page sizes, layouts and registration marks."""
