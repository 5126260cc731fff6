# SPDX-License-Identifier: Apache-2.0

"""
Signing in from within the unit: each way that an operator can give the service its keys

A row is a drop-in and files, and what must come of them: which key signs, or for which reason none does. The
simulator knows each key, and refuses every other; its log says which one it saw.
"""

import dataclasses
import json
import re
import textwrap

import pytest

from metadata import Metadata
from simulator import SENDER, key, wait_until
from unit import run

START = "StartAssessmentFrameworkShare"
ROLE = f"arn:aws:iam::{SENDER}:role/audit-share"
STORED = "/etc/credstore/aws-credentials"
ETC_KEYS = "/etc/auditshared/keys"
CONFIG = "/etc/auditshared/aws-config"
WEB_TOKEN = "eyJhbGciOiJub25lIn0.e30."
PLAIN, SESSION = "AKIAUNITPLAIN0000001", "ASIAUNITSESSION00001"
KEYS = {PLAIN: ("unit/plain+key=1", None), SESSION: ("unit/session+key=2", "unit/session+token/==")}
ALL_KEYS = [key(name, secret, SENDER, **({"session_token": token} if token else {}))
            for name, (secret, token) in KEYS.items()]


def section(name="default", of=PLAIN):
    """A profile's keys, in the format of ~/.aws/credentials."""
    secret, token = KEYS[of]
    lines = [f"[{name}]", f"aws_access_key_id = {of}", f"aws_secret_access_key = {secret}"]
    return "\n".join(lines + ([f"aws_session_token = {token}"] if token else [])) + "\n"


def environment(**variables):
    return [f"Environment={name}={value}" for name, value in variables.items()]


def process(program):
    """Files of a credential_process."""
    return {CONFIG: (0o644, "[default]\ncredential_process = /usr/local/bin/keys --for audit\n"),
            "/usr/local/bin/keys": (0o755, textwrap.dedent(program))}


def role_profile(base):
    """A configuration file whose profile `audit` assumes the role with these base credentials."""
    text = f"[profile audit]\nrole_arn = {ROLE}\nexternal_id = e-42\n{base}\n"
    return {CONFIG: (0o644, text)}


SHARED = environment(AWS_SHARED_CREDENTIALS_FILE="%d/keys")
SHARED_ETC = environment(AWS_SHARED_CREDENTIALS_FILE=ETC_KEYS)
CONFIGURED = environment(AWS_CONFIG_FILE=CONFIG)
CONTAINER = environment(AWS_CONTAINER_CREDENTIALS_FULL_URI="@METADATA@/container")
INSTANCE = environment(AWS_EC2_METADATA_SERVICE_ENDPOINT="@METADATA@")
ANSWER = json.dumps({"Version": 1, "AccessKeyId": SESSION, "SecretAccessKey": KEYS[SESSION][0],
                     "SessionToken": KEYS[SESSION][1]})
VARIABLES = f"""\
AWS_ACCESS_KEY_ID={SESSION}
AWS_SECRET_ACCESS_KEY={KEYS[SESSION][0]}
AWS_SESSION_TOKEN={KEYS[SESSION][1]}
"""
INTERACTIVE = """\
[default]
sso_session = people
sso_account_id = 111122223333
sso_role_name = audit
[sso-session people]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
"""


@dataclasses.dataclass
class Case:
    name: str
    drop_in: list = ()  # of [Service]; @METADATA@ is the URL of the metadata server
    files: dict = dataclasses.field(default_factory=dict)  # path: (mode, text)
    source: dict = dataclasses.field(default_factory=dict)  # more keys of the source in the settings
    metadata: dict = dataclasses.field(default_factory=dict)  # settings of the metadata server
    signs: str = None  # the key that signs the start; "STS": one that STS made
    assumes: tuple = ()  # (operation of STS, key that signed it)
    refused: str = None  # a pattern in the event that says that there are no credentials


CASES = [
    Case("credstore", files={STORED: (0o600, section())}, signs=PLAIN),
    Case("credstore/session token", files={STORED: (0o600, section(of=SESSION))}, signs=SESSION),
    # The original is read by systemd, and its copy is what the service gets to see.
    Case("credstore/readable for others", files={STORED: (0o644, section())}, signs=PLAIN),
    Case("credstore/a path of one's own", ["LoadCredential=aws-credentials:/root/keys"],
         {"/root/keys": (0o600, section())}, signs=PLAIN),
    Case("credstore/before the environment",
         environment(AWS_ACCESS_KEY_ID="AKIANOBODY", AWS_SECRET_ACCESS_KEY="x"),
         {STORED: (0o600, section())}, signs=PLAIN),
    Case("environment", environment(AWS_ACCESS_KEY_ID=PLAIN, AWS_SECRET_ACCESS_KEY=KEYS[PLAIN][0]),
         signs=PLAIN),
    Case("environment/file", ["EnvironmentFile=/etc/auditshared/environment"],
         {"/etc/auditshared/environment": (0o600, VARIABLES)}, signs=SESSION),
    Case("shared file/from systemd", ["LoadCredential=keys", *SHARED],
         {"/etc/credstore/keys": (0o600, section())}, signs=PLAIN),
    Case("shared file/0600 and the service's own",
         environment(AWS_SHARED_CREDENTIALS_FILE="%S/auditshared/keys"),
         {"/var/lib/private/auditshared/keys": (0o600, section())}, signs=PLAIN),
    Case("shared file/0644", SHARED_ETC, {ETC_KEYS: (0o644, section())},
         refused=ETC_KEYS + ": its mode 0644 lets others"),
    Case("shared file/0640", SHARED_ETC, {ETC_KEYS: (0o640, section())},
         refused=ETC_KEYS + ": Permission denied"),
    Case("shared file/0600 and root's", SHARED_ETC, {ETC_KEYS: (0o600, section())},
         refused=ETC_KEYS + ": Permission denied"),
    Case("shared file/in a home", environment(AWS_SHARED_CREDENTIALS_FILE="/root/.aws/credentials"),
         {"/root/.aws/credentials": (0o600, section())}, refused="/root/.aws/credentials"),
    Case("settings' profile", source={"profile": "audit"}, files={STORED: (0o600, section("audit"))},
         signs=PLAIN),
    Case("settings' profile/not there", source={"profile": "audit"},
         files={STORED: (0o600, section("other"))}, refused="profile 'audit'"),
    Case("process", CONFIGURED, process(f"""\
         #!/bin/sh
         [ "$1 $2" = "--for audit" ] && echo '{ANSWER}'
         """), signs=SESSION),
    Case("process/python", CONFIGURED, process(f"""\
         #!/usr/bin/python3
         import subprocess, threading
         threading.Thread(target=int).start()
         subprocess.run(["/bin/echo", '{ANSWER}'], check=True)
         """), signs=SESSION),
    # Programs in Go raise their limit of files at the start, others lower their priority: it must do no harm.
    Case("process/would have more resources", CONFIGURED, process(f"""\
         #!/usr/bin/python3
         import contextlib, os, resource
         with contextlib.suppress(OSError, ValueError):
             resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
         with contextlib.suppress(OSError):
             os.nice(1)
         with contextlib.suppress(OSError):
             os.sched_setaffinity(0, {{0}})
         print('{ANSWER}')
         """), signs=SESSION),
    Case("process/fails", CONFIGURED, process("""\
         #!/bin/sh
         echo "the vault is sealed" >&2
         exit 3
         """), refused="the vault is sealed"),
    Case("process/not there", CONFIGURED,
         {CONFIG: (0o644, "[default]\ncredential_process = /usr/local/bin/none\n")},
         refused="/usr/local/bin/none"),
    Case("role/source_profile",
         ["LoadCredential=keys", *SHARED, *CONFIGURED, "Environment=AWS_PROFILE=audit"],
         {"/etc/credstore/keys": (0o600, section("base")), **role_profile("source_profile = base")},
         signs="STS", assumes=("AssumeRole", PLAIN)),
    Case("role/credential_source", [*CONFIGURED, "Environment=AWS_PROFILE=audit", *CONTAINER],
         role_profile("credential_source = EcsContainer"), signs="STS", assumes=("AssumeRole", SESSION)),
    Case("role/settings", source={"role_arn": ROLE, "external_id": "e-42"},
         files={STORED: (0o600, section())},
         signs="STS", assumes=("AssumeRole", PLAIN)),
    Case("role/settings, wrong external id", source={"role_arn": ROLE, "external_id": "e-1"},
         files={STORED: (0o600, section())}, refused="AccessDenied"),
    Case("web identity",
         ["LoadCredential=token", *environment(AWS_WEB_IDENTITY_TOKEN_FILE="%d/token", AWS_ROLE_ARN=ROLE)],
         {"/etc/credstore/token": (0o600, WEB_TOKEN)},
         signs="STS", assumes=("AssumeRoleWithWebIdentity", None)),
    Case("container", CONTAINER, signs=SESSION),
    Case("container/token file",
         ["LoadCredential=token", *CONTAINER,
          *environment(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="%d/token")],
         {"/etc/credstore/token": (0o600, "of-tidings")}, metadata={"authorization": "of-tidings"},
         signs=SESSION),
    Case("container/wrong token", [*CONTAINER, *environment(AWS_CONTAINER_AUTHORIZATION_TOKEN="of-nothing")],
         metadata={"authorization": "of-tidings"}, refused="401|not this token"),
    Case("instance metadata", INSTANCE, signs=SESSION),
    Case("instance metadata/off", [*INSTANCE, *environment(AWS_EC2_METADATA_DISABLED="true")],
         refused="no credentials"),
    Case("interactive", CONFIGURED, {CONFIG: (0o644, INTERACTIVE)}, refused="(?i)sso"),
    Case("nothing", refused="no credentials"),
]


@pytest.fixture
def metadata():
    with Metadata(keys=[(SESSION, *KEYS[SESSION])]) as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_signs_in(case, service, simulator, metadata):
    simulator.add(keys=ALL_KEYS,
                  roles=[{"arn": ROLE, "external_id": "e-42", "web_identity_token": WEB_TOKEN}])
    metadata.control(**case.metadata)
    service.settings(settle="0s", interval="1h",
                     sources={"governance": {"account": SENDER, "region": "eu-west-1", **case.source}})
    for path, (mode, text) in case.files.items():
        service.file(path, text, mode)
    service.start(*(line.replace("@METADATA@", metadata.url) for line in case.drop_in))
    if case.refused:
        check_refused(case, service, simulator)
    else:
        check_signed(case, service, simulator)
    journal = run("journalctl", "-o", "export").stdout
    for secret in [text for pair in KEYS.values() for text in pair if text] + [WEB_TOKEN]:
        assert secret not in journal


def check_refused(case, service, simulator):
    event = service.wait_for(lambda events: events.of("credentials"))[0]
    assert re.search(case.refused, event["MESSAGE"]), event["MESSAGE"]
    assert event["SHARE_SOURCE"] == "governance" and event["PRIORITY"] == "3"
    assert service.show("ActiveState") == "active" and simulator.log(START) == []


def check_signed(case, service, simulator):
    service.wait_for(lambda events: events.of("completed") or events.of("refused"))
    names = service.events.names()
    assert "completed" in names and "credentials" not in names, service.text
    signed = wait_until(lambda: simulator.log(START))[0]["access_key_id"]
    assert signed == case.signs or (case.signs == "STS" and signed.startswith("ASIA") and signed not in KEYS)
    assumed = [call for call in simulator.log() if call["operation"].startswith("AssumeRole")]
    wanted = [case.assumes] if case.assumes else []
    assert [(call["operation"], call.get("access_key_id")) for call in assumed] == wanted
    assert all(call["role_arn"] == ROLE for call in assumed)
