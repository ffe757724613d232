"""An address as a picture that a telephone reads from paper."""

import segno


def picture(address: str) -> str:
    """A QR code, as the address of an SVG picture that holds it."""
    return segno.make(address, error="m", micro=False).svg_data_uri(border=2, light="#fff")
