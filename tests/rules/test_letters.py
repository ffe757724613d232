"""How much of a reporter's mail address the desk may see."""

import pytest

from widget_server.rules.letters import masked


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("reader@news.example", "r…@n….example"),
        ("j@x.org", "j…@x….org"),
        ("jane.doe@mail.jane-doe.example", "j…@m….example"),
        ('"a@b"@c.example', '"…@c….example'),
        ("reader@localhost", "…"),
        ("reader", "…"),
        ("", ""),
    ],
)
def test_an_address_is_never_shown_in_full(address: str, seen: str):
    assert masked(address) == seen
