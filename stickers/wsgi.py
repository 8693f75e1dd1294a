"""The entry point of the web server."""

import contextlib
import os

from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application

from stickers.running import data_folder, memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stickers.settings")
os.umask(data_folder.OTHERS)
data_folder.make()  # for a server that the runner did not start
until_the_end = contextlib.ExitStack()  # has to stay: without it the lock would end with this line
until_the_end.enter_context(data_folder.in_use(data_folder.path()))
application = get_wsgi_application()
_watch = memory.Watch(grown_mb=16)
request_finished.connect(_watch.look)  # once the answer is sent, so nobody waits for it
