"""The letters of printed reports: which there are, and what stands for those that there are not."""

import importlib
import logging
from functools import cache
from pathlib import Path

import unicodedata2 as unicodedata
from fpdf import FPDF

FAMILY = "FiraGO"
FACES = {"": "FiraGO_Regular", "B": "FiraGO_Bold"}
JOINERS = "\u200c\u200d"
logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
"""It tells of tables of a font that paper has no use for."""


@cache
def face(name: str) -> bytes:
    """A font file, from the package that carries it."""
    return importlib.import_module(f"pymupdf_fonts.{name}").fontbuffer


def give(pdf: FPDF, folder: Path) -> None:
    """Let a document write in these fonts. It reads them from files: `folder` is a place for them."""
    for style, name in FACES.items():
        pdf.add_font(FAMILY, style, _file(folder, name))
    pdf.set_text_shaping(use_shaping_engine=True)
    pdf.set_font(FAMILY, size=9)


def legible(pdf: FPDF, text: str) -> str:
    """A text in which each letter that the font lacks is told by its number, such as [U+4E2D]. None vanishes.

    So are characters that nobody sees and that turn the letters around them.
    """
    known = set.intersection(*({*font.cmap} for font in pdf.fonts.values()))  # type: ignore[union-attr]
    return "".join(
        one if ord(one) in known and _is_seen(one) else f"[U+{ord(one):04X}]" for one in " ".join(text.split())
    )


def _is_seen(one: str) -> bool:
    return unicodedata.category(one) not in ("Cc", "Cf") or one in JOINERS


def _file(folder: Path, name: str) -> Path:
    file = folder / f"{name}.otf"
    if not file.exists():
        file.write_bytes(face(name))
    return file
