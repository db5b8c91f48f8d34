"""Fetches archives from the internet: resumes, repeats, checks; a file appears whole or not at all.

requests speaks HTTP: redirects, TLS, and from the environment the proxies, `NO_PROXY` and
`REQUESTS_CA_BUNDLE`. After a fault that may pass this module tries again: a cut, a stall, a
server's own fault. (urllib3's Retry doesn't go on after a cut; pooch starts from the beginning and
has no limit of size.) An unfinished download stays in ``<archive>.part``, its origin in
``<archive>.part.json``. A download that is complete but wrong becomes ``<archive>.refused``.
"""

import errno
import itertools
import json
import os
import random
import re
import shutil
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.exceptions import ChunkedEncodingError, ProxyError, SSLError
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from dvs_snn.files.atomic import alone, replacing
from dvs_snn.files.errors import StudyError, chain
from dvs_snn.files.job import Progress
from dvs_snn.settings.data import Fetching
from dvs_snn.sources.checksums import Source, compare, remedy

CHUNK_BYTES = 1 << 16
LONGEST_WAIT = 30  # times the first one
_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_REPEATED_STATUS = (408, 425, 429)
_STATUS = {403: "access is refused", 404: "there is no such file", 410: "there is no such file"}
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def fetch(
    source: Source,
    downloads: Path,
    settings: Fetching,
    missing: Sequence[str],
    offline: bool,
    progress: Progress,
) -> None:
    """Fetch an archive to ``<downloads>/<name>``, unless it is there already.

    Args:
        missing: the archives that the study lacks; if `offline`, the error names them all.

    Raises:
        StudyError: one sentence with the address, the file and the remedy. Nothing stands under
            the archive's name then; what has come so far is kept.
    """
    if offline:
        places = ", ".join(f"{downloads / name}" for name in missing)
        raise StudyError(
            f"config key data.offline is true, so {source.url} is not fetched, but {places} "
            f"{'is' if len(missing) == 1 else 'are'} missing; put what is missing there, name a "
            "folder that holds it in data.local, or set data.offline to false."
        )
    download = _Download(source, downloads / source.name, settings, progress)
    try:
        host = urlsplit(source.url).hostname or "nowhere"
        lock = downloads / f".host-{re.sub(r'[^a-z0-9.-]', '_', host)}.lock"
        with alone(lock, f"download from {host}", progress.say):
            # Another run may have fetched it while this one waited.
            if not download.target.exists():
                download.complete()
                download.accept(downloads)
    except (requests.RequestException, ValueError) as error:  # ValueError: no address
        raise download.failed(f"can't be asked for it ({_reason(error)})") from error
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StudyError(
                f"{download.target}: no space is left for it ({error.strerror}), and the "
                f"{download.n_bytes()} bytes that have come from {source.url} are kept; make room, "
                "or set data.downloads to a folder on another disk, and run again."
            ) from error
        raise StudyError(
            f"{download.target}: can't be written ({error.strerror or error}), so {source.url} is "
            "not fetched; set data.downloads to a folder that you may write to."
        ) from error


class _Passing(Exception):
    """A fault that may be gone at the next attempt."""


class _Download:
    """One archive on its way from `source` to `target`."""

    def __init__(self, source: Source, target: Path, settings: Fetching, progress: Progress):
        self.source, self.target, self.settings, self.progress = source, target, settings, progress
        self.part = target.with_name(f"{target.name}.part")
        self.note = target.with_name(f"{target.name}.part.json")
        largest = int(settings.max_gb * 1e9)
        self.limit = min(largest, source.n_bytes or largest)

    def failed(self, what: str) -> StudyError:
        """Return the one sentence about a fault of the server, or of what it sends."""
        return StudyError(
            f"{self.source.url}: {what}, where {self.source.file} was expected; fetch it with a "
            f"browser and put it at {self.target} (or name its place in data.local), or set "
            f"another address in data.sources.{self.source.name}.url."
        )

    def refuse_large(self, n_bytes: int, what: str) -> None:
        if n_bytes > self.limit:
            raise self.failed(
                f"{what}, more than {self.limit} (if it is meant to be so large, raise "
                "data.fetching.max_gb)"
            )

    def n_bytes(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def begun(self) -> tuple[int, str, int | None]:
        """Return the size of the part, and the validator and the size of the whole file.

        It deletes a part whose origin isn't known.
        """
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            if self.n_bytes() and note["url"] == self.source.url:
                return self.n_bytes(), note["validator"], note["total"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.drop()
        return 0, "", None

    def complete(self) -> None:
        """Bring the part to its full size; give up after `attempts` in a row that bring nothing."""
        first = self.settings.backoff_s
        furthest, fruitless, wait = self.n_bytes(), 0, first
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with requests.Session() as session:
            session.stream = True
            session.headers["Accept-Encoding"] = "identity"
            while True:
                try:
                    return self.attempt(session)
                except _Passing as error:
                    n = self.n_bytes()
                    fruitless = 0 if n > furthest else fruitless + 1
                    furthest = max(furthest, n)
                    if fruitless >= self.settings.attempts:
                        kept = f" ({n} bytes are kept; run again to go on from there)" if n else ""
                        raise self.failed(f"{error} {fruitless} times in a row{kept}") from error
                    # At random, so that many runs cut by one fault don't all return at once.
                    pause = min(wait + random.uniform(0, first), LONGEST_WAIT * first)
                    wait = min(2 * wait, LONGEST_WAIT * first)
                    self.progress.say(f"{self.source.url}: {error}; {pause:.1f} s pause")
                    time.sleep(pause)

    def attempt(self, session: requests.Session) -> None:
        """Ask the server once, and append what it sends to the part."""
        start, validator, total = self.begun()
        if start and start == total:
            return
        headers = {"Range": f"bytes={start}-"} if start else {}
        if validator:
            headers["If-Range"] = validator
        patience = self.settings.timeout_s
        try:
            with session.get(self.source.url, headers=headers, timeout=patience) as response:
                self.check_status(response)
                place = _place(response)
                if response.status_code == 200:
                    self.begin(response, place[1])
                elif response.status_code != 206 or place != (start, total):
                    self.drop()
                    raise _Passing("the server has another file than before")
                self.receive(response, *place)
        except SSLError as error:
            raise self.failed(
                f"the certificate of its server is not trusted ({_reason(error)}; behind a proxy "
                "that reads TLS set REQUESTS_CA_BUNDLE to the file of its authority)"
            ) from error
        except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError) as error:
            silent = any(isinstance(e, requests.Timeout | ReadTimeoutError) for e in chain(error))
            what = f"its server was silent for {patience:g} s" if silent else _reason(error)
            raise _Passing(what) from error

    def check_status(self, response: requests.Response) -> None:
        code = response.status_code
        status = f"its server answers {code} {response.reason or ''}".strip()
        if code >= 500 or code in _REPEATED_STATUS:
            raise _Passing(status)
        if code not in (200, 206, 416):
            raise self.failed(f"{status} ({_STATUS.get(code, 'that is no file')})")
        hops = [answer.url for answer in (*response.history, response)]
        for before, after in itertools.pairwise(hops):
            if before.startswith("https:") and not after.startswith("https:"):
                raise self.failed(
                    f"it redirects from https to {after}, where anybody may read and alter the file"
                )
        if code != 416 and response.headers.get("Content-Type", "").startswith("text/html"):
            raise self.failed("its server sends an HTML page")

    def begin(self, response: requests.Response, total: int | None) -> None:
        """Start anew; note the file's version for later attempts: a strong ETag, else its date."""
        self.drop()
        tag = response.headers.get("ETag", "")
        validator = tag if tag.startswith('"') else response.headers.get("Last-Modified", "")
        note = {"url": self.source.url, "validator": validator, "total": total}
        with replacing(self.note) as temporary:
            temporary.write_text(json.dumps(note), encoding="utf-8")

    def receive(self, response: requests.Response, start: int, total: int | None) -> None:
        """Write the bytes from `start` on; `total` is the announced size of the whole file."""
        known = self.source.n_bytes
        if total is not None and known is not None and total != known:
            raise self.failed(
                f"its server announces {total} bytes but {known} are known to be right ("
                f"{remedy(self.source)})"
            )
        self.refuse_large(total or 0, f"its server announces {total} bytes")
        wanted, free = (total or 0) - start, shutil.disk_usage(self.target.parent).free
        if wanted > free:
            raise OSError(errno.ENOSPC, f"{wanted} bytes are to come, {free} are free")
        position = start
        name = self.source.file
        with open(self.part, "ab") as out, self.progress.bar(total, "B", name, start) as bar:
            for chunk in response.iter_content(CHUNK_BYTES):
                if not position and not chunk.startswith(_ZIP_BEGINNINGS):
                    self.drop()
                    is_page = chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
                    what = "an HTML page" if is_page else f"no ZIP archive but {chunk[:8]!r}..."
                    raise self.failed(f"its server sends {what}")
                position += len(chunk)
                if position > self.limit:
                    self.drop()
                self.refuse_large(position, "its server sends more bytes than it announces")
                out.write(chunk)
                bar.advance(len(chunk))
        if not position:
            raise _Passing("its server sends an empty file")
        if total is not None and position != total:
            raise _Passing(f"the line was cut after {position} of {total} bytes")

    def accept(self, downloads: Path) -> None:
        """Give the part the archive's name if it is the expected file; else set it aside."""
        try:
            zipfile.ZipFile(self.part).close()
            _, wrong = compare(self.source, self.part, downloads)
            if not wrong:
                os.replace(self.part, self.target)
                self.drop()
                return
            fault = f"a file of {wrong} ({remedy(self.source)}"
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            fault = f"{self.n_bytes()} bytes that are no whole ZIP archive ({error}"
        refused = self.target.with_name(f"{self.target.name}.refused")
        os.replace(self.part, refused)
        self.drop()
        raise self.failed(f"it sent {fault}; kept as {refused})")


def _place(response: requests.Response) -> tuple[int, int | None]:
    """Return the answer's first byte in the file (-1: not stated), and the file's size."""
    if response.status_code == 200:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if length.isdecimal() else None
    text = response.headers.get("Content-Range", "").strip()
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", text)
    if match is None:
        return -1, None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _reason(error: BaseException) -> str:
    """Say in a few words what went wrong, from an error that requests and urllib3 wrapped."""
    causes = list(chain(error))
    if isinstance(error, ProxyError):
        return "the proxy that HTTP_PROXY or HTTPS_PROXY names does not answer"
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return "the name of its server can't be resolved"
    if isinstance(error, ChunkedEncodingError):
        return "the line was cut"
    words = [" ".join(str(cause).split()) for cause in causes if str(cause)]
    return words[-1] if words else type(error).__name__
