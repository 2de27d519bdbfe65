"""What is swapped for what: the lists of names, read from ``material/swaps.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MATERIAL = Path(__file__).parent / "material"


class MaterialError(ValueError):
    """A file of test material is not what it should be; the message names the place."""


@dataclass(frozen=True, kw_only=True)
class Filler:
    """One of the names that stand for one another.

    Parameters
    ----------
    shown : what tables call it.
    forms : its forms, by the slot that takes them.
    kind : in real sentences only fillers of one kind replace one another; None for templates alone.
    """

    shown: str
    forms: Mapping[str, str]
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class SwapGroup:
    """Names of one sort, such as countries.

    Parameters
    ----------
    real : the forms that are looked for in real sentences.
    leave_out : a sentence that has any of these is not used.
    alone : nor one that has any of these once the names are taken out.
    pairs : words that replace each other, where forms do not do (genders).
    """

    name: str
    fillers: tuple[Filler, ...]
    real: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.fillers) < 2:
            raise MaterialError(f"{self.name}: a swap needs two fillers or more")
        if len({f.shown for f in self.fillers}) < len(self.fillers):
            raise MaterialError(f"{self.name}: two fillers are shown by the same name")
        for filler in self.fillers:
            missing = [form for form in self.real if form not in filler.forms]
            if missing:
                raise MaterialError(f"{self.name}, {filler.shown}: no {', '.join(missing)}")

    @cached_property
    def surfaces(self) -> dict[str, dict[str, Filler]]:
        """By the word that may stand in a real sentence: what form it is, and of which filler."""
        found: dict[str, dict[str, Filler]] = {}
        for filler in self.fillers:
            for form in self.real if filler.kind else ():
                found.setdefault(filler.forms[form], {})[form] = filler
        return found

    @cached_property
    def finder(self) -> re.Pattern[str]:
        """Finds the words of :attr:`surfaces`, the longest that fits."""
        return whole_words(self.surfaces)

    @cached_property
    def unfit(self) -> re.Pattern[str]:
        """Finds what :attr:`leave_out` lists."""
        return whole_words(self.leave_out)

    @cached_property
    def stray(self) -> re.Pattern[str]:
        """Finds what :attr:`alone` lists."""
        return whole_words(self.alone)


def whole_words(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of ``words`` (or phrases), as a whole; the longest is taken."""
    longest_first = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{longest_first})(?!\w)" if longest_first else r"(?!)")


def read_swaps(path: Path = MATERIAL / "swaps.toml") -> dict[str, SwapGroup]:
    """The groups by name.

    Raises
    ------
    MaterialError
        naming the file, and the group or line, for anything that is not such a list.
    """
    groups = {}
    for name, values in read_toml(path).items():
        try:
            fillers = tuple(_filler(row) for row in values.pop("fillers"))
            lists = {key: tuple(map(_frozen, value)) for key, value in values.items()}
            groups[name] = SwapGroup(name=name, fillers=fillers, **lists)
        except (AttributeError, KeyError, TypeError) as error:
            raise MaterialError(f"{path}, [{name}]: not a list of names ({error!r})") from error
        except MaterialError as error:
            raise MaterialError(f"{path}: {error}") from error
    return groups


def read_toml(path: Path) -> dict[str, dict[str, list]]:
    """The tables of a TOML file; MaterialError with its place for what is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MaterialError(f"{path}: {error}") from error


def _filler(row: dict[str, str]) -> Filler:
    forms = {key: value for key, value in row.items() if key not in ("shown", "class")}
    return Filler(shown=row["shown"], forms=forms, kind=row.get("class"))


def _frozen(value: str | list[str]) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value
