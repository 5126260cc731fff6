# SPDX-License-Identifier: Apache-2.0

"""
Credentials over HTTP, against botocore: who may be asked, where, and what answers mean

The driver takes the environment and canned answers; botocore gets the same. Where the two differ on purpose,
the difference is written down here and checked.
"""

import contextlib
import datetime
import ipaddress
import json
import os
import random
import string
import urllib.parse
from unittest import mock

import botocore.credentials
import botocore.session
import botocore.utils
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from driver import Driver

RELATIVE, FULL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
ENDPOINT, MODE = "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
BASE, TOKEN = "http://169.254.169.254", "/latest/api/token"
ROLES = "/latest/meta-data/iam/security-credentials/"
NOW = 1_767_366_245
SECRET = "HUSH/HUSH+HUSH"


@pytest.fixture(scope="module")
def driver():
    with Driver() as d:
        yield d
        assert d.stop() == 0


@contextlib.contextmanager
def environment(**variables):
    """These variables of AWS and no others, here and in what is started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with mock.patch.dict(os.environ, {**kept, "HOME": "/nonexistent", **variables}, clear=True):
        yield


# The container's URL


def python_allows(url):
    """The rule once more, with the parsers of Python."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return True
    if parts.hostname == "localhost":
        return True
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return False
    named = [ipaddress.ip_address(text) for text in ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")]
    return address in named or (address.is_loopback and not getattr(address, "ipv4_mapped", None))


HOSTS = [
    "localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "[::1]", "[0:0::1]", "169.254.170.2",
    "169.254.170.23", "[fd00:ec2::23]", "[fd00:ec2:0:0:0:0:0:23]", "[FD00:EC2::0023]", "169.254.170.22",
    "169.254.170.2.evil.com", "localhost.evil.com", "evil.com", "128.0.0.1", "[fd00:ec2::24]", "[::2]",
    "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "192.0.2.7",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_that_a_container_may_ask(driver, host):
    for scheme in ("http", "https"):
        for rest in ("", "/", "/c", ":8080/c", "/c?a=1&b=/x@y:z"):
            url = f"{scheme}://{host}{rest}"
            answer = driver.ask("container_uri", env={FULL: url})
            assert answer.get("url") == (url if python_allows(url) else None), answer
            fetcher = botocore.utils.ContainerMetadataFetcher()
            with contextlib.suppress(ValueError):
                fetcher._validate_allowed_url(url)
                assert "url" in answer, "botocore asks it"


@pytest.mark.parametrize("seed", range(4))
def test_urls_made_of_pieces(driver, seed):
    rng = random.Random(seed)
    pieces = ["http://", "https://", "@", "?", "#", "/", "//", ":", ":80", "\\", ".", "%2e", "%40", "[", "]",
              " ", "\t", "evil.com", "ä", "\r\n", *HOSTS]
    allowed = 0
    for _ in range(800):
        url = rng.choice(["http://", "https://", ""]) + "".join(rng.choices(pieces, k=rng.randint(1, 4)))
        answer = driver.ask("container_uri", env={FULL: url})
        assert ("url" in answer) != ("error" in answer)
        if "url" in answer:
            assert answer["url"] == url and python_allows(url) and url.isascii() and url.isprintable()
            assert urllib.parse.urlsplit(url).username is None
            allowed += 1
    assert allowed > 10


def test_the_relative_uri_as_botocore_has_it(driver):
    fetcher = botocore.utils.ContainerMetadataFetcher()
    for path in ("/", "/credentials", "/v2/credentials/0?a=1&b=2", "//x", "/a%20b", "/~x"):
        for more in ({}, {FULL: "http://localhost/other"}):
            answer = driver.ask("container_uri", env={RELATIVE: path, **more})
            assert answer == {"url": fetcher.full_url(path)}
    # Appended as it is, each of these would name another host.
    for path in ("x", "@evil.com/", ".evil.com/", "0/", ":80/x"):
        assert "error" in driver.ask("container_uri", env={RELATIVE: path})


def test_no_container(driver):
    assert "error" in driver.ask("container_uri", env={})
    # botocore asks "" and fails; AWS's other tools take it for not set.
    assert "error" in driver.ask("container_uri", env={RELATIVE: "", FULL: ""})


# The endpoint of instance metadata


def botocore_endpoint(tmp_path, env, config):
    """Where botocore asks for a token, None where it refuses to."""
    (tmp_path / "config").write_text(config)
    with environment(AWS_CONFIG_FILE=str(tmp_path / "config"), **env):
        session = botocore.session.Session()
        try:
            settings = {
                "ec2_metadata_service_endpoint": session.get_config_variable("ec2_metadata_service_endpoint"),
                "ec2_metadata_service_endpoint_mode": botocore.utils.resolve_imds_endpoint_mode(session),
            }
            fetcher = botocore.utils.InstanceMetadataFetcher(config=settings)
        except botocore.exceptions.BotoCoreError:
            return None
    return fetcher._construct_url(fetcher._TOKEN_PATH)


@pytest.mark.parametrize("seed", range(3))
def test_the_endpoint_is_that_of_botocore(driver, tmp_path, seed):
    rng = random.Random(seed)
    endpoints = [None, None, "http://override:456", "http://127.0.0.1:1338/", "https://custom/x",
                 "http://[::1]:80", "not a uri", "http://"]
    modes = [None, None, "IPv4", "IPv6", "ipv6", "IPV4", "IPv7", "error"]
    for _ in range(60):
        env_endpoint, endpoint = rng.choice(endpoints), rng.choice(endpoints)
        env_mode, mode = rng.choice(modes), rng.choice(modes)
        profile = rng.choice(["default", "audit"])
        env = {**({ENDPOINT: env_endpoint} if env_endpoint else {}), **({MODE: env_mode} if env_mode else {}),
               **({"AWS_PROFILE": profile} if profile != "default" else {})}
        config = "[default]\n" + ("[profile audit]\n" if profile == "audit" else "") + "region = eu-west-1\n"
        config += f"ec2_metadata_service_endpoint = {endpoint}\n" if endpoint else ""
        config += f"ec2_metadata_service_endpoint_mode = {mode}\n" if mode else ""

        answer = driver.ask("imds_endpoint", env={**env, "AWS_CONFIG_FILE": "config"}, config=config)
        theirs = botocore_endpoint(tmp_path, env, config)
        if (env_mode or mode or "").lower() in ("ipv7", "error") and (env_endpoint or endpoint):
            # A mode that nobody needs is not looked at, as in the SDK for Rust.
            continue
        # The port of a scheme goes without saying.
        assert answer.get("url") == (theirs.replace("]:80/", "]/") if theirs else None), (env, config, answer)


# Answers


class Canned:
    """One script for both: for each request, in order, a status and body, or a transport's error."""

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    def next(self, method, url, headers):
        self.requests.append((method, url, {name.lower(): value for name, value in headers.items()}))
        assert self.answers, f"one too many: {method} {url}"
        return self.answers.pop(0)

    def send(self, request):
        """As botocore's session does it."""
        answer = self.next(request.method, request.url, dict(request.headers))
        if answer == "timeout":
            raise ConnectTimeoutError(endpoint_url=request.url)
        if answer == "connection":
            raise EndpointConnectionError(endpoint_url=request.url)
        status, body = answer
        return mock.Mock(status_code=status, content=body.encode(), text=body, url=request.url)

    def line(self, request):
        """As the driver does it."""
        answer = self.next(request["method"], request["url"], dict(request["headers"]))
        if isinstance(answer, str):
            return {"transport_error": answer}
        return {"status": answer[0], "headers": [], "body": answer[1]}


def ours(canned, **env):
    """What the chain makes of it: (key, secret, token, expiry), or the error's text."""
    with environment(**env), Driver() as driver:
        answer = driver.ask("resolve_credentials", provider="default", now=NOW)
        while "http_request" in answer:
            answer = driver.ask_line(json.dumps(canned.line(answer["http_request"])))
    if "error" in answer:
        assert SECRET not in answer["error"]
        return answer["error"]
    made = answer["credentials"]
    return made["access_key_id"], made["secret_access_key"], made["session_token"], made["expiry"]


def frozen(credentials):
    expiry = credentials._expiry_time
    made = credentials._frozen_credentials
    return made.access_key, made.secret_key, made.token, int(expiry.timestamp())


def theirs_of_container(canned, **env):
    fetcher = botocore.utils.ContainerMetadataFetcher(session=canned, sleep=lambda _: None)
    try:
        return frozen(botocore.credentials.ContainerProvider(environ=env, fetcher=fetcher).load())
    except (botocore.exceptions.BotoCoreError, KeyError, TypeError, ValueError) as error:
        return str(error)


def theirs_of_instance(canned, attempts=1, **env):
    fetcher = botocore.utils.InstanceMetadataFetcher(num_attempts=attempts, env=env)
    fetcher._session = canned
    # What has expired gets another ten minutes there; here, the source is marked as one that may.
    with mock.patch.object(fetcher, "_evaluate_expiration"):
        try:
            credentials = botocore.credentials.InstanceMetadataProvider(iam_role_fetcher=fetcher).load()
        except botocore.exceptions.BotoCoreError as error:
            return str(error)
    return frozen(credentials) if credentials else None


def text(rng, low=1, high=40):
    return "".join(rng.choices(string.ascii_letters + string.digits + "/+=", k=rng.randint(low, high)))


def expiration(rng):
    moment = datetime.datetime.fromtimestamp(rng.randrange(NOW - 86400, NOW + 86400), datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S" + rng.choice(["Z", "+00:00", ".250Z"]))


def body(rng, **more):
    answer = {**more, "AccessKeyId": "ASIA" + text(rng), "SecretAccessKey": SECRET + text(rng),
              "Token": text(rng), "Expiration": expiration(rng), "LastUpdated": expiration(rng),
              "Unknown": [{"a": None}]}
    if rng.random() < 0.25:
        del answer[rng.choice(["AccessKeyId", "SecretAccessKey", "Token", "Expiration"])]
    written = json.dumps(answer, indent=rng.choice([None, 2]))
    return written[: rng.randrange(len(written))] if rng.random() < 0.1 else written


def test_answers_of_containers_are_read_as_botocore_reads_them():
    rng = random.Random(1)
    good = 0
    for n in range(60):
        answer = body(rng)
        trouble = rng.choices(["timeout", "connection", (500, ""), (503, "x")], k=rng.choice([0, 0, 1, 2, 3]))
        answers = (trouble + [(200, answer)] * 3)[:3]
        token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer " + SECRET} if n % 2 else {}
        env = {RELATIVE: "/v2/x"} if n % 3 else {FULL: "http://localhost:1338/x?y=z"}
        canned, same = Canned(*answers), Canned(*answers)
        got = ours(canned, AWS_EC2_METADATA_DISABLED="true", **env, **token)
        want = theirs_of_container(same, **env, **token)
        assert isinstance(got, str) == isinstance(want, str), (got, want, answers)
        if not isinstance(want, str):
            assert got == want
            good += 1
        assert [(method, url) for method, url, _ in canned.requests] == \
               [(method, url) for method, url, _ in same.requests]
        for _, _, headers in canned.requests:
            assert headers.get("authorization") == token.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            assert headers["accept"] == "application/json"
    assert 20 < good < 60


def script(rng):
    """Answers of an instance, of which both clients make the same."""
    answers = [(200, "the-token==")]
    answers += rng.choice([[(200, "my-role")], [(200, "my-role")], [(200, "my-role")], [(404, "")]])
    if len(answers) == 2 and answers[1][0] == 200:
        answers.append((200, body(rng, Code="Success", Type="AWS-HMAC")))
    return answers


def test_answers_of_instances_are_read_as_botocore_reads_them():
    rng = random.Random(2)
    good = 0
    for _ in range(60):
        answers = script(rng)
        canned, same = Canned(*answers), Canned(*answers)
        got = ours(canned, AWS_METADATA_SERVICE_NUM_ATTEMPTS="1")
        want = theirs_of_instance(same)
        assert isinstance(got, tuple) == isinstance(want, tuple), (got, want, answers)
        if isinstance(want, tuple):
            assert got == want
            good += 1
        assert [(method, url) for method, url, _ in canned.requests] == \
               [(method, url) for method, url, _ in same.requests]
        for (_, _, headers), (_, _, reference) in zip(canned.requests, same.requests):
            for name in ("x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds"):
                assert headers.get(name) == reference.get(name)
    assert 10 < good < 60


def test_an_instance_in_trouble_is_asked_as_often_as_botocore_asks():
    rng = random.Random(3)
    key = json.dumps({"Code": "Success", "AccessKeyId": "AK", "SecretAccessKey": SECRET, "Token": "t",
                      "Expiration": "2026-01-02T16:04:05Z"})
    for attempts in (1, 2, 3):
        for _ in range(12):
            answers = []
            for answer in ((200, "the-token=="), (200, "my-role"), (200, key)):
                trouble = rng.choice([0, 0, attempts - 1])
                answers += rng.choices(["connection", (500, ""), (503, "")], k=trouble) + [answer]
            canned, same = Canned(*answers), Canned(*answers)
            got = ours(canned, AWS_METADATA_SERVICE_NUM_ATTEMPTS=str(attempts))
            assert got == theirs_of_instance(same, attempts) and isinstance(got, tuple)
            assert not canned.answers and not same.answers


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_the_first_version_is_never_asked(status):
    canned = Canned((status, ""))
    error = ours(canned)
    assert isinstance(error, str)
    assert [(method, url) for method, url, _ in canned.requests] == [("PUT", BASE + TOKEN)]
    assert ("turned off" if status == 403 else "never used") in error

    # botocore does, with the token of nobody.
    if status != 400:
        same = Canned((status, ""), (404, ""))
        theirs_of_instance(same)
        assert [url for _, url, _ in same.requests] == [BASE + TOKEN, BASE + ROLES]


def test_where_there_is_no_instance_metadata_one_request_is_made():
    for trouble in ("timeout", "connection"):
        canned = Canned(trouble)
        assert "instance metadata at http://169.254.169.254 does not answer" in ours(canned)
        assert len(canned.requests) == 1
    canned = Canned()
    assert isinstance(ours(canned, AWS_EC2_METADATA_DISABLED="TRUE"), str)
    assert not canned.requests


def test_errors_are_shown_in_the_words_of_the_server():
    error = json.dumps({"code": "AccessDenied", "message": "not\nthis task", "SecretAccessKey": SECRET})
    got = ours(Canned((400, error)), AWS_EC2_METADATA_DISABLED="true", **{RELATIVE: "/" + SECRET})
    assert "http://169.254.170.2: HTTP 400: AccessDenied: not?this task" in got

    refusal = json.dumps({"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role."})
    got = ours(Canned((200, "the-token=="), (200, "my-role"), (200, refusal)))
    assert "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role." in got
