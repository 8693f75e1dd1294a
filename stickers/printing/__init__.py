"""Stickers as print files: from a cut-out to pages, files and the ZIP of them. Pure: no Django, no Celery."""
