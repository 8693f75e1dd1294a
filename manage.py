#!/usr/bin/env python
"""Django's command line for the studio."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from stickers.running import data_folder

# These want neither database nor secret key, so they leave no data folder behind. Every other command may.
WITHOUT_DATA = {"check", "cut", "help", "layout", "makemigrations", "sandbox"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
    if not WITHOUT_DATA.intersection(sys.argv[1:2]):
        data_folder.make()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:  # in words for whoever set it, as the runner says it
        sys.exit(str(refusal))
