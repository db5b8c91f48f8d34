"""Lets an interrupted training go on after its last epoch and end with the same bytes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dvs_snn.files.atomic import replacing
from dvs_snn.files.hashes import recorded_sha256, sha256_of


def key_of(params: Mapping[str, object], data: Iterable[Path]) -> str:
    """Return the SHA-256 of params, data, and the versions and instructions that compute.

    Data that carry a record of their hash, which the job checked, are not read again.
    """
    instructions = torch.backends.cpu.get_cpu_capability()
    parts = {
        "params": params,
        "data": [recorded_sha256(path) or sha256_of(path) for path in data],
        "machine": [torch.__version__, np.__version__, version("pytorch-optimizer"), instructions],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class ResumeFile:
    """The file that keeps a training's state after each epoch, with the key of `key_of`."""

    path: Path
    key: str

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a state of tensors, numbers and text."""
        with replacing(self.path) as temporary:
            torch.save({"key": self.key, "state": state}, temporary)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was saved last; None without a readable file of this training."""
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            return saved["state"] if saved["key"] == self.key else None
        # No file, or what another version wrote, which may raise anything.
        except Exception:
            return None
