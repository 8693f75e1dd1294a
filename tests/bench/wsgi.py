"""The studio's own web application with one more, empty page: what a request costs before a view begins."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
settings.ROOT_URLCONF = "tests.bench.urls"
application = get_wsgi_application()
