# SPDX-License-Identifier: Apache-2.0

"""
What lies in a shares folder: which files count, which are skipped and noted, and whose word is not taken

A skipped file is broken on purpose: read by mistake, it would be an error.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

import pytest

from daemon import CTL, framework

NOBODY = 65534
RENAME_EXCHANGE = 2
AT_FDCWD = -100
SETTINGS = 'sources:\n  governance: {account: "111122223333", region: us-east-1}\n'
BROKEN = "frameworks: {"
GOOD = "The configuration is good: 1 source, 1 framework, 1 share\n"


class Site:
    """Settings, and a folder of shares with one good file."""

    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.folder = self.top / "shares.d"
        self.folder.mkdir()
        self.settings = self.file("auditshared.yaml", SETTINGS)
        self.good = self.file("shares.d/10-good.yaml", json.dumps({"frameworks": [framework()]}))

    def file(self, name, text=BROKEN, mode=0o644):
        path = self.top / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def away(self, folder="elsewhere"):
        """The good file moved into another folder, with a link to it in its place."""
        target = self.top / folder / "shares.yaml"
        target.parent.mkdir(parents=True)
        self.good.rename(target)
        self.good.symlink_to(target)
        return target

    def check(self, *arguments, shares=None, program=CTL, **kwargs):
        paths = ["--settings", self.settings, "--shares", shares or self.folder]
        return subprocess.run([program, *paths, "check", *arguments], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, check=False, **kwargs)

    def accepts(self, **kwargs):
        done = self.check(**kwargs)
        assert (done.returncode, done.stdout, done.stderr) == (0, GOOD, "")

    def refuses(self, path, *texts, **kwargs):
        done = self.check(**kwargs)
        assert done.returncode == 1 and done.stdout == ""
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith(f"{path}:1:1: "), done.stderr
        for text in texts:
            assert text in lines[0]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


# --- names ---

LEFT_BEHIND = "left behind by an editor or a package manager; merge it, or delete it"
HIDDEN = "its name begins with a dot; files in a shares folder end in .yaml"
OTHER = "its name does not end in .yaml; rename it if it declares shares"
SKIPPED = {
    **dict.fromkeys((f"20.yaml.dpkg-{ending}" for ending in
                     ("old", "new", "dist", "bak", "backup", "remove", "tmp")), LEFT_BEHIND),
    **dict.fromkeys((f"20.yaml.ucf-{ending}" for ending in ("old", "new", "dist")), LEFT_BEHIND),
    **dict.fromkeys((f"20.yaml.{ending}" for ending in
                     ("rpmnew", "rpmsave", "rpmorig", "swp", "bak", "orig", "rej", "tmp")), LEFT_BEHIND),
    "20.yaml~": LEFT_BEHIND,
    "#20.yaml#": LEFT_BEHIND,
    "#20.yaml": LEFT_BEHIND,
    ".20.yaml.swp": LEFT_BEHIND,
    ".20.yaml": HIDDEN,
    ".#20.yaml": HIDDEN,
    ".yaml": HIDDEN,
    ".gitignore": HIDDEN,
    "README": OTHER,
    "README.md": OTHER,
    "20.json": OTHER,
    "20.YAML": OTHER,
    "20.yaml ": OTHER,
    "20yaml": OTHER,
    "20.yaml.disabled": OTHER,
    "4913": OTHER,  # vim tries whether it may write
}
COUNTED = ["20.yaml", "20.yml", "20.rpmnew.yaml", "20~.yaml", "a b.yaml", "~.yaml", "x.yaml"]


@pytest.mark.parametrize("name", SKIPPED)
def test_skipped_and_noted(site, name):
    path = site.file(f"shares.d/{name}")
    done = site.check()
    assert (done.returncode, done.stdout) == (0, GOOD)
    assert done.stderr == f"{path}:1:1: note: the file is skipped: {SKIPPED[name]}\n"


@pytest.mark.parametrize("name", COUNTED)
def test_counted(site, name):
    path = site.file(f"shares.d/{name}")
    done = site.check()
    assert done.returncode == 1 and done.stderr.startswith(f"{path}:2:1: not YAML"), done.stderr


def test_a_skipped_file_is_not_even_looked_at(site):
    os.mkfifo(site.folder / "20.yaml.rpmnew")
    (site.folder / ".#20.yaml").symlink_to("somebody@somewhere.4711:1")  # emacs' lock
    site.file("shares.d/20.yaml~", mode=0o666)
    done = site.check("--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["errors"] == []
    names = [pathlib.Path(note["file"]).name for note in found["notes"]]
    assert names == [".#20.yaml", "20.yaml.rpmnew", "20.yaml~"]


def test_a_folder_of_leftovers_alone_declares_nothing(site):
    site.good.rename(site.folder / "10-good.yaml.dpkg-dist")
    done = site.check()
    assert done.returncode == 1 and "no shares file is there" in done.stderr


def test_what_is_no_file(site):
    path = site.folder / "20.yaml"
    os.mkfifo(path)
    site.refuses(path, "no regular file")
    path.unlink()
    path.mkdir()
    site.refuses(path, "is a folder")


# --- modes ---


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o622, 0o602, 0o620])
def test_a_file_that_others_may_write(site, mode):
    site.good.chmod(mode)
    site.refuses(site.good, f"group or others may write the file (mode {mode:04o}); chmod go-w it")


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o640, 0o400, 0o755])
def test_a_file_that_others_may_not_write(site, mode):
    site.good.chmod(mode)
    site.accepts()


def test_the_mode_is_the_file_s_and_not_the_link_s(site):
    target = site.away()
    assert site.good.lstat().st_mode & 0o777 == 0o777
    site.accepts()
    target.chmod(0o666)
    site.refuses(site.good, "group or others may write the file (mode 0666)")


# --- symbolic links ---


def test_links_among_folders_of_ours(site):
    target = site.away("a/b")
    site.accepts()
    for link in (os.path.relpath(target, site.folder), f"../a//./b/../b/{target.name}"):
        site.good.unlink()
        site.good.symlink_to(link)
        site.accepts()
    (site.top / "c").symlink_to("a")
    site.good.unlink()
    site.good.symlink_to("../c/b/shares.yaml")
    site.accepts()
    (site.top / "linked.d").symlink_to("shares.d")
    site.accepts(shares=site.top / "linked.d")
    site.accepts(shares="linked.d", cwd=site.top)
    site.accepts(shares="../linked.d/10-good.yaml", cwd=site.folder)


def writable(path):
    path.chmod(0o777)


def writable_by_the_group(path):
    path.chmod(0o775)


def somebody_s(path):
    os.chown(path, NOBODY, NOBODY)


OPENED = [
    (writable, "which group or others may write (mode 0777); chmod go-w it"),
    (writable_by_the_group, "which group or others may write (mode 0775); chmod go-w it"),
    (somebody_s, f"which belongs to user {NOBODY}; want what is root's or of the user"),
]
IDS = [open_up.__name__ for open_up, _ in OPENED]


@pytest.mark.parametrize("open_up,text", OPENED, ids=IDS)
@pytest.mark.parametrize("which", ["shares.d", "a", "a/b", "via", "via/link"])
def test_a_link_through_a_folder_of_others(site, which, open_up, text):
    """The link's own folder, the target's, one above it, and those of a link on the way."""
    (site.top / "a/b").mkdir(parents=True)
    (site.top / "via/link").mkdir(parents=True)
    site.good.rename(site.top / "a/b/shares.yaml")
    (site.top / "via/link/on").symlink_to("../../a")
    site.good.symlink_to("../via/link/on/b/shares.yaml")
    site.accepts()
    open_up(site.top / which)
    site.refuses(site.good, f"a symbolic link leads through {site.top / which}, {text}")


@pytest.mark.parametrize("open_up,_", OPENED, ids=IDS)
def test_without_a_link_folders_are_no_matter_of_the_loader(site, open_up, _):
    open_up(site.folder)
    site.accepts()


def test_a_linked_folder_and_linked_settings(site):
    (site.top / "a").mkdir()
    site.folder.rename(site.top / "a/shares.d")
    site.folder.symlink_to("a/shares.d")
    site.settings.rename(site.top / "a/settings.yaml")
    site.settings.symlink_to("a/settings.yaml")
    site.accepts()
    writable(site.top / "a")
    done = site.check()
    assert done.returncode == 1
    text = (f"a symbolic link leads through {site.top}/a, which group or others may write (mode 0777); "
            "chmod go-w it, or use no link")
    assert done.stderr.splitlines() == [f"{path}:1:1: {text}" for path in (site.settings, site.good)]


def test_what_is_ours_in_a_sticky_folder(site):
    target = site.away()
    target.parent.chmod(0o1777)
    site.accepts()
    os.chown(target, NOBODY, NOBODY)
    site.refuses(site.good, f"leads through {target}, which belongs to user {NOBODY}")
    os.chown(target, 0, 0)
    target.parent.chmod(0o777)
    site.refuses(site.good, f"leads through {target.parent}, which group or others may write (mode 0777)")
    target.parent.chmod(0o1777)
    os.chown(target.parent, NOBODY, NOBODY)
    site.refuses(site.good, f"leads through {target.parent}, which belongs to user {NOBODY}")


def test_what_a_link_of_others_leads_to_is_not_told(site):
    secret = site.file("secret.yaml", "the secret: is in here\n", 0o600)
    writable(site.folder)
    (site.folder / "20.yaml").symlink_to(secret)
    site.refuses(site.folder / "20.yaml", "a symbolic link leads through")
    assert "secret" not in site.check().stderr
    site.folder.chmod(0o755)
    assert "secret" in site.check().stderr, "a link of ours is followed"


def test_links_to_nothing_and_to_themselves(site):
    path = site.folder / "20.yaml"
    path.symlink_to("nothing.yaml")
    site.refuses(path, "does not exist")
    path.unlink()
    path.symlink_to("20.yaml")
    site.refuses(path, "go round in a circle")
    path.unlink()
    path.symlink_to("10-good.yaml/more")
    site.refuses(path, "Not a directory")
    path.unlink()
    path.symlink_to("a/" * 2000 + "20.yaml")
    site.refuses(path, "does not exist")


def test_forty_links_are_followed(site):
    """As many as the kernel follows."""
    text = site.good.read_text()
    site.good.unlink()
    site.file("elsewhere/0", text)
    for n in range(1, 42):
        (site.top / f"elsewhere/{n}").symlink_to(str(n - 1))
    site.good.symlink_to("../elsewhere/39")
    site.accepts()
    site.good.unlink()
    site.good.symlink_to("../elsewhere/40")
    site.refuses(site.good, "go round in a circle")


def test_the_caller_s_own_folders():
    """Somebody who is not root may link what is his, or root's, and nobody else's; /tmp is on the way."""
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        os.chmod(top, 0o755)
        site = Site(top)
        program = shutil.copy(CTL, site.top / "auditsharectl")
        target = site.away()
        for path in (site.top, site.folder, target.parent):
            os.chown(path, NOBODY, NOBODY)
        site.accepts(program=program, user=NOBODY, group=NOBODY, extra_groups=[])
        site.refuses(site.good, f"leads through {top}, which belongs to user {NOBODY}")
        os.chown(target.parent, 1, 1)
        site.refuses(site.good, f"leads through {target.parent}, which belongs to user 1", program=program,
                     user=NOBODY, group=NOBODY, extra_groups=[])


# --- a file that changes while it is looked at ---


@contextlib.contextmanager
def swapping(one, other):
    """Two names exchanged all the time, until the end."""
    libc, ended = ctypes.CDLL(None, use_errno=True), threading.Event()
    names = os.fsencode(one), os.fsencode(other)

    def swap():
        while not ended.is_set():
            assert libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_link_that_comes_and_goes(site):
    """In a folder of others, a file becomes a link after it was looked at, and before it is opened."""
    secret = site.file("secret.yaml", "the secret: is in here\n", 0o600)
    writable(site.folder)
    link = site.folder / "spare"
    link.symlink_to(secret)
    said = set()
    with swapping(site.good, link):
        for _ in range(150):
            done = site.check()
            assert "the secret" not in done.stderr
            said.add(done.returncode)
    assert said == {0, 1}, "both were met"
