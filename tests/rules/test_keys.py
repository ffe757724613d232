"""Keys derived from the server's one secret."""

import base64
import re

import pytest

from widget_server.rules import keys

SERVER = "s" * 40


def test_a_secret_key_names_its_site_and_differs_by_site_generation_and_server() -> None:
    made = {
        keys.site_secret(secret, site=site, generation=generation)
        for secret in (SERVER, "t" * 40)
        for site in ("a", "b")
        for generation in (1, 2)
    }
    assert len(made) == 8
    assert all(keys.site_of(secret) in ("a", "b") for secret in made)


@pytest.mark.parametrize("secret", ["", "wsk", "wsk_a", "sk_a_b", "a_b_c"])
def test_something_else_names_no_site(secret: str) -> None:
    assert keys.site_of(secret) is None


def test_a_key_whose_proof_holds_the_separator_still_names_its_site() -> None:
    assert keys.site_of("wsk_a_b_c") == "a"


def test_the_same_report_has_the_same_receipt_and_another_one_another() -> None:
    senders = [keys.sender(site=site, sender_id=name) for site, name in (("a", "1"), ("b", "1"), ("a", "2"))]
    one = keys.receipt(SERVER, sender=senders[0])
    assert one == keys.receipt(SERVER, sender=senders[0])
    assert len({keys.receipt(SERVER, sender=sender) for sender in senders}) == 3
    assert keys.receipt("t" * 40, sender=senders[0]) != one
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", one)


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert keys.sender(site="ab", sender_id="c") != keys.sender(site="a", sender_id="bc")


@pytest.mark.parametrize("typed", ["A0B1C-D2E3F", "a0b1cd2e3f", "AOBIC D2E3F", "aOblc-d2e3f"])
def test_a_receipt_is_recognised_however_it_is_typed(typed: str) -> None:
    assert keys.receipt_digest(typed) == keys.receipt_digest("A0B1C-D2E3F")


def test_equality_is_equality() -> None:
    assert keys.same("a", "a")
    assert not keys.same("a", "b")


def test_a_webhooks_secret_is_of_the_standard_form_and_differs_by_webhook_generation_and_server() -> None:
    made = {
        keys.webhook_secret(secret, webhook=webhook, generation=generation)
        for secret in (SERVER, "t" * 40)
        for webhook in ("a", "b")
        for generation in (1, 2)
    }
    assert len(made) == 8
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in made} == {32}


def test_an_invitation_is_known_as_ours_and_no_other_is() -> None:
    token = keys.invitation(SERVER, nonce="abc")
    assert token.startswith("abc.")
    assert keys.is_invitation(SERVER, token)
    for wrong in ("", "abc", "abc.", token + "x", "abd" + token[3:], keys.invitation("another secret", nonce="abc")):
        assert not keys.is_invitation(SERVER, wrong), wrong


def test_a_digest_tells_nothing_and_is_always_the_same() -> None:
    assert keys.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_confirmation_is_of_one_report_one_address_and_one_server() -> None:
    made = {
        keys.confirmation(secret, sender=sender, email=email)
        for secret in (SERVER, "t" * 40)
        for sender in ("a", "b")
        for email in ("c@d.example", "e@d.example")
    }
    assert len(made) == 8
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{24}", proof) for proof in made)


def test_what_signs_a_challenge_does_not_prove_its_solution() -> None:
    assert len({*keys.work_keys(SERVER), *keys.work_keys("t" * 40)}) == 4


def test_a_recovery_code_is_read_aloud_in_fours() -> None:
    assert keys.recovery_code(bytes(10)) == "0000-0000-0000-0000"
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", keys.recovery_code(bytes(range(245, 255))))


def test_a_recovery_code_is_kept_for_one_person_and_however_it_is_typed() -> None:
    kept = keys.recovery_digest(SERVER, person=1, code="0001-1ABC-0000-0000")
    assert keys.recovery_digest(SERVER, person=1, code=" ooo1 iabc 0000 oooo") == kept
    for person, code, secret in ((2, "0001-1ABC-0000-0000", SERVER), (1, "0001-1ABC-0000-0001", SERVER)):
        assert keys.recovery_digest(secret, person=person, code=code) != kept
    assert keys.recovery_digest("t" * 40, person=1, code="0001-1ABC-0000-0000") != kept


def test_what_is_sealed_is_sealed_under_the_servers_own_secret() -> None:
    made = {keys.seal(secret, what) for secret in (SERVER, "t" * 40) for what in ("address", "second factor")}
    assert len(made) == 4
    assert {len(key) for key in made} == {44}


@pytest.mark.parametrize(
    "spelling",
    [
        "reader@bücher.example",
        " Reader@BÜCHER.Example ",
        "reader@xn--bcher-kva.example",
        "reader@bu\u0308cher.example",
        "reader+anything+else@bücher.example",
        "r.ea.der@bücher.example",
        "ｒeader@bücher.example",
    ],
)
def test_a_mailbox_is_the_same_however_it_is_written(spelling: str) -> None:
    one = keys.mailbox(SERVER, email="reader@bücher.example")
    assert keys.mailbox(SERVER, email=spelling) == one


@pytest.mark.parametrize(
    "other",
    ["writer@bücher.example", "reader@bucher.example", "reader@b.ücher.example", f"reader@{'a' * 64}.example"],
)
def test_another_mailbox_is_another(other: str) -> None:
    assert keys.mailbox(SERVER, email=other) != keys.mailbox(SERVER, email="reader@bücher.example")
