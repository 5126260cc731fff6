# SPDX-License-Identifier: Apache-2.0

"""
auditsharectl import: what lives at AWS becomes a shares file, and acknowledged it makes an empty plan

Files are read by two readers, the product's and PyYAML, which goes by YAML 1.1.
"""

import json
import os
import re
import stat
import subprocess

import pytest
import yaml

from simulator import RECIPIENT, REGION, SENDER, Simulator, framework, seed
from test_ctl import OTHER, World, program

THIRD = "012345678901"
REMINDER = "set eligibility_acknowledged to true where it is right"
LIST = "ListAssessmentFrameworkShareRequests"
ID = "6f0f2b1c-1111-4222-8333-44445555666{}"


@pytest.fixture
def simulator():
    accounts = {OTHER: {"audit_manager": True}, THIRD: {"audit_manager": True}}
    with Simulator(seed=seed(accounts=accounts), rate=0, quota=0) as running:
        yield running
        assert running.stop() == 0


class Host(World):
    """A host that has settings and no shares file."""

    def command(self, *args, name="auditsharectl"):
        self.write()
        (self.path / "shares.yaml").unlink()
        return [program(name), "--settings", str(self.path / "auditshared.yaml"), *args]

    def imported(self, *args, status=0):
        """What was written, unless it failed."""
        path = self.path / "imported.yaml"
        path.unlink(missing_ok=True)
        done = self.run("import", "--output", str(path), *args)
        assert done.returncode == status, done
        assert done.stdout == ""
        return path.read_text()

    def acknowledged(self, text):
        """Runs a verb on the text once a person has put true everywhere."""
        path = self.path / "acknowledged.yaml"
        path.write_text(text.replace("eligibility_acknowledged: false", "eligibility_acknowledged: true"))
        return lambda *args: self.run("--shares", str(path), *args)

    def check(self, text):
        """It loads, and nothing would be done; returns the plan's shares."""
        on = self.acknowledged(text)
        done = on("check", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["errors"] == [], done
        done = on("plan", "--all", "--json")
        plan = json.loads(done.stdout)
        assert (done.returncode, plan["changes"]) == (0, 0), done
        return plan["shares"]


@pytest.fixture
def world(simulator, tmp_path):
    return Host(simulator, tmp_path)


def request(account, region, status="SHARED", name="Baseline", **more):
    return {"framework": name, "to_account": account, "to_region": region, "status": status,
            **({"created_days_ago": 3} if status not in ("ACTIVE", "REPLICATING") else {}), **more}


def declared(text):
    return yaml.safe_load(text)["frameworks"]


def comments(text):
    return [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]


# What it is like


def test_the_file(world, simulator):
    simulator.add(
        frameworks=[framework("Alpha"), framework("Twin"), framework("Twin", id=ID.format(7))],
        requests=[
            request(RECIPIENT, "eu-west-2", comment="Owner GRC"),
            request(RECIPIENT, "eu-central-1", "ACTIVE", comment="Owner GRC"),
            request(THIRD, "us-east-1", "REPLICATING", comment="Owner GRC"),
            request(OTHER, "us-east-1", "DECLINED"),
            request(OTHER, "us-east-2", "EXPIRED"),
            request(OTHER, "us-west-2", "EXPIRED"),
            request(RECIPIENT, "eu-west-2", name="Alpha", comment="one"),
            request(RECIPIENT, "eu-west-1", name="Alpha", comment="two"),
            request(RECIPIENT, "eu-central-1", name="Alpha", comment="one"),
            request(OTHER, "eu-central-1", name="Alpha"),
            request(OTHER, "eu-west-1", name=ID.format(7)),
        ],
    )  # fmt: skip
    text = world.imported()
    head, _, body = text.partition("\nframeworks:\n")
    assert body == f"""\
  - name: Alpha
    eligibility_acknowledged: false
    recipients:
      - account: "{RECIPIENT}"
        regions: [eu-central-1, eu-west-2]
        comment: one
      - account: "{RECIPIENT}"
        regions: [eu-west-1]
        comment: two
      - account: "{OTHER}"
        regions: [eu-central-1]

  - name: Baseline
    comment: Owner GRC
    eligibility_acknowledged: false
    recipients:
      - account: "{THIRD}"
        regions: [us-east-1]
      - account: "{RECIPIENT}"
        regions: [eu-central-1, eu-west-2]

  - id: {ID.format(7)} # Twin
    eligibility_acknowledged: false
    recipients:
      - account: "{OTHER}"
        regions: [eu-west-1]

# Not declared, as they are not live: 3 requests: 2 EXPIRED, 1 DECLINED.
"""
    head = "\n".join(comments(head))
    assert f"governance: account {SENDER}, {REGION}" in head
    assert re.search(r"Written by 'auditsharectl import' \(\d+\.\d+\.\d+\)\nat [0-9T:-]{19}Z, from", head)
    for step in ["Set eligibility_acknowledged to true", "'auditsharectl check'", "'auditsharectl plan'"]:
        assert step in head
    assert max(map(len, text.splitlines())) <= 110
    assert len(world.check(text)) >= 8


def test_on_standard_output_it_is_the_same(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    text = world.imported()
    done = world.run("import")
    assert done.returncode == 0
    assert done.stderr == f"1 framework with 1 share declared; {REMINDER}\n"
    strip = re.compile("^# at .*$", re.M)
    assert strip.sub("", done.stdout) == strip.sub("", text)


def test_unconfirmed_it_does_not_load(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    world.imported()
    done = world.run("--shares", str(world.path / "imported.yaml"), "check")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "eligibility_acknowledged: not acknowledged" in done.stderr


def test_nothing_lives(world):
    text = world.imported()
    assert declared(text) == []
    assert world.check(text) == []


def test_what_expires_is_told_to_be_renewed(world, simulator):
    simulator.add(requests=[request(RECIPIENT, region, "EXPIRING", created_days_ago=95)
                            for region in ("eu-west-2", "eu-west-1")])
    head = " ".join(comments(world.imported()))
    assert "should show no change; but 2 requests end within 30 days, and the policy is to renew such" in head
    plan = json.loads(world.acknowledged(world.imported())("plan", "--json").stdout)
    assert plan["summary"]["resend"] == plan["changes"] == 2

    world.settings = {"policy": {"expiring": "hold"}}
    text = world.imported()
    assert "renew" not in text
    world.check(text)


# Several sources


def test_several_sources(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    simulator.add(
        frameworks=[framework("Other", region="us-east-1"),
                    framework("Baseline", region="us-east-1", id=ID.format(1))],
        requests=[request(RECIPIENT, "eu-west-2", name="Other"),
                  request(RECIPIENT, "eu-west-2", name=ID.format(1))],
    )  # fmt: skip
    world.sources = {"yes": {}, "123": {"region": "us-east-1"}}
    text = world.imported()
    assert [(entry["source"], entry["name"]) for entry in declared(text)] == [
        ("yes", "Baseline"), ("123", "Baseline"), ("123", "Other")]
    heads = {f'"yes": account {SENDER}, {REGION}', f'"123": account {SENDER}, us-east-1'}
    assert heads <= set(comments(text))
    assert len(world.check(text)) == 3


def test_a_source_that_cannot_be_listed(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    broken = {"endpoint_url": "http://127.0.0.1:1", "region": "us-east-1"}
    world.sources = {"governance": {}, "broken": broken}
    path = world.path / "out.yaml"
    for args in [(), ("--output", str(path))]:
        done = world.run("import", *args)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.match(r"error: source broken: cannot be listed: .+\n$", done.stderr)
    assert not path.exists()
    assert not list(world.path.glob(".auditshared-*"))


# Texts

HOSTILE = [
    'say "yes"', "it's", "a: b", "a #b", "# a", "- a", "{a: b}", "[a", "a, b: {c}", "*a", "&a", "!a", "|",
    ">", "%a", "@a", "`a", "? a", "---", "...", "<<", "=", "yes", "NO", "on", "y", "null", "~", "true", "123",
    "0o17", "1e3", "1:20", ".inf", "2026-11-22", "0x1f", " leading", "trailing ", "two  blanks", "tab\there",
    "line\nbreak", "cr\rlf\r\n", "\n", " ", "\x1b[31mred\x1b[0m", "\x07bell", "\x7f", "\x85", "\x9b31m",
    "a\u2028b", "\u202eabc", "\ufeffa", "\U0001f512 safe", "\U0001f468\u200d\U0001f469", "über", "監査",
    "x" * 300, "ü" * 300, '"' * 300, "\U0001f512" * 300,
    "a\\b", "\\n", "$(id)", "%s%n", "</script>",
]  # fmt: skip


def test_hostile_names(world, simulator):
    simulator.add(frameworks=[framework(name) for name in HOSTILE],
                  requests=[request(RECIPIENT, "eu-west-2", name=name) for name in HOSTILE])
    text = world.imported()
    entries = declared(text)
    assert len(entries) == len(HOSTILE)
    names = {entry["name"] for entry in entries if "name" in entry}
    # No shares file names a framework with a backslash.
    assert names == {name for name in HOSTILE if "\\" not in name}
    assert {share["framework_name"] for share in world.check(text)} == set(HOSTILE)
    assert_harmless(text)


def test_hostile_comments(world, simulator):
    regions = ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
    places = [(str(200000000000 + n // len(regions)), regions[n % len(regions)]) for n in range(len(HOSTILE))]
    simulator.add(accounts={account: {"audit_manager": True} for account, _ in places},
                  requests=[request(*place, "ACTIVE", comment=comment)
                            for place, comment in zip(places, HOSTILE)])
    text = world.imported()
    seen = {(entry["account"], region): entry["comment"]
            for entry in declared(text)[0]["recipients"] for region in entry["regions"]}
    assert seen == dict(zip(places, HOSTILE))
    world.settings = {"policy": {"comment": "resend"}, "settle": "1us"}
    assert {share["comment"] for share in world.check(text)} == set(HOSTILE)
    assert_harmless(text)


def test_hostile_comment_of_all(world, simulator):
    comment = "- {a: 'b\n# \x1b[2J\" \U0001f512"
    regions = ("eu-west-2", "eu-west-1")
    simulator.add(requests=[request(RECIPIENT, region, comment=comment) for region in regions])
    text = world.imported()
    assert declared(text)[0]["comment"] == comment and "comment" not in declared(text)[0]["recipients"][0]
    world.check(text)


def assert_harmless(text):
    """Nothing a terminal would obey, or that hides."""
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)


def test_hostile_names_in_comments(world, simulator):
    """Of a framework that goes by its id, and of one that is gone."""
    name = "a\nframeworks: []\n\x1b[2J"
    simulator.add(frameworks=[framework(name, id=ID.format(1)), framework(name, id=ID.format(2))],
                  requests=[request(RECIPIENT, "eu-west-2", name=ID.format(n)) for n in (1, 2)])
    text = world.imported()
    assert [entry["id"] for entry in declared(text)] == [ID.format(1), ID.format(2)]
    assert text.count(f'id: {ID.format(1)} # "a\\nframeworks: []\\n\\x1b[2J"\n') == 1
    assert_harmless(text)
    world.check(text)

    simulator.delete_framework(ID.format(2))
    text = world.imported()
    assert [entry.get("name") for entry in declared(text)] == [name]
    assert f'  "a\\nframeworks: []\\n\\x1b[2J" ({ID.format(2)}) of governance: 1 live request\n' in text
    assert_harmless(text)
    world.check(text)


# What cannot be declared


def test_frameworks_that_are_gone(world, simulator):
    simulator.add(frameworks=[framework("Gone", id=ID.format(1))],
                  requests=[request(RECIPIENT, "eu-west-2"), request(RECIPIENT, "eu-west-2", name="Gone"),
                            request(OTHER, "eu-west-2", name="Gone")])  # fmt: skip
    simulator.delete_framework(ID.format(1))
    path = world.path / "out.yaml"
    done = world.run("import", "--output", str(path))
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"{path}: 1 framework with 1 share; {REMINDER}",
        "warning: 2 live requests cannot be declared; comments at the end of the file name them",
    ]
    assert path.read_text().endswith(
        "\n# Left out, as the source has no such framework any more:\n"
        f"#   Gone ({ID.format(1)}) of governance: 2 live requests\n")
    assert len(world.check(path.read_text())) == 3


def test_recipients_that_are_not_allowed(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2"), request(RECIPIENT, "eu-west-1"),
                            request(OTHER, "eu-west-2")])
    world.settings = {"allowed_recipients": {"accounts": [RECIPIENT], "regions": ["eu-west-2"]}}
    text = world.imported()
    assert [entry["regions"] for entry in declared(text)[0]["recipients"]] == [["eu-west-2"]]
    left_out = text.partition("# Left out, as they cannot be declared:\n")[2].splitlines()
    assert len(left_out) == 2
    for line, (account, region) in zip(left_out, [(RECIPIENT, "eu-west-1"), (OTHER, "eu-west-2")]):
        assert re.fullmatch(rf"#   Baseline \([0-9a-f-]{{36}}\) with {account} in {region}: "
                            r"not in allowed_recipients of the settings", line)
    world.check(text)


def test_a_framework_of_which_nothing_may_be_declared(world, simulator):
    simulator.add(requests=[request(OTHER, "eu-west-2")])
    world.settings = {"allowed_recipients": {"accounts": [RECIPIENT]}}
    text = world.imported()
    assert declared(text) == [] and f"with {OTHER} in eu-west-2" in text
    world.check(text)


def record(n, status, account=RECIPIENT, region="eu-west-2", created=1700000000, **more):
    return {
        "id": f"00000000-0000-4000-8000-{n:012}", "frameworkId": ID.format(1), "frameworkName": "Odd",
        "status": status, "destinationAccount": account, "destinationRegion": region, "sourceAccount": SENDER,
        "creationTime": created, "lastUpdated": created, "expirationTime": created + 10000000, **more,
    }  # fmt: skip


def test_records_that_no_account_should_have(world, simulator):
    """Several live requests for one share, of which the newest counts; what cannot be read or declared."""
    records = [
        record(1, "ACTIVE", comment="older"),
        record(2, "SHARED", created=1700000001, comment="newer"),
        record(3, "ACTIVE", created=1699999999),
        record(4, "DREAMING", region="us-east-1"),
        record(11, "ACTIVE", region="us-east-2", creationTime="yesterday"),
        record(5, "SHARED", region="eu-future-9"),
        record(6, "SHARED", account=SENDER, region=REGION),
        record(7, "REVOKED"),
        record(8, "FAILED", region="us-west-1"),
        record(9, "SHARED", region="us-west-2", comment=""),
        record(10, "SHARED", region="us-west-1", comment="c" * 501),
    ]
    simulator.add(frameworks=[framework("Odd", id=ID.format(1))])
    simulator.fault(LIST, "body", body=json.dumps({"assessmentFrameworkShareRequests": records}), count=0)
    text = world.imported()
    assert text.partition("\nframeworks:\n")[2] == f"""\
  - name: Odd
    eligibility_acknowledged: false
    recipients:
      - account: "{RECIPIENT}"
        regions: [eu-west-2]
        comment: newer
      - account: "{RECIPIENT}"
        regions: [us-west-1]
        # Its comment is longer than one may be: {"c" * 501}
      - account: "{RECIPIENT}"
        regions: [us-west-2]

# Left out, as they cannot be declared:
#   Odd ({ID.format(1)}) with {SENDER} in eu-west-1: the source's own account and Region
#   Odd ({ID.format(1)}) with {RECIPIENT} in eu-future-9: a Region that this version does not know

# Not declared, as another live request is for the same share: 2 requests.

# Not declared, as they cannot be read: 1 request.

# Not declared, as they are not live: 3 requests: 1 FAILED, 1 REVOKED, 1 of a status that this version\
 does not know.
"""
    world.check(text)


# The file that is written


def test_mode_whatever_the_umask(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    path = world.path / "out.yaml"
    assert world.run("import", "--output", str(path), preexec_fn=lambda: os.umask(0o077)).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not list(world.path.glob(".auditshared-*"))


@pytest.mark.parametrize("kind", ["file", "empty", "folder", "link to nowhere", "link"])
def test_what_exists_is_left_alone(world, kind):
    path, target = world.path / "out.yaml", world.path / "target"
    if kind == "folder":
        path.mkdir()
    elif kind.startswith("link"):
        path.symlink_to(target)
        if kind == "link":
            target.write_text("kept")
    else:
        path.write_text("" if kind == "empty" else "kept")
    done = world.run("import", "--output", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"'{path}' exists, and import replaces nothing; name another file, or move this one away\n")
    assert world.simulator.stats()["calls"] == 0
    if kind == "file":
        assert path.read_text() == "kept"
    elif kind == "link":
        assert target.read_text() == "kept"
    else:
        assert not target.exists()


def test_somebody_was_quicker(world, simulator):
    """The file appears while the sources are listed."""
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    simulator.fault(LIST, "delay", seconds=0.7)
    path = world.path / "out.yaml"
    process = subprocess.Popen(world.command("import", "--output", str(path)), env=world.env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while simulator.last_seq() == 0:
        pass
    path.write_text("kept")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "") and "import replaces nothing" in err
    assert path.read_text() == "kept"
    assert not list(world.path.glob(".auditshared-*"))


@pytest.mark.parametrize("there", [False, True])
def test_a_file_system_that_cannot_rename_without_replacing(world, simulator, there):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    path = world.path / "out.yaml"
    command = world.command("import", "--output", str(path))
    fails = ["-e", "inject=renameat2:error=EINVAL"]
    if there:  # only behind the program's back, as it looks first
        path.write_text("kept")
        fails += ["-e", "inject=newfstatat:error=ENOENT", "-P", str(path)]
    log = world.path / "strace"
    traced = ["strace", "-qq", "-o", str(log), "-e", "trace=renameat2,newfstatat", *fails, *command]
    done = subprocess.run(traced, env={**world.env, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True,
                          text=True)
    assert "renameat2(" in log.read_text() and log.read_text().count("(INJECTED)") == (2 if there else 1)
    assert done.returncode == (1 if there else 0), done
    assert (path.read_text() == "kept") == there and ("import replaces nothing" in done.stderr) == there
    assert there or stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not list(world.path.glob(".auditshared-*"))


@pytest.mark.parametrize("path, why", [("{}/none/out.yaml", "No such file"), ("", "No such file"),
                                       ("{}/auditshared.yaml/out.yaml", "Not a directory"),
                                       ("/proc/out.yaml", "")])
def test_a_folder_that_cannot_be_written(world, path, why):
    path = path.format(world.path)
    done = world.run("import", "--output", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Cannot write '{path}': {why}") and done.stderr.count("\n") == 1


def test_a_full_disk(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    with open("/dev/full", "w") as full:
        done = subprocess.run(world.command("import"), env=world.env, stdout=full, stderr=subprocess.PIPE,
                              text=True)
    assert done.returncode == 1 and "Cannot write to standard output: No space left on device" in done.stderr


def test_only_the_settings_are_read(world, simulator):
    """Without a shares file, and with one that is wrong."""
    (world.path / "wrong.yaml").write_text("frameworks: {")
    assert world.run("--shares", str(world.path / "wrong.yaml"), "import").returncode == 0
    assert world.run("--shares", str(world.path / "none"), "import").returncode == 0
    world.settings = {"interval": "-1"}
    done = world.run("import")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "auditshared.yaml:1:" in done.stderr and "interval" in done.stderr


def test_it_writes_nothing_at_aws(world, simulator):
    simulator.add(requests=[request(RECIPIENT, "eu-west-2")])
    world.imported()
    assert {call["operation"] for call in simulator.log()} <= {
        "ListAssessmentFrameworks", "ListAssessmentFrameworkShareRequests", "GetCallerIdentity"}


def test_many(world, simulator):
    """Each account once, with all of its Regions."""
    simulator.add(bulk={"requests": 20000, "framework": "Baseline", "status": "SHARED",
                        "first_account": "200000000000"})
    text = world.imported()
    recipients = declared(text)[0]["recipients"]
    assert sum(len(entry["regions"]) for entry in recipients) == 20000
    accounts = [entry["account"] for entry in recipients]
    assert accounts == sorted(set(accounts))
    world.check(text)
