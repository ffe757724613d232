"""Our programs as an operator runs them: processes of their own, in a folder of their own, asked until they answer."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

START_SECONDS = 60
ANSWER_SECONDS = 60
WIDGET_SERVER = [sys.executable, "-c", "from widget_server.cli import main; main()"]


class Program:
    """A program that answers at each of `alive` once it runs. It can be stopped and started again."""

    def __init__(self, *command: str, folder: Path, environment: dict[str, str], alive: Sequence[str]) -> None:
        self.command, self.folder, self.alive = command, folder, alive
        self.environment = {**clean_environment(), **environment}
        self.log = folder / f"log-{uuid.uuid4()}"
        self.process: subprocess.Popen | None = None

    def launch(self) -> None:
        """Begin to start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def start(self) -> None:
        self.launch()
        end = time.monotonic() + START_SECONDS
        while not all(map(answers, self.alive)):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{' '.join(self.command)} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """As the operator does it; what has not ended after ten seconds is killed."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


def answers(address: str) -> bool:
    """Whether anybody listens there."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except HTTPError:
        return True
    except OSError:
        return False


def run(*words: str, folder: Path, environment: dict[str, str], typed: str = "") -> str:
    """One command of `widget-server`; what it prints."""
    done = subprocess.run(
        [*WIDGET_SERVER, *words],
        cwd=folder,
        env={**clean_environment(), **environment},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"widget-server {' '.join(words)}: {done.stderr}")
    return done.stdout


def clean_environment() -> dict[str, str]:
    """The developer's own settings have no say."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIDGET_")}


def answer_of(
    url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None, method: str | None = None
) -> Any:
    """What the API answers; an error's status is raised."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        text = answer.read()
    return json.loads(text) if text else None
