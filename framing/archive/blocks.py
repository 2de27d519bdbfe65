"""A file of lines in blocks of whole lines, and the lines that are too long for one."""

from __future__ import annotations

from pathlib import Path

from framing.archive.compression import UnreadableError, read_pieces
from framing.archive.encodings import one_byte_lines, undecodable

BLOCK_BYTES = 1 << 18


def row_bytes(max_chars: int) -> int:
    """How long a row may be, in bytes, before it is no longer read to its end.

    Eight a character of its text, and never less than a mebibyte, because the other columns need
    room whatever the texts may take.
    """
    return max(8 * max_chars, 1 << 20)


class LongLineError(Exception):
    """A line goes on beyond the limit; what was read of it is read again by ``piece``."""


class Blocks:
    """The bytes of a file, without byte-order mark and in an encoding with one-byte line ends.

    Parameters
    ----------
    path : the file, inflated by its suffix.
    encoding : of the file, if no mark says otherwise; ``self.encoding`` is that of the blocks.
    limit : bytes of the longest line that is read whole.
    returns : whether a carriage return alone ends a line.
    """

    def __init__(self, path: Path, encoding: str, *, limit: int, returns: bool) -> None:
        self._file = read_pieces(path)
        self._pieces, self._of_file, self.encoding = one_byte_lines(self._file, encoding)
        self._limit = limit
        self._returns = returns
        self._rest = b""
        self._broken: UnreadableError | OSError | None = None

    def block(self) -> bytes:
        """The next lines, each with its end, or ``b""`` at the end of the file.

        Raises LongLineError if the next line alone has more bytes than the limit.
        """
        parts, size = [], 0
        while piece := self.piece():
            if end := self._last_line_end(piece):
                self.push_back(piece[end:])
                parts.append(piece[:end])
                break
            parts.append(piece)
            size += len(piece)
            if size > self._limit:
                self.push_back(b"".join(parts))
                raise LongLineError
        return b"".join(parts)

    def piece(self) -> bytes:
        """The next bytes, wherever they end, but never between the two of one line end."""
        parts, self._rest = [self._rest], b""
        size = len(parts[0])
        # One byte more than a block, so that something is left when the last is kept back: a piece
        # without bytes would say that the file has ended.
        while size <= BLOCK_BYTES and (more := self._more()):
            parts.append(more)
            size += len(more)
        piece = b"".join(parts)
        if self._broken is not None and not piece:
            raise self._broken
        if size > BLOCK_BYTES and piece.endswith(b"\r"):
            self._rest = b"\r"
            return piece[:-1]
        return piece

    def _more(self) -> bytes:
        try:
            return next(self._pieces, b"")
        except (UnreadableError, OSError) as error:
            self._broken = error  # raised when the whole lines before it have been read
            return b""

    def push_back(self, rest: bytes) -> None:
        """Has the last bytes of the latest piece read again."""
        self._rest = rest + self._rest

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def fault(self, error: UnicodeDecodeError, where: str) -> str:
        """The reason for bytes of a block that cannot be decoded."""
        if self._of_file != self.encoding:
            return f"not {self._of_file}: half a surrogate pair in {where}"
        return undecodable(error, self.encoding, where)

    def _last_line_end(self, piece: bytes) -> int:
        end = piece.rfind(b"\n") + 1
        return end or (piece.rfind(b"\r") + 1 if self._returns else 0)
