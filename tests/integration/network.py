# SPDX-License-Identifier: Apache-2.0
"""
Real peers on loopback: a certificate authority, nginx, tinyproxy, names that only a test's own programs know

Every server ends with its object, and with the test even when that is killed. Names are looked up in a mount
name space of the program that asks, where /etc/hosts is ours; the machine's own stays as it is.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from daemon import DAEMON, Host, Result, framework
from simulator import REGION, SENDER, Simulator, seed, wait_until

SETTLED = {"settle": "0s", "interval": "1h"}


def run(*command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


class Authority:
    """Signs certificates; `bundle` is what one trusts it by."""

    def __init__(self, folder, name):
        self.folder, self.name = folder / name, name
        self.folder.mkdir()
        self.bundle = self.folder / "ca.pem"
        run("openssl", "req", "-x509", *self.new_key("ca"), "-subj", f"/CN={name}", "-days", "30",
            "-out", self.bundle, folder=self.folder)

    def new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")

    def certificate(self, name, *subjects, days=30, extensions=()):
        """The path of certificate and key without their suffixes; subjects are DNS:name or IP:address."""
        added = [word for text in ("subjectAltName=" + ",".join(subjects), *extensions)
                 for word in ("-addext", text)]
        run("openssl", "req", "-new", *self.new_key(name), "-subj", f"/CN={name}", *added,
            "-out", f"{name}.csr", folder=self.folder)
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", str(days), "-copy_extensions", "copy", "-out", f"{name}.pem",
            folder=self.folder)
        return self.folder / name


class Names:
    """Runs programs where these names are known, and no others; a nameserver is asked for the rest."""

    def __init__(self, folder, names, nameserver=None):
        self.folder = pathlib.Path(folder) / "names"
        self.folder.mkdir(parents=True)
        lines = [f"{address} {name}" for name, addresses in names.items() for address in addresses]
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(line + "\n" for line in lines))
        (self.folder / "nsswitch.conf").write_text(f"hosts: files{' dns' if nameserver else ''}\n")
        if nameserver:
            (self.folder / "resolv.conf").write_text(f"nameserver {nameserver}\n")

    def command(self, command):
        mounts = "".join(f"mount --bind '{path}' \"$(realpath /etc/{path.name})\" && "
                         for path in sorted(self.folder.iterdir()))
        # A name service cache would answer from the machine's own files.
        mounts += "{ [ ! -d /run/nscd ] || mount -t tmpfs none /run/nscd; } && "
        return ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "sh", "-c", mounts + 'exec "$@"',
                "sh", *command]

    def addresses(self, name):
        """In the order in which they are tried, which is not that of the file."""
        lines = run(*self.command(["getent", "ahosts", name]), folder=self.folder).splitlines()
        return list(dict.fromkeys(line.split()[0] for line in lines))


class Server:
    """A process that ends with this object, and with us."""

    def spawn(self, command, ready, log, **kwargs):
        with open(log, "ab") as output:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *map(str, command)],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output, **kwargs)

        def look():
            assert self.process.poll() is None, pathlib.Path(log).read_text()
            return ready()
        wait_until(look)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def accepts(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def listener(address="127.0.0.1", port=0, backlog=128):
    """With a backlog of None the port is taken, and refuses."""
    created = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    created.bind((address, port))
    if backlog is not None:
        created.listen(backlog)
    return created


class Nginx(Server):
    """A server block for each port. The sockets are ours, and nginx inherits them: so no port is lost."""

    LOG = "$server_port|$connection|$ssl_protocol|$request|$http_x_amz_security_token|$status"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "nginx"
        self.folder.mkdir()
        self.access, self.blocks, self.sockets = self.folder / "access.log", [], []

    def listen(self, address="127.0.0.1"):
        self.sockets.append(listener(address))
        return self.sockets[-1].getsockname()[1]

    def server(self, *lines, certificate=None, address="127.0.0.1", port=None):
        """A server block on a port of its own; returns the port."""
        port = port or self.listen(address)
        host = f"[{address}]" if ":" in address else address
        lines = [f"listen {host}:{port}{' ssl' if certificate else ''}", *lines]
        if certificate:
            lines += [f"ssl_certificate {certificate}.pem", f"ssl_certificate_key {certificate}.key"]
        lines = [line if line.endswith("}") else line + ";" for line in lines]
        self.blocks.append("server { " + " ".join(lines) + " }")
        return port

    def start(self):
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};"
                            for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        (self.folder / "nginx.conf").write_text(f"""
            daemon off; user root; worker_processes 1; pid {self.folder}/pid;
            error_log {self.folder}/error.log info;
            events {{ worker_connections 512; }}
            http {{
                log_format seen '{self.LOG}'; access_log {self.access} seen; {temporary}
                client_max_body_size 1m; keepalive_requests 100000; ssl_protocols TLSv1.2 TLSv1.3;
                {" ".join(self.blocks)}
            }}""")
        self.spawn(["nginx", "-c", self.folder / "nginx.conf", "-e", self.folder / "error.log"],
                   lambda: (self.folder / "pid").exists(), self.folder / "error.log",
                   env={"PATH": os.environ["PATH"] + ":/usr/sbin",
                        "NGINX": "".join(f"{s.fileno()};" for s in self.sockets)},
                   pass_fds=[s.fileno() for s in self.sockets])
        for created in self.sockets:
            created.close()
        return self

    def requests(self, port, after=0):
        """What came in at that port, as (connection, TLS version, request line, session token, status)."""
        text = self.access.read_text() if self.access.exists() else ""
        lines = [line.split("|") for line in text.splitlines()]
        return [tuple(fields[1:]) for fields in lines if fields[0] == str(port)][after:]

    def connections(self, port, after=0):
        return {fields[0] for fields in self.requests(port, after)}


class Tinyproxy(Server):
    """A proxy that wants a password."""

    def __init__(self, folder, names, user, password):
        self.folder, self.names = pathlib.Path(folder) / "tinyproxy", names
        self.folder.mkdir()
        self.user, self.password = user, password

    def start(self):
        """Ports are free until somebody else takes them: another one is tried then."""
        self.log = self.folder / "log"
        for n in range(5):
            with listener() as free:
                self.port = free.getsockname()[1]
            (self.folder / "conf").write_text(
                f'Port {self.port}\nListen 127.0.0.1\nTimeout 60\nLogFile "{self.log}"\nLogLevel Connect\n'
                f"MaxClients 50\nAllow 127.0.0.1\nBasicAuth {self.user} {self.password}\n")
            try:
                self.spawn(self.names.command(["tinyproxy", "-d", "-c", str(self.folder / "conf")]),
                           lambda: accepts("127.0.0.1", self.port), self.folder / "output")
                return self
            except AssertionError:
                self.stop()
                if n == 4:
                    raise

    def requests(self):
        """The request lines, as the proxy logged them."""
        return re.findall(r"Request \(file descriptor \d+\): (.*)", self.log.read_text())


class Tap:
    """
    Takes connections, keeps what clients send, and passes bytes on to `target`; without one, it only listens

    With `answer`, a function from the bytes so far to an answer or None, it is a server itself, with `pace`
    seconds between its bytes. Connections in `poisoned` (numbers) end as soon as a client sends a byte more.
    """

    def __init__(self, target=None, answer=None, address="127.0.0.1", port=0, pace=None):
        self.target, self.answer, self.pace = target, answer, pace
        self.socket = listener(address, port)
        self.port = self.socket.getsockname()[1]
        self.received, self.pairs, self.poisoned = [], [], set()
        self.thread = threading.Thread(target=self.take, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for pair in list(self.pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self.thread.join(5)

    def take(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            n = len(self.received)
            self.received.append(b"")
            server = socket.create_connection(self.target, 10) if self.target else None
            self.pairs.append([end for end in (client, server) if end])
            threading.Thread(target=self.from_client, args=(n, client, server), daemon=True).start()
            if server:
                threading.Thread(target=self.from_server, args=(client, server), daemon=True).start()

    def from_client(self, n, client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if n in self.poisoned:
                    break
                self.received[n] += data
                if server:
                    server.sendall(data)
                elif self.answer and (answer := self.answer(self.received[n])):
                    self.send(client, answer)
                    self.received[n] += b"\0"  # answered: the next request begins behind it
        for end in (client, server):
            if end:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def from_server(self, client, server):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def send(self, client, answer):
        if not self.pace:
            return client.sendall(answer)
        for i in range(len(answer)):
            client.sendall(answer[i:i + 1])
            time.sleep(self.pace)

    def poison(self):
        self.poisoned |= set(range(len(self.received)))

    @property
    def bytes(self):
        return b"".join(self.received)


class BlackHole:
    """An address where connecting neither succeeds nor fails: the backlog is full, and SYNs are dropped."""

    def __init__(self, address, port):
        self.sockets = [listener(address, port, backlog=0)]
        self.port = self.sockets[0].getsockname()[1]
        for _ in range(8):
            filler = socket.socket(self.sockets[0].family)
            filler.setblocking(False)
            filler.connect_ex((address, self.port))
            self.sockets.append(filler)
        time.sleep(0.05)
        assert not accepts(address, self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()


class NamedHost(Host):
    """A management host that looks names up in `names`, and signs in with a session token."""

    def __init__(self, folder, simulator, names, url, env=None, sts=None, bundle=None, limits=None, **top):
        self.names = names
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        super().__init__(folder, simulator)
        self.url, self.bundle = url, bundle
        self.env.update(env or {})
        self.use(url, sts, limits, **top)

    def use(self, url, sts=None, limits=None, **settings):
        """Writes the settings anew, with this endpoint."""
        source = {"account": SENDER, "region": REGION, "endpoint_url": url, "sts_endpoint_url": sts or url,
                  **({"ca_bundle": str(self.bundle)} if self.bundle else {})}
        self.settings(sources={"governance": source}, limits={"requests_per_second": 20, **(limits or {})},
                      **{**SETTLED, **settings})

    def command(self, program, *arguments):
        return self.names.command(super().command(program, *arguments))

    def begin(self, *arguments, env=None):
        """--once in the background; finish() waits for it."""
        self.begun = time.monotonic()
        self.running = subprocess.Popen(self.command(DAEMON, "--once", "--log-format", "json", *arguments),
                                        env={**self.env, **(env or {})}, text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        threading.Thread(target=self.await_end, daemon=True).start()

    def await_end(self):
        self.output = self.running.communicate(timeout=120)
        self.seconds = time.monotonic() - self.begun

    def drop(self):
        """Ends what begin() has begun."""
        if self.running.poll() is None:
            self.running.kill()
        self.finish()

    def finish(self):
        wait_until(lambda: hasattr(self, "seconds"), 60)
        return Result(subprocess.CompletedProcess((), self.running.returncode, *self.output))

    def everything(self):
        """All that the programs have written into this host's folders."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)


# Whom a good certificate is for. 0.0.0.0 is this host, too, and yet no loopback address to those who compare.
SUBJECTS = ("DNS:sim.test", "DNS:deep.sim.test", "IP:127.0.0.1", "IP:::1", "IP:0.0.0.0")


class Peers:
    """The simulator, nginx in front of it as sim.test, and hosts that know that name."""

    def __init__(self, folder):
        self.folder, self.hosts = folder, 0
        document = seed(default_account={"audit_manager": True})
        document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
        self.simulator = Simulator(seed=document, rate=0, quota=0)
        self.authority, self.stranger = Authority(folder, "authority"), Authority(folder, "stranger")
        self.certificate = self.authority.certificate("sim", *SUBJECTS)
        self.nginx = Nginx(folder)
        self.names = Names(folder, {"sim.test": ["127.0.0.1"], "deep.sim.test": ["127.0.0.1"]})

    def __enter__(self):
        self.simulator.start()
        self.forward = (f"location / {{ proxy_pass {self.simulator.url}; proxy_set_header Host $http_host; "
                        "proxy_http_version 1.1; proxy_set_header Connection ''; }")
        self.port = self.nginx.server(self.forward, certificate=self.certificate)
        return self

    def __exit__(self, *_):
        self.nginx.stop()
        assert self.simulator.stop() == 0

    @property
    def url(self):
        return f"https://sim.test:{self.port}"

    def host(self, url=None, bundle="authority", names=None, **more):
        """A host with an own folder, and one share to start, of which no other host knows."""
        self.hosts += 1
        bundle = self.authority.bundle if bundle == "authority" else bundle
        host = NamedHost(self.folder / f"host-{self.hosts}", self.simulator, names or self.names,
                         url or self.url, bundle=bundle, **more)
        host.account = str(710000000000 + self.hosts)
        host.shares(framework(recipients=((host.account, "eu-west-2"),)))
        return host

    def starts(self, host):
        return [call for call in self.simulator.log("StartAssessmentFrameworkShare")
                if call["destination_account"] == host.account and call["processed"]]


def why(result):
    """The message of the one event that refuses a pass."""
    assert result.status == 1, result.err
    refused = result.events.of("refused")
    assert len(refused) == 1 and not result.events.of("completed"), result.err
    return refused[0]["MESSAGE"]
