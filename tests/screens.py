"""A screen on this machine: it speaks as a moderation endpoint and as a guard model behind chat completions do."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "screen-1"
KEY = "sk-key-of-the-screen"
CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm"),
    *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
)


@dataclass
class ScreenServer:
    """`sees`: for a word, what the screen says of a text that has it. `asked`: the paths and bodies that came."""

    sees: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    @property
    def texts(self) -> list[str]:
        return [body.get("input") or body["messages"][-1]["content"] for _, body in self.asked]

    def seen_in(self, text: str) -> dict[str, Any]:
        return next((says for word, says in self.sees.items() if word in text), {})


def moderation(scores: dict[str, float]) -> dict[str, Any]:
    """An answer of /v1/moderations: these categories are flagged, all others not."""
    every = dict.fromkeys((*CATEGORIES, *scores), 0.000012) | scores
    flags = {name: name in scores for name in every}
    result = {
        "flagged": bool(scores),
        "categories": flags,
        "category_scores": every,
        "category_applied_input_types": {name: ["text"] for name in every},
    }
    return {"id": "modr-970d409ef3bef3b70c73d8232df86e7d", "model": MODEL, "results": [result]}


def completion(said: str) -> dict[str, Any]:
    """An answer of /v1/chat/completions."""
    message = {"role": "assistant", "content": said, "refusal": None}
    return {
        "id": "chatcmpl-123",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 205},
    }


def refusal(said: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": said, "type": kind, "param": None, "code": None}}


@contextmanager
def screening() -> Iterator[ScreenServer]:
    screen = ScreenServer()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            screen.asked.append((self.path, body))
            status, told = self.answer(body)
            sent = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                return 401, refusal(f"Incorrect API key provided: {self.headers.get('Authorization')}.")
            if body.get("model") != MODEL:
                return 404, refusal("The model does not exist.")
            if self.path == "/v1/moderations" and set(body) == {"model", "input"}:
                return 200, moderation(screen.seen_in(body["input"]).get("scores", {}))
            if self.path == "/v1/chat/completions" and body.get("temperature") == 0 and "messages" in body:
                return 200, completion(screen.seen_in(body["messages"][-1]["content"]).get("said", "\n\nsafe"))
            return 400, refusal("Not a request that is understood here.")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        screen.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield screen
        server.shutdown()
