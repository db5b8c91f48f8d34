"""A server on 127.0.0.1 that serves what a test gives it, and misbehaves as a test asks."""

import http.server
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PIECE_S = 0.02


@dataclass(frozen=True)
class Answer:
    """How one request is answered.

    Attributes:
        announced: Content-Length in place of the true one; None sends none and closes at the end.
        cut_after, stall_after: bytes of the body after which the line is cut, or falls silent.
        bytes_per_s: how fast the body is sent; None: as fast as it goes.
        ranges: whether a part of the body can be asked for.
        etag: changes when the file does.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    announced: int | None = -1
    cut_after: int | None = None
    stall_after: int | None = None
    bytes_per_s: float | None = None
    ranges: bool = True
    etag: str = '"1"'


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]


@dataclass
class Loopback:
    """A running server: `answers` by path, one request after another; the last one stays."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    pause_s: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)
    _at_work: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, path: str, *answers: Answer | bytes) -> str:
        """Serve answers at `path`, bytes as a file; return its address."""
        self.answers[path] = [Answer(a) if isinstance(a, bytes) else a for a in answers]
        return f"{self.url}{path}"

    def next_answer(self, path: str) -> Answer:
        with self._lock:
            answers = self.answers.get(path, [Answer(b"no such file", 404)])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def enter(self, change: int) -> None:
        with self._lock:
            self._at_work += change
            self.most_at_once = max(self.most_at_once, self._at_work)


def _handler(loopback: Loopback) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            # A proxy is asked for a whole address.
            path = urlsplit(self.path).path
            loopback.asked.append(Asked(self.path, dict(self.headers.items())))
            loopback.enter(+1)
            try:
                loopback.stopping.wait(loopback.pause_s)
                self.answer(loopback.next_answer(path))
            except (ConnectionError, ssl.SSLError):
                self.close_connection = True
            finally:
                loopback.enter(-1)

        def answer(self, answer: Answer) -> None:
            body, status, extra = answer.body, answer.status, dict(answer.headers)
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            unchanged = self.headers.get("If-Range", answer.etag) == answer.etag
            if status == 200 and answer.ranges and wanted and unchanged:
                start = int(wanted[1])
                if start >= len(body):
                    status, body = 416, b""
                    extra["Content-Range"] = f"bytes */{len(answer.body)}"
                else:
                    status, body = 206, body[start:]
                    extra["Content-Range"] = (
                        f"bytes {start}-{len(answer.body) - 1}/{len(answer.body)}"
                    )
            self.send_response(status)
            if answer.etag:
                self.send_header("ETag", answer.etag)
            if answer.announced is None:
                self.send_header("Connection", "close")
            else:
                length = len(body) if answer.announced < 0 else answer.announced
                self.send_header("Content-Length", str(length))
            for name, value in extra.items():
                self.send_header(name, value)
            self.end_headers()
            stop = min(
                n for n in (answer.cut_after, answer.stall_after, len(body)) if n is not None
            )
            self.send(body[:stop], answer.bytes_per_s)
            if answer.stall_after is not None:
                loopback.stopping.wait(20)
            if stop < len(body) or answer.announced != -1:
                self.close_connection = True

        def send(self, body: bytes, bytes_per_s: float | None) -> None:
            """Send the body at once, or a piece every 20 ms."""
            size = max(1, int(bytes_per_s * PIECE_S)) if bytes_per_s else max(1, len(body))
            for start in range(0, len(body), size):
                if bytes_per_s:
                    loopback.stopping.wait(PIECE_S)
                self.wfile.write(body[start : start + size])
                self.wfile.flush()

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up: tests make them."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Loopback]:
    """Run a server, over TLS with the certificate and key in one PEM file, if there is one."""
    loopback = Loopback("")
    server = _Server(("127.0.0.1", 0), _handler(loopback))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    loopback.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield loopback
    finally:
        loopback.stopping.set()
        server.shutdown()
        server.server_close()


def make_certificate(folder: Path) -> Path | None:
    """Make a certificate for 127.0.0.1 that signs itself, with its key; None without openssl."""
    if shutil.which("openssl") is None:
        return None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both
