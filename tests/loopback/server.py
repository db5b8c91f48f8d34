"""A server on 127.0.0.1 that serves what a test gives it, and misbehaves as a test asks."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """How one request is answered."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    # Bytes of the body after which the line is cut.
    cut_after: int | None = None
    # How long the server is silent before it answers.
    wait_s: float = 0.0


@dataclass
class Loopback:
    """A running server."""

    url: str = ""
    # By path, one request after another; the last one stays.
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    # The address of each request as it came; a proxy is asked for a whole one.
    asked: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, path: str, *answers: Answer | bytes) -> str:
        """Serve answers at `path`, bytes as a file; return its address."""
        self.answers[path] = [Answer(a) if isinstance(a, bytes) else a for a in answers]
        return f"{self.url}{path}"


def _handler(loopback: Loopback) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            loopback.asked.append(self.path)
            answers = loopback.answers.get(urlsplit(self.path).path, [Answer(b"no", 404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            loopback.stopping.wait(answer.wait_s)
            try:
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                if answer.location:
                    self.send_header("Location", answer.location)
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut_after])
            except ConnectionError:
                pass  # the client hung up

    return Handler


@contextmanager
def serving() -> Iterator[Loopback]:
    """Run a server."""
    loopback = Loopback()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(loopback))
    loopback.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield loopback
    finally:
        loopback.stopping.set()
        server.shutdown()
        server.server_close()
