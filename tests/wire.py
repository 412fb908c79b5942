"""A wire between a browser and the test's server that can be cut: real connections, really dropped."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65536


class Wire:
    """Listens on a port of its own and hands everything on to the server behind ``address``. ``cut``: nothing goes
    through, and what was open is dropped; ``deafen``: what is sent arrives, but no answer comes back."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self.server = (place.hostname or "localhost", place.port or 80)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.listener.getsockname()[1]}"
        self.is_cut = self.is_deaf = False
        self.heard = threading.Event()
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in list(self.open):
            _shut(end)

    def deafen(self) -> None:
        """From now on the server works in vain: whoever asked sees the line drop."""
        self.heard.clear()
        self.is_deaf = True

    def mend(self) -> None:
        self.is_cut = self.is_deaf = False

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                _shut(near)
                continue
            try:
                far = socket.create_connection(self.server)
            except OSError:
                _shut(near)
                continue
            self.open |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if self.is_cut:
                    break
                if is_answer and self.is_deaf:
                    self.heard.set()
                    break
                target.sendall(data)
        for end in (source, target):
            _shut(end)
            self.open.discard(end)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wire_to(address: str) -> Iterator[Wire]:
    wire = Wire(address)
    try:
        yield wire
    finally:
        wire.close()
