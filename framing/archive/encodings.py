"""What a file is encoded in, and which of its bytes are not."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from framing.archive.compression import UnreadableError
from framing.errors import InputError
from framing.files import BYTE_ORDER_MARKS

LONGEST_MARK = 4


def known(encoding: str) -> str:
    """The codec's own name; InputError if there is no such encoding of texts."""
    try:
        b"".decode(encoding)
        name = codecs.lookup(encoding).name
    except LookupError:
        raise InputError(
            f"unknown encoding {encoding!r}; some that are known: utf-8, cp1252, latin-1, utf-16"
        ) from None
    return "utf-8" if name == "utf-8-sig" else name


def marked(head: bytes, encoding: str) -> str:
    """The encoding that a byte-order mark names, where none but the default was asked for."""
    if encoding != "utf-8":
        return encoding
    return next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), encoding)


def one_byte_lines(pieces: Iterator[bytes], encoding: str) -> tuple[Iterator[bytes], str, str]:
    """The bytes without their mark, in an encoding whose line ends and separators are ASCII's.

    UTF-16, UTF-32 and EBCDIC are turned into UTF-8, half a surrogate pair into bytes that are
    not: its row is rejected by whoever decodes it. Returns the bytes, the encoding that they had
    and the one that they have.
    """
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= LONGEST_MARK:
            break
    encoding = marked(head, encoding)
    if "\n".encode(encoding) != b"\n":
        return _in_utf8(head, pieces, encoding), encoding, "utf-8"
    if encoding == "utf-8":
        head = head.removeprefix(codecs.BOM_UTF8)
    return _joined(head, pieces), encoding, encoding


def _joined(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from pieces


def _in_utf8(head: bytes, pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    begun = False
    try:
        for piece in _joined(head, pieces):
            text = decoder.decode(piece)
            if not begun:
                text, begun = text.removeprefix("\ufeff"), bool(text)
            if text:
                yield text.encode("utf-8", "surrogatepass")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not {encoding}: {error.reason}") from None


def undecodable(error: UnicodeDecodeError, encoding: str, where: str) -> str:
    """The reason that names the byte and its place."""
    return (
        f"not {encoding}: byte 0x{error.object[error.start]:02x} at offset "
        f"{error.start:,} of {where}"
    )
