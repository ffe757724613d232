"""What a prompt template is made of, whatever its syntax: fixed text, variables, and what only some prompts hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from widget_server.rules.marking import fold_space

DEEPEST = 50
"""Blocks within blocks, beyond which a template is not read."""
MOST = 10_000_000
"""Characters of a prompt: what makes more is not put together."""
MOST_FILLED = 1_000_000
"""Characters that values and examples may make of a few, by being used very often."""
PIECE = 10
"""What each piece weighs beside its characters: many small ones cost more than one long one."""


class Unreadable(Exception):
    """A template that its syntax does not allow. The text says why; `line` and `column` count from 1; 0: not known."""

    def __init__(self, why: str, *, line: int = 0, column: int = 0) -> None:
        place = f"line {line}, column {column}: " if column else f"line {line}: " if line else ""
        super().__init__(place + why)
        self.why, self.line, self.column = why, line, column

    @classmethod
    def at(cls, offset: int, source: str, why: str) -> "Unreadable":
        return cls(why, line=source.count("\n", 0, offset) + 1, column=offset - source.rfind("\n", 0, offset))


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the template's owner wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """What is filled in later. The name is empty where it has none: “{}”, a user's message."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of the branches stands in a prompt."""

    branches: tuple["Pieces", ...]


Piece = Fixed | Variable | Choice
Pieces = tuple[Piece, ...]
Inner = Callable[[str], Pieces]
"""What is made of the text between a syntax's own signs."""


def as_it_stands(text: str) -> Pieces:
    return (Fixed(text),) if text else ()


def texts(pieces: Pieces) -> Iterator[str]:
    """All fixed text, in order; of a choice, every branch."""
    for piece in pieces:
        if isinstance(piece, Choice):
            for branch in piece.branches:
                yield from texts(branch)
        elif isinstance(piece, Fixed):
            yield piece.text


def bounded(pieces: Pieces, *, before: int = 0, most: int = MOST) -> int:
    """The size of pieces, and of what stands before them. Raises Unreadable for more than anybody has written."""
    size = before + weight(pieces)
    if size > most:
        raise Unreadable(f"it would make more than {most:,} characters, or {most // PIECE:,} pieces")
    return size


def weight(pieces: Pieces) -> int:
    """What the characters and the pieces weigh together."""
    inner = (weight(branch) for piece in pieces if isinstance(piece, Choice) for branch in piece.branches)
    return PIECE * len(pieces) + sum(len(piece.text) for piece in pieces if isinstance(piece, Fixed)) + sum(inner)


class Purse:
    """What reading a source may cost, in characters: names that stand for names, and examples, make much of little."""

    def __init__(self, source: str) -> None:
        self._left = 1_000_000 + 10 * len(source)

    def spend(self, characters: int) -> None:
        """Raises ValueError when nothing is left."""
        self._left -= characters
        if self._left < 0:
            raise ValueError("what its names and examples stand for is out of all proportion to its length")


def shortest(pieces: Pieces) -> str:
    """The fixed text that every prompt holds at least; of a choice, the shortest branch."""
    found = []
    for piece in pieces:
        if isinstance(piece, Choice):
            found.append(min(map(shortest, piece.branches), key=lambda text: len(fold_space(text))))
        elif isinstance(piece, Fixed):
            found.append(piece.text)
    return "".join(found)


def names(pieces: Pieces) -> Iterator[str]:
    """The variables, as often as they stand there."""
    for piece in pieces:
        if isinstance(piece, Choice):
            for branch in piece.branches:
                yield from names(branch)
        elif isinstance(piece, Variable):
            yield piece.name


def filled(pieces: Pieces, values: Mapping[str, str]) -> Pieces:
    """The pieces with the values that the owner gives to variables; these are fixed text then.

    Raises Unreadable for too much: a long value may be asked for by many short names.
    """
    made = tuple(_filled(piece, values) for piece in pieces)
    bounded(made, before=-weight(pieces), most=MOST_FILLED)
    return made


def _filled(piece: Piece, values: Mapping[str, str]) -> Piece:
    if isinstance(piece, Choice):
        return Choice(tuple(tuple(_filled(one, values) for one in branch) for branch in piece.branches))
    return Fixed(values[piece.name]) if isinstance(piece, Variable) and piece.name in values else piece


@dataclass(slots=True)
class _Block:
    name: str
    line: int
    optional: bool
    branches: list[list[Piece]] = field(default_factory=lambda: [[]])
    complete: bool = False
    """One of the branches is sure to be taken: there was an “else”."""


class Nest:
    """Pieces while they are being read, with the blocks that are still open."""

    def __init__(self) -> None:
        self._open = [_Block("", 0, optional=False)]

    @property
    def innermost(self) -> str:
        return self._open[-1].name

    def add(self, *pieces: Piece) -> None:
        self._open[-1].branches[-1].extend(pieces)

    def open(self, name: str, *, line: int, optional: bool) -> None:
        if len(self._open) > DEEPEST:
            raise Unreadable(f"more than {DEEPEST} blocks stand within each other", line=line)
        self._open.append(_Block(name, line, optional))

    def otherwise(self, *, last: bool) -> None:
        """Another branch of the innermost block begins."""
        self._open[-1].branches.append([])
        self._open[-1].complete = last

    def close(self, name: str, *, line: int) -> None:
        if self.innermost != name or len(self._open) == 1:
            opened = f"“{self.innermost}” is open" if self.innermost else "nothing is open"
            raise Unreadable(f"“{name}” is closed, but {opened} there", line=line)
        block = self._open.pop()
        branches = [tuple(branch) for branch in block.branches]
        if not block.optional:
            self.add(*(piece for branch in branches for piece in branch))
        else:
            self.add(Choice((*branches, *([] if block.complete else [()]))))

    def end(self) -> Pieces:
        block = self._open[-1]
        if len(self._open) > 1:
            raise Unreadable(f"“{block.name}” is not closed", line=block.line)
        return tuple(block.branches[0])
