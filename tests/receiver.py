"""Another system that is told of changes: a real HTTP server that verifies what comes, as its library does."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

Reply = Callable[[BaseHTTPRequestHandler], None]


class Receiver:
    """What it was told, and how it answers: a status, or a function that answers by hand."""

    def __init__(self) -> None:
        self.secret = ""
        self.reply: int | Reply = 200
        self.messages: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.is_another_time = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?from=ems"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            message = self.verified(body, headers)
        except WebhookVerificationError as error:
            answer(request, 401, str(error))
            return
        self.messages.append(message)
        self.ids.append(headers["webhook-id"])
        if isinstance(self.reply, int):
            answer(request, self.reply, "thank you")
        else:
            self.reply(request)

    def verified(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """The message, if its signature is right and its time is now, or a time that a test plays."""
        verifier = Verifier(self.secret)
        if self.is_another_time:
            at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
            if verifier.sign(headers["webhook-id"], at, body.decode()) not in headers["webhook-signature"].split():
                raise WebhookVerificationError("No matching signature found")
            return dict(json.loads(body))
        return dict(verifier.verify(body, headers))

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [change for message in self.messages for change in message["data"].get("changes", ())]


def answer(request: BaseHTTPRequestHandler, status: int, text: str = "", **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(text.encode())))
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(text.encode())


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join(timeout=10)
