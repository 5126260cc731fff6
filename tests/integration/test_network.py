# SPDX-License-Identifier: Apache-2.0
"""Names, addresses, connections and answers: what a pass survives, what ends it, and how fast"""

import gzip
import json
import random
import signal
import socket
import time

import pytest

from daemon import framework, many
from network import BlackHole, Names, Peers, Tap, listener, why
from simulator import REGION, SENDER, wait_until

FAR = "127.77.0.9"  # tried after 127.0.0.1, which is nearer to the address we come from
TOKEN = "session-token-canary"
SESSION_KEY = ("ASIASESSION000000001", "session/secret+key=3")
LISTING = json.dumps({"assessmentFrameworkShareRequests": []}).encode()


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    with Peers(tmp_path_factory.mktemp("network")) as peers:
        nginx = peers.nginx
        peers.six = nginx.server(peers.forward, certificate=peers.certificate, address="::1")
        peers.plain_six = nginx.server(peers.forward, address="::1")
        peers.far = nginx.server(peers.forward, certificate=peers.certificate, address=FAR)
        peers.brief = nginx.server("keepalive_timeout 1s", peers.forward, certificate=peers.certificate)
        peers.single = nginx.server("keepalive_timeout 0", peers.forward, certificate=peers.certificate)
        peers.elsewhere = nginx.server("return 200", certificate=peers.certificate)
        peers.redirects = {
            status: nginx.server(f"return {status} https://deep.sim.test:{peers.elsewhere}$request_uri",
                                 certificate=peers.certificate)
            for status in (301, 302, 303, 307, 308)}
        nginx.start()
        peers.slow = dict(begin_slow(peers))
        yield peers
        for slow in peers.slow.values():
            slow.drop()
        for each in peers.kept:
            each.__exit__()


def begin_slow(peers):
    """What takes its time on purpose: begun with the first test, looked at in the last ones."""
    resolver = Resolver()
    drip = Tap(answer=lambda data: data.endswith(b"\r\n\r\n") and answer(LISTING), pace=1)
    hung = Tap()
    peers.kept = [resolver, drip, hung]
    for name, url, names in (
            ("drip", f"http://127.0.0.1:{drip.port}", None),
            ("hung", f"http://127.0.0.1:{hung.port}", None),
            ("dns", f"https://nobody.test:{peers.port}", resolver.names(peers.folder / "dns"))):
        host = peers.host(url, names=names, sts=peers.simulator.url if name != "dns" else None,
                          env={} if name == "dns" else {"AWS_MAX_ATTEMPTS": "1"})
        host.begin()
        yield name, host


class Resolver:
    """A name server that takes questions and never answers."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        numbers = random.SystemRandom()
        while True:
            self.address = "127." + ".".join(str(numbers.randrange(1, 255)) for _ in range(3))
            try:
                self.socket.bind((self.address, 53))
                return
            except OSError as error:
                assert error.errno == 98, error

    def names(self, folder):
        return Names(folder, {"sim.test": ["127.0.0.1"]}, nameserver=self.address)

    def questions(self):
        """How many came since the last time."""
        self.socket.setblocking(False)
        n = 0
        while True:
            try:
                self.socket.recv(512)
                n += 1
            except BlockingIOError:
                return n

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def answer(body, *headers, status="200 OK", length=None):
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers,
             f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def peer_says(peers, text):
    """What a pass comes to when Audit Manager's answers are these bytes."""
    def say(data):
        return text if data.endswith(b"\r\n\r\n") else None
    with Tap(answer=say) as tap:
        host = peers.host(f"http://127.0.0.1:{tap.port}", sts=peers.simulator.url, limits={"concurrency": 1},
                          env={"AWS_MAX_ATTEMPTS": "1"})
        return host.once(), tap.bytes


# Addresses.


def test_ipv6(peers):
    for scheme, port in (("https", peers.six), ("http", peers.plain_six)):
        host = peers.host(f"{scheme}://[::1]:{port}")
        result = host.once()
        assert result.status == 0, result.err
        assert len(peers.starts(host)) == 1 and peers.nginx.requests(port)


def test_ipv6_that_refuses(peers):
    with listener("::1", backlog=None) as closed:
        port = closed.getsockname()[1]
        host = peers.host(f"https://[::1]:{port}", env={"AWS_MAX_ATTEMPTS": "1"})
        assert f"no connection to ::1 port {port}: Connection refused" in why(host.once())


def test_a_name_of_both_families(peers):
    names = Names(peers.folder / "both", {"sim.test": ["::1", "127.0.0.1"]})
    assert names.addresses("sim.test") == ["::1", "127.0.0.1"]
    with listener("::1", peers.port, backlog=None):
        host = peers.host(names=names, env={"AWS_MAX_ATTEMPTS": "1"})
        result = host.once()
    assert result.status == 0 and len(peers.starts(host)) == 1, result.err


@pytest.mark.parametrize("dead", [["127.0.0.1"], ["127.0.0.1", "127.0.0.2", "127.0.0.3"]])
def test_addresses_that_refuse_come_first(peers, dead):
    names = Names(peers.folder / f"refuse-{len(dead)}", {"sim.test": [*dead, FAR]})
    assert names.addresses("sim.test")[-1] == FAR
    closed = [listener(address, peers.far, backlog=None) for address in dead]
    host = peers.host(f"https://sim.test:{peers.far}", names=names, env={"AWS_MAX_ATTEMPTS": "1"})
    host.begin()
    result = host.finish()
    assert result.status == 0, result.err
    assert len(peers.starts(host)) == 1 and host.seconds < 2
    for each in closed:
        each.close()


def test_an_address_that_drops_packets_comes_first(peers):
    """The first address gets half of the 5 s, and what follows still has its chance."""
    names = Names(peers.folder / "hole", {"sim.test": ["127.0.0.1", FAR]})
    assert names.addresses("sim.test") == ["127.0.0.1", FAR]
    with BlackHole("127.0.0.1", peers.far):
        host = peers.host(f"https://sim.test:{peers.far}", names=names, env={"AWS_MAX_ATTEMPTS": "1"},
                          limits={"concurrency": 1})
        host.begin()
        result = host.finish()
    assert result.status == 0, result.err
    assert len(peers.starts(host)) == 1 and 1 < host.seconds < 5


def test_all_addresses_are_dead(peers):
    names = Names(peers.folder / "dead", {"sim.test": ["127.0.0.1", "127.0.0.2"]})
    host = peers.host(f"https://sim.test:{peers.far}", names=names)
    with listener("127.0.0.1", peers.far, backlog=None), listener("127.0.0.2", peers.far, backlog=None):
        said = why(host.once())
    assert f"no connection to sim.test port {peers.far}: Connection refused (3 attempts)" in said


# Names.


def test_a_name_that_nobody_knows(peers):
    host = peers.host(f"https://nobody.test:{peers.port}")
    result = host.once()
    assert "the name nobody.test cannot be resolved (3 attempts)" in why(result)


def test_the_service_stays_responsive_while_a_lookup_hangs(peers):
    with Resolver() as resolver:
        host = peers.host(names=resolver.names(peers.folder / "hang"))
        nobody = f"https://nobody.test:{peers.port}"
        hanging = {"account": SENDER, "region": "us-east-1", "endpoint_url": nobody,
                   "sts_endpoint_url": nobody}
        good = {"account": SENDER, "region": REGION, "endpoint_url": peers.url, "sts_endpoint_url": peers.url,
                "ca_bundle": str(host.bundle)}
        host.settings(sources={"hanging": hanging, "good": good}, settle="0s", interval="1h",
                      limits={"requests_per_second": 20})
        host.shares(framework(source="good", recipients=((host.account, "eu-west-2"),)),
                    framework(source="hanging"))
        begun = time.monotonic()
        with host.service() as service:
            service.wait_for(lambda events: events.of("started"))
            assert time.monotonic() - begun < 3  # the other source went on
            assert resolver.questions() > 0 and not service.events.of("refused")
            begun = time.monotonic()
            service.signal(signal.SIGTERM)
            assert service.wait() == 0
            assert time.monotonic() - begun < 2


def test_a_reload_while_a_lookup_hangs(peers):
    """SIGHUP is answered at once, and the new endpoint is used."""
    with Resolver() as resolver:
        names = resolver.names(peers.folder / "hang-reload")
        host = peers.host(f"https://nobody.test:{peers.port}", names=names)
        with host.service() as service:
            wait_until(lambda: resolver.questions())
            host.use(peers.url)
            service.signal(signal.SIGHUP)
            service.wait_for(lambda events: len(events.of("loaded")) == 2, timeout=2)
            service.wait_for(lambda events: events.of("started"), timeout=20)


# Connections.


def test_connections_are_reused_in_the_next_passes(peers):
    host, before = peers.host(limits={"concurrency": 1}), len(peers.nginx.requests(peers.port))
    with host.service() as service:
        service.wait_passes(1)
        first = peers.nginx.connections(peers.port, before)
        between = len(peers.nginx.requests(peers.port))
        for n in (2, 3):
            service.signal(signal.SIGUSR1)
            service.wait_passes(n)
        assert len(peers.nginx.requests(peers.port, between)) >= 4
        assert peers.nginx.connections(peers.port, between) == first and len(first) == 1


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_no_more_connections_than_requests_in_flight(peers, concurrency):
    """https on loopback may be as fast as it can."""
    host = peers.host(f"https://127.0.0.1:{peers.port}",
                      limits={"concurrency": concurrency, "requests_per_second": "unlimited"})
    accounts = many(40, first=720000000000 + 1000 * concurrency)
    host.shares(framework(recipients=accounts))
    peers.simulator.settings(latency=0.02)
    before = len(peers.nginx.requests(peers.port))
    with host.service() as service:
        service.wait_passes(1)
        service.signal(signal.SIGUSR1)
        service.wait_passes(2)
    peers.simulator.settings(latency=0)
    assert len(service.events.of("started")) == 40
    used = peers.nginx.connections(peers.port, before)
    assert len(used) <= concurrency and (concurrency == 1 or len(used) > 1)


def test_idle_connections_that_died(peers):
    host = peers.host(f"https://sim.test:{peers.brief}")
    accounts = many(6, first=730000000000)
    with host.service() as service:
        service.wait_passes(1)
        before = len(peers.nginx.requests(peers.brief))
        old = peers.nginx.connections(peers.brief)
        time.sleep(1.3)
        host.shares(framework(recipients=((host.account, "eu-west-2"), *accounts)))
        service.signal(signal.SIGHUP)
        service.wait_passes(2)
        service.wait_for(lambda events: len(events.of("started")) == 7)
        assert not service.events.of("refused") and not service.events.of("unknown")
        assert not peers.nginx.connections(peers.brief, before) & old
    assert sent(peers, accounts) == [1] * 6


def sent(peers, accounts):
    starts = [call["destination_account"] for call in peers.simulator.log("StartAssessmentFrameworkShare")
              if call["processed"]]
    return [starts.count(account) for account, _ in accounts]


def test_connections_that_look_alive_and_are_not(peers):
    """A middlebox forgot them: they end with the first byte. A start is then unknown, never sent twice."""
    accounts = many(12, first=740000000000)
    with Tap(target=("127.0.0.1", peers.port)) as tap:
        host = peers.host(f"https://sim.test:{tap.port}", limits={"concurrency": 6})
        with host.service() as service:
            service.wait_passes(1)
            old = len(tap.received)
            tap.poison()
            host.shares(framework(recipients=((host.account, "eu-west-2"), *accounts)))
            service.signal(signal.SIGHUP)
            service.wait_passes(2)
            assert len(tap.received) > old and not service.events.of("refused")
            told = service.events.of("started") + service.events.of("unknown")
            assert len(told) == len({event["SHARE_ACCOUNT"] for event in told}) == 13
    assert max(sent(peers, accounts)) == 1


def test_a_peer_that_closes_in_the_handshake(peers):
    """Every second connection ends so. Not a byte of a request was sent: that is tried again, a start too."""
    with Tap(target=("127.0.0.1", peers.single)) as tap:
        tap.poisoned = set(range(1, 100, 2))
        host = peers.host(f"https://sim.test:{tap.port}", limits={"concurrency": 1})
        result = host.once()
        assert result.status == 0 and len(peers.starts(host)) == 1, result.err
        assert not result.events.of("unknown") and len(tap.received) >= 7


def test_a_peer_that_always_closes_in_the_handshake(peers):
    with Tap(target=("127.0.0.1", peers.port)) as tap:
        tap.poisoned = set(range(100))
        host = peers.host(f"https://sim.test:{tap.port}")
        said = why(host.once())
        assert f"TLS: sim.test port {tap.port} closes the connection in the handshake (3 attempts)" in said


# Answers.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(peers, status):
    """The other end has a good certificate: nothing but us keeps the session token from going there."""
    peers.simulator.add(keys=[{"access_key_id": SESSION_KEY[0], "secret_access_key": SESSION_KEY[1],
                               "account": SENDER, "session_token": TOKEN}])
    env = {"AWS_ACCESS_KEY_ID": SESSION_KEY[0], "AWS_SECRET_ACCESS_KEY": SESSION_KEY[1],
           "AWS_SESSION_TOKEN": TOKEN}
    host = peers.host(f"https://sim.test:{peers.redirects[status]}", sts=peers.url, env=env)
    assert f"HTTP {status}: a redirect, which is not followed" in why(host.once())
    seen = peers.nginx.requests(peers.redirects[status])
    assert seen and all(request[3:] == (TOKEN, str(status)) for request in seen)
    assert not peers.nginx.requests(peers.elsewhere)


def test_what_the_redirects_led_to_is_there(peers):
    """Else the case above would prove nothing. Its log line is this one, and comes last."""
    host = peers.host(f"https://deep.sim.test:{peers.elsewhere}", sts=peers.url)
    assert "cannot be read" in why(host.once())
    assert peers.nginx.requests(peers.elsewhere)


LARGE = {
    "announced": answer(b"", length=16 * 1024 * 1024 + 1),
    "sent": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * (16 * 1024 * 1024 + 1),
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + 18 * (b"100000\r\n" + b" " * 0x100000 + b"\r\n")),
}


@pytest.mark.parametrize("case", LARGE)
def test_an_answer_that_is_too_large(peers, case):
    result, _ = peer_says(peers, LARGE[case])
    assert "the answer of 127.0.0.1 is too long: more than 16384 KiB" in why(result)


def test_the_largest_answer_there_may_be(peers):
    body = LISTING + b" " * (16 * 1024 * 1024 - len(LISTING))
    result, _ = peer_says(peers, answer(body))
    # The share requests were taken; it is the frameworks that this is no answer to.
    assert "ListAssessmentFrameworks: the answer cannot be read" in why(result)


MORE = "the answer of 127.0.0.1 is too long: more than 64 KiB of headers"
HEADERS = {
    "many": (answer(LISTING, *(f"X-Header-{i}: {'x' * 100}" for i in range(1000))), MORE),
    "long": (answer(LISTING, "X-Long: " + "x" * 70000), MORE),
    "endless": (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 400000, "or 127.0.0.1 sends a header without an end"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_over_the_limit(peers, case):
    text, message = HEADERS[case]
    result, _ = peer_says(peers, text)
    assert message in why(result)


def test_compressed_answers_are_not_unpacked(peers):
    """Nobody asked for them, and a small one may unpack to gigabytes."""
    result, asked = peer_says(peers, answer(gzip.compress(LISTING), "Content-Encoding: gzip"))
    assert "the answer cannot be read" in why(result)
    assert b"GET /assessmentFrameworkShareRequests?" in asked and b"accept-encoding" not in asked.lower()


ODD = {
    "http/0.9": LISTING,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "another version": b"HTTP/7.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_no_http(peers, case):
    result, _ = peer_says(peers, ODD[case])
    assert "ListAssessmentFrameworkShareRequests: 127.0.0.1: " in why(result)


# What was begun with the first test.


def test_a_byte_a_second(peers):
    result = peers.slow["drip"].finish()
    assert "timeout: the answer of 127.0.0.1 does not end" in why(result)
    assert 19 < peers.slow["drip"].seconds < 27  # not the 30 s of a whole call


def test_a_peer_that_never_answers(peers):
    result = peers.slow["hung"].finish()
    assert "timeout: no answer from 127.0.0.1" in why(result)
    assert 19 < peers.slow["hung"].seconds < 27


def test_a_name_server_that_never_answers(peers):
    """Three attempts of 5 s, and two short pauses."""
    result = peers.slow["dns"].finish()
    assert "timeout: no answer from DNS about nobody.test (3 attempts)" in why(result)
    assert 14 < peers.slow["dns"].seconds < 18
