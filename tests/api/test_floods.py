"""A site that is flooded with reports: what one costs then, and that nobody is locked out."""

import base64
import json
import uuid
from dataclasses import replace

import altcha
import pytest
from flask.testing import FlaskClient

from tests.admin.test_queue import LONG
from tests.conftest import TEXT, Clock, Desk, Page
from widget_server.settings import Settings
from widget_server.storage.tables import Attempts, Case, Report

THRESHOLD = 5


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, flood_reports=THRESHOLD)


def flood(page: Page) -> None:
    """Five reports at once."""
    for number in range(THRESHOLD):
        assert page.report(f"text {number}").status_code == 201


def solved(challenge: dict) -> str:
    """What ALTCHA's own solver makes of it."""
    read = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(read, altcha.solve_challenge(read)).to_base64()


def changed(work: str, **parameters: object) -> str:
    """The same solution of another challenge."""
    payload = json.loads(base64.b64decode(work))
    payload["challenge"]["parameters"].update(parameters)
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_in_peace_nobody_is_asked_for_anything(news: Page) -> None:
    for number in range(THRESHOLD):
        answer = news.report(f"text {number}")
        assert (answer.status_code, list(answer.json)) == (201, ["receipt", "status_url"])


def test_a_flooded_site_takes_a_report_whose_challenge_is_solved(news: Page, desk: Desk) -> None:
    flood(news)
    name = str(uuid.uuid4())
    refused = news.report(id=name)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert Report.select().count() == THRESHOLD
    answer = news.report(id=name, work=solved(refused.json["challenge"]))
    assert answer.status_code == 201
    assert news.status(answer.json["receipt"])["state"] == "received"
    assert Report.select().where(Report.unproved).count() == 0


def test_the_challenge_is_one_of_altcha_and_tells_nothing(news: Page) -> None:
    flood(news)
    name = str(uuid.uuid4())
    challenge = news.report(id=name).json["challenge"]
    parameters = challenge["parameters"]
    assert (parameters["algorithm"], parameters["cost"], parameters["keyLength"]) == ("SHA-256", 100, 32)
    assert name not in json.dumps(challenge)
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert 0 <= solution.counter < 3_000


def test_a_solution_is_good_for_one_report(news: Page) -> None:
    flood(news)
    name = str(uuid.uuid4())
    work = solved(news.report(id=name).json["challenge"])
    first = news.report(id=name, work=work)
    again = news.report(id=name, work=work)
    assert (first.status_code, again.status_code, first.json) == (201, 200, again.json)
    other = news.report(work=work)
    assert (other.status_code, "challenge" in other.json) == (429, True)


def test_a_solution_is_good_for_one_site_only(news: Page, shop: Page) -> None:
    flood(news)
    flood(shop)
    name = str(uuid.uuid4())
    work = solved(shop.report(id=name).json["challenge"])
    assert news.report(id=name, work=work).status_code == 429


def test_a_flood_on_one_site_costs_the_readers_of_another_nothing(news: Page, shop: Page) -> None:
    flood(news)
    assert news.report().status_code == 429
    assert shop.report().status_code == 201


@pytest.mark.parametrize(("seconds", "status"), [(299, 201), (301, 429)])
def test_a_challenge_can_be_answered_for_five_minutes(news: Page, clock: Clock, seconds: int, status: int) -> None:
    flood(news)
    name = str(uuid.uuid4())
    work = solved(news.report(id=name).json["challenge"])
    clock.move(seconds=seconds)
    assert news.report(id=name, work=work).status_code == status


@pytest.mark.parametrize(
    "forge",
    [
        lambda work: "",
        lambda work: "nonsense",
        lambda work: work[:-8],
        lambda work: base64.b64encode(b"[]").decode(),
        lambda work: base64.b64encode(b"[" * 1_000).decode(),
        lambda work: base64.b64encode(b'{"challenge": {"parameters": 7}, "solution": {}}').decode(),
        lambda work: changed(work, cost=1),
        lambda work: changed(work, data=None),
        lambda work: changed(work, nonce=7),
        lambda work: changed(work, expiresAt="x"),
        lambda work: changed(work, keySignature=None),
    ],
)
def test_what_is_no_solution_gets_a_new_challenge(news: Page, forge) -> None:
    flood(news)
    name = str(uuid.uuid4())
    work = solved(news.report(id=name).json["challenge"])
    answer = news.report(id=name, work=forge(work))
    assert (answer.status_code, "challenge" in answer.json) == (429, True)
    assert news.report(id=name, work=work).status_code == 201


def test_another_servers_challenges_are_not_ours(news: Page) -> None:
    flood(news)
    name = str(uuid.uuid4())
    data = news.report(id=name).json["challenge"]["parameters"]["data"]
    own = altcha.create_challenge("SHA-256", 1, counter=0, data=data, hmac_secret="x", hmac_key_secret="y")
    assert news.report(id=name, work=solved(own.to_dict())).status_code == 429


def test_more_reports_from_one_source_cost_more(news: Page) -> None:
    def dearest(browser: str) -> int:
        """The greatest counter of many challenges: about how many tries one costs at most."""
        counters = []
        for _ in range(12):
            challenge = news.report(headers={"User-Agent": browser}).json["challenge"]
            counters.append(altcha.solve_challenge(altcha.Challenge.from_dict(challenge)).counter)
        return max(counters)

    for number in range(THRESHOLD):
        news.report(f"text {number}", headers={"User-Agent": "the flooder"})
    Attempts.update(number=THRESHOLD).execute()
    cheap = []
    for _ in range(6):
        challenge = news.report(headers={"User-Agent": "a reader"}).json["challenge"]
        cheap.append(altcha.solve_challenge(altcha.Challenge.from_dict(challenge)).counter)
        Attempts.update(number=THRESHOLD).execute()
    assert max(cheap) < 600
    assert 600 < dearest("the flooder") < 3_000


def test_it_is_over_when_it_has_been_calm(news: Page, clock: Clock) -> None:
    flood(news)
    clock.move(minutes=13)
    assert news.report().status_code == 429
    clock.move(minutes=14)
    assert news.report().status_code == 201


def test_a_solution_that_is_not_asked_for_any_more_does_no_harm(news: Page, clock: Clock) -> None:
    flood(news)
    name = str(uuid.uuid4())
    work = solved(news.report(id=name).json["challenge"])
    clock.move(hours=1)
    assert news.report(id=name, work=work).status_code == 201


def test_a_solution_that_is_too_long_is_refused_by_its_field(news: Page) -> None:
    answer = news.report(work="x" * 2_001)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["work"])


def test_the_form_without_script_is_never_refused_and_its_report_is_read_after_the_others(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news)
    fields = {"site": news.key, "category": "hate", "page": news.origin, "good_faith": "true"}
    written = {"id": str(uuid.uuid4()), "text": "by the form", "email": "reader@example.org"}
    sent = news.client.post("/report", data={**fields, **written})
    assert sent.status_code == 303
    page = news.client.get(sent.headers["Location"]).text
    assert "read after the others" in page
    clock.move(hours=1)
    news.report("later and proved")
    assert desk.cases()[-2:] == [7, 6]
    assert "without proof of work" in desk.get("/admin/reports/6").text
    from tests.admin.test_bursts import confirm

    confirm(news)
    assert desk.cases()[-2:] == [6, 7]
    assert "read after the others" not in news.client.get(sent.headers["Location"]).text


def test_urgent_harm_by_the_form_comes_before_what_is_not_urgent(news: Page, desk: Desk) -> None:
    flood(news)
    fields = {"site": news.key, "category": "child_sexual", "page": news.origin, "text": "by the form"}
    news.client.post("/report", data={**fields, "id": str(uuid.uuid4())})
    assert desk.cases()[0] == 6


def test_a_proved_report_gives_an_unproved_case_its_place(news: Page, desk: Desk, clock: Clock) -> None:
    flood(news)
    fields = {"site": news.key, "category": "hate", "page": news.origin, "text": TEXT}
    news.client.post("/report", data={**fields, "id": str(uuid.uuid4())})
    assert Case.get_by_id(6).unproved
    clock.move(hours=1)
    news.report()
    assert not Case.get_by_id(6).unproved


def test_a_proved_near_duplicate_is_not_read_later_because_of_the_card_that_it_stands_on(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news)
    fields = {"site": news.key, "category": "hate", "page": news.origin, "text": LONG}
    news.client.post("/report", data={**fields, "id": str(uuid.uuid4())})
    clock.move(hours=1)
    news.report(LONG.replace("Rome", "Milan"))
    assert (Case.get_by_id(7).leader_id, Case.get_by_id(6).unproved) == (6, False)


def test_the_challenge_is_described(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert "challenge" in document["components"]["schemas"]["Problem"]["properties"]
    assert "work" in document["components"]["schemas"]["Report"]["properties"]


class TestWhereTheOperatorWantsNone:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, flood_reports=0)

    def test_nobody_is_asked(self, news: Page) -> None:
        for _ in range(3):
            flood(news)
        assert news.report().status_code == 201
