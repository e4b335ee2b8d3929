"""Where the data sets come from, under which licence, and how to know that a file is the right one.

``data`` lists what is there and what is missing; ``data --fetch`` downloads the originals that
can be used as they are from their public home.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from device.files import replacing
from firmware_tools import data
from firmware_tools.data import DataError
from firmware_tools.progress import bar, say

_BLOCK = 1 << 16

_TIMEOUT = 30
"""Seconds that a server may be silent."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a data set.

    ``sha256`` is that of the content: of what is inside for a ``.gz``, so that a file that
    somebody packed again is still known. ``url`` is empty where the original must be converted.
    """

    path: str
    sha256: str
    url: str = ""


@dataclass(frozen=True)
class Source:
    """One data set: what it is, how much, whose, under which licence as stated there."""

    name: str
    what: str
    count: int
    origin: str
    licence: str
    files: tuple[SourceFile, ...]


_MNIST_HOME = "https://storage.googleapis.com/cvdf-datasets/mnist"
_UNIPEN = "UNIPEN train_r01_v07"
_UNIPEN_LICENCE = "CC BY 4.0 (Zenodo record); the CD-ROM's older notice: research use"


def _mnist(part: str, images: str, labels: str) -> tuple[SourceFile, ...]:
    names = (f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz")
    return tuple(
        SourceFile(f"mnist/{name}", sha256, f"{_MNIST_HOME}/{name}")
        for name, sha256 in zip(names, (images, labels), strict=True)
    )


SOURCES = (
    Source(
        "mnist-train",
        "digits, scanned",
        60_000,
        "Y. LeCun, C. Cortes, C. Burges, MNIST",
        "CC BY-SA 3.0",
        _mnist(
            "train",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    ),
    Source(
        "mnist-test",
        "digits, scanned, to report on only",
        10_000,
        "Y. LeCun, C. Cortes, C. Burges, MNIST",
        "CC BY-SA 3.0",
        _mnist(
            "t10k",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    Source(
        "unipen-digits",
        "digits as pen strokes",
        13_872,
        f"{_UNIPEN}, section 1a",
        _UNIPEN_LICENCE,
        (
            SourceFile(
                "unipen-digits.jsonl.gz",
                "ba6965b6ab6367ab42eab187b1ed6a885566db17e8b8fb79de671ebdabc07f88",
            ),
        ),
    ),
    Source(
        "pendigits",
        "digits as pen strokes",
        10_992,
        "UCI Pen-Based Recognition of Handwritten Digits, archive.ics.uci.edu/dataset/81",
        "CC BY 4.0",
        (
            SourceFile(
                "pendigits.jsonl.gz",
                "9cac4a6772eff3db6b88eacdc4847ed3d0480eab7b7df2ce1f453ec23ca4708f",
            ),
        ),
    ),
    Source(
        "niemenjoki",
        "digits drawn with a mouse",
        3_746,
        "github.com/niemenjoki/handwritten-digit-classification, labels cleaned",
        "free for any use, attribution welcome",
        (
            SourceFile(
                "niemenjoki-dataset.json.gz",
                "abb562f7375f85cd37075aa398a83c12b3bc80a29d9a7d45d288a8919fed12d9",
            ),
        ),
    ),
    Source(
        "hwd1000",
        "drawn digits, not centred",
        1_000,
        "github.com/niklashenning/hwd-1000-dataset",
        "MIT",
        (
            SourceFile(
                "hwd1000.npz", "4f3712389e58826bb7ed0708ff9492421f088f854ed5b0dcd0dbccc191986838"
            ),
        ),
    ),
    Source(
        "unipen-upper",
        "capital letters unlike digits",
        14_782,
        f"{_UNIPEN}, section 1b",
        _UNIPEN_LICENCE,
        (
            SourceFile(
                "unipen-upper.jsonl.gz",
                "20b11328ad484d4f4a186cd2c847de820f58c9c887bb364bc3b1e35856a86951",
            ),
        ),
    ),
    Source(
        "unipen-lower",
        "small letters unlike digits",
        36_020,
        f"{_UNIPEN}, section 1c",
        _UNIPEN_LICENCE,
        (
            SourceFile(
                "unipen-lower.jsonl.gz",
                "e7cb46baf722d96470e11cfcf404699cc7187aab18824345b252c0348cdb4b16",
            ),
        ),
    ),
    Source(
        "unipen-symbols",
        "signs unlike digits",
        5_160,
        f"{_UNIPEN}, section 1d",
        _UNIPEN_LICENCE,
        (
            SourceFile(
                "unipen-symbols.jsonl.gz",
                "ffe28f05f38cb018fcb29c4a4ea578ee496947245862d40274a63e8866265d05",
            ),
        ),
    ),
    Source(
        "quickdraw",
        "doodles of 276 kinds",
        7_567,
        "Google Quick, Draw!, github.com/googlecreativelab/quickdraw-dataset",
        "CC BY 4.0",
        (
            SourceFile(
                "quickdraw.jsonl.gz",
                "b640e4b1a1973968a6d3986e91310516f06780f99e7f190b49a429cc3705bf60",
            ),
        ),
    ),
    Source(
        "quickdraw-bitmaps",
        "doodles of 9 kinds, pictures",
        21_000,
        "Google Quick, Draw!, github.com/googlecreativelab/quickdraw-dataset",
        "CC BY 4.0",
        (
            SourceFile(
                "quickdraw-bitmaps.npz",
                "6222b1501b03ff02abe26122782fc88bba5d5140bd804a0119f6e1788a98c604",
            ),
        ),
    ),
    Source(
        "omniglot",
        "characters of 4 alphabets",
        3_080,
        "github.com/brendenlake/omniglot",
        "MIT",
        (
            SourceFile(
                "omniglot.jsonl.gz",
                "c8e17082a1072ae0d22eaa4c64f6f23b9d0c924aa49ea08d40a2f6beb31e86b4",
            ),
        ),
    ),
)
"""Every data set that the recipes and the evaluation know."""


def content_sha256(path: Path) -> str:
    """The sha256 of what a file says: unpacked where it is a ``.gz``.

    Raises:
        DataError: it cannot be read, or is not the gzip file that its name says.
    """
    digest = hashlib.sha256()
    try:
        with data.opened(path) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged or cannot be read") from error
    return digest.hexdigest()


def check(source: Source, folder: Path) -> str:
    """What is the matter with a data set: "ok", "missing", "changed" or "damaged"."""
    paths = [folder / file.path for file in source.files]
    if not all(path.is_file() for path in paths):
        return "missing"
    try:
        known = [
            content_sha256(path) == file.sha256
            for path, file in zip(paths, source.files, strict=True)
        ]
    except DataError:
        return "damaged"
    return "ok" if all(known) else "changed"


def fetch(file: SourceFile, folder: Path) -> Path:
    """Download one file and check it; an existing one is replaced only by a good one.

    Raises:
        DataError: no network, no such file there, or not the file that was published.
        FileError: it cannot be written.
    """
    target = folder / file.path
    with replacing(target) as temporary:
        _download(file.url, temporary)
        if content_sha256(temporary) != file.sha256:
            raise DataError(
                f"{file.url} is not the file that was published (its sha256 differs); "
                "nothing was kept"
            )
    return target


def _download(url: str, target: Path) -> None:
    try:
        reply = urllib.request.urlopen(url, timeout=_TIMEOUT)
    except (urllib.error.URLError, TimeoutError, ValueError, OSError) as error:
        raise _no_download(url, error) from error
    with reply, target.open("wb") as out:
        size = int(reply.headers.get("Content-Length") or 0)
        for block in bar(_blocks(reply, url), target.name, size // _BLOCK + 1, "block"):
            out.write(block)


def _blocks(reply: BinaryIO, url: str) -> Iterator[bytes]:
    """What a server sends, piece by piece; its failures as one line, those of the disk not."""
    while True:
        try:
            block = reply.read(_BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise _no_download(url, error) from error
        if not block:
            return
        yield block


def _no_download(url: str, error: Exception) -> DataError:
    if isinstance(error, urllib.error.HTTPError):
        return DataError(f"cannot download {url}: the server answers {error.code}")
    reason = getattr(error, "reason", None) or error
    return DataError(f"cannot download {url}: {reason}. Is there a network?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``data``."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of data sets")
    parser.add_argument(
        "--fetch", action="store_true", help="download what is missing and can be used as it is"
    )


def run(args: argparse.Namespace, sources: Sequence[Source] = SOURCES) -> int:
    """List every data set; status 1 when one is missing, changed or damaged."""
    folder = data.data_folder(args.data)
    if args.fetch:
        _fetch_missing(folder, sources)
    print(f"data sets in {folder}")
    states = {}
    for source in bar(sources, "verifying", len(sources), "set"):
        states[source.name] = check(source, folder)
        state = states[source.name]
        what = f"{source.count:7,}  {source.what:34}"
        print(f"{source.name:18} {state:8} {what} {source.licence}")
    return _advice(states, sources)


def _fetch_missing(folder: Path, sources: Sequence[Source]) -> None:
    for source in sources:
        if check(source, folder) == "ok" or not all(file.url for file in source.files):
            continue
        for file in source.files:
            say(f"fetching {file.url}")
            fetch(file, folder)


def _advice(states: dict[str, str], sources: Sequence[Source]) -> int:
    """Say what to do about each set that is not as it should be; the exit status."""
    for source in sources:
        state, first = states[source.name], source.files[0]
        if state == "missing" and first.url:
            print(f"{source.name}: fetch it with --fetch (from {first.url.rpartition('/')[0]})")
        elif state == "missing":
            print(f"{source.name}: put {first.path} there; its original is {source.origin}")
        elif state == "changed":
            print(f"{source.name}: readable, but not the file that our figures were made with")
        elif state == "damaged":
            print(f"{source.name}: cannot be read to its end; get it anew")
    return int(any(state != "ok" for state in states.values()))
