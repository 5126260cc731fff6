# SPDX-License-Identifier: Apache-2.0

"""
The simulator, judged by clients that nobody here wrote: boto3, botocore's signer and the AWS CLI

Other tests believe what the simulator says about a daemon. These find out whether it may be
believed: a signature is wrong when botocore's is right, an answer is well-formed when botocore's
model of the service takes it.
"""

import concurrent.futures
import datetime
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import pytest

from simulator import (
    RECIPIENT,
    RECIPIENT_KEY,
    REGION,
    SENDER,
    SENDER_KEY,
    STRANGER,
    ControlError,
    Simulator,
    framework,
    key,
    seed,
    wait_until,
)

DAY = datetime.timedelta(days=1)
NOBODY = "00000000-0000-4000-8000-000000000000"
START = "StartAssessmentFrameworkShare"
LIST = "ListAssessmentFrameworkShareRequests"


@pytest.fixture(autouse=True)
def no_aws_environment(monkeypatch, tmp_path):
    """What this machine is configured for is nobody's business here."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\noutput = json\n")
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = {SENDER_KEY[0]}\naws_secret_access_key = {SENDER_KEY[1]}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def session():
    return boto3.Session()


@pytest.fixture
def simulator():
    with Simulator(seed=seed(), rate=0) as running:
        yield running
        assert running.stop() == 0


def make_client(session, simulator, who=SENDER_KEY, service="auditmanager", region=REGION, **more):
    config = {"retries": {"total_max_attempts": 1, "mode": "standard"}, "read_timeout": 10, **more}
    return session.client(
        service,
        region_name=region,
        endpoint_url=simulator.url,
        aws_access_key_id=who[0],
        aws_secret_access_key=who[1],
        aws_session_token=who[2] if len(who) > 2 else None,
        config=botocore.config.Config(**config),
    )


@pytest.fixture
def sender(session, simulator):
    return make_client(session, simulator)


@pytest.fixture
def recipient(session, simulator):
    return make_client(session, simulator, RECIPIENT_KEY)


@pytest.fixture
def baseline(sender):
    return only(frameworks(sender))["id"]


def only(items):
    assert len(items) == 1, items
    return items[0]


def frameworks(client):
    return client.list_assessment_frameworks(frameworkType="Custom")["frameworkMetadataList"]


def pages(client, request_type="SENT", **more):
    token = {}
    while True:
        page = client.list_assessment_framework_share_requests(
            requestType=request_type, **token, **more
        )
        yield page
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}


def listing(client, request_type="SENT", **more):
    found = []
    for page in pages(client, request_type, **more):
        found += page["assessmentFrameworkShareRequests"]
    return found


def start(client, framework_id, account=RECIPIENT, region=REGION, **more):
    answer = client.start_assessment_framework_share(
        frameworkId=framework_id, destinationAccount=account, destinationRegion=region, **more
    )
    return answer["assessmentFrameworkShareRequest"]


def update(client, request_id, request_type, action):
    answer = client.update_assessment_framework_share(
        requestId=request_id, requestType=request_type, action=action
    )
    return answer["assessmentFrameworkShareRequest"]


def delete(client, request_id, request_type="SENT"):
    client.delete_assessment_framework_share(requestId=request_id, requestType=request_type)


def refused(code, call, *args, **kwargs):
    """The error that botocore makes of the answer, which has to be of this code."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*args, **kwargs)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value


def status(error):
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


# Requests by hand, signed by botocore


def send(simulator, method, target, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    try:
        connection.request(method, target, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def sign(simulator, method, target, body=b"", who=SENDER_KEY, region=REGION, **more):
    headers = dict(more.get("headers", {}))
    request = botocore.awsrequest.AWSRequest(
        method=method, url=simulator.url + target, data=body, headers=headers
    )
    credentials = botocore.credentials.Credentials(*who)
    service = more.get("service", "auditmanager")
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return {"Host": f"127.0.0.1:{simulator.port}", **dict(request.headers.items())}


def code_of(headers):
    return headers.get("x-amzn-errortype", "").split(":")[0]


INVALID = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
LIST_TARGET = "/assessmentFrameworkShareRequests?requestType=SENT"


# Signing


def test_identity(session, simulator):
    sts = make_client(session, simulator, service="sts")

    identity = sts.get_caller_identity()

    assert identity["Account"] == SENDER
    assert identity["Arn"].startswith(f"arn:aws:iam::{SENDER}:user/")
    assert identity["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    "who, code",
    [
        ((SENDER_KEY[0], "wrong"), "InvalidSignatureException"),
        (("AKIANOBODY", "secret"), "UnrecognizedClientException"),
        ((*SENDER_KEY, "token"), "UnrecognizedClientException"),
        (("ASIATEMPORARY", "secret"), "UnrecognizedClientException"),
        (("ASIATEMPORARY", "secret", "other"), "UnrecognizedClientException"),
        (("ASIAEXPIRED", "secret", "token"), "ExpiredTokenException"),
    ],
)
def test_bad_credentials(session, who, code):
    keys = [
        key("ASIATEMPORARY", "secret", SENDER, session_token="token+/="),
        key("ASIAEXPIRED", "secret", SENDER, session_token="token", expires=-1),
    ]
    with Simulator(seed=seed(keys=keys)) as simulator:
        good = make_client(session, simulator, ("ASIATEMPORARY", "secret", "token+/="))
        assert listing(good) == []
        bad = make_client(session, simulator, who)

        error = refused(code, listing, bad)

    assert status(error) == 403
    assert error.response["Error"]["Message"]


def test_sts_speaks_of_bad_credentials_in_its_own_way(session, simulator):
    for who, code in [
        ((SENDER_KEY[0], "wrong"), "SignatureDoesNotMatch"),
        (("AKIANOBODY", "secret"), "InvalidClientTokenId"),
    ]:
        sts = make_client(session, simulator, who, service="sts")
        assert status(refused(code, sts.get_caller_identity)) == 403


def test_unsigned(simulator):
    answer, headers, body = send(simulator, "GET", LIST_TARGET)

    assert (answer, code_of(headers)) == (403, "MissingAuthenticationTokenException")
    assert json.loads(body) == {"message": "Missing Authentication Token"}
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-amzn-requestid"])


@pytest.mark.parametrize(
    "target",
    [
        LIST_TARGET,
        "/assessmentFrameworkShareRequests?maxResults=5&requestType=SENT",
        "/assessmentFrameworkShareRequests?requestType=SENT&maxResults=5",
        "/assessmentFrameworkShareRequests?requestType=SENT&empty=&a=%20b&a=%2B&B=%C3%BC",
        "//assessmentFrameworkShareRequests/./x/..?requestType=SENT",
        "/assessmentFrameworks/a%20b%2Fc%C3%BC~",
        "/assessmentFrameworks/a%2520b",
        "/",
    ],
)
def test_canonical_forms(simulator, target):
    headers = sign(simulator, "GET", target, headers={"x-amz-meta": "  a   b  "})

    _, answered, body = send(simulator, "GET", target, headers=headers)

    # Some of these name nothing, but the signature is right in all of them.
    assert code_of(answered) in ("", "ValidationException"), body


@pytest.mark.parametrize(
    "change, code, text",
    [
        ({"X-Amz-Extra": "1"}, INVALID, "x-amz-extra"),
        ({"X-Amz-Date": "20200101T000000Z"}, INVALID, "Date in Credential scope"),
        ({"X-Amz-Date": "yesterday"}, INCOMPLETE, "Date"),
        ({"Host": "example.org"}, INVALID, "does not match"),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, INCOMPLETE, "Credential"),
        ({"Authorization": "Basic eDp5"}, INCOMPLETE, "Credential"),
        ({"Authorization": lambda old: old[:-1]}, INVALID, "does not match"),
        ({"Authorization": lambda old: old.replace("host;", "")}, INVALID, "SignedHeader"),
    ],
)
def test_changed_after_signing(simulator, change, code, text):
    headers = sign(simulator, "GET", LIST_TARGET)
    for name, value in change.items():
        headers[name] = value(headers[name]) if callable(value) else value

    answer, answered, body = send(simulator, "GET", LIST_TARGET, headers=headers)

    assert (answer, code_of(answered)) == (403, code)
    assert text in json.loads(body)["message"]


def test_other_scopes(simulator):
    for more in ({"region": "eu-south-1"}, {"service": "execute-api"}):
        headers = sign(simulator, "GET", LIST_TARGET, **more)
        _, answered, body = send(simulator, "GET", LIST_TARGET, headers=headers)
        assert code_of(answered) == "InvalidSignatureException"
        assert b"Credential should be scoped" in body


def test_body_is_signed(simulator, baseline):
    target = f"/assessmentFrameworks/{baseline}/shareRequests"
    body = json.dumps({"destinationAccount": RECIPIENT, "destinationRegion": REGION}).encode()
    headers = sign(simulator, "POST", target, body)

    _, answered, _ = send(simulator, "POST", target, body.replace(b"4", b"5"), headers)
    assert code_of(answered) == "InvalidSignatureException"

    headers = sign(simulator, "POST", target, body, headers={"x-amz-content-sha256": "0" * 64})
    _, answered, _ = send(simulator, "POST", target, body, headers)
    assert code_of(answered) == "InvalidSignatureException"

    digest = hashlib.sha256(body).hexdigest()
    headers = sign(simulator, "POST", target, body, headers={"x-amz-content-sha256": digest})
    answer, _, _ = send(simulator, "POST", target, body, headers)
    assert answer == 200


@pytest.mark.parametrize(
    "seconds, text", [(3600, "is now earlier than"), (-3600, "is still later than")]
)
def test_signing_time(simulator, sender, seconds, text):
    simulator.fault(LIST, "skew", seconds=seconds)

    error = refused("InvalidSignatureException", listing, sender)

    assert text in error.response["Error"]["Message"]
    headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    served = datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT")
    off = served - datetime.datetime.utcnow()
    assert abs(off.total_seconds() - seconds) < 60
    assert listing(sender) == []

    simulator.fault(LIST, "skew", seconds=seconds, code="RequestTimeTooSkewed")
    refused("RequestTimeTooSkewed", listing, sender)


def test_encoded_slash_is_part_of_a_value(simulator):
    target = "/assessmentFrameworks/" + urllib.parse.quote("a b/ü", safe="")
    headers = sign(simulator, "GET", target)
    _, _, body = send(simulator, "GET", target, headers=headers)
    assert "a b/ü" in json.loads(body)["message"]


def test_bytes_that_are_no_text(simulator):
    target = "/assessmentFrameworks/%ff%00%c3%28%ed%a0%80%22"
    headers = sign(simulator, "GET", target)

    _, answered, body = send(simulator, "GET", target, headers=headers)

    assert code_of(answered) == "ValidationException"
    assert "\ufffd?\ufffd(\ufffd" in json.loads(body)["message"]
    assert simulator.log()[-1]["framework"].endswith('"')


def test_sts_over_get(simulator):
    target = "/?Action=GetCallerIdentity&Version=2011-06-15"
    headers = sign(simulator, "GET", target, service="sts")

    answer, answered, body = send(simulator, "GET", target, headers=headers)

    assert (answer, answered["Content-Type"]) == (200, "text/xml")
    assert f"<Account>{SENDER}</Account>".encode() in body


# Roles


def test_role_chain(session, simulator):
    sts = make_client(session, simulator, service="sts")
    role = f"arn:aws:iam::{RECIPIENT}:role/team/auditor"

    first = sts.assume_role(RoleArn=role, RoleSessionName="one", DurationSeconds=900)
    who = session_key(first)
    second = make_client(session, simulator, who, service="sts").assume_role(
        RoleArn=f"arn:aws:iam::{SENDER}:role/sharer", RoleSessionName="two"
    )

    left = first["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert 800 < left.total_seconds() <= 900
    assert who[0].startswith("ASIA") and re.search(r"\+.*/|/.*\+", who[2])
    sts = make_client(session, simulator, session_key(second), service="sts")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{SENDER}:assumed-role/sharer/two"
    assert len(frameworks(make_client(session, simulator, session_key(second)))) == 1
    assert frameworks(make_client(session, simulator, who)) == []


def session_key(answer):
    credentials = answer["Credentials"]
    return (
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
    )


def test_roles_that_cannot_be_assumed(session, simulator):
    sts = make_client(session, simulator, service="sts")
    guarded = f"arn:aws:iam::{SENDER}:role/guarded"
    simulator.add(roles=[{"arn": guarded, "external_id": "sesame", "deny": [START]}])

    for arn, code in (
        ("arn:aws:iam::123456789012:role/x", "AccessDenied"),
        (guarded, "AccessDenied"),
        ("arn:aws:iam::1:user/not-a-role", "ValidationError"),
    ):
        refused(code, sts.assume_role, RoleArn=arn, RoleSessionName="me")

    opened = sts.assume_role(RoleArn=guarded, RoleSessionName="me", ExternalId="sesame")
    client = make_client(session, simulator, session_key(opened))
    framework_id = only(frameworks(client))["id"]
    refused("AccessDeniedException", start, client, framework_id)


def test_web_identity(session, simulator):
    sts = make_client(session, simulator, service="sts", signature_version=botocore.UNSIGNED)
    role = f"arn:aws:iam::{SENDER}:role/pod"

    answer = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="pod", WebIdentityToken="eyJ.any.thing"
    )

    assert len(frameworks(make_client(session, simulator, session_key(answer)))) == 1
    refused("MissingAuthenticationToken", sts.get_caller_identity)


def test_session_that_ends_early(session, simulator):
    simulator.settings(session_seconds=1)
    sts = make_client(session, simulator, service="sts")
    answer = sts.assume_role(RoleArn=f"arn:aws:iam::{SENDER}:role/r", RoleSessionName="me")
    client = make_client(session, simulator, session_key(answer))

    def expired():
        try:
            listing(client)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"] == "ExpiredTokenException"
        return False

    wait_until(expired, interval=0.1)


# Frameworks and accounts


def test_frameworks(session):
    many = [framework(f"F{i}", created_days_ago=30, updated_days_ago=3) for i in range(250)]
    with Simulator(seed=seed(frameworks=many), rate=0) as simulator:
        client = make_client(session, simulator)
        first = client.list_assessment_frameworks(frameworkType="Custom", maxResults=200)
        second = client.list_assessment_frameworks(
            frameworkType="Custom", maxResults=200, nextToken=first["nextToken"]
        )
        found = first["frameworkMetadataList"] + second["frameworkMetadataList"]

        assert "nextToken" not in second
        assert [f["name"] for f in found] == ["Baseline"] + [f"F{i}" for i in range(250)]
        assert found[1]["lastUpdatedAt"] - found[1]["createdAt"] == 27 * DAY
        one = client.get_assessment_framework(frameworkId=found[5]["id"])["framework"]
        assert one["name"] == found[5]["name"] and one["controlSets"]
        standard = client.list_assessment_frameworks(frameworkType="Standard")
        assert standard["frameworkMetadataList"] == []
        assert frameworks(make_client(session, simulator, region="us-east-1")) == []


def test_framework_changes(simulator, sender, baseline):
    before = only(frameworks(sender))
    simulator.update_framework("Baseline", name="Renamed")
    after = only(frameworks(sender))
    assert after["name"] == "Renamed" and after["lastUpdatedAt"] > before["lastUpdatedAt"]

    simulator.delete_framework("Renamed")
    refused("ResourceNotFoundException", start, sender, baseline)
    simulator.add_framework(**framework("Back", id=baseline))
    assert start(sender, baseline)["frameworkName"] == "Back"


def test_account_not_set_up(session):
    with Simulator(seed=seed(accounts={SENDER: {"audit_manager": ["us-east-1"]}})) as simulator:
        client = make_client(session, simulator)
        error = refused("AccessDeniedException", listing, client)
        assert isinstance(error, client.exceptions.AccessDeniedException)
        assert "Please complete AWS Audit Manager setup" in error.response["Error"]["Message"]
        assert client.get_account_status()["status"] == "INACTIVE"

        simulator.add(accounts={SENDER: {"audit_manager": True}})
        assert client.get_account_status()["status"] == "ACTIVE"
        assert listing(client) == []


def test_denied_by_iam(simulator, sender, baseline):
    simulator.add(keys=[{"access_key_id": SENDER_KEY[0], "deny": [f"auditmanager:{START}"]}])

    error = refused("AccessDeniedException", start, sender, baseline)

    text = f"is not authorized to perform: auditmanager:{START}"
    assert text in error.response["Error"]["Message"]
    assert listing(sender) == []


# Listing


def test_paging(session):
    bulk = {"requests": 2500, "framework": "Baseline", "status": "SHARED"}
    with Simulator(seed=seed(bulk=bulk), rate=0) as simulator:
        client = make_client(session, simulator)
        seen = [page["assessmentFrameworkShareRequests"] for page in pages(client, maxResults=1000)]
        assert [len(page) for page in seen] == [1000, 1000, 500]
        records = sum(seen, [])
        keys = [(r["destinationAccount"], r["destinationRegion"]) for r in records]
        assert len(set(keys)) == 2500 and keys != sorted(keys)
        assert (SENDER, REGION) not in keys
        assert isinstance(records[0]["creationTime"], datetime.datetime)
        assert records == listing(client, maxResults=999)
        assert len(next(pages(client))["assessmentFrameworkShareRequests"]) == 100

        tokens = [page.get("nextToken", "") for page in pages(client, maxResults=100)]
        assert sum({"+", "/", "="} <= set(token) for token in tokens) > len(tokens) / 2


def test_tokens_are_bound(session, simulator, sender):
    simulator.add(bulk={"requests": 5, "framework": "Baseline"})
    token = next(pages(sender, maxResults=2))["nextToken"]

    def use(client, token, request_type="SENT"):
        client.list_assessment_framework_share_requests(requestType=request_type, nextToken=token)

    use(sender, token)
    for call in (
        lambda: use(sender, token, "RECEIVED"),
        lambda: use(sender, token[:9] + ("A" if token[9] != "A" else "B") + token[10:]),
        lambda: use(sender, "AAAA"),
        lambda: use(make_client(session, simulator, RECIPIENT_KEY), token),
        lambda: sender.list_assessment_frameworks(frameworkType="Custom", nextToken=token),
    ):
        error = refused("ValidationException", call)
        assert error.response["fields"][0]["name"] == "nextToken"


def test_paging_while_it_changes(simulator, sender):
    simulator.add(bulk={"requests": 50, "framework": "Baseline", "status": "FAILED"})
    before = {r["id"] for r in listing(sender)}
    seen = []

    for page in pages(sender, maxResults=10):
        here = [r["id"] for r in page["assessmentFrameworkShareRequests"]]
        seen += here
        simulator.delete_request(request=here[-1])

    assert set(seen) == before and len(seen) == 50


def test_listing_lag(session):
    with Simulator(seed=seed(), rate=0, lag=60) as simulator:
        client = make_client(session, simulator)
        made = start(client, only(frameworks(client))["id"])
        assert listing(client) == []

        simulator.advance(seconds=61)
        assert only(listing(client))["status"] == "ACTIVE"
        update(client, made["id"], "SENT", "REVOKE")
        assert only(listing(client))["status"] == "ACTIVE"
        simulator.advance(seconds=61)
        assert only(listing(client))["status"] == "REVOKED"


# The life of a request


def test_start(simulator, sender, baseline):
    made = start(sender, baseline, comment='"Überprüfung"\n\t\\ 🙂')

    assert made["status"] == "ACTIVE"
    assert made["expirationTime"] - made["creationTime"] == 120 * DAY
    assert made["comment"] == '"Überprüfung"\n\t\\ 🙂'
    assert made["sourceAccount"] == SENDER and made["destinationAccount"] == RECIPIENT
    assert only(listing(sender)) == made
    entry = only(simulator.log(START))
    assert entry["processed"] and entry["status"] == 200 and entry["comment"] == made["comment"]
    assert entry["destination_account"] == RECIPIENT and entry["framework"] == baseline
    assert entry["invocation_id"] and entry["sdk_request"]


def test_accept(simulator, sender, recipient, baseline):
    made = start(sender, baseline)
    assert only(listing(recipient, "RECEIVED"))["id"] == made["id"]

    accepted = update(recipient, made["id"], "RECEIVED", "ACCEPT")
    assert accepted["status"] == "REPLICATING"
    refused("ValidationException", delete, sender, made["id"])
    refused("ValidationException", update, sender, made["id"], "SENT", "REVOKE")
    simulator.advance(seconds=5)

    shared = only(listing(sender))
    assert shared["status"] == "SHARED"
    # To the moment it was due, as far as the simulator's past can be told from its present.
    late = shared["lastUpdated"] - accepted["lastUpdated"]
    assert late == datetime.timedelta(seconds=1 - 5)
    delete(sender, made["id"])
    assert listing(sender) == []


def test_decline_and_hide(simulator, sender, recipient, baseline):
    made = start(sender, baseline)
    assert update(recipient, made["id"], "RECEIVED", "DECLINE")["status"] == "DECLINED"
    refused("ValidationException", update, recipient, made["id"], "RECEIVED", "ACCEPT")

    delete(recipient, made["id"], "RECEIVED")

    assert listing(recipient, "RECEIVED") == []
    refused("ResourceNotFoundException", delete, recipient, made["id"], "RECEIVED")
    assert only(listing(sender))["status"] == "DECLINED"


def test_revoke(simulator, sender, baseline):
    made = start(sender, baseline)
    error = refused("ValidationException", delete, sender, made["id"])
    assert error.response["reason"] == "other"

    revoked = update(sender, made["id"], "SENT", "REVOKE")

    assert revoked["status"] == "REVOKED" and revoked["lastUpdated"] > made["lastUpdated"]
    refused("ValidationException", update, sender, made["id"], "SENT", "REVOKE")
    delete(sender, made["id"])
    refused("ResourceNotFoundException", delete, sender, made["id"])


def test_sides(sender, recipient, baseline):
    made = start(sender, baseline)
    refused("ValidationException", update, sender, made["id"], "SENT", "ACCEPT")
    refused("ValidationException", update, recipient, made["id"], "RECEIVED", "REVOKE")
    refused("ResourceNotFoundException", update, recipient, made["id"], "SENT", "REVOKE")
    refused("ResourceNotFoundException", update, sender, made["id"], "RECEIVED", "ACCEPT")


def test_clock(simulator, sender, baseline):
    made = start(sender, baseline)
    simulator.advance(days=95)
    old = only(listing(sender))
    now = datetime.datetime.now(datetime.timezone.utc)

    assert old["status"] == "EXPIRING"
    assert abs(now - old["creationTime"] - 95 * DAY) < DAY / 24
    assert abs(old["expirationTime"] - now - 25 * DAY) < DAY / 24
    assert abs(now - old["lastUpdated"] - 5 * DAY) < DAY / 24

    renewed = start(sender, baseline)
    assert renewed["id"] == made["id"] and renewed["status"] == "ACTIVE"
    assert renewed["creationTime"] == old["creationTime"]
    simulator.advance(days=121)
    assert only(listing(sender))["status"] == "EXPIRED"
    refused("ValidationException", update, sender, made["id"], "SENT", "REVOKE")
    assert start(sender, baseline)["id"] != made["id"]


def test_recipient_without_the_service(simulator, sender, baseline):
    made = start(sender, baseline, STRANGER)
    assert made["status"] == "ACTIVE"

    simulator.advance(seconds=3)
    assert only(listing(sender))["status"] == "FAILED"

    simulator.add(accounts={STRANGER: {"audit_manager": True}})
    again = start(sender, baseline, STRANGER)
    simulator.advance(seconds=3)
    assert again["id"] != made["id"]
    statuses = {r["id"]: r["status"] for r in listing(sender)}
    assert statuses == {made["id"]: "FAILED", again["id"]: "ACTIVE"}


@pytest.mark.parametrize("mode", ["keep", "replace", "both"])
def test_resend(session, mode):
    with Simulator(seed=seed(), rate=0, resend=mode) as simulator:
        client = make_client(session, simulator)
        framework_id = only(frameworks(client))["id"]
        first = start(client, framework_id, comment="one")
        simulator.update_framework("Baseline", name="Version 2")
        second = start(client, framework_id, comment="two")
        records = {r["id"]: r for r in listing(client)}

        assert (second["id"] == first["id"]) == (mode == "keep")
        assert len(records) == (2 if mode == "both" else 1)
        assert records[second["id"]]["comment"] == "two"
        assert records[second["id"]]["frameworkName"] == "Version 2"
        assert second["expirationTime"] > first["expirationTime"]
        if mode == "keep":
            assert second["creationTime"] == first["creationTime"]
            assert second["lastUpdated"] > first["lastUpdated"]
            assert simulator.request("Version 2", RECIPIENT, REGION)["sends"] == 2
        sent = {r["id"]: r["frameworkUpdated"] for r in simulator.requests()}
        assert sent[second["id"]] == only(frameworks(client))["lastUpdatedAt"].timestamp()

        simulator.accept(request=second["id"])
        simulator.advance(seconds=2)
        third = start(client, framework_id)
        assert third["id"] != second["id"] or mode == "both"


def test_quota(session):
    with Simulator(seed=seed(), rate=0, quota=2) as simulator:
        client = make_client(session, simulator)
        framework_id = only(frameworks(client))["id"]
        start(client, framework_id, "200000000000")
        second = start(client, framework_id, "200000000001")
        start(client, framework_id, "200000000001", "us-east-1")

        third = (client, framework_id, "200000000002")
        error = refused("ServiceQuotaExceededException", start, *third)
        assert status(error) == 402

        simulator.advance(seconds=3)  # these accounts cannot receive: the requests fail
        assert start(*third)["id"] != second["id"]


# Values


@pytest.mark.parametrize(
    "values, field",
    [
        ({"destinationAccount": "12345678901"}, "destinationAccount"),
        ({"destinationAccount": "12345678901x"}, "destinationAccount"),
        ({"destinationRegion": "europe"}, "destinationRegion"),
        ({"destinationRegion": "eu-south-1"}, "destinationRegion"),
        ({"comment": "x" * 501}, "comment"),
        ({"frameworkId": "A" * 36}, "frameworkId"),
    ],
)
def test_validation(session, simulator, baseline, values, field):
    client = make_client(session, simulator, parameter_validation=False)
    call = client.start_assessment_framework_share
    good = {"frameworkId": baseline, "destinationAccount": RECIPIENT, "destinationRegion": REGION}

    error = refused("ValidationException", call, **{**good, **values})

    assert isinstance(error, client.exceptions.ValidationException)
    assert status(error) == 400
    assert error.response["reason"] == "fieldValidationFailed"
    assert only(error.response["fields"])["name"] == field
    assert only(error.response["fields"])["message"]
    call(**good, comment="ü" * 500)


def test_more_validation(session, simulator):
    client = make_client(session, simulator, parameter_validation=False)
    error = refused("ValidationException", client.list_assessment_framework_share_requests)
    assert only(error.response["fields"])["name"] == "requestType"
    for size in (0, 1001, "many"):
        refused(
            "ValidationException",
            client.list_assessment_framework_share_requests,
            requestType="SENT",
            maxResults=size,
        )
    error = refused("ValidationException", listing, client, "LOST")
    assert "[SENT, RECEIVED]" in error.response["message"]


def test_own_account_and_region(sender, baseline):
    refused("ValidationException", start, sender, baseline, SENDER, REGION)
    assert start(sender, baseline, SENDER, "us-east-1")["status"] == "ACTIVE"


def test_missing_resources(sender):
    error = refused("ResourceNotFoundException", start, sender, NOBODY)
    assert status(error) == 404
    assert error.response["resourceId"] == NOBODY and error.response["resourceType"]
    refused("ResourceNotFoundException", update, sender, NOBODY, "SENT", "REVOKE")
    refused("ResourceNotFoundException", sender.get_assessment_framework, frameworkId=NOBODY)
    refused("ValidationException", sender.list_assessment_reports)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"destinationAccount": 1}',
        b'{"destinationAccount": "a\\u0000b"}',
        b"[" * 5000,
        b"x" * 2_000_000,
        b"",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_hostile_bodies(simulator, baseline, body):
    target = f"/assessmentFrameworks/{baseline}/shareRequests"

    headers = sign(simulator, "POST", target, body)

    answer, answered, text = send(simulator, "POST", target, body, headers)

    assert (answer, code_of(answered)) in (
        (400, "ValidationException"),
        (413, "RequestEntityTooLargeException"),
    )
    assert json.loads(text)["message"]


EMPTY_CLAIMS = "Authorization: AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;;,Signature="
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "data",
    [
        "",
        "GARBAGE\0\xff",
        "GET / HTTP/1.1\nAuthorization: AWS4-HMAC-SHA256 ",
        "GET / HTTP/1.1\n" + EMPTY_CLAIMS,
        "GET /%zz%0?%=%&&=a&%00 HTTP/1.1",
        "GET / HTTP/1.1\nX-Big: " + "a" * 1_000_000,
        "POST / HTTP/1.1\nContent-Length: 99999999999999999999",
        "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nzz",
        "POST / HTTP/1.1\nContent-Length: 9\n" + FORM + "\n\nAction=%0",
        "OPTIONS * HTTP/1.1",
        "GET http://x/assessmentFrameworks?a HTTP/1.1",
    ],
    ids=lambda data: repr(data[-30:]),
)
def test_hostile_requests(simulator, sender, data):
    data = data.replace(" HTTP/1.1", " HTTP/1.1\nHost: x").replace("\n", "\r\n") + "\r\n\r\n"
    for port in (simulator.port, simulator.control_port):
        with socket.create_connection(("127.0.0.1", port), timeout=0.2) as connection:
            try:
                connection.sendall(data.encode("latin-1"))
                while connection.recv(65536):
                    pass
            except (ConnectionError, TimeoutError):
                pass  # it waits for more, or had enough
    assert listing(sender) == []


# Throttling, connections


@pytest.mark.parametrize("code", [400, 429])
def test_throttled(session, code):
    with Simulator(seed=seed(), rate=1, burst=5, throttle_status=code) as simulator:
        client = make_client(session, simulator)
        for _ in range(5):
            listing(client)
        error = refused("ThrottlingException", listing, client)
        assert isinstance(error, client.exceptions.ThrottlingException)
        assert status(error) == code
        elsewhere = make_client(session, simulator, region="us-east-1")
        assert listing(elsewhere) == []


def test_standard_retries_get_through(session):
    with Simulator(seed=seed(), rate=10, burst=1) as simulator:
        retries = {"total_max_attempts": 5, "mode": "standard"}
        client = make_client(session, simulator, retries=retries)
        for _ in range(3):
            listing(client)
        calls = simulator.log(LIST)

    assert any(call["code"] == "ThrottlingException" for call in calls if "code" in call)
    again = [call for call in calls if "attempt=2" in call["sdk_request"]]
    assert again and not calls[0].get("code")
    first = [call["invocation_id"] for call in calls if "attempt=1" in call["sdk_request"]]
    assert again[0]["invocation_id"] in first


def test_keep_alive_and_concurrency(session, simulator, baseline):
    client = make_client(session, simulator, max_pool_connections=8)
    simulator.settings(quota=0, latency=0.05)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        accounts = [f"{200000000000 + i}" for i in range(40)]
        began = time.monotonic()
        list(pool.map(lambda account: start(client, baseline, account), accounts))
        took = time.monotonic() - began

    stats = simulator.stats()
    assert stats["connections"] <= 12 and 2 <= stats["max_in_flight"] <= 8
    assert stats["counts"][START] == 40 and took < 40 * 0.05


def test_pipelined_and_closed(simulator):
    one = f"GET /x HTTP/1.1\r\nHost: 127.0.0.1:{simulator.port}\r\n\r\n".encode()
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as connection:
        connection.sendall(one * 3 + last)
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
    assert data.count(b"HTTP/1.1 403") == 4


# Faults


def test_reset(simulator, sender, baseline):
    for when, n_requests in (("before", 0), ("after", 1)):
        simulator.fault(START, "reset", when=when)
        with pytest.raises(
            (botocore.exceptions.ConnectionClosedError, botocore.exceptions.EndpointConnectionError)
        ):
            start(sender, baseline)
        assert len(listing(sender)) == n_requests
        assert simulator.log(START)[-1]["processed"] == (when == "after")
        assert simulator.log(START)[-1]["status"] == 0


def test_reset_in_an_orderly_way(simulator, sender):
    simulator.fault(LIST, "reset", plain=True)
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        listing(sender)


def test_status_and_which_call_it_hits(simulator, sender, baseline):
    error = {"status": 503, "code": "ServiceUnavailable", "headers": {"Retry-After": "7"}}
    simulator.fault(START, "status", nth=2, count=2, **error)
    start(sender, baseline)
    for _ in range(2):
        error = refused("ServiceUnavailable", start, sender, baseline)
        assert status(error) == 503
        assert error.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"
    start(sender, baseline)
    assert [c["processed"] for c in simulator.log(START)] == [True, False, False, True]
    assert only(simulator.faults())["hits"] == 2


def test_status_after_processing(simulator, sender, baseline):
    simulator.fault("*", "status", when="after", count=0)
    refused("InternalServerException", start, sender, baseline)
    simulator.clear_faults()
    assert len(listing(sender)) == 1


def test_fault_for_one_region(session, simulator, sender):
    simulator.fault(LIST, "status", region="us-east-1", account=SENDER, count=0)
    assert listing(sender) == []
    refused("InternalServerException", listing, make_client(session, simulator, region="us-east-1"))


def test_delay_blocks_nobody_else(session, simulator, sender):
    simulator.fault(LIST, "delay", seconds=1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        slow = pool.submit(listing, sender)
        wait_until(lambda: simulator.stats()["in_flight"] == 1)
        assert frameworks(make_client(session, simulator))
        assert not slow.done()
        assert slow.result() == []
    assert time.monotonic() - began >= 1


def test_hang(session, simulator, baseline):
    for when in ("before", "after"):
        simulator.fault(START, "hang", when=when)
    impatient = make_client(session, simulator, read_timeout=0.3)
    for n_requests in (0, 1):
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            start(impatient, baseline)
        assert len(simulator.requests()) == n_requests
    # It notices that nobody waits any more.
    wait_until(lambda: simulator.stats()["in_flight"] == 0)


def test_hanging_to_the_end(session):
    with Simulator(seed=seed(), rate=0) as simulator:
        simulator.fault(LIST, "hang")
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            listing(make_client(session, simulator, read_timeout=0.3))
        simulator.fault("*", "hang", count=0)
        with socket.create_connection(("127.0.0.1", simulator.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_until(lambda: simulator.stats()["in_flight"] >= 1)
            assert simulator.stop() == 0


def test_truncate(simulator, sender, baseline):
    simulator.fault(START, "truncate")
    target = f"/assessmentFrameworks/{baseline}/shareRequests"
    body = json.dumps({"destinationAccount": RECIPIENT, "destinationRegion": REGION}).encode()
    with pytest.raises(http.client.IncompleteRead) as caught:
        send(simulator, "POST", target, body, sign(simulator, "POST", target, body))
    assert abs(len(caught.value.partial) - caught.value.expected) <= 1
    assert len(listing(sender)) == 1


def test_body(simulator, sender, baseline):
    simulator.fault(START, "body", body="<html>", content_type="text/html")
    # botocore makes an empty answer of what is no JSON.
    with pytest.raises(KeyError):
        start(sender, baseline)
    assert listing(sender) == []

    simulator.fault(START, "body", when="after", body="")
    with pytest.raises(KeyError):
        start(sender, baseline)
    assert len(listing(sender)) == 1


def test_endless_body(simulator):
    simulator.fault("*", "body", body='{"x": [', repeat=3 << 30)
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as connection:
        connection.sendall(f"GET {LIST_TARGET} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        got = b""
        while len(got) < 1 << 20:
            got += connection.recv(65536)
    assert b"Content-Length: 3221225472" in got and got.count(b'{"x": [') > 100000


def test_content_type(simulator):
    simulator.fault(LIST, "content_type", content_type="text/plain")
    headers = sign(simulator, "GET", LIST_TARGET)
    answer, headers, _ = send(simulator, "GET", LIST_TARGET, headers=headers)
    assert (answer, headers["Content-Type"]) == (200, "text/plain")


def test_redirect(simulator):
    simulator.fault("*", "redirect", location="http://127.0.0.1:1/elsewhere")
    answer, headers, _ = send(simulator, "GET", LIST_TARGET)
    assert (answer, headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")


def test_tokens_without_end(simulator, sender):
    simulator.add(bulk={"requests": 3, "framework": "Baseline"})

    simulator.fault(LIST, "token_repeat", count=3)
    tokens = [page["nextToken"] for page, _ in zip(pages(sender, maxResults=2), range(3))]
    assert len(set(tokens)) == 1
    simulator.clear_faults()

    for wrap in (False, True):
        simulator.fault(LIST, "token_endless", count=0, wrap=wrap)
        seen = [page for page, _ in zip(pages(sender, maxResults=2), range(10))]
        assert len({page["nextToken"] for page in seen}) == 10
        n = sum(len(page["assessmentFrameworkShareRequests"]) for page in seen)
        assert n == (15 if wrap else 3)
        simulator.clear_faults()


def test_broken_listings(simulator, sender):
    simulator.add(bulk={"requests": 3, "framework": "Baseline"})
    target, name = LIST_TARGET, "assessmentFrameworkShareRequests"

    def raw():
        answer, _, body = send(simulator, "GET", target, headers=sign(simulator, "GET", target))
        assert answer == 200
        return json.loads(body)

    good = raw()
    simulator.fault(LIST, "no_list")
    assert raw() == {}
    simulator.fault(LIST, "null_list")
    assert raw() == {name: None}
    simulator.fault(LIST, "wrong_type")
    assert isinstance(raw()[name], str)
    simulator.fault(LIST, "wrong_type", field="id")
    assert isinstance(raw()[name][0]["id"], list)
    simulator.fault(LIST, "duplicate")
    assert [r["id"] for r in raw()[name]][::2] == [r["id"] for r in good[name]]
    for field in ("status", "id", "creationTime"):
        simulator.fault(LIST, "unreadable", field=field)
        record = raw()[name][0]
        assert field not in record and {**good[name][0], **record} == good[name][0]
    simulator.fault(LIST, "unknown_status", value="PAUSED")
    assert {r["status"] for r in raw()[name]} == {"PAUSED"}
    assert raw() == good

    only_one = good[name][0]
    simulator.set_status("DREAMING", request=only_one["id"])
    assert "DREAMING" in [r["status"] for r in raw()[name]]


# The control port and the program


def test_control(simulator, sender, baseline):
    which = {"framework": "Baseline", "account": RECIPIENT, "region": REGION}
    made = start(sender, baseline)
    simulator.expire(**which)
    expired = only(listing(sender))
    assert expired["status"] == "EXPIRED"
    with pytest.raises(ControlError, match="409"):
        simulator.accept(**which)
    simulator.delete_request(request=made["id"])
    for act, wanted in (
        (simulator.fail, "FAILED"),
        (simulator.decline, "DECLINED"),
        (simulator.revoke, "REVOKED"),
    ):
        start(sender, baseline)
        assert act(**which)["status"] == wanted
    expires = time.time() + 86400
    answer = simulator.set_status("EXPIRING", expirationTime=expires, **which)
    assert answer["status"] == "EXPIRING"
    assert answer["expirationTime"] == pytest.approx(expires, abs=0.01)


@pytest.mark.parametrize(
    "path, body",
    [
        ("/nothing", {}),
        ("/advance", {"days": -1}),
        ("/accept", {"request": NOBODY}),
        ("/fault", {"kind": "reset"}),
        ("/fault", {"kind": "reset", "operation": "Typo"}),
        ("/fault", {"kind": "typo", "operation": "*"}),
        ("/fault", {"kind": "reset", "operation": "*", "typo": 1}),
        ("/settings", {"lagg": 1}),
        ("/settings", {"resend": "sometimes"}),
        ("/seed", {"keyz": []}),
        ("/seed", {"frameworks": [{"name": "x"}]}),
        ("/seed", []),
    ],
)
def test_control_refuses(simulator, path, body):
    with pytest.raises(ControlError):
        simulator.control(path, body)


def test_seeded_times(session):
    states = ["ACTIVE", "EXPIRING", "EXPIRED", "SHARED", "FAILED", "DECLINED", "REVOKED"]
    states += ["REPLICATING", "NEW"]
    to = {"framework": "Baseline", "to_region": REGION}
    requests = [
        {**to, "to_account": f"{300000000000 + i}", "status": name} for i, name in enumerate(states)
    ]
    with Simulator(seed=seed(requests=requests), rate=0, replicate=3600) as simulator:
        found = {r["status"]: r for r in listing(make_client(session, simulator))}
    now = datetime.datetime.now(datetime.timezone.utc)

    assert sorted(found) == sorted(states)
    for name, record in found.items():
        assert record["creationTime"] <= record["lastUpdated"] <= now, name
        assert record["expirationTime"] - record["creationTime"] == 120 * DAY
    assert now < found["EXPIRING"]["expirationTime"] < now + 30 * DAY
    assert found["EXPIRED"]["expirationTime"] < now


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_on_a_signal(number):
    with Simulator(seed=seed()) as simulator:
        simulator.process.send_signal(number)
        assert simulator.process.wait(10) == 0


def test_refuses_to_start():
    bad_seed = {"frameworks": [{}]}
    for wrong in ({"seed": bad_seed}, {"nonsense": 1}, {"rate": "fast"}, {"port": 70000}):
        with pytest.raises(RuntimeError):
            Simulator(**wrong).start()


# The AWS CLI


def aws(simulator, *arguments, check=True):
    done = subprocess.run(
        ["/usr/bin/aws", "--endpoint-url", simulator.url, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null") if check else done


def test_aws_cli(simulator, baseline):
    def share(verb, *arguments, check=True):
        command = f"{verb}-assessment-framework-share"
        return aws(simulator, "auditmanager", command, *arguments, check=check)

    to = ["--destination-account", RECIPIENT, "--destination-region", "us-east-1"]
    identity = aws(simulator, "sts", "get-caller-identity")
    made = share("start", "--framework-id", baseline, *to, "--comment", "ä & b")
    one = made["assessmentFrameworkShareRequest"]
    pair = ["--request-id", one["id"], "--request-type", "SENT"]
    revoked = share("update", *pair, "--action", "REVOKE")
    share("delete", *pair)
    again = share("delete", *pair, check=False)

    assert identity["Account"] == SENDER
    assert (one["status"], one["comment"]) == ("ACTIVE", "ä & b")
    assert revoked["assessmentFrameworkShareRequest"]["status"] == "REVOKED"
    assert again.returncode != 0 and "ResourceNotFoundException" in again.stderr


def test_aws_cli_pages(session):
    bulk = {"requests": 2500, "framework": "Baseline", "status": "SHARED"}
    with Simulator(seed=seed(bulk=bulk), rate=0) as simulator:
        seen, token = [], []
        while True:
            command = ["list-assessment-framework-share-requests", "--request-type", "SENT"]
            page = aws(simulator, "auditmanager", *command, "--max-results", "1000", *token)
            seen += [r["id"] for r in page["assessmentFrameworkShareRequests"]]
            if not page.get("nextToken"):
                break
            token = ["--next-token", page["nextToken"]]

    assert len(seen) == len(set(seen)) == 2500
