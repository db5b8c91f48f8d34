"""A plan takes as long as one finds by hand, and as its longest chain or its one core make it."""

import numpy as np
import pytest

from dvs_snn.report.terminal.schedule import Job, duration


@pytest.mark.parametrize(("cores", "seconds"), [(1, 10), (2, 7), (3, 7)])
def test_jobs_wait_for_what_they_need(cores, seconds):
    # On two cores: 0 from 0 to 3, 1 from 0 to 2, 3 from 2 to 3, 2 from 3 to 7.
    jobs = [Job(3), Job(2), Job(4, needs=(0,)), Job(1, needs=(1,))]
    assert duration(jobs, cores) == seconds


def test_a_wide_job_waits_for_its_cores_and_others_overtake_it():
    # 0 from 0 to 3; 2 from 0 to 1; 1 has both cores from 3 to 5.
    assert duration([Job(3), Job(2, threads=2), Job(1)], 2) == 5


@pytest.mark.parametrize(("priority", "seconds"), [(0, 6), (1, 4)])
def test_a_job_of_high_priority_goes_first(priority, seconds):
    assert duration([Job(2), Job(2), Job(4, priority=priority)], 2) == seconds


def test_nothing_takes_no_time():
    assert duration([], 2) == 0


def test_one_core_takes_all_seconds_and_many_the_longest_chain():
    random = np.random.default_rng(4)
    for _ in range(20):
        jobs, chains = [], []
        for place in range(30):
            needs = tuple(one for one in range(place) if random.random() < 0.1)
            jobs.append(Job(float(random.integers(1, 9)), needs=needs))
            chains.append(jobs[-1].seconds + max((chains[one] for one in needs), default=0))
        assert duration(jobs, 1) == sum(job.seconds for job in jobs)
        assert duration(jobs, 30) == max(chains)
