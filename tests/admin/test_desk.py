"""The desk, as moderators use it: whole without JavaScript."""

import contextlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests.conftest import Clock, Desk, Page
from widget_server.rules.access import VERBS, Where
from widget_server.storage import connection, deliveries, hashing, people
from widget_server.storage.tables import Case, LogEntry, Report, Ruling, SignIn

HTTPS = "https://widget.example"


def test_urgent_cases_come_first_then_the_oldest(news: Page, desk: Desk, clock: Clock) -> None:
    for text, category in [("old", "spam"), ("newer", "fraud"), ("urgent", "self_harm"), ("urgent too", "violence")]:
        news.report(text, category=category)
        clock.move(minutes=1)
    assert desk.cases() == [3, 4, 1, 2]


def test_the_queue_is_read_page_by_page_without_losing_a_case(news: Page, desk: Desk, clock: Clock) -> None:
    for number in range(120):
        news.report(f"text {number}", category="violence" if number % 3 == 0 else "spam")
    read: list[int] = []
    query: dict[str, str] = {}
    while True:
        page = desk.client.get("/admin/reports", query_string=query, base_url=HTTPS).text
        read += dict.fromkeys(int(number) for number in re.findall(r'href="/admin/reports/(\d+)"', page))
        more = re.search(r'href="[^"]*[?&;]after=(-?\d+_\d+)', page)
        if not more:
            break
        query = {"after": more[1]}
    assert len(read) == len(set(read)) == 120
    urgent = {case.id for case in Case.select() if case.urgent}
    assert set(read[: len(urgent)]) == urgent


def test_a_case_shows_the_evidence_and_marks_the_quote(news: Page, desk: Desk) -> None:
    token = news.render(model="jamba-large", provider="AI21").json["content"]
    news.report(content=token, quote={"exact": "stands in Rome"}, comment="It is in Paris.")
    case = desk.get("/admin/reports/1").text
    assert "<mark>stands in Rome</mark>" in case
    assert "It is in Paris." in case
    assert "jamba-large" in case
    assert "AI21" in case


def test_everything_that_readers_typed_is_shown_as_text(news: Page, desk: Desk) -> None:
    hostile = '"><img src=x onerror=alert(1)></textarea><script>alert(2)</script>{{7919*7919}}'
    news.report(hostile, comment=hostile, quote={"exact": "alert(1)"}, page="https://news.example/?q=<script>")
    for path in ("/admin/reports", "/admin/reports/1", "/admin/log", "/admin/reports?search=<script>alert(3)</script>"):
        page = desk.get(path).text
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "62710561" not in page


def test_search_and_site_narrow_the_queue(news: Page, shop: Page, desk: Desk) -> None:
    news.report("a text about towers")
    shop.report("a text about shoes")
    assert desk.cases(search="towers") == [1]
    assert desk.cases(search="100%_") == []
    assert desk.cases(site=shop.key) == [2]
    assert desk.cases(search="' OR 1=1 --") == []


@pytest.mark.parametrize(
    ("decision", "outcome"), [("dismiss", "dismissed"), ("withdraw", "withdrawn"), ("relabel", "relabelled")]
)
def test_a_decision_is_kept_logged_and_told(news: Page, desk: Desk, decision: str, outcome: str) -> None:
    receipt = news.report().json["receipt"]
    assert desk.decide(1, decision, "Here is why.").status_code == 302
    assert (news.status(receipt)["outcome"], news.status(receipt)["message"]) == (outcome, "Here is why.")
    assert desk.cases() == []
    assert desk.cases(show="decided") == [1]
    entry = LogEntry.select().where(LogEntry.verb == decision).get()
    assert (entry.moderator.email, entry.subject, entry.particulars["after"]) == (desk.email, "case 1", outcome)


def test_an_escalated_case_waits_for_a_colleague(news: Page, desk: Desk, other_desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "escalate", "")
    assert news.status(receipt)["state"] == "in_review"
    assert other_desk.cases() == [1]
    other_desk.decide(1, "dismiss")
    assert news.status(receipt)["state"] == "decided"


def test_a_decision_without_a_message_is_refused_and_nothing_typed_is_lost(news: Page, desk: Desk) -> None:
    news.report()
    answer = desk.decide(1, "withdraw", "   ", model="typed-model")
    assert answer.status_code == 422
    assert "Write what the reporters are told." in answer.text
    assert "typed-model" in answer.text
    assert Ruling.select().count() == 0


def test_two_moderators_who_decide_one_case_clash_and_are_told(news: Page, desk: Desk, other_desk: Desk) -> None:
    news.report()
    assert desk.decide(1, "withdraw", "Ada's words.", version="0").status_code == 302
    answer = other_desk.decide(1, "dismiss", "Bob's words.", version="0")
    assert answer.status_code == 409
    assert "ada@news.example" in answer.text
    assert "Bob&#39;s words." in answer.text
    assert [ruling.decision for ruling in Ruling.select()] == ["withdraw"]


CORRECTION = {"model": "m9", "review": "", "note": "It stands in Paris, says the ministry."}


def test_a_clash_loses_nothing_that_was_typed(news: Page, desk: Desk, other_desk: Desk) -> None:
    news.report()
    other_desk.decide(1, "dismiss")
    answer = desk.decide(1, "relabel", "Thank you for that.", version="0", provider="AI21", **CORRECTION)
    assert answer.status_code == 409
    for typed in ("Thank you for that.", CORRECTION["note"], "m9, AI21"):
        assert typed in answer.text
    assert "reviewed by a person" not in answer.text
    assert "not reviewed by a person" in desk.decide(1, "relabel", version="0", model="", review="none").text
    news.report()
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    handed = desk.decide(1, "escalate", "", version="0", colleague=colleague).text
    assert f"<dt>Who is to decide</dt><dd>{other_desk.email}</dd>" in handed
    assert "<dt>Corrected label</dt>" not in handed
    assert "<dt>Corrected label</dt><dd>Taken back</dd>" in desk.decide(1, "dismiss", version="0", label_back="1").text


@pytest.mark.parametrize("sent", [{"preview": "1"}, {"message": " "}])
def test_nor_does_a_form_that_is_shown_again_while_a_colleague_has_the_case(
    news: Page, desk: Desk, other_desk: Desk, sent: dict
) -> None:
    news.report()
    other_desk.post("/admin/reports/1/claim", "/admin/reports/1")
    form = {"decision": "relabel", "message": "Thank you.", "category": "spam", "version": "0", **CORRECTION, **sent}
    answer = desk.post("/admin/reports/1/decision", "/admin/reports/1", **form)
    assert "is looking at this case" in answer.text
    for typed in (form["message"], CORRECTION["note"], "m9"):
        assert typed in answer.text


def test_an_appeal_that_came_meanwhile_is_not_overlooked(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "dismiss")
    stale = str(Case.get().version)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert desk.decide(1, "relabel", version=stale).status_code == 409


def test_a_decision_that_does_not_fit_the_state_is_refused(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    assert desk.decide(1, "withdraw").status_code == 409
    assert desk.decide(1, "dismiss", "A mistake, sorry.").status_code == 302
    assert news.view().json["withdrawn"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/admin/reports",
        "/admin/reports/1",
        "/admin/publications",
        "/admin/viewers",
        "/admin/compliance",
        "/admin/sites",
        "/admin/people",
        "/admin/log",
    ],
)
def test_nobody_sees_the_desk_without_signing_in(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, base_url=HTTPS)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/admin/login")


def test_every_route_under_admin_is_guarded(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and VERBS[rule.endpoint.removeprefix("admin.")].where is not Where.OPEN:
            path = re.sub(r"<any\('?(\w[\w.]*).*?\):\w+>", r"\1", re.sub(r"<int:\w+>", "1", rule.rule))
            path = re.sub(r"<\w+>", "x", path)
            for method in rule.methods - {"OPTIONS", "HEAD"}:
                assert client.open(path, method=method, base_url=HTTPS).status_code in (302, 400, 403), rule


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_form_without_its_token_changes_nothing(news: Page, desk: Desk, token: str | None) -> None:
    news.report()
    form = {"decision": "withdraw", "message": "x", "category": "hate", "version": "0"}
    answer = desk.client.post(
        "/admin/reports/1/decision", data=form | ({} if token is None else {"csrf_token": token}), base_url=HTTPS
    )
    assert answer.status_code == 400
    assert Ruling.select().count() == 0


def test_a_decision_cannot_be_made_by_a_link(news: Page, desk: Desk) -> None:
    news.report()
    assert desk.client.get("/admin/reports/1/decision?decision=withdraw", base_url=HTTPS).status_code == 405


def test_a_wrong_password_and_an_unknown_account_look_alike(app: Flask, desk: Desk) -> None:
    stranger = Desk(app.test_client(), "")
    wrong = stranger.post("/admin/login", "/admin/login", email=desk.email, password="wrong")
    unknown = stranger.post("/admin/login", "/admin/login", email="nobody@news.example", password="wrong")
    assert wrong.status_code == unknown.status_code == 403
    plain = re.compile(r'value="[^"]*"')
    assert plain.sub("", wrong.text) == plain.sub("", unknown.text)


def test_two_at_most_are_checked_at_once_for_each_takes_64_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, more = 0, 0, threading.Barrier(3)

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            nonlocal running, most
            running += 1
            most = max(most, running)
            with contextlib.suppress(threading.BrokenBarrierError):  # a third one would come, if it could
                more.wait(0.2)
            running -= 1
            return super().verify(hash, password)

    monkeypatch.setattr(hashing, "_hasher", Watched(time_cost=1, memory_cost=8, parallelism=1))
    with ThreadPoolExecutor(8) as guests:
        assert not any(guests.map(lambda _: people.verified(None, "a guess"), range(8)))
    assert most in (1, 2)


@pytest.mark.parametrize("spelling", ["ADA@news.example", " ada@news.example ", "ａｄａ@news.example"])
def test_an_account_has_one_name_however_it_is_spelled(app: Flask, desk: Desk, spelling: str) -> None:
    again = Desk(app.test_client(), "")
    assert (
        again.post("/admin/login", "/admin/login", email=spelling, password="correct horse battery").status_code == 302
    )


def test_guessing_one_account_is_stopped_and_told_when_to_come_back(app: Flask, desk: Desk) -> None:
    stranger = Desk(app.test_client(), "")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get("/admin/login").text)[1]
    answers = [
        stranger.client.post(
            "/admin/login",
            data={"csrf_token": token, "email": desk.email, "password": f"guess {number}"},
            base_url=HTTPS,
            headers={"Referer": HTTPS},
        )
        for number in range(21)
    ]
    assert [answer.status_code for answer in answers[:20]] == [403] * 20
    assert answers[20].status_code == 429
    assert int(answers[20].headers["Retry-After"]) > 0
    owner = desk.client.application.test_client()
    form = {"csrf_token": token, "email": desk.email, "password": "correct horse battery"}
    owner.set_cookie(
        "__Host-desk", stranger.client.get_cookie("__Host-desk", domain="widget.example").value, domain="widget.example"
    )
    answer = owner.post(
        "/admin/login",
        data=form,
        base_url=HTTPS,
        headers={"Referer": HTTPS},
        environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert answer.status_code == 302


def test_signing_out_ends_the_session_for_good(app: Flask, desk: Desk) -> None:
    cookie = desk.client.get_cookie("__Host-desk", domain="widget.example")
    desk.post("/admin/logout")
    thief = app.test_client()
    thief.set_cookie("__Host-desk", cookie.value, domain="widget.example")
    assert thief.get("/admin/reports", base_url=HTTPS).status_code == 302


def test_signing_out_leaves_no_page_in_the_browser(desk: Desk) -> None:
    assert desk.post("/admin/logout").headers["Clear-Site-Data"] == '"cache"'


def test_a_refused_sign_in_is_logged_without_who_tried(
    app: Flask, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    Desk(app.test_client(), "").post("/admin/login", "/admin/login", email=desk.email, password="not the password")
    assert "sign-in refused" in caplog.text
    assert desk.email not in caplog.text
    assert "not the password" not in caplog.text


def test_a_password_is_taken_whole_or_not_at_all(app: Flask, clock: Clock) -> None:
    longest = "nobody guesses " * 66 + "anything."
    with connection():
        people.add("long@news.example", longest, at=clock())
    for password, status in ((longest + "y", 403), (longest, 302)):
        stranger = Desk(app.test_client(), "")
        answer = stranger.post("/admin/login", "/admin/login", email="long@news.example", password=password)
        assert answer.status_code == status


def test_signing_in_gives_a_new_session_with_a_safe_cookie(app: Flask, desk: Desk) -> None:
    stranger = Desk(app.test_client(), "")
    answer = stranger.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("__Host-desk="))
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert SignIn.select().count() == 2


def test_a_session_ends_by_itself(desk: Desk, clock: Clock) -> None:
    for _ in range(20):
        clock.move(hours=7, minutes=59)
        assert desk.get("/admin/reports").status_code == 200
    clock.move(hours=8)
    assert desk.get("/admin/reports").status_code == 302


def test_a_session_ends_after_a_week_however_busy(desk: Desk, clock: Clock) -> None:
    for _ in range(24):
        clock.move(hours=6.9)
        desk.get("/admin/reports")
    clock.move(hours=6.9)
    assert desk.get("/admin/reports").status_code == 302


def test_a_new_password_ends_every_session(desk: Desk, clock: Clock) -> None:
    people.set_password(people.named(desk.email), "another password of mine", at=clock())
    assert desk.get("/admin/reports").status_code == 302


@pytest.mark.parametrize("target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "/report"])
def test_signing_in_never_leads_elsewhere(app: Flask, desk: Desk, target: str) -> None:
    stranger = Desk(app.test_client(), "")
    page = stranger.client.get("/admin/login", query_string={"next": target}, base_url=HTTPS).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    form = {"csrf_token": token, "email": desk.email, "password": "correct horse battery"}
    answer = stranger.client.post(
        "/admin/login", query_string={"next": target}, data=form, base_url=HTTPS, headers={"Referer": HTTPS}
    )
    assert answer.headers["Location"] == "/admin/reports"


def test_the_desks_answers_are_kept_by_nobody_and_framed_by_nobody(desk: Desk) -> None:
    headers = desk.get("/admin/reports").headers
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/reports/999", 404),
        ("/admin/reports/99999999999", 404),
        ("/admin/reports?show=everything", 404),
        ("/admin/reports?after=9999999999999999999_1", 400),
        ("/admin/reports?after=-1", 400),
        ("/admin/reports?after=1e9", 400),
        ("/admin/reports?after=a", 400),
        ("/admin/log?before=x", 400),
        ("/admin/publications?show=x", 404),
        ("/admin/nothing", 404),
    ],
)
def test_an_address_that_leads_nowhere_is_answered_with_a_page(desk: Desk, path: str, status: int) -> None:
    answer = desk.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")


def test_the_owner_sees_figures_sites_people_and_clauses(news: Page, desk: Desk) -> None:
    for number in range(3):
        news.view(viewer=str(number))
    assert re.search(r"\b3\b", desk.get("/admin/viewers").text)
    assert f"data-site=&#34;{news.key}&#34;" in desk.get("/admin/sites").text
    assert news.secret not in desk.get("/admin/sites").text
    assert desk.email in desk.get("/admin/people").text
    clauses = desk.get(f"/admin/compliance/{news.key}").text
    assert all(number in clauses for number in ("1.i", "2.i", "2.ii", "2.iii"))


def test_the_log_tells_who_did_what_and_nothing_that_readers_typed(news: Page, desk: Desk) -> None:
    news.report(comment="unmistakable words", email="reader@example.org")
    desk.decide(1, "dismiss")
    log = desk.get("/admin/log").text
    assert desk.email in log
    assert "case 1" in log
    assert "unmistakable" not in log
    assert "reader@example.org" not in log
    assert deliveries.address(Report.get()) == "reader@example.org"


def test_a_decision_never_answers_a_report_that_nobody_saw(news: Page, desk: Desk) -> None:
    news.report(category="spam")
    seen = str(Case.get().version)
    second = news.report(category="child_sexual").json["receipt"]
    answer = desk.decide(1, "dismiss", version=seen)
    assert answer.status_code == 409
    assert "A report named another harm" in answer.text
    assert news.status(second)["state"] != "decided"


def claimed(desk: Desk, number: int = 1) -> str:
    """The version of a case as this desk has taken it."""
    page = f"/admin/reports/{number}"
    desk.post(f"{page}/claim", page)
    return re.search(r'name="version" value="(\d+)"', desk.get(page).text)[1]


def opened(desk: Desk, number: int = 1) -> str:
    """The version of a case as this desk looks at it."""
    return re.search(r'name="version" value="(\d+)"', desk.get(f"/admin/reports/{number}").text)[1]


def further_words(news: Page) -> list[str]:
    """The receipts of two reports that name what is named already."""
    quote = {"exact": "Rome", "prefix": "", "suffix": ""}
    return [news.report(comment="One more.").json["receipt"], news.report(quote=quote).json["receipt"]]


@pytest.mark.parametrize("how", ["taken", "run out", "given back", "never taken", "taken by another and given back"])
def test_further_words_stop_no_decision_which_tells_how_many_came(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock, how: str
) -> None:
    news.report()
    seen = opened(desk) if "never" in how or "another" in how else claimed(desk)
    if how == "run out":
        clock.move(minutes=11)
    if how == "given back":
        desk.post("/admin/reports/1/release", "/admin/reports/1")
    if "another" in how:
        claimed(other_desk)
    later = further_words(news)
    if "another" in how:
        other_desk.post("/admin/reports/1/release", "/admin/reports/1")
    answer = desk.decide(1, "dismiss", version=seen, reports="1")
    assert answer.status_code == 302
    assert "It also answers 2 reports that came while you were deciding." in desk.get(answer.headers["Location"]).text
    assert [news.status(receipt)["state"] for receipt in later] == ["decided", "decided"]


@pytest.mark.parametrize("another", [True, False])
def test_whoever_goes_on_to_the_next_case_is_told_how_many_came(news: Page, desk: Desk, another: bool) -> None:
    news.report()
    seen = claimed(desk)
    further_words(news)
    if another:
        news.report("quite another text, of its own")
    answer = desk.decide(1, "dismiss", version=seen, reports="1", go_on="1")
    assert ("/admin/reports/2" in answer.headers["Location"]) is another
    assert "2 reports that came while you were deciding." in desk.get(answer.headers["Location"]).text


@pytest.mark.parametrize("what", ["category", "urgency", "text", "appeal"])
def test_what_matters_stops_a_decision_on_a_case_that_another_had_meanwhile(
    news: Page, desk: Desk, other_desk: Desk, what: str
) -> None:
    receipt = news.report(category="self_harm" if what == "urgency" else "misinformation").json["receipt"]
    if what in ("appeal", "urgency"):
        desk.decide(1, "dismiss")
        news.report()
    if what == "text":
        Case.update(text="").execute()
    seen = opened(desk)
    claimed(other_desk)
    if what == "appeal":
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    else:
        news.report(category={"category": "hate", "urgency": "self_harm", "text": "misinformation"}[what])
    other_desk.post("/admin/reports/1/release", "/admin/reports/1")
    answer = desk.decide(1, "relabel", version=seen, reports="1")
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text


def test_a_decision_during_which_nothing_came_says_nothing_of_reports(news: Page, desk: Desk) -> None:
    news.report()
    answer = desk.decide(1, "dismiss", reports="1")
    assert "while you were deciding" not in desk.get(answer.headers["Location"]).text
    news.report("quite another text, of its own")
    claimed(desk, 2)
    news.report("quite another text, of its own")
    answer = desk.decide(2, "escalate", "", reports="1")
    assert "while you were deciding" not in desk.get(answer.headers["Location"]).text


@pytest.mark.parametrize(("first", "then"), [("spam", "hate"), ("spam", "self_harm")])
def test_a_category_that_nobody_named_stops_who_has_taken_the_case_too(
    news: Page, desk: Desk, first: str, then: str
) -> None:
    news.report(category=first)
    seen = claimed(desk)
    news.report(category=then)
    assert desk.decide(1, "dismiss", version=seen).status_code == 409


def test_an_urgency_of_before_that_is_named_again_stops_who_has_taken_the_case(news: Page, desk: Desk) -> None:
    news.report(category="self_harm")
    desk.decide(1, "dismiss")
    news.report(category="spam")
    seen = claimed(desk)
    assert not Case.get().urgent
    news.report(category="self_harm")
    assert desk.decide(1, "relabel", version=seen).status_code == 409


def test_one_more_report_that_says_nothing_new_does_not_stop_a_decision(news: Page, desk: Desk) -> None:
    news.report()
    seen = str(Case.get().version)
    news.report()
    assert desk.decide(1, "dismiss", version=seen).status_code == 302


def test_a_case_opens_quickly_however_often_a_quote_stands_in_it(news: Page, desk: Desk) -> None:
    text = "é " * 9_000
    for number in range(3):
        news.report(text, quote={"exact": "é " * (number + 1), "prefix": "é", "suffix": "x"})
    assert desk.get("/admin/reports/1").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/reports?search=%00", 400),
        ("/admin/reports?site=%00", 400),
        ("/report?site=%00", 400),
        ("/r/%00", 404),
        ("/api/v1/publications/%00", 404),
    ],
)
def test_nul_in_an_address_is_refused(desk: Desk, path: str, status: int) -> None:
    assert desk.get(path).status_code == status
