# SPDX-License-Identifier: Apache-2.0
"""What a running program takes: memory, descriptors, threads, and how long its event loop is busy"""

import collections
import os
import pathlib
import re
import subprocess
import sys

from daemon import BUILD, DAEMON, Result

PRELOAD = BUILD / "tests" / "turns-preload.so"
MIB = 1024 * 1024


def status_kib(pid, name):
    """A size in /proc/PID/status, in KiB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1])


def peak_mib(pid):
    """The most that was resident since the process began its program."""
    return status_kib(pid, "VmHWM") / 1024


def descriptors(pid):
    """What each descriptor is, counted: sockets, timers, files by their names."""
    kinds = collections.Counter()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:  # closed meanwhile
            continue
        kinds[re.sub(r":\[\d+\]", "", target)] += 1
    return kinds


def watches(pid):
    """How many inotify watches the process has."""
    n = 0
    for entry in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        try:
            n += len(re.findall(r"^inotify ", entry.read_text(), re.M))
        except FileNotFoundError:
            continue
    return n


Usage = collections.namedtuple("Usage", "rss_kib mapped sockets files timers threads watches")


def usage(pid):
    """Now, of a process at rest. How many connections are kept for the next pass, and so sockets, varies."""
    process = pathlib.Path(f"/proc/{pid}")
    kinds = descriptors(pid)
    return Usage(rss_kib=status_kib(pid, "VmRSS"), mapped=len((process / "maps").read_text().splitlines()),
                 sockets=kinds["socket"], files=sum(kinds.values()) - kinds["socket"],
                 timers=kinds["anon_inode:[timerfd]"],
                 threads=len(list((process / "task").iterdir())), watches=watches(pid))


class Turn:
    """What one turn of the event loop took, and where the program was when it was looked at."""

    def __init__(self, cpu_usec, wall_usec):
        self.cpu_msec, self.wall_msec = int(cpu_usec) / 1000, int(wall_usec) / 1000
        self.samples = []

    def shares(self):
        """The functions it was in, with what they called, and in how many of all looks each was seen."""
        seen = (name for sample in self.samples for name in dict.fromkeys(symbols(sample)))
        return collections.Counter(seen).most_common()

    def __repr__(self):
        n = len(self.samples) or 1
        where = [f"{name} {100 * seen // n}%" for name, seen in self.shares() if seen * 12 >= n]
        return f"{self.cpu_msec:.0f} ms of CPU, {self.wall_msec:.0f} ms in all: {', '.join(where[:40])}"


known = {}


def resolve(offsets):
    """Takes the names of the service's functions at these offsets into known, those that were inlined too."""
    done = subprocess.run(["addr2line", "-a", "-f", "-i", "-e", DAEMON], input="\n".join(offsets),
                          capture_output=True, text=True, check=True)
    for part in re.split(r"^0x", done.stdout, flags=re.M)[1:]:
        address, *lines = part.splitlines()
        known[int(address, 16)] = [name for name in lines[::2] if name != "??"]


def symbols(frames):
    """The names for OBJECT+OFFSET, innermost first; of libraries only their own."""
    names = []
    for frame in frames:
        path, _, offset = frame.rpartition("+")
        names += known[int(offset, 16)] if path == DAEMON else [os.path.basename(path)]
    return names


class Turns:
    """Environment for a program to be measured in, and what was measured once it has ended."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "turns"
        self.env = {"LD_PRELOAD": str(PRELOAD), "TURNS_FILE": str(self.path)}

    def read(self):
        """All that were kept, the longest first."""
        turns = []
        for line in self.path.read_text().splitlines():
            kind, *words = line.split()
            if kind == "turn":
                turns.append(Turn(*words))
            elif kind == "at":
                turns[-1].samples.append(words)
        frames = {frame.rpartition("+") for turn in turns for sample in turn.samples for frame in sample}
        resolve({offset for path, _, offset in frames if path == DAEMON})
        return sorted(turns, key=lambda turn: -turn.cpu_msec)


# A child of this one begins with next to nothing resident; one of ours, with all that Python holds.
LAUNCH = """
import os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(f"{status} {used.ru_maxrss} {used.ru_utime + used.ru_stime}")
"""


def measured(command, env, folder, timeout=120):
    """Runs a program to its end: what it said, and the most that was resident, in MiB."""
    path = pathlib.Path(folder) / "usage"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", LAUNCH, str(path), *command], env=env,
                          timeout=timeout, capture_output=True, text=True, errors="replace")
    status, peak_kib, _ = path.read_text().split()
    done.returncode = os.waitstatus_to_exitcode(int(status))
    return Result(done), int(peak_kib) / 1024


def quietly(command, env, folder, timeout=900):
    """The same of one that says very much, which nobody reads: its status, MiB, and seconds of CPU."""
    path = pathlib.Path(folder) / "usage"
    subprocess.run([sys.executable, "-S", "-E", "-c", LAUNCH, str(path), *command], env=env, timeout=timeout,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    status, peak_kib, seconds = path.read_text().split()
    return os.waitstatus_to_exitcode(int(status)), int(peak_kib) / 1024, float(seconds)


def is_plain():
    """Built as it is shipped: with sanitizers, memory is another matter; where lines are counted, time is."""
    program = pathlib.Path(DAEMON).read_bytes()
    return b"__asan_init" not in program and b"__gcov_dump" not in program
