"""For each engine one real browser, one real server behind a wire, and one stranger's site with the demo."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from e2e.engines import LOOKS, launched
from e2e.places import Server, Stranger
from e2e.steps import badge
from e2e.wire import Wire, record

NewPage = Callable[..., Page]
PATIENCE_MS = 20_000
"""How long a page may take to show what a test expects of it: with others on the machine, the usual 5 s are too few."""


def pytest_sessionstart() -> None:
    """What the server serves is made from the sources as they are now."""
    subprocess.run([sys.executable, Path(__file__).parent.parent / ".ci" / "assets.py"], check=True)


def pytest_configure(config: pytest.Config) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    config.addinivalue_line("markers", "engines(*names, reason): the engines, of those in the run, that a test is for")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test is for Chromium and Firefox, where it does not say otherwise."""
    others = [item for item in items if not is_for(item, getattr(item, "callspec", None))]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def is_for(item: pytest.Item, parameters: Any) -> bool:
    marker = item.get_closest_marker("engines")
    engine = parameters and parameters.params.get("browser_name")
    return engine in (None, *(marker.args if marker else ("chromium", "firefox")))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, browser_name: str) -> dict:
    return {**browser_type_launch_args, **launched(browser_name)}


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """A new one for each file: over hundreds of tests, Firefox takes some gigabytes, and four times as long."""
    found = launch_browser()
    yield found
    found.close()


@pytest.fixture(scope="module")
def firefox_in(launch_browser: Callable[..., Browser]) -> Iterator[Callable[..., Browser]]:
    """A Firefox whose reader prefers to see pages so, or that has another name: over BiDi, a context cannot choose."""
    with ExitStack() as closed:

        @cache
        def start(look: str, name: str | None) -> Browser:
            return closed.enter_context(launch_browser(**launched("firefox", look, name=name)))

        yield start


@pytest.fixture
def new_page(
    new_context: Callable[..., BrowserContext], browser_name: str, firefox_in: Callable[..., Browser]
) -> Iterator[NewPage]:
    """Opens a page for one more reader. No page may see an error that the widget throws."""
    record.all.clear()
    errors: list[str] = []
    with ExitStack() as closed:

        def of_firefox(look: str, *, name: str | None, script: bool, **settings: Any) -> BrowserContext:
            if look == "light" and not name:
                context = new_context(**settings)
            else:
                context = closed.enter_context(firefox_in(look, name).new_context(**settings))
            if not script:
                # With scripts switched off, Playwright cannot drive it: there, they are blocked.
                context.route("**/*.js", lambda route: route.abort())
            return context

        def open_page(
            *, look: str = "light", user_agent: str | None = None, java_script_enabled: bool = True, **settings: Any
        ) -> Page:
            if browser_name == "firefox":
                context = of_firefox(look, name=user_agent, script=java_script_enabled, **settings)
            else:
                who = {"user_agent": user_agent, "java_script_enabled": java_script_enabled}
                context = new_context(**LOOKS[look][0], **who, **settings)
            context.on("weberror", lambda error: errors.append(str(error.error)) if is_thrown(error.error) else None)
            page = context.new_page()
            closed.callback(let_go, page)
            return page

        yield open_page
    assert errors == []


def let_go(page: Page) -> None:
    """What a test still holds back when it ends is nobody's error."""
    for place in (page.context, *([] if page.is_closed() else [page])):
        place.unroute_all(behavior="ignoreErrors")


def is_thrown(error: Error) -> bool:
    """Firefox also tells in this way what it writes to the console: that has no stack."""
    return not (error.stack or "").endswith("\nundefined")


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser_name: str) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp(f"server-{browser_name}")) as found:
        yield found


@pytest.fixture(scope="session")
def wire(server: Server) -> Wire:
    return server.wire


@contextmanager
def site_of_a_stranger(server: Server, name: str) -> Iterator[Stranger]:
    """A new site on our server, with its pages and its demo."""
    found = Stranger(server, name)
    demo = found.demo()
    demo.start()
    yield found
    demo.stop()
    found.http.shutdown()


@pytest.fixture(scope="session")
def stranger(server: Server) -> Iterator[Stranger]:
    with site_of_a_stranger(server, "The stranger's paper") as found:
        yield found


@pytest.fixture(scope="session")
def demo(stranger: Stranger) -> str:
    """The address of the demo."""
    return stranger.demo_url


@pytest.fixture
def marked(page: Page, stranger: Stranger, request: pytest.FixtureRequest) -> Locator:
    """A text of this test's own on a stranger's page."""
    page.goto(
        stranger.page(
            f"<article data-machine-generated>A text for {request.node.originalname}. It has two sentences.</article>"
        )
    )
    marked = page.locator("article")
    expect(badge(marked)).to_be_visible()
    return marked
