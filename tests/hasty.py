"""The server in a hurry: bodies have a second, and a megabyte at a time. `python -m tests.hasty PORT`."""

import sys

from widget_server import listening
from widget_server.routes import incoming

MOST_HELD = 1024 * 1024

incoming.SECONDS, incoming.MOST_HELD = 1, MOST_HELD

if __name__ == "__main__":
    listening.serve("tests.hasty:app", host="127.0.0.1", port=int(sys.argv[1]), workers=1, loop=True)
else:
    from widget_server.rsgi import app as app
