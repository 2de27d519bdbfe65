"""The metrics as modules of the library ``evaluate``, found without a network."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

METRICS = {
    "sentence_labels": "SentenceLabels",
    "span_overlap": "SpanOverlap",
    "calibration": "Calibration",
}
"""The class of each metric, by the name of its module."""


def load(name: str, config_name: str | None = None, **options: Any) -> Any:
    """A metric as an ``evaluate.Metric``, with ``compute``, ``add`` and ``add_batch``.

    The class is made as it stands, in memory: nothing is copied, and only an empty folder is made
    in the cache of ``evaluate``. ``evaluate.load(str(module_path(name)), config_name)`` gives the
    same metric and needs no network either, but first copies the script into the cache of Hugging
    Face modules (``HF_MODULES_CACHE``), as that library does with every script.

    Parameters
    ----------
    name : one of :data:`METRICS`.
    config_name : ``binary`` (the default), ``multiclass`` or ``multilabel``; span_overlap has none.
    options : those of ``evaluate.Metric``, such as ``cache_dir``.

    Raises
    ------
    ValueError
        for any other name.
    ImportError
        if ``evaluate`` is not installed.
    """
    if name not in METRICS:
        raise ValueError(f"no metric {name!r}: choose {', '.join(METRICS)}")
    try:
        module = import_module(f"training.evaluation.modules.{name}")
    except ImportError as error:
        raise ImportError(
            f'the metric {name!r} needs evaluate and datasets: pip install "framing-score[train]"'
        ) from error
    return getattr(module, METRICS[name])(config_name, **{"keep_in_memory": True, **options})


def module_path(name: str) -> Path:
    """The script of a metric, for ``evaluate.load``; ValueError for an unknown name."""
    if name not in METRICS:
        raise ValueError(f"no metric {name!r}: choose {', '.join(METRICS)}")
    return Path(__file__).resolve().with_name("modules") / f"{name}.py"
