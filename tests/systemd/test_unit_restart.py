# SPDX-License-Identifier: Apache-2.0
"""Ends, planned or not: what was learnt stays, no share is sent twice, and no event is repeated."""

import time

import pytest

from daemon import framework, many
from simulator import wait_until
from unit import KEY, START

AGAIN_SOON = "RestartSec=100ms"
N = 24  # shares of a pass that is interrupted


def kill(service):
    pid = service.show("MainPID")
    service.systemctl("kill", "--signal=KILL", "--kill-whom=main")
    wait_until(lambda: service.show("MainPID") not in (pid, "0"))


def results(service):
    """How the unit ended, each time that it failed, in systemd's own words."""
    return [event["UNIT_RESULT"] for event in service.events
            if event["_PID"] == "1" and "UNIT_RESULT" in event]


# --- killed -----------------------------------------------------------------------------------------------


def test_killed_it_is_restarted_and_repeats_nothing(service, simulator):
    service.shares(framework(recipients=many(3)))
    service.start(*KEY, AGAIN_SOON)
    service.wait_passes(1)
    simulator.decline(framework="Baseline", account=many(3)[0][0], region="eu-west-2")
    service.systemctl("kill", "--signal=USR1")
    service.wait_passes(2)
    for number in (3, 4):
        kill(service)
        service.wait_passes(number)
    assert service.show("NRestarts") == "2" and results(service) == ["signal", "signal"]
    assert len(service.events.of("held")) == 1 and len(service.events.of("status")) == 4
    service.check_each_sent_once(3)


@pytest.mark.parametrize("lag", [0, 3600], ids=["listed at once", "listed late"])
def test_killed_in_the_middle_of_a_pass(service, simulator, lag):
    """A start whose answer nobody read is not sent again, whether the next listing has it or not."""
    simulator.settings(lag=lag)
    service.slowly(N)
    service.start(*KEY, AGAIN_SOON)
    for number in (3, 8):
        service.wait_started(number)
        kill(service)
    service.at_full_speed()
    service.wait_passes(1)
    events = service.events
    assert service.show("NRestarts") == "2"
    told = [event["SHARE_ACCOUNT"] for event in events.of("started") + events.of("unknown")]
    assert len(told) == len(set(told)), "an event for each, at most one"
    assert events.of("unknown") or not lag
    service.check_no_repetition()
    # What was announced, but did not get out any more, is sent once the listing can be trusted.
    simulator.settings(lag=0)
    service.settings(settle="0s", interval="1h")
    loaded = len(events.of("loaded"))
    service.systemctl("reload")
    service.wait_for(lambda events: events.names()[-1] == "completed" and len(events.of("loaded")) > loaded)
    service.check_each_sent_once(N)


# --- hung -------------------------------------------------------------------------------------------------


def test_watchdog_replaces_a_service_that_hangs(service, simulator):
    service.shares(framework(recipients=many(3)))
    # It is fed every one and a half, with an accuracy of one.
    service.start(*KEY, AGAIN_SOON, "WatchdogSec=3s", "TimeoutAbortSec=1s")
    service.wait_passes(1)
    before = time.monotonic()
    pid = service.show("MainPID")
    service.systemctl("kill", "--signal=STOP", "--kill-whom=main")
    service.wait_show("NRestarts", "1")
    assert results(service) == ["watchdog"] and time.monotonic() - before < 8
    service.wait_passes(2)
    assert service.show("ActiveState") == "active" and service.show("MainPID") not in (pid, "0")
    service.check_each_sent_once(3)
    # It works again.
    service.shares(framework(recipients=many(4)))
    service.wait_for(lambda events: len(events.of("started")) == 4)
    service.check_each_sent_once(4)


# --- stopped ----------------------------------------------------------------------------------------------


def test_stop_is_success_and_memory_stays(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    service.systemctl("stop")
    assert service.show("Result") == "success" and service.show("ExecMainStatus") == "0"
    service.start()
    service.wait_passes(2)
    assert len(service.events.of("started")) == 1 and len(simulator.log(START)) == 1


def test_stopped_in_the_middle_of_a_pass(service):
    service.slowly(N)
    service.start(*KEY)
    service.wait_started(3)
    before = time.monotonic()
    service.systemctl("stop")
    assert time.monotonic() - before < 5, "between two requests"
    assert service.show("Result") == "success" and service.show("ExecMainStatus") == "0"
    done = len(service.events.of("started"))
    assert done < N and not service.events.of("unknown"), "each answer under way was waited for"
    service.check_each_sent_once(done)
    service.at_full_speed()
    service.start()
    service.wait_passes(1)
    assert len(service.events.of("started")) == N
    service.check_each_sent_once(N)
