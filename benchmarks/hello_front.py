"""The yardstick on the server that widget-server runs on."""

from benchmarks.hello import app as hello
from widget_server.listening import THREADS
from widget_server.routes.front import Front

app = Front(hello.wsgi_app, threads=THREADS)
