# SPDX-License-Identifier: Apache-2.0
"""Programs that do the same work, how each is run, and what the kernel says it cost."""

import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import canned

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
AUDITSHARED = BUILD / "auditshared"
TOO_LONG_SEC = 600

# The same for all, and nothing else: no proxy, no profile, no settings of the user who measures.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": canned.REGION,
    "AWS_REGION": canned.REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}


class Failed(Exception):
    """A program did not do its work."""


class World:
    """A folder with a listing, what is declared, and the files that each program reads it from."""

    def __init__(self, folder, url, declared):
        self.folder, self.url, self.declared = folder, url, declared
        self.environment = dict(ENVIRONMENT)
        if url.startswith("https"):
            for name in ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
                self.environment[name] = str(folder / "ca.pem")
        self.write()

    def write(self, **settings):
        recipients = canned.recipients(self.declared)
        accounts = {}
        for account, region in recipients:
            accounts.setdefault(account, []).append(region)
        source = {"account": canned.ACCOUNT, "region": canned.REGION, "endpoint_url": self.url,
                  "sts_endpoint_url": self.url}
        limits = {"requests_per_second": "unlimited", "concurrency": 32, "writes_per_pass": 1000000,
                  "recipient_accounts": 1000000}
        lines = ["frameworks:", "  - name: Baseline", "    eligibility_acknowledged: true", "    recipients:"]
        for account, regions in accounts.items():
            lines += [f'      - account: "{account}"', f"        regions: [{', '.join(regions)}]"]
        document = {"sources": {"grc": source}, "limits": limits, **settings}
        (self.folder / "settings.yaml").write_text(json.dumps(document))
        (self.folder / "shares.yaml").write_text("\n".join(lines) + "\n")
        document = {"framework": "Baseline", "recipients": recipients}
        (self.folder / "declared.json").write_text(json.dumps(document))
        (self.folder / "declared.txt").write_text("".join(f"{a} {r}\n" for a, r in sorted(recipients)))

    def forget(self):
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        shutil.rmtree(self.folder / "run", ignore_errors=True)

    def service(self, *arguments):
        """The command of auditshared, and its environment."""
        command = [str(AUDITSHARED), *arguments, "--settings", str(self.folder / "settings.yaml"),
                   "--shares", str(self.folder / "shares.yaml")]  # fmt: skip
        folders = {"STATE_DIRECTORY": str(self.folder / "state"),
                   "RUNTIME_DIRECTORY": str(self.folder / "run")}  # fmt: skip
        return command, {**self.environment, **folders}


@contextlib.contextmanager
def world(listed, declared=None, size=canned.PAGE, **serving):
    """A World of so many listed requests; as many are declared, unless told otherwise."""
    with tempfile.TemporaryDirectory(prefix="auditshared-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx reads as another user
        now = canned.write_pages(folder / "pages", listed, size)
        with canned.serve(folder, **serving) as url:
            made = World(folder, url, listed if declared is None else declared)
            made.now = now
            yield made


def run(command, environment):
    """Wall and CPU seconds and peak MB of one whole process with its children, and what it printed."""
    with (tempfile.TemporaryDirectory() as name, open(f"{name}/out", "w+b") as output,
          open(f"{name}/err", "w+b") as errors):  # fmt: skip
        process = subprocess.Popen([str(BUILD / "tests/bench-run"), f"{name}/cost", *command], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   start_new_session=True)  # fmt: skip
        try:
            process.wait(TOO_LONG_SEC)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Failed(f"{pathlib.Path(command[0]).name} took more than {TOO_LONG_SEC} s") from error
        output.seek(0)
        errors.seek(0)
        printed = output.read().decode(errors="replace")
        said = errors.read().decode(errors="replace")
        row = json.loads(pathlib.Path(f"{name}/cost").read_text())
    status = row.pop("status")
    if status != 0:
        raise Failed(f"{pathlib.Path(command[0]).name} ended with {status}: {said[-500:]}")
    return row, printed


def sync_seconds(folder):
    """What one fdatasync costs where memory is written: no program that promises to remember is faster."""
    took = []
    with open(folder / "synced", "wb", buffering=0) as file:
        for _ in range(5):
            file.write(b"x" * 512)
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - begun)
    return statistics.median(took)


def ours(made, fresh=False):
    if fresh:
        made.forget()
    return run(*made.service("--once"))[0]


def other(made, command, want):
    """One of the others, which has to say that it saw and did the same."""
    row, printed = run(command, made.environment)
    if not printed.startswith(want):
        raise Failed(f"want {want!r}, got {printed[-200:]!r}")
    return row


def install(npm, folder):
    """npm ci; returns None, or why it failed."""
    try:
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"],
                              cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"npm ci: {error}"
    errors = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
    return f"npm ci: {' '.join(errors[:2]) or done.returncode}" if done.returncode else None


@functools.cache
def node_peer():
    """The command of the peer in JavaScript, installed under build/; or why there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    folder = BUILD / "bench-js"
    if not node or not npm:
        return None, "node and npm are not installed"
    folder.mkdir(parents=True, exist_ok=True)
    before = (folder / "package-lock.json").read_bytes() if (folder / "package-lock.json").exists() else None
    for file in (HERE / "js").iterdir():
        shutil.copy(file, folder)
    if not (folder / "node_modules").exists() or before != (folder / "package-lock.json").read_bytes():
        why = install(npm, folder)
        if why:
            shutil.rmtree(folder / "node_modules", ignore_errors=True)
            return None, why
    return [node, str(folder / "peer.mjs")], None


@functools.cache
def go_peer():
    """The command of the peer in Go, built under build/ from Debian's packages; or why there is none."""
    go, folder = shutil.which("go"), BUILD / "bench-go"
    if not go:
        return None, "go is not installed"
    environment = {"PATH": os.environ["PATH"], "GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOFLAGS": "-trimpath",
                   "GOCACHE": str(folder / "cache"), "HOME": str(folder)}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run([go, "build", "-o", str(folder / "peer"), str(HERE / "go/peer.go")], env=environment,
                              capture_output=True, text=True, timeout=600, check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"go build: {error}"
    return ([str(folder / "peer")], None) if done.returncode == 0 else (None, f"go build: {done.stderr[-200:]}")


class Column:
    """One program's runs of one work; `missing` says why there are none."""

    def __init__(self, measure, missing=None):
        self.measure, self.missing, self.rows = measure, missing, []

    def once(self):
        if self.missing:
            return
        try:
            self.rows.append(self.measure())
        except (Failed, OSError) as error:
            self.missing = str(error)

    def median(self, key):
        return statistics.median(row[key] for row in self.rows) if self.rows and not self.missing else None


def interleave(columns, runs):
    """Each program once, then each again: what else the machine does hits all of them alike."""
    for _ in range(runs):
        for column in columns.values():
            column.once()
    return columns


def needs(path):
    return None if pathlib.Path(path).exists() else f"{path} is not installed"
