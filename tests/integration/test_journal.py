# SPDX-License-Identifier: Apache-2.0
"""Under systemd, where standard error is the journal: events go through its socket, with fields, and not as text."""

import json
import os
import subprocess
import sys

from daemon import DAEMON, EVENTS, Host, framework
from simulator import RECIPIENT, Simulator, seed

# Runs in a mount namespace of its own, whose /run has nothing but the socket that journald would listen on. What arrives is
# in the native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
LISTENER = r"""
import json, os, socket, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
journal.settimeout(0.5)
is_away = "JOURNAL_IS_AWAY" in os.environ
if is_away:
    journal.close()
out, into = os.pipe()
stat = os.fstat(into)
process = subprocess.Popen(sys.argv[1:], stderr=into, env={**os.environ, "JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"})
os.close(into)

def parse(data):
    fields = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(data[:8], "little")
            value, data = data[8:8 + size], data[9 + size:]
        fields[name.decode()] = value.decode()
    return fields

entries = []
while not is_away or process.wait() is None:
    try:
        entries.append(parse(journal.recv(65536)))
    except TimeoutError:
        if process.poll() is not None:
            break
print(json.dumps({"status": process.returncode, "entries": entries, "text": os.fdopen(out).read()}))
"""


def once(host, **env):
    """A pass with the journal as its standard error: its status, what has come through the socket, and as text."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run([*unshare, sys.executable, "-c", LISTENER, *host.command(DAEMON, "--once")],
                          env={**host.env, **env}, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_events_reach_the_journal_with_their_fields(tmp_path):
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as simulator:
        host = Host(tmp_path, simulator, settle="0s")
        host.shares(framework(comment="two\nlines"))
        answer = once(host)
    assert answer["status"] == 0 and answer["text"] == "", answer
    entries = answer["entries"]
    assert [e["MESSAGE_ID"] for e in entries] == [EVENTS[n] for n in ("loaded", "started", "status", "completed")]
    started = entries[1]
    assert started["SHARE_ACCOUNT"] == RECIPIENT and started["PRIORITY"] == "5" and started["HTTP_STATUS"] == "200"
    assert started["SYSLOG_IDENTIFIER"] == "auditshared" and len(started["PASS_ID"]) == 32
    assert "CODE_FILE" not in started


def test_what_is_no_event_is_text_with_a_priority(tmp_path):
    """journald takes the number off again (sd-daemon(3))."""
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as simulator:
        host = Host(tmp_path, simulator)
        host.shares(framework(colour="blue"))
        answer = once(host)
    assert [e["MESSAGE_ID"] for e in answer["entries"]] == [EVENTS["config-refused"]]
    lines = answer["text"].splitlines()
    assert answer["status"] == 78 and lines, answer
    assert all(line.startswith(f"<3>{host.shares_path}:") for line in lines) and "colour" in lines[0]


def test_a_journal_that_is_away(tmp_path):
    """Its socket is there, and nobody listens: events are text on standard error, and the pass is made."""
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as simulator:
        host = Host(tmp_path, simulator, settle="0s")
        host.shares(framework())
        answer = once(host, JOURNAL_IS_AWAY="yes")
        assert len(simulator.requests()) == 1
    assert (answer["status"], answer["entries"]) == (0, [])
    assert [line.split(" ")[0] for line in answer["text"].splitlines()] == [
        "Configuration", "Started", "Share", "Pass"]
