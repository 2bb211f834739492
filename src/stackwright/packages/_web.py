"""
Fetching over HTTP from servers that are not trusted and networks that fail.

Decides retries, redirects, limits and resumption; knows nothing of what is fetched.

* Credentials go to the origin (scheme, host, port) they are for, never along a redirect to
  another one, and never over an unencrypted connection that leaves this machine.
* A redirect never leads from https to http.
* Failures of the network, 5xx and 429 are tried again; other answers are final.
* Answers that are read whole are bounded; so are downloads.
* A download that was cut is continued where it stopped, in this process or a later one, as long
  as the server says that the file is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import urljoin, urlsplit

from stackwright.environment import home, unwritable_home
from stackwright.packages._errors import FetchError, ForbiddenError, MissingError
from stackwright.packages._progress import Progress, Silent

if TYPE_CHECKING:
    import httpx

MAX_DOCUMENT: Final = 16 * 1024**2
MAX_DOWNLOAD: Final = 4 * 1024**3
_CHUNK: Final = 256 * 1024
_REDIRECTS: Final = 10
_TIMEOUT: Final = 10.0
_STALL: Final = 30.0
"""Seconds without a byte after which a download counts as cut."""
_FRUITLESS: Final = 4
"""Attempts in a row that may bring nothing before a download is given up."""
_LONGEST_WAIT: Final = 5.0
_ABANDONED: Final = 30 * 24 * 60 * 60
"""Seconds after which nobody is going to continue a download."""


class Answer:
    """A document that was read whole, and where it finally was."""

    def __init__(self, url: str, content: bytes, media_type: str) -> None:
        self.url = url
        self.content = content
        self.media_type = media_type

    def json(self) -> Any:
        """
        The document as JSON.

        Raises:
            FetchError: It is not JSON.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise FetchError(
                f"{shown_url(self.url)} did not answer with JSON",
                hint="Make sure that the address is right; a proxy or login page may have answered instead",
            ) from None

    def resolve(self, reference: str) -> str:
        """A URL that the document gives, which may be relative to it."""
        return urljoin(self.url, reference)


class Web:
    """
    One session. Use it as a context manager; calls block.

    *pause* waits between attempts. *environ* tells timeouts and retries (terraform.md §7.3).
    """

    def __init__(
        self,
        *,
        progress: Progress | None = None,
        environ: Mapping[str, str] | None = None,
        stall: float = _STALL,
        pause: Any = time.sleep,
    ) -> None:
        self.environ = os.environ if environ is None else environ
        self.progress: Progress = progress or Silent()
        self.stall = stall
        self._pause = pause
        self._opened: httpx.Client | None = None
        self.retries = _number(self.environ.get("TF_REGISTRY_DISCOVERY_RETRY"), 1)
        self.timeout = float(_number(self.environ.get("TF_REGISTRY_CLIENT_TIMEOUT"), int(_TIMEOUT)))

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _client(self) -> httpx.Client:
        if self._opened is None:
            import httpx

            from stackwright._version import __version__

            self._opened = httpx.Client(
                follow_redirects=False,
                timeout=httpx.Timeout(self.timeout),
                headers={"User-Agent": f"stackwright/{__version__}", "Accept-Encoding": "identity"},
            )
        return self._opened

    def get(
        self,
        url: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_DOCUMENT,
        redirects: int = _REDIRECTS,
        timeout: float | None = None,
    ) -> Answer:
        """
        A document of at most *limit* bytes.

        Raises:
            MissingError: There is none (404, 410).
            ForbiddenError: Credentials are missing or refused (401, 403).
            FetchError: Anything else.
        """
        import httpx

        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            try:
                with self.open(url, token, headers or {}, redirects, timeout or self.timeout) as response:
                    if response.status_code == 200:
                        return self._read(response, limit)
                    if last or not _is_passing(response):
                        _refuse(response, token)
                    self.wait(attempt, response)
            except httpx.HTTPError as error:
                if last:
                    raise _unreachable(url, error) from None
                self.wait(attempt)
        raise AssertionError("the last attempt returns or raises")

    def download(
        self,
        url: str,
        *,
        what: str,
        identity: str = "",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_DOWNLOAD,
    ) -> Path:
        """
        Fetch a file into our downloads folder and return where it is; `discard` it after use.

        *identity* tells files behind one URL apart (their expected checksum), so that nothing of
        another file is ever continued.

        Raises:
            MissingError, ForbiddenError, FetchError: As in `get`; what has come so far is kept
                for the next attempt, except where the disk is full.
        """
        return _Download(self, url, what, identity, token, headers or {}, limit).run()

    @staticmethod
    def discard(path: Path) -> None:
        """Remove what `download` returned, with what was noted about it."""
        for each in (path, path.with_suffix(".mark"), path.with_suffix(".lock")):
            each.unlink(missing_ok=True)

    @contextlib.contextmanager
    def open(
        self, url: str, token: str | None, headers: Mapping[str, str], redirects: int, timeout: float
    ) -> Iterator[httpx.Response]:
        """The answer after redirects, its body not read yet."""
        import httpx

        start = url
        for _ in range(redirects + 1):
            trusted = _origin(url) == _origin(start)
            sent = {
                name: text for name, text in headers.items() if trusted or name.lower() != "authorization"
            }
            if token and trusted:
                if not _is_private(url):
                    raise ForbiddenError(
                        f"{shown_url(url)} is not encrypted: credentials are not sent there",
                        hint="Use an https address",
                    )
                sent["Authorization"] = f"Bearer {token}"
            try:
                request = self._client.build_request("GET", url, headers=sent, timeout=timeout)
                response = self._client.send(request, stream=True)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError):
                raise FetchError(f"`{shown_url(url)}` is not an address that can be fetched") from None
            try:
                if response.status_code not in (301, 302, 303, 307, 308):
                    yield response
                    return
                target = urljoin(url, response.headers.get("location", ""))
            finally:
                response.close()
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise FetchError(
                    f"{shown_url(url)} redirects to {shown_url(target)}, which is not encrypted",
                    hint="Report this to whoever runs the server; nothing was fetched",
                )
            url = target
        raise FetchError(f"{shown_url(start)} redirects more than {redirects} times")

    def _read(self, response: httpx.Response, limit: int) -> Answer:
        data = bytearray()
        for chunk in response.iter_bytes(_CHUNK):
            data += chunk
            if len(data) > limit:
                raise FetchError(f"{shown_url(str(response.url))} answered more than {limit} bytes")
        return Answer(str(response.url), bytes(data), response.headers.get("content-type", ""))

    def wait(self, attempt: int, response: httpx.Response | None = None) -> None:
        asked = _number(response.headers.get("retry-after"), 0) if response is not None else 0
        self._pause(min(max(asked, 0.25 * 2**attempt), _LONGEST_WAIT))


class _Download:
    """One file on its way."""

    def __init__(
        self,
        web: Web,
        url: str,
        what: str,
        identity: str,
        token: str | None,
        headers: Mapping[str, str],
        limit: int,
    ) -> None:
        self._web = web
        self._url, self._what, self._token, self._headers = url, what, token, headers
        self._limit = limit
        key = hashlib.sha256(f"{url}\n{identity}".encode()).hexdigest()[:32]
        self._path = home(web.environ) / "downloads" / f"{key}.part"
        self._mark = self._path.with_suffix(".mark")

    def run(self) -> Path:
        import httpx

        fruitless = 0
        while True:
            before = self._size()
            problem: httpx.HTTPError | None = None
            try:
                with self._exclusive(), self._request() as response:
                    if self._finished(response):
                        return self._path
            except httpx.HTTPError as error:
                problem = error
            except OSError as error:
                self._path.unlink(missing_ok=True)
                message = f"{self._what} cannot be stored in {self._path.parent}"
                raise unwritable_home(FetchError, message, error) from error
            fruitless = 0 if self._size() > before else fruitless + 1
            if fruitless >= max(_FRUITLESS, self._web.retries + 1):
                raise _unreachable(self._url, problem or httpx.ReadError("it breaks off again and again"))
            self._web.wait(fruitless)

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Two processes that fetch the same thing do not write into one file at once."""
        import fcntl

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in self._path.parent.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _ABANDONED:
                    leftover.unlink()
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _request(self) -> Iterator[httpx.Response]:
        headers = dict(self._headers)
        mark = self._read_mark()
        if self._size() and mark:
            headers |= {"Range": f"bytes={self._size()}-", "If-Range": mark}
        with self._web.open(self._url, self._token, headers, _REDIRECTS, self._web.stall) as response:
            yield response

    def _read_mark(self) -> str:
        try:
            return self._mark.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _finished(self, response: httpx.Response) -> bool:
        """Take what the response brings; False means: ask again."""
        status = response.status_code
        if status == 416:  # nothing comes after what we have, or it does not fit what is there
            if response.headers.get("content-range") == f"bytes */{self._size()}" and self._read_mark():
                return True
            self._path.unlink(missing_ok=True)
            self._mark.unlink(missing_ok=True)
            return False
        if status not in (200, 206):
            if _is_passing(response):
                return False
            _refuse(response, self._token)
        start = self._size() if status == 206 else 0
        if status == 206 and _range_start(response) != start:
            self._path.unlink(missing_ok=True)
            return False
        length = _number(response.headers.get("content-length"), -1)
        total = start + length if length >= 0 else None
        if total is not None and total > self._limit:
            raise self._too_big()
        if status == 200:
            tag = response.headers.get("etag", "")
            # A weak tag does not vouch for bytes (RFC 9110 §13.1.5); a date may.
            mark = tag if tag and not tag.startswith("W/") else response.headers.get("last-modified", "")
            self._mark.write_text(mark, encoding="utf-8")
        with self._path.open("ab" if start else "wb") as file:
            done = start
            # As it comes: what waits in a buffer for more would be lost when the connection breaks.
            for chunk in response.iter_raw():
                done += len(chunk)
                if done > self._limit:
                    raise self._too_big()
                file.write(chunk)
                file.flush()
                self._web.progress.downloading(self._what, done=done, total=total)
        if total is None:
            self._web.progress.downloading(self._what, done=done, total=done)
        return total is None or done == total

    def _too_big(self) -> FetchError:
        self._path.unlink(missing_ok=True)
        return FetchError(f"{shown_url(self._url)} holds more than {self._limit} bytes")


def shown_url(url: str) -> str:
    """A URL for people: without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else url


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _is_private(url: str) -> bool:
    """Whether nobody else can listen: encrypted, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def _is_passing(response: httpx.Response) -> bool:
    return response.status_code == 429 or response.status_code >= 500


def _range_start(response: httpx.Response) -> int:
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    return _number(rest.partition("-")[0], -1) if unit == "bytes" else -1


def _number(text: str | None, default: int) -> int:
    return (
        int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 19 else default
    )


def _refuse(response: httpx.Response, token: str | None) -> NoReturn:
    url, status = shown_url(str(response.url)), response.status_code
    if status in (404, 410):
        raise MissingError(f"{url} does not exist (HTTP {status})")
    if status in (401, 403):
        host = urlsplit(str(response.url)).netloc
        variable = f"TF_TOKEN_{host.partition(':')[0].replace('-', '__').replace('.', '_')}"
        problem = "refused the credentials for" if token else "wants credentials of"
        raise ForbiddenError(
            f"{url} {problem} {host} (HTTP {status})",
            hint=f"Set {variable}, or add a `credentials` block to Terraform's CLI configuration",
        )
    raise FetchError(f"{url} answered with HTTP {status}", hint="Try again later")


def _unreachable(url: str, error: httpx.HTTPError) -> FetchError:
    import httpx

    reason = "it did not answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    return FetchError(
        f"{shown_url(url)} cannot be fetched",
        detail=reason or type(error).__name__,
        hint="Check the network and the proxy settings (HTTPS_PROXY), and try again",
    )
