# SPDX-License-Identifier: Apache-2.0

"""
Plans: what people read, and plans that are saved, looked at, and applied as they are or not at all

The real binary against the simulator. What is compared as a whole is compared as text, with only ids and
ages replaced.
"""

import json
import os
import pathlib
import re
import stat
import subprocess
import time

import pytest

from simulator import RECIPIENT, REGION, SENDER, Simulator, framework, key, seed
from test_ctl import OTHER, START, World

TOP = pathlib.Path(__file__).resolve().parents[2]
NEW_YEAR = "2026-01-01T00:00:00Z"


@pytest.fixture
def simulator():
    with Simulator(seed=seed(accounts={OTHER: {"audit_manager": True}}), rate=0) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def world(simulator, tmp_path):
    return World(simulator, tmp_path)


def plain(text):
    """Without colours, and with ids that are the same everywhere."""
    return re.sub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", re.sub("\x1b\\[[0-9;]*m", "", text))


def request(account, region, status, days=3, **more):
    return {"framework": "Baseline", "to_account": account, "to_region": region, "status": status,
            "created_days_ago": days, **more}  # fmt: skip


def at_terminal(world, *args, columns=80, **env):
    terminal = world.terminal(*args, columns=columns, **env)
    assert terminal.end() == 0
    return terminal.output


# --- for people ---


@pytest.fixture
def small(simulator, world):
    """A share of each kind in which a plan can show one to somebody who never ran the service."""
    simulator.add(
        requests=[
            request(RECIPIENT, "eu-central-1", "EXPIRING", days=96),
            request(RECIPIENT, "us-east-1", "DECLINED"),
            request(OTHER, "us-east-2", "FAILED"),
            request(OTHER, "us-west-2", "EXPIRED", days=130),
            request(OTHER, "eu-central-1", "SHARED"),
        ]
    )
    recipients = [(RECIPIENT, "eu-central-1"), (RECIPIENT, "eu-west-2"), (RECIPIENT, "us-east-1"),
                  (OTHER, "us-east-2"), (OTHER, "us-west-2"), (OTHER, "eu-central-1")]  # fmt: skip
    return world.share(*recipients)


PIPED = """\
Symbols: + start, ~ resend, ! held, stalled or orphaned

Baseline (ID, source governance)
  ~ 444455556666 eu-central-1 EXPIRING resend: expires in 23 days, renewal 1 of 2
  + 444455556666 eu-west-2    -        start: nothing has been sent yet
  ! 444455556666 us-east-1    DECLINED held: the recipient declined; policy 'declined: reshare' sends it again
    777788889999 us-east-2    FAILED   wait 15min: the last request failed, then attempt 1 of 5
  + 777788889999 us-west-2    EXPIRED  start: the invitation ended unanswered, renewal 1 of 2

Plan: 2 to start, 1 to resend, 0 to revoke, 0 to delete; 1 unchanged, 1 held or stalled, 1 waiting.
"""

AT_80_COLUMNS = """\
Baseline (ID, source governance)
  ~ 444455556666 eu-central-1 EXPIRING resend: expires in 23 days,
                                       renewal 1 of 2
  + 444455556666 eu-west-2    -        start: nothing has been sent yet
  ! 444455556666 us-east-1    DECLINED held: the recipient declined
      policy 'declined: reshare' sends it again
    777788889999 us-east-2    FAILED   wait 15min: the last request failed, then
                                       attempt 1 of 5
  + 777788889999 us-west-2    EXPIRED  start: the invitation ended unanswered,
                                       renewal 1 of 2

Plan: 2 to start, 1 to resend, 0 to revoke, 0 to delete; 1 unchanged, 1 held or
      stalled, 1 waiting.
"""

AT_60_COLUMNS = """\
Baseline
  (ID, source governance)
  ~ 444455556666 eu-central-1 EXPIRING
      resend: expires in 23 days, renewal 1 of 2
  + 444455556666 eu-west-2    -
      start: nothing has been sent yet
  ! 444455556666 us-east-1    DECLINED
      held: the recipient declined
      policy 'declined: reshare' sends it again
    777788889999 us-east-2    FAILED
      wait 15min: the last request failed, then
      attempt 1 of 5
  + 777788889999 us-west-2    EXPIRED
      start: the invitation ended unanswered, renewal 1 of 2

Plan: 2 to start, 1 to resend, 0 to revoke, 0 to delete; 1
      unchanged, 1 held or stalled, 1 waiting.
"""


def settled(text):
    """Backoff has a jitter of its share."""
    return re.sub(r"wait 1[56]min", "wait 15min", plain(text))


def test_a_small_plan_in_a_file(small):
    done = small.run("plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert settled(done.stdout) == PIPED


@pytest.mark.parametrize("columns, text", [(80, AT_80_COLUMNS), (60, AT_60_COLUMNS)], ids=[80, 60])
def test_a_small_plan_at_a_terminal(small, columns, text):
    output = at_terminal(small, "plan", columns=columns)
    assert "\x1b[" in output
    assert settled(output) == text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colours_a_terminal_has_the_legend(small, env):
    output = at_terminal(small, "plan", **env)
    assert "\x1b" not in output
    assert settled(output) == "Symbols: + start, ~ resend, ! held, stalled or orphaned\n\n" + AT_80_COLUMNS


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 132])
def test_nothing_is_wider_than_the_terminal(small, simulator, columns):
    name = "A framework whose name goes on and on, " * 4
    simulator.add(frameworks=[framework(name.strip())])
    small.frameworks.append(small.declare(name.strip(), {RECIPIENT: ["eu-west-2"]}, suspend=True))
    output = plain(at_terminal(small, "plan", "--all", columns=columns).replace("\r", ""))
    # What cannot be broken is an id.
    assert all(len(line) <= max(columns, 46) for line in output.splitlines())


def test_the_legend_has_what_occurs(world):
    assert world.run("plan").stdout.startswith("Symbols: + start\n\n")
    world.frameworks = []
    assert world.run("plan").stdout == "No changes. 0 unchanged.\n"


# --- reasons and remedies ---


def line_of(world, region, *args):
    (line,) = [line for line in world.run("plan", *args).stdout.splitlines() if f" {region} " in line]
    return line


def test_renewals_are_counted_until_there_are_no_more(simulator, world):
    world.settings = {"settle": "0s", "policy": {"max_renewals": 2}}
    simulator.add(requests=[request(RECIPIENT, "eu-west-2", "EXPIRING", days=95)])
    for n in (1, 2):
        assert f"renewal {n} of 2" in line_of(world, "eu-west-2")
        assert world.run("apply").returncode == 0
        simulator.advance(days=95)
    line = line_of(world, "eu-west-2")
    assert line.endswith(
        "EXPIRING stalled: sent again 2 times (max_renewals); 'auditsharectl reset "
        f'"Baseline/{RECIPIENT}/eu-west-2"\' lets it begin anew'
    )

    # The command that is named does what is said.
    argument = re.search('reset "(.*?)"', line)[1]
    assert world.run("reset", argument).returncode == 0
    assert "renewal 1 of 2" in line_of(world, "eu-west-2")


def test_attempts_are_counted(simulator, world):
    world.settings = {"settle": "0s", "policy": {"max_attempts": 2}}
    assert world.run("apply").returncode == 0
    assert simulator.fail(framework="Baseline", account=RECIPIENT, region="eu-west-2")
    assert world.run("apply").returncode == 0  # sees that it failed
    line = line_of(world, "eu-west-2")
    assert re.search("wait 1[56]min: the last request failed, then attempt 2 of 2$", line)
    assert world.run("reset", "Baseline").returncode == 0
    assert "start: the last request failed, attempt 1 of 2" in line_of(world, "eu-west-2")


def test_attempts_that_are_used_up(simulator, world):
    world.settings = {"settle": "0s", "policy": {"max_attempts": 1}}
    assert world.run("apply").returncode == 0
    assert simulator.fail(framework="Baseline", account=RECIPIENT, region="eu-west-2")
    assert world.run("apply").returncode == 0
    line = line_of(world, "eu-west-2")
    assert line.endswith(
        "FAILED stalled: failed 1 time (max_attempts); 'auditsharectl reset "
        f'"Baseline/{RECIPIENT}/eu-west-2"\' lets it begin anew; is Audit Manager enabled there?'
    )


HELD = {
    "suspended": ({"suspend": True}, {},
                  "held: suspended in the shares file; 'suspend: false' lets it go on"),
    "pin": ({"pin": NEW_YEAR}, {}, f"held: newer than its pin {NEW_YEAR}; move the pin"),
    "quota": ({}, {"limits": {"recipient_accounts": 1}},
              "held: the quota of 1 recipient account is used up (limits.recipient_accounts); "
              "raise it, at AWS too, or declare fewer"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELD)
def test_what_holds_a_share_names_its_key(world, kind):
    more, settings, words = HELD[kind]
    world.settings = settings
    world.share((OTHER, "us-east-1"), (RECIPIENT, "eu-west-2"), **more)
    lines = world.run("plan").stdout.splitlines()
    # With two that are held alike it is said once, below them.
    if kind == "quota":
        assert any(line.endswith(words) for line in lines), lines
    else:
        held, _, remedy = words.partition("; ")
        assert sum(line.endswith(f" - {held}") for line in lines) == 2
        reason = {"suspended": "Suspended", "pin": "NewerThanPin"}[kind]
        assert f"    2 held ({reason}): {remedy}" in lines


def test_a_command_for_many_is_said_once_for_each_framework(simulator, world):
    regions = ["eu-central-1", "eu-west-2", "us-east-1"]
    simulator.add(
        frameworks=[framework("Second")],
        requests=[request(RECIPIENT, region, "DECLINED") for region in regions],
    )
    world.frameworks = [world.declare("Baseline", {RECIPIENT: regions})]
    assert world.run("apply").returncode == 0
    text = world.run("plan").stdout
    assert text.count("held: the recipient declined\n") == 3
    assert text.count("auditsharectl reset") == 1
    assert (
        "    3 held (Declined): 'auditsharectl reset \"Baseline/ACCOUNT/REGION\"' sends one once more; "
        "policy 'declined: reshare' does so each time\n" in text
    )


@pytest.mark.parametrize("name", ['Say "hi"', "It costs $HOME", "back`tick`", "slash/name", "bell\x07name"])
def test_a_name_that_a_shell_would_not_take_goes_by_its_id(simulator, world, name):
    simulator.add(frameworks=[framework(name)])
    simulator.add(requests=[{**request(RECIPIENT, "eu-west-2", "DECLINED"), "framework": name}])
    world.share((RECIPIENT, "eu-west-2"), name=name)
    world.run("apply")
    text = world.run("plan").stdout
    assert "\x07" not in text
    assert f'\'auditsharectl reset "ID/{RECIPIENT}/eu-west-2"\'' in plain(text)


def test_a_source_is_named_where_there_are_several(simulator, world):
    world.sources = {"one": {}, "two": {"region": "us-east-1"}}
    simulator.add(requests=[request(RECIPIENT, "eu-west-2", "DECLINED")])
    world.share((RECIPIENT, "eu-west-2"), source="one")
    assert world.run("apply").returncode == 0
    (argument,) = re.findall('reset "(.*?)"', world.run("plan").stdout)
    assert argument == f"one/Baseline/{RECIPIENT}/eu-west-2"
    assert world.run("reset", argument).returncode == 0


# --- many shares ---


@pytest.fixture
def crowd(world):
    """10,000 shares: 10 frameworks, 100 accounts, 10 Regions."""
    regions = ["ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
               "eu-central-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-2"]  # fmt: skip
    accounts = [f"{n:012}" for n in range(300000000001, 300000000101)]
    names = [f"Framework {n}" for n in range(10)]
    world.simulator.add(frameworks=[framework(name) for name in names])
    world.frameworks = [world.declare(name, dict.fromkeys(accounts, regions)) for name in names]
    world.settings = {"limits": {"writes_per_pass": 20000, "recipient_accounts": 100}}
    return world


def test_ten_thousand_shares_stay_readable(crowd):
    lines = crowd.run("plan").stdout.splitlines()
    assert len(lines) < 120
    assert sum(" start: nothing has been sent yet" in line for line in lines) == 60
    folds = [line for line in lines if " more: " in line]
    assert len(folds) == 10
    # Each Region but for the five that are shown.
    shown = re.match(r"  \+ 995 more: start: nothing has been sent yet \((.*)\)$", folds[0])[1]
    counts = dict(part.split() for part in shown.split(", "))
    assert len(counts) == 10 and sum(map(int, counts.values())) == 995
    assert list(counts.values()) == sorted(counts.values(), key=int, reverse=True)
    assert lines[-1].startswith("Plan: 10000 to start, ")

    assert all(len(line) <= 80 for line in plain(at_terminal(crowd, "plan")).splitlines())


def test_all_unfolds(crowd):
    text = crowd.run("plan", "--all").stdout
    assert " more: " not in text and text.count("start: nothing has been sent yet") == 10000


def test_times_that_differ_are_a_range_in_a_fold(simulator, world):
    """Each EXPIRING one ends at another day, and yet they are alike; what was counted otherwise is not."""
    accounts = [f"{n:012}" for n in range(300000000001, 300000000031)]
    simulator.add(accounts={account: {"audit_manager": True} for account in accounts})
    requests = [request(a, "eu-west-2", "EXPIRING", days=91 + i % 20) for i, a in enumerate(accounts)]
    simulator.add(requests=requests)
    world.share(*[(account, "eu-west-2") for account in accounts], (OTHER, "eu-west-2"))
    text = world.run("plan").stdout
    assert text.count("resend: expires in") == 6
    assert "  ~ 25 more, EXPIRING: resend: expires in 9 to 28 days, renewal 1 of 2 (eu-west-2 25)\n" in text
    assert f"  + {OTHER} eu-west-2 -        start: nothing has been sent yet\n" in text


@pytest.mark.parametrize("n, folded", [(20, False), (21, True)])
def test_more_than_twenty_are_folded(world, n, folded):
    accounts = [f"{300000000000 + i:012}" for i in range(n)]
    world.share(*[(account, "eu-west-2") for account in accounts])
    text = world.run("plan").stdout
    assert (f"  + {n - 5} more: start: nothing has been sent yet (eu-west-2 {n - 5})\n" in text) == folded
    assert text.count("start: nothing") == (6 if folded else n)


# --- saved plans ---


@pytest.fixture
def file(tmp_path):
    return tmp_path / "plan.json"


@pytest.fixture
def saved(world, file):
    """A plan of two starts and a resend, saved."""
    world.simulator.add(requests=[request(RECIPIENT, "eu-central-1", "EXPIRING", days=95)])
    world.share((RECIPIENT, "eu-west-2"), (RECIPIENT, "eu-central-1"), (OTHER, "us-east-1"))
    done = world.run("plan", "--out", str(file))
    assert done.returncode == 0 and f"auditsharectl apply '{file}'" in done.stderr
    return world


def writes(world):
    return sum(len(world.simulator.log(name)) for name in (
        START, "UpdateAssessmentFrameworkShare", "DeleteAssessmentFrameworkShare"))  # fmt: skip


def refused(world, file, *words):
    """Nothing is written, and each of these is said in a line of its own."""
    before = writes(world)
    done = world.run("apply", str(file))
    assert done.returncode == 1 and writes(world) == before, done
    assert done.stdout == "" and "Refused" in done.stderr.splitlines()[-1]
    for word in words:
        assert sum(bool(re.search(word, line)) for line in done.stderr.splitlines()) == 1, (word, done.stderr)
    return done.stderr


def test_a_saved_plan_says_what_it_is(saved, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_text())
    assert list(document) == ["version", "program", "made", "configuration", "sources", "checksum"]
    assert document["version"] == 1 and re.fullmatch(r"auditshared \d+\.\d+\.\d+", document["program"])
    (source,) = document["sources"]
    assert (source["name"], source["account"], source["region"]) == ("governance", SENDER, REGION)
    assert len(source["observed"]["share_requests"]) == 16 and len(source["observed"]["frameworks"]) == 16
    assert [(w["account"], w["region"], w["action"], w["reason"]) for w in source["writes"]] == [
        (RECIPIENT, "eu-central-1", "resend", "Expiring"),
        (RECIPIENT, "eu-west-2", "start", "Started"),
        (OTHER, "us-east-1", "start", "Started"),
    ]


def test_what_is_shown_is_the_same_with_and_without_a_file(saved, file):
    assert saved.run("plan").stdout == saved.run("plan", "--out", str(file)).stdout
    assert saved.json("plan") == saved.json("plan", "--out", str(file))


def test_a_saved_plan_is_applied_once_and_without_asking(saved, file):
    terminal = saved.terminal("apply", str(file))
    assert terminal.end() == 0, terminal.output
    assert "accepted" not in terminal.output and "2 started, 1 resent" in terminal.output
    assert "start: nothing has been sent yet" in terminal.output
    assert writes(saved) == 3
    refused(saved, file, r"source governance: \d share requests differ from what the plan was made from")


def test_a_saved_plan_of_nothing(world, file):
    world.frameworks = []
    assert world.run("plan", "--out", str(file)).returncode == 0
    for _ in range(2):
        done = world.run("apply", str(file))
        assert (done.returncode, done.stdout) == (0, "No changes. 0 unchanged.\n")


def test_detailed_exit_status_of_a_plan_that_is_saved(saved, file):
    assert saved.run("plan", "--detailed-exitcode", "--out", str(file)).returncode == 2


def test_applied_in_json(saved, file):
    done = saved.json("apply", str(file))
    assert done["changes"] == 3


def test_guards_count_for_a_saved_plan(saved, file):
    saved.settings = {"limits": {"writes_per_pass": 2}}
    assert saved.run("plan", "--out", str(file)).returncode == 0
    done = saved.run("apply", str(file))
    assert done.returncode == 1 and writes(saved) == 0 and "--allow-writes 3" in done.stderr
    assert saved.run("apply", "--allow-writes", "3", str(file)).returncode == 0
    assert writes(saved) == 3


def test_mode_observe_writes_nothing(saved, file):
    saved.settings = {"mode": "observe"}
    assert saved.run("plan", "--out", str(file)).returncode == 0
    done = saved.run("apply", str(file))
    assert done.returncode == 0 and writes(saved) == 0
    assert "mode is observe: nothing was written" in done.stderr


# --- what has changed since ---


def test_other_files(saved, file):
    saved.settings = {"interval": "1h"}
    refused(saved, file, "the settings or the shares files are not those that the plan was made from")
    saved.settings = {}
    saved.frameworks[0]["comment"] = "Owner GRC"
    refused(saved, file, "the settings or the shares files are not those")
    assert saved.simulator.log("ListAssessmentFrameworks", after=saved.simulator.last_seq()) == []


def test_another_account_or_region(saved, file):
    saved.sources = {"governance": {"account": OTHER, "region": "us-east-2"}}
    calls = saved.simulator.stats()["calls"]
    refused(saved, file, f"source governance: the plan was made for account {SENDER}, and it is {OTHER} now",
            f"source governance: the plan was made for Region {REGION}, and it is us-east-2 now")  # fmt: skip
    assert saved.simulator.stats()["calls"] == calls


def test_a_source_by_another_name(saved, file):
    saved.sources = {"grc": {}}
    refused(saved, file, "source governance: the plan has it, and the settings do not",
            "source grc: the settings have it, and the plan does not")  # fmt: skip


def test_another_identity(saved, file):
    """Whoever signs in is the account of the source, or nothing is asked of it."""
    saved.simulator.add(keys=[key("AKIAOTHER00000000001", "o", OTHER)])
    saved.env.update(AWS_ACCESS_KEY_ID="AKIAOTHER00000000001", AWS_SECRET_ACCESS_KEY="o")
    done = saved.run("apply", str(file))
    assert done.returncode == 1 and writes(saved) == 0 and OTHER in done.stderr


PENDING = {"framework": "Baseline", "account": RECIPIENT, "region": "eu-central-1"}

CHANGES = {
    "a request": (lambda s: s.decline(**PENDING),
                  "1 share request differs from"),
    "a new request of somebody else": (lambda s: s.add(requests=[request(OTHER, "us-west-2", "ACTIVE")]),
                                       "1 share request differs from"),
    "a request that is gone": (lambda s: s.delete_request(**PENDING),
                               "1 share request differs from"),
    "a framework": (lambda s: s.update_framework("Baseline"), "1 framework differs from"),
    "a new framework": (lambda s: s.add(frameworks=[framework("Second")]), "1 framework differs from"),
    "both": (lambda s: (s.update_framework("Baseline"), s.revoke(**PENDING)),
             "1 share request and 1 framework differ from"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_another_observation(saved, file, what):
    change, words = CHANGES[what]
    time.sleep(0.01)
    change(saved.simulator)
    refused(saved, file, f"source governance: {words} what the plan was made from")
    # A new plan is good again.
    assert saved.run("plan", "--out", str(file)).returncode == 0
    assert saved.run("apply", str(file)).returncode == 0


def test_time_that_has_passed(simulator, world, file):
    """Nothing is listed that was not before: but what was to wait is to be sent now."""
    world.settings = {"settle": "2s"}
    simulator.add(requests=[request(RECIPIENT, "eu-central-1", "SHARED")])
    simulator.settings(lag=3600)
    world.share((RECIPIENT, "eu-west-2"), (RECIPIENT, "eu-central-1"))
    assert world.run("apply").returncode == 0
    done = world.run("plan", "--out", str(file))
    assert "wait" in done.stdout and json.loads(file.read_text())["sources"][0]["writes"] == []
    time.sleep(2.1)
    refused(world, file,
            f'share of "Baseline" with {RECIPIENT} in eu-west-2: the plan has nothing to write, and now '
            r"there is start \(Started\)")  # fmt: skip


def test_what_was_to_be_sent_waits_now(saved, file):
    """Memory says that it has been sent; the listing does not say so yet."""
    saved.simulator.settings(lag=3600)
    assert saved.run("apply").returncode == 0
    message = refused(saved, file,
                      f'share of "Baseline" with {OTHER} in us-east-1: the plan has start .Started., and now '
                      "there is nothing to write")  # fmt: skip
    assert "\x1b" not in message


def test_ten_differences_are_named_and_the_others_counted(world, file):
    accounts = [f"{300000000000 + i:012}" for i in range(15)]
    world.share(*[(account, "eu-west-2") for account in accounts])
    assert world.run("plan", "--out", str(file)).returncode == 0
    world.simulator.settings(lag=3600)
    world.simulator.add(accounts={account: {"audit_manager": True} for account in accounts})
    assert world.run("apply").returncode == 0
    text = refused(world, file, "source governance: 5 more writes differ")
    assert text.count("and now there is nothing to write") == 10


def test_a_source_that_cannot_be_looked_at(saved, file):
    before = file.read_bytes()
    saved.simulator.fault(
        operation="ListAssessmentFrameworks", status=403, code="AccessDeniedException", count=0
    )
    done = saved.run("plan", "--out", str(file))
    assert done.returncode == 1
    assert "source governance: cannot be listed" in done.stderr and "The plan is not saved" in done.stderr
    assert file.read_bytes() == before
    done = saved.run("apply", str(file))
    assert done.returncode == 1 and "AccessDeniedException" in done.stderr and writes(saved) == 0


def test_one_source_of_two_cannot_be_looked_at(world, file):
    world.sources = {"far": {"region": "us-east-1"}, "governance": {}}
    world.simulator.add(frameworks=[framework("Other", region="us-east-1")])
    world.frameworks = [world.declare("Baseline", {RECIPIENT: ["eu-west-2"]}, source="governance"),
                        world.declare("Other", {RECIPIENT: ["eu-west-2"]}, source="far")]  # fmt: skip
    assert world.run("plan", "--out", str(file)).returncode == 0
    world.simulator.fault(operation="ListAssessmentFrameworks", region="us-east-1", status=403,
                          code="AccessDeniedException", count=1)  # fmt: skip
    done = world.run("apply", str(file))
    assert done.returncode == 1 and writes(world) == 0
    assert "not every source of the plan could be looked at" in done.stderr
    assert world.run("apply", str(file)).returncode == 0 and writes(world) == 2


def test_what_is_compared_is_what_is_acted_on(saved, file):
    """One listing, no second one: nothing can change between the look and the writes."""
    before = saved.simulator.last_seq()
    assert saved.run("apply", str(file)).returncode == 0
    calls = saved.simulator.log(after=before)
    first_write = next(i for i, call in enumerate(calls) if call["operation"] == START)
    listings = [call["operation"] for call in calls[:first_write] if call["operation"].startswith("List")]
    assert sorted(listings) == ["ListAssessmentFrameworkShareRequests", "ListAssessmentFrameworks"]


# --- the file ---


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


DAMAGE = {
    "cut off": lambda f: f.write_text(f.read_text()[:-20]),
    "empty": lambda f: f.write_text(""),
    "no plan": lambda f: f.write_text("{}"),
    "a list": lambda f: f.write_text("[1]"),
    "bytes": lambda f: f.write_bytes(os.urandom(500)),
    "another action": lambda f: edit(f, '"resend"', '"revoke"'),
    "another recipient": lambda f: edit(f, OTHER, RECIPIENT),
    "no checksum": lambda f: edit(f, '"checksum"', '"checksun"'),
    "one more member": lambda f: edit(f, '"version": 1', '"version": 1, "more": 2'),
    "no version": lambda f: edit(f, '"version": 1', '"version": "1"'),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_plan(saved, file, what):
    DAMAGE[what](file)
    calls = saved.simulator.stats()["calls"]
    refused(saved, file, "it is no plan, or it is damaged; make the plan anew")
    assert saved.simulator.stats()["calls"] == calls


def seal(document):
    """The checksum as the program writes it: 64 bits of FNV-1a over the rest, sorted and without blanks."""
    rest = {name: value for name, value in document.items() if name != "checksum"}
    sum_ = 0xCBF29CE484222325
    for byte in json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode():
        sum_ = (sum_ ^ byte) * 0x100000001B3 % 2**64
    return {**rest, "checksum": f"{sum_:016x}"}


def test_the_checksum_is_what_the_tests_below_take_it_for(saved, file):
    document = json.loads(file.read_text())
    assert seal(document) == document


MISSHAPEN = {
    "no sources": lambda d: d.update(sources=[]),
    "sources that are none": lambda d: d.update(sources="governance"),
    "a source that is none": lambda d: d.update(sources=[None]),
    "a source twice": lambda d: d.update(sources=d["sources"] * 2),
    "too many sources": lambda d: d.update(sources=d["sources"] * 1001),
    "no time": lambda d: d.update(made="yesterday"),
    "half a hash": lambda d: d.update(configuration="0123456789abcde"),
    "more than a hash": lambda d: d.update(configuration=d["configuration"] + "0"),
    "no name": lambda d: d["sources"][0].pop("name"),
    "no account": lambda d: d["sources"][0].update(account="12"),
    "no observation": lambda d: d["sources"][0].pop("observed"),
    "a hash and a half": lambda d: d["sources"][0]["observed"].update(frameworks="0" * 24),
    "no digits": lambda d: d["sources"][0]["observed"].update(share_requests="x" * 16),
    "in another order": lambda d: d["sources"][0]["observed"].update(share_requests="f" * 16 + "0" * 16),
    "no writes": lambda d: d["sources"][0].update(writes=None),
    "a write that is none": lambda d: d["sources"][0]["writes"].append(3),
    "no framework": lambda d: d["sources"][0]["writes"][0].update(framework_id="Baseline"),
    "no recipient": lambda d: d["sources"][0]["writes"][0].update(account=RECIPIENT[:-1]),
    "no Region": lambda d: d["sources"][0]["writes"][0].update(region="../../etc"),
    "no action": lambda d: d["sources"][0]["writes"][0].update(action="conquer"),
    "an action that writes nothing": lambda d: d["sources"][0]["writes"][0].update(action="wait"),
}


@pytest.mark.parametrize("what", MISSHAPEN)
def test_a_plan_that_is_none_for_all_its_checksum(saved, file, what):
    document = json.loads(file.read_text())
    MISSHAPEN[what](document)
    file.write_text(json.dumps(seal(document)))
    refused(saved, file, "it is no plan, or it is damaged; make the plan anew")


def test_what_somebody_has_made_of_a_plan_is_not_done(saved, file):
    """What is applied is never what the file says: only whether it is what would be done anyway."""
    document = json.loads(file.read_text())
    first, second, third = document["sources"][0]["writes"]
    first.update(action="revoke")
    second.update(region="eu-west-3", framework_name="\u202eBaseline")
    document["sources"][0]["writes"] = [first, second]
    file.write_text(json.dumps(seal(document)))
    to, plan, now = f"with {RECIPIENT} in", "the plan has", "and now there is"
    start, nothing = r"start \(Started\)", "nothing to write"
    text = refused(
        saved, file,
        rf'"Baseline" {to} eu-central-1: {plan} revoke \(Expiring\), {now} resend \(Expiring\)',
        rf'"\?Baseline" {to} eu-west-3: {plan} {start}, {now} {nothing}',
        rf'"Baseline" {to} eu-west-2: {plan} {nothing}, {now} {start}',
        rf'"Baseline" with {OTHER} in us-east-1: {plan} {nothing}, {now} {start}',
    )  # fmt: skip
    assert "\u202e" not in text and third["account"] == OTHER


def test_a_plan_of_a_later_version(saved, file):
    edit(file, '"version": 1', '"version": 2')
    refused(saved, file, "a later version of auditsharectl wrote it")


def test_a_plan_without_end(saved, file):
    os.truncate(file, 129 * 1024 * 1024)
    refused(saved, file, r"it is larger than any plan \(128 MiB\)")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_plan_that_others_may_write(saved, file, mode):
    file.chmod(mode)
    refused(saved, file, f"group or others may write it .mode {mode:04o}.")


def test_a_plan_by_way_of_a_folder_that_others_may_change(saved, file):
    folder = saved.path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "link").symlink_to(file)
    done = saved.run("apply", str(folder / "link"))
    assert done.returncode == 1 and not saved.started()
    assert f"a symbolic link leads through {folder}, which others can change" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_plan_of_somebody_else(saved, file):
    os.chown(file, 65534, 65534)
    refused(saved, file, "it belongs to user 65534")


@pytest.mark.parametrize("path, words", [("absent.json", "No such file"), (".", "it is no regular file")])
def test_no_plan_at_all(saved, path, words):
    refused(saved, saved.path / path, words)


def test_a_plan_replaces_one_and_leaves_nothing_beside_it(saved, file):
    file.chmod(0o644)
    saved.share((RECIPIENT, "eu-west-2"))
    assert saved.run("plan", "--out", str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(json.loads(file.read_text())["sources"][0]["writes"]) == 1
    assert sorted(p.name for p in saved.path.iterdir()) == ["auditshared.yaml", "plan.json", "shares.yaml"]


def test_what_cannot_be_replaced(world, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    for name, words in {"folder": "no regular file", "link": "no regular file", "pipe": "no regular file",
                        "absent/plan": "No such file", "folder/": "Is a directory",
                        "": "No such file"}.items():  # fmt: skip
        path = f"{tmp_path}/{name}" if name else ""
        done = world.run("plan", "--out", path)
        assert done.returncode == 1, name
        assert "cannot be saved" in done.stderr and words in done.stderr, (name, done.stderr)
        assert "1 to start" in done.stdout
    assert (tmp_path / "link").is_symlink() and not (tmp_path / "elsewhere").exists()
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_full_disk_keeps_the_old_plan(saved, file):
    before = file.read_bytes()
    command = ["prlimit", "--fsize=100", *saved.command("plan", "--out", str(file))]
    done = subprocess.run(command, env=saved.env, capture_output=True, text=True, check=False)
    # SIGXFSZ ends the process, or the write fails: the old plan is whole either way.
    assert done.returncode != 0 and file.read_bytes() == before


@pytest.mark.parametrize(
    "args, hint",
    [
        (["apply", "--out", "x"], "apply has no option --out"),
        (["plan", "--out"], "option --out wants a value"),
        (["plan", "file"], "plan takes no argument 'file'"),
        (["apply", "a", "b"], "apply takes no argument 'b'"),
    ],
)
def test_usage(world, args, hint):
    done = world.run(*args)
    assert done.returncode == 2 and hint in done.stderr


# --- words that few plans have ---


def test_what_ends_today_and_what_ends_later(world, simulator):
    accounts = [f"{700000000000 + i}" for i in range(25)]
    days = [111] * 24 + [119.5]
    requests = [request(a, "eu-west-2", "EXPIRING", days=n) for a, n in zip(accounts, days)]
    simulator.add(accounts={a: {"audit_manager": True} for a in accounts}, requests=requests)
    text = world.share(*((a, "eu-west-2") for a in accounts)).run("plan").stdout
    assert "  ~ 20 more, EXPIRING: resend: expires in 11h to 8 days, renewal 1 of 2" in text


def test_what_somebody_else_revoked_and_policy_asks_for_again(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2", "REVOKED")])
    assert "REVOKED held: somebody else revoked it" in world.run("plan").stdout
    world.settings = {"policy": {"revoked": "reshare"}}
    assert "REVOKED start: somebody else revoked it, and policy asks again, renewal 1 of 2" in (
        world.run("plan").stdout)
