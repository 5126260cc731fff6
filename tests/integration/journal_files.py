# SPDX-License-Identifier: Apache-2.0
"""Files of the journal that a test has written, and auditsharectl history of them."""

import os
import struct
import subprocess

from daemon import CTL, EVENTS
from simulator import RECIPIENT

TIMEOUT = 60
PLAIN = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC0"}


def write_journal(folder, entries):
    """A journal file of these entries, as journald would have written them."""
    folder.mkdir(exist_ok=True)
    lines = []
    for i, entry in enumerate(entries):
        fields = {
            "__REALTIME_TIMESTAMP": int(entry.pop("at") * 1000000), "__MONOTONIC_TIMESTAMP": 1000 + i,
            "_BOOT_ID": "b" * 32,
            "_MACHINE_ID": "a" * 32, "MESSAGE_ID": EVENTS["status"], "_SYSTEMD_UNIT": "auditshared.service",
            "_UID": "61234",
            "SHARE_FRAMEWORK_NAME": "Baseline", "SHARE_ACCOUNT": RECIPIENT, "SHARE_REGION": "eu-west-2",
            **entry,
        }  # fmt: skip
        for name, value in fields.items():
            data = str(value).encode()
            if b"\n" in data or any(c < 32 for c in data):
                lines.append(name.encode() + b"\n" + struct.pack("<Q", len(data)) + data)
            else:
                lines.append(name.encode() + b"=" + data)
        lines.append(b"")
    done = subprocess.run(["/lib/systemd/systemd-journal-remote", "-o", str(folder / "test.journal"), "-"],
                          input=b"\n".join(lines) + b"\n", capture_output=True, timeout=TIMEOUT,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(folder)


def run_history(folder, *arguments, **env):
    """auditsharectl history of what write_journal() has written."""
    env = {**PLAIN, "AUDITSHARED_JOURNAL": str(folder), **env}
    return subprocess.run([CTL, "history", *arguments], capture_output=True, text=True, timeout=TIMEOUT,
                          check=False, env=env)


def on_a_host(prepare, *arguments, prefix=()):
    """auditsharectl on a host that has made its journal's "$folder" so, in place of this machine's."""
    script = """
        mount -t tmpfs -o mode=0755 tmpfs /run
        if [ -d /var/log/journal ]; then mount -t tmpfs -o mode=0755 tmpfs /var/log/journal; fi
        install -m 0755 "$1" /run/auditsharectl
        folder=/run/log/journal/$(cat /etc/machine-id)
        eval "$2"
        shift 2
        exec "$@"
    """
    command = ["unshare", "-m", "sh", "-euc", script, "sh", CTL, prepare, *prefix, "/run/auditsharectl"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=TIMEOUT,
                          check=False, env=PLAIN)
