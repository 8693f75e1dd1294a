"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from stickers.running import data_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
data_folder.make()  # for a server that the runner did not start
application = get_wsgi_application()
