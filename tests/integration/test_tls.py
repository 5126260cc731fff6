# SPDX-License-Identifier: Apache-2.0
"""TLS by nginx: what is trusted, what is refused before a byte of a request leaves, and how that is said."""

import os
import re
import signal
import socket
import ssl
import subprocess

import pytest

from daemon import framework
from network import SUBJECTS, Peers, Tap, why
from simulator import REGION, SENDER, wait_until

OLD = ("ssl_protocols TLSv1 TLSv1.1", "ssl_ciphers DEFAULT@SECLEVEL=0")


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    with Peers(tmp_path_factory.mktemp("tls")) as peers:
        nginx, sign, to = peers.nginx, peers.authority.certificate, peers.forward
        peers.ports = {
            "expired": nginx.server(to, certificate=sign("expired", *SUBJECTS, days=-1)),
            "other name": nginx.server(to, certificate=sign("other", "DNS:other.test", "DNS:sim.test.other")),
            "unknown authority": nginx.server(to, certificate=peers.stranger.certificate("sim", *SUBJECTS)),
            "signed by itself": nginx.server(to, certificate=peers.stranger.folder / "ca"),
            "for clients": nginx.server(to, certificate=sign(
                "client", *SUBJECTS, extensions=["extendedKeyUsage=clientAuth"])),
            "no cipher": nginx.server("ssl_protocols TLSv1.2", "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256", to,
                                      certificate=sign("elliptic", *SUBJECTS)),
            "TLS 1.1": nginx.server(*OLD, to, certificate=sign("old", *SUBJECTS)),
            "TLS 1.2": nginx.server("ssl_protocols TLSv1.2", to, certificate=sign("new", *SUBJECTS)),
            "no TLS": nginx.server(to),
        }
        peers.closed = peers.nginx.listen()
        peers.nginx.sockets.pop().close()
        nginx.start()
        yield peers


def passes(peers, host, **kwargs):
    """A pass that goes through nginx and starts the share."""
    before = peers.simulator.last_seq()
    result = host.once(**kwargs)
    assert result.status == 0, result.err
    assert len(peers.starts(host)) == 1 and peers.simulator.last_seq() > before
    return result


@pytest.mark.parametrize("port, version", [(None, "TLSv1.3"), ("TLS 1.2", "TLSv1.2")])
def test_a_private_authority_of_the_settings(peers, port, version):
    port = peers.ports[port] if port else peers.port
    passes(peers, peers.host(f"https://sim.test:{port}"))
    requests = peers.nginx.requests(port)
    assert requests[0][2] == "POST / HTTP/1.1" and {request[1] for request in requests} == {version}


def test_a_private_authority_of_the_environment(peers):
    passes(peers, peers.host(bundle=None, env={"AWS_CA_BUNDLE": str(peers.authority.bundle)}))


def test_the_settings_win(peers):
    passes(peers, peers.host(env={"AWS_CA_BUNDLE": str(peers.stranger.bundle)}))
    host = peers.host(bundle=peers.stranger.bundle, env={"AWS_CA_BUNDLE": str(peers.authority.bundle)})
    assert "not trusted" in why(host.once())


def test_each_source_has_its_own_authority(peers):
    """Connections and parsed bundles are shared between sources only where they trust the same."""
    host, other = peers.host(), "us-east-1"
    common = {"account": SENDER, "endpoint_url": peers.url, "sts_endpoint_url": peers.url}
    good = {**common, "region": REGION, "ca_bundle": str(peers.authority.bundle)}
    bad = {**common, "region": other, "ca_bundle": str(peers.stranger.bundle)}
    host.settings(sources={"good": good, "bad": bad},
                  settle="0s", interval="1h", limits={"requests_per_second": 20})
    host.shares(framework(source="good", recipients=((host.account, "eu-west-2"),)), framework(source="bad"))
    with host.service() as service:
        service.wait_for(lambda events: events.of("refused") and events.of("started"))
        first = wait_until(lambda: (host.runtime / "status.json").exists() and host.status())["pass"]["id"]
        service.signal(signal.SIGUSR1)
        wait_until(lambda: host.status()["pass"]["id"] != first)
    errors = {source["name"]: source["error"] for source in host.status()["sources"]}
    assert errors["good"] is None and "not trusted" in errors["bad"]
    assert all(call["region"] != other for call in peers.simulator.log())


def test_the_system_does_not_know_that_authority(peers):
    """Nor do OpenSSL's own variables make it known: what is trusted is written down in one place."""
    bundle = str(peers.authority.bundle)
    host = peers.host(bundle=None, env={"SSL_CERT_FILE": bundle, "SSL_CERT_DIR": "/nonexistent",
                                        "CURL_CA_BUNDLE": bundle})
    assert "not trusted" in why(host.once())


def test_plan_and_list_go_the_same_way(peers):
    host = peers.host()
    before = len(peers.nginx.requests(peers.port))
    planned = host.ctl("plan", "--json")
    assert planned.status == 0, planned.err
    assert host.ctl("list", "--json").status == 0
    assert len(peers.nginx.requests(peers.port)) > before + 3 and not peers.starts(host)


REFUSED = {
    "expired": "TLS: the certificate of sim.test has expired",
    "other name": "TLS: the certificate of sim.test is for another name",
    "unknown authority":
        "TLS: the certificate of sim.test is of an authority that is not trusted here (see ca_bundle)",
    "signed by itself":
        "TLS: the certificate of sim.test is signed by itself, and not trusted here (see ca_bundle)",
    "for clients": "TLS: the certificate of sim.test is refused: unsuitable certificate purpose",
    "no cipher": "TLS: no session with sim.test port {port}: sslv3 alert handshake failure",
    "TLS 1.1": "TLS: sim.test port {port} offers nothing from TLS 1.2 on",
    "no TLS": "TLS: sim.test port {port} answers something else than TLS",
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(peers, case):
    port, calls = peers.ports[case], peers.simulator.stats()["calls"]
    host = peers.host(f"https://sim.test:{port}")
    assert REFUSED[case].format(port=port) + " (3 attempts)" in why(host.once())
    listed = host.ctl("list")
    assert listed.status == 1 and REFUSED[case].format(port=port) in listed.err

    # No HTTP request arrived, in the clear or otherwise, and the simulator saw no call.
    assert all("HTTP/" not in request[2] for request in peers.nginx.requests(port))
    assert peers.simulator.stats()["calls"] == calls
    assert REFUSED[case].format(port=port) in host.status()["sources"][0]["error"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_old_server_is_what_it_is_said_to_be(peers):
    """Else the case above would prove nothing."""
    context = ssl.create_default_context(cafile=str(peers.authority.bundle))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    for version, offered in ((ssl.TLSVersion.TLSv1, True), (ssl.TLSVersion.TLSv1_1, True),
                             (ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, False)):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
        context.minimum_version = version
        with socket.create_connection(("127.0.0.1", peers.ports["TLS 1.1"])) as plain:
            if offered:
                context.wrap_socket(plain, server_hostname="sim.test").close()
            else:
                with pytest.raises(ssl.SSLError):
                    context.wrap_socket(plain, server_hostname="sim.test")


def test_a_lax_system_makes_no_difference(peers, tmp_path):
    """Where OpenSSL's configuration allows TLS 1.0, we still do not."""
    lax = tmp_path / "openssl.cnf"
    lax.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                   "MinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n")
    port = peers.ports["TLS 1.1"]
    said = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-brief"], input="",
                          env={**os.environ, "OPENSSL_CONF": str(lax)}, capture_output=True, text=True)
    assert "TLSv1.1" in said.stderr
    host = peers.host(f"https://sim.test:{port}", env={"OPENSSL_CONF": str(lax)})
    assert "offers nothing from TLS 1.2 on" in why(host.once())


def test_nothing_leaves_in_the_clear(peers):
    """A peer that talks first, and not TLS, has seen a ClientHello and nothing else."""
    with Tap(answer=lambda data: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as tap:
        host = peers.host(f"https://sim.test:{tap.port}")
        assert f"TLS: sim.test port {tap.port} answers something else than TLS" in why(host.once())
        assert len(tap.received) == 3
        assert all(received.startswith(b"\x16\x03\x01") for received in tap.received)
        for secret in (b"AKIASENDER", b"Authorization", b"AWS4-HMAC"):
            assert secret not in tap.bytes


def test_no_keys_are_logged(peers, tmp_path):
    keys = tmp_path / "keys"
    host = peers.host(env={"SSLKEYLOGFILE": str(keys)})
    passes(peers, host)
    assert host.ctl("list").status == 0
    assert not keys.exists()


BUNDLES = {
    "missing": ("{folder}/missing.pem",
                "TLS: the CA bundle {folder}/missing.pem cannot be read: No such file or directory"),
    "junk": ("{folder}/junk.pem", "TLS: the CA bundle {folder}/junk.pem contains no certificate in PEM"),
    "empty": ("{folder}/empty.pem", "TLS: the CA bundle {folder}/empty.pem contains no certificate in PEM"),
    "folder": ("{folder}", "TLS: the CA bundle {folder} cannot be read: Is a directory"),
}


@pytest.mark.parametrize("case", BUNDLES)
@pytest.mark.parametrize("how", ["settings", "environment"])
def test_a_bundle_that_cannot_be_used(peers, tmp_path, case, how):
    (tmp_path / "junk.pem").write_text("-----BEGIN NONSENSE-----\n")
    (tmp_path / "empty.pem").write_text("")
    bundle, message = (text.format(folder=tmp_path) for text in BUNDLES[case])
    calls = peers.simulator.stats()["calls"]
    if how == "settings":
        host = peers.host(bundle=bundle)
    else:
        host = peers.host(bundle=None, env={"AWS_CA_BUNDLE": bundle})
    assert message in why(host.once())
    assert peers.simulator.stats()["calls"] == calls


def test_a_long_path_of_a_bundle_is_not_taken_for_its_beginning(peers, tmp_path):
    folder = tmp_path / ("a" * 150) / ("b" * 150)
    folder.mkdir(parents=True)
    said = why(peers.host(bundle=folder / "ca.pem").once())
    shown = re.search(r"the CA bundle (/[^ ]+)\.\.\. cannot be used", said)
    assert shown and str(folder).startswith(shown[1]), said
