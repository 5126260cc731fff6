# SPDX-License-Identifier: Apache-2.0
"""What an attacker would have to get round, seen in the programs of the Debian package as it is installed."""

import hashlib
import pathlib
import platform
import re
import shutil
import subprocess

import pytest
from test_packages import folder, home, run  # noqa: F401 (fixtures)

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["usr/sbin/auditshared", "usr/bin/auditsharectl"]


def out_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def installed(folder, tmp_path_factory):  # noqa: F811
    root = tmp_path_factory.mktemp("installed")
    [package] = folder.glob("auditshared_*.deb")
    out_of("dpkg-deb", "-x", package, root)
    return root


@pytest.mark.parametrize("program", PROGRAMS)
def test_addresses_are_random_and_tables_read_only(installed, program):
    dynamic = out_of("readelf", "-dW", installed / program)
    assert re.search(r"FLAGS_1\).* NOW PIE", dynamic) and "BIND_NOW" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic
    headers = out_of("readelf", "-lW", installed / program)
    assert "GNU_RELRO" in headers
    assert re.search(r"GNU_STACK +(?:0x\w+ +){5}RW ", headers), "the stack is not executable"
    assert not re.search(r"LOAD .* RWE ", headers)


@pytest.mark.parametrize("program", PROGRAMS)
def test_buffers_are_checked(installed, program):
    symbols = set(re.findall(r"UND (\w+)", out_of("readelf", "--dyn-syms", "-W", installed / program)))
    assert "__stack_chk_fail" in symbols
    assert {"__snprintf_chk", "__vasprintf_chk"} & symbols and len([s for s in symbols if s.endswith("_chk")]) > 5


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are instructions of x86-64")
@pytest.mark.parametrize("program", PROGRAMS)
def test_jumps_and_the_stack_are_guarded(installed, program):
    """Each function that can be jumped to says so (CET), and a large frame is touched page by page (stack clash)."""
    code = out_of("objdump", "-d", "--no-show-raw-insn", installed / program)
    assert code.count("endbr64") > 200
    assert re.search(r"orq +\$0x0,\(%rsp\)", code)


def test_level_3_is_asked_for(folder):  # noqa: F811
    log = (folder / "deb.log").read_text(encoding="utf-8")
    lines = [line for line in log.splitlines() if " -c -o " in line and "daemon/" in line]
    assert len(lines) > 100
    for line in lines:
        for flag in ("-D_FORTIFY_SOURCE=3", "-fstack-protector-strong", "-fstack-clash-protection",
                     "-fcf-protection=full", "-ftrivial-auto-var-init=zero", "-fPIE"):
            assert flag in line, line
        assert "-D_FORTIFY_SOURCE=2" not in line


def test_the_same_sources_give_the_same_bytes(tmp_path):
    """In folders of other names and lengths, one after the other."""
    sums = []
    for name in ("a", "quite-another-folder"):
        tree = tmp_path / name / "tree"
        tree.mkdir(parents=True)
        for part in ("daemon", "Makefile"):
            copy = shutil.copytree if (TOP / part).is_dir() else shutil.copy
            copy(TOP / part, tree / part)
        library = "obj/daemon/util/time.o obj/daemon/record/journal.o obj/daemon/manager.o obj/daemon/aws/http.o"
        targets = [f"{name}-out/{target}" for target in library.split()]
        subprocess.run(["make", "-s", f"O={name}-out", *targets], cwd=tree, check=True, capture_output=True)
        sums.append([hashlib.sha256((tree / target).read_bytes()).hexdigest() for target in targets])
    assert sums[0] == sums[1]
