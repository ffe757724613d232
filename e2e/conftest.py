"""One real server, one stranger's site with the demo, and one real Chromium for the whole run."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.places import Server, Stranger
from e2e.steps import badge

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP newspaper.test 127.0.0.1",
]


def chromium() -> str:
    """The browser that `make test` found; `.ci/browser` looks for one where a test is run by itself."""
    if path := os.environ.get("CHROMIUM"):
        return path
    browser = Path(__file__).parent.parent / ".ci" / "browser"
    return subprocess.run([browser], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("server"))
    found.program.start()
    yield found
    found.program.stop()


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
def page(page: Page) -> Iterator[Page]:
    """No page may see an error that the widget throws."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def silent_host() -> Iterator[str]:
    """A host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


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
