"""A metric for ``evaluate``: are probabilities what they say?"""

from __future__ import annotations

from typing import Any

import datasets
import evaluate
import numpy as np

from training.evaluation.reliability import calibration_pairs
from training.metrics import brier_score, calibration_error, log_loss

_INPUTS = """
Args:
    predictions, references: probabilities, and gold labels as numbers from 0 to 1 (a share of
        annotators is taken as it is), one entry a sentence. With the configuration binary a
        number, with multiclass and multilabel a list of them, one a label.
    bins: of equal mass, for the calibration error; 10 unless given.
Returns:
    ece, the expected calibration error (of the likeliest label with multiclass, over all labels
    together with multilabel); brier, the Brier score (summed over labels with multiclass);
    log_loss, in nats.
"""


class Calibration(evaluate.Metric):  # type: ignore[misc]
    """Expected calibration error, Brier score and log loss."""

    config_name: str

    def _info(self) -> evaluate.MetricInfo:
        if self.config_name == "default":
            self.config_name = "binary"
        if self.config_name not in ("binary", "multiclass", "multilabel"):
            raise ValueError(f"{self.config_name!r}: choose binary, multiclass or multilabel")
        number: Any = datasets.Value("float64")
        feature = number if self.config_name == "binary" else datasets.Sequence(number)
        return evaluate.MetricInfo(
            description=str(__doc__),
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": feature, "references": feature}),
        )

    def _compute(
        self, *, predictions: Any = None, references: Any = None, bins: int = 10
    ) -> dict[str, float]:
        likely, gold = (np.asarray(x, dtype=float) for x in (predictions, references))
        likely, gold = (x.reshape(len(x), -1) for x in (likely, gold))
        kind: Any = self.config_name
        right, probability, _ = calibration_pairs(kind, gold, likely)
        exclusive = kind == "multiclass"
        return {
            "ece": calibration_error(right, probability, bins=bins),
            "brier": brier_score(gold, likely, exclusive=exclusive),
            "log_loss": log_loss(gold, likely, exclusive=exclusive),
        }
