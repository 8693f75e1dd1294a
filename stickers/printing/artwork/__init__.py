"""Prepares one sticker for print: its cut line, its pixels, its resolution."""
