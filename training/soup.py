"""Several runs of one stage, and the mean of their weights."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from training.example import Example
from training.recipe import Stage
from training.record import examples_hash
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
    With ``kept`` the weights from before have a share in it, which holds on to what the stage would
    lose (Wortsman et al. 2022, *Robust fine-tuning of zero-shot models*).
    Runs that are done are kept in ``folder`` and not done again; a run from other weights, of other
    examples or by another recipe has a place of its own there.
    """
    inputs = _inputs_hash(model, examples, stage)
    total: dict[str, torch.Tensor] = {}
    for run in range(stage.runs):
        own = folder / f"{inputs}-seed{seed + run}"
        done = own / "done"
        if (done / "config.json").is_file():
            log.info("stage %s, run %d of %d is done: %s", stage.name, run + 1, stage.runs, done)
            trained = FramingModel.from_pretrained(done, dtype=torch.float32)
        else:
            log.info("stage %s, run %d of %d", stage.name, run + 1, stage.runs)
            trained = copy.deepcopy(model)
            train_stage(trained, tokenizer, examples, stage, folder=own, seed=seed + run)
            trained.save_pretrained(own / "unfinished")
            (own / "unfinished").replace(done)
            for checkpoint in own.glob("checkpoint-*"):
                shutil.rmtree(checkpoint)
        for name, values in trained.state_dict().items():
            # In double precision, so that the mean does not depend on the order.
            total[name] = total.get(name, 0) + values.double()
    with torch.no_grad():
        for name, values in model.state_dict().items():
            values.copy_(stage.kept * values.double() + (1 - stage.kept) * total[name] / stage.runs)
    model.train(False)


def _inputs_hash(model: FramingModel, examples: Sequence[Example], stage: Stage) -> str:
    settings = {k: v for k, v in asdict(stage).items() if k not in ("runs", "kept")}
    digest = hashlib.sha256(json.dumps([settings, examples_hash(examples)]).encode())
    for name, values in model.state_dict().items():
        digest.update(name.encode())
        digest.update(values.cpu().contiguous().numpy())
    return digest.hexdigest()[:12]
