"""The yardstick: the least that Flask can do, and its own way with a file. It knows nothing of widget-server.

By itself it runs on the server and with the threads that widget-server runs with; gunicorn runs `app` too.
"""

import sys
from pathlib import Path

from flask import Flask

WIDGET = Path(__file__).resolve().parent.parent / "static/built/widget"
app = Flask(__name__, static_folder=WIDGET, static_url_path="/static")


@app.get("/")
def hello() -> str:
    return "hello"


if __name__ == "__main__":
    from widget_server import listening

    listening.serve("benchmarks.hello_front:app", host="127.0.0.1", port=int(sys.argv[1]), workers=int(sys.argv[2]))
