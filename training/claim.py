"""Folders of the user's: what a command may write over, delete or go on from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.files import write_atomically
from framing.hub import is_framing_model

_JOB = "job"
_SUFFIXES = {".json", ".md", ".safetensors"}


def check_output(out: Path) -> None:
    """Refuses to replace what is no model folder; asked before anything is trained.

    Raises
    ------
    ValueError
        if ``out`` is a file, or a folder with anything in it that is not of a saved model.
    """
    if out.is_dir():
        files = list(out.iterdir())
        ours = all(f.suffix in _SUFFIXES for f in files) and (out / "config.json").is_file()
        if files and not (ours and is_framing_model(out)):
            raise ValueError(
                f"{out} is a folder with other files in it, which the model would replace; "
                "name a new one"
            )
    elif out.exists():
        raise ValueError(f"{out} is a file; name a folder for the model")


def claim(work: Path, facts: Sequence[Any]) -> None:
    """Makes ``work`` the folder of the run that ``facts`` say all about, or goes on with it.

    Checkpoints of another run are not gone on from, and as the folder is deleted in the end, none
    is taken that holds anything else.

    Raises
    ------
    ValueError
        if the folder is another run's, or none of a run's.
    """
    job = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    path = work / _JOB
    if path.is_file():
        if path.read_text(encoding="utf-8").strip() != job:
            raise ValueError(
                f"{work} holds checkpoints of another run (other sentences, start, methods, "
                "options or seed); delete it, or give another --work"
            )
        return
    if work.exists() and (not work.is_dir() or any(work.iterdir())):
        raise ValueError(
            f"{work} holds other files, and checkpoints are deleted in the end; give another --work"
        )
    work.mkdir(parents=True, exist_ok=True)
    write_atomically(path, job + "\n")
