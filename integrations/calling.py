"""Calling an address that somebody typed, without reaching into our own network by it."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from integrations import sentences

SECONDS = 10.0
READ_BYTES = 4096
TRIED = 2  # of the addresses that a host has
PORTS = {"https": 443, "http": 80}
# Where the public addresses of IPv6 are. What stands for an IPv4 address is judged as that one, or refused.
PUBLIC_V6 = IPv6Network("2000::/3")
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Answer:
    """How a call went. ``problem`` is empty if it was answered with 2xx; ``said`` is how the answer begins."""

    status: int | None
    took_ms: int
    said: str = ""
    problem: str = ""


class NotCalled(Exception):
    """An address that is not called, and why."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send this, and read the beginning of the answer. Never raises for what the other side does or is.

    The host is looked up once; each address must be public, or in EMS_WEBHOOK_PRIVATE; the connection goes to the very
    address that was judged, with the name's own certificate. It is cut off after ten seconds; no redirect is followed.
    """
    began = time.monotonic()
    status, said, problem = None, "", ""
    try:
        parts = checked_url(url)
        with _connected(parts, addresses_of(parts)) as connection:
            connection.request("POST", _target(parts), body, {**headers, "Host": parts.netloc})
            response = connection.getresponse()
            status = response.status
            said = response.read(READ_BYTES).decode("utf-8", "replace").replace("\0", "")
            problem = _judged(status)
    except NotCalled as refusal:
        problem = str(refusal)
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = time.monotonic() - began >= SECONDS
        problem = sentences.TOO_LATE(seconds=f"{SECONDS:.0f}") if is_late else _words(error)
    return Answer(status, int((time.monotonic() - began) * 1000), said, problem)


def checked_url(url: str) -> SplitResult:
    """Its parts, if it may be called as far as that can be told without looking its host up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotCalled(sentences.NO_ADDRESS()) from None
    schemes = ("https", "http") if settings.EMS_WEBHOOK_HTTP else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise NotCalled(sentences.ONLY_HTTP() if settings.EMS_WEBHOOK_HTTP else sentences.ONLY_HTTPS())
    if "@" in parts.netloc:
        raise NotCalled(sentences.HAS_PASSWORD())
    if not url.isascii() or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise NotCalled(sentences.ODD_LETTERS())
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return parts
    require_open(literal, parts.hostname)
    return parts


def addresses_of(parts: SplitResult) -> list[Address]:
    """Where its host is. Refused if any of them is none of those that may be called."""
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotCalled(sentences.UNKNOWN_HOST(host=host)) from None
    # An address may come with the name of an interface: fe80::1%eth0.
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    return [require_open(address, host) for address in addresses]


def require_open(address: Address, host: str) -> Address:
    """The address, an IPv4 one if it only stands for one; refused if it is private and not allowed by the settings."""
    plain: Address = (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
    if _is_public(plain) or any(plain in ip_network(one) for one in settings.EMS_WEBHOOK_PRIVATE):
        return plain
    if host == str(address):
        raise NotCalled(sentences.INSIDE(address=host))
    raise NotCalled(sentences.HOST_INSIDE(host=host, address=plain))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    is_plain = address.sixtofour is None and address.teredo is None
    return address in PUBLIC_V6 and address.is_global and is_plain


@contextmanager
def _connected(parts: SplitResult, addresses: Sequence[Address]) -> Iterator[http.client.HTTPConnection]:
    """A connection to the first of the addresses that takes one, cut off when the time is over."""
    port = parts.port or PORTS[parts.scheme]
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=SECONDS)
    with closing(connection), closing(_dialled(addresses, port)) as plain, _cut_off(plain):
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=parts.hostname)
        else:
            connection.sock = plain
        yield connection


def _dialled(addresses: Sequence[Address], port: int) -> socket.socket:
    failure: OSError = OSError("no address")
    for address in [*dict.fromkeys(addresses)][:TRIED]:
        try:
            dialled = socket.create_connection((str(address), port), timeout=SECONDS / TRIED)
        except OSError as error:
            failure = error
        else:
            dialled.settimeout(SECONDS)
            return dialled
    raise failure


@contextmanager
def _cut_off(plain: socket.socket) -> Iterator[None]:
    """Ends the connection when the time is over, also of one that sends a byte now and then."""
    with closing(plain.dup()) as same:
        timer = Timer(SECONDS, _shut, [same])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # ended by itself


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _judged(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return sentences.ELSEWHERE(status=status)
    return sentences.ANSWERED(status=f"{status} {http.client.responses.get(status, '')}".strip())


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return sentences.BAD_CERTIFICATE(reason=error.verify_message.rstrip("."))
    if isinstance(error, TimeoutError):
        return sentences.SILENT()
    reason = getattr(error, "strerror", None) or error or type(error).__name__
    return sentences.BROKEN_OFF(reason=reason)[:300]
