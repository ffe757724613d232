"""The load as a program of its own, so that nothing else that the benchmark does or remembers slows it."""

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Protocol

from benchmarks.load import Answers, load
from benchmarks.traffic import Case


class Send(Protocol):
    def __call__(self, number: int, *, seconds: float) -> Answers:
        """Send the case with this number, on from where it ended the last time: who was new once is never new again."""


@contextmanager
def readers(cases: Sequence[Case]) -> Iterator[Send]:
    system = multiprocessing.get_context("fork")
    here, there = system.Pipe()
    process = system.Process(target=_read, args=(cases, there), daemon=True)
    process.start()

    def send(number: int, *, seconds: float) -> Answers:
        here.send((number, seconds))
        found = here.recv()
        if isinstance(found, Exception):
            raise found
        return found

    try:
        yield send
    finally:
        process.terminate()
        process.join()


def _read(cases: Sequence[Case], asked: Connection) -> None:
    gc.freeze()
    gc.disable()
    while True:
        number, seconds = asked.recv()
        case = cases[number]
        try:
            asked.send(load(case.port, case.requests, seconds=seconds))
        except (RuntimeError, OSError) as problem:
            asked.send(RuntimeError(f"{case.name}: {problem}"))
        gc.collect()
