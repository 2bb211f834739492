"""Header blocks against the examples of RFC 7541, appendix C, and against whatever comes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackwright.wire.rpc._hpack import NO_TABLE, HeaderDecoder, HpackError, encode_fields
from stackwright.wire.rpc._huffman import HuffmanError, huffman_decode

Lines = list[tuple[str, str]]

FIRST: Lines = [
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "www.example.com"),
]
SECOND: Lines = [*FIRST, ("cache-control", "no-cache")]
THIRD: Lines = [
    (":method", "GET"),
    (":scheme", "https"),
    (":path", "/index.html"),
    (":authority", "www.example.com"),
    ("custom-key", "custom-value"),
]
DATE, LATER = "Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT"
COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
FOUND: Lines = [
    (":status", "302"),
    ("cache-control", "private"),
    ("date", DATE),
    ("location", "https://www.example.com"),
]
NOT_MODIFIED: Lines = [(":status", "307"), *FOUND[1:]]
OK: Lines = [
    (":status", "200"),
    ("cache-control", "private"),
    ("date", LATER),
    ("location", "https://www.example.com"),
    ("content-encoding", "gzip"),
    ("set-cookie", COOKIE),
]


def read(decoder: HeaderDecoder, text: str) -> Lines:
    return [(name.decode(), value.decode()) for name, value in decoder.decode(bytes.fromhex(text))]


class TestAppendixC:
    @pytest.mark.parametrize(
        ("block", "lines"),
        [
            (
                "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
                [("custom-key", "custom-header")],
            ),
            ("040c 2f73 616d 706c 652f 7061 7468", [(":path", "/sample/path")]),
            ("1008 7061 7373 776f 7264 0673 6563 7265 74", [("password", "secret")]),
            ("82", [(":method", "GET")]),
        ],
    )
    def test_single_fields(self, block: str, lines: Lines) -> None:
        assert read(HeaderDecoder(), block) == lines

    @pytest.mark.parametrize(
        "blocks",
        [
            (
                "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                "8286 84be 5808 6e6f 2d63 6163 6865",
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
            ),
            (
                "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
                "8286 84be 5886 a8eb 1064 9cbf",
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
            ),
        ],
    )
    def test_requests_one_after_the_other(self, blocks: tuple[str, ...]) -> None:
        decoder = HeaderDecoder()

        assert [read(decoder, block) for block in blocks] == [FIRST, SECOND, THIRD]

    @pytest.mark.parametrize(
        "blocks",
        [
            (
                (
                    "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032"
                    "303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d"
                ),
                "4803 3330 37c1 c0bf",
                (
                    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04"
                    "677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49"
                    "553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31"
                ),
            ),
            (
                (
                    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e"
                    "919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"
                ),
                "4883 640e ffc1 c0bf",
                (
                    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7"
                    "821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed"
                    "4ee5 b106 3d50 07"
                ),
            ),
        ],
    )
    def test_answers_from_a_small_table(self, blocks: tuple[str, ...]) -> None:
        decoder = HeaderDecoder()
        decoder.decode(bytes.fromhex("3f e1 01"))  # 256 bytes: entries are evicted on the way

        assert [read(decoder, block) for block in blocks] == [FOUND, NOT_MODIFIED, OK]


class TestTheTable:
    def test_a_block_that_is_repeated_means_what_the_table_says_by_then(self) -> None:
        decoder = HeaderDecoder()
        decoder.decode(bytes.fromhex("4001 6101 31"))

        before = read(decoder, "be"), read(decoder, "be")
        decoder.decode(bytes.fromhex("4001 6201 32"))

        assert before == ([("a", "1")], [("a", "1")])
        assert read(decoder, "be") == [("b", "2")]
        assert read(decoder, "bf") == [("a", "1")]

    def test_a_smaller_table_forgets(self) -> None:
        decoder = HeaderDecoder()
        decoder.decode(bytes.fromhex("4001 6101 31"))

        assert read(decoder, "20 3fe1 1f 82") == [(":method", "GET")]
        with pytest.raises(HpackError):
            decoder.decode(b"\xbe")

    def test_an_entry_that_is_larger_than_the_table_empties_it(self) -> None:
        decoder = HeaderDecoder()
        decoder.decode(bytes.fromhex("3f 2d 4001 6101 31"))  # 76 bytes

        assert read(decoder, "4001 62 30" + "63" * 48) == [("b", "c" * 48)]
        with pytest.raises(HpackError):
            decoder.decode(b"\xbe")

    @pytest.mark.parametrize(
        ("block", "reason"),
        [
            ("80", "the entry nought"),
            ("be", "cannot be read"),
            ("82 20", "after its beginning"),
            ("3f e2 1f", "4097 bytes"),
            ("ff 80 80 80 80 80 01", "too large"),
            ("00 05 61", "inside a string"),
            ("00", "cannot be read"),
            ("00 81 ff 00", "cannot be read"),
            ("00 84 ff ff ff ff 00", "cannot be read"),
        ],
    )
    def test_malformed(self, block: str, reason: str) -> None:
        with pytest.raises(HpackError, match=reason):
            HeaderDecoder().decode(bytes.fromhex(block))

    def test_a_block_that_is_small_and_means_much_is_refused(self) -> None:
        decoder = HeaderDecoder(limit=10_000)
        decoder.decode(encode_fields([]) + b"\x40\x01a\x7f\x81\x0e" + b"x" * 1920)

        with pytest.raises(HpackError, match="larger than 10,000"):
            decoder.decode(b"\xbe" * 10)

    @given(st.lists(st.binary(max_size=40), max_size=4))
    def test_any_bytes_are_fields_or_malformed(self, blocks: list[bytes]) -> None:
        decoder = HeaderDecoder()
        with contextlib.suppress(HpackError):
            for block in blocks:
                decoder.decode(block)


class TestWriting:
    @given(st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.binary(max_size=300))))
    def test_what_is_written_reads_the_same(self, fields: list[tuple[bytes, bytes]]) -> None:
        assert HeaderDecoder().decode(NO_TABLE + encode_fields(fields)) == tuple(fields)

    def test_known_fields_are_short(self) -> None:
        assert encode_fields([(b":method", b"POST"), (b":scheme", b"http")]) == b"\x83\x86"
        assert encode_fields([(b":path", b"/a")]) == b"\x04\x02/a"


class TestHuffman:
    @pytest.mark.parametrize("data", [b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x1f\xff"])
    def test_padding_is_ones_and_less_than_a_byte(self, data: bytes) -> None:
        with pytest.raises(HuffmanError):
            huffman_decode(data)

    def test_nothing(self) -> None:
        assert huffman_decode(b"") == b""
