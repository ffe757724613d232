"""The writer in a process of its own: one commit for many, and nobody is told what is not so."""

import asyncio
import gc
import multiprocessing
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
import uvloop
from flask import Flask
from peewee import PeeweeException

from widget_server.storage import apart, changes, connection, faults, months
from widget_server.storage.apart import Apart
from widget_server.storage.faults import refusal
from widget_server.storage.tables import Viewer, base, database
from widget_server.storage.writer import Busy

VIEWER = "INSERT INTO viewer (site, month, key) VALUES (1, 202611, {})"
copying = multiprocessing.get_context("fork")


class Item(NamedTuple):
    """A statement."""

    sql: str


def keep(items: list[Item]) -> None:
    for item in items:
        database.execute_sql(item.sql)


Work = Callable[[Apart[Item]], Awaitable[object]]
Live = Callable[[Apart[Item], Work], object]


@pytest.fixture
def live(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Live:
    """A worker's life: its loop does some work, and is over."""
    monkeypatch.setattr(base, "_writing", base._writing)

    def run(writer: Apart[Item], work: Work) -> object:
        async def life() -> object:
            writer.begin(asyncio.get_running_loop())
            return await work(writer)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as our server does
            done = runner.run(life())
        writer.close()
        return done

    return run


def told_of(writer: Apart[Item], item: Item) -> "asyncio.Future[Exception | None]":
    told: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
    writer.stored(item, told.set_result)
    return told


def viewers() -> list[int]:
    with connection():
        return sorted(row.key for row in Viewer.select())


def test_one_bad_item_does_not_fail_the_others_of_its_commit(live: Live) -> None:
    statements = [VIEWER.format(0), "INSERT INTO nothing VALUES (1)", VIEWER.format(1), VIEWER.format(2)]

    async def work(writer: Apart[Item]) -> list[Exception | None]:
        return await asyncio.gather(*[told_of(writer, Item(sql)) for sql in statements])

    outcomes = live(Apart(Item, keep, lambda _: None), work)
    assert [outcome is None for outcome in outcomes] == [True, False, True, True]
    assert isinstance(outcomes[1], PeeweeException)
    assert "nothing" in refusal(outcomes[1]) or "42P01" in refusal(outcomes[1])
    assert viewers() == [0, 1, 2]


def test_what_comes_while_the_writer_works_is_one_commit(live: Live) -> None:
    commits, opened = copying.SimpleQueue(), copying.Event()

    def slowly(items: list[Item]) -> None:
        commits.put(len(items))
        opened.wait(10)
        keep(items)

    async def work(writer: Apart[Item]) -> None:
        first = told_of(writer, Item(VIEWER.format(0)))
        assert await asyncio.to_thread(commits.get) == 1
        others = [told_of(writer, Item(VIEWER.format(number))) for number in range(1, 20)]
        opened.set()
        assert await asyncio.gather(first, *others) == [None] * 20

    live(Apart(Item, slowly, lambda _: None), work)
    assert (commits.get(), commits.empty(), len(viewers())) == (19, True, 20)


def test_more_than_a_connection_holds_goes_to_the_writer_and_comes_back(live: Live) -> None:
    long = "x" * 4_000

    async def work(writer: Apart[Item]) -> list[Exception | None]:
        first = told_of(writer, Item(VIEWER.format(0)))
        many = [told_of(writer, Item(f"INSERT INTO nothing VALUES ('{long}')")) for _ in range(400)]
        return await asyncio.gather(first, *many, told_of(writer, Item(VIEWER.format(1))))

    first, *others, last = live(Apart(Item, keep, lambda _: None), work)
    assert (first, last) == (None, None)
    assert [isinstance(other, PeeweeException) for other in others] == [True] * 400
    assert viewers() == [0, 1]


def test_one_who_cannot_be_told_keeps_nothing_from_the_others(live: Live) -> None:
    def broken(_: Exception | None) -> None:
        raise ValueError

    async def work(writer: Apart[Item]) -> Exception | None:
        writer.stored(Item(VIEWER.format(0)), broken)
        return await told_of(writer, Item(VIEWER.format(1)))

    assert live(Apart(Item, keep, lambda _: None), work) is None
    assert viewers() == [0, 1]


def test_a_connection_that_the_writer_found_lost_is_known_as_lost_here_too(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: list[bool] = []

    async def work(writer: Apart[Item]) -> Exception | None:
        monkeypatch.setattr(faults, "when_lost", [lambda: here.append(True)])
        return await told_of(writer, Item(VIEWER.format(0)))

    assert live(Apart(Item, keep, lambda _: faults.tell_lost()), work) is None
    assert here


def test_threads_beside_the_loop_store_through_it(live: Live) -> None:
    async def work(writer: Apart[Item]) -> None:
        await asyncio.gather(
            *[asyncio.to_thread(writer.store, Item(VIEWER.format(number))) for number in range(10)],
        )
        with pytest.raises(PeeweeException):
            await asyncio.to_thread(writer.store, Item(VIEWER.format(0)))

    writer = Apart(Item, keep, lambda _: None)
    live(writer, work)
    assert viewers() == [*range(10)]
    with pytest.raises(Busy):
        writer.store(Item(VIEWER.format(11)))


def test_what_was_answered_with_busy_is_not_stored_later(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender will send it again: storing it, too, would count it twice. What the writer has by then may be kept."""
    monkeypatch.setattr(apart, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(apart, "LOOK_SECONDS", 0.02)
    begun, opened = copying.Event(), copying.Event()

    def slowly(items: list[Item]) -> None:
        begun.set()
        opened.wait(10)
        keep(items)

    async def work(writer: Apart[Item]) -> None:
        first = told_of(writer, Item(VIEWER.format(1)))
        await asyncio.to_thread(begun.wait, 10)
        second = told_of(writer, Item(VIEWER.format(2)))
        assert isinstance(await second, Busy)
        assert isinstance(await first, Busy)
        opened.set()
        assert await told_of(writer, Item(VIEWER.format(3))) is None

    live(Apart(Item, slowly, lambda _: None), work)
    assert viewers() == [1, 3]


def test_too_much_at_once_is_refused(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_WAITING", 3)

    async def work(writer: Apart[Item]) -> list[Exception | None]:
        return await asyncio.gather(*[told_of(writer, Item(VIEWER.format(number))) for number in range(5)])

    outcomes = live(Apart(Item, keep, lambda _: None), work)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [Busy] * 2
    assert viewers() == [0, 1, 2]


def test_what_has_been_handed_in_is_stored_before_it_stops(live: Live) -> None:
    async def work(writer: Apart[Item]) -> None:
        for number in range(3):
            writer.stored(Item(VIEWER.format(number)), lambda _: None)

    live(Apart(Item, keep, lambda _: None), work)
    assert viewers() == [0, 1, 2]


def test_what_was_stored_is_let_go_of_at_once(live: Live) -> None:
    """Ten thousand views a second that were each remembered for as long as one may have to wait would fill memory."""

    async def work(writer: Apart[Item]) -> int:
        for number in range(20):
            await told_of(writer, Item(VIEWER.format(number)))
        gc.collect()
        return sum(type(one) is Item for one in gc.get_objects())

    assert live(Apart(Item, keep, lambda _: None), work) == 0


def test_what_a_commit_has_changed_is_known_here_before_anybody_is_told(live: Live) -> None:
    async def work(writer: Apart[Item]) -> int:
        before = changes.here(7)
        assert await told_of(writer, Item(VIEWER.format(0))) is None
        return changes.here(7) - before

    assert live(Apart(Item, keep, lambda _: changes.missed(7)), work) == 1


def test_what_is_over_is_over_in_the_writers_memory_too(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    forgot = copying.Event()

    async def work(writer: Apart[Item]) -> bool:
        months.forget_everywhere()
        return await asyncio.to_thread(forgot.wait, 10)

    monkeypatch.setattr(months, "when_closed", [lambda: copying.current_process().name == "writer" and forgot.set()])
    assert live(Apart(Item, keep, lambda _: None), work)
    assert len(months.when_closed) == 1


def test_an_outdated_viewer_is_outdated_in_the_worker_too(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    forgot = []

    def refuse(_: list[Item]) -> None:
        raise months.Outdated

    async def work(writer: Apart[Item]) -> Exception | None:
        monkeypatch.setattr(months, "when_closed", [lambda: forgot.append(True)])
        return await told_of(writer, Item(""))

    assert isinstance(live(Apart(Item, refuse, lambda _: None), work), months.Outdated)
    assert forgot
