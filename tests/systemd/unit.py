# SPDX-License-Identifier: Apache-2.0
"""The service as its unit, in a guest of tests/systemd/boot: package, files, drop-ins, systemctl, journal."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from daemon import BUILD, Events, Host, framework, many
from simulator import SENDER_KEY

PACKAGE = "auditshared"
NAME = "auditshared.service"
START = "StartAssessmentFrameworkShare"
DROP_INS = pathlib.Path("/run/systemd/system") / (NAME + ".d")
STATE = pathlib.Path("/var/lib/private/auditshared")  # a dynamic user's; /var/lib/auditshared is a link
LINK = pathlib.Path("/var/lib/auditshared")
RUNTIME = pathlib.Path("/run/auditshared")
CREDSTORE = pathlib.Path("/etc/credstore")
KEY = [f"Environment=AWS_ACCESS_KEY_ID={SENDER_KEY[0]}",
       f"Environment=AWS_SECRET_ACCESS_KEY={SENDER_KEY[1]}"]
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*command, check=True, timeout=60):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
    return done


def package():
    """The package of the programs under test: conftest.py has seen to it, outside the guest."""
    found = list((BUILD / "packages").glob("auditshared_*.deb"))
    assert len(found) == 1, found
    return found[0]


def dpkg(*arguments, **kwargs):
    # In English, and silent about a terminal that is not there.
    return run("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "dpkg", *arguments, **kwargs)


def install():
    """The package that was just built; whatever this machine has of the service goes before it."""
    assert os.environ.get("AUDITSHARED_GUEST"), "run as: pytest tests/systemd"
    for path in ("/etc/auditshared", CREDSTORE, STATE, LINK):
        remove_tree(path)
    # The index of manual pages takes seconds.
    # And what keeps this machine from starting services is not meant here.
    for path in ("/var/lib/man-db/auto-update", "/usr/sbin/policy-rc.d"):
        pathlib.Path(path).unlink(missing_ok=True)
    dpkg("--purge", PACKAGE, check=False)
    dpkg("--install", str(package()))


def install_again():
    """After a test that removed it."""
    if not pathlib.Path("/usr/sbin/auditshared").exists():
        dpkg("--install", str(package()))


def remove_tree(path):
    path = pathlib.Path(path)
    if path.is_symlink():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


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
        return self.journal("-u", NAME)

    @property
    def text(self):
        return "\n".join(str(event["MESSAGE"]) for event in self.events)

    def wait_for(self, condition, timeout=20):
        """Waits until condition(events) is true, and returns what it returned."""
        deadline = time.monotonic() + timeout
        while True:
            found = condition(self.journal("-u", NAME, sync=False))
            if found:
                return found
            assert time.monotonic() < deadline, self.text
            time.sleep(0.04)  # to ask the journal is no small thing

    def wait_passes(self, n, timeout=20):
        return self.wait_for(lambda events: len(events.of("completed")) >= n, timeout)

    def journal(self, *matches, sync=True):
        """What an operator finds with these arguments of journalctl."""
        if sync:
            run("journalctl", "--sync")
        # Where that entry is none of those that are asked for, --after-cursor leaves out the first that is.
        lines = run("journalctl", "--cursor", self.cursor, "-o", "json", *matches).stdout.splitlines()
        entries = Events(json.loads(line) for line in lines)
        return Events(entry for entry in entries if entry["__CURSOR"] != self.cursor)

    # Share requests in many accounts, made slowly: a pass to do something in the middle of.

    def slowly(self, n, latency=0.05):
        """So many shares, whose answers take their time."""
        self.settings(settle="1h", interval="1h", limits={"concurrency": 2})
        self.shares(framework(recipients=many(n)))
        self.simulator.settings(latency=latency)

    def wait_started(self, n):
        self.wait_for(lambda events: len(events.of("started")) >= n)

    def at_full_speed(self):
        self.simulator.settings(latency=0)

    def check_each_sent_once(self, n):
        """No share sent twice or never, and no event about one repeated."""
        sent = [call["destination_account"] for call in self.simulator.log(START) if call["processed"]]
        assert sorted(sent) == sorted(account for account, _ in many(n))
        self.check_no_repetition()

    def check_no_repetition(self):
        events = self.events
        for name in ("started", "status", "held", "unknown"):
            told = [(event["SHARE_ACCOUNT"], event.get("SHARE_STATUS"), event.get("SHARE_REASON"))
                    for event in events.of(name)]
            assert len(told) == len(set(told)), (name, told)

    def remove(self):
        """Stopped, and nothing left of its files."""
        self.systemctl("stop", check=self.show("LoadState") == "loaded")
        for path in (DROP_INS, STATE, RUNTIME, CREDSTORE, "/etc/auditshared"):
            remove_tree(path)
        for path in self.files:
            path.unlink(missing_ok=True)
        os.makedirs("/etc/auditshared/shares.d")
