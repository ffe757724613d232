"""The one way out, against real servers on this machine that answer well, badly, slowly or not at all."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.receivers import receiving, saying
from widget_server.delivery import outside
from widget_server.delivery.outside import NotReached

HERE = (ip_network("127.0.0.1/32"),)
OK = saying("200 OK", b"fine")


def ask(url: str, **options):
    return outside.request("GET", url, **{"private_allowed": HERE, **options})


def leading_to(url: str, status: str = "302 Found"):
    return saying(status, b"", f"Location: {url}")


def named(*answers: str):
    """A resolver that gives one of these addresses after the other, and remembers what it was asked."""
    rest = list(answers)

    def resolve(host, port, **_):
        resolve.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (rest.pop(0), port))]

    resolve.asked = []
    return resolve


def test_an_answer_is_given_whatever_its_status():
    with receiving(saying("404 Not Found", b"no", "X-Kind: none")) as server:
        answer = outside.request(
            "POST", server.url + "a?b=c", headers={"X-Mine": "1"}, body=b"sent", private_allowed=HERE
        )
    assert (answer.status, answer.body, answer.headers["x-kind"], answer.url) == (
        404,
        b"no",
        "none",
        server.url + "a?b=c",
    )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=c HTTP/1.1")
    assert f"Host: 127.0.0.1:{server.port}".encode() in head
    assert b"X-Mine: 1" in head
    assert body == b"sent"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://0.0.0.0:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
    ],
)
def test_this_machine_is_not_asked_however_it_is_written(url: str):
    with receiving(OK) as server, pytest.raises(NotReached, match="WIDGET_PRIVATE_TARGETS"):
        outside.request("GET", url.format(port=server.port))
    assert server.requests == []


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    def resolve(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("127.0.0.1", "192.168.0.1")]

    with receiving(OK) as server, pytest.raises(NotReached):
        ask(f"http://news.example:{server.port}/", resolve=resolve)
    assert server.requests == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked():
    resolve = named("127.0.0.1", "127.0.0.2")
    with receiving(OK) as server, receiving(OK, host="127.0.0.2", port=server.port) as other:
        assert ask(f"http://news.example:{server.port}/", resolve=resolve).status == 200
    assert resolve.asked == ["news.example"]
    assert f"Host: news.example:{server.port}".encode() in server.requests[0]
    assert other.requests == []


def test_a_redirect_to_a_private_address_is_refused():
    refused = pytest.raises(NotReached, match=r"127\.0\.0\.2 is not on the internet")
    with receiving(OK, host="127.0.0.2") as inside, receiving(leading_to(inside.url)) as server, refused:
        ask(server.url)
    assert inside.requests == []


def test_the_name_to_which_a_redirect_leads_is_checked_too():
    with receiving(OK, host="127.0.0.2") as inside:
        there = f"http://inside.example:{inside.port}/"
        with receiving(leading_to(there)) as server, pytest.raises(NotReached, match="inside"):
            ask(f"http://news.example:{server.port}/", resolve=named("127.0.0.1", "127.0.0.2"))
    assert inside.requests == []


@pytest.mark.parametrize(
    ("status", "method", "body", "kind"),
    [
        ("301 Moved", b"GET", b"", False),
        ("302 Found", b"GET", b"", False),
        ("303 See Other", b"GET", b"", False),
        ("307 Temporary Redirect", b"POST", b"sent", True),
        ("308 Permanent Redirect", b"POST", b"sent", True),
    ],
)
def test_redirects_are_followed_as_browsers_do_without_the_secrets_of_another_server(status, method, body, kind):
    with receiving(OK) as end, receiving(leading_to(end.url + "there", status)) as server:
        sent = {"Authorization": "Bearer secret", "Cookie": "a=b", "Content-Type": "text/plain", "X-Mine": "1"}
        answer = outside.request("POST", server.url, headers=sent, body=b"sent", private_allowed=HERE)
    assert (answer.body, answer.url) == (b"fine", end.url + "there")
    head, _, got = end.requests[0].partition(b"\r\n\r\n")
    assert (head.split()[0], got) == (method, body)
    assert b"secret" not in head
    assert b"Cookie" not in head
    assert b"X-Mine: 1" in head
    assert (b"Content-Type" in head) is kind


def test_a_redirect_within_one_server_keeps_the_secrets():
    def behave(line, asked):
        (OK if asked.startswith(b"GET /there") else leading_to("/there"))(line, asked)

    with receiving(behave) as server:
        assert ask(server.url, headers={"Authorization": "Bearer secret"}).body == b"fine"
    assert b"Bearer secret" in server.requests[1]


def test_three_redirects_are_followed_and_no_fourth():
    def behave(line, asked):
        left = int(asked.split()[1].strip(b"/"))
        (leading_to(f"/{left - 1}") if left else OK)(line, asked)

    with receiving(behave) as server:
        assert ask(server.url + "3").body == b"fine"
        with pytest.raises(NotReached, match="3 redirects"):
            ask(server.url + "4")


def test_none_is_followed_where_none_is_wanted():
    with receiving(leading_to("/there")) as server:
        assert ask(server.url, redirects=0).status == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "//news.example/",
        "ftp://news.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://",
        "http:///path",
        "http://user@127.0.0.1/",
        "http://user:password@127.0.0.1/",
        "http://:@127.0.0.1/",
        "http://news.example:99999/",
        "http://news.example:port/",
        "http://[::1/",
        "http://a b.example/",
        "http://news.example/\r\nX: y",
        "http://news.example\\@127.0.0.1/",
        "javascript:alert(1)",
    ],
)
def test_only_plain_web_addresses_are_asked(url: str):
    with pytest.raises(NotReached) as refused:
        ask(url, resolve=lambda *_, **__: pytest.fail("resolved"))
    assert len(str(refused.value).splitlines()) == 1
    assert "password" not in str(refused.value).replace("a name or a password", "")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch):
    with receiving(saying("200 OK", b"proxy")) as proxy, receiving(OK) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(server.url).body == b"fine"


def drip_head(line, _):
    line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    drip(line)


def drip_body(line, _):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(line)


def drip_until_the_end(line, _):
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(line)


def drip(line):
    while True:
        line.sendall(b"x")
        time.sleep(0.05)


def hang(line, _):
    line.recv(1)


@pytest.mark.parametrize("behave", [drip_head, drip_body, drip_until_the_end, hang])
def test_a_server_that_drips_or_hangs_is_left_when_the_time_is_over(behave):
    with receiving(behave) as server:
        began = time.monotonic()
        with pytest.raises(NotReached, match=r"127\.0\.0\.1 did not answer within 0\.5 seconds"):
            ask(server.url, seconds=0.5)
        assert 0.4 < time.monotonic() - began < 10  # it would drip or hang for ever


def test_redirects_share_one_time_limit():
    def behave(line, asked):
        time.sleep(0.2)
        leading_to("/")(line, asked)

    with receiving(behave) as server, pytest.raises(NotReached, match="within"):
        ask(server.url, seconds=0.5, redirects=20)
    assert len(server.requests) <= 3


def test_a_resolver_that_hangs_is_left_when_the_time_is_over():
    done = threading.Event()
    with pytest.raises(NotReached, match="within"):
        ask("http://news.example/", seconds=0.2, resolve=lambda *_, **__: done.wait(20))
    done.set()


def test_an_unknown_name_is_said_to_be_unknown():
    def resolve(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NotReached, match=r"news\.example is not known"):
        ask("http://news.example/", resolve=resolve)


def test_a_long_answer_is_refused_and_the_longest_one_taken():
    with receiving(saying("200 OK", b"x" * 1000)) as server:
        assert len(ask(server.url, most_bytes=1000).body) == 1000
        with pytest.raises(NotReached, match="more than 999 bytes"):
            ask(server.url, most_bytes=999)


def test_an_endless_answer_is_refused():
    def behave(line, _):
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            line.sendall(b"x" * 65536)

    with receiving(behave) as server, pytest.raises(NotReached, match="more than 1,000,000 bytes"):
        ask(server.url)


def test_a_body_that_nobody_wants_may_be_anything():
    with receiving(saying("200 OK", b"fine", "Content-Encoding: br")) as server:
        assert ask(server.url, most_bytes=None).status == 200


def test_a_body_that_nobody_wants_is_not_waited_for():
    with receiving(drip_body) as server:
        assert (ask(server.url, most_bytes=None, seconds=5).status, ask(server.url, most_bytes=None).body) == (200, b"")


def test_a_compressed_answer_is_read_and_its_size_counted_as_it_is_meant():
    with receiving(saying("200 OK", gzip.compress(b"fine"), "Content-Encoding: gzip")) as server:
        assert ask(server.url).body == b"fine"
    bomb = gzip.compress(b"\0" * 50_000_000, 1)
    with receiving(saying("200 OK", bomb, "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        with pytest.raises(NotReached, match="more than 1,000,000 bytes"):
            ask(server.url)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "rot13"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str):
    refused = pytest.raises(NotReached, match="an encoding that was not asked for")
    with receiving(saying("200 OK", b"fine", f"Content-Encoding: {encoding}")) as server, refused:
        ask(server.url)
    assert b"Accept-Encoding: gzip\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"\0\1\2\3" * 100,
        b"HTTP/1.1 abc\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
    ],
)
def test_garbage_is_no_answer(said: bytes):
    with receiving(lambda line, _: line.sendall(said)) as server, pytest.raises(NotReached) as refused:
        ask(server.url)
    assert "127.0.0.1" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_nobody_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(NotReached, match="cannot be reached: Connection refused"):
        ask(f"http://127.0.0.1:{port}/")


def test_the_next_address_is_tried_where_the_first_takes_no_connection():
    with receiving(OK) as server:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            closed = probe.getsockname()[1]

        def resolve(*_, **__):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (closed, server.port)]

        assert ask("http://news.example/", resolve=resolve).body == b"fine"


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server of hooks.example shows, and this machine accepts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    begin = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "accepted.pem").write_bytes(pem)
    (tmp_path / "server.pem").write_bytes(private + pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "accepted.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.names = []
    context.sni_callback = lambda _, name, __: context.names.append(name)
    return context


def test_the_certificate_is_checked_for_the_name_that_was_asked(certified: ssl.SSLContext):
    with receiving(OK, tls=certified) as server:
        url = f"https://hooks.example:{server.port}/"
        assert ask(url, resolve=named("127.0.0.1")).body == b"fine"
        assert certified.names == ["hooks.example"]
        assert f"Host: hooks.example:{server.port}".encode() in server.requests[0]
        with pytest.raises(NotReached, match=r"other\.example has no TLS or no certificate"):
            ask(f"https://other.example:{server.port}/", resolve=named("127.0.0.1"))
    assert len(server.requests) == 1


def test_a_certificate_of_nobody_we_know_is_refused(certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with receiving(OK, tls=certified) as server, pytest.raises(NotReached, match="no certificate"):
        ask(f"https://hooks.example:{server.port}/", resolve=named("127.0.0.1"))
    assert server.requests == []


def test_time_is_bounded_with_tls_too(certified: ssl.SSLContext):
    with receiving(drip_body, tls=certified) as server, pytest.raises(NotReached, match="within"):
        ask(f"https://hooks.example:{server.port}/", resolve=named("127.0.0.1"), seconds=0.5)
    with receiving(hang) as server, pytest.raises(NotReached, match="within"):
        ask(f"https://127.0.0.1:{server.port}/", seconds=0.5)


def test_https_does_not_lead_to_http(certified: ssl.SSLContext):
    with receiving(OK) as plain, receiving(leading_to(plain.url), tls=certified) as server:
        url = f"https://hooks.example:{server.port}/"
        with pytest.raises(NotReached, match="from https to http"):
            ask(url, resolve=named("127.0.0.1"))
    assert plain.requests == []
