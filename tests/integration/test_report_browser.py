# SPDX-License-Identifier: Apache-2.0

"""auditsharectl report: its pages in a browser, on screens light and dark, and on paper."""

import os
import re
import shutil
import struct
import subprocess
import zlib

import pytest

from report_page import SIZES, folder, page, palettes

__all__ = ["folder", "page"]


def chromium(tmp_path, *arguments, dark=False):
    """Runs it on a page; returns what it has written to both streams."""
    scheme = "--blink-settings=preferredColorScheme=" + ("0" if dark else "1")
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--no-first-run",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update",
         "--no-pdf-header-footer",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", scheme,
         *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
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
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
        "<script>1</script>")
    assert complaints(chromium(tmp_path, "--dump-dom", f"file://{tmp_path}/bad.html"))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_screenshots(page, tmp_path, dark):
    (tmp_path / "page.html").write_text(page.text)
    width = 390 if page.made["shares"][5:] == [] else 1200
    done = chromium(tmp_path, f"--screenshot={tmp_path}/shot.png", f"--window-size={width},2000",
        f"file://{tmp_path}/page.html",
                    dark=dark)  # fmt: skip
    assert complaints(done) == []
    first, size = pixels(tmp_path / "shot.png")
    palette = palettes(page.all("style")[0].text)[dark]
    assert first == tuple(int(palette["page"][i : i + 2], 16) for i in (1, 3, 5)) and size == (width, 2000)


@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_print(page, tmp_path):
    (tmp_path / "page.html").write_text(page.text)
    done = chromium(tmp_path, f"--print-to-pdf={tmp_path}/page.pdf", f"file://{tmp_path}/page.html",
        dark=True)
    assert complaints(done) == []
    pdf = (tmp_path / "page.pdf").read_bytes()
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert pdf.startswith(b"%PDF") and {5: 1, 500: 5, 10000: 10}[len(page.made["shares"])] <= pages <= 40


@pytest.mark.parametrize("page", [500], indirect=True)
def test_the_browser_reads_what_was_written(page, tmp_path):
    (tmp_path / "page.html").write_text(page.text)
    done = chromium(tmp_path, "--dump-dom", f"file://{tmp_path}/page.html")
    assert complaints(done) == []
    for tag in ("<td", "<th ", "<tr", "<table", "<details"):
        assert done.stdout.count(tag) == page.text.count(tag) > 0, tag
