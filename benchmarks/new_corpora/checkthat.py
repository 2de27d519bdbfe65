"""CheckThat! subjectivity in English news (Antici et al. 2024; Task 2 of CheckThat! 2024).

Label: ``subjectivity``. The corpus names no articles, so each sentence is a group of its own. The
gold test set is that of 2024.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.new_corpora.tables import tab_rows
from training.corpora.reading import CorpusError, read_text
from training.example import Example

FOLDER = "loaded_language/checkthat_subjectivity/2024"

_FIELDS = ("sentence_id", "sentence", "label")
_PARTS = {"train": "train_en.tsv", "test": "test_en_gold.tsv"}
_LABELS = {"OBJ": 0.0, "SUBJ": 1.0}


def read(data_root: Path) -> list[Example]:
    """The sentences to train on and those of the gold test; ``split`` tells which.

    Raises
    ------
    CorpusError
        if a file is absent or not in the format of the authors.
    """
    examples = []
    for split, name in _PARTS.items():
        path = data_root / FOLDER / name
        for line, row in tab_rows(read_text(path), str(path), _FIELDS, header=True):
            if row["label"] not in _LABELS or not row["sentence"].strip():
                raise CorpusError(f"{path}, row {line}: a sentence and OBJ or SUBJ were expected")
            examples.append(
                Example(
                    text=row["sentence"].strip(),
                    corpus="checkthat",
                    id=row["sentence_id"],
                    group=f"checkthat:{row['sentence_id']}",
                    labels={"subjectivity": _LABELS[row["label"]]},
                    split=split,
                    origin=(name, line),
                )
            )
    return examples
