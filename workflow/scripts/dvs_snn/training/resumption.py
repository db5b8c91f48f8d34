"""Lets an interrupted training go on after its last epoch and end with the same bytes."""

import hashlib
import io
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
        "params": dict(params),
        "data": [recorded_sha256(path) or sha256_of(path) for path in data],
        "machine": [torch.__version__, np.__version__, version("pytorch-optimizer"), instructions],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ResumeFile:
    """The file that keeps a training's state after each epoch, sealed with the key of `key_of`."""

    path: Path
    key: str

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a state of tensors, numbers and text."""
        packed = io.BytesIO()
        torch.save(state, packed)
        with replacing(self.path) as temporary:
            temporary.write_bytes(self._seal(packed.getvalue()) + packed.getvalue())

    def load(self) -> dict[str, Any] | None:
        """Return the state that was saved last; None without a sound file of this training."""
        sealed = self.path.read_bytes() if self.path.exists() else b""
        if sealed[:32] != self._seal(sealed[32:]):
            return None
        return torch.load(io.BytesIO(sealed[32:]), map_location="cpu", weights_only=True)

    def _seal(self, packed: bytes) -> bytes:
        return hashlib.sha256(self.key.encode() + packed).digest()
