# SPDX-License-Identifier: Apache-2.0
"""The works that are measured: what each is, who does it, and what is to come out.

A work returns its columns (program -> Column), its figures, and remarks. A column whose program is not
there says so, and the figures that need it are not known.
"""

import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import canned
from programs import (BUILD, ENVIRONMENT, HERE, Column, Failed, go_peer, interleave, needs, node_peer, other, ours, run,
                      sync_seconds, world)  # fmt: skip

LISTED = 100_000
STARTS = 10_000
CONCURRENCY = 32
AWS = os.environ.get("AWS_CLI", "/usr/bin/aws")
PYTHON = "/usr/bin/python3"


def figure(name, value, op, target, unit=""):
    return {"name": name, "value": value, "op": op, "target": target, "unit": unit}


def ratio(columns, over, under, key="wall"):
    """How many times `under` goes into `over`; None where one of them was not measured."""
    a, b = columns[over].median(key), columns[under].median(key)
    return a / b if a is not None and b else None


def floor(made, what, want):
    command = [str(BUILD / "tests/bench-floor"), what, made.url, str(made.folder / "declared.txt"),
               str(CONCURRENCY)]  # fmt: skip
    return Column(lambda: other(made, command, want))


def boto3(made, want):
    command = [PYTHON, str(HERE / "peer_boto3.py"), made.url, str(made.folder / "declared.json")]
    return Column(lambda: other(made, command, want))


def golang(made, want):
    command, missing = go_peer()
    arguments = [made.url, str(made.folder / "declared.json")]
    return Column(lambda: other(made, command + arguments, want), missing)


def javascript(made, want):
    command, missing = node_peer()
    arguments = [made.url, str(made.folder / "declared.json")]
    return Column(lambda: other(made, command + arguments, want), missing)


def script(made, name, want, missing):
    command = [str(HERE / name), made.url, str(made.folder / "declared.txt")]
    made.environment["AWS_CLI"] = AWS
    return Column(lambda: other(made, command, want), missing)


def ceiling(made, path, *options):
    """What nginx itself can do here, by wrk."""
    if not shutil.which("wrk"):
        return "the server's ceiling is not known: wrk is not installed"
    done = subprocess.run(["wrk", "-t1", f"-c{CONCURRENCY}", "-d2s", *options, made.url + path],
                          capture_output=True, text=True, check=False)  # fmt: skip
    found = re.search(r"Requests/sec:\s*([0-9.]+)", done.stdout)
    if not found or "Non-2xx" in done.stdout:
        return "the server's ceiling is not known: wrk failed"
    return f"the server's ceiling by wrk: {float(found[1]):,.0f} requests/s"


def s1(runs):
    with world(LISTED) as made:
        want = f"{LISTED} observed, 0 "
        ours(made, fresh=True)  # sees everything for the first time
        columns = interleave({
            "auditshared": Column(lambda: ours(made)),
            "floor": floor(made, "list", want),
            "boto3": boto3(made, want),
            "Go": golang(made, want),
            "JavaScript": javascript(made, want),
        }, runs)  # fmt: skip
        page = "/assessmentFrameworkShareRequests?maxResults=1000&nextToken=p1&requestType=SENT"
        remarks = [ceiling(made, page) + " for a page"]
    return columns, [
        figure("auditshared / floor, wall", ratio(columns, "auditshared", "floor"), "<=", 1.25),
        figure("auditshared / floor, CPU", ratio(columns, "auditshared", "floor", "cpu"), "<=", 1.25),
        figure("boto3 / auditshared, wall", ratio(columns, "boto3", "auditshared"), ">=", 3.5),
        figure("Go / auditshared, wall", ratio(columns, "Go", "auditshared"), ">", 1),
        figure("JavaScript / auditshared, wall", ratio(columns, "JavaScript", "auditshared"), ">", 1),
        figure("peak memory", columns["auditshared"].median("mb"), "<=", 40, "MB"),
    ], remarks  # fmt: skip


def count_connections():
    """Over how many connections the starts of one pass go, and how many starts there are."""
    with world(0, STARTS, log=True) as made:
        ours(made, fresh=True)
        lines = [line.split() for line in (made.folder / "access.log").read_text().splitlines()]
    posts = [connection for connection, method in lines if method == "POST"]
    return len(set(posts)), len(posts), len({connection for connection, _ in lines})


def s2(runs):
    with world(0, STARTS) as made:
        columns = interleave({
            "auditshared": Column(lambda: ours(made, fresh=True)),
            "floor": floor(made, "start", f"0 observed, {STARTS} missing"),
            "boto3": boto3(made, f"0 observed, {STARTS} started"),
            "Go": golang(made, f"0 observed, {STARTS} missing"),
            "JavaScript": javascript(made, f"0 observed, {STARTS} missing"),
        }, runs)  # fmt: skip
        synced = sync_seconds(made.folder)
        starts = f"/assessmentFrameworks/{canned.FRAMEWORK}/shareRequests"
        remarks = [
            ceiling(made, starts, "-s", str(HERE / "start.lua")) + " for a start",
            f"one fdatasync takes {synced * 1000:.1f} ms here; memory is synced before a start is sent",
        ]
    connections, n_posts, all_connections = count_connections()
    remarks.append(f"in a run with a log: {n_posts:,} POST requests over {connections} connections; "
                   f"{all_connections} connections in all")
    return columns, [
        figure("auditshared / floor, wall", ratio(columns, "auditshared", "floor"), "<=", 1.5),
        figure("auditshared / floor, CPU", ratio(columns, "auditshared", "floor", "cpu"), None, None),
        figure("boto3 / auditshared, wall", ratio(columns, "boto3", "auditshared"), ">=", 10),
        figure("Go / auditshared, wall", ratio(columns, "Go", "auditshared"), None, None),
        figure("JavaScript / auditshared, wall", ratio(columns, "JavaScript", "auditshared"), None, None),
        figure("peak memory", columns["auditshared"].median("mb"), "<=", 32, "MB"),
        figure("connections", all_connections, "==", CONCURRENCY),
    ], remarks  # fmt: skip


def few(runs, tls):
    """With its memory there, as each pass but the first, which writes all of it and waits for the disk."""
    with world(50, tls=tls) as made:
        want = "50 observed, 0 "
        ours(made, fresh=True)
        columns = interleave({
            "auditshared": Column(lambda: ours(made)),
            "floor": floor(made, "list", want),
            "boto3": boto3(made, want),
            "Go": golang(made, want),
            "JavaScript": javascript(made, want),
            "AWS CLI": script(made, "peer-aws", want, needs(AWS)),
            "curl": script(made, "peer-curl", want, needs("/usr/bin/curl")),
            # Last of a round: the next one finds memory again.
            "first pass": Column(lambda: ours(made, fresh=True)),
        }, runs)  # fmt: skip
        synced = sync_seconds(made.folder)
    return columns, [
        figure("auditshared / floor, wall", ratio(columns, "auditshared", "floor"), "<=", 2),
        figure("boto3 / auditshared, wall", ratio(columns, "boto3", "auditshared"), ">=", 20),
        figure("Go / auditshared, wall", ratio(columns, "Go", "auditshared"), None, None),
        figure("JavaScript / auditshared, wall", ratio(columns, "JavaScript", "auditshared"), None, None),
        figure("AWS CLI / auditshared, wall", ratio(columns, "AWS CLI", "auditshared"), ">=", 60),
        figure("curl / auditshared, wall", ratio(columns, "curl", "auditshared"), None, None),
        figure("first pass / floor, wall", ratio(columns, "first pass", "floor"), "<=", 2),
    ], [f"one fdatasync takes {synced * 1000:.1f} ms here; the first pass waits for some"]  # fmt: skip


def s3(runs):
    return few(runs, tls=False)


def s3_tls(runs):
    return few(runs, tls=True)


def s4(runs):
    """Ten times as many, beside as many as in S1 in the same rounds."""
    first = []
    with world(LISTED) as small, world(10 * LISTED) as large:
        ours(small, fresh=True)
        first.append(ours(large, fresh=True))
        columns = interleave({
            "100,000": Column(lambda: ours(small)),
            "1,000,000": Column(lambda: ours(large)),
        }, min(runs, 3))  # fmt: skip
    return columns, [
        figure("1,000,000 / 100,000, wall", ratio(columns, "1,000,000", "100,000"), "<=", 12),
        figure("peak memory", columns["1,000,000"].median("mb"), "<=", 300, "MB"),
        figure("peak memory of the first pass", first[0]["mb"], "<=", 300, "MB"),
        figure("wall of the first pass", first[0]["wall"], None, None, "s"),
    ], [f"{min(runs, 3)} runs only"]  # fmt: skip


def switches(pid):
    """How often the threads of a process went to sleep of their own accord, and so were woken."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text(), re.M)[1])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def wait_until_at_rest(process, report, patience_sec=60):
    """Until a report is written, and nothing has moved for a second."""
    deadline, before = time.monotonic() + patience_sec, -1
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(1)
        now = switches(process.pid)
        if report.exists() and now == before:
            return
        before = now
    raise Failed("the service did not come to rest")


def s5(_runs):
    with world(LISTED) as made:
        made.write(interval="1h")
        ours(made, fresh=True)
        shutil.rmtree(made.folder / "run")
        command, environment = made.service()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
            try:
                wait_until_at_rest(process, made.folder / "run/status.json")
                before = switches(process.pid)
                time.sleep(10)
                woken = switches(process.pid) - before
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            finally:
                process.terminate()
                process.wait()
    resident = int(re.search(r"^VmRSS:\s*(\d+)", status, re.M)[1]) / 1024
    return {}, [
        figure("resident memory at rest", resident, "<=", 24, "MB"),
        figure("wake-ups in 10 s", woken, "==", 0),
    ], ["one run, without the watchdog, whose beat is systemd's to set"]  # fmt: skip


def s6(runs):
    grown = []
    with world(LISTED) as made:
        memory = made.folder / "state/memory.log"
        odd = 54_321
        changes = iter(range(1, 10_000))

        def changed():
            change = next(changes)
            canned.write_page(made.folder / "pages", LISTED, odd // canned.PAGE, made.now, canned.PAGE,
                              odd if change % 2 else None, 60 + change % 30)  # fmt: skip
            before = memory.stat().st_size
            row = ours(made)
            grown.append(memory.stat().st_size - before)
            return row

        ours(made, fresh=True)
        size = memory.stat().st_size
        columns = interleave({"nothing": Column(lambda: ours(made)), "one changed": Column(changed)}, runs)
    return columns, [
        figure("one changed / nothing, wall", ratio(columns, "one changed", "nothing"), "<=", 1.05),
        figure("bytes that memory.log grew by, at most", max(grown), "<=", 1000),
    ], [f"memory.log has {size:,} bytes; it grew by {', '.join(map(str, grown))}"]  # fmt: skip


def printed_json(command):
    return json.loads(run(command, ENVIRONMENT)[1].splitlines()[-1])


def per_second(command):
    result = printed_json(command)
    return {"per_second": result["count"] / result["seconds"]}


def signer(runs):
    columns = interleave({
        "auditshared": Column(lambda: per_second([str(BUILD / "tests/bench-signer"), "400000"])),
        "botocore": Column(lambda: per_second([PYTHON, str(HERE / "peer_sigv4.py"), "10000"])),
    }, runs)  # fmt: skip
    return columns, [
        figure("signatures a second", columns["auditshared"].median("per_second"), ">=", 400_000),
        figure("auditshared / botocore", ratio(columns, "auditshared", "botocore", "per_second"), ">=", 20),
    ], []  # fmt: skip


def yaml(runs):
    with world(0, LISTED) as made:
        command = [str(BUILD / "tests/bench-yaml"), str(made.folder / "shares.yaml"), str(runs)]
        result = printed_json(command)
    columns = {"validated": Column(None), "libyaml alone": Column(None)}
    columns["validated"].rows = [{"cpu": seconds} for seconds in result["load"]]
    columns["libyaml alone"].rows = [{"cpu": seconds} for seconds in result["events"]]
    return columns, [
        figure("validated / libyaml's events, CPU", ratio(columns, "validated", "libyaml alone", "cpu"), "<=", 2.5),
    ], [f"{result['shares']:,} shares in {result['bytes']:,} bytes"]  # fmt: skip


def plan(runs):
    results = []

    def once():
        results.append(printed_json([str(BUILD / "tests/bench-plan"), "1000000"]))
        return {"cpu": results[-1]["second"]["seconds"]}

    columns = interleave({
        "with its memory": Column(once),
        "the first": Column(None, "bench-plan did not run"),
    }, min(runs, 3))  # fmt: skip
    if not results:
        return columns, [], []
    columns["the first"] = Column(None)
    columns["the first"].rows = [{"cpu": result["first"]["seconds"]} for result in results]
    allocations = {name: max(result[name]["allocations"] for result in results)
                   for name in ("first", "second")}  # fmt: skip
    return columns, [
        figure("1,000,000 x 1,000,000, CPU", columns["with its memory"].median("cpu"), "<", 1, "s"),
        figure("the same, filling memory", columns["the first"].median("cpu"), "<", 1, "s"),
        figure("allocations", allocations["second"], "<=", 100),
        figure("allocations, filling memory", allocations["first"], "<=", 100),
    ], [f"one allocation a share would be {results[0]['shares']:,}", f"{min(runs, 3)} runs only"]  # fmt: skip


WORKS = {
    "s1": (f"one pass over {LISTED:,} requests in 100 pages, nothing to do", s1),
    "s2": (f"{STARTS:,} starts, {CONCURRENCY} at a time, no rate limit, durable memory", s2),
    "s3": ("50 shares, one pass, from exec to exit, memory and status written", s3),
    "s3-tls": ("the same over TLS", s3_tls),
    "s4": ("one pass over 1,000,000 requests, nothing to do", s4),
    "s5": (f"the service at rest after a pass over {LISTED:,} requests", s5),
    "s6": (f"one pass in which 1 of {LISTED:,} requests changed", s6),
    "signer": ("a start request signed, one core, the key of the day kept", signer),
    "yaml": (f"a shares file of {LISTED:,} shares validated", yaml),
    "plan": ("1,000,000 shares declared and listed are planned", plan),
}

MEETS = {"<=": float.__le__, "<": float.__lt__, ">=": float.__ge__, ">": float.__gt__, "==": math.isclose}


def judge(one):
    """Whether a figure meets its target; None where either is not known."""
    if one["value"] is None or one["op"] is None:
        return None
    return MEETS[one["op"]](float(one["value"]), float(one["target"]))
