# SPDX-License-Identifier: Apache-2.0

"""
The conformance driver as an object: a request in, an answer out

    with Driver() as driver:
        driver.ask("escape_query", value="a b")["escaped"]

A driver that dies or does not answer in time is an error of the request that it was asked, and the next request gets a
new one.
"""

import json
import os
import pathlib
import select
import subprocess

TIMEOUT_SECONDS = 20


def binary():
    """The program, where the build put it."""
    return pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build")).resolve() / "tests" / "driver"


class DriverError(Exception):
    pass


class Driver:
    def __init__(self, timeout=TIMEOUT_SECONDS):
        self.timeout = timeout
        self.process = None
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.buffer = b""
        self.process = subprocess.Popen(
            [str(binary())], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def stop(self):
        """Ends the program; returns its exit status, None where none ran."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        return process.returncode

    def ask(self, op, **members):
        return self.ask_line(json.dumps({"op": op, **members}))

    def ask_line(self, line):
        """Sends a line as it is; returns the answer, an object."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self._read_line())
        except (OSError, ValueError) as error:
            self.process.kill()
            status = self.stop()
            raise DriverError(f"{error} (exit status {status}) for {line[:2000]}") from error
        assert isinstance(answer, dict), answer
        return answer

    def _read_line(self):
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], self.timeout)
            if not ready:
                raise OSError(f"no answer within {self.timeout} s")
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                raise OSError("the driver ended")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line
