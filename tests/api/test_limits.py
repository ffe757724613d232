"""How often somebody may ask, whether or not the memory that all processes share can be reached."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.conftest import Page
from tests.servers import redis_url
from widget_server import create_app
from widget_server.refusal import WrongSetting
from widget_server.settings import Settings


class TestThreeAMinute:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, limit_render="3/minute")

    def test_a_rendering_beyond_the_limit_is_told_when_to_come_back(self, news: Page) -> None:
        answers = [news.render() for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert (answers[3].mimetype, answers[3].headers["Retry-After"]) == ("application/problem+json", "60")
        assert answers[3].json["detail"] == "Too many requests. Wait a moment, then try again."

    def test_what_is_refused_for_its_key_is_counted_too(self, news: Page) -> None:
        guesses = [news.render(headers={"Authorization": "Bearer wsk_x_y"}).status_code for _ in range(4)]
        assert guesses == [401, 401, 401, 429]

    def test_each_route_has_its_own_count(self, news: Page) -> None:
        assert [news.render().status_code for _ in range(4)][-1] == 429
        assert news.view().status_code == 200
        assert news.client.get("/api/v1/publications", headers=news.bearer).status_code == 200


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
