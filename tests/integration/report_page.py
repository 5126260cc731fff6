# SPDX-License-Identifier: Apache-2.0
"""Pages of auditsharectl report: made from status files of every kind, and read back as HTML says."""

import os
import re
import subprocess

import html5lib
import pytest

import status_files
from daemon import CTL
from simulator import REGION, SENDER
from status_files import NOW, document, share, stamp

TIMEOUT = 60
SIZES = [5, 500, 10000]
HTML = "{http://www.w3.org/1999/xhtml}"


class Page:
    """A page, parsed as HTML says, with every parse error an error."""

    def __init__(self, text):
        self.text = text
        self.root = html5lib.HTMLParser(strict=True).parse(text)
        self.parents = {child: parent for parent in self.root.iter() for child in parent}

    def all(self, *names):
        wanted = {HTML + name for name in names}
        return [element for element in self.root.iter() if element.tag in wanted]

    def by_id(self, identifier):
        (found,) = [element for element in self.root.iter() if element.get("id") == identifier]
        return found

    def section(self, identifier):
        return self.parents[self.by_id(identifier)]

    def within(self, element, *names):
        wanted = {HTML + name for name in names}
        while element is not None and element.tag not in wanted:
            element = self.parents.get(element)
        return element

    def tables(self, identifier):
        return [Table(table) for table in self.section(identifier).iter(HTML + "table")]


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def words_of(element):
    """The same, where neighbours are told apart."""
    return " ".join(" ".join(element.itertext()).split())


class Table:
    """The grid that spans make: each slot has its cell."""

    def __init__(self, element):
        self.element = element
        self.caption = text_of(element.find(HTML + "caption"))
        self.rows = [row for row in element.iter(HTML + "tr")]
        taken = {}
        for y, row in enumerate(self.rows):
            x = 0
            for cell in row:
                while (x, y) in taken:
                    x += 1
                for dx in range(int(cell.get("colspan", 1))):
                    for dy in range(int(cell.get("rowspan", 1))):
                        assert (x + dx, y + dy) not in taken, "cells overlap"
                        taken[x + dx, y + dy] = cell
        self.widths = {sum((x, y) in taken for x in range(200)) for y in range(len(self.rows))}
        columns = range(max(self.widths, default=0))
        self.grid = [[taken.get((x, y)) for x in columns] for y in range(len(self.rows))]
        self.head = len(list(element.find(HTML + "thead")))

    def records(self):
        """Rows of the body as dicts by heading."""
        names = [text_of(cell) for cell in self.grid[self.head - 1]]
        return [dict(zip(names, map(text_of, row))) for row in self.grid[self.head :]]


def make(folder, made, *args, epoch=NOW, **env):
    """Runs report on a status file; a dict is written first."""
    if made is not None:
        status_files.write(folder, made)
    environment = {
        "PATH": os.environ["PATH"], "RUNTIME_DIRECTORY": str(folder),
        "AUDITSHARED_JOURNAL": str(folder / "no-journal"),
        "SOURCE_DATE_EPOCH": str(epoch), "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
        "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", ""), **env,
    }  # fmt: skip
    return subprocess.run(
        [CTL, "report", *args], env={k: v for k, v in environment.items() if v is not None},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)  # fmt: skip


def render(folder, made, **env):
    done = make(folder, made, **env)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return done.stdout.decode()


# Others wrote all of it, and meant no good.
MARKUP = "</td></table><script>alert('x')</script><img src=x onerror=\"alert(1)\">&lt;b&gt;&#x3c;"
INVISIBLE = "a\x01\x1b[2J\x7f\x85b\u202egnp.exe\u2066c\u200bd\u2028e\ufeff\U000e0041\ufffe\u00adf"
HOSTILE = [
    MARKUP, INVISIBLE, "'\"`$(reboot)`;'\\", "x" * 3000, "-x", "a/b", "", "שלום עולם", "名前" * 200,
    "--><!--", "]]>", "<style>*{}",
]  # fmt: skip


def hostile():
    shares = []
    for i, name in enumerate(HOSTILE):
        common = {"source": f"s{name}", "framework_name": name, "comment": name, "error": name,
                  "framework_id": f"00000000-0000-4000-8000-0000000000{i:02d}", "expires": stamp(NOW + 86400)}
        shares += [
            share(**common, account=name, status=name),
            share(**common, region=name, condition="pending", reason="Expiring", status="ACTIVE"),
            share(**common, condition="held", reason="Declined", status=name),
            share(**common, condition="stalled", reason=name, status=name),
            share(**common, condition=name, reason="Failed", status=name),
        ]
    sources = [{"name": f"s{name}", "account": name, "region": name, "error": name} for name in HOSTILE]
    last = {"id": MARKUP, "started": stamp(NOW - 9), "ended": stamp(NOW - 8), "result": MARKUP}
    return document(shares, sources=sources, mode=MARKUP, program=MARKUP, next_pass=MARKUP, **{"pass": last})


def empty():
    return document([])


def several_sources():
    shares = []
    refused = {"account": "555566667777", "condition": "held", "reason": "Revoked", "status": "REVOKED"}
    for source in ("us", "eu"):
        for n in range(3):
            key = {"source": source, "framework_name": f"Framework {n}",
                   "framework_id": f"00000000-0000-4000-8000-0000000000{n:02d}"}
            shares += [share(**key), share(**key, **refused)]
    sources = [{"name": n, "account": SENDER, "region": REGION, "error": None} for n in ("eu", "us")]
    return document(shares, sources=sources)


def sparse():
    """As many frameworks as recipients: a table of both would have nine million cells."""
    return document([
        share(framework_id=f"00000000-0000-4000-8000-{i:012d}", framework_name=f"Framework {i}",
            account=f"{500000000000 + i}")
        for i in range(3000)
    ])  # fmt: skip


MADE = {
    5: lambda: status_files.of_size(5),
    500: lambda: status_files.of_size(500),
    10000: lambda: status_files.of_size(10000),
    "hostile": hostile,
    "empty": empty,
    "sources": several_sources,
}
PARSED = {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture
def page(request, folder):
    """By name; each is made and parsed once."""
    if request.param not in PARSED:
        made = MADE[request.param]()
        PARSED[request.param] = Page(render(folder / str(request.param), made))
        PARSED[request.param].made = made
    return PARSED[request.param]


def palettes(style):
    light = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})",
        re.search(r"^:root\{(.*?)\}", style, re.S | re.M)[1]))
    dark = re.search(r"@media screen and \(prefers-color-scheme:dark\)\{:root\{(.*?)\}\}", style, re.S)[1]
    dark = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", dark))
    assert set(light) == set(dark) and len(light) > 20
    return light, dark
