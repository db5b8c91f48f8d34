"""Fetches archives by pooch: it checks the hash, tries again from the first byte, shows progress.

requests, with which pooch asks, takes proxies, certificates and ``~/.netrc`` from the environment.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from pooch import HTTPDownloader, Pooch
from requests.exceptions import ProxyError, RequestException

from dvs_snn.files.atomic import share
from dvs_snn.files.errors import StudyError, chain, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives.catalogue import Source, known_sha256, remedy

CHUNK_BYTES = 1 << 16

TIMEOUT_S = 30.0
"""Longest time that a server may send nothing."""

ATTEMPTS = 3
"""Attempts at a download, each from its beginning."""


@dataclass(frozen=True)
class DownloadJob:
    """What the rule `download` gives.

    Attributes:
        archive: the file that `source` tells of, below `downloads`.
        missing: all archives that the study lacks.
    """

    source: Source
    archive: Path
    downloads: Path
    missing: list[str]
    offline: bool


def fetch(job: DownloadJob, progress: Progress) -> None:
    """Fetch an archive, whole or not at all; StudyError if it can't be had."""
    source = job.source
    target = job.archive
    if job.offline:
        places = ", ".join(f"{job.downloads / name}" for name in job.missing)
        raise StudyError(
            f"config key data.offline is true, so {source.url} is not fetched; missing: {places}; "
            "put it there, name a folder that holds it in data.local, or set data.offline to false."
        )

    def failed(what: str) -> StudyError:
        return StudyError(
            f"{source.url}: {what}, where {source.file} was expected; fetch it with a browser and "
            f"put it at {target} (or name its place in data.local), or set another address in "
            f"data.sources.{source.name}.url."
        )

    def download(url: str, path: str, _: Pooch) -> None:
        # pooch moves the line of the bar, and gives it the size that the server states. The line of
        # a bar without a total counts as False, and pooch would leave it alone.
        with progress.bar(1, "B", source.file) as bar:
            ask = HTTPDownloader(bar.line, CHUNK_BYTES, timeout=TIMEOUT_S)
            ask(url, path, None)
        if not zipfile.is_zipfile(path):
            raise failed("its server sends no ZIP archive")
        share(Path(path))

    archives = Pooch(
        path=target.parent,
        base_url="",
        registry={source.file: known_sha256(source, job.downloads)},
        urls={source.file: source.url},
        retry_if_failed=ATTEMPTS - 1,
    )
    try:
        archives.fetch(source.file, downloader=download)
        progress.say(f"{target} is there")
    except RequestException as error:
        *_, cause = chain(error)
        who = "the proxy of HTTP_PROXY or HTTPS_PROXY: " if isinstance(error, ProxyError) else ""
        raise failed(f"{who}{reason_of(cause)}") from error
    except ValueError as error:  # pooch found another hash
        what = str(error).partition(". Deleted")[0]
        raise failed(f"{what} ({remedy(source, job.downloads)})") from error
