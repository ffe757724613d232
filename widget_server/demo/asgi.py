"""What our own server loads: the demo, for the host, site and secret key that the environment names."""

import os

from widget_server.demo import create_demo
from widget_server.listening import THREADS
from widget_server.routes.front import Front

app = Front(
    create_demo(
        host=os.environ["WIDGET_HOST"], site=os.environ["WIDGET_SITE"], secret=os.environ["WIDGET_SITE_SECRET"]
    ).wsgi_app,
    threads=THREADS,
)
