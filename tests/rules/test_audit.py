"""The log's chain of digests."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from widget_server.rules.audit import BEGINNING, Entry, Link, digest, first_broken

NOON = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)
FIRST = Entry(NOON, 3, "dismiss", "case 12", {"before": "open", "after": "dismissed"}, 1)
SECOND = Entry(NOON, None, "take report back", "case 7", {}, None)
THIRD = Entry(NOON, 3, "sign in", "ada@news.example", {}, None)


def chain(*entries: Entry) -> list[Link]:
    links, before = [], BEGINNING
    for number, entry in enumerate(entries, 1):
        links.append(Link(number, before, digest(before, number, entry.body()), entry))
        before = links[-1].digest
    return links


def test_an_entry_is_the_same_text_on_every_machine() -> None:
    assert FIRST.body() == '1795435200000005,3,"dismiss","case 12",{"after":"dismissed","before":"open"},1]'
    assert Entry(NOON, None, "é", "", {"n": 1}, None).body() == '1795435200000005,null,"\\u00e9","",{"n":1},null]'


def test_a_digest_is_the_sha_256_of_a_json_list() -> None:
    assert digest("ab", 1, '2,"x"]') == "186532bc4eec78d21d380025e5e24e3875ee29ac38ebcecd6837b5f0dc67c162"


def test_a_whole_chain_has_no_broken_entry() -> None:
    links = chain(FIRST, SECOND, THIRD)
    assert first_broken(links, after=BEGINNING) is None
    assert first_broken(links[1:], after=links[0].digest) is None
    assert first_broken([], after=BEGINNING) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON.replace(microsecond=6)},
        {"moderator": 4},
        {"moderator": None},
        {"verb": "withdraw"},
        {"subject": "case 13"},
        {"particulars": {"before": "open", "after": "withdrawn"}},
        {"particulars": {}},
        {"site": 2},
        {"site": None},
    ],
    ids=str,
)
def test_whatever_is_changed_in_an_entry_breaks_it(change: dict) -> None:
    links = chain(FIRST, SECOND)
    links[0] = replace(links[0], entry=replace(FIRST, **change))
    assert first_broken(links, after=BEGINNING) == 1


def test_an_entry_that_was_changed_with_its_digest_breaks_the_next_one() -> None:
    links = chain(FIRST, SECOND, THIRD)
    forged = replace(SECOND, moderator=9)
    links[1] = Link(2, links[1].previous, digest(links[1].previous, 2, forged.body()), forged)
    assert first_broken(links, after=BEGINNING) == 3


@pytest.mark.parametrize(("gone", "broken"), [(0, 2), (1, 3), (2, None)])
def test_an_entry_that_is_gone_breaks_the_next_one_and_only_the_last_leaves_no_trace(
    gone: int, broken: int | None
) -> None:
    links = chain(FIRST, SECOND, THIRD)
    del links[gone]
    assert first_broken(links, after=BEGINNING) == broken


def test_entries_that_change_places_or_numbers_break_the_chain() -> None:
    links = chain(FIRST, SECOND, THIRD)
    assert first_broken([links[1], links[0]], after=BEGINNING) == 2
    assert first_broken([replace(links[0], number=5)], after=BEGINNING) == 5


def test_what_the_first_entry_follows_has_the_form_of_a_digest() -> None:
    assert len(BEGINNING) == len(hashlib.sha256().hexdigest())
