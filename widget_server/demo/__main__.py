"""`python -m widget_server.demo HOST PORT` serves the demo on its own origin."""

import sys

from widget_server import listening

listening.serve("widget_server.demo.asgi:app", host=sys.argv[1], port=int(sys.argv[2]), workers=1)
