# SPDX-License-Identifier: Apache-2.0
"""The service as it runs: signals, changed files, deadlines, and the moment when it is killed."""

import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

import pytest

from daemon import DAEMON, Events, Host, Service, framework, many, parse_events
from simulator import RECIPIENT, Simulator, seed, wait_until
from usage import watches

STARTS = "StartAssessmentFrameworkShare"
TO = "eu-west-2"


@pytest.fixture
def simulator():
    document = seed(default_account={"audit_manager": True})
    document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
    with Simulator(seed=document, rate=0, quota=0) as running:
        yield running


@pytest.fixture
def host(tmp_path, simulator):
    host = Host(tmp_path, simulator, settle="0s", interval="1h")
    host.shares(framework())
    return host


def starts(simulator):
    return simulator.log(STARTS)


def sent_to(simulator):
    return [call["destination_account"] for call in starts(simulator) if call["processed"]]


class Notify:
    """The socket that systemd would listen on."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10)
        self.messages = []

    def wait_for(self, text):
        while not any(text in message for message in self.messages):
            self.messages.append(self.socket.recv(4096).decode())
        return next(message for message in self.messages if text in message)


def test_passes_follow_the_interval(host):
    host.settings(settle="0s", interval="1s")
    with host.service() as service:
        service.wait_passes(3)
        assert service.events.names()[:5] == ["loaded", "started", "status", "completed", "completed"]
    assert service.process.returncode == 0


def test_a_pass_now(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        simulator.accept(framework="Baseline", account=RECIPIENT, region=TO)
        service.signal(signal.SIGUSR1)
        service.wait_passes(2)
        assert service.events.statuses()[-1][0] == "ACTIVE"


def test_looks_again_when_settle_is_over(host):
    host.settings(settle="2s", interval="1h")
    with host.service() as service:
        service.wait_passes(1)
        assert host.share()["reason"] == "Started"
        service.wait_passes(2)
        wait_until(lambda: host.share()["reason"] == "AwaitingRecipient")
        status = host.status()
        assert status["next_pass"] is not None and status["pass"]["result"] == "completed"


def test_reload_with_good_and_bad_files(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        host.shares_path.write_text("frameworks: {")
        service.signal(signal.SIGHUP)
        service.wait_for(lambda events: events.of("config-refused"))
        assert "last good one stays" in service.events.of("config-refused")[0]["MESSAGE"]
        service.signal(signal.SIGUSR1)
        service.wait_passes(2)
        assert len(starts(simulator)) == 1
        host.shares(framework(), framework(recipients=many(2)))
        service.signal(signal.SIGHUP)
        service.wait_for(lambda events: len(events.of("started")) == 3)


def test_a_changed_file_is_taken_over_without_any_command(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        host.shares(framework(), framework(recipients=many(2)))
        service.wait_for(lambda events: len(events.of("started")) == 3)
        assert len(service.events.of("loaded")) == 2
        host.shares_path.write_text(host.shares_path.read_text())  # written, but nothing changed
        time.sleep(1.5)
        assert len(service.events.of("loaded")) == 2


def test_a_new_file_in_a_shares_folder(host, simulator, tmp_path):
    folder = tmp_path / "shares.d"
    folder.mkdir()
    host.shares_path = folder
    (folder / "10-base.yaml").write_text(json.dumps({"frameworks": [framework()]}))
    (folder / "20-more.yaml.dpkg-old").write_text("{")
    with host.service() as service:
        service.wait_passes(1)
        (folder / "20-more.yaml").write_text(json.dumps({"frameworks": [framework(recipients=many(1))]}))
        service.wait_for(lambda events: len(events.of("started")) == 2)


def test_files_in_force_beside_one_that_cannot_be_read(host, tmp_path):
    folder = tmp_path / "shares.d"
    folder.mkdir()
    host.shares_path = folder
    (folder / "10-base.yaml").write_text(json.dumps({"frameworks": [framework()]}))
    with host.service() as service:
        service.wait_passes(1)
        (folder / "30-more.yaml").symlink_to("nowhere")
        service.wait_for(lambda events: len(events.of("config-refused")) == 1)
        (folder / "30-more.yaml").unlink()
        service.wait_for(lambda events: len(events.of("loaded")) == 2)
        (folder / "10-base.yaml").chmod(0o666)
        service.wait_for(lambda events: len(events.of("config-refused")) == 2)
        service.signal(signal.SIGHUP)
        service.signal(signal.SIGUSR1)
        service.wait_passes(2)
        assert len(service.events.of("config-refused")) == 2  # and is not said again


def two():
    return json.dumps({"frameworks": [framework(), framework(recipients=many(1))]})


def test_the_target_of_a_link_is_watched(host, tmp_path):
    target = tmp_path / "governance" / "declared.yaml"
    target.parent.mkdir()
    host.shares_path.rename(target)
    host.shares_path.symlink_to(target)
    with host.service() as service:
        service.wait_passes(1)
        target.write_text(two())
        service.wait_for(lambda events: len(events.of("started")) == 2)


def test_a_link_that_is_pointed_elsewhere(host, tmp_path):
    """As git-sync and config maps do it: a file through a folder that is a link, which is replaced."""
    repository = tmp_path / "repository"
    for revision in ("1", "2"):
        (repository / revision).mkdir(parents=True)
    host.shares_path.rename(repository / "1" / "shares.yaml")
    (repository / "2" / "shares.yaml").write_text(two())
    (repository / "current").symlink_to("1")
    host.shares_path.symlink_to(repository / "current" / "shares.yaml")
    with host.service() as service:
        service.wait_passes(1)
        (repository / "next").symlink_to("2")
        (repository / "next").rename(repository / "current")
        service.wait_for(lambda events: len(events.of("started")) == 2)


def test_folders_that_no_link_leads_to_any_more_are_not_watched(host, tmp_path):
    declared = host.shares_path.read_text()

    def release(number):
        folder = tmp_path / "releases" / str(number)
        folder.mkdir(parents=True)
        (folder / "shares.yaml").write_text(declared)
        (tmp_path / "next").symlink_to(folder / "shares.yaml")
        (tmp_path / "next").rename(host.shares_path)

    release(0)
    with host.service() as service:
        service.wait_passes(1)
        before = watches(service.process.pid)
        for number in range(1, 4):
            release(number)
            assert host.ctl("reload").status == 0
        assert watches(service.process.pid) == before == 2
        (tmp_path / "releases" / "3" / "shares.yaml").write_text(two())
        service.wait_for(lambda events: len(events.of("started")) == 2)


def test_a_folder_that_cannot_be_watched_does_not_blind_the_others(host, tmp_path):
    """One that may be passed through and not be listed, for a service that is not root."""
    closed = tmp_path / "closed"
    closed.mkdir()
    host.shares_path.rename(closed / "shares.yaml")
    more = tmp_path / "more"
    more.mkdir()
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest" in str(folder):
            folder.chmod(0o755)
    for folder in (host.state, host.runtime):
        folder.mkdir()
        os.chown(folder, 65534, 65534)
    closed.chmod(0o711)
    (closed / "shares.yaml").chmod(0o644)
    (more / "10.yaml").write_text('{"frameworks": []}')
    (more / "10.yaml").chmod(0o644)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", DAEMON, "--log-format", "json",
               "--settings", str(host.settings_path), "--shares", str(closed / "shares.yaml"),
               "--shares", str(more)]
    service = Service(command, host.env)
    try:
        service.wait_passes(1)
        wait_until(lambda: "Cannot watch" in service.text)
        (more / "20.yaml").write_text(json.dumps({"frameworks": [framework(recipients=many(1))]}))
        service.wait_for(lambda events: len(events.of("started")) == 2)
    finally:
        service.end()


def test_a_link_in_a_shares_folder(host, tmp_path):
    folder, target = tmp_path / "shares.d", tmp_path / "elsewhere" / "base.yaml"
    folder.mkdir()
    target.parent.mkdir()
    host.shares_path.rename(target)
    (folder / "10-base.yaml").symlink_to(target)
    host.shares_path = folder
    with host.service() as service:
        service.wait_passes(1)
        target.write_text(two())
        service.wait_for(lambda events: len(events.of("started")) == 2)


@pytest.mark.parametrize("how", ["moved", "deleted"])
def test_a_shares_folder_that_is_replaced(host, tmp_path, how):
    folder = tmp_path / "there" / "shares.d"
    folder.mkdir(parents=True)
    host.shares_path.rename(folder / "10-base.yaml")
    host.shares_path = folder
    with host.service() as service:
        service.wait_passes(1)
        if how == "moved":
            folder.rename(tmp_path / "old")
        else:
            (folder / "10-base.yaml").unlink()
            folder.rmdir()
        service.wait_for(lambda events: events.of("config-refused"))
        folder.mkdir()
        (folder / "10-base.yaml").write_text(two())
        service.wait_for(lambda events: len(events.of("started")) == 2)


def test_the_files_of_the_host_are_watched(host, tmp_path):
    """Without --settings and --shares; in an /etc of this test's own, which is looked into from outside."""
    script = f"""
        mount -t tmpfs none /etc
        mkdir -p /etc/auditshared/shares.d
        cp {host.settings_path} {host.shares_path} /etc/auditshared
        exec {DAEMON} --log-format json
    """
    command = ["unshare", "--mount", "sh", "-ec", script]
    service = Service(command, host.env)
    try:
        service.wait_passes(1)
        folder = pathlib.Path(f"/proc/{service.process.pid}/root/etc/auditshared")
        host.write(folder / "shares.d" / "20.yaml", json.dumps({"frameworks": [framework(name="Added")]}))
        service.wait_for(lambda events: len(events.of("loaded")) == 2)
        host.write(folder / "shares.yaml", json.dumps({"frameworks": []}))
        service.wait_for(lambda events: len(events.of("loaded")) == 3)
        (folder / "shares.d" / "20.yaml").unlink()
        service.wait_for(lambda events: len(events.of("loaded")) == 4)
        loaded = [event["MESSAGE"].partition("source, ")[2] for event in service.events.of("loaded")]
        assert loaded == ["1 framework, 1 share", "2 frameworks, 2 shares", "1 framework, 1 share",
                          "0 frameworks, 0 shares"]
    finally:
        service.end()


def test_reload_in_mid_pass_ends_it_early(host, simulator):
    host.settings(settle="0s", interval="1h", limits={"concurrency": 1})
    simulator.settings(latency=0.1)
    host.shares(framework(recipients=many(60)))
    with host.service() as service:
        service.wait_for(lambda events: events.of("started"))
        host.shares(framework(recipients=many(2)))
        service.signal(signal.SIGHUP)
        service.wait_passes(1, timeout=30)
        assert len(starts(simulator)) < 60
        assert host.status()["pass"]["result"] == "completed"


def test_notify_protocol(host, tmp_path):
    notify = Notify(tmp_path)
    with host.service(env={"NOTIFY_SOCKET": notify.path, "WATCHDOG_USEC": "2000000"}) as service:
        notify.wait_for("READY=1")
        notify.wait_for("WATCHDOG=1")
        assert "next pass in" in notify.wait_for("STATUS=1 share")
        notify.messages.clear()
        service.signal(signal.SIGHUP)
        assert "MONOTONIC_USEC=" in notify.wait_for("RELOADING=1")
        notify.wait_for("READY=1")
        service.signal(signal.SIGTERM)
        notify.wait_for("STOPPING=1")
        assert service.wait() == 0
    notify.socket.close()


def test_ready_before_aws_answers(host, simulator, tmp_path):
    notify = Notify(tmp_path)
    simulator.fault(kind="hang", count=0)
    with host.service(env={"NOTIFY_SOCKET": notify.path}) as service:
        notify.wait_for("READY=1")
        begun = time.monotonic()
        service.signal(signal.SIGTERM)
        assert service.wait() == 0 and time.monotonic() - begun < 8
    notify.socket.close()


def test_terminated_in_mid_pass(host, simulator):
    host.settings(settle="1h", interval="1h", limits={"concurrency": 4})
    simulator.settings(latency=0.05)
    host.shares(framework(recipients=many(90)))
    with host.service() as service:
        service.wait_for(lambda events: len(events.of("started")) > 10)
        service.signal(signal.SIGTERM)
        assert service.wait() == 0
        done = len(service.events.of("started"))
    assert done == len(sent_to(simulator)) < 90 and not service.events.of("unknown")
    simulator.settings(latency=0)
    result = host.once()
    assert result.status == 0 and len(result.events.of("started")) == 90 - done
    assert sorted(sent_to(simulator)) == sorted(account for account, _ in many(90))


def test_terminated_while_an_answer_does_not_come(host, simulator):
    host.settings(settle="1h", interval="1h")
    simulator.fault(STARTS, kind="hang", when="after", count=0)
    with host.service() as service:
        wait_until(lambda: starts(simulator) or simulator.stats()["in_flight"] > 0)
        time.sleep(0.2)
        service.signal(signal.SIGTERM)
        assert service.wait(12) == 0
        assert len(service.events.of("unknown")) == 1
    simulator.clear_faults()
    again = host.once()
    assert again.events.statuses() == [(None, "ACTIVE")] and len(simulator.requests()) == 1


def test_two_processes_at_once(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        second = host.once()
        assert second.status == 1
        refused = second.events.of("refused")
        assert len(refused) == 1 and f"process {service.process.pid}" in refused[0]["MESSAGE"]
    assert host.once().status == 0


def test_restart_repeats_no_event(host, simulator):
    host.settings(settle="0s", interval="1s")
    simulator.settings(replicate=0)
    host.shares(framework(recipients=many(30)))
    seen = Events()
    generator = random.Random(7)
    for _ in range(8):
        with host.service() as service:
            service.wait_passes(1)
            for account, region in generator.sample(many(30), 4):
                record = simulator.request("Baseline", account, region)
                if record["status"] == "ACTIVE":
                    getattr(simulator, generator.choice(["accept", "decline"]))(request=record["id"])
            service.signal(signal.SIGUSR1)
            service.wait_passes(2)
            service.kill()
            seen += service.events
    seen += host.once().events
    transitions = [(e["SHARE_ACCOUNT"], e.get("SHARE_STATUS_OLD"), e["SHARE_STATUS"]) for e in seen.of("status")]
    assert len(transitions) == len(set(transitions))
    for record in simulator.requests():
        mine = [new for account, _, new in transitions if account == record["destinationAccount"]]
        assert mine[-1] == record["status"] and mine[0] == "ACTIVE"


def kill_during_starts(host, simulator, number, generator):
    """Lets the service start shares, and kills it at some moment."""
    process = subprocess.Popen(host.command(DAEMON, "--once", "--log-format", "json"), env=host.env,
                               stderr=subprocess.PIPE, text=True)
    time.sleep(generator.uniform(0.005, 0.12))
    process.kill()
    _, text = process.communicate(timeout=20)
    return parse_events(text)


@pytest.mark.parametrize("number", range(24))
def test_killed_during_starts(host, simulator, number):
    """None is lost, none is sent twice, whatever the moment: settle holds what the listing cannot tell yet."""
    generator = random.Random(number)
    n = 40
    host.settings(settle="1h", interval="1h", limits={"concurrency": generator.choice([1, 4, 16])})
    simulator.settings(latency=generator.choice([0, 0, 0.002]), lag=generator.choice([0, 0, 3600]),
                       resend=generator.choice(["keep", "both", "replace"]))
    host.shares(framework(recipients=many(n)))
    seen = Events()
    for _ in range(3):
        seen += kill_during_starts(host, simulator, number, generator)
    simulator.settings(latency=0)
    seen += host.once().events

    counts = {account: sent_to(simulator).count(account) for account, _ in many(n)}
    assert max(counts.values()) <= 1, counts
    told = [e["SHARE_ACCOUNT"] for e in seen.of("started") + seen.of("unknown")]
    assert len(told) == len(set(told)), "an event for each, at most one"

    # What was announced but never sent is sent once the listing can be trusted.
    simulator.settings(lag=0)
    host.settings(settle="0s", interval="1h")
    assert host.once().status == 0
    counts = {account: sent_to(simulator).count(account) for account, _ in many(n)}
    assert set(counts.values()) == {1}, counts
    assert len(simulator.requests()) == n


def test_a_killed_service_leaves_no_lock(host):
    with host.service() as service:
        service.wait_passes(1)
        service.kill()
    assert host.once().status == 0


def test_the_loop_goes_on_after_an_outage(host, simulator):
    host.settings(settle="0s", interval="1s")
    with host.service(env={"AWS_MAX_ATTEMPTS": "1"}) as service:
        service.wait_passes(1)
        simulator.fault(kind="status", status=503, count=0)
        service.wait_for(lambda events: events.of("refused"))
        time.sleep(2.5)
        assert len(service.events.of("refused")) == 1
        simulator.clear_faults()
        passes = len(service.events.of("completed"))
        service.wait_passes(passes + 1)


def test_clock_skew_is_corrected_once(host, simulator):
    simulator.fault(kind="skew", seconds=1800, count=0)
    with host.service() as service:
        service.wait_passes(1)
        assert len(service.events.of("skew")) == 1
        service.signal(signal.SIGUSR1)
        service.wait_passes(2)
        assert len(service.events.of("skew")) == 1
    assert len(sent_to(simulator)) == 1
