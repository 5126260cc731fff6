# SPDX-License-Identifier: Apache-2.0
"""What an operator has of the service: events with fields, the questions they answer, the status line."""

import collections
import json
import re

import pytest

import unit
from daemon import EVENTS, framework, many
from simulator import RECIPIENT, REGION, SENDER, wait_until
from unit import KEY

TO = "eu-west-2"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SHARE = {"SHARE_SOURCE", "SHARE_SOURCE_ACCOUNT", "SHARE_SOURCE_REGION", "SHARE_FRAMEWORK_ID",
         "SHARE_FRAMEWORK_NAME", "SHARE_ACCOUNT", "SHARE_REGION", "SHARE_REQUEST_ID", "SHARE_STATUS",
         "SHARE_CONDITION", "SHARE_REASON", "SHARE_EXPIRES", "PASS_ID"}


@pytest.fixture
def declined(service, simulator):
    """Two shares were started, and one of them was declined."""
    service.shares(framework(recipients=[(RECIPIENT, TO), *many(1)]))
    service.start(*KEY)
    service.wait_passes(1)
    simulator.decline(framework="Baseline", account=RECIPIENT, region=TO)
    service.systemctl("kill", "--signal=USR1")
    service.wait_passes(2)
    return service


def fields(event):
    return {name for name in event if name.startswith(("SHARE_", "AWS_", "HTTP_", "PASS_"))}


def check_envelope(event, priority):
    assert event["PRIORITY"] == priority and event["SYSLOG_IDENTIFIER"] == "auditshared"
    assert event["_SYSTEMD_UNIT"] == unit.NAME and event["_TRANSPORT"] == "journal"
    assert event["_EXE"] == "/usr/sbin/auditshared" and int(event["_UID"]) >= 61184
    assert not [name for name in event if name.startswith("CODE_")]


def check_share(event, simulator, **wanted):
    record = simulator.request("Baseline", RECIPIENT, TO)
    wanted = {"SHARE_SOURCE": "governance", "SHARE_SOURCE_ACCOUNT": SENDER, "SHARE_SOURCE_REGION": REGION,
              "SHARE_FRAMEWORK_ID": record["frameworkId"], "SHARE_FRAMEWORK_NAME": "Baseline",
              "SHARE_ACCOUNT": RECIPIENT, "SHARE_REGION": TO, "SHARE_REQUEST_ID": record["id"], **wanted}
    assert {name: event.get(name) for name in wanted} == wanted
    assert re.fullmatch("[0-9a-f]{32}", event["PASS_ID"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["SHARE_EXPIRES"])


def of_recipient(events):
    return [event for event in events if event["SHARE_ACCOUNT"] == RECIPIENT]


def test_fields_of_a_started_share(declined, simulator):
    event, = of_recipient(declined.events.of("started"))
    check_envelope(event, "5")
    check_share(event, simulator, SHARE_STATUS="ACTIVE", SHARE_CONDITION="progressing",
                SHARE_REASON="Started", SHARE_ACTION="start", HTTP_STATUS="200")
    assert re.fullmatch(UUID, event["AWS_REQUEST_ID"])
    assert fields(event) == SHARE | {"SHARE_ACTION", "HTTP_STATUS", "AWS_REQUEST_ID"}


def test_fields_of_a_status_that_changed(declined, simulator):
    first, second = of_recipient(declined.events.of("status"))
    check_envelope(first, "5")
    check_share(first, simulator, SHARE_STATUS="ACTIVE", SHARE_CONDITION="progressing")
    assert fields(first) == SHARE, "seen for the first time: there is no old status"
    check_envelope(second, "4")
    check_share(second, simulator, SHARE_STATUS="DECLINED", SHARE_STATUS_OLD="ACTIVE", SHARE_CONDITION="held",
                SHARE_REASON="Declined")
    assert fields(second) == SHARE | {"SHARE_STATUS_OLD"} and second["PASS_ID"] != first["PASS_ID"]


def test_fields_of_a_share_that_is_held(declined, simulator):
    event, = declined.events.of("held")
    check_envelope(event, "4")
    check_share(event, simulator, SHARE_STATUS="DECLINED", SHARE_CONDITION="held", SHARE_REASON="Declined")
    assert fields(event) == SHARE
    assert "the recipient declined" in event["MESSAGE"] and RECIPIENT in event["MESSAGE"]


def test_fields_of_a_pass(declined):
    first, second = declined.events.of("completed")
    for event in (first, second):
        check_envelope(event, "6")
        assert 0 < int(event["PASS_USEC"]) < 60e6
    counts = ("DESIRED", "OBSERVED", "STARTED", "RESENT", "REVOKED", "FAILED", "HELD")
    assert [int(first["PASS_" + name]) for name in counts] == [2, 0, 2, 0, 0, 0, 0]
    assert [int(second["PASS_" + name]) for name in counts] == [2, 2, 0, 0, 0, 0, 1]
    assert fields(first) == {"PASS_ID", "PASS_USEC", *("PASS_" + name for name in counts)}
    assert {event["PASS_ID"] for event in declined.events.of("started")} == {first["PASS_ID"]}
    assert {event["PASS_ID"] for event in declined.events.of("held")} == {second["PASS_ID"]}
    assert first["PASS_ID"] != second["PASS_ID"]


def test_questions_that_the_journal_answers(declined, simulator):
    events, record = declined.events, simulator.request("Baseline", RECIPIENT, TO)
    passes = events.of("completed")

    def ask(*matches):
        return declined.journal(*matches).names()

    status = "MESSAGE_ID=" + EVENTS["status"]
    assert ask(status, "SHARE_ACCOUNT=" + RECIPIENT, "SHARE_STATUS=DECLINED") == ["status"]
    assert ask(status, "SHARE_ACCOUNT=" + RECIPIENT) == ["status", "status"]
    assert ask("MESSAGE_ID=" + EVENTS["held"]) == ["held"]
    assert ask("MESSAGE_ID=" + EVENTS["started"], "SHARE_ACCOUNT=700000000000") == ["started"]
    assert ask("MESSAGE_ID=" + EVENTS["started"], "SHARE_ACCOUNT=999999999999") == []
    assert ask("SHARE_REQUEST_ID=" + record["id"]) == ["started", "status", "status", "held"]
    assert ask("PASS_ID=" + passes[1]["PASS_ID"]) == ["status", "held", "completed"]
    assert ask("-t", "auditshared", "-p", "warning") == ["status", "held"]
    assert set(ask("-t", "auditshared")) == {"loaded", "started", "status", "held", "completed"}


def test_catalog_fills_its_texts(declined):
    text = unit.run("journalctl", "-x", "--cursor", declined.cursor, "-u", unit.NAME).stdout
    plain = " ".join(line.removeprefix("░░").strip() for line in text.splitlines())
    assert "Subject: A share was started" in plain
    assert f"The share with {RECIPIENT} in {TO} is held (Declined)." in plain
    assert f"The share request with {RECIPIENT} in {TO} is now DECLINED" in plain
    assert "2 started, 0 resent, 0 revoked or deleted, 0 failed." in plain
    assert not re.search(r"@[A-Z_]+@|\b(SHARE|PASS)_(?!ID\b)[A-Z_]+\b", plain), "a field that an event lacks"


def test_status_line_says_what_the_status_file_counts(service, simulator):
    accounts = [account for account, _ in many(7)]
    service.shares(framework(recipients=many(7)), framework("None such"))
    service.start(*KEY)
    service.wait_passes(1)
    simulator.settings(replicate=0)
    for account in accounts[:3]:
        simulator.accept(framework="Baseline", account=account, region=TO)
    simulator.settings(replicate=3600)
    simulator.accept(framework="Baseline", account=accounts[3], region=TO)
    for account in accounts[4:6]:
        simulator.decline(framework="Baseline", account=account, region=TO)
    service.systemctl("kill", "--signal=USR1")
    service.wait_passes(2)
    wait_until(lambda: "3 ready" in service.show("StatusText"))

    line = service.show("StatusText")
    counts = collections.Counter(share["condition"] for share in service.status()["shares"])
    assert counts == {"ready": 3, "pending": 1, "progressing": 1, "held": 2, "stalled": 1}
    wanted = ", ".join(f"{n} {condition}" for condition, n in counts_in_order(counts))
    assert re.fullmatch(rf"8 shares: {wanted}; next pass in (1h|59min( \d+s)?)", line), line
    status = unit.run("systemctl", "status", "--no-pager", unit.NAME).stdout
    assert f'Status: "{line[:20]}' in status


def counts_in_order(counts):
    order = ["ready", "pending", "progressing", "held", "stalled", "orphaned"]
    return sorted(counts.items(), key=lambda item: order.index(item[0]))


def test_status_line_of_a_source_that_fails(service, simulator):
    simulator.fault("ListAssessmentFrameworks", kind="status", status=403, count=0,
                    code="AccessDeniedException")
    service.start(*KEY)
    service.wait_for(lambda events: events.of("refused"))
    wait_until(lambda: "1 source failing; next pass in " in service.show("StatusText"))
    assert service.status()["sources"][0]["error"]


def test_others_may_read_what_it_reports_and_nothing_else(service):
    service.start(*KEY)
    service.wait_passes(1)
    wait_until((unit.RUNTIME / "auditshared.prom").exists)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c"]
    assert json.loads(unit.run(*nobody, "cat /run/auditshared/status.json").stdout)["version"] == 1
    assert "# HELP auditshared_shares" in unit.run(*nobody, "cat /run/auditshared/auditshared.prom").stdout
    assert unit.run(*nobody, "ls /var/lib/auditshared/", check=False).returncode != 0
