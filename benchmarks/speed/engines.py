"""The contestants of inference: the same network and the same neurons in each library's own terms.

The neuron: integrate-and-fire, n = floor(v / threshold) spikes a step where v > 0, n x threshold
subtracted, then the lower bound, once a step. How each peer comes to it:

- sinabs: stock (`IAFSqueeze`, `MultiSpike`, `MembraneSubtract`, `min_v_mem`).
- snnTorch: stock `Leaky(beta=1)`; its argument `spike_grad` counts spikes instead of a step
  function, its argument `state_quant` is the lower bound.
- spikingjelly: a subclass of `BaseNode` that defines one step, as its documentation asks for.
- norse: its `SNN` and `SNNCell` with an activation of our own, and its IAF's parameters and state.
- compiled: plain torch whose step `torch.compile` fuses: what a dense loop can reach.

`own-events` is our engine by single events. All but our own compute every neuron in every step.
They share one container, which walks a batch in either layout: `layers` (a layer for all steps,
then the next) or `steps` (all layers for a step, then the next). The faster one is chosen with the
batch size. sinabs is measured in both: one call for a recording, as it is used, and step by step.
"""

import functools
import shutil
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import sinabs.layers
import torch
from torch import nn

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.networks.conversion import spiking_network, torch_layers
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.placement import NETWORK_SHAPE
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.network_settings import NeuronParameters

STEPS_AT_ONCE = 30
"""Steps that a dense contestant is fed at once: a whole recording of the default test set."""


class Neurons:
    """A layer of one peer's neurons. `step` takes (batch, ...), `sequence` (time, batch, ...)."""

    module: nn.Module

    def reset(self) -> None:
        """Begin at zero."""

    def step(self, value: torch.Tensor) -> torch.Tensor:
        """Return the spikes of one step."""
        return self.module(value)

    def sequence(self, value: torch.Tensor) -> torch.Tensor:
        """Return the spikes of many steps."""
        return torch.stack([self.step(now) for now in value])


class SnnTorch(Neurons):
    """snnTorch's `Leaky`."""

    def __init__(self, neurons: NeuronParameters) -> None:
        import snntorch

        threshold, bound = neurons.spike_threshold, neurons.min_v_mem

        def count(above: torch.Tensor) -> torch.Tensor:
            return (torch.floor(above / threshold) + 1).clamp(min=0)

        def clip(potential: torch.Tensor) -> torch.Tensor:
            return potential.clamp(min=bound)

        self.module = snntorch.Leaky(
            beta=1.0,
            threshold=threshold,
            reset_mechanism="subtract",
            init_hidden=True,
            spike_grad=count,
            state_quant=clip if bound is not None else False,
        )

    def reset(self) -> None:
        self.module.reset_mem()


class SpikingJelly(Neurons):
    """A node of spikingjelly, in its single-step and its multi-step mode."""

    def __init__(self, neurons: NeuronParameters) -> None:
        from spikingjelly.activation_based import neuron, surrogate

        bound = neurons.min_v_mem

        class MultiSpikeNode(neuron.BaseNode):
            """Integrate-and-fire, many spikes a step, soft reset, lower bound."""

            def single_step_functional_forward(self, inputs, states, **_):
                v = states[0] + inputs[0]
                spikes = torch.floor(v / self.v_threshold).clamp(min=0)
                v = self.apply_soft_reset(v, spikes, self.v_threshold)
                return (spikes,), (v if bound is None else v.clamp(min=bound), *states[1:])

        self.module = MultiSpikeNode(
            v_threshold=neurons.spike_threshold,
            v_reset=None,
            surrogate_function=surrogate.Sigmoid(),
            step_mode="s",
        )

    def reset(self) -> None:
        self.module.reset()

    def step(self, value: torch.Tensor) -> torch.Tensor:
        self.module.step_mode = "s"
        return self.module(value)

    def sequence(self, value: torch.Tensor) -> torch.Tensor:
        self.module.step_mode = "m"
        return self.module(value)


class Norse(Neurons):
    """norse's `SNNCell` and, for many steps, `SNN`."""

    def __init__(self, neurons: NeuronParameters) -> None:
        from norse.torch.functional.iaf import IAFFeedForwardState, IAFParameters
        from norse.torch.module.snn import SNN, SNNCell

        bound = neurons.min_v_mem

        def multi_spike_step(value, state, p, dt):
            v = state.v + value
            spikes = torch.floor(v / p.v_th).clamp(min=0)
            v = v - spikes * p.v_th
            return spikes, IAFFeedForwardState(v if bound is None else v.clamp(min=bound))

        threshold = torch.tensor(neurons.spike_threshold)
        at_rest = torch.tensor(0.0)
        parameters = IAFParameters(v_th=threshold, v_reset=at_rest, method="heaviside")

        def begin(_):
            return IAFFeedForwardState(at_rest)

        self.cell = SNNCell(multi_spike_step, begin, parameters)
        self.many = SNN(multi_spike_step, begin, parameters)
        self.state = None

    def reset(self) -> None:
        self.state = None

    def step(self, value: torch.Tensor) -> torch.Tensor:
        spikes, self.state = self.cell(value, self.state)
        return spikes

    def sequence(self, value: torch.Tensor) -> torch.Tensor:
        spikes, self.state = self.many(value, self.state)
        return spikes


class Silent(Neurons):
    """No neurons: the CNN's own ReLU, of every step by itself. The dense reference."""

    def __init__(self, neurons: NeuronParameters) -> None:
        self.module = nn.ReLU()

    sequence = Neurons.step


PEERS: dict[str, tuple[str, type[Neurons]]] = {
    "snntorch": ("snntorch", SnnTorch),
    "spikingjelly": ("spikingjelly", SpikingJelly),
    "norse": ("norse", Norse),
    "ann": ("torch", Silent),
}
"""Name of the contestant: its package and its neurons."""

LAYOUTS = ("layers", "steps")


def available() -> list[str]:
    """Return the contestants whose package is installed, this study's first."""
    peers = [name for name, (package, _) in PEERS.items() if find_spec(package)]
    compiled = ["compiled"] if shutil.which("c++") else []
    return ["own", "own-events", "sinabs", "sinabs-steps", *compiled, *peers]


def layouts(engine: str) -> tuple[str, ...]:
    """Return the layouts that a contestant is tried in; our own engine has neither."""
    if engine in ("own", "own-events", "sinabs"):
        return ("layers",)
    return ("steps",) if engine in ("sinabs-steps", "compiled") else LAYOUTS


class Container:
    """A network of weighted layers and one peer's neurons; walks (time, batch, ...) counts."""

    def __init__(
        self, network: SpikingNetwork, scale: float, build: Callable[[], Neurons], layout: str
    ) -> None:
        self.layout = layout
        self.parts: list[nn.Module | Neurons] = [
            part for parts in torch_layers(network.scaled(scale)) for part in (*parts, build())
        ]

    def reset(self) -> None:
        """Begin at zero."""
        for part in self.parts:
            if isinstance(part, Neurons):
                part.reset()

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        """Return the output spikes (time, batch, 10)."""
        return self._by_layer(value) if self.layout == "layers" else self._by_step(value)

    def _by_layer(self, value: torch.Tensor) -> torch.Tensor:
        for part in self.parts:
            if isinstance(part, Neurons):
                value = part.sequence(value)
            else:
                value = part(value.flatten(0, 1)).unflatten(0, value.shape[:2])
        return value

    def _by_step(self, value: torch.Tensor) -> torch.Tensor:
        answers = []
        for now in value:
            for part in self.parts:
                now = part.step(now) if isinstance(part, Neurons) else part(now)
            answers.append(now)
        return torch.stack(answers)


class SinabsContainer:
    """sinabs' own network, fed (batch x time, ...): all steps in one call, or one by one."""

    def __init__(self, network: SpikingNetwork, scale: float, batch_size: int, layout: str) -> None:
        self.batch_size, self.layout = batch_size, layout
        self.network = spiking_network(network.scaled(scale), batch_size)

    def reset(self) -> None:
        """Begin at zero."""
        for part in self.network:
            if isinstance(part, sinabs.layers.StatefulLayer):
                part.reset_states()

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        """Return the output spikes (time, batch, 10)."""
        if self.layout == "steps":
            return torch.stack([self.network(now) for now in value])
        flat = value.transpose(0, 1).flatten(0, 1)
        return self.network(flat).unflatten(0, (self.batch_size, -1)).transpose(0, 1)


class CompiledContainer:
    """A dense loop over steps in plain torch; `torch.compile` fuses the layers of a step."""

    def __init__(self, network: SpikingNetwork, scale: float) -> None:
        layers = torch_layers(network.scaled(scale))
        neurons = [(part.threshold, part.lower_bound) for part in network.parts]
        self.layers = [(layer, *of) for layer, of in zip(layers, neurons, strict=True)]
        self.compiled = torch.compile(self.step)

    def reset(self) -> None:
        """Begin at zero."""
        self.potentials = [torch.zeros(()) for _ in self.layers]

    def step(
        self, now: torch.Tensor, potentials: list[torch.Tensor]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the spikes of one step and the potentials after it."""
        after = []
        for before, (parts, threshold, bound) in zip(potentials, self.layers, strict=True):
            v = before + functools.reduce(lambda value, part: part(value), parts, now)
            now = torch.floor(v / threshold).clamp(min=0)
            after.append((v - now * threshold).clamp(min=bound))
        return now, after

    def __call__(self, value: torch.Tensor) -> torch.Tensor:
        """Return the output spikes (time, batch, 10)."""
        answers = []
        for now in value:
            spikes, self.potentials = self.compiled(now, self.potentials)
            answers.append(spikes)
        return torch.stack(answers)


class Engine:
    """One contestant with its network, ready to answer."""

    def __init__(
        self,
        name: str,
        network: SpikingNetwork,
        scale: float,
        batch_size: int,
        layout: str = "layers",
        threads: int = 1,
    ) -> None:
        if name == "sinabs-steps":
            # Known by a name of its own, so that both ways stand in the table.
            name, layout = "sinabs", "steps"
        self.name, self.network, self.scale = name, network, scale
        self.batch_size, self.layout, self.threads = batch_size, layout, threads
        # The last batch may be smaller, and sinabs' network knows its batch size.
        self._container = functools.cache(self._build)

    def answer(self, recordings: Sequence[StepEvents]) -> list[np.ndarray]:
        """Return the output (time, 10) of each recording: spikes, or the ReLUs of `ann`."""
        if self.name in ("own", "own-events"):
            network = lay_out(self.network.scaled(self.scale))
            timing = "steps" if self.name == "own" else "events"
            responses = network.respond(recordings, self.threads, timing)
            return [response.by_step for response in responses]
        order = sorted(range(len(recordings)), key=lambda i: recordings[i].n_steps)
        answers: dict[int, np.ndarray] = {}
        for start in range(0, len(order), self.batch_size):
            members = order[start : start + self.batch_size]
            outputs = self._batch([recordings[i] for i in members])
            answers.update(zip(members, outputs, strict=True))
        return [answers[i] for i in range(len(recordings))]

    def _build(self, n: int) -> Container | SinabsContainer | CompiledContainer:
        if self.name == "compiled":
            return CompiledContainer(self.network, self.scale)
        if self.name == "sinabs":
            return SinabsContainer(self.network, self.scale, n, self.layout)
        _, kind = PEERS[self.name]
        parameters = self.network.parts[0].threshold, self.network.parts[0].lower_bound
        neurons = functools.partial(kind, NeuronParameters(*parameters))
        return Container(self.network, self.scale, neurons, self.layout)

    def _batch(self, batch: list[StepEvents]) -> list[np.ndarray]:
        n_steps = max(recording.n_steps for recording in batch)
        container = self._container(len(batch))
        container.reset()
        parts = []
        with torch.no_grad():
            for start in range(0, n_steps, STEPS_AT_ONCE):
                value = dense_batch(batch, start, min(n_steps, start + STEPS_AT_ONCE))
                parts.append(container(value))
        output = torch.cat(parts).numpy()
        return [output[: recording.n_steps, i] for i, recording in enumerate(batch)]


def dense_batch(batch: Sequence[StepEvents], start: int, stop: int) -> torch.Tensor:
    """Return steps `start` to `stop` of a batch as float32 counts (time, batch, 1, 64, 64)."""
    value = np.zeros((stop - start, len(batch), *NETWORK_SHAPE), dtype=np.float32)
    for i, recording in enumerate(batch):
        end = min(recording.n_steps, stop)
        if end > start:
            value[: end - start, i] = recording.dense(start, end)
    return torch.from_numpy(value)
