"""The command line. A wrong setting or an unusable database ends it with one clear line and exit status 2.

PROMISE: it uses all parts of the house, but neither Flask nor peewee itself.
"""

from widget_server.cli.base import main

__all__ = ["main"]
