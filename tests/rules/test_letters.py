"""What reporters are written, and how much of their address the desk may see."""

import pytest

from widget_server.rules.letters import BODIES, CONFIRM, OUTCOMES, SUBJECTS, About, letter, masked

PAGE, PROOF = "https://widget.example/r/CODE", "https://widget.example/r/CODE/confirm?proof=x"


@pytest.mark.parametrize("about", list(About))
def test_every_letter_leads_to_the_page_of_the_report(about: About) -> None:
    subject, body = letter(about, lang="en", address=PAGE, outcome="withdrawn", message="It is gone.")
    assert subject == SUBJECTS["en"][about]
    assert PAGE in body
    assert "{" not in body
    assert ("It is gone." in body) == ("decided" in subject)


def test_only_the_receipt_asks_to_confirm_the_address_and_only_where_that_can_be_done() -> None:
    assert PROOF in letter(About.RECEIPT, lang="en", address=PAGE, confirm=PROOF)[1]
    assert letter(About.RECEIPT, lang="en", address=PAGE)[1].endswith(f"{PAGE}\n")
    assert PROOF not in letter(About.DECISION, lang="en", address=PAGE, confirm=PROOF, outcome="dismissed")[1]


def test_a_message_stays_as_it_was_written() -> None:
    assert "{address} {0}" in letter(About.DECISION, lang="en", address=PAGE, message="{address} {0}")[1]


def test_a_language_without_letters_gets_english_ones() -> None:
    assert letter(About.RECEIPT, lang="tlh", address=PAGE) == letter(About.RECEIPT, lang="en", address=PAGE)


def test_every_language_has_every_letter() -> None:
    assert SUBJECTS.keys() == BODIES.keys() == OUTCOMES.keys() == CONFIRM.keys()
    for lang in SUBJECTS:
        assert SUBJECTS[lang].keys() == BODIES[lang].keys() == set(About)
        assert OUTCOMES[lang].keys() == {"dismissed", "withdrawn", "relabelled"}


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
