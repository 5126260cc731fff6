# SPDX-License-Identifier: Apache-2.0
"""The README names what there is: commands and options, files, metrics, message ids, and messages word by word."""

import pathlib
import re
import subprocess

import pytest

from daemon import CTL

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted((TOP / "daemon").rglob("*.c")))


def help_of(*words):
    return subprocess.run([CTL, *words, "--help"], capture_output=True, text=True, check=True).stdout


VERBS = re.findall(r"^  ([a-z]+) ", help_of().partition("Verbs:")[2].partition("Options:")[0], re.M)


def section(heading):
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## )", README, re.M | re.S)
    assert found, heading
    return found[1]


def test_every_verb_is_named_and_no_other():
    named = set(re.findall(r"\bauditsharectl ([a-z]+)\b", README))
    assert named - {"at"} == set(VERBS)
    assert set(re.findall(r"`auditsharectl ([a-z]+)`", section("Commands"))) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_options_are_those_of_the_verb(verb):
    """Up to the end of the command: a quote, a pipe, a bracket or the line."""
    known = set(re.findall(r"--[a-z-]+", help_of(verb)))
    for command in re.findall(rf"\bauditsharectl {verb}\b([^`|&()\n]*)", README):
        assert set(re.findall(r"--[a-z][a-z-]+", command)) <= known, command


def test_metrics_exist():
    named = set(re.findall(r"\bauditshared_[a-z_]+(?=[{})` ])", README)) - {"auditshared_"}
    assert named and all(f'"{name}' in SOURCES for name in named), named


def test_message_ids_exist():
    catalog = (TOP / "systemd" / "auditshared.catalog").read_text(encoding="utf-8")
    named = re.findall(r"\b[0-9a-f]{32}\b", README)
    assert named and all(f"-- {name}\n" in catalog for name in named)


def test_files_of_the_tree_exist():
    named = set(re.findall(r"(?:`|\()((?:config|packaging|tests|systemd)/[\w./*-]+)(?:`|\))", README))
    assert len(named) > 5
    for name in named:
        assert list(TOP.glob(name.rstrip("/"))), name


def test_targets_of_make_exist():
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.M) or re.search(rf"^[a-z ]*\b{target}\b[a-z ]*:", makefile, re.M), target


def test_quoted_messages_are_the_programs_own():
    """Between two quotes, an ellipsis stands for what differs."""
    literals = re.sub(r'"\s*\n\s*"', "", SOURCES)
    quoted = re.findall(r'^\| [^|"\n]*"([^"\n]+)"', section("Troubleshooting by symptom"), re.M)
    assert len(quoted) >= 5
    for message in quoted:
        for part in filter(None, (part.strip(" .,()") for part in message.split("…"))):
            assert part in literals, message


def test_journal_fields_exist():
    for field in set(re.findall(r"\bjournalctl (?:-\S+ )*([A-Z_]+)=", README)):
        assert f'"{field}' in SOURCES, field


def test_tests_that_are_named_exist():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", README)
    assert len(named) > 10
    for file, name in named:
        [path] = [path for path in (TOP / "tests").rglob(file)]
        assert re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.M), (file, name)
