"""A family: one sentence in versions that differ only in whom or what it names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.robustness.swaps import MATERIAL, Filler, MaterialError, SwapGroup, read_toml
from training.grammar import with_article

STYLES = ("neutral", "loaded", "attributed", "framed")
_SLOT = re.compile(r"(?:\b([Aa])n? )?\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Family:
    """One sentence in several versions.

    Parameters
    ----------
    group : what is drawn as a whole for intervals: the template or the document.
    style : how it is written, one of :data:`STYLES`, or ``real``.
    versions : the text by what was filled in.
    written : the version that stood there, if it is a real sentence.
    mixed : whether more than one filler is named in it, so that no version speaks of one alone.
    """

    id: str
    group: str
    style: str
    versions: Mapping[str, str]
    written: str | None = None
    mixed: bool = False

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Versions to be compared, by filler: with what stood there, else each with each.

        Fillers that give the same text (a church is one to Christians and Catholics) are compared
        as one.
        """
        distinct = list({text: filler for filler, text in reversed(self.versions.items())}.values())
        distinct.reverse()
        if self.written is None:
            yield from itertools.combinations(distinct, 2)
        else:
            yield from ((self.written, other) for other in distinct if other != self.written)


def template_families(
    swaps: Mapping[str, SwapGroup], path: Path = MATERIAL / "templates.toml"
) -> dict[str, list[Family]]:
    """Every template with every filler of its group, by group.

    Raises
    ------
    MaterialError
        for a group or style that is not known, a template without a slot, or a slot that a filler
        has no form for.
    """
    found = {}
    for name, styles in read_toml(path).items():
        if name not in swaps:
            raise MaterialError(f"{path}, [{name}]: no such group; there are {', '.join(swaps)}")
        if unknown := sorted(set(styles) - set(STYLES)):
            raise MaterialError(f"{path}, [{name}]: {unknown[0]!r} is none of {', '.join(STYLES)}")
        found[name] = [
            _family(template, f"{name}/{style}/{number}", style, swaps[name], path)
            for style, templates in styles.items()
            for number, template in enumerate(templates, 1)
        ]
    return found


def _family(template: str, key: str, style: str, group: SwapGroup, path: Path) -> Family:
    if not _SLOT.search(template):
        raise MaterialError(f"{path}, {key}: no slot in {template!r}")
    try:
        versions = {f.shown: fill(template, f) for f in group.fillers}
    except KeyError as error:
        raise MaterialError(f"{path}, {key}: no filler has the form {error}") from error
    return Family(id=key, group=key, style=style, versions=versions)


def fill(template: str, filler: Filler) -> str:
    """The template with the forms of ``filler``, "a" or "an" and the first letter set right."""

    def put(match: re.Match[str]) -> str:
        form = filler.forms[match[2]]
        return with_article(match[1], form) if match[1] else form

    text = _SLOT.sub(put, template)
    return text[0].upper() + text[1:]
