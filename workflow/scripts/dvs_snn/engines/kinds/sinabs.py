"""The reference engine: sinabs computes every neuron in every step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.engines.spiking import Engine, refuse_biases
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.spiking import SpikingNetwork
from dvs_snn.networks.synops import fanout_map, layer_activities
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

ENGINE = Engine(("cpu", "cuda", "mps"), memory_mb=1600, minutes_per_mb=0.15)
STEPS_AT_ONCE = 25


def opened(network: SpikingNetwork, settings: InferenceSettings) -> partial:
    """Return what runs recordings through a network."""
    import torch

    torch.set_num_threads(settings.compute_threads)
    return partial(run, network, settings=settings)


def run(
    network: SpikingNetwork, recordings: Sequence[StepEvents], settings: InferenceSettings
) -> Iterator[Response]:
    """Run batches of recordings of similar length, by events with one event in each step.

    Steps after a shorter one's end don't count.
    """
    from dvs_snn.networks.conversion import spiking_network
    from dvs_snn.networks.devices import choose_device, make_repeatable

    device = choose_device(settings.device, "inference.device")
    make_repeatable(device)
    if settings.timing == "events":
        refuse_biases(network.has_biases)
        in_steps = replace(settings, timing="steps")
        lone = [one_a_step(recording) for recording in recordings]
        yield from map(_by_events, run(network, lone, in_steps), recordings)
        return
    order = sorted(range(len(recordings)), key=lambda i: recordings[i].n_steps)
    responses: dict[int, Response] = {}
    for start in range(0, len(order), settings.batch_size):
        members = order[start : start + settings.batch_size]
        batch = [recordings[i] for i in members]
        at_rest = spiking_network(network, 1.0, len(batch)).to(device)
        answers = _run_batch(at_rest, network.layers, batch, device)
        for i, response in zip(members, answers, strict=True):
            responses[i] = response
    yield from (responses[i] for i in range(len(recordings)))


def one_a_step(steps: StepEvents) -> StepEvents:
    """Return a recording with one event in each step, in the order of its arrays."""
    n = len(steps.step)
    return replace(steps, step=np.arange(n), n_steps=max(1, n), time=None)


def _by_events(response: Response, steps: StepEvents) -> Response:
    """Return the response of a recording that was fed one event a step."""
    event, neuron = np.nonzero(response.spikes)
    so_far = np.cumsum(response.step_synops)
    answers = np.stack([event, neuron, response.spikes[event, neuron], so_far[event]], axis=1)
    caused = response.step_synops[: len(steps.step)]
    synops = np.bincount(steps.step, caused, steps.n_steps).astype(np.int64)
    return response_by_events(answers, response.spikes.shape[1], response.layers, synops, steps)


def _step_synops(spikes: "torch.Tensor", layer: Layer) -> np.ndarray:
    """Count the SynOps that presynaptic spikes (step, ...) cause in each step: int64 (step,)."""
    # All channels of a place have the same fan-out. Their sums stay far below 2^24, so float32 is
    # exact; times the fan-out they might not.
    channels, *_ = layer.input_shape
    places = spikes.reshape(len(spikes), channels, -1).sum(dim=1).long().cpu().numpy()
    fanout = fanout_map(layer).reshape(channels, -1)[0]
    return (places * fanout).sum(axis=1)


def _run_batch(
    network: "nn.Sequential",
    layers: Sequence[Layer],
    batch: Sequence[StepEvents],
    device: "torch.device",
) -> list[Response]:
    import sinabs.layers
    import torch

    n = len(batch)
    n_steps = max(recording.n_steps for recording in batch)
    totals: list[int | torch.Tensor] = [0] * len(layers)
    outputs = []
    synops = np.zeros((n, n_steps), dtype=np.int64)
    with torch.no_grad():
        for start in range(0, n_steps, STEPS_AT_ONCE):
            length = min(STEPS_AT_ONCE, n_steps - start)
            inside = np.zeros((n, length), dtype=np.float32)
            value = np.zeros((n, length, *layers[0].input_shape), dtype=np.float32)
            for i, recording in enumerate(batch):
                stop = min(recording.n_steps, start + length)
                if stop > start:
                    value[i, : stop - start] = recording.dense(start, stop)
                    inside[i, : stop - start] = 1
            mask = torch.from_numpy(inside).to(device)
            value = torch.from_numpy(value).to(device).flatten(0, 1)
            caused = _step_synops(value, layers[0])
            number = 0
            for part in network:
                value = part(value)
                if isinstance(part, sinabs.layers.StatefulLayer):
                    spikes = value.unflatten(0, (n, length))
                    # float32 sums of whole numbers are exact below 2^24; chunks stay far below.
                    totals[number] += torch.einsum("nt...,nt->n...", spikes, mask).long()
                    number += 1
                    if number < len(layers):
                        caused += _step_synops(value, layers[number])
            synops[:, start : start + length] = caused.reshape(n, length)
            answer = value.flatten(1).unflatten(0, (n, length))
            outputs.append((answer * mask[..., None]).long())
    sums = [total.cpu().numpy() for total in totals]
    spikes = torch.cat(outputs, dim=1).cpu().numpy()
    return [
        Response(
            spikes=spikes[i, : recording.n_steps],
            layers=layer_activities(layers, [recording.pixel_counts(), *(n[i] for n in sums)]),
            step_synops=synops[i, : recording.n_steps],
        )
        for i, recording in enumerate(batch)
    ]
