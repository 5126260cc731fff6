# SPDX-License-Identifier: Apache-2.0
"""How fast botocore signs the start request that bench-signer signs.

    peer_sigv4.py COUNT      prints {"count": ..., "seconds": ...}, seconds of CPU

What is signed is made before: only SigV4Auth.add_auth() is timed.
"""

import json
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

URL = ("https://auditmanager.us-east-1.amazonaws.com/assessmentFrameworks/"
       "a1b2c3d4-5678-90ab-cdef-1234567890ab/shareRequests")  # fmt: skip


def request(i):
    return AWSRequest(method="POST", url=URL, headers={
        "amz-sdk-invocation-id": f"b7d1e2f3-0000-4000-8000-{i:012x}", "amz-sdk-request": "attempt=1; max=3",
        "Content-Type": "application/json",
    }, data=b'{"destinationAccount":"%012d","destinationRegion":"eu-central-1"}' % i)  # fmt: skip


def main():
    count = int(sys.argv[1])
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    auth = SigV4Auth(credentials, "auditmanager", "us-east-1")
    requests = [request(i % 1024) for i in range(count)]
    begun = time.process_time()
    for one in requests:
        auth.add_auth(one)
    print(json.dumps({"count": count, "seconds": time.process_time() - begun}))


main()
