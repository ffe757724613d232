"""The yardstick: the least that Flask can do, on the server and with the threads that widget-server runs with."""

import sys

from flask import Flask

from widget_server import serving

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"


if __name__ == "__main__":
    serving.serve("benchmarks.hello:app", host="127.0.0.1", port=int(sys.argv[1]), workers=1)
