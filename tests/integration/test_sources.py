# SPDX-License-Identifier: Apache-2.0
"""Several sources in one service: each signs in, is paced and fails alone, and none holds the others up."""

import re
import signal
import socket
import threading
import time

import pytest

import simulator as sim
from daemon import Host, framework, many
from simulator import RECIPIENT, Simulator, wait_until

LISTING = "ListAssessmentFrameworkShareRequests"
STARTS = "StartAssessmentFrameworkShare"
TO = "eu-west-2"


class Source:
    def __init__(self, name, account, region):
        self.name, self.account, self.region = name, account, region
        self.key_id, self.secret = f"AKIA{name.upper():0<16}", f"secret/of+{name}="


SLOW = Source("slow", "111111111111", "eu-west-1")
GOOD = Source("good", "222222222222", "us-east-1")
MORE = Source("more", "333333333333", "eu-central-1")
SOURCES = (SLOW, GOOD, MORE)


class Site:
    """Three accounts, each with a framework in a Region and a key of its own, and one host for them."""

    def __init__(self, folder, simulator):
        self.simulator = simulator
        self.host = Host(folder, simulator)
        del self.host.env["AWS_ACCESS_KEY_ID"], self.host.env["AWS_SECRET_ACCESS_KEY"]
        self.host.env["AWS_SHARED_CREDENTIALS_FILE"] = str(folder / "credentials")
        self.write_credentials({source.name: source for source in SOURCES})
        self.settings()
        self.shares()

    def write_credentials(self, profiles):
        path = self.host.folder / "credentials"
        path.write_text("".join(f"[{name}]\naws_access_key_id = {key.key_id}\n"
                                f"aws_secret_access_key = {key.secret}\n" for name, key in profiles.items()))
        path.chmod(0o600)

    def settings(self, accounts=None, **settings):
        sources = {source.name: {"account": (accounts or {}).get(source, source.account),
                                 "region": source.region, "profile": source.name} for source in SOURCES}
        self.host.settings(**{"sources": sources, "settle": "0s", "interval": "1s", **settings})

    def shares(self, **recipients):
        """One share for each source, or the recipients that are given for it."""
        self.host.shares(*(framework(source=source.name,
                                     recipients=recipients.get(source.name, ((RECIPIENT, TO),)))
                           for source in SOURCES))

    def calls(self, source, operation=None, after=0):
        log = self.simulator.log(operation, after)
        return [call for call in log if call["access_key_id"] == source.key_id]

    def listings(self, source, after=0):
        """First pages: one for each pass that the source takes part in."""
        return [call for call in self.calls(source, LISTING, after) if not call.get("next_token")]

    def started(self, source):
        return [call["destination_account"] for call in self.calls(source, STARTS) if call["processed"]]

    def wait_listings(self, source, more, seconds=20):
        """Waits for so many more passes of a source."""
        after = self.simulator.last_seq()
        return wait_until(lambda: len(self.listings(source, after)) >= more, seconds)

    def has_status(self):
        return (self.host.runtime / "status.json").exists()

    def errors(self):
        return {source["name"]: source["error"] for source in self.host.status()["sources"]}

    def metric(self, name, **labels):
        path = self.host.runtime / "auditshared.prom"
        text = path.read_text() if path.exists() else ""  # written after the pass's event
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        found = re.search(f"^{name}{re.escape('{' + inside + '}') if labels else ''} (\\S+)$", text, re.M)
        return found and float(found.group(1))


@pytest.fixture
def site(tmp_path):
    seed = {"default_account": {"audit_manager": True},
            "keys": [sim.key(source.key_id, source.secret, source.account) for source in SOURCES],
            "frameworks": [sim.framework("Baseline", source.account, source.region, created_days_ago=900,
                                         updated_days_ago=800) for source in SOURCES]}
    with Simulator(seed=seed, rate=0, quota=0, replicate=0) as simulator:
        yield Site(tmp_path, simulator)


class Notify:
    """The socket that systemd would listen on; always read from, for a full one has the service wait."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []
        self.reader = threading.Thread(target=self.read, daemon=True)

    def read(self):
        while message := self.socket.recv(4096).decode():
            self.messages.append(message)

    def __enter__(self):
        self.reader.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self.reader.join(10)
        self.socket.close()


def assert_never_twice_at_once(site):
    """A source that lists anew has had every answer to what it asked before."""
    for source in SOURCES:
        passes, calls = [], site.calls(source)
        for call in calls:
            if call["operation"] == LISTING and not call.get("next_token"):
                passes.append([])
            if call["operation"] != "GetCallerIdentity" and passes:
                passes[-1].append(call["operation"])
        # Both listings of a pass go out at once, and either may arrive first.
        frameworks = 0
        for number, operations in enumerate(passes, 1):
            frameworks += operations.count("ListAssessmentFrameworks")
            assert operations[0] == LISTING and frameworks <= number + 1, passes


# --- each on its own ---


def test_each_signs_in_as_itself(site):
    result = site.host.once()
    assert result.status == 0, result.err
    for source in SOURCES:
        calls = site.calls(source)
        assert calls[0]["operation"] == "GetCallerIdentity"
        assert {call["region"] for call in calls[1:]} == {source.region}
        assert {call["account"] for call in calls} == {source.account}
    assert len(site.simulator.log()) == sum(len(site.calls(source)) for source in SOURCES)
    started = {(e["SHARE_SOURCE"], e["SHARE_SOURCE_ACCOUNT"], e["SHARE_SOURCE_REGION"])
               for e in result.events.of("started")}
    assert started == {(source.name, source.account, source.region) for source in SOURCES}
    completed = result.events.of("completed")
    assert [(e["PASS_DESIRED"], e["PASS_STARTED"]) for e in completed] == [("3", "3")]


def test_one_with_the_wrong_account_is_refused_alone(site):
    site.settings(accounts={SLOW: "999999999999"})
    result = site.host.once()
    assert result.status == 1
    assert {call["operation"] for call in site.calls(SLOW)} == {"GetCallerIdentity"}
    refused = result.events.of("refused")
    assert [e["SHARE_SOURCE"] for e in refused] == ["slow"] and SLOW.account in refused[0]["MESSAGE"]
    assert [site.started(source) for source in SOURCES] == [[], [RECIPIENT], [RECIPIENT]]
    errors = site.errors()
    assert errors["slow"] and not errors["good"] and not errors["more"]


def test_one_with_the_key_of_another_is_refused_alone(site):
    """Profiles that were mixed up write to nobody's account."""
    site.write_credentials({"slow": GOOD, "good": GOOD, "more": MORE})
    result = site.host.once()
    assert result.status == 1 and [e["SHARE_SOURCE"] for e in result.events.of("refused")] == ["slow"]
    assert not site.simulator.requests(account=RECIPIENT, region=SLOW.region)
    assert site.started(GOOD) == [RECIPIENT] and site.started(MORE) == [RECIPIENT]
    assert {call["region"] for call in site.calls(GOOD, LISTING)} == {GOOD.region}


def test_one_without_credentials_fails_alone(site):
    site.write_credentials({"good": GOOD, "more": MORE})
    result = site.host.once()
    assert result.status == 1 and not site.calls(SLOW)
    assert [e["SHARE_SOURCE"] for e in result.events.of("credentials")] == ["slow"]
    assert site.started(GOOD) == [RECIPIENT] and site.started(MORE) == [RECIPIENT]


def test_the_pace_of_one_is_not_that_of_another(site):
    """The limit is for each source: one with much to send is paced, those with little are done at once."""
    n = 36
    site.settings(limits={"requests_per_second": 6})
    site.shares(slow=many(n))
    with site.host.service() as service:
        service.wait_for(lambda events: site.started(GOOD) and site.started(MORE), timeout=3)
        assert len(site.started(SLOW)) < n / 3

        # They go on beside it, more than once, and it is told where it is.
        for source in (GOOD, MORE):
            wait_until(lambda source=source: len(site.listings(source)) >= 3)
        assert len(site.started(SLOW)) < n and len(site.listings(SLOW)) == 1
        wait_until(lambda: site.errors()["slow"])
        assert re.fullmatch(r"still being written to after .*s; the other sources go on without it",
                            site.errors()["slow"])

        service.wait_for(lambda events: len(site.started(SLOW)) == n)
        service.wait_for(lambda events: any(e["PASS_STARTED"] == str(n + 2) for e in events.of("completed")))
        site.wait_listings(SLOW, 2)
    assert sorted(site.started(SLOW)) == sorted(account for account, _ in many(n)), "each one once"
    assert site.calls(SLOW, STARTS)[-1]["time"] - site.calls(SLOW, STARTS)[0]["time"] > n / 6 - 2, "paced"
    assert_never_twice_at_once(site)


# --- one that fails, one that is throttled, one that hangs ---


def test_failures_of_some_do_not_touch_another(site):
    site.simulator.fault(kind="hang", account=SLOW.account, count=0)
    site.simulator.fault(LISTING, kind="status", status=403, code="AccessDeniedException", message="no",
                         account=MORE.account, count=0)
    with site.host.service() as service:
        service.wait_for(lambda events: events.of("started"))
        site.wait_listings(GOOD, 4)
        assert site.started(GOOD) == [RECIPIENT] and not site.started(SLOW) and not site.started(MORE)
        assert len(site.listings(MORE)) >= 3, "it is tried again while the other one hangs"
        refused = [e["SHARE_SOURCE"] for e in service.events.of("refused")]
        assert refused == ["more"], "said once, not in each pass"
        assert not site.listings(SLOW), "it has not even signed in"
        wait_until(lambda: (site.errors()["slow"] or "").startswith("still being listed after"))
        assert "AccessDenied" in site.errors()["more"] and site.errors()["good"] is None


def test_one_that_is_throttled_for_ever(site):
    site.simulator.fault(LISTING, kind="status", status=429, code="ThrottlingException", count=0,
                         account=SLOW.account)
    with site.host.service(env={"AWS_MAX_ATTEMPTS": "10"}) as service:
        service.wait_for(lambda events: site.started(GOOD) and site.started(MORE))
        site.wait_listings(GOOD, 3)
        assert not site.started(SLOW) and not service.events.of("refused")
        assert len({call["invocation_id"] for call in site.listings(SLOW)}) == 1, "one call, again and again"
        site.simulator.clear_faults()
        service.wait_for(lambda events: site.started(SLOW), timeout=60)
    assert site.started(SLOW) == [RECIPIENT] and site.started(GOOD) == [RECIPIENT]


# --- a laggard ---


def test_one_that_hangs_is_left_behind(site, tmp_path):
    with Notify(tmp_path) as notify, site.host.service(env={"NOTIFY_SOCKET": notify.path}) as service:
        service.wait_passes(1)
        wait_until(lambda: site.metric("auditshared_shares", source="slow", condition="pending") == 1)
        hung = site.simulator.last_seq()
        site.simulator.fault(LISTING, kind="hang", account=SLOW.account, count=0)
        wait_until(lambda: site.listings(SLOW, hung))
        success = site.metric("auditshared_last_success_timestamp_seconds")

        # The others are waited with once, and then go on as if it were not there.
        completed = len(service.events.of("completed"))
        site.wait_listings(GOOD, 4)
        service.wait_passes(completed + 3)
        assert len(site.listings(MORE, hung)) >= 4 and len(site.listings(SLOW, hung)) == 1
        wait_until(lambda: any("; 1 source still at work; next pass in " in text for text in notify.messages))

        # Written in mid-pass as well; the others' passes are a second apart.
        wait_until(lambda: site.host.status()["pass"]["result"] == "completed" and site.host.status()["next_pass"])
        assert re.fullmatch(r"still being listed after .*s; the other sources go on without it",
                            site.errors()["slow"])
        assert site.errors()["good"] is None and site.errors()["more"] is None
        last = [(s["source"], s["condition"], s["status"]) for s in site.host.status()["shares"]]
        assert last == [(source.name, "pending", "ACTIVE") for source in SOURCES], "what is known last"
        assert {e["PASS_DESIRED"] for e in service.events.of("completed")[completed + 1:]} == {"2"}

        # An alert on the age of the last success sees it; nobody is told in the journal of what is no event.
        assert site.metric("auditshared_shares", source="slow", condition="pending") == 1
        assert site.metric("auditshared_share_requests", source="slow", status="SHARED") is not None
        assert site.metric("auditshared_last_success_timestamp_seconds") == success
        assert not service.events.of("refused")

        begun = time.monotonic()
        service.signal(signal.SIGTERM)
        assert service.wait() == 0 and time.monotonic() - begun < 4, "no listing is waited for"
        assert [e["PRIORITY"] for e in service.events.of("refused")][:1] == ["5"], "cut short"
    assert_never_twice_at_once(site)


def all_three(events):
    """The passes of all sources together."""
    return [e for e in events.of("completed") if e["PASS_DESIRED"] == "3"]


def test_a_laggard_comes_back(site):
    site.simulator.fault(LISTING, kind="delay", seconds=7, when="after", account=SLOW.account)
    with site.host.service() as service:
        service.wait_for(lambda events: site.started(GOOD) and site.started(MORE))
        service.wait_for(lambda events: site.started(SLOW))
        back = site.calls(SLOW, STARTS)[0]["seq"]
        meanwhile = [c for c in site.listings(GOOD) if c["seq"] < back]
        assert len(meanwhile) >= 4 and len(site.listings(SLOW)) == 1
        assert len([c for c in site.listings(MORE) if c["seq"] < back]) >= 4

        # Its pass counts all that was done in it, by those too that have long gone on; then it rejoins them.
        first = service.wait_for(all_three)[0]
        assert first["PASS_STARTED"] == "3" and int(first["PASS_USEC"]) >= 7000000
        assert {e["PASS_ID"] for e in service.events.of("started")} == {first["PASS_ID"]}
        service.wait_for(lambda events: len(all_three(events)) >= 3)
        wait_until(lambda: site.errors()["slow"] is None)
    assert [site.started(source) for source in SOURCES] == [[RECIPIENT]] * 3, "each is started exactly once"
    assert_never_twice_at_once(site)
    first, second = site.listings(SLOW)[:2]
    assert second["time"] - first["time"] >= 7 and first["seq"] < back < second["seq"]


def test_a_pass_that_was_asked_for_is_owed_to_a_laggard(site):
    site.settings(interval="6s", settle="1h")
    site.simulator.fault(LISTING, kind="delay", seconds=7, when="after", account=SLOW.account)
    with site.host.service() as service:
        service.wait_for(lambda events: site.started(GOOD))
        service.signal(signal.SIGUSR1)
        wait_until(lambda: len(site.listings(SLOW)) >= 2, 20)
    first, second = site.listings(SLOW)[:2]
    # The others went on without it after 6 s, and are due again after 12.
    assert 7 <= second["time"] - first["time"] < 10


def test_who_waits_for_a_pass_waits_for_a_laggard_too(site):
    site.settings(interval="2s", settle="1h")
    site.simulator.fault(LISTING, kind="delay", seconds=5, when="after", account=SLOW.account)
    with site.host.service() as service:
        service.wait_for(lambda events: site.started(GOOD))
        done = site.host.ctl("reconcile", "--wait")
        assert (done.status, done.err) == (0, "")
        assert len(site.listings(SLOW)) >= 2 and site.started(SLOW) == [RECIPIENT]
        assert service.process.poll() is None


def test_two_laggards_in_passes_of_their_own(site):
    """One is left behind by two, and then another by the one that is left."""
    site.simulator.fault(LISTING, kind="delay", seconds=12, when="after", account=SLOW.account)
    site.simulator.fault(LISTING, kind="delay", seconds=8, when="after", account=MORE.account, nth=3)
    with site.host.service() as service:
        wait_until(lambda: site.has_status() and site.errors()["slow"] and site.errors()["more"])
        both = site.simulator.last_seq()
        site.wait_listings(GOOD, 2)
        assert not site.listings(SLOW, both) and not site.listings(MORE, both)
        wait_until(lambda: site.listings(SLOW, both) and site.listings(MORE, both), 30)
        wait_until(lambda: not any(site.errors().values()))
    assert [site.started(source) for source in SOURCES] == [[RECIPIENT]] * 3
    assert_never_twice_at_once(site)
    slow, more = site.listings(SLOW), site.listings(MORE)
    assert slow[1]["time"] - slow[0]["time"] >= 12 and more[3]["time"] - more[2]["time"] >= 8


def test_news_of_a_source_does_not_wait_for_another(site):
    """What the others have done is to be seen at once, though the first pass goes on and on."""
    site.settings(interval="1h")
    site.simulator.fault(kind="hang", account=SLOW.account, count=0)
    with site.host.service():
        wait_until(lambda: site.has_status() and len(site.host.status()["shares"]) == 2)
        status = site.host.status()
        assert status["pass"]["result"] == "running" and status["next_pass"] is None


def test_a_change_of_files_while_one_hangs(site):
    with site.host.service() as service:
        service.wait_passes(1)
        site.simulator.fault(LISTING, kind="hang", account=SLOW.account, count=0)
        wait_until(lambda: site.errors()["slow"])
        site.simulator.clear_faults()
        site.shares(slow=many(2), good=many(3))
        service.signal(signal.SIGHUP)
        service.wait_for(lambda events: len(events.of("started")) == 3 + 5)
        assert len(service.events.of("loaded")) == 2
        wait_until(lambda: not any(site.errors().values()))
    assert sorted(site.started(SLOW)) == sorted([RECIPIENT] + [account for account, _ in many(2)])
    assert_never_twice_at_once(site)


def test_a_change_of_files_waits_for_the_write_of_a_laggard(site):
    """Its write is under way: the new configuration comes after it, and nothing begins in between."""
    site.simulator.fault(STARTS, kind="delay", seconds=7, when="after", account=SLOW.account)
    with site.host.service() as service:
        service.wait_for(lambda events: len(site.listings(GOOD)) >= 3)
        asked = site.simulator.last_seq()
        site.shares(slow=many(1), good=many(1))
        service.signal(signal.SIGHUP)
        service.wait_for(lambda events: len(events.of("loaded")) == 2)
        service.wait_for(lambda events: len(events.of("started")) == 5)
        first = site.simulator.log(after=asked)
        assert [e["SHARE_SOURCE"] for e in service.events.of("started")].count("slow") == 2
        assert len([c for c in first if c["operation"] == LISTING and c["access_key_id"] == GOOD.key_id]) >= 1
    assert site.started(SLOW) == [RECIPIENT, "700000000000"]
    assert_never_twice_at_once(site)


def test_terminated_while_a_laggard_writes(site):
    site.settings(settle="1h")
    site.simulator.fault(STARTS, kind="hang", when="after", account=SLOW.account, count=0)
    with site.host.service() as service:
        wait_until(lambda: len(site.listings(GOOD)) >= 4)
        begun = time.monotonic()
        service.signal(signal.SIGTERM)
        assert service.wait(12) == 0 and time.monotonic() - begun < 9
        assert [e["SHARE_SOURCE"] for e in service.events.of("unknown")] == ["slow"]
    site.simulator.clear_faults()
    again = site.host.once()
    assert again.status == 0 and [site.started(source) for source in SOURCES] == [[RECIPIENT]] * 3


def test_killed_while_one_hangs(site):
    """Nothing that the others have learnt in passes of their own is lost or said again."""
    site.settings(settle="1h")
    site.simulator.fault(LISTING, kind="hang", account=SLOW.account, count=0)
    with site.host.service() as service:
        service.wait_for(lambda events: len(site.listings(GOOD)) >= 4)
        record = next(r for r in site.simulator.requests() if r["sourceRegion"] == GOOD.region)
        site.simulator.accept(request=record["id"])
        service.wait_for(lambda events: ("ACTIVE", "SHARED") in events.statuses())
        service.kill()
        said = {(e["SHARE_SOURCE"], e["SHARE_STATUS"]) for e in service.events.of("status")}
    site.simulator.clear_faults()
    again = site.host.once()
    assert again.status == 0 and [site.started(source) for source in SOURCES] == [[RECIPIENT]] * 3
    assert not said & {(e["SHARE_SOURCE"], e["SHARE_STATUS"]) for e in again.events.of("status")}


def test_once_waits_for_all_and_lists_each_once(site):
    site.simulator.fault(LISTING, kind="delay", seconds=4, when="after", account=SLOW.account)
    result = site.host.once()
    assert result.status == 0 and len(result.events.of("completed")) == 1
    assert [len(site.listings(source)) for source in SOURCES] == [1, 1, 1]
    assert [site.started(source) for source in SOURCES] == [[RECIPIENT]] * 3
