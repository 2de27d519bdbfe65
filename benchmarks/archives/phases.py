"""How far a run had come when it was killed, as the folder that it left tells it."""

from __future__ import annotations

from pathlib import Path

NOTHING, BEGUN, COMMIT, BETWEEN, FINISH, DONE = PHASES = (
    "nothing written yet",
    "before the first part is done",
    "while a part is committed",
    "between two commits",
    "all parts done, end not written",
    "all written, not yet ended",
)


def phase_of(folder: Path, parts: int) -> str:
    """The phase of a run that makes ``parts`` parts, one of :data:`PHASES`.

    A file under a temporary name, or a table without an entry, is left by a commit that was cut
    off. SIGTERM lets a commit end first.
    """
    home = folder / "_manifest"
    if not (home / "run.json").exists():
        return NOTHING
    if (folder / "summary.json").exists():
        return DONE
    entries = {path.stem for path in (home / "parts").glob("part-*.json")}
    if len(entries) >= parts:
        return FINISH
    tables = [
        path for name in ("sentences", "documents") for path in (folder / name).glob("part-*")
    ]
    if any(path.stem not in entries for path in tables) or any(folder.rglob(".part-*")):
        return COMMIT
    return BETWEEN if entries else BEGUN
