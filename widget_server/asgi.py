"""What our own server loads (listening.py): the application behind its front door."""

from widget_server import storage
from widget_server.application import create_app
from widget_server.listening import COPIES, THREADS
from widget_server.routes.front import Hasty

app = Hasty(create_app(in_a_loop=COPIES).wsgi_app, threads=THREADS)  # type: ignore[arg-type]
storage.stay()
