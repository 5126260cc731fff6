# SPDX-License-Identifier: Apache-2.0

"""
The packages for Debian and for Fedora, and what `make install` puts where

What is in them is held against a list; what their scripts do is seen by running these with commands that only
write down how they were called. The packages of the build folder are taken where they are up to date, else
new ones are made.
"""

import gzip
import io
import os
import pathlib
import re
import stat
import subprocess
import tarfile

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", TOP / "build")).resolve()
RPMLINT = TOP / "packaging" / "rpm" / "rpmlint.toml"
SPEC = TOP / "packaging" / "rpm" / "auditshared.spec"

# Where it lies in the Debian package, what it is made from, and with which mode.
BASH = "/usr/share/bash-completion/completions/auditsharectl"
FILES = [
    ("/lib/systemd/system/auditshared.service", "systemd/auditshared.service", 0o644),
    ("/usr/bin/auditsharectl", None, 0o755),
    ("/usr/lib/systemd/catalog/auditshared.catalog", "systemd/auditshared.catalog", 0o644),
    ("/usr/sbin/auditshared", None, 0o755),
    ("/usr/share/auditshared/auditshared.schema.json", "config/auditshared.schema.json", 0o644),
    ("/usr/share/auditshared/auditshared.yaml", "config/auditshared.yaml", 0o644),
    ("/usr/share/auditshared/cloudformation-role.yaml", "config/cloudformation-role.yaml", 0o644),
    ("/usr/share/auditshared/iam-observe.json", "config/iam-observe.json", 0o644),
    ("/usr/share/auditshared/iam-share-and-revoke.json", "config/iam-share-and-revoke.json", 0o644),
    ("/usr/share/auditshared/iam-share.json", "config/iam-share.json", 0o644),
    ("/usr/share/auditshared/shares.schema.json", "config/shares.schema.json", 0o644),
    ("/usr/share/auditshared/shares.yaml", "config/shares.yaml", 0o644),
    (BASH, "packaging/completion/auditsharectl.bash", 0o644),
    ("/usr/share/doc/auditshared/NEWS.gz", "packaging/NEWS", 0o644),
    ("/usr/share/doc/auditshared/README.md.gz", "README.md", 0o644),
    ("/usr/share/doc/auditshared/changelog.gz", "packaging/debian/changelog", 0o644),
    ("/usr/share/doc/auditshared/copyright", "packaging/debian/copyright", 0o644),
    ("/usr/share/lintian/overrides/auditshared", "packaging/debian/auditshared.lintian-overrides", 0o644),
    ("/usr/share/man/man1/auditsharectl.1.gz", "packaging/man/auditsharectl.1", 0o644),
    ("/usr/share/man/man5/auditshared.yaml.5.gz", "packaging/man/auditshared.yaml.5", 0o644),
    ("/usr/share/man/man5/shares.yaml.5.gz", "packaging/man/shares.yaml.5", 0o644),
    ("/usr/share/man/man8/auditshared.8.gz", "packaging/man/auditshared.8", 0o644),
    ("/usr/share/zsh/vendor-completions/_auditsharectl", "packaging/completion/_auditsharectl", 0o644),
]
EMPTY = ["/etc/auditshared/shares.d"]

# The same in the other package; None is not there at all, and the last one is only there.
RPM_PATHS = {
    "/lib/systemd/system/auditshared.service": "/usr/lib/systemd/system/auditshared.service",
    "/usr/share/doc/auditshared/NEWS.gz": "/usr/share/doc/auditshared/NEWS",
    "/usr/share/doc/auditshared/README.md.gz": "/usr/share/doc/auditshared/README.md",
    "/usr/share/doc/auditshared/changelog.gz": None,
    "/usr/share/doc/auditshared/copyright": None,
    "/usr/share/lintian/overrides/auditshared": None,
    "/usr/share/zsh/vendor-completions/_auditsharectl": "/usr/share/zsh/site-functions/_auditsharectl",
}
RPM_LICENSE = "/usr/share/licenses/auditshared/LICENSE"
# Folders that no other package has.
RPM_FOLDERS = {
    "/etc/auditshared",
    "/etc/auditshared/shares.d",
    "/usr/share/auditshared",
    "/usr/share/doc/auditshared",
    "/usr/share/licenses/auditshared",
}


def environment(**more):
    """This one's, without what the make above was told, and with a home for those who cannot do without."""
    told = re.compile(r"(MAKE|MFLAGS|[A-Z]*(DIR|FLAGS)$|(O|Q|V|CI|CC|PREFIX|OPTIMIZE|SANITIZE|VERSION)$)")
    kept = {name: value for name, value in os.environ.items() if not told.match(name)}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def run(home):
    def run(*command, cwd=TOP, check=True, **more):
        env = environment(HOME=str(home), **more)
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=600, check=False)
        assert not check or done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return done.stdout

    return run


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """Where both packages are, made from the sources as they are now: those of another build of them will do."""
    for build in (BUILD, BUILD.parent):
        logs = [str(build / "packages" / name) for name in ("deb.log", "rpm.log")]
        asked = subprocess.run(["make", "-q", f"O={build}", *logs], cwd=TOP, env=environment(), check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if asked.returncode == 0:
            return build / "packages"
    build = tmp_path_factory.mktemp("build")
    run("make", "-s", f"O={build}", "deb", "rpm")
    return build / "packages"


def the_one(folder, pattern):
    found = list(folder.glob(pattern))
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="module")
def deb(folder):
    return the_one(folder, "auditshared_*.deb")


@pytest.fixture(scope="module")
def rpm(folder):
    return the_one(folder, "auditshared-*.rpm")


@pytest.fixture(scope="module")
def members(run, deb):
    """Path: member, and its bytes, of the Debian package."""
    with tarfile.open(fileobj=io.BytesIO(run("dpkg-deb", "--fsys-tarfile", str(deb)))) as archive:
        opened = [(member, archive.extractfile(member)) for member in archive]
        return {member.name.removeprefix("."): (member, file and file.read()) for member, file in opened}


@pytest.fixture(scope="module")
def rpm_members(run, rpm):
    """Path: mode of each file and folder of the RPM package; all belong to root."""
    columns = "[%{FILENAMES} %{FILEMODES} %{FILEUSERNAME}:%{FILEGROUPNAME}\n]"
    rows = [line.split() for line in run("rpm", "-qp", "--qf", columns, str(rpm)).decode().splitlines()]
    assert {owner for _, _, owner in rows} == {"root:root"}
    return {path: int(mode) for path, mode, _ in rows}


@pytest.fixture(scope="module")
def unpacked(run, deb, rpm, tmp_path_factory):
    """Folder of each package's files."""
    folders = {"deb": tmp_path_factory.mktemp("deb"), "rpm": tmp_path_factory.mktemp("rpm")}
    run("dpkg-deb", "-x", str(deb), str(folders["deb"]))
    run("sh", "-c", 'rpm2cpio "$1" | cpio -idm --quiet', "sh", str(rpm), cwd=folders["rpm"])
    return folders


# --- what is in them ---


def test_the_debian_package_has_each_file_with_its_mode_and_nothing_else(members):
    files = {path: stat.S_IMODE(member.mode) for path, (member, _) in members.items() if not member.isdir()}
    assert files == {path: mode for path, _, mode in FILES}


def test_the_debian_package_has_no_folder_but_those_of_its_files_and_the_empty_ones(members):
    folders = {path.rstrip("/") or "/" for path, (member, _) in members.items() if member.isdir()}
    paths = [path for path, _, _ in FILES] + EMPTY
    assert folders == {str(above) for path in paths for above in pathlib.PurePath(path).parents} | set(EMPTY)
    assert {stat.S_IMODE(member.mode) for member, _ in members.values() if member.isdir()} == {0o755}


def test_everything_in_the_debian_package_belongs_to_root(members):
    assert {(m.uid, m.gid, m.uname, m.gname) for m, _ in members.values()} == {(0, 0, "root", "root")}


@pytest.mark.parametrize("path, source", [(path, source) for path, source, _ in FILES if source])
def test_files_are_packaged_as_they_are(members, path, source):
    data = members[path][1]
    assert (gzip.decompress(data) if path.endswith(".gz") else data) == (TOP / source).read_bytes()


def test_everything_in_config_and_every_page_is_packaged():
    sources = {source for _, source, _ in FILES}
    for folder in ("config", "packaging/man", "packaging/completion", "systemd"):
        assert {str(path.relative_to(TOP)) for path in (TOP / folder).iterdir()} <= sources


def test_the_rpm_package_has_the_same_files(rpm_members):
    modes = {RPM_PATHS.get(path, path): mode for path, _, mode in FILES}
    modes.pop(None)
    modes[RPM_LICENSE] = 0o644
    assert {path: stat.S_IMODE(mode) for path, mode in rpm_members.items() if not stat.S_ISDIR(mode)} == modes


def test_the_rpm_package_owns_its_folders(rpm_members):
    folders = {path: stat.S_IMODE(mode) for path, mode in rpm_members.items() if stat.S_ISDIR(mode)}
    assert folders == dict.fromkeys(RPM_FOLDERS, 0o755)


@pytest.mark.parametrize("path, source", [(path, source) for path, source, _ in FILES if source])
def test_files_in_the_rpm_package_are_the_same(unpacked, path, source):
    elsewhere = RPM_PATHS.get(path, path)
    if elsewhere:
        data = (unpacked["rpm"] / elsewhere[1:]).read_bytes()
        assert (gzip.decompress(data) if elsewhere.endswith(".gz") else data) == (TOP / source).read_bytes()


@pytest.mark.parametrize("program", ["usr/sbin/auditshared", "usr/bin/auditsharectl"])
@pytest.mark.parametrize("package", ["deb", "rpm"])
def test_programs_are_hardened_and_stripped_and_name_no_folder_of_the_build(unpacked, run, package, program):
    path = unpacked[package] / program
    read = run("readelf", "-hldSW", str(path)).decode()
    assert re.search(r"Type:\s+DYN", read) and "GNU_RELRO" in read
    assert re.search(r"FLAGS.*BIND_NOW|FLAGS_1.*NOW", read)
    assert re.search(r"GNU_STACK.* RW ", read)
    assert not re.search(r"RPATH|RUNPATH|\.symtab|\.debug_", read)
    data = path.read_bytes()
    assert b"__stack_chk_fail" in data and b"_chk\0" in data
    for place in (TOP, BUILD, pathlib.Path("/var/tmp"), pathlib.Path("/tmp/pytest")):
        assert os.fsencode(place) not in data


def test_the_rpm_package_is_not_marked_as_configuration_and_its_documentation_is(run, rpm):
    assert run("rpm", "-qcp", str(rpm)) == b""
    documents = set(run("rpm", "-qdp", str(rpm)).decode().split())
    assert {"/usr/share/doc/auditshared/README.md", "/usr/share/man/man8/auditshared.8.gz"} <= documents
    assert run("rpm", "-qLp", str(rpm)).decode().split() == [RPM_LICENSE]


# --- what they need ---


DEB_NEEDS = "ca-certificates libc6 libcurl4 libexpat1 libjansson4 libssl3 libsystemd0 libyaml-0-2".split()
RPM_NEEDS = "ca-certificates systemd".split() + (
    "libcrypto.so.3 libcurl.so.4 libexpat.so.1 libjansson.so.4 libsystemd.so.0 libyaml-0.so.2"
).split()


def test_the_debian_package_depends_on_its_libraries(run, deb):
    depends = run("dpkg-deb", "-f", str(deb), "Depends").decode()
    assert sorted(re.match(r"\s*(\S+)", entry)[1] for entry in depends.split(",")) == sorted(DEB_NEEDS)


@pytest.mark.parametrize("name", RPM_NEEDS)
def test_the_rpm_package_requires(run, rpm, name):
    required = {re.split(r"[(\s]", line)[0] for line in run("rpm", "-qRp", str(rpm)).decode().splitlines()}
    assert name in required


# --- what they do ---


STUB = '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\ncase "$*" in *was-enabled*) exit "$WAS_ENABLED" ;; esac\n'
RESTART = "try-restart auditshared.service"
STOP = "stop auditshared.service"
RELOAD = "daemon-reload"


class Scripts:
    """The scripts of both packages, on a machine that is all pretence and runs systemd."""

    def __init__(self, run, deb, rpm, folder):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ("systemctl", "deb-systemd-helper", "deb-systemd-invoke"):
            (self.bin / name).write_text(STUB, encoding="utf-8")
            (self.bin / name).chmod(0o755)
        (folder / "systemd").mkdir()
        run("dpkg-deb", "-e", str(deb), str(folder / "deb"))
        self.text = {("deb", path.name): path.read_text() for path in (folder / "deb").iterdir()}
        for name in ("prein", "postin", "preun", "postun"):
            text = run("rpm", "-qp", "--qf", f"%|{name.upper()}?{{%{{{name.upper()}}}}}|", str(rpm)).decode()
            if text:
                self.text["rpm", name] = text

    def path(self, package, name):
        path = self.folder / f"{package}.{name}"
        text = self.text[package, name]
        path.write_text(text.replace("/run/systemd/system", str(self.folder / "systemd")), encoding="utf-8")
        return path

    def calls(self, package, name, *arguments, was_enabled=False, **more):
        log = self.folder / "calls"
        log.write_text("", encoding="utf-8")
        path = os.pathsep.join([str(self.bin), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
        variables = {"PATH": path, "CALLS": str(log), "WAS_ENABLED": "0" if was_enabled else "1", **more}
        command = ["sh", "-e", str(self.path(package, name)), *arguments]
        subprocess.run(command, env=environment(**variables), check=True, timeout=60)
        return log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def scripts(run, deb, rpm, tmp_path):
    return Scripts(run, deb, rpm, tmp_path)


def test_there_are_no_scripts_but_these_and_each_parses(scripts, run):
    names = {key for key in scripts.text if key[1] not in ("control", "md5sums")}
    assert names == {("deb", name) for name in ("postinst", "prerm", "postrm")} | {
        ("rpm", name) for name in ("postin", "preun", "postun")
    }
    for package, name in names:
        run("sh", "-n", str(scripts.path(package, name)))


# Package, script and arguments: what is called in this order, and nothing else that starts, stops or enables.
STEPS = {
    "deb/installed": ("deb", "postinst", ["configure", ""], [RELOAD]),
    "deb/upgrade-begins": ("deb", "prerm", ["upgrade", "0.2.0"], []),
    "deb/old-one-goes": ("deb", "postrm", ["upgrade", "0.2.0"], []),
    "deb/upgraded": ("deb", "postinst", ["configure", "0.0.9"], [RELOAD, RESTART]),
    "deb/removal-begins": ("deb", "prerm", ["remove"], [STOP]),
    "deb/removed": ("deb", "postrm", ["remove"], [RELOAD]),
    "rpm/installed": ("rpm", "postin", ["1"], [RELOAD]),
    "rpm/new-one-comes": ("rpm", "postin", ["2"], [RELOAD]),
    "rpm/old-one-goes": ("rpm", "preun", ["1"], []),
    "rpm/upgraded": ("rpm", "postun", ["1"], [RELOAD, RESTART]),
    "rpm/removal-begins": ("rpm", "preun", ["0"], ["disable --now auditshared.service"]),
    "rpm/removed": ("rpm", "postun", ["0"], [RELOAD]),
}


@pytest.mark.parametrize("package, name, arguments, expected", STEPS.values(), ids=STEPS)
def test_a_step_starts_stops_and_enables_nothing_else(scripts, package, name, arguments, expected):
    acts = r"(?<!-)\b(daemon-reload|(try-|re)*(re)?start|stop|enable|disable|preset)\b.*"
    calls = [re.search(acts, call) for call in scripts.calls(package, name, *arguments)]
    assert [call[0] for call in calls if call] == expected


def test_an_upgrade_keeps_what_a_person_enabled(scripts):
    calls = scripts.calls("deb", "postinst", "configure", "0.0.9", was_enabled=True)
    assert "deb-systemd-helper enable auditshared.service" in calls


def test_a_service_that_failed_is_forgotten_with_its_package(scripts):
    last = scripts.calls("deb", "prerm", "remove")[-1]
    assert last == "deb-systemd-invoke reset-failed auditshared.service"


LEFT_BY_SERVICE = [
    "var/lib/private/auditshared/memory.log",
    "run/private/auditshared/status.json",
]
WRITTEN_BY_PEOPLE = [
    "etc/auditshared/auditshared.yaml",
    "etc/auditshared/shares.d/10-grc.yaml",
    "etc/credstore/aws-credentials",
    "etc/systemd/system/auditshared.service.d/proxy.conf",
    "var/lib/private/another/file",
]


def machine(folder, people):
    for path in LEFT_BY_SERVICE + people:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x", encoding="utf-8")
    (folder / "etc/auditshared/shares.d").mkdir(parents=True, exist_ok=True)
    (folder / "var/lib/auditshared").symlink_to("private/auditshared")
    (folder / "run/auditshared").symlink_to("private/auditshared")


def left(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*auditshared*"))


def test_a_purge_takes_what_the_service_wrote_and_leaves_what_people_wrote(scripts, tmp_path):
    root = tmp_path / "root"
    machine(root, WRITTEN_BY_PEOPLE)
    calls = scripts.calls("deb", "postrm", "purge", DPKG_ROOT=str(root))
    assert any("deb-systemd-helper purge auditshared.service" in call for call in calls)
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert files == set(WRITTEN_BY_PEOPLE)
    assert not any(path.startswith(("var", "run")) for path in left(root))


def test_a_purge_takes_folders_that_nobody_wrote_to(scripts, tmp_path):
    machine(tmp_path / "root", [])
    scripts.calls("deb", "postrm", "purge", DPKG_ROOT=str(tmp_path / "root"))
    assert left(tmp_path / "root") == []


def test_a_purge_takes_the_state_of_a_user_that_is_not_dynamic(scripts, tmp_path):
    state = tmp_path / "root/var/lib/auditshared"
    state.mkdir(parents=True)
    (state / "memory.log").write_text("x", encoding="utf-8")
    scripts.calls("deb", "postrm", "purge", DPKG_ROOT=str(tmp_path / "root"))
    assert left(tmp_path / "root") == []


@pytest.mark.parametrize("action", ["remove", "upgrade", "abort-install"])
def test_without_a_purge_state_stays(scripts, tmp_path, action):
    machine(tmp_path / "root", [])
    before = left(tmp_path / "root")
    scripts.calls("deb", "postrm", action, DPKG_ROOT=str(tmp_path / "root"))
    assert left(tmp_path / "root") == before


def test_systemd_reads_the_catalog_anew_without_a_script(members):
    # dpkg runs systemd's trigger for whatever package puts a file below this folder, or takes one away.
    triggers = subprocess.run(
        ["dpkg-query", "--control-show", "systemd", "triggers"], capture_output=True, text=True, check=True
    ).stdout
    watched = re.findall(r"^interest\S*\s+(/usr/lib/systemd/catalog)$", triggers, re.MULTILINE)
    assert watched and any(path.startswith(watched[0] + "/") for path in members)


# --- what others say of them ---


def test_lintian_says_nothing(run, folder):
    # It takes bytes of machine code for words that are spelt wrong.
    options = ["--pedantic", "-I", "-E", "--suppress-tags", "spelling-error-in-binary"]
    assert run("lintian", *options, str(the_one(folder, "*.changes")), check=False).decode() == ""


def test_every_override_of_lintian_is_explained():
    lines = (TOP / "packaging/debian/auditshared.lintian-overrides").read_text(encoding="utf-8").splitlines()
    overrides = [i for i, line in enumerate(lines) if not line.startswith("#")]
    assert overrides and all(i > 0 and lines[i - 1].startswith("# ") for i in overrides)


def test_rpmlint_says_nothing(run, rpm):
    said = run("rpmlint", "-c", str(RPMLINT), str(SPEC), str(rpm), check=False).decode()
    assert re.search(r"1 packages and 1 specfiles checked; 0 errors, 0 warnings", said), said


def test_one_version_everywhere(run, unpacked, deb, rpm):
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    version = re.search(r"^VERSION := (\S+)$", makefile, re.MULTILINE)[1]
    changelog = "packaging/debian/changelog"
    news = (TOP / "packaging/NEWS").read_text(encoding="utf-8")
    said = {
        "changelog": run("dpkg-parsechangelog", "-l", changelog, "-S", "Version").decode().strip(),
        "spec": re.search(r"^Version:\s+(\S+)$", SPEC.read_text(encoding="utf-8"), re.MULTILINE)[1],
        "spec's changelog": re.search(r"%changelog\n.* - (\S+)-1\n", SPEC.read_text(encoding="utf-8"))[1],
        "NEWS": re.search(r"^(\d\S*) \(\d{4}-\d\d-\d\d\)$", news, re.MULTILINE)[1],
        "deb": run("dpkg-deb", "-f", str(deb), "Version").decode().strip(),
        "rpm": run("rpm", "-qp", "--qf", "%{VERSION}", str(rpm)).decode(),
        "auditshared": run(str(unpacked["deb"] / "usr/sbin/auditshared"), "--version").decode().split()[1],
        "auditsharectl": run(str(unpacked["deb"] / "usr/bin/auditsharectl"), "--version").decode().split()[1],
    }
    assert said == dict.fromkeys(said, version)


# --- make install, and what a package is made from ---


def install(run, folder, *variables):
    programs = [f"{BUILD}/auditshared", f"{BUILD}/auditsharectl"]
    old = [word for program in programs for word in ("-o", program)]  # this is about where they go
    run("make", "-s", f"O={BUILD}", *old, "install", f"DESTDIR={folder}", *variables)
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_make_install_puts_the_same_files_below_any_prefix(run, tmp_path, members):
    put = install(run, tmp_path, "PREFIX=/opt/x")
    of_debian = re.compile(r"/usr/share/(doc/auditshared/(changelog|copyright)|lintian/)")
    expected = {}
    for path, source, mode in FILES:
        if not of_debian.match(path):
            path = path.replace("/lib/", "/usr/lib/", 1) if path.startswith("/lib/") else path
            path = path.replace("vendor-completions", "site-functions").removesuffix(".gz")
            expected["opt/x" + path.removeprefix("/usr")] = mode
    files = {path: mode for path, mode in put.items() if (tmp_path / path).is_file()}
    assert files == expected
    elsewhere = {path for path in put if not path.startswith("opt")}
    assert elsewhere == {"etc", "etc/auditshared", "etc/auditshared/shares.d"}
    unit = (tmp_path / "opt/x/lib/systemd/system/auditshared.service").read_text(encoding="utf-8")
    assert re.findall(r"^ExecStart=(\S+)", unit, re.MULTILINE) == ["/opt/x/sbin/auditshared"]


PLACES = {
    "BINDIR": "auditsharectl",
    "SBINDIR": "auditshared",
    "UNITDIR": "auditshared.service",
    "CATALOGDIR": "auditshared.catalog",
    "MANDIR": "man8/auditshared.8",
    "DOCDIR": "NEWS",
    "DATADIR": "auditshared/shares.yaml",
    "BASHCOMPDIR": "auditsharectl",
    "ZSHCOMPDIR": "_auditsharectl",
}


def test_every_place_is_a_variable(run, tmp_path):
    put = install(run, tmp_path, *[f"{name}=/at/{name}" for name in PLACES])
    for name, file in PLACES.items():
        assert f"at/{name}/{file}" in put
    assert {path.split("/")[0] for path in put} == {"at", "etc"}


def test_make_install_does_not_mind_the_umask_and_strips_nothing(run, tmp_path):
    previous = os.umask(0o077)
    try:
        put = install(run, tmp_path)
    finally:
        os.umask(previous)
    assert {mode for path, mode in put.items() if (tmp_path / path).is_dir()} == {0o755}
    assert {mode for path, mode in put.items() if (tmp_path / path).is_file()} == {0o644, 0o755}
    assert (tmp_path / "usr/sbin/auditshared").read_bytes() == (BUILD / "auditshared").read_bytes()


@pytest.mark.parametrize("given", ["environment", "command line"])
def test_flags_of_who_builds_come_last_and_leave_what_is_needed(run, tmp_path, given):
    flags = {"CPPFLAGS": "-DMINE=1", "CFLAGS": "-O0 -fno-plt"}
    words = [f"{name}={value}" for name, value in flags.items()] if given == "command line" else []
    more = flags if given == "environment" else {}
    target = f"{tmp_path}/obj/daemon/auditshared.o"
    said = run("make", "-n", "V=1", f"O={tmp_path}", *words, target, **more).decode()
    version = r"""-DAUDITSHARED_VERSION='"[\d.]+"'"""
    assert re.search(version + r".* -std=c17 .*-DMINE=1 .*-O0 -fno-plt ", said, re.DOTALL)


def test_the_source_tree_is_the_same_bytes_whoever_packs_it(run, tmp_path):
    trees = []
    for name, mask, zone in (("a", 0o022, "UTC"), ("b", 0o077, "Asia/Kathmandu")):
        previous = os.umask(mask)
        try:
            run("make", "-s", f"O={tmp_path / name}", "dist", TZ=zone)
        finally:
            os.umask(previous)
        trees.append(the_one(tmp_path / name / "packages", "*.tar.gz"))
    assert trees[0].name == trees[1].name and trees[0].read_bytes() == trees[1].read_bytes()
    with tarfile.open(trees[0]) as archive:
        tops = {member.name.split("/")[1] for member in archive if member.isfile()}
    assert tops == {"LICENSE", "Makefile", "README.md", "config", "daemon", "packaging", "systemd"}
