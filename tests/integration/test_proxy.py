# SPDX-License-Identifier: Apache-2.0
"""
Proxies of the environment, with tinyproxy as one that wants a password

https_proxy counts, then HTTPS_PROXY, all_proxy and ALL_PROXY (libcurl's order); no_proxy and NO_PROXY take
hosts out. A proxy sees CONNECT, and its password is seen nowhere.
"""

import signal

import pytest

from network import BlackHole, Peers, Tap, Tinyproxy, why

USER, CANARY = "clerk", "canary-password"


def begin_slow(peers):
    """Proxies that do not answer: begun with the first test, looked at in the last one."""
    silent, hole = Tap(), BlackHole("127.0.0.1", 0)
    peers.kept = [silent, hole]
    for name, url in {"mute": f"http://{USER}:{CANARY}@127.0.0.1:{silent.port}",
                      "mute in TLS": f"https://{USER}:{CANARY}@127.0.0.1:{silent.port}",
                      "black hole": proxy_url(hole.port)}.items():
        host = peers.host(env={"HTTPS_PROXY": url, "AWS_MAX_ATTEMPTS": "1"})
        host.begin("--debug")
        yield name, host


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    with Peers(tmp_path_factory.mktemp("proxy")) as peers:
        peers.plain = peers.nginx.server()
        peers.nginx.start()
        with Tinyproxy(peers.folder, peers.names, USER, CANARY) as proxy:
            peers.proxy = proxy
            peers.slow = dict(begin_slow(peers))
            yield peers
            for slow in peers.slow.values():
                slow.drop()
            for each in peers.kept:
                each.__exit__()


@pytest.fixture
def tap(peers):
    """What stands before the proxy, and sees what the client sends to it."""
    with Tap(target=("127.0.0.1", peers.proxy.port)) as tap:
        yield tap


@pytest.fixture
def silent():
    """A proxy that nobody should ask."""
    with Tap() as tap:
        yield tap


def proxy_url(port, user=USER, password=CANARY):
    return f"http://{user}:{password}@127.0.0.1:{port}"


def assert_secret(host, result):
    """The password stands in nothing that was written; the environment is where it came from."""
    assert CANARY not in result.err + result.out
    assert CANARY.encode() not in host.everything()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_with_a_password(peers, tap, name):
    host = peers.host(env={name: proxy_url(tap.port)})
    direct = len(peers.nginx.requests(peers.port))
    asked = len(peers.proxy.requests())
    result = host.once("--debug")
    assert result.status == 0, result.err
    assert len(peers.starts(host)) == 1
    assert len(peers.nginx.requests(peers.port)) > direct

    # All that the proxy was asked for is tunnels to the one host.
    assert set(peers.proxy.requests()[asked:]) == {f"CONNECT sim.test:{peers.port} HTTP/1.1"}
    for received in tap.received:
        head, _, tunnel = received.partition(b"\r\n\r\n")
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        assert names <= {b"host", b"proxy-authorization", b"user-agent", b"proxy-connection"}, head
        assert tunnel.startswith(b"\x16\x03") and b"AWS4-HMAC" not in tunnel
    assert_secret(host, result)


def test_lower_case_is_asked_first(peers, tap, silent):
    other = proxy_url(silent.port)
    env = {"https_proxy": proxy_url(tap.port), "HTTPS_PROXY": other, "ALL_PROXY": other, "all_proxy": other}
    assert peers.host(env=env).once().status == 0
    assert tap.received and not silent.received


def test_the_companion_goes_through_the_proxy_too(peers, tap):
    host = peers.host(env={"HTTPS_PROXY": proxy_url(tap.port)})
    result = host.ctl("plan")
    assert result.status == 0 and tap.received, result.err
    assert_secret(host, result)


def test_the_service_keeps_its_tunnels(peers, tap):
    host = peers.host(env={"HTTPS_PROXY": proxy_url(tap.port)})
    with host.service("--debug") as service:
        service.wait_passes(1)
        for n in (2, 3):
            service.signal(signal.SIGUSR1)
            service.wait_passes(n)
        # A pass asks for two lists at once: on two connections, unless the first answer is quick.
        assert 1 <= len(tap.received) <= 2
        assert CANARY not in service.text
    assert CANARY.encode() not in host.everything()


PROXY_ERRORS = {
    "wrong password": ("http://clerk:wrong-canary-password@127.0.0.1:{tap}",
                       "the proxy refuses us: user name or password missing or wrong (HTTP 401)"),
    "no password": ("http://127.0.0.1:{tap}",
                    "the proxy refuses us: user name or password missing or wrong (HTTP 407)"),
    "refused": ("http://clerk:canary-password@127.0.0.1:{closed}",
                "no connection to the proxy 127.0.0.1 port {closed}: Connection refused"),
    "unknown name": ("http://clerk:canary-password@proxy.test:3128",
                     "the proxy's name proxy.test cannot be resolved"),
    "no TLS": ("https://clerk:canary-password@127.0.0.1:{plain}",
               "TLS: the proxy on port {plain} answers something else than TLS"),
    "scheme": ("ftp://clerk:canary-password@127.0.0.1:{tap}",
               "the proxy in the environment (HTTPS_PROXY or ALL_PROXY) is no URL of one"),
    "blank": ("http://clerk:canary-password@bad host:{tap}",
              "the proxy in the environment (HTTPS_PROXY or ALL_PROXY) is no URL of one"),
    "port": ("http://clerk:canary-password@127.0.0.1:99999",
             "the proxy in the environment (HTTPS_PROXY or ALL_PROXY) is no URL of one"),
    "bracket": ("http://clerk:canary-password@[::1:{tap}",
                "the proxy in the environment (HTTPS_PROXY or ALL_PROXY) is no URL of one"),
    "hash": ("http://clerk:#canary-password@127.0.0.1:{tap}",
             "the proxy's name clerk cannot be resolved"),
}


@pytest.mark.parametrize("case", PROXY_ERRORS)
def test_a_proxy_that_fails(peers, tap, case):
    with Tap() as unused:
        closed = unused.port
    ports = {"tap": tap.port, "closed": closed, "plain": peers.plain}
    url, message = (text.format(**ports) for text in PROXY_ERRORS[case])
    calls = peers.simulator.stats()["calls"]
    host = peers.host(env={"HTTPS_PROXY": url})
    result = host.once("--debug")
    assert message + " (3 attempts)" in why(result)
    assert message in host.status()["sources"][0]["error"]
    assert peers.simulator.stats()["calls"] == calls and b"AWS4-HMAC" not in tap.bytes
    assert_secret(host, result)
    listed = host.ctl("list")
    assert listed.status == 1 and message in listed.err
    assert_secret(host, listed)


def test_a_proxy_that_cannot_reach_the_host(peers, tap):
    """The name is known here and not there: the proxy is told names, and looks them up by itself."""
    host = peers.host(f"https://far.test:{peers.port}", env={"HTTPS_PROXY": proxy_url(tap.port)})
    result = host.once()
    assert f"the proxy does not connect to far.test port {peers.port} (HTTP 500)" in why(result)
    assert_secret(host, result)


NO_PROXY = [
    # NO_PROXY, the endpoint's host, whether the proxy is asked
    ("sim.test", "sim.test", False),
    ("other.test,sim.test", "sim.test", False),
    ("other.test, sim.test", "sim.test", False),
    ("SIM.Test", "sim.test", False),
    (".test", "sim.test", False),
    ("test", "sim.test", False),
    (".sim.test", "deep.sim.test", False),
    ("sim.test", "deep.sim.test", False),
    ("*", "sim.test", False),
    ("0.0.0.0", "0.0.0.0", False),
    ("0.0.0.0/8", "0.0.0.0", False),
    ("other.test", "sim.test", True),
    ("im.test", "sim.test", True),
    ("deep.sim.test", "sim.test", True),
    ("10.0.0.0/8", "0.0.0.0", True),
    ("127.0.0.1", "sim.test", True),  # names are compared, not what they resolve to
    ("", "sim.test", True),
]


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy(peers, name):
    with Tap() as unused:
        closed = unused.port
    for value, endpoint, is_asked in NO_PROXY:
        env = {"HTTPS_PROXY": proxy_url(closed), name: value, "AWS_MAX_ATTEMPTS": "1"}
        host = peers.host(f"https://{endpoint}:{peers.port}", env=env)
        result = host.ctl("list")
        assert result.status == (1 if is_asked else 0), (value, endpoint, result.err)
        assert not is_asked or f"no connection to the proxy 127.0.0.1 port {closed}" in result.err


def test_this_host_is_never_reached_through_a_proxy(peers, silent):
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    every = {name: proxy_url(silent.port) for name in names}
    plain = peers.simulator.port
    for url in (f"http://127.0.0.1:{plain}", f"http://localhost:{plain}", f"https://127.0.0.1:{peers.port}"):
        host = peers.host(url, env=every)
        result = host.once()
        assert result.status == 0, result.err
        assert len(peers.starts(host)) == 1
    assert not silent.received


def test_http_proxy_is_not_for_https(peers, silent):
    host = peers.host(env={"HTTP_PROXY": proxy_url(silent.port), "http_proxy": proxy_url(silent.port)})
    assert host.once().status == 0
    assert not silent.received


def test_an_https_proxy_is_verified(peers):
    """A proxy that is spoken to in TLS is held to the same certificates."""
    port = peers.port
    host = peers.host(f"https://sim.test:{port}", bundle=peers.stranger.bundle,
                      env={"HTTPS_PROXY": f"https://{USER}:{CANARY}@sim.test:{port}"})
    result = host.once()
    assert "TLS: the certificate of the proxy is of an authority that is not trusted here" in why(result)
    assert_secret(host, result)


@pytest.mark.parametrize("case", ["mute", "mute in TLS", "black hole"])
def test_a_proxy_that_says_nothing(peers, case):
    host = peers.slow[case]
    result = host.finish()
    assert f"timeout: no connection to sim.test port {peers.port} (or its proxy)" in why(result)
    assert host.seconds < 7
    assert_secret(host, result)
