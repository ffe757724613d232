"""What granian loads: `widget_server.rsgi:app`."""

from widget_server import storage
from widget_server.application import create_app
from widget_server.listening import THREADS, end_with_main
from widget_server.routes.front import Front

end_with_main()
app = Front(create_app().wsgi_app, threads=THREADS)  # type: ignore[arg-type]
storage.stay()
