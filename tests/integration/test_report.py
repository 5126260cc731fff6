# SPDX-License-Identifier: Apache-2.0

"""
auditsharectl report: the page says what the status file says, to everybody, and does nothing else

Pages are read back as a reader meets them: cells by their headings, commands by what a shell makes of them,
colours by their contrast. What is shown of a share is held against the status file, share by share.
"""

import collections
import datetime
import json
import os
import pathlib
import pty
import re
import shlex
import socket
import stat
import subprocess
import time

import pytest

import status_files
from daemon import CTL, Host, framework, many
from report_page import (
    HOSTILE, HTML, MADE, MARKUP, SIZES, TIMEOUT, Page, Table, folder, make, page, palettes, render, sparse,
    text_of, words_of,
)  # fmt: skip
from simulator import REGION, SENDER, Simulator, seed
from status_files import NOW, document, share, stamp

__all__ = ["folder", "page"]
CONDITIONS = ["ready", "pending", "progressing", "held", "stalled", "orphaned", "unmanaged", "not known"]

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
    (policy,) = [m.get("content") for m in page.all("meta")
        if m.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(part.split(maxsplit=1) for part in policy.split("; "))
    assert directives == {"default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'",
        "form-action": "'none'"}
    allowed = {
        "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "dl", "div",
        "dt", "dd", "br", "small",
        "strong", "time", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi", "nav", "ol", "ul",
        "li", "main", "section",
        "span", "i", "details", "summary", "code", "figure", "figcaption", "footer",
    }  # fmt: skip
    for element in page.root.iter():
        name = element.tag.rpartition("}")[2]
        assert name in allowed or element.tag.startswith("{http://www.w3.org/2000/svg}"), name
        for key, value in element.attrib.items():
            assert not key.startswith("on") and key not in ("src", "style", "action", "srcset", "ping",
                "background")
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
    assert body[0].tag == HTML + "a" and body[0].get("href") == "#main"
    assert page.all("main")[0].get("id") == "main"
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
        if "matrix" not in table.element.get("class"):
            continue
        down = text_of(table.grid[0][0]) == "Account"
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
        (s["source"] if several else None, s["framework_name"], s["account"], s["region"]): s["condition"]
        for s in made["shares"]
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
    return {(s["framework_name"], s["account"], s["region"]) for s in made["shares"]
        if s["condition"] == condition}


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
    names = (pathlib.Path(__file__).parents[2] / "daemon" / "model" / "action.c").read_text()
    reasons = re.findall(r'REASON_\w+\] = "(\w+)"', names)
    assert len(reasons) > 25
    for condition in ("held", "stalled", "orphaned", "unmanaged"):
        made = document([share(condition=condition, reason=reason) for reason in reasons])
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
        status = subprocess.run([CTL, "status", "--json", words[3]],
            env={"RUNTIME_DIRECTORY": str(folder / "commands")},
                                capture_output=True, text=True, check=False)  # fmt: skip
        found = json.loads(status.stdout)["shares"]
        assert [s["framework_name"] for s in found] == [name]


@pytest.mark.parametrize("odd", [{"framework_name": "a/b", "framework_id": None}, {"account": "4 or '5"},
                                 {"region": None}], ids=["framework", "account", "region"])
def test_what_cannot_be_typed_has_no_command(folder, odd):
    made = document([share(condition="held", reason="Declined", **odd)])
    page = Page(render(folder / "odd", made))
    (record,) = [r for table in page.tables("decisions") for r in table.records()]
    assert record["Command that sends it once more"] in ("-", "–", "—")
    assert "sudo auditsharectl reset" not in text_of(page.section("decisions"))


def commands_of(place):
    names = ["Plain name", *HOSTILE[:6], "O'Brien", "tab\there", "ünïcode", "/", "444455556666"]
    made = document([
        share(framework_name=name, framework_id=f"00000000-0000-4000-8000-0000000000{i:02d}",
            condition="held", reason="Declined",
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
        {"Source": "governance", "Account": "111122223333", "Region": "us-east-1",
            "Last looked at": "listed completely"}
    ]


def test_head_of_a_pass_that_failed_or_runs_and_of_an_old_file(folder):
    refused = {"id": "", "started": stamp(NOW - 60), "ended": stamp(NOW - 50), "result": "refused"}
    made = document([share()], mode="observe", next_pass=stamp(NOW - 7200),
                    sources=[{"name": "a", "error": "no route"}], **{"pass": refused})  # fmt: skip
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
        answers = [simulator.accept, simulator.decline, simulator.fail, simulator.revoke]
        for (account, _), act in zip(recipients, answers):
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
    waiting = {key_of(r) for table in page.tables("decisions") for r in table.records()}
    assert waiting == keys(made, "held") | keys(made, "stalled")
    (source,) = [Table(t) for t in page.all("header")[0].iter(HTML + "table")]
    assert [(r["Account"], r["Region"]) for r in source.records()] == [(SENDER, REGION)]


# What others wrote


@pytest.mark.parametrize("page", ["hostile"], indirect=True)
def test_names_stay_text(page):
    for c in page.text:
        assert c == "\n" or not (ord(c) < 32 or 0x7F <= ord(c) < 0xA0), hex(ord(c))
        assert not 0x202A <= ord(c) <= 0x202E and not 0x2060 <= ord(c) <= 0x206F, hex(ord(c))
        assert c not in "\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\ufeff\ufffe\U000e0041"
    shown = {text_of(element) for element in page.all("bdi")}
    assert 'onerror="' not in page.text and "alert('" not in page.text
    assert MARKUP in shown  # as it was written, every character of it
    assert "a\ufffd\ufffd[2J\ufffd\ufffdb\ufffdgnp.exe\ufffdc\ufffdd\ufffde\ufffd\ufffd\ufffd\ufffdf" in shown
    assert "שלום עולם" in shown
    assert max(len(name) for name in shown) <= 301 and "x" * 300 + "…" in shown
    header = text_of(page.all("header")[0])
    assert "<script>" in header and "onerror" in header


WRONG = [1, None, "", [], {}, "\x1b[2J", "2026-99-99T00:00:00Z", True, "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", "9" * 400]


def test_a_status_file_of_wrong_types_is_survived(folder):
    shares = [dict.fromkeys(share(), value) for value in WRONG]
    shares += [share(status="ACTIVE", condition="pending", since=value, expires=value, next_attempt=value)
        for value in WRONG]
    for value in WRONG:
        made = document(shares, sources=value, next_pass=value, mode=value, program=value, **{"pass": value})
        page = Page(render(folder / "wrong", made))
        assert "\x1b" not in page.text
        assert text_of(page.section("glance").find(HTML + "p")).startswith(f"{2 * len(WRONG)} shares of ")


# Colours


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
    others = re.sub(r":root\{.*?\}", "", style, flags=re.S)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", others), "a colour beside the palette"
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
    assert len(pairs) >= 15
    assert {("r-fg", "r-bg"), ("s-fg", "s-bg"), ("soft", "page"), ("bad", "page")} <= pairs
    graphics = {("bar", "page"), ("soon", "page"), ("soon", "window"), ("strong-line", "page")}
    for palette in palettes(style):
        for text, ground in pairs:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        for line, ground in graphics:
            assert contrast(palette[line], palette[ground]) >= 3, (line, ground)


@pytest.mark.parametrize("page", [5], indirect=True)
def test_print_is_light_and_repeats_the_heads_of_tables(page):
    style = page.all("style")[0].text
    found = re.findall(r"@media ([^{]*prefers-color-scheme[^{]*)", style)
    assert found == ["screen and (prefers-color-scheme:dark)"]
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
    limits = {5: 30_000, 500: 200_000, 10000: 3_000_000, "sparse": 5_000_000}
    assert all(sizes[name] < limit for name, limit in limits.items()), sizes


def test_the_worst_of_ten_thousand_shares(folder):
    """Names as long as AWS lets them be, and none of them answered."""
    made = status_files.generated(20, 100, 5)
    for s in made["shares"]:
        s.update(framework_name=s["framework_name"] + "名" * 280, condition="held", reason="Declined",
            status="DECLINED",
                 error="e" * 500)  # fmt: skip
    assert len(render(folder / "worst", made).encode()) < 5_500_000


def test_lists_have_a_limit_and_say_so(folder):
    made = document([
        share(framework_id=f"00000000-0000-4000-8000-{i:012d}", status="ACTIVE", condition="pending",
            reason="AwaitingRecipient",
              since=stamp(NOW - i)) for i in range(2345)
    ])  # fmt: skip
    page = Page(render(folder / "limit", made))
    assert sum(len(table.records()) for table in page.tables("waiting")) == 2000
    text = text_of(page.section("waiting"))
    assert "345 more are not listed here: auditsharectl status has them all." in text


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
    done = subprocess.run([CTL, "report", "--output", "new.html"], cwd=tmp_path, env=environment,
        timeout=TIMEOUT, check=False)
    assert done.returncode == 0 and (tmp_path / "new.html").read_text().endswith("</html>\n")
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")
    assert make(tmp_path / "run", None, "--output", str(tmp_path / "link.html")).returncode == 0
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_text().endswith("</html>\n")


def test_what_is_no_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    before = {path.name: path.stat().st_mode for path in tmp_path.iterdir()}
    for name, message in {
        "pipe": "no regular file", "socket": "no regular file",
        "folder": "Is a directory", "none/x": "No such file",
    }.items():  # fmt: skip
        done = make(tmp_path / "run", MADE[5](), "--output", str(tmp_path / name))
        assert done.returncode == 1 and message in done.stderr.decode() and done.stderr.count(b"\n") == 1
    after = {path.name: path.stat().st_mode for path in tmp_path.iterdir() if path.name != "run"}
    assert after == before


def test_a_disk_that_is_full(tmp_path):
    status_files.write(tmp_path / "run", MADE[500]())
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "run"), "PATH": os.environ["PATH"]}
    with open("/dev/full", "wb") as full:
        done = subprocess.run([CTL, "report"], env=environment, stdout=full, stderr=subprocess.PIPE,
            timeout=TIMEOUT, check=False)
    assert done.returncode == 1 and b"No space left on device" in done.stderr
    (tmp_path / "page.html").write_text("old")
    limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$0" "$@"', CTL, "report", "--output",
        str(tmp_path / "page.html")]
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
    done = subprocess.run([CTL, "report", *arguments], cwd=tmp_path,
        env={"RUNTIME_DIRECTORY": str(tmp_path / "run")},
                          stdin=slave, stdout=slave, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT,
                          check=False)  # fmt: skip
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
