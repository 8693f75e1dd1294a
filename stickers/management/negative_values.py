"""Lets a command's options take values that begin with a minus, so that they are refused in the options' own words."""

from __future__ import annotations

import re
from argparse import ArgumentParser


def allow(parser: ArgumentParser) -> None:
    """Read `-3mm` and `-5,3` as values. No option of the parser may begin with a digit.

    argparse reads a plain -3 as a value, but anything else that begins with a minus as an unknown option.
    """
    parser._negative_number_matcher = re.compile(r"-[\d.]")  # noqa: SLF001  there is no public way
