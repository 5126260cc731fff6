# SPDX-License-Identifier: Apache-2.0

"""
Completion: what the program offers, and what becomes of it at the prompt of a real bash and a real zsh

The program's own help says what there is to offer. A shell is one at a pty, where "auditsharectl" is a
function that shows its arguments, so that a test sees what the program would have got of what was typed.
"""

import codecs
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "packaging" / "completion"
BUILD = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", "build")).resolve()
CTL = str(BUILD / "auditsharectl")
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
TIMEOUT = 30
CANDIDATES_MAX = 300

BASELINE = "Group baseline 2026"
ODD = "ISO: 27001's \"a\" $HOME"
SIGNS = "Zürich `x` (*) [a]{b,c} & <d> | ; # ? = @ % ^ 'e' $(f)"
BASELINE_ID = "11111111-1111-4222-8333-444455556666"
ODD_ID = "22222222-1111-4222-8333-444455556666"


def environment(tmp_path):
    env = {
        "PATH": f"{BUILD}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "RUNTIME_DIRECTORY": str(tmp_path / "run"),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
    }
    env.update({name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ})
    return env


def share(name=BASELINE, account="444455556666", region="eu-west-2", id=BASELINE_ID, source="governance"):
    return {"source": source, "framework_id": id, "framework_name": name, "account": account,
            "region": region}  # fmt: skip


SHARES = [
    share(region="eu-west-1"),
    share(),
    share(account="777788889999"),
    share(ODD, id=ODD_ID),
]


def write_status(tmp_path, shares, text=None):
    run = tmp_path / "run"
    run.mkdir(exist_ok=True)
    if text is None:
        text = json.dumps({"version": 1, "sources": [], "shares": shares})
    (run / "status.json").write_bytes(text if isinstance(text, bytes) else text.encode())


class Program:
    def __init__(self, tmp_path):
        self.tmp_path = tmp_path

    def complete(self, *words):
        """The candidates with what they are, and the directive."""
        done = subprocess.run([CTL, "__complete", *words], env=environment(self.tmp_path),
                              capture_output=True, cwd=self.tmp_path, timeout=TIMEOUT)  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode()
        assert text.endswith("\n")
        lines = text.split("\n")[:-1]
        assert len(lines) <= CANDIDATES_MAX + 1
        for line in lines:
            assert line.replace("\t", "", 1).isprintable(), line
        candidates = dict(line.split("\t") for line in lines[:-1])
        assert len(candidates) == len(lines) - 1
        return candidates, lines[-1]

    def offered(self, *words):
        candidates, directive = self.complete(*words)
        return list(candidates), directive


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


# --- what the help says -------------------------------------------------------------------------------------

def help_of(*verb):
    return subprocess.run([CTL, *verb, "--help"], capture_output=True, text=True, check=True, timeout=TIMEOUT,
                          env={"PATH": os.environ["PATH"]}).stdout


def section(text, title):
    return text.split(f"\n{title}:\n")[1].split("\n\n")[0].splitlines()


def help_verbs():
    return {line.split()[0]: line for line in section(help_of(), "Verbs")}


def help_options(*verb):
    """{"--name": (argument or "", help)}"""
    found = [re.fullmatch(r"  (?:-\w|  ) (--[a-z-]+)(?: ([A-Z]+))? +(\S.*)", line)
             for line in section(help_of(*verb), "Options")]
    return {match[1]: (match[2] or "", match[3]) for match in found}


def help_arguments(verb):
    first = help_of(verb).splitlines()[0]
    assert first.startswith(f"auditsharectl {verb} [OPTIONS...]")
    return first.split("[OPTIONS...]")[1].split()


VERBS = list(help_verbs())
OPTIONS = [(verb, option) for verb in VERBS for option in help_options(verb)]


def test_the_help_has_verbs_and_options():
    assert {"check", "plan", "apply", "status", "list", "doctor"} <= set(VERBS)
    known = {("plan", "--detailed-exitcode"), ("apply", "--allow-writes"), ("status", "--watch")}
    assert known <= set(OPTIONS)


def test_every_verb_is_offered_with_its_help(program):
    candidates, directive = program.complete("")
    assert (list(candidates), directive) == (VERBS, ":none")
    for verb, line in help_verbs().items():
        assert candidates[verb] and line.endswith(" " + candidates[verb])
    assert program.complete() == (candidates, directive)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_completed_from_its_beginning_behind_options_too(program, verb):
    for before in [], ["--settings", "x"], ["--settings=x", "--shares", "a", "--shares=b"], ["--no-pager"]:
        for beginning in verb[:1], verb[:2], verb:
            expected = [each for each in VERBS if each.startswith(beginning)]
            assert program.offered(*before, beginning) == (expected, ":none")


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_verb_is_offered_with_its_help(program, verb):
    expected = {option: text for option, (_, text) in help_options(verb).items()}
    for typed in "-", "--":
        assert program.complete(verb, typed) == (expected, ":none")
    for option in expected:
        beginning = option[:4]
        fitting = [each for each in expected if each.startswith(beginning)]
        assert program.offered(verb, beginning) == (fitting, ":none")


def test_before_the_verb_there_are_the_options_of_all_verbs(program):
    everywhere = [option for option in help_options() if all((verb, option) in OPTIONS for verb in VERBS)]
    assert "--settings" in everywhere and "--watch" not in everywhere
    assert program.offered("--") == (everywhere, ":none")


@pytest.mark.parametrize("verb, option", OPTIONS)
def test_an_option_is_offered_once_but_shares_again(program, verb, option):
    given = [option, "x"] if help_options(verb)[option][0] else [option]
    for before in [*given, verb], [verb, *given]:
        assert (option in program.offered(*before, "--")[0]) == (option == "--shares")


@pytest.mark.parametrize("verb, option", OPTIONS)
def test_the_value_of_an_option(program, verb, option):
    write_status(program.tmp_path, SHARES)
    argument = help_options(verb)[option][0]
    expected = ":files" if argument in ("FILE", "PATH") else ":none"
    if argument not in ("FILTER", "SHARE"):
        assert program.offered(verb, option + "=") == ([], expected)
    if argument and argument not in ("FILTER", "SHARE"):
        assert program.offered(verb, option, "") == ([], expected)
        assert program.offered(verb, option, "--") == ([], expected)


@pytest.mark.parametrize("verb", VERBS)
def test_the_arguments_of_a_verb(program, verb):
    write_status(program.tmp_path, SHARES)
    arguments = help_arguments(verb)
    for i, argument in enumerate(arguments):
        if argument.strip("[].") in ("FILTER", "SHARE"):
            assert program.offered(verb, *["x"] * i, "Gr") == ([BASELINE], ":more")
        elif argument.strip("[].") in ("FILE", "PATH"):
            assert program.offered(verb, *["x"] * i, "") == ([], ":files")
    if not any("..." in argument for argument in arguments):
        for typed in "", "G", "444455556666":
            assert program.offered(verb, *["x"] * len(arguments), typed) == ([], ":none")


LINES = {
    "an option before its verb counts": (["--json", "status", "--js"], [], ":none"),
    "-h is --help": (["status", "-h", "--he"], [], ":none"),
    "a shortened option": (["--sett", "x", "pl"], ["plan"], ":none"),
    "a shortened option with =": (["plan", "--sett="], [], ":files"),
    "two options begin like this": (["plan", "--s="], [], ":none"),
    "an option nobody has": (["--nonsense", "pl"], ["plan"], ":none"),
    "a value that looks like a verb": (["--settings", "plan", "st"], ["status"], ":none"),
    "a value that looks like the end": (["--settings", "--", "--sha"], ["--shares"], ":none"),
    "no options behind --": (["status", "--", "--"], [], ":share"),
    "a verb behind --": (["--", "pl"], ["plan"], ":none"),
    "a share behind --": (["status", "--", "Gr"], [BASELINE], ":more"),
    "no such verb": (["destroy", ""], [], ":none"),
    "no such verb, option": (["destroy", "--"], [], ":none"),
    "no value where none is wanted": (["plan", "--json="], [], ":none"),
    "the verb again": (["plan", "pl"], [], ":none"),
    "empty word as a verb": (["", ""], [], ":none"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_read_as_the_program_reads_it(program, name):
    words, candidates, directive = LINES[name]
    write_status(program.tmp_path, SHARES)
    if words[-1] == "--" and words[0] == "destroy":
        assert program.complete(*words)[1] == directive
    else:
        assert program.offered(*words) == (candidates, directive)


def test_the_hidden_word_stays_hidden():
    assert "__complete" not in help_of()


def test_it_is_silent_when_nobody_reads():
    for out in "/dev/full", "/dev/null":
        with open(out, "w") as file:
            done = subprocess.run([CTL, "__complete", ""], stdout=file, stderr=subprocess.PIPE,
                                  timeout=TIMEOUT)  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")


# --- shares -------------------------------------------------------------------------------------------------

PARTS = {
    "": ([BASELINE, ODD], ":more"),
    "Group": ([BASELINE], ":more"),
    BASELINE: ([BASELINE + "/444455556666", BASELINE + "/777788889999"], ":more"),
    BASELINE + "/": ([BASELINE + "/444455556666", BASELINE + "/777788889999"], ":more"),
    BASELINE + "/4": ([BASELINE + "/444455556666"], ":more"),
    BASELINE + "/444455556666/": (
        [BASELINE + "/444455556666/eu-west-1", BASELINE + "/444455556666/eu-west-2"], ":share"),
    BASELINE + "/777788889999": ([BASELINE + "/777788889999/eu-west-2"], ":share"),
    BASELINE + "/777788889999/eu-west-2": ([BASELINE + "/777788889999/eu-west-2"], ":share"),
    BASELINE + "/777788889999/eu-west-2/": ([], ":share"),
    ODD + "/": ([ODD + "/444455556666"], ":more"),
    "2": ([ODD_ID], ":more"),
    ODD_ID + "/": ([ODD_ID + "/444455556666"], ":more"),
    "gov": ([], ":share"),
    "governance/I": (["governance/" + ODD], ":more"),
    "governance/1": (["governance/" + BASELINE_ID], ":more"),
    "Nothing": ([], ":share"),
    "/": ([], ":share"),
}  # fmt: skip


@pytest.mark.parametrize("typed", PARTS)
def test_a_share_comes_part_by_part(program, typed):
    write_status(program.tmp_path, SHARES)
    assert program.offered("status", typed) == PARTS[typed]


def test_it_is_said_how_many_shares_there_are(program):
    write_status(program.tmp_path, SHARES)
    assert program.complete("status", "")[0] == {BASELINE: "3 shares", ODD: "1 share"}


def test_several_sources_come_first(program):
    write_status(program.tmp_path, [*SHARES, share(source="research")])
    assert program.offered("status", "") == (["governance/", "research/"], ":more")
    assert program.offered("status", "re") == (["research/"], ":more")
    assert program.offered("status", "research") == (["research/"], ":more")
    assert program.offered("status", "research/") == (["research/" + BASELINE], ":more")
    accounts = [f"research/{BASELINE}/444455556666"]
    assert program.offered("status", f"research/{BASELINE}/") == (accounts, ":more")
    assert program.offered("status", "G") == ([BASELINE], ":more")  # of whichever source


def test_a_framework_goes_by_its_id_where_its_name_cannot_be_typed(program):
    for name in ("ISO/IEC 27001", "444455556666", "--json", "-x", "", None, 7, "a\tb", "a\nb", "\x1b[2Jx",
                 "x\x9by", "x\u2028y", "x" * 2000):  # fmt: skip
        write_status(program.tmp_path, [share(name)])
        assert program.offered("status", "") == ([BASELINE_ID], ":more"), name


def test_what_is_offered_is_a_filter(program):
    """Every word that is offered for a share, and does not end in a source's slash, status takes."""
    write_status(program.tmp_path, [*SHARES, share("ISO/IEC 27001", id=ODD_ID[:-1] + "7", source="research")])
    todo, seen = [""], set()
    while todo:
        typed = todo.pop()
        for word in program.offered("status", typed)[0]:
            if word in seen:
                continue
            seen.add(word)
            todo.append(word)
            if not word.endswith("/"):
                done = subprocess.run([CTL, "status", word], env=environment(program.tmp_path),
                                      capture_output=True, text=True, timeout=TIMEOUT)  # fmt: skip
                assert done.returncode == 0, (word, done)
    assert {"research/", f"governance/{ODD}/444455556666/eu-west-2"} <= seen and len(seen) > 10


def many_shares(n=10000):
    return [share(BASELINE if i % 3 else ODD, str(700000000000 + i * 7919 % 10**6), f"eu-west-{1 + i % 2}",
                  BASELINE_ID if i % 3 else ODD_ID) for i in range(n)]  # fmt: skip


def test_a_person_gets_through_ten_thousand_shares(program):
    shares = many_shares()
    write_status(program.tmp_path, shares)
    for wanted in shares[0], shares[1], shares[4999], shares[-1]:
        target = "/".join([wanted["framework_name"], wanted["account"], wanted["region"]])
        typed, steps = "", 0
        while typed != target:
            words, directive = program.offered("status", typed)
            fitting = [word for word in words if target.startswith(word)]
            assert len(fitting) == 1 and len(fitting[0]) > len(typed), (typed, words)
            typed, steps = fitting[0], steps + 1
        assert directive == ":share" and steps <= 5


def test_what_many_have_in_common_is_no_more_than_they_have(program):
    """A shell inserts it; were some left out, the rest could not be reached any more."""
    shares = many_shares()
    write_status(program.tmp_path, shares)
    accounts = [s["account"] for s in shares if s["framework_name"] == BASELINE]
    words, directive = program.offered("status", BASELINE + "/")
    assert directive == ":more" and len(words) > 10
    assert os.path.commonprefix(words) == f"{BASELINE}/{os.path.commonprefix(accounts)}"
    for account in accounts:
        assert sum(f"{BASELINE}/{account}".startswith(word) for word in words) == 1


def test_many_names_that_differ_in_their_first_character(program):
    write_status(program.tmp_path, [share(chr(0x4e00 + i)) for i in range(1000)])
    words, directive = program.offered("status", "")
    assert len(words) == CANDIDATES_MAX and directive == ":more"


# --- hostile status files -----------------------------------------------------------------------------------

HOSTILE = {
    "empty": "",
    "no JSON": "shares",
    "a list": "[]",
    "cut short": json.dumps({"version": 1, "sources": [], "shares": SHARES})[:-20],
    "more behind it": json.dumps({"version": 1, "shares": SHARES}) + "x",
    "a later version": json.dumps({"version": 2, "shares": SHARES}),
    "no shares": json.dumps({"version": 1}),
    "shares are no list": json.dumps({"version": 1, "shares": {"a": 1}}),
    "a share is no object": json.dumps({"version": 1, "shares": [*SHARES, 7]}),
    "not UTF-8": json.dumps({"version": 1, "shares": [share("x")]}).encode().replace(b'"x"', b'"\xff"'),
    "nested": '{"version": 1, "a": ' + "[" * 100000,
    "types": json.dumps({"version": 1, "shares": [dict.fromkeys(share(), x) for x in (1, [], {}, None)]}),
    "ids that are none": json.dumps(
        {"version": 1, "shares": [share(name="a\nb", id="x\x1b[2J"), share(None, id="a b")]}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_of_a_hostile_file_nothing_is_offered(program, name):
    write_status(program.tmp_path, [], HOSTILE[name])
    for typed in "", "G", BASELINE + "/":
        candidates, directive = program.offered("status", typed)
        assert candidates == [] and directive in (":none", ":share")


def test_no_file_a_fifo_a_folder_a_huge_file(program):
    path = program.tmp_path / "run" / "status.json"
    assert program.offered("status", "") == ([], ":none")
    path.parent.mkdir()
    os.mkfifo(path)
    assert program.offered("status", "") == ([], ":none")
    path.unlink()
    path.mkdir()
    assert program.offered("status", "") == ([], ":none")
    path.rmdir()
    write_status(program.tmp_path, SHARES)
    assert program.offered("status", "G") == ([BASELINE], ":more")
    with open(path, "ab") as file:
        file.write(b" " * (32 * 1024 * 1024))
    assert program.offered("status", "G") == ([], ":none")


def test_a_part_that_cannot_be_shown_ends_the_share(program):
    write_status(program.tmp_path, [
        share("A", region="eu\x1b[2J"), share("B", account="4444\n5555"),
        share("C", region="a/b", source="s\tt"), share("D", source="a/b")])  # fmt: skip
    assert program.offered("status", "A/") == (["A/444455556666"], ":share")
    assert program.offered("status", "B") == (["B"], ":share")
    assert program.offered("status", "C/") == (["C/444455556666"], ":share")
    assert program.offered("status", "a/") == ([], ":share")


# --- shells -------------------------------------------------------------------------------------------------

BASH_RC = """
PS1='> '
bind 'set bell-style none' 'set completion-query-items 0' 'set page-completions off'
bind 'set enable-bracketed-paste off'
auditsharectl() { printf '\\n{{'; printf '%s\\037' "$@"; printf '}}\\n'; }
show() { printf '\\n{{%s}}\\n' "$READLINE_LINE"; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\\C-x\\C-p": show'
cd "$HOME/files"
"""

ZSH_RC = """
PS1='> '
setopt no_beep no_list_beep
LISTMAX=1000
fpath=("$SCRIPTS" $fpath)
autoload -Uz compinit && compinit -D -u
auditsharectl() { printf '\\n{{'; printf '%s\\037' "$@"; printf '}}\\n' }
show() { printf '\\n{{%s}}\\n' "$BUFFER"; BUFFER=; zle reset-prompt }
zle -N show
bindkey -e
bindkey '^X^P' show
cd "$HOME/files"
"""


class Shell:
    """A shell at a pty, with a line that shows where what was typed has led to."""

    def __init__(self, tmp_path, kind):
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "first settings.yaml").touch()
        (tmp_path / "files" / "plan").mkdir()
        env = {**environment(tmp_path), "SCRIPTS": str(SCRIPTS), "ZDOTDIR": str(tmp_path)}
        if kind == "zsh":
            (tmp_path / ".zshrc").write_text(ZSH_RC)
            command = ["zsh", "-d", "-i"]
        else:
            loaded = f". {BASH_COMPLETION} || exit\n" if kind == "bash with bash-completion" else ""
            (tmp_path / "bashrc").write_text(f"{BASH_RC}{loaded}. {SCRIPTS}/auditsharectl.bash || exit\n")
            command = ["bash", "--noprofile", "--rcfile", str(tmp_path / "bashrc"), "-i"]
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env,
                                        start_new_session=True)  # fmt: skip
        os.close(slave)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.output = ""
        self.read("(> )")

    def read(self, pattern):
        """What came up to the pattern, and what it has found."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            match = re.search(pattern, self.output, re.S)
            if match:
                before, self.output = self.output[:match.start()], self.output[match.end():]
                return before, match[1]
            ready = select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]
            assert ready, f"no {pattern} in {self.output!r}"
            self.output += self.decoder.decode(os.read(self.master, 65536)).replace("\r", "")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def show(self, keys):
        """What is listed, and the line as it is after the keys; then it is dropped."""
        self.type(keys + "\x18\x10")
        shown = self.read(r"\{\{(.*?)\}\}")
        self.read("(> )")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", shown[0]), shown[1]

    def run(self, keys):
        """The arguments that the program gets of a line."""
        self.type(keys + "\r")
        arguments = self.read(r"\{\{(.*?)\}\}")[1]
        return arguments.split("\x1f")[:-1]

    def end(self):
        os.close(self.master)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(params=["bash", "bash with bash-completion", "zsh"])
def shell(request, tmp_path):
    write_status(tmp_path, [*SHARES, share(SIGNS), share("~root x")])
    shell = Shell(tmp_path, request.param)
    shell.kind = request.param
    yield shell
    shell.end()


# What is typed, and the arguments that come of it.
TYPED = {
    "a verb": ("pla\t", ["plan"]),
    "a verb that is a folder here": ("pl\t", ["plan"]),
    "a verb behind an option": ("--settings x pl\t--js\t", ["--settings", "x", "plan", "--json"]),
    "an option": ("plan --det\t", ["plan", "--detailed-exitcode"]),
    "a file": ("check --settings fi\t", ["check", "--settings", "first settings.yaml"]),
    "a file behind =": ("check --settings=fi\t", ["check", "--settings=first settings.yaml"]),
    "a file, quoted": ("check --settings 'fi\t", ["check", "--settings", "first settings.yaml"]),
    "an option behind a file behind =": ("--settings=fi\tch\t", ["--settings=first settings.yaml", "check"]),
    "a name": ("status Gr\t", ["status", BASELINE]),
    "a name, quoted": ("status 'Gr\t'", ["status", BASELINE]),
    "a name, double quoted": ('status "Gr\t"', ["status", BASELINE]),
    "the rest of a name": ("status Group\\ b\t", ["status", BASELINE]),
    "the rest of a quoted name": ("status 'Group b\t'", ["status", BASELINE]),
    "an account": ("status Gr\t/7\t", ["status", BASELINE + "/777788889999"]),
    "an account, quoted": ("status 'Gr\t/7\t'", ["status", BASELINE + "/777788889999"]),
    "a share, and an option": (
        "status Gr\t/7\t/\t --js\t", ["status", BASELINE + "/777788889999/eu-west-2", "--json"]),
    "a share, quoted": ("status 'Gr\t/7\t/\t", ["status", BASELINE + "/777788889999/eu-west-2"]),
    "a share, double quoted": ('status "Gr\t/7\t/\t', ["status", BASELINE + "/777788889999/eu-west-2"]),
    "an odd name": ("status IS\t", ["status", ODD]),
    "an odd name, from behind its colon": ("status ISO:\t", ["status", ODD]),
    "an odd name, from behind a quoted colon": ("status ISO\\:\\ 2\t", ["status", ODD]),
    "an odd name, double quoted": ('status "ISO: \t"', ["status", ODD]),
    "the account of an odd name": ("status IS\t/\t", ["status", ODD + "/444455556666"]),
    "signs that a shell reads": ("status Z\t", ["status", SIGNS]),
    "signs that a shell reads, quoted": ("status 'Z\t'", ["status", SIGNS]),
    "signs that a shell reads, double quoted": ('status "Z\t"', ["status", SIGNS]),
    "the account behind signs": ("status Z\t/\t", ["status", SIGNS + "/444455556666"]),
    "the account behind signs, double quoted": ('status "Z\t/\t"', ["status", SIGNS + "/444455556666"]),
    "a home": ("status \\~\t/\t", ["status", "~root x/444455556666"]),
    "in the middle of a line": ("pla x\x02\x02\t", ["plan", "x"]),
    "nothing for a number": ("apply --allow-writes \t", ["apply", "--allow-writes"]),
    "nothing where nothing fits": ("plan fi\t", ["plan", "fi"]),
}  # fmt: skip


# zsh goes on within a quote that is closed, whatever is completed; bash takes the word as one.
TYPED_IN_BASH = {
    "behind a closed quote": ("status 'Gr'\t/7\t", ["status", BASELINE + "/777788889999"]),
    "half in quotes": ("status 'Group b'a\t", ["status", BASELINE]),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_reaches_the_program(shell, name):
    keys, arguments = TYPED[name]
    assert shell.run("auditsharectl " + keys) == arguments


@pytest.mark.parametrize("name", TYPED_IN_BASH)
@pytest.mark.parametrize("shell", ["bash", "bash with bash-completion"], indirect=True)
def test_bash_takes_a_word_of_several_quotes(shell, name):
    keys, arguments = TYPED_IN_BASH[name]
    assert shell.run("auditsharectl " + keys) == arguments


def test_a_shell_lists_what_there_is(shell):
    tabs = "\t" if shell.kind == "zsh" else "\t\t"
    listed, line = shell.show("auditsharectl " + tabs)
    assert line == "auditsharectl "
    for verb in VERBS:
        assert re.search(rf"\b{verb}\b", listed), listed
    listed, line = shell.show("auditsharectl status --" + tabs)
    assert "--watch" in listed and "--json" in listed and "--allow-writes" not in listed
    listed, line = shell.show("auditsharectl status Gr\t/" + tabs)
    assert "444455556666" in listed and "777788889999" in listed and "eu-west" not in listed
    assert line == "auditsharectl status Group\\ baseline\\ 2026/"
    if shell.kind == "zsh":
        assert "2 shares" in listed and "Observe, and show" in shell.show("auditsharectl \t")[0]


def test_a_space_follows_what_is_whole_and_nothing_else(shell):
    assert shell.show("auditsharectl pla\t")[1] == "auditsharectl plan "
    assert shell.show("auditsharectl status Gr\t")[1] == "auditsharectl status Group\\ baseline\\ 2026"
    assert shell.show("auditsharectl status 'Gr\t")[1] == "auditsharectl status 'Group baseline 2026"
    assert shell.show("auditsharectl status 'Gr\t/7\t/\t")[1] == \
        "auditsharectl status 'Group baseline 2026/777788889999/eu-west-2' "


def test_a_redirection_is_to_a_file(shell):
    assert "first" in shell.show("auditsharectl plan > fi\t")[1]


def test_without_the_program_nothing_is_said(shell):
    shell.type("PATH=/nonexistent; auditsharectl x\r")
    shell.read("({{x\x1f}})")
    listed, line = shell.show("auditsharectl pla\t")
    assert line == "auditsharectl pla" and "not found" not in listed and "No such" not in listed
