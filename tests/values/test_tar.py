"""The tar format to the byte (protocol.md §4.6), and reading what others wrote."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tarfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stackwright.values._tar import (
    END,
    TarFormatError,
    TarReader,
    clean_name,
    join_names,
    padding,
    tar_header,
)

names = (
    st.lists(st.text("ab./é\udcff ", min_size=1, max_size=70), min_size=1, max_size=5)
    .map("/".join)
    .filter(lambda name: not name.endswith("/"))
)

# SHA-256 of the headers that Go's archive/tar writes for a name and a size with mode 0600.
GENUINE: list[tuple[str, int, str]] = [
    ("foo", 0, "7c0854b58d70d23b45d2f0b74b7eb28bfdb5730feb631fcf73633be9106222ef"),
    ("", 3, "af30d52179edeaee3d420c3a67053afd9c41f75aa3e9d21e29584de442229681"),
    ("a" * 100, 5, "2f666a6ea9dbdcac7d7d25030a86a0083c19d0eeba0fd3ebdc7771f02aab08ad"),
    ("a" * 101, 5, "4e581c0a7274fc81516f5220519445761de159c6c4e89fd00aac3f0245c9f0d9"),
    ("d" * 50 + "/" + "f" * 60, 5, "e2a7a122e4d37ce7cf33b859adc523f7746f929fba52c1c130259f42a6a0df72"),
    ("d" * 155 + "/" + "f" * 100, 5, "0f1218ae3126776358eb988855751c306fccb56c2ca8bfdc3796e107af70ea0f"),
    ("d" * 156 + "/" + "f" * 100, 5, "63a83a8795421b14756d4294ea2b7b8d8d60f9e67a89af59f20d1bf8d0bf3707"),
    ("d" * 155 + "/" + "f" * 101, 5, "5e2fa170cb877e020bf4ad11f0781508081b512c45a2665dde80b02ab4114f25"),
    ("ab/" * 80 + "x", 1, "aed86bc4b534015e116c50122e37056d062ca6ef50bae36e2ff1392ab416981d"),
    ("ab/" * 40, 0, "9e98ba3ffb0fa5841b51c38083e4d7765308b7e4a07dc607ecb82a619307789c"),
    ("q" * 99 + "/" + "z" * 101, 2, "e1a231e209225968f706d7423775746eb71c4a8fb18393d5c7aacab9206cac29"),
    ("q" * 95 + "///" + "z" * 101, 2, "7343e4a11c7e1ab83f485f4e810bbf121d8a00e5b77e9cfb625fe58e0a52d61a"),
    ("q" * 97 + "/é/" + "z" * 10, 2, "4ddd747096b036fb744479d62532e701e7ccaf726862c0ea73fbab82da13b009"),
    ("héllo.txt", 7, "1f132b31f9b565567b9a503f76f87a237f794524642e86de15bd05731dcb56d1"),
    ("dir/ü", 1, "4ce2e94b7a6879e26fab2cf0127dbc88e3483431d1d0eac42e7b748aa3d9dea1"),
    ("/é", 1, "0de167183d6535ed4b2e34152a876ae7b399bdb49eb6e81cbb6c83c194928f00"),
    ("../é", 1, "918b436e07f4c36c35c0b750270fc1ed5f68e1b6328abbc7022cf3baa7462d3d"),
    ("a/../é", 1, "b97ab357e540c5b5971392db654b371494ae18f13105deb9bdcb66fd796470cd"),
    ("日本/語", 2, "a2951b2e2043948d7eb0bb4866e4888cced131d619a72144fc100720416c31c4"),
    ("é/", 0, "4eda751f3b1dd894671fb26ec67fb730aaffc60cbfe8db38025ed5ec60cd5c2b"),
    ("a//b//é", 1, "1aca9cce2f8ded17e0b2ab8ac01881482ee93875703f8ec0dc51fa7b4a27e5b1"),
    ("./é", 1, "2d5ecfdb0dbb816ac9848cc9ca33096a91e44e7e2a241277a5c4db0b7d3649b6"),
    ("bad\udcff\udcfename", 4, "b064abca97156a78209fc5104e1e2326d5803eaa7dc6ca3c296e1e18daa73bc4"),
    ("d\udcff/x", 4, "86d4546e1b817ce68d2d4f7d5e14b87a9e096d0449c5e27307952a18e793c5b8"),
    ("é" * 60 + "/" + "n" * 80, 1, "f4e68fb96ef4e58ab08eb8e35dd04a339c0004b13d4686b168b0eaa2f102eccb"),
    ("foo/", 0, "afd114fe242ac0032bf72516ecdd8cc8671e464d4af23e0d9aa9240023e7fd5a"),
    ("big", 8 * 1024**3, "0e2513b185ddc4225c74a8e9063fdbea77b79e2f2e449358b784cbee5043013f"),
    ("big-é", 8 * 1024**3, "3237ab3d1ea2a2424afc35bc52f445865f674c5524879a52b4854a33178db402"),
    ("just", 8 * 1024**3 - 1, "28cb8eafe2eae68ba4391919e7101e3bc0e5492743447e3df55c10e9aa1ff3e0"),
    ("k/" * 100 + "big", 9 * 1024**3, "2006af035c93bfeca5ad57744ce9e7d681bca0ea1326b0e70337a1e24f8b703b"),
    ("a" * 250 + "/b", 1, "679e242625dc803f2b6a274972d2474d8237b23cb9b4ada50bc6caf4f110f4e1"),
    ("/" + "a" * 110, 1, "c0cfaa4241f4a08d03ca4ae6e8d8851e94f41730d7e2a23e55f346e93b2de97e"),
    ("d" * 160 + "/", 0, "2a509138566413c8295d48f122851c446fb0887b17ed38e0bb75a27093547efe"),
    ("d" * 90 + "/" + "e" * 90 + "/", 0, "a457a1601837b29565143a1d48d364be63714e08c9a3cf0bcdd54c19b5336f5e"),
]


def written(members: list[tuple[str, bytes]]) -> bytes:
    parts = [
        part for name, data in members for part in (tar_header(name, len(data)), data, padding(len(data)))
    ]
    return b"".join([*parts, END])


def read_back(data: bytes) -> list[tuple[str, bytes]]:
    reader = TarReader(io.BytesIO(data))
    return [(entry.name, reader.read()) for entry in reader]


class TestWriting:
    @pytest.mark.parametrize(("name", "size", "digest"), GENUINE)
    def test_headers_are_the_genuine_ones(self, name: str, size: int, digest: str) -> None:
        """ASCII, split and PAX names, sizes beyond the octal field: each byte as the reference has it."""
        assert hashlib.sha256(tar_header(name, size)).hexdigest() == digest

    def test_whole_stream(self) -> None:
        """Data is padded to blocks and two zero blocks end the stream, as the reference has it."""
        data = written([("a", b""), ("b/é.txt", b"x" * 1000), ("c", b"y" * 512), ("d/" + "n" * 120, b"end")])

        assert len(data) == 7168
        assert hashlib.sha256(data).hexdigest() == (
            "71e57632502cd929850c1ffd5de26fb5da1cd24dfa22c003512c93098b30f85a"
        )

    @given(st.lists(st.tuples(names, st.binary(max_size=600)), max_size=4))
    @example([("n" * 300, b"x"), ("/" + "é" * 90 + "/x", b"")])
    def test_others_read_it(self, members: list[tuple[str, bytes]]) -> None:
        """The standard library reads the names and data that were written; so do we."""
        data = written(members)

        assert read_back(data) == members
        with tarfile.open(fileobj=io.BytesIO(data)) as others:
            assert [info.name for info in others] == [name for name, _ in members]


class TestReading:
    @given(
        st.lists(st.tuples(names, st.binary(max_size=600)), max_size=4),
        st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    )
    def test_every_dialect(self, members: list[tuple[str, bytes]], dialect: int) -> None:
        """What the standard library writes as ustar, GNU or PAX is read, long names included."""
        buffer = io.BytesIO()
        accepted = []
        with tarfile.open(fileobj=buffer, mode="w", format=dialect) as others:
            for name, body in members:
                info = tarfile.TarInfo(name)
                info.size = len(body)
                try:
                    others.addfile(info, io.BytesIO(body))
                except ValueError:  # ustar cannot say every name
                    continue
                accepted.append((info.name, body))

        assert read_back(buffer.getvalue()) == accepted

    def test_kinds(self) -> None:
        """Directories, links and special files are told apart."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as others:
            for kind in (
                tarfile.DIRTYPE,
                tarfile.SYMTYPE,
                tarfile.LNKTYPE,
                tarfile.FIFOTYPE,
                tarfile.CHRTYPE,
            ):
                info = tarfile.TarInfo("name")
                info.type, info.linkname = kind, "target"
                others.addfile(info)

        entries = list(TarReader(io.BytesIO(buffer.getvalue())))

        assert [entry.kind for entry in entries] == ["directory", "symlink", "hardlink", "pipe", "device"]
        assert entries[1].target == "target"

    def test_unread_data_is_skipped(self) -> None:
        """Whoever does not read a member's data gets the next member all the same."""
        data = written([("a", b"x" * 700), ("b", b"y")])

        assert [entry.name for entry in TarReader(io.BytesIO(data))] == ["a", "b"]

    def test_end_without_zero_blocks(self) -> None:
        """A stream that simply ends after a member is accepted, as by other readers."""
        assert read_back(written([("a", b"x")])[: -len(END)]) == [("a", b"x")]

    @pytest.mark.parametrize("cut", [100, 511, 513, 1023, 1100, 1600])
    def test_cut_short(self, cut: int) -> None:
        """A stream that ends inside a header or its data is an error."""
        with pytest.raises(TarFormatError):
            read_back(written([("a", b"x" * 10), ("b", b"x" * 600)])[:cut])

    def test_checksum(self) -> None:
        """A header that was tampered with is not believed."""
        data = bytearray(written([("a", b"x")]))
        data[0] ^= 1

        with pytest.raises(TarFormatError, match="checksum"):
            read_back(bytes(data))

    def test_huge_extension(self) -> None:
        """An extended header that would fill the memory is refused before it is read."""
        block = bytearray(tar_header("x", 2**33 - 1))
        block[156:157] = b"x"
        block[148:156] = b"        "
        block[148:156] = b"%06o\0 " % sum(block)

        with pytest.raises(TarFormatError, match="too long"):
            read_back(bytes(block))

    def test_endless_extensions(self) -> None:
        """Extended headers without a member are not read forever."""
        extension = tar_header("é", 0)[:1024]

        with pytest.raises(TarFormatError, match="too many"):
            read_back(extension * 1000)

    @pytest.mark.parametrize(
        "record",
        [b"5 a=", b"x", b"99 path=a\n", b"3 \n", b"0 path=a\n", b"9999999999 path=a\n", b"7 patha\n"],
    )
    def test_damaged_extensions(self, record: bytes) -> None:
        """A record whose length or form is wrong is an error."""
        block = bytearray(tar_header("x", len(record)))
        block[156:157] = b"x"
        block[148:156] = b"        "
        block[148:156] = b"%06o\0 " % sum(block)

        with pytest.raises(TarFormatError, match="damaged"):
            read_back(bytes(block) + record + padding(len(record)))

    @given(st.data())
    def test_damage_is_an_error_or_harmless(self, data: st.DataObject) -> None:
        """Whatever bytes are changed, reading ends, with members or with an error."""
        stream = bytearray(written([("a", b"x" * 600), ("é" * 60, b"y"), ("c", b"")]))
        for _ in range(data.draw(st.integers(1, 4))):
            stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(TarFormatError):
            read_back(bytes(stream))


class TestNames:
    @pytest.mark.parametrize(
        ("parts", "joined"),
        [
            (("a", "b"), "a/b"),
            (("a/", "/b"), "a/b"),
            (("a", "../b"), "b"),
            (("a", "../../b"), "../b"),
            (("", "b"), "b"),
            (("a", ""), "a"),
            (("//a", "b"), "/a/b"),
            (("a", "./b//c/"), "a/b/c"),
        ],
    )
    def test_joined(self, parts: tuple[str, ...], joined: str) -> None:
        """Names of nested archives are joined and cleaned (§4.5)."""
        assert join_names(*parts) == joined

    @given(st.text("ab./", max_size=12))
    def test_cleaning_is_done_once(self, name: str) -> None:
        """A clean name stays as it is."""
        assert clean_name(clean_name(name)) == clean_name(name)
