"""A hundred kills, every rule of five studies at least once; one command, in as many sittings.

    python tests/faults/long_profile.py --folder /tmp/kills [--kills 100] [--minutes 9]

Given again, it goes on where it stopped: the kills that a round survived stand in the folder's
kills.csv. A round is one study from nothing to its end, killed in up to twenty rules on the way and
held against an undisturbed run of the same study. Exit status 0 once all is done, 75 if time ran
out before, 1 if a round didn't give the same files (it says which) or no study has a rule.
"""

import argparse
import csv
import json
import os
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
for folder in (
    HERE, TESTS, TESTS / "builders", TESTS / "workflow", TESTS.parent / "workflow/scripts"
):  # fmt: skip
    sys.path.insert(0, str(folder))

from killing import Kill, Undisturbed, run_killed, run_undisturbed  # noqa: E402
from loopback.server import serving  # noqa: E402
from studies import (  # noqa: E402
    Study,
    fetched_study,
    folder_study,
    tiny_study,
    tutorial_study,
    twins_study,
)

Studies = dict[str, Callable[[Path], Study]]
KILLS_A_ROUND = 20
TIME_IS_UP = 75


def undisturbed_run(folder: Path, name: str, make: Callable[[Path], Study]) -> Undisturbed:
    """Return what an undisturbed run of a study gives, from the folder if it is known there."""
    known = folder / f"{name}.json"
    if known.exists():
        return Undisturbed(**json.loads(known.read_text()))
    copy = folder / f"{name}-undisturbed"
    shutil.rmtree(copy, ignore_errors=True)
    found = run_undisturbed(make(copy))
    known.write_text(json.dumps({"files": found.files, "durations_s": found.durations_s}))
    return found


def rules_of_the_workflow() -> set[str]:
    """Return the names of all rules but the target `all`, and those that follow it."""
    files = (HERE.parents[1] / "workflow/rules").glob("*.smk")
    texts = [path.read_text(encoding="utf-8") for path in files if path.stem != "publication"]
    named = re.compile(r"^ *(?:use rule \w+ as (\w+) with|rule (\w+)):$", re.MULTILINE)
    return {used or name for text in texts for used, name in named.findall(text)}


def recorded(folder: Path) -> Counter[str]:
    """Return how often each rule was killed in a round that ended well."""
    path = folder / "kills.csv"
    if not path.exists():
        return Counter()
    with open(path, newline="") as file:
        return Counter(row["rule"] for row in csv.DictReader(file))


def record(folder: Path, study: str, kills: list[Kill]) -> None:
    """Add the kills of a round that ended well."""
    path = folder / "kills.csv"
    is_new = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(["study", "rule", "after_s", "beside", "whole_group"])
        for kill in kills:
            beside = " ".join(kill.beside)
            writer.writerow([study, kill.rule, kill.after_s, beside, int(kill.whole_group)])


def next_round(rules: dict[str, set[str]], killed: Counter[str]) -> tuple[str, list[str]]:
    """Choose a study, and the rules of it that were killed least often."""
    n_new = {study: sum(not killed[rule] for rule in own) for study, own in rules.items()}
    study = max(rules, key=lambda name: (n_new[name], random.random()))
    order = sorted(rules[study], key=lambda rule: (killed[rule], random.random()))
    return study, order[:KILLS_A_ROUND]


def sitting(studies: Studies, folder: Path, n_kills: int, deadline: float) -> int:
    """Kill until all is done or the time is up; return the exit status."""
    known: dict[str, Undisturbed] = {}
    for name, make in studies.items():
        if time.monotonic() > deadline:
            return TIME_IS_UP
        known[name] = undisturbed_run(folder, name, make)
    rules = {name: set(run.durations_s) - {"all"} for name, run in known.items()}
    every = set().union(*rules.values())
    if unreached := rules_of_the_workflow() - every:
        print(f"no study here runs {', '.join(sorted(unreached))}: add one that does")
        return 1
    while True:
        killed = recorded(folder)
        print(
            f"{killed.total()} kills survived, in {len(killed)} of {len(every)} rules", flush=True
        )
        if killed.total() >= n_kills and every <= killed.keys():
            print(", ".join(f"{rule} {n}" for rule, n in sorted(killed.items())))
            return 0
        if time.monotonic() > deadline:
            return TIME_IS_UP
        name, targets = next_round(rules, killed)
        copy = folder / f"{name}-killed"
        shutil.rmtree(copy, ignore_errors=True)
        kills = run_killed(studies[name](copy), targets, known[name], random.Random())
        record(folder, name, kills)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where runs and records lie")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start no round later")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + 60 * arguments.minutes
    with serving() as server:
        os.environ["http_proxy"] = server.url
        studies = {
            "simulated": tiny_study,
            "twins": twins_study,
            "folder": folder_study,
            "tutorial": tutorial_study,
            "fetched": partial(fetched_study, server),
        }
        return sitting(studies, folder, arguments.kills, deadline)


if __name__ == "__main__":
    sys.exit(main())
