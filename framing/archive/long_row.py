"""The end of a CSV row that is too long to be held, found without holding it."""

from __future__ import annotations

import re
from enum import Enum, auto

from framing.archive.blocks import Blocks

_TOKENS = re.compile(rb'"+|\r\n|[\r\n]|[^"\r\n]+')


class _State(Enum):
    FIELD_START = auto()
    PLAIN = auto()
    QUOTED = auto()
    CLOSED = auto()  # after the quotation mark that may close a field or be the first of a pair
    MALFORMED = auto()  # until the line ends


def pass_over(blocks: Blocks, *, separator: str, quoted: bool) -> tuple[int, bool]:
    """Reads to the end of a row as Python's csv module, when strict, finds it.

    Parameters
    ----------
    blocks : of which the row's next line begins.
    separator : what parts the fields.
    quoted : whether that line begins within a quoted field.

    Returns
    -------
    How many line ends were passed, and whether the row ended before the file did or with it: False
    if a quotation mark was still open.
    """
    state = _State.QUOTED if quoted else _State.FIELD_START
    mark, lines = separator.encode(), 0
    while piece := blocks.piece():
        for token in _TOKENS.finditer(piece):
            found = token[0]
            if found[0] in b"\r\n":
                lines += 1
                if state is not _State.QUOTED:
                    blocks.push_back(piece[token.end() :])
                    return lines, True
            elif found[0] in b'"':
                state = _after_marks(state, odd=len(found) % 2 == 1)
            else:
                state = _after_text(state, found, mark)
    return lines, state is not _State.QUOTED


def _after_marks(state: _State, *, odd: bool) -> _State:
    # Two marks within quotes are one of the text. A run of them may go on in the next piece.
    if state is _State.FIELD_START:
        return _State.QUOTED if odd else _State.CLOSED
    if state is _State.QUOTED:
        return _State.CLOSED if odd else state
    if state is _State.CLOSED:
        return _State.QUOTED if odd else state
    return state


def _after_text(state: _State, text: bytes, separator: bytes) -> _State:
    if state in (_State.QUOTED, _State.MALFORMED):
        return state
    if state is _State.CLOSED and not text.startswith(separator):
        return _State.MALFORMED
    return _State.FIELD_START if text.endswith(separator) else _State.PLAIN
