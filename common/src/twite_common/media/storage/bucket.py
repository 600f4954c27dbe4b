"""Files in a bucket of an object storage that speaks S3.

Whatever the storage answers stays here: what goes out of this module names neither keys nor what was signed with them.
"""

import functools
import logging
import re
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from queue import Full, Queue
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from twite_common import clock, disk
from twite_common.media.storage.names import media_type
from twite_common.media.storage.places import Stored, Unreachable

if TYPE_CHECKING:
    from obstore import ObjectMeta

log = logging.getLogger(__name__)

PART_BYTES = 8 * 1024 * 1024
"""What is written or read with one request."""
WRITTEN_AT_ONCE = 2
PARTS_WAITING = 4
HAND_OVER_SECONDS = 1.0
LISTED_AT_ONCE = 1000
CONNECT_SECONDS, READ_SECONDS, REQUEST_SECONDS, RETRY_SECONDS = 4, 15, 60, 15
RETRIES = 2
FOREVER = "public, max-age=31536000, immutable"
"""A name never comes to mean another file."""
_CODE = re.compile(r"<Code>(\w{1,40})</Code>")
_NO_BUCKET = "NoSuchBucket"


class Location(msgspec.Struct, frozen=True):
    """What the address of a bucket says."""

    endpoint: str
    key: str
    secret: str
    bucket: str
    prefix: str
    region: str

    def __repr__(self) -> str:
        return f"{self.endpoint}/{self.bucket}/{self.prefix}".rstrip("/")


def located(address: str) -> Location:
    """Return what an address such as s3://key:secret@host/bucket/prefix?region=eu says; settings are checked before."""
    parts = urlsplit(address)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
    endpoint = f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    return Location(endpoint, unquote(parts.username or ""), unquote(parts.password or ""), bucket, prefix, region)


@functools.cache
def _store(location: Location) -> S3Store:
    """Return what keeps the connections to a bucket, one for the whole process."""
    return S3Store(
        location.bucket,
        endpoint=location.endpoint,
        access_key_id=location.key,
        secret_access_key=location.secret,
        region=location.region,
        client_options={
            "allow_http": location.endpoint.startswith("http:"),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "read_timeout": timedelta(seconds=READ_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
            "user_agent": "Twite",
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    )


class Bucket:
    """Files in a bucket, under what its address names and a folder of that; `scratch` is for files being read."""

    def __init__(self, address: str, folder: str, scratch: Path) -> None:
        self.location = located(address)
        self._prefix = "/".join(filter(None, (self.location.prefix, folder)))
        self._scratch = scratch

    def __str__(self) -> str:
        return f"the bucket {self.location!r}"

    @property
    def _bucket(self) -> S3Store:
        return _store(self.location)

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def find(self, name: str) -> Stored | None:
        """Return a file, if it is there."""
        with suppress(FileNotFoundError), _answering():
            return _stored(name, obstore.head(self._bucket, self._path(name)))
        return None

    async def find_soon(self, name: str) -> Stored | None:
        """Return a file, if it is there, and hold no thread until that is known."""
        with suppress(FileNotFoundError), _answering():
            return _stored(name, await obstore.head_async(self._bucket, self._path(name)))
        return None

    def write(self, name: str, content: IO[bytes]) -> None:
        """Write a file, which appears under its name only when it is whole."""
        self._put(name, content)

    def write_parts(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file from its parts, one after another: none of it stays when one can't be made.

        Another thread writes: nothing can be read from a bucket where the library asks for the next part to write.
        """
        waiting: Queue[bytes | None] = Queue(PARTS_WAITING)
        broken = threading.Event()
        with ThreadPoolExecutor(1, "bucket") as pool:
            written = pool.submit(self._put, name, _taken(waiting, broken))
            try:
                for part in parts:
                    _hand_over(part, waiting, written)
            except BaseException:
                broken.set()
                raise
            finally:
                _hand_over(None, waiting, written)
            written.result()

    def _put(self, name: str, content: IO[bytes] | Iterator[bytes]) -> None:
        attributes = {"Content-Type": media_type(name), "Cache-Control": FOREVER}
        try:
            with _answering():
                obstore.put(
                    self._bucket,
                    self._path(name),
                    content,
                    attributes=attributes,
                    chunk_size=PART_BYTES,
                    max_concurrency=WRITTEN_AT_ONCE,
                )
        except FileNotFoundError:
            raise _failed(_NO_BUCKET) from None

    def take(self, name: str, file: Path) -> None:
        """Write a file that lies in the data folder, and is no longer there afterwards."""
        with file.open("rb") as content:
            self.write(name, content)
        file.unlink()

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading, at any position: it is fetched whole into a file without a name."""
        with disk.writing():
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            target = tempfile.TemporaryFile(dir=self._scratch)  # noqa: SIM115 - closed by whoever asked for it
        try:
            self._fetch(name, target)
        except BaseException:
            target.close()
            raise
        target.seek(0)
        return target

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give a path at which programs can read a file, for as long as the block lasts."""
        with disk.writing():
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(dir=self._scratch)
        with folder:
            path = Path(folder.name) / name.rpartition("/")[2]
            with path.open("xb") as target:
                self._fetch(name, target)
            yield path

    def _fetch(self, name: str, target: IO[bytes]) -> None:
        start, size = 0, 1
        while start < size:
            with _answering():
                answer = obstore.get(self._bucket, self._path(name), options={"range": (start, start + PART_BYTES)})
                part, size = answer.bytes(), answer.meta["size"]
            if not part:
                raise _failed("")
            with disk.writing():
                target.write(part)
            start += len(part)

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a file's bytes from `start` up to, not including, `end`."""
        with _answering():
            return bytes(await obstore.get_range_async(self._bucket, self._path(name), start=start, end=end))

    def rename(self, name: str, new_name: str) -> bool:
        """Give a file another name; False when it isn't there."""
        try:
            with _answering():
                obstore.copy(self._bucket, self._path(name), self._path(new_name))
        except FileNotFoundError:
            return False
        self.remove(name)
        return True

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError), _answering():
            obstore.delete(self._bucket, self._path(name))

    def listed(self, folder: str, after: str = "") -> Iterator[Stored]:
        """Give all that is in a folder, "" for the place itself, by name, and after a name."""
        prefix = self._path(folder).rstrip("/")
        offset = self._path(after) if after else None
        with _answering():
            pages = obstore.list(self._bucket, prefix, offset=offset, chunk_size=LISTED_AT_ONCE)
        while True:
            with _answering():
                page = next(pages, None)
            if page is None:
                return
            for found in page:
                yield _stored(found["path"].removeprefix(f"{self._prefix}/"), found)

    def address(self, name: str) -> str | None:
        """Return the URL at which others find a file if they may."""
        return f"{self.location.endpoint}/{self.location.bucket}/{self._path(name)}"

    def is_there(self) -> bool:
        """Say that there is such a bucket. Raises Unreachable when there is none."""
        self.is_empty()
        return True

    def is_empty(self) -> bool:
        """Say whether there is no file."""
        return next(self.listed(""), None) is None


def _stored(name: str, found: "ObjectMeta") -> Stored:
    return Stored(name, found["size"], int(found["last_modified"].timestamp() * clock.SECOND))


class _Broken(Exception):
    """The next part of a file couldn't be made."""


def _taken(waiting: "Queue[bytes | None]", broken: threading.Event) -> Iterator[bytes]:
    while (part := waiting.get()) is not None:
        yield part
    if broken.is_set():
        raise _Broken


def _hand_over(part: bytes | None, waiting: "Queue[bytes | None]", written: "Future[None]") -> None:
    """Have a part written, once there is room for it, or find that writing has ended."""
    while not written.done():
        with suppress(Full):
            waiting.put(part, timeout=HAND_OVER_SECONDS)
            return


@contextmanager
def _answering() -> Iterator[None]:
    """Raise Unreachable for what fails inside, but FileNotFoundError for a file that isn't there."""
    try:
        yield
    except FileNotFoundError as error:
        if _NO_BUCKET in str(error):
            raise _failed(_NO_BUCKET) from None
        raise FileNotFoundError from None
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _failed(_code(error) or "AccessDenied") from None
    except (BaseError, TimeoutError) as error:
        raise _failed(_code(error)) from None


def _code(error: BaseException) -> str:
    code = _CODE.search(str(error))
    return code[1] if code else ""


def _failed(code: str) -> Unreachable:
    """Return the exception for a code of S3, "" when there was no answer that has one."""
    reasons = {
        "": "it doesn't answer",
        _NO_BUCKET: "there is no such bucket",
        "AccessDenied": "it refuses the key, or the key may not do that there",
        "InvalidAccessKeyId": "it doesn't know the key",
        "SignatureDoesNotMatch": "the key's secret is wrong",
    }
    error = Unreachable(reasons.get(code, f"it answers {code}"))
    log.warning("storage_failed %s", {"reason": error.reason})
    return error
