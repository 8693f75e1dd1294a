"""Turn cut-outs into print files: pages, files and their ZIP. Pure: no Django, no Celery."""
