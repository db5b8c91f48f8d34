"""The stages of a run: how many of their jobs are done, and how long the others will take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FILES_OF_STAGES = {
    "recordings": ("data", "simulate"),
    "training": ("train",),
    "evaluation": ("convert", "infer", "evaluate"),
    "checks": ("check", "verify", "realism", "ablation"),
    "tables and page": ("gather", "report", "Snakefile"),
    "publication": ("publication",),
}
"""Stage -> the files of `workflow/rules` that hold its rules."""

_STAGE_OF_FILE = {name: stage for stage, names in FILES_OF_STAGES.items() for name in names}


def stages_of(files: Mapping[str, str]) -> dict[str, str]:
    """Return the stage of each rule; a file that no stage names is a stage of its own.

    Args:
        files: rule -> the name of its file, without suffix.
    """
    return {rule: _STAGE_OF_FILE.get(name, name) for rule, name in files.items()}


def clock(seconds: float) -> str:
    """Return a time as `1:05`, from an hour on as `1:00:05`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@dataclass
class Stage:
    """Jobs that belong together; times are seconds of any clock that only goes forwards.

    Attributes:
        name: as the terminal shows it.
        planned: how many jobs of each rule the run has.
        running: job -> its rule, and when it was last started.
        took: rule -> how long each of its finished jobs took.
    """

    name: str
    planned: Counter[str] = field(default_factory=Counter)
    running: dict[int, tuple[str, float]] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    began: float | None = None

    def start(self, job: int, rule: str, now: float) -> None:
        """Note that a job started, perhaps for the second time."""
        self.running[job] = (rule, now)
        self.began = now if self.began is None else self.began

    def stop(self, job: int) -> None:
        """Note that a job failed."""
        self.running.pop(job, None)

    def finish(self, job: int, now: float) -> None:
        """Note that a job ended well."""
        rule, start = self.running.pop(job)
        self.took.setdefault(rule, []).append(now - start)

    @property
    def total(self) -> int:
        """All of its jobs."""
        return self.planned.total()

    @property
    def done(self) -> int:
        """Its finished jobs."""
        return sum(map(len, self.took.values()))

    def left(self, now: float) -> float | None:
        """Return how many seconds its other jobs will take, as many at once as run now.

        A job is expected to take as long as the finished ones of its rule took on average. A rule
        that has none counts as the stage's average, once a third of the stage's jobs have ended;
        before, nothing is known: None.
        """
        work = 0.0
        all_took = [seconds for took in self.took.values() for seconds in took]
        for rule, planned in self.planned.items():
            took = self.took.get(rule, [])
            if planned == len(took):
                continue
            if not took and 3 * self.done < self.total:
                return None
            known = took or all_took
            mean = sum(known) / len(known)
            ran = [now - start for other, start in self.running.values() if other == rule]
            work += mean * (planned - len(took) - len(ran))
            work += sum(max(mean - seconds, 0.0) for seconds in ran)
        return work / max(len(self.running), 1)

    def progress(self, now: float) -> str:
        """Return how far it is: `training 2 of 4, 1:20 left`."""
        left = self.left(now)
        words = "–" if left is None else f"about {clock(left)}"
        return f"{self.name} {self.done} of {self.total}, {words} left"

    def summary(self, now: float) -> str:
        """Return the line that stays when it has ended."""
        jobs = f"{self.total} job{'' if self.total == 1 else 's'}"
        began = now if self.began is None else self.began
        return f"{self.name:<16}{jobs:<10}{clock(now - began)}"


def plan(counts: Mapping[str, int], stages: Mapping[str, str]) -> dict[str, Stage]:
    """Return the stages of a run by their names.

    Args:
        counts: rule -> how many of its jobs will run.
        stages: of each rule; one without is a stage of its own.
    """
    found: dict[str, Stage] = {}
    for rule, number in counts.items():
        name = stages.get(rule, rule)
        found.setdefault(name, Stage(name)).planned[rule] += number
    return found


def underway(stages: Iterable[Stage], now: float) -> str:
    """Return how far the stages are that have running jobs."""
    return "; ".join(stage.progress(now) for stage in stages if stage.running)
