# SPDX-License-Identifier: Apache-2.0
"""An nginx with canned answers: nothing of ours is what limits a measurement.

Listings are files, one a page. A start is answered with what was asked for and an id of its own, as the service does.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ACCOUNT, REGION = "111122223333", "us-east-1"
FRAMEWORK = "a1b2c3d4-5678-90ab-cdef-1234567890ab"
REGIONS = ["ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1",
           "eu-west-2", "us-east-2", "us-west-1", "us-west-2"]
PAGE = 1000
DAY = 86400

NGINX = """
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
worker_processes {workers}; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    log_format connections '$connection $request_method'; access_log {log}; default_type application/json; sendfile on; tcp_nopush on; keepalive_requests 100000000;
    open_file_cache max=4096; open_file_cache_valid 1h; client_body_buffer_size 16k; client_body_in_single_buffer on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $request_id $uuid {{
        "~^(?<a>.{{8}})(?<b>.{{4}})(?<c>.{{4}})(?<d>.{{4}})(?<e>.{{12}})$" "$a-$b-$c-$d-$e";
    }}
    map $request_body $account {{ '~"destinationAccount":\\s*"(?<found_account>[0-9]+)"' $found_account; }}
    map $request_body $region {{ '~"destinationRegion":\\s*"(?<found_region>[a-z0-9-]+)"' $found_region; }}
    server {{
        listen 127.0.0.1:{port}{tls}
        root {folder}/pages;
        location = / {{ default_type text/xml; try_files /identity.xml =404; error_page 405 =200 /identity.xml; }}
        location = /identity.xml {{ default_type text/xml; }}
        location = /account/status {{ try_files /status.json =404; }}
        location = /assessmentFrameworks {{ try_files /frameworks.json =404; }}
        location = /assessmentFrameworkShareRequests {{ try_files /requests-$arg_nextToken.json =404; }}
        location ~ ^/assessmentFrameworks/(?<framework>[^/]+)/shareRequests$ {{
            echo_read_request_body;
            echo '{{"assessmentFrameworkShareRequest":{{"id":"$uuid","frameworkId":"$framework","frameworkName":"Baseline","status":"REPLICATING","sourceAccount":"{account}","destinationAccount":"$account","destinationRegion":"$region","creationTime":$msec,"lastUpdated":$msec,"expirationTime":{expires},"standardControlsCount":24,"customControlsCount":3}}}}';
        }}
    }}
}}
"""  # fmt: skip

IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>1a2b3c4d-0000-4000-8000-000000000001</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
"""


def recipients(n, first=0):
    return [(f"{200000000000 + i // len(REGIONS)}", REGIONS[i % len(REGIONS)]) for i in range(first, n)]


def record(i, account, region, status, now, changed=60):
    created = now - 10 * DAY
    return (f'{{"id":"{i:08x}-5c1d-4e2f-8a3b-{i:012x}","frameworkId":"{FRAMEWORK}","frameworkName":"Baseline",'
            f'"frameworkDescription":"Controls that every account of the group has to show evidence for",'
            f'"status":"{status}","sourceAccount":"{ACCOUNT}","destinationAccount":"{account}",'
            f'"destinationRegion":"{region}","expirationTime":{created + 120 * DAY}.{i % 1000:03d},'
            f'"creationTime":{created}.{i % 1000:03d},"lastUpdated":{created + changed}.{i % 1000:03d},'
            f'"comment":"","standardControlsCount":24,"customControlsCount":3,"complianceType":"Internal"}}')


def write_page(folder, n, page, now, size, odd=None, changed=60):
    """One page of n requests that are shared; the request `odd` has become ACTIVE anew."""
    wanted = recipients(min(n, (page + 1) * size), page * size)
    rows = [record(i, *one, "ACTIVE" if i == odd else "SHARED", now, changed if i == odd else 60)
            for i, one in enumerate(wanted, page * size)]
    token = f',"nextToken":"p{page + 1}"' if (page + 1) * size < n else ""
    name = f"requests-p{page}.json" if page else "requests-.json"
    # In place: nginx keeps its files open.
    (folder / name).write_text(f'{{"assessmentFrameworkShareRequests":[{",".join(rows)}]{token}}}')


def write_pages(folder, n, size=PAGE):
    """The listing of n requests that are shared, and what is asked beside it; returns the time it goes by."""
    now = int(time.time())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "identity.xml").write_text(IDENTITY)
    (folder / "status.json").write_text('{"status":"ACTIVE"}')
    (folder / "frameworks.json").write_text(json.dumps({"frameworkMetadataList": [{
        "arn": f"arn:aws:auditmanager:{REGION}:{ACCOUNT}:assessmentFramework/{FRAMEWORK}", "id": FRAMEWORK, "type": "Custom",
        "name": "Baseline", "controlsCount": 27, "controlSetsCount": 3, "createdAt": now - 900 * DAY,
        "lastUpdatedAt": now - 800 * DAY}]}))  # fmt: skip
    for page in range(max(1, -(-n // size))):
        write_page(folder, n, page, now, size)
    return now


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                    str(folder / "key.pem"), "-out", str(folder / "ca.pem")], check=True, capture_output=True)  # fmt: skip


@contextlib.contextmanager
def serve(folder, tls=False, log=False):
    """nginx over folder/pages; yields its URL. With log, folder/access.log has "CONNECTION METHOD" a request."""
    folder = pathlib.Path(folder)
    port = free_port()
    if tls and not (folder / "ca.pem").exists():
        certificate(folder)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(
        folder=folder, port=port, workers=1, account=ACCOUNT, expires=int(time.time()) + 120 * DAY,
        log=f"{folder}/access.log connections" if log else "off",
        tls=f" ssl; ssl_certificate {folder}/ca.pem; ssl_certificate_key {folder}/key.pem;" if tls else ";"))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config), "-e", str(folder / "error.log")],
                               env={"PATH": os.environ["PATH"]})
    try:
        for _ in range(500):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield f"http{'s' if tls else ''}://{'localhost' if tls else '127.0.0.1'}:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
