# SPDX-License-Identifier: Apache-2.0
"""One pass of the real service against the simulator: each status, each knob, each guard, and listings that fail."""

import json
import os
import resource
import signal
import subprocess

import pytest

from daemon import DAEMON, Host, framework, many
from simulator import RECIPIENT, REGION, SENDER, STRANGER, Simulator, seed
import simulator as sim

TO = "eu-west-2"
QUICK = {"settle": "0s"}
STARTS = "StartAssessmentFrameworkShare"


def request(status, **more):
    return {"framework": "Baseline", "to_account": RECIPIENT, "to_region": TO, "status": status, **more}


@pytest.fixture
def world(tmp_path):
    """A function that starts a simulator with these seed members, and gives it with a host."""
    running = []

    def start(settings=None, options=None, **members):
        document = seed(default_account={"audit_manager": True}, **members)
        document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
        simulator = Simulator(seed=document, rate=0, quota=0, **(options or {})).start()
        running.append(simulator)
        host = Host(tmp_path, simulator, **{**QUICK, **(settings or {})})
        host.shares(framework())
        return simulator, host

    yield start
    for simulator in running:
        assert simulator.stop() == 0


def writes(simulator):
    return [call for call in simulator.log() if call["operation"] in
            (STARTS, "UpdateAssessmentFrameworkShare", "DeleteAssessmentFrameworkShare")]


def test_cold_start_then_steady(world):
    simulator, host = world()
    first = host.once()
    assert first.status == 0, first.err
    assert first.events.names() == ["loaded", "started", "status", "completed"]
    assert first.events.statuses() == [(None, "ACTIVE")]
    started = first.events.of("started")[0]
    record = simulator.request("Baseline", RECIPIENT, TO)
    assert started["SHARE_REQUEST_ID"] == record["id"]
    assert (started["SHARE_ACCOUNT"], started["SHARE_REGION"], started["SHARE_SOURCE"]) == (RECIPIENT, TO, "governance")
    assert started["SYSLOG_IDENTIFIER"] == "auditshared" and started["PRIORITY"] == "5"

    second = host.once()
    assert second.status == 0 and second.events.names() == ["loaded", "completed"]
    assert len(writes(simulator)) == 1
    assert host.conditions() == [("pending", "AwaitingRecipient")]
    share = host.share()
    assert share["request_id"] == record["id"] and share["status"] == "ACTIVE" and share["action"] == "none"


def test_identity_is_asked_before_anything_else(world):
    simulator, host = world()
    host.once()
    assert [c["operation"] for c in simulator.log()][0] == "GetCallerIdentity"


def test_wrong_identity_asks_nothing_of_the_source(world):
    simulator, host = world(settings={"account": "999999999999"})
    result = host.once()
    assert result.status == 1
    assert {c["operation"] for c in simulator.log()} == {"GetCallerIdentity"}
    refused = result.events.of("refused")
    assert len(refused) == 1 and "999999999999" in refused[0]["MESSAGE"] and SENDER in refused[0]["MESSAGE"]
    assert not result.events.of("completed")
    assert not host.once().events.of("refused"), "a condition that lasts is said once"


@pytest.mark.parametrize("status,condition,reason,sends", [
    ("ACTIVE", "pending", "AwaitingRecipient", 0),
    ("EXPIRING", "pending", "Expiring", 1),
    ("REPLICATING", "progressing", "Replicating", 0),
    ("SHARED", "ready", "Shared", 0),
    ("FAILED", "progressing", "Failed", 0),
    ("EXPIRED", "progressing", "Expired", 1),
    ("DECLINED", "held", "Declined", 0),
    ("REVOKED", "held", "Revoked", 0),
    ("QUARANTINED", "held", "UnknownStatus", 0),
])
def test_each_status(world, status, condition, reason, sends):
    simulator, host = world(requests=[request(status)], options={"replicate": 3600})
    result = host.once()
    assert result.status == 0, result.err
    assert host.conditions() == [(condition, reason)]
    assert len(writes(simulator)) == sends
    seen = result.events.of("status")[0]
    bad = status in ("FAILED", "EXPIRED", "DECLINED", "REVOKED", "QUARANTINED")
    assert seen["SHARE_STATUS"] == status
    assert seen["PRIORITY"] == ("4" if bad else "5")
    assert len(result.events.of("held")) == (condition == "held")
    again = host.once()
    assert not again.events.of("held") or sends


@pytest.mark.parametrize("status,policy,condition,sends", [
    ("EXPIRING", {"expiring": "hold"}, ("held", "Expiring"), 0),
    ("EXPIRING", {"max_renewals": 0}, ("stalled", "RenewalsExhausted"), 0),
    ("EXPIRED", {"expired": "hold"}, ("held", "Expired"), 0),
    ("EXPIRED", {"max_renewals": 0}, ("stalled", "RenewalsExhausted"), 0),
    ("FAILED", {"failed": "hold"}, ("held", "Failed"), 0),
    ("DECLINED", {"declined": "reshare"}, ("progressing", "Declined"), 1),
    ("REVOKED", {"revoked": "reshare"}, ("progressing", "Revoked"), 1),
])
def test_each_knob(world, status, policy, condition, sends):
    simulator, host = world(requests=[request(status)], settings={"policy": policy})
    assert host.once().status == 0
    assert host.conditions() == [condition]
    assert len(writes(simulator)) == sends


def test_overrides_of_one_framework(world):
    simulator, host = world(requests=[request("EXPIRED")])
    host.shares(framework(policy={"expired": "hold"}))
    assert host.once().status == 0
    assert host.conditions() == [("held", "Expired")] and not writes(simulator)


def test_renewals_are_counted_and_end(world):
    simulator, host = world(settings={"policy": {"max_renewals": 2}})
    host.once()
    for renewals in (1, 2):
        simulator.advance(days=95)
        result = host.once()
        assert len(result.events.of("resent")) == 1, result.err
        assert host.share()["status"] == "ACTIVE"
    simulator.advance(days=95)
    assert len(host.once().events.of("held")) == 1
    assert host.conditions() == [("stalled", "RenewalsExhausted")]
    host.shares(framework(comment="asked again by GRC"))  # a changed declaration lifts it
    assert len(host.once().events.of("resent")) == 1


@pytest.mark.parametrize("resend", ["keep", "replace", "both"])
def test_a_resend_may_keep_the_id_or_not(world, resend):
    simulator, host = world(options={"resend": resend})
    host.once()
    simulator.advance(days=95)
    result = host.once()
    assert len(result.events.of("resent")) == 1
    quiet = host.once()
    assert quiet.events.names() == ["loaded", "completed"] or (resend == "both" and len(quiet.events.of("several")) == 1)
    assert host.conditions() == [("pending", "AwaitingRecipient")]
    assert len(writes(simulator)) == 2


@pytest.mark.parametrize("updated,status,expected,sends", [
    ("pending", "ACTIVE", ("pending", "OutOfDate"), 1),
    ("never", "ACTIVE", ("pending", "OutOfDate"), 0),
    ("always", "ACTIVE", ("pending", "OutOfDate"), 1),
    ("pending", "SHARED", ("ready", "OutOfDate"), 0),
    ("never", "SHARED", ("ready", "OutOfDate"), 0),
    ("always", "SHARED", ("ready", "OutOfDate"), 1),
])
def test_a_framework_that_changed(world, updated, status, expected, sends):
    simulator, host = world(requests=[request(status, created_days_ago=2)], settings={"policy": {"updated": updated}})
    host.once()
    before = len(writes(simulator))
    simulator.update_framework("Baseline")
    host.once()
    assert host.conditions() == [expected]
    assert len(writes(simulator)) - before == sends
    host.once()
    assert len(writes(simulator)) - before == sends, "one change is sent once"


def test_comments(world):
    simulator, host = world(requests=[request("ACTIVE", comment="old", created_days_ago=1)])
    host.shares(framework(comment="new"))
    host.once()
    assert host.conditions() == [("pending", "CommentDiffers")] and not writes(simulator)
    host.settings(policy={"comment": "resend"}, **QUICK)
    host.once()
    assert [w["comment"] for w in writes(simulator)] == ["new"]
    host.once()
    assert host.conditions() == [("pending", "AwaitingRecipient")] and len(writes(simulator)) == 1


def test_pin_and_suspend(world):
    simulator, host = world()
    host.shares(framework(pin="2020-01-01T00:00:00Z"))
    host.once()
    assert host.conditions() == [("held", "NewerThanPin")]
    host.shares(framework(suspend=True))
    host.once()
    assert host.conditions() == [("held", "Suspended")] and not writes(simulator)


def test_framework_missing_renamed_ambiguous(world):
    simulator, host = world(settings={"policy": {"undesired": "revoke"}})
    host.once()
    simulator.update_framework("Baseline", name="Renamed")
    result = host.once()
    assert host.conditions() == [("stalled", "FrameworkMissing")]
    assert result.status == 0 and len(writes(simulator)) == 1, "what it declares is still declared"
    for digit in "12":
        simulator.add_framework(**sim.framework("Baseline", id=f"6f0f2b1c-0000-4000-8000-00000000000{digit}"))
    host.once()
    assert host.conditions() == [("stalled", "FrameworkAmbiguous")] and len(writes(simulator)) == 1


def test_never_seen_framework_has_no_id(world):
    simulator, host = world()
    host.shares(framework("Nowhere"))
    host.once()
    share = host.share()
    assert share["framework_id"] is None and share["framework_name"] == "Nowhere"
    assert not host.once().events.of("held"), "said once, across restarts"


def test_failed_backs_off_then_stalls(world):
    simulator, host = world(requests=[request("FAILED")])
    host.once()
    share = host.share()
    assert share["action"] == "wait" and share["next_attempt"] is not None


def test_a_recipient_that_never_enabled_the_service(world):
    simulator, host = world(options={"fail_after": 0})
    host.shares(framework(recipients=[(STRANGER, TO)]))
    host.once()
    simulator.advance(seconds=60)
    result = host.once()
    assert result.events.statuses() == [("ACTIVE", "FAILED")]
    assert host.share(STRANGER)["condition"] == "progressing" and len(writes(simulator)) == 1


def test_accepted_declined_and_gone(world):
    simulator, host = world(options={"replicate": 0})
    host.shares(framework(recipients=[(RECIPIENT, TO), (RECIPIENT, "eu-central-1")]))
    host.once()
    simulator.accept(framework="Baseline", account=RECIPIENT, region=TO)
    simulator.decline(framework="Baseline", account=RECIPIENT, region="eu-central-1")
    result = host.once()
    assert sorted(result.events.statuses()) == [("ACTIVE", "DECLINED"), ("ACTIVE", "SHARED")]
    assert sorted(host.conditions()) == [("held", "Declined"), ("ready", "Shared")]
    simulator.delete_request(framework="Baseline", account=RECIPIENT, region=TO)
    simulator.delete_request(framework="Baseline", account=RECIPIENT, region="eu-central-1")
    host.once()
    assert sorted(host.conditions()) == [("held", "Declined"), ("ready", "RecordGone")]
    assert len(writes(simulator)) == 2


def test_somebody_elses_request_is_left_alone(world):
    simulator, host = world(requests=[request("ACTIVE"), dict(request("ACTIVE"), to_account="888877776666")],
                            settings={"policy": {"undesired": "revoke-and-delete"}})
    host.once()
    assert sorted(host.conditions()) == [("pending", "AwaitingRecipient"), ("unmanaged", "NotOurs")]
    assert not writes(simulator)


def test_two_live_requests_of_others_are_ambiguous(world):
    simulator, host = world(requests=[request("ACTIVE", created_days_ago=3), request("ACTIVE", created_days_ago=2)])
    result = host.once()
    assert host.conditions() == [("stalled", "Ambiguous")] and not writes(simulator)
    assert len(result.events.of("several")) == 1
    assert not host.once().events.of("several")


@pytest.mark.parametrize("undesired,status,operations,condition", [
    ("keep", "ACTIVE", [], ("orphaned", "Undesired")),
    ("revoke", "ACTIVE", ["UpdateAssessmentFrameworkShare"], ("orphaned", "Undesired")),
    ("revoke", "SHARED", [], ("orphaned", "Irrevocable")),
    ("revoke-and-delete", "SHARED", ["DeleteAssessmentFrameworkShare"], ("orphaned", "Irrevocable")),
    ("revoke-and-delete", "DECLINED", ["DeleteAssessmentFrameworkShare"], ("unmanaged", "Undesired")),
    ("revoke", "DECLINED", [], ("unmanaged", "Undesired")),
])
def test_no_longer_declared(world, undesired, status, operations, condition):
    simulator, host = world(requests=[request(status)], settings={"policy": {"undesired": undesired}})
    host.once()
    host.shares()
    result = host.once()
    assert [w["operation"] for w in writes(simulator)] == operations, result.err
    assert host.conditions() == [condition]
    assert len(result.events.of("revoked")) == len(operations)
    host.once()
    host.once()
    expected = operations + (["DeleteAssessmentFrameworkShare"] if operations == ["UpdateAssessmentFrameworkShare"]
                             and undesired == "revoke-and-delete" else [])
    assert [w["operation"] for w in writes(simulator)] == expected


def test_revoked_by_us_and_desired_again(world):
    simulator, host = world(settings={"policy": {"undesired": "revoke"}})
    host.once()
    host.shares()
    assert host.once().events.statuses() == [("ACTIVE", "REVOKED")]
    host.shares(framework())
    assert host.once().status == 0
    assert [w["operation"] for w in writes(simulator)] == [STARTS, "UpdateAssessmentFrameworkShare", STARTS]


def test_observe_mode_writes_nothing(world):
    simulator, host = world(settings={"mode": "observe"})
    result = host.once()
    assert result.status == 0 and not writes(simulator)
    assert host.share()["action"] == "start"


def test_guards(world):
    simulator, host = world(settings={"limits": {"writes_per_pass": 3}})
    host.shares(framework(recipients=many(4)))
    result = host.once()
    assert result.status == 1 and not writes(simulator)
    assert len(result.events.of("refused")) == 1 and not result.events.of("completed")
    assert not host.once().events.of("refused")
    host.shares(framework(recipients=many(3)))
    assert host.once().status == 0 and len(writes(simulator)) == 3


def test_guard_of_revocations(world):
    simulator, host = world(settings={"limits": {"revokes_per_pass": 2}, "policy": {"undesired": "revoke"}})
    host.shares(framework(recipients=many(3)))
    host.once()
    host.shares()
    assert host.once().status == 1 and len(writes(simulator)) == 3


def test_quota_of_accounts(world):
    simulator, host = world(settings={"limits": {"recipient_accounts": 2}})
    host.shares(framework(recipients=list(reversed(many(3)))))
    host.once()
    assert host.share("700000000000")["reason"] == "Quota", "the later ones in file order"
    assert len(writes(simulator)) == 2


def test_order_of_writes(world):
    old = [dict(request("EXPIRED"), to_account="200000000001"),
           dict(request("EXPIRING", created_days_ago=95), to_account="200000000002"),
           dict(request("EXPIRING", created_days_ago=110), to_account="200000000003")]
    simulator, host = world(requests=old, settings={"limits": {"concurrency": 1}})
    host.shares(framework(recipients=[(str(200000000000 + i), TO) for i in range(4)]))
    assert host.once().status == 0
    assert [w["destination_account"][-1] for w in writes(simulator)] == ["3", "2", "0", "1"]


def test_2500_records_in_pages(world):
    simulator, host = world(bulk={"requests": 2500, "framework": "Baseline", "status": "SHARED"})
    host.shares(framework(recipients=[("200000000000", "us-east-1")]))
    result = host.once()
    assert result.status == 0 and result.events.of("completed")[0]["PASS_OBSERVED"] == "2500"
    assert len([c for c in simulator.log() if c["operation"] == "ListAssessmentFrameworkShareRequests"]) == 3
    assert len(result.events.of("status")) == 2500
    assert not host.once().events.of("status")
    assert not writes(simulator)


LISTING = "ListAssessmentFrameworkShareRequests"


@pytest.mark.parametrize("operation,fault", [
    (LISTING, {"kind": "status", "status": 500, "nth": 3, "count": 0}),
    (LISTING, {"kind": "reset", "nth": 3, "count": 0}),
    (LISTING, {"kind": "truncate", "nth": 2, "count": 0}),
    (LISTING, {"kind": "token_repeat", "nth": 2, "count": 0}),
    (LISTING, {"kind": "token_endless", "count": 0}),
    (LISTING, {"kind": "token_endless", "count": 0, "wrap": True}),
    (LISTING, {"kind": "no_list", "nth": 2}),
    (LISTING, {"kind": "null_list", "nth": 2}),
    (LISTING, {"kind": "wrong_type"}),
    (LISTING, {"kind": "unreadable", "field": "destinationAccount", "nth": 2}),
    (LISTING, {"kind": "unreadable", "field": "frameworkId"}),
    (LISTING, {"kind": "content_type", "content_type": "text/html", "nth": 1, "count": 0}),
    (LISTING, {"kind": "body", "body": "{", "nth": 2, "count": 0}),
    (LISTING, {"kind": "body", "body": "[" * 100000, "count": 0}),
    (LISTING, {"kind": "body", "body": "x" * 1000, "repeat": 40000000, "count": 0}),
    (LISTING, {"kind": "redirect", "location": "http://127.0.0.1:1/", "count": 0}),
    (LISTING, {"kind": "status", "status": 403, "code": "AccessDeniedException", "message": "no", "count": 0}),
    ("ListAssessmentFrameworks", {"kind": "no_list"}),
    ("ListAssessmentFrameworks", {"kind": "status", "status": 503, "count": 0}),
])
def test_a_listing_that_is_not_whole_writes_nothing(world, operation, fault):
    simulator, host = world(bulk={"requests": 2500, "framework": "Baseline", "status": "SHARED"})
    simulator.fault(operation, **fault)
    result = host.once()
    if fault["kind"] == "content_type":  # bytes decide, not what they are called
        assert result.status == 0
        return
    assert result.status == 1 and not writes(simulator), result.err
    assert len(result.events.of("refused")) == 1 and not result.events.of("completed")
    assert host.status()["sources"][0]["error"]


def test_a_listing_that_fails_keeps_the_last_condition(world):
    simulator, host = world(requests=[request("SHARED")])
    host.once()
    simulator.fault(LISTING, kind="status", status=500, count=0)
    assert host.once().status == 1
    assert host.conditions() == [("ready", "Shared")]
    simulator.clear_faults()
    assert host.once().status == 0
    assert host.status()["sources"][0]["error"] is None


@pytest.mark.parametrize("field,reason", [("status", "Unreadable"), ("creationTime", "Unreadable"), ("id", "Unreadable")])
def test_a_record_that_cannot_be_read_is_held(world, field, reason):
    simulator, host = world(requests=[request("EXPIRING")])
    simulator.fault(LISTING, kind="unreadable", field=field, count=0)
    host.once()
    assert host.conditions() == [("held", reason)] and not writes(simulator)


def test_records_listed_twice_count_once(world):
    simulator, host = world(requests=[request("ACTIVE")])
    simulator.fault(LISTING, kind="duplicate", count=0)
    assert host.once().status == 0
    assert host.conditions() == [("pending", "AwaitingRecipient")]


@pytest.mark.parametrize("fault", [
    {"kind": "reset"}, {"kind": "reset", "plain": True}, {"kind": "status", "status": 500},
    {"kind": "status", "status": 503}, {"kind": "truncate"}, {"kind": "body", "body": "{}"}, {"kind": "body", "body": "not JSON"},
    {"kind": "status", "status": 504, "code": "InternalServerException"},
])
def test_an_answer_that_is_lost_after_the_start(world, fault):
    simulator, host = world(settings={"settle": "1h"})
    if fault["kind"] == "truncate":
        simulator.fault(STARTS, **fault)
    else:
        simulator.fault(STARTS, when="after", **fault)
    result = host.once()
    assert result.status == 1 and len(writes(simulator)) == 1
    assert len(result.events.of("unknown")) == 1 and not result.events.of("started")
    simulator.clear_faults()
    second = host.once()
    assert second.status == 0 and len(writes(simulator)) == 1, "list before deciding"
    assert second.events.statuses() == [(None, "ACTIVE")]
    assert len(simulator.requests()) == 1


def test_a_start_that_was_not_processed_waits_for_settle(world):
    simulator, host = world(settings={"settle": "1h"})
    simulator.fault(STARTS, kind="reset", when="before")
    host.once()
    second = host.once()
    assert host.conditions() == [("progressing", "Started")] and host.share()["action"] == "wait"
    assert len(writes(simulator)) == 1
    host.settings(settle="0s")
    assert len(host.once().events.of("started")) == 1
    assert len(simulator.requests()) == 1


def test_listing_lag_does_not_send_twice(world):
    simulator, host = world(settings={"settle": "1h"}, options={"lag": 3600})
    host.once()
    for _ in range(3):
        assert host.once().status == 0
    assert len(writes(simulator)) == 1
    assert host.conditions() == [("progressing", "Started")]


def test_throttling_is_waited_out(world):
    simulator, host = world()
    simulator.fault(STARTS, kind="status", status=429, code="ThrottlingException", count=2)
    result = host.once(env={"AWS_MAX_ATTEMPTS": "3"})
    assert result.status == 0, result.err
    assert len(simulator.requests()) == 1 and len(writes(simulator)) == 3


def test_pace_keeps_below_the_quota(tmp_path):
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=20, quota=0) as simulator:
        host = Host(tmp_path, simulator, limits={"requests_per_second": 20}, **QUICK)
        host.shares(framework(recipients=many(45)))
        assert host.once().status == 0
        assert not [c for c in simulator.log() if c.get("code") == "ThrottlingException"]


@pytest.mark.parametrize("code,status,reason,condition", [
    ("ValidationException", 400, "Invalid", "stalled"),
    ("ResourceNotFoundException", 404, "FrameworkMissing", "stalled"),
    ("AccessDeniedException", 403, "AccessDenied", "progressing"),
    ("ServiceQuotaExceededException", 402, "Quota", "held"),
    ("SomethingNewException", 409, "RequestFailed", "progressing"),
])
def test_refusals(world, code, status, reason, condition):
    simulator, host = world()
    host.shares(framework(recipients=many(2)))
    simulator.fault(STARTS, kind="status", status=status, code=code, message="because", nth=1)
    host.settings(limits={"concurrency": 1}, **QUICK)
    result = host.once()
    assert result.status == 1 and len(result.events.of("started")) == 1, "the other share goes on"
    failed = result.events.of("failed")
    assert len(failed) == 1 and failed[0]["AWS_ERROR_CODE"] == code and failed[0]["HTTP_STATUS"] == str(status)
    assert host.share("700000000000")["reason"] == reason and host.share("700000000000")["condition"] == condition
    again = host.once()
    assert again.status == 0 and len(writes(simulator)) == 2
    assert host.share("700000000000")["condition"] == condition
    if condition == "stalled":
        host.shares(framework(recipients=many(2), comment="changed"))
        assert len(host.once().events.of("started")) == 1


def test_an_error_type_that_is_no_text(world):
    simulator, host = world()
    simulator.fault(LISTING, kind="status", status=403, body="{}", headers={"x-amzn-errortype": "Odd\u00e9\u00ff"}, count=0)
    result = host.once()
    assert result.status == 1 and host.status()["sources"][0]["error"]


def test_account_without_audit_manager(world):
    simulator, host = world(accounts={SENDER: {"audit_manager": False}})
    result = host.once()
    assert result.status == 1
    assert "NotSetUp" in host.status()["sources"][0]["error"]


def test_expired_credentials_are_said_once(world):
    simulator, host = world()
    host.env["AWS_SECRET_ACCESS_KEY"] = "wrong"
    result = host.once()
    assert result.status == 1 and len(result.events.of("credentials")) == 1
    again = host.once()
    assert not again.events.of("credentials") and not again.events.of("refused")
    host.env["AWS_SECRET_ACCESS_KEY"] = sim.SENDER_KEY[1]
    assert host.once().status == 0


def test_credentials_lost_and_back_are_each_said_once(world):
    simulator, host = world()
    said = []
    for secret in (sim.SENDER_KEY[1], "wrong", "wrong", sim.SENDER_KEY[1], "wrong"):
        host.env["AWS_SECRET_ACCESS_KEY"] = secret
        said.append([e["PRIORITY"] for e in host.once().events.of("credentials")])
    assert said == [[], ["3"], [], ["5"], ["3"]]


def test_from_one_unknown_status_to_another(world):
    simulator, host = world(requests=[request("FROZEN")])
    host.once()
    simulator.set_status("THAWED", framework="Baseline", account=RECIPIENT, region=TO)
    assert [e["SHARE_STATUS"] for e in host.once().events.of("status")] == ["THAWED"]
    assert not host.once().events.of("status")


def test_a_long_name_is_cut_at_a_character(world):
    name = "a" + "é" * 299
    simulator, host = world(frameworks=[sim.framework(name)])
    host.shares(framework(name))
    started = host.once().events.of("started")
    assert len(started) == 1 and started[0]["MESSAGE"].startswith('Started share of "a') and started[0]["SHARE_FRAMEWORK_NAME"] == name


@pytest.mark.parametrize("call,when", [("linkat", 1), ("renameat", 1), ("openat", 30), ("ftruncate", 1), ("fsync", 1), ("fsync", 2)])
def test_killed_while_damaged_memory_is_set_aside(world, call, when):
    simulator, host = world(settings={"settle": "1h"}, options={"lag": 3600})
    host.once()
    log = host.state / "memory.log"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:1] + ["X" + lines[1]] + lines[2:]))
    subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={when}",
                    *host.command(DAEMON, "--once")], env=host.env, capture_output=True, timeout=60, check=False)
    host.once()
    assert len(writes(simulator)) == 1
    assert [p.name for p in host.state.iterdir() if "damaged" in p.name]


def test_no_credentials(world):
    simulator, host = world()
    del host.env["AWS_ACCESS_KEY_ID"], host.env["AWS_SECRET_ACCESS_KEY"]
    result = host.once()
    assert result.status == 1 and not simulator.log()


def test_corrupt_memory_is_set_aside_and_nothing_is_sent_twice(world):
    simulator, host = world(settings={"settle": "1h"}, options={"lag": 3600})
    host.once()
    (host.state / "memory.log").write_text("garbage\n" * 50)
    result = host.once()
    assert len(result.events.of("rebuilt")) == 1 and len(writes(simulator)) == 1
    assert [p.name for p in host.state.iterdir() if "damaged" in p.name]
    assert not host.once().events.of("rebuilt") and len(writes(simulator)) == 1
    host.settings(settle="0s")
    simulator.settings(lag=0)
    host.once()
    assert host.conditions() == [("pending", "AwaitingRecipient")] and len(writes(simulator)) == 1


def small_disk():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def test_a_full_disk_stops_before_anything_is_sent(world):
    simulator, host = world()
    host.once()
    host.shares(framework(recipients=many(5)))
    result = host.once(preexec_fn=small_disk)
    assert result.status == 1 and len(writes(simulator)) == 1
    assert len(result.events.of("refused")) == 1
    assert host.once().status == 0 and len(writes(simulator)) == 6


def test_state_that_cannot_be_made(world):
    simulator, host = world()
    host.env["STATE_DIRECTORY"] = "/proc/nowhere"
    result = host.once()
    assert result.status == 1 and not simulator.log()


def test_several_sources_do_not_hold_each_other_up(world):
    simulator, host = world(frameworks=[sim.framework("Baseline", region="us-east-1")])
    host.settings(sources={"good": {"account": SENDER, "region": REGION},
                           "bad": {"account": SENDER, "region": "us-east-1", "endpoint_url": "http://127.0.0.1:1"}}, **QUICK)
    host.shares(framework(source="good"), framework(source="bad"))
    result = host.once()
    assert result.status == 1 and len(result.events.of("started")) == 1
    errors = {s["name"]: s["error"] for s in host.status()["sources"]}
    assert errors["good"] is None and errors["bad"]


def test_metrics_and_status_line(world):
    simulator, host = world(requests=[request("SHARED")])
    host.once()
    text = (host.runtime / "auditshared.prom").read_text()
    assert 'auditshared_shares{source="governance",condition="ready"} 1' in text
    assert 'auditshared_share_requests{source="governance",status="SHARED"} 1' in text
    assert 'auditshared_api_requests_total{source="governance",operation="ListAssessmentFrameworks",code="200"} 1' in text
    assert oct((host.runtime / "status.json").stat().st_mode & 0o777) == "0o644"


def test_bad_configuration_is_78(world):
    simulator, host = world()
    host.shares(framework(colour="blue"))
    result = host.once()
    assert result.status == 78 and len(result.events.of("config-refused")) == 1
    assert "colour" in result.err and not simulator.log()


def test_text_log_and_help(world):
    simulator, host = world()
    result = host.once("--log-format", "text")
    assert 'Started share of "Baseline" with 444455556666 in eu-west-2' in result.err
    assert host.once("--no-such-option").status == 2
    assert "--once" in host.once("--help").out
    assert json.loads(json.dumps(host.once("--version").out)).startswith("auditshared ")


WRONG_ARGUMENTS = [
    (["--log-format", "xml"], "--log-format wants text or json, not xml"),
    (["shares.yaml"], "unexpected argument shares.yaml"),
    (["--shares", "x"] * 65, "too many --shares"),
]


@pytest.mark.parametrize("arguments,words", WRONG_ARGUMENTS, ids=[words for _, words in WRONG_ARGUMENTS])
def test_wrong_arguments_are_refused_in_a_line(world, arguments, words):
    simulator, host = world()
    result = host.once(*arguments)
    assert (result.status, result.err) == (2, f"auditshared: {words}; see 'auditshared --help'\n")
    assert not simulator.log()
