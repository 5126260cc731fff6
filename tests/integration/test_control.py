# SPDX-License-Identifier: Apache-2.0
"""reload, reconcile and reset: auditsharectl asks the running service over its control socket."""

import json
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from daemon import CTL, DAEMON, Host, framework, many
from simulator import RECIPIENT, Simulator, seed, wait_until

STARTS = "StartAssessmentFrameworkShare"
TO = "eu-west-2"
SHARE = f"Baseline/{RECIPIENT}/{TO}"


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


@pytest.fixture
def service(host):
    with host.service() as service:
        service.wait_passes(1)
        yield service


ASK = b'{"version": 1, "verb": "reconcile", "wait": false}\n'
WAIT = b'{"version": 1, "verb": "reconcile", "wait": true}\n'


def bare(host, *arguments, **kwargs):
    """auditsharectl without any file named, as ExecReload= calls it."""
    return subprocess.run([CTL, *arguments], env=host.env, capture_output=True, text=True,
                          **{"timeout": 30, **kwargs})


def start(host, *arguments):
    """The same, but it is not waited for."""
    return subprocess.Popen([CTL, *arguments], env=host.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def open_folders(host):
    """Lets other users through to the host's files."""
    for folder in (host.folder, *host.folder.parents):
        if str(folder).startswith("/tmp/") or "pytest" in str(folder):
            folder.chmod(0o755)


def count(service, name, n):
    """Whether there are n events of a name, once there are that many: they come through a pipe."""
    return len(service.wait_for(lambda events: len(events.of(name)) >= n and events.of(name))) == n


def small_disk():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def sends(simulator):
    return len(simulator.log(STARTS))


class Connection:
    """Somebody who speaks to the socket by hand."""

    def __init__(self, host):
        self.socket = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(host.runtime)  # an address holds 107 bytes
        try:
            self.socket.connect("control")
        finally:
            os.chdir(here)
        self.socket.settimeout(15)

    def ask(self, line):
        self.socket.sendall(line)
        return self.read()

    def read(self):
        answer = b""
        while chunk := self.socket.recv(65536):
            answer += chunk
        return json.loads(answer) if answer else None


# --- reload ---


def test_reload_takes_over_good_files(host, service, simulator):
    host.shares(framework(), framework(recipients=many(2)))
    done = bare(host, "reload")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Configuration loaded: 1 source, 2 frameworks, 3 shares\n"
    service.wait_for(lambda events: len(events.of("started")) == 3)


def test_reload_says_so_even_where_nothing_changed(host, service):
    assert bare(host, "reload").returncode == 0
    assert count(service, "loaded", 2)


def test_reload_names_every_error_and_the_service_keeps_what_it_has(host, service, simulator):
    host.shares_path.write_text("frameworks:\n  - name: Baseline\n    colour: red\n    suspend: 7\n")
    done = bare(host, "reload")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        f"{host.shares_path}:{place}" for place in ("2:5", "2:5", "3:5", "4:14")]
    assert "last good one stays" in lines[-1]
    assert lines[:-1] == host.ctl("check").err.splitlines()
    assert count(service, "config-refused", 1)
    assert bare(host, "reconcile", "--wait").returncode == 0 and sends(simulator) == 1


def test_reload_of_the_same_bad_files_fails_again(host, service):
    host.shares_path.write_text("frameworks: 7\n")
    first, second = bare(host, "reload"), bare(host, "reload")
    assert first.returncode == second.returncode == 1 and first.stderr == second.stderr
    assert count(service, "config-refused", 1)


def test_reload_looks_at_files_that_are_named(host, service, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("frameworks: 7\n")
    done = subprocess.run([CTL, "--settings", host.settings_path, "--shares", other, "reload"], env=host.env,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and str(other) in done.stderr
    assert count(service, "loaded", 1)


def test_reload_in_mid_pass(host, simulator):
    host.settings(settle="0s", interval="1h", limits={"concurrency": 1})
    simulator.settings(latency=0.1)
    host.shares(framework(recipients=many(60)))
    with host.service() as service:
        service.wait_for(lambda events: events.of("started"))
        host.shares(framework(recipients=many(2)))
        assert bare(host, "reload").returncode == 0
        service.wait_passes(1, timeout=30)
        assert sends(simulator) < 60


def test_errors_in_names_that_are_no_utf8(host, service):
    (host.folder / "odd").mkdir()
    host.shares_path.unlink()
    host.shares_path.mkdir()
    odd = os.fsencode(host.shares_path) + b"/\xff.yaml"
    with open(odd, "w") as file:
        file.write("frameworks: 7\n")
    done = subprocess.run([CTL, "reload"], env=host.env, capture_output=True, timeout=30)
    assert done.returncode == 1 and b":1:13: " in done.stderr


# --- reconcile ---


def test_reconcile_makes_a_pass(host, service, simulator):
    simulator.accept(framework="Baseline", account=RECIPIENT, region=TO)
    done = bare(host, "reconcile")
    assert (done.returncode, done.stdout, done.stderr) == (0, "A pass begins now\n", "")
    service.wait_passes(2)


def test_reconcile_waits_for_the_end_of_the_pass(host, service, simulator):
    simulator.accept(framework="Baseline", account=RECIPIENT, region=TO)
    simulator.settings(latency=0.2)
    done = bare(host, "reconcile", "--wait")
    assert done.returncode == 0 and done.stderr == ""
    assert re.match(r"Pass completed in .*: 1 desired, 1 observed; 0 started", done.stdout)
    assert host.share()["status"] == "SHARED" or host.share()["status"] == "REPLICATING"
    assert count(service, "completed", 2)


def test_reconcile_waits_for_a_pass_that_began_after_it(host, simulator):
    host.settings(settle="0s", interval="1h", limits={"concurrency": 1})
    simulator.settings(latency=0.05)
    host.shares(framework(recipients=many(20)))
    with host.service() as service:
        service.wait_for(lambda events: events.of("started"))
        done = bare(host, "reconcile", "--wait")
        assert done.returncode == 0 and count(service, "completed", 2)
        assert ": 20 desired, 20 observed; 0 started" in done.stdout


def test_reconcile_fails_with_the_pass(host, service, simulator):
    simulator.fault(kind="status", status=400, code="AccessDeniedException", count=0)
    done = bare(host, "reconcile", "--wait")
    assert done.returncode == 1 and done.stdout == ""
    assert re.search(r"^source governance: .*AccessDenied", done.stderr, re.M)
    assert "Pass refused or cut short" in done.stderr.splitlines()[-1]


def test_several_wait_for_one_pass(host, service, simulator):
    simulator.settings(latency=0.2)
    waiting = [subprocess.Popen([CTL, "reconcile", "--wait"], env=host.env, stdout=subprocess.PIPE, text=True)
               for _ in range(5)]
    assert [process.communicate(timeout=20)[0][:14] for process in waiting] == ["Pass completed"] * 5
    assert len(service.events.of("completed")) <= 4


def test_a_wait_outlasts_a_reload(host, service, simulator):
    """Which cuts the pass short; the first one with the new files is what was waited for."""
    simulator.settings(latency=0.5)
    waiting = start(host, "reconcile", "--wait")
    wait_until(lambda: simulator.stats()["in_flight"] > 0)
    host.shares(framework(), framework(recipients=many(2)))
    assert bare(host, "reload").returncode == 0
    out, err = waiting.communicate(timeout=20)
    assert (waiting.returncode, err) == (0, "") and ": 3 desired" in out
    assert len(service.events.of("refused")) == 1, "cut short"


def test_the_end_of_the_service_ends_the_wait(host, service, simulator):
    simulator.fault(kind="hang", count=0)
    waiting = start(host, "reconcile", "--wait")
    wait_until(lambda: simulator.stats()["in_flight"] > 0)
    service.signal(signal.SIGTERM)
    _, err = waiting.communicate(timeout=20)
    assert waiting.returncode == 1 and "ended before it answered" in err


def test_a_pass_that_still_ends_well_is_answered_before_the_service_ends(host, simulator):
    host.settings(settle="0s", interval="1h", policy={"declined": "reshare"})
    with host.service() as service:
        service.wait_passes(1)
        simulator.decline(framework="Baseline", account=RECIPIENT, region=TO)
        simulator.fault(STARTS, kind="delay", seconds=1, when="after")
        waiting = start(host, "reconcile", "--wait")
        wait_until(lambda: sends(simulator) == 2)
        service.signal(signal.SIGTERM)
        out, err = waiting.communicate(timeout=20)
        assert (waiting.returncode, err) == (0, "") and "1 started" in out


def test_an_interrupted_wait_leaves_the_service_alone(host, service, simulator):
    simulator.settings(latency=0.5)
    waiting = subprocess.Popen([CTL, "reconcile", "--wait"], env=host.env, stdout=subprocess.DEVNULL,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    time.sleep(0.3)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(10) == -signal.SIGINT
    service.wait_passes(2)


# --- reset ---


def test_reset_lets_a_stalled_share_begin_anew(host, simulator):
    host.settings(settle="0s", interval="1h", policy={"max_attempts": 1})
    with host.service() as service:
        service.wait_passes(1)
        simulator.fail(framework="Baseline", account=RECIPIENT, region=TO)
        assert bare(host, "reconcile", "--wait").returncode == 0
        assert (host.share()["condition"], host.share()["reason"]) == ("stalled", "AttemptsExhausted")
        done = bare(host, "reset", SHARE)
        assert done.returncode == 0 and done.stderr == ""
        assert done.stdout == f"Reset 1 share of '{SHARE}'; the next pass looks at it afresh\n"
        service.wait_for(lambda events: len(events.of("started")) == 2)
        wait_until(lambda: f"Reset 1 share of '{SHARE}'" in service.text)


def test_reset_ends_a_backoff(host, service, simulator):
    simulator.fail(framework="Baseline", account=RECIPIENT, region=TO)
    assert bare(host, "reconcile", "--wait").returncode == 0
    assert (host.share()["condition"], host.share()["action"]) == ("progressing", "wait")
    assert bare(host, "reset", "Baseline").returncode == 0
    service.wait_for(lambda events: len(events.of("started")) == 2)


def test_reset_lifts_the_hold_of_a_refusal_for_one_send(host, service, simulator):
    simulator.decline(framework="Baseline", account=RECIPIENT, region=TO)
    assert bare(host, "reconcile", "--wait").returncode == 0
    assert (host.share()["condition"], host.share()["reason"]) == ("held", "Declined")
    assert bare(host, "reset", SHARE).returncode == 0
    service.wait_for(lambda events: len(events.of("started")) == 2)

    [newest] = [request for request in simulator.requests() if request["status"] == "ACTIVE"]
    simulator.decline(request=newest["id"])
    assert bare(host, "reconcile", "--wait").returncode == 0
    assert (host.share()["condition"], host.share()["reason"]) == ("held", "Declined")
    assert sends(simulator) == 2


def test_what_is_sent_after_a_reset_is_not_held_by_a_listing_that_lags(host, simulator):
    host.settings(settle="0s")
    assert host.once().status == 0
    simulator.decline(framework="Baseline", account=RECIPIENT, region=TO)
    assert host.once().status == 0 and host.conditions() == [("held", "Declined")]
    assert host.ctl("reset", SHARE).status == 0
    time.sleep(1.1)
    simulator.settings(lag=1)
    assert host.once().status == 0 and sends(simulator) == 2
    host.settings(settle="1h")
    again = host.once()
    assert host.conditions() == [("progressing", "Settling")] and not again.events.of("held")
    assert sends(simulator) == 2


def test_reset_does_not_send_within_settle(host, simulator):
    host.settings(settle="1h", interval="1h")
    with host.service() as service:
        service.wait_passes(1)
        assert bare(host, "reset", SHARE).returncode == 0
        service.wait_passes(2)
        assert sends(simulator) == 1


def test_reset_without_a_service_changes_memory_itself(host, simulator):
    host.settings(settle="0s", interval="1h", policy={"max_attempts": 1})
    assert host.once().status == 0
    simulator.fail(framework="Baseline", account=RECIPIENT, region=TO)
    assert host.once().status == 0 and host.share()["condition"] == "stalled"
    done = host.ctl("reset", SHARE)
    assert done.status == 0 and done.out.startswith("Reset 1 share")
    assert host.once().status == 0 and sends(simulator) == 2


def test_reset_without_a_service_needs_no_shares_file(host):
    assert host.once().status == 0
    host.shares_path.write_text("frameworks: 7\n")
    assert host.ctl("reset", SHARE).out.startswith("Reset 1 share")


@pytest.mark.parametrize("damage", ["memory", "everything"])
def test_what_root_makes_beside_memory_is_the_services(host, simulator, damage):
    """As under DynamicUser=: the folder is the service's already, so systemd does not look into it."""
    for folder in (host.state, host.runtime):
        folder.mkdir()
        os.chown(folder, 65534, 65534)
    open_folders(host)
    service = {"user": 65534, "group": 65534, "extra_groups": []}
    command = host.command(DAEMON, "--once")
    assert subprocess.run(command, env=host.env, timeout=30, **service).returncode == 0

    memory = host.state / "memory.log"
    if damage == "memory":
        memory.write_bytes(memory.read_bytes().replace(b"Baseline", b"BASELINE"))
    else:
        memory.unlink()
        (host.state / "lock").unlink()
    host.ctl("reset", "Baseline")
    assert {path.stat().st_uid for path in host.state.iterdir()} == {65534}
    assert subprocess.run(command, env=host.env, timeout=30, **service).returncode == 0
    assert sends(simulator) == 1


@pytest.mark.parametrize("running", [True, False])
def test_reset_of_what_is_not_known(host, simulator, running):
    if running:
        with host.service() as service:
            service.wait_passes(1)
            done = host.ctl("reset", "Other")
    else:
        host.once()
        done = host.ctl("reset", "Other")
    assert (done.status, done.out) == (1, "")
    assert done.err == "Nothing is remembered of a share 'Other'; 'auditsharectl status' lists them\n"


def test_reset_of_several(host, simulator):
    host.shares(framework(recipients=many(5)))
    with host.service() as service:
        service.wait_passes(1)
        assert bare(host, "reset", "governance/Baseline").stdout.startswith("Reset 5 shares of ")
        assert bare(host, "reset", f"Baseline/{many(5)[2][0]}").stdout.startswith("Reset 1 share of ")
        service.wait_passes(2)
        assert sends(simulator) == 5


@pytest.mark.parametrize("share", ["", "/", "a/b/c/d/e", "Baseline/12345/x"])
def test_reset_of_what_is_no_share(host, share):
    done = host.ctl("reset", share)
    assert done.status == 2 and "[SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]" in done.err


# --- who may ask, and how ---


def test_only_root_and_the_service_itself(host, service):
    mode = stat.S_IMODE((host.runtime / "control").stat().st_mode)
    assert mode == 0o600
    os.chmod(host.folder, 0o755)
    host.folder.parent.chmod(0o755)
    for folder in host.folder.parents:
        if str(folder).startswith("/tmp/") or "pytest" in str(folder):
            folder.chmod(0o755)
    done = bare(host, "reload", user=65534, group=65534, extra_groups=[])
    assert done.returncode == 1 and "Only root" in done.stderr and "sudo" in done.stderr


def test_a_socket_that_others_can_reach_still_tells_who_they_are(host, service):
    (host.runtime / "control").chmod(0o777)
    for folder in host.folder.parents:
        if str(folder).startswith("/tmp/") or "pytest" in str(folder):
            folder.chmod(0o755)
    host.folder.chmod(0o755)
    done = bare(host, "reconcile", user=65534, group=65534, extra_groups=[])
    assert done.returncode == 1 and "ended before it answered" in done.stderr
    time.sleep(0.2)
    assert count(service, "completed", 1)


@pytest.mark.parametrize("verb", [("reload",), ("reconcile",), ("reconcile", "--wait")])
def test_no_service(host, verb):
    done = host.ctl(*verb)
    assert done.status == 1 and "systemctl start auditshared" in done.err


NOT_UNDERSTOOD = "answers in a way that this version does not understand"
ANSWERS = {
    "no JSON": (b"hello\n", NOT_UNDERSTOOD),
    "a later version": (b'{"version": 2, "ok": true}\n', NOT_UNDERSTOOD),
    "nothing": (b"", "The service ended before it answered"),
    "no words": (b'{"version": 1, "ok": false, "message": null, "errors": []}\n',
                 "The service could not do it"),
}


@pytest.mark.parametrize("answer,words", ANSWERS.values(), ids=ANSWERS)
def test_a_service_of_another_version(host, answer, words):
    host.runtime.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(host.runtime)
        listening.bind("control")
        os.chdir(here)
        listening.listen()
        listening.settimeout(15)
        asking = start(host, "reconcile")
        connection, _ = listening.accept()
        with connection:
            assert json.loads(connection.makefile().readline())["verb"] == "reconcile"
            connection.sendall(answer)
    out, err = asking.communicate(timeout=15)
    assert (asking.returncode, out) == (1, "") and words in err and err.count("\n") == 1


def test_reset_on_a_full_disk(host):
    """No service runs: auditsharectl writes to memory itself, or says that it could not."""
    assert host.once().status == 0
    done = host.ctl("reset", "Baseline", preexec_fn=small_disk)
    assert (done.status, done.out) == (1, "") and done.err.startswith("Cannot reset 'Baseline': ")
    assert "Reset 1 share" in host.ctl("reset", "Baseline").out


def test_a_socket_that_cannot_be_made(host, simulator):
    """The service does all it is there for, but for listening."""
    (host.runtime / "control" / "in the way").mkdir(parents=True)
    with host.service() as service:
        service.wait_passes(1)
        assert "Cannot listen for auditsharectl in" in service.text and sends(simulator) == 1


def test_reload_of_a_profile_that_makes_no_sense(host, tmp_path):
    """What the files of the AWS tools say is looked at anew, too; and what is only noted is no error."""
    config, folder = tmp_path / "config", tmp_path / "shares.d"
    config.write_text("[default]\nmax_attempts = 2\n")
    folder.mkdir()
    host.shares_path.rename(folder / "10.yaml")
    (folder / "README").write_text("passed over")
    host.shares_path = folder
    with host.service(env={"AWS_CONFIG_FILE": str(config)}) as service:
        service.wait_passes(1)
        config.write_text("[default]\nmax_attempts = none\n")
        done = bare(host, "reload")
        assert done.returncode == 1
        assert done.stderr == (
            "source governance: AWS_MAX_ATTEMPTS, or max_attempts of the profile, is no whole number from 1: "
            "none\nThe configuration was refused; the last good one stays in force\n")
        (folder / "10.yaml").write_text('{"frameworks": 7}')
        done = bare(host, "reload")
        assert done.returncode == 1 and "10.yaml:1:16" in done.stderr and "README" not in done.stderr


def test_a_socket_left_by_a_service_that_was_killed(host, simulator):
    with host.service() as service:
        service.wait_passes(1)
        service.kill()
    assert (host.runtime / "control").exists()
    assert host.ctl("reconcile").status == 1
    with host.service() as service:
        service.wait_passes(1)
        assert host.ctl("reconcile", "--wait").status == 0
    assert not (host.runtime / "control").exists()


def test_a_service_that_is_ending_says_so(host, simulator):
    """It waits for the answer to a start that is under way, and does nothing that is asked of it then."""
    simulator.fault(STARTS, kind="delay", seconds=2, when="after")
    with host.service() as service:
        wait_until(lambda: sends(simulator) == 1)
        service.signal(signal.SIGTERM)
        wait_until(lambda: Connection(host).ask(ASK)["message"] == "the service is ending")
        assert service.process.wait(15) == 0
    assert sends(simulator) == 1


def test_one_pass_listens_to_nobody(host):
    assert host.once().status == 0 and not (host.runtime / "control").exists()


def test_a_refusal_without_a_word(host):
    """From a service that is short of memory, say: whoever asked still hears that it was not done."""
    host.runtime.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(host.runtime / "control"))
        listener.listen()

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.makefile().readline()
                connection.sendall(b'{"version":1,"ok":false,"message":"","errors":[]}\n')

        thread = threading.Thread(target=answer)
        thread.start()
        result = bare(host, "reconcile")
        thread.join(30)
    assert result.returncode == 1 and "could not do it" in result.stderr


def test_a_folder_with_a_long_name(tmp_path, simulator):
    folder = tmp_path / ("long" * 30) / ("longer" * 20)
    folder.mkdir(parents=True)
    host = Host(folder, simulator, settle="0s", interval="1h")
    host.shares(framework())
    with host.service() as service:
        service.wait_passes(1)
        assert bare(host, "reconcile", "--wait").returncode == 0


@pytest.mark.parametrize("line,answer", [
    (b"\n", "no request"), (b"{}\n", "no request"), (b"[1]\n", "no request"), (b"\xff\n", "no request"),
    (b'{"version": 2, "verb": "reload"}\n', "another version"),
    (b'{"version": 1, "verb": "dance"}\n', "another version"),
    (b'{"version": 1, "verb": 7}\n', "no request"),
    (b'{"version": 1, "verb": "reset"}\n', "no request"),
    (b'{"version": 1, "verb": "reset", "share": ["x"]}\n', "no request"),
    (b'{"version": 1, "verb": "reset", "share": "a\\u0000b"}\n', "no request"),
    (b'{"version": 1, "verb": "reset", "share": "/"}\n', "Cannot reset"),
    (b"x" * 20000 + b"\n", None),
])
def test_what_is_no_request(host, service, line, answer):
    try:
        got = Connection(host).ask(line)
    except (ConnectionResetError, BrokenPipeError):
        got = None
    if answer is None:
        assert got is None
    else:
        assert got["ok"] is False and answer in got["message"]
    assert bare(host, "reconcile", "--wait").returncode == 0


def test_a_crowd_of_silent_ones_does_not_shut_others_out(host, service):
    silent = [Connection(host) for _ in range(16)]
    one_too_many = start(host, "reload")
    with pytest.raises(subprocess.TimeoutExpired):
        one_too_many.wait(0.3)
    silent[3].socket.close()
    assert one_too_many.communicate(timeout=10)[1] == "" and one_too_many.returncode == 0
    for connection in silent:
        connection.socket.close()
    assert bare(host, "reconcile", "--wait").returncode == 0


def test_those_who_wait_do_not_shut_others_out(host, service, simulator):
    simulator.fault(kind="hang", count=0)
    waiting = [Connection(host) for _ in range(12)]
    for connection in waiting:
        connection.socket.sendall(WAIT)
    wait_until(lambda: "too many wait" in bare(host, "reconcile", "--wait", timeout=1).stderr)
    assert bare(host, "reconcile").returncode == 0
    done = bare(host, "reload")
    assert (done.returncode, done.stderr) == (0, "")
    simulator.clear_faults()
    assert bare(host, "reload").returncode == 0  # which ends a pass that has begun to hang as well
    assert all(connection.read()["ok"] for connection in waiting)


def test_a_terminal_is_not_at_the_mercy_of_who_answers(host):
    host.runtime.mkdir()
    with socket.socket(socket.AF_UNIX) as impostor:
        impostor.bind(f"/proc/self/fd/{os.open(host.runtime, os.O_PATH)}/control")
        impostor.listen(2)
        for ok in (True, False):
            asking = start(host, "reload")
            connection, _ = impostor.accept()
            connection.recv(4096)
            answer = {"version": 1, "ok": ok, "message": "a\x1b[31m\nb", "errors": ["c\x9b\u202e"]}
            connection.sendall(json.dumps(answer).encode() + b"\n")
            connection.close()
            out, err = asking.communicate(timeout=10)
            assert (out, err) == (("a?[31m?b\n", "c??\n") if ok else ("", "c??\na?[31m?b\n"))
            assert asking.returncode == (0 if ok else 1)


def test_short_of_descriptors(host, service):
    """The loop does not go round and round for a connection that it cannot take."""
    folder = f"/proc/{service.process.pid}/"
    most = max(int(name) for name in os.listdir(folder + "fd")) + 1
    _, hard = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (most, hard))

    def ticks():
        return sum(int(field) for field in open(folder + "stat").read().split()[13:15])

    asking = start(host, "reconcile")
    before = ticks()
    time.sleep(1)
    assert asking.poll() is None and ticks() - before < 30
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    assert asking.wait(10) == 0


def test_the_silent_are_sent_away(host, service):
    begun = time.monotonic()
    silent = Connection(host)
    assert silent.read() is None and 9 < time.monotonic() - begun < 14


def test_a_request_in_pieces(host, service):
    connection = Connection(host)
    for byte in b'{"version": 1, "verb": "reconcile", "wait": true}':
        connection.socket.sendall(bytes([byte]))
    assert connection.ask(b"\n")["ok"] is True


def test_a_storm_of_requests(host, service, simulator):
    """From many at once, while files change: each is answered, and nothing is sent twice."""
    outcomes = []

    def ask(number):
        verb = (["reload"], ["reconcile"], ["reconcile", "--wait"], ["reset", "Baseline"])[number % 4]
        outcomes.append(bare(host, *verb).returncode)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 14 and set(outcomes) <= {0, 1} and outcomes.count(0) >= 10
    assert sends(simulator) == 1
