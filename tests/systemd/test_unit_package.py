# SPDX-License-Identifier: Apache-2.0

"""
The package on a host: installed, upgraded at any moment, removed, installed again, purged

What people decided (enabled or not, running or not, and every file of theirs) is still so after each of
these. The newer version is this one with another number.
"""

import gzip
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import unit
from daemon import EVENTS, framework, many
from unit import KEY, PACKAGE, dpkg, run

STORED = "/etc/credstore/aws-credentials"
ENABLED = pathlib.Path("/etc/systemd/system/multi-user.target.wants") / unit.NAME


@pytest.fixture(scope="session")
def repack(installed, tmp_path_factory):
    """A function that gives this package with another version."""
    del installed
    folder = tmp_path_factory.mktemp("newer")
    run("dpkg-deb", "--raw-extract", str(unit.package()), str(folder / "tree"))
    control = folder / "tree/DEBIAN/control"

    def repack(wanted):
        text, n = re.subn("^Version: .*$", "Version: " + wanted, control.read_text(), flags=re.M)
        assert n == 1
        control.write_text(text)
        path = folder / f"{wanted}.deb"
        run("dpkg-deb", "-Znone", "--build", str(folder / "tree"), str(path))
        return path

    return repack


@pytest.fixture
def upgrade(repack):
    """A function that upgrades to a version higher than any before, and gives what was said of trouble."""

    def upgrade():
        newer = f"{int(version().split('.')[0]) + 100}.0"
        done = dpkg("--install", str(repack(newer)))
        assert version() == newer
        return [line for line in done.stderr.splitlines() if "man-db" not in line]

    return upgrade


@pytest.fixture
def host(service):
    """A service whose package may be treated in any way."""
    yield service
    run("systemctl", "disable", unit.NAME, check=False)


def version():
    done = run("dpkg-query", "-W", "-f", "${Status} ${Version}", PACKAGE, check=False)
    return done.stdout.removeprefix("install ok installed ") if done.stdout.startswith("install ok") else None


def shipped_version():
    return run("dpkg-deb", "-f", str(unit.package()), "Version").stdout.strip()


def check_enabled(host, enabled):
    assert host.show("UnitFileState") == ("enabled" if enabled else "disabled")
    assert ENABLED.is_symlink() == enabled


def mentioned(text):
    """Files that a package lists, folders apart."""
    return [path for path in text.splitlines() if path and not os.path.isdir(path)]


# --- installed --------------------------------------------------------------------------------------------


def test_all_of_it_is_found(installed):
    del installed
    files = mentioned(dpkg("--listfiles", PACKAGE).stdout)
    for program in ("auditshared", "auditsharectl"):
        path = shutil.which(program)
        assert path in files and run(program, "--version").stdout.split()[-1] == shipped_version()
    for page in ("auditshared.8", "auditsharectl.1", "auditshared.yaml.5", "shares.yaml.5"):
        page, _, section = page.rpartition(".")
        path = run("man", "-w", section, page).stdout.strip()
        title = f".TH {page.upper()} {section} "
        assert path in files and title in gzip.decompress(pathlib.Path(path).read_bytes()).decode()
    completions = [path for path in files if "completion" in path]
    assert sorted(completions) == ["/usr/share/bash-completion/completions/auditsharectl",
                                   "/usr/share/zsh/vendor-completions/_auditsharectl"]
    for name in ("auditshared.yaml", "shares.yaml", "auditshared.schema.json", "shares.schema.json"):
        assert f"/usr/share/auditshared/{name}" in files
    assert dpkg("--verify", PACKAGE).stdout == ""


COMPLETE = r"""
[ ! -e /usr/share/bash-completion/bash_completion ] || . /usr/share/bash-completion/bash_completion
. /usr/share/bash-completion/completions/auditsharectl
COMP_WORDS=(auditsharectl rel) COMP_CWORD=1 COMP_LINE='auditsharectl rel' COMP_POINT=17
function=$(complete -p auditsharectl | sed 's/.*-F \([^ ]*\).*/\1/')
$function auditsharectl rel auditsharectl
printf '%s\n' "${COMPREPLY[@]}"
"""


def test_completion_completes(installed):
    del installed
    assert run("bash", "-c", COMPLETE).stdout.split() == ["reload"]


def test_the_catalog_is_known_at_once(installed):
    """By systemd's trigger: the package has no script for it."""
    del installed
    listed = run("journalctl", "--list-catalog").stdout
    assert all(f"{identifier} auditshared: " in listed for identifier in EVENTS.values())


# --- upgraded ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("enabled,running", [(True, False), (False, True)],
                         ids=["enabled, stopped", "disabled, running"])
def test_upgrade(host, upgrade, simulator, enabled, running):
    """Enabled or not, running or not: it stays so. What runs is restarted, once, and does nothing twice."""
    if enabled:
        run("systemctl", "enable", unit.NAME)
    host.shares(framework(recipients=many(3)))
    host.start(*KEY, "Nice=7")
    host.wait_passes(1)
    simulator.decline(framework="Baseline", account=many(3)[0][0], region="eu-west-2")
    host.systemctl("kill", "--signal=USR1")
    host.wait_passes(2)
    if not running:
        host.systemctl("stop")
    pid, memory = host.show("MainPID"), (unit.STATE / "memory.log").read_bytes()

    assert upgrade() == []
    check_enabled(host, enabled)
    assert host.show("ActiveState") == ("active" if running else "inactive")
    assert host.show("Result") == "success"
    if running:
        host.wait_passes(3)
        assert host.show("MainPID") not in (pid, "0")
    else:
        assert (unit.STATE / "memory.log").read_bytes() == memory
        host.start()
        host.wait_passes(3)
    assert len(host.events.of("loaded")) == 2 and host.show("NRestarts") == "0"
    assert not host.events.of("rebuilt") and len(host.events.of("held")) == 1
    assert host.show("Nice") == "7", "a drop-in outlives it"
    host.check_each_sent_once(3)


def test_upgrade_in_the_middle_of_a_pass(host, upgrade):
    run("systemctl", "enable", unit.NAME)
    host.slowly(24, latency=0.3)
    host.start(*KEY)
    host.wait_started(1)
    assert upgrade() == []
    check_enabled(host, True)
    done = len(host.events.of("started"))
    assert done < 24, "it was in the middle"
    host.at_full_speed()
    host.wait_passes(1)
    assert host.show("Result") == "success" and len(host.events.of("loaded")) == 2
    assert not host.events.of("unknown") and len(host.events.of("started")) == 24
    host.check_each_sent_once(24)


def test_upgrade_with_files_that_the_service_refuses(host, upgrade):
    """A service that does not start any more fails by itself; the package is installed all the same."""
    host.start(*KEY)
    host.wait_passes(1)
    host.shares_path.write_text("frameworks: {")
    told = upgrade()
    assert len(told) == 2 and told[0].startswith("Job for auditshared.service failed"), told
    host.wait_show("ActiveState", "failed")
    assert host.show("ExecMainStatus") == "78"
    host.shares(framework())
    host.start()
    host.wait_passes(2)
    host.check_no_repetition()


# --- removed ----------------------------------------------------------------------------------------------


def test_removed_in_the_middle_of_a_pass_and_installed_again(host):
    run("systemctl", "enable", unit.NAME)
    host.slowly(24, latency=0.3)
    host.file(STORED, "[other]\n")
    host.start(*KEY)
    host.wait_started(1)
    pid = int(host.show("MainPID"))
    dpkg("--remove", PACKAGE)
    assert not pathlib.Path(f"/proc/{pid}").exists() and shutil.which("auditshared") is None
    # The drop-in of this test is all that is left of the unit.
    assert host.show("ActiveState") == "inactive" and host.show("FragmentPath") == ""
    assert run("systemctl", "--failed", "--no-legend", "--plain").stdout == ""
    for path in (unit.STATE / "memory.log", host.settings_path, host.shares_path, STORED):
        assert os.path.exists(path), path
    assert len(host.events.of("started")) < 24 and not host.events.of("unknown")

    dpkg("--install", str(unit.package()))
    assert host.show("ActiveState") == "inactive"
    check_enabled(host, True)
    host.at_full_speed()
    host.start()
    host.wait_passes(1)
    assert not host.events.of("rebuilt")
    host.check_each_sent_once(24)


# --- purged -----------------------------------------------------------------------------------------------


def test_purge_takes_what_the_service_wrote_and_leaves_what_people_did(host):
    kept = {STORED: "[other]\n", "/etc/auditshared/shares.d/team.yaml": '{"frameworks": []}',
            "/etc/auditshared/aws-config": "[default]\n",
            "/etc/systemd/system/auditshared.service.d/local.conf": "[Unit]\n"}
    for path, text in kept.items():
        host.file(path, text, 0o644)
    host.start(*KEY)
    host.wait_passes(1)
    assert (unit.STATE / "memory.log").exists() and (unit.RUNTIME / "status.json").exists()
    host.shares_path.write_text("frameworks: {")
    host.systemctl("restart", check=False)
    host.wait_show("ActiveState", "failed")
    dpkg("--purge", PACKAGE)
    assert version() is None and host.show("ActiveState") == "inactive"
    assert run("systemctl", "--failed", "--no-legend", "--plain").stdout == "", "nor that it failed"
    for path in (unit.STATE, unit.LINK, unit.RUNTIME, "/run/private/auditshared"):
        assert not os.path.lexists(path), path
    for path, text in kept.items():
        assert pathlib.Path(path).read_text() == text
    assert host.settings_path.exists() and host.shares_path.exists()


# Those of dpkg, of the manual's index, of the catalog, and folders of systemd that others use as well.
NOT_OURS = re.compile(r"/var/lib/(dpkg|systemd/catalog|man-db)/|/var/lib/private$|/etc/systemd/system(/|$)")


def snapshot():
    """Of /usr as deep as a package puts its files; of what services and scripts write to, all."""
    found = set()
    written = ["/etc", "/var/lib", "/var/cache", "/run/systemd/system", "/run/private"]
    for depth, folders in ((99, written), (4, ["/usr"])):
        command = ["find", *folders, "-xdev", "-maxdepth", str(depth), "-printf", "%p %y %m %U %G %l\n"]
        found |= set(subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines())
    found = {line for line in found if not NOT_OURS.search(line.split(" ")[0])}
    assert len(found) > 10000
    return found


def test_from_nothing_to_nothing(host):
    """Installed on a host that never had it, used, and purged."""
    dpkg("--purge", PACKAGE)
    unit.remove_tree("/etc/auditshared")
    before = snapshot()

    dpkg("--install", str(unit.package()))
    files = mentioned(dpkg("--listfiles", PACKAGE).stdout)
    check_there_and_idle(host)

    run("systemctl", "enable", unit.NAME)
    host.settings(settle="0s", interval="1h")
    host.shares(framework())
    host.start(*KEY)
    host.wait_passes(1)
    for path in (host.settings_path, host.shares_path, unit.DROP_INS / "test.conf"):
        path.unlink()
    unit.DROP_INS.rmdir()
    dpkg("--purge", PACKAGE)
    after = snapshot()
    assert (after - before, before - after) == (set(), set())
    assert files and not [path for path in files if os.path.lexists(path)] and not unit.RUNTIME.exists()
    assert not ENABLED.is_symlink() and not list(pathlib.Path("/etc/systemd/system").rglob("*auditshared*"))


def check_there_and_idle(host):
    check_enabled(host, False)
    assert host.show("LoadState") == "loaded" and host.show("ActiveState") == "inactive"
    assert host.show("FragmentPath").removeprefix("/usr") == f"/lib/systemd/system/{unit.NAME}"
    assert not host.events.of("loaded") and not host.events.of("config-refused"), "nothing was started"
    folder = pathlib.Path("/etc/auditshared")
    assert [str(path) for path in folder.rglob("*")] == [str(folder / "shares.d")]
    assert (folder.stat().st_mode & 0o7777, folder.stat().st_uid) == (0o755, 0)
    for path in (unit.STATE, unit.LINK, unit.RUNTIME):
        assert not os.path.lexists(path), path
