"""Signing in elsewhere: OpenID Connect by the code flow with PKCE, at the one provider that the operator has chosen.

Its libraries take 13 MiB of every process: they come with the first who signs in so.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from widget_server.delivery.time_limit import in_time
from widget_server.settings import Provider

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session
    from joserfc import jwt

SECONDS = 10
"""For whatever comes next of an answer."""
LONGEST = 15
"""Seconds for a whole one."""
MOST_ASKING = 4
"""Questions to the provider on their way: whoever comes while so many wait for it is told that it does not answer."""
MOST_BYTES = 1_000_000
FRESH_SECONDS = 3600
AGAIN_SECONDS = 60
"""A key that is not known is looked for again, but not more often than this."""
LEEWAY_SECONDS = 60
"""So much may the clocks of the two servers differ."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures that only the provider can make: never “none”, and none by a secret that both sides know."""
SCOPE = "openid email"


class NotVerified(Exception):
    """Nobody is signed in by this. The text says why, in one line that the person may read.

    `reason`: the same for the log, which holds nothing that another server has said.
    """

    def __init__(self, why: str, *, reason: str = "not_verified") -> None:
        super().__init__(why)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Errand:
    """What the browser takes along to the provider, and has to bring back."""

    state: str
    nonce: str
    verifier: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is elsewhere. `subject`: the provider's own name for them, which never changes.

    `shown_at`: when they last showed the provider who they are, as it has signed; None: it does not say.
    """

    subject: str
    email: str
    shown_at: datetime | None


class _Memory:
    """What this process knows of the provider: its addresses and its keys."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, dict[str, Any]]] = {}

    def forget(self) -> None:
        self.known.clear()

    def get(self, url: str, *, fresh: float = FRESH_SECONDS) -> dict[str, Any]:
        """The JSON at `url`, as it was in the last `fresh` seconds. Raises NotVerified."""
        read = self.known.get(url)
        if read and time.monotonic() - read[0] < fresh:
            return read[1]
        found = _read(url)
        self.known[url] = (time.monotonic(), found)
        return found


_memory = _Memory()
_asking = threading.BoundedSemaphore(MOST_ASKING)
forget = _memory.forget


def begin(provider: Provider, *, back: str, again: bool = False) -> tuple[str, Errand]:
    """The address to send a browser to, and what it must bring back to `back`. Raises NotVerified.

    `again`: the person is to show once more who they are.
    """
    errand = Errand(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    where = _endpoint(provider, "authorization_endpoint")
    with _session(provider, back) as session:
        more = {"prompt": "login", "max_age": "0"} if again else {}
        address, _ = session.create_authorization_url(
            where, state=errand.state, nonce=errand.nonce, code_verifier=errand.verifier, **more
        )
    return address, errand


def finish(provider: Provider, errand: Errand, *, answer: str, back: str, at: datetime) -> Identity:
    """Who came back with the address `answer`. Raises NotVerified."""
    said = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
    if not secrets.compare_digest(said.get("state", "").encode(), errand.state.encode()):
        raise NotVerified("This answer does not belong to the sign-in that was begun in this browser.")
    if "error" in said or "code" not in said:
        raise NotVerified(f"{provider.name} did not sign you in.", reason="refused_there")
    if said.get("iss", issuer(provider)) != issuer(provider):  # RFC 9207
        raise NotVerified(f"This answer is not from {provider.name}.")
    where = _endpoint(provider, "token_endpoint")
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        with _session(provider, back) as session:
            given = _in_time(
                lambda: session.fetch_token(
                    where, code=said["code"], code_verifier=errand.verifier, allow_redirects=False, timeout=SECONDS
                )
            )
    except (AuthlibBaseError, RequestException, OSError, ValueError) as error:
        raise NotVerified(f"{provider.name} did not confirm the sign-in ({type(error).__name__}).") from None
    claims = _verified(provider, given.get("id_token"), nonce=errand.nonce, at=at)
    told = {**_told(provider, given, claims), **claims}
    return Identity(json.dumps([issuer(provider), claims["sub"]]), _email(provider, told), _shown_at(claims, at=at))


def issuer(provider: Provider) -> str:
    """How the provider calls itself. Raises NotVerified."""
    return _about(provider)["issuer"]


def _about(provider: Provider) -> dict[str, Any]:
    document = _memory.get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if str(document.get("issuer", "")).rstrip("/") != provider.issuer.rstrip("/"):
        raise NotVerified(
            f"{provider.name} calls itself by another name than WIDGET_OIDC_ISSUER.", reason="another_issuer"
        )
    return document


def _endpoint(provider: Provider, name: str) -> str:
    address = _about(provider).get(name)
    if not isinstance(address, str) or not address.startswith(provider.issuer.partition("//")[0]):
        raise NotVerified(f"{provider.name} does not say where its {name} is.")
    return address


def _session(provider: Provider, back: str) -> "OAuth2Session":
    from authlib.integrations.requests_client import OAuth2Session

    ways = _about(provider).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        code_challenge_method="S256",
        scope=SCOPE,
        redirect_uri=back,
    )


def _verified(provider: Provider, token: Any, *, nonce: str, at: datetime) -> dict[str, Any]:
    """The claims of an id_token that the provider signed, for us, for this sign-in, and not too long ago."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    rules = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer(provider)},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = _decoded(provider, str(token)).claims
        rules.validate(claims)
    except (JoseError, ValueError) as error:
        raise NotVerified(
            f"What {provider.name} sent is not valid ({type(error).__name__}: {error}).", reason="not_valid"
        ) from None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", provider.client_id if len(audiences) == 1 else None) != provider.client_id:
        raise NotVerified(f"What {provider.name} sent is for somebody else.")
    return claims


def _decoded(provider: Provider, token: str) -> "jwt.Token":
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    where = _endpoint(provider, "jwks_uri")
    try:
        return jwt.decode(token, KeySet.import_key_set(_memory.get(where)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError):
        keys = _memory.get(where, fresh=AGAIN_SECONDS)  # the provider may have a new key
        return jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]


def _told(provider: Provider, given: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    """What the provider tells only when asked: some do not put the address into the token."""
    if "email" in claims or "userinfo_endpoint" not in _about(provider):
        return {}
    told = _read(_endpoint(provider, "userinfo_endpoint"), bearer=str(given.get("access_token")))
    if told.get("sub") != claims["sub"]:
        raise NotVerified(f"What {provider.name} tells is about somebody else.")
    return told


def _shown_at(claims: dict[str, Any], *, at: datetime) -> datetime | None:
    shown, now = claims.get("auth_time"), at.timestamp()
    if isinstance(shown, bool) or not isinstance(shown, int | float) or not 0 <= shown <= now + LEEWAY_SECONDS:
        return None
    return datetime.fromtimestamp(min(shown, now), UTC)


def _email(provider: Provider, claims: dict[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        raise NotVerified(
            f"{provider.name} does not confirm that your e-mail address is yours.", reason="address_not_verified"
        )
    if not email.isprintable():
        raise NotVerified(f"{provider.name} names an e-mail address that cannot be one.", reason="bad_address")
    return email


def _in_time(ask: Callable[[], Any]) -> Any:
    """What the provider answers. One that does not come to an end is left, with few who wait. Raises TimeoutError."""
    if not _asking.acquire(blocking=False):
        raise TimeoutError

    def asked() -> Any:
        try:
            return ask()
        finally:
            _asking.release()

    return in_time(asked, seconds=LONGEST)


def _read(url: str, *, bearer: str = "") -> dict[str, Any]:
    import requests

    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})

    def ask() -> Any:
        with requests.get(url, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            content = answer.raw.read(MOST_BYTES, decode_content=True)
        return json.loads(content) if answer.status_code == requests.codes.ok else None

    try:
        found = _in_time(ask)
    except (requests.RequestException, OSError, ValueError) as error:
        raise NotVerified(
            f"{urlsplit(url).netloc} does not answer as it should ({type(error).__name__}).", reason="no_answer"
        ) from None
    if not isinstance(found, dict):
        raise NotVerified(f"{urlsplit(url).netloc} does not answer as it should.", reason="no_answer")
    return found
