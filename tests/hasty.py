"""The server in a hurry: requests and pauses take a second, bodies a megabyte; few connections.

`python -m tests.hasty PORT`.
"""

import sys
from typing import Any

from widget_server import listening
from widget_server.routes import connection, incoming

MOST_HELD = 1024 * 1024
CONNECTIONS = 64

incoming.SECONDS, incoming.MOST_HELD = 1, MOST_HELD
connection.QUIET_SECONDS = 1
listening.CONNECTIONS = CONNECTIONS


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    from widget_server.asgi import app

    return app


if __name__ == "__main__":
    listening.serve("tests.hasty:app", host="127.0.0.1", port=int(sys.argv[1]), workers=1)
