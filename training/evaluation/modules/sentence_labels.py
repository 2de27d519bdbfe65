"""A metric for ``evaluate``: labels given to sentences, over scikit-learn."""

from __future__ import annotations

from typing import Any

import datasets
import evaluate
import numpy as np
from numpy.typing import NDArray

from training.evaluation.scores import auroc, average_precision, correlation, label_scores
from training.metrics import macro_counts_f1, micro_counts_f1, weighted_counts_f1

_INPUTS = """
Args:
    predictions, references: the labels given and the gold labels, one entry a sentence. With the
        configuration binary 0 or 1, with multiclass the number of a label, with multilabel a list
        of 0 and 1, one a label.
    scores: optional, the higher the likelier: a number a sentence, or with multiclass and
        multilabel a list of them, one a label.
    labels: optional, the names of the labels in their order (with binary of its one label).
Returns:
    macro_f1, weighted_f1 (over the labels that the gold has), micro_f1 and mcc; with scores also
    auroc and ap (with multiclass and multilabel their mean over labels); per_label, a list of the
    scores of each label. What is not defined is None.
"""


class SentenceLabels(evaluate.Metric):  # type: ignore[misc]
    """F1, MCC, AUROC and average precision, all in all and label by label."""

    config_name: str

    def _info(self) -> evaluate.MetricInfo:
        if self.config_name == "default":
            self.config_name = "binary"
        if self.config_name not in ("binary", "multiclass", "multilabel"):
            raise ValueError(f"{self.config_name!r}: choose binary, multiclass or multilabel")
        number: Any = datasets.Value("int64")
        feature = datasets.Sequence(number) if self.config_name == "multilabel" else number
        return evaluate.MetricInfo(
            description=str(__doc__),
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": feature, "references": feature}),
        )

    def _compute(
        self,
        *,
        predictions: Any = None,
        references: Any = None,
        scores: Any = None,
        labels: Any = None,
    ) -> dict[str, Any]:
        both = np.concatenate([np.asarray(predictions), np.asarray(references)])
        names, table = self._classes(both, labels)
        given, gold = table[: len(predictions)], table[len(predictions) :]
        counts = np.stack([gold & given, given, gold], axis=2).astype(int)
        one = self.config_name != "multilabel"
        found: dict[str, Any] = {
            "macro_f1": macro_counts_f1(counts, counts),
            "weighted_f1": weighted_counts_f1(counts, counts),
            "micro_f1": micro_counts_f1(counts, counts),
            "mcc": correlation(*((x.argmax(axis=1) if one else x) for x in (gold, given))),
        }
        likely = None
        if scores is not None:
            likely = np.asarray(scores, dtype=float)
            if self.config_name == "binary":
                likely = np.stack([-likely.ravel(), likely.ravel()], axis=1)
            if likely.shape != gold.shape:
                raise ValueError(f"scores of shape {likely.shape}, wanted {gold.shape}")
            which = slice(1 if self.config_name == "binary" else 0, None)
            found["auroc"] = auroc(gold[:, which], likely[:, which])
            found["ap"] = average_precision(gold[:, which], likely[:, which])
        return {
            **{name: None if value != value else value for name, value in found.items()},
            "per_label": [s.to_dict() for s in label_scores(names, gold, given, likely)],
        }

    def _classes(self, values: NDArray[Any], labels: Any) -> tuple[list[str], NDArray[np.bool_]]:
        """The names of what is scored, and for each row whether it has it."""
        if self.config_name == "binary":
            name = "1" if labels is None else str(labels[0])
            return [f"not {name}", name], np.stack([values == 0, values != 0], axis=1)
        if self.config_name == "multiclass":
            size = int(values.max()) + 1 if labels is None else len(labels)
            if values.min() < 0 or values.max() >= size:
                raise ValueError(f"there are {size} labels, numbered from 0")
            table = values[:, None] == np.arange(size)
        else:
            table = values.astype(bool)
            size = table.shape[1]
        names = list(map(str, range(size) if labels is None else labels))
        if len(names) != size:
            raise ValueError(f"{len(names)} names for {size} labels")
        return names, table
