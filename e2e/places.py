"""Where the tests happen: our server, a stranger's origin with whatever page a test puts there, and the demo."""

import json
import sys
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

from markupsafe import Markup

from e2e.processes import WIDGET_SERVER, Program, answer_of, run
from e2e.wire import Listener, Wire
from tests.servers import free_port
from widget_server import render

NO_LIMITS = {f"WIDGET_LIMIT_{name}": "1000000000/minute" for name in ("VIEWS", "REPORTS", "WORDS", "RENDER", "SIGN_IN")}
NO_LIMITS["WIDGET_FLOOD_REPORTS"] = "0"
MODERATORS = {"anna@desk.example": "a long password of Anna's", "ben@desk.example": "a long password of Ben's"}
TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
STRICT = f"default-src 'none'; script-src {{host}}; connect-src {{host}}; {TYPES}"
MODEL = {"model": "jamba-large", "provider": "AI21"}


class Server:
    """widget-server with a database of its own and two moderators, at the other end of a wire; it runs in its block."""

    def __init__(self, folder: Path, **settings: str) -> None:
        port = free_port()
        self.wire = Wire(to=port)
        self.folder, self.url = folder, self.wire.url
        self.database = folder / "widget-server.sqlite3"
        ours = {"WIDGET_PUBLIC_URL": self.url, "WIDGET_PRIVATE_TARGETS": "127.0.0.1/32"}
        self.environment = {**NO_LIMITS, **ours, **settings}
        self.program = Program(
            *WIDGET_SERVER,
            *("run", "--port", str(port)),
            folder=folder,
            environment=self.environment,
            alive=[f"http://127.0.0.1:{port}/healthz"],
        )
        for email, password in MODERATORS.items():
            self.command("moderator", "add", email, "--password-stdin", typed=password + "\n")

    def __enter__(self) -> Self:
        self.program.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.program.stop()
        self.wire.stop()

    def command(self, *words: str, typed: str = "") -> str:
        return run(*words, folder=self.folder, environment=self.environment, typed=typed)

    def add_site(self, name: str, *origins: str) -> dict[str, str]:
        named = [word for origin in origins for word in ("--origin", origin)]
        return json.loads(self.command("site", "add", name, *named, "--json"))


@dataclass
class Stranger:
    """Somebody's site: an origin that is not ours, where a test puts a page. `plain_url` is no secure context."""

    server: Server
    name: str
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pages = self.pages

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, headers = pages.get(self.path.split("?")[0], ("", {}))
                self.send_response(200 if body else 404)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.http = Listener(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        port = self.http.server_address[1]
        self.url, self.plain_url = f"http://127.0.0.1:{port}", f"http://newspaper.test:{port}"
        self.demo_port = free_port()
        self.demo_url = f"http://127.0.0.1:{self.demo_port}"
        self.site = self.server.add_site(self.name, self.url, self.plain_url, self.demo_url)

    def page(
        self, body: str, *, tag: str | None = None, csp: str | None = None, head: str = "", lang: str = "en"
    ) -> str:
        """The address of a new page with this body and the widget's tag."""
        path = f"/{len(self.pages) + 1}"
        tag = self.site["script_tag"] if tag is None else tag
        head = f'<meta charset="utf-8"><title>A stranger\'s page</title>{tag}{head}'
        html = f'<!doctype html><html lang="{lang}">{head}<body><main>{body}</main></body></html>'
        self.pages[path] = (html, {"Content-Security-Policy": csp} if csp else {})
        return self.url + path

    def render(self, text: str, *, host: str | None = None, **arguments: Any) -> Markup:
        """`render` as a host application calls it."""
        keys = {"site": self.site["site"], "secret": self.site["secret_key"], "host": host or self.server.url}
        return render(text, **{**MODEL, **keys, **arguments})

    def report(self, text: str, *, category: str = "misinformation", **more: Any) -> str:
        """A reader's report over the API; its receipt."""
        report = {
            "site": self.site["site"],
            "id": str(uuid.uuid4()),
            "category": category,
            "text": text,
            "page": self.url + "/",
        }
        headers = {"Origin": self.url, "Content-Type": "application/json"}
        return answer_of(
            f"{self.server.url}/api/v1/reports", body=json.dumps({**report, **more}).encode(), headers=headers
        )["receipt"]

    def usage(self) -> dict[str, Any]:
        """What the owner reads about this month."""
        return answer_of(
            f"{self.server.url}/api/v1/usage", headers={"Authorization": f"Bearer {self.site['secret_key']}"}
        )

    def demo(self) -> Program:
        """The demo application, with this site's keys."""
        keys = {
            "WIDGET_HOST": self.server.url,
            "WIDGET_SITE": self.site["site"],
            "WIDGET_SITE_SECRET": self.site["secret_key"],
        }
        command = (sys.executable, "-m", "widget_server.demo", "127.0.0.1", str(self.demo_port))
        return Program(*command, folder=self.server.folder, environment=keys, alive=[self.demo_url + "/plain"])
