# SPDX-License-Identifier: Apache-2.0
"""make bench-check: instructions, counted by callgrind, against those kept in instructions.json.

    tests/bench/check.py BUILD COMPILER [update]

Small works that leave out what a machine has to do with it: only the program itself is counted, in an
environment that is always the same, at addresses that are always the same. A rise of more than 3 in a hundred
fails. Compiler, libraries and processor change the figures as much as the sources do: where they are others
than when the figures were written, the figures are shown and nothing fails. Of several runs the least counts,
for what the network brings in two pieces instead of one costs a little more.
"""

import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

from programs import BUILD, ENVIRONMENT, HERE, Failed, run, world

KEPT = HERE / "instructions.json"
COMPILER = sys.argv[2].split()
RISE = 0.03
RUNS = 3
LIBRARIES = ["libcurl", "yaml-0.1", "jansson", "libcrypto", "libsystemd", "expat"]
# What libc and OpenSSL choose their code by, as far as valgrind shows it to them.
PROCESSOR = ["aes", "avx", "avx2", "bmi2", "erms", "fma", "pclmulqdq", "rdrand", "sse4_2", "ssse3"]


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def made_with():
    """What else the figures depend on."""
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    known = set(flags[1].split()) & set(PROCESSOR) if flags else set()
    return {
        "compiler": f"{first_line(COMPILER[0], '--version')} {' '.join(COMPILER[1:])}",
        "libc": " ".join(platform.libc_ver()),
        "libraries": {name: first_line("pkg-config", "--modversion", name) for name in LIBRARIES},
        "processor": " ".join([platform.machine(), *sorted(known)]),
        "valgrind": first_line("valgrind", "--version"),
    }


def instructions(command, environment):
    """How many instructions a program takes; what it starts is not counted."""
    with tempfile.TemporaryDirectory() as name:
        run(["setarch", "-R", "valgrind", "-q", "--tool=callgrind", "--trace-children=no",
             f"--callgrind-out-file={name}/out", *command], environment)  # fmt: skip
        written = pathlib.Path(f"{name}/out").read_text()
        return int(re.search(r"^(?:totals|summary): (\d+)", written, re.M)[1])


def least(command, environment, before=None, runs=RUNS):
    counts = []
    for _ in range(runs):
        if before:
            before()
        counts.append(instructions(command, environment))
    return min(counts)


def steady(listed, size):
    """A pass with nothing to do, its memory there."""
    with world(listed, size=size) as made:
        run(*made.service("--once"))
        return least(*made.service("--once"))


def starts(n):
    """More runs: by when answers arrive, it takes one of two courses that are 2 in a hundred apart."""
    with world(0, n) as made:
        return least(*made.service("--once"), before=made.forget, runs=2 * RUNS)


WORKS = {
    "1,000 requests in 10 pages, nothing to do": lambda: steady(1000, 100),
    "200 starts": lambda: starts(200),
    "50 shares, nothing to do": lambda: steady(50, 1000),
    "1,000 signatures": lambda: least([str(BUILD / "tests/bench-signer"), "1000"], ENVIRONMENT),
}


def compare(kept, counts, same):
    """Prints each; returns how many have risen too much."""
    risen = 0
    for name, count in counts.items():
        was = kept.get(name)
        change = count / was - 1 if was else None
        too_much = change is not None and change > RISE
        risen += too_much
        verdict = "new" if change is None else f"{change:+.1%}"
        print(f"{name:<44}{count:>14,}   {verdict}{' FAILED' if too_much and same else ''}")
    return risen


def main():
    update = sys.argv[3:] == ["update"]
    with_what = made_with()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"made with": with_what, "instructions": {}}
    counts = {name: count() for name, count in WORKS.items()}
    different = [key for key in with_what if with_what[key] != kept["made with"].get(key)]

    risen = compare(kept["instructions"], counts, not different and not update)
    for key in different:
        print(f"{key}: {with_what[key]}, the figures are of {kept['made with'].get(key)}")
    if update:
        KEPT.write_text(json.dumps({"made with": with_what, "instructions": counts}, indent=1) + "\n")
        print(f"written to {os.path.relpath(KEPT)}")
        return 0
    if different:
        print("reported only: they are not of the same make")
        return 0
    print(f"{len(counts) - risen} passed, {risen} failed")
    return 1 if risen else 0


try:
    sys.exit(main())
except Failed as error:
    sys.exit(f"check.py: {error}")
