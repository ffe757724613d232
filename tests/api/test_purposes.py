"""Guidelines 4 and 5, from the declaration to the refusal and to what the owner reads."""

import json

import pytest
from jinja2 import Environment

from tests.conftest import SECRET, TEXT, Clock, Desk, Page
from tests.receivers import receiving, saying
from widget_server import Refused, render
from widget_server.host import NotConfigured
from widget_server.rules.declarations import Draft
from widget_server.rules.purposes import PROHIBITED, PURPOSES
from widget_server.storage import connection, declarations, sites


def declare(site: Page, *purposes: str, at: Clock) -> None:
    """Somebody signs what the site's texts are for."""
    draft = Draft(dict.fromkeys(purposes, "A doctor reads them."), "Own words", "Ada Lovelace", "Editor")
    with connection():
        declarations.sign(sites.find(site.key), draft, seen=None, moderator=None, at=at())


def clause(site: Page, number: str) -> dict:
    found = site.client.get("/api/v1/compliance", headers=site.bearer).json["clauses"]
    return next(one for one in found if one["clause"] == number)


def test_a_site_that_declares_customer_support_is_refused_a_purpose_that_it_did_not_declare(
    news: Page, clock: Clock
) -> None:
    declare(news, "customer_support", "translation", at=clock)
    assert news.render(purpose="customer_support").status_code == 200
    assert news.render(purpose="Customer support").status_code == 200
    refused = news.render(purpose="marketing_copy")
    assert (refused.status_code, refused.json["clause"], list(refused.json["errors"])) == (422, "4", ["purpose"])
    for told in ("“marketing_copy”", "customer_support, translation", f"/admin/sites/{news.key}/purpose"):
        assert told in refused.json["detail"]


def test_what_a_site_declares_next_holds_from_then_on(news: Page, clock: Clock) -> None:
    declare(news, "customer_support", at=clock)
    declare(news, "marketing_copy", at=clock)
    assert news.render(purpose="marketing_copy").status_code == 200
    assert news.render(purpose="customer_support").status_code == 422


def test_a_declaration_is_of_one_site(news: Page, shop: Page, clock: Clock) -> None:
    declare(news, "customer_support", at=clock)
    assert shop.render(purpose="marketing_copy").status_code == 200


@pytest.mark.parametrize("declared", [(), tuple(PURPOSES)])
@pytest.mark.parametrize("prohibited", PROHIBITED.values(), ids=lambda one: one.code)
def test_a_prohibited_purpose_is_refused_whatever_is_declared(
    news: Page, clock: Clock, declared: tuple[str, ...], prohibited
) -> None:
    if declared:
        declare(news, *declared, at=clock)
    refused = news.render(purpose=prohibited.code)
    assert (refused.status_code, refused.json["clause"]) == (422, prohibited.clause)
    assert prohibited.meaning in refused.json["detail"]


@pytest.mark.parametrize("purpose", [None, "", "customer_help", "marketing_copy"])
def test_a_site_that_declared_nothing_renders_as_before_and_the_owner_is_told(news: Page, purpose: str | None) -> None:
    assert news.render(**({} if purpose is None else {"purpose": purpose})).status_code == 200
    assert [clause(news, number)["state"] for number in "45"] == ["not met", "not met"]


def test_a_text_without_a_purpose_is_covered_by_what_the_site_declared(news: Page, clock: Clock) -> None:
    declare(news, "customer_support", at=clock)
    assert news.render().status_code == 200


@pytest.mark.parametrize(
    ("days", "state"), [(0, "met"), (333, "met"), (334, "attention"), (395, "attention"), (396, "not met")]
)
def test_a_declaration_that_grows_old_asks_and_stops_no_page(news: Page, clock: Clock, days: int, state: str) -> None:
    declare(news, "customer_support", at=clock)
    clock.move(days=days)
    assert [clause(news, number)["state"] for number in "45"] == [state, state]
    assert bool(clause(news, "4")["next_step"]) is (state != "met")
    assert news.render(purpose="customer_support").status_code == 200
    assert news.render(purpose="marketing_copy").status_code == 422


def test_who_declared_what_is_evidence(news: Page, desk: Desk, clock: Clock) -> None:
    declare(news, "customer_support", "translation", at=clock)
    news.report(category="automated_decision")
    news.report("another", category="profiling")
    news.report("a third", category="profiling")
    desk.decide(2, "withdraw", category="profiling")
    shown = clause(news, "5")
    assert (shown["state"], shown["evidence"]) == (
        "attention",
        {
            "declared_purposes": ["customer_support", "translation"],
            "signed_by": "Ada Lovelace, Editor",
            "signed_on": "2026-11-23",
            "renewal_due_on": "2027-11-23",
            "declaration": "current",
            "cases_waiting": 1,
            "decided_by_category": {"profiling": 1},
        },
    )
    assert clause(news, "4")["evidence"]["cases_waiting"] == 1
    assert clause(news, "4")["evidence"]["decided_by_category"] == {}


def test_a_case_about_a_purpose_leads_to_what_is_declared(news: Page, desk: Desk) -> None:
    news.report(category="automated_decision")
    news.report("another", category="spam")
    link = f'href="/admin/sites/{news.key}/purpose"'
    assert [link in desk.get(f"/admin/reports/{number}").text for number in (1, 2)] == [True, False]


class TestInTheHostsProcess:
    """`render` asks no server: it refuses what is prohibited, and what WIDGET_PURPOSES leaves out."""

    host = {"secret": SECRET, "site": "news", "host": "https://widget.example"}  # noqa: RUF012

    @pytest.fixture(autouse=True)
    def nothing_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("WIDGET_PURPOSES", raising=False)

    def test_without_the_setting_only_what_is_prohibited_is_refused(self) -> None:
        render(TEXT, purpose="marketing_copy", **self.host)
        for purpose, number in {"credit scoring": "4", "sorting_by_religion": "5"}.items():
            with pytest.raises(Refused) as refused:
                render(TEXT, purpose=purpose, **self.host)
            assert refused.value.clause == number

    def test_with_it_a_purpose_that_it_leaves_out_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WIDGET_PURPOSES", "customer_support, Translation,")
        render(TEXT, **self.host)
        render(TEXT, purpose="customer_support", **self.host)
        render(TEXT, purpose="translation", **self.host)
        with pytest.raises(Refused, match="customer_support, translation") as refused:
            render(TEXT, purpose="marketing_copy", **self.host)
        assert refused.value.clause == "4"
        assert "https://widget.example/admin/sites/news/purpose" in str(refused.value)
        with pytest.raises(Refused) as refused:
            render(TEXT, purpose="profiling", **self.host)
        assert refused.value.clause == "5"

    @pytest.mark.parametrize("wrong", ["horoscopes", "customer_support,profiling"])
    def test_a_setting_that_cannot_be_declared_is_named(self, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
        monkeypatch.setenv("WIDGET_PURPOSES", wrong)
        with pytest.raises(NotConfigured, match=r"WIDGET_PURPOSES: “(horoscopes|profiling)”"):
            render(TEXT, purpose="customer_support", **self.host)

    def test_a_text_for_many_people_is_asked_about_with_its_purpose(self) -> None:
        answer = saying("200 OK", b'{"html": "<machine-generated>"}', "Content-Type: application/json")
        with receiving(answer) as server:
            render(TEXT, audience="public", purpose="news", **{**self.host, "host": server.url})
            render(TEXT, audience="public", **{**self.host, "host": server.url})
        asked = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
        assert [body.get("purpose") for body in asked] == ["news", None]

    def test_a_template_is_refused_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WIDGET_PURPOSES", "customer_support")
        environment = Environment(extensions=["widget_server.jinja.MachineGenerated"], autoescape=True)
        template = environment.from_string('{{ "Hello" | machine_generated(purpose=purpose, **host) }}')
        assert "Hello" in template.render(purpose="customer_support", host=self.host)
        with pytest.raises(Refused):
            template.render(purpose="news", host=self.host)
