# SPDX-License-Identifier: Apache-2.0
"""
auditsharectl history, of journals that are written for the test

What only a running journald can show, such as whom it believes and who may read, is in tests/systemd.
"""

import datetime
import json
import os
import pty
import re
import subprocess
import uuid

import pytest

from daemon import CTL, EVENTS
from journal_files import PLAIN, TIMEOUT, on_a_host, run_history, write_journal
from simulator import RECIPIENT
from status_files import NOW

KEYS = ["time", "event", "source", "framework_id", "framework_name", "account", "region", "request_id",
        "status", "status_old", "condition", "reason", "action", "error"]  # fmt: skip
NONE, GREEN, YELLOW, RED, BOLD_RED = "", "32", "33", "31", "1;31"

# The event, its fields, what is said of it and in which colour, and its name in JSON.
WORDS = [
    ("status", {"SHARE_STATUS_OLD": "ACTIVE", "SHARE_STATUS": "SHARED"}, "ACTIVE → SHARED", GREEN, "status"),
    ("status", {"SHARE_STATUS": "ACTIVE"}, "seen as ACTIVE", NONE, "status"),
    ("status", {"SHARE_STATUS": "DREAMING", "SHARE_STATUS_OLD": "ACTIVE"}, "ACTIVE → DREAMING", RED,
     "status"),
    ("status", {"SHARE_STATUS": "FAILED"}, "seen as FAILED", RED, "status"),
    ("status", {"SHARE_STATUS": "EXPIRING"}, "seen as EXPIRING", YELLOW, "status"),
    ("status", {"SHARE_STATUS": "DECLINED"}, "seen as DECLINED", YELLOW, "status"),
    ("status", {"SHARE_STATUS": ""}, "seen as a status not known", RED, "status"),
    ("started", {"SHARE_REASON": "Started"}, "started", NONE, "started"),
    ("started", {"SHARE_REASON": "Expired"}, "started (Expired)", NONE, "started"),
    ("started", {}, "started", NONE, "started"),
    ("resent", {"SHARE_REASON": "Expiring"}, "resent (Expiring)", NONE, "resent"),
    ("revoked", {"SHARE_REASON": "Undesired", "SHARE_ACTION": "revoke"}, "revoked (Undesired)", NONE,
     "revoked"),
    ("revoked", {"SHARE_REASON": "Irrevocable", "SHARE_ACTION": "delete"}, "record deleted (Irrevocable)",
     NONE, "revoked"),
    ("failed", {"SHARE_ACTION": "start", "AWS_ERROR_CODE": "ValidationException"},
     "start failed (ValidationException)", RED, "failed"),
    ("failed", {"SHARE_ACTION": "resend"}, "resend failed", RED, "failed"),
    ("failed", {}, "request failed", RED, "failed"),
    ("held", {"SHARE_CONDITION": "held", "SHARE_REASON": "Declined"}, "held (Declined)", YELLOW, "condition"),
    ("held", {"SHARE_CONDITION": "stalled", "SHARE_REASON": "Invalid"}, "stalled (Invalid)", BOLD_RED,
     "condition"),
    ("held", {"SHARE_CONDITION": "progressing", "SHARE_REASON": "Replicating"}, "progressing (Replicating)",
     YELLOW, "condition"),
    ("held", {}, "held", YELLOW, "condition"),
    ("unknown", {"SHARE_ACTION": "start"}, "outcome of start not known", YELLOW, "outcome-unknown"),
    ("unknown", {}, "outcome of request not known", YELLOW, "outcome-unknown"),
    ("several", {}, "several live requests", YELLOW, "several-requests"),
]


def of(event, **fields):
    return {"at": NOW - 3600, "MESSAGE_ID": EVENTS[event], "SHARE_SOURCE": "governance", **fields}


@pytest.fixture
def journal(tmp_path):
    return lambda *entries: write_journal(tmp_path / "journal", list(entries))


def objects(folder, *arguments):
    done = run_history(folder, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def rows(folder, *arguments, **env):
    """The lines under the headings, each as what is in its columns."""
    done = run_history(folder, *arguments, **env)
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = done.stdout.splitlines()
    places = [head.index(heading) for heading in head.split()] + [None]
    return [[line[a:b].rstrip() for a, b in zip(places, places[1:])] for line in lines]


def at_terminal(folder, *arguments, **env):
    master, slave = pty.openpty()
    process = subprocess.Popen([CTL, "history", *arguments], stdin=slave, stdout=slave, stderr=slave,
                               env={**PLAIN, "AUDITSHARED_JOURNAL": folder, "TERM": "xterm", "COLUMNS": "200",
                                    **env})
    os.close(slave)
    output = b""
    try:
        while data := os.read(master, 65536):
            output += data
    except OSError:  # what a pty says when the other side is closed
        pass
    os.close(master)
    assert process.wait(TIMEOUT) == 0
    return output.decode().replace("\r\n", "\n")


def test_words(journal):
    folder = journal(*(of(event, **fields) for event, fields, *_ in WORDS))
    assert [row[-1] for row in rows(folder)] == [words for _, _, words, _, _ in WORDS]
    told = objects(folder)
    assert [item["event"] for item in told] == [event for *_, event in WORDS]
    assert all(list(item) == KEYS for item in told)


def test_colours(journal):
    folder = journal(*(of(event, **fields) for event, fields, *_ in WORDS))
    lines = at_terminal(folder).splitlines()[1:]
    assert len(lines) == len(WORDS)
    for line, (_, _, words, colour, _) in zip(lines, WORDS):
        assert line.endswith(f"\x1b[{colour}m{words}\x1b[0m" if colour else f" {words}"), line
    assert "\x1b" not in at_terminal(folder, NO_COLOR="1")


def test_events_of_no_share_are_left_out(journal):
    shown = {event for event, *_ in WORDS}
    assert len(shown) == 8
    folder = journal(*(of(event) for event in EVENTS if event not in shown))
    done = run_history(folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Nothing found: the journal has no entry about a share\n"


def test_what_is_not_there_is_null_and_a_dash(journal):
    folder = journal(of("several", SHARE_ACCOUNT="", SHARE_REGION="", SHARE_SOURCE=""))
    assert [row[1:4] for row in rows(folder)] == [["Baseline", "-", "-"]]
    (item,) = objects(folder)
    assert {key for key in KEYS if item[key] is not None} == {"time", "event", "framework_name"}
    assert item["time"] == "2026-11-18T10:06:40Z"


def test_a_terminal_without_utf8(journal):
    folder = journal(of("status", SHARE_STATUS_OLD="ACTIVE", SHARE_STATUS="SHARED"))
    assert "ACTIVE -> SHARED\n" in run_history(folder, LC_ALL="C").stdout


def test_times_are_those_of_the_zone(journal):
    folder = journal(of("several"))
    assert rows(folder)[0][0] == "2026-11-18 10:06:40"
    assert rows(folder, TZ="EST5")[0][0] == "2026-11-18 05:06:40"


def test_filters(journal):
    other = str(uuid.uuid4())
    folder = journal(
        of("status", SHARE_STATUS="1"),
        of("status", SHARE_STATUS="2", SHARE_REGION="us-east-1", SHARE_FRAMEWORK_ID=other),
        of("status", SHARE_STATUS="3", SHARE_ACCOUNT="777788889999"),
        of("status", SHARE_STATUS="4", SHARE_SOURCE="second"))
    for share, found in [
        ("Baseline", "1234"),
        (other, "2"),
        ("second/Baseline", "4"),
        ("governance/Baseline", "123"),
        (f"Baseline/{RECIPIENT}", "124"),
        ("Baseline/777788889999", "3"),
        (f"Baseline/{RECIPIENT}/us-east-1", "2"),
        (f"governance/Baseline/{RECIPIENT}/eu-west-2", "1"),
        (f"Baseline/{RECIPIENT}/eu-central-1", ""),
        ("third/Baseline", ""),
        ("Baselin", ""),
    ]:
        done = run_history(folder, "--json", share)
        assert "".join(item["status"] for item in json.loads(done.stdout)) == found, share
        assert done.returncode == (0 if found else 1)
        nothing = f"Nothing found: the journal has no entry about '{share}'\n"
        assert done.stderr == ("" if found else nothing)


def test_the_source_shows_where_there_are_several(journal):
    folder = journal(of("several"), of("several", SHARE_SOURCE="second"))
    headings = ["TIME", "FRAMEWORK", "ACCOUNT", "REGION", "EVENT"]
    assert run_history(folder).stdout.splitlines()[0].split() == [headings[0], "SOURCE", *headings[1:]]
    assert run_history(folder, "second/Baseline").stdout.splitlines()[0].split() == headings


def test_since(journal):
    folder = journal(of("status", SHARE_STATUS="1"), {**of("status", SHARE_STATUS="2"), "at": NOW - 60})
    between = datetime.datetime.fromtimestamp(NOW - 600, datetime.timezone.utc)
    for since, found in [(between.isoformat(), "2"), (f"@{NOW - 600}", "2"), (f"@{NOW - 7200}", "12"),
                         ("1969-01-01", "12"), (f"@{NOW}", "")]:
        done = run_history(folder, "--json", "--since", since)
        assert "".join(item["status"] for item in json.loads(done.stdout)) == found, since
        assert (f" since {since}\n" in done.stderr) == (found == "")


@pytest.mark.parametrize("arguments,hint", [
    (["--since", "lately"], "'2026-11-01 12:00'"),
    (["--since", ""], "'2h ago'"),
    (["a/b/c/d/e"], "[SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]"),
    (["one", "two"], "takes no argument 'two'"),
])
def test_wrong_arguments(tmp_path, arguments, hint):
    done = run_history(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr and done.stderr.count("\n") == 1


HOSTILE = "\x1b[2J\x07 \x9b31m\r\x08‮ über \U0001f512"


def test_hostile_texts(journal):
    names = {f"SHARE_{field}": HOSTILE for field in ("FRAMEWORK_NAME", "STATUS", "REGION", "SOURCE")}
    folder = journal(of("status", **names))
    table, json_at_terminal = at_terminal(folder, NO_COLOR="1"), at_terminal(folder, "--json")
    for text in (run_history(folder).stdout, table, json_at_terminal):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert json.loads(json_at_terminal) == objects(folder)
    assert objects(folder)[0]["status"] == HOSTILE


# --- what a host has ---

FOLDER = 'mkdir -p "$folder"; '
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
NO_JOURNAL = "no journal is kept here, neither in /var/log/journal nor in /run/log/journal"
MAY_NOT = ("this user may not read the journal of the system; use sudo, or join the group systemd-journal "
           "or adm")

HOSTS = {
    "no journal": ("true", [], NO_JOURNAL),
    "no journal, for anybody": ("true", NOBODY, NO_JOURNAL),
    "nothing in it": (FOLDER, [], "the journal has no entry about a share"),
    "a closed folder": (FOLDER + 'chmod 0700 "$folder"', NOBODY, MAY_NOT),
    "a closed file": (FOLDER + 'install -m 0600 /dev/null "$folder/system.journal"', NOBODY,
                      MAY_NOT),
}


@pytest.mark.parametrize("prepare,prefix,why", HOSTS.values(), ids=HOSTS)
def test_nothing_found(prepare, prefix, why):
    for option, output in ([], ""), (["--json"], "[]\n"):
        done = on_a_host(prepare, "history", *option, prefix=prefix)
        assert (done.returncode, done.stdout, done.stderr) == (1, output, f"Nothing found: {why}\n")


def test_a_folder_that_is_not_there(tmp_path):
    done = run_history(tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Cannot open the journal: No such file or directory\n"
