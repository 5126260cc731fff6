# SPDX-License-Identifier: Apache-2.0
"""The service as its unit, in a guest of tests/systemd/boot: files, drop-ins, systemctl, the journal."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from daemon import BUILD, Events, Host, framework
from simulator import SENDER_KEY

NAME = "auditshared.service"
DROP_INS = pathlib.Path("/run/systemd/system") / (NAME + ".d")
STATE = pathlib.Path("/var/lib/private/auditshared")  # a dynamic user's; /var/lib/auditshared is a link
RUNTIME = pathlib.Path("/run/auditshared")
CREDSTORE = pathlib.Path("/etc/credstore")
KEY = [f"Environment=AWS_ACCESS_KEY_ID={SENDER_KEY[0]}",
       f"Environment=AWS_SECRET_ACCESS_KEY={SENDER_KEY[1]}"]
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*command, check=True, timeout=60):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
    return done


def install():
    """What `make install` does, and a package's scripts after it. Nothing is built: "all" counts as made."""
    assert os.environ.get("AUDITSHARED_GUEST"), "run as: pytest tests/systemd"
    for path in ("/etc/auditshared", CREDSTORE, STATE):
        shutil.rmtree(path, ignore_errors=True)
    run("make", "-s", "-C", str(REPOSITORY), "-o", "all", f"O={BUILD}", "install")
    run("journalctl", "--update-catalog")
    run("systemctl", "daemon-reload")


class Unit(Host):
    """The installed unit, with the files it has by default."""

    def __init__(self, simulator):
        super().__init__("/etc/auditshared", simulator, settle="0s", interval="1h")
        self.state, self.runtime = STATE, RUNTIME
        self.files = []
        self.shares(framework())
        last = run("journalctl", "-n", "1", "-o", "json").stdout
        self.cursor = json.loads(last)["__CURSOR"]

    def file(self, path, text, mode=0o600):
        """A file of root's, with its folders."""
        path = pathlib.Path(path)
        self.files.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def drop_in(self, *lines):
        """Replaces the drop-in by these lines of [Service]."""
        self.file(DROP_INS / "test.conf", "\n".join(["[Service]", *lines, ""]), 0o644)
        run("systemctl", "daemon-reload")

    def systemctl(self, verb, *arguments, **kwargs):
        return run("systemctl", verb, *arguments, NAME, **kwargs)

    def start(self, *lines, check=True):
        if lines:
            self.drop_in(*lines)
        self.systemctl("reset-failed", check=False)  # the start limit counts the tests before this one
        return self.systemctl("start", check=check)

    def show(self, name):
        return self.systemctl("show", "-P", name).stdout.strip()

    def wait_show(self, name, value, timeout=20):
        deadline = time.monotonic() + timeout
        while self.show(name) != value:
            assert time.monotonic() < deadline, f"{name} is {self.show(name)}, not {value}: {self.text}"
            time.sleep(0.02)

    @property
    def events(self):
        """Entries of and about the unit since this object was made."""
        run("journalctl", "--sync")
        lines = run("journalctl", "--after-cursor", self.cursor, "-u", NAME, "-o", "json").stdout.splitlines()
        return Events(json.loads(line) for line in lines)

    @property
    def text(self):
        return "\n".join(str(event["MESSAGE"]) for event in self.events)

    def wait_for(self, condition, timeout=20):
        """Waits until condition(events) is true, and returns what it returned."""
        deadline = time.monotonic() + timeout
        while True:
            found = condition(self.events)
            if found:
                return found
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def wait_passes(self, n, timeout=20):
        return self.wait_for(lambda events: len(events.of("completed")) >= n, timeout)

    def remove(self):
        """Stopped, and nothing left of its files."""
        self.systemctl("stop")
        for path in (DROP_INS, STATE, RUNTIME, CREDSTORE, "/etc/auditshared"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.files:
            path.unlink(missing_ok=True)
        os.makedirs("/etc/auditshared")
