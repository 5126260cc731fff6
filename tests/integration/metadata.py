# SPDX-License-Identifier: Apache-2.0

"""
The two places inside AWS that hand out credentials over plain HTTP, on one port of the loopback interface

    IMDSv2      PUT /latest/api/token, GET /latest/meta-data/iam/security-credentials/ and .../ROLE
                https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
    container   GET /container, with the token in Authorization where one is wanted
                https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

    with Metadata(keys=[("ASIAEXAMPLE000000001", "secret", "token")]) as metadata:
        metadata.control(status={"credentials": 503}, times=2)

What goes wrong is asked for with control(), or from another process with POST /control, the same as a JSON
object. Nothing is forgiven: no token, or one that was never handed out or is too old, is a 401; a forwarded
question for a token a 403.
"""

import http.server
import json
import secrets
import sys
import threading
import time

TOKEN_PATH = "/latest/api/token"
ROLES_PATH = "/latest/meta-data/iam/security-credentials/"
CONTAINER_PATH = "/container"
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "X-aws-ec2-metadata-token"
TTL_MAX = 21600
DEFAULT_KEY = ("ASIAMETADATA00000001", "metadata/secret+key=3", "metadata/session+token==")

# What control() takes, and what is in force without it.
DEFAULTS = {
    "status": {},  # by stage: token, roles, credentials, container
    "times": None,  # how many answers get such a status; None: all
    "body": None,  # instead of the answer of the last stage
    "delay": 0,  # seconds before each answer
    "expires_in": 3600,  # seconds until the credentials expire; negative: they have
    "expiration": None,  # the text itself, instead
    "role": "metadata-role",
    "authorization": None,  # what the container's header must have; None: nothing
}


class Metadata:
    """One server in threads of its own. keys: (id, secret, token), of which rotate() moves to the next."""

    def __init__(self, keys=(DEFAULT_KEY,), port=0, **settings):
        self.keys, self.at = list(keys), 0
        self.settings = {**DEFAULTS}
        self.tokens, self.log = {}, []
        self.lock = threading.Lock()
        self.control(**settings)
        handler = type("Bound", (Handler,), {"metadata": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.container_url = self.url + CONTAINER_PATH

    def __enter__(self):
        serve = self.server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def control(self, rotate=False, keys=None, forget_tokens=False, **settings):
        unknown = set(settings) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        with self.lock:
            self.settings.update(settings)
            if keys:
                self.keys, self.at = [tuple(key) for key in keys], 0
            if rotate:
                self.at = (self.at + 1) % len(self.keys)
            if forget_tokens:
                self.tokens.clear()

    def rotate(self):
        self.control(rotate=True)

    def requests(self, path=None):
        """What was asked: method, path, headers in lower case, and the status of the answer; oldest first."""
        with self.lock:
            return [entry for entry in self.log if path in (None, entry["path"])]

    def fault(self, stage):
        """The status that this stage is to fail with, if it is."""
        with self.lock:
            status = self.settings["status"].get(stage)
            if status and self.settings["times"] is not None:
                self.settings["times"] -= 1
                if self.settings["times"] == 0:
                    self.settings.update(status={}, times=None)
            return status

    def new_token(self, seconds):
        token = secrets.token_urlsafe(40) + "=="
        with self.lock:
            self.tokens[token] = time.monotonic() + seconds
        return token

    def knows(self, token):
        with self.lock:
            return self.tokens.get(token, 0) > time.monotonic()

    def expiration(self):
        settings = self.settings
        if settings["expiration"] is not None:
            return settings["expiration"]
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + settings["expires_in"]))

    def credentials(self):
        with self.lock:
            access_key_id, secret, token = self.keys[self.at]
            return {"AccessKeyId": access_key_id, "SecretAccessKey": secret, "Token": token,
                    "Expiration": self.expiration()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    metadata = None

    def log_message(self, *_):
        pass

    def answer(self, status, body="", headers=(), kind="text/plain"):
        if not isinstance(body, str):
            body, kind = json.dumps(body), "application/json"
        data = body.encode()
        seen = {name.lower(): value for name, value in self.headers.items()}
        with self.metadata.lock:
            self.metadata.log.append({"method": self.command, "path": self.path, "status": status,
                                      "headers": seen})
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def stage(self, name, answer):
        """One stage: late, failing or not."""
        time.sleep(self.metadata.settings["delay"])
        status = self.metadata.fault(name)
        if status:
            self.answer(status, {"code": "Fault", "message": "asked for"})
        else:
            answer()

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == TOKEN_PATH:
            self.stage("token", self.token)
        else:
            self.answer(404)

    def do_GET(self):
        if self.path == CONTAINER_PATH:
            self.stage("container", self.container)
        elif self.path == ROLES_PATH:
            self.stage("roles", lambda: self.with_token(self.roles))
        elif self.path == ROLES_PATH + self.metadata.settings["role"]:
            self.stage("credentials", lambda: self.with_token(self.instance))
        else:
            self.with_token(lambda: self.answer(404))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/control":
            self.answer(404)
            return
        try:
            self.metadata.control(**json.loads(body))
        except (TypeError, ValueError) as error:
            self.answer(400, {"error": str(error)})
        else:
            self.answer(200, {})

    def token(self):
        seconds = self.headers.get(TTL_HEADER, "")
        if self.headers.get("X-Forwarded-For"):
            self.answer(403)
        elif not seconds.isdigit() or not 1 <= int(seconds) <= TTL_MAX:
            self.answer(400)
        else:
            self.answer(200, self.metadata.new_token(int(seconds)), [(TTL_HEADER, seconds)])

    def with_token(self, answer):
        if self.metadata.knows(self.headers.get(TOKEN_HEADER)):
            answer()
        else:
            self.answer(401)

    def roles(self):
        self.answer(200, self.metadata.settings["role"])

    def last(self, **more):
        """The answer of the last stage, or what stands in for it."""
        body = self.metadata.settings["body"]
        self.answer(200, {**more, **self.metadata.credentials()} if body is None else body)

    def instance(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.last(Code="Success", LastUpdated=now, Type="AWS-HMAC")

    def container(self):
        wanted = self.metadata.settings["authorization"]
        if wanted is not None and self.headers.get("Authorization") != wanted:
            self.answer(401, {"code": "AccessDenied", "message": "not this token"})
            return
        self.last(RoleArn="arn:aws:iam::111122223333:role/" + self.metadata.settings["role"])


if __name__ == "__main__":
    with Metadata(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as running:
        print(f"ready port={running.port}", flush=True)
        sys.stdin.read()
