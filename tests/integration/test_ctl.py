# SPDX-License-Identifier: Apache-2.0

"""
auditsharectl, the real binary, against the simulator: what it prints, what it writes, how it exits

Each test has its own account, files and folders. At a terminal means at a pty, of 80 columns unless said otherwise.
"""

import codecs
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from simulator import RECIPIENT, REGION, SENDER, SENDER_KEY, STRANGER, Simulator, framework, seed, wait_until

TIMEOUT = 30
START = "StartAssessmentFrameworkShare"
OTHER = "777788889999"
SHARE_KEYS = [
    "source", "framework_id", "framework_name", "account", "region", "request_id", "status", "condition", "reason",
    "action", "since", "expires", "next_attempt", "comment", "error",
]  # fmt: skip
ACTIONS = {"none", "wait", "start", "resend", "revoke", "delete"}


def program(name):
    return str(pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build")).resolve() / name)


class Terminal:
    """A program at a pty."""

    def __init__(self, command, env, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)
        # A read may end within a character, or between \r and \n.
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.output = ""

    def _read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # what a pty says when the other side is closed
            return False
        self.output = (self.output + self.decoder.decode(data)).replace("\r\n", "\n")
        return bool(data)

    def wait_for(self, text, seconds=TIMEOUT):
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self._read(deadline - time.monotonic()), f"no {text!r} in {self.output!r}"

    def send(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Everything to the end; returns the exit status."""
        while self._read(TIMEOUT):
            pass
        status = self.process.wait(TIMEOUT)
        os.close(self.master)
        return status


class World:
    """A simulator, the files of one host, and auditsharectl on it."""

    def __init__(self, simulator, tmp_path):
        self.simulator = simulator
        self.path = tmp_path
        self.sources = {"governance": {}}
        self.settings = {}
        self.frameworks = [self.declare("Baseline", {RECIPIENT: [REGION.replace("1", "2")]})]
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "STATE_DIRECTORY": str(tmp_path / "state"),
            "RUNTIME_DIRECTORY": str(tmp_path / "run"),
            "AWS_ACCESS_KEY_ID": SENDER_KEY[0],
            "AWS_SECRET_ACCESS_KEY": SENDER_KEY[1],
            "AWS_EC2_METADATA_DISABLED": "true",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
            "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", ""),
        }

    @staticmethod
    def declare(name, recipients, **more):
        return {
            **({"id": name} if re.fullmatch("[0-9a-f-]{36}", name) else {"name": name}),
            "eligibility_acknowledged": True,
            "recipients": [{"account": account, "regions": regions} for account, regions in recipients.items()],
            **more,
        }

    def share(self, *recipients, name="Baseline", **more):
        """Declares these (account, Region), and nothing else."""
        regions = {}
        for account, region in recipients:
            regions.setdefault(account, []).append(region)
        self.frameworks = [self.declare(name, regions, **more)]
        return self

    def write(self):
        sources = {
            name: {
                "account": SENDER,
                "region": REGION,
                "endpoint_url": self.simulator.url,
                "sts_endpoint_url": self.simulator.url,
                **more,
            }
            for name, more in self.sources.items()
        }
        limits = {"requests_per_second": "unlimited", **self.settings.get("limits", {})}
        settings = {"settle": "15min", **self.settings, "limits": limits, "sources": sources}
        # JSON is YAML.
        (self.path / "auditshared.yaml").write_text(json.dumps(settings))
        (self.path / "shares.yaml").write_text(json.dumps({"frameworks": self.frameworks}))

    def command(self, *args, name="auditsharectl"):
        self.write()
        files = ["--settings", str(self.path / "auditshared.yaml"), "--shares", str(self.path / "shares.yaml")]
        return [program(name), *files, *args]

    def run(self, *args, **more):
        return subprocess.run(
            self.command(*args),
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            **more,
        )

    def json(self, *args, status=0):
        done = self.run(*args, "--json")
        assert done.returncode == status, done
        return json.loads(done.stdout)

    def terminal(self, *args, columns=80, **env):
        return Terminal(self.command(*args), {**self.env, **env}, columns)

    def started(self):
        return len(self.simulator.log(START))

    def report(self, **more):
        """Writes a status file as the service does."""
        run = self.path / "run"
        run.mkdir(exist_ok=True)
        document = {
            "version": 1,
            "program": "auditshared 0.1.0",
            "pass": {"id": "0" * 32, "started": ago(60), "ended": ago(58), "result": "completed"},
            "next_pass": ago(-600),
            "sources": [{"name": "governance", "error": None}],
            "shares": [],
            **more,
        }
        (run / "status.json.new").write_text(json.dumps(document))
        (run / "status.json.new").rename(run / "status.json")


def ago(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


def reported(**more):
    """A share of the status file."""
    share = {
        **dict.fromkeys(SHARE_KEYS),
        "source": "governance",
        "framework_id": "6f0f2b1c-1111-4222-8333-444455556666",
        "framework_name": "Baseline",
        "account": RECIPIENT,
        "region": "eu-west-2",
        "status": "SHARED",
        "condition": "ready",
        "reason": "Shared",
        "action": "none",
        "since": ago(3 * 86400 + 4 * 3600 + 60),
    }
    return {**share, **more}


@pytest.fixture
def simulator():
    with Simulator(seed=seed(accounts={OTHER: {"audit_manager": True}}), rate=0) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def world(simulator, tmp_path):
    return World(simulator, tmp_path)


# Arguments


def test_help_of_the_program_and_of_each_verb(world):
    done = world.run("--help")
    assert done.returncode == 0 and done.stderr == ""
    verbs = re.findall(r"^  ([a-z]+) ", done.stdout.partition("Verbs:")[2].partition("Options:")[0], re.M)
    assert {"check", "plan", "apply", "status", "list", "doctor", "reset", "reconcile", "reload"} <= set(verbs)
    texts = [done.stdout]
    for verb in verbs:
        for args in [(verb, "--help"), ("-h", verb)]:
            own = world.run(*args)
            assert own.returncode == 0 and own.stderr == ""
            assert own.stdout.startswith(f"auditsharectl {verb} [OPTIONS...]") and "\nExample:\n" in own.stdout
            texts.append(own.stdout)
    assert all(len(line) <= 80 for text in texts for line in text.splitlines())


def test_version(world):
    assert re.fullmatch(r"auditsharectl \d+\.\d+\.\d+\n", world.run("--version").stdout)


@pytest.mark.parametrize(
    "args, hint",
    [
        ([], "a verb is missing"),
        (["pln"], "did you mean 'plan'?"),
        (["stats"], "did you mean 'status'?"),
        (["frobnicate"], "see 'auditsharectl --help'"),
        (["plan", "--jsn"], "did you mean '--json'?"),
        (["--detailed-exit-code", "plan"], "did you mean '--detailed-exitcode'?"),
        (["plan", "--frobnicate=3"], "'--frobnicate=3'; see 'auditsharectl --help'"),
        (["plan", "-x"], "'-x'"),
        (["plan", "--json=yes"], "option --json takes no value"),
        (["plan", "--yes"], "plan has no option --yes"),
        (["list", "--watch"], "list has no option --watch"),
        (["plan", "Baseline"], "plan takes no argument 'Baseline'"),
        (["status", "a", "b"], "status takes no argument 'b'"),
        (["apply", "--allow-writes", "0"], "--allow-writes wants a number from 1 on"),
        (["apply", "--allow-revokes", "many"], "--allow-revokes wants a number from 1 on"),
        (["apply", "--allow-writes"], "option --allow-writes wants a value"),
        (["reset"], "reset wants SHARE; see 'auditsharectl reset --help'"),
        (["check", *["--shares", "x"] * 64], "more than 64 times --shares"),
    ],
)
def test_wrong_arguments_exit_2_with_a_hint_of_one_line(world, args, hint):
    done = world.run(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert hint in done.stderr and done.stderr.count("\n") == 1


def test_options_may_stand_before_the_verb_and_behind_it(world):
    before = world.run("--no-pager", "--detailed-exitcode", "--json", "plan")
    behind = world.run("plan", "--json", "--no-pager", "--detailed-exitcode")
    assert before.returncode == behind.returncode == 2
    assert json.loads(before.stdout)["changes"] == json.loads(behind.stdout)["changes"] == 1


# check


def test_check_contacts_nobody_and_sums_up(world):
    world.share((RECIPIENT, "eu-west-2"), (OTHER, "us-east-1"))
    done = world.run("check")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout == "The configuration is good: 1 source, 1 framework, 2 shares\n"
    assert world.simulator.stats()["calls"] == 0


def test_check_lists_every_error_as_one_line(world):
    world.share(("1234", "eu-west-2"), (OTHER, "eu-nowhere-1"), comment="x" * 501)
    done = world.run("check")
    assert done.returncode == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(re.match(rf"{re.escape(str(world.path))}/\w+\.yaml:\d+:\d+: [^:]+: .+; .+", line) for line in lines)

    report = world.json("check", status=1)
    assert report["version"] == 1 and len(report["errors"]) == 3 and report["notes"] == []
    for error, line in zip(report["errors"], lines):
        assert line == "{file}:{line}:{column}: {key}: {text}".format(**error)


def check_at_terminal(world, text, columns=80):
    """What `check` shows of a shares file with this text."""
    command = world.command("check")
    (world.path / "shares.yaml").write_text(text)
    terminal = Terminal(command, world.env, columns)
    assert terminal.end() == 1
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.output)


def excerpts(world, text, columns=80):
    """What stands below each error, as (line of the file, what is marked)."""
    shown = check_at_terminal(world, text, columns)
    assert all(len(line) <= columns for line in shown.splitlines() if " | " in line[:13])
    found = re.findall(r"^ +(\d+) \| (.*)\n +\| ( *)(\^~*)$", shown, re.M)
    return [(int(number), line[len(blanks):][:len(mark)]) for number, line, blanks, mark in found]


def make_larger(path):
    os.truncate(path, 64 * 1024 * 1024 + 1)


def make_a_folder_of(path):
    path.unlink()
    path.mkdir()


def make_a_pipe_of(path):
    path.unlink()
    os.mkfifo(path)


def make_a_circle_of(path):
    path.unlink()
    path.symlink_to(path.name)


UNREADABLE = {
    "too large": (make_larger, "is larger than 64 MiB; split it into several files"),
    "closed": (lambda path: path.chmod(0), "cannot be read: permission denied; run as root"),
    "a folder": (make_a_folder_of, "is a folder; want a file"),
    "a pipe": (make_a_pipe_of, "is no regular file; want a file"),
    "a circle": (make_a_circle_of, "is reached by symbolic links that go round in a circle; remove one"),
}


@pytest.mark.parametrize("make,words", UNREADABLE.values(), ids=UNREADABLE)
def test_check_says_why_a_file_cannot_be_read(world, make, words):
    """Of the settings; root reads everything, unless it gives that up."""
    command = world.command("check")
    make(world.path / "auditshared.yaml")
    powerless = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []
    done = subprocess.run([*powerless, *command], env=world.env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{world.path}/auditshared.yaml:1:1: the file {words}")


def test_check_names_a_thousand_errors_and_counts_the_rest(world):
    command = world.command("check")
    (world.path / "shares.yaml").write_text("".join(f"x{i}: 1\n" for i in range(1200)))
    done = subprocess.run(command, env=world.env, capture_output=True, text=True, timeout=TIMEOUT)
    *named, last = done.stderr.splitlines()
    assert done.returncode == 1 and len(named) == 1000 and re.fullmatch(r"… and \d+ more", last)


def test_only_check_speaks_of_files_that_are_passed_over(world):
    command = world.command("plan")[:-1]
    folder = world.path / "shares.d"
    folder.mkdir()
    (world.path / "shares.yaml").rename(folder / "10.yaml")
    (folder / "README").write_text("not mine")
    command[command.index("--shares") + 1] = str(folder)
    for verb, spoken_of in ("check", True), ("plan", False):
        done = subprocess.run([*command, verb], env=world.env, capture_output=True, text=True)
        assert done.returncode == 0 and ("README" in done.stdout + done.stderr) == spoken_of, done
    (folder / "20.yaml").write_text("frameworks: 7\n")
    for verb, spoken_of in ("check", True), ("plan", False):
        done = subprocess.run([*command, verb], env=world.env, capture_output=True, text=True)
        assert done.returncode == 1 and "20.yaml:1:13" in done.stderr
        assert ("README" in done.stderr) == spoken_of, done


def test_check_shows_a_line_with_tabs_in_the_columns_it_speaks_of(world):
    text = "frameworks:\n  - name:\tBaseline\n    colour:\tred\n    recipients: []\n"
    shown = check_at_terminal(world, text)
    assert "\t" not in shown
    assert "        3 |     colour: red\n          |     ^~~~~~\n" in shown


def test_check_marks_what_is_meant_at_a_terminal(world):
    text = "frameworks:\n  - name: B\n    colour: red\n    suspend: 'no €'   \n    recipients: [{account: 44}]\n"
    assert excerpts(world, text) == [(2, "name"), (3, "colour"), (4, "'no €'"), (5, "{"), (5, "44")]


def test_check_shows_the_part_of_a_long_line_that_is_meant(world):
    line = "frameworks: [" + "{name: aaaa}, " * 400 + "{name: b, colour: red}]\n"
    marked = excerpts(world, line, columns=60)
    assert len(marked) >= 400 and (1, "colour") in marked


def test_check_does_not_let_a_line_move_the_cursor(world):
    shown = check_at_terminal(world, "frameworks:\n  - colour: \u009b31m\u202ex\n  - name: \"a\tb\"\n")
    assert "colour: ?31m?x" in shown and not set("\x9b\u202e\t\x1b") & set(shown)


def test_check_shows_nothing_of_a_file_that_it_refused_to_read(world):
    command = world.command("check")
    (world.path / "secret").write_text("x\nroot:secret-hash:\n")
    (world.path / "others").mkdir()
    (world.path / "others").chmod(0o777)
    (world.path / "others" / "link").symlink_to(world.path / "secret")
    (world.path / "shares.yaml").unlink()
    (world.path / "shares.yaml").symlink_to(world.path / "others" / "link")
    terminal = Terminal(command, world.env)
    assert terminal.end() == 1 and "secret-hash" not in terminal.output and "symbolic link" in terminal.output


def test_check_prints_notes_and_is_good_nevertheless(world):
    command = world.command("check")
    shares = world.path / "shares.yaml"
    shares.write_text(shares.read_text().replace(f'"{RECIPIENT}"', RECIPIENT))
    done = subprocess.run(command, env=world.env, capture_output=True, text=True)
    assert done.returncode == 0 and "note: " in done.stderr and done.stdout.startswith("The configuration is good")


def test_other_verbs_refuse_faulty_files_with_the_same_lines(world):
    world.share(("1234", "eu-west-2"))
    lines = world.run("check").stderr
    for verb in ["plan", "apply", "list"]:
        done = world.run(verb)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", lines)


def test_missing_files(world):
    done = subprocess.run(
        [program("auditsharectl"), "check", "--settings", "/nonexistent/a", "--shares", "/nonexistent/b"],
        env=world.env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.count("does not exist") == 2


# plan


@pytest.fixture
def varied(simulator, world):
    """One share of each kind."""
    simulator.add(
        requests=[
            {"framework": "Baseline", "to_account": RECIPIENT, "to_region": "eu-central-1", "status": "EXPIRING"},
            {"framework": "Baseline", "to_account": RECIPIENT, "to_region": "us-east-1", "status": "DECLINED",
             "created_days_ago": 3},
            {"framework": "Baseline", "to_account": RECIPIENT, "to_region": "us-east-2", "status": "SHARED",
             "created_days_ago": 3},
            {"framework": "Baseline", "to_account": OTHER, "to_region": "us-east-2", "status": "ACTIVE"},
            {"framework": "Baseline", "to_account": OTHER, "to_region": "us-west-2", "status": "ACTIVE"},
        ]
    )  # fmt: skip
    return world.share(
        (RECIPIENT, "eu-central-1"),
        (RECIPIENT, "eu-west-2"),
        (RECIPIENT, "us-east-1"),
        (RECIPIENT, "us-east-2"),
        (OTHER, "us-east-2"),
    )


def test_plan_shows_a_line_a_share_and_a_summary_last(varied):
    done = varied.run("plan")
    assert done.returncode == 0 and done.stderr == ""
    legend, blank, *lines = done.stdout.splitlines()
    assert (legend, blank) == ("Symbols: + start, ~ resend, ! held, stalled or orphaned", "")
    assert re.fullmatch(r"Baseline \([0-9a-f-]{36}, source governance\)", lines[0])
    assert re.fullmatch(rf"  ~ {RECIPIENT} eu-central-1 EXPIRING resend: expires in 2\d days, renewal 1 of 2", lines[1])
    assert lines[2] == f"  + {RECIPIENT} eu-west-2    -        start: nothing has been sent yet"
    assert lines[3].startswith(f"  ! {RECIPIENT} us-east-1    DECLINED held: the recipient declined")
    assert re.fullmatch(rf"    {OTHER} us-east-2    ACTIVE   wait 1[45]min: sent a moment ago, settling", lines[4])
    assert lines[5:] == [
        "",
        "Plan: 1 to start, 1 to resend, 0 to revoke, 0 to delete; 1 unchanged, 1 held or stalled, 1 waiting, 1 unmanaged.",
    ]
    assert varied.started() == 0
    assert not (varied.path / "state").exists() and not (varied.path / "run").exists()


def test_plan_all_lists_the_rest_too(varied):
    text = varied.run("plan", "--all").stdout
    assert re.search(rf"^    {RECIPIENT} us-east-2    SHARED   ready: the recipient has it", text, re.M) or re.search(
        rf"^    {RECIPIENT} us-east-2    SHARED   ready: the framework changed", text, re.M
    )
    assert f"    {OTHER} us-west-2    ACTIVE   unmanaged: neither declared nor sent by us\n" in text


def test_plan_in_json(varied):
    plan = varied.json("plan")
    assert plan["version"] == 1 and plan["changes"] == 2
    assert plan["summary"] == {"none": 3, "wait": 1, "start": 1, "resend": 1, "revoke": 0, "delete": 0}
    assert plan["sources"] == [{"name": "governance", "error": None}]
    assert len(plan["shares"]) == 6
    assert all(list(share) == SHARE_KEYS and share["action"] in ACTIONS for share in plan["shares"])
    by_region = {(share["account"], share["region"]): share for share in plan["shares"]}
    assert by_region[RECIPIENT, "eu-central-1"]["action"] == "resend"
    assert by_region[RECIPIENT, "eu-west-2"]["status"] is None


@pytest.mark.parametrize("accepted, status", [(False, 2), (True, 0)])
def test_detailed_exit_status(world, accepted, status):
    if accepted:
        assert world.run("apply").returncode == 0
    done = world.run("plan", "--detailed-exitcode")
    assert done.returncode == status
    if accepted:
        assert done.stdout.splitlines()[-1] == "No changes. 0 unchanged, 1 waiting."


def test_plan_of_nothing(world):
    world.frameworks = []
    done = world.run("plan")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No changes. 0 unchanged.\n", "")
    assert world.json("plan")["shares"] == []


def test_plan_of_a_source_that_cannot_be_listed(world):
    world.sources = {"broken": {"endpoint_url": "http://127.0.0.1:1"}, "governance": {"region": "us-east-1"}}
    world.simulator.add(frameworks=[framework("Other", region="us-east-1")])
    world.frameworks = [
        world.declare("Baseline", {RECIPIENT: ["eu-west-2"]}, source="broken"),
        world.declare("Other", {RECIPIENT: ["eu-west-2"]}, source="governance"),
    ]
    done = world.run("plan", "--detailed-exitcode")
    assert done.returncode == 1
    assert re.match(r"error: source broken: cannot be listed: .+\n", done.stderr)
    assert "start: nothing has been sent yet" in done.stdout and "source governance" in done.stdout

    plan = world.json("plan", status=1)
    assert [source["name"] for source in plan["sources"]] == ["broken", "governance"]
    assert plan["sources"][0]["error"] and plan["sources"][1]["error"] is None
    assert plan["changes"] == 1


def test_plan_says_which_guards_would_be_met(world):
    world.settings = {"limits": {"writes_per_pass": 1}}
    world.share((RECIPIENT, "eu-west-2"), (OTHER, "us-east-1"))
    done = world.run("plan")
    assert done.returncode == 0
    assert done.stdout.count("  + ") == 2
    assert "2 writes are planned, and limits.writes_per_pass allows 1" in done.stderr


def test_plan_says_which_guard_of_revocations_would_be_met(world):
    """The guard of writes is not met; the one of revocations is, and both name the option that lifts them."""
    world.share((RECIPIENT, "eu-west-2"), (OTHER, "us-east-1"))
    assert world.run("apply", "--yes").returncode == 0
    world.settings = {"policy": {"undesired": "revoke"}, "limits": {"revokes_per_pass": 1}, "settle": "0s"}
    world.frameworks = []
    done = world.run("plan")
    assert done.returncode == 0 and done.stdout.count("  - ") == 2
    assert done.stderr == ("warning: source governance: 2 revocations and deletions are planned, and "
                           "limits.revokes_per_pass allows 1; apply writes nothing there without "
                           "--allow-revokes\n")
    done = world.run("apply", "--yes")
    assert done.returncode == 1 and not world.simulator.log("UpdateAssessmentFrameworkShare")


def test_plan_counts_what_can_be_neither_revoked_nor_recalled(world):
    """Sent by us, accepted, and declared no more: the copy is the recipient's."""
    world.share((RECIPIENT, "eu-west-2"))
    world.settings = {"settle": "0s"}
    assert world.run("apply", "--yes").returncode == 0
    world.simulator.set_status("SHARED", framework="Baseline", account=RECIPIENT, region="eu-west-2")
    world.frameworks = []
    done = world.run("plan")
    assert done.returncode == 0 and "\nNo changes. 0 unchanged, 1 orphaned.\n" in done.stdout


def test_a_source_of_credentials_that_is_passed_over_is_spoken_of(world):
    world.env["CREDENTIALS_DIRECTORY"] = "/dev/null"
    done = world.run("plan")
    assert done.returncode == 0 and "1 to start" in done.stdout
    assert done.stderr.startswith("warning: source governance: ")
    assert "/dev/null/aws-credentials" in done.stderr


def test_a_source_that_cannot_be_asked_at_all(world):
    world.env["AWS_MAX_ATTEMPTS"] = "0"
    done = world.run("plan")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("source governance: AWS_MAX_ATTEMPTS, or max_attempts of the profile, is no whole "
                           "number from 1: 0\n")


def test_apply_says_that_memory_was_damaged(world):
    assert world.run("apply", "--yes").returncode == 0
    memory = world.path / "state" / "memory.log"
    memory.write_bytes(b"\0" * 100 + memory.read_bytes())
    done = world.run("apply", "--yes")
    assert done.returncode == 0 and f"Memory was damaged and set aside as '{memory}." in done.stderr
    assert world.started() == 1


def test_plan_names_the_mode_that_writes_nothing(world):
    world.settings = {"mode": "observe"}
    done = world.run("plan")
    assert done.returncode == 0 and "1 to start" in done.stdout and "mode is observe" in done.stderr


def test_plan_without_the_right_to_read_memory(world):
    (world.path / "state").mkdir(mode=0)
    # Root may read everything, unless it gives that up.
    powerless = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []
    done = subprocess.run([*powerless, *world.command("plan")], env=world.env, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert "Permission denied" in done.stderr and "run as root" in done.stderr and done.stderr.count("\n") == 1


def test_plan_reads_the_memory_of_the_service(world):
    """Nothing is listed, but memory knows that it was sent: the listing lags."""
    world.simulator.settings(lag=3600)
    assert world.run("apply").returncode == 0
    assert "wait 14min" in world.run("plan").stdout
    assert world.started() == 1


# Terminals


def test_plan_at_a_terminal_has_colours_and_keeps_to_its_width(varied):
    terminal = varied.terminal("plan")
    assert terminal.end() == 0
    assert f"  \x1b[32m+\x1b[0m {RECIPIENT}" in terminal.output
    assert f"  \x1b[33m~\x1b[0m {RECIPIENT}" in terminal.output
    plain = re.sub("\x1b\\[[0-9;]*m", "", terminal.output).splitlines()
    assert all(len(line) <= 80 for line in plain)
    # What would change it has a line of its own.
    i = next(i for i, line in enumerate(plain) if "DECLINED held" in line)
    assert plain[i + 1] == "      policy 'declined: reshare' sends it again"


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(varied, env):
    terminal = varied.terminal("plan", **env)
    assert terminal.end() == 0 and "\x1b" not in terminal.output


def test_apply_asks_at_a_terminal_and_no_writes_nothing(world):
    for answer in ["no\n", "y\n", "YES\n", "\n", "\x04"]:
        terminal = world.terminal("apply")
        terminal.wait_for("Only 'yes' is accepted: ")
        assert "start: nothing has been sent yet" in terminal.output
        terminal.send(answer)
        assert terminal.end() == 1, terminal.output
        assert "Nothing was written." in terminal.output
    assert world.started() == 0
    assert world.run("plan", "--detailed-exitcode").returncode == 2


def test_apply_does_it_after_yes(world):
    terminal = world.terminal("apply")
    terminal.wait_for("Only 'yes' is accepted: ")
    assert world.started() == 0
    terminal.send("yes\n")
    assert terminal.end() == 0
    assert "Applied:\x1b[0m 1 started, 0 resent, 0 revoked or deleted.\n" in terminal.output
    assert world.started() == 1


def test_apply_with_yes_does_not_ask(world):
    terminal = world.terminal("apply", "--yes")
    assert terminal.end() == 0 and "accepted" not in terminal.output and world.started() == 1


def test_apply_in_json_at_a_terminal_asks_too(world):
    terminal = world.terminal("apply", "--json")
    terminal.wait_for("Only 'yes' is accepted: ")
    terminal.send("yes\n")
    assert terminal.end() == 0
    assert json.loads(terminal.output[terminal.output.rindex('{"version"') :])["changes"] == 1


def test_apply_does_not_ask_where_there_is_nothing_to_do(world):
    world.frameworks = []
    terminal = world.terminal("apply")
    assert terminal.end() == 0
    assert "No changes." in terminal.output and "accepted" not in terminal.output


def test_interrupting_the_question_writes_nothing(world):
    terminal = world.terminal("apply")
    terminal.wait_for("accepted: ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 1 and "Nothing was written." in terminal.output and world.started() == 0


def regions(n):
    names = ["eu-central-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1"]
    return [(account, region) for account in [RECIPIENT, OTHER] for region in names][:n]


def screen(output, columns=200):
    """What stays on the lines of a terminal: enough of one for \\r and erasing to the end of the line."""
    lines = []
    for raw in output.split("\n"):
        line, at = "", 0
        for part in re.split("(\r|\x1b\\[[0-9;]*[mK])", raw):
            if part == "\r":
                at = 0
            elif part == "\x1b[K":
                line = line[:at]
            elif not part.startswith("\x1b"):
                line = line[:at].ljust(at) + part + line[at + len(part) :]
                at += len(part)
        lines.append(line)
    return lines


def test_the_progress_bar_moves_and_leaves_nothing_behind(world):
    world.simulator.settings(latency=0.15)
    world.settings = {"limits": {"concurrency": 1}}
    world.share(*regions(8))
    terminal = world.terminal("apply", "--yes", columns=200)
    assert terminal.end() == 0
    bars = re.findall(r"\r\[([=> ]+)\] (\d+)/8 started (\d+) resent 0 failed 0", terminal.output)
    assert len(bars) >= 4 and len({bar for bar, _, _ in bars}) >= 4
    assert all(len(bar) == 30 for bar, _, _ in bars)
    # Events were written while it was shown, and each has its line to itself.
    lines = screen(terminal.output)
    assert sum(bool(re.fullmatch(r'Started share of "Baseline" with .*', line)) for line in lines) == 8
    assert not any("/8 started" in line for line in lines)


@pytest.mark.parametrize("columns,bar", [(200, 30), (60, 15), (49, 0)])
def test_the_bar_counts_revocations_and_keeps_to_the_line(world, columns, bar):
    """It gets shorter with the terminal, and is left out where its text alone would fill the line."""
    world.settings = {"policy": {"undesired": "revoke"}, "limits": {"concurrency": 1}, "settle": "0s"}
    world.share(*regions(4))
    assert world.run("apply", "--yes").returncode == 0
    world.frameworks = []
    world.simulator.settings(latency=0.15)
    terminal = world.terminal("apply", "--yes", "--allow-revokes", "9", columns=columns)
    assert terminal.end() == 0
    bars = re.findall(r"\r\[([=> ]+)\] (\d/4 started 0 resent 0 revoked \d failed 0)", terminal.output)
    assert all(len(shown) == bar and len(shown) + len(text) + 3 < columns for shown, text in bars)
    assert bool(bars) == (bar > 0)


def test_no_bar_where_standard_error_is_no_terminal(world):
    world.share(*regions(4))
    done = world.run("apply")
    assert done.returncode == 0 and "/4" not in done.stderr and "\x1b" not in done.stderr and "\r" not in done.stderr


# apply


def test_apply_without_a_terminal(world):
    done = world.run("apply")
    assert done.returncode == 0
    assert "  + " in done.stdout and done.stdout.endswith("\nApplied: 1 started, 0 resent, 0 revoked or deleted.\n")
    assert 'Started share of "Baseline"' in done.stderr and "Pass completed" in done.stderr
    assert world.started() == 1

    again = world.run("apply")
    assert again.returncode == 0 and again.stdout.endswith("\nNo changes. 0 unchanged, 1 waiting.\n")
    assert world.started() == 1


def test_apply_in_json_prints_the_shares_as_they_became(world):
    done = world.json("apply")
    assert done["version"] == 1 and done["changes"] == 1
    assert set(done["summary"]) == ACTIONS and sum(done["summary"].values()) == 1
    (share,) = done["shares"]
    assert list(share) == SHARE_KEYS and share["status"] == "ACTIVE" and share["request_id"]


def test_apply_that_fails_in_part(world):
    world.share(*regions(2))
    world.simulator.fault(operation=START, status=400, code="ValidationException", message="no such thing")
    done = world.run("apply")
    assert done.returncode == 1
    assert "Applied: 1 started, 0 resent, 0 revoked or deleted, 1 failed.\n" in done.stdout
    assert "ValidationException" in done.stderr


def test_apply_says_what_is_wrong_with_a_source_each_time(world):
    world.simulator.fault(
        operation="ListAssessmentFrameworks", status=403, code="AccessDeniedException", message="not you", count=0
    )
    for _ in range(2):
        done = world.run("apply")
        assert done.returncode == 1 and world.started() == 0
        assert done.stderr.count("AccessDeniedException") == 1


def test_apply_within_the_guards(world):
    world.settings = {"limits": {"writes_per_pass": 1}}
    world.share(*regions(2))
    done = world.run("apply")
    assert done.returncode == 1 and world.started() == 0
    assert "2 writes are planned, and limits.writes_per_pass allows 1" in done.stderr
    assert "--allow-writes 2" in done.stderr
    assert world.run("apply", "--allow-writes", "1").returncode == 1
    assert world.run("apply", "--allow-writes", "2").returncode == 0
    assert world.started() == 2


def test_guards_leave_nothing_to_ask_about(world):
    world.settings = {"limits": {"writes_per_pass": 1}}
    world.share(*regions(2))
    terminal = world.terminal("apply")
    assert terminal.end() == 1 and "accepted" not in terminal.output


def test_apply_within_the_guard_of_revocations(world):
    world.settings = {"limits": {"revokes_per_pass": 1}, "policy": {"undesired": "revoke"}}
    world.share(*regions(2))
    assert world.run("apply").returncode == 0
    world.frameworks = []
    done = world.run("apply")
    assert done.returncode == 1 and "--allow-revokes 2" in done.stderr
    assert "2 to revoke" in done.stdout and done.stdout.count("  - ") == 2
    done = world.run("apply", "--allow-revokes", "2")
    assert done.returncode == 0 and done.stdout.endswith("Applied: 0 started, 0 resent, 2 revoked or deleted.\n")
    assert {request["status"] for request in world.simulator.requests()} == {"REVOKED"}


def test_apply_in_observe_mode_writes_nothing(world):
    world.settings = {"mode": "observe"}
    done = world.run("apply")
    assert done.returncode == 0 and "1 to start" in done.stdout and "mode is observe" in done.stderr
    terminal = world.terminal("apply")
    assert terminal.end() == 0 and "accepted" not in terminal.output
    assert world.started() == 0


def test_apply_beside_another_writer_is_refused_and_names_it(world):
    state = world.path / "state"
    state.mkdir(mode=0o700)
    with open(state / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("auditshared (process 4711)\n")
        lock.flush()
        done = world.run("apply", "--yes")
    assert done.returncode == 1 and done.stdout == "" and world.started() == 0
    assert "auditshared (process 4711)" in done.stderr and done.stderr.count("\n") == 1


def test_interrupted_once_it_ends_between_requests(world):
    world.simulator.settings(latency=0.3)
    world.settings = {"limits": {"concurrency": 1}}
    world.share(*regions(10))
    process = subprocess.Popen(world.command("apply"), env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: world.started() >= 2)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert "Interrupted" in errors and "not tried" in output
    assert 2 <= world.started() < 10
    # None is sent twice.
    world.simulator.settings(latency=0)
    assert world.run("apply").returncode == 0
    assert world.started() == 10 and len(world.simulator.requests()) == 10


@pytest.mark.parametrize("operation", ["ListAssessmentFrameworks", START])
def test_interrupted_twice_it_ends_at_once(world, operation):
    world.simulator.fault(operation=operation, kind="hang", count=0)
    process = subprocess.Popen(world.command("apply"), env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: operation in str(world.simulator.stats()) or world.simulator.log(operation))
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1 and time.monotonic() - begun < 3


# list


def test_list_in_json_has_the_objects_of_the_api(varied):
    listed = varied.json("list")
    assert len(listed) == 5
    expected = {request["id"]: request for request in varied.simulator.requests()}
    for request in listed:
        assert request.pop("source") == "governance"
        truth = expected[request["id"]]
        assert request["sourceAccount"] == SENDER and request["frameworkName"] == "Baseline"
        for key in ["frameworkId", "status", "destinationAccount", "destinationRegion"]:
            assert request[key] == truth[key]
        for key in ["creationTime", "lastUpdated", "expirationTime"]:
            assert abs(request[key] - truth[key]) < 1e-3
        assert "comment" not in request and "complianceType" not in request


def test_list_as_a_table(varied):
    done = varied.run("list")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["FRAMEWORK", "ACCOUNT", "REGION", "STATUS", "CREATED", "EXPIRES", "ID"]
    assert len(lines) == 8 and lines[-1] == "5 share requests listed." and lines[-2] == ""
    assert len({line.index("us-") for line in lines[1:6] if "us-" in line}) == 1
    assert re.search(rf"^Baseline  {RECIPIENT} us-east-1    DECLINED 3d ago .* in 11\dd ", done.stdout, re.M)


def test_list_at_a_narrow_terminal_is_cut(varied):
    terminal = varied.terminal("list", columns=70)
    assert terminal.end() == 0
    lines = re.sub("\x1b\\[[0-9;]*m", "", terminal.output).splitlines()
    assert all(len(line) <= 70 for line in lines) and any("…" in line for line in lines)


def test_list_of_nothing(world):
    assert world.run("list").stdout == "0 share requests listed.\n"
    assert world.json("list") == []


def test_list_goes_on_where_one_source_fails(varied):
    varied.sources = {"broken": {"endpoint_url": "http://127.0.0.1:1"}, "governance": {"region": REGION}}
    varied.sources["broken"]["region"] = "us-east-1"
    varied.frameworks = []
    done = varied.run("list")
    assert done.returncode == 1
    assert done.stderr.startswith("error: source broken: cannot be listed: ")
    assert done.stdout.startswith("SOURCE ") and "5 share requests listed." in done.stdout
    assert len(varied.json("list", status=1)) == 5


def test_nothing_that_others_wrote_moves_the_cursor(world):
    world.simulator.add(
        frameworks=[framework("Evil\x1b]0;title\x07\x9b2J")],
        requests=[{"framework": "Evil\x1b]0;title\x07\x9b2J", "to_account": OTHER, "to_region": "us-east-1"}],
    )
    done = world.run("list")
    assert done.returncode == 0
    assert "Evil?]0;title??2J" in done.stdout
    assert "Evil?]0;title??2J" in world.run("plan", "--all").stdout


def test_wide_characters_keep_the_columns(world):
    world.simulator.add(
        frameworks=[framework("基準 2026")],
        requests=[{"framework": name, "to_account": OTHER, "to_region": "us-east-1"} for name in ["基準 2026", "Baseline"]],
    )
    lines = world.run("list").stdout.splitlines()
    wide, narrow = sorted(lines[1:3], key=lambda line: line.startswith("Baseline"))
    assert wide.index(OTHER) + 2 == narrow.index(OTHER)


# status


def test_status_where_no_service_has_reported(world):
    done = world.run("status")
    assert done.returncode == 3 and done.stdout == ""
    assert "systemctl start auditshared" in done.stderr


def test_status_as_a_table(world):
    world.report(
        shares=[
            reported(),
            reported(region="us-east-1", status="EXPIRING", condition="pending", reason="Expiring", expires=ago(-12.5 * 86400)),
        ]
    )
    done = world.run("status")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["FRAMEWORK", "ACCOUNT", "REGION", "STATUS", "CONDITION", "REASON", "SINCE", "EXPIRES"]
    assert lines[1].split() == ["Baseline", RECIPIENT, "eu-west-2", "SHARED", "ready", "Shared", "3d", "4h", "ago", "-"]
    assert lines[2].endswith(" in 12d")
    assert "2 shares: 1 ready, 1 pending" in lines
    assert re.fullmatch(r"Last pass completed \d+s ago; next one in 9min \d+s\.", lines[-1])


def test_status_has_the_framework_as_a_heading_where_a_column_is_too_narrow(world):
    long = "A framework with a name that no column holds"
    world.report(shares=[
        reported(), reported(region="us-east-1"),
        reported(framework_id=reported()["framework_id"][::-1], framework_name=long),
    ])
    terminal = world.terminal("status")
    assert terminal.end() == 0
    lines = re.sub("\x1b\\[[0-9;]*m", "", terminal.output).splitlines()
    assert lines[0].split()[0] == "ACCOUNT"
    assert [line for line in lines[1:] if not line.startswith(RECIPIENT)][:2] == ["Baseline", long]
    assert lines.index("Baseline") == 1 and lines.index(long) == 4
    assert all(len(line) <= 80 for line in lines)
    wide = world.terminal("status", columns=200)
    assert wide.end() == 0 and f"{long} {RECIPIENT}" in wide.output


def test_status_of_several_sources_with_an_error_first(world):
    world.report(
        sources=[{"name": "a", "error": "cannot be listed: no route"}, {"name": "b", "error": None}],
        shares=[reported(source="a"), reported(source="b")],
        **{"pass": {"id": "", "started": ago(9), "ended": ago(8), "result": "refused"}},
    )
    done = world.run("status")
    assert done.stdout.startswith("Source a: cannot be listed: no route\n\nSOURCE ")
    assert re.search(r"Last pass refused or cut short \d+s ago", done.stdout)
    terminal = world.terminal("status")
    assert terminal.end() == 0
    assert terminal.output.startswith("\x1b[31mSource a: ") and "\x1b[32mready\x1b[0m" in terminal.output
    assert all(len(line) <= 80 for line in re.sub("\x1b\\[[0-9;]*m", "", terminal.output).splitlines())


def test_status_tells_a_stalled_share_by_its_exit_status(world):
    world.report(shares=[reported(), reported(region="us-east-1", condition="stalled", reason="Invalid")])
    assert world.run("status").returncode == 4
    assert world.run("status", "--json").returncode == 4
    assert world.run("status", f"Baseline/{RECIPIENT}/eu-west-2").returncode == 0


def test_status_of_a_service_that_is_gone(world):
    world.report(next_pass=ago(7200), shares=[reported()])
    assert "is the service running?" in world.run("status").stdout


def test_status_while_a_pass_runs(world):
    world.report(shares=[reported()], **{"pass": {"id": "", "started": ago(9), "ended": None, "result": "running"}})
    assert re.search(r"A pass is under way, begun \d+s ago\.", world.run("status").stdout)


@pytest.mark.parametrize(
    "text, found",
    [
        ("Baseline", 3),
        ("6f0f2b1c-1111-4222-8333-444455556666", 3),
        ("a/Baseline", 2),
        (f"Baseline/{RECIPIENT}", 2),
        (f"Baseline/{RECIPIENT}/eu-west-2", 1),
        (f"a/Baseline/{RECIPIENT}", 1),
        (f"a/Baseline/{OTHER}/us-east-1", 1),
        ("aaaaaaaa-1111-4222-8333-444455556666", 1),
        ("c/aaaaaaaa-1111-4222-8333-444455556666", 0),
        ("Nothing", 0),
        (f"Baseline/{STRANGER}", 0),
    ],
)
def test_filters(world, text, found):
    slash = "aaaaaaaa-1111-4222-8333-444455556666"
    world.report(
        sources=[{"name": "a", "error": None}, {"name": "b", "error": None}],
        shares=[
            reported(source="a"),
            reported(source="a", account=OTHER, region="us-east-1"),
            reported(source="b", region="us-east-1"),
            reported(source="b", framework_id=slash, framework_name="With a / slash"),
            reported(source="b", framework_id=None, framework_name="Missing", region="eu-west-1"),
        ],
    )
    done = world.run("status", text, "--json")
    if found == 0:
        assert done.returncode == 1 and done.stdout == "" and f"No share matches '{text}'" in done.stderr
    else:
        assert done.returncode == 0 and len(json.loads(done.stdout)["shares"]) == found


@pytest.mark.parametrize("text", ["", "/", "a//b", "a/b/c", "a/b/444455556666/eu-west-1/x", "a/b/c/d", "a/"])
def test_filters_that_are_none(world, text):
    world.report(shares=[reported()])
    done = world.run("status", text)
    assert done.returncode == 2 and "[SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]" in done.stderr


def test_status_in_json_is_the_file(world):
    shares = [reported(), reported(region="us-east-1")]
    world.report(shares=shares)
    assert world.json("status") == json.loads((world.path / "run" / "status.json").read_text())
    world.report(shares=[])
    assert world.json("status")["shares"] == []


GOOD = '{"version": 1, "shares": []}'


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", "{}", "null", '{"version": 1}', '{"shares": []}', GOOD[:-1], GOOD + "x", GOOD + GOOD, GOOD + "\0",
        '{"version": 1, "shares": [1]}', '{"version": 1, "shares": [{}', '{"version": 1, "shares": [{},]}',
        '{"version": 1, "shares": [{} {}]}', '{"version": 1, "shares": {}}', '{"version": "1", "shares": []}',
        '{"version": 0, "shares": []}', '{"version": 1, "shares": [], "shares": []}', '{"version": 1 "shares": []}',
        '{1: 1, "shares": []}', '{"version": 1, "shares": [{"a": "\udcff"}]}', '{"version": 1, "shares": [' + "[" * 100000,
        '{"version": 1, "x": ' + "[" * 100000,
    ],
)  # fmt: skip
def test_status_files_that_are_none(world, text):
    world.report()
    (world.path / "run" / "status.json").write_bytes(text.encode(errors="surrogateescape"))
    for args in [("status",), ("status", "--json")]:
        done = world.run(*args)
        assert done.returncode == 1 and done.stdout == "", done
        assert "is no status file" in done.stderr and done.stderr.count("\n") == 1


def test_status_file_of_a_later_version(world):
    world.report(version=2)
    done = world.run("status")
    assert done.returncode == 1 and "later version" in done.stderr


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_status_files_that_are_no_files(world, make):
    (world.path / "run").mkdir()
    make(world.path / "run" / "status.json")
    done = world.run("status")
    assert done.returncode == 1 and "status.json" in done.stderr


def test_a_status_file_of_wrong_types_is_survived(world):
    wrong = [1, None, "", [], {}, "x" * 5000, "\x1b[2J", "2026-99-99T00:00:00Z", True, "9" * 400]
    shares = [dict.fromkeys(SHARE_KEYS, value) for value in wrong]
    for value in wrong:
        world.report(shares=shares, sources=value, next_pass=value, **{"pass": value})
        done = world.run("status")
        assert done.returncode == 0 and "\x1b" not in done.stdout and done.stderr == ""
        assert "10 shares: 10 not known\n" in done.stdout
        assert world.terminal("status").end() == 0
        assert len(world.json("status")["shares"]) == 10
    world.report(shares=shares, sources=[1, {"name": 1, "error": "\x1b[2J"}, {"error": "x"}])
    assert "Source ?: ?[2J\n" in world.run("status").stdout


def test_watching(world):
    world.report(shares=[reported()])
    terminal = world.terminal("status", "--watch")
    terminal.wait_for("1 share: ")
    world.report(shares=[reported(), reported(region="us-east-1")])
    terminal.wait_for("2 shares: ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 0


def test_watching_through_a_pipe(world):
    """One report under the other, with a line between them."""
    world.report(shares=[reported()])
    command = world.command("status", "--watch")
    process = subprocess.Popen(command, env=world.env, stdout=subprocess.PIPE, text=True)
    text = ""
    while "1 share: " not in text:
        text += process.stdout.readline()
    world.report(shares=[reported(), reported(region="us-east-1")])
    while "2 shares: " not in text:
        text += process.stdout.readline()
    process.terminate()
    text += process.stdout.read()
    assert process.wait(TIMEOUT) == 0
    assert text.count("FRAMEWORK") == text.count("Last pass completed") == 2
    assert re.search(r"Last pass completed[^\n]*\n\nFRAMEWORK", text)


def test_watching_waits_for_the_service(world):
    command = world.command("status", "--watch", "--json")
    process = subprocess.Popen(command, env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "No service has reported yet" in process.stderr.readline()
    world.report(shares=[])
    lines = [process.stdout.readline() for _ in range(6)]
    assert json.loads("".join(lines))["version"] == 1
    process.terminate()
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0


def test_status_of_the_real_service_and_apply_beside_it(world):
    world.share((RECIPIENT, "eu-west-2"))
    service = subprocess.Popen(world.command(name="auditshared"), env=world.env, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: world.run("status").returncode == 0 and "Last pass completed" in world.run("status").stdout)
        done = world.run("status")
        assert "1 share: 1 progressing" in done.stdout
        assert re.search(r"next one in 1\dmin", done.stdout)
        (share,) = world.json("status")["shares"]
        assert list(share) == SHARE_KEYS

        refused = world.run("apply")
        assert refused.returncode == 1 and f"auditshared (process {service.pid})" in refused.stderr
        assert world.run("plan").returncode == 0
    finally:
        service.terminate()
        service.communicate(timeout=TIMEOUT)
    assert service.returncode == 0


# Standard output


VERBS = [("plan",), ("plan", "--json"), ("list",), ("list", "--json"), ("status",), ("status", "--json"), ("check",), ("--help",)]


@pytest.mark.parametrize("args", VERBS)
def test_nobody_reads_any_more(varied, args):
    varied.report(shares=[reported()] * 5000)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(varied.command(*args), env=varied.env, stdout=write, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("args", VERBS)
def test_a_full_disk_is_an_error(varied, args):
    varied.report(shares=[reported()] * 5000)
    with open("/dev/full", "w") as full:
        done = subprocess.run(varied.command(*args), env=varied.env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
    assert done.returncode == 1 and "No space left on device" in done.stderr


@pytest.mark.parametrize("args", [*VERBS, ("apply",)])
def test_standard_files_that_are_closed(varied, args):
    varied.report(shares=[reported()])
    command = ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', *varied.command(*args)]
    done = subprocess.run(command, env=varied.env, timeout=TIMEOUT)
    assert done.returncode == 0
    assert varied.started() == (2 if args == ("apply",) else 0)


def test_apply_goes_on_where_nobody_reads(world):
    world.share(*regions(5))
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(world.command("apply"), env=world.env, stdout=write, stderr=write, timeout=TIMEOUT)
    os.close(write)
    assert done.returncode == 0 and world.started() == 5
