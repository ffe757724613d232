"""What the operator is told of an error that nobody expected: where it was, and nothing of what was typed.

An error's own words often quote what somebody sent. Its kind and its way through the code are enough to find it.
"""

import traceback
from collections.abc import Iterator


def told(error: BaseException) -> str:
    """Kinds of errors and lines of code, the newest last, as in a traceback without messages."""
    return "\n".join(line for cause in _causes(error) for line in _lines(cause))


def _causes(error: BaseException) -> Iterator[BaseException]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _causes(before)
    yield error


def _lines(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
