"""The spiking network, wave by wave: all that arrives at once runs through all layers.

By events a wave is one event. By steps it is all events of a time step. A neuron gets the sum of
what arrives in a wave. It fires floor(v / threshold) spikes and loses as many thresholds. Then its
potential v is clipped at the lower bound. So does sinabs 3.1.3
(``sinabs.layers.functional.lif_forward_single`` with ``MultiSpike`` and ``MembraneSubtract``). A
neuron that no spike reaches stays as it is, so it isn't visited.

Both engines agree to the spike where sums of weights are exact in float32. Sums of whole weights
(times a power of two) are, with pools over 2^n pixels. `engines/verification.py` says what happens
elsewhere.

Neurons lie in blocks of `LANES`, which a processor adds and compares with one instruction each.
numba makes such instructions for loops of 32 neurons and takes the rest one by one, but a spike
reaches 24 or 48 neurons in a row. So functions on a block are written in LLVM's language. Indices
are unsigned, since numba tests signed ones for their sign.
"""

from typing import NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from dvs_snn.files.compiled_kernels import cached

U = np.uint64
LANES = 8
"""Neurons of a block. Channels of a map are padded to whole blocks; what pads never fires."""
ROW = 64
"""Most cells of a row: each has a bit of a word. Wider maps have several rows side by side."""

_FLOATS = ir.VectorType(ir.FloatType(), LANES)


class Tables(NamedTuple):
    """A network as stages (pools and weighted layers) and their tables.

    A cell is one place of a map with all channels of one group. The spikes of input cell i reach
    the neurons of the runs `reach_first[i]` to `reach_first[i + 1]`.

    Attributes:
        stages: `layout.STAGE` (stage,).
        reach_first: int32 (input cell + 1,).
        runs: `layout.RUN` (run,).
        reach_channel: int32 (input cell,), first channel of its group.
        channel_target, channel_kernel: int32 (input channel,), where the group of neurons that it
            reaches begins among the neurons of all stages, and where its kernel begins among the
            stage's weights.
        channel_row: int32 (input channel,), the first row of that group among those of all stages.
        row_target: int32 (row,), where each row begins among the neurons of all stages.
        row_mask: uint64 (row,), a bit for each of its cells.
        weights: float32, per stage (in channel, kernel row, kernel column reversed, out channel).
        fanout: int32 (neuron, 2), by layer those (group, row, column, channel) of its input:
            SynOps of a spike, and those at weights that aren't 0 in 8 bits.
        resting, potential: float32, of every neuron its bias, and its membrane potential at the
            start.
        block_place, block_channel: int32 (block,), place and first channel of a block of neurons.
        divisors: float32, per pool (group, height, width).
        shapes: int64 (weighted stage, 4), each one's map (group, height, width, channel), channels
            padded to blocks.
        threshold, lower_bound: float32 (weighted stage,), of the membrane potential; infinite:
            none.
        input_shape: int64 (3,), channels, height and width of the input, one group of cells.
    """

    stages: np.ndarray
    reach_first: np.ndarray
    runs: np.ndarray
    reach_channel: np.ndarray
    channel_target: np.ndarray
    channel_kernel: np.ndarray
    channel_row: np.ndarray
    row_target: np.ndarray
    row_mask: np.ndarray
    weights: np.ndarray
    fanout: np.ndarray
    resting: np.ndarray
    potential: np.ndarray
    block_place: np.ndarray
    block_channel: np.ndarray
    divisors: np.ndarray
    shapes: np.ndarray
    threshold: np.ndarray
    lower_bound: np.ndarray
    input_shape: np.ndarray


class Waves(NamedTuple):
    """What arrives, wave by wave.

    Attributes:
        first: int64 (wave + 1,), where each wave begins in the next three.
        cell, channel: int32 (entry,), place on the input, row by row, and channel.
        value: float32 (entry,), events there.
        is_moment: bool (wave,), whether the counts so far are wanted after it in any case.
        are_steps: whether a wave is a time step, with all its events.
    """

    first: np.ndarray
    cell: np.ndarray
    channel: np.ndarray
    value: np.ndarray
    is_moment: np.ndarray
    are_steps: bool


def _block_at(context, builder, kind, array, at):
    """Return the address of a block of an array as that of a vector."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _FLOATS.as_pointer())


def _in_all_lanes(builder, value):
    """Return a vector that holds a value in each lane."""
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, lanes)


@intrinsic
def _add_block(_, potential, at, weights, at0, value0):
    """Add `value0` times the weights from `at0` on to the potentials of a block from `at` on."""

    def build(context, builder, signature, args):
        target = _block_at(context, builder, signature.args[0], args[0], args[1])
        source = _block_at(context, builder, signature.args[2], args[2], args[3])
        change = builder.fmul(builder.load(source, align=4), _in_all_lanes(builder, args[4]))
        builder.store(builder.fadd(builder.load(target, align=4), change), target, align=4)
        return context.get_dummy_value()

    return types.void(potential, at, weights, at0, value0), build


@intrinsic
def _add_blocks(_, potential, at, weights, at0, value0, at1, value1):
    """Add the weights of two spikes to a block, in one pass over its potentials."""

    def build(context, builder, signature, args):
        target = _block_at(context, builder, signature.args[0], args[0], args[1])
        source0 = _block_at(context, builder, signature.args[2], args[2], args[3])
        source1 = _block_at(context, builder, signature.args[2], args[2], args[5])
        change0 = builder.fmul(builder.load(source0, align=4), _in_all_lanes(builder, args[4]))
        change1 = builder.fmul(builder.load(source1, align=4), _in_all_lanes(builder, args[6]))
        change = builder.fadd(change0, change1)
        builder.store(builder.fadd(builder.load(target, align=4), change), target, align=4)
        return context.get_dummy_value()

    return types.void(potential, at, weights, at0, value0, at1, value1), build


@intrinsic
def _clip_block(_, potential, at, bound, threshold):
    """Clip the potentials of a block; return a bit for each neuron that reached the threshold."""

    def build(context, builder, signature, args):
        target = _block_at(context, builder, signature.args[0], args[0], args[1])
        bound, threshold = (_in_all_lanes(builder, value) for value in args[2:])
        v = builder.load(target, align=4)
        v = builder.select(builder.fcmp_ordered(">", v, bound), v, bound)
        builder.store(v, target, align=4)
        fires = builder.fcmp_ordered(">=", v, threshold)
        return builder.zext(builder.bitcast(fires, ir.IntType(LANES)), ir.IntType(64))

    return types.uint64(potential, at, bound, threshold), build


@intrinsic
def _clip_block_as_sinabs(_, potential, at, offset, floor, threshold):
    """Clip a block as sinabs does, max(v - `offset`, `floor`) + `offset`, rounding included.

    Returns:
        A bit for each neuron that fires, which isn't clipped yet. And, `LANES` bits further, one
        for each other neuron that rounding lifted to the threshold.
    """

    def build(context, builder, signature, args):
        target = _block_at(context, builder, signature.args[0], args[0], args[1])
        offset, floor, threshold = (_in_all_lanes(builder, value) for value in args[2:])
        v = builder.load(target, align=4)
        fires = builder.fcmp_ordered(">=", v, threshold)
        above = builder.fsub(v, offset)
        above = builder.select(builder.fcmp_ordered(">", above, floor), above, floor)
        v = builder.select(fires, v, builder.fadd(above, offset))
        builder.store(v, target, align=4)
        is_lifted = builder.fcmp_ordered(">=", v, threshold)
        is_lifted = builder.and_(is_lifted, builder.not_(fires))
        word = ir.IntType(64)
        bits = builder.zext(builder.bitcast(is_lifted, ir.IntType(LANES)), word)
        bits = builder.shl(bits, ir.Constant(word, LANES))
        return builder.or_(bits, builder.zext(builder.bitcast(fires, ir.IntType(LANES)), word))

    return types.uint64(potential, at, offset, floor, threshold), build


@intrinsic
def _lowest_bit(_, bits):
    """Return the number of the lowest bit that is set."""

    def build(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build


@intrinsic
def _highest_bit(_, bits):
    """Return the number of the highest bit that is set."""

    def build(context, builder, signature, args):
        zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return types.uint64(types.uint64), build


@intrinsic
def _number_of_bits(_, bits):
    """Return how many bits are set."""

    def build(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), build


@cached
@numba.njit(nogil=True, error_model="numpy")
def walk(network, at_rest, waves):
    """Run one recording from rest.

    One function. Its loop makes no slices and arrays, gives none another value and iterates over
    none: numba counts references with atomic operations then. They took a third of the time.

    Args:
        network: `Tables`.
        at_rest: float32 (neuron,), a copy of `network.potential`, in which the walk computes.
        waves: `Waves`.

    Returns:
        Three int64 arrays with an entry for each moment: a wave that is one, or that made an output
        neuron fire. The number of the wave; the spikes of each neuron of the last layer in it; and,
        for each layer and so far: spikes that arrive before its pools, their SynOps, those at
        weights that aren't 0 in 8 bits, and neurons reached, summed over waves (4 x layer).
    """
    stages = network.stages
    shapes = network.shapes
    fanout = network.fanout
    reach_first = network.reach_first
    runs = network.runs
    reach_channel = network.reach_channel
    channel_target = network.channel_target
    channel_kernel = network.channel_kernel
    channel_row = network.channel_row
    row_target = network.row_target
    row_mask = network.row_mask
    weights = network.weights
    resting = network.resting
    block_place = network.block_place
    block_channel = network.block_channel
    divisors = network.divisors
    thresholds = network.threshold
    lower_bounds = network.lower_bound
    n_layers = len(shapes)
    n_classes = shapes[n_layers - 1].prod()
    potential = at_rest

    # Two lists of spikes, one after the other: a stage reads one and writes the other.
    capacity = U(max(len(potential), network.input_shape.prod()))
    cell = np.empty(U(2) * capacity, np.int32)
    channel = np.empty(U(2) * capacity, np.int32)
    value = np.empty(U(2) * capacity, np.float32)

    # By row: a bit for each cell that the wave reached. And all bits where rounding left a neuron
    # at the threshold, which sinabs lets fire in the next step.
    reached = np.zeros(len(row_target), U)
    lifted = np.zeros(len(row_target), U)
    spikes_in = np.zeros(n_layers, np.int64)
    synops = np.zeros(n_layers, np.int64)
    nonzero = np.zeros(n_layers, np.int64)
    touched = np.zeros(n_layers, np.int64)

    # Words: up to 64 neurons in a row of which some fire. Where each begins, a bit for each of its
    # neurons, and its row. Each has a block at least.
    n_blocks = len(block_place)
    word_target = np.empty(n_blocks, U)
    word_bits = np.empty(n_blocks, U)
    word_row = np.empty(n_blocks, U)

    # Memory that no moment writes to is never taken from the system.
    n_waves = len(waves.is_moment)
    n_moments = 0
    of_wave = np.empty(n_waves, np.int64)
    of_answer = np.empty((n_waves, n_classes), np.int64)
    of_layers = np.empty((n_waves, 4 * n_layers), np.int64)

    for wave in range(n_waves):
        # The spikes that go in.
        source = U(0)
        n = U(0)
        for entry in range(waves.first[wave], waves.first[wave + 1]):
            cell[n] = waves.cell[entry]
            channel[n] = waves.channel[entry]
            value[n] = waves.value[entry]
            n += U(1)

        layer = U(0)
        is_before_pools = True
        for number in range(len(stages)):
            stage = stages[number]
            if n == 0 and not waves.are_steps:
                break
            sink = capacity - source
            reach_at = U(stage.reach_at)
            map_at = U(stage.map_at)
            n_out = U(0)

            # SynOps are counted of whole spikes, before a pool divides them.
            if is_before_pools:
                fanout_at = U(stage.fanout_at)
                arriving = U(stage.arriving)
                for i in range(source, source + n):
                    sent = np.int64(value[i])
                    here = fanout_at + U(cell[i]) * arriving + U(channel[i])
                    spikes_in[layer] += sent
                    synops[layer] += sent * fanout[here, 0]
                    nonzero[layer] += sent * fanout[here, 1]
            is_before_pools = stage.is_weighted == 1

            # An average pool hands on its share of each spike. Of one event few spikes meet in a
            # pool, so looking for them would take longer than it saves.
            if not is_before_pools:
                channels = U(stage.channels)
                divisor_at = U(stage.divisor_at)
                for i in range(source, source + n):
                    here = reach_at + U(cell[i])
                    for j in range(U(reach_first[here]), U(reach_first[here + U(1)])):
                        target = U(runs[j].target)
                        at = map_at + target * channels + U(channel[i])
                        cell[sink + n_out] = target
                        channel[sink + n_out] = channel[i]
                        value[sink + n_out] = value[i] / divisors[divisor_at + target]
                        if waves.are_steps:
                            # What arrives at one cell and channel adds up in place of a potential.
                            n_out += U(potential[at] == 0)
                            potential[at] += value[i]
                        else:
                            n_out += U(1)
                if waves.are_steps:
                    for i in range(sink, sink + n_out):
                        target = U(cell[i])
                        at = map_at + target * channels + U(channel[i])
                        value[i] = potential[at] / divisors[divisor_at + target]
                        potential[at] = 0
                source = sink
                n = n_out
                continue

            # Weights are added to the potentials of the neurons that spikes reach.
            threshold = thresholds[layer]
            bound = lower_bounds[layer]
            n_words = U(0)
            n_cells = U(0)
            are_at_one_place = False
            first_row = U(len(row_target))
            last_row = U(0)
            begin = source
            end_of_list = source + n
            while begin < end_of_list:
                # The spikes of one place reach the same neurons (of one group).
                place = cell[begin]
                here = reach_at + U(place)
                group = U(stage.channel_at) + U(reach_channel[here])
                in_group = group + U(channel[begin])
                group_at = channel_target[in_group]
                group_row = channel_row[in_group]
                end = begin + U(1)
                while (
                    end < end_of_list
                    and cell[end] == place
                    and channel_target[group + U(channel[end])] == group_at
                ):
                    end += U(1)
                first_run = U(reach_first[here])
                stop_run = U(reach_first[here + U(1)])
                are_at_one_place = end - begin == n and not waves.are_steps
                if stop_run > first_run and not are_at_one_place:
                    first_row = min(first_row, U(group_row + runs[first_run].row))
                    last_row = max(last_row, U(group_row + runs[stop_run - U(1)].row))
                for j in range(first_run, stop_run):
                    run = runs[j]
                    size = U(run.size)
                    at = U(group_at) + U(run.target)
                    kernel_at = U(stage.weight_at) + U(run.kernel)
                    i = begin
                    while i + U(1) < end:
                        at0 = kernel_at + U(channel_kernel[group + U(channel[i])])
                        at1 = kernel_at + U(channel_kernel[group + U(channel[i + U(1)])])
                        value0 = value[i]
                        value1 = value[i + U(1)]
                        x = U(0)
                        while x < size:
                            _add_blocks(
                                potential, at + x, weights, at0 + x, value0, at1 + x, value1
                            )
                            x += U(LANES)
                        i += U(2)
                    if i < end:
                        at0 = kernel_at + U(channel_kernel[group + U(channel[i])])
                        value0 = value[i]
                        x = U(0)
                        while x < size:
                            _add_block(potential, at + x, weights, at0 + x, value0)
                            x += U(LANES)

                    # If all spikes come from one place, nothing else reaches these neurons. To look
                    # at them at once saves a tenth of the time.
                    if are_at_one_place:
                        n_cells += _number_of_bits(run.mask)
                        stop = at + size
                        while at < stop:
                            begin_of_word = at
                            firing = U(0)
                            while at < min(stop, begin_of_word + U(64)):
                                block = _clip_block(potential, at, bound, threshold)
                                firing |= block << (at - begin_of_word)
                                at += U(LANES)
                            word_target[n_words] = begin_of_word
                            word_bits[n_words] = firing
                            n_words += U(firing != 0)
                    else:
                        reached[U(group_row + run.row)] |= run.mask
                begin = end

            # In a step biases act on all neurons, and those that rounding lifted fire too.
            if waves.are_steps:
                first_row = U(stage.row_at)
                last_row = first_row + U(stage.rows) - U(1)
            if stage.always:
                for at in range(map_at, map_at + U(stage.neurons)):
                    potential[at] += resting[at]
                for row in range(first_row, last_row + U(1)):
                    reached[row] = row_mask[row]

            # Which neurons are at their threshold?
            offset = np.float32(0)
            floor = bound
            if bound > -np.inf:
                offset = bound
                floor = np.float32(0)
            channels = U(stage.channels)
            for row in range(first_row, last_row + U(1)):
                bits = reached[row] | lifted[row]
                if bits == 0:
                    continue
                n_cells += _number_of_bits(reached[row])
                reached[row] = 0
                lifted[row] = 0
                at = U(row_target[row]) + _lowest_bit(bits) * channels
                stop = U(row_target[row]) + (_highest_bit(bits) + U(1)) * channels
                is_lifted = False
                while at < stop:
                    begin_of_word = at
                    firing = U(0)
                    while at < min(stop, begin_of_word + U(64)):
                        if waves.are_steps:
                            block = _clip_block_as_sinabs(potential, at, offset, floor, threshold)
                            is_lifted |= block >= U(1 << LANES)
                            block &= U((1 << LANES) - 1)
                        else:
                            block = _clip_block(potential, at, bound, threshold)
                        firing |= block << (at - begin_of_word)
                        at += U(LANES)
                    word_target[n_words] = begin_of_word
                    word_bits[n_words] = firing
                    word_row[n_words] = row
                    n_words += U(firing != 0)
                if is_lifted:
                    lifted[row] = row_mask[row]

            # They fire. Which ones do can't be predicted, so the processor must not have to guess
            # for each of them.
            twice = threshold + threshold
            for word in range(n_words):
                firing = word_bits[word]
                while firing:
                    neuron = word_target[word] + _lowest_bit(firing)
                    firing &= firing - U(1)
                    v = potential[neuron]
                    rest = v - threshold
                    value[sink + n_out] = 1
                    if v >= twice:
                        sent = np.floor(v / threshold)
                        rest = v - sent * threshold
                        value[sink + n_out] = sent
                    if waves.are_steps:
                        rest = max(rest - offset, floor) + offset
                        if rest >= threshold:
                            row = word_row[word]
                            lifted[row] = row_mask[row]
                    potential[neuron] = max(rest, bound)
                    block = neuron // U(LANES)
                    cell[sink + n_out] = block_place[block]
                    channel[sink + n_out] = block_channel[block] + neuron % U(LANES)
                    n_out += U(1)
            touched[layer] += n_cells * U(stage.real_channels)
            source = sink
            n = n_out
            layer += U(1)

        is_answer = layer == n_layers and n > 0
        if waves.is_moment[wave] or is_answer:
            of_wave[n_moments] = wave
            for k in range(n_layers):
                of_layers[n_moments, k] = spikes_in[k]
                of_layers[n_moments, n_layers + k] = synops[k]
                of_layers[n_moments, 2 * n_layers + k] = nonzero[k]
                of_layers[n_moments, 3 * n_layers + k] = touched[k]
            for k in range(n_classes):
                of_answer[n_moments, k] = 0
            if is_answer:
                for i in range(source, source + n):
                    of_answer[n_moments, channel[i]] += np.int64(value[i])
            n_moments += 1
    # Copies, so that a response doesn't keep the memory of moments that there weren't.
    return (
        of_wave[:n_moments].copy(),
        of_answer[:n_moments].copy(),
        of_layers[:n_moments].copy(),
    )
