"""Prints the SynOps of the same spikes as NeuroBench, spikingjelly and our own counters count them.

    python benchmarks/counters.py

The tables, as Markdown, are those of docs/synops.md: of an example and of one fixed recording.
benchmarks/README.md tells how to make the environment that both libraries need.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow/scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/builders"))

from audited import ALL, Audited, arrivals, by_layer, example, own_counts, recording, reset


def by_neurobench(network: nn.Sequential, values: torch.Tensor) -> float:
    """Return what NeuroBench's metric counts in a network for one recording."""
    from neurobench.metrics.workload import SynapticOperations
    from neurobench.models import TorchModel

    model = TorchModel(network)
    model.register_hooks()
    predicted = model(values)
    # A sample is a recording, not a step: the metric divides by the number of samples.
    counted = SynapticOperations()(model, predicted, (values[None], None))
    model.cleanup_hooks()
    return counted["Effective_MACs"] + counted["Effective_ACs"]


def by_spikingjelly(network: nn.Sequential, values: torch.Tensor) -> float:
    """Return what spikingjelly's operation counter counts in a network."""
    from spikingjelly.activation_based.op_counter import DispatchCounterMode, SynOpCounter

    counter = SynOpCounter()
    with DispatchCounterMode([counter]):
        network(values)
    return counter.get_total()


OTHERS = {"NeuroBench": by_neurobench, "spikingjelly": by_spikingjelly}


def unrolled(counts: torch.Tensor) -> torch.Tensor:
    """Return as many binary steps as needed to send whole numbers of spikes one by one."""
    return torch.cat([(counts > k).float() for k in range(int(counts.max()))])


def other_counts(
    counter: str, count: Callable[[nn.Sequential, torch.Tensor], float], audited: Audited
) -> dict[str, dict[str, float]]:
    """Count layer by layer, with the values that each layer receives and with unrolled spikes.

    Raises:
        SystemExit: the layers don't add up to what the library counts in the whole network.
    """
    arrived = arrivals(audited)
    names = [part.layer.name for part in arrived]
    plain = by_layer(names, (count(nn.Sequential(part.module), part.values) for part in arrived))
    reset(audited)
    whole = count(audited.network, audited.inputs)
    if whole != plain[ALL]:
        sys.exit(f"{counter} counts {plain[ALL]} SynOps layer by layer, but {whole} at once.")
    binary = ((nn.Sequential(part.module), unrolled(part.counts)) for part in arrived)
    singly = by_layer(names, (count(module, steps) for module, steps in binary))
    return {counter: plain, f"{counter} (unrolled)": singly}


@torch.no_grad()
def main() -> None:
    for make in (example, recording):
        counts = own_counts(make)
        for counter, count in OTHERS.items():
            counts |= other_counts(counter, count, make())
        layers = list(counts["ours"])
        print("", " | ".join(["| counter", *layers]) + " |", sep="\n")
        print("|---|" + "---:|" * len(layers))
        for counter, of_layer in counts.items():
            cells = [f"{of_layer[layer]:,.10g}" if layer in of_layer else "" for layer in layers]
            print(" | ".join([f"| {counter}", *cells]) + " |")


if __name__ == "__main__":
    main()
