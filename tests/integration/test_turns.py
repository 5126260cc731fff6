# SPDX-License-Identifier: Apache-2.0
"""
How long the event loop hears nobody else, in CPU time of its thread, in a pass over 100,000 shares

They arrive, are planned, said and published. What is left out, by the functions in BESIDE, is done in one piece:
memory is written anew, and files that have changed are read.
"""

import re

from daemon import Host
from simulator import Simulator, seed, wait_until
from test_endurance import WAIT, ask
from usage import Turns, is_plain

RECORDS = 100000
REGIONS = ("ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
           "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2")
BESIDE = {"replace", "reload"}
AT_MOST_MSEC = 100


def declared():
    """Those that the simulator's bulk seed makes, as YAML."""
    lines = ["frameworks:", "  - name: Baseline", "    eligibility_acknowledged: true", "    recipients:"]
    for i in range(0, RECORDS, len(REGIONS)):
        regions = ", ".join(REGIONS[:RECORDS - i])
        lines.append(f'      - {{account: "{200000000000 + i // len(REGIONS)}", regions: [{regions}]}}')
    return "\n".join(lines) + "\n"


def test_the_loop_goes_on_in_a_pass_over_100_000_shares(tmp_path):
    document = seed(default_account={"audit_manager": True},
                    bulk={"requests": RECORDS, "framework": "Baseline", "status": "SHARED"})
    document["frameworks"][0].update(created_days_ago=900, updated_days_ago=800)
    with Simulator(seed=document, rate=0, quota=0) as simulator:
        host = Host(tmp_path, simulator, interval="1h", limits={"recipient_accounts": 100000})
        host.write(host.shares_path, declared())
        turns = Turns(tmp_path)
        with host.service(env=turns.env) as service:
            wait_until((host.runtime / "control").exists)
            answer = ask(host, WAIT)
            assert re.search(r": 100000 desired, 10000[01] observed", answer["message"]), answer
            assert service.process.poll() is None
    longest = turns.read()
    within = [turn for turn in longest if not BESIDE & {name for name, _ in turn.shares()}]
    for turn in longest[:6]:
        print(turn)
    for part in ("api_parse", "make_plan", "report_plan", "publication_step"):
        assert any(name == part for turn in longest for name, _ in turn.shares()), longest
    if is_plain():
        assert within[0].cpu_msec < AT_MOST_MSEC, within[0]
