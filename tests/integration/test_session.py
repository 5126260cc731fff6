# SPDX-License-Identifier: Apache-2.0
"""The README shows what the programs say today: `make session` writes it anew."""

import pathlib
import re
import sys
from xml.etree import ElementTree

import pytest

from daemon import BUILD

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "demo"))
import session  # noqa: E402

# What a second more or less makes of a time, and of where a line ends.
VOLATILE = re.compile(r"\b(?:\d+s ago|now|\d+ms)\b *")


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    return session.session(BUILD, tmp_path_factory.mktemp("session"))


def steady(text):
    return re.sub(r"\s+", "", VOLATILE.sub("", text))


def test_readme(screen):
    assert steady(session.readme_block()) == steady(session.as_text(screen))


def words_of(picture):
    return "".join(ElementTree.fromstring(picture).itertext()).replace("\u00a0", " ")


def test_picture(screen):
    words = words_of(session.PICTURE.read_text(encoding="utf-8"))
    assert steady(words) == steady(words_of(session.as_svg(screen)))
    assert "auditsharectl plan" in words and "resend: expires" in words
