"""Downloads from a misbehaving server on 127.0.0.1: one sentence, nothing half-made."""

import hashlib
import io
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback.server import Answer, Loopback, serving

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives import fetching
from dvs_snn.recordings.archives.catalogue import Source
from dvs_snn.recordings.archives.fetching import DownloadJob, fetch

NAME = "tutorial/train.zip"
EARLIER = "tutorial/digits-videos.zip"
NOBODY = "http://127.0.0.1:9"


# One member that can't be packed; without today's date, so that the bytes are the same each time.
_content = io.BytesIO()
with zipfile.ZipFile(_content, "w") as _zip:
    _zip.writestr(zipfile.ZipInfo("0/a.png"), random.Random(1).randbytes(300_000))
ZIP = _content.getvalue()
SHA256 = hashlib.sha256(ZIP).hexdigest()


@pytest.fixture
def server(monkeypatch) -> Iterator[Loopback]:
    # What a user's own environment says about proxies has no place here, nor have pauses.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.4)
    monkeypatch.setattr(fetching, "ATTEMPTS", 2)
    with serving() as loopback:
        yield loopback


def _fetch(url: str, downloads: Path, sha256: str | None = None, offline: bool = False) -> Path:
    source = Source(NAME, url, None, sha256, "free")
    archive = downloads / NAME
    job = DownloadJob(source, archive, downloads, [NAME, "x.zip"], offline)
    fetch(job, Progress(io.StringIO(), 0.0))
    return archive


def _refused(url: str, downloads: Path, **how) -> str:
    """Fail to fetch; return the one sentence, which names address, file and remedy."""
    (downloads / "tutorial").mkdir(parents=True)
    (downloads / EARLIER).write_bytes(b"fetched before")
    with pytest.raises(StudyError) as error:
        _fetch(url, downloads, **how)
    told = str(error.value)
    assert "\n" not in told
    assert told.endswith(".")
    assert url in told
    assert str(downloads / NAME) in told
    assert [path.name for path in (downloads / "tutorial").iterdir()] == ["digits-videos.zip"]
    return told


def test_an_archive_is_fetched_whole_and_others_may_read_it(server, tmp_path):
    there = server.serve("/there.zip", ZIP)
    path = _fetch(server.serve("/train.zip", Answer(b"", 302, there)), tmp_path / "data", SHA256)
    assert path.read_bytes() == ZIP
    assert [entry.name for entry in path.parent.iterdir()] == ["train.zip"]
    assert path.stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize(
    "fault", [Answer(b"busy", 503), Answer(ZIP, cut_after=150_000), Answer(ZIP, wait_s=1.0)]
)
def test_a_fault_that_passes_is_tried_again(server, tmp_path, fault):
    path = _fetch(server.serve("/train.zip", fault, ZIP), tmp_path)
    assert path.read_bytes() == ZIP
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(b"no", 404), "404 Client Error"),
        (Answer(b"", 302, "/train.zip"), "Exceeded 30 redirects"),
        (Answer(b"\n<!DOCTYPE html><html>sign in</html>"), "sends no ZIP archive"),
        (Answer(ZIP[:200_000]), "sends no ZIP archive"),
        (Answer(ZIP, cut_after=200_000), "IncompleteRead"),
    ],
)
def test_a_server_that_sends_no_archive_is_told(server, tmp_path, answer, what):
    told = _refused(server.serve("/train.zip", answer), tmp_path / "data")
    assert what in told
    assert f"data.sources.{NAME}.url" in told


def test_another_hash_than_the_list_has_or_was_recorded_is_told(server, tmp_path):
    url = server.serve("/train.zip", ZIP)
    told = _refused(url, tmp_path / "data", sha256="0" * 64)
    assert f"expected {'0' * 64} but got {SHA256}" in told
    assert f"set bytes and sha256 in data.sources.{NAME}" in told
    record = tmp_path / "data" / f"{NAME}.sha256"
    record.write_text(f"{'1' * 64}  train.zip\n")
    with pytest.raises(StudyError, match=f"expected {'1' * 64} but .* delete {record}"):
        _fetch(url, tmp_path / "data")


def test_a_proxy_is_used_and_one_that_does_not_answer_is_told(server, tmp_path, monkeypatch):
    server.serve("/train.zip", ZIP)
    monkeypatch.setenv("HTTP_PROXY", server.url)
    _fetch("http://name.invalid/train.zip", tmp_path / "a")
    assert server.asked == ["http://name.invalid/train.zip"]
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    told = _refused("http://name.invalid/train.zip", tmp_path / "b")
    assert "the proxy of HTTP_PROXY or HTTPS_PROXY: Connection refused" in told


def test_offline_nobody_is_asked_and_each_missing_archive_is_named(server, tmp_path):
    told = _refused(server.serve("/train.zip", ZIP), tmp_path / "data", offline=True)
    assert f"missing: {tmp_path / 'data' / NAME}, {tmp_path / 'data/x.zip'}; put" in told
    assert "data.local" in told
    assert not server.asked
