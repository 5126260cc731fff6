# SPDX-License-Identifier: Apache-2.0

"""auditsharectl report: the history of a page, from journals that are written for the test."""

import os
import subprocess

import pytest

import status_files
from daemon import CTL, EVENTS
from journal_files import write_journal
from report_page import MADE, MARKUP, TIMEOUT, Page, folder, page, render, several_sources, text_of
from simulator import RECIPIENT
from status_files import NOW

__all__ = ["folder", "page"]


def history(folder, entries):
    journal = write_journal(folder / "journal", entries)
    return Page(render(folder / "run", MADE[5](), AUDITSHARED_JOURNAL=journal))


def test_history_newest_first(tmp_path):
    page = history(tmp_path, [
        {"at": NOW - 401 * 86400, "SHARE_STATUS": "SHARED"},
        {"at": NOW - 399 * 86400, "SHARE_STATUS": "ACTIVE"},
        {"at": NOW - 7200, "SHARE_STATUS_OLD": "ACTIVE", "SHARE_STATUS": "DECLINED",
            "_SYSTEMD_UNIT": "x.scope", "_UID": "0"},
        {"at": NOW - 3600, "SHARE_STATUS_OLD": "ACTIVE", "SHARE_STATUS": "SHARED",
            "SHARE_FRAMEWORK_NAME": MARKUP},
        {"at": NOW - 1800, "SHARE_STATUS": "REVOKED", "MESSAGE_ID": EVENTS["held"]},
    ])  # fmt: skip
    (table,) = page.tables("history")
    where = {"Account": RECIPIENT, "Region": "eu-west-2"}
    assert table.records() == [
        {"Time (UTC)": "2026-11-18 10:06", "Framework": MARKUP, **where, "From": "ACTIVE", "To": "SHARED"},
        {"Time (UTC)": "2026-11-18 09:06", "Framework": "Baseline", **where, "From": "ACTIVE",
            "To": "DECLINED"},
        {"Time (UTC)": "2025-10-15 11:06", "Framework": "Baseline", **where, "From": "first seen",
            "To": "ACTIVE"},
    ]


def test_entries_that_others_wrote_do_not_count(tmp_path):
    forged = {"SHARE_STATUS_OLD": "DECLINED", "SHARE_STATUS": "SHARED"}
    page = history(tmp_path, [
        {"at": NOW - 60, **forged, "_SYSTEMD_UNIT": "user@1000.service", "_UID": "1000"},
        {"at": NOW - 50, **forged, "_SYSTEMD_UNIT": "auditshared.service.evil", "_UID": "00"},
        {"at": NOW - 40, **forged, "_SYSTEMD_UNIT": "", "_UID": "", "SYSTEMD_UNIT": "auditshared.service",
            "UID": "0"},
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
        ["unshare", "-m", "sh", "-euc", script, "sh", str(tmp_path), CTL, mode, *prefix],
        capture_output=True, timeout=TIMEOUT,
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
