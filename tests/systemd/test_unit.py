# SPDX-License-Identifier: Apache-2.0
"""The unit as systemd runs it: readiness, journal, catalog, exit statuses, restarts."""

import json
import stat

import unit
from daemon import EVENTS, framework, many
from simulator import RECIPIENT
from unit import KEY

START = "StartAssessmentFrameworkShare"


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


def test_status_line_and_status_file(service):
    service.start(*KEY)
    service.wait_passes(1)
    service.wait_for(lambda _: "next pass" in service.show("StatusText"))
    assert service.show("StatusText").startswith("1 share: 1 progressing; next pass in ")
    status = unit.RUNTIME / "status.json"
    assert stat.S_IMODE(status.stat().st_mode) == 0o644
    assert [share["account"] for share in json.loads(status.read_text())["shares"]] == [RECIPIENT]
    assert stat.S_IMODE(unit.STATE.stat().st_mode) == 0o700


def test_catalog(service):
    service.start(*KEY)
    service.wait_passes(1)
    text = unit.run("journalctl", "-x", "--after-cursor", service.cursor, "-u", unit.NAME).stdout
    assert "Subject: A share was started" in text
    assert f"A share request was sent to {RECIPIENT} in eu-west-2." in text


def test_bad_files_end_with_78_and_no_restart(service):
    service.shares_path.write_text("frameworks: {")
    started = service.start(*KEY, "RestartSec=100ms", check=False)
    assert started.returncode != 0
    service.wait_show("ActiveState", "failed")
    assert service.show("ExecMainStatus") == "78" and service.show("Result") == "exit-code"
    assert len(service.events.of("config-refused")) == 1
    # With a restart after 100 ms (the next test shows one), these commands alone would see the next attempt.
    for _ in range(20):
        assert service.show("NRestarts") == "0" and service.show("ActiveState") == "failed"
    assert len(service.events.of("config-refused")) == 1


def test_killed_it_is_restarted_and_sends_nothing_twice(service, simulator):
    service.start(*KEY, "RestartSec=100ms")
    service.wait_passes(1)
    service.systemctl("kill", "--signal=KILL")
    service.wait_passes(2)
    assert service.show("NRestarts") == "1"
    assert len(simulator.log(START)) == 1
    assert len(service.events.of("started")) == len(service.events.of("status")) == 1


def test_reload_takes_over_files(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    service.shares(framework(), framework(recipients=many(2)))
    service.systemctl("reload")
    service.wait_for(lambda events: len(events.of("started")) == 3)
    assert len(simulator.log(START)) == 3


def test_stop_is_success_and_memory_stays(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    service.systemctl("stop")
    assert service.show("Result") == "success" and service.show("ExecMainStatus") == "0"
    service.start()
    service.wait_passes(2)
    assert len(service.events.of("started")) == 1 and len(simulator.log(START)) == 1


def test_systemd_finds_nothing_wrong_with_the_unit():
    assert unit.run("systemd-analyze", "verify", "--man=no", unit.NAME).stderr == ""
