# SPDX-License-Identifier: Apache-2.0
"""
The session that the README shows: real commands at a terminal, as text and as a picture

    python3 tests/demo/session.py BUILD         writes both anew

`make session` calls it, and a test holds what is there against what the programs say today.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
README, PICTURE = TOP / "README.md", TOP / "packaging" / "session.svg"
BEGIN, END = "<!-- session -->\n", "<!-- /session -->\n"
COLUMNS = 100

GRC = "111122223333"
BASELINE, RESIDENCY = "6f0f2b1c-93d5-4f6e-8a7b-0c1d2e3f4a5b", "de606795-5fa5-44d9-a9e9-c451335e61fb"

SEED = {
    "accounts": {GRC: {"audit_manager": True}, "444455556666": {"audit_manager": True},
                 "555566667777": {"audit_manager": True}, "777788889999": {"audit_manager": True}},
    "keys": [{"access_key_id": "AKIADEMO00000000001", "secret_access_key": "demo/secret+key", "account": GRC}],
    "frameworks": [
        {"account": GRC, "region": "us-east-1", "name": "Group baseline 2026", "id": BASELINE,
         "created_days_ago": 300, "updated_days_ago": 200},
        {"account": GRC, "region": "us-east-1", "name": "Data residency", "id": RESIDENCY,
         "created_days_ago": 250, "updated_days_ago": 240},
    ],
    "requests": [
        {"framework": BASELINE, "to_account": "444455556666", "to_region": "eu-west-1", "status": "SHARED",
         "created_days_ago": 120},
        {"framework": BASELINE, "to_account": "555566667777", "to_region": "eu-west-1", "status": "EXPIRING"},
        {"framework": BASELINE, "to_account": "777788889999", "to_region": "ap-southeast-2", "status": "EXPIRED"},
        {"framework": RESIDENCY, "to_account": "555566667777", "to_region": "eu-west-1", "status": "DECLINED",
         "created_days_ago": 40},
    ],
}

SETTINGS = """\
sources:
  grc: {{account: "111122223333", region: us-east-1, endpoint_url: {url}, sts_endpoint_url: {url}}}
limits: {{concurrency: 1}}  # one answer after the other: in the same order each time
"""

SHARES = """\
recipients:
  subsidiaries:
    - {account: "444455556666", regions: [eu-west-1]}
    - {account: "555566667777", regions: [eu-west-1]}
frameworks:
  - name: Group baseline 2026
    eligibility_acknowledged: true
    recipients:
      - subsidiaries
      - {account: "777788889999", regions: [ap-southeast-2]}
  - name: Data residency
    eligibility_acknowledged: true
    recipients: [subsidiaries]
"""
TYPO = SHARES.replace("ap-southeast-2", "ap-southeast-9")


# --- a terminal ---


class Screen:
    """What stands on a terminal after all was written: lines of (character, style) cells."""

    def __init__(self):
        self.lines, self.column, self.style = [[]], 0, ""

    def put(self, character):
        if self.column == COLUMNS:
            self.lines.append([])
            self.column = 0
        line = self.lines[-1]
        line.extend([(" ", "")] * (self.column - len(line)))
        line[self.column:self.column + 1] = [(character, self.style)]
        self.column += 1

    def control(self, parameters, final):
        if final == "m":
            self.style = "" if parameters in ("", "0") else parameters
        elif final == "K":
            del self.lines[-1][self.column:]
        else:
            raise ValueError(f"ESC[{parameters}{final}")

    def write(self, text):
        for parameters, final, character in re.findall(r"\x1b\[([0-9;]*)([A-Za-z])|(.|\n)", text):
            if final:
                self.control(parameters, final)
            elif character == "\n":
                self.lines.append([])
                self.column = 0
            elif character == "\r":
                self.column = 0
            else:
                self.put(character)

    def text(self):
        return "\n".join("".join(c for c, _ in line).rstrip() for line in self.lines).rstrip("\n")


def at_terminal(command, **options):
    """What a program writes to a pty; its exit status does not matter here."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, **options):
        os.close(slave)
        written = b""
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # the other side is closed
                break
            if not chunk:
                break
            written += chunk
    os.close(master)
    return written.decode().replace("\r\n", "\n")


# --- the session ---


def record(build, simulator, folder):
    """The screen after the whole session."""
    environment = {"PATH": f"{build}:{os.environ['PATH']}", "TERM": "xterm", "LC_ALL": "C.UTF-8",
                   "STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run"),
                   "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_ACCESS_KEY_ID": "AKIADEMO00000000001", "AWS_SECRET_ACCESS_KEY": "demo/secret+key"}
    (folder / "auditshared.yaml").write_text(SETTINGS.format(url=simulator.url))
    screen = Screen()

    def shares(text):
        (folder / "shares.yaml").write_text(text)

    def run(program, *words):
        screen.write("\x1b[32m$\x1b[0m \x1b[1m" + " ".join([program, *words]) + "\x1b[0m\n")
        command = [program, "--settings", "auditshared.yaml", "--shares", "shares.yaml", *words]
        screen.write(at_terminal(command, cwd=folder, env=environment, umask=0o022) + "\n")

    shares(TYPO)
    run("auditsharectl", "check")
    shares(SHARES)
    run("auditsharectl", "plan")
    run("auditshared", "--once")
    run("auditsharectl", "status")
    return screen


def session(build, folder):
    sys.path.insert(0, str(HERE.parent / "integration"))
    from simulator import Simulator

    with Simulator(seed=SEED, program=str(pathlib.Path(build) / "tests" / "simulator"), rate=0, quota=0) as simulator:
        return record(build, simulator, pathlib.Path(folder))


# --- what is kept of it ---


def as_text(screen):
    return "".join(f"    {line}".rstrip() + "\n" for line in screen.text().splitlines())


COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "90": "#8b949e"}
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
WIDTH, HEIGHT, MARGIN = 8.43, 19, 18  # pixels: of a character of 14 px, of a line, and around all


def style_of(codes):
    found = []
    for code in filter(None, codes.split(";")):
        if code in COLOURS:
            found.append(f'fill="{COLOURS[code]}"')
        elif code == "1":
            found.append('font-weight="bold"')
        elif code == "4":
            found.append('text-decoration="underline"')
        else:
            raise ValueError(code)
    return " ".join(found)


def line_to_svg(cells):
    spans, at = [], 0
    while at < len(cells):
        style, end = cells[at][1], at
        while end < len(cells) and cells[end][1] == style:
            end += 1
        # Blanks that nobody folds.
        text = html.escape("".join(c for c, _ in cells[at:end]), quote=False).replace(" ", "\u00a0")
        attributes = style_of(style)
        spans.append(f"<tspan {attributes}>{text}</tspan>" if attributes else text)
        at = end
    return "".join(spans)


def as_svg(screen):
    lines = screen.lines
    while lines and not any(c.strip() for c, _ in lines[-1]):
        lines = lines[:-1]
    width, height = round(COLUMNS * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    rows = [f'<text x="{MARGIN}" y="{MARGIN + 14 + i * HEIGHT}">{line_to_svg(cells)}</text>'
            for i, cells in enumerate(lines) if cells]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">\n'
            '<title id="title">auditsharectl at a terminal: check, plan, a pass, status</title>\n'
            f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n'
            f'<g font-family="{FONT}" font-size="14" fill="#e6edf3">\n'
            + "\n".join(rows) + "\n</g>\n</svg>\n")


def readme_block():
    text = README.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN):text.index(END)]


def write(screen):
    old = README.read_text(encoding="utf-8")
    README.write_text(old.replace(BEGIN + readme_block(), BEGIN + as_text(screen)), encoding="utf-8")
    PICTURE.write_text(as_svg(screen), encoding="utf-8")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    os.environ["AUDITSHARED_BUILD"] = str(build)
    with tempfile.TemporaryDirectory() as folder:
        write(session(build, folder))


if __name__ == "__main__":
    main()
