# SPDX-License-Identifier: Apache-2.0
"""
What the service takes does not grow: memory, descriptors, timers, watches and threads, over pass after pass

PASSES and RECORDS in the environment (`make endurance`) are for the long runs; the suite makes short ones.
"""

import collections
import contextlib
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from daemon import CTL, DAEMON, Host, Service, framework, many
from simulator import Simulator, seed
from usage import MIB, is_plain, quietly, usage

PASSES = int(os.environ.get("PASSES", 300))
RECORDS = int(os.environ.get("RECORDS", 20000))
SAMPLES = 20
SHARES = 24
TO = "eu-west-2"
WAIT = b'{"version": 1, "verb": "reconcile", "wait": true}\n'
ENDED = ("EXPIRED", "DECLINED", "REVOKED", "FAILED")


@pytest.fixture
def simulator():
    document = seed(default_account={"audit_manager": True})
    document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
    with Simulator(seed=document, rate=0, quota=0, fail_after=0) as running:
        yield running


def ask(host, line):
    """One request over the control socket, and its answer; {} where there is none."""
    folder = os.open(host.runtime, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(f"/proc/self/fd/{folder}/control")  # an address holds 107 bytes
            answer = b""
            with contextlib.suppress(ConnectionError):
                connection.sendall(line)
                while chunk := connection.recv(65536):
                    answer += chunk
    finally:
        os.close(folder)
    return json.loads(answer or "{}")


class Life:
    """What happens to a service in years, in turn: each step is one thing, and a pass sees it."""

    def __init__(self, host, simulator, process):
        self.host, self.simulator, self.process = host, simulator, process
        self.recipients = many(SHARES)
        self.steps = [self.accepted, self.declined, self.asked_again, self.expired, self.tidied, self.failed,
                      self.asked_again, self.reloaded, self.told_by_signal, self.refused_a_file,
                      self.lost_an_answer,
                      self.not_listed, self.declared_more, self.declared_less, self.updated, self.tidied,
                      self.set_anew, self.reconciled, self.spoken_to_badly]
        self.n = 0

    def step(self):
        self.steps[self.n % len(self.steps)]()
        self.n += 1

    def recipient(self):
        account, region = self.recipients[self.n * 7 % len(self.recipients)]
        return {"framework": "Baseline", "account": account, "region": region}

    def change(self, what, *statuses):
        """Of one recipient's request, where there is one that this can happen to."""
        which = self.recipient()
        if any(request["status"] in statuses for request in self.simulator.requests(**which)):
            self.simulator.control(what, which)

    def accepted(self):
        self.change("/accept", "ACTIVE")

    def declined(self):
        self.change("/decline", "ACTIVE")

    def expired(self):
        self.change("/expire", "ACTIVE", "EXPIRING")

    def failed(self):
        self.change("/fail", "ACTIVE")

    def asked_again(self):
        subprocess.run([CTL, "reset", "Baseline"], env=self.host.env, capture_output=True, timeout=60,
                       check=True)

    def tidied(self):
        """The world does not grow either: AWS too forgets what is long over."""
        for request in self.simulator.requests(framework="Baseline"):
            if request["status"] in ENDED + ("SHARED",):
                self.simulator.delete_request(request=request["id"])

    def reloaded(self):
        done = subprocess.run([CTL, "reload"], env=self.host.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def told_by_signal(self):
        self.process.send_signal(signal.SIGHUP)
        self.process.send_signal(signal.SIGUSR1)

    def refused_a_file(self):
        good = self.host.shares_path.read_text()
        self.host.write(self.host.shares_path, "frameworks:\n  - name: Baseline\n    colour: red\n")
        answer = ask(self.host, b'{"version": 1, "verb": "reload"}\n')
        assert not answer["ok"] and len(answer["errors"]) == 3, answer
        self.host.write(self.host.shares_path, good)

    def lost_an_answer(self):
        self.simulator.fault("StartAssessmentFrameworkShare", "reset", when="after")

    def not_listed(self):
        self.simulator.fault("ListAssessmentFrameworkShareRequests", "status", status=500)

    def declare(self):
        self.host.shares(framework(recipients=self.recipients))
        assert ask(self.host, b'{"version": 1, "verb": "reload"}\n')["ok"]

    def declared_more(self):
        self.recipients = many(SHARES + 4)
        self.declare()

    def declared_less(self):
        self.recipients = many(SHARES)
        self.declare()

    def updated(self):
        self.simulator.update_framework("Baseline")

    def set_anew(self):
        settle(self.host, interval=f"{1 + self.n % 7}h")
        assert ask(self.host, b'{"version": 1, "verb": "reload"}\n')["ok"]

    def reconciled(self):
        subprocess.run([CTL, "reconcile", "--wait"], env=self.host.env, capture_output=True, timeout=60,
                       check=False)

    def spoken_to_badly(self):
        for line in (b"\n", b"{}\n", b'{"version": 9}\n', b"\xff" * 20000 + b"\n"):
            assert not ask(self.host, line).get("ok")


def settle(host, **settings):
    host.settings(settle="0s", policy={"declined": "reshare", "undesired": "revoke-and-delete"},
                  limits={"writes_per_pass": 1000}, **{"interval": "1h", **settings})


@pytest.fixture
def host(tmp_path, simulator):
    host = Host(tmp_path, simulator)
    host.env["AWS_MAX_ATTEMPTS"] = "1"
    settle(host)
    host.shares(framework(recipients=many(SHARES)))
    return host


def live(host, simulator, process, passes, every):
    """Passes, with a step of life ahead of every few; what is taken then, by their number."""
    life, samples = Life(host, simulator, process), {}
    for i in range(passes):
        if i % 3 == 0:
            life.step()
        answer = ask(host, WAIT)
        assert answer["message"].startswith("Pass "), answer
        if (i + 1) % every == 0:
            samples[i + 1] = usage(process.pid)
    return samples


def check_growth(samples):
    """From the end of the warm-up on, by what was taken after so many passes."""
    settled = [sample for n, sample in samples.items() if n >= PASSES // 10]
    first, last = settled[0], settled[-3:]
    if is_plain():
        assert max(sample.rss_kib for sample in last) <= first.rss_kib * 1.05 + 512, samples
    for what in ("files", "timers", "threads", "watches"):
        assert len({getattr(sample, what) for sample in settled}) == 1, (what, samples)
    half = len(settled) // 2
    sockets = [sample.sockets for sample in settled]
    assert max(sockets[half:]) <= max(sockets[:half]) + 2, samples


def test_nothing_grows_with_passes(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        samples = live(host, simulator, service.process, PASSES, PASSES // SAMPLES)
        names = collections.Counter(service.events.names())
    for n, sample in samples.items():
        print(n, sample)
    print(simulator.stats()["requests"], "records,", dict(names))
    # It was a life, and not the same pass over and over.
    for name in ("started", "resent", "revoked", "status", "unknown", "held", "config-refused", "loaded",
                 "completed"):
        assert names[name] > PASSES // 100, names
    check_growth(samples)


# --- at its end ---


def test_nothing_is_lost_at_the_end(host, simulator):
    """Under valgrind, after a life of passes and reloads: every block and every descriptor is given back."""
    report = host.folder / "valgrind"
    command = host.command(DAEMON, "--log-format", "json")
    program = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect",
               "--track-fds=yes", "--error-exitcode=9", "--child-silent-after-fork=yes",
               f"--log-file={report}"]
    service = Service([*program, *command], host.env)
    try:
        service.wait_passes(1, 60)
        live(host, simulator, service.process, 66, 66)
        service.signal(signal.SIGTERM)
        assert service.wait(60) == 0, report.read_text()
    finally:
        service.end()
    found = report.read_text()
    left = re.split(r"==\d+== Open ", found)[1:]
    assert all("<inherited from parent>" in entry for entry in left), found
    assert "lost in loss record" not in found and "Invalid" not in found, found


# --- many records ---


def test_a_listing_of_very_many_records(host, simulator):
    """Peak memory, per record: what auditshared(8) says of a million, of any number."""
    simulator.add(bulk={"requests": RECORDS, "framework": "Baseline", "status": "SHARED"})
    host.shares(framework())
    command = host.command(DAEMON, "--once")
    for name in ("first", "second"):
        status, peak_mib, seconds = quietly(command, host.env, host.folder)
        print(name, "pass over", RECORDS, "records:", f"{peak_mib:.0f} MiB, {seconds:.1f} s of CPU")
        assert status == 0
        if is_plain():
            assert peak_mib <= 16 + RECORDS * 400 / MIB
