# SPDX-License-Identifier: Apache-2.0

"""
auditshared.prom as node_exporter's textfile collector reads it

promtool judges each file; what it lets pass and the collector does not (timestamps, a second HELP, a TYPE
that says otherwise) is looked for here. Then the figures: those of status.json, and counters that never go
back.
"""

import collections
import math
import os
import re
import signal
import stat
import subprocess
import threading
import time

import pytest

import simulator as sim
from daemon import Host, framework, many
from simulator import RECIPIENT, REGION, SENDER, Simulator, seed, wait_until

TO = "eu-west-2"
CONDITIONS = ["ready", "pending", "progressing", "held", "stalled", "orphaned", "unmanaged"]
STATUSES = ["ACTIVE", "REPLICATING", "SHARED", "EXPIRING", "FAILED", "EXPIRED", "DECLINED", "REVOKED",
            "unknown"]

# name: (type, labels); after a whole pass with an open request all of them are there
METRICS = {
    "auditshared_shares": ("gauge", ("source", "condition")),
    "auditshared_share_requests": ("gauge", ("source", "status")),
    "auditshared_pass_duration_seconds": ("gauge", ()),
    "auditshared_last_pass_timestamp_seconds": ("gauge", ()),
    "auditshared_last_success_timestamp_seconds": ("gauge", ()),
    "auditshared_api_requests_total": ("counter", ("source", "operation", "code")),
    "auditshared_api_retries_total": ("counter", ("source",)),
    "auditshared_soonest_expiry_timestamp_seconds": ("gauge", ()),
    "auditshared_build_info": ("gauge", ("version",)),
}
SOONEST = "auditshared_soonest_expiry_timestamp_seconds"
SUCCESS = "auditshared_last_success_timestamp_seconds"
ENDED = "auditshared_last_pass_timestamp_seconds"
CALLS, RETRIES = "auditshared_api_requests_total", "auditshared_api_retries_total"

# A sample is a name, labels and a value: a fourth word would be a timestamp, which the collector refuses.
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? ([0-9.]+)$')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


@pytest.fixture
def world(tmp_path):
    """A function that starts a simulator with these seed members, and gives it with a host."""
    running = []

    def start(*frameworks, settings=None, **members):
        document = seed(default_account={"audit_manager": True}, **members)
        document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
        simulator = Simulator(seed=document, rate=0, quota=0).start()
        running.append(simulator)
        host = Host(tmp_path, simulator, settle="0s", **(settings or {}))
        host.shares(*(frameworks or [framework()]))
        return simulator, host

    yield start
    for simulator in running:
        assert simulator.stop() == 0


def request(account, status, **more):
    return {"framework": "Baseline", "to_account": account, "to_region": TO, "status": status, **more}


def promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


class File:
    """The file, read strictly: {name: {labels: value}} with what its heads say."""

    def __init__(self, text):
        assert text.endswith("\n") and "\r" not in text
        self.types, self.help, self.samples = {}, {}, collections.defaultdict(dict)
        self.current = None
        for line in text.splitlines():
            assert line, "an empty line"
            (self.head if line.startswith("#") else self.sample)(line)
        assert self.types.keys() == self.help.keys()

    def head(self, line):
        _, word, name, text = line.split(" ", 3)
        table = {"HELP": self.help, "TYPE": self.types}[word]
        assert name not in table, f"a second {word} of {name}"
        assert text.strip() and name not in self.samples, line
        table[name] = text
        self.current = name

    def sample(self, line):
        match = SAMPLE.match(line)
        assert match, line
        name, labels, value = match.groups()
        assert name == self.current, f"{name} stands apart from its head"
        key = tuple(LABEL.findall(labels or ""))
        assert key not in self.samples[name] and math.isfinite(float(value)), line
        self.samples[name][key] = float(value)

    def get(self, name, **labels):
        found = [value for key, value in self.samples[name].items() if labels.items() <= dict(key).items()]
        assert len(found) == 1, (name, labels, self.samples[name])
        return found[0]

    def counters(self):
        return {(name, key): value for name in (CALLS, RETRIES) for key, value in self.samples[name].items()}


def judged(host, absent=()):
    """Reads the file, which nobody finds wrong, and which has all metrics but the absent ones."""
    text = (host.runtime / "auditshared.prom").read_text()
    assert promtool(text) == (0, ""), text
    file = File(text)
    assert file.types == {name: kind for name, (kind, _) in METRICS.items() if name not in absent}
    for name, samples in file.samples.items():
        assert {tuple(label for label, _ in key) for key in samples} <= {METRICS[name][1]}
    return file


def shares_by_condition(host, source="governance"):
    return collections.Counter(share["condition"] for share in host.status()["shares"]
                               if share["source"] == source)


def test_promtool_and_this_file_see_what_is_wrong():
    """So that "without a word" means something."""
    for text in ("a_total 1\n", "# HELP a b\n# TYPE a counter\na 1\n",
                 "# HELP a b\n# TYPE a gauge\na{b=\"\n\"} 1\n"):
        assert promtool(text)[0] != 0 and promtool(text)[1], text
    good = "# HELP a b\n# TYPE a gauge\na{b=\"c\"} 1\n"
    assert File(good).get("a", b="c") == 1
    for text in (good.replace(" 1\n", " 1 1700000000000\n"), good + good, good + "# TYPE a counter\n",
                 good + "a{b=\"c\"} 2\n", good + "# HELP c d\n# TYPE c gauge\nc 1\na 2\n",
                 good.replace(" 1", " NaN"), good[:-1]):
        with pytest.raises(AssertionError):
            File(text)


def test_every_condition_and_status(world):
    statuses = [*STATUSES[:8], "FROZEN"]
    requests = [request(account, status) for (account, _), status in zip(many(9), statuses)]
    requests += [request("888877776666", "ACTIVE"), request(RECIPIENT, "SHARED")]
    simulator, host = world(framework(recipients=many(9)), framework("None such"), requests=requests,
                            settings={"policy": {"expired": "hold"}})
    simulator.settings(replicate=3600)
    host.shares(framework(recipients=many(9) + [(RECIPIENT, TO)]), framework("None such"))
    host.once()
    host.shares(framework(recipients=many(9) + [("666677778888", TO)]), framework("None such"))
    assert host.once().status == 0
    file = judged(host)

    counts = shares_by_condition(host)
    assert set(counts) == set(CONDITIONS), counts
    for condition in CONDITIONS:
        assert file.get("auditshared_shares", source="governance", condition=condition) == counts[condition]
    # Those of the listing at the pass's begin, of which the renewed one is ACTIVE again.
    listed = collections.Counter(record["status"] if record["status"] in STATUSES else "unknown"
                                 for record in simulator.requests()
                                 if record["destinationAccount"] != "666677778888")
    for status in STATUSES:
        assert file.get("auditshared_share_requests", status=status) == listed[status], status
    assert file.get("auditshared_build_info", version=host.once("--version").out.split()[-1]) == 1


def test_times(world):
    _, host = world(framework(recipients=many(2)),
                    requests=[request(account, "ACTIVE", created_days_ago=days)
                              for (account, _), days in zip(many(2), (3, 40))])
    before = time.time()
    host.once()
    file = judged(host)
    soonest = file.get(SOONEST)
    assert abs(soonest - before - 80 * 86400) < 3600, "of the older one, 120 days after its creation"
    assert before <= file.get(SUCCESS) <= file.get(ENDED) <= time.time()
    assert 0 < file.get("auditshared_pass_duration_seconds") < 60


def test_a_source_that_fails(world):
    simulator, host = world(framework(source="good"), framework(source="bad"))
    host.settings(sources={"good": {"account": SENDER, "region": REGION},
                           "bad": {"account": SENDER, "region": "us-east-1",
                                   "endpoint_url": "http://127.0.0.1:1"}},
                  settle="0s")
    host.env["AWS_MAX_ATTEMPTS"] = "2"
    assert host.once().status == 1
    file = judged(host, absent=[SUCCESS])
    assert file.get("auditshared_shares", source="good", condition="progressing") == 1
    assert file.get(CALLS, source="bad", operation="ListAssessmentFrameworks", code="error") >= 1
    assert file.get(RETRIES, source="bad") >= 1 and file.get(RETRIES, source="good") == 0
    assert sum(value for key, value in file.samples["auditshared_share_requests"].items()
               if ("source", "bad") in key) == 0
    # An answer that is an error counts under its status, and every call is in the sum.
    simulator.fault("ListAssessmentFrameworks", kind="status", status=403, code="AccessDeniedException")
    host.settings(settle="0s")
    host.shares(framework())
    first = simulator.last_seq()
    host.once()
    file = judged(host, absent=[SUCCESS])
    assert file.get(CALLS, operation="ListAssessmentFrameworks", code="403") == 1
    assert sum(file.samples[CALLS].values()) == simulator.last_seq() - first


def test_nothing_declared_and_nothing_there(world):
    _, host = world()
    host.shares()
    assert host.once().status == 0
    file = judged(host, absent=[SOONEST])
    assert set(file.samples["auditshared_shares"].values()) == {0}
    assert len(file.samples["auditshared_shares"]) == len(CONDITIONS)
    assert len(file.samples["auditshared_share_requests"]) == len(STATUSES)


def test_without_credentials(world):
    _, host = world()
    del host.env["AWS_ACCESS_KEY_ID"], host.env["AWS_SECRET_ACCESS_KEY"]
    assert host.once().status == 1
    file = judged(host, absent=[SUCCESS, SOONEST])
    assert not file.samples[CALLS] and file.get(RETRIES, source="governance") == 0


HOSTILE = ['quote " inside', "back\\slash \\n", "}\nauditshared_shares 7", 'a",condition="ready',
           "# TYPE auditshared_shares counter"]


def test_names_of_others_do_not_get_into_it(world):
    """Frameworks are named, commented on and given statuses in AWS, by whoever may."""
    listed = [sim.framework(name) for name in HOSTILE]
    requests = [{**request(account, status), "framework": name, "comment": name}
                for (account, _), name, status in zip(many(5), HOSTILE, [*HOSTILE[:4], "ACTIVE"])]
    simulator, host = world(frameworks=listed, requests=requests)
    # Those that can be declared; the others are only listed.
    host.shares(*(framework(name, recipients=[recipient]) for name, recipient in zip(HOSTILE, many(5))
                  if "\n" not in name and "\\" not in name))
    assert host.once().status == 0
    file = judged(host)
    assert {dict(key)["source"] for key in file.samples["auditshared_shares"]} == {"governance"}
    assert file.get("auditshared_share_requests", status="unknown") == 4
    assert simulator.log("ListAssessmentFrameworkShareRequests")


@pytest.mark.parametrize("name", ["A-z.0_9-" * 8, "_", "-", "0", "__name__"])
def test_names_of_sources(world, name):
    _, host = world()
    host.settings(sources={name: {"account": SENDER, "region": REGION}}, settle="0s")
    host.shares(framework(source=name))
    assert host.once().status == 0
    assert judged(host).get("auditshared_shares", source=name, condition="progressing") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_source_has_no_such_name(world, name):
    """The one label that people write."""
    _, host = world()
    host.settings(sources={name: {"account": SENDER, "region": REGION}}, settle="0s")
    host.shares(framework(source=name))
    assert host.once().status == 78 and not (host.runtime / "auditshared.prom").exists()


class Reader(threading.Thread):
    """Reads the file as often as it can, as a collector might at any moment."""

    def __init__(self, path):
        super().__init__()
        self.path, self.done = path, threading.Event()
        self.texts, self.inodes, self.reads = {}, set(), 0

    def run(self):
        while not self.done.is_set():
            try:
                with open(self.path, encoding="utf-8") as file:
                    self.inodes.add(os.fstat(file.fileno()).st_ino)
                    self.texts[file.read()] = None
                    self.reads += 1
            except FileNotFoundError:
                assert not self.reads, "it was gone for a moment"

    def end(self):
        self.done.set()
        self.join()


def calls_told(host):
    return sum(File((host.runtime / "auditshared.prom").read_text()).samples[CALLS].values())


def test_counters_only_grow_and_no_read_is_partial(world):
    simulator, host = world(framework(recipients=many(60)), settings={"interval": "1h"})
    simulator.fault("ListAssessmentFrameworkShareRequests", kind="status", status=503, nth=3)
    with host.service() as service:
        service.wait_passes(1)
        reader = Reader(host.runtime / "auditshared.prom")
        reader.start()
        try:
            for number in range(2, 13):
                service.signal(signal.SIGUSR1)
                service.wait_passes(number)
            # A pass says that it is over before it says the figures.
            wait_until(lambda: calls_told(host) == simulator.last_seq())
        finally:
            reader.end()
        last = judged(host)
    files = [File(text) for text in reader.texts] + [last]
    assert len(files) >= 6 and reader.reads > len(files), "several files were seen, each several times"
    assert len(reader.inodes) > 1, "a new file each time, renamed over the last"
    for before, after in zip(files, files[1:]):
        assert after.types == before.types
        older, newer = before.counters(), after.counters()
        assert all(newer[key] >= value for key, value in older.items())
        assert after.get(ENDED) >= before.get(ENDED)
    assert last.get(RETRIES, source="governance") == 1
    assert last.get(CALLS, operation="ListAssessmentFrameworkShareRequests", code="503") == 1
    assert sum(last.samples[CALLS].values()) == simulator.last_seq()
    assert [path.name for path in host.runtime.iterdir() if "prom" in path.name] == ["auditshared.prom"]


def test_others_may_read_it(world):
    _, host = world()
    host.once()
    mode = (host.runtime / "auditshared.prom").stat().st_mode
    assert stat.S_IMODE(mode) == 0o644, "node_exporter runs as another user"
