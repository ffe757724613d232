"""One real WebKit, on a screen of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from e2e.engines import program
from e2e.webkit.reader import Reader
from e2e.wire import record


@contextmanager
def screen() -> Iterator[str]:
    """The name of a display that nobody looks at: WebKit has no headless mode."""
    reading, writing = os.pipe()
    size = ("-screen", "0", "1280x1024x24")
    shown = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", *size], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield ":" + told.readline().strip()
    finally:
        shown.terminate()
        shown.wait()


@pytest.fixture(scope="session")
def webkit(browser_name: str) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = program(browser_name)
    options.add_argument("--automation")
    with screen() as display:
        service = Service(shutil.which("WebKitWebDriver"), env={**os.environ, "DISPLAY": display})
        driver = WebDriver(options=options, service=service)
        driver.set_window_size(1000, 900)
        yield driver
        driver.quit()


@pytest.fixture
def reader(webkit: WebDriver) -> Reader:
    record.all.clear()
    return Reader(webkit)
