"""Chaos: something is killed, full or refusing at every state of the pipeline, and nothing may be lost or doubled.

The names of states come from the models, which need settings: here those of no studio.
"""

import atexit
import os
import shutil
import tempfile
from typing import Final

import django

_nobodys: Final = tempfile.mkdtemp(prefix="sticker-studio-chaos-")
atexit.register(shutil.rmtree, _nobodys, ignore_errors=True)
# Another studio's settings must not reach the studios that start here.
for name in ("SEGMIND_API_KEY", "SEGMIND_API_KEY_FILE", "CELERY_BROKER_URL", "DATABASE_URL", "S3_BUCKET", "PARTS"):
    os.environ.pop(name, None)
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
os.environ["DJANGO_SETTINGS_MODULE"] = "stickers.settings"
os.environ["STUDIO_DATA"] = _nobodys
django.setup()
