"""The desk: pages for moderators, whole without JavaScript."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
NO_CASE = "There is no case with this number."
