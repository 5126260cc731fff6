# SPDX-License-Identifier: Apache-2.0
"""auditsharectl doctor: what a first run trips over has a line with its cause and its remedy."""

import contextlib
import email.utils
import http.server
import json
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

from daemon import CTL, Host, Result, framework
from metadata import Metadata
from network import Authority, BlackHole
from simulator import REGION, SENDER, SENDER_KEY, STRANGER, Simulator, key, seed
from test_ctl import Terminal

ROLE = f"arn:aws:iam::{SENDER}:role/audit-share"
OTHER_ROLE = "arn:aws:iam::888899990000:role/audit-share"
LIST_REQUESTS, LIST_FRAMEWORKS = "ListAssessmentFrameworkShareRequests", "ListAssessmentFrameworks"
LEVELS = {"ok", "warning", "failure", "skipped"}
SECRETS = (SENDER_KEY[1], "proxy-password", "session+token==")

KEYS = {
    "no requests": key("AKIANOREQUESTS000001", "s1", SENDER, deny=[LIST_REQUESTS]),
    "no frameworks": key("AKIANOFRAMEWORKS0001", "s2", SENDER, deny=[LIST_FRAMEWORKS]),
    "no status": key("AKIANOSTATUS00000001", "s3", SENDER, deny=["GetAccountStatus"]),
    "stranger": key("AKIASTRANGER00000001", "s4", STRANGER),
    "expired": key("ASIAEXPIRED000000001", "s5", SENDER, session_token="session+token==", expires=-60),
    "session": key("ASIASESSION000000001", "s6", SENDER, session_token="session+token=="),
}


class Doctor(Host):
    """A host whose findings are looked at; the machine's own /etc/credstore is kept out of them."""

    def __init__(self, folder, simulator):
        super().__init__(folder, simulator)
        self.env["CREDENTIALS_DIRECTORY"] = str(self.folder / "passed")

    def run(self, *arguments, **env):
        env = {name: value for name, value in {**self.env, **env}.items() if value is not None}
        done = subprocess.run(self.command(CTL, "doctor", *arguments), env=env, capture_output=True,
                              text=True, timeout=60)
        for secret in SECRETS:
            assert secret not in done.stdout + done.stderr
        return Result(done)

    def findings(self, **env):
        """The findings of one run; whatever it finds, its two forms and its exit status agree."""
        result = self.run("--json", **env)
        document = result.json()
        assert list(document) == ["version", "checks", "failures", "warnings"] and document["version"] == 1
        found = Findings(document["checks"])
        assert {finding["level"] for finding in found} <= LEVELS
        assert all(list(finding) == ["source", "check", "level", "message", "remedy"] for finding in found)
        assert document["failures"] == len(found.of("failure"))
        assert document["warnings"] == len(found.of("warning"))
        assert result.status == (1 if document["failures"] else 0)
        return found

    def source(self, **more):
        """The one source of the settings."""
        self.settings(sources={"governance": {"account": SENDER, "region": REGION, **more}},
                      limits={"requests_per_second": 20})
        return self


class Findings(list):
    def of(self, level, check=None):
        return Findings(each for each in self if each["level"] == level and check in (None, each["check"]))

    def one(self, level, check):
        found = self.of(level, check)
        assert len(found) == 1, list(self)
        return found[0]

    def only_failure(self, check, message, remedy):
        """One thing is wrong, it is said so, and what to do."""
        failures = self.of("failure")
        assert len(failures) == 1 and not self.of("warning"), list(self)
        says(failures[0], check, message, remedy)

    def levels(self, source="governance"):
        return {each["check"]: each["level"] for each in self if each["source"] == source}


def says(finding, check, message, remedy):
    assert finding["check"] == check
    assert message in finding["message"], finding
    assert remedy in (finding["remedy"] or ""), finding


def key_environment(name):
    return {"AWS_ACCESS_KEY_ID": KEYS[name]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": KEYS[name]["secret_access_key"],
            "AWS_SESSION_TOKEN": KEYS[name].get("session_token", "")}


NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def serving(status=200, body=b"", date=None, certificate=None, connect=None):
    """A server that says the same to everybody; `connect` is its status for who takes it for a proxy."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def date_time_string(self, timestamp=None):
            return email.utils.formatdate(time.time() + (date or 0), usegmt=True)

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def do_CONNECT(self):
            self.send_error(connect)

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # who refuses our certificate hangs up

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def shared():
    document = seed(keys=list(KEYS.values()), roles=[{"arn": ROLE, "external_id": "e-42"}])
    with Simulator(seed=document, rate=0) as simulator:
        yield simulator
        assert simulator.stop() == 0


@pytest.fixture
def host(tmp_path, shared):
    shared.clear_faults()
    host = Doctor(tmp_path, shared)
    host.shares(framework())
    return host


# --- in order ----------------------------------------------------------------------------------------------


def test_everything_is_in_order(host):
    result = host.run()
    assert result.status == 0 and not result.err
    assert result.out.splitlines()[-1] == "Everything is in order."
    assert f"ok       {host.settings_path}: 1 source, mode enforce\n" in result.out
    assert f"ok       {host.shares_path}: 1 framework, 1 share\n" in result.out
    assert f"\nSource governance ({SENDER}, {REGION})\n" in result.out
    findings = host.findings()
    assert {each["level"] for each in findings} == {"ok"}
    checks = ["endpoint", "clock", "credentials", "identity", "account", "permission"]
    assert findings.levels() == dict.fromkeys(checks, "ok")
    answers = f"127.0.0.1:{host.simulator.port} (by the settings): answers, no TLS"
    assert answers in findings.one("ok", "endpoint")["message"]


def test_nothing_is_written(host):
    before = host.simulator.last_seq()
    assert host.findings().of("failure") == []
    operations = {call["operation"] for call in host.simulator.log(after=before)}
    # "unknown" is the question that nobody signed, for the way and the time.
    assert operations == {"unknown", "GetCallerIdentity", "GetAccountStatus", LIST_REQUESTS, LIST_FRAMEWORKS}
    assert not host.state.exists() and not host.runtime.exists()


def test_at_a_terminal_of_80_columns(host):
    host.source(endpoint_url=f"http://127.0.0.1:{closed_port()}")
    terminal = Terminal(host.command(CTL, "doctor"), {**host.env, "TERM": "xterm", "LANG": "C.UTF-8"})
    assert terminal.end() == 1
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.output).splitlines()
    long = [line for line in lines if len(line) > 80 and " " in line.strip()]
    assert not [line for line in long if not re.search(r"\S{60}", line)], long
    assert "\x1b[31mfailure\x1b[0m" in terminal.output and "\x1b[32mok     \x1b[0m" in terminal.output
    assert "           → correct this endpoint" in terminal.output and lines[-1] == "1 failure."


def test_without_colours(host):
    terminal = Terminal(host.command(CTL, "doctor"), {**host.env, "TERM": "xterm", "NO_COLOR": "1"})
    assert terminal.end() == 0 and "\x1b" not in terminal.output


def test_sources_in_the_order_of_the_file(host):
    sources = {name: {"account": SENDER, "region": region}
               for name, region in (("zeta", "us-east-1"), ("alpha", REGION), ("mid", "us-west-2"))}
    sources["alpha"]["endpoint_url"] = f"http://127.0.0.1:{closed_port()}"
    host.settings(sources=sources)
    host.shares(framework(source="zeta"))
    findings = host.findings()
    assert list(dict.fromkeys(each["source"] for each in findings)) == [None, "zeta", "alpha", "mid"]
    assert {each["source"] for each in findings.of("failure")} == {"alpha"}


def test_sources_are_asked_at_the_same_time(host):
    """Each waits for longer than one after the other would allow."""
    host.settings(sources={f"s{i}": {"account": SENDER, "region": region}
                           for i, region in enumerate(("us-east-1", "us-east-2", "us-west-1", "us-west-2"))})
    host.shares(framework(source="s0"))
    host.simulator.fault("GetAccountStatus", "delay", seconds=2, count=0)
    begun = time.monotonic()
    assert not host.findings().of("failure")
    assert 2 <= time.monotonic() - begun < 6


def test_a_running_service_is_named(host):
    with host.service() as service:
        service.wait_passes(1)
        finding = host.findings().one("ok", "service")
        assert finding["message"] == f"the service runs (process {service.process.pid})"
    assert host.findings().one("ok", "service")["message"] == "the service does not run"


def test_usage(host):
    assert host.run("now").status == 2
    assert "doctor" in host.run("--help").out


# --- files -------------------------------------------------------------------------------------------------


def test_settings_with_faults(host):
    calls = host.simulator.stats()["calls"]
    source = '{account: "1111", region: eu-west-1}'
    host.settings_path.write_text(f"sources:\n  governance: {source}\nmodes: enforce\n")
    findings = host.findings()
    failures = findings.of("failure")
    assert len(failures) == 2 and {each["check"] for each in failures} == {"configuration"}
    assert f"{host.settings_path}:2:" in failures[0]["message"] and "12 digits" in str(failures[0])
    assert f"{host.settings_path}:3:1: modes: unknown key" in failures[1]["message"]
    assert findings.of("skipped", "sources") and host.simulator.stats()["calls"] == calls
    assert findings.of("ok", "environment"), "what can be looked at still is"


def test_many_faults(host):
    host.settings_path.write_text("".join(f"x{i}: 1\n" for i in range(40)))
    failures = host.findings().of("failure", "configuration")
    assert len(failures) == 11 and "auditsharectl check" in failures[-1]["remedy"]
    assert re.search(r"and \d+ more", failures[-1]["message"])


def test_no_files_at_all(host):
    host.settings_path.unlink()
    host.shares_path.unlink()
    failures = host.findings().of("failure")
    files = [each["message"].split(":")[0] for each in failures]
    assert files == [str(host.settings_path), str(host.shares_path)]
    for failure in failures:
        says(failure, "configuration", "does not exist", "create it")


def test_a_file_that_others_may_write(host):
    host.shares_path.chmod(0o666)
    host.findings().only_failure("configuration", "group or others may write the file (mode 0666)",
                                 "chmod go-w")


def test_a_file_of_somebody_else(host):
    subprocess.run(["chown", "65534", host.settings_path], check=True)
    findings = host.findings()
    says(findings.one("warning", "configuration"), "configuration", "belongs to user 65534", "chown root")
    assert not findings.of("failure")


def test_a_folder_that_others_may_write(host):
    folder = host.folder / "shares.d"
    folder.mkdir()
    host.shares_path.rename(folder / "shares.yaml")
    host.shares_path = folder
    assert not host.findings().of("warning")
    folder.chmod(0o775)
    says(host.findings().one("warning", "configuration"), "configuration",
         f"{folder}: group or others may put files there (mode 0775)", "chmod go-w")


def test_folders_of_the_service(host):
    host.state.write_text("")
    host.findings().only_failure("state", f"{host.state} is no folder", "move")
    host.state.unlink()
    host.state.mkdir()
    assert "MiB free" in host.findings().one("ok", "state")["message"]


def run_in_own_etc(host, script, *arguments, **env):
    """Runs a verb where /etc is a folder of this test."""
    prepare = f"mount -t tmpfs none /etc && {script} && exec \"$@\""
    return subprocess.run(["unshare", "--mount", "sh", "-ec", prepare, "sh", CTL, *arguments],
                          env={**host.env, **env, "CREDENTIALS_DIRECTORY": ""}, capture_output=True,
                          text=True, timeout=60)


def in_own_etc(host, script, *arguments, **env):
    done = run_in_own_etc(host, script, "doctor", *arguments, **env)
    return Findings(Result(done).json()["checks"])


SPACE = {  # the size of a file system of its own, and what is said
    "plenty": ("128m", "ok", "128 MiB free", ""),
    "little": ("32m", "warning", "32 MiB free", "make room"),
    "next to nothing": ("512k", "failure", "0 MiB free", "make room"),
}


@pytest.mark.parametrize("size,level,message,remedy", SPACE.values(), ids=SPACE)
def test_the_room_for_what_is_remembered(host, size, level, message, remedy):
    make = f"mkdir {host.state} && mount -t tmpfs -o size={size} tmpfs {host.state}"
    findings = in_own_etc(host, make, "--json", *host.command(CTL)[1:])
    says(findings.one(level, "state"), "state", f"{host.state}: {message}", remedy)


def test_a_folder_that_cannot_be_written(host):
    make = f"mkdir -p {host.state} && mount -t tmpfs -o ro tmpfs {host.state}"
    findings = in_own_etc(host, make, "--json", *host.command(CTL)[1:])
    findings.only_failure("state", f"{host.state}: Read-only file system", "remount,rw")


def test_as_somebody_who_is_not_root(host):
    """What cannot be looked at is no fault of the host."""
    prepare = (f"mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /etc/auditshared && "
               f"install -m 0644 {host.settings_path} {host.shares_path} /etc/auditshared && "
               f"install -m 0755 {CTL} /run/auditsharectl && mkdir -m 0700 /etc/credstore /etc/closed && "
               f"mkdir /etc/closed/state && umask 077 && echo > /etc/credstore/aws-credentials")
    script = ("mount -t tmpfs -o mode=0755 none /etc && " + prepare + " && exec setpriv --reuid=65534 "
              "--regid=65534 --clear-groups /run/auditsharectl doctor --json")
    env = {"PATH": host.env["PATH"], "STATE_DIRECTORY": "/etc/closed/state", "RUNTIME_DIRECTORY": "/run/none"}
    done = subprocess.run(["unshare", "--mount", "sh", "-ec", script], env=env, capture_output=True, text=True,
                          timeout=60)
    findings = Findings(Result(done).json()["checks"])
    says(findings.one("ok", "state"), "state", "/etc/closed/state: Permission denied", "run this as root")
    says(findings.one("ok", "runtime"), "runtime", "/run/none is not there yet", "")
    says(findings.one("ok", "credentials-file"), "credentials-file",
         "/etc/credstore/aws-credentials: Permission denied", "run this as root")
    assert not findings.of("ok", "environment"), "nothing of interest is set"


def test_files_that_only_root_can_read(host):
    copy = (f"mkdir -p /etc/auditshared/shares.d && cp {host.settings_path} /etc/auditshared/ && "
            f"cp {host.shares_path} /etc/auditshared/")
    assert not in_own_etc(host, copy, "--json").of("failure")
    closed = (("/auditshared.yaml", "640"), ("/shares.yaml", "600"), ("/shares.d", "700"), ("", "750"))
    for path, mode in closed:
        findings = in_own_etc(host, f"{copy} && chmod {mode} /etc/auditshared{path}", "--json")
        findings.only_failure("configuration",
                              f"/etc/auditshared{path}: the service, which is not root, cannot read it",
                              "chmod o+r")


def test_the_keys_that_systemd_passes_are_tried(host):
    host.env.update(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    (host.folder / "keys").write_text(profile())
    install = (f"mkdir -p /etc/auditshared /etc/credstore && cp {host.settings_path} {host.shares_path} "
               f"/etc/auditshared/ && install -m %s {host.folder}/keys /etc/credstore/aws-credentials")
    findings = in_own_etc(host, install % "0600", "--json")
    assert not findings.of("failure")
    assert "/etc/credstore/aws-credentials" in findings.one("ok", "credentials")["message"]
    assert run_in_own_etc(host, install % "0600", "plan").returncode == 0
    other = run_in_own_etc(host, install % "0600", "plan", AWS_PROFILE="nobody")
    assert other.returncode == 1 and "AWS_PROFILE" in other.stderr
    findings = in_own_etc(host, install % "0644", "--json")
    says(findings.one("failure", "credentials-file"), "credentials-file", "0644",
         "chmod 600 /etc/credstore/aws-credentials")


# --- keys on this host -------------------------------------------------------------------------------------


def profile(name="default", access_key=SENDER_KEY):
    return f"[{name}]\naws_access_key_id = {access_key[0]}\naws_secret_access_key = {access_key[1]}\n"


def keys_file(host, text, mode=0o600, name="keys"):
    path = host.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_keys_that_others_can_read(host):
    path = keys_file(host, profile(), 0o644)
    findings = host.findings(AWS_SHARED_CREDENTIALS_FILE=path)
    findings.only_failure("credentials-file", f"{path}: its mode 0644 lets others read it",
                          f"chmod 600 {path}")


def test_keys_in_a_home_folder(host):
    path = keys_file(host, profile(), 0o600, ".aws/credentials")
    finding = host.findings(HOME=str(host.folder), **NO_KEYS).one("ok", "credentials-file")
    says(finding, "credentials-file", f"{path}: the service never looks into a home folder",
         "/etc/credstore/aws-credentials")
    pathlib.Path(path).chmod(0o644)
    findings = host.findings(HOME=str(host.folder), **NO_KEYS)
    says(findings.one("warning", "credentials-file"), "credentials-file", "0644", "chmod 600")


def test_a_config_file_in_a_home_folder(host):
    path = keys_file(host, "[default]\nregion = eu-west-1\n", 0o644, ".aws/config")
    finding = host.findings(HOME=str(host.folder), **NO_KEYS).one("ok", "credentials-file")
    assert finding["message"] == f"{path}: the service never looks into a home folder"
    assert finding["remedy"] is None, "there are no keys in it that the service could be given"


def test_the_file_that_systemd_has_passed(host):
    path = keys_file(host, profile(), 0o600, "passed/aws-credentials")
    assert host.findings(**NO_KEYS).one("ok", "credentials-file")["message"] == (
        f"{path} (CREDENTIALS_DIRECTORY)")
    pathlib.Path(path).chmod(0o644)
    failure = host.findings(**NO_KEYS).of("failure", "credentials-file")[0]
    says(failure, "credentials-file", f"{path}: its mode 0644", "chmod 600")


def test_a_file_that_is_named_and_not_there(host):
    findings = host.findings(AWS_CONFIG_FILE="/nonexistent/config")
    says(findings.one("warning", "credentials-file"), "credentials-file",
         "/nonexistent/config, which AWS_CONFIG_FILE names",
         "create it")


def test_a_file_that_is_none_of_aws(host):
    findings = host.findings(AWS_SHARED_CREDENTIALS_FILE=keys_file(host, "[default\n"))
    findings.only_failure("credentials-file", "keys:1:", "correct")


def test_what_only_this_shell_has(host):
    proxy = f"http://me:proxy-password@127.0.0.1:{closed_port()}"
    finding = host.findings(HTTPS_PROXY=proxy, AWS_SESSION_TOKEN="").one("ok", "environment")
    assert finding["message"].startswith("set in this shell: AWS_ACCESS_KEY_ID, AWS_EC2_METADATA_DISABLED, "
                                         "AWS_SECRET_ACCESS_KEY, HTTPS_PROXY")
    assert "systemctl edit auditshared" in finding["remedy"] and "AWS_SESSION_TOKEN" not in finding["message"]


# --- the way -----------------------------------------------------------------------------------------------


def test_a_port_that_refuses(host):
    port = closed_port()
    host.source(endpoint_url=f"http://127.0.0.1:{port}")
    findings = host.findings()
    findings.only_failure("connection", f"no connection to 127.0.0.1 port {port}: Connection refused",
                          "where it is configured")
    assert findings.levels()["identity"] == "ok" and findings.levels()["permission"] == "skipped"


def test_sts_that_refuses(host):
    host.source(sts_endpoint_url=f"http://127.0.0.1:{closed_port()}")
    findings = host.findings()
    findings.only_failure("connection", "Connection refused", "where it is configured")
    for check in ("credentials", "identity", "account", "permission"):
        assert findings.levels()[check] == "skipped"


def test_a_name_that_does_not_exist(host):
    host.source(endpoint_url="https://auditmanager.invalid")
    host.findings().only_failure("name", "auditmanager.invalid", "where it is configured")


def test_awss_own_names_where_there_is_no_dns(host):
    """The endpoint is nobody's mistake here, so the remedy is another one."""
    host.settings_path.write_text(json.dumps({"sources": {"governance": {"account": SENDER, "region": REGION,
                                              "sts_endpoint_url": host.simulator.url}}}))
    done = subprocess.run(["unshare", "--net", "sh", "-c", "exec \"$@\"", "sh",
                           *host.command(CTL, "doctor", "--json")],
                          env=host.env, capture_output=True, text=True, timeout=60)
    failures = Findings(Result(done).json()["checks"]).of("failure", "name")
    says(failures[0], "name", f"auditmanager.{REGION}.amazonaws.com", "/etc/resolv.conf")


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    ours, theirs = Authority(folder, "ours"), Authority(folder, "theirs")
    ours.server = ours.certificate("server", "IP:127.0.0.1")
    return ours, theirs


def test_an_unknown_authority(host, authorities):
    with serving(certificate=authorities[0].server) as url:
        host.source(endpoint_url=url)
        host.findings().only_failure("tls", "authority that is not trusted",
                                     "ca_bundle in the settings, or AWS_CA_BUNDLE")


def test_a_bundle_without_the_authority(host, authorities):
    with serving(certificate=authorities[0].server) as url:
        host.source(endpoint_url=url, ca_bundle=str(authorities[1].bundle))
        host.findings().only_failure("tls", "not trusted", "the only one that counts")


def test_a_bundle_that_is_not_there(host, authorities):
    with serving(certificate=authorities[0].server) as url:
        host.source(endpoint_url=url)
        findings = host.findings(AWS_CA_BUNDLE="/nonexistent/ca.pem")
        findings.only_failure("tls", "/nonexistent/ca.pem", "AWS_CA_BUNDLE")


def test_tls_that_is_fine(host, authorities):
    with serving(status=403, certificate=authorities[0].server) as url:
        host.source(endpoint_url=url, ca_bundle=str(authorities[0].bundle))
        endpoints = host.findings().of("ok", "endpoint")
        assert "TLS verified" in endpoints[0]["message"] and "no TLS" in endpoints[1]["message"]


def test_a_certificate_for_another_name(host, authorities):
    with serving(certificate=authorities[0].certificate("other", "DNS:other.test")) as url:
        host.source(endpoint_url=url, ca_bundle=str(authorities[0].bundle))
        host.findings().only_failure("tls", "is for another name", "the endpoint's URL")


def test_a_proxy_that_refuses(host):
    port = closed_port()
    host.source(endpoint_url="https://auditmanager.invalid", sts_endpoint_url="https://sts.invalid")
    findings = host.findings(HTTPS_PROXY=f"http://me:proxy-password@127.0.0.1:{port}")
    findings.only_failure("proxy", "auditmanager.invalid (by the settings), through the proxy "
                          f"http://127.0.0.1:{port} (HTTPS_PROXY): no connection to the proxy 127.0.0.1 "
                          f"port {port}",
                          "mend the proxy")
    assert findings.one("skipped", "endpoint")["message"] == "sts.invalid: fails alike"


@pytest.mark.parametrize("status, message", [(407, "user name"),
                                             (403, "does not connect to auditmanager.invalid")])
def test_a_proxy_that_does_not_let_us_through(host, status, message):
    host.source(endpoint_url="https://auditmanager.invalid")
    with serving(connect=status) as url:
        host.findings(HTTPS_PROXY=url).only_failure("proxy", message, "mend the proxy")


def test_exempt_from_the_proxy(host):
    host.source(endpoint_url="https://auditmanager.invalid")
    findings = host.findings(HTTPS_PROXY=f"http://127.0.0.1:{closed_port()}", NO_PROXY="invalid")
    findings.only_failure("name", "auditmanager.invalid (by the settings), without a proxy (NO_PROXY): ",
                          "configured")


def test_the_address_behind_a_name(host):
    host.source(endpoint_url=host.simulator.url.replace("127.0.0.1", "localhost"))
    answers = [each["message"] for each in host.findings().of("ok", "endpoint")]
    assert len(answers) == 2
    assert re.match(r"localhost:\d+ \(by the settings\): answers at (127\.0\.0\.1|::1), no TLS", answers[0])
    assert re.match(r"127\.0\.0\.1:\d+ \(by the settings\): answers, no TLS", answers[1])


def test_an_endpoint_that_is_not_aws(host):
    with serving(body=b"<html>It works!</html>") as url:
        host.source(endpoint_url=url)
        failures = host.findings().of("failure")
        assert len(failures) == 3
        for failure in failures:
            assert "cannot be read" in failure["message"] and "endpoint_url" in failure["remedy"]


def test_an_endpoint_that_makes_no_sense(host):
    findings = host.findings(AWS_ENDPOINT_URL_AUDITMANAGER="ftp://nowhere")
    assert not findings.of("failure"), "the settings come first"
    source = {"account": SENDER, "region": REGION}
    host.settings_path.write_text(json.dumps({"sources": {"governance": source}}))
    host.findings(AWS_ENDPOINT_URL_AUDITMANAGER="ftp://nowhere").only_failure(
        "configuration", "AWS_ENDPOINT_URL_AUDITMANAGER", "correct it")


def test_nobody_answers(host):
    """Silence at every step ends in time, each with its own words."""
    with BlackHole("127.0.0.1", 0) as hole:
        host.source(endpoint_url=f"http://127.0.0.1:{hole.port}")
        begun = time.monotonic()
        host.findings().only_failure("connection", "timeout: no connection", "something swallows packets")
        assert time.monotonic() - begun < 20


def test_an_answer_that_does_not_come(host):
    host.simulator.fault("GetCallerIdentity", "hang", count=1)
    begun = time.monotonic()
    findings = host.findings()
    assert time.monotonic() - begun < 20
    findings.only_failure("credentials", "the identity cannot be checked: timeout", "try again")


def test_all_of_it_has_an_end(host):
    """A program that hands out credentials may take its time, and is not waited for."""
    path = keys_file(host, "[profile slow]\ncredential_process = sleep 45\n")
    begun = time.monotonic()
    findings = host.findings(**NO_KEYS, AWS_CONFIG_FILE=path, AWS_PROFILE="slow")
    assert time.monotonic() - begun < 25
    findings.only_failure("credentials", "no answer within 20 s", "does not answer")
    assert len(findings.of("ok", "endpoint")) == 1 and findings.one("ok", "clock")


# --- the clock ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("date, level, message",
                         [(0, "ok", "agrees"), (-90, "warning", "ahead of"), (90, "warning", "behind"),
                                                  (625, "failure", r"10min \d+s behind"),
                                                  (-625, "failure", r"10min \d+s ahead of")])
def test_the_clock(host, date, level, message):
    with serving(status=403, date=date) as url:
        host.source(endpoint_url=url)
        finding = host.findings().one(level, "clock")
        assert re.search(message, finding["message"])
        assert level == "ok" or "timedatectl" in finding["remedy"]


def test_a_signature_of_another_time(host):
    host.simulator.fault("GetCallerIdentity", "skew", seconds=900, count=0)
    findings = host.findings()
    says(findings.one("failure", "clock"), "clock", "signing", "timedatectl")
    assert findings.levels()["identity"] == "ok", "signatures are corrected"


# --- credentials -------------------------------------------------------------------------------------------


def test_no_credentials(host):
    host.findings(**NO_KEYS).only_failure("credentials", "no credentials: ", "/etc/credstore/aws-credentials")


def test_metadata_that_does_not_answer(host):
    findings = host.findings(AWS_EC2_METADATA_DISABLED=None, **NO_KEYS,
                             AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{closed_port()}")
    findings.only_failure("credentials", "does not answer", "/etc/credstore/aws-credentials")


def test_metadata_that_answers(host):
    session = KEYS["session"]
    keys = [(session["access_key_id"], session["secret_access_key"], session["session_token"])]
    with Metadata(keys=keys) as metadata:
        findings = host.findings(AWS_EC2_METADATA_DISABLED=None, **NO_KEYS,
                                 AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url)
    assert not findings.of("failure")
    assert re.search(r"from instance metadata .*, expire in 59min .*; fetched anew 15min before",
                     findings.one("ok", "credentials")["message"])


REFUSED = {
    "unknown key": ({"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000001"}, "InvalidClientTokenId",
                    "does not exist any more"),
    "wrong secret": ({"AWS_SECRET_ACCESS_KEY": "nonsense"}, "SignatureDoesNotMatch", "copy both again"),
    "expired": (key_environment("expired"), "ExpiredToken", "sign in again"),
    "expired by its own account": ({**key_environment("session"),
                                    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
                                   "expired at 2020-01-01T00:00:00Z", "sign in again"),
    "no such profile": ({**NO_KEYS, "AWS_PROFILE": "nobody"}, "profile 'nobody'", "correct the profile"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_credentials_that_do_not_work(host, case):
    environment, message, remedy = REFUSED[case]
    findings = host.findings(**environment)
    findings.only_failure("credentials", message, remedy)
    assert [findings.levels()[check] for check in ("identity", "account", "permission")] == ["skipped"] * 3


def test_a_sign_in_that_needs_a_person(host):
    path = keys_file(host, "[default]\nsso_session = people\nsso_account_id = 111122223333\n"
                     "sso_role_name = audit\n[sso-session people]\nsso_region = eu-west-1\n"
                     "sso_start_url = https://example.awsapps.com/start\n")
    host.findings(**NO_KEYS, AWS_CONFIG_FILE=path, AWS_PROFILE="default").only_failure(
        "credentials", "signs in through a browser", "nobody to ask")


def test_half_of_a_key_is_passed_over(host):
    path = keys_file(host, profile())
    findings = host.findings(AWS_SECRET_ACCESS_KEY=None, AWS_SHARED_CREDENTIALS_FILE=path)
    says(findings.one("warning", "credentials"), "credentials", "AWS_SECRET_ACCESS_KEY is missing", "mend it")
    assert not findings.of("failure") and "profile default" in findings.one("ok", "credentials")["message"]


@pytest.mark.parametrize("role, external_id", [(OTHER_ROLE, None), (ROLE, None), (ROLE, "e-41")])
def test_a_role_that_is_refused(host, role, external_id):
    host.source(role_arn=role, **({"external_id": external_id} if external_id else {}))
    host.findings().only_failure("credentials", f"AssumeRole of {role}: AccessDenied", "trust policy")


def test_a_role_that_is_granted(host):
    host.source(role_arn=ROLE, external_id="e-42")
    findings = host.findings()
    assert not findings.of("failure")
    assert re.search(rf"from role {ROLE}, from .*, expire in .*fetched anew 15min before",
                     findings.one("ok", "credentials")["message"])


def test_another_account(host):
    findings = host.findings(**key_environment("stranger"))
    findings.only_failure("identity", f"signed in as account {STRANGER}", "account in the settings")
    assert SENDER in findings.one("failure", "identity")["message"]
    assert findings.levels()["credentials"] == "ok" and findings.levels()["permission"] == "skipped"


# --- the account -------------------------------------------------------------------------------------------


def test_an_account_without_audit_manager(host):
    host.source(account=STRANGER)
    findings = host.findings(**key_environment("stranger"))
    findings.only_failure("account", "Audit Manager is INACTIVE here", "no new customers since 2026-04-30")
    assert findings.levels()["identity"] == "ok" and findings.levels()["permission"] == "skipped"


@pytest.mark.parametrize("name, action", [("no requests", LIST_REQUESTS), ("no frameworks", LIST_FRAMEWORKS)])
def test_a_permission_that_is_missing(host, name, action):
    findings = host.findings(**key_environment(name))
    findings.only_failure("permission", f"not allowed: auditmanager:{action}: ", "IAM policy")
    assert len(findings.of("ok", "permission")) == 1


def test_a_permission_that_only_we_need(host):
    findings = host.findings(**key_environment("no status"))
    assert not findings.of("failure") and not findings.of("warning")
    account = findings.one("skipped", "account")["message"]
    assert "auditmanager:GetAccountStatus is not allowed, and not needed" in account


def test_a_busy_account(host):
    host.simulator.fault(LIST_REQUESTS, "status", status=400, code="ThrottlingException",
                         message="Rate exceeded", count=0)
    findings = host.findings()
    assert not findings.of("failure")
    says(findings.one("warning", "permission"), "permission", "Rate exceeded", "wait a minute")
    assert host.run().out.splitlines()[-1] == "1 warning."


def test_aws_in_trouble(host):
    host.simulator.fault(LIST_FRAMEWORKS, "status", status=503, code="ServiceUnavailable", message="Down",
                         count=0)
    host.findings().only_failure("permission", f"auditmanager:{LIST_FRAMEWORKS}: Down",
                                 "health.aws.amazon.com")
