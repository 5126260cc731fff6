# SPDX-License-Identifier: Apache-2.0

"""
auditsharectl report: the page says what the status file says, to everybody, and does nothing else

Pages are read back as a reader meets them: cells by their headings, commands by what a shell makes of them, colours by
their contrast. What is shown of a share is held against the status file, share by share.
"""

import collections
import datetime
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import stat
import struct
import subprocess
import time
import zlib

import html5lib
import pytest

import status_files
from daemon import CTL, EVENTS, Host, framework, many
from simulator import RECIPIENT, REGION, SENDER, Simulator, seed
from status_files import NOW, document, share, stamp

TIMEOUT = 60
SIZES = [5, 500, 10000]
CONDITIONS = ["ready", "pending", "progressing", "held", "stalled", "orphaned", "unmanaged", "not known"]
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
        while element is not None and (not isinstance(element.tag, str) or element.tag.removeprefix(HTML) not in names):
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
        self.grid = []
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
        self.grid = [[taken.get((x, y)) for x in range(max(self.widths, default=0))] for y in range(len(self.rows))]
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
        "PATH": os.environ["PATH"], "RUNTIME_DIRECTORY": str(folder), "AUDITSHARED_JOURNAL": str(folder / "no-journal"),
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
    MARKUP, INVISIBLE, "'\"`$(reboot)`;'\\", "x" * 3000, "-x", "a/b", "", "שלום עולם", "名前" * 200, "--><!--", "]]>", "<style>*{}",
]  # fmt: skip


def hostile():
    shares = []
    for i, name in enumerate(HOSTILE):
        for condition, reason in [
            ("ready", "Shared"), ("pending", "Expiring"), ("held", "Declined"), ("stalled", name), (name, "Failed")
        ]:  # fmt: skip
            shares.append(share(
                source=f"s{name}", framework_name=name, framework_id=f"00000000-0000-4000-8000-0000000000{i:02d}",
                account=name if reason == "Shared" else "444455556666", region=name if condition == "pending" else "eu-west-1",
                status="ACTIVE" if condition == "pending" else name, condition=condition, reason=reason, error=name, comment=name,
                expires=stamp(NOW + 86400)))  # fmt: skip
    sources = [{"name": f"s{name}", "account": name, "region": name, "error": name} for name in HOSTILE]
    return document(shares, sources=sources, mode=MARKUP, program=MARKUP, next_pass=MARKUP,
                    **{"pass": {"id": MARKUP, "started": stamp(NOW - 9), "ended": stamp(NOW - 8), "result": MARKUP}})  # fmt: skip


def empty():
    return document([])


def several_sources():
    made = document([])
    made["sources"] = [{"name": name, "account": SENDER, "region": REGION, "error": None} for name in ("eu", "us")]
    for source in ("us", "eu"):
        for n in range(3):
            key = {"framework_id": f"00000000-0000-4000-8000-0000000000{n:02d}", "framework_name": f"Framework {n}"}
            made["shares"] += [share(source=source, **key), share(source=source, **key, account="555566667777", condition="held",
                                                                  reason="Revoked", status="REVOKED")]  # fmt: skip
    return made


def sparse():
    """As many frameworks as recipients: a table of both would have nine million cells."""
    return document([
        share(framework_id=f"00000000-0000-4000-8000-{i:012d}", framework_name=f"Framework {i}", account=f"{500000000000 + i}")
        for i in range(3000)
    ])  # fmt: skip


MADE = {5: lambda: status_files.of_size(5), 500: lambda: status_files.of_size(500), 10000: lambda: status_files.of_size(10000),
        "hostile": hostile, "empty": empty, "sources": several_sources}  # fmt: skip
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


each_page = pytest.mark.parametrize("page", MADE, indirect=True)
each_size = pytest.mark.parametrize("page", SIZES, indirect=True)


# The document


@each_page
def test_it_is_a_document_with_a_language_and_a_title(page):
    assert page.text.startswith("<!DOCTYPE html>\n") and page.text.endswith("</html>\n")
    assert page.root.get("lang") == "en"
    (title,) = page.all("title")
    assert text_of(title).startswith("Framework shares of ") and text_of(title).endswith(", 2026-11-18")
    assert {"charset": "utf-8"} in [dict(meta.attrib) for meta in page.all("meta")]


@each_page
def test_it_loads_nothing_and_runs_nothing(page):
    (policy,) = [m.get("content") for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(part.split(maxsplit=1) for part in policy.split("; "))
    assert directives == {"default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'", "form-action": "'none'"}
    allowed = {
        "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "dl", "div", "dt", "dd", "br", "small",
        "strong", "time", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi", "nav", "ol", "ul", "li", "main", "section",
        "span", "i", "details", "summary", "code", "figure", "figcaption", "footer",
    }  # fmt: skip
    for element in page.root.iter():
        name = element.tag.rpartition("}")[2]
        assert name in allowed or element.tag.startswith("{http://www.w3.org/2000/svg}"), name
        for key, value in element.attrib.items():
            assert not key.startswith("on") and key not in ("src", "style", "action", "srcset", "ping", "background")
            assert not key.endswith("href") or value.startswith("#"), value
    (style,) = page.all("style")
    for forbidden in ("url(", "@import", "//", "http:", "https:", "expression", "@font-face", "<"):
        assert forbidden not in style.text
    for forbidden in ("http:", "https:", "<script", "<link", "javascript:"):
        assert forbidden not in page.text.lower()


@each_page
def test_ids_are_unique_and_pointed_at_rightly(page):
    ids = [element.get("id") for element in page.root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in page.root.iter():
        wanted = element.get("aria-labelledby", "").split()
        if element.get("href"):
            wanted.append(element.get("href")[1:])
        assert set(wanted) <= set(ids)


@each_page
def test_headings_and_landmarks(page):
    levels = [int(heading.tag[-1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    for name in ("header", "nav", "main", "footer"):
        assert len(page.all(name)) == 1, name
    assert page.all("nav")[0].get("aria-label")
    body = page.all("body")[0]
    assert body[0].tag == HTML + "a" and body[0].get("href") == "#main" and page.all("main")[0].get("id") == "main"
    assert page.all("main")[0].get("tabindex") == "-1"
    targets = [link.get("href")[1:] for link in page.all("nav")[0].iter(HTML + "a")]
    assert targets == [heading.get("id") for heading in page.all("h2")]


@each_page
def test_tables(page):
    for element in page.all("table"):
        table = Table(element)
        assert element[0].tag == HTML + "caption" and table.caption
        assert len(table.widths) == 1, f"{table.caption}: rows of different width"
        assert len(list(element.iter(HTML + "thead"))) == 1
        for heading in element.iter(HTML + "th"):
            assert heading.get("scope") in ("col", "row", "colgroup", "rowgroup")
            if heading.get("scope") == "rowgroup" and heading.get("rowspan"):
                assert int(heading.get("rowspan")) == len(list(page.within(heading, "tbody")))
        for row in table.grid[table.head :]:
            assert any(cell.tag == HTML + "th" for cell in row), "a row without a heading"
        scrolls = page.parents[element]
        assert scrolls.get("tabindex") == "0" and scrolls.get("aria-labelledby") == element[0].get("id")


# What it says


def cells(page):
    """(framework, account, Region) → condition, by the headings of each cell."""
    found = collections.defaultdict(list)
    source = None
    for table in page.tables("matrix"):
        down = text_of(table.grid[0][0]) == "Account"
        if not down and text_of(table.grid[0][0]) != "Framework" or "matrix" not in table.element.get("class"):
            continue
        if " of source " in table.caption:
            source = re.search(r" of source (\w+)", table.caption)[1]
        for row in table.grid[table.head :]:
            if row[0].get("class") == "group":
                source = text_of(row[0]).removeprefix("Source ")
                continue
            for x in range(2 if down else 1, len(row)):
                if down:
                    key = (text_of(table.grid[0][x]), text_of(row[0]), text_of(row[1]))
                else:
                    name = text_of(row[0].find(HTML + "bdi"))
                    key = (name, text_of(table.grid[0][x]), text_of(table.grid[1][x]))
                words = [text_of(word) for word in row[x].iter(HTML + "i")]
                signs = text_of(row[x])
                assert (row[x].get("class") is not None) == bool(words)
                for word in words:
                    assert re.search(rf"\S {word}", signs), "colour alone"
                    found[(source, *key)].append((word, row[x].get("class")))
    return found


def expected_cells(made):
    several = len(made["sources"]) > 1
    return {
        (s["source"] if several else None, s["framework_name"], s["account"], s["region"]): s["condition"] for s in made["shares"]
    }


@pytest.mark.parametrize("page", [*SIZES, "sources"], indirect=True)
def test_each_share_has_its_cell(page):
    found = cells(page)
    assert {key: [word for word, _ in values] for key, values in found.items()} == {
        key: [condition] for key, condition in expected_cells(page.made).items()
    }
    styles = {value for values in found.values() for value in values}
    assert len(styles) == len({word for word, _ in styles}) == len({style for _, style in styles})
    legend = {text_of(item) for item in page.section("matrix").find(HTML + "ul")}
    assert {item.split(" ", 1)[1] for item in legend if not item.startswith("empty")} == {
        share["condition"] for share in page.made["shares"]
    }


@each_size
def test_totals(page):
    counts = collections.Counter(share["condition"] for share in page.made["shares"])
    tiles = [item for item in page.section("glance").iter(HTML + "li")]
    shown = {}
    for tile in tiles:
        parts = {part.get("class"): text_of(part) for part in tile}
        shown[parts["name"]] = int(parts["number"].replace(",", ""))
    assert shown == {name: counts.get(name, 0) for name in CONDITIONS if name != "not known"}
    sentence = text_of(page.section("glance").find(HTML + "p"))
    for name, count in counts.items():
        assert f"{count:,} {name}" in sentence
    assert sentence.startswith(f"{len(page.made['shares']):,} shares of ")
    assert f"{counts['held'] + counts['stalled']:,} wait for a decision here" in sentence


def key_of(record):
    return record["Framework"], record["Account"], record["Region"]


def keys(made, condition):
    return {(s["framework_name"], s["account"], s["region"]) for s in made["shares"] if s["condition"] == condition}


@each_size
def test_who_is_waited_for_oldest_first(page):
    records = [record for table in page.tables("waiting") for record in table.records()]
    assert {key_of(record) for record in records} == keys(page.made, "pending") and len(records) <= 2000
    since = [record["Since"] for record in records]
    dates = [text[:10] for text in since]
    assert dates == sorted(dates)
    first = min(s["since"] for s in page.made["shares"] if s["condition"] == "pending")
    age = (NOW - int(datetime.datetime.fromisoformat(first.replace("Z", "+00:00")).timestamp())) // 86400
    assert since[0] == f"{first[:10]} {age} days"


def bars(page):
    """Day → height, in units of the plot."""
    found = {}
    for path in page.section("expiry").iter("{http://www.w3.org/2000/svg}path"):
        if path.get("class") in ("bar", "soon"):
            x, height = re.fullmatch(r"M(\d+) 178v-(\d+)h5v\2z", path.get("d")).groups()
            day = (int(x) - 48) // 6
            assert path.get("class") == ("soon" if day <= 30 else "bar")
            found[day] = int(height)
    return found


@each_size
def test_what_expires_when(page):
    shares = [s for s in page.made["shares"] if s["status"] in ("ACTIVE", "EXPIRING")]
    days = collections.Counter(s["expires"][:10] for s in shares if s["expires"])
    records = [record for table in page.tables("expiry") for record in table.records()]
    assert {r["Date (UTC)"]: int(r["Invitations"].replace(",", "")) for r in records} == days
    today = datetime.date(2026, 11, 18)
    left = {str(today + datetime.timedelta(days=int(r["Days left"]))) for r in records}
    assert left == set(days)

    drawn, most = bars(page), max(days.values())
    assert {str(today + datetime.timedelta(days=day)) for day in drawn} == set(days)
    tallest = max(drawn.values())
    assert 75 <= tallest <= 150
    for day, height in drawn.items():
        count = days[str(today + datetime.timedelta(days=day))]
        assert abs(height - tallest * count / most) <= 2
    (svg,) = page.section("expiry").iter("{http://www.w3.org/2000/svg}svg")
    assert svg.get("role") == "img"
    (window,) = [p for p in svg if p.get("class") == "window"]
    assert window.get("d").startswith("M48 178") and "h186" in window.get("d")  # days 0 to 30
    soon = sum(n for date, n in days.items() if date <= "2026-12-18")
    assert text_of(page.by_id("plot-text")).startswith(f"{soon:,} expire within 30 days")


@each_size
def test_what_waits_for_a_decision_and_the_command_that_changes_it(page):
    records = [record for table in page.tables("decisions") for record in table.records()]
    assert {key_of(record) for record in records} == keys(page.made, "held") | keys(page.made, "stalled")
    assert len(records) == len({key_of(record) for record in records})
    by_reason = collections.defaultdict(list)
    for table in page.tables("decisions"):
        by_reason[re.search(r": (\w+)", table.caption)[1]] += table.records()
    for reason, found in by_reason.items():
        for record in found:
            command = record.get("Command that sends it once more")
            if reason in ("Declined", "Revoked", "AttemptsExhausted", "RenewalsExhausted"):
                assert shlex.split(command) == ["sudo", "auditsharectl", "reset", "/".join(key_of(record))]
            else:
                assert command is None
    headings = [text_of(h) for h in page.section("decisions").iter(HTML + "h3")]
    assert headings == sorted(headings, key=lambda text: text.startswith("="))
    assert any(h.startswith("= held the recipient declined") for h in headings)


def test_every_reason_has_words_and_a_way_out(folder):
    reasons = json.loads(subprocess.run(
        ["/usr/bin/python3", "-c", "import json,re,sys;print(json.dumps(re.findall(r'REASON_\\w+\\] = \"(\\w+)\"',open(sys.argv[1]).read())))",
         str(pathlib.Path(__file__).parents[2] / "daemon/model/action.c")], capture_output=True, text=True, check=True).stdout)  # fmt: skip
    assert len(reasons) > 25
    for condition in ("held", "stalled", "orphaned", "unmanaged"):
        made = document([share(condition=condition, reason=r, account=f"{10**11 + i}") for i, r in enumerate(reasons)])
        page = Page(render(folder / "reasons", made))
        section = page.section("undeclared" if condition in ("orphaned", "unmanaged") else "decisions")
        headings, remedies = (list(section.iter(HTML + name)) for name in ("h3", "p"))
        assert len(headings) == len(reasons) == len([p for p in remedies if p.get("class") == "remedy"])
        assert all(re.fullmatch(rf"\S {condition} \w.* 1 share", text_of(h)) for h in headings)
        verbs = subprocess.run([CTL, "--help"], capture_output=True, text=True, check=True).stdout
        for code in section.iter(HTML + "code"):
            words = text_of(code).removeprefix("sudo ").split()
            assert words[0] != "auditsharectl" or re.search(rf"^  {words[1]} ", verbs, re.M), words


def test_commands_reach_the_share_whatever_its_name(folder):
    for record, name in [(r, n) for r, n in commands_of(folder / "commands")]:
        words = shlex.split(record)
        assert words[:3] == ["sudo", "auditsharectl", "reset"] and len(words) == 4, name
        status = subprocess.run([CTL, "status", "--json", words[3]], env={"RUNTIME_DIRECTORY": str(folder / "commands")},
                                capture_output=True, text=True, check=False)  # fmt: skip
        found = json.loads(status.stdout)["shares"]
        assert [s["framework_name"] for s in found] == [name]


def commands_of(place):
    names = ["Plain name", *HOSTILE[:6], "O'Brien", "tab\there", "ünïcode", "/", "444455556666"]
    made = document([
        share(framework_name=name, framework_id=f"00000000-0000-4000-8000-0000000000{i:02d}", condition="held", reason="Declined",
              since=stamp(NOW - (100 - i) * 86400)) for i, name in enumerate(names)
    ])  # fmt: skip
    records = [r for table in Page(render(place, made)).tables("decisions") for r in table.records()]
    assert len(records) == len(names)
    return list(zip([r["Command that sends it once more"] for r in records], names))


@each_size
def test_under_way_and_not_declared(page):
    for section, conditions in (("progress", ["progressing"]), ("undeclared", ["orphaned", "unmanaged"])):
        records = [record for table in page.tables(section) for record in table.records()]
        assert {key_of(r) for r in records} == set().union(*(keys(page.made, c) for c in conditions))


@each_page
def test_what_is_folded_says_what_it_holds(page):
    for details in page.all("details"):
        assert details[0].tag == HTML + "summary" and re.search(r"\d", text_of(details[0]))
        assert len(list(details.iter(HTML + "tr"))) > 1
    visible = [t for t in page.all("table") if page.within(t, "details") is None]
    assert all(len(list(table.iter(HTML + "tr"))) <= 85 for table in visible)


@pytest.mark.parametrize("page", [5], indirect=True)
def test_head(page):
    facts = {text_of(div[0]): text_of(div[1]) for div in page.all("dl")[0]}
    assert facts["Host"] == os.uname().nodename
    assert facts["Report made"].startswith("2026-11-18 11:06")
    assert facts["Last pass"] == "completed 2026-11-18 11:05 " + "5f" * 16
    assert facts["Next pass"] == "2026-11-18 11:20"
    assert facts["Mode"].startswith("enforce")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", facts["Status written"])
    (table,) = [Table(t) for t in page.all("header")[0].iter(HTML + "table")]
    assert table.records() == [
        {"Source": "governance", "Account": "111122223333", "Region": "us-east-1", "Last looked at": "listed completely"}
    ]


def test_head_of_a_pass_that_failed_or_runs_and_of_an_old_file(folder):
    made = document([share()], mode="observe", next_pass=stamp(NOW - 7200), sources=[{"name": "a", "error": "no route"}],
                    **{"pass": {"id": "", "started": stamp(NOW - 60), "ended": stamp(NOW - 50), "result": "refused"}})  # fmt: skip
    text = words_of(Page(render(folder / "head", made)).all("header")[0])
    assert "refused or cut short 2026-11-18 11:05" in text and "overdue: is the service running?" in text
    assert "observe: it looks and plans, and writes nothing" in text and "a – – no route" in text
    made["pass"] = {"started": stamp(NOW - 60), "ended": None, "result": "running"}
    del made["mode"]
    text = words_of(Page(render(folder / "head", made)).all("header")[0])
    assert "under way, begun 2026-11-18 11:05" in text and "Mode not known" in text


def test_conditions_of_the_real_service(tmp_path):
    world = seed(accounts={account: {"audit_manager": True} for account, _ in many(6)})
    with Simulator(seed=world, rate=0) as simulator:
        host = Host(tmp_path, simulator, settle="0s")
        recipients = [(account, "eu-west-2") for account, _ in many(6)]
        host.shares(framework(recipients=recipients), framework(name="Missing", recipients=recipients[:1]))
        assert host.once().status == 0
        for (account, _), act in zip(recipients, (simulator.accept, simulator.decline, simulator.fail, simulator.revoke)):
            act(framework="Baseline", account=account, region="eu-west-2")
        host.once()
        made = host.status()
        assert made["mode"] == "enforce"
        assert made["sources"] == [{"name": "governance", "account": SENDER, "region": REGION, "error": None}]
        done = host.ctl("report", "--output", str(tmp_path / "page.html"))
        assert (done.status, done.out, done.err) == (0, "", "")
    page = Page((tmp_path / "page.html").read_text())
    assert {key: [w for w, _ in words] for key, words in cells(page).items()} == {
        key: [condition] for key, condition in expected_cells(made).items()
    }
    assert {"pending", "held", "stalled", "progressing"} <= {s["condition"] for s in made["shares"]}
    assert {key_of(r) for table in page.tables("decisions") for r in table.records()} == keys(made, "held") | keys(made, "stalled")
    (source,) = [Table(t) for t in page.all("header")[0].iter(HTML + "table")]
    assert [(r["Account"], r["Region"]) for r in source.records()] == [(SENDER, REGION)]


# What others wrote


@pytest.mark.parametrize("page", ["hostile"], indirect=True)
def test_names_stay_text(page):
    for c in page.text:
        assert c == "\n" or not (ord(c) < 32 or 0x7F <= ord(c) < 0xA0), hex(ord(c))
        assert c not in "\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202d\u202e\u2066\u2069\ufeff\ufffe\U000e0041"
    shown = {text_of(element) for element in page.all("bdi")}
    assert MARKUP in shown  # as it was written, every character of it
    assert "a\ufffd\ufffd[2J\ufffd\ufffdb\ufffdgnp.exe\ufffdc\ufffdd\ufffde\ufffd\ufffd\ufffd\ufffdf" in shown
    assert "שלום עולם" in shown
    assert max(len(name) for name in shown) <= 301 and "x" * 300 + "…" in shown
    header = text_of(page.all("header")[0])
    assert "<script>" in header and "onerror" in header


WRONG = [1, None, "", [], {}, "\x1b[2J", "2026-99-99T00:00:00Z", True, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9" * 400]


def test_a_status_file_of_wrong_types_is_survived(folder):
    shares = [dict.fromkeys(share(), value) for value in WRONG]
    shares += [share(status="ACTIVE", condition="pending", since=value, expires=value, next_attempt=value) for value in WRONG]
    for value in WRONG:
        made = document(shares, sources=value, next_pass=value, mode=value, program=value, **{"pass": value})
        page = Page(render(folder / "wrong", made))
        assert "\x1b" not in page.text
        assert text_of(page.section("glance").find(HTML + "p")).startswith(f"{2 * len(WRONG)} shares of ")


# Colours


def palettes(style):
    light = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", re.search(r"^:root\{(.*?)\}", style, re.S | re.M)[1]))
    dark = re.search(r"@media screen and \(prefers-color-scheme:dark\)\{:root\{(.*?)\}\}", style, re.S)[1]
    dark = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", dark))
    assert set(light) == set(dark) and len(light) > 20
    return light, dark


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_of_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("page", [5], indirect=True)
def test_contrast_of_all_text_in_both_schemes(page):
    style = page.all("style")[0].text
    rules = re.sub(r"@media screen and .*?\}\}", "", style, flags=re.S).split("}")
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", re.sub(r":root\{.*?\}", "", style, flags=re.S)), "a colour beside the palette"
    pairs, inherited = set(), set()
    for rule in rules:
        text = re.search(r"(?<![\w-])color:var\(--([\w-]+)\)", rule)
        ground = re.search(r"(?<![\w-])background:var\(--([\w-]+)\)", rule)
        if ground and "@media" not in rule:
            assert text or "code" in rule, f"a background without the colour of its text: {rule}"
        if text and ground:
            pairs.add((text[1], ground[1]))
        elif text:
            inherited.add(text[1])
    # Text that only has a colour of its own stands on the page, or on what is the page's panel.
    pairs |= {(text, ground) for text in inherited | {"text"} for ground in ("page", "panel")}
    pairs |= {("soft", "window"), ("window-text", "window")}
    assert len(pairs) >= 15 and {("r-fg", "r-bg"), ("s-fg", "s-bg"), ("soft", "page"), ("bad", "page")} <= pairs
    graphics = {("bar", "page"), ("soon", "page"), ("soon", "window"), ("strong-line", "page")}
    for palette in palettes(style):
        for text, ground in pairs:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        for line, ground in graphics:
            assert contrast(palette[line], palette[ground]) >= 3, (line, ground)


@pytest.mark.parametrize("page", [5], indirect=True)
def test_print_is_light_and_repeats_the_heads_of_tables(page):
    style = page.all("style")[0].text
    assert re.findall(r"@media ([^{]*prefers-color-scheme[^{]*)", style) == ["screen and (prefers-color-scheme:dark)"]
    printed = style[style.index("@media print{") :]
    assert "thead{display:table-header-group}" in printed and "break-inside:avoid" in printed


# Sizes


def test_sizes(folder):
    """All of a page, whatever its form, grows with the shares."""
    sizes = {}
    for name, made in [(5, MADE[5]()), (500, MADE[500]()), (10000, MADE[10000]()), ("sparse", sparse())]:
        began = time.monotonic()
        sizes[name] = len(render(folder / f"size-{name}", made).encode())
        assert time.monotonic() - began < 20
    assert sizes[5] < 30_000 and sizes[500] < 200_000 and sizes[10000] < 3_000_000 and sizes["sparse"] < 5_000_000


def test_the_worst_of_ten_thousand_shares(folder):
    """Names as long as AWS lets them be, and none of them answered."""
    made = status_files.generated(20, 100, 5)
    for s in made["shares"]:
        s.update(framework_name=s["framework_name"] + "名" * 280, condition="held", reason="Declined", status="DECLINED",
                 error="e" * 500)  # fmt: skip
    assert len(render(folder / "worst", made).encode()) < 5_500_000


def test_lists_have_a_limit_and_say_so(folder):
    made = document([
        share(framework_id=f"00000000-0000-4000-8000-{i:012d}", status="ACTIVE", condition="pending", reason="AwaitingRecipient",
              since=stamp(NOW - i)) for i in range(2345)
    ])  # fmt: skip
    page = Page(render(folder / "limit", made))
    assert sum(len(table.records()) for table in page.tables("waiting")) == 2000
    assert "345 more are not listed here: auditsharectl status has them all." in text_of(page.section("waiting"))


def test_the_same_again_for_the_same_moment(folder):
    def body(text):
        return text[text.index("</header>") :]

    first = render(folder / "same", MADE[500]())
    time.sleep(0.01)
    assert body(first) == body(render(folder / "same", MADE[500]()))
    shuffled = MADE[500]()
    shuffled["shares"].reverse()
    assert body(first) == body(render(folder / "same", shuffled))
    assert body(first) != body(render(folder / "same", None, epoch=NOW + 86400))


def test_without_a_moment_it_is_now(folder):
    text = render(folder / "now", MADE[5](), SOURCE_DATE_EPOCH=None)
    assert f"<dt>Report made</dt><dd><time datetime=\"{time.strftime('%Y-%m-%d', time.gmtime())}" in text


# Where it goes


def test_a_file_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "out" / "report.html"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o600)
    with open(target, encoding="utf-8") as old:
        umask = os.umask(0o077)
        try:
            done = make(tmp_path / "run", MADE[5](), "--output", str(target))
        finally:
            os.umask(umask)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert old.read() == "old"  # whoever had it open goes on with it
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert list(target.parent.iterdir()) == [target]
    assert target.read_text() == render(tmp_path / "run", None)


def test_a_new_file_by_a_relative_name_and_one_behind_a_link(tmp_path):
    status_files.write(tmp_path / "run", MADE[5]())
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "run"), "PATH": os.environ["PATH"]}
    done = subprocess.run([CTL, "report", "--output", "new.html"], cwd=tmp_path, env=environment, timeout=TIMEOUT, check=False)
    assert done.returncode == 0 and (tmp_path / "new.html").read_text().endswith("</html>\n")
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")
    assert make(tmp_path / "run", None, "--output", str(tmp_path / "link.html")).returncode == 0
    assert (tmp_path / "link.html").is_symlink() and (tmp_path / "real.html").read_text().endswith("</html>\n")


def test_what_is_no_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    places = [("pipe", "no regular file"), ("folder", "Is a directory"), ("none/x.html", "No such file"), ("/dev/null", "no regular file")]
    for name, message in places:
        done = make(tmp_path / "run", MADE[5](), "--output", str(tmp_path / name))
        assert done.returncode == 1 and message in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode) and stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "pipe", "run"]


def test_a_disk_that_is_full(tmp_path):
    status_files.write(tmp_path / "run", MADE[500]())
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "run"), "PATH": os.environ["PATH"]}
    with open("/dev/full", "wb") as full:
        done = subprocess.run([CTL, "report"], env=environment, stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)
    assert done.returncode == 1 and b"No space left on device" in done.stderr
    (tmp_path / "page.html").write_text("old")
    limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$0" "$@"', CTL, "report", "--output", str(tmp_path / "page.html")]
    done = subprocess.run(limited, env=environment, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)
    assert done.returncode == 1 and b"File too large" in done.stderr
    assert (tmp_path / "page.html").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.html", "run"]


def test_nobody_reads_any_more(tmp_path):
    status_files.write(tmp_path / "run", MADE[500]())
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([CTL, "report"], env={"RUNTIME_DIRECTORY": str(tmp_path / "run")}, stdout=write,
                          stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments,status", [([], 1), (["--output", "page.html"], 0)])
def test_a_terminal_gets_no_page(tmp_path, arguments, status):
    status_files.write(tmp_path / "run", MADE[5]())
    master, slave = pty.openpty()
    done = subprocess.run([CTL, "report", *arguments], cwd=tmp_path, env={"RUNTIME_DIRECTORY": str(tmp_path / "run")},
                          stdin=slave, stdout=slave, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT, check=False)  # fmt: skip
    os.close(slave)
    os.close(master)
    assert done.returncode == status and ("--output report.html" in done.stderr) == (status == 1)
    assert (tmp_path / "page.html").exists() == (status == 0)


def test_where_no_service_has_reported(tmp_path):
    done = make(tmp_path / "run", None, "--output", str(tmp_path / "page.html"))
    assert done.returncode == 3 and b"systemctl start auditshared" in done.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "shares": [{}', '{"version": 2, "shares": []}'])
def test_a_file_that_is_no_status_file(tmp_path, text):
    (tmp_path / "status.json").write_text(text)
    (tmp_path / "page.html").write_text("old")
    done = make(tmp_path, None, "--output", str(tmp_path / "page.html"))
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert (tmp_path / "page.html").read_text() == "old"


# History


def write_journal(folder, entries):
    """A journal file of these entries, as journald would have written them."""
    folder.mkdir(exist_ok=True)
    lines = []
    for i, entry in enumerate(entries):
        fields = {
            "__REALTIME_TIMESTAMP": int(entry.pop("at") * 1000000), "__MONOTONIC_TIMESTAMP": 1000 + i, "_BOOT_ID": "b" * 32,
            "_MACHINE_ID": "a" * 32, "MESSAGE_ID": EVENTS["status"], "_SYSTEMD_UNIT": "auditshared.service", "_UID": "61234",
            "SHARE_FRAMEWORK_NAME": "Baseline", "SHARE_ACCOUNT": RECIPIENT, "SHARE_REGION": "eu-west-2", **entry,
        }  # fmt: skip
        for name, value in fields.items():
            data = str(value).encode()
            if b"\n" in data or any(c < 32 for c in data):
                lines.append(name.encode() + b"\n" + struct.pack("<Q", len(data)) + data)
            else:
                lines.append(name.encode() + b"=" + data)
        lines.append(b"")
    done = subprocess.run(["/lib/systemd/systemd-journal-remote", "-o", str(folder / "test.journal"), "-"],
                          input=b"\n".join(lines) + b"\n", capture_output=True, timeout=TIMEOUT, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(folder)


def history(folder, entries):
    journal = write_journal(folder / "journal", entries)
    return Page(render(folder / "run", MADE[5](), AUDITSHARED_JOURNAL=journal))


def test_history_newest_first(tmp_path):
    page = history(tmp_path, [
        {"at": NOW - 401 * 86400, "SHARE_STATUS": "SHARED"},
        {"at": NOW - 399 * 86400, "SHARE_STATUS": "ACTIVE"},
        {"at": NOW - 7200, "SHARE_STATUS_OLD": "ACTIVE", "SHARE_STATUS": "DECLINED", "_SYSTEMD_UNIT": "x.scope", "_UID": "0"},
        {"at": NOW - 3600, "SHARE_STATUS_OLD": "ACTIVE", "SHARE_STATUS": "SHARED", "SHARE_FRAMEWORK_NAME": MARKUP},
        {"at": NOW - 1800, "SHARE_STATUS": "REVOKED", "MESSAGE_ID": EVENTS["held"]},
    ])  # fmt: skip
    (table,) = page.tables("history")
    where = {"Account": RECIPIENT, "Region": "eu-west-2"}
    assert table.records() == [
        {"Time (UTC)": "2026-11-18 10:06", "Framework": MARKUP, **where, "From": "ACTIVE", "To": "SHARED"},
        {"Time (UTC)": "2026-11-18 09:06", "Framework": "Baseline", **where, "From": "ACTIVE", "To": "DECLINED"},
        {"Time (UTC)": "2025-10-15 11:06", "Framework": "Baseline", **where, "From": "first seen", "To": "ACTIVE"},
    ]


def test_entries_that_others_wrote_do_not_count(tmp_path):
    forged = {"SHARE_STATUS_OLD": "DECLINED", "SHARE_STATUS": "SHARED"}
    page = history(tmp_path, [
        {"at": NOW - 60, **forged, "_SYSTEMD_UNIT": "user@1000.service", "_UID": "1000"},
        {"at": NOW - 50, **forged, "_SYSTEMD_UNIT": "auditshared.service.evil", "_UID": "00"},
        {"at": NOW - 40, **forged, "_SYSTEMD_UNIT": "", "_UID": "", "SYSTEMD_UNIT": "auditshared.service", "UID": "0"},
    ])  # fmt: skip
    assert not page.tables("history")
    assert "The journal has no change of a status from the last 400 days" in text_of(page.section("history"))


def test_history_is_folded_and_ends_somewhere(tmp_path):
    page = history(tmp_path, [{"at": NOW - 5000 + i, "SHARE_STATUS": f"S{i}"} for i in range(1010)])
    tables = page.tables("history")
    assert [len(table.records()) for table in tables] == [25, 975]
    assert [r["To"] for table in tables for r in table.records()] == [f"S{i}" for i in range(1009, 9, -1)]
    assert "These are the newest 1000" in text_of(page.section("history"))


def on_another_host(tmp_path, mode, prefix=()):
    """The page of a host of its own, whose journal has one entry, in a file of that mode."""
    write_journal(tmp_path / "journal", [{"at": NOW - 60, "SHARE_STATUS": "SHARED", "SHARE_SOURCE": "eu"}])
    status_files.write(tmp_path / "run", several_sources())
    script = """
        mount -t tmpfs -o mode=0755 tmpfs /run
        folder=/run/log/journal/$(cat /etc/machine-id)
        mkdir -p "$folder"
        install -m "$3" "$1/journal/test.journal" "$folder/system.journal"
        cp -r "$1/run" /run/auditshared
        install -m 0755 "$2" /run/auditsharectl
        shift 3
        exec "$@" /run/auditsharectl report
    """
    done = subprocess.run(
        ["unshare", "-m", "sh", "-euc", script, "sh", str(tmp_path), CTL, mode, *prefix], capture_output=True, timeout=TIMEOUT,
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": str(NOW)}, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return Page(done.stdout.decode())


def test_the_journal_of_the_host(tmp_path):
    (table,) = on_another_host(tmp_path, "0600").tables("history")
    (record,) = table.records()
    assert (record["Framework"], record["To"]) == ("Baseline eu", "SHARED")


def test_the_journal_of_the_host_is_not_for_everybody(tmp_path):
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    page = on_another_host(tmp_path, "0600", nobody)
    assert "no journal of the system that could be read" in text_of(page.section("history"))
    (tmp_path / "other").mkdir()
    (table,) = on_another_host(tmp_path / "other", "0644", nobody).tables("history")
    assert len(table.records()) == 1


@pytest.mark.parametrize("page", [5], indirect=True)
def test_without_a_journal_it_says_how_to_have_one(page):
    text = text_of(page.section("history"))
    assert "no journal of the system that could be read" in text and "sudo auditsharectl report" in text
    assert "systemd-journal" in text


# In a browser


def chromium(tmp_path, *arguments, dark=False):
    """Runs it on a page; returns what it has written to both streams."""
    scheme = "--blink-settings=preferredColorScheme=" + ("0" if dark else "1")
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}", scheme,
         *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)
    assert done.returncode == 0, done.stderr
    return done


def complaints(done):
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def pixels(path):
    """Rows of (r, g, b) of a PNG of eight bits, without interlacing."""
    data = path.read_bytes()
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8 and kind in (2, 6)
    n, at, packed = 3 if kind == 2 else 4, 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(packed)
    assert len(raw) == height * (1 + width * n)
    # The first row is enough, and its first pixel is not filtered by neighbours.
    return tuple(raw[1:4]), (width, height)


def test_complaints_would_be_seen(tmp_path):
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><script>1</script>")
    assert complaints(chromium(tmp_path, "--dump-dom", f"file://{tmp_path}/bad.html"))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_screenshots(page, tmp_path, dark):
    (tmp_path / "page.html").write_text(page.text)
    width = 390 if page.made["shares"][5:] == [] else 1200
    done = chromium(tmp_path, f"--screenshot={tmp_path}/shot.png", f"--window-size={width},2000", f"file://{tmp_path}/page.html",
                    dark=dark)  # fmt: skip
    assert complaints(done) == []
    first, size = pixels(tmp_path / "shot.png")
    palette = palettes(page.all("style")[0].text)[dark]
    assert first == tuple(int(palette["page"][i : i + 2], 16) for i in (1, 3, 5)) and size == (width, 2000)


@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_print(page, tmp_path):
    (tmp_path / "page.html").write_text(page.text)
    done = chromium(tmp_path, f"--print-to-pdf={tmp_path}/page.pdf", f"file://{tmp_path}/page.html", dark=True)
    assert complaints(done) == []
    pdf = (tmp_path / "page.pdf").read_bytes()
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert pdf.startswith(b"%PDF") and {5: 1, 500: 5, 10000: 10}[len(page.made["shares"])] <= pages <= 40


@pytest.mark.parametrize("page", [500], indirect=True)
def test_the_browser_reads_what_was_written(page, tmp_path):
    (tmp_path / "page.html").write_text(page.text)
    done = chromium(tmp_path, "--dump-dom", f"file://{tmp_path}/page.html")
    assert complaints(done) == []
    assert done.stdout.count("<td") == page.text.count("<td") and done.stdout.count("<th ") == page.text.count("<th ")
