# SPDX-License-Identifier: Apache-2.0
"""
Hostile sizes: what is too large is refused by name, with the limit and what to do, and nothing is lost by it

The bounds are those of LIMITS in auditshared(8): beside what the program itself takes, which is about 13 MiB.
"""

import os

import pytest

from daemon import CTL, DAEMON, Host, framework
from flood import SHAPES, Flood
from metadata import Metadata
from simulator import REGION, SENDER, Simulator, seed
from usage import MIB, is_plain, measured

SELF = 16  # MiB: the program with nothing to do
YAML_MAX = 64 * MIB
LISTING = "ListAssessmentFrameworkShareRequests"
STARTS = "StartAssessmentFrameworkShare"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as running:
        yield running


@pytest.fixture
def host(tmp_path, simulator):
    simulator.clear_faults()
    host = Host(tmp_path, simulator, settle="0s")
    host.env["AWS_MAX_ATTEMPTS"] = "1"
    host.shares(framework())
    return host


def no_keys(host, **env):
    """Credentials come from elsewhere."""
    del host.env["AWS_ACCESS_KEY_ID"], host.env["AWS_SECRET_ACCESS_KEY"]
    host.env.update(env)


def once(host, at_most_mib, program=DAEMON, arguments=("--once", "--log-format", "json")):
    """One pass, which may hold so much beside the program itself."""
    result, peak_mib = measured(host.command(program, *arguments), host.env, host.folder)
    print(f"{peak_mib:.1f} MiB")
    assert result.status >= 0, result.err
    if is_plain():
        assert peak_mib <= SELF + at_most_mib, (peak_mib, result.err[:2000])
    return result


def says(result, text):
    assert any(text in event["MESSAGE"] for event in result.events), result.err[:4000]


# --- answers ---


def too_long(shape, kib):
    limit = "64 KiB of headers" if shape == "headers" else f"{kib} KiB"
    return f"the answer of 127.0.0.1 is too long: more than {limit}; look at what answers there"


def sources(**urls):
    return {"governance": {"account": SENDER, "region": REGION, **urls}}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", ["200 OK", "503 Busy"])
def test_a_listing_of_10_gb(host, shape, status):
    with Flood(shape, b'{"assessmentFrameworkShareRequests": [', status) as flood:
        host.settings(sources=sources(endpoint_url=flood.url))
        result = once(host, 2 * 32)  # two listings at a time, and room to grow
    assert result.status == 1 and "cannot be listed: ListAssessmentFramework" in result.err
    says(result, too_long(shape, 16384))
    assert flood.n_bytes < 100 * MIB


@pytest.mark.parametrize("shape", SHAPES)
def test_an_identity_of_10_gb(host, shape):
    with Flood(shape, b"<GetCallerIdentityResponse>", kind="text/xml") as flood:
        host.settings(sources=sources(sts_endpoint_url=flood.url))
        result = once(host, 2)
    assert result.status == 1
    says(result, "the identity cannot be checked: " + too_long(shape, 256))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_answer_to_a_start_of_10_gb(host, simulator, shape):
    """Was it processed? It is not known, and nothing is sent twice."""
    with Flood(shape, b'{"assessmentFrameworkShareRequest": {') as flood:
        flood.passes_on("GET", simulator.port)
        host.settings(sources=sources(endpoint_url=flood.url), limits={"concurrency": 32})
        host.shares(framework(recipients=[(str(300000000000 + i), "eu-west-2") for i in range(64)]))
        result = once(host, 32)
    assert result.status == 1 and result.events.of("unknown"), result.err[:4000]
    says(result, too_long(shape, 256))
    assert flood.n_requests <= 64


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("variable", ["AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                      "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
def test_an_answer_to_signing_in_of_10_gb(host, variable, shape):
    with Flood(shape, b'{"Code": "Success"') as flood:
        no_keys(host, AWS_EC2_METADATA_DISABLED="false", **{variable: flood.url})
        result = once(host, 2)
    assert result.status == 1 and flood.n_bytes < 20 * MIB
    says(result, too_long(shape, 256))


def test_what_metadata_says_at_its_last_step(host):
    with Metadata(body="x" * 300 * 1024) as metadata:
        no_keys(host, AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url)
        says(once(host, 2), "has no credentials of role metadata-role: " + too_long("length", 256))


# --- listings ---


def test_a_listing_that_goes_on_with_empty_pages(host, simulator):
    simulator.fault(LISTING, "token_endless", count=0)
    says(once(host, 4), f"{LISTING}: the listing does not end: more than 100 pages in a row are empty")


def test_a_listing_that_begins_anew(host, simulator):
    simulator.add(bulk={"requests": 2500, "framework": "Baseline", "status": "SHARED"})
    simulator.fault(LISTING, "token_endless", count=0, wrap=True)
    says(once(host, 8), f"{LISTING}: the listing repeats itself: a nextToken or a page came a second time")


# --- files of ours ---


def grow(path, size):
    """With a comment, to exactly that size."""
    text = path.read_text() + "\n# "
    path.write_text(text + "x" * (size - len(text) - 1) + "\n")
    assert path.stat().st_size == size


@pytest.mark.parametrize("which", ["settings", "shares", "drop-in"])
def test_a_file_at_the_limit_and_one_beyond(host, which):
    path = host.settings_path if which == "settings" else host.shares_path
    if which == "drop-in":
        text = path.read_text()
        path.unlink()
        path.mkdir()
        path = path / "10-big.yaml"
        host.write(path, text)
    grow(path, YAML_MAX)
    assert once(host, 64).status == 0
    with path.open("a") as file:
        file.write("\n")
    refused = f"{path}:1:1: the file is larger than 64 MiB; split it into several files"
    result = once(host, 64)
    assert result.status == 78
    says(result, refused)
    assert refused in once(host, 64, CTL, ["check"]).err


@pytest.mark.parametrize("left", [0, 1], ids=["no-room", "too-little-room"])
def test_shares_files_that_are_too_large_together(host, left):
    text = host.shares_path.read_text()
    host.shares_path.unlink()
    host.shares_path.mkdir()
    first = host.shares_path / "10.yaml"
    host.write(first, text)
    grow(first, YAML_MAX - left)
    for n in range(11, 14):  # four names of one file: each framework is declared four times
        os.link(first, host.shares_path / f"{n}.yaml")
    host.write(host.shares_path / "14.yaml", "#\n" * 4)
    refused = f"{host.shares_path}/14.yaml:1:1: with this one, the shares files are larger than 256 MiB together; name "
    result = once(host, 272)
    assert result.status == 78 and refused in result.err, result.err
    assert result.err.count(".yaml:") == 1, result.err  # what was read is not judged by itself


def test_a_folder_of_too_many_files(host):
    text = host.shares_path.read_text()
    host.shares_path.unlink()
    host.shares_path.mkdir()
    host.write(host.shares_path / "10.yaml", text)
    for n in range(1, 10000):  # left behind by an editor: each is named, none is read
        (host.shares_path / f"{n}~").touch()
    assert once(host, 16).status == 0
    (host.shares_path / "10000~").touch()
    result = once(host, 16)
    assert result.status == 78
    says(result, f"{host.shares_path}:1:1: with this folder, there are more than 10000 shares files; declare several ")


YAML = {  # text, what stands before it and after it, the memory, the fault
    "values": (b"x: [", b"a,", b"a]\n", 320, "too many values in one file; split the file"),
    "text": (b'x: "', b"a", b'"\n', 256, "x: unknown key"),
    "depth": (b"", b"[", b"", 64, "nested deeper than 32 levels"),
    "faults": (b"frameworks:\n", b"  - {name: x, colour: y}\n", b"", 500, "colour: unknown key"),
    "aliases": (b"a: &a [" + b"x," * 100 + b"]\nb: [", b"*a,", b"]\n", 64, "aliases"),
}


@pytest.mark.parametrize("kind", YAML)
def test_a_file_full_of(host, kind):
    begins, more, ends, at_most_mib, fault = YAML[kind]
    with host.shares_path.open("wb") as file:
        file.write(begins + more * ((YAML_MAX - len(begins) - len(ends)) // len(more)) + ends)
    result = once(host, at_most_mib)
    assert result.status == 78 and fault in result.err, result.err[:2000]
    assert len(result.events) < 1100


# --- files of AWS's ---


def big(host, name, size=64 * MIB, mode=0o600):
    path = host.folder / name
    path.write_bytes(b"#" + b"x" * (size - 1))
    path.chmod(mode)
    return path


@pytest.mark.parametrize("variable", ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"])
def test_a_file_of_profiles(host, variable):
    path = big(host, "profiles")
    no_keys(host, **{variable: str(path)})
    result = once(host, 2)
    assert result.status in (1, 78)
    says(result, f"{path}: it is larger than 1 MiB; want profiles alone")


def test_a_web_identity_token(host):
    path = big(host, "token")
    no_keys(host, AWS_WEB_IDENTITY_TOKEN_FILE=str(path), AWS_ROLE_ARN=f"arn:aws:iam::{SENDER}:role/auditor")
    says(once(host, 1), f"the web identity token of {path} cannot be used: it is larger than 64 KiB; "
         "want a token alone")


def test_a_container_token(host):
    path = big(host, "token")
    no_keys(host, AWS_CONTAINER_CREDENTIALS_FULL_URI="http://127.0.0.1:9/",
            AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(path))
    says(once(host, 1), f"cannot read '{path}': it is larger than 64 KiB; want a token alone")


def test_a_credential_process_that_talks_on(host):
    path = host.folder / "config"
    path.write_text("[default]\ncredential_process = /usr/bin/yes " + "x" * 100 + "\n")
    path.chmod(0o600)
    no_keys(host, AWS_CONFIG_FILE=str(path))
    says(once(host, 1), "of profile default: wrote more than 64 KiB; want its answer alone")


# --- memory ---


def files(host):
    return {path.name: path for path in host.state.iterdir()}


MEMORY = {  # what is put behind a good memory file, and whether that is damage rather than a torn end
    "lines of nothing": (b"x" * 100 + b"\n", True),
    "one line": (b"x" * MIB, True),
    "zeros": (b"\0" * MIB, False),
}


@pytest.mark.parametrize("kind", MEMORY)
def test_a_memory_file_of_64_mib_more(host, simulator, kind):
    more, damaged = MEMORY[kind]
    assert once(host, 4).status == 0
    good = files(host)["memory.log"].read_bytes()
    with files(host)["memory.log"].open("ab") as file:
        for _ in range(64 * MIB // len(more)):
            file.write(more)
    sent = len(simulator.log(STARTS))
    result = once(host, 4)
    assert result.status == 0 and len(simulator.log(STARTS)) == sent, result.err
    assert not result.events.of("started")
    aside = [path for name, path in files(host).items() if "damaged" in name]
    assert bool(result.events.of("rebuilt")) == bool(aside) == damaged
    if damaged:
        assert aside[0].stat().st_size >= len(good) + 60 * MIB
        assert aside[0].read_bytes().startswith(good)
    assert files(host)["memory.log"].stat().st_size < len(good) + 4096
    # What it was about is still known: nothing is new in it.
    assert not result.events.of("status"), result.err


def test_a_memory_file_with_a_hole_of_gigabytes(host):
    assert once(host, 4).status == 0
    path = files(host)["memory.log"]
    size = path.stat().st_size
    os.truncate(path, 1024 * MIB)
    result = once(host, 4)
    assert result.status == 0 and not result.events.of("status"), result.err
    assert files(host)["memory.log"].stat().st_size < size + 4096
