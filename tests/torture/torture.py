# SPDX-License-Identifier: Apache-2.0
"""
One world, in which a program is disturbed at one point after the other

A point is a system call (torture-tracer) or an allocation (torture-preload.so). TORTURE=all takes each of them; without it a
sample is taken, spread over the whole run, and TORTURE=3 takes three times as many.

The world of a point is always the same: one framework, three recipients that nothing has been sent to, one whose request is
EXPIRING and is to be resent, one that is ours, open and declared no more, one SHARED, and one request of somebody else.
"""

import collections
import ctypes
import json
import mmap
import os
import pathlib
import shutil
import subprocess
import time

from daemon import BUILD, CTL, DAEMON, Events, Host, Result, framework, parse_events
from simulator import RECIPIENT, SENDER, Simulator, seed

TO = "eu-west-2"
STARTS, UPDATES = "StartAssessmentFrameworkShare", "UpdateAssessmentFrameworkShare"
WRITES = (STARTS, UPDATES, "DeleteAssessmentFrameworkShare")

FRAMEWORK_ID = "6f0f2b1c-93d5-4f6e-8a7b-0c1d2e3f4a5b"
NEW = ["700000000001", "700000000002", "700000000003"]
EXPIRING, SHARED, UNDESIRED, FOREIGN = RECIPIENT, "700000000011", "700000000012", "700000000013"
DESIRED = [*NEW, EXPIRING, SHARED]

COUNT, FAIL, FAIL_FROM, KILL = range(4)


class State(ctypes.Structure):
    """state.h"""

    _fields_ = [(name, ctypes.c_uint64) for name in ("mode", "target", "count", "hits", "place", "pid", "everywhere")]
    _fields_ += [("object", ctypes.c_char * 64), ("only", ctypes.c_char * 32)]

    @classmethod
    def at(cls, path):
        path.write_bytes(bytes(ctypes.sizeof(cls)))
        with path.open("r+b") as file:
            state = cls.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(cls)))
        state.path = str(path)
        return state

    def aim(self, mode=COUNT, target=0, only=""):
        """From here on, the target-th is disturbed; only= those that a function of libc makes for its caller."""
        self.mode = COUNT
        self.count = self.hits = self.place = 0
        self.object, self.only = b"", only.encode()
        self.target, self.mode = target, mode


def has_sanitizer():
    return b"__asan_init" in pathlib.Path(DAEMON).read_bytes()


def is_whole():
    return os.environ.get("TORTURE") == "all"


def points(total, sample):
    """Which of 1..total are to be tried: all, or so many of them, or TORTURE times as many."""
    if not is_whole():
        sample *= int(os.environ.get("TORTURE") or 1)
    if is_whole() or total <= sample:
        return list(range(1, total + 1))
    return [1 + i * total // sample for i in range(sample)]


def said(test, tried, total, faults):
    """What a test ends with: how much was tried, and all that was wrong."""
    path = os.environ.get("TORTURE_LOG")
    line = f"{test}: {tried} of {total} points, {len(faults)} faults"
    if path:
        with open(path, "a") as file:
            file.write("\n".join([line, *(f"    {fault}" for fault in faults)]) + "\n")
    assert not faults, "\n".join([line, *faults[:40]])


# --- the world ---

def world_seed():
    document = seed(default_account={"audit_manager": True})
    document["frameworks"][0].update(id=FRAMEWORK_ID, created_days_ago=900, updated_days_ago=800)

    def request(account, status, n):
        return {"framework": "Baseline", "to_account": account, "to_region": TO, "status": status,
                "id": f"00000000-0000-4000-8000-00000000000{n}"}

    document["requests"] = [request(EXPIRING, "EXPIRING", 1), request(SHARED, "SHARED", 2),
                            request(UNDESIRED, "ACTIVE", 3), request(FOREIGN, "ACTIVE", 4)]
    return document


def recipients(*accounts):
    return framework(recipients=[(account, TO) for account in accounts])


class World:
    """A simulator and a host, as they are before each point."""

    def __init__(self, folder):
        self.folder = folder
        self.state = State.at(folder / "torture")
        self.trace = folder / "trace"
        self.template = None
        self.simulator = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.simulator:
            assert self.simulator.stop() == 0
            self.simulator = None

    def begin(self, lag=0):
        """The world anew, with what is remembered of it: that all but FOREIGN's is ours."""
        self.stop()
        self.simulator = Simulator(seed=world_seed(), rate=0, quota=0).start()
        for n in range(1, 5):  # the same to the second each time: memory holds it
            self.simulator.control("/status", {"request": f"00000000-0000-4000-8000-00000000000{n}",
                                               "status": ("", "EXPIRING", "SHARED", "ACTIVE", "ACTIVE")[n],
                                               **self.times(n)})
        folder = self.folder / "host"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.host = Host(folder, self.simulator, settle="1h", interval="1h", policy={"expiring": "hold"})
        if self.template is None:
            self.host.shares(recipients(EXPIRING, SHARED, UNDESIRED))
            result = self.host.once()
            assert result.status == 0 and not self.writes(), result.err
            self.template = (self.host.state / "memory.log").read_bytes()
            shutil.rmtree(self.host.runtime)
        else:
            self.host.state.mkdir(mode=0o700)
            (self.host.state / "memory.log").write_bytes(self.template)
            (self.host.state / "memory.log").chmod(0o600)
        self.settle("1h")
        self.host.shares(recipients(*DESIRED))
        self.simulator.control("/log-clear", {})
        if lag:
            self.simulator.settings(lag=lag)
        return self.host

    @staticmethod
    def times(n):
        day = 86400
        now = int(time.time()) // day * day
        created = now - (95 if n == 1 else 40) * day
        return {"creationTime": created, "expirationTime": created + 120 * day, "lastUpdated": created}

    def settle(self, settle):
        self.host.settings(settle=settle, interval="1h", policy={"undesired": "revoke"})

    # --- running ---

    def under(self, command, disturb):
        """Command and environment that put a program under one of the tools: "calls" or "allocations"."""
        env = {**self.host.env, "TORTURE_STATE": self.state.path}
        if disturb == "calls":
            env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # it wants ptrace for itself
            command = [str(BUILD / "tests" / "torture-tracer"), self.state.path, str(self.trace), *command]
        else:
            env["LD_PRELOAD"] = str(BUILD / "tests" / "torture-preload.so")
        return command, env

    def run(self, command, disturb, timeout=60):
        command, env = self.under(command, disturb)
        return Result(subprocess.run(command, env=env, capture_output=True, text=True, errors="replace",
                                     timeout=timeout, stdin=subprocess.DEVNULL))

    def once(self, disturb="calls"):
        return self.run(self.host.command(DAEMON, "--once", "--log-format", "json"), disturb)

    def ctl(self, *arguments, disturb="calls"):
        return self.run(self.host.command(CTL, *arguments), disturb)

    # --- looking ---

    def writes(self):
        return [call for call in self.simulator.log() if call["operation"] in WRITES]

    def sends(self):
        """Processed starts (resends are starts, too) by recipient."""
        return collections.Counter(call["destination_account"] for call in self.writes()
                                   if call["operation"] == STARTS and call["processed"])

    def statuses(self):
        return {record["destinationAccount"]: record["status"] for record in self.simulator.requests()}

    def place(self):
        """Where the disturbed point was, for a person to look at."""
        if not self.trace.exists() or not self.state.hits:
            return f"{self.state.object.decode()}+0x{self.state.place:x}"
        lines = [line for line in self.trace.read_text().splitlines() if line.startswith(f"{self.state.target}\t")]
        return lines[0].replace("\t", " ") if lines else "?"

    def is_ours(self):
        """Whether the allocation that failed was the program's own, as state.h has it."""
        return self.state.object != b"elsewhere" and not self.state.object.startswith(b"/")

    # --- what must hold whatever happened ---

    def faults_of_writes(self):
        faults = []
        sends, statuses = self.sends(), self.statuses()
        if any(n > 1 for n in sends.values()):
            faults.append(f"sent twice: {sends}")
        if set(sends) - {*NEW, EXPIRING}:
            faults.append(f"sent what is not wanted: {sends}")
        if statuses.get(FOREIGN) != "ACTIVE" or statuses.get(SHARED) != "SHARED":
            faults.append(f"touched what is not ours: {statuses}")
        # One whose answer was lost may be asked for again, and is refused: that does no harm.
        revokes = [call for call in self.writes() if call["operation"] == UPDATES and call["status"] == 200]
        if len(revokes) > 1:
            faults.append("revoked twice")
        return faults

    def faults_of_files(self):
        """Whole, nothing set aside, and nothing left over."""
        names = {path.name for path in self.host.state.iterdir()} - {"memory.log", "lock"}
        names |= {path.name for path in self.host.runtime.iterdir()} - {"status.json", "auditshared.prom"}
        return [f"left behind: {sorted(names)}"] if names else []

    def faults_of_end(self):
        """Once it has settled: each share as it is declared, by one send each."""
        faults = self.faults_of_writes()
        sends, statuses = self.sends(), self.statuses()
        if dict(sends) != {account: 1 for account in (*NEW, EXPIRING)}:
            faults.append(f"in the end sent: {dict(sends)}")
        if statuses.get(UNDESIRED) != "REVOKED":
            faults.append(f"never revoked: {statuses}")
        return faults + self.faults_of_files()

    def converge(self):
        """Two undisturbed runs: one that holds what is in doubt, one for which nothing is any more."""
        events, faults = Events(), []
        for settle in ("1h", "0s"):
            self.settle(settle)
            if settle == "0s":
                self.simulator.settings(lag=0)
            result = self.host.once()
            events += result.events
            failed = {event.get("SHARE_ACTION") for event in result.events.of("failed")}
            if result.status != 0 and not (settle == "1h" and failed == {"revoke"}):
                faults.append(f"undisturbed, settle {settle}: exit {result.status}: {result.err[-600:]}")
            if events.of("rebuilt"):
                faults.append("memory was set aside")
            faults += self.faults_of_writes()
        return events, faults + self.faults_of_end()


def repeated_events(events):
    """Those of shares that were written more than once. A message cut off by a kill has not been written."""
    keys = [(event["MESSAGE_ID"], event.get("SHARE_ACCOUNT"), event.get("SHARE_STATUS_OLD"), event.get("SHARE_STATUS"),
             event.get("SHARE_REASON"), event.get("SHARE_ACTION"))
            for event in events if "MESSAGE_ID" in event and "SHARE_ACCOUNT" in event]
    return [key for key, n in collections.Counter(keys).items() if n > 1]


def whole_events(text):
    """The events of a run that was killed: the last line may be half a one."""
    return parse_events(text[:text.rfind("\n") + 1])
