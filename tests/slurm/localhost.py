"""A SLURM of one node on this machine's loopback: munge, slurmctld and slurmd, started and stopped.

Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge; no systemd, no cgroups,
no database. Daemons, keys and logs live in one folder; the configuration must lie in /etc/slurm,
because the executor's jobs drop SLURM_CONF from their environment.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

CONFIG = Path("/etc/slurm/slurm.conf")
CGROUP_CONFIG = CONFIG.with_name("cgroup.conf")
MARK = "# Of the study's tests on a SLURM of one node; removed at their end."
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "munged")
COMMAND_TIMEOUT_S = 30.0

# Why: 127.0.0.1 only (NoInAddrAny, NoCtldInAddrAny); no cgroups and no database (linuxproc, none,
# filetxt); more processors and memory than there are, so that every rule's request can be met;
# squeue remembers finished jobs for the whole run (MinJobAge).
_CONFIG = """{mark}
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,bf_interval=1
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobcomp.log
MinJobAge=3600
KillWait=2
ReturnToService=2
JobRequeue=0
MailProg=/bin/true
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=64000 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE DefMemPerCPU=500 State=UP
"""


class NoSlurm(Exception):
    """Why there can be no SLURM on this machine."""


class Record(NamedTuple):
    """What SLURM itself has recorded of a finished job: COMPLETED, CANCELLED or TIMEOUT."""

    state: str
    limit_min: str


@dataclass(frozen=True)
class Cluster:
    """The SLURM that is up."""

    folder: Path

    def records(self) -> dict[str, Record]:
        """Return the record of every finished job, by its number."""
        path = self.folder / "jobcomp.log"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        jobs = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in text.splitlines()]
        return {job["JobId"]: Record(job["JobState"], job["TimeLimit"]) for job in jobs}

    def cancel_when_it_runs(self, job: str) -> None:
        """Cancel a job as its user would, when it has left the queue."""
        _until(lambda: _call("squeue", "-h", "-j", job, "-o", "%T") == "RUNNING", 60)
        _call("scancel", job)


def _call(*command: str) -> str:
    """Run a command of SLURM's, which hang where the daemons don't answer; return what it says."""
    return subprocess.check_output(command, text=True, timeout=COMMAND_TIMEOUT_S).strip()


def _until(condition, timeout_s: float) -> None:
    """Wait for a condition; a command that fails meanwhile is one more try."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with suppress(subprocess.SubprocessError):
            if condition():
                return
        time.sleep(0.1)
    raise TimeoutError(f"not so within {timeout_s} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _check_machine() -> None:
    """Raise NoSlurm where a SLURM can't or mustn't be started."""
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        raise NoSlurm(f"not installed: {', '.join(missing)}")
    if os.getuid() != 0:
        raise NoSlurm("only root can start SLURM's daemons")
    for path in (CONFIG, CGROUP_CONFIG):
        if path.exists() and not path.read_text(encoding="utf-8").startswith(MARK):
            raise NoSlurm(f"{path} is this machine's own: the tests don't touch it")


def _stop(pid_file: Path) -> None:
    """End the daemon of a pid file and wait for it."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        process = psutil.Process(int(pid_file.read_text()))
        process.terminate()
        with suppress(psutil.TimeoutExpired):
            process.wait(15)
        process.kill()


@contextmanager
def slurm() -> Iterator[Cluster]:
    """Start a SLURM of one node in a folder of its own; stop and remove it at the end.

    Raises:
        NoSlurm: it can't be started on this machine, or mustn't.
    """
    _check_machine()
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/var/tmp"))
    # munge's clients must reach its socket, whoever they are.
    folder.chmod(0o755)
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir(mode=0o755)
    key = folder / "munge/key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    CONFIG.parent.mkdir(exist_ok=True)
    host = socket.gethostname().split(".")[0]
    places = {"ctld_port": _free_port(), "slurmd_port": _free_port(), "folder": folder}
    CONFIG.write_text(_CONFIG.format(mark=MARK, host=host, **places), encoding="utf-8")
    CGROUP_CONFIG.write_text(f"{MARK}\nCgroupPlugin=disabled\n", encoding="utf-8")
    try:
        # A munge of the tests' own: its key, socket and log lie in one folder.
        options = ("key-file", "socket", "log-file", "pid-file", "seed-file")
        _call("munged", *(f"--{name}={key.with_name(name.split('-')[0])}" for name in options))
        _call("slurmctld", "-i")
        _call("slurmd")
        _until(lambda: _call("sinfo", "-h", "-o", "%T") == "idle", 30)
        yield Cluster(folder)
        with suppress(subprocess.SubprocessError):
            _call("scancel", "-u", "root")
    finally:
        for name in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
            _stop(folder / name)
        CONFIG.unlink(missing_ok=True)
        CGROUP_CONFIG.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
