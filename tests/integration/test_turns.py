# SPDX-License-Identifier: Apache-2.0
"""
How long the event loop hears nobody else, in CPU time of its thread, in a pass over 100,000 shares

They arrive, are planned, said and published, memory is written anew, and the files that declare them are read.
"""

import collections
import re
import signal
import time

import pytest

from daemon import Host
from simulator import Simulator, seed, wait_until
from test_endurance import WAIT, ask
from usage import Turns, is_plain

RECORDS = 100000
REGIONS = ("ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
           "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2")
SOME = 1800 * len(REGIONS)  # they take long enough to say for something to happen meanwhile
AT_MOST_MSEC = 100
RELOAD_AT_MOST_MSEC = 200  # all files in one turn: some 60 on an idle machine, of which libyaml takes half


def declared(n):
    """Those that the simulator's bulk seed makes, as YAML."""
    lines = ["frameworks:", "  - name: Baseline", "    eligibility_acknowledged: true", "    recipients:"]
    for i in range(0, n, len(REGIONS)):
        regions = ", ".join(REGIONS[:n - i])
        lines.append(f'      - {{account: "{200000000000 + i // len(REGIONS)}", regions: [{regions}]}}')
    return "\n".join(lines) + "\n"


def world(n):
    """A seed with that many, each shared before."""
    document = seed(default_account={"audit_manager": True},
                    bulk={"requests": n, "framework": "Baseline", "status": "SHARED"})
    document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
    return document


def new_host(folder, simulator, n):
    host = Host(folder, simulator, interval="1h", limits={"recipient_accounts": 100000})
    host.write(host.shares_path, declared(n))
    return host


def is_too_long(turn):
    reloads = any(name == "reload" for name, _ in turn.shares())
    return turn.cpu_msec >= (RELOAD_AT_MOST_MSEC if reloads else AT_MOST_MSEC)


def check_turns(measure, folder):
    """Whatever else runs on the machine makes the same turn take longer: the best of three runs counts."""
    for attempt in range(3):
        (folder / str(attempt)).mkdir()
        turns = measure(folder / str(attempt))
        print(*turns[:6], sep="\n")
        if not is_plain() or not any(map(is_too_long, turns)):
            return
    pytest.fail(f"too long: {[turn for turn in turns if is_too_long(turn)]}")


def turns_of_a_pass(tmp_path):
    with Simulator(seed=world(RECORDS), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, RECORDS)
        turns = Turns(tmp_path)
        with host.service(env=turns.env) as service:
            wait_until((host.runtime / "control").exists)
            answer = ask(host, WAIT)
            assert re.search(r": 100000 desired, 10000[01] observed", answer["message"]), answer
            assert service.process.poll() is None
    longest = turns.read()
    for part in ("api_parse", "make_plan", "report_plan", "publication_step"):
        assert any(name == part for turn in longest for name, _ in turn.shares()), longest
    return longest


def turns_of_new_files(tmp_path):
    with Simulator(seed=world(RECORDS), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, RECORDS)
        host.once()
        log = host.state / "memory.log"
        header, *records = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join([header, *records, *records, *records]))
        before = log.stat()
        turns = Turns(tmp_path)
        with host.service(env=turns.env) as service:
            wait_until((host.runtime / "control").exists)
            answer = ask(host, WAIT)
            assert re.search(r": 100000 desired, 10000[01] observed", answer["message"]), answer
            assert not said(service)
            host.write(host.shares_path, declared(RECORDS - len(REGIONS)))
            answer = ask(host, b'{"version": 1, "verb": "reload"}\n')
            assert answer["ok"], answer
            assert re.search(f": {RECORDS - len(REGIONS)} desired", ask(host, WAIT)["message"])
        assert log.stat().st_ino != before.st_ino and log.stat().st_size < before.st_size / 2
        assert not (host.state / ".memory.log.new").exists()
    return turns.read()


def test_the_loop_goes_on_in_a_pass_over_100_000_shares(tmp_path):
    check_turns(turns_of_a_pass, tmp_path)


def test_the_loop_goes_on_while_memory_is_written_anew_and_files_are_read(tmp_path):
    check_turns(turns_of_new_files, tmp_path)


def said(*services):
    """How often each share was said to be seen first, by its recipient."""
    return collections.Counter(
        re.search(r'"[^"]+" with (\d+ in [a-z0-9-]+) is', line.replace('\\"', '"'))[1]
        for service in services for line in service.text.splitlines() if "(first seen)" in line)


def wait_until_it_reports(service):
    deadline = time.monotonic() + 60
    while len(service.lines) < SOME // 20:
        assert time.monotonic() < deadline, service.text[-2000:]
        time.sleep(0.001)


@pytest.mark.parametrize("number, status, lost",
                         [(signal.SIGKILL, -signal.SIGKILL, 1), (signal.SIGTERM, 0, 0)])
def test_what_ends_the_service_while_it_reports_neither_loses_nor_doubles(number, status, lost, tmp_path):
    with Simulator(seed=world(SOME), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, SOME)
        with host.service() as first:
            wait_until_it_reports(first)
            first.signal(number)
            assert first.wait() == status
        if number == signal.SIGKILL:
            assert len(said(first)) < SOME
        with host.service() as second:
            second.wait_passes(1, 60)
        counts = said(first, second)
    assert max(counts.values()) == 1
    assert SOME - lost <= len(counts) <= SOME


def test_who_asks_while_it_reports_is_answered_meanwhile(tmp_path):
    with Simulator(seed=world(SOME), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, SOME)
        with host.service() as service:
            wait_until_it_reports(service)
            answer = ask(host, b'{"version": 1, "verb": "reconcile"}\n')
            assert answer["ok"] and len(service.lines) < SOME, (answer, len(service.lines))
            service.wait_passes(2, 60)
            assert host.status()["pass"]["result"] == "completed"
            assert len(host.status()["shares"]) == SOME
            assert set(said(service).values()) == {1}


def test_new_files_while_it_reports_wait_until_all_is_said(tmp_path):
    with Simulator(seed=world(SOME), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, SOME)
        with host.service() as service:
            wait_until_it_reports(service)
            host.write(host.shares_path, declared(SOME - len(REGIONS)))
            answer = ask(host, b'{"version": 1, "verb": "reload"}\n')
            assert answer["ok"], answer
            assert re.search(f": {SOME - len(REGIONS)} desired, {SOME}", ask(host, WAIT)["message"])
            assert set(said(service).values()) == {1} and len(said(service)) == SOME


def remembered(log):
    """The recipients of whom memory has a record, after all that was appended."""
    found = {}
    for kind, account, region in re.findall(rb"^\S+ (share|forgotten) .*\baccount=(\d+) region=(\S+)",
                                            log.read_bytes(), re.MULTILINE):
        found[account, region] = kind == b"share"
    return [share for share, there in found.items() if there]


def test_new_files_while_memory_is_written_anew_lose_none_of_it(tmp_path):
    number, unlisted = 4000 * len(REGIONS), 50 * len(REGIONS)
    lines = declared(number).splitlines(keepends=True)
    text = "".join(lines[:4] + lines[4 + 50:])  # the first 50 accounts are seen, and no more
    with Simulator(seed=world(number), rate=0, quota=0) as simulator:
        host = new_host(tmp_path, simulator, number)
        host.write(host.shares_path, text)
        host.once()
        log = host.state / "memory.log"
        header, *records = log.read_bytes().splitlines(keepends=True)
        assert len(remembered(log)) == number
        log.write_bytes(b"".join([header, *records, *records, *records]))
        before = log.stat()
        for account in range(200000000000, 200000000050):
            for request in simulator.requests(account=str(account)):
                simulator.delete_request(request=request["id"])
        with host.service() as service:
            wait_until((host.state / ".memory.log.new").exists, 60, 0.002)
            host.write(host.shares_path, text + "# once more\n")
            answer = ask(host, b'{"version": 1, "verb": "reload"}\n')
            assert answer["ok"], answer
            ask(host, WAIT)
            wait_until(lambda: log.stat().st_ino != before.st_ino, 60)
            assert service.process.poll() is None
        assert len(remembered(log)) == number - unlisted
