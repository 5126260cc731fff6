# SPDX-License-Identifier: Apache-2.0
"""The real programs against the simulator: a folder with both files, memory and status, and a way to run and to wait."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

from simulator import RECIPIENT, REGION, SENDER, SENDER_KEY

BUILD = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build")).resolve()
DAEMON = str(BUILD / "auditshared")
CTL = str(BUILD / "auditsharectl")

# MESSAGE_IDs of journal.md, as the outside knows them.
EVENTS = {
    "status": "5b1d1f0c6a9f4f5e9c5a0f2d7e3b8a11",
    "started": "0c7c1b8f2d3e4a6f8b9a1c2d3e4f5a62",
    "resent": "7e2f4a9b1c3d4e5fa6b7c8d9e0f1a2b3",
    "revoked": "3a9d5e7c1b2f4d6e8f0a1b2c3d4e5f94",
    "failed": "9f8e7d6c5b4a43928170f6e5d4c3b2a5",
    "held": "1e2d3c4b5a694788a9b0c1d2e3f4a5b6",
    "completed": "c4d5e6f7a8b94c0d9e1f2a3b4c5d6e77",
    "refused": "6d7e8f9a0b1c4d2e8f3a4b5c6d7e8f98",
    "unknown": "b7c8d9e0f1a24b3c9d4e5f6a7b8c9d01",
    "several": "d1e2f3a4b5c64d7e8f9a0b1c2d3e4f52",
    "credentials": "e5f6a7b8c9d04e1f8a2b3c4d5e6f7a83",
    "skew": "f9a0b1c2d3e44f5a9b6c7d8e9f0a1b24",
    "rebuilt": "a3b4c5d6e7f84a9b8c0d1e2f3a4b5c65",
    "loaded": "2f3a4b5c6d7e4f8a9b0c1d2e3f4a5b69",
    "config-refused": "8a9b0c1d2e3f4a5b8c6d7e8f9a0b1c2a",
}
NAMES = {value: key for key, value in EVENTS.items()}


class Events(list):
    """Journal events, in order, as dicts of fields."""

    def of(self, name):
        return Events(e for e in self if e.get("MESSAGE_ID") == EVENTS[name])

    def names(self):
        return [NAMES.get(e.get("MESSAGE_ID"), "?") for e in self if "MESSAGE_ID" in e]

    def statuses(self):
        return [(e.get("SHARE_STATUS_OLD"), e.get("SHARE_STATUS")) for e in self.of("status")]


def parse_events(text):
    return Events(json.loads(line) for line in text.splitlines() if line.startswith("{"))


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr
        self.events = parse_events(self.err)

    def json(self):
        return json.loads(self.out)


class Host:
    """A management host: files, state, environment."""

    def __init__(self, folder, simulator, **settings):
        self.folder = pathlib.Path(folder)
        self.simulator = simulator
        self.settings_path = self.folder / "auditshared.yaml"
        self.shares_path = self.folder / "shares.yaml"
        self.state, self.runtime = self.folder / "state", self.folder / "run"
        self.env = {
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "STATE_DIRECTORY": str(self.state),
            "RUNTIME_DIRECTORY": str(self.runtime),
            "AWS_ACCESS_KEY_ID": SENDER_KEY[0],
            "AWS_SECRET_ACCESS_KEY": SENDER_KEY[1],
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        self.settings(**settings)

    def write(self, path, text):
        temporary = path.with_name("." + path.name + ".tmp")
        temporary.write_text(text)
        temporary.chmod(0o644)
        temporary.rename(path)

    def settings(self, limits=None, policy=None, account=SENDER, sources=None, **top):
        """Writes the settings; keyword arguments are top-level keys."""
        sources = sources or {"governance": {"account": account, "region": REGION}}
        for source in sources.values():
            source.setdefault("endpoint_url", self.simulator.url)
            source.setdefault("sts_endpoint_url", self.simulator.url)
        document = {"sources": sources, "limits": {"requests_per_second": "unlimited", **(limits or {})},
                    "policy": policy or {}, **top}
        self.write(self.settings_path, json.dumps(document))  # JSON is YAML

    def shares(self, *frameworks):
        """Writes the shares: each framework as framework(...) below."""
        self.write(self.shares_path, json.dumps({"frameworks": list(frameworks)}))

    def command(self, program, *arguments):
        return [program, "--settings", str(self.settings_path), "--shares", str(self.shares_path), *arguments]

    def once(self, *arguments, timeout=120, preexec_fn=None, env=None):
        return Result(subprocess.run(self.command(DAEMON, "--once", "--log-format", "json", *arguments),
                                     env={**self.env, **(env or {})}, capture_output=True, text=True, timeout=timeout,
                                     preexec_fn=preexec_fn))

    def ctl(self, *arguments, timeout=60, **kwargs):
        return Result(subprocess.run(self.command(CTL, *arguments), env=self.env, capture_output=True, text=True,
                                     timeout=timeout, **kwargs))

    def status(self):
        return json.loads((self.runtime / "status.json").read_text())

    def share(self, account=RECIPIENT, region=None, name=None):
        found = [s for s in self.status()["shares"] if s["account"] == account and region in (None, s["region"])
                 and name in (None, s["framework_name"])]
        assert len(found) == 1, found
        return found[0]

    def conditions(self):
        return [(s["condition"], s["reason"]) for s in self.status()["shares"]]

    @contextlib.contextmanager
    def service(self, *arguments, env=None):
        service = Service(self.command(DAEMON, "--log-format", "json", *arguments), {**self.env, **(env or {})})
        try:
            yield service
        finally:
            service.end()


class Service:
    """The service in the background; its events are collected as they come."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True,
                                        errors="surrogateescape")
        self.lines, self.lock = [], threading.Lock()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.lock:
                self.lines.append(line)

    @property
    def text(self):
        with self.lock:
            return "".join(self.lines)

    @property
    def events(self):
        return parse_events(self.text)

    def wait_for(self, condition, timeout=20):
        """Waits until condition(events) is true, and returns what it returned."""
        deadline = time.monotonic() + timeout
        while True:
            found = condition(self.events)
            if found:
                return found
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.text}"
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def wait_passes(self, n, timeout=20):
        return self.wait_for(lambda events: len(events.of("completed")) >= n, timeout)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=20):
        status = self.process.wait(timeout)
        self.reader.join(timeout)
        return status

    def kill(self):
        self.process.kill()
        return self.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.wait()
                raise
        self.reader.join(5)
        self.process.stderr.close()


def framework(name="Baseline", recipients=((RECIPIENT, "eu-west-2"),), **keys):
    """An entry of `frameworks:`; recipients as (account, Region) pairs."""
    entry = {"name": name, "eligibility_acknowledged": True,
             "recipients": [{"account": account, "regions": [region]} for account, region in recipients], **keys}
    if "id" in entry:
        del entry["name"]
    return entry


def many(n, first=700000000000, region="eu-west-2"):
    """n recipients."""
    return [(str(first + i), region) for i in range(n)]
