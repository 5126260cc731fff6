# SPDX-License-Identifier: Apache-2.0

"""The man pages say what the programs do: nothing is missing, and nothing is promised.

What there is comes from the programs' own help, from the JSON Schemas, from the catalog and from the sources;
what a page says from its source, which is man(7): sections, and the tags of its tagged paragraphs.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", TOP / "build")).resolve()
MAN = TOP / "packaging" / "man"
PAGES = ["auditshared.8", "auditsharectl.1", "auditshared.yaml.5", "shares.yaml.5"]
SOURCES = {str(path): path.read_text(encoding="utf-8") for path in sorted((TOP / "daemon").rglob("*.[ch]"))}


# --- what the pages say ---


ESCAPES = {r"\&": "", r"\-": "-", r"\(dq": '"', r"\(aq": "'", r"\(ti": "~", r"\e": "\\"}


def unescape(text):
    for escape, meaning in ESCAPES.items():
        text = text.replace(escape, meaning)
    return re.sub(r"\\f[BIRP]", "", text)


def plain(line):
    """A line as a reader sees it: without fonts, which are escapes or macros."""
    macro = re.match(r"\.(BR|RB|BI|IB|IR|RI|B|I|SH|SS)\s+(.*)", line)
    if not macro:
        return unescape(line)
    words = [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', unescape(macro[2]))]
    return ("" if len(macro[1]) == 2 and macro[1] not in ("SH", "SS") else " ").join(words)


class Page:
    def __init__(self, name):
        self.name = name
        self.source = (MAN / name).read_text(encoding="utf-8").replace("\\\n", "")
        self.lines = self.source.splitlines()

    def part(self, heading):
        """The lines of a section or a subsection; a section has those of its subsections."""
        heads = [i for i, line in enumerate(self.lines) if line.startswith((".SH ", ".SS "))]
        found = [i for i in heads if plain(self.lines[i]) == heading]
        assert len(found) == 1, f"{self.name}: {heading}"
        begin = found[0]
        ends = (".SH",) if self.lines[begin].startswith(".SH") else (".SH", ".SS")
        rest = self.lines[begin + 1 :]
        end = next((i for i, line in enumerate(rest) if line.startswith(ends)), len(rest))
        return rest[:end]

    def text(self, heading):
        return " ".join(plain(line) for line in self.part(heading))

    def tags(self, heading):
        part = self.part(heading)
        found = [plain(part[i + 1]) for i, line in enumerate(part) if line == ".TP"]
        assert len(found) == len(set(found)), f"{self.name}: a tag of {heading} is there twice"
        return found

    def words(self, heading):
        """The words of tags that name several things with a comma between."""
        found = [word for tag in self.tags(heading) for word in tag.split(", ")]
        assert len(found) == len(set(found)), f"{self.name}: a word of {heading} is there twice"
        return set(found)

    def paragraph(self, heading, tag):
        """What stands behind a tag, up to the next paragraph."""
        part = self.part(heading)
        begin = next(i for i in range(1, len(part)) if part[i - 1] == ".TP" and plain(part[i]) == tag) + 1
        end = next((i for i in range(begin, len(part)) if part[i] in (".TP", ".PP")), len(part))
        return " ".join(plain(line) for line in part[begin:end])


# --- what there is ---


def run(*command, **environment):
    return subprocess.run(
        command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def help_of(program, *arguments):
    done = run(BUILD / program, *arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def options_of(text):
    """Each option with its argument, as in "--settings FILE"."""
    found = re.findall(r"^ +(?:-h +)?(--[a-z-]+(?: [A-Z]+)?)  ", text, re.M)
    assert len(found) >= 3, text
    return set(found)


def verbs():
    block = re.search(r"^Verbs:\n((?: .*\n)+)", help_of("auditsharectl"), re.M)[1]
    return [line.split()[0] for line in block.splitlines()]


def in_sources(pattern, text=None):
    texts = SOURCES.values() if text is None else [text]
    return {name for each in texts for name in re.findall(pattern, each)}


def source(name):
    return SOURCES[str(TOP / "daemon" / name)]


def schema_of(kind):
    return json.loads((TOP / "config" / f"{kind}.schema.json").read_text(encoding="utf-8"))


# --- the pages themselves ---


def test_all_pages_are_held():
    assert sorted(path.name for path in MAN.iterdir()) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_head(name):
    title, _, section = name.rpartition(".")
    page = Page(name)
    assert re.search(rf"^\.TH {re.escape(title.upper())} {section} \d{{4}}-\d\d-\d\d ", page.source, re.M)
    assert page.text("NAME").startswith(f"{title} - ")


@pytest.mark.parametrize("name", PAGES)
def test_lint(name):
    done = run("mandoc", "-T", "lint", MAN / name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PAGES)
def test_man_has_no_warnings(name):
    settings = {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
    done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", MAN / name, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_pages_that_are_pointed_at_exist():
    ours = {f"{name.rpartition('.')[0]}({name.rpartition('.')[2]})" for name in PAGES}
    for name in PAGES:
        named = set(re.findall(r"[a-z.]+\(\d\)", Page(name).text("SEE ALSO")))
        assert {page for page in named if page.startswith(("audit", "shares"))} == ours - {
            f"{name.rpartition('.')[0]}({name.rpartition('.')[2]})"
        }
    files = [path for folder in ("systemd", "config") for path in (TOP / folder).rglob("*") if path.is_file()]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\b(?:auditshare[a-z]*|shares)(?:\.yaml)?\(\d\)", text)) <= ours, path


# --- auditshared(8) ---


def without_short(tags):
    return {tag.removeprefix("-h, ") for tag in tags}


def test_options_of_the_service():
    page, options = Page("auditshared.8"), options_of(help_of("auditshared"))
    assert without_short(page.tags("OPTIONS")) == options
    assert set(re.findall(r"--[a-z-]+(?: [A-Z]+)?", page.text("SYNOPSIS"))) == options


def test_signals():
    caught = in_sources(r"\{ (SIG[A-Z0-9]+), on_", source("manager.c"))
    assert Page("auditshared.8").words("SIGNALS") == caught


def test_exit_statuses():
    service = in_sources(r"#define EXIT_\w+ +(\d+)", source("auditshared.c")) | {"0", "1"}
    assert "EX_CONFIG" in source("auditshared.c")
    assert Page("auditshared.8").words("EXIT STATUS") == service | {str(os.EX_CONFIG)}
    verb_statuses = in_sources(
        r"#define EXIT_\w+ +(\d+)", "".join(text for path, text in SOURCES.items() if "/ctl/" in path))
    assert {"2", "3", "4"} <= verb_statuses
    assert Page("auditsharectl.1").words("EXIT STATUS") == verb_statuses | {"0", "1"}


def catalog():
    """Each MESSAGE_ID with its subject."""
    text = (TOP / "systemd" / "auditshared.catalog").read_text(encoding="utf-8")
    found = dict(re.findall(r"^-- ([0-9a-f]{32})\nSubject: (.*)$", text, re.M))
    assert len(found) == len(re.findall(r"^-- ", text, re.M))
    return found


def test_message_ids():
    page = Page("auditshared.8")
    assert page.words("MESSAGE IDS") == set(catalog())
    assert set(re.findall(r"\b[0-9a-f]{32}\b", page.source)) == set(catalog())
    for message_id, subject in catalog().items():
        assert page.paragraph("MESSAGE IDS", message_id).startswith(f"{subject} ("), message_id


LEVELS = {"ERROR": "err", "WARNING": "warning", "NOTICE": "notice", "INFO": "info"}


def priorities():
    """The words for the levels that each MESSAGE_ID is sent with."""
    applied = re.search(r"\bapplied_event\(ActionKind.*?\n\}", source("reconcile/report.c"), re.S)[0]
    levels = {}
    sent = r'((?:EVENT_\w+|applied_event\(\w+\)),\s*[^";]*?LOG_LEVEL_[^"]*)"'
    for text in SOURCES.values():
        for expression in re.findall(sent, text):
            named = applied if expression.startswith("applied_event(") else expression
            for event in re.findall(r"EVENT_\w+", named):
                words = {LEVELS[name] for name in re.findall(r"LOG_LEVEL_(\w+)", expression)}
                levels.setdefault(event, set()).update(words)
    ids = dict(re.findall(r'\[(EVENT_\w+)\] = "([0-9a-f]{32})"', source("record/journal.c")))
    assert set(levels) == set(ids)
    return {ids[event]: words for event, words in levels.items()}


def test_priorities():
    page = Page("auditshared.8")
    for message_id, words in priorities().items():
        told = re.search(r"\(([^)]*)\)", page.paragraph("MESSAGE IDS", message_id))[1]
        assert set(re.findall(r"\b(?:err|warning|notice|info)\b", told)) == words, message_id


def test_journal_fields():
    fields = in_sources(r'journal_add(?:_count)?\(\s*&?\w+,\s*"([A-Z_]+)"')
    # Those of a completed pass are added from a table.
    fields |= in_sources(r'"(PASS_[A-Z]+)"')
    fields -= {"MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER"}
    told = re.findall(r"\b(?:SHARE|AWS|HTTP|PASS)_[A-Z_]+\b", Page("auditshared.8").text("MESSAGE IDS"))
    assert set(told) == fields


def test_metrics():
    told = re.findall(r"\bauditshared_[a-z_]+", Page("auditshared.8").text("FILES"))
    assert set(told) == in_sources(r'"(auditshared_[a-z_]+)[{"]', source("record/metrics.c"))


def test_default_files():
    defaults = in_sources(r'#define CONFIGURATION_\w+ +"([^"]+)"')
    assert len(defaults) == 3
    for name in ("auditshared.8", "auditsharectl.1"):
        for part in ("OPTIONS", "FILES"):
            words = {word.rstrip(".,").removesuffix("/*.yaml") for word in Page(name).text(part).split()}
            assert defaults <= words, (name, part)
    written = in_sources(r'#define (?:MEMORY|STATUS_FILE|METRICS_FILE|CONTROL_SOCKET|LOCK)_NAME +"([^"]+)"')
    assert len(written) == 5
    for name in written:
        assert f"auditshared/{name} " in Page("auditshared.8").text("FILES"), name


# --- environment ---

# What a library asks for because we call it.
ASKED_BY_LIBRARIES = {
    r"\bsd_notifyf?\(": {"NOTIFY_SOCKET"},
    r"\bsd_watchdog_enabled\(": {"WATCHDOG_USEC", "WATCHDOG_PID"},
    r'\bsetlocale\(LC_CTYPE, ""\)': {"LC_ALL", "LC_CTYPE", "LANG"},
    r"\b(?:localtime_r|mktime)\(": {"TZ"},
}


def variables_asked_for():
    asked = in_sources(r'\b(?:getenv|environment_text|environment_is_true)\([^()"]*"(\w+)"')
    asked |= in_sources(r'"((?:https|all|no|HTTPS|ALL|NO)_(?:proxy|PROXY))"')
    # Others pass through tables and constants; but those of journal_add() are fields.
    asked |= in_sources(r'"(AWS_[A-Z0-9][A-Z0-9_]+)"') - in_sources(r'journal_add\(event, "(AWS_\w+)"')
    for call, names in ASKED_BY_LIBRARIES.items():
        if in_sources(call):
            asked |= names
    return asked


def test_every_question_is_understood():
    """A way to ask that is new here would hide variables from the test below."""
    known = r"getenv\(|secure_getenv|environment_text\(|environment_is_true\("
    for path, text in SOURCES.items():
        for line in text.splitlines():
            if not re.search(rf"\b(?:{known})", line) or path.endswith(("environment.c", "environment.h")):
                continue
            argument = re.search(rf"\b(?:{known})(.*)", line)[1]
            is_literal = re.search(r'"\w+"', argument)
            # A constant or a parameter, whose values are full literals elsewhere.
            is_passed_on = re.search(
                r"\b(?:[A-Z]+_[A-Z_]+|TOKEN|variables?(?:\[i\])?|names?(?:\.\w+)?|choices\[i\])\)", argument)
            assert is_literal or is_passed_on, f"{path}: {line}"


def test_environment():
    service, companion = (Page(name).words("ENVIRONMENT") for name in ("auditshared.8", "auditsharectl.1"))
    assert not service & companion
    assert service | companion == variables_asked_for()


# --- auditsharectl(1) ---


def test_verbs():
    page = Page("auditsharectl.1")
    assert [tag.split()[0] for tag in page.tags("COMMANDS")] == verbs()
    for name in PAGES:
        for line in Page(name).lines:
            for word in re.findall(r"\bauditsharectl ([a-z]+)", plain(line)):
                assert word in verbs(), f"{name}: {line}"


def test_arguments_of_verbs():
    for tag in Page("auditsharectl.1").tags("COMMANDS"):
        verb, _, arguments = tag.partition(" ")
        usage = help_of("auditsharectl", verb).splitlines()[0]
        assert usage == f"auditsharectl {verb} [OPTIONS...]" + (f" {arguments}" if arguments else "")


def test_options_of_the_companion():
    told = {}
    for tag in Page("auditsharectl.1").tags("OPTIONS"):
        option, _, words = tag.removeprefix("-h, ").partition(" (")
        told[option] = words.rstrip(")").split(", ") if words else verbs()
    assert set(told) == options_of(help_of("auditsharectl"))
    for verb in verbs():
        expected = {option for option, words in told.items() if verb in words}
        assert options_of(help_of("auditsharectl", verb)) == expected, verb


def test_conditions_and_reasons():
    names = source("model/action.c")
    page = Page("auditsharectl.1")
    assert page.words("CONDITIONS") == in_sources(r'\[CONDITION_\w+\] = "(\w+)"', names)
    told = page.text("CONDITIONS").partition("The reason stands beside")[2].partition(":")[2]
    assert set(re.findall(r"\w+", told)) == in_sources(r'\[REASON_\w+\] = "(\w+)"', names)
    actions = re.search(r"action is one of (.*?)\.", page.text("JSON OUTPUT"))[1]
    assert set(re.findall(r"\w+", actions)) - {"and"} == in_sources(r'\[ACTION_\w+\] = "(\w+)"', names)


# --- the two files ---

OBJECTS = [
    ("auditshared", [], "Top level"),
    ("auditshared", ["$defs", "source"], "A source"),
    ("auditshared", ["properties", "policy"], "policy"),
    ("auditshared", ["properties", "limits"], "limits"),
    ("auditshared", ["properties", "allowed_recipients"], "allowed_recipients"),
    ("shares", [], "Top level"),
    ("shares", ["$defs", "member"], "A member of a group"),
    ("shares", ["$defs", "framework"], "A framework"),
    ("shares", ["$defs", "recipient"], "A recipient"),
    ("shares", ["$defs", "framework", "properties", "policy"], "policy"),
]


def walk(schema, path, *steps):
    for step in [*path, *steps]:
        schema = schema[step]
    return schema


def as_yaml(value):
    return json.dumps(value).strip('"')


def choice_of(schema):
    """A whole number with bounds, or a constant, as a page writes it; None: something else."""
    if schema.get("type") == "integer":
        return f"{schema['minimum']} to {schema['maximum']}"
    return as_yaml(schema["const"]) if "const" in schema else None


@pytest.mark.parametrize("kind,path,heading", OBJECTS, ids=lambda x: x if isinstance(x, str) else "")
def test_keys(kind, path, heading):
    schema = walk(schema_of(kind), path)
    tags = Page(f"{kind}.yaml.5").tags(heading)
    told = dict(tag.split(": ", 1) for tag in tags)
    assert len(told) == len(tags) and set(told) == set(schema["properties"])

    for name, key in schema["properties"].items():
        kind_of_value, _, note = told[name].partition(" (")
        default = f"default {as_yaml(key['default'])})" if "default" in key else ""
        assert note == ("required)" if name in schema.get("required", []) else default), name
        if "enum" in key:
            assert kind_of_value.split(" | ") == key["enum"], name
        choices = [choice_of(part) for part in key.get("anyOf", [key])]
        if all(choices):
            assert kind_of_value.split(" | ") == choices, name
        if key.get("type") == "boolean":
            assert kind_of_value == "true | false", name


def test_every_object_of_the_schemas_is_held():
    def find(schema, path):
        if isinstance(schema, dict):
            if "properties" in schema and schema.get("additionalProperties") is False:
                yield path
            for step, part in schema.items():
                if step not in ("if", "then", "allOf"):
                    yield from find(part, [*path, step])

    for kind in ("auditshared", "shares"):
        found = list(find(schema_of(kind), []))
        assert sorted(found) == sorted(path for of, path, _ in OBJECTS if of == kind)


def test_regions():
    told = re.findall(r"\b[a-z]{2}-[a-z]+-\d\b", Page("auditshared.yaml.5").text("DESCRIPTION"))
    assert sorted(told) == sorted(schema_of("auditshared")["$defs"]["region"]["enum"])


def test_policy_table():
    """Each policy is the knob of a row, and each knob a key of one of the files."""
    rows = Page("auditshared.yaml.5").source.partition(".TS\n")[2].partition(".TE")[0]
    cells = re.findall(r"^(?:T\}|[^\t\n]+\t[^\t\n]+)\t(.*)$", rows, re.M)
    knobs = {knob for cell in cells for knob in cell.split(", ")}
    settings = schema_of("auditshared")["properties"]
    policies = set(settings["policy"]["properties"])
    assert policies <= knobs - {"\\-", "key"} <= policies | set(settings) | {"pin"}
