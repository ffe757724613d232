"""Hostile strings through every door: `python -m tests.chaos hostile`.

What has to hold: no answer of 500 or more, no trace of the inside, nothing stored that was refused, and of our own
markup nothing alive in a page. That nothing runs is seen in a browser: e2e/test_hostile_texts.py opens what is left.
Each part has a server and a database of its own, which stay small; as many parts at a time as there are cores.
"""

import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from tests.chaos import desk, doors, outgoing
from tests.chaos.corpora import texts
from tests.chaos.inside import Inside, inside
from tests.chaos.tally import Tally

EVERYTHING = 10**9
Part = tuple[Callable[..., None], int]
"""What is tried, and with how many strings at most: fewer where an answer takes long."""


def api(names: str) -> Callable[..., None]:
    return partial(_api, names.split(", "))


def _api(names: list[str], server: Inside, tally: Tally, number: int) -> None:
    doors.through_the_api(server, tally, names, number)


PARTS: dict[str, Part] = {
    "forms of the desk, 1": (partial(desk.every_form, part=0, of=2), 60),
    "forms of the desk, 2": (partial(desk.every_form, part=1, of=2), 60),
    "lists": (desk.every_list, 120),
    "printed": (outgoing.printed, 56),
    "exports": (outgoing.exports, 80),
    "mail": (outgoing.mails, 150),
    "headers": (doors.headers, 150),
    "command line": (outgoing.typed_names, 60),
    "opened": (desk.opened, 150),
    "search": (desk.search, 300),
    "sign-in": (desk.sign_in, 200),
    "report form": (doors.forms, 400),
    "JSON bodies": (doors.bodies_of_json, EVERYTHING),
    "both ways": (doors.both_ways, 600),
    "reports": (api("reports"), 2400),
    "render": (api("render text, render html"), EVERYTHING),
    "render, 2": (api("render markdown, render’s other fields"), 2400),
    "small fields": (api("report’s e-mail, appeals, receipts, prompts"), 900),
    "kept texts": (api("publications, approvals"), 600),
    "views": (api("views"), EVERYTHING),
    "webhooks": (outgoing.hooks, EVERYTHING),
}


def run(most: int = EVERYTHING, parts: list[str] | None = None, workers: int | None = None) -> dict[str, Any]:
    """`most`: strings for each door; fewer for a quick look."""
    began, wanted = time.monotonic(), parts or list(PARTS)
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=fresh, max_tasks_per_child=1) as pool:
        found = list(pool.map(partial(tried, most=most), wanted))
    told = {door: figures for part in found for door, figures in part["doors"].items()}
    wrong = ("500s", "traces of the inside", "stored that should not be")
    return {
        "strings": len(texts()),
        "tried": sum(figures["tried"] for figures in told.values()),
        **{why: sum(figures.get(why, 0) for figures in told.values()) for why in wrong},
        "other": sum(
            number
            for figures in told.values()
            for why, number in figures.items()
            if why not in (*wrong, "tried", "accepted")
        ),
        "doors": told,
        "examples": [one for part in found for one in part["examples"]],
        "seconds_by_part": {name: part["seconds"] for name, part in zip(wanted, found, strict=True)},
        "seconds": round(time.monotonic() - began),
    }


def tried(name: str, *, most: int = EVERYTHING) -> dict[str, Any]:
    """One part, in a process of its own."""
    logging.disable(logging.CRITICAL)
    attempt, number = PARTS[name]
    tally, began = Tally(), time.monotonic()
    with inside(public_url="https://widget.example") as server:
        attempt(server, tally, min(number, most))
    return {**tally.figures(), "seconds": round(time.monotonic() - began, 1)}
