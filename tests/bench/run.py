# SPDX-License-Identifier: Apache-2.0
"""First figures: a pass with nothing to do over 100,000 shares, and 10,000 starts, beside a boto3 script that does the same.

    tests/bench/run.py BUILD [RUNS]

Both run against the simulator on loopback, in turn; a row is the median of the runs. CPU and memory are the client's own, as the
kernel accounts them; the simulator's are not in it, but its time is in everybody's wall clock.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
os.environ["AUDITSHARED_BUILD"] = str(BUILD)
sys.path.insert(0, str(HERE.parent / "integration"))
from simulator import REGION, SENDER, SENDER_KEY, Simulator, seed  # noqa: E402

REGIONS = ["ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1",
           "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": SENDER_KEY[0], "AWS_SECRET_ACCESS_KEY": SENDER_KEY[1],
               "AWS_DEFAULT_REGION": REGION}


def recipients(simulator_requests, n):
    """The recipients that the simulator's bulk seed makes, or fresh ones."""
    if simulator_requests:
        regions = [region for region in REGIONS if region != REGION]
        return [(str(200000000000 + i // len(regions)), regions[i % len(regions)]) for i in range(n)]
    return [(str(300000000000 + i), "eu-west-2") for i in range(n)]


def write_files(folder, url, shares):
    accounts = {}
    for account, region in shares:
        accounts.setdefault(account, []).append(region)
    settings = {"sources": {"grc": {"account": SENDER, "region": REGION, "endpoint_url": url, "sts_endpoint_url": url}},
                "limits": {"requests_per_second": "unlimited", "concurrency": 32, "writes_per_pass": 1000000,
                           "recipient_accounts": 1000000}}
    (folder / "settings.yaml").write_text(json.dumps(settings))
    lines = ["frameworks:", "  - name: Baseline", "    eligibility_acknowledged: true", "    recipients:"]
    for account, regions in accounts.items():
        lines += [f'      - account: "{account}"', f"        regions: [{', '.join(regions)}]"]
    (folder / "shares.yaml").write_text("\n".join(lines) + "\n")
    (folder / "declared.json").write_text(json.dumps({"framework": "Baseline", "recipients": shares}))
    for name in ("settings.yaml", "shares.yaml"):
        (folder / name).chmod(0o644)


def measure(command, environment):
    """Wall and CPU seconds and peak MB of one whole process."""
    with tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{command[0]} ended with {process.returncode}: {output.read()[-2000:].decode()}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}


def ours(folder, fresh):
    state = folder / "state"
    if fresh:
        for file in state.glob("*"):
            file.unlink()
    return measure([str(BUILD / "auditshared"), "--once", "--settings", str(folder / "settings.yaml"), "--shares",
                    str(folder / "shares.yaml")],
                   {**ENVIRONMENT, "STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(folder / "run")})


def boto3(folder, url):
    return measure(["/usr/bin/python3", str(HERE / "peer_boto3.py"), url, str(folder / "declared.json")], ENVIRONMENT)


def document(**members):
    made = seed(default_account={"audit_manager": True}, **members)
    made["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
    return made


def bench_steady(folder, n):
    rows = {"auditshared": [], "boto3": []}
    with Simulator(seed=document(bulk={"requests": n, "framework": "Baseline", "status": "SHARED"}), rate=0, quota=0) as s:
        write_files(folder, s.url, recipients(True, n))
        ours(folder, True)  # the first pass sees everything for the first time
        for _ in range(RUNS):
            rows["auditshared"].append(ours(folder, False))
            rows["boto3"].append(boto3(folder, s.url))
    return rows


def bench_starts(folder, n):
    rows = {"auditshared": [], "boto3": []}
    for _ in range(RUNS):
        for name, run in (("auditshared", lambda s: ours(folder, True)), ("boto3", lambda s: boto3(folder, s.url))):
            with Simulator(seed=document(), rate=0, quota=0) as s:
                write_files(folder, s.url, recipients(False, n))
                rows[name].append(run(s))
                assert len(s.log("StartAssessmentFrameworkShare")) == n
    return rows


def median(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main():
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results["100,000 shares, nothing to do"] = bench_steady(folder, 100000)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results["10,000 starts, concurrency 32"] = bench_starts(folder, 10000)

    print(f"{'work':32} {'program':12} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}   medians of {RUNS}")
    for work, rows in results.items():
        medians = {program: median(runs) for program, runs in rows.items()}
        for program, row in medians.items():
            print(f"{work:32} {program:12} {row['wall']:8.2f} {row['cpu']:8.2f} {row['mb']:8.0f}")
        ratio = {key: medians["boto3"][key] / medians["auditshared"][key] for key in medians["boto3"]}
        print(f"{work:32} {'boto3 / ours':12} {ratio['wall']:8.1f} {ratio['cpu']:8.1f} {ratio['mb']:8.1f}")
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1))


main()
