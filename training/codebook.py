"""A codebook: the tasks of a researcher's own, declared in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framing.task import Task, default_tasks

_FIELDS = {"kind", "labels", "question", "trim"}


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Which tasks a corpus is labelled for, and what their labels mean.

    Parameters
    ----------
    name : of the codebook.
    tasks : its tasks, in their order. A task with the name of a built-in one replaces it.
    questions : by task, the question it answers; what is not given is empty.
    definitions : by task and label, what the label means; what is not given is empty.
    """

    name: str
    tasks: tuple[Task, ...]
    questions: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [t.name for t in self.tasks]
        if not names:
            raise ValueError(f"codebook {self.name!r}: declare at least one task")
        if twice := {n for n in names if names.count(n) > 1}:
            raise ValueError(f"codebook {self.name!r}: task {min(twice)!r} is declared twice")

    def task(self, name: str) -> Task:
        """The task ``name``; KeyError, naming those there are, for any other."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(f"{name!r}: codebook {self.name!r} has {', '.join(self.names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tasks."""
        return tuple(t.name for t in self.tasks)

    @classmethod
    def built_in(cls) -> Codebook:
        """The five tasks of the shipped models (``data/codebook.md`` says what they mean)."""
        return cls(name="framing", tasks=default_tasks())

    @classmethod
    def load(cls, path: Path) -> Codebook:
        """Reads a TOML file with a ``name`` and a ``[tasks.NAME]`` table a task.

        A task has a ``kind`` (binary, multiclass, multilabel, spans) and ``labels``, a list of
        names or a table of name to definition; a ``question`` and, for spans, ``trim`` (leave
        function words and punctuation off the edges) are optional. ``built_in = true`` at the top,
        or a list of their names, adds built-in tasks that the corpus also labels.

        Raises
        ------
        ValueError
            if the file is not such a codebook; the message names the file and the task.
        FileNotFoundError
            if there is no such file.
        """
        if not path.is_file():
            raise FileNotFoundError(f"there is no codebook {path}")
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls._of(values, path.stem)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, TypeError) as error:
            raise ValueError(f"codebook {path}: {error}") from error

    @classmethod
    def _of(cls, values: Mapping[str, Any], stem: str) -> Codebook:
        if unknown := set(values) - {"name", "tasks", "built_in"}:
            raise ValueError(f"{min(unknown)!r} is no field of a codebook: name, tasks, built_in")
        declared = values.get("tasks", {})
        if not isinstance(declared, Mapping):
            raise ValueError("tasks: write a table for each, [tasks.NAME]")
        tasks, questions, definitions = [], {}, {}
        for name, facts in declared.items():
            if not isinstance(facts, Mapping):
                raise ValueError(f"task {name!r}: write a table, [tasks.{name}]")
            if unknown := set(facts) - _FIELDS:
                raise ValueError(
                    f"task {name!r}: {min(unknown)!r} is none of {', '.join(sorted(_FIELDS))}"
                )
            labels = facts.get("labels", [name] if facts.get("kind") == "binary" else [])
            if not isinstance(labels, list | Mapping):
                raise ValueError(f"task {name!r}: labels: write a list, such as [{labels!r}]")
            meanings = labels if isinstance(labels, Mapping) else dict.fromkeys(labels, "")
            if any(not isinstance(x, str) or not x.strip() or ";" in x for x in meanings):
                raise ValueError(f"task {name!r}: a label is a text without semicolons")
            if isinstance(labels, list) and len(meanings) != len(labels):
                raise ValueError(f"task {name!r}: a label is given twice")
            tasks.append(
                Task(
                    name=name,
                    kind=facts.get("kind", ""),
                    labels=tuple(meanings),
                    trim=bool(facts.get("trim", False)),
                )
            )
            questions[name] = str(facts.get("question", ""))
            definitions[name] = {k: str(v) for k, v in meanings.items()}
        wanted = values.get("built_in", False)
        known = {t.name: t for t in default_tasks()}
        if isinstance(wanted, bool):
            wanted = list(known) if wanted else []
        if not isinstance(wanted, list):
            raise ValueError(f"built_in: write true, or a list such as [{wanted!r}]")
        for name in wanted:
            if name not in known:
                raise ValueError(f"built_in: {name!r} is none of {', '.join(known)}")
            if name not in questions:
                tasks.append(known[name])
        return cls(
            name=str(values.get("name", stem)),
            tasks=tuple(tasks),
            questions=questions,
            definitions=definitions,
        )
