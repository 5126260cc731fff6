# SPDX-License-Identifier: Apache-2.0

"""
The simulator as an object: started with a seed, controlled, and gone at the end

    with Simulator(seed=seed(), rate=0) as simulator:
        simulator.advance(days=95)
        simulator.fault(operation="StartAssessmentFrameworkShare", kind="reset", when="after")

The process ends with the test, even one that is killed: its standard input is a pipe that we hold.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

SENDER = "111122223333"
RECIPIENT = "444455556666"
STRANGER = "999900001111"  # never enabled Audit Manager
REGION = "eu-west-1"

SENDER_KEY = ("AKIASENDER0000000001", "sender/secret+key=1")
RECIPIENT_KEY = ("AKIARECIPIENT0000001", "recipient/secret+key=2")

# Without a proxy, whatever the environment says.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def binary():
    """The program, where the build put it."""
    build = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build"))
    return build.resolve() / "tests" / "simulator"


def seed(**more):
    """A sender with one framework, a recipient, and an account that cannot receive."""
    document = {
        "accounts": {
            SENDER: {"audit_manager": True},
            RECIPIENT: {"audit_manager": True},
            STRANGER: {"audit_manager": False},
        },
        "keys": [key(*SENDER_KEY, SENDER), key(*RECIPIENT_KEY, RECIPIENT)],
        "frameworks": [framework("Baseline")],
    }
    for name, value in more.items():
        if isinstance(document.get(name), list):
            document[name] = document[name] + value
        elif isinstance(document.get(name), dict):
            document[name] = {**document[name], **value}
        else:
            document[name] = value
    return document


def key(access_key_id, secret_access_key, account, **more):
    return {
        "access_key_id": access_key_id,
        "secret_access_key": secret_access_key,
        "account": account,
        **more,
    }


def framework(name, account=SENDER, region=REGION, **more):
    return {"name": name, "account": account, "region": region, **more}


class ControlError(Exception):
    """The control port refused."""


class Simulator:
    """One running simulator. Options are those of the program, with "_" for "-"."""

    def __init__(self, seed=None, program=None, **options):
        self.seed = seed
        self.program = str(program or binary())
        self.options = options
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        command = [self.program, "--exit-on-eof"]
        for name, value in self.options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            if self.seed is not None:
                json.dump(self.seed, file)
                file.flush()
                command += ["--seed", file.name]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            line = self.process.stdout.readline().split()
        if not line or line[0] != "ready":
            self.process.stdin.close()
            self.process.wait(10)
            raise RuntimeError("the simulator did not start")
        ports = dict(part.split("=") for part in line[1:])
        self.port = int(ports["port"])
        self.control_port = int(ports["control"])
        self.url = f"http://127.0.0.1:{self.port}"
        self.control_url = f"http://127.0.0.1:{self.control_port}"
        return self

    def stop(self):
        """Ends the process; returns its exit status."""
        if self.process.poll() is None:
            self.process.stdin.close()
        status = self.process.wait(30)
        self.process.stdout.close()
        return status

    def control(self, path, body=None, query=None):
        """POST with a body (a dict, {} too), GET without."""
        url = self.control_url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        try:
            with _opener.open(urllib.request.Request(url, data=data), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(f"{path}: {error.code} {error.read().decode()}") from None

    def advance(self, days=0, seconds=0):
        """Ages the world."""
        return self.control("/advance", {"days": days, "seconds": seconds})

    def log(self, operation=None, after=0):
        """The API calls so far, oldest first; after is a sequence number."""
        query = {"after": after}
        if operation:
            query["operation"] = operation
        return self.control("/log", query=query)

    def last_seq(self):
        return self.control("/stats")["calls"]

    def requests(self, **filters):
        """All records with their internal state; by framework, account, region."""
        return self.control("/requests", query=filters)

    def request(self, framework, account, region):
        """The one record of a share."""
        found = self.requests(framework=framework, account=account, region=region)
        assert len(found) == 1, found
        return found[0]

    def stats(self):
        return self.control("/stats")

    def settings(self, **settings):
        return self.control("/settings", settings)

    def fault(self, operation="*", kind="status", **more):
        return self.control("/fault", {"operation": operation, "kind": kind, **more})

    def faults(self):
        return self.control("/faults")

    def clear_faults(self):
        return self.control("/faults-clear", {})

    def add(self, **document):
        """More of what a seed can contain; existing accounts and keys are changed."""
        return self.control("/seed", document)

    def accept(self, **which):
        """which: request=ID, or framework=, account=, region=. So for all of these."""
        return self.control("/accept", which)

    def decline(self, **which):
        return self.control("/decline", which)

    def revoke(self, **which):
        return self.control("/revoke", which)

    def expire(self, **which):
        return self.control("/expire", which)

    def fail(self, **which):
        return self.control("/fail", which)

    def set_status(self, status, **which):
        return self.control("/status", {"status": status, **which})

    def delete_request(self, **which):
        return self.control("/request-delete", which)

    def update_framework(self, framework, **more):
        return self.control("/framework-update", {"framework": framework, **more})

    def add_framework(self, **description):
        return self.control("/framework-add", description)

    def delete_framework(self, framework):
        return self.control("/framework-delete", {"framework": framework})


def wait_until(condition, seconds=10, interval=0.02):
    """Polls until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, "timed out"
        time.sleep(interval)
