"""The errors of an order to print, as the tree that callers catch.

    PrintError (a ValueError)
    ├── OptionsError   a wrong option; names the field, so that a form can show it there
    └── ArtError       the sticker itself cannot be printed as ordered

Messages are whole sentences for the person who ordered.
"""

from __future__ import annotations


class PrintError(ValueError):
    """The order cannot be printed. `message` says why, in words for a designer."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OptionsError(PrintError):
    """One option is wrong. `field` is its name in `PrintOptions`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ArtError(PrintError):
    """Nothing in the sticker's picture can be printed as ordered."""
