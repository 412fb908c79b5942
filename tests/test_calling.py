"""Calling an address that somebody typed: only public ones, the very one that was judged, and not for long."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from integrations import calling
from integrations.calling import NotCalled, addresses_of, checked_url, post, require_open
from tests.conftest import free_port
from tests.receiver import answer, receiving

PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.4.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::"),
    *("2001:0:a00:1::", "2001:db8::1", "::10.0.0.1"),
]


@pytest.fixture
def allowed(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """What the names are looked up as, one answer after the other; which names were asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        try:
            found = [str(ip_address(host))]  # as create_connection does with an address
        except ValueError:
            asked.append(host)
            found = left.pop(0)
        family = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(family[ip_address(one).version], socket.SOCK_STREAM, 6, "", (one, port or 0)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_called_as_it_is_or_by_a_name(address, monkeypatch):
    host = f"[{address}]" if ":" in address else address
    assert "no public address" in post(f"https://{host}/hook", b"{}", {}).problem
    with pytest.raises(NotCalled):
        checked_url(f"https://{host}:8443/hook")
    names(monkeypatch, [address])

    said = post("https://hooks.example.org/hook", b"{}", {})

    assert said.status is None
    assert "hooks.example.org is at" in said.problem
    assert "EMS_WEBHOOK_PRIVATE" in said.problem


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_called(address):
    assert require_open(ip_address(address), "hooks.example.org") == ip_address(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001"])
def test_other_ways_to_write_this_machine_are_refused_too(host):
    assert "no public address" in post(f"https://{host}/", b"{}", {}).problem


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    names(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(NotCalled, match=r"10\.0\.0\.1"):
        addresses_of(checked_url("https://hooks.example.org/"))


def test_only_the_networks_of_the_setting_are_allowed(settings):
    settings.EMS_WEBHOOK_PRIVATE = ["10.20.0.0/16", "fd00::/8"]
    for address, is_open in (("10.20.3.4", True), ("::ffff:10.20.3.4", True), ("fd00::7", True), ("10.21.0.1", False)):
        if is_open:
            require_open(ip_address(address), "hooks")
        else:
            with pytest.raises(NotCalled):
                require_open(ip_address(address), "hooks")


@pytest.mark.usefixtures("allowed")
def test_the_name_is_looked_up_once_and_what_was_judged_is_called(monkeypatch):
    with receiving() as receiver:
        port = receiver.server.server_port
        asked = names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])  # the second answer would be the attacker's
        hosts: list[str] = []

        def reply(request: Any) -> None:
            hosts.append(request.headers["Host"])
            answer(request, 200)

        receiver.reply = reply
        monkeypatch.setattr(receiver, "verified", lambda *_: {})

        said = post(f"http://hooks.example.org:{port}/hook", b"{}", {"webhook-id": "msg_1"})

    assert (said.status, said.problem) == (200, "")
    assert asked == ["hooks.example.org"]
    assert hosts == [f"hooks.example.org:{port}"]


@pytest.mark.usefixtures("allowed")
def test_a_redirect_is_not_followed(monkeypatch):
    with receiving() as receiver:
        receiver.reply = lambda request: answer(request, 307, Location="http://169.254.169.254/latest/")
        monkeypatch.setattr(receiver, "verified", lambda *_: {})
        said = post(receiver.url, b"{}", {"webhook-id": "msg_1"})
    assert said.status == 307
    assert "redirects are not followed" in said.problem
    assert len(receiver.ids) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://hooks.example.org/", "begins with https://"),
        ("http://hooks.example.org/", "begins with https://"),
        ("https://", "begins with https://"),
        ("hooks.example.org", "begins with https://"),
        ("https://hooks.example.org:0/", "begins with https://"),
        ("https://hooks.example.org:99999/", "no address"),
        ("https://[::1/", "no address"),
        ("https://me@hooks.example.org/", "no name or password"),
        ("https://hooks.example.org/a b", "no spaces"),
        ("https://hooks.example.org/\r\nX: y", "no spaces"),
        ("https://hooks.example.org/\u00e4", "plain letters"),
        ("https://nowhere.invalid/", "is not known"),
        (f"https://{'a' * 70}.example/", "is not known"),
        ("https://a..b/", "is not known"),
    ],
)
def test_what_is_no_address_is_refused_in_words(url, says):
    assert says in post(url, b"{}", {}).problem


@contextmanager
def speaking(speak: Any) -> Iterator[int]:
    """A server on this machine that does with its first caller what ``speak`` does; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run() -> None:
            caller, _ = server.accept()
            with caller:
                speak(caller)

        thread = threading.Thread(target=run)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=20)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_drips_or_says_nothing_is_cut_off(scheme, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 1.0)

    def drip(caller: socket.socket) -> None:
        caller.recv(100)
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" * 10:
                if scheme == "http":
                    caller.send(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            return

    with speaking(drip) as port:
        began = time.monotonic()
        said = post(f"{scheme}://localhost:{port}/", b"{}", {})
    assert said.problem == "No answer within 1 seconds."
    assert time.monotonic() - began < 20


@pytest.mark.usefixtures("allowed")
def test_no_more_is_read_than_the_beginning(monkeypatch):
    def pour(caller: socket.socket) -> None:
        caller.recv(4096)
        try:
            caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                caller.sendall(b"x" * 65_536)
        except OSError:
            return

    with speaking(pour) as port:
        said = post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (said.status, len(said.said)) == (200, calling.READ_BYTES)


@pytest.mark.usefixtures("allowed")
def test_https_names_the_host_and_takes_no_other_word_for_it():
    heard: list[bytes] = []

    def listen(caller: socket.socket) -> None:
        heard.append(caller.recv(4096))
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")  # no TLS at all

    with speaking(listen) as port:
        said = post(f"https://localhost:{port}/", b"{}", {})

    assert heard[0][0] == 0x16  # a TLS handshake
    assert b"localhost" in heard[0]
    assert said.problem.startswith("The connection failed")


@pytest.mark.usefixtures("allowed")
def test_what_cannot_be_reached_or_speaks_no_http_is_said_in_words():
    assert "Connection refused" in post(f"http://127.0.0.1:{free_port()}/", b"{}", {}).problem
    with speaking(lambda caller: caller.sendall(b"SSH-2.0\r\n" + caller.recv(100)[:0])) as port:
        assert post(f"http://127.0.0.1:{port}/", b"{}", {}).problem.startswith("The connection failed")
    with speaking(lambda caller: caller.recv(4096)) as port:
        assert post(f"http://127.0.0.1:{port}/", b"{}", {}).problem.startswith("The connection failed")
