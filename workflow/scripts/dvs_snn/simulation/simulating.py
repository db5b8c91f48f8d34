"""Makes something of many simulated recordings, in several processes side by side."""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Protocol

from dvs_snn.simulation.takes import Take


class Maker(Protocol):
    """Makes something of one take; each process has a copy of its own."""

    def of(self, take: Take) -> Any:
        """Simulate a take and return what is wanted of it."""


_maker_here: list[Maker] = []


def _begin_process(maker: Maker) -> None:
    """Prepare a child process: give it, once, what all its recordings need."""
    _maker_here.append(maker)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        # A killed parent can't end its children, which would then wait for work for ever.
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _made_here(take: Take) -> Any:
    return _maker_here[0].of(take)


def made_of_takes(maker: Maker, takes: Sequence[Take], processes: int) -> Iterator[Any]:
    """Yield what is made of all takes, in their order.

    Processes rather than threads: Python code between the kernels takes a third of the time, and
    only one thread at a time can run it.
    """
    if processes == 1:
        yield from map(maker.of, takes)
        return
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _begin_process, (maker,)
    ) as pool:
        yield from pool.map(_made_here, takes, chunksize=16)
