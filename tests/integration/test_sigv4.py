# SPDX-License-Identifier: Apache-2.0

"""
Our signatures against botocore's, stage by stage

Requests come from a seeded generator, so that a difference can be looked at again: the seed is the test's parameter.
"""

import datetime
import hashlib
import random
from urllib.parse import quote
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from driver import Driver

BATCHES = 20
PER_BATCH = 250

METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "get"]
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2", "us-gov-west-1"]
SERVICES = ["auditmanager", "sts", "service"]
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ODD = "-._~!$&'()*+,;=:@/% äöüßéñ漢字😀ሴ\"<>[]{}|\\^`#?"
TOKEN = PLAIN + "+/="


@pytest.fixture(scope="module")
def driver():
    with Driver() as d:
        yield d
        assert d.stop() == 0


def text(rng, alphabet, low, high):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def segment(rng):
    return rng.choice(
        [
            text(rng, PLAIN, 1, 12),
            quote(text(rng, PLAIN + ODD, 1, 12), safe="-._~"),
            quote(text(rng, PLAIN + ODD, 1, 6), safe="-._~!$&'()*+,;=:@"),
            ".",
            "..",
            "",
            "%2F",
            "%2e%2e",
            "...",
        ]
    )


def make_path(rng):
    if rng.random() < 0.1:
        return "/"
    path = "/" + "/".join(segment(rng) for _ in range(rng.randint(1, 6)))
    return path + ("/" if rng.random() < 0.3 else "")


def make_parameter(rng):
    names = ["requestType", "maxResults", "nextToken", "a", "A", "a%20b", "b", "a-", "a.", "ab", "aa"]
    name = rng.choice(names) if rng.random() < 0.7 else quote(text(rng, PLAIN + ODD, 1, 8), safe="-._~")
    kind = rng.random()
    if kind < 0.15:
        return name
    if kind < 0.3:
        return name + "="
    if kind < 0.6:
        return name + "=" + quote(text(rng, TOKEN, 1, 60), safe="-._~")
    if kind < 0.7:
        # Not how we write a query, but legal.
        return name + "=" + text(rng, TOKEN, 1, 20)
    return name + "=" + quote(text(rng, PLAIN + ODD, 0, 12), safe="-._~")


def make_query(rng):
    if rng.random() < 0.25:
        return ""
    return "&".join(make_parameter(rng) for _ in range(rng.randint(1, 6)))


def make_value(rng):
    blanks = rng.choice(["", " ", "  ", "\t", " \t "])
    words = [text(rng, PLAIN + "-._~;,=/äß漢\"'()", 1, 10) for _ in range(rng.randint(0, 4))]
    return blanks + rng.choice([" ", "  ", "\t", "   "]).join(words) + blanks


def make_headers(rng):
    headers = [("Host", rng.choice(["auditmanager.us-east-1.amazonaws.com", "localhost:8443", "[::1]:80"]))]
    names = ["Content-Type", "Accept", "X-Custom", "x-custom", "X-CUSTOM", "X-Amz-Target", "Amz-Sdk-Request",
             "User-Agent", "Expect", "X-Amzn-Trace-Id", "x-custom-2", "X_Custom", "My.Header", "a", "Z"]
    for _ in range(rng.randint(0, 6)):
        headers.append((rng.choice(names), make_value(rng)))
    rng.shuffle(headers)
    return headers


def make_case(rng):
    moment = datetime.datetime(2015, 8, 30, 12, 36) + datetime.timedelta(seconds=rng.randint(0, 10**9))
    if rng.random() < 0.8:
        moment = moment.replace(year=2026, month=3, day=rng.choice([1, 2]))
    return {
        "mode": "header",
        "method": rng.choice(METHODS),
        "path": make_path(rng),
        "query": make_query(rng),
        "headers": make_headers(rng),
        "body": rng.choice(["", "", "{}", '{"comment":"ä \\n"}', text(rng, PLAIN + ODD, 0, 500)]),
        "access_key_id": rng.choice(["AKIDEXAMPLE", "ASIA" + text(rng, PLAIN.upper(), 16, 16)]),
        "secret_access_key": rng.choice(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", text(rng, TOKEN, 1, 200)]),
        "session_token": rng.choice([None, text(rng, TOKEN, 1, 900)]),
        "omit_session_token": False,
        "region": rng.choice(REGIONS),
        "service": rng.choice(SERVICES),
        "timestamp": moment.strftime("%Y%m%dT%H%M%SZ"),
        "epoch": int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()),
        "normalize_path": True,
        "double_encode": True,
        "sign_body": rng.random() < 0.2,
    }


class Recorder(botocore.auth.SigV4Auth):
    """botocore's signer with its stages kept."""

    def canonical_request(self, request):
        self.canonical = super().canonical_request(request)
        return self.canonical

    def string_to_sign(self, request, canonical_request):
        self.to_sign = super().string_to_sign(request, canonical_request)
        return self.to_sign

    def signature(self, string_to_sign, request):
        self.result = super().signature(string_to_sign, request)
        return self.result


class OncePathRecorder(Recorder):
    """The path is neither normalised nor encoded again, as S3 has it."""

    def _normalize_url_path(self, path):
        return path


def sign_with_botocore(case, recorder=Recorder):
    moment = datetime.datetime.strptime(case["timestamp"], "%Y%m%dT%H%M%SZ")
    url = "https://host" + case["path"] + ("?" + case["query"] if case["query"] else "")
    request = botocore.awsrequest.AWSRequest(method=case["method"], url=url, data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    if case["sign_body"]:
        request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(case["body"].encode()).hexdigest()
    credentials = botocore.credentials.Credentials(
        case["access_key_id"],
        case["secret_access_key"],
        None if case["omit_session_token"] else case["session_token"],
    )
    auth = recorder(credentials, case["service"], case["region"])
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = moment
        auth.add_auth(request)
    return {
        "authorization": request.headers["Authorization"],
        "canonical_request": auth.canonical,
        "string_to_sign": auth.to_sign,
        "signature": auth.result,
    }


def compare(driver, case, recorder=Recorder):
    answer = driver.ask("sigv4", id=1, **case)
    assert answer.pop("id") == 1
    assert answer == sign_with_botocore(case, recorder), case


@pytest.mark.parametrize("seed", range(BATCHES))
def test_generated_requests_are_signed_as_botocore_signs_them(driver, seed):
    rng = random.Random(seed)
    for _ in range(PER_BATCH):
        compare(driver, make_case(rng))


def test_a_session_token_that_is_not_signed(driver):
    rng = random.Random("omit")
    for _ in range(50):
        compare(driver, {**make_case(rng), "session_token": "token+/=", "omit_session_token": True})


def test_a_path_that_is_left_alone(driver):
    rng = random.Random("path")
    for _ in range(200):
        case = {**make_case(rng), "normalize_path": False, "double_encode": False}
        compare(driver, case, OncePathRecorder)


VANILLA = {
    "mode": "header",
    "method": "GET",
    "path": "/",
    "query": "",
    "headers": [["Host", "example.amazonaws.com"]],
    "body": "",
    "access_key_id": "AKIDEXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "session_token": None,
    "omit_session_token": False,
    "region": "us-east-1",
    "service": "service",
    "timestamp": "20150830T123600Z",
    "epoch": 1440938160,
    "normalize_path": True,
    "double_encode": True,
    "sign_body": False,
}


# Signatures that AWS published with its Signature Version 4 test suite.
@pytest.mark.parametrize(
    "name, change, signature",
    [
        ("get-vanilla", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("post-vanilla", {"method": "POST"}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "get-vanilla-query-order-key-case",
            {"query": "Param2=value2&Param1=value1"},
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "get-vanilla-utf8-query",
            {"query": "%E1%88%B4=bar"},
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
    ],
)
def test_published_examples(driver, name, change, signature):
    assert driver.ask("sigv4", **{**VANILLA, **change})["signature"] == signature, name


def test_what_cannot_be_sent_is_not_signed(driver):
    for headers in ([["Host", "h"], ["X", "a\nb"]], [["X Y", "a"]], [["", "a"]], [["X:", "a"]], [["X", "a\rb"]]):
        assert "error" in driver.ask("sigv4", **{**VANILLA, "headers": headers})
