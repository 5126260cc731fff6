# SPDX-License-Identifier: Apache-2.0
"""Status files as the service would write them after a busy year, of any size, and always the same."""

import datetime
import json
import random

NOW = 1795000000  # 2026-11-18T11:06:40Z
REGIONS = ["ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "us-east-1",
    "us-west-2"]
NAMES = ["Group baseline", "Incident response", "Data residency", "Payment services", "Third parties",
    "Change management",
         "Access reviews", "Business continuity", "Privacy and retention", "Cloud landing zone", "Model risk"]
# Out of a hundred: condition, reason, status.
WEIGHTS = [
    (64, "ready", "Shared", "SHARED"), (3, "ready", "OutOfDate", "SHARED"),
    (13, "pending", "AwaitingRecipient", "ACTIVE"),
    (4, "pending", "Expiring", "EXPIRING"), (4, "progressing", "Replicating", "REPLICATING"),
    (2, "progressing", "Failed", "FAILED"),
    (3, "held", "Declined", "DECLINED"), (1, "held", "Revoked", "REVOKED"), (1, "held", "Suspended", None),
    (1, "stalled", "AttemptsExhausted", "FAILED"), (1, "stalled", "RenewalsExhausted", "EXPIRED"),
    (1, "stalled", "Invalid", None), (1, "orphaned", "Irrevocable", "SHARED"),
    (1, "unmanaged", "NotOurs", "ACTIVE"),
]  # fmt: skip


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def identifier(generator):
    text = f"{generator.getrandbits(128):032x}"
    return "-".join([text[:8], text[8:12], "4" + text[13:16], "8" + text[17:20], text[20:]])


def share(**more):
    """One share, ready."""
    return {
        "source": "governance", "framework_id": "6f0f2b1c-1111-4222-8333-444455556666",
        "framework_name": "Group baseline 2026",
        "account": "444455556666", "region": "eu-west-1", "request_id": None, "status": "SHARED",
        "condition": "ready",
        "reason": "Shared", "action": "none", "since": stamp(NOW - 40 * 86400), "expires": None,
        "next_attempt": None,
        "comment": None, "error": None, **more,
    }  # fmt: skip


def drawn(generator, **key):
    """A share in some condition."""
    _, condition, reason, status = generator.choices(WEIGHTS, [row[0] for row in WEIGHTS])[0]
    left = {"ACTIVE": generator.randrange(31, 120), "EXPIRING": generator.randrange(0, 30)}.get(status)
    error = "ValidationException: the destination Region is not enabled" if reason == "Invalid" else None
    return share(
        **key, condition=condition, reason=reason, status=status, error=error,
        since=stamp(NOW - (120 - left if left is not None else generator.randrange(1, 300)) * 86400),
        expires=None if left is None else stamp(NOW + left * 86400 + generator.randrange(40000)),
        next_attempt=stamp(NOW + 5400) if reason == "Failed" else None,
    )  # fmt: skip


def document(shares, **more):
    return {
        "version": 1,
        "program": "auditshared 0.1.0",
        "pass": {"id": "5f" * 16, "started": stamp(NOW - 62), "ended": stamp(NOW - 60),
            "result": "completed"},
        "next_pass": stamp(NOW + 840),
        "mode": "enforce",
        "sources": [{"name": "governance", "account": "111122223333", "region": "us-east-1", "error": None}],
        "shares": shares,
        **more,
    }


def generated(n_frameworks, n_accounts, n_regions=1, keep=1.0):
    """Frameworks times recipients, of which some are not declared."""
    generator = random.Random(n_frameworks * 1000 + n_accounts)
    shares = []
    for f in range(n_frameworks):
        name = NAMES[f % len(NAMES)] + (f" {2026 - f // len(NAMES)}" if f // len(NAMES) < 8 else f" {f}")
        framework = identifier(generator)
        for a in range(n_accounts):
            account = f"{400000000000 + a * 7919 * 1117:012d}"
            for region in REGIONS[:n_regions]:
                if generator.random() < keep:
                    shares.append(drawn(generator, framework_id=framework, framework_name=name,
                        account=account, region=region))
    return document(shares)


def of_size(n):
    """5, 500 or 10,000 shares."""
    generator = random.Random(n)
    if n == 5:
        base = {"framework_id": identifier(generator), "framework_name": "Incident response"}
        return document([
            share(), share(region="eu-central-1", status="EXPIRING", condition="pending", reason="Expiring",
                           since=stamp(NOW - 100 * 86400), expires=stamp(NOW + 20 * 86400)),
            share(account="555566667777", status="ACTIVE", condition="pending", reason="AwaitingRecipient",
                  since=stamp(NOW - 9 * 86400), expires=stamp(NOW + 111 * 86400)),
            share(**base, status="DECLINED", condition="held", reason="Declined",
                since=stamp(NOW - 12 * 86400)),
            share(**base, account="555566667777", status="FAILED", condition="stalled",
                reason="AttemptsExhausted",
                  since=stamp(NOW - 3 * 86400)),
        ])  # fmt: skip
    made = {500: lambda: generated(8, 25, 3, 0.9), 10000: lambda: generated(20, 100, 5)}[n]()
    made["shares"] = made["shares"][:n]
    assert len(made["shares"]) == n
    return made


def write(folder, made):
    folder.mkdir(exist_ok=True)
    (folder / "status.json.new").write_text(json.dumps(made))
    (folder / "status.json.new").rename(folder / "status.json")
