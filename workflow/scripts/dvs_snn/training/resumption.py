"""Lets an interrupted training go on after its last epoch and end with the same bytes."""

import hashlib
import io
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dvs_snn.files.atomic import replacing
from dvs_snn.files.hashes import check, recorded_sha256, seal, sha256_of, unseal
from dvs_snn.training.threads.shards import Shard

_log = logging.getLogger(__name__)


def key_of(params: Mapping[str, object], code: Iterable[Path], data: Iterable[Path]) -> str:
    """Return the SHA-256 of all that a training depends on: params, source files, data, and
    the versions and instructions that compute it.

    Data that carry a record of their hash, which the job checked, are not read again.
    """
    parts = {
        "params": dict(params),
        "code": {path.name: sha256_of(path) for path in code},
        "data": {path.name: recorded_sha256(path) or sha256_of(path) for path in data},
        "machine": [
            torch.__version__,
            np.__version__,
            version("pytorch-optimizer"),
            torch.backends.cpu.get_cpu_capability(),
        ],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that changes from epoch to epoch.

    Attributes:
        average: the running average of the weights, if one is kept.
        shuffle: draws the order of the frames.
        shards: draw the augmentation and what is dropped.
    """

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    average: torch.nn.Module | None
    shuffle: np.random.Generator
    shards: Sequence[Shard]

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.model.parameters()).device

    def _parts(self) -> dict[str, Any]:
        named = {key: getattr(self, key) for key in ("model", "optimizer", "scheduler", "average")}
        return {key: part for key, part in named.items() if part is not None}

    def packed(self) -> dict[str, Any]:
        """Return all of it as tensors, numbers and text."""
        packed = {key: part.state_dict() for key, part in self._parts().items()}
        packed["shuffle"] = json.dumps(self.shuffle.bit_generator.state)
        packed["shards"] = [
            [one.get_state() for one in shard.generators()] for shard in self.shards
        ]
        return packed

    def restore(self, packed: Mapping[str, Any]) -> None:
        """Set everything to what `packed` returned."""
        for key, part in self._parts().items():
            part.load_state_dict(packed[key])
        self.shuffle.bit_generator.state = json.loads(packed["shuffle"])
        for shard, saved in zip(self.shards, packed["shards"], strict=True):
            for one, drawn in zip(shard.generators(), saved, strict=True):
                one.set_state(drawn)


@dataclass(frozen=True)
class ResumeFile:
    """The file that keeps a training's state after each epoch; no output, and deleted at the end.

    Attributes:
        path: the file, beside the outputs.
        key: of `key_of`; a file with another key is not used.
    """

    path: Path
    key: str

    def save(self, state: TrainingState, course: Mapping[str, Any]) -> None:
        """Write the state and the course so far; the file appears whole or not at all."""
        saved = {"key": self.key, "state": state.packed(), "course": dict(course)}
        # Written by torch, a full disk would be a RuntimeError without its cause.
        packed = io.BytesIO()
        torch.save(saved, packed)
        with replacing(self.path) as temporary:
            temporary.write_bytes(packed.getvalue())
        seal([self.path])

    def restore(self, state: TrainingState) -> dict[str, Any] | None:
        """Set `state` to what was saved and return the course; None without a file that fits."""
        if not self.path.exists():
            return None
        try:
            check([self.path])
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            key = saved["key"]
        except Exception as error:  # torch and pickle raise nearly anything on damaged bytes
            _log.warning("%s: isn't used, training starts anew: %s", self.path, error)
            return None
        if key != self.key:
            _log.info("%s: isn't used, it is of other params, code or data", self.path)
            return None
        state.restore(saved["state"])
        return saved["course"]


def discard(path: Path) -> None:
    """Remove the resume file of a training, once its outputs are written."""
    path.unlink(missing_ok=True)
    unseal([path])
