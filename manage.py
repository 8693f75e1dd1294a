#!/usr/bin/env python
"""Django's command line for the studio."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line, load_command_class

from stickers.management import refusals
from stickers.running import data_folder

# These want neither database nor secret key, so they leave no data folder behind. Every other command may.
WITHOUT_DATA = {"check", "cut", "help", "layout", "makemigrations", "sandbox"}
# These know no rows and no settings, so neither is loaded for them: half a second of processor time.
WITHOUT_ROWS = {"cut", "layout"}


def main() -> None:
    """Run the command. Where a setting or the machine is at fault, say so in one line and end with 1."""
    if not WITHOUT_DATA.intersection(sys.argv[1:2]):
        try:
            data_folder.make()
        except OSError as error:
            sys.exit(data_folder.refusal(error))
    try:
        if WITHOUT_ROWS.intersection(sys.argv[1:2]):
            load_command_class("stickers", sys.argv[1]).run_from_argv(sys.argv)
        else:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:  # in words for whoever set it, as the runner says it
        sys.exit(str(refusal))
    except Exception as error:
        words = refusals.in_words(error)
        if words is None or "--traceback" in sys.argv:
            raise
        sys.exit(words)


if __name__ == "__main__":
    main()
