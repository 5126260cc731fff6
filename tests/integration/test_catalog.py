# SPDX-License-Identifier: Apache-2.0

"""
The same events in journal.h, journal.c, the catalog, the man page, and what the service really writes

Each event is made to happen against the simulator, mostly in several ways: a field that the catalog names
must be there in all of them, or journalctl -x shows its name to people.
"""

import collections
import contextlib
import os
import pathlib
import re
import signal
import subprocess

import pytest

from daemon import CTL, EVENTS, Events, Host, framework, many
from simulator import RECIPIENT, REGION, SENDER, SENDER_KEY, Simulator, seed

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOG = ROOT / "systemd/auditshared.catalog"
TO = "eu-west-2"
START, UPDATE = "StartAssessmentFrameworkShare", "UpdateAssessmentFrameworkShare"
LISTING = "ListAssessmentFrameworkShareRequests"
PRIORITIES = {"err": "3", "warning": "4", "notice": "5", "info": "6"}

# What every event has beside the fields that auditshared(8) lists.
COMMON = {"MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER"}


# --- what is written down ---------------------------------------------------------------------------------


def entries():
    """{MESSAGE_ID: (subject, text)} of the catalog."""
    found = {}
    for entry in re.split(r"^-- ", CATALOG.read_text(), flags=re.M)[1:]:
        head, _, text = entry.partition("\n\n")
        identifier, *lines = head.split("\n")
        fields = dict(line.split(": ", 1) for line in lines)
        assert fields.keys() == {"Subject", "Defined-By", "Documentation"} and identifier not in found, head
        assert fields["Defined-By"] == "auditshared" and fields["Documentation"] == "man:auditshared(8)"
        found[identifier] = fields["Subject"], text.strip()
    return found


def table():
    """{EVENT_NAME: MESSAGE_ID} of journal.c."""
    found = re.findall(r'\[(EVENT_\w+)\] = "([0-9a-f]{32})"', (ROOT / "daemon/record/journal.c").read_text())
    assert len(found) == len(dict(found))
    return dict(found)


def manual():
    """{MESSAGE_ID: text} of auditshared(8), as it is read."""
    page = subprocess.run(["man", "--nj", "-P", "cat", str(ROOT / "packaging/man/auditshared.8")],
                          env={"PATH": os.environ["PATH"], "MANWIDTH": "100", "LC_ALL": "C.UTF-8"},
                          check=True, text=True, capture_output=True).stdout
    section = page.split("\nMESSAGE IDS\n")[1].split("\nSECURITY\n")[0]
    parts = re.split(r"^ +([0-9a-f]{32})$", section, flags=re.M)
    assert len(parts) == len(set(parts))
    texts = [" ".join(text.split()) for text in parts[2::2]]
    return parts[0], dict(zip(parts[1::2], texts))


def test_ids_agree():
    header = (ROOT / "daemon/record/journal.h").read_text()
    enum = re.search(r"typedef enum JournalEvent \{(.*?)\} JournalEvent;", header, re.S).group(1)
    assert set(re.findall(r"EVENT_\w+", enum)) - {"EVENT_MAX"} == table().keys()
    identifiers = set(table().values())
    assert len(identifiers) == len(table()) == 15
    assert identifiers == entries().keys() == manual()[1].keys() == set(EVENTS.values())


# These name events without writing any: the table of ids, and who looks for them in the journal.
READERS = {"journal.c", "history-journal.c", "history-entry.c"}


def test_each_event_is_used():
    """Each name in a file that writes events; and what a file writes has a name."""
    used = set()
    for path in (ROOT / "daemon").rglob("*.c"):
        text = path.read_text()
        calls = text.count("journal_begin(")
        if path.name in READERS or not calls:
            assert path.name in READERS or "EVENT_" not in re.sub(r"\b(?!EVENT_)\w+", "", text), path
            continue
        used |= set(re.findall(r"\bEVENT_[A-Z_]+\b", text))
    assert used == table().keys()


def test_titles_and_priorities_agree():
    texts = manual()[1]
    for identifier, (subject, _) in entries().items():
        assert texts[identifier].startswith(subject + " ("), (subject, texts[identifier])
        words = re.match(r"\(([^)]*)\)", texts[identifier][len(subject) + 1:]).group(1)
        assert set(re.findall(r"\b(?:err|warning|notice|info)\b", words)), words


@pytest.mark.parametrize("identifier", EVENTS.values(), ids=EVENTS)
def test_an_entry_says_what_happened_what_was_done_and_what_to_do(identifier):
    """A paragraph each; the last one names a command, or what a person would have to do."""
    _, text = entries()[identifier]
    paragraphs = text.split("\n\n")
    assert len(paragraphs) == 3 and all(len(paragraph) > 50 for paragraph in paragraphs), text
    assert re.search(r"\b(Nothing needs to be done|[Cc]heck|[Cc]orrect|[Dd]eclare|[Ff]ind|[Ll]ook|compare|"
                     r"decides|doctor)\b", paragraphs[2]), paragraphs[2]


VERBS = {"check", "plan", "apply", "list", "status", "doctor", "history", "reset", "reconcile", "reload"}


def test_the_commands_that_entries_name_exist():
    text = " ".join(CATALOG.read_text().split())
    named = set(re.findall(r"'auditsharectl ([a-z]+)", text))
    assert named and named <= VERBS
    shown = subprocess.run([CTL, "--help"], capture_output=True, text=True, check=True).stdout
    for option in re.findall(r"'(?:auditsharectl [a-z]+ )?(--[a-z-]+)'", text):
        assert option in shown, option


# --- what systemd makes of the catalog --------------------------------------------------------------------


def journalctl(root, *arguments):
    done = subprocess.run(["journalctl", f"--root={root}", *arguments], capture_output=True, text=True,
                          check=True)
    assert done.stderr == "", done.stderr
    return done.stdout


def test_systemd_reads_the_catalog(tmp_path):
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    (folder / CATALOG.name).write_text(CATALOG.read_text())
    (tmp_path / "var/lib/systemd/catalog").mkdir(parents=True)
    assert journalctl(tmp_path, "--update-catalog") == ""
    listed = dict(line.split(" ", 1) for line in journalctl(tmp_path, "--list-catalog").splitlines())
    assert listed == {identifier: f"auditshared: {subject}" for identifier, (subject, _) in entries().items()}
    dumped = journalctl(tmp_path, "--dump-catalog")
    for identifier, (_, text) in entries().items():
        assert f"-- {identifier}\n" in dumped and text in dumped


# --- what really happens ----------------------------------------------------------------------------------


class World:
    """A simulator and a host in a folder of its own; all events of its runs, with those of a service."""

    def __init__(self, folder, settings=None, options=None, **members):
        document = seed(default_account={"audit_manager": True}, **members)
        document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
        self.simulator = Simulator(seed=document, rate=0, quota=0, **(options or {}))
        folder.mkdir()
        self.folder, self.given, self.events = folder, {"settle": "0s", **(settings or {})}, Events()

    def __enter__(self):
        self.simulator.start()
        self.host = Host(self.folder, self.simulator, **self.given)
        self.host.shares(framework())
        return self

    def __exit__(self, *_):
        assert self.simulator.stop() == 0

    def once(self, **kwargs):
        result = self.host.once(**kwargs)
        self.events += result.events
        return result

    @contextlib.contextmanager
    def service(self):
        with self.host.service() as service:
            yield service
        self.events += service.events


def request(status, **more):
    return {"framework": "Baseline", "to_account": RECIPIENT, "to_region": TO, "status": status, **more}


def renewed_accepted_and_revoked(folder):
    requests = [request("EXPIRING"), request("SHARED", to_account="700000000001"),
                request("FROZEN", to_account="700000000002")]
    with World(folder, {"policy": {"undesired": "revoke-and-delete"}}, requests=requests) as world:
        world.host.shares(framework(recipients=[(RECIPIENT, TO), *many(5)]))
        world.once()
        world.host.shares()
        world.once()
        world.once()
        return world.events


def by_an_id_that_nobody_has_heard_of(folder):
    requests = [request("DECLINED"), request("FAILED", to_account="700000000001")]
    with World(folder, {"policy": {"failed": "hold"}}, requests=requests) as world:
        listed = world.simulator.control("/requests")[0]["frameworkId"]
        world.simulator.delete_framework("Baseline")
        world.host.shares(framework(id=listed, recipients=[(RECIPIENT, TO), *many(2)]),
                          framework(id="11111111-2222-3333-4444-555555555555"), framework("None such"))
        world.once()
        world.host.shares()
        world.once()
        return world.events


def declined_unreadable_suspended_and_by_several(folder):
    requests = [request("DECLINED"), request("ACTIVE", to_account="700000000001"),
                request("ACTIVE", to_account="700000000001", created_days_ago=2),
                request("ACTIVE", to_account="700000000002")]
    with World(folder, {"limits": {"recipient_accounts": 4}}, requests=requests) as world:
        world.simulator.fault(LISTING, kind="unreadable", field="status", count=0)
        world.once()
        world.simulator.clear_faults()
        world.host.shares(framework(recipients=[(RECIPIENT, TO), *many(8)]),
                          framework("Baseline", recipients=many(1, 800000000000), suspend=True))
        world.once()
        return world.events


def refused_by_aws(folder):
    codes = {"AccessDeniedException": 403, "ValidationException": 400, "ServiceQuotaExceededException": 402,
             "SomethingNewException": 409}
    with World(folder, {"policy": {"undesired": "revoke"}, "limits": {"concurrency": 1}}) as world:
        world.host.shares(framework(recipients=many(6)))
        for code, status in codes.items():
            world.simulator.fault(START, kind="status", status=status, code=code, message="")
        world.once()
        world.host.shares()
        world.simulator.fault(UPDATE, kind="status", status=403, code="AccessDeniedException", message="no")
        world.once()
        return world.events


def passes_that_are_refused(folder):
    with World(folder, {"limits": {"writes_per_pass": 1}}) as world:
        world.host.shares(framework(recipients=many(4)))
        world.once()
        world.simulator.fault(LISTING, kind="status", status=403, code="AccessDeniedException", message="no")
        world.once()
        world.host.settings(account="999999999999", settle="0s")
        world.once()
        world.host.settings(settle="0s", interval="1h")
        with world.service() as service:
            service.wait_passes(1)
            world.once()
        return world.events


def cut_short_and_interrupted(folder):
    with World(folder, {"settle": "1h", "interval": "1h", "limits": {"concurrency": 2}}) as world:
        world.simulator.settings(latency=0.05, lag=3600)
        world.host.shares(framework(recipients=many(60)))
        with world.service() as service:
            service.wait_for(lambda events: len(events.of("started")) > 2)
            service.signal(signal.SIGHUP)
            service.wait_for(lambda events: events.of("refused"))
            service.wait_for(lambda events: len(events.of("started")) > 5)
            service.kill()
        world.simulator.settings(latency=0)
        world.once()
        return world.events


def answers_that_are_lost(folder):
    """Some from what stands between the service and AWS: without a code, and without a status."""
    settings = {"settle": "1h", "policy": {"undesired": "revoke"}}
    with World(folder, settings, requests=[request("EXPIRING")]) as world:
        world.host.env["AWS_MAX_ATTEMPTS"] = "1"
        world.host.shares(framework(recipients=[(RECIPIENT, TO), *many(4)]))
        world.simulator.fault(START, kind="reset", when="after")
        world.simulator.fault(START, kind="status", status=503, when="after")
        world.simulator.fault(START, kind="body", body="{}", when="after")
        world.simulator.fault(START, kind="status", status=302, body="<html>", content_type="text/html")
        world.once()
        world.host.shares()
        world.simulator.fault(UPDATE, kind="status", status=500, body="", count=0)
        world.once()
        return world.events


def credentials_and_clock(folder):
    with World(folder) as world:
        for secret in ("wrong", SENDER_KEY[1]):
            world.host.env["AWS_SECRET_ACCESS_KEY"] = secret
            world.once()
        world.simulator.fault(kind="skew", seconds=1800, count=0)
        world.once()
        world.simulator.clear_faults()
        del world.host.env["AWS_ACCESS_KEY_ID"]
        world.once()
        return world.events


def damaged_memory_and_bad_files(folder):
    with World(folder, {"interval": "1h"}) as world:
        world.once()
        (world.host.state / "memory.log").write_text("garbage\n")
        with world.service() as service:
            service.wait_passes(1)
            world.host.shares_path.write_text("frameworks: {")
            service.wait_for(lambda events: events.of("config-refused"))
        world.once()
        world.host.settings(sources={"governance": {"account": SENDER, "region": REGION}})
        world.host.settings_path.unlink()
        world.once()
        return world.events


STORIES = [renewed_accepted_and_revoked, by_an_id_that_nobody_has_heard_of,
           declined_unreadable_suspended_and_by_several, refused_by_aws, passes_that_are_refused,
           cut_short_and_interrupted, answers_that_are_lost, credentials_and_clock,
           damaged_memory_and_bad_files]

# How many different messages of an event the stories bring at least, apart from names and numbers.
KINDS = {"status": 4, "failed": 5, "held": 5, "refused": 4, "unknown": 5, "credentials": 2, "revoked": 2,
         "config-refused": 2}


@pytest.fixture(scope="module")
def happened(tmp_path_factory):
    """All events, by name."""
    folder = tmp_path_factory.mktemp("events")
    found = collections.defaultdict(list)
    for story in STORIES:
        events = story(folder / story.__name__)
        for name in EVENTS:
            found[name] += events.of(name)
    return found


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_happens_with_the_fields_that_its_entry_shows(happened, name):
    assert happened[name], "it was not made to happen"
    kinds = {re.sub(r'".*?"|\d+', "", event["MESSAGE"]) for event in happened[name]}
    assert len(kinds) >= KINDS.get(name, 1), kinds
    subject, text = entries()[EVENTS[name]]
    shown = set(re.findall(r"@([^@\s]+)@", subject + text))
    for event in happened[name]:
        assert shown <= event.keys(), f"{shown - event.keys()} is missing from {event}"
        assert COMMON <= event.keys() and event["SYSLOG_IDENTIFIER"] == "auditshared"


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_has_the_priority_that_the_manual_says(happened, name):
    subject, _ = entries()[EVENTS[name]]
    text = manual()[1][EVENTS[name]]
    words = re.match(r"\(([^)]*)\)", text[len(subject) + 1:]).group(1)
    wanted = {PRIORITIES[word] for word in re.findall(r"\b(?:err|warning|notice|info)\b", words)}
    assert {event["PRIORITY"] for event in happened[name]} == wanted


def test_fields_and_the_manual_agree(happened):
    listed = set(re.findall(r"\b(?:SHARE|AWS|HTTP|PASS)_[A-Z_]+\b", manual()[0]))
    seen = set().union(*(event.keys() for events in happened.values() for event in events))
    assert seen - COMMON == listed
