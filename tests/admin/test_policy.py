"""What the owner of a site chooses: at the desk and on the command line."""

from dataclasses import asdict

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, held, shown_in, signed_in
from widget_server.rules.access import Role, Standing
from widget_server.rules.policy import Policy
from widget_server.storage import policies, sites
from widget_server.storage.tables import LogEntry

CHOSEN = {"guidelines": ["ai21", "openai"], "control": "when_required", "least_disclosed": "90", "review_days": ""}


def chosen(news: Page) -> Policy:
    return policies.of(sites.find(news.key))


def keep(desk: Desk, news: Page, **form: object) -> object:
    path = f"/admin/sites/{news.key}/policy"
    return desk.post(path, path, **{**CHOSEN, **form})


def test_an_owner_chooses_and_the_log_tells_what_changed(news: Page, desk: Desk) -> None:
    assert chosen(news) == Policy()
    assert keep(desk, news, responsible="Ada Lovelace", four_eyes="1", review_days="30").status_code == 303
    assert asdict(chosen(news)) == {
        "guidelines": ("ai21", "openai"),
        "control": "when_required",
        "application": "",
        "least_disclosed": 90,
        "responsible": "Ada Lovelace",
        "contact": "",
        "small_audiences": False,
        "four_eyes": True,
        "review_days": 30,
    }
    entry = LogEntry.select().where(LogEntry.verb == "set policy").get()
    assert entry.particulars["guidelines"] == ["ai21", "openai"]
    assert "contact" not in entry.particulars
    keep(desk, news, responsible="Ada Lovelace", four_eyes="1", review_days="30")
    assert LogEntry.select().where(LogEntry.verb == "set policy").count() == 1
    assert "what more than one person may see" in desk.get(f"/admin/sites/{news.key}/policy").text


def test_what_cannot_be_is_named_and_nothing_typed_is_lost(news: Page, desk: Desk) -> None:
    answer = keep(desk, news, guidelines=[], least_disclosed="many", responsible="Ada & Co")
    assert answer.status_code == 422
    assert "Choose at least one guideline." in answer.text
    assert "Write a whole number from 0 to 100." in answer.text
    assert "Ada &amp; Co" in answer.text
    assert 'value="many"' in answer.text
    assert chosen(news) == Policy()


def test_what_another_owner_has_changed_meanwhile_stays(news: Page, desk: Desk, other_desk: Desk) -> None:
    stale = held(desk, f"/admin/sites/{news.key}/policy")
    as_shown = {"guidelines": ["ai21"], "control": "always", "least_disclosed": "95"}
    keep(other_desk, news, **as_shown | {"four_eyes": "1", "review_days": "30"})
    assert keep(desk, news, **as_shown, contact="press@news.example", shown=stale).status_code == 303
    assert chosen(news) == Policy(four_eyes=True, review_days=30, contact="press@news.example")
    assert keep(desk, news, **as_shown, contact="press@news.example", shown=stale).status_code == 303, (
        "twice is as once"
    )
    last = LogEntry.select().order_by(LogEntry.id.desc()).get()
    assert (last.moderator.email, last.particulars) == (desk.email, {"contact": "press@news.example"})


def test_what_two_owners_change_is_shown_before_it_is_kept(news: Page, desk: Desk, other_desk: Desk) -> None:
    stale = held(desk, f"/admin/sites/{news.key}/policy")
    keep(other_desk, news, review_days="30", responsible="Bob")
    answer = keep(desk, news, review_days="60", contact="press@news.example", shown=stale)
    assert answer.status_code == 409
    assert 'href="#review_days">A review holds for</a>' in answer.text
    assert "now it is: 30. Keep again" in answer.text
    assert all(f'value="{typed}"' in answer.text for typed in ("60", "Bob", "press@news.example"))
    assert (chosen(news).review_days, chosen(news).contact) == (30, "")
    again = {"review_days": "60", "responsible": "Bob", "contact": "press@news.example"}
    assert keep(desk, news, **again, shown=shown_in(answer)).status_code == 303
    assert (chosen(news).review_days, chosen(news).responsible) == (60, "Bob")


def test_a_mistake_does_not_hide_what_was_changed_meanwhile(news: Page, desk: Desk, other_desk: Desk) -> None:
    stale = held(desk, f"/admin/sites/{news.key}/policy")
    keep(other_desk, news, four_eyes="1")
    answer = keep(desk, news, review_days="many", shown=stale)
    assert (answer.status_code, shown_in(answer)) == (422, stale)


@pytest.mark.parametrize(
    ("shown", "status"),
    [("", 303), ("[]", 303), ("{", 303), ("[" * 50_000, 303), ('{"contact": 3, "nobody": {}}', 409)],
)
def test_a_form_may_tell_nothing_of_what_it_held(news: Page, desk: Desk, shown: str, status: int) -> None:
    keep(desk, news, contact="desk@news.example")
    assert keep(desk, news, contact="press@news.example", shown=shown).status_code == status


def test_the_strictest_guideline_holds_for_what_is_rendered(news: Page, desk: Desk) -> None:
    group = {"audience": "limited", "audience_size": 7}
    health = {"purpose": "health_information"}
    assert news.render(**group).json["state"] == news.render(**health).json["state"] == "shown"
    keep(desk, news, guidelines=["openai", "anthropic"])
    assert news.render(**group).json["state"] == news.render(**health).json["state"] == "held"
    assert news.render().json["state"] == "shown"


def test_usage_and_clauses_follow_the_guidelines(news: Page, desk: Desk) -> None:
    assert news.usage()["threshold"] == 100
    keep(desk, news, guidelines=["anthropic"])
    assert (news.usage()["threshold"], news.usage()["threshold_state"]) == (None, "below")
    told = news.client.get("/api/v1/compliance", headers=news.bearer).json
    assert [clause["clause"] for clause in told["clauses"]] == ["Anthropic: human in the loop", "Anthropic: disclosure"]
    assert "Anthropic: disclosure" in desk.get(f"/admin/compliance/{news.key}").text


def test_nobody_joins_an_application_of_sites_that_they_do_not_own(
    app: Flask, news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    keep(desk, shop, application="The paper")
    own = signed_in(app, clock, "bob@news.example", Standing(on={sites.find(news.key).id: Role.OWNER}))
    refused = keep(own, news, application="The paper", responsible="Bob")
    assert (refused.status_code, "This name cannot be chosen here" in refused.text) == (422, True)
    assert "Shop" not in refused.text
    assert 'value="Bob"' in refused.text
    assert chosen(news) == Policy()
    assert keep(own, news, application="Another").status_code == 303
    keep(desk, shop, application="")
    assert keep(own, news, application="The paper").status_code == 422, "its viewers of before still count there"
    assert keep(desk, news, application="The paper").status_code == 303


def test_who_owns_both_sites_joins_them(app: Flask, news: Page, shop: Page, clock: Clock) -> None:
    owned = {sites.find(page.key).id: Role.OWNER for page in (news, shop)}
    own = signed_in(app, clock, "bob@news.example", Standing(on=owned))
    assert [keep(own, page, application="The paper").status_code for page in (news, shop)] == [303, 303]
    assert "Viewers are counted with</dt><dd>Shop<" in own.get(f"/admin/sites/{news.key}/policy").text


def test_sites_that_share_an_application_stay_as_they_are_and_are_named_to_their_own_people(
    app: Flask, news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    for page in (news, shop):
        keep(desk, page, application="The paper")
    own = signed_in(app, clock, "bob@news.example", Standing(on={sites.find(news.key).id: Role.OWNER}))
    assert keep(own, news, application="The paper", responsible="Bob").status_code == 303
    assert chosen(news).responsible == "Bob"
    for path in ("/admin/viewers", f"/admin/sites/{news.key}/policy"):
        assert ("Shop" in desk.get(path).text, "Shop" in own.get(path).text) == (True, False), path
