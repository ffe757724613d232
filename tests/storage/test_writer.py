"""One commit for many, and nothing kept in memory of what is answered."""

import asyncio
import gc
import weakref

from flask import Flask

from widget_server.storage.writer import Writer


class Item:
    """Something to be stored that can be watched."""


def test_what_was_stored_for_a_loop_is_let_go_of_at_once(app: Flask) -> None:
    """Ten thousand views a second that were each remembered for as long as one may have to wait would fill memory."""
    writer: Writer[Item] = Writer(lambda _: None, lambda _: None)

    async def store() -> weakref.ref[Item]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Exception | None] = loop.create_future()
        item = Item()
        writer.stored(item, loop, done.set_result)
        assert await done is None
        return weakref.ref(item)

    async def one_after_the_other() -> weakref.ref[Item]:
        first = await store()
        await store()  # the thread that stores has the last ones at hand until the next come
        return first

    first = asyncio.run(one_after_the_other())
    gc.collect()
    assert first() is None
    writer.close()
