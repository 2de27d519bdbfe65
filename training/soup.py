"""Several runs of one stage, and the mean of their weights."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from pathlib import Path

import torch

from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from training.example import Example
from training.recipe import Stage
from training.trainer import train_stage

log = logging.getLogger(__name__)


def train_runs(
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    stage: Stage,
    *,
    folder: Path,
    seed: int,
) -> None:
    """Trains ``model`` in place through a stage, as many times as its ``runs`` say.

    Every run begins with the weights that the model has and differs by its seed: ``seed``, the one
    after it, and so on. The model ends with the mean of what they come to (a uniform soup, Wortsman
    et al. 2022), which is better than each because runs with a common start differ mostly by noise.
    Runs that are done are kept in ``folder`` and not done again.
    """
    if stage.runs == 1:
        train_stage(model, tokenizer, examples, stage, folder=folder, seed=seed)
        return
    total: dict[str, torch.Tensor] = {}
    for run in range(stage.runs):
        done = folder / f"run{run}" / "done"
        if (done / "config.json").is_file():
            log.info("run %d of %d is done: taken from %s", run + 1, stage.runs, done)
            trained = FramingModel.from_pretrained(done, dtype=torch.float32)
        else:
            log.info("run %d of %d", run + 1, stage.runs)
            trained = copy.deepcopy(model)
            train_stage(
                trained, tokenizer, examples, stage, folder=folder / f"run{run}", seed=seed + run
            )
            trained.save_pretrained(done)
        for name, values in trained.state_dict().items():
            # In double precision, so that the mean does not depend on the order.
            total[name] = total.get(name, 0) + values.double()
    with torch.no_grad():
        for name, values in model.state_dict().items():
            values.copy_(total[name] / stage.runs)
