"""Assets and archives: contents, members, hashes (protocol.md §4, engine.md E64)."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stackwright.values import (
    EMPTY_ARCHIVE_HASH,
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    ArchiveError,
    Asset,
    AssetError,
    OutputValue,
    Secret,
    Value,
    _assets,
    archive_hash,
    archive_members,
    asset_bytes,
    asset_hash,
    map_leaves,
    restore_contents,
    with_hashes,
)

TEXT_HASH = "e34c74529110661faae4e121e57165ff4cb4dbdde1ef9770098aa3695e6b6704"
ONE_FILE_HASH = "27ab4a14a617df10cff3e1cf4e30cf510302afe56bf4cc91f84041c9f7b62fd8"
EMPTY_FILE_HASH = "d2587a875f82cdf3d3e6cfe9f8c6e6032be5dde8c344466e664e628da15757b0"


def text(content: str) -> Asset:
    return Asset(text=content)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_tree(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def names_in(archive: Archive, base: Path) -> list[str]:
    return [member.name for member in archive_members(archive, base)]


def contents_of(archive: Archive, base: Path) -> dict[str, bytes]:
    return {member.name: member.read(1 << 20) for member in archive_members(archive, base)}


def tarball(files: dict[str, bytes], *, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


class Web:
    """A server of a few documents, which counts and can fail."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.answers: dict[str, list[int]] = {}
        self.redirects: dict[str, str] = {}
        self.requests: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.requests.append(self.path)
                planned = web.answers.get(self.path)
                status = planned.pop(0) if planned else 200
                if self.path in web.redirects:
                    self.send_response(302)
                    self.send_header("Location", web.redirects[self.path])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                body = web.documents.get(self.path) if status == 200 else b"sorry"
                self.send_response(404 if body is None else status)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(_assets, "_retry_waits", (0.0, 0.0))
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    web = Web()
    thread = threading.Thread(target=web.server.serve_forever, args=(0.01,))
    thread.start()
    yield web
    web.server.shutdown()
    thread.join()
    web.server.server_close()


class TestAssets:
    def test_text(self, tmp_path: Path) -> None:
        """A text is its UTF-8 bytes (§4.2); its hash is the check value of §4.6."""
        assert asset_bytes(text("größe"), tmp_path) == "größe".encode()
        assert asset_hash(text("a test asset"), tmp_path) == TEXT_HASH
        assert asset_hash(text(""), tmp_path) == EMPTY_TEXT_HASH == sha256(b"")

    def test_path(self, tmp_path: Path) -> None:
        """A relative path starts at the base directory, an absolute one does not (§4.2)."""
        (tmp_path / "in").mkdir()
        (tmp_path / "a.bin").write_bytes(b"\xff\x00")

        for path in ("a.bin", "./in/../a.bin", str(tmp_path / "a.bin")):
            assert asset_bytes(Asset(path=path), tmp_path) == b"\xff\x00"
            assert asset_hash(Asset(path=path), tmp_path) == sha256(b"\xff\x00")
        assert asset_bytes(Asset(path="../a.bin"), tmp_path / "in") == b"\xff\x00"

    def test_big_file(self, tmp_path: Path) -> None:
        """A file of several pieces is hashed as a whole."""
        data = bytes(range(256)) * 3000
        (tmp_path / "big").write_bytes(data)

        assert asset_hash(Asset(path="big"), tmp_path) == sha256(data)
        assert asset_bytes(Asset(path="big"), tmp_path) == data

    @pytest.mark.parametrize("host", ["", "localhost"])
    def test_file_uri(self, tmp_path: Path, host: str) -> None:
        """A `file:` URI names a file on this machine, special characters escaped (§4.2)."""
        (tmp_path / "a b").write_text("x")

        assert asset_bytes(Asset(uri=f"file://{host}{tmp_path}/a%20b"), ".") == b"x"

    def test_precedence(self, tmp_path: Path) -> None:
        """Of several sources the path counts, then the URI, then the text (§4.1)."""
        (tmp_path / "p").write_text("path")
        (tmp_path / "u").write_text("uri")
        uri = f"file://{tmp_path}/u"

        assert asset_bytes(Asset(path="p", uri=uri, text="t"), tmp_path) == b"path"
        assert asset_bytes(Asset(uri=uri, text="t"), tmp_path) == b"uri"

    def test_present_hash_is_kept(self, tmp_path: Path) -> None:
        """A hash that is there is never computed again, so nothing is read (§4.2)."""
        assert asset_hash(Asset(path="missing", hash="h"), tmp_path) == "h"
        assert archive_hash(Archive(path="missing", hash="h"), tmp_path) == "h"

    @pytest.mark.parametrize(
        ("asset", "words"),
        [
            (Asset(path="missing"), "missing"),
            (Asset(path="."), "is a directory"),
            (Asset(path="pipe"), "not a regular file"),
            (Asset(path="a\0b"), "cannot be read"),
            (Asset(uri="file://elsewhere/x"), "another machine"),
            (Asset(uri="ftp://host/x"), "ftp://host/x"),
            (Asset(uri="s3://bucket/x"), "https:"),
            (Asset(uri="http://[::1/x"), "not a URI"),
            (Asset(uri="x"), "https:"),
            (Asset(text="\ud800"), "not Unicode"),
            (Asset(hash="h"), "only its hash h"),
        ],
    )
    def test_unreadable(self, tmp_path: Path, asset: Asset, words: str) -> None:
        """What cannot be read is an error that names it and says why; a pipe is not waited for."""
        os.mkfifo(tmp_path / "pipe")

        with pytest.raises(AssetError) as caught:
            asset_bytes(asset, tmp_path)

        assert words in str(caught.value)

    def test_directory_suggests_an_archive(self, tmp_path: Path) -> None:
        """Who gives a directory as an asset is told of archives (§4.2)."""
        with pytest.raises(AssetError, match="archive"):
            asset_hash(Asset(path="."), tmp_path)


class TestRemote:
    def test_download(self, web: Web) -> None:
        """An http URI is fetched; its hash is that of the bytes (§4.2)."""
        web.documents["/a"] = b"remote" * 100_000

        assert asset_bytes(Asset(uri=web.address + "/a"), ".") == b"remote" * 100_000
        assert asset_hash(Asset(uri=web.address + "/a"), ".") == sha256(b"remote" * 100_000)

    def test_redirect(self, web: Web) -> None:
        """A redirect is followed."""
        web.documents["/a"] = b"x"
        web.redirects["/old"] = "/a"

        assert asset_bytes(Asset(uri=web.address + "/old"), ".") == b"x"

    def test_retries(self, web: Web) -> None:
        """A server that is busy is asked again (§4.2)."""
        web.documents["/a"] = b"x"
        web.answers["/a"] = [503, 429]

        assert asset_bytes(Asset(uri=web.address + "/a"), ".") == b"x"
        assert len(web.requests) == 3

    def test_gives_up(self, web: Web) -> None:
        """After some attempts the server's last answer is the error; the URI's secrets are not shown."""
        web.answers["/a"] = [500] * 9
        uri = web.address.replace("http://", "http://user:hunter2@") + "/a?token=hunter2"
        web.answers["/a?token=hunter2"] = [500] * 9

        with pytest.raises(AssetError, match="500") as caught:
            asset_bytes(Asset(uri=uri), ".")

        assert len(web.requests) == 3
        assert "hunter2" not in str(caught.value)

    def test_missing_is_not_retried(self, web: Web) -> None:
        """A document that does not exist is asked for once."""
        with pytest.raises(AssetError, match="404"):
            asset_hash(Asset(uri=web.address + "/none"), ".")

        assert len(web.requests) == 1

    def test_downloaded_once(self, web: Web) -> None:
        """Within one call a document is downloaded once, however often it is hashed."""
        web.documents["/a"] = b"x"
        asset = Asset(uri=web.address + "/a")

        value = with_hashes([asset, asset, Archive(assets={"a": asset})], ".")

        assert value[0].hash == value[2].assets["a"].hash == sha256(b"x")
        assert value[2].hash == archive_hash(Archive(assets={"a": text("x")}), ".")
        assert len(web.requests) == 1

    def test_archive_file(self, web: Web) -> None:
        """The suffix counts in the path of the URI, and the hash is that of the file (§4.3, §4.4)."""
        data = zipped({"b": b"2", "a": b"1"})
        web.documents["/x.zip?v=1"] = data
        archive = Archive(uri=web.address + "/x.zip?v=1")

        assert archive_hash(archive, ".") == sha256(data)
        assert contents_of(archive, Path()) == {"b": b"2", "a": b"1"}

    def test_archive_without_a_format(self, web: Web) -> None:
        """A URI whose path has no known suffix is an error (§4.3)."""
        with pytest.raises(AssetError, match=r"\.tar\.gz"):
            archive_hash(Archive(uri=web.address + "/x?y=.zip"), ".")


class TestArchiveHashes:
    @pytest.mark.parametrize(
        ("archive", "expected"),
        [
            (Archive(assets={"foo": text("a test asset")}), ONE_FILE_HASH),
            (Archive(assets={"foo": text("")}), EMPTY_FILE_HASH),
            (Archive(assets={}), EMPTY_ARCHIVE_HASH),
            (Archive(), EMPTY_ARCHIVE_HASH),
            (Archive(assets={"x": Archive(assets={})}), EMPTY_ARCHIVE_HASH),
        ],
    )
    def test_check_values(self, archive: Archive, expected: str, tmp_path: Path) -> None:
        """The check values of §4.6."""
        assert archive_hash(archive, tmp_path) == expected

    def test_genuine_stream(self, tmp_path: Path) -> None:
        """Several members, one of them with a name beyond ASCII, as the reference hashes them (§4.6)."""
        archive = Archive(
            assets={
                "d": Archive(assets={"n" * 120: text("end")}),
                "c": text("y" * 512),
                "a": text(""),
                "b": Archive(assets={"é.txt": text("x" * 1000)}),
            }
        )

        assert archive_hash(archive, tmp_path) == (
            "71e57632502cd929850c1ffd5de26fb5da1cd24dfa22c003512c93098b30f85a"
        )

    def test_directory_and_map_agree(self, tmp_path: Path) -> None:
        """A directory hashes as the map of its files (§4.4)."""
        write_tree(tmp_path / "d", {"foo": "a test asset"})

        assert archive_hash(Archive(path="d"), tmp_path) == ONE_FILE_HASH
        assert archive_hash(Archive(path="./d/"), tmp_path) == ONE_FILE_HASH
        assert archive_hash(Archive(uri="x", path="d"), tmp_path) == ONE_FILE_HASH

    @pytest.mark.parametrize("suffix", [".tar", ".tgz", ".tar.gz", ".zip", ".jar"])
    def test_archive_files_are_hashed_as_they_are(self, tmp_path: Path, suffix: str) -> None:
        """A file with a known suffix is not even opened as an archive (§4.4)."""
        (tmp_path / f"x{suffix}").write_bytes(b"not really")

        assert archive_hash(Archive(path=f"x{suffix}"), tmp_path) == sha256(b"not really")

    @pytest.mark.parametrize("name", ["x.ZIP", "x.gz", "x.tar.bz2", "plain"])
    def test_other_files_are_no_archives(self, tmp_path: Path, name: str) -> None:
        """Case counts, and without a known suffix it must be a directory (§4.3)."""
        (tmp_path / name).write_bytes(b"")

        with pytest.raises(AssetError, match="neither a directory"):
            archive_hash(Archive(path=name), tmp_path)

    def test_directory_with_a_file_name(self, tmp_path: Path) -> None:
        """A directory whose name is that of an archive file is refused with a hint."""
        (tmp_path / "x.zip").mkdir()

        with pytest.raises(AssetError, match="is a directory"):
            archive_hash(Archive(path="x.zip"), tmp_path)

    def test_file_that_shrinks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that changes while it is read is an error, not a wrong hash."""
        (tmp_path / "d").mkdir()
        file = tmp_path / "d" / "f"
        file.write_bytes(b"x" * 10)
        real = _assets.tar_header

        def shrink(name: str, size: int) -> bytes:
            file.write_bytes(b"x")
            return real(name, size)

        monkeypatch.setattr(_assets, "tar_header", shrink)

        with pytest.raises(AssetError, match="changed while"):
            archive_hash(Archive(path="d"), tmp_path)


class TestDirectoryMembers:
    def test_order(self, tmp_path: Path) -> None:
        """A directory's contents come where its own name sorts, not where full paths would (§4.5)."""
        write_tree(tmp_path, {"a.txt": "", "a/b": "", "a/z": "", "a-b": "", "B": "", "é": "", "z": ""})

        assert names_in(Archive(path="."), tmp_path) == ["B", "a/b", "a/z", "a-b", "a.txt", "z", "é"]

    def test_skipped(self, tmp_path: Path) -> None:
        """`.pulumi`, file or directory, is left out at any level; empty directories vanish (§4.5)."""
        write_tree(tmp_path, {".pulumi/x": "", "a/.pulumi": "", "a/b": "", ".pulumi2": ""})
        (tmp_path / "empty").mkdir()

        assert names_in(Archive(path="."), tmp_path) == [".pulumi2", "a/b"]
        assert names_in(Archive(path=".pulumi"), tmp_path) == []

    def test_links(self, tmp_path: Path) -> None:
        """A link to a file is its file, a link to a directory is nothing (§4.5)."""
        write_tree(tmp_path, {"real/f": "data"})
        (tmp_path / "top").mkdir()
        (tmp_path / "top" / "to-file").symlink_to("../real/f")
        (tmp_path / "top" / "to-directory").symlink_to("../real")

        assert contents_of(Archive(path="top"), tmp_path) == {"to-file": b"data"}

    def test_root_that_is_a_link(self, tmp_path: Path) -> None:
        """A root that is itself a link to a directory yields nothing (§4.5)."""
        write_tree(tmp_path, {"real/f": "data"})
        (tmp_path / "link").symlink_to("real")

        assert archive_hash(Archive(path="link"), tmp_path) == EMPTY_ARCHIVE_HASH

    @pytest.mark.parametrize("make", [lambda path: path.symlink_to("nowhere"), os.mkfifo])
    def test_unreadable_entries(self, tmp_path: Path, make: object) -> None:
        """A dangling link is an error (§4.5); so is a pipe, which would be read forever."""
        make(tmp_path / "odd")  # type: ignore[operator]

        with pytest.raises(AssetError, match="odd"):
            archive_hash(Archive(path="."), tmp_path)

    def test_missing(self, tmp_path: Path) -> None:
        """A directory that does not exist is an error that names it."""
        with pytest.raises(AssetError, match="nowhere"):
            archive_hash(Archive(path="nowhere"), tmp_path)

    def test_names_that_are_not_unicode(self, tmp_path: Path) -> None:
        """A file name is bytes; the hash is that of the bytes."""
        try:
            (tmp_path / os.fsdecode(b"bad\xff")).write_bytes(b"x")
        except OSError:
            pytest.skip("this file system takes only names that are Unicode")

        assert len(archive_hash(Archive(path="."), tmp_path)) == 64


class TestListedMembers:
    def test_order_and_names(self, tmp_path: Path) -> None:
        """Keys come in byte order; nested names are joined to theirs and cleaned (§4.5)."""
        write_tree(tmp_path, {"d/x": "", "d/y/z": ""})
        archive = Archive(
            assets={
                "é": text(""),
                "b": Archive(path="d"),
                "b.txt": text(""),
                "Z/../odd": text(""),
                "a/": Archive(assets={"../up": text(""), "./in": text("")}),
            }
        )

        assert names_in(archive, tmp_path) == ["Z/../odd", "up", "a/in", "b/x", "b/y/z", "b.txt", "é"]

    def test_first_of_a_name_wins(self, tmp_path: Path) -> None:
        """A name that came before is skipped with its data (§4.5)."""
        archive = Archive(assets={"a": Archive(assets={"b": text("first")}), "a/b": text("second")})

        assert contents_of(archive, tmp_path) == {"a/b": b"first"}

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("x.tar", tarball({"folder/b": b"2", "./a": b"1"})),
            ("x.tgz", tarball({"folder/b": b"2", "./a": b"1"}, mode="w:gz")),
            ("x.tar.gz", tarball({"folder/b": b"2", "./a": b"1"}, mode="w:gz")),
            ("x.zip", zipped({"folder/b": b"2", "./a": b"1"})),
            ("x.jar", zipped({"folder/b": b"2", "./a": b"1"})),
        ],
    )
    def test_nested_files(self, tmp_path: Path, name: str, data: bytes) -> None:
        """Members of nested archive files keep their order; directories are skipped, names cleaned (§4.5)."""
        (tmp_path / name).write_bytes(data)

        assert contents_of(Archive(assets={"in": Archive(path=name)}), tmp_path) == {
            "in/folder/b": b"2",
            "in/a": b"1",
        }

    def test_nested_link(self, tmp_path: Path) -> None:
        """Only regular files are supported inside archive files (§4.5)."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            link = tarfile.TarInfo("link")
            link.type, link.linkname = tarfile.SYMTYPE, "x"
            archive.addfile(link)
        (tmp_path / "x.tar").write_bytes(buffer.getvalue())

        with pytest.raises(AssetError, match="symlink"):
            names_in(Archive(path="x.tar"), tmp_path)

    @pytest.mark.parametrize("name", ["x.tar", "x.tgz", "x.zip"])
    def test_damaged_file(self, tmp_path: Path, name: str) -> None:
        """An archive file that has to be opened and is damaged is an error."""
        (tmp_path / name).write_bytes(b"garbage" * 200)

        with pytest.raises(ArchiveError, match="damaged"):
            archive_hash(Archive(assets={"in": Archive(path=name)}), tmp_path)

    def test_placeholder_inside(self, tmp_path: Path) -> None:
        """What has only a hash cannot be enumerated, and says so (§4.1)."""
        for inner in (Asset(hash="h"), Archive(hash="h")):
            with pytest.raises(AssetError, match="only its hash h"):
                archive_hash(Archive(assets={"a": inner}), tmp_path)

    @pytest.mark.parametrize("name", ["a\0b", "a/"])
    def test_impossible_names(self, tmp_path: Path, name: str) -> None:
        """A name that tar cannot say, or that says «directory», is refused."""
        with pytest.raises(AssetError, match="no name for a file"):
            archive_hash(Archive(assets={name: text("x")}), tmp_path)

    def test_endless_nesting(self, tmp_path: Path) -> None:
        """Archives within archives end in an error before they end in a crash."""
        archive = Archive(assets={})
        for _ in range(5000):
            archive = Archive(assets={"a": archive})

        with pytest.raises(AssetError, match="too many levels"):
            archive_hash(archive, tmp_path)
        with pytest.raises(AssetError, match="too many levels"):
            with_hashes({"a": archive}, tmp_path)


class TestWithHashes:
    def test_whole_value(self, tmp_path: Path) -> None:
        """Assets and archives at any depth get their hashes, those listed by archives too (E64)."""
        asset = text("a test asset")
        value = {"a": [Secret(asset)], "b": OutputValue(value=Archive(assets={"foo": asset})), "c": UNKNOWN}

        hashed = with_hashes(value, tmp_path)

        assert hashed["a"][0].value.hash == TEXT_HASH
        assert hashed["b"].value.hash == ONE_FILE_HASH
        assert hashed["b"].value.assets["foo"].hash == TEXT_HASH
        assert value["a"] == [Secret(asset)]

    @pytest.mark.parametrize(
        "value",
        [
            {"a": [1, "x"]},
            Asset(path="missing", hash="h"),
            Asset(hash="h"),
            Archive(path="missing", hash="h"),
            Archive(assets={"a": Asset(path="missing", hash="h")}, hash="h"),
        ],
    )
    def test_nothing_to_do(self, value: Value, tmp_path: Path) -> None:
        """Where every hash is there, the same object comes back and nothing is read."""
        assert with_hashes(value, tmp_path) is value

    def test_listed_assets_under_a_known_hash(self, tmp_path: Path) -> None:
        """An archive keeps the hash it has while what it lists gets the missing ones."""
        hashed = with_hashes(Archive(assets={"a": text("a test asset")}, hash="h"), tmp_path)

        assert hashed == Archive(assets={"a": Asset(text="a test asset", hash=TEXT_HASH)}, hash="h")

    def test_error_names_the_asset(self, tmp_path: Path) -> None:
        """A missing file is an error that names it."""
        with pytest.raises(AssetError, match="missing"):
            with_hashes({"a": Asset(path="missing")}, tmp_path)


class TestRestoring:
    def test_placeholders_get_their_source_back(self) -> None:
        """A hash that was sent with its source is recorded with its source (§4.7)."""
        asset = Asset(path="p", hash="1")
        archive = Archive(assets={"x": Asset(text="t", hash="3")}, hash="2")
        sent = {"a": Secret(asset), "b": [archive]}

        answer = restore_contents(
            {"out": [Asset(hash="1"), Secret(Archive(hash="2"))], "inner": Asset(hash="3"), "n": 1}, sent
        )

        assert answer == {"out": [asset, Secret(archive)], "inner": Asset(text="t", hash="3"), "n": 1}

    def test_no_counterpart(self) -> None:
        """Unknown hashes, and archives with the hash of an asset, stay placeholders."""
        answer = [Asset(hash="9"), Archive(hash="1")]

        assert restore_contents(answer, {"a": Asset(path="p", hash="1")}) is answer

    def test_nothing_missing(self) -> None:
        """Without placeholders the same object comes back."""
        answer = {"a": Asset(text="x", hash="1")}

        assert restore_contents(answer, {"a": Asset(path="p", hash="1")}) is answer
        assert map_leaves(answer, lambda part: part) is answer
