# SPDX-License-Identifier: Apache-2.0
"""The unit as systemd runs it: first start, readiness, files that are bad, its place in the boot."""

import stat

import pytest

import unit
from daemon import EVENTS
from simulator import RECIPIENT
from unit import KEY, START


def test_starts_and_shares(service, simulator):
    service.start(*KEY)
    assert service.show("ActiveState") == "active" and service.show("Type") == "notify"
    service.wait_passes(1)
    events = service.events
    assert [name for name in events.names() if name != "?"] == ["loaded", "started", "status", "completed"]
    started = events.of("started")[0]
    assert started["SHARE_ACCOUNT"] == RECIPIENT and started["SHARE_FRAMEWORK_NAME"] == "Baseline"
    assert started["SYSLOG_IDENTIFIER"] == "auditshared" and started["PRIORITY"] == "5"
    assert started["_SYSTEMD_UNIT"] == unit.NAME and started["_TRANSPORT"] == "journal"
    assert int(started["_UID"]) >= 61184, "a dynamic user, https://systemd.io/UIDS-GIDS/"
    assert [call["status"] for call in simulator.log(START)] == [200]


def test_systemd_says_started_when_the_files_are_loaded_and_not_before(service):
    service.start(*KEY)
    events = service.events
    ids = [event.get("MESSAGE_ID") for event in events]
    started = [n for n, event in enumerate(events)
               if event["_PID"] == "1" and event.get("JOB_RESULT") == "done"]
    assert len(started) == 1 and ids.index(EVENTS["loaded"]) < started[0], service.text


def test_an_outage_of_aws_does_not_fail_the_start(service, simulator):
    simulator.fault(kind="status", status=503, count=0)
    assert service.start(*KEY).returncode == 0
    service.wait_for(lambda events: events.of("refused"))
    assert service.show("ActiveState") == "active"


def bad_shares(service):
    service.shares_path.write_text("frameworks: {")


def no_settings(service):
    service.settings_path.unlink()


def nothing_at_all(service):
    """As installed."""
    service.settings_path.unlink()
    service.shares_path.unlink()


def settings_that_others_may_write(service):
    service.settings_path.chmod(0o666)


@pytest.mark.parametrize("spoil", [bad_shares, no_settings, nothing_at_all, settings_that_others_may_write],
                         ids=lambda spoil: spoil.__name__)
def test_bad_files_end_with_78_and_no_restart(service, spoil):
    spoil(service)
    started = service.start(*KEY, "RestartSec=100ms", check=False)
    assert started.returncode != 0
    service.wait_show("ActiveState", "failed")
    assert service.show("ExecMainStatus") == "78" and service.show("Result") == "exit-code"
    assert len(service.events.of("config-refused")) == 1
    # With a restart after 100 ms (test_unit_restart.py has some), these commands alone would see the next one
    for _ in range(10):
        assert service.show("NRestarts") == "0" and service.show("ActiveState") == "failed"
    assert len(service.events.of("config-refused")) == 1


def test_its_state_is_its_own(service):
    service.start(*KEY)
    service.wait_passes(1)
    assert stat.S_IMODE(unit.STATE.stat().st_mode) == 0o700
    assert unit.LINK.is_symlink() and unit.LINK.resolve() == unit.STATE
    for name, mode in (("memory.log", 0o600), ("lock", 0o600)):
        if (unit.STATE / name).exists():
            assert stat.S_IMODE((unit.STATE / name).stat().st_mode) == mode, name


def test_its_place_in_the_boot(service):
    assert service.show("UnitFileState") == "disabled"
    assert {"network-online.target", "time-sync.target"} <= set(service.show("After").split())
    assert "network-online.target" in service.show("Wants").split()
    assert "multi-user.target" not in service.show("Before").split()
    unit.run("systemctl", "enable", unit.NAME)
    try:
        assert service.show("UnitFileState") == "enabled" and service.show("WantedBy") == "multi-user.target"
        assert "multi-user.target" in service.show("Before").split(), "the target waits for what it wants"
        assert service.show("ActiveState") == "inactive", "enabled is not started"
    finally:
        unit.run("systemctl", "disable", unit.NAME)
    assert service.show("WantedBy") == ""


def test_systemd_finds_nothing_wrong_with_the_unit():
    assert unit.run("systemd-analyze", "verify", "--man=no", unit.NAME).stderr == ""
