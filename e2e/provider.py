"""A real OpenID Connect provider on this machine, by authlib's server side. It can be told to misbehave."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "widget-server", "a secret that both sides know, long enough"
PAGE = """<!doctype html><html lang="en"><title>Somewhere else</title><h1>Somewhere else</h1>
<form method="post"><label>Who are you? <input name="email"></label><button>Yes, it is me</button></form></html>"""


@dataclass
class User:
    sub: str
    email: str
    verified: bool = True

    def get_user_id(self) -> str:
        return self.sub


@dataclass
class Code:
    """What the provider remembers of a code that it gave: whose, for whom, and what must be shown for it."""

    user: User
    data: dict[str, str]

    def get_redirect_uri(self) -> str:
        return self.data["redirect_uri"]

    def get_scope(self) -> str:
        return self.data["scope"]

    def get_nonce(self) -> str:
        return self.data["nonce"]


def encoded(part: Any) -> str:
    """A part of a token, as no library would write these."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Client:
    """Our desk, as the provider knows it."""

    client_id = CLIENT

    def get_client_id(self) -> str:
        return CLIENT

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_redirect_uri(self, address: str) -> bool:
        return address.endswith("/admin/login/elsewhere/back")

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"

    def get_allowed_scope(self, scope: str) -> str:
        return scope


class Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012
    codes: dict[str, Code]

    def save_authorization_code(self, code: str, request: Any) -> None:
        self.codes[code] = Code(request.user, dict(request.payload.data))

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return self.codes.get(code)

    def delete_authorization_code(self, code: Code) -> None:
        for name in [name for name, known in self.codes.items() if known is code]:
            del self.codes[name]

    def authenticate_user(self, code: Code) -> User:
        return code.user


class Challenge(CodeChallenge):
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012

    def validate_code_challenge(self, grant: Grant, redirect_uri: str) -> None:
        assert grant.request.payload.data.get("code_challenge_method") == "S256", "no PKCE"
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge(self, code: Code) -> str:
        return code.data["code_challenge"]

    def get_authorization_code_challenge_method(self, code: Code) -> str:
        return code.data["code_challenge_method"]


@dataclass
class Provider:
    """`users` by what they type. `spoiled`: claims that it gives in place of the right ones, None for none at all;
    `spoiled_later`: the same, beside the token.

    `signs`: "RS256", "none", "HS256" (with the public key as the secret), "another key". `tells_later`: the address is
    not in the token, but told when asked. `now`: its clock. `since`: when its browser's person showed who they are, who
    is asked nothing more, but for who must show it again; None: everybody is asked each time.
    """

    now: Callable[[], float] = time.time
    users: dict[str, User] = field(default_factory=dict)
    spoiled: dict[str, Any] = field(default_factory=dict)
    spoiled_later: dict[str, Any] = field(default_factory=dict)
    signs: str = "RS256"
    tells_later: bool = False
    since: float | None = None
    issuer: str = ""

    def __post_init__(self) -> None:
        self.key, self.stranger = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
        self.tokens: dict[str, User] = {}
        self.asked: list[dict[str, str]] = []
        self.http = make_server("127.0.0.1", 0, self._application(), threaded=True)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.issuer = self.issuer or self.url

    def start(self) -> None:
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def new_key(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "2"})

    def settings(self) -> dict[str, str]:
        """What its client sets."""
        values = {"ISSUER": self.url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "Somewhere else"}
        return {f"WIDGET_OIDC_{name}": value for name, value in values.items()}

    def _id_token(self, user: User, asked: dict[str, str]) -> str:
        now, nonce = int(self.now()), asked["nonce"]
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": user.sub, "nonce": nonce, "iat": now, "exp": now + 300}
        again = asked.get("max_age") == "0" or asked.get("prompt") == "login"
        claims["auth_time"] = now if again or self.since is None else self.since
        if not self.tells_later:
            claims |= {"email": user.email, "email_verified": user.verified}
        claims = {name: value for name, value in {**claims, **self.spoiled}.items() if value is not None}
        if self.signs in ("none", "HS256"):
            head = ".".join(map(encoded, ({"alg": self.signs, "kid": self.key.kid}, claims)))
            public = self.key.as_pem(private=False)
            return f"{head}.{encoded(hmac.digest(public, head.encode(), 'sha256') if self.signs == 'HS256' else b'')}"
        key = self.stranger if self.signs == "another key" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, ["RS256"])

    def _application(self) -> Flask:
        provider, app = self, Flask("provider")

        class Speaks(OpenIDCode):
            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return False

            def process_token(self, grant: Grant, response: Any) -> None:
                _, token, _ = response
                code = grant.request.authorization_code
                provider.tokens[token["access_token"]] = code.user
                token["id_token"] = provider._id_token(code.user, code.data)

        server = AuthorizationServer(
            app, lambda name: Client() if name == CLIENT else None, lambda token, request: None
        )
        server.register_grant(type("Grants", (Grant,), {"codes": {}}), [Challenge(), Speaks(require_nonce=True)])

        @app.get("/.well-known/openid-configuration")
        def about() -> Response:
            places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            places |= {"userinfo_endpoint": "userinfo"}
            document = {name: f"{provider.url}/{path}" for name, path in places.items()}
            return jsonify(
                issuer=provider.issuer, token_endpoint_auth_methods_supported=["client_secret_basic"], **document
            )

        @app.route("/authorize", methods=["GET", "POST"])
        def authorize() -> Any:
            try:
                grant = server.get_consent_grant()
            except OAuth2Error as error:
                return server.handle_error_response(None, error)
            provider.asked.append(dict(request.args))
            if request.method == "GET":
                return PAGE
            user = provider.users.get(request.form["email"])
            return server.create_authorization_response(grant_user=user, grant=grant)

        app.post("/token")(server.create_token_response)

        @app.get("/jwks")
        def jwks() -> Response:
            return jsonify(keys=[provider.key.as_dict(private=False, alg="RS256", use="sig")])

        @app.get("/userinfo")
        def userinfo() -> Any:
            user = provider.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if user is None:
                return jsonify(error="invalid_token"), 401
            told = {"sub": user.sub, "email": user.email, "email_verified": user.verified}
            return jsonify({**told, **provider.spoiled, **provider.spoiled_later})

        return app
