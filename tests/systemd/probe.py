#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0

"""
Tries what a service that somebody has taken over would try, and says how each attempt ended

Run in the place of the service, in its unit; the answer is one JSON object, {attempt: outcome}: "done", the
name of an errno, or that of a signal. Each attempt has a process of its own, for it may be killed. None of
them cleans up.
"""

import ctypes
import errno
import json
import mmap
import os
import pathlib
import signal
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PTRACE_TRACEME, PERSONALITY_32BIT = 0, 0x0008


def call(name, *arguments):
    """A function of libc that answers -1 where it is refused."""
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def write(path):
    with open(path, "a") as file:
        file.write("probe")


def append_nothing(path):
    os.close(os.open(path, os.O_WRONLY | os.O_APPEND))


def become_root_by(program):
    """A program with the set-user-ID bit, which prints whom it runs as."""
    if subprocess.run([program, "-u"], capture_output=True, text=True, check=True).stdout != "0\n":
        raise OSError(errno.EPERM, program)


def set_user_id_bit():
    path = pathlib.Path(os.environ.get("STATE_DIRECTORY", "/tmp")) / "probe-program"
    path.touch()
    path.chmod(0o4755)


def have_capability():
    status = pathlib.Path("/proc/self/status").read_text().splitlines()
    names = ("CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:")
    if not any(int(line.split()[1], 16) for line in status if line.startswith(names)):
        raise OSError(errno.EPERM, "none")


def see_users():
    """Those of the machine: without a user namespace, every uid is itself."""
    if pathlib.Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]:
        raise OSError(errno.EPERM, "uid_map")


def map_code():
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def open_socket(family, kind=socket.SOCK_STREAM, protocol=0):
    return lambda: socket.socket(family, kind, protocol).close()


ATTEMPTS = {
    "write its state": lambda: write(os.environ["STATE_DIRECTORY"] + "/probe"),
    "write its runtime folder": lambda: write(os.environ["RUNTIME_DIRECTORY"] + "/probe"),
    "write /tmp": lambda: write("/tmp/probe"),
    "write /etc/auditshared": lambda: write("/etc/auditshared/probe"),
    "write /etc": lambda: write("/etc/probe"),
    "write /usr": lambda: write("/usr/probe"),
    "write /": lambda: write("/probe"),
    "write /var": lambda: write("/var/tmp-probe"),
    "write /run": lambda: write("/run/probe"),
    "write /dev/shm": lambda: write("/dev/shm/probe"),
    "write into what anybody may": lambda: write("/srv/open/probe"),
    "write a control group": lambda: append_nothing("/sys/fs/cgroup/cgroup.procs"),
    "write a kernel setting": lambda: append_nothing("/proc/sys/kernel/core_pattern"),
    "read a home": lambda: pathlib.Path("/home/open/file").read_text(),
    "read what is root's": lambda: pathlib.Path("/etc/credstore/aws-credentials").read_text(),
    "open a device": lambda: os.close(os.open("/dev/probe", os.O_RDONLY)),
    "see other processes": lambda: os.stat("/proc/1"),
    "signal other processes": lambda: os.kill(int(sys.argv[1]), 0),
    "trace a process": lambda: call("ptrace", PTRACE_TRACEME, 0, 0, 0),
    "socket AF_UNIX": open_socket(socket.AF_UNIX),
    "socket AF_INET": open_socket(socket.AF_INET),
    "socket AF_INET6": open_socket(socket.AF_INET6),
    "socket AF_NETLINK": open_socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "socket AF_PACKET": open_socket(socket.AF_PACKET, socket.SOCK_RAW),
    "socket raw": open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "have a capability": have_capability,
    "be a user of the machine": see_users,
    "become root": lambda: os.setuid(0),
    "become root by a program": lambda: become_root_by("/usr/local/lib/probe-id"),
    "set a set-user-ID bit": set_user_id_bit,
    "new user namespace": lambda: call("unshare", CLONE_NEWUSER),
    "new network namespace": lambda: call("unshare", CLONE_NEWNET),
    "mount": lambda: call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "change root": lambda: os.chroot("/tmp"),
    "map writable code": map_code,
    "change the host's name": lambda: socket.sethostname(socket.gethostname()),
    "change the personality": lambda: call("personality", PERSONALITY_32BIT),
    "real-time priority": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "lower its priority": lambda: os.nice(1),
    "bind to a processor": lambda: os.sched_setaffinity(0, {0}),
    "fork and run a program": lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
}


def outcome(attempt):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            attempt()
            answer = "done"
        except OSError as error:
            answer = errno.errorcode[error.errno]
        except Exception as error:  # pylint: disable=broad-except
            answer = repr(error)
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    status = os.waitpid(child, 0)[1]
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else answer


print(json.dumps({name: outcome(attempt) for name, attempt in ATTEMPTS.items()}))
