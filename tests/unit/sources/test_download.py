"""Downloads from a misbehaving server on 127.0.0.1: one sentence, status 1, nothing half-made."""

import errno
import fcntl
import hashlib
import io
import json
import logging
import os
import random
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from loopback.server import Answer, Loopback, make_certificate, serving

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.settings.data import Fetching
from dvs_snn.sources import download as fetching
from dvs_snn.sources.checksums import Source
from dvs_snn.sources.download import fetch

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
NAME = "tutorial/train.zip"
SETTINGS = Fetching(timeout_s=0.4, attempts=2, backoff_s=0.01, max_gb=0.01)
# What a user's own environment says about proxies has no place here.
CLEAN = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}


def _archive(n_bytes: int = 300_000) -> bytes:
    """Make a ZIP archive of one member that can't be packed, the same bytes at any time of day."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        member = zipfile.ZipInfo("0/a.png", (2026, 1, 1, 0, 0, 0))
        archive.writestr(member, random.Random(1).randbytes(n_bytes))
    return content.getvalue()


ZIP = _archive()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in set(os.environ) - set(CLEAN):
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


def _source(url: str, n_bytes: int | None = None, sha256: str | None = None) -> Source:
    return Source(NAME, url, n_bytes, sha256, "free")


def _fetch(source: Source, downloads: Path, settings: Fetching = SETTINGS) -> Path:
    fetch(source, downloads, settings, [source.name], False, Progress(io.StringIO()))
    return downloads / source.name


def _left(downloads: Path) -> set[str]:
    """Return the files below `downloads`, the empty locks of hosts aside."""
    found = (path for path in downloads.rglob("*") if path.is_file())
    return {str(path.relative_to(downloads)) for path in found if not path.name.startswith(".host")}


JOB = """
import json, os, resource, signal, sys
from pathlib import Path
from dvs_snn.settings.data import Fetching
from dvs_snn.sources.checksums import Source
from dvs_snn.sources.download import fetch
from dvs_snn.files.job import logged
about = json.loads(sys.argv[1])
if about["largest_file"]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (about["largest_file"], about["largest_file"]))
with logged(about["log"]) as progress:
    fetch(Source(**about["source"]), Path(about["downloads"]), Fetching(**about["settings"]),
          about["missing"], about["offline"], progress)
"""


def _job(
    source: Source,
    downloads: Path,
    *,
    settings: Fetching = SETTINGS,
    offline: bool = False,
    missing: tuple[str, ...] = (NAME,),
    largest_file: int = 0,
    log: Path | None = None,
    **environment: str,
) -> tuple[int, str, str]:
    """Fetch in a job of its own; return its status, what the user sees, and its log."""
    log = log or downloads.parent / "job.log"
    about = {
        "source": asdict(source), "downloads": str(downloads), "settings": asdict(settings),
        "offline": offline, "missing": missing, "largest_file": largest_file, "log": str(log),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", JOB, json.dumps(about)],
        env={**CLEAN, "PYTHONPATH": str(SCRIPTS), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr, log.read_text()


def _refused(source: Source, downloads: Path, **how) -> str:
    """Fetch in a job that fails; return its one sentence, which names address, file and remedy."""
    (downloads / "tutorial").mkdir(parents=True, exist_ok=True)
    earlier = downloads / "tutorial/digits-videos.zip"
    earlier.write_bytes(b"fetched before")
    status, seen, log = _job(source, downloads, **how)
    assert status == 1
    assert seen.startswith("Error: ")
    assert seen.endswith(".\n")
    assert seen.count("\n") == 1
    assert source.url in seen
    assert seen.removeprefix("Error: ") in log
    target = downloads / source.name
    assert str(target) in seen
    assert not target.exists()
    assert earlier.read_bytes() == b"fetched before"
    return seen


# --- Downloads that succeed. ---


def test_an_archive_is_fetched_whole_and_its_hash_recorded(server, tmp_path):
    path = _fetch(_source(server.serve("/train.zip", ZIP)), tmp_path / "data")
    assert path.read_bytes() == ZIP
    assert _left(tmp_path / "data") == {NAME, f"{NAME}.sha256"}
    # The record is what sha256sum writes and checks.
    record = f"{hashlib.sha256(ZIP).hexdigest()}  train.zip\n"
    assert path.with_name("train.zip.sha256").read_text() == record
    assert os.stat(path).st_mode & 0o444 == 0o444


def test_a_hash_known_beforehand_is_not_recorded(server, tmp_path):
    url = server.serve("/train.zip", ZIP)
    source = _source(url, len(ZIP), hashlib.sha256(ZIP).hexdigest())
    _fetch(source, tmp_path)
    assert _left(tmp_path) == {NAME}


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    source = _source(server.serve("/train.zip", ZIP))
    _fetch(source, tmp_path)
    _fetch(source, tmp_path)
    assert len(server.asked) == 1


def test_a_cut_is_resumed_where_it_came(server, tmp_path):
    cuts = [Answer(ZIP, cut_after=100_000), Answer(ZIP, cut_after=70_000), Answer(ZIP)]
    path = _fetch(_source(server.serve("/train.zip", *cuts)), tmp_path)
    assert path.read_bytes() == ZIP
    first, second, third = (asked.headers.get("Range") for asked in server.asked)
    assert first is None
    starts = [int(text.removeprefix("bytes=").removesuffix("-")) for text in (second, third)]
    assert 0 < starts[0] <= 100_000 < starts[1] <= 170_000
    assert server.asked[1].headers["If-Range"] == '"1"'


def test_more_cuts_than_attempts_are_no_fault_while_each_brings_something(server, tmp_path):
    cuts = [Answer(ZIP, cut_after=70_000)] * 4
    path = _fetch(_source(server.serve("/train.zip", *cuts, Answer(ZIP))), tmp_path)
    assert path.read_bytes() == ZIP


def test_a_later_run_goes_on_from_what_an_earlier_one_kept(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, cut_after=150_000), Answer(b"", 503))
    with pytest.raises(
        StudyError, match=r"503 .* 2 times in a row \(1\d{5} bytes are kept; run ag"
    ):
        _fetch(_source(url), tmp_path)
    kept = (tmp_path / f"{NAME}.part").stat().st_size
    assert ZIP.startswith((tmp_path / f"{NAME}.part").read_bytes())
    server.serve("/train.zip", ZIP)
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP
    assert server.asked[-1].headers["Range"] == f"bytes={kept}-"
    assert _left(tmp_path) == {NAME, f"{NAME}.sha256"}


def test_a_file_that_changed_between_two_attempts_is_fetched_anew(server, tmp_path):
    other = _archive(200_000)
    url = server.serve("/train.zip", Answer(ZIP, cut_after=150_000), Answer(other, etag='"2"'))
    assert _fetch(_source(url), tmp_path).read_bytes() == other


def test_a_changed_file_without_an_etag_is_known_by_its_size(server, tmp_path):
    other = _archive(200_000)
    url = server.serve(
        "/train.zip", Answer(ZIP, cut_after=150_000, etag=""), Answer(other, etag="")
    )
    assert _fetch(_source(url), tmp_path).read_bytes() == other


def test_a_server_without_ranges_starts_over(server, tmp_path):
    url = server.serve(
        "/train.zip", Answer(ZIP, cut_after=150_000, ranges=False), Answer(ZIP, ranges=False)
    )
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP


def test_a_part_of_another_address_is_not_gone_on_with(server, tmp_path):
    url = server.serve("/old.zip", Answer(_archive(250_000), cut_after=150_000), Answer(b"", 404))
    with pytest.raises(StudyError):
        _fetch(_source(url), tmp_path)
    _fetch(_source(server.serve("/new.zip", ZIP)), tmp_path)
    assert (tmp_path / NAME).read_bytes() == ZIP
    assert "Range" not in server.asked[-1].headers


def test_a_part_killed_after_its_last_byte_is_taken(server, tmp_path):
    url = server.serve("/train.zip", ZIP)
    (tmp_path / "tutorial").mkdir()
    (tmp_path / f"{NAME}.part").write_bytes(ZIP)
    note = {"url": url, "validator": '"1"', "total": len(ZIP)}
    (tmp_path / f"{NAME}.part.json").write_text(json.dumps(note))
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP
    assert not server.asked


@pytest.mark.parametrize("note", ["", "[]", "{", '{"url": 1}', "null"])
def test_a_part_whose_origin_is_not_known_is_fetched_anew(server, tmp_path, note):
    (tmp_path / "tutorial").mkdir()
    (tmp_path / f"{NAME}.part").write_bytes(b"PK\x03\x04junk")
    (tmp_path / f"{NAME}.part.json").write_text(note)
    path = _fetch(_source(server.serve("/train.zip", ZIP)), tmp_path)
    assert path.read_bytes() == ZIP


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_servers_own_fault_is_tried_again(server, tmp_path, status):
    url = server.serve("/train.zip", Answer(b"busy", status), ZIP)
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP


def test_a_stall_is_tried_again(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, stall_after=150_000), ZIP)
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP
    assert "Range" in server.asked[-1].headers


def test_pauses_double_up_to_a_limit(server, tmp_path, monkeypatch):
    pauses = []
    monkeypatch.setattr(fetching.time, "sleep", pauses.append)
    settings = replace(SETTINGS, attempts=9, backoff_s=1.0)
    with pytest.raises(StudyError):
        _fetch(_source(server.serve("/train.zip", Answer(b"", 503))), tmp_path, settings)
    assert len(pauses) == 8
    for number, pause in enumerate(pauses):
        assert min(2**number, fetching.LONGEST_WAIT) <= pause
        assert pause <= min(2**number + 1, fetching.LONGEST_WAIT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server, tmp_path, status):
    there = server.serve("/there.zip", ZIP)
    url = server.serve("/train.zip", Answer(b"", status, (("Location", there),)))
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP


def test_a_file_of_unknown_size_is_fetched(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, announced=None))
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP


def test_progress_tells_bytes_rate_and_remaining_time(server, tmp_path, caplog):
    source = _source(server.serve("/train.zip", ZIP))
    with caplog.at_level(logging.INFO, logger="progress"):
        progress = Progress(io.StringIO(), every_s=0.0)
        fetch(source, tmp_path, SETTINGS, [NAME], False, progress)
    line = caplog.records[0].message
    assert line.startswith("train.zip: 65.5kB of 300kB, ")
    assert "B/s, " in line
    assert line.endswith(" left")


def test_one_download_at_a_time_per_host(server, tmp_path):
    server.pause_s = 0.2
    sources = [
        Source(f"tutorial/{n}.zip", server.serve(f"/{n}.zip", ZIP), None, None, "")
        for n in range(3)
    ]
    threads = [threading.Thread(target=_fetch, args=(source, tmp_path)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.most_at_once == 1
    assert all((tmp_path / source.name).read_bytes() == ZIP for source in sources)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_no_hindrance(server, tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    path = _fetch(_source(server.serve("/train.zip", ZIP)), tmp_path)
    assert path.read_bytes() == ZIP


def test_two_runs_that_want_the_same_archive_fetch_it_once(server, tmp_path):
    server.pause_s = 0.2
    source = _source(server.serve("/train.zip", ZIP))
    threads = [threading.Thread(target=_fetch, args=(source, tmp_path)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1


# --- Proxies and certificates. ---


def test_a_proxy_is_used_and_no_proxy_goes_past_it(server, tmp_path):
    server.serve("/train.zip", ZIP)
    elsewhere = _source("http://name.invalid/train.zip")
    assert _job(elsewhere, tmp_path / "a", HTTP_PROXY=server.url)[0] == 0
    assert server.asked[-1].path == "http://name.invalid/train.zip"
    dead = "http://127.0.0.1:9"
    here = _source(f"{server.url}/train.zip")
    assert _job(here, tmp_path / "b", HTTP_PROXY=dead, NO_PROXY="127.0.0.1")[0] == 0
    assert server.asked[-1].path == "/train.zip"


def test_a_proxy_that_does_not_answer_is_told(server, tmp_path):
    source = _source("http://name.invalid/train.zip")
    told = _refused(source, tmp_path / "data", HTTP_PROXY="http://127.0.0.1:9")
    assert "the proxy that HTTP_PROXY or HTTPS_PROXY names does not answer" in told


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    path = make_certificate(tmp_path_factory.mktemp("certificate"))
    if path is None:
        pytest.skip("openssl is not installed")
    return path


def test_https_with_a_certificate_that_is_trusted(certificate, tmp_path):
    trusted = str(certificate.with_name("certificate.pem"))
    with serving(certificate) as server:
        source = _source(server.serve("/train.zip", Answer(ZIP, cut_after=150_000), ZIP))
        status, seen, _ = _job(source, tmp_path / "data", REQUESTS_CA_BUNDLE=trusted)
    assert (status, seen) == (0, "")
    assert (tmp_path / "data" / NAME).read_bytes() == ZIP


def test_a_certificate_that_is_not_trusted_is_told_and_not_tried_again(certificate, tmp_path):
    with serving(certificate) as server:
        told = _refused(_source(server.serve("/train.zip", ZIP)), tmp_path / "data")
        assert not server.asked
    assert "the certificate of its server is not trusted" in told
    assert "REQUESTS_CA_BUNDLE" in told


def test_https_is_never_left_on_the_way(certificate, server, tmp_path):
    trusted = str(certificate.with_name("certificate.pem"))
    plain = server.serve("/train.zip", ZIP)
    with serving(certificate) as safe:
        source = _source(safe.serve("/train.zip", Answer(b"", 302, (("Location", plain),))))
        told = _refused(source, tmp_path / "data", REQUESTS_CA_BUNDLE=trusted)
    assert f"it redirects from https to {plain}" in told


# --- Downloads that fail. ---


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (404, "answers 404 Not Found (there is no such file)"),
        (410, "answers 410 Gone (there is no such file)"),
        (403, "answers 403 Forbidden (access is refused)"),
        (401, "answers 401 Unauthorized (that is no file)"),
        (204, "answers 204 No Content (that is no file)"),
    ],
)
def test_a_refusal_is_told_at_once(server, tmp_path, status, what):
    url = server.serve("/train.zip", Answer(b"" if status == 204 else b"no", status))
    told = _refused(_source(url), tmp_path / "data")
    assert what in told
    assert "fetch it with a browser and put it at" in told
    assert f"data.sources.{NAME}.url" in told
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "headers", [(("Content-Type", "text/html; charset=utf-8"),), (("Content-Type", "x/y"),)]
)
def test_a_page_in_place_of_the_archive_is_told(server, tmp_path, headers):
    page = b"\n<!DOCTYPE html><html>Dropbox - sign in</html>"
    told = _refused(
        _source(server.serve("/train.zip", Answer(page, headers=headers))), tmp_path / "data"
    )
    assert "its server sends an HTML page, where train.zip was expected" in told
    assert _left(tmp_path / "data") == {"tutorial/digits-videos.zip"}


def test_other_bytes_in_place_of_the_archive_are_told(server, tmp_path):
    told = _refused(_source(server.serve("/train.zip", b"\x1f\x8b rest")), tmp_path / "data")
    assert r"no ZIP archive but b'\x1f\x8b rest'..., where train.zip was expected" in told
    assert _left(tmp_path / "data") == {"tutorial/digits-videos.zip"}


def test_an_announced_size_that_is_not_the_known_one_is_told_before_anything_comes(
    server, tmp_path
):
    source = _source(server.serve("/train.zip", ZIP), n_bytes=len(ZIP) + 1)
    told = _refused(source, tmp_path / "data")
    assert f"announces {len(ZIP)} bytes but {len(ZIP) + 1} are known to be right" in told
    assert f"set bytes and sha256 in data.sources.{NAME}" in told


def test_more_bytes_than_the_known_size_are_told(server, tmp_path):
    source = _source(server.serve("/train.zip", Answer(ZIP, announced=None)), n_bytes=100_000)
    told = _refused(source, tmp_path / "data")
    assert "sends more bytes than it announces, more than 100000" in told
    assert _left(tmp_path / "data") == {"tutorial/digits-videos.zip"}


def test_fewer_bytes_than_the_known_size_are_told(server, tmp_path):
    source = _source(server.serve("/train.zip", Answer(ZIP, announced=None)), n_bytes=400_000)
    told = _refused(source, tmp_path / "data")
    assert (
        f"it sent a file of {len(ZIP)} bytes, expected 400000 as the list of sources says" in told
    )


def test_a_server_that_announces_more_than_it_sends_is_told_and_the_rest_kept(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, announced=len(ZIP) + 10, ranges=False))
    told = _refused(_source(url), tmp_path / "data")
    assert "the line was cut" in told
    assert "2 times in a row" in told
    assert f"{NAME}.part" in _left(tmp_path / "data")


@pytest.mark.parametrize("announced", [-1, None])
def test_a_file_above_the_largest_size_is_told(server, tmp_path, announced):
    settings = replace(SETTINGS, max_gb=0.0001)
    source = _source(server.serve("/train.zip", Answer(ZIP, announced=announced)))
    told = _refused(source, tmp_path / "data", settings=settings)
    assert "more than 100000 (if it is meant to be so large, raise data.fetching.max_gb)" in told
    assert f"{NAME}.part" not in _left(tmp_path / "data")


def test_a_wrong_hash_is_told_and_the_file_set_aside(server, tmp_path):
    source = _source(server.serve("/train.zip", ZIP), sha256="0" * 64)
    told = _refused(source, tmp_path / "data")
    found = hashlib.sha256(ZIP).hexdigest()
    assert f"sha256 {found}, expected {'0' * 64} as the list of sources says" in told
    assert f"set bytes and sha256 in data.sources.{NAME}" in told
    assert (tmp_path / "data" / f"{NAME}.refused").read_bytes() == ZIP
    assert f"kept as {tmp_path / 'data' / NAME}.refused" in told


def test_another_file_than_the_first_time_is_told(server, tmp_path):
    downloads = tmp_path / "data"
    source = _source(server.serve("/train.zip", ZIP))
    _fetch(source, downloads).unlink()
    server.serve("/train.zip", _archive(200_000))
    told = _refused(source, downloads)
    assert f"expected {hashlib.sha256(ZIP).hexdigest()} as {downloads / NAME}.sha256" in told
    assert "if the change is meant, delete that record" in told
    (downloads / f"{NAME}.sha256").unlink()
    assert _fetch(source, downloads).read_bytes() == _archive(200_000)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.9999])
def test_a_truncated_archive_is_told(server, tmp_path, share):
    part = ZIP[: int(len(ZIP) * share)]
    told = _refused(_source(server.serve("/train.zip", part)), tmp_path / "data")
    assert f"it sent {len(part)} bytes that are no whole ZIP archive" in told
    assert f"{NAME}.part" not in _left(tmp_path / "data")


def test_a_server_that_stalls_is_told_and_what_came_is_kept(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, stall_after=150_000), Answer(ZIP, stall_after=0))
    told = _refused(_source(url), tmp_path / "data")
    assert "its server was silent for 0.4 s 2 times in a row" in told
    kept = (tmp_path / "data" / f"{NAME}.part").read_bytes()
    assert ZIP.startswith(kept)
    assert f"({len(kept)} bytes are kept; run again to go on from there)" in told
    assert 65_536 <= len(kept) <= 150_000


def test_a_server_that_fails_for_good_is_told(server, tmp_path):
    told = _refused(_source(server.serve("/train.zip", Answer(b"", 503))), tmp_path / "data")
    assert "its server answers 503 Service Unavailable 2 times in a row" in told


def test_a_server_that_is_not_there_is_told(tmp_path):
    told = _refused(_source("http://127.0.0.1:9/train.zip"), tmp_path / "data")
    assert "Connection refused 2 times in a row" in told


def test_a_name_that_cannot_be_resolved_is_told(tmp_path):
    told = _refused(_source("https://name.invalid/train.zip"), tmp_path / "data")
    assert "the name of its server can't be resolved 2 times in a row" in told


def test_redirects_in_a_circle_are_told(server, tmp_path):
    url = server.serve("/train.zip", Answer(b"", 302, (("Location", "/train.zip"),)))
    told = _refused(_source(url), tmp_path / "data")
    assert "can't be asked for it (Exceeded 30 redirects.)" in told


@pytest.mark.parametrize("url", ["http://", "http://[::1/x", "ftp://127.0.0.1/x", "train.zip"])
def test_an_address_that_is_none_is_told(tmp_path, url):
    assert "can't be asked for it" in _refused(_source(url), tmp_path / "data")


def test_a_disk_that_fills_up_is_told_and_what_came_is_kept(server, tmp_path):
    source = _source(server.serve("/train.zip", Answer(ZIP, announced=None)))
    told = _refused(source, tmp_path / "data", largest_file=100_000)
    assert "no space is left for it" in told
    kept = (tmp_path / "data" / f"{NAME}.part").read_bytes()
    assert ZIP.startswith(kept)
    assert 0 < len(kept) <= 100_000
    assert f"the {len(kept)} bytes that have come" in told


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """Mount a file system of 128 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("announced", [-1, None])
def test_a_disk_without_room_is_told(server, tmp_path, small_disk, announced):
    source = _source(server.serve("/train.zip", Answer(ZIP, announced=announced)))
    told = _refused(source, small_disk / "data", log=tmp_path / "job.log")
    assert "no space is left for it" in told
    assert "set data.downloads to a folder on another disk" in told
    if announced == -1:
        assert f"{len(ZIP)} bytes are to come" in told


def test_a_folder_that_cannot_be_written_is_told(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    source = _source(server.serve("/train.zip", ZIP))
    status, seen, _ = _job(source, tmp_path / "file")
    assert status == 1
    assert seen.count("\n") == 1
    assert "can't be written" in seen
    assert "set data.downloads to a folder that you may write to" in seen


def test_offline_never_asks_and_says_what_is_missing_and_where_to_put_it(server, tmp_path):
    downloads = tmp_path / "data"
    missing = (NAME, "tutorial/digits-videos.zip")
    source = _source(server.serve("/train.zip", ZIP))
    told = _refused(source, downloads, offline=True, missing=missing)
    assert "config key data.offline is true" in told
    assert f"{downloads / NAME}, {downloads / missing[1]} are missing" in told
    assert "data.local" in told
    assert not server.asked


def test_a_killed_download_is_gone_on_with(server, tmp_path):
    url = server.serve("/train.zip", Answer(ZIP, stall_after=200_000), ZIP)
    about = {
        "source": asdict(_source(url)), "downloads": str(tmp_path), "offline": False,
        "settings": asdict(replace(SETTINGS, timeout_s=30)), "missing": [NAME], "largest_file": 0,
        "log": str(tmp_path / "job.log"),
    }  # fmt: skip
    job = subprocess.Popen(
        [sys.executable, "-c", JOB, json.dumps(about)],
        env={**CLEAN, "PYTHONPATH": str(SCRIPTS)},
    )
    part = tmp_path / f"{NAME}.part"
    waiting = threading.Event()
    for _ in range(200):
        if part.is_file() and part.stat().st_size >= 65_536:
            break
        waiting.wait(0.05)
    job.kill()
    job.wait()
    assert not (tmp_path / NAME).exists()
    assert _fetch(_source(url), tmp_path).read_bytes() == ZIP
    assert int(server.asked[-1].headers["Range"].removeprefix("bytes=").removesuffix("-")) > 0
