"""Impressions and unique viewers, through the API."""

from collections.abc import Callable, Iterable

import pytest
from peewee import fn

from tests.conftest import BROWSER, TEXT, Clock, Desk, Page, seen
from widget_server.rules.marking import text_sha256
from widget_server.storage import cased, connection, known, months, sites, transaction, viewers
from widget_server.storage.tables import HiddenBadge, Month, PageTally, Viewer
from widget_server.storage.viewers import Impressions


def test_a_reader_is_counted_once_a_month_and_every_view_is_an_impression(news: Page) -> None:
    for _ in range(3):
        assert news.view().json == {"withdrawn": [], "report": "on"}
    assert (news.usage()["unique_viewers"], news.usage()["impressions"]) == (1, 3)


def test_two_people_are_two_viewers(news: Page) -> None:
    news.view(address="203.0.113.7")
    news.view(address="203.0.113.8")
    news.view(browser=BROWSER.replace("150", "151"))
    assert news.usage()["unique_viewers"] == 3


def test_the_hosts_own_id_outranks_address_and_browser(news: Page) -> None:
    news.view(viewer="person-1")
    news.view(viewer="person-1", address="198.51.100.1", browser="Mozilla/5.0 (iPhone)")
    news.view(viewer="person-2")
    assert news.usage()["unique_viewers"] == 2


@pytest.mark.parametrize(
    ("one", "other", "viewers"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 1),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 2),
        ("::ffff:203.0.113.7", "203.0.113.7", 1),
    ],
)
def test_an_ipv6_household_is_its_64_network(news: Page, one: str, other: str, viewers: int) -> None:
    news.view(address=one)
    news.view(address=other)
    assert news.usage()["unique_viewers"] == viewers


def test_the_same_person_on_another_site_is_counted_there_too(news: Page, shop: Page) -> None:
    news.view()
    shop.view()
    assert (news.usage()["unique_viewers"], shop.usage()["unique_viewers"]) == (1, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
    ],
)
def test_bots_and_prefetched_pages_do_not_count(news: Page, headers: dict[str, str]) -> None:
    assert news.view(headers=headers).status_code == 200
    assert (news.usage()["unique_viewers"], news.usage()["impressions"]) == (0, 0)


def test_a_head_request_does_not_count(news: Page) -> None:
    assert news.client.head("/api/v1/views").status_code == 405


def test_the_share_of_views_with_a_visible_badge_is_kept(news: Page) -> None:
    news.view(seen("one"), seen("two"), seen("three", disclosed=False), seen("four"))
    assert news.usage()["disclosed_share"] == 0.75


def test_at_the_months_end_only_the_number_stays(news: Page, clock: Clock) -> None:
    news.view(viewer="a")
    news.view(viewer="b")
    clock.move(days=8)
    news.view(viewer="a")
    months.close_months(at=clock())
    assert news.usage("2026-11")["unique_viewers"] == 2
    assert news.usage("2026-12")["unique_viewers"] == 1
    assert {row.month for row in Viewer.select()} == {202612}
    assert [bool(row.key) for row in Month.select().order_by(Month.month)] == [False, True]


def test_a_person_is_counted_in_both_years_over_new_year_and_with_another_number(news: Page, clock: Clock) -> None:
    clock.moment = clock.moment.replace(month=12, day=31, hour=23, minute=59, second=50)
    for number in range(50):
        news.view(viewer=f"person-{number}")
    before = {row.key for row in Viewer.select()}
    clock.move(seconds=20)
    for number in range(50):
        news.view(viewer=f"person-{number}")
    clock.move(seconds=20)
    news.view(viewer="person-0")
    assert [news.usage("2026-12")["unique_viewers"], news.usage("2027-01")["unique_viewers"]] == [50, 50]
    assert before.isdisjoint(row.key for row in Viewer.select().where(Viewer.month == 202701))


def test_a_clock_that_steps_back_does_not_open_a_closed_month(news: Page, clock: Clock) -> None:
    news.view(viewer="a")
    clock.move(days=10)
    news.view(viewer="a")
    months.close_months(at=clock())
    clock.move(days=-5)
    news.view(viewer="b")
    assert news.usage("2026-11")["unique_viewers"] == 1
    assert news.usage("2026-12")["unique_viewers"] == 2


def test_nothing_that_tells_who_a_viewer_is_reaches_the_database(news: Page, settings, tmp_path) -> None:
    news.view(viewer="person-who-must-not-appear", address="203.0.113.77")
    kept = b"".join(str(row).encode() for table in (Viewer, Month) for row in table.select().tuples())
    assert b"person-who" not in kept
    assert b"203.0.113" not in kept


def test_x_forwarded_for_counts_only_from_a_configured_proxy(news: Page) -> None:
    for last in range(5):
        news.view(headers={"X-Forwarded-For": f"198.51.100.{last}"})
    assert news.usage()["unique_viewers"] == 1


def test_the_owner_is_told_when_reporting_becomes_required(news: Page) -> None:
    states = []
    for number in range(1, 102):
        news.view(viewer=f"person-{number}")
        if number in (79, 80, 100, 101):
            states.append((number, news.usage()["threshold_state"]))
    assert states == [(79, "below"), (80, "near"), (100, "near"), (101, "required")]


def test_a_withdrawn_text_is_told_with_the_next_view(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    assert news.view(seen(TEXT), seen("another")).json["withdrawn"] == [seen(TEXT)["text_sha256"]]


def test_a_corrected_label_is_told_with_the_next_view_and_its_day(news: Page, desk: Desk) -> None:
    news.report(category="wrong_label")
    assert "decided" not in news.view().json
    desk.decide(1, "relabel", model="other-model", review="human")
    assert news.view(seen(TEXT), seen("another")).json["decided"] == {
        seen(TEXT)["text_sha256"]: {
            "outcome": "relabelled",
            "on": "2026-11-23",
            "model": "other-model",
            "review": "human",
        }
    }


def test_a_text_that_stays_says_when_that_was_decided(news: Page, desk: Desk, clock: Clock) -> None:
    news.report()
    desk.decide(1, "dismiss")
    clock.move(days=1)
    news.report(category="spam")
    assert news.view().json["decided"] == {seen(TEXT)["text_sha256"]: {"outcome": "dismissed", "on": "2026-11-23"}}


def test_the_last_decision_holds(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "relabel", model="m")
    desk.decide(1, "dismiss")
    assert news.view().json["decided"] == {seen(TEXT)["text_sha256"]: {"outcome": "dismissed", "on": "2026-11-23"}}
    desk.decide(1, "withdraw")
    assert news.view().json == {"withdrawn": [seen(TEXT)["text_sha256"]], "report": "on"}


def test_a_report_that_was_taken_back_or_handed_on_decides_nothing(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "escalate", "")
    assert "decided" not in news.view().json
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert "decided" not in news.view().json


def hidden(text: str, by: str) -> dict:
    return {**seen(text, disclosed=False), "hidden_by": by}


def test_the_owner_is_told_which_pages_hide_the_badge_and_how(news: Page, shop: Page, clock: Clock) -> None:
    story, feed = "https://news.example/story", "https://news.example/feed"
    news.view(
        hidden("a", "covered"), hidden("b", "covered"), hidden("c", "size"), seen("d"), page=f"{story}?reader=jane"
    )
    clock.move(days=1)
    news.view(hidden("a", "covered"), page=f"{story}#comments")
    news.view(hidden("a", "display"), seen("e", disclosed=False), page=feed)
    news.view(hidden("a", "clip"), page="https://elsewhere.example/")
    assert shop.usage()["undisclosed_pages"] == []
    assert news.usage()["undisclosed_pages"] == [
        {"page": story, "hidden_by": "covered", "views": 3, "last_seen": "2026-11-24"},
        {"page": story, "hidden_by": "size", "views": 1, "last_seen": "2026-11-23"},
        {"page": "", "hidden_by": "clip", "views": 1, "last_seen": "2026-11-24"},
        {"page": feed, "hidden_by": "", "views": 1, "last_seen": "2026-11-24"},
        {"page": feed, "hidden_by": "display", "views": 1, "last_seen": "2026-11-24"},
    ]
    compliance = news.client.get("/api/v1/compliance", headers=news.bearer).json
    (disclosure,) = [clause for clause in compliance["clauses"] if clause["clause"] == "2.ii"]
    assert disclosure["evidence"]["pages_hiding_the_badge"] == 3


@pytest.mark.parametrize("by", ["display", "opacity", "size", "off_screen", "clip", "covered", "colour"])
def test_whatever_hid_the_badge_has_a_name(news: Page, by: str) -> None:
    assert news.view(hidden(TEXT, by)).status_code == 200
    assert news.usage()["undisclosed_pages"][0]["hidden_by"] == by


class TestOfManyPages:
    """A site has five hundred pages a month that are told apart; of more, the least seen give way."""

    @pytest.fixture
    def hide(self, news: Page, clock: Clock) -> Callable[[Iterable[int], int], None]:
        """Page views of one address each, that say of many texts that something hid their badges."""

        def hide(numbers: Iterable[int], texts: int) -> None:
            shared = {"month": 202611, "at": clock(), "viewers": (), "seen": texts, "disclosed": 0}
            with connection(), transaction():
                site = sites.find(news.key).id
                for number in numbers:
                    page = f"https://news.example/invented/{number:04}"
                    viewers.keep([Impressions(site, **shared, page=page, hidden_by=("size",) * texts)])

        return hide

    def test_invented_addresses_do_not_hide_the_page_that_hides_its_badge(self, news: Page, hide) -> None:
        real = "https://news.example/story"
        hide(range(600), 100)
        for number in range(30):
            hide(range(600 + 10 * number, 610 + 10 * number), 100)
            news.view(hidden(TEXT, "covered"), page=real)
        told = news.usage()
        listed = [(row["page"], row["hidden_by"]) for row in told["undisclosed_pages"]]
        assert listed[0] == (real, "covered")
        assert real in [row["page"] for row in told["pages"]]
        viewers.forget()
        news.view(hidden(TEXT, "covered"), page=real)
        assert (real, "covered") in [(row["page"], row["hidden_by"]) for row in news.usage()["undisclosed_pages"]]

    def test_what_gives_way_is_counted_with_all_others(self, news: Page, hide) -> None:
        hide(range(500), 2)
        hide(range(499), 2)
        news.view(hidden(TEXT, "size"), page="https://news.example/late")
        with connection():
            rows = HiddenBadge.select(HiddenBadge.page, HiddenBadge.views, HiddenBadge.weight)
            few = rows.where(~HiddenBadge.page.startswith("https://news.example/invented/"))
            of_pages = {page: sums for page, *sums in few.tuples()}
            assert of_pages == {"": [2, 0], "https://news.example/late": [1, 2]}
            assert HiddenBadge.select(fn.SUM(HiddenBadge.views)).scalar() == 2 * 999 + 1
            assert PageTally.select(fn.SUM(PageTally.impressions)).scalar() == 2 * 999 + 1
            for table in (HiddenBadge, PageTally):
                assert table.select(table.page.distinct()).count() == 501

    def test_a_new_month_has_room_again(self, news: Page, hide, clock: Clock) -> None:
        hide(range(501), 1)
        clock.move(days=10)
        news.view(hidden(TEXT, "size"), page="https://news.example/500")
        assert [row["page"] for row in news.usage("2026-12")["undisclosed_pages"]] == ["https://news.example/500"]


def test_a_report_on_one_site_withdraws_nothing_on_another(news: Page, shop: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    assert shop.view().json["withdrawn"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"views": []}, "views"),
        ({"views": [seen(str(n)) for n in range(101)]}, "views"),
        ({"views": [{"text_sha256": "abc", "disclosed": True}]}, "views.0.text_sha256"),
        ({"views": [{"text_sha256": "A" * 64, "disclosed": True}]}, "views.0.text_sha256"),
        ({"views": [{"text_sha256": "a" * 64}]}, "views.0.disclosed"),
        ({"views": [{"text_sha256": "a" * 64, "disclosed": "yes"}]}, "views.0.disclosed"),
        ({"views": [{"text_sha256": "a" * 64, "disclosed": False, "hidden_by": 7}]}, "views.0.hidden_by"),
        ({"views": [{"text_sha256": "a" * 64, "disclosed": True, "surprise": 1}]}, "views.0.surprise"),
        ({"views": [{"text_sha256": "a" * 64, "disclosed": True, "content": "forged.token"}]}, "views.0.content"),
        ({"views": "all"}, "views"),
        ({"viewer": 7}, "viewer"),
        ({"page": 7}, "page"),
        ({"site": "nobody"}, "site"),
        ({"status": "approved"}, "status"),
    ],
)
def test_bad_views_are_refused_by_field_and_nothing_is_counted(news: Page, change: dict, field: str) -> None:
    body = {"site": news.key, "views": [seen(TEXT)], "page": "https://news.example/", **change}
    answer = news.client.post("/api/v1/views", json=body, headers={"Origin": news.origin})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert answer.mimetype == "application/problem+json"
    assert news.usage()["impressions"] == 0


STORY = "https://news.example/story"
PILED = "\u0301" * 201


@pytest.mark.parametrize(
    "where",
    [
        f"{STORY}/{'a' * 2000}",
        "javascript:alert(1)",
        "data:text/html,<p>Hello",
        "https://[news.example/",
        "somewhere",
        f"https://{PILED}.example/",
    ],
)
def test_where_a_text_was_seen_is_not_needed_to_say_that_it_is_withdrawn(news: Page, desk: Desk, where: str) -> None:
    news.report()
    desk.decide(1, "withdraw")
    answer = news.view(hidden(TEXT, "size"), page=where)
    assert (answer.status_code, answer.json["withdrawn"]) == (200, [text_sha256(TEXT)])
    usage = news.usage()
    assert (usage["unique_viewers"], usage["undisclosed_pages"][0]["page"]) == (1, "")


@pytest.mark.parametrize(
    "where", [STORY, STORY.replace("//", "//reader:secret@"), STORY.replace(".example", ".example.")]
)
def test_a_page_is_the_same_however_its_link_names_the_site(news: Page, where: str) -> None:
    news.view(hidden(TEXT, "size"), page=where)
    assert news.usage()["undisclosed_pages"][0]["page"] == STORY


@pytest.mark.parametrize("by", ["", "fog", "x" * 2000])
def test_what_hid_a_badge_counts_where_it_is_known(news: Page, by: str) -> None:
    assert news.view({**seen(TEXT, disclosed=False), "hidden_by": by}).status_code == 200
    assert news.usage()["undisclosed_pages"][0]["hidden_by"] == ""


def test_a_badge_that_was_visible_is_hidden_by_nothing(news: Page) -> None:
    assert news.view({**seen(TEXT), "hidden_by": "size"}, seen("b", disclosed=False)).status_code == 200
    assert [row["hidden_by"] for row in news.usage()["undisclosed_pages"]] == [""]


def test_a_site_names_people_at_whatever_length(news: Page) -> None:
    long = PILED + "x" * 5000
    for viewer in (long, long, f"{long}y"):
        assert news.view(viewer=viewer).status_code == 200
    assert news.usage()["unique_viewers"] == 2


def test_a_label_of_any_length_costs_no_view(news: Page) -> None:
    assert news.view({**seen(TEXT), "model": "m" * 201, "provider": "p" * 201}).status_code == 200


def test_a_hundred_views_are_taken_at_once(news: Page) -> None:
    assert news.view(*[seen(str(number)) for number in range(100)]).status_code == 200
    assert news.usage()["impressions"] == 100


def test_views_come_as_plain_text_so_that_no_preflight_is_needed(news: Page) -> None:
    import json

    body = json.dumps({"site": news.key, "views": [seen(TEXT)]})
    answer = news.client.post(
        "/api/v1/views", data=body, content_type="text/plain;charset=UTF-8", headers={"Origin": news.origin}
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://news.example.evil.example", "null", "http://news.example", ""]
)
def test_a_page_that_is_not_the_sites_is_refused(news: Page, origin: str) -> None:
    answer = news.view(headers={"Origin": origin})
    assert (answer.status_code, list(answer.json["errors"])) == (403, ["Origin"])
    assert news.usage()["impressions"] == 0


def test_a_dot_behind_the_name_of_a_site_makes_no_other_site_of_it(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    assert news.view(headers={"Origin": f"{news.origin}."}).json["withdrawn"] == [text_sha256(TEXT)]
    sites.set_origins(news.key, ["http://localhost:8080"])
    for origin, status in {"localhost:8080": 200, "localhost.:8080": 200, "localhost..:8080": 403}.items():
        assert news.view(headers={"Origin": f"http://{origin}"}).status_code == status


def test_a_site_that_was_registered_with_a_dot_goes_on(news: Page) -> None:
    sites.set_origins(news.key, [f"{news.origin}."])
    assert news.view(headers={"Origin": f"{news.origin}."}).status_code == 200
    assert news.view().status_code == 403


def test_a_sandboxed_frame_is_the_sites_only_where_the_owner_says_so(news: Page) -> None:
    sites.set_origins(news.key, [news.origin, "null"])
    assert news.view(headers={"Origin": "null"}).status_code == 200
    assert news.view().status_code == 200
    assert news.usage()["impressions"] == 2


def test_a_withdrawn_text_stays_withdrawn_whatever_else_is_asked_about(news: Page, desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(cased, "MOST", 0)
    monkeypatch.setattr(known, "MOST_TEXTS", 3)
    news.report()
    desk.decide(1, "withdraw")
    for number in range(9):
        told = news.view(seen(TEXT), seen(f"another {number}"), seen(f"one more {number}")).json
        assert told["withdrawn"] == [seen(TEXT)["text_sha256"]]
