# SPDX-License-Identifier: Apache-2.0
"""
Every system call and every allocation of a command fails once, and then all of them from there on

Whatever fails: no crash, an exit status that is documented, a word about it on standard error, 0 only for work that is done, no
memory lost, nothing sent that memory could not be made to hold, and an undisturbed run afterwards that puts everything right.
"""

import json
import re
import signal

import pytest

from simulator import SENDER, SENDER_KEY
from torture import (COUNT, EXPIRING, FAIL, FAIL_FROM, NEW, UNDESIRED, World, has_sanitizer, is_whole, points,
                     recipients, repeated_events, said, DESIRED)

ROLE = f"arn:aws:iam::{SENDER}:role/auditor"
SANITIZER = re.compile(r"(AddressSanitizer|LeakSanitizer|runtime error): ?.*")
TIMES = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z| \d\d:\d\d(:\d\d)?)|\b[0-9a-f]{32}\b|\d+ms\b|\b\d+(s|min) ago\b|\bnow\b| +")


class Case:
    """One command: how it is called, what it may exit with, and which of its work can be looked at."""

    def __init__(self, name, *arguments, exits=(0, 1), writes=False, prepare=None, output=None, sample=10, once=False,
                 compare=True):
        self.name, self.arguments, self.exits, self.writes = name, arguments, exits, writes
        self.prepare, self.output, self.sample, self.once, self.compare = prepare, output, sample, once, compare

    def run(self, world, disturb):
        if self.output:
            (world.host.folder / self.output).unlink(missing_ok=True)
        if self.once:
            return world.once(disturb)
        arguments = [argument.replace("@", str(world.host.folder)) for argument in self.arguments]
        return world.ctl(*arguments, disturb=disturb)

    def work(self, world, result):
        """What the command gave, without what differs from run to run."""
        parts = [result.out]
        if self.output:
            path = world.host.folder / self.output
            parts.append(path.read_text() if path.exists() else None)
        return [part and TIMES.sub("T", re.sub(r'"checksum": "\w+"', "", part)) for part in parts]


def observed(world):
    """The service has reported, and a pass has been made in observe mode: memory is as it was, or says a little more."""
    world.host.settings(settle="1h", interval="1h", policy={"undesired": "revoke"}, mode="observe")
    assert world.host.once().status == 0
    world.settle("1h")


def saved(world):
    assert world.host.ctl("plan", "--out", str(world.host.folder / "saved.plan")).status == 0


def signs_in_by(world, config):
    """As who is in the shared files, and nowhere else."""
    path = world.folder / "aws-config"
    path.write_text(config)
    path.chmod(0o600)
    world.host.env.update(AWS_CONFIG_FILE=str(path), AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")


def with_a_program(world):
    """Keys that a program prints, and a role that is assumed with them."""
    keys = {"Version": 1, "AccessKeyId": SENDER_KEY[0], "SecretAccessKey": SENDER_KEY[1]}
    program = world.folder / "keys.json"
    program.write_text(json.dumps(keys))
    signs_in_by(world, f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n"
                       f"[profile base]\ncredential_process = /bin/cat {program}\n")


def with_a_token(world):
    token = world.folder / "token"
    token.write_text("a.web.identity")
    signs_in_by(world, f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\n")


def bad(world):
    entry = recipients(*DESIRED, "12")
    world.host.shares(entry, {**entry, "nmae": "x"})


CASES = [
    Case("check", "check"),
    Case("check-json", "check", "--json", sample=6),
    Case("check-bad", "check", prepare=bad, sample=6),
    Case("check-bad-json", "check", "--json", prepare=bad, sample=6),
    Case("plan", "plan"),
    Case("plan-json", "plan", "--json", sample=6),
    Case("plan-program", "plan", prepare=with_a_program, sample=20),
    Case("plan-token", "plan", prepare=with_a_token, sample=12),
    Case("plan-out", "plan", "--out", "@/new.plan", output="new.plan"),
    Case("list", "list", sample=6),
    Case("list-json", "list", "--json", sample=6),
    Case("import", "import", "--output", "@/imported.yaml", output="imported.yaml"),
    Case("status", "status", prepare=observed, exits=(0, 1, 3, 4)),
    Case("status-json", "status", "--json", prepare=observed, exits=(0, 1, 3, 4), sample=6),
    Case("report", "report", "--output", "@/page.html", prepare=observed, exits=(0, 1, 3), output="page.html"),
    Case("history", "history", sample=6),
    Case("doctor-json", "doctor", "--json", compare=False, sample=6),
    Case("reset", "reset", f"Baseline/{EXPIRING}", writes=True, prepare=observed, sample=5),
    Case("apply", "apply", "--yes", writes=True, sample=5),
    Case("apply-json", "apply", "--yes", "--json", writes=True, sample=4),
    Case("apply-saved", "apply", "@/saved.plan", prepare=saved, writes=True, sample=5),
    Case("once", once=True, exits=(0, 1, 78), writes=True, sample=12),
]


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def begin(world, case):
    world.begin()
    if case.prepare:
        case.prepare(world)


def faults_of_result(case, world, result, sound):
    """What can be said of any run that was disturbed."""
    faults = []
    # sd_journal_add_match() of systemd 252 asserts that what it could not allocate is there: not ours to mend.
    if "src/libsystemd/sd-journal" in result.err and "Assertion 'm' failed" in result.err:
        return []
    if result.status >= 128 or result.status < 0:
        return [f"ended by signal {signal.Signals(abs(result.status) % 128).name}"]
    if SANITIZER.search(result.err):
        return [SANITIZER.search(result.err).group(0)]
    if result.status not in case.exits:
        faults.append(f"exit status {result.status}")
    if result.status != 0 and not result.err and (sound.err or sound.status != result.status) \
            and case.compare and not is_stdio(world):
        faults.append(f"exit status {result.status} without a word")
    if result.status == 0 and sound.status != 0:
        faults.append("exit status 0 for what fails undisturbed")
    return faults


def is_stdio(world):
    """Standard error itself may have been what failed."""
    return re.search(r" write (pipe|socket):", world.place()) is not None


def faults_of_reading(case, world, result, sound, work, memory):
    faults = []
    if case.compare and result.status == 0 and sound.status == 0 and case.work(world, result) != work:
        faults.append("exit status 0, and what it gave is not what it gives undisturbed"
                      + (f" (said: {result.err.strip()[:200]})" if result.err else ""))
    if world.writes():
        faults.append(f"wrote at AWS: {world.writes()}")
    if (world.host.state / "memory.log").read_bytes() != memory:
        faults.append("changed memory")
    if {path.name for path in world.host.state.iterdir()} - {"memory.log", "lock"}:
        faults.append("left something beside memory")
    leftover = [path.name for path in world.host.folder.iterdir()
                if path.name not in ("auditshared.yaml", "shares.yaml", "state", "run", case.output)]
    if leftover:
        faults.append(f"left behind {leftover}")
    if case.output and result.status != 0 and sound.status == 0 and (world.host.folder / case.output).exists():
        if case.work(world, result)[1] != work[1]:
            faults.append("left half an output file")
    return faults


SENDS = re.compile(r"^(POST /assessmentFrameworks/|(PUT|DELETE) /assessmentFrameworkShareRequests/)")


def faults_of_order(world):
    """A write at AWS after memory failed, and before it was durable. All that is sent here is declared at once: what fails
    after that is too late to stop anything."""
    unsafe = declared = None
    for line in world.trace.read_text().splitlines():
        number, name, file, text, result, *_ = line.split("\t") + ["", ""]
        if "/state" in file and name in ("write", "fsync", "fdatasync", "ftruncate"):
            if result.startswith("-"):
                unsafe = None if declared else line
            elif name == "fdatasync":
                unsafe, declared = None, True
        if SENDS.match(text) and unsafe:
            return [f"sent ({number}) although memory had failed: {unsafe!r}"]
    return []


def faults_of_writing(case, world, result, disturb):
    faults = faults_of_order(world) if disturb == "calls" else []
    faults += world.faults_of_writes()
    sends, statuses = world.sends(), world.statuses()
    if result.status == 0 and case.name != "reset":
        if dict(sends) != {account: 1 for account in (*NEW, EXPIRING)} or statuses.get(UNDESIRED) != "REVOKED":
            faults.append(f"exit status 0, but not done: sent {dict(sends)}, {statuses}")
    events, more = world.converge()
    faults += more
    if case.once:
        faults += [f"event repeated: {key}" for key in repeated_events(result.events + events)]
    return faults


def torture(case, world, disturb, mode, piece=0, pieces=1, only="", least=10):
    """`only`: allocations that this function of libc makes for the program, or "everywhere"."""
    everywhere, only = only == "everywhere", only.replace("everywhere", "")
    world.state.everywhere = everywhere
    begin(world, case)
    world.state.aim(only=only)
    sound = case.run(world, disturb)
    total = world.state.count
    work = case.work(world, sound)
    if case.writes:
        assert sound.status == 0, sound.err
        assert not world.converge()[1]
    else:
        again = case.run(world, disturb)
        assert (not case.compare or case.work(world, again) == work) and again.status == sound.status
    assert total >= least, "nothing is counted"

    memory = (world.host.state / "memory.log").read_bytes()
    tried, faults, crashes = points(total, case.sample)[piece::pieces], [], 0
    for n in tried:
        if case.writes:
            begin(world, case)
        world.state.aim(mode, n, only)
        result = case.run(world, disturb)
        world.state.mode = COUNT
        crashed = everywhere and not world.is_ours() and (result.status < 0 or result.status >= 128)
        crashes += crashed
        found = [] if crashed else faults_of_result(case, world, result, sound)
        if case.writes:
            found += faults_of_writing(case, world, result, disturb)
        else:
            found += faults_of_reading(case, world, result, sound, work, memory)
        faults += [f"{n} ({world.place()}), exit {result.status}: {fault}" for fault in found]
    noted = f", {crashes} crashes in libraries" if everywhere else ""
    kind = "everywhere" if everywhere else only or disturb
    said(f"{kind}/{('count', 'fail', 'fail-from')[mode]}/{case.name}/{piece}{noted}", len(tried), total, faults)


def in_pieces(wanted, are_many):
    """What takes long runs in pieces, side by side: the points of a case of which are_many."""
    pieces = [(case, piece, n) for case in CASES if wanted(case)
              for n in [4 if are_many(case) and is_whole() else 1] for piece in range(n)]
    return pytest.mark.parametrize("case,piece,pieces", pieces, ids=[f"{case.name}-{piece}" for case, piece, _ in pieces])


# Those that write take a world for each point.
each_piece = in_pieces(lambda case: True, lambda case: case.writes)


@each_piece
def test_each_call_fails(world, case, piece, pieces):
    torture(case, world, "calls", FAIL, piece, pieces)


@pytest.mark.skipif(has_sanitizer(), reason="the sanitizer has an allocator of its own")
@pytest.mark.parametrize("mode", [FAIL, FAIL_FROM], ids=["one", "rest"])
@each_piece
def test_each_allocation_fails(world, case, piece, pieces, mode):
    torture(case, world, "allocations", mode, piece, pieces)


@pytest.mark.skipif(has_sanitizer(), reason="the sanitizer has an allocator of its own")
@in_pieces(lambda case: case.name in ("plan", "once"), lambda case: True)
def test_any_allocation_fails(world, case, piece, pieces):
    """libcurl's and OpenSSL's, too. A crash of theirs is theirs; what it leaves behind has to be put right all the same."""
    torture(case, world, "allocations", FAIL, piece, pieces, only="everywhere")
