"""The reference engine: sinabs computes every neuron in every step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dvs_snn.engines.engine import Engine, Spiking, refuse_biases
from dvs_snn.engines.response import Response, response_by_events
from dvs_snn.networks.spiking_network import SpikingLayer, SpikingNetwork
from dvs_snn.networks.synops import (
    counted_activities,
    fanout_map,
    nonzero_fanout,
    touched_neurons,
)
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings

if TYPE_CHECKING:
    from torch import nn

ENGINE = Engine(memory_mb=1600, minutes_per_mb=0.15, counts_layers=True)
STEPS_AT_ONCE = 25


def opened(network: SpikingNetwork, settings: InferenceSettings) -> Spiking:
    """Take a network, and threads for torch."""
    import torch

    torch.set_num_threads(settings.compute_threads)
    return Spiking(network.layers, partial(run, network, settings=settings))


def run(
    network: SpikingNetwork, recordings: Sequence[StepEvents], settings: InferenceSettings
) -> Iterator[Response]:
    """Run recordings in batches, by events with one event in each step.

    Steps after the end of a shorter one don't count.
    """
    from dvs_snn.networks.conversion import spiking_network

    is_by_events = settings.timing == "events"
    if is_by_events:
        refuse_biases(network.has_biases)
    for start in range(0, len(recordings), settings.batch_size):
        batch = recordings[start : start + settings.batch_size]
        at_rest = spiking_network(network, len(batch))
        if is_by_events:
            alone = [one_a_step(recording) for recording in batch]
            yield from map(_by_events, _run_batch(at_rest, network, alone), batch)
        else:
            yield from _run_batch(at_rest, network, batch)


def one_a_step(steps: StepEvents) -> StepEvents:
    """Return a recording with one event in each step, in the order of its arrays."""
    n = len(steps.step)
    return replace(steps, step=np.arange(n), n_steps=max(1, n), time=None)


def _by_events(response: Response, steps: StepEvents) -> Response:
    """Return the response of a recording that was fed one event a step."""
    events = np.arange(len(steps.step))
    spikes = response.spikes[: len(events)]
    synops = np.cumsum(response.step_synops)[: len(events)]
    layer_sums = response.layer_sums
    if layer_sums is not None:
        layer_sums = layer_sums[: len(events)]
    return response_by_events(events, spikes, synops, response.layers, steps, layer_sums)


def _fanouts(part: SpikingLayer) -> np.ndarray:
    """Return float64 (3, neuron) of a layer's input: 1, synapses, and those that aren't 0."""
    fanout = fanout_map(part.layer)
    counted = [np.ones_like(fanout), fanout, nonzero_fanout(part.layer, part.weight)]
    return np.stack(counted).reshape(3, -1).astype(np.float64)


def _run_batch(
    at_rest: "nn.Sequential", network: SpikingNetwork, batch: Sequence[StepEvents]
) -> Iterator[Response]:
    import torch
    from sinabs.layers import StatefulLayer

    n = len(batch)
    n_steps = max(recording.n_steps for recording in batch)
    ends = [place + 1 for place, part in enumerate(at_rest) if isinstance(part, StatefulLayer)]
    parts = [at_rest[begin:end] for begin, end in pairwise([0, *ends])]
    # By layer and step: spikes, their SynOps, those at weights that aren't 0, neurons touched.
    fanouts = [_fanouts(part) for part in network.parts]
    arrived = np.zeros((len(parts), 4, n, n_steps), dtype=np.int64)
    outputs = []
    with torch.no_grad():
        for start in range(0, n_steps, STEPS_AT_ONCE):
            stop = min(start + STEPS_AT_ONCE, n_steps)
            images = np.stack([recording.dense(start, stop) for recording in batch])
            value = torch.from_numpy(images).flatten(0, 1)
            counted = zip(arrived, fanouts, network.parts, parts, strict=True)
            for counts, fanout, layer, part in counted:
                # Sums of whole numbers below 2^53: exact in float64.
                spikes = value.flatten(1).numpy().astype(np.float64)
                counts[:3, :, start:stop] = (fanout @ spikes.T).reshape(3, n, -1)
                touched = touched_neurons(layer.layer, value.numpy(), layer.has_bias)
                counts[3, :, start:stop] = touched.reshape(n, -1)
                value = part(value)
            outputs.append(value.flatten(1).unflatten(0, (n, stop - start)).long().numpy())

    for i, recording in enumerate(batch):
        answer = np.concatenate([output[i] for output in outputs])[: recording.n_steps]
        of_recording = arrived[:, :, i, : recording.n_steps]
        spikes, synops, nonzero, _ = of_recording.sum(axis=2).T.tolist()
        sent = [*spikes, int(answer.sum())]
        activities = counted_activities(network.layers, sent, synops, nonzero)
        sums = of_recording[:, [0, 1, 3]].cumsum(axis=2).transpose(2, 0, 1)
        yield Response(answer, activities, of_recording[:, 1].sum(axis=0), layer_sums=sums)
