# SPDX-License-Identifier: Apache-2.0
"""
Every way to sign in, by the real programs, and what becomes of the secrets

Each row of WAYS sets up a host and says where the credentials then come from. All secrets of this file carry
a canary, which must be found nowhere after a run: not on standard error at its most talkative, not in events,
memory, status, metrics, nor in a core.
"""

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import textwrap

import pytest

from daemon import CTL, DAEMON, Host, framework
from metadata import Metadata
from simulator import REGION, SENDER, Simulator, key, seed, wait_until

CANARY = "CanarySings"
SECRET = CANARY + "/secret+key"
TOKEN = CANARY + "/session+token=="
WEB_TOKEN = "ey" + CANARY + ".token.sig"
ROLE = f"arn:aws:iam::{SENDER}:role/audit-share"
WEB_ROLE = f"arn:aws:iam::{SENDER}:role/web"
LONG, SHORT = "AKIACANARY0000000001", "ASIACANARY0000000001"

SEED = seed(keys=[key(LONG, SECRET, SENDER), key(SHORT, SECRET, SENDER, session_token=TOKEN)],
            roles=[{"arn": ROLE, "external_id": "e-42"}, {"arn": WEB_ROLE, "web_identity_token": WEB_TOKEN}])

STATIC = f"aws_access_key_id = {LONG}\naws_secret_access_key = {SECRET}\n"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(seed=SEED, rate=0) as running:
        yield running


@pytest.fixture
def metadata():
    with Metadata(keys=[(SHORT, SECRET, TOKEN)]) as running:
        yield running


class SignIn:
    """A host without any credentials, to be given some."""

    def __init__(self, folder, simulator, metadata):
        self.host = Host(folder, simulator)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del self.host.env[name]
        self.host.shares(framework())
        self.metadata = metadata

    def file(self, name, text, mode=0o600):
        path = self.host.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def env(self, **variables):
        self.host.env.update(variables)

    def source(self, **keys):
        self.host.settings(sources={"governance": {"account": SENDER, "region": REGION, **keys}})

    def imds(self):
        self.env(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=self.metadata.url)

    def process(self, body, mode=0o700):
        return self.file("process.py", f"#!{sys.executable}\n" + textwrap.dedent(body), mode)

    def shared(self, config=None, credentials=None):
        if config is not None:
            self.env(AWS_CONFIG_FILE=self.file("config", config))
        if credentials is not None:
            self.env(AWS_SHARED_CREDENTIALS_FILE=self.file("credentials", credentials))


def process_output(**more):
    return json.dumps({"Version": 1, "AccessKeyId": SHORT, "SecretAccessKey": SECRET, "SessionToken": TOKEN,
                       "Expiration": "2100-01-01T00:00:00Z", **more})


def way_environment(s):
    s.env(AWS_ACCESS_KEY_ID=SHORT, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN)


def way_directory(s):
    s.file("creds/aws-credentials", "[default]\n" + STATIC, 0o400)
    s.env(CREDENTIALS_DIRECTORY=str(s.host.folder / "creds"))


def way_settings_profile(s):
    s.source(profile="audit")
    s.shared(credentials="[audit]\n" + STATIC)


def way_settings_profile_in_directory(s):
    s.source(profile="audit")
    s.file("creds/aws-credentials", "[audit]\n" + STATIC, 0o400)
    s.env(CREDENTIALS_DIRECTORY=str(s.host.folder / "creds"))


def way_default_profile(s):
    s.shared(credentials="[default]\n" + STATIC)


def way_config_profile(s):
    s.shared(config="[profile p]\nregion = eu-west-1\n" + STATIC)
    s.env(AWS_PROFILE="p")


def way_role_with_source_profile(s):
    s.shared(config=f"[profile p]\nrole_arn = {ROLE}\nexternal_id = e-42\nsource_profile = base\n"
                    "role_session_name = nightly\nduration_seconds = 900\n",
             credentials="[base]\n" + STATIC)
    s.env(AWS_PROFILE="p")


def way_role_of_a_role(s):
    s.shared(config=f"[default]\nrole_arn = {ROLE}\nexternal_id = e-42\nsource_profile = middle\n"
                    f"[profile middle]\nrole_arn = arn:aws:iam::{SENDER}:role/middle\nsource_profile = base\n",
             credentials="[base]\n" + STATIC)


def way_credential_source_environment(s):
    way_environment(s)
    s.source(profile="p")
    s.shared(config=f"[profile p]\nrole_arn = {ROLE}\nexternal_id = e-42\ncredential_source = Environment\n")


def way_credential_source_metadata(s):
    s.imds()
    s.shared(config=f"[default]\nrole_arn = {ROLE}\nexternal_id = e-42\ncredential_source = Ec2InstanceMetadata\n")


def way_credential_source_container(s):
    s.env(AWS_CONTAINER_CREDENTIALS_FULL_URI=s.metadata.container_url)
    s.shared(config=f"[default]\nrole_arn = {ROLE}\nexternal_id = e-42\ncredential_source = EcsContainer\n")


def way_process(s):
    program = s.process(f"print({process_output()!r})")
    s.shared(config=f"[default]\ncredential_process = '{program}' --any \"word or two\"\n")


def way_web_identity_profile(s):
    token = s.file("token", WEB_TOKEN)
    s.shared(config=f"[default]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {token}\n")


def way_web_identity_environment(s):
    s.env(AWS_ROLE_ARN=WEB_ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=s.file("token", WEB_TOKEN, 0o644))


def way_container(s):
    s.env(AWS_CONTAINER_CREDENTIALS_FULL_URI=s.metadata.container_url)


def way_container_with_token_file(s):
    s.metadata.control(authorization="Bearer " + CANARY)
    s.env(AWS_CONTAINER_CREDENTIALS_FULL_URI=s.metadata.container_url,
          AWS_CONTAINER_AUTHORIZATION_TOKEN="not this one",
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=s.file("pod-token", "Bearer " + CANARY))


def way_metadata(s):
    s.imds()


def way_own_role(s):
    way_environment(s)
    s.source(role_arn=ROLE, external_id="e-42")


def way_own_role_from_metadata(s):
    s.imds()
    s.source(role_arn=ROLE, external_id="e-42")


def way_own_role_on_a_profile(s):
    way_role_with_source_profile(s)
    s.source(role_arn=f"arn:aws:iam::{SENDER}:role/second")


# What signs the listing: a key of ours, or one that STS has made.
WAYS = [
    (way_environment, SHORT), (way_directory, LONG), (way_settings_profile, LONG),
    (way_settings_profile_in_directory, LONG), (way_default_profile, LONG), (way_config_profile, LONG),
    (way_role_with_source_profile, "role/audit-share"), (way_role_of_a_role, "role/audit-share"),
    (way_credential_source_environment, "role/audit-share"),
    (way_credential_source_metadata, "role/audit-share"),
    (way_credential_source_container, "role/audit-share"), (way_process, SHORT),
    (way_web_identity_profile, "role/web"), (way_web_identity_environment, "role/web"),
    (way_container, SHORT), (way_container_with_token_file, SHORT), (way_metadata, SHORT),
    (way_own_role, "role/audit-share"), (way_own_role_from_metadata, "role/audit-share"),
    (way_own_role_on_a_profile, "role/second"),
]


def sings(folder, *texts):
    """Where the canary is that it must not be."""
    found = [f"text {i}" for i, text in enumerate(texts) if CANARY in text]
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file() and CANARY.encode() in path.read_bytes():
            found.append(str(path))
    return found


@pytest.mark.parametrize("way, signer", WAYS, ids=[way.__name__[4:] for way, _ in WAYS])
def test_sign_in(way, signer, tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    way(s)
    simulator.control("/log-clear", {})
    result = s.host.once("--debug")
    assert result.status == 0, result.err
    assert s.host.share()["status"] in ("REPLICATING", "ACTIVE", "SHARED")
    calls = simulator.log(operation="ListAssessmentFrameworkShareRequests")
    assert calls and "Source governance: signed in with credentials of " in result.err
    if signer.startswith("role/"):
        assumed = [call for call in simulator.log() if call["operation"].startswith("AssumeRole")]
        assert assumed and assumed[-1]["status"] == 200 and calls[0]["access_key_id"].startswith("ASIA")
    else:
        assert calls[0]["access_key_id"] == signer
    assert sings(s.host.state, result.err, result.out) == []
    assert sings(s.host.runtime) == []


def refuse_wrong_secret(s):
    s.env(AWS_ACCESS_KEY_ID=LONG, AWS_SECRET_ACCESS_KEY=CANARY + "wrong")
    return "SignatureDoesNotMatch"


def refuse_wrong_token(s):
    s.env(AWS_ACCESS_KEY_ID=SHORT, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN + CANARY)
    return "AWS refuses the credentials"


def refuse_half(s):
    s.env(AWS_SECRET_ACCESS_KEY=SECRET)
    return "AWS_ACCESS_KEY_ID is missing"


def refuse_readable(s):
    s.shared(credentials="[default]\n" + STATIC)
    os.chmod(s.host.env["AWS_SHARED_CREDENTIALS_FILE"], 0o640)
    return "0640"


def refuse_readable_config(s):
    s.shared(config="[default]\n" + STATIC)
    os.chmod(s.host.env["AWS_CONFIG_FILE"], 0o644)
    return "0644"


def refuse_syntax(s):
    s.shared(credentials="[default]\n" + STATIC + CANARY + "\n")
    return "credentials:4"


def refuse_process_output(s):
    s.shared(config=f"[default]\ncredential_process = {s.process(f'print({SECRET!r})')}\n")
    return "credential_process"


def refuse_process_status(s):
    program = s.process("import sys; print('no ticket, run kinit', file=sys.stderr); sys.exit(3)")
    s.shared(config=f"[default]\ncredential_process = {program}\n")
    return "no ticket, run kinit"


def refuse_expired(s):
    program = s.process(f"print({process_output(Expiration='2020-01-01T00:00:00Z')!r})")
    s.shared(config=f"[default]\ncredential_process = {program}\n")
    return "expired at 2020-01-01"


def refuse_external_id(s):
    way_environment(s)
    s.source(role_arn=ROLE, external_id="other")
    return "AssumeRole"


def refuse_web_token(s):
    s.env(AWS_ROLE_ARN=WEB_ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=s.file("token", WEB_TOKEN + CANARY))
    return "AssumeRoleWithWebIdentity"


def refuse_metadata_body(s):
    s.metadata.control(body=f'{{"SecretAccessKey": "{SECRET}", ')
    s.imds()
    return "instance metadata"


def refuse_container_host(s):
    s.env(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://192.0.2.7/credentials",
          AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARY)
    return "AWS_CONTAINER_CREDENTIALS_FULL_URI"


def refuse_sso(s):
    s.shared(config="[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = r\n")
    return "credential_process"


def refuse_circle(s):
    s.shared(config=f"[profile a]\nrole_arn = {ROLE}\nsource_profile = b\n"
                    f"[profile b]\nrole_arn = {ROLE}\nsource_profile = a\n")
    s.env(AWS_PROFILE="a")
    return "a"


REFUSALS = [value for name, value in list(globals().items()) if name.startswith("refuse_")]


@pytest.mark.parametrize("refuse", REFUSALS, ids=[refuse.__name__[7:] for refuse in REFUSALS])
def test_no_sign_in(refuse, tmp_path, simulator, metadata):
    """What cannot sign in says why, sends nothing, and says nothing of a secret."""
    s = SignIn(tmp_path, simulator, metadata)
    words = refuse(s)
    simulator.control("/log-clear", {})
    result = s.host.once("--debug")
    assert result.status == 1
    event = result.events.of("credentials")
    assert len(event) == 1 and words in event[0]["MESSAGE"], result.err
    assert event[0]["PRIORITY"] == "3"
    assert not [call for call in simulator.log() if "Share" in call["operation"]]
    assert sings(s.host.state, result.err, result.out) == []
    assert sings(s.host.runtime) == []
    # The same in every pass is said once, and when it is over that is said, too.
    assert s.host.once().events.of("credentials") == []


def test_a_config_file_that_anybody_can_write_is_not_taken(tmp_path, simulator, metadata):
    """Not even where the keys come from elsewhere: it says where signed requests go."""
    s = SignIn(tmp_path, simulator, metadata)
    way_environment(s)
    with Simulator(seed=SEED, rate=0) as attacker:
        s.shared(config=f"[default]\nendpoint_url = {attacker.url}\n")
        os.chmod(s.host.env["AWS_CONFIG_FILE"], 0o666)
        result = s.host.once()
        assert result.status == 78 and "0666 lets others write it" in result.err
        os.chmod(s.host.env["AWS_CONFIG_FILE"], 0o600)
        os.chown(s.host.env["AWS_CONFIG_FILE"], 65534, 65534)
        result = s.host.once()
        assert result.status == 78 and "belongs to user 65534" in result.err
        assert attacker.log() == []


@pytest.mark.parametrize("text, attempts", [("1", 1), ("4", 4), ("0", None), ("many", None), ("-1", None)])
def test_attempts(text, attempts, tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    way_environment(s)
    s.env(AWS_MAX_ATTEMPTS=text)
    simulator.control("/log-clear", {})
    simulator.fault(operation="GetCallerIdentity", kind="status", status=503, count=0)
    try:
        result = s.host.once()
    finally:
        simulator.clear_faults()
    if attempts is None:
        assert result.status == 78 and f"is no whole number from 1: {text}" in result.err
    else:
        assert len(simulator.log()) == attempts


def test_trouble_is_no_reason_to_be_somebody_else(tmp_path, simulator, metadata):
    """Web identity was configured; where STS is in trouble the instance's own role is not used instead."""
    s = SignIn(tmp_path, simulator, metadata)
    way_web_identity_environment(s)
    s.imds()
    simulator.control("/log-clear", {})
    simulator.fault(operation="AssumeRoleWithWebIdentity", kind="status", status=503, count=0)
    try:
        result = s.host.once()
    finally:
        simulator.clear_faults()
    assert result.status == 1 and "InternalServerException" in result.events.of("credentials")[0]["MESSAGE"]
    assert {call["operation"] for call in simulator.log()} == {"AssumeRoleWithWebIdentity"}
    assert s.host.once().status == 0


def test_a_source_that_fails_later_is_not_left(tmp_path, simulator, metadata):
    """A program that has worked once and then fails: its keys are used to their end, and nobody else's."""
    s = SignIn(tmp_path, simulator, metadata)
    program = s.process(f"""
        import datetime, os, sys
        if os.path.exists("{tmp_path}/worked"):
            sys.exit("no more")
        open("{tmp_path}/worked", "w").close()
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
        print({process_output()!r}.replace("2100-01-01T00:00:00Z", ends.strftime("%Y-%m-%dT%H:%M:%SZ")))
        """)
    s.shared(config=f"[default]\ncredential_process = {program}\n")
    s.imds()
    metadata.control(keys=[(LONG, SECRET, "")])
    s.host.settings(interval="1s")
    simulator.control("/log-clear", {})
    with s.host.service() as service:
        service.wait_passes(3)
        event = service.wait_for(lambda events: events.of("credentials"))[0]
        assert "no more" in event["MESSAGE"]
    assert {call["access_key_id"] for call in simulator.log()} == {SHORT}
    assert metadata.requests() == []


def test_a_profile_that_was_chosen_and_is_misspelt(tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    s.imds()
    s.env(AWS_PROFILE="p")
    s.shared(config="[profile p]\nrole_ar = x\nsource_profile = b\n[profile b]\n" + STATIC)
    result = s.host.once()
    assert result.status == 1 and "role_arn is missing" in result.events.of("credentials")[0]["MESSAGE"]


def test_a_misconfigured_source_is_passed_over(tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    s.shared(config="[default]\ncredential_process = /nonexistent/program\n")
    way_container(s)
    result = s.host.once()
    assert result.status == 0, result.err
    assert "/nonexistent/program" in result.err or "credential_process" in result.err


def test_keys_rotate_under_the_service(tmp_path, simulator, metadata):
    """Metadata hands out new keys when the old ones are about to end; the old ones are then refused."""
    second = ("ASIACANARY0000000002", SECRET + "2", TOKEN + "2")
    simulator.add(keys=[key(second[0], second[1], SENDER, session_token=second[2])])
    s = SignIn(tmp_path, simulator, metadata)
    s.imds()
    s.host.settings(interval="1s")
    with s.host.service() as service:
        service.wait_passes(2)
        metadata.control(keys=[second])
        simulator.add(keys=[key(SHORT, SECRET, SENDER, session_token=TOKEN, expires=-1)])
        service.wait_passes(len(service.events.of("completed")) + 2)
        used = {call["access_key_id"] for call in simulator.log(operation="ListAssessmentFrameworkShareRequests")}
        assert second[0] in used
        assert service.events.of("credentials") == []
        assert service.events.of("refused") == []
    simulator.add(keys=[key(SHORT, SECRET, SENDER, session_token=TOKEN, expires=86400)])


def with_cores(tmp_path):
    def prepare():
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        os.chdir(tmp_path)
    return prepare


def test_ignored_children_are_reaped_all_the_same(tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    way_process(s)
    assert s.host.once(preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)).status == 0
    done = s.host.ctl("list", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert done.status == 0, done.err


def test_an_interrupted_command_leaves_no_program(tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    program = s.process(f"""
        import os, time
        open("{tmp_path}/pid.tmp", "w").write(str(os.getpid()))
        os.rename("{tmp_path}/pid.tmp", "{tmp_path}/pid")
        time.sleep(60)
        """)
    s.shared(config=f"[default]\ncredential_process = {program}\n")
    # Tests that run in the background of a shell inherit it ignored.
    process = subprocess.Popen(s.host.command(CTL, "plan"), env=s.host.env, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until((tmp_path / "pid").exists)
    pid = int((tmp_path / "pid").read_text())
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    assert process.wait(10) == -signal.SIGINT
    wait_until(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in open(f"/proc/{pid}/stat").read())


def dumps_core(command, env, tmp_path, ready):
    """Whether a core is made of a program that is killed by SIGSEGV with no limit on cores."""
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, preexec_fn=with_cores(tmp_path))
    try:
        ready(process)
        process.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = status
    finally:
        process.stderr.close()
    assert os.WIFSIGNALED(status), status
    return os.WCOREDUMP(status)


def test_no_core(tmp_path, simulator, metadata):
    s = SignIn(tmp_path, simulator, metadata)
    way_environment(s)
    env = {name: value for name, value in s.host.env.items() if not name.endswith("SAN_OPTIONS")}
    env["ASAN_OPTIONS"] = "handle_segv=0:disable_coredump=0:use_madv_dontdump=0:detect_leaks=0"
    assert dumps_core(["sleep", "60"], env, tmp_path, lambda process: None), "cores cannot be made here at all"
    for path in tmp_path.glob("core*"):
        path.unlink()

    def completed(process):
        for line in process.stderr:
            if b"Pass completed" in line:
                return
        raise AssertionError("no pass")

    assert not dumps_core(s.host.command(DAEMON, "--log-format", "json"), env, tmp_path, completed)

    def asked(_):
        wait_until(lambda: simulator.stats()["in_flight"] == 1)

    simulator.fault(operation="GetCallerIdentity", kind="hang")
    try:
        assert not dumps_core(s.host.command(CTL, "plan"), env, tmp_path, asked)
    finally:
        simulator.clear_faults()
    assert sings(s.host.state) == [] and not list(tmp_path.glob("core*"))


def test_a_secret_is_no_string(tmp_path):
    """What would print a secret does not build; the same line with its text does."""
    root = pathlib.Path(__file__).resolve().parents[2]
    line = 'void f(const Secret *s); void f(const Secret *s) {{ log_error("%s", {}); }}'
    for argument, builds in (("s", False), ("secret_reveal(s)", True)):
        source = tmp_path / "f.c"
        source.write_text('#include "util/log.h"\n#include "util/secret.h"\n' + line.format(argument) + "\n")
        built = subprocess.run(["cc", "-std=c17", "-Wall", "-Werror", f"-I{root}/daemon", "-c", "-o", "/dev/null", source],
                               capture_output=True, text=True)
        assert (built.returncode == 0) == builds, built.stderr
