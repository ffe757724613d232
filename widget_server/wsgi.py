"""What a WSGI server loads: `widget_server.wsgi:app`."""

from widget_server.application import create_app

app = create_app()
