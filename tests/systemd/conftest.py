# SPDX-License-Identifier: Apache-2.0

"""
These tests run in a guest that has systemd as process 1: all of pytest does, started anew by boot

    AUDITSHARED_BUILD=build /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/systemd

What they install is the package that was built from the programs in that folder, or is built from here on.

The programs must be a plain build: AddressSanitizer's leak check wants ptrace, which the unit forbids, and a
unit that is softened is not the one that we ship. So with a build of sanitizers it is the one in the folder
above, in which the makefile's asan target puts its own, or `build`.
"""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "integration"))


def has_sanitizer(build):
    return b"__asan_init" in (build / "auditshared").read_bytes()


def plain_build():
    build = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build")).resolve()
    candidates = [build]
    if has_sanitizer(build):
        candidates = [folder for folder in (build.parent, REPOSITORY / "build")
                      if (folder / "auditshared").exists() and not has_sanitizer(folder)]
    if not candidates:
        sys.exit(f"{build}: no programs without AddressSanitizer above, or in {REPOSITORY}/build")
    return candidates[0]


def make_package(build):
    """Before the guest, which has neither a network nor the right to write here."""
    program = (build / "auditshared").stat().st_mtime
    found = list((build / "packages").glob("auditshared_*.deb"))
    if len(found) == 1 and found[0].stat().st_mtime >= program:
        return
    done = subprocess.run(["make", "-s", "-C", str(REPOSITORY), f"O={build}", "deb"], check=False)
    if done.returncode != 0:
        sys.exit(f"{build}: no package of it can be made")


def pytest_cmdline_main(config):
    if "AUDITSHARED_GUEST" in os.environ:
        return
    build = plain_build()
    os.environ["AUDITSHARED_BUILD"] = str(build)
    make_package(build)
    see = [word for folder in (REPOSITORY, build) for word in ("--see", str(folder))]
    sys.stdout.flush()
    os.execv(HERE / "boot", [str(HERE / "boot"), *see, "--", sys.executable, "-m", "pytest",
                             *config.invocation_params.args])


@pytest.fixture(scope="session")
def installed():
    import unit

    unit.install()


@pytest.fixture
def simulator():
    from simulator import Simulator, seed

    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as running:
        yield running


@pytest.fixture
def service(installed, simulator):
    import unit

    unit.install_again()
    service = unit.Unit(simulator)
    yield service
    service.remove()
