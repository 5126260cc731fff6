# SPDX-License-Identifier: Apache-2.0
"""The demo: a small organisation shares its frameworks, people answer, time passes, and the service keeps up."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
os.environ["AUDITSHARED_BUILD"] = str(BUILD)
sys.path.insert(0, str(HERE.parent / "integration"))
from simulator import Simulator  # noqa: E402

GRC = "111122223333"
SUBSIDIARIES = {"EU bank": "444455556666", "EU insurance": "555566667777", "Asia": "777788889999", "New joiner": "888899990000"}

SEED = {
    "accounts": {GRC: {"audit_manager": True}, "444455556666": {"audit_manager": True}, "555566667777": {"audit_manager": True},
                 "777788889999": {"audit_manager": True}, "888899990000": {"audit_manager": False}},
    "keys": [{"access_key_id": "AKIADEMO00000000001", "secret_access_key": "demo/secret+key", "account": GRC}],
    "frameworks": [
        {"account": GRC, "region": "us-east-1", "name": "Group baseline 2026", "created_days_ago": 300, "updated_days_ago": 200},
        {"account": GRC, "region": "us-east-1", "name": "Data residency", "created_days_ago": 250, "updated_days_ago": 240},
        {"account": GRC, "region": "us-east-1", "name": "Incident response", "created_days_ago": 200, "updated_days_ago": 190},
    ],
    "requests": [
        {"framework": "Group baseline 2026", "to_account": "444455556666", "to_region": "eu-west-1", "status": "SHARED",
         "created_days_ago": 120},
        {"framework": "Group baseline 2026", "to_account": "555566667777", "to_region": "eu-west-1", "status": "EXPIRING"},
        {"framework": "Group baseline 2026", "to_account": "777788889999", "to_region": "ap-southeast-2", "status": "EXPIRED"},
        {"framework": "Data residency", "to_account": "444455556666", "to_region": "eu-central-1", "status": "ACTIVE",
         "created_days_ago": 10},
        {"framework": "Data residency", "to_account": "555566667777", "to_region": "eu-central-1", "status": "DECLINED",
         "created_days_ago": 40},
        {"framework": "Incident response", "to_account": "777788889999", "to_region": "ap-northeast-1", "status": "REVOKED",
         "created_days_ago": 60},
        {"framework": "Incident response", "to_account": "888899990000", "to_region": "us-west-2", "status": "FAILED",
         "created_days_ago": 1},
    ],
}

SETTINGS = """\
sources:
  grc:
    account: "111122223333"
    region: us-east-1
    endpoint_url: {url}
    sts_endpoint_url: {url}
interval: 1h
settle: 0s                  # the demo has no fifteen minutes to wait
"""

SHARES = """\
recipients:
  eu:
    - account: "444455556666"
      regions: [eu-west-1, eu-central-1]
    - account: "555566667777"
      regions: [eu-west-1, eu-central-1]

frameworks:
  - name: Group baseline 2026
    comment: Owner GRC, ticket GRC-1042
    eligibility_acknowledged: true
    recipients:
      - eu
      - account: "777788889999"
        regions: [ap-southeast-2]
  - name: Data residency
    eligibility_acknowledged: true
    recipients: [eu]
  - name: Incident response
    eligibility_acknowledged: true
    recipients:
      - account: "777788889999"
        regions: [ap-northeast-1]
      - account: "888899990000"
        regions: [us-west-2]
"""

BOLD, DIM, OFF = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "", "")


def say(text):
    print(f"\n{BOLD}## {text}{OFF}", flush=True)


class Demo:
    def __init__(self, folder, simulator):
        self.folder, self.simulator = folder, simulator
        (folder / "auditshared.yaml").write_text(SETTINGS.format(url=simulator.url))
        (folder / "shares.yaml").write_text(SHARES)
        for name in ("auditshared.yaml", "shares.yaml"):
            (folder / name).chmod(0o644)
        self.env = {"PATH": f"{BUILD}:{os.environ['PATH']}", "TERM": os.environ.get("TERM", "dumb"),
                    "STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run"),
                    "AWS_ACCESS_KEY_ID": "AKIADEMO00000000001", "AWS_SECRET_ACCESS_KEY": "demo/secret+key"}
        if "NO_COLOR" in os.environ:
            self.env["NO_COLOR"] = os.environ["NO_COLOR"]

    def run(self, program, *arguments, expect=(0,)):
        command = [program, "--settings", "auditshared.yaml", "--shares", "shares.yaml", *arguments]
        print(f"{DIM}$ {' '.join(command)}{OFF}", flush=True)
        status = subprocess.run(command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                check=False).returncode
        if status not in expect:
            sys.exit(f"demo: {program} ended with {status}, and not with {expect}")

    def ctl(self, *arguments, **kwargs):
        self.run("auditsharectl", *arguments, **kwargs)

    def service_in_json(self):
        """One pass whose events are shown as sentences, and one of them with its fields."""
        command = ["auditshared", "--settings", "auditshared.yaml", "--shares", "shares.yaml", "--once", "--log-format", "json"]
        print(f"{DIM}$ {' '.join(command)}{OFF}", flush=True)
        done = subprocess.run(command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=True)
        events = [json.loads(line) for line in done.stderr.splitlines()]
        for event in events:
            print(event["MESSAGE"])
        declined = next(event for event in events if event.get("SHARE_STATUS") == "DECLINED")
        print("\nThe first of these about the one who declined, with its fields, as journalctl -o verbose shows them:")
        for name, value in declined.items():
            print(f"    {name}={value}", flush=True)

    def edit(self, old, new):
        path = self.folder / "shares.yaml"
        path.write_text(path.read_text().replace(old, new))


def story(demo):
    simulator = demo.simulator
    say("Governance declares who gets which framework")
    print(re.sub("^", "    ", SHARES, flags=re.M).rstrip(), flush=True)

    say("A typing mistake is found before anything happens, with its place and a remedy")
    demo.edit("regions: [ap-southeast-2]", "regions: [ap-southeast-9]")
    demo.ctl("check", expect=(1,))
    demo.edit("regions: [ap-southeast-9]", "regions: [ap-southeast-2]")
    demo.ctl("check")

    say("What would be done, compared with the share requests that exist")
    demo.ctl("plan", "--detailed-exitcode", expect=(2,))

    say("Do it. Each line below is also a journal event with fields and a MESSAGE_ID")
    demo.ctl("apply")

    say("The same again: nothing is left to do, and nothing is said twice")
    demo.ctl("apply")

    say("EU bank accepts, Asia declines, and the baseline gets a new version")
    simulator.accept(framework="Data residency", account="444455556666", region="eu-central-1")
    simulator.decline(framework="Group baseline 2026", account="777788889999", region="ap-southeast-2")
    simulator.update_framework("Group baseline 2026")
    time.sleep(1.2)  # the simulator replicates for a second
    demo.service_in_json()

    say("95 days later: what nobody answered is about to expire")
    simulator.advance(days=95)
    demo.ctl("plan")
    demo.run("auditshared", "--once")

    say("What the service saw last")
    demo.ctl("status", expect=(0, 4))


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="auditshared-demo-"))
    begun = time.monotonic()
    try:
        with Simulator(seed=SEED, rate=20) as simulator:
            say(f"An Audit Manager on {simulator.url}, simulated: three frameworks, four subsidiaries, seven old requests")
            story(Demo(folder, simulator))
    finally:
        shutil.rmtree(folder)
    say(f"That was {time.monotonic() - begun:.0f} seconds. Nothing is left running; the README says how to go on")


main()
