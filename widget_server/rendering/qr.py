"""A QR code as a picture that any of our pages may hold: no style of its own."""

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """Black on white, whatever the colours of the page: cameras read nothing else."""
    code = segno.make(text, micro=False)
    return Markup(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None))
