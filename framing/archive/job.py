"""A job: the sources of an archive and the model that is to score them, ready to begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import framing
from framing.archive.estimate import Estimate, estimate
from framing.archive.inputs import Source, find_sources
from framing.archive.layout import SCHEMA_VERSION, Layout
from framing.archive.options import ArchiveOptions
from framing.archive.rows import kept_schema
from framing.archive.run_record import RunRecord

Inputs = str | Path | Sequence[str | Path]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be scored, how and by what.

    Parameters
    ----------
    sources : the files.
    options : what is asked for.
    scorer : the loaded model.
    layout : of the tables.
    runtime : what runs the model, and in which numbers: the last digits depend on it.
    """

    sources: Sequence[Source]
    options: ArchiveOptions
    scorer: Any
    layout: Layout
    runtime: str

    @classmethod
    def load(
        cls,
        inputs: Inputs,
        options: ArchiveOptions,
        *,
        model: str | Path,
        device: str,
        **how: Any,
    ) -> Job:
        """Looks for the sources and loads the model; ``how`` goes to :class:`framing.Scorer`.

        Raises InputError or ModelError for what is not there, before anything is written.
        """
        sources = find_sources([inputs] if isinstance(inputs, str | Path) else list(inputs))
        kept = kept_schema(sources, options.columns, encoding=options.encoding)
        scorer = framing.Scorer(model, device=device, **how)
        tasks = tuple(scorer.engine.tasks.values())
        layout = Layout.of(options, tasks=tasks, model=scorer.model, kept=kept)
        runtime = f"{scorer.backend}, {str(scorer.device).partition(':')[0]}"
        return cls(sources=sources, options=options, scorer=scorer, layout=layout, runtime=runtime)

    def record(self) -> RunRecord:
        """All that the output depends on; reads every source once, for its fingerprint."""
        return RunRecord.of(
            schema=SCHEMA_VERSION,
            model=self.layout.model,
            runtime=self.runtime,
            tasks=self.layout.tasks,
            options=self.options,
            kept={field.name: str(field.type) for field in self.layout.kept},
            sources=[source.fingerprint() for source in self.sources],
        )

    def estimate(self) -> Estimate:
        """What it would come to; nothing is written."""
        return estimate(self.sources, self.options, scorer=self.scorer, layout=self.layout)
