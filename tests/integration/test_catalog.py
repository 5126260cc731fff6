# SPDX-License-Identifier: Apache-2.0
"""Every event has an entry in the catalog, and every entry an event."""

import pathlib
import re

from daemon import EVENTS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_ids_agree():
    source = (ROOT / "daemon/record/journal.c").read_text()
    catalog = (ROOT / "systemd/auditshared.catalog").read_text()
    in_source = set(re.findall(r'"([0-9a-f]{32})"', source))
    in_catalog = re.findall(r"^-- ([0-9a-f]{32})$", catalog, re.M)
    assert len(in_catalog) == len(set(in_catalog))
    assert in_source == set(in_catalog) == set(EVENTS.values())


def test_each_entry_has_subject_and_text():
    catalog = (ROOT / "systemd/auditshared.catalog").read_text()
    for entry in re.split(r"^-- ", catalog, flags=re.M)[1:]:
        head, _, text = entry.partition("\n\n")
        assert "\nSubject: " in head and "\nDefined-By: auditshared" in head and len(text.strip()) > 40, entry
