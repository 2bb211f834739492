"""Fetching from servers that misbehave (terraform.md §7.3; design.md §8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.misbehaving import Reply, Server

from stackwright.packages._errors import FetchError, ForbiddenError, MissingError
from stackwright.packages._web import Web, shown_url

BIG = bytes(range(256)) * 4096


class Heard:
    def __init__(self) -> None:
        self.steps: list[tuple[int, int | None]] = []

    def note(self, text: str, /) -> None:
        raise AssertionError(text)

    def installing(self, what: str, text: str, /) -> None:
        """Not of interest."""

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        self.steps.append((done, total))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def web(heard: Heard) -> Iterator[Web]:
    with Web(progress=heard, stall=0.3, pause=lambda seconds: None) as opened:
        yield opened


class TestDocuments:
    def test_failures_that_pass_are_tried_again(self, web: Web, server: Server) -> None:
        """§7.3: 5xx gets one retry by default."""
        url = server.on("/a", Reply(status=503), b"fine")
        assert web.get(url).content == b"fine"

    def test_failures_that_stay_are_told(self, web: Web, server: Server) -> None:
        """§7.3: and no more than that."""
        with pytest.raises(FetchError, match="HTTP 500"):
            web.get(server.on("/a", Reply(status=500)))
        assert len(server.requests) == 2

    def test_retries_are_a_setting(self, server: Server) -> None:
        """§7.3: TF_REGISTRY_DISCOVERY_RETRY."""
        with (
            Web(environ={"TF_REGISTRY_DISCOVERY_RETRY": "3"}, pause=lambda seconds: None) as web,
            pytest.raises(FetchError),
        ):
            web.get(server.on("/a", Reply(status=500)))
        assert len(server.requests) == 4

    @pytest.mark.parametrize(
        ("status", "error", "said"),
        [
            (404, MissingError, "does not exist"),
            (401, ForbiddenError, "wants credentials of localhost"),
            (403, ForbiddenError, "TF_TOKEN_localhost"),
            (418, FetchError, "HTTP 418"),
        ],
    )
    def test_final_answers_are_final(
        self, web: Web, server: Server, status: int, error: type[Exception], said: str
    ) -> None:
        """§7.3: 404 is unknown, 401 and 403 are about credentials; none is tried again."""
        with pytest.raises(error, match=said):
            web.get(server.on("/a", Reply(status=status)))
        assert len(server.requests) == 1

    def test_long_answers_are_not_taken_in(self, web: Web, server: Server) -> None:
        """§8 of the design: sizes are bounded, whatever the headers say."""
        with pytest.raises(FetchError, match="more than 1000 bytes"):
            web.get(server.on("/a", BIG), limit=1000)

    def test_a_server_that_never_answers(self, web: Web, server: Server) -> None:
        """§7.3: the timeout ends it, and says so."""
        with pytest.raises(FetchError, match="did not answer in time"):
            web.get(server.on("/a", Reply(body=b"abc", claimed=100, hangs=True)), timeout=0.1)

    def test_nobody_there(self, web: Web) -> None:
        """§7.3: an address where nothing listens."""
        with pytest.raises(FetchError, match="cannot be fetched"):
            web.get("https://localhost:1/a")
        with pytest.raises(FetchError, match="not an address"):
            web.get("ftp://localhost/a")

    def test_a_server_nobody_vouches_for(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """design.md §8: certificates are checked."""
        monkeypatch.delenv("SSL_CERT_FILE")
        with Web(pause=lambda seconds: None) as web, pytest.raises(FetchError, match=r"(?i)certificate"):
            web.get(server.on("/a", b"x"))


class TestCredentials:
    def test_they_stay_with_their_origin(self, web: Web, server: Server, elsewhere: Server) -> None:
        """design.md §8: dropped on a redirect to another host, kept on one within."""
        target = elsewhere.on("/b", b"fine")
        server.on("/c", Reply(status=302, headers={"Location": target}))
        url = server.on("/a", Reply(status=302, headers={"Location": "/c"}))

        assert web.get(url, token="s3cret").content == b"fine"
        assert [each.header("authorization") for each in server.requests] == ["Bearer s3cret"] * 2
        assert elsewhere.requests[0].header("authorization") is None

    def test_they_are_not_shouted_over_the_street(self, web: Web) -> None:
        """design.md §8: never without encryption."""
        with pytest.raises(ForbiddenError, match="not encrypted") as caught:
            web.get("http://registry.example.com/a", token="s3cret")
        assert "s3cret" not in str(caught.value)

    def test_a_redirect_never_leaves_encryption(self, web: Web, server: Server) -> None:
        """design.md §8: https stays https."""
        url = server.on("/a", Reply(status=301, headers={"Location": "http://localhost:1/"}))
        with pytest.raises(FetchError, match="not encrypted"):
            web.get(url)

    def test_redirects_end(self, web: Web, server: Server) -> None:
        """§7.3: discovery follows three; everything else ten."""
        url = server.on("/a", Reply(status=302, headers={"Location": "/a"}))
        with pytest.raises(FetchError, match="more than 3 times"):
            web.get(url, redirects=3)
        assert len(server.requests) == 4

    def test_what_is_shown_holds_none(self) -> None:
        """style: an error never shows a secret."""
        assert shown_url("https://me:pass@host/a?token=x") == "https://host/a"


class TestDownloads:
    def test_what_was_cut_is_continued(self, web: Web, server: Server, heard: Heard) -> None:
        """issue: downloads show progress and resume."""
        tag = {"ETag": '"one"'}
        half = len(BIG) // 2
        url = server.on("/f", Reply(body=BIG, cut=half, headers=tag), Reply(body=BIG, headers=tag))

        assert web.download(url, what="it").read_bytes() == BIG
        assert server.requests[1].header("range") == f"bytes={half}-"
        assert server.requests[1].header("if-range") == '"one"'
        assert heard.steps[-1] == (len(BIG), len(BIG))
        assert heard.steps == sorted(heard.steps)

    def test_a_later_process_continues(self, web: Web, server: Server) -> None:
        """issue: what has come so far survives a failure."""
        tag = {"ETag": '"one"'}
        url = server.on("/f", Reply(body=BIG, cut=1000, headers=tag), Reply(status=503))
        with pytest.raises(FetchError):
            web.download(url, what="it")
        server.on("/f", Reply(body=BIG, headers=tag))
        with Web(pause=lambda seconds: None) as later:
            assert later.download(url, what="it").read_bytes() == BIG
        assert server.requests[-1].header("range") == "bytes=1000-"

    def test_another_file_is_never_continued(self, web: Web, server: Server) -> None:
        """issue: If-Range; and nothing is continued that has no mark, or another identity."""
        url = server.on(
            "/f",
            Reply(body=b"x" * 5000, cut=1000, headers={"ETag": '"one"'}),
            Reply(body=BIG, resumes=False, headers={"ETag": '"two"'}),
        )
        assert web.download(url, what="it").read_bytes() == BIG
        plain = server.on("/g", Reply(body=BIG, cut=1000), BIG)
        assert web.download(plain, what="it").read_bytes() == BIG
        assert server.requests[-1].header("range") is None

    def test_a_file_that_was_complete(self, web: Web, server: Server) -> None:
        """issue: a process that died between download and use leaves the next one little to do."""
        url = server.on("/f", Reply(body=BIG, headers={"ETag": '"one"'}))
        web.download(url, what="it")
        path = web.download(url, what="it")
        assert path.read_bytes() == BIG
        assert server.requests[1].header("range") == f"bytes={len(BIG)}-"
        web.discard(path)
        assert list(path.parent.iterdir()) == []

    def test_a_stream_that_stalls_is_taken_up_again(self, web: Web, server: Server) -> None:
        """issue: slow servers; without a byte for a while the connection counts as cut."""
        tag = {"ETag": '"one"'}
        url = server.on(
            "/f", Reply(body=BIG, cut=5000, hangs=True, headers=tag), Reply(body=BIG, headers=tag)
        )
        assert web.download(url, what="it").read_bytes() == BIG

    def test_no_progress_ends_it(self, web: Web, server: Server) -> None:
        """issue: a server that always breaks off before the first byte is given up."""
        with pytest.raises(FetchError, match="cannot be fetched"):
            web.download(server.on("/f", Reply(body=BIG, cut=0)), what="it")
        assert len(server.requests) == 4

    def test_too_much_is_thrown_away(self, web: Web, server: Server, tmp_path: Path) -> None:
        """design.md §8: sizes are bounded, by what is claimed and by what comes."""
        for reply in (Reply(body=BIG), Reply(body=b"", claimed=10**12)):
            with pytest.raises(FetchError, match="more than 1000 bytes"):
                web.download(server.on("/f", reply), what="it", limit=1000)
        assert list((tmp_path / "home" / "downloads").glob("*.part")) == []

    def test_a_full_disk(self, web: Web, server: Server, tmp_path: Path) -> None:
        """design.md §8: a clear error, and the half file does not stay in the way."""
        url = server.on("/f", Reply(body=BIG, cut=10, headers={"ETag": '"one"'}), Reply(status=418))
        with pytest.raises(FetchError):
            web.download(url, what="it")
        part = next((tmp_path / "home" / "downloads").glob("*.part"))
        part.unlink()
        part.symlink_to("/dev/full")
        server.on("/f", BIG)
        with pytest.raises(FetchError, match="cannot be stored") as caught:
            web.download(url, what="it")
        assert "Make room on the disk" in str(caught.value)
        assert not part.is_symlink()
