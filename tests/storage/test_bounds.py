"""What the doors accept, the tables hold: PostgreSQL refuses what is longer, which SQLite keeps."""

import random

import pytest
from peewee import CharField

from tests.conftest import Clock, Desk, Page, signed_in
from widget_server.cli.sites import LONGEST_NAME
from widget_server.rendering import tokens
from widget_server.rendering.tokens import Content
from widget_server.routes.api.rendering import TextSchema
from widget_server.rules import (
    access,
    accounts,
    declarations,
    events,
    exemptions,
    harms,
    letters,
    moderation,
    policy,
    publishing,
    registry,
    viewers,
    webhooks,
)
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.storage import connection, log
from widget_server.storage.tables import (
    Application,
    Burst,
    Case,
    Crossing,
    Declaration,
    Delivery,
    HiddenBadge,
    Invitation,
    LogEntry,
    Membership,
    Moderator,
    OwnerNotice,
    PromptTemplate,
    PublicationRow,
    PublicationStep,
    Report,
    Ruling,
    Site,
    Webhook,
    WebhookDelivery,
)

LONGEST_PAGE = "https://news.example/"
ADDRESS = f"{'a' * 120}@{'b' * 60}.{'c' * 60}.example"
HELD = [
    (accounts.LONGEST_ADDRESS, (Moderator.email, Invitation.email, LogEntry.subject)),
    (LONGEST_NAME, (Site.name,)),
    (policy.LONGEST["application"], (Application.name, Crossing.application)),
    (policy.LONGEST["responsible"], (PublicationRow.responsible,)),
    (policy.LONGEST["contact"], (PublicationRow.contact,)),
    (declarations.LONGEST["signed_by"], (Declaration.signed_by,)),
    (declarations.LONGEST["role"], (Declaration.role,)),
    (registry.LONGEST_NAME, (PromptTemplate.name,)),
    (registry.LONGEST, (Case.prompt,)),
    (exemptions.LONGEST_MODEL, (PromptTemplate.custom_model,)),
    (TextSchema().fields["purpose"].validate.max, (PublicationRow.purpose,)),
]
KINDS = [
    (moderation.State, (Case.state, Case.outcome, Ruling.before, Ruling.outcome, Ruling.replaced, Burst.before)),
    (moderation.Queue, (Case.queue,)),
    (moderation.Decision, (Ruling.decision,)),
    (harms.HARMS, (Case.category, Report.category, Ruling.category, OwnerNotice.category)),
    (events.Event, (WebhookDelivery.event, OwnerNotice.event)),
    (publishing.Publication, (PublicationRow.state,)),
    (publishing.Audience, (PublicationRow.audience,)),
    (publishing.Step, (PublicationStep.what,)),
    (letters.About, (Delivery.about,)),
    (webhooks.Kind, (Webhook.kind,)),
    (access.Role, (Membership.role,)),
    (viewers.HIDDEN_BY, (HiddenBadge.hidden_by,)),
]


@pytest.mark.parametrize(
    ("longest", "columns"), [*HELD, *((max(map(len, map(str, kinds))), columns) for kinds, columns in KINDS)]
)
def test_a_column_is_as_long_as_what_is_accepted(longest: int, columns: tuple[CharField, ...]) -> None:
    assert [str(column) for column in columns if column.max_length < longest] == []


def test_an_audience_may_be_as_large_as_is_accepted(news: Page) -> None:
    all_of_them = TextSchema().fields["audience_size"].validate.max
    assert news.render(audience="limited", audience_size=all_of_them).json["state"] == "held"
    (held,) = news.client.get("/api/v1/publications", headers=news.bearer).json["publications"]
    assert held["audience_size"] == all_of_them


def test_a_page_is_bounded_in_bytes(news: Page) -> None:
    longest = f"{LONGEST_PAGE}{noise(0x4E00, 0x9FFF, 659)}"
    assert len(longest.encode()) == 1998
    assert news.report(page=longest + "aa").status_code == 201
    refused = news.report("another", page=longest + "aaa")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["page"])


def test_a_model_with_an_endless_name_is_reported(news: Page, clock: Clock) -> None:
    name = noise(0x21, 0x7E, 3000)
    said = Content(text_sha256("A text."), Disclosure(model=name, provider="AI21"), clock())
    assert news.report("A text.", content=tokens.sign(said, news.secret)).status_code == 201
    assert Case.get().model == name[:200]


def test_somebody_with_a_long_address_comes_in_and_decides(news: Page, desk: Desk, clock: Clock) -> None:
    news.report()
    other = signed_in(news.client.application, clock, ADDRESS)
    other.decide(1, "dismiss")
    assert Case.get().state == "dismissed"
    with connection():
        assert ADDRESS in {entry.subject for entry in log.page(before=None, size=50)}
        assert log.verify().broken is None


def noise(first: int, last: int, many: int) -> str:
    """What no index makes smaller."""
    chosen = random.Random(7)
    return "".join(chr(chosen.randrange(first, last)) for _ in range(many))
