"""What other people's programs are told."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from widget_server.rules import events
from widget_server.rules.events import CHOICES, MEANINGS, Event

URL = "https://widget.example"
CASE = events.about_case(
    number=7,
    text_sha256="ab" * 32,
    state="withdrawn",
    category="self_harm",
    urgent=True,
    model="jamba <b>",
    provider="AI21",
    decision="withdraw",
)
TEXT = events.about_publication(
    number="ff",
    text_sha256="ab" * 32,
    state="held",
    audience="limited",
    audience_size=101,
    model="jamba",
    provider="AI21",
)

CAME = events.about_viewers(clause="2.iii", month="2026-11", viewers=101, threshold=100, application="", report="on")
SWITCHED = events.about_viewers(clause="2.iii", threshold=100, application="", report="off")
LOW = events.about_viewers(clause="2.ii", share=72.5, least=95, impressions=200)


def test_an_envelope_is_a_standard_webhooks_one():
    at = datetime(2026, 11, 23, 13, 0, 0, 5000, timezone(timedelta(hours=1)))
    assert events.envelope(Event.CASE_DECIDED, CASE, at=at, site="news", public_url=URL) == {
        "type": "case.decided",
        "timestamp": "2026-11-23T12:00:00.005Z",
        "data": {
            "case": 7,
            "url": "https://widget.example/admin/reports/7",
            "site": "news",
            "text_sha256": "ab" * 32,
            "state": "withdrawn",
            "category": "self_harm",
            "clause": "1.iii",
            "urgent": True,
            "model": "jamba <b>",
            "provider": "AI21",
            "decision": "withdraw",
        },
    }


def test_a_publication_is_told_with_its_audience_and_where_to_review_it():
    told = events.envelope(
        Event.PUBLICATION_HELD, TEXT, at=datetime(2026, 11, 23, tzinfo=UTC), site="news", public_url=URL
    )
    assert told["data"]["url"] == "https://widget.example/admin/publications/ff"
    assert (told["data"]["audience"], told["data"]["audience_size"], told["data"]["clause"]) == ("limited", 101, "2.i")


@pytest.mark.parametrize(
    ("event", "about", "said"),
    [
        (Event.CASE_OPENED, CASE, "{case} on News waits for a moderator: self harm, guideline 1.iii."),
        (Event.CASE_URGENT, CASE, "*Urgent:* {case} on News waits for a moderator: self harm, guideline 1.iii."),
        (Event.CASE_ESCALATED, CASE, "{case} on News was escalated: self harm, guideline 1.iii."),
        (Event.CASE_DECIDED, CASE, "{case} on News was decided: withdraw (self harm, guideline 1.iii)."),
        (Event.CASE_REOPENED, CASE, "{case} on News: the decision “withdraw” was taken back as a mistake."),
        (Event.CASE_APPEALED, CASE, "{case} on News is back at the desk: a reporter disagrees."),
        (Event.CASE_LATE, CASE, "{case} on News waits for longer than it should: self harm, guideline 1.iii."),
        (Event.PUBLICATION_HELD, TEXT, "{text} on News waits for a review, guideline 2.i."),
        (Event.PUBLICATION_DECIDED, TEXT, "{text} on News was held."),
        (
            Event.THRESHOLD_PROJECTED,
            CAME,
            (
                "{viewers} of News: heading for 101 this month; with more than 100, readers must be able to report, "
                "guideline 2.iii."
            ),
        ),
        (
            Event.THRESHOLD_NEAR,
            CAME,
            "{viewers} of News: 101 this month; with more than 100, readers must be able to report, guideline 2.iii.",
        ),
        (
            Event.THRESHOLD_REQUIRED,
            CAME,
            "{viewers} of News: 101 this month; readers must be able to report, guideline 2.iii.",
        ),
        (Event.REPORT_ON, SWITCHED, "{readers} of News see the report control from now on, guideline 2.iii."),
        (Event.REPORT_OFF, SWITCHED, "{readers} of News do not see the report control any more, guideline 2.iii."),
        (
            Event.DISCLOSURE_LOW,
            LOW,
            (
                "{readers} of News could see the badge on 72.5 % of the views of the last seven days, less than 95 %, "
                "guideline 2.ii."
            ),
        ),
        (
            Event.PUBLICATION_EXPIRED,
            TEXT,
            "{text} on News waits for another review: the last one has run out, guideline 2.i.",
        ),
        (
            Event.WEBHOOK_TEST,
            events.about_test(),
            "This is a test from <https://widget.example/admin/webhooks|widget-server>: the webhook works.",
        ),
    ],
)
def test_each_event_is_a_plain_sentence_with_a_link(event: Event, about: dict, said: str):
    case = "<https://widget.example/admin/reports/7|Case 7>"
    text = "<https://widget.example/admin/publications/ff|A text>"
    viewers, readers = (f"<https://widget.example/admin/viewers|{name}>" for name in ("Viewers", "Readers"))
    known = {"case": case, "text": text, "viewers": viewers, "readers": readers}
    assert events.sentence(event, about, site="News", public_url=URL) == said.format(**known)


def test_a_name_cannot_be_a_link_or_a_call_to_everybody():
    said = events.sentence(Event.CASE_APPEALED, CASE, site="<!channel> & <https://evil.example|News>", public_url=URL)
    assert "on &lt;!channel&gt; &amp; &lt;https://evil.example|News&gt; is" in said


def test_every_event_has_a_meaning_and_all_but_the_test_may_be_chosen():
    assert set(MEANINGS) == set(Event)
    assert set(Event) - set(CHOICES) == {Event.WEBHOOK_TEST}
