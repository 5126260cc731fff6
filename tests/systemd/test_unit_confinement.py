# SPDX-License-Identifier: Apache-2.0
"""What the unit forbids: tried within it, and without it, so that each refusal is known to be the unit's."""

import glob
import json
import os
import pathlib
import shutil
import stat
import subprocess

import pytest

import unit
from simulator import Simulator, seed
from unit import KEY

PROBE = "/usr/local/lib/probe.py"
OPEN = "/srv/open"  # a folder that anybody may write to
CORE_PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()

# Attempt of probe.py: its outcomes. What is "done" is what the service lives on.
EXPECTED = {
    "write its state": "done",
    "write its runtime folder": "done",
    "write /tmp": "done",  # its own: see below
    "write /etc/auditshared": "EROFS|EACCES",
    "write /etc": "EROFS|EACCES",
    "write /usr": "EROFS|EACCES",
    "write /": "EROFS|EACCES",
    "write /var": "EROFS|EACCES",
    "write /run": "EROFS|EACCES",
    "write /dev/shm": "EACCES",
    "write into what anybody may": "EROFS|EACCES",
    "write a control group": "EROFS|EACCES",
    "write a kernel setting": "ENOENT",
    "read a home": "EACCES|ENOENT",
    "read what is root's": "EACCES",
    "open a device": "ENOENT",
    "see other processes": "ENOENT",
    "signal other processes": "EPERM",
    "trace a process": "EPERM",
    "socket AF_UNIX": "done",
    "socket AF_INET": "done",
    "socket AF_INET6": "done",
    "socket AF_NETLINK": "EAFNOSUPPORT",
    "socket AF_PACKET": "EAFNOSUPPORT",
    "socket raw": "EPERM",
    "have a capability": "EPERM",
    "be a user of the machine": "EPERM",
    "become root": "EPERM",
    "become root by a program": "EPERM",
    "set a set-user-ID bit": "EPERM",
    "new user namespace": "EPERM",
    "new network namespace": "EPERM",
    "mount": "EPERM",
    "change root": "EPERM",
    "map writable code": "EPERM",
    "change the host's name": "EPERM",
    "change the personality": "EPERM",
    "real-time priority": "EPERM",
    "lower its priority": "EPERM",
    "bind to a processor": "EPERM",
    "fork and run a program": "done",  # credential_process
}
MARKS = [pathlib.Path(folder, "probe") for folder in ("/etc", "/usr", "/", "/run", "/tmp", "/dev/shm", OPEN)]
# With no unit around it but its two folders: root may do everything, where the machine does.
FREE = {"write a kernel setting": "EROFS"}


@pytest.fixture(scope="module")
def outcomes(installed):
    """The probe's answers in the unit and without it."""
    del installed
    with Simulator(seed=seed()) as simulator:
        service = unit.Unit(simulator)
    shutil.copy(unit.REPOSITORY / "tests/systemd/probe.py", PROBE)
    os.chmod(PROBE, 0o755)
    shutil.copy("/usr/bin/id", "/usr/local/lib/probe-id")
    os.chmod("/usr/local/lib/probe-id", 0o4755)
    os.mknod("/dev/probe", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.makedirs(OPEN, exist_ok=True)
    os.chmod(OPEN, 0o1777)
    service.file("/etc/credstore/aws-credentials", "[default]\n")
    service.file("/home/open/file", "", 0o644)
    other = subprocess.Popen(["sleep", "600"])
    command = [PROBE, str(other.pid)]
    try:
        confined = in_unit(service, command)
        seen = [str(path) for path in MARKS if path.exists()]
        environment = {**os.environ, "STATE_DIRECTORY": OPEN, "RUNTIME_DIRECTORY": OPEN}
        # It mounts things.
        free = subprocess.run(["unshare", "--mount", "/usr/bin/python3", "-I", *command], capture_output=True,
                              env=environment, check=True)
        return {"unit": confined, "free": json.loads(free.stdout), "seen": seen}
    finally:
        other.kill()
        other.wait()
        service.remove()


def in_unit(service, command):
    answer = pathlib.Path("/run/probe.json")
    service.start("Type=oneshot", "Restart=no", f"StandardOutput=truncate:{answer}",
                  "ExecStart=", f"ExecStart=/usr/bin/python3 -I {' '.join(command)}")
    return json.loads(answer.read_text())


@pytest.mark.parametrize("attempt", EXPECTED)
def test_confined(outcomes, attempt):
    assert outcomes["unit"][attempt] in EXPECTED[attempt].split("|")
    assert outcomes["free"][attempt] == FREE.get(attempt, "done")


def test_what_it_writes_shows_nowhere_else(outcomes):
    assert outcomes["seen"] == []


def test_every_attempt_has_an_expectation(outcomes):
    assert outcomes["unit"].keys() == EXPECTED.keys()


# --- cores ---

# A core would have the keys in it. Two things stand before it, LimitCORE=0 and the program itself; a pipe in
# the kernel's core_pattern, which is the machine's, does not care for the first.
HEEDLESS = ["Type=exec", "ExecStart=", "ExecStart=/bin/sleep 600"]
NO_LIMIT = ["LimitCORE=infinity"]
CORES = [
    ("the service", [], "signal"),
    ("the service without the limit", NO_LIMIT, "signal"),
    ("a heedless program in the unit", HEEDLESS, "core-dump" if CORE_PATTERN.startswith("|") else "signal"),
    ("a heedless program without the limit", HEEDLESS + NO_LIMIT, "core-dump"),
]


@pytest.mark.parametrize("signal", ["SEGV", "ABRT"])
@pytest.mark.parametrize("name,lines,result", CORES, ids=[row[0] for row in CORES])
def test_core(service, name, lines, result, signal):
    del name
    service.start(*KEY, "Restart=no", "WorkingDirectory=%S/auditshared", *lines)
    service.systemctl("kill", f"--signal={signal}", "--kill-whom=main")
    service.wait_show("ActiveState", "failed")
    assert service.show("Result") == result
    if "/" not in CORE_PATTERN and not CORE_PATTERN.startswith("|"):
        assert bool(glob.glob(f"{unit.STATE}/{CORE_PATTERN.split('%')[0]}*")) == (result == "core-dump")


# --- links ---


@pytest.mark.parametrize("owner,ending", [(0, "active"), (1000, "failed")], ids=["root's", "somebody's"])
def test_configuration_by_a_link(service, owner, ending):
    """PrivateUsers= shows nobody but root and the service; what is root's is still told from what is not."""
    folder = pathlib.Path("/srv/governance")
    service.file(folder / "shares.yaml", service.shares_path.read_text(), 0o644)
    os.chown(folder, owner, owner)
    service.shares_path.unlink()
    service.shares_path.symlink_to(folder / "shares.yaml")
    service.start(*KEY, check=False)
    service.wait_show("ActiveState", ending)
    assert ("a symbolic link leads through /srv/governance" in service.text) == (ending == "failed")


# --- what systemd-analyze makes of it ---

EXPOSURE_MAX = 1.1
# What the service lives on; the unit says why, for each. Whoever weakens the unit adds a row here.
WEAK = {"DeviceAllow", "IPAddressDeny", "PrivateNetwork", "RestrictAddressFamilies_AF_INET_INET6",
        "RestrictAddressFamilies_AF_UNIX", "RootDirectoryOrRootImage"}


def security(*arguments, path=unit.NAME, **kwargs):
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", *arguments, str(path)]
    return unit.run(*command, **kwargs)


def test_security_figure(installed, capsys):
    del installed
    line = next(line for line in security().stdout.splitlines() if "Overall exposure level" in line)
    with capsys.disabled():
        print("\n" + line.strip("→ "))
    assert float(line.split(":")[1].split()[0]) <= EXPOSURE_MAX
    security(f"--threshold={EXPOSURE_MAX * 10:.0f}")


def test_what_counts_against_it_is_known_and_explained(installed):
    del installed
    rows = json.loads(security("--json=short").stdout)
    assert {row["json_field"] for row in rows if row["exposure"]} == WEAK
    comments = [line for line in (unit.REPOSITORY / "systemd/auditshared.service").read_text().splitlines()
                if line.startswith("#")]
    for field in WEAK:
        words = {"RestrictAddressFamilies_AF_INET_INET6": ["AF_INET", "AF_INET6"],
                 "RestrictAddressFamilies_AF_UNIX": ["AF_UNIX"],
                 "RootDirectoryOrRootImage": ["RootDirectory="]}.get(field, [field + "="])
        for word in words:
            # At the head of a remark: "#   NAME, NAME: why".
            assert any(word in line.partition(": ")[0] for line in comments if ": " in line), word


def test_a_weaker_unit_is_over_the_threshold(installed, tmp_path):
    del installed
    text = (unit.REPOSITORY / "systemd/auditshared.service").read_text()
    weaker = tmp_path / unit.NAME
    weaker.write_text(text.replace("PrivateMounts=yes\n", "").replace("PrivateUsers=yes\n", ""))
    assert security(f"--threshold={EXPOSURE_MAX * 10:.0f}", path=weaker, check=False).returncode != 0


def test_verify_is_silent(installed):
    """As installed, and as it lies in the source: no unknown directive, no program that is missing."""
    del installed
    for path in (unit.NAME, unit.REPOSITORY / "systemd/auditshared.service"):
        done = unit.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(path))
        assert (done.stdout, done.stderr) == ("", "")
