# SPDX-License-Identifier: Apache-2.0

"""
What goes over the wire, against botocore: requests, answers, errors, times, retries

Every case comes from a seeded generator or a list; where botocore and we differ on purpose, the difference is written
down here and checked.
"""

import datetime
import json
import random
import string
import types
from urllib.parse import parse_qsl, quote

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.utils
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.retries import quota, special, standard

from driver import Driver

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2", "ca-central-1", "sa-east-1"]
STATUSES = ["ACTIVE", "REPLICATING", "SHARED", "EXPIRING", "FAILED", "EXPIRED", "DECLINED", "REVOKED", "NEW_ONE"]
TEXT = string.ascii_letters + string.digits + " -._~!$&'()*+,;=:@/%äöü漢字😀\"\\<>\n\t\u2028"


@pytest.fixture(scope="module")
def driver():
    with Driver() as d:
        yield d
        assert d.stop() == 0


@pytest.fixture(scope="module")
def model():
    description = botocore.loaders.Loader().load_service_model("auditmanager", "service-2")
    return botocore.model.ServiceModel(description)


def text(rng, low, high, alphabet=TEXT):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def uuid(rng):
    digits = "%032x" % rng.getrandbits(128)
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def account(rng):
    return "%012d" % rng.randrange(10**12)


def token(rng):
    return text(rng, 1, 1000, string.ascii_letters + string.digits + "+/=")


# Requests


def page(rng):
    size = {"maxResults": rng.randint(1, 1000)} if rng.random() < 0.8 else {}
    return {**size, **({"nextToken": token(rng)} if rng.random() < 0.7 else {})}


def request_type(rng):
    return {"requestType": rng.choice(["SENT", "RECEIVED"])}


def start(rng):
    comment = {"comment": text(rng, 0, 500)} if rng.random() < 0.7 else {}
    return {
        "frameworkId": uuid(rng),
        "destinationAccount": account(rng),
        "destinationRegion": rng.choice(REGIONS),
        **comment,
    }


PARAMETERS = {
    "ListAssessmentFrameworkShareRequests": lambda rng: {**request_type(rng), **page(rng)},
    "ListAssessmentFrameworks": lambda rng: {"frameworkType": rng.choice(["Custom", "Standard"]), **page(rng)},
    "GetAssessmentFramework": lambda rng: {"frameworkId": uuid(rng)},
    "StartAssessmentFrameworkShare": start,
    "UpdateAssessmentFrameworkShare": lambda rng: {
        "requestId": uuid(rng),
        **request_type(rng),
        "action": rng.choice(["ACCEPT", "DECLINE", "REVOKE"]),
    },
    "DeleteAssessmentFrameworkShare": lambda rng: {"requestId": uuid(rng), **request_type(rng)},
    "GetAccountStatus": lambda rng: {},
}


@pytest.mark.parametrize("operation", PARAMETERS)
def test_requests_are_written_as_botocore_writes_them(driver, model, operation):
    rng = random.Random(operation)
    serializer = botocore.serialize.create_serializer("rest-json")
    for _ in range(200):
        params = PARAMETERS[operation](rng)
        ours = driver.ask("serialize", operation=operation, params=params)
        theirs = serializer.serialize_to_request(params, model.operation_model(operation))

        assert ours["method"] == theirs["method"]
        assert ours["path"] == theirs["url_path"]
        query = {name: str(value) for name, value in theirs["query_string"].items()}
        assert dict(parse_qsl(ours["query_string"], strict_parsing=bool(query))) == query
        assert "+" not in ours["query_string"] and "/" not in ours["query_string"]
        assert ours["body"].encode().count(b"\n") == 0
        body = theirs["body"].decode() if theirs["body"] else ""
        assert (json.loads(ours["body"]) if ours["body"] else "") == (json.loads(body) if body else "")
        if body:
            shape = model.operation_model(operation).input_shape
            order = [name for name in shape.members if name in json.loads(body)]
            assert list(json.loads(ours["body"])) == order
            assert dict(ours["headers"])["Content-Type"] == theirs["headers"]["Content-Type"]


def test_parameters_that_the_api_does_not_have_are_not_made_up(driver):
    answer = driver.ask(
        "serialize",
        operation="DeleteAssessmentFrameworkShare",
        params={"requestId": uuid(random.Random(1)), "requestType": "SENT", "force": True},
    )
    assert "unsupported" in answer


@pytest.mark.parametrize("seed", range(5))
def test_labels_and_queries_are_escaped_as_botocore_escapes_them(driver, seed):
    rng = random.Random(seed)
    for _ in range(200):
        value = text(rng, 0, 60)
        escaped = botocore.utils.percent_encode(value)
        assert driver.ask("escape_query", value=value)["escaped"] == escaped
        assert driver.ask("escape_label", value=value, greedy=False)["escaped"] == escaped
        greedy = botocore.utils.percent_encode(value, safe="/~")
        assert driver.ask("escape_label", value=value, greedy=True)["escaped"] == greedy


# Answers


def timestamp(rng):
    seconds = rng.randrange(1_500_000_000, 2_000_000_000)
    return rng.choice([seconds, seconds + rng.randrange(1000) / 1000, seconds + rng.randrange(10**6) / 10**6])


def value_of(rng, shape):
    """A value of a shape of the model; readable ones where the product needs them."""
    if shape.type_name == "structure":
        return {
            name: value_of(rng, member)
            for name, member in shape.members.items()
            if name in KEYS or rng.random() < 0.85
        }
    if shape.type_name == "list":
        return [value_of(rng, shape.member) for _ in range(rng.randint(0, 4))]
    if shape.type_name == "map":
        return {text(rng, 1, 10): value_of(rng, shape.value) for _ in range(rng.randint(0, 3))}
    if shape.type_name == "timestamp":
        return timestamp(rng)
    if shape.type_name in ("integer", "long"):
        return rng.randrange(10**6)
    return {
        "UUID": lambda: uuid(rng),
        "AccountId": lambda: account(rng),
        "Region": lambda: rng.choice(REGIONS),
        "ShareRequestStatus": lambda: rng.choice(STATUSES),
        "Token": lambda: token(rng),
    }.get(shape.name, lambda: text(rng, 0, 60))()


# What a record must have to be one.
KEYS = {
    "id",
    "frameworkId",
    "destinationAccount",
    "destinationRegion",
    "status",
    "creationTime",
    "assessmentFrameworkShareRequests",
    "frameworkMetadataList",
    "framework",
    "assessmentFrameworkShareRequest",
}


def decorate(rng, value):
    """The same value as another service might write it: with nulls and members that nobody knows."""
    if isinstance(value, dict):
        more = {"unknownMember": rng.choice([None, 1, [1, {"a": None}], {"id": 1}])} if rng.random() < 0.3 else {}
        nulls = {"description": None, "logo": None} if rng.random() < 0.2 else {}
        known = {name: item if name == "tags" else decorate(rng, item) for name, item in value.items()}
        return {**nulls, **more, **known}
    if isinstance(value, list):
        return [decorate(rng, item) for item in value]
    return value


def usec(moment):
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def plain(value):
    """botocore's output with times as microseconds."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return usec(value) if isinstance(value, datetime.datetime) else value


def ours_with_usec(shape, value):
    if shape.type_name == "structure":
        return {name: ours_with_usec(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [ours_with_usec(shape.member, item) for item in value]
    return round(value * 10**6) if shape.type_name == "timestamp" else value


def product_request(record):
    return {
        "id": record["id"],
        "framework_id": record["frameworkId"],
        "account": record["destinationAccount"],
        "region": record["destinationRegion"],
        "status": record["status"],
        "comment": record.get("comment"),
        "framework_name": record.get("frameworkName"),
        "created_usec": record["creationTime"],
        "updated_usec": record.get("lastUpdated"),
        "expires_usec": record.get("expirationTime"),
        "readable": True,
    }


def product_framework(record):
    return {"id": record["id"], "name": record.get("name"), "updated_usec": record.get("lastUpdatedAt")}


def product_answer(operation, output):
    """What the product should have taken from an answer."""
    one = output.get("assessmentFrameworkShareRequest")
    requests = output.get("assessmentFrameworkShareRequests", [one] if one else [])
    frameworks = output.get("frameworkMetadataList", [output["framework"]] if "framework" in output else [])
    return {
        "requests": [product_request(record) for record in requests],
        "frameworks": [product_framework(record) for record in frameworks],
        "next_token": output.get("nextToken"),
        "account_status": output.get("status") if operation == "GetAccountStatus" else None,
    }


@pytest.mark.parametrize("operation", PARAMETERS)
def test_answers_are_read_as_botocore_reads_them(driver, model, operation):
    rng = random.Random(operation)
    parser = botocore.parsers.create_parser("rest-json")
    shape = model.operation_model(operation).output_shape
    for _ in range(150):
        answer = decorate(rng, value_of(rng, shape)) if shape else {}
        if operation == "GetAccountStatus":
            answer["status"] = rng.choice(["ACTIVE", "INACTIVE", "PENDING_ACTIVATION"])
        body = json.dumps(answer, ensure_ascii=rng.random() < 0.5)
        theirs = plain(parser.parse({"body": body.encode(), "headers": {}, "status_code": 200}, shape))
        ours = driver.ask("parse", operation=operation, status=200, headers=[], body=body)
        assert (ours_with_usec(shape, ours["output"]) if shape else ours["output"]) == theirs
        assert ours["product"] == product_answer(operation, theirs)


@pytest.mark.parametrize(
    "member, value",
    [("id", 1), ("id", "x"), ("id", None), ("status", 3), ("status", None), ("status", "A\0B"), ("creationTime", None),
     ("creationTime", "2026-01-01T00:00:00Z"), ("creationTime", 1e15), ("creationTime", -1e15), ("creationTime", True),
     ("lastUpdated", "soon"), ("expirationTime", [])],
)  # fmt: skip
def test_a_record_that_is_partly_unreadable_is_kept_and_marked(driver, model, member, value):
    rng = random.Random(1)
    shape = model.operation_model("ListAssessmentFrameworkShareRequests").output_shape
    record = value_of(rng, shape.members["assessmentFrameworkShareRequests"].member)
    body = json.dumps({"assessmentFrameworkShareRequests": [{**record, member: value}]})
    answer = driver.ask("parse", operation="ListAssessmentFrameworkShareRequests", status=200, body=body)
    (seen,) = answer["product"]["requests"]
    assert seen["readable"] is False
    assert (seen["framework_id"], seen["account"]) == (record["frameworkId"], record["destinationAccount"])


@pytest.mark.parametrize(
    "member, value",
    [("frameworkId", None), ("frameworkId", "X"), ("frameworkId", 1), ("destinationAccount", 123456789012),
     ("destinationAccount", "12345678901"), ("destinationRegion", "x y"), ("destinationRegion", None)],
)  # fmt: skip
def test_a_record_without_a_key_is_an_error_of_the_listing(driver, model, member, value):
    rng = random.Random(1)
    shape = model.operation_model("ListAssessmentFrameworkShareRequests").output_shape
    records = [value_of(rng, shape.members["assessmentFrameworkShareRequests"].member) for _ in range(3)]
    records[2] = {**records[2], member: value}
    body = json.dumps({"assessmentFrameworkShareRequests": records})
    answer = driver.ask("parse", operation="ListAssessmentFrameworkShareRequests", status=200, body=body)
    assert answer["product"] == {"error": f"record 2: its {member} cannot be read"}


# Errors

CODES = ["ValidationException", "AccessDeniedException", "ResourceNotFoundException", "ThrottlingException", "Weird.Code"]


def make_code(rng):
    code = rng.choice(CODES)
    return rng.choice([code, code, "com.amazonaws.auditmanager#" + code])


def make_error(rng):
    status = rng.choice([400, 402, 403, 404, 429, 500, 503])
    headers, body = [["Content-Type", "application/json"], ["x-amzn-RequestId", uuid(rng)]], {}
    if rng.random() < 0.6:
        headers.append([rng.choice(["x-amzn-ErrorType", "X-Amzn-Errortype"]),
                        rng.choice(CODES) + rng.choice(["", ":", ":http://internal.amazon.com/coral/x/"])])  # fmt: skip
    if rng.random() < 0.5:
        body["__type"] = make_code(rng)
    if rng.random() < 0.3:
        body[rng.choice(["code", "Code"])] = rng.choice(CODES)
    if rng.random() < 0.8:
        body[rng.choice(["message", "Message"])] = text(rng, 1, 120)
    if rng.random() < 0.3:
        body.update(reason="fieldValidationFailed", fields=[{"name": "comment", "message": "bad"}], resourceId="x")
    return status, headers, json.dumps(body)


def error_by_botocore(status, headers, body):
    parser = botocore.parsers.create_parser("rest-json")
    lower = {name.lower(): value for name, value in headers}
    return parser.parse({"body": body.encode(), "headers": lower, "status_code": status}, None)["Error"]


@pytest.mark.parametrize("seed", range(10))
def test_errors_are_read_as_botocore_reads_them(driver, seed):
    rng = random.Random(seed)
    for _ in range(100):
        status, headers, body = make_error(rng)
        ours = driver.ask("error", status=status, headers=headers, body=body)
        theirs = error_by_botocore(status, headers, body)
        # Where an answer has no code, botocore makes one of the status, and we say that there is none.
        assert ours["code"] == (None if theirs["Code"] == str(status) else theirs["Code"]), body
        assert ours["message"] == (theirs["Message"] or None)


@pytest.mark.parametrize(
    "body", ["", "<html><body>Service Unavailable</body></html>", "[]", "3", "null", '"text"', "{", "{}", "not json"]
)
def test_a_body_that_is_no_error_gives_what_the_header_says(driver, body):
    header = [["x-amzn-errortype", "aws.x#InternalServerException:http://x/"]]
    assert driver.ask("error", status=500, headers=[], body=body) == {"code": None, "message": None}
    answer = driver.ask("error", status=500, headers=header, body=body)
    assert answer == {"code": "InternalServerException", "message": None}


@pytest.mark.parametrize("seed", range(3))
def test_errors_of_sts_are_read_as_botocore_reads_them(driver, seed):
    rng = random.Random(seed)
    parser = botocore.parsers.create_parser("query")
    for _ in range(100):
        code = rng.choice(["ExpiredToken", "AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch"])
        message = text(rng, 1, 80, TEXT.replace("\n", "").replace("\t", "") + "<>&'\"")
        escaped = message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = (
            '<?xml version="1.0"?>\n<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n'
            f"    <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{escaped}</Message>\n  </Error>\n"
            f"  <RequestId>{uuid(rng)}</RequestId>\n</ErrorResponse>"
        )
        theirs = parser.parse({"body": body.encode(), "headers": {}, "status_code": 403}, None)["Error"]
        ours = driver.ask("xml_error", status=403, headers=[], body=body)
        assert ours == {"code": theirs["Code"], "message": theirs["Message"]}


# Times


@pytest.mark.parametrize("seed", range(5))
def test_times_are_read_as_botocore_reads_them(driver, seed):
    rng = random.Random(seed)
    for _ in range(200):
        number = rng.choice([1, -1]) * rng.randrange(0, 60_000_000_000_000_000) / 10 ** rng.choice([6, 6, 9])
        answer = driver.ask("timestamp", format="epoch-seconds", value=number)
        theirs = botocore.utils.parse_timestamp(number)
        assert answer["seconds"] * 10**6 + answer["nanos"] // 1000 == usec(theirs), number


@pytest.mark.parametrize("seed", range(5))
def test_dates_are_read_as_botocore_reads_them(driver, seed):
    rng = random.Random(seed)
    for _ in range(200):
        moment = EPOCH + datetime.timedelta(microseconds=rng.randrange(-(10**15), 10**16))
        offset = rng.choice(["Z", "+00:00", "-05:30", "+14:00"])
        fraction = rng.choice(["", moment.strftime(".%f"), moment.strftime(".%f")[:4]])
        written = moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + offset
        answer = driver.ask("timestamp", format="date-time", value=written)
        theirs = botocore.utils.parse_timestamp(written)
        assert answer["seconds"] * 10**6 + answer["nanos"] // 1000 == usec(theirs), written


@pytest.mark.parametrize(
    "format, value, seconds, nanos",
    [
        ("epoch-seconds", "1515531081.123456789", 1515531081, 123456789),
        ("epoch-seconds", "-0.5", -1, 500_000_000),
        ("epoch-seconds", "0", 0, 0),
        ("epoch-seconds", ".25", 0, 250_000_000),
        ("epoch-seconds", 253402300799, 253402300799, 0),
        ("date-time", "1985-04-12T23:20:50.52Z", 482196050, 520_000_000),
        ("date-time", "2000-01-01T12:00:00.123456789Z", 946728000, 123456789),
        ("date-time", "1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
    ],
)
def test_times_to_the_nanosecond(driver, format, value, seconds, nanos):
    assert driver.ask("timestamp", format=format, value=value) == {"seconds": seconds, "nanos": nanos}


@pytest.mark.parametrize(
    "format, value",
    [("epoch-seconds", "x"), ("epoch-seconds", ""), ("epoch-seconds", "1."), ("epoch-seconds", "1e3"),
     ("epoch-seconds", "0x10"), ("epoch-seconds", 1e300), ("epoch-seconds", None), ("epoch-seconds", True),
     ("date-time", "1985-04-12"), ("date-time", "1985-04-12T25:00:00Z"), ("date-time", "1985-02-30T00:00:00Z"),
     ("date-time", 1), ("date-time", "1985-04-12T23:20:50Z "), ("date-time", "")],
)  # fmt: skip
def test_what_is_no_time(driver, format, value):
    assert "error" in driver.ask("timestamp", format=format, value=value)


# Retries


def context(status=None, code=None, error=None, attempt=1, service="auditmanager"):
    parsed = {"Error": {"Code": code}} if code else {}
    operation = types.SimpleNamespace(error_shapes=[], service_model=types.SimpleNamespace(service_name=service))
    return standard.RetryContext(
        attempt_number=attempt,
        operation_model=operation,
        parsed_response=parsed if error is None else None,
        http_response=types.SimpleNamespace(status_code=status) if error is None else None,
        caught_exception=error,
    )


RETRY_CODES = [
    *standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
    *standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES,
    *CODES, "InternalServerException", "InternalFailure", "ExpiredToken", "IDPCommunicationError", None,
]  # fmt: skip


def test_failures_are_classed_as_botocore_classes_them(driver):
    checker = standard.OrRetryChecker(
        [
            standard.TransientRetryableChecker(),
            standard.ThrottledRetryableChecker(),
            special.RetryIDPCommunicationError(),
        ]
    )
    throttled = standard.ThrottledRetryableChecker()
    for status in (200, 400, 403, 404, 429, 500, 501, 502, 503, 504):
        for code in RETRY_CODES:
            ours = driver.ask("retry_classify", status=status, error_code=code, transport_error=None, service="sts")
            seen = context(status, code, service="sts")
            # A 429 without a code is throttling to us; botocore does not look at it.
            bare = status == 429 and code is None
            assert ours["retryable"] == (checker.is_retryable(seen) or bare), (status, code)
            assert ours["throttling"] == (throttled.is_retryable(seen) or bare), (status, code)

    errors = {
        "connection": EndpointConnectionError(endpoint_url="x"),
        "timeout": ReadTimeoutError(endpoint_url="x"),
    }
    for name, error in errors.items():
        ours = driver.ask("retry_classify", status=None, error_code=None, transport_error=name, service="auditmanager")
        assert ours == {"retryable": checker.is_retryable(context(error=error)), "throttling": False}


def attempt(rng):
    kind = rng.random()
    if kind < 0.25:
        return {"status": 200, "error_code": None}
    if kind < 0.5:
        return {"status": rng.choice([500, 502, 503, 504]), "error_code": None}
    if kind < 0.65:
        return {"status": 400, "error_code": rng.choice(["ThrottlingException", "RequestTimeout", "SlowDown"])}
    if kind < 0.75:
        return {"status": 403, "error_code": "AccessDeniedException"}
    if kind < 0.9:
        return {"status": None, "error_code": None, "transport_error": "timeout"}
    return {"status": None, "error_code": None, "transport_error": "connection"}


class Standard:
    """One client of botocore's standard mode."""

    def __init__(self, given):
        self.max_attempts = given["max_attempts"]
        self.quota = quota.RetryQuota(given["initial_retry_tokens"])
        self.checker = standard.RetryQuotaChecker(self.quota)
        self.conditions = standard.StandardRetryConditions(self.max_attempts)
        self.backoff = standard.ExponentialBackoff(given["max_backoff"], random=lambda: given["jitter"])

    def invoke(self, attempts):
        shared = {}
        for number, given in enumerate(attempts, 1):
            yield {**self.answer(given, number, shared), "retry_quota": self.quota.available_capacity}

    def answer(self, given, number, shared):
        errors = {"timeout": ConnectTimeoutError(endpoint_url="x"), "connection": EndpointConnectionError(endpoint_url="x")}
        seen = context(given["status"], given["error_code"], errors.get(given.get("transport_error")), number)
        seen.request_context = shared
        if given["status"] == 200:
            self.checker.release_retry_quota(shared, seen.http_response)
            return {"outcome": "success", "delay": 0}
        if not self.conditions.is_retryable(seen):
            exceeded = number >= self.max_attempts and self.conditions._additional_checkers.is_retryable(seen)
            return {"outcome": "max_attempts_exceeded" if exceeded else "fail_request", "delay": 0}
        if not self.checker.acquire_retry_quota(seen):
            return {"outcome": "retry_quota_exceeded", "delay": 0}
        return {"outcome": "retry_request", "delay": self.backoff.delay_amount(seen)}


@pytest.mark.parametrize("seed", range(10))
def test_retries_are_those_of_the_standard_mode(driver, seed):
    rng = random.Random(seed)
    for _ in range(50):
        # With a full random number both ways to apply the cap are the same.
        given = {
            "max_attempts": rng.randint(1, 6),
            "initial_retry_tokens": rng.choice([0, 4, 5, 9, 10, 30, 500]),
            "max_backoff": rng.choice([1, 2, 3, 20]),
            "jitter": 1,
        }
        invocations = []
        for _ in range(rng.randint(1, 6)):
            attempts = [attempt(rng) for _ in range(rng.randint(1, 6))]
            invocations.append(attempts)
        client = Standard(given)
        theirs, asked = [], []
        for attempts in invocations:
            answers = []
            for answer in client.invoke(attempts):
                answers.append(answer)
                if answer["outcome"] != "retry_request":
                    break
            theirs.append(answers)
            asked.append(attempts[: len(answers)])
        ours = driver.ask("retry", spec="2.0", given=given, invocations=asked)["invocations"]
        assert ours == theirs, (given, asked)


def test_retries_by_the_numbers_of_2026(driver):
    given = {"max_attempts": 4, "initial_retry_tokens": 40, "max_backoff": 20, "jitter": 1}
    unavailable, throttled = {"status": 503}, {"status": 400, "error_code": "ThrottlingException"}
    waits = {"status": 503, "headers": [["X-Amz-Retry-After", "1500"]]}
    long = {"status": 503, "headers": [["x-amz-retry-after", "60000"]]}
    invocations = [[unavailable, throttled, {"status": 200}], [waits, long, unavailable], [{"status": 404}]]
    answers = driver.ask("retry", spec="2.1", given=given, invocations=invocations)["invocations"]
    assert [[(a["outcome"], a["retry_quota"], a["delay"]) for a in answer] for answer in answers] == [
        [("retry_request", 26, 0.05), ("retry_request", 21, 2.0), ("success", 26, 0.0)],
        [("retry_request", 12, 1.5), ("retry_quota_exceeded", 12, 0.0), ("retry_quota_exceeded", 12, 0.0)],
        [("fail_request", 12, 0.0)],
    ]


# The driver itself


def test_lines_that_make_no_sense_are_answered(driver):
    for line in ("", "{", "[]", "null", '{"op":1}', '{"op":"sigv4"}', '{"op":"retry"}', '{"op":"parse","operation":"x"}',
                 '{"op":"json","hex":"0"}', '{"op":"json","hex":"zz"}', "[" * 5000, '{"op":"error","headers":[[1]]}',
                 '{"op":"sigv4","headers":[["a"]]}', '{"op":"retry","given":{"jitter":7},"invocations":[[{}]]}',
                 '{"op":"serialize","operation":"GetAccountStatus","params":3}'):  # fmt: skip
        if line:
            driver.ask_line(line)
    assert "unsupported" in driver.ask("no-such-operation")


@pytest.mark.parametrize(
    "document, valid",
    [(b"{}", True), (b"[1,2]", True), (b'"x"', True), (b"1", True), (b" {} ", True), (b'{"a":1,"a":2}', True),
     (b'"\\u0000"', True), (b"", False), (b"{} x", False), (b"{a:1}", False), (b"[1,]", False), (b"\xff", False),
     (b'"\xed\xa0\x80"', False), (b"NaN", False), (b"01", False), (b"'x'", False), (b"\xef\xbb\xbf{}", False)],
)  # fmt: skip
def test_what_is_json(driver, document, valid):
    assert driver.ask("json", hex=document.hex()) == {"valid": valid}


def test_label_of_a_path_is_never_a_path(driver):
    assert driver.ask("escape_label", value="../x?y#z")["escaped"] == quote("../x?y#z", safe="-._~")
