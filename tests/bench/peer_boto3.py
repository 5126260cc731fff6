# SPDX-License-Identifier: Apache-2.0
"""What a good boto3 script would be: its own pagination, a dict for the comparison, 32 threads for the starts.

    peer_boto3.py URL SHARES.json      declared: {"framework": name, "recipients": [[account, region], ...]}
"""

import concurrent.futures
import json
import sys

import boto3
from botocore.config import Config

THREADS = 32


def pages(call, member, **arguments):
    token = {}
    while True:
        answer = call(maxResults=1000, **arguments, **token)
        yield from answer[member]
        if not answer.get("nextToken"):
            return
        token = {"nextToken": answer["nextToken"]}


def main():
    url, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        declared = json.load(file)
    client = boto3.client("auditmanager", endpoint_url=url, config=Config(
        max_pool_connections=THREADS, retries={"mode": "standard"}))
    boto3.client("sts", endpoint_url=url).get_caller_identity()
    frameworks = {f["name"]: f["id"] for f in
                  pages(client.list_assessment_frameworks, "frameworkMetadataList", frameworkType="Custom")}
    framework = frameworks[declared["framework"]]
    observed = {(r["frameworkId"], r["destinationAccount"], r["destinationRegion"]): r["status"] for r in
                pages(client.list_assessment_framework_share_requests, "assessmentFrameworkShareRequests", requestType="SENT")}
    missing = [(account, region) for account, region in declared["recipients"]
               if (framework, account, region) not in observed]

    def start(recipient):
        client.start_assessment_framework_share(frameworkId=framework, destinationAccount=recipient[0],
                                                destinationRegion=recipient[1])

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(start, missing):
            pass
    print(f"{len(observed)} observed, {len(missing)} started")


main()
