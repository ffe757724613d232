"""How often somebody may ask, whether or not the memory that all processes share can be reached."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Page
from tests.servers import redis_url, until
from widget_server import create_app
from widget_server.refusal import WrongSetting
from widget_server.settings import Settings
from widget_server.storage.tables import Case


class TestThreeAMinute:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_render="3/minute")

    def test_a_rendering_beyond_the_limit_is_told_when_to_come_back(self, news: Page) -> None:
        answers = [news.render() for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].mimetype == "application/problem+json"
        assert 50 < int(answers[3].headers["Retry-After"]) <= 60
        assert answers[3].json["detail"] == "Too many requests. Wait a moment, then try again."

    def test_what_is_refused_for_its_key_is_counted_too(self, news: Page) -> None:
        guesses = [news.render(headers={"Authorization": "Bearer wsk_x_y"}).status_code for _ in range(4)]
        assert guesses == [401, 401, 401, 429]

    def test_each_route_has_its_own_count(self, news: Page) -> None:
        assert [news.render().status_code for _ in range(4)][-1] == 429
        assert news.view().status_code == 200
        assert news.client.get("/api/v1/publications", headers=news.bearer).status_code == 200


class TestInTheMiddleOfAMinute:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_render="3/minute", redis_url=None)

    @pytest.mark.parametrize("ask", [Page.render, lambda page: page.client.get("/r/a-receipt")])
    def test_who_is_refused_is_told_what_is_left_of_it(
        self, news: Page, ask: Callable[[Page], TestResponse], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        until(lambda: ask(news).status_code == 429)
        now = time.monotonic
        with monkeypatch.context() as later:
            later.setattr(time, "monotonic", lambda: now() + 45)
            assert 1 <= int(ask(news).headers["Retry-After"]) <= 15


class TestOneASecond:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_render="1/second")

    def test_a_clock_that_was_a_day_ahead_and_is_put_right_refuses_nobody_for_a_day(
        self, news: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tomorrow = time.time() + 86_400
        with monkeypatch.context() as ahead:
            ahead.setattr(time, "time", lambda: tomorrow)
            assert [news.render().status_code for _ in range(2)] == [200, 429]
        until(lambda: news.render().status_code == 200)


class TestOfWords:
    """What an address may have stored of long reports: here 100,000 bytes an hour."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_words="100000/hour")

    def send(self, page: Page, number: int, text: str = "", **body: object) -> int:
        return page.report(text or f"{number} {'x' * 48_000}", **body).status_code

    def test_many_long_texts_are_refused_and_told_when_to_come_back(self, news: Page) -> None:
        assert [self.send(news, number) for number in range(4)] == [201, 201, 429, 429]
        refused = news.report("y" * 48_000)
        assert refused.mimetype == "application/problem+json"
        assert 3590 < int(refused.headers["Retry-After"]) <= 3600
        assert "short ones are taken as ever" in refused.json["detail"]
        assert Case.select().count() == 2

    def test_who_shares_the_address_can_still_report(self, news: Page) -> None:
        texts = [self.send(news, number) for number in range(3)]
        assert texts[-1] == 429
        assert self.send(news, 4, "An ordinary text.", comment="What is said of it.") == 201
        assert self.send(news, 0) == 201
        long = "z" * 48_000
        signed = news.render(long).json["content"]
        assert self.send(news, 5, long, content=signed) == 201

    def test_prompts_are_registered_within_it_and_what_is_known_already_is_free(self, news: Page) -> None:
        def register(number: int) -> TestResponse:
            prompt = {"name": "answer", "template": f"{number} {'words of the owner ' * 2_000}"}
            return news.client.post("/api/v1/prompts", json=prompt, headers=news.bearer)

        assert [register(number).status_code for number in (1, 2, 2, 2, 3)] == [201, 201, 200, 200, 429]
        refused = register(3)
        assert 3590 < int(refused.headers["Retry-After"]) <= 3600
        assert "those that are in use stay so" in refused.json["detail"]
        assert self.send(news, 1) == 201

    def test_putting_prompts_into_use_again_and_again_fills_no_log(self, news: Page) -> None:
        def use(words: str) -> int:
            prompt = {"name": "answer", "template": f"{words} {'words of the owner ' * 5}"}
            return news.client.post("/api/v1/prompts", json=prompt, headers=news.bearer).status_code

        assert use("one") == use("two") == 201
        answers = [use(words) for _ in range(55) for words in ("one", "two")]
        assert (answers[:90], answers[-1]) == ([200] * 90, 429)

    def test_comments_and_quotes_count_as_well(self, news: Page) -> None:
        words = {"comment": "c" * 4_000, "quote": {"exact": "q" * 5_000}}
        assert {self.send(news, 0, "A text.", **words) for _ in range(14)} == {201}
        assert self.send(news, 0, "A text.", **words) == 429
        assert self.send(news, 0, "A text.") == 201

    def test_the_same_report_sent_again_costs_nothing(self, news: Page) -> None:
        one = {"id": str(uuid.uuid4())}
        assert [self.send(news, 0, **one) for _ in range(4)] == [201, 200, 200, 200]
        assert self.send(news, 1) == 201


class TestSharedMemory:
    """Limits in a Redis that goes away."""

    @pytest.fixture
    def redis(self) -> Iterator[ExitStack]:
        with ExitStack() as running:
            yield running

    @pytest.fixture
    def settings(self, settings: Settings, redis: ExitStack) -> Settings:
        return replace(settings, redis_url=redis.enter_context(redis_url()), limit_render="3/minute")

    def test_once_it_is_gone_the_process_counts_for_itself(self, news: Page, redis: ExitStack) -> None:
        assert [news.render().status_code for _ in range(4)] == [200, 200, 200, 429]
        redis.close()
        assert [news.render().status_code for _ in range(4)] == [200, 200, 200, 429]


def test_an_address_of_redis_that_cannot_be_used_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="WIDGET_REDIS_URL"):
        create_app(replace(settings, redis_url="redis://127.0.0.1:1/0?socket_timeout=abc"))
