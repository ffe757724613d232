"""What a WSGI server loads: `widget_server.wsgi:app`."""

from widget_server import storage
from widget_server.application import create_app

app = create_app()
storage.stay()
