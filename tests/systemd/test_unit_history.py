# SPDX-License-Identifier: Apache-2.0
"""auditsharectl history: what a real journald has about shares, whose entries count, how they are shown."""

import datetime
import fcntl
import grp
import json
import os
import pathlib
import pty
import re
import resource
import socket
import struct
import subprocess
import termios
import uuid

import pytest

import unit
from daemon import CTL, EVENTS, framework
from simulator import RECIPIENT, wait_until
from unit import KEY, run

NOBODY = 65534
SOCKET = "/run/systemd/journal/socket"
KEYS = ["time", "event", "source", "framework_id", "framework_name", "account", "region", "request_id",
        "status", "status_old", "condition", "reason", "action", "error"]  # fmt: skip
HEADINGS = ["TIME", "FRAMEWORK", "ACCOUNT", "REGION", "EVENT"]


def history(*arguments, **kwargs):
    done = subprocess.run([CTL, "history", *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "TZ": "UTC0", **kwargs.pop("env", {})}, **kwargs)
    assert "\x1b" not in done.stdout + done.stderr
    return done


def rows(*arguments):
    """The lines under the headings, each as its columns."""
    done = history(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    lines = done.stdout.splitlines()
    assert lines[0].split() == HEADINGS
    # A blank is between columns, and within some; so each column begins where its heading does.
    places = [lines[0].index(heading) for heading in HEADINGS] + [None]
    return [[line[a:b].rstrip() for a, b in zip(places, places[1:])] for line in lines[1:]]


def objects(*arguments):
    done = history("--json", *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


# --- entries of our own making ---


def encode(fields):
    """https://systemd.io/JOURNAL_NATIVE_PROTOCOL/"""
    text = b""
    for name, value in fields.items():
        value = value.encode() if isinstance(value, str) else value
        text += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return text


def send(*entries, user=0):
    """Has a user say this to journald, and waits until it was written."""
    child = os.fork()
    if child == 0:
        try:
            os.setgid(user)
            os.setuid(user)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
                journal.connect(SOCKET)
                for entry in entries:
                    journal.send(encode(entry))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    run("journalctl", "--sync")


def entry(name, event="status", **more):
    """An entry as the service writes them, about a framework of this name."""
    fields = {
        "MESSAGE": "a message", "MESSAGE_ID": EVENTS[event], "PRIORITY": "5",
        "SYSLOG_IDENTIFIER": "auditshared", "SHARE_SOURCE": "governance", "SHARE_FRAMEWORK_NAME": name,
        "SHARE_ACCOUNT": RECIPIENT, "SHARE_REGION": "eu-west-2", "SHARE_STATUS": "ACTIVE",
    }  # fmt: skip
    return {**fields, **more}


@pytest.fixture
def name():
    """A framework that nobody else has written about."""
    return f"Framework {uuid.uuid4()}"


# --- the service ---


def test_story_of_a_share(service, simulator):
    """Started, seen, accepted; each once and the oldest first."""
    name = f"Framework {uuid.uuid4()}"
    simulator.add(frameworks=[{"name": name, "account": "111122223333", "region": "eu-west-1"}])
    service.shares(framework(name))
    service.start(*KEY)
    service.wait_passes(1)
    simulator.set_status("SHARED", framework=name, account=RECIPIENT, region="eu-west-2")
    run(CTL, "reconcile", "--wait")
    service.wait_for(lambda events: len(events.of("status")) >= 2)

    lines = rows(name)
    assert [line[-1] for line in lines] == ["started", "seen as ACTIVE", "ACTIVE → SHARED"]
    assert {tuple(line[1:4]) for line in lines} == {(name, RECIPIENT, "eu-west-2")}
    times = [line[0] for line in lines]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", time) for time in times)

    told = objects(name)
    assert [list(item) for item in told] == [KEYS] * 3
    assert [(item["event"], item["status_old"], item["status"]) for item in told] == [
        ("started", None, "ACTIVE"), ("status", None, "ACTIVE"), ("status", "ACTIVE", "SHARED")]
    assert told[0]["action"] == "start" and told[0]["reason"] == "Started" and told[0]["error"] is None
    assert told[2]["condition"] == "ready" and told[2]["source"] == "governance"
    assert told[0]["framework_id"] == told[2]["framework_id"]
    assert [item["time"] for item in told] == [time.replace(" ", "T") + "Z" for time in times]
    assert rows(told[0]["framework_id"]) == lines
    for item in told:
        assert item["request_id"] in (None, told[2]["request_id"])


def test_what_root_applies_counts_too(service, simulator):
    name = f"Framework {uuid.uuid4()}"
    simulator.add(frameworks=[{"name": name, "account": "111122223333", "region": "eu-west-1"}])
    service.shares(framework(name))
    done = service.ctl("apply", "--yes")
    assert done.status == 0, done.err
    run("journalctl", "--sync")
    assert [line[-1] for line in rows(name)] == ["started", "seen as ACTIVE"]


# --- filters ---


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def test_since(name):
    send(entry(name, SHARE_STATUS="1"))
    between = now()
    send(entry(name, SHARE_STATUS="2"))
    for since, found in [
        (between.isoformat(), "2"),
        (between.astimezone(datetime.timezone(datetime.timedelta(hours=5))).isoformat(), "2"),
        ("-1h", "12"),
        ("1 hour ago", "12"),
        ("yesterday", "12"),
        (f"@{int(between.timestamp()) - 60}", "12"),
        (f"@{int(between.timestamp()) + 60}", ""),
        ("200 years ago", "12"),
        ("1969-01-01", "12"),
        ("9999-12-31", ""),
    ]:
        done = history("--json", name, "--since", since)
        assert "".join(item["status"] for item in json.loads(done.stdout)) == found, since
        assert (f" since {since}\n" in done.stderr) == (found == "")
    # In the zone of whoever asks: the same words mean other times.
    words = (between + datetime.timedelta(hours=2)).strftime("%F %H:%M")
    assert history(name, "--since", words).returncode == 1
    assert history(name, "--since", words, env={"TZ": "EST-5"}).returncode == 0


# --- whom it believes ---


def test_what_others_write_does_not_count(name):
    """Anybody can write our MESSAGE_IDs, and name any unit or user in fields that are not journald's."""
    forged = entry(name, SHARE_STATUS="FORGED", _UID="0", _SYSTEMD_UNIT="auditshared.service",
                   _COMM="auditshared", OBJECT_PID="1", UNIT="auditshared.service")
    send(forged, user=NOBODY)
    lines = run("journalctl", "-o", "json", f"SHARE_FRAMEWORK_NAME={name}").stdout.splitlines()
    assert [json.loads(line)["_UID"] for line in lines] == [str(NOBODY)]
    assert history(name).returncode == 1
    send(entry(name))
    assert [item["status"] for item in objects(name)] == ["ACTIVE"]


def test_another_unit_does_not_count_and_the_service_does(service, name):
    """Each says it and lives on, as journald asks the kernel for the unit of a process that it can see."""
    text, script = pathlib.Path("/run/entry"), pathlib.Path("/usr/local/lib/say")
    text.write_bytes(encode(entry(name)))
    text.chmod(0o644)
    service.file(script, f"""#!/usr/bin/python3 -I
import socket, time
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("{SOCKET}")
journal.send(open("{text}", "rb").read())
time.sleep(600)
""", 0o755)
    run("systemd-run", "--quiet", "-p", "DynamicUser=yes", "--unit=auditshared-other", script)
    wait_for_units(name, ["auditshared-other.service"])
    run("systemctl", "stop", "auditshared-other")
    assert history(name).returncode == 1
    service.start("Type=exec", "ExecStart=", f"ExecStart={script}")
    wait_for_units(name, ["auditshared-other.service", unit.NAME])
    assert len(objects(name)) == 1


def wait_for_units(name, units):
    def seen():
        lines = run("journalctl", "--sync").stdout + run(
            "journalctl", "-o", "json", f"SHARE_FRAMEWORK_NAME={name}").stdout
        return [json.loads(line).get("_SYSTEMD_UNIT") for line in lines.splitlines()] == units

    wait_until(seen)


# --- who may read ---


@pytest.mark.parametrize("group", ["systemd-journal", None])
def test_access(name, group):
    """A user of the group reads what root reads; another is told what to do."""
    send(entry(name))
    groups = [grp.getgrnam(group).gr_gid] if group else []
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": groups, "cwd": "/"}
    done = history(name, **options)
    if group:
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("Nothing found: this user may not read the journal of the system; use sudo, or "
                           "join the group systemd-journal or adm\n")
    done = history("--json", name, **options)
    assert (done.returncode, done.stdout) == (1, "[]\n") and "sudo" in done.stderr


# --- texts and terminals ---

HOSTILE = "\x1b[2J\x07 \x9b31m\r\x08‮ über \U0001f512"


def at_terminal(columns, *arguments):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([CTL, "history", *arguments], stdin=slave, stdout=slave, stderr=slave,
                               env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"})
    os.close(slave)
    output = b""
    try:
        while data := os.read(master, 65536):
            output += data
    except OSError:  # what a pty says when the other side is closed
        pass
    os.close(master)
    return process.wait(60), output.decode().replace("\r\n", "\n")


def assert_harmless(text):
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_hostile_texts(name):
    framework_id = str(uuid.uuid4())
    names = {"SHARE_FRAMEWORK_NAME": name + HOSTILE, "SHARE_STATUS": HOSTILE, "SHARE_REGION": HOSTILE,
             "SHARE_SOURCE": HOSTILE}
    send({**entry(name), "SHARE_FRAMEWORK_ID": framework_id, **names})
    assert_harmless(history(framework_id).stdout)
    assert_harmless(at_terminal(200, framework_id)[1])
    for text in (history("--json", framework_id).stdout, at_terminal(80, "--json", framework_id)[1]):
        item = json.loads(text)[0]
        assert (item["status"], item["source"], item["framework_name"]) == (HOSTILE, HOSTILE, name + HOSTILE)
    assert_harmless(at_terminal(80, "--json", framework_id)[1])


def test_bytes_that_are_no_text(name):
    framework_id = str(uuid.uuid4())
    bad = {"SHARE_FRAMEWORK_ID": framework_id, "SHARE_STATUS": b"\xff\xfe\xc3", "SHARE_REGION": b"eu\0west",
           "SHARE_REASON": b"x" * 100000}
    send({**entry(name), **bad})
    assert [line[3:] for line in rows(framework_id)] == [["eu", "seen as ???"]]
    item = objects(framework_id)[0]
    assert (item["status"], item["region"]) == ("\ufffd\ufffd\ufffd", "eu")
    assert set(item["reason"]) == {"x"}


def test_a_field_that_is_there_twice(name):
    text = encode(entry(name)) + encode({"SHARE_STATUS": "SECOND", "MESSAGE_ID": EVENTS["several"]})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.connect(SOCKET)
        journal.send(text)
    run("journalctl", "--sync")
    assert len(objects(name)) == 1


def test_widths(name):
    long = name + " with a long name" * 12
    send(entry(long), entry(long, "held", SHARE_CONDITION="stalled", SHARE_REASON="AttemptsExhausted"))
    for columns in (40, 80, 120):
        status, text = at_terminal(columns, long)
        assert status == 0 and all(len(line) <= columns for line in text.splitlines())
    assert "…" in text and "stalled (AttemptsExhausted)" in text
    assert all(long in line for line in history(long).stdout.splitlines()[1:])


# --- journals that are odd, and large ---


@pytest.fixture
def folder():
    """The journal's folder, without what a test puts there."""
    machine = pathlib.Path("/etc/machine-id").read_text().strip()
    path = pathlib.Path("/run/log/journal") / machine
    before = set(path.iterdir())
    yield path
    for file in set(path.iterdir()) - before:
        if file.name.startswith("system@odd"):
            file.unlink()


def test_journal_files_that_are_broken(name, folder):
    send(entry(name, SHARE_STATUS="1"), entry(name, SHARE_STATUS="2"))
    whole = (folder / "system.journal").read_bytes()
    third = len(whole) // 3
    odd = {
        "empty": b"",
        "short": whole[:100],
        "half": whole[:len(whole) // 2],
        "text": b"no journal at all\n" * 1000,
        "zero": bytes(len(whole)),
        "torn": whole[:4096] + os.urandom(len(whole) - 4096),
        "hole": whole[:third] + bytes(third) + whole[2 * third:],
    }
    for kind, data in odd.items():
        (folder / f"system@odd-{kind}.journal").write_bytes(data)
        assert {item["status"] for item in objects(name)} == {"1", "2"}, kind
        assert rows(name)
    for n in range(0, len(whole), len(whole) // 23):
        flipped = whole[:n] + bytes([whole[n] ^ 0x55]) + whole[n + 1:]
        (folder / "system@odd-bit.journal").write_bytes(flipped)
        assert {item["status"] for item in objects(name)} == {"1", "2"}, n


MANY = 100_000


@pytest.fixture
def roomy():
    """A journald that takes all at once, and has room for it."""
    conf = pathlib.Path("/run/systemd/journald.conf.d/test.conf")
    conf.parent.mkdir(parents=True, exist_ok=True)
    conf.write_text("[Journal]\nRateLimitIntervalSec=0\nRuntimeMaxUse=1G\nRuntimeKeepFree=1M\n")
    run("systemctl", "restart", "systemd-journald")
    yield
    conf.unlink()
    run("systemctl", "restart", "systemd-journald")
    run("journalctl", "--rotate")
    run("journalctl", "--vacuum-size=1M")


def limit_memory():
    """What it may allocate; files that it maps are not counted."""
    resource.setrlimit(resource.RLIMIT_DATA, (24 << 20, 24 << 20))


def test_many_entries(name, roomy):
    """None is kept: what memory does for one does for all; and who has read enough can go."""
    del roomy
    send(*(entry(name, SHARE_STATUS=f"S{n}", SHARE_ACCOUNT=f"{200000000000 + n % 500}")
           for n in range(MANY)))
    done = history("--json", name, preexec_fn=limit_memory)
    assert done.returncode == 0, done.stderr
    assert [item["status"] for item in json.loads(done.stdout)] == [f"S{n}" for n in range(MANY)]
    done = history(name, preexec_fn=limit_memory)
    assert done.returncode == 0 and done.stdout.count("\n") == MANY + 1
    assert len(rows(f"{name}/200000000007")) == MANY // 500

    for option in ((), ("--json",)):
        process = subprocess.Popen([CTL, "history", name, *option], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait(60) == 0
        process.stderr.close()
