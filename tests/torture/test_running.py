# SPDX-License-Identifier: Apache-2.0
"""
The running service is asked for something, and each of its calls and allocations fails in turn

It stays up, the one who asked hears how it went, the last good configuration stays in force, and the same request works when
nothing fails any more.
"""

import json
import socket
import subprocess

import pytest

from daemon import DAEMON, EVENTS, Result, Service
from torture import COUNT, DESIRED, EXPIRING, FAIL, World, has_sanitizer, points, recipients, said

RELOAD_UNSEEN = ("reload", "unseen")

TOOLS = ["calls",
         pytest.param("allocations", marks=pytest.mark.skipif(has_sanitizer(), reason="it has an allocator of its own"))]


class Running:
    """The service under a tool; what is in force can be told by whether its shares are suspended."""

    def __init__(self, world, disturb):
        self.world, self.disturb, self.service = world, disturb, None
        self.world.begin()
        self.declare(False)
        self.start()
        self.in_force = False

    def start(self):
        host = self.world.host
        self.world.state.aim()
        command, env = self.world.under(host.command(DAEMON, "--log-format", "json"), self.disturb)
        self.service = Service(command, env)
        self.service.wait_passes(1, timeout=30)

    def declare(self, suspended):
        self.declared = suspended
        self.world.host.shares({**recipients(*DESIRED), "suspend": suspended})

    def spoil(self):
        self.world.host.shares(recipients(*DESIRED, "12"))

    def ask(self, *arguments):
        return self.world.host.ctl(*arguments) if arguments != RELOAD_UNSEEN else self.reload_unseen()

    def reload_unseen(self):
        """auditsharectl looks at the files before it asks: past that."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self.world.host.runtime / "control"))
            try:
                connection.sendall(b'{"version":1,"verb":"reload","wait":false,"share":null}\n')
                line = connection.makefile().readline()
            except ConnectionError:
                line = ""
            answer = json.loads(line or '{"ok": false, "message": "closed"}')
        process = subprocess.CompletedProcess([], 0 if answer["ok"] else 1, "", answer["message"] or "refused")
        return Result(process)

    def disturbed(self, n, *arguments):
        self.world.state.aim(FAIL, n)
        result = self.ask(*arguments)
        place = self.world.place()
        self.world.state.mode = COUNT
        return result, place

    def faults_of(self, result):
        faults = []
        if self.service.process.poll() is not None:
            faults.append(f"the service ended with {self.service.process.returncode}: {self.service.text[-400:]}")
            self.service.end()
            self.start()
        if result.status not in (0, 1):
            faults.append(f"exit status {result.status}: {result.err}")
        if result.status == 1 and not result.err:
            faults.append("exit status 1 without a word")
        return faults

    def faults_of_next(self):
        """The same is asked for when nothing fails."""
        result = self.ask("reconcile", "--wait")
        return [] if result.status == 0 else [f"undisturbed, reconcile failed: {result.err[-300:]}"]

    def is_suspended(self):
        held = {share["reason"] == "Suspended" for share in self.world.host.status()["shares"]
                if share["account"] in DESIRED}
        assert len(held) == 1, held
        return held.pop()

    def end(self):
        self.service.end()
        faults = self.world.faults_of_writes()
        if self.service.process.returncode != 0:
            faults.append(f"ended with {self.service.process.returncode}")
        return faults + self.world.converge()[1]


def reload_good(running, n):
    running.declare(n % 2 == 1)
    result, place = running.disturbed(n, "reload")
    faults = running.faults_of(result)
    if result.status == 0:
        running.in_force = running.declared
    faults += running.faults_of_next()
    if result.status == 0 and running.is_suspended() != running.declared:
        faults.append("exit status 0, but not in force")
    again = running.ask("reload")
    if again.status != 0:
        faults.append(f"undisturbed: {again.err}")
    running.in_force = running.declared
    return place, faults


def reload_bad(running, n):
    running.spoil()
    result, place = running.disturbed(n, *RELOAD_UNSEEN)
    faults = running.faults_of(result)
    if result.status == 0:
        faults.append("took over what is bad")
    faults += running.faults_of_next()
    if running.is_suspended() != running.in_force:
        faults.append("the last good one is not in force")
    running.declare(running.in_force)
    if running.ask("reload").status != 0:
        faults.append("does not take over what is good again")
    return place, faults


def reconcile(running, n):
    before = running.world.simulator.last_seq()
    result, place = running.disturbed(n, "reconcile", "--wait")
    faults = running.faults_of(result)
    if result.status == 0 and running.world.simulator.last_seq() < before + 2:
        faults.append("exit status 0, but nothing was listed")
    return place, faults + running.faults_of_next()


def reset(running, n):
    result, place = running.disturbed(n, "reset", f"Baseline/{EXPIRING}")
    return place, running.faults_of(result) + running.faults_of_next()


CASES = [
    (reload_good, ("reload",), 12),
    (reload_bad, RELOAD_UNSEEN, 8),
    (reconcile, ("reconcile", "--wait"), 12),
    (reset, ("reset", f"Baseline/{EXPIRING}"), 8),
]


def count(running, ask, arguments):
    """How many points there are in one undisturbed round."""
    if ask is reload_bad:
        running.spoil()
    elif ask is reload_good:
        running.declare(True)
    running.world.state.aim()
    result = running.ask(*arguments)
    assert result.status == (1 if ask is reload_bad else 0), result.err
    if ask is not reload_bad:
        assert running.ask("reconcile", "--wait").status == 0
    total = running.world.state.count
    running.declare(False)
    assert running.ask("reload").status == 0
    return total


@pytest.mark.parametrize("disturb", TOOLS)
@pytest.mark.parametrize("ask,arguments,sample", CASES, ids=[ask.__name__ for ask, _, _ in CASES])
def test_each_failure_while_running(tmp_path, disturb, ask, arguments, sample):
    with World(tmp_path) as world:
        running = Running(world, disturb)
        try:
            total = count(running, ask, arguments)
            assert total > 5
            tried, faults = points(total, sample), []
            for n in tried:
                place, found = ask(running, n)
                faults += [f"{n} ({place}): {fault}" for fault in found]
            faults += running.end()
        finally:
            running.service.end()
        said(f"running/{disturb}/{ask.__name__}", len(tried), total, faults)


@pytest.mark.skipif(has_sanitizer(), reason="it has an allocator of its own")
def test_a_changed_file_that_could_not_be_loaded_is_loaded_later(tmp_path):
    """Once it is written again, with nothing in it changed: what was not taken over is not what is in force."""
    def heard(events):
        return [event["MESSAGE"] for event in events[seen:]
                if event.get("MESSAGE_ID") == EVENTS["loaded"] or "Cannot" in event["MESSAGE"]]

    with World(tmp_path) as world:
        running = Running(world, "allocations")
        try:
            running.spoil()
            world.state.aim()
            assert running.ask(*RELOAD_UNSEEN).status == 1
            middle = world.state.count * 2 // 3  # of loading alone: no pass follows
            running.declare(False)
            assert running.ask("reload").status == 0
            assert running.ask("reconcile", "--wait").status == 0
            seen = len(running.service.events)
            world.state.aim(FAIL, middle)
            running.declare(True)
            assert "Cannot" in running.service.wait_for(heard)[0]
            world.state.mode = COUNT
            seen = len(running.service.events)
            running.declare(True)
            assert "Cannot" not in running.service.wait_for(heard)[0]
            assert running.ask("reconcile", "--wait").status == 0
            assert running.is_suspended()
        finally:
            running.service.end()


@pytest.mark.skipif(has_sanitizer(), reason="it has an allocator of its own")
def test_a_pass_that_could_not_begin_is_tried_again(tmp_path):
    """Whoever waits for it hears its end, and not that of the next one, an interval later."""
    def could_not_begin():
        return "Cannot begin a pass" in running.service.text

    with World(tmp_path) as world:
        running = Running(world, "allocations")
        try:
            for n in range(12, 60):  # what comes first is the request itself
                result, _ = running.disturbed(n, "reconcile", "--wait")
                if could_not_begin():
                    break
            assert could_not_begin() and result.status == 0, result.err
        finally:
            running.service.end()
