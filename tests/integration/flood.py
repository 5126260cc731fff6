# SPDX-License-Identifier: Apache-2.0
"""A server whose answers have no end"""

import contextlib
import socket
import threading

from network import listener

MIB = 1024 * 1024
TEN_GB = 10 * 1000**3

FILLER = b" " * MIB  # that is between two words of JSON, and of XML
SHAPES = {  # what comes first, and what comes over and over
    "length": (f"Content-Length: {TEN_GB}\r\n\r\n".encode(), FILLER),
    "chunked": (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n" % (MIB, FILLER)),
    "until it closes": (b"Connection: close\r\n\r\n", FILLER),
    "headers": (b"", b"X-Filler: " + b"x" * 1000 + b"\r\n"),
}


class Flood:
    """Answers each request with `begins` and then as much more as anybody takes, up to 10 GB."""

    def __init__(self, shape, begins=b"", status="200 OK", kind="application/json"):
        self.head, self.more = SHAPES[shape]
        self.head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n".encode() + self.head
        self.begins = begins if shape in ("length", "until it closes") else b""
        self.n_requests = self.n_bytes = 0
        self.elsewhere = None
        self.socket = listener()
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.threads = []

    def __enter__(self):
        self.spawn(self.take)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join(10)

    def spawn(self, work, *arguments):
        self.threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self.threads[-1].start()

    def passes_on(self, method, port):
        """What is asked with this method goes to another server, and its answer back."""
        self.elsewhere = (method.encode() + b" ", port)

    def take(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.spawn(self.answer, client)

    def answer(self, client):
        with client, contextlib.suppress(OSError):
            client.settimeout(10)
            data = b""
            while b"\r\n\r\n" not in data:
                data += client.recv(65536)
                if not data:
                    return
            if self.elsewhere and data.startswith(self.elsewhere[0]):
                self.pass_on(client, data)
                return
            self.n_requests += 1
            client.sendall(self.head + self.begins)
            while self.n_bytes < TEN_GB:
                client.sendall(self.more)
                self.n_bytes += len(self.more)

    def pass_on(self, client, data):
        """One request, and the connection with it; what is asked so has no body."""
        data = data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.elsewhere[1]), 10) as server:
            server.sendall(data)
            while more := server.recv(65536):
                client.sendall(more)
