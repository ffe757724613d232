"""The pages for readers, without any script."""

import html
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.conftest import TEXT, Clock, Desk, Page
from widget_server.rules.marking import text_sha256
from widget_server.settings import Settings
from widget_server.storage import sites
from widget_server.storage.tables import Case, Report

STORY = "https://news.example/story"


def form(news: Page, **query: str) -> dict[str, str]:
    """What a browser would send from the form as it is served."""
    answer = news.client.get("/report", query_string={"site": news.key, **query}, headers={"Referer": STORY})
    assert answer.status_code == 200
    hidden = re.findall(r'<input[^>]*name="(site|id|content|page)"[^>]*value="([^"]*)"', answer.text)
    return dict(hidden)


def send(news: Page, fields: dict[str, str]):
    return news.client.post("/report", data=fields, headers={"Origin": "https://widget.example"})


def test_the_plain_link_leads_to_a_form_that_reports_the_signed_text(news: Page, desk: Desk) -> None:
    token = news.render(model="jamba-large").json["content"]
    answer = send(news, {**form(news, content=token), "category": "misinformation", "comment": "It is in Paris."})
    assert answer.status_code == 303
    status = news.client.get(answer.headers["Location"].removeprefix("https://widget.example"))
    assert status.status_code == 200
    case = Case.get()
    assert (case.verified, case.model, case.text) == (True, "jamba-large", "")
    assert desk.get("/admin/reports/1").status_code == 200
    news.report(content=token)
    assert (Case.get().text, Report.select().count()) == (TEXT, 2)


@pytest.mark.parametrize("signed_first", [True, False])
def test_a_signature_without_a_text_does_not_vouch_for_what_somebody_says_begins_it(
    news: Page, desk: Desk, *, signed_first: bool
) -> None:
    whole = " ".join(f"In {year} the tower was painted again." for year in range(200))
    token = news.render(whole, model="jamba-large").json["content"]

    def sign() -> None:
        send(news, {**form(news, content=token), "category": "misinformation"})

    def make_up() -> None:
        news.report("Drink bleach. " * 100, text_sha256=text_sha256(whole))

    for report in (sign, make_up) if signed_first else (make_up, sign):
        report()
    page = desk.get("/admin/reports/1").text
    assert (Case.get().verified, Case.get().model) == (signed_first, "jamba-large")
    assert ("Only its beginning." in page, "Drink bleach." in page) == (not signed_first, not signed_first)
    desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=whole)
    assert (Case.get().verified, Case.get().text) == (True, whole)


def test_without_a_token_the_reader_copies_the_text_in(news: Page) -> None:
    fields = {**form(news), "category": "hate", "text": TEXT}
    assert send(news, fields).status_code == 303
    assert (Case.get().verified, Case.get().text) == (False, TEXT)


@pytest.mark.parametrize(
    ("lang", "direction", "says"),
    [
        ("en", "ltr", "It can be wrong even where it sounds certain."),
        ("de", "ltr", "Richtet der Text Schaden an?"),
        ("ar", "rtl", "وتحقّق إنسان من هذه الكلمات بعينها."),
    ],
)
def test_what_the_label_means_is_told_in_the_language_of_the_label(
    news: Page, lang: str, direction: str, says: str
) -> None:
    label = news.render(lang=lang).json["html"]
    page = news.client.get(re.search(r'href="https://widget.example(/about[^"]*)"', label)[1]).text
    assert f'<html lang="{lang}" dir="{direction}">' in page
    assert says in page
    assert 'action="/r/"' in page


def test_sending_the_form_twice_is_one_report(news: Page) -> None:
    fields = {**form(news), "category": "hate", "text": TEXT}
    assert send(news, fields).headers["Location"] == send(news, fields).headers["Location"]
    assert Report.select().count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"category": "self_harm"},
        {"comment": "My daughter has followed this advice."},
        {"text": "Quite another text."},
        {"email": "reader@example.org"},
        {"good_faith": ""},
        {"page": "https://news.example/another"},
    ],
)
def test_what_is_said_otherwise_after_going_back_is_another_report(news: Page, said: dict) -> None:
    fields = {**form(news), "category": "spam", "text": TEXT, "good_faith": "true"}
    first, second, again = (send(news, sent).headers["Location"] for sent in (fields, {**fields, **said}, fields))
    assert first == again != second
    assert Report.select().count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": ""}, "Copy the text"),
        ({"category": ""}, "category"),
        ({"email": "no address"}, "e-mail"),
        ({"page": "ftp://x"}, "http"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(news: Page, change: dict, words: str) -> None:
    typed = {"category": "hate", "text": TEXT, "comment": "typed with care", "good_faith": "true"}
    fields = {**form(news), **typed, **change}
    answer = send(news, fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert "typed with care" in answer.text
    assert Report.select().count() == 0


@pytest.mark.parametrize(("good_faith", "kept"), [("true", True), ("", False)])
def test_without_a_mail_server_the_form_takes_an_address_only_with_what_is_against_the_law(
    news: Page, good_faith: str, kept: bool
) -> None:
    assert 'class="email by-law"' in news.client.get("/report", query_string={"site": news.key}).text
    typed = {"category": "hate", "text": TEXT, "email": "reader@example.org", "good_faith": good_faith}
    assert send(news, {**form(news), **typed}).status_code == 303
    assert (Report.get().email != "") is kept


class TestWithMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mail_url="smtp://127.0.0.1:9")

    def test_the_form_takes_an_address_with_any_report(self, news: Page) -> None:
        assert "by-law" not in news.client.get("/report", query_string={"site": news.key}).text
        typed = {"category": "hate", "text": TEXT, "email": "reader@example.org"}
        assert send(news, {**form(news), **typed}).status_code == 303
        assert Report.get().email != ""


@pytest.mark.parametrize("typed", ["7KQ3 M2XP", '7KQ3-M2XP-8RTV-4NYW-"><b>'])
def test_a_code_that_is_not_known_is_still_in_its_field(news: Page, typed: str) -> None:
    answer = news.client.get("/r/", query_string={"receipt": typed}, follow_redirects=True)
    assert answer.status_code == 404
    assert f'value="{html.escape(typed, quote=True).replace("&quot;", "&#34;")}"' in answer.text


@pytest.mark.parametrize("typed", ["{}", " {} ", "https://widget.example/r/{}", "widget.example/r/{}/"])
def test_a_report_is_found_by_its_code_or_by_the_address_of_its_page(news: Page, typed: str) -> None:
    receipt = news.report().json["receipt"]
    answer = news.client.get("/r/", query_string={"receipt": typed.format(receipt)})
    assert answer.headers["Location"] == f"/r/{receipt}"


def test_a_reporter_of_child_sexual_abuse_is_not_identified_by_the_form_either(news: Page) -> None:
    send(news, {**form(news), "category": "child_sexual", "text": TEXT, "email": "reader@example.org"})
    assert Report.get().email == ""


@pytest.mark.parametrize(
    ("came", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)]
)
def test_another_website_cannot_send_the_form(news: Page, came: str, status: int) -> None:
    fields = {**form(news), "category": "hate", "text": TEXT}
    answer = news.client.post("/report", data=fields, headers={"Sec-Fetch-Site": came})
    assert answer.status_code == status
    assert Report.select().count() == (status == 303)


def test_a_link_without_a_known_site_says_so(client: FlaskClient) -> None:
    assert client.get("/report?site=nobody").status_code == 404


def test_the_reporters_page_tells_state_message_and_takes_an_appeal(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    page = f"/r/{receipt}"
    assert "Received" in news.client.get(page).text
    desk.decide(1, "dismiss", "It is satire.")
    assert "It is satire." in news.client.get(page).text
    assert news.client.post(f"{page}/appeal", data={"comment": " "}).status_code == 422
    assert news.client.post(f"{page}/appeal", data={"comment": "It is not."}).status_code == 303
    assert "Under second review" in news.client.get(page).text
    assert "It is not." in desk.get("/admin/reports/1").text
    assert news.client.post(f"{page}/appeal", data={"comment": "Again."}).status_code == 409


LINES = "\r\n".join(["A line that has forty characters in all."] * 97)
"""As a browser sends what its own field counts as 3,976 characters: each end of a line as two."""


def test_line_ends_count_once_in_a_report_and_in_an_appeal_by_form(news: Page, desk: Desk) -> None:
    fields = {**form(news), "category": "hate", "text": TEXT, "comment": LINES}
    page = send(news, fields).headers["Location"].partition("?")[0]
    desk.decide(1, "dismiss", LINES)
    assert news.client.post(f"{page}/appeal", data={"comment": LINES}).status_code == 303
    assert {Report.get().comment, Report.get().appeal} == {LINES.replace("\r\n", "\n")}


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "4000 characters left"),
        ("fil", "4000 karakter na lang ang natitira"),
        ("lv", "Atliek 4000 rakstzīmju"),
        ("ru", "Осталось 4000 символов"),
    ],
)
def test_forms_tell_how_long_a_comment_may_be_and_cut_nothing(news: Page, desk: Desk, lang: str, told: str) -> None:
    empty = news.client.get("/report", query_string={"site": news.key, "lang": lang}).text
    receipt = news.report().json["receipt"]
    desk.decide(1, "dismiss", "It is satire.")
    page = news.client.get(f"/r/{receipt}?lang={lang}").text
    for field in (textarea(empty, "comment"), textarea(page, "comment")):
        assert 'aria-describedby="comment-hint"' in field
        assert "maxlength" not in field
    assert f'id="comment-hint">{told}</p>' in empty
    assert f'id="comment-hint">{told}</p>' in page


def textarea(page: str, name: str) -> str:
    return re.search(rf'<textarea[^>]* name="{name}"[^>]*>', page)[0]


@pytest.mark.parametrize(
    ("typed", "status", "why"),
    [
        ("🙂" * 4000, 303, ""),
        ("🙂" * 4001, 422, "Longer than maximum length 4000."),
        (" \n", 422, "Must not be empty."),
    ],
)
def test_an_appeal_that_is_refused_says_why_at_its_field_and_is_still_there(
    news: Page, desk: Desk, typed: str, status: int, why: str
) -> None:
    page = f"/r/{news.report().json['receipt']}"
    desk.decide(1, "dismiss", "It is satire.")
    answer = news.client.post(f"{page}/appeal", data={"comment": typed})
    assert answer.status_code == status
    if why:
        assert f'id="comment-mistake" lang="en" dir="ltr">{why}</p>' in answer.text
        assert f">{typed}</textarea>" in answer.text


def test_a_report_is_taken_back_by_a_post_never_by_following_a_link(news: Page) -> None:
    receipt = news.report().json["receipt"]
    assert news.client.get(f"/r/{receipt}/delete").status_code == 405
    assert news.client.post(f"/r/{receipt}/delete").status_code == 200
    assert news.client.get(f"/r/{receipt}").status_code == 404


def test_a_receipt_can_be_entered(news: Page) -> None:
    receipt = news.report().json["receipt"]
    assert news.client.get("/r/").status_code == 200
    assert news.client.get("/r/", query_string={"receipt": f" {receipt} "}).headers["Location"].endswith(receipt)


@pytest.mark.parametrize(
    ("accept", "lang", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("de-CH,fr;q=0.5", "de", "ltr"),
        ("tlh", "en", "ltr"),
        ("x," * 249 + "de", "de", "ltr"),
        ("x," * 250 + "de", "en", "ltr"),
    ],
)
def test_the_pages_speak_the_readers_language(news: Page, accept: str, lang: str, direction: str) -> None:
    receipt = news.report().json["receipt"]
    for path in (f"/r/{receipt}", f"/report?site={news.key}", "/r/"):
        page = news.client.get(path, headers={"Accept-Language": accept}).text
        assert re.search(f'<html[^>]*lang="{lang}"', page)
        assert re.search(f'<html[^>]*dir="{direction}"', page)


def test_the_language_of_the_label_outranks_the_browsers_and_is_carried_on(news: Page) -> None:
    german = {"Accept-Language": "de"}
    page = news.client.get(f"/report?site={news.key}&lang=fr-CA", headers=german).text
    assert re.search('<html[^>]*lang="fr"', page)
    assert '<input type="hidden" name="lang" value="fr">' in page
    sent = send(news, {**form(news), "category": "hate", "text": TEXT, "lang": "fr"})
    status = news.client.get(sent.headers["Location"], headers=german).text
    assert re.search('<html[^>]*lang="fr"', status)
    assert '<input type="hidden" name="lang" value="fr">' in status
    assert re.search('<html[^>]*lang="de"', news.client.get("/r/?lang=tlh", headers=german).text)


def test_without_a_script_a_moment_is_an_unmistakable_date(news: Page) -> None:
    receipt = news.report().json["receipt"]
    page = news.client.get(f"/r/{receipt}?lang=ar").text
    assert '<time datetime="2026-11-23T12:00:00+00:00" dir="auto">2026-11-23 12:00 UTC</time>' in page
    assert 'src="/static/admin/times.js"' in page


def test_the_first_page_labels_its_own_passage_and_shows_the_tag(client: FlaskClient) -> None:
    page = client.get("/").text
    assert '<template shadowrootmode="open">' in page
    assert all(
        option in page for option in ("data-lang", "data-theme", "data-viewer", "data-words", "data-copy-notice")
    )
    assert "&lt;script src=&#34;https://widget.example/widget.js&#34; data-site=&#34;SITE_KEY&#34; defer&gt;" in page


def test_the_public_pages_set_no_cookie(news: Page) -> None:
    receipt = news.report().json["receipt"]
    for path in ("/", "/demo", f"/r/{receipt}", f"/report?site={news.key}", "/api/docs", "/widget.js"):
        assert "Set-Cookie" not in news.client.get(path).headers, path


def test_the_forms_answer_leads_to_the_host_that_was_asked(news: Page) -> None:
    fields = {**form(news), "category": "hate", "text": TEXT}
    assert send(news, fields).headers["Location"].startswith("/r/")


def test_the_own_pages_follow_a_new_address(client: FlaskClient, clock: Clock) -> None:
    sites.own("https://before.example", at=clock())
    client.get("/")
    assert sites.find(sites.OWN).origins == ["https://widget.example"]


def test_an_unknown_page_is_answered_with_a_page(client: FlaskClient) -> None:
    answer = client.get("/<script>alert(1)</script>")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "<script>alert" not in answer.text


def test_a_link_that_is_too_old_asks_for_the_text_instead(news: Page) -> None:
    fields = {**form(news), "content": "forged", "category": "hate", "comment": "typed with care"}
    answer = send(news, fields)
    assert (answer.status_code, "typed with care" in answer.text, "forged" in answer.text) == (422, True, False)
    assert send(news, {**fields, "content": "", "text": TEXT}).status_code == 303


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ('form-data; name="a\r\nBcc: x@y.example"', "Every field needs a name."),
        ("form-data", "Every field needs a name."),
        ('form-data; name="a\x00"', "No field may hold NUL."),
    ],
)
def test_a_field_in_parts_has_a_name_and_no_nul(news: Page, head: str, told: str) -> None:
    body = f"--b\r\nContent-Disposition: {head}\r\n\r\nx\r\n--b--\r\n".encode()
    answer = news.client.post("/report", data=body, content_type="multipart/form-data; boundary=b")
    assert (answer.status_code, told in answer.text) == (400, True)


def test_a_field_that_comes_twice_holds_no_nul_the_second_time_either(news: Page) -> None:
    for answer in (
        news.client.post("/report", data={"lang": ["en", "a\x00"]}),
        news.client.get("/report?lang=en&lang=a%00"),
    ):
        assert (answer.status_code, "No field may hold NUL." in answer.text) == (400, True)
