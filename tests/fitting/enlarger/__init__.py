"""Trains the net that enlarges a sticker's art, and scores it on art that it never saw."""
