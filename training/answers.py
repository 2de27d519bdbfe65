"""What a model says of many sentences, as arrays that can be kept in a file."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.decoding import Floats, calibrate
from framing.engine import Engine
from framing.files import write_atomically
from framing.task import Task
from training.example import Example, Label
from training.soft import SoftSpans

log = logging.getLogger(__name__)

_CHUNK = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """A model's answers, a row a sentence; of spans a row a token of its tokenizer.

    Parameters
    ----------
    tasks : those that are answered.
    scores : by sentence task, float32 [sentences, labels], calibrated probabilities.
    inside, begin : by span task, float16 [tokens, labels], the probability to lie in a span of the
        label and to begin one, not calibrated.
    bounds : int64 [sentences + 1], where the tokens of each sentence are.
    start, end : int32 [tokens], code points of the sentence.
    blank : bool [sentences], nothing visible in it and nothing to be said of it.
    """

    tasks: tuple[Task, ...]
    scores: dict[str, Floats]
    inside: dict[str, NDArray[np.float16]]
    begin: dict[str, NDArray[np.float16]]
    bounds: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    blank: NDArray[np.bool_]

    @classmethod
    def ask(
        cls, engine: Engine, examples: Sequence[Example], tasks: Collection[str] | None = None
    ) -> Answers:
        """The engine's answers to all its tasks, or to those named."""
        wanted = tuple(t for n, t in engine.tasks.items() if tasks is None or n in tasks)
        parts: list[Answers] = []
        for at in range(0, max(1, len(examples)), _CHUNK):
            chunk = examples[at : at + _CHUNK]
            if at:
                log.info("%s of %s sentences are read", f"{at:,}", f"{len(examples):,}")
            prepared = engine.prepare([e.text for e in chunk], [e.quote_open for e in chunk])
            said = engine.forward(prepared, tasks=[t.name for t in wanted])
            spans = [t.name for t in wanted if t.kind == "spans"]
            parts.append(
                cls(
                    tasks=wanted,
                    scores={
                        t.name: calibrate(t, said.logits[t.name])
                        for t in wanted
                        if t.kind != "spans"
                    },
                    inside={name: said.inside[name].astype(np.float16) for name in spans},
                    begin={name: said.begin[name].astype(np.float16) for name in spans},
                    bounds=prepared.tokens.bounds.astype(np.int64),
                    start=prepared.tokens.start.astype(np.int32),
                    end=prepared.tokens.end.astype(np.int32),
                    blank=prepared.blank,
                )
            )
        return _joined(parts)

    def of(self, row: int) -> dict[str, Label]:
        """The answers to one sentence as soft labels, by task; none if it is blank."""
        found: dict[str, Label] = {}
        if self.blank[row]:
            return found
        here = slice(int(self.bounds[row]), int(self.bounds[row + 1]))
        for task in self.tasks:
            if task.kind == "spans":
                found[task.name] = SoftSpans(
                    labels=task.labels,
                    start=self.start[here],
                    end=self.end[here],
                    inside=self.inside[task.name][here],
                    begin=self.begin[task.name][here],
                )
            elif task.kind == "binary":
                found[task.name] = float(self.scores[task.name][row, 0])
            else:
                values = self.scores[task.name][row].tolist()
                found[task.name] = dict(zip(task.labels, values, strict=True))
        return found

    def save(self, path: Path) -> None:
        """Writes an ``.npz`` file, all of it or nothing."""
        arrays: dict[str, NDArray[np.generic]] = {
            **{f"scores/{name}": values for name, values in self.scores.items()},
            **{f"inside/{name}": values for name, values in self.inside.items()},
            **{f"begin/{name}": values for name, values in self.begin.items()},
            **{name: getattr(self, name) for name in _ARRAYS},
            "tasks": np.array(json.dumps([t.to_dict() for t in self.tasks])),
        }
        written = io.BytesIO()
        np.savez(written, allow_pickle=False, **arrays)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, written.getvalue())

    @classmethod
    def load(cls, path: Path) -> Answers:
        """The inverse of :meth:`save`."""
        with np.load(path, allow_pickle=False) as found:
            tasks = tuple(Task.from_dict(t) for t in json.loads(str(found["tasks"])))
            spans = [t.name for t in tasks if t.kind == "spans"]
            return cls(
                tasks=tasks,
                scores={t.name: found[f"scores/{t.name}"] for t in tasks if t.kind != "spans"},
                inside={name: found[f"inside/{name}"] for name in spans},
                begin={name: found[f"begin/{name}"] for name in spans},
                **{name: found[name] for name in _ARRAYS},
            )


_ARRAYS = ("bounds", "start", "end", "blank")


def _joined(parts: Sequence[Answers]) -> Answers:
    before = np.cumsum([0, *(part.bounds[-1] for part in parts)])
    starts = [part.bounds[:-1] + at for part, at in zip(parts, before, strict=False)]
    first = parts[0]
    return Answers(
        tasks=first.tasks,
        scores={n: np.concatenate([p.scores[n] for p in parts]) for n in first.scores},
        inside={n: np.concatenate([p.inside[n] for p in parts]) for n in first.inside},
        begin={n: np.concatenate([p.begin[n] for p in parts]) for n in first.begin},
        bounds=np.append(np.concatenate(starts), before[-1]),
        start=np.concatenate([p.start for p in parts]),
        end=np.concatenate([p.end for p in parts]),
        blank=np.concatenate([p.blank for p in parts]),
    )
