# SPDX-License-Identifier: Apache-2.0
"""
The chain of credentials against botocore's, on the same worlds

A world is an environment, files, and a network of canned answers: STS, instance metadata, a container's
endpoint. botocore and the driver's resolve_credentials are put into it alike, with real files and real
variables, and must come to the same key, secret, token and expiry, or both to an error. Where a difference is
meant, the row says which and why.
"""

import contextlib
import io
import itertools
import json
import os
import re
import select
import subprocess
import sys
import urllib.parse
from datetime import timezone
from unittest import mock

import botocore.awsrequest
import botocore.exceptions
import botocore.httpsession
import botocore.session
import pytest

from driver import binary

NOW = 1800000000
LATER = "2027-01-15T09:00:00Z"  # an hour after NOW
ROLE = "arn:aws:iam::111122223333:role/one"
IMDS, ECS = "http://169.254.169.254", "http://169.254.170.2"


def sts_answer(action, name):
    return (200, {}, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><AssumedRoleId>A:B</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/{name}/s</Arn>
</AssumedRoleUser><Credentials><AccessKeyId>ASIA{name}</AccessKeyId><SecretAccessKey>secret-{name}</SecretAccessKey>
<SessionToken>token-{name}</SessionToken><Expiration>{LATER}</Expiration></Credentials></{action}Result>
<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{action}Response>""")


def sts_error(code, status=403):
    return (status, {}, f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>"
                        "<RequestId>x</RequestId></ErrorResponse>")


def keys(name, **more):
    return json.dumps({"AccessKeyId": f"ASIA{name}", "SecretAccessKey": f"secret-{name}", "Token": f"token-{name}",
                       "Expiration": LATER, **more})


class Network:
    """Canned answers. Each attribute may be a status and headers and body, an exception's name, or a function."""

    def __init__(self, **answers):
        self.answers = {
            "token": (200, {"x-aws-ec2-metadata-token-ttl-seconds": "21600"}, "metadata-token"),
            "roles": (200, {}, "instance"),
            "instance": (200, {}, keys("INSTANCE", Code="Success", Type="AWS-HMAC", LastUpdated=LATER)),
            "container": (200, {}, keys("CONTAINER", RoleArn=ROLE)),
            "sts": None,
            **answers,
        }
        self.seen = []

    def sts(self, headers, body):
        form = dict(urllib.parse.parse_qsl(body))
        if form["Action"] == "AssumeRole":
            signer = re.search(r"Credential=([^/]+)/", headers["authorization"]).group(1)
            name = form["RoleArn"].rsplit("/", 1)[1]
            return sts_answer("AssumeRole", f"{name}-by-{signer}-{form.get('ExternalId', '')}")
        assert "authorization" not in headers, "a web identity is its own proof"
        name = form["RoleArn"].rsplit("/", 1)[1]
        return sts_answer(form["Action"], f"{name}-web-{form['WebIdentityToken'].strip()}")

    def answer(self, method, url, headers, body):
        headers = {name.lower(): value for name, value in headers.items()}
        self.seen.append((method, url))
        parsed = urllib.parse.urlparse(url)
        if parsed.hostname.startswith("sts."):
            canned = self.answers["sts"]
            return canned if canned else self.sts(headers, body)
        if parsed.path == "/latest/api/token":
            return self.answers["token"]
        if parsed.path.startswith("/latest/meta-data/"):
            if headers.get("x-aws-ec2-metadata-token") != "metadata-token":
                return (401, {}, "")
            last = parsed.path.rsplit("/", 1)[1]
            return self.answers["instance" if last else "roles"]
        wanted = self.answers.get("authorization")
        if wanted and headers.get("authorization") != wanted:
            return (401, {}, "{}")
        return self.answers["container"]


class World:
    def __init__(self, env=(), config=None, credentials=None, files=(), network=(), **notes):
        self.env, self.config, self.credentials = dict(env), config, credentials
        self.files, self.network, self.notes = dict(files), dict(network), notes

    def prepare(self, folder):
        """Writes the files; DIR in a text stands for the folder. Returns the environment, whole."""
        def fill(text):
            return text.replace("DIR", str(folder))

        (folder / ".aws").mkdir()
        for name, text in ((".aws/config", self.config), (".aws/credentials", self.credentials)):
            if text is not None:
                (folder / name).write_bytes(fill(text).encode() if isinstance(text, str) else text)
        for name, text in self.files.items():
            (folder / name).write_text(fill(text))
            (folder / name).chmod(0o700)
        return {"HOME": str(folder), "PATH": os.environ["PATH"], "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_STS_REGIONAL_ENDPOINTS": "regional",
                "AWS_MAX_ATTEMPTS": "3",
                **{name: fill(value) for name, value in self.env.items()}}


class Raw(io.BytesIO):
    def stream(self, **_):
        contents = self.read()
        while contents:
            yield contents
            contents = self.read()


def by_botocore(world, env):
    network = Network(**world.network)

    def send(_, request):
        body = request.body or b""
        body = body.decode() if isinstance(body, bytes) else body
        headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
        answer = network.answer(request.method, request.url, headers, body)
        if isinstance(answer, str):
            error = botocore.exceptions.ConnectTimeoutError if answer == "timeout" else \
                botocore.exceptions.EndpointConnectionError
            raise error(endpoint_url=request.url, error=answer)
        status, headers, text = answer
        return botocore.awsrequest.AWSResponse(request.url, status, headers, Raw(text.encode()))

    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, env, clear=True))
        stack.enter_context(mock.patch("botocore.httpsession.URLLib3Session.send", send))
        stack.enter_context(mock.patch("time.sleep", lambda _: None))
        try:
            credentials = botocore.session.Session().get_credentials()
            if credentials is None:
                return None
            frozen = credentials.get_frozen_credentials()
        except Exception as error:  # whatever it is, botocore has no credentials
            return str(error) and None
        expiry = getattr(credentials, "_expiry_time", None)
        return {"access_key_id": frozen.access_key, "secret_access_key": frozen.secret_key,
                "session_token": frozen.token or None,
                "expiry": int(expiry.astimezone(timezone.utc).timestamp()) if expiry else None}


def by_driver(world, env, provider="default"):
    network = Network(**world.network)
    env = {**env, **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}}
    process = subprocess.Popen([str(binary())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True)
    try:
        process.stdin.write(json.dumps({"op": "resolve_credentials", "id": 1, "provider": provider, "now": NOW}) + "\n")
        process.stdin.flush()
        while True:
            assert select.select([process.stdout], [], [], 20)[0], "the driver hangs"
            line = json.loads(process.stdout.readline())
            if "http_request" not in line:
                return line
            asked = line["http_request"]
            answer = network.answer(asked["method"], asked["url"], dict(asked["headers"]), asked["body"])
            if isinstance(answer, str):
                answer = {"transport_error": answer}
            else:
                answer = dict(zip(("status", "headers", "body"), answer))
            process.stdin.write(json.dumps(answer) + "\n")
            process.stdin.flush()
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


# --- worlds ---------------------------------------------------------------------------------------------------------

def static(name):
    return f"aws_access_key_id = AKIA{name}\naws_secret_access_key = secret-{name}\n"


def process(name, **more):
    body = json.dumps({"Version": 1, "AccessKeyId": f"ASIA{name}", "SecretAccessKey": f"secret-{name}", **more})
    return f"#!/bin/sh\ncat <<'END'\n{body}\nEND\n"


OFF = {"AWS_EC2_METADATA_DISABLED": "true"}
ENV = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "secret-env"}
WEB = {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/web-token"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials"}

# What can be there together, in the order in which it counts. Each alone, and every subset.
GOOD = {
    "environment": {"env": ENV},
    "credentials file": {"credentials": "[default]\n" + static("FILE")},
    "process": {"config": "[default]\ncredential_process = DIR/process\n"},
    "web identity": {"env": WEB},
    "container": {"env": CONTAINER},
    "metadata": {},
}


def subset(names):
    world = World(env={} if "metadata" in names else OFF, files={"web-token": "WEBTOKEN", "process": process("PROCESS")})
    for name in names:
        part = GOOD[name]
        world.env.update(part.get("env", {}))
        world.config = part.get("config", world.config)
        world.credentials = part.get("credentials", world.credentials)
    return world


# botocore asks for web identity in the environment before it looks into the files; the SDKs' documentation, and
# every SDK but it, the other way round.
def is_other_order(names):
    return "web identity" in names and "environment" not in names and {"credentials file", "process"} & set(names)


SUBSETS = {" + ".join(names) or "nothing": subset(names)
           for n in range(len(GOOD) + 1) for names in itertools.combinations(GOOD, n) if not is_other_order(names)}


def role(source, **more):
    lines = "".join(f"{name} = {value}\n" for name, value in more.items())
    return f"role_arn = {ROLE}\n{source}\n{lines}"


PROFILES = {
    "AWS_PROFILE": World({"AWS_PROFILE": "p"}, credentials="[default]\n" + static("D") + "[p]\n" + static("P")),
    "AWS_PROFILE before metadata": World({"AWS_PROFILE": "p"}, config="[profile p]\n" + static("P")),
    "profile without prefix in config": World({"AWS_PROFILE": "p", **OFF}, config="[p]\n" + static("P")),
    "missing profile": World({"AWS_PROFILE": "nobody"}, config="[profile p]\n" + static("P")),
    "missing profile, container": World({"AWS_PROFILE": "nobody", **CONTAINER}, config="[profile p]\n"),
    "profile with a Region alone": World({"AWS_PROFILE": "p"}, config="[profile p]\nregion = eu-west-1\n"),
    "default with a Region alone, container": World(CONTAINER, config="[default]\nregion = eu-west-1\n"),
    "keys in config": World(OFF, config="[default]\n" + static("CONFIG")),
    "keys in both": World(OFF, config="[default]\n" + static("CONFIG"), credentials="[default]\n" + static("FILE")),
    "session token": World(OFF, credentials="[default]\n" + static("F") + "aws_session_token = T\n"),
    "keys with blanks": World(OFF, credentials="[default]\naws_access_key_id=AKIAX \naws_secret_access_key =  s/x+= \n"),
    "comments": World(OFF, credentials="# c\n[default] ; c\n; c\n" + static("C") + "# end\n"),
    "doubled section": World(OFF, config="[default]\nregion = us-east-1\n[profile q]\n" + static("Q"),
                             credentials="[default]\n" + static("ONE")),
    "process": World({"AWS_PROFILE": "p"}, config="[profile p]\ncredential_process = DIR/process\n",
                     files={"process": process("P", SessionToken="T", Expiration=LATER)}),
    "process with arguments": World(OFF, config="[default]\ncredential_process = sh -c \"cat 'DIR/out put'\"\n",
                                    files={"out put": process("ARGS").split("\n")[2]}),
    "static before process": World(OFF, config="[default]\ncredential_process = DIR/process\n",
                                   credentials="[default]\n" + static("F"), files={"process": process("P")}),
    "process before keys in config": World(OFF, config="[default]\ncredential_process = DIR/process\n" + static("C"),
                                           files={"process": process("P")}),
    "source_profile": World({"AWS_PROFILE": "a", **OFF},
                            config="[profile a]\n" + role("source_profile = b") + "[profile b]\n" + static("B")),
    "source_profile in credentials": World({"AWS_PROFILE": "a", **OFF}, config="[profile a]\n" + role("source_profile = b"),
                                           credentials="[b]\n" + static("B")),
    "role in credentials": World(OFF, credentials="[default]\n" + role("source_profile = b") + "[b]\n" + static("B")),
    "external_id": World(OFF, config="[default]\n" + role("source_profile = b", external_id="e-1", duration_seconds="3600",
                                                          role_session_name="me") + "[profile b]\n" + static("B")),
    "source_profile is itself": World(OFF, config="[default]\n" + role("source_profile = default") + static("SELF")),
    "source_profile is itself, nothing": World(OFF, config="[default]\n" + role("source_profile = default")),
    "chain of three": World(OFF, config="[default]\n" + role("source_profile = m") + "[profile m]\nrole_arn = "
                            + ROLE.replace("one", "two") + "\nsource_profile = b\n[profile b]\n" + static("B")),
    "chain, keys win": World(OFF, config="[default]\n" + role("source_profile = m") + "[profile m]\n" + static("M")
                             + role("source_profile = b") + "[profile b]\n" + static("B")),
    "role wins over keys": World(OFF, config="[default]\n" + static("D") + role("source_profile = b")
                                 + "[profile b]\n" + static("B")),
    "circle": World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\n"
                    + role("source_profile = default")),
    "circle of three": World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\n"
                             + role("source_profile = c") + "[profile c]\n" + role("source_profile = b")),
    "missing source": World(OFF, config="[default]\n" + role("source_profile = b")),
    "source without keys": World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\nregion = x\n"),
    "both sources": World({**ENV, "AWS_PROFILE": "a"}, config="[profile a]\n" + role(
        "source_profile = b\ncredential_source = Environment") + "[profile b]\n" + static("B")),
    "source from process": World(OFF, config="[default]\n" + role("source_profile = b")
                                 + "[profile b]\ncredential_process = DIR/process\n", files={"process": process("B")}),
    "source from web identity": World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\nrole_arn = "
                                      + ROLE.replace("one", "two") + "\nweb_identity_token_file = DIR/web\n",
                                      files={"web": "WEBTOKEN"}),
    "source from metadata": World({}, config="[default]\n" + role("credential_source = Ec2InstanceMetadata")),
    "source from container": World(CONTAINER, config="[default]\n" + role("credential_source = EcsContainer")),
    "source from a container that is not": World(OFF, config="[default]\n" + role("credential_source = EcsContainer")),
    "source from metadata that is off": World(OFF, config="[default]\n" + role("credential_source = Ec2InstanceMetadata")),
    "source of another kind": World(OFF, config="[default]\n" + role("credential_source = Magic")),
    "source by a lower-case word": World({**CONTAINER, "AWS_PROFILE": "default"}, config="[default]\n" + role("credential_source = ecscontainer")),
    "second source from container": World(CONTAINER, config="[default]\n" + role("source_profile = b") + "[profile b]\nrole_arn = "
                                          + ROLE.replace("one", "two") + "\ncredential_source = EcsContainer\n"),
    "role alone": World(OFF, config="[default]\nrole_arn = " + ROLE + "\n"),
    "source alone": World(OFF, config="[default]\nsource_profile = b\n[profile b]\n" + static("B")),
    "web identity": World(OFF, config="[default]\n" + role("web_identity_token_file = DIR/web"), files={"web": "WEBTOKEN"}),
    "web identity, no file": World(OFF, config="[default]\n" + role("web_identity_token_file = DIR/none")),
    "web identity, no role": World(OFF, config="[default]\nweb_identity_token_file = DIR/web\n", files={"web": "WEBTOKEN"}),
    "web identity, AWS_PROFILE": World({"AWS_PROFILE": "w", **OFF}, config="[profile w]\n" + role(
        "web_identity_token_file = DIR/web", role_session_name="me"), files={"web": "WEBTOKEN"}),
    "sso": World(OFF, config="[default]\nsso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 111122223333\n"
                             "sso_role_name = r\n"),
    "sso session": World(OFF, config="[default]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n"
                                     "[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n"),
    "half a key": World(OFF, credentials="[default]\naws_access_key_id = AKIA\n"),
    "half a key, other half": World(OFF, credentials="[default]\naws_secret_access_key = s\n"),
    "half a source": World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\naws_access_key_id = AKIA\n"),
    "empty files": World(OFF, config="", credentials=""),
    "no section": World(OFF, config="aws_access_key_id = AKIA\n"),
    "open section": World(OFF, credentials="[default\n" + static("X")),
    "a line of nothing known": World(OFF, credentials="[default]\nwhat\n" + static("X")),
    "a continuation first": World(OFF, config="[default]\n  x = y\n" + static("X"),
                                  differs="the SDKs' grammar has no such line; Python's reads it as a property"),
    "nested": World(OFF, config="[default]\ns3 =\n  max_concurrent_requests = 1\n" + static("NESTED")),
    "services": World(OFF, config="[default]\nservices = s\n" + static("S") + "[services s]\nsts =\n  endpoint_url = https://sts.x\n"),
    "latin-1": World(OFF, credentials=b"[default]\n# caf\xe9\naws_access_key_id = AKIA\naws_secret_access_key = s\n"),
    "named files": World({"AWS_CONFIG_FILE": "DIR/c", "AWS_SHARED_CREDENTIALS_FILE": "DIR/s", **OFF},
                         files={"c": "[default]\nregion = x\n", "s": "[default]\n" + static("NAMED")}),
    "named files that are not there": World({"AWS_CONFIG_FILE": "DIR/c", "AWS_SHARED_CREDENTIALS_FILE": "DIR/s", **OFF}),
    "home in a name": World({"AWS_SHARED_CREDENTIALS_FILE": "~/mine", **OFF}, files={"mine": "[default]\n" + static("HOME")}),
}


def with_process(text, **env):
    return World({**OFF, **env}, config="[default]\ncredential_process = DIR/process\n", files={"process": text})


ENVIRONMENTS = {
    "token": World({**ENV, "AWS_SESSION_TOKEN": "T"}),
    "old name of the token": World({**ENV, "AWS_SECURITY_TOKEN": "T"}, differs="no SDK but botocore knows the name"),
    "blank token": World({**ENV, "AWS_SESSION_TOKEN": ""}),
    "blank": World({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", **CONTAINER}),
    "no secret": World({"AWS_ACCESS_KEY_ID": "AKIA", **OFF}),
    "blank secret": World({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "", **OFF}),
    "expiration": World({**ENV, "AWS_CREDENTIAL_EXPIRATION": LATER}),
    "expiration that is none": World({**ENV, **OFF, "AWS_CREDENTIAL_EXPIRATION": "soon"}),
    "environment before AWS_PROFILE": World({**ENV, "AWS_PROFILE": "p"}, config="[profile p]\n" + static("P")),
}

PROCESSES = {
    "token": with_process(process("P", SessionToken="T")),
    "expiry": with_process(process("P", SessionToken="T", Expiration=LATER)),
    "account": with_process(process("P", AccountId="111122223333")),
    "status 1": with_process("#!/bin/sh\necho no >&2\nexit 1\n"),
    "killed": with_process("#!/bin/sh\nkill -9 $$\n"),
    "nothing": with_process("#!/bin/sh\n"),
    "no JSON": with_process("#!/bin/sh\necho hello\n"),
    "an array": with_process("#!/bin/sh\necho []\n"),
    "version 2": with_process(process("P").replace('"Version": 1', '"Version": 2')),
    "no version": with_process(process("P").replace('"Version": 1, ', "")),
    "no key": with_process(process("P").replace("AccessKeyId", "Id")),
    "no secret": with_process(process("P").replace("SecretAccessKey", "Secret")),
    "expiry that is none": with_process(process("P", Expiration="soon")),
    "not there": World(OFF, config="[default]\ncredential_process = DIR/none\n"),
    "open quote": World(OFF, config="[default]\ncredential_process = 'DIR/process\n", files={"process": process("P")}),
    "blank": World(OFF, config="[default]\ncredential_process =\n"),
}

NOT_FOUND = (404, {}, "")
CONTAINERS = {
    "full, loopback": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:8000/x"}),
    "full, localhost": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x?a=b"}),
    "full, pods": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"}, differs="newer than this botocore"),
    "full, pods v6": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://[fd00:ec2::23]/v1/credentials"}, differs="newer than this botocore"),
    "full, container": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ECS + "/x"}),
    "full, elsewhere": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x", **OFF}),
    "full, a name": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2.example.com/x", **OFF}),
    "full, user": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1@192.0.2.1/x", **OFF}),
    "relative before full": World({**CONTAINER, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}),
    "token": World({**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"}, network={"authorization": "Basic x"}),
    "token file": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ECS + "/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "DIR/t",
                         "AWS_CONTAINER_AUTHORIZATION_TOKEN": "no"}, files={"t": "Basic y"},
                        network={"authorization": "Basic y"}, differs="newer than this botocore"),
    "token file that is not there": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ECS + "/x", **OFF,
                                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "DIR/none"}, differs="newer than this botocore"),
    "token of two lines": World({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ECS + "/x", **OFF,
                                 "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nb"},
                                differs="it must not reach a header; newer than this botocore"),
    **{name: World({**CONTAINER, **OFF}, network={"container": answer}) for name, answer in {
        "404": NOT_FOUND, "500": (500, {}, ""), "timeout": "timeout", "refused": "connection",
        "no JSON": (200, {}, "hello"), "an error": (400, {}, '{"code": "x", "message": "y"}'),
        "no token": (200, {}, json.dumps({"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": LATER})),
        "no secret": (200, {}, json.dumps({"AccessKeyId": "A", "Token": "t", "Expiration": LATER})),
        "wrong types": (200, {}, '{"AccessKeyId": 1, "SecretAccessKey": [], "Token": {}, "Expiration": 5}'),
        "an array": (200, {}, "[]"), "null": (200, {}, "null"), "nothing": (200, {}, ""),
    }.items()},
}

METADATA = {
    "endpoint": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://192.0.2.8:1338"}),
    "endpoint with a slash": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://192.0.2.8/"}),
    "endpoint of v6": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[fd00:ec2::254]"}),
    "mode IPv6": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"}),
    "mode in lower case": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6"}),
    "mode IPv4": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv4"}),
    "mode that is none": World({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv5"}),
    "endpoint in config": World({}, config="[default]\nec2_metadata_service_endpoint = http://192.0.2.9\n"),
    "mode in config": World({}, config="[default]\nec2_metadata_service_endpoint_mode = ipv6\n"),
    "off": World(OFF), "off in upper case": World({"AWS_EC2_METADATA_DISABLED": "TRUE"}),
    "not off": World({"AWS_EC2_METADATA_DISABLED": "false"}),
    **{name: World({}, network=answers) for name, answers in {
        "token refused": {"token": (403, {}, "")}, "token 400": {"token": (400, {}, "")},
        "token not there": {"token": NOT_FOUND}, "token never comes": {"token": "timeout"},
        "nobody there": {"token": "connection", "roles": "connection", "instance": "connection"},
        "no role": {"roles": NOT_FOUND}, "empty role": {"roles": (200, {}, "")},
        "roles 500": {"roles": (500, {}, "")}, "keys 404": {"instance": NOT_FOUND},
        "keys 500": {"instance": (500, {}, "")}, "keys no JSON": {"instance": (200, {}, "<html>")},
        "keys Failed": {"instance": (200, {}, '{"Code": "AssumeRoleUnauthorizedAccess", "Message": "no"}')},
        "keys half": {"instance": (200, {}, keys("X").replace("SecretAccessKey", "Secret"))},
        "keys late": {"instance": "timeout"},
    }.items()},
}

STS = {
    **{"role: " + name: World(OFF, config="[default]\n" + role("source_profile = b") + "[profile b]\n" + static("B"),
                              network={"sts": answer}) for name, answer in {
        "denied": sts_error("AccessDenied"), "expired": sts_error("ExpiredToken"), "500": (500, {}, ""),
        "timeout": "timeout", "no XML": (200, {}, "hello"), "nothing": (200, {}, ""),
        "open XML": (200, {}, "<AssumeRoleResponse><AssumeRoleResult>"),
        "no credentials": (200, {}, "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"),
        "throttled": sts_error("Throttling", 400),
    }.items()},
    **{"web: " + name: World({**WEB, **OFF}, files={"web-token": "WEBTOKEN"}, network={"sts": answer}) for name, answer in {
        "denied": sts_error("AccessDenied"), "invalid": sts_error("InvalidIdentityToken", 400),
        "expired": sts_error("ExpiredTokenException", 400), "503": (503, {}, ""),
    }.items()},
    "web: no role": World({"AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/web-token", **OFF}, files={"web-token": "WEBTOKEN"}),
    "web: no file": World({**WEB, **OFF}),
    "web: session name": World({**WEB, **OFF, "AWS_ROLE_SESSION_NAME": "me"}, files={"web-token": "WEBTOKEN"}),
    "web: role alone": World({"AWS_ROLE_ARN": ROLE, **OFF}),
    "web: token with a line feed": World({**WEB, **OFF}, files={"web-token": "WEBTOKEN\n"}),
}

WORLDS = {f"{group}/{name}": world for group, worlds in {
    "order": SUBSETS, "profile": PROFILES, "environment": ENVIRONMENTS, "process": PROCESSES,
    "container": CONTAINERS, "metadata": METADATA, "sts": STS}.items() for name, world in worlds.items()}


@pytest.mark.parametrize("name", WORLDS)
def test_as_botocore(name, tmp_path):
    world = WORLDS[name]
    env = world.prepare(tmp_path)
    # Real time for botocore, whose clock is its own: the year 2027 is far enough ahead.
    theirs, ours = by_botocore(world, env), by_driver(world, env)
    if "differs" in world.notes:
        assert ours.get("credentials") != theirs, "the difference is gone"
        return
    if theirs is None:
        assert "error" in ours and ours["error"], ours
        return
    assert "credentials" in ours, ours
    assert {key: value for key, value in ours["credentials"].items() if key != "account_id"} == theirs


def test_there_are_enough():
    assert len(WORLDS) >= 150
