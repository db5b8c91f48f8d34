"""How long jobs take together that wait for one another and share cores."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A job of a plan.

    Attributes:
        seconds: how long it runs.
        threads: cores that it takes, at most as many as there are.
        priority: of the jobs that could start, those of the highest go first.
        needs: places in the plan of the jobs that it waits for.
    """

    seconds: float
    threads: int = 1
    priority: int = 0
    needs: tuple[int, ...] = ()


def duration(jobs: Sequence[Job], cores: int) -> float:
    """Return the seconds until the last job of a plan has ended.

    A job starts as soon as all that it needs have ended and its cores are free. Of several the one
    of the highest priority goes first, then the first of the plan.
    """
    waits = [len(job.needs) for job in jobs]
    followers: list[list[int]] = [[] for _ in jobs]
    for place, job in enumerate(jobs):
        for needed in job.needs:
            followers[needed].append(place)
    ready = [(-job.priority, place) for place, job in enumerate(jobs) if not job.needs]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    now, free = 0.0, cores
    while ready or running:
        too_wide = []
        while ready and free:
            first = heapq.heappop(ready)
            job = jobs[first[1]]
            if job.threads <= free:
                free -= job.threads
                heapq.heappush(running, (now + job.seconds, first[1]))
            else:
                too_wide.append(first)
        for first in too_wide:
            heapq.heappush(ready, first)
        now, ended = heapq.heappop(running)
        free += jobs[ended].threads
        for place in followers[ended]:
            waits[place] -= 1
            if not waits[place]:
                heapq.heappush(ready, (-jobs[place].priority, place))
    return now
