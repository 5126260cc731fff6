# SPDX-License-Identifier: Apache-2.0

"""
The IAM policies in config/: each allows what its use of the programs asks for, and nothing else

Held against three things that know nothing of them: the operations that the C code names, AWS's own model of
the API, and the log of a simulator that the programs were let loose on.
"""

import json
import pathlib
import re

import botocore.session
import pytest
import yaml

from daemon import Host, framework
from simulator import Simulator, seed

TOP = pathlib.Path(__file__).resolve().parents[2]
CONFIG = TOP / "config"
TEMPLATE = CONFIG / "cloudformation-role.yaml"

# Rights: the constants of ApiOperation that they are for.
OBSERVE = {"API_GET_ACCOUNT_STATUS", "API_LIST_FRAMEWORKS", "API_LIST_SHARE_REQUESTS"}
SHARE = OBSERVE | {"API_START_SHARE"}
REVOKE = SHARE | {"API_UPDATE_SHARE", "API_DELETE_SHARE"}
RIGHTS = {"observe": OBSERVE, "share": SHARE, "share-and-revoke": REVOKE}


def policy_path(rights):
    return CONFIG / f"iam-{rights}.json"


def policy_of(rights):
    return json.loads(policy_path(rights).read_text(encoding="utf-8"))


def actions_of(policy):
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def allowed(rights):
    return {action.removeprefix("auditmanager:") for action in actions_of(policy_of(rights))}


def operation_names():
    """ApiOperation's constants, and what AWS calls them."""
    text = (TOP / "daemon/aws/auditmanager-json.c").read_text(encoding="utf-8")
    return dict(re.findall(r"\[(API_[A-Z_]+)\] = \{\s*\.name = \"(\w+)\"", text))


def called_operations():
    """The constants that anything but the client itself uses: what the programs call."""
    paths = [path for path in (TOP / "daemon").rglob("*.c") if path.parent.name not in ("aws", "model")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return {name for name in operation_names() if re.search(rf"\b{name}\b", text)}


# --- the policies ---


def test_there_are_no_others():
    assert {path.name for path in CONFIG.glob("iam-*")} == {policy_path(rights).name for rights in RIGHTS}


@pytest.mark.parametrize("rights", RIGHTS)
def test_shape(rights):
    policy = policy_of(rights)
    assert list(policy) == ["Version", "Statement"] and policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert list(statement) == ["Sid", "Effect", "Action", "Resource"]
        assert re.fullmatch("[A-Za-z0-9]+", statement["Sid"]) and statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(statement["Action"]), "so that a difference shows"
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(sids)) == len(sids)


@pytest.mark.parametrize("rights", RIGHTS)
def test_actions_are_those_that_are_called(rights):
    names = operation_names()
    actions = actions_of(policy_of(rights))
    assert sorted(actions) == sorted(f"auditmanager:{names[each]}" for each in RIGHTS[rights])


def test_the_widest_allows_all_that_is_called_and_nothing_else():
    assert called_operations() == REVOKE
    assert len(operation_names()) > len(REVOKE), "the client knows one that nobody calls"


@pytest.mark.parametrize("rights", RIGHTS)
def test_aws_knows_every_action(rights):
    model = botocore.session.Session().get_service_model("auditmanager")
    assert model.metadata["endpointPrefix"] == "auditmanager"
    assert allowed(rights) <= set(model.operation_names)


# --- what the programs ask for ---


def asked(simulator):
    """Operations that want a permission: signed (what doctor asks for the date is not), and not STS's."""
    signed = {call["operation"] for call in simulator.log() if call.get("access_key_id")}
    assert "GetCallerIdentity" in signed
    return signed - {"GetCallerIdentity"}


@pytest.fixture(name="simulator")
def running():
    with Simulator(seed=seed(default_account={"audit_manager": True}), rate=0, quota=0) as simulator:
        yield simulator


def host_of(folder, simulator, **settings):
    host = Host(folder, simulator, settle="0s", interval="1h", **settings)
    host.shares(framework())
    return host


def test_observing(simulator, tmp_path):
    host = host_of(tmp_path, simulator, mode="observe")
    assert host.once().status == 0
    for verb in ("plan", "list", "doctor"):
        assert host.ctl(verb).status == 0, verb
    assert asked(simulator) == allowed("observe")


def test_sharing(simulator, tmp_path):
    host = host_of(tmp_path, simulator)
    assert host.once().status == 0 and host.ctl("doctor").status == 0
    assert asked(simulator) == allowed("share")


def test_revoking(simulator, tmp_path):
    host = host_of(tmp_path, simulator, policy={"undesired": "revoke-and-delete"})
    assert host.once().status == 0 and host.ctl("doctor").status == 0
    host.shares()
    assert host.once().status == 0 and host.once().status == 0
    assert asked(simulator) == allowed("share-and-revoke")


# --- the role ---


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms as its long ones: `!Ref X` is {"Ref": X}, `!If [..]` {"Fn::If": [..]}."""


def construct(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_scalar(node)}


Loader.add_multi_constructor("!", construct)


def template():
    return yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=Loader)


NO_VALUE = object()


def evaluate(node, document, parameters):
    """What CloudFormation makes of a node, by the few functions that the template uses."""
    def inner(each):
        return evaluate(each, document, parameters)

    if isinstance(node, list):
        return [value for value in map(inner, node) if value is not NO_VALUE]
    if not isinstance(node, dict):
        return node
    name, argument = next(iter(node.items())) if len(node) == 1 else (None, None)
    if name == "Ref":
        return NO_VALUE if argument == "AWS::NoValue" else parameters[argument]
    if name == "Condition" and isinstance(argument, str):
        return inner(document["Conditions"][argument])
    if name == "Fn::Equals":
        return inner(argument[0]) == inner(argument[1])
    if name == "Fn::Or":
        return any(inner(each) for each in argument)
    if name == "Fn::If":
        return inner(argument[1] if inner(document["Conditions"][argument[0]]) else argument[2])
    assert not str(name).startswith("Fn::"), name
    return {key: inner(value) for key, value in node.items()}


def role_of(**parameters):
    document = template()
    defaults = {name: each["Default"] for name, each in document["Parameters"].items() if "Default" in each}
    given = {"TrustedPrincipalArn": "arn:aws:iam::999999999999:role/host", "ExternalId": "e-42"}
    role = document["Resources"]["Role"]["Properties"]
    return evaluate(role, document, {**defaults, **given, **parameters})


def test_template_has_parameters_and_the_role():
    document = template()
    assert str(document["AWSTemplateFormatVersion"]) == "2010-09-09"
    assert set(document["Parameters"]) == {"TrustedPrincipalArn", "ExternalId", "Rights", "RoleName"}
    assert {name: each["Type"] for name, each in document["Resources"].items()} == {"Role": "AWS::IAM::Role"}
    assert document["Parameters"]["Rights"]["AllowedValues"] == list(RIGHTS)
    assert document["Parameters"]["Rights"]["Default"] == "observe", "more is for who asks for it"
    for name in ("TrustedPrincipalArn", "ExternalId"):
        assert "Default" not in document["Parameters"][name], "nobody is trusted by default"


@pytest.mark.parametrize("rights", RIGHTS)
def test_role_has_the_policy_of_the_file(rights):
    policies = role_of(Rights=rights)["Policies"]
    assert [policy["PolicyDocument"] for policy in policies] == [policy_of(rights)]


def test_trust():
    role = role_of(TrustedPrincipalArn="arn:aws:iam::999999999999:user/a", ExternalId="e-7")
    trust = role["AssumeRolePolicyDocument"]
    assert trust["Version"] == "2012-10-17" and len(trust["Statement"]) == 1
    statement = trust["Statement"][0]
    assert statement["Effect"] == "Allow" and statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"AWS": "arn:aws:iam::999999999999:user/a"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "e-7"}}


PATTERNS = [
    ("TrustedPrincipalArn", "arn:aws:iam::999999999999:role/host", True),
    ("TrustedPrincipalArn", "arn:aws:iam::999999999999:role/path/host", True),
    ("TrustedPrincipalArn", "arn:aws-us-gov:iam::999999999999:user/host", True),
    ("TrustedPrincipalArn", "arn:aws:iam::999999999999:root", False),
    ("TrustedPrincipalArn", "999999999999", False),
    ("TrustedPrincipalArn", "*", False),
    ("ExternalId", "e-42", True),
    ("ExternalId", "a:b/c=d,e.f@g_h+i", True),
    ("ExternalId", "*", False),
    ("ExternalId", "a b", False),
    ("RoleName", "audit-share", True),
    ("RoleName", "path/audit-share", False),
    ("RoleName", "a" * 65, False),
]


@pytest.mark.parametrize("name,value,good", PATTERNS, ids=[f"{row[0]}/{row[1][:40]}" for row in PATTERNS])
def test_patterns(name, value, good):
    assert bool(re.fullmatch(template()["Parameters"][name]["AllowedPattern"], value)) == good


# --- the README ---


def test_readme_names_the_files():
    text = (TOP / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## The IAM policy\n")[2].partition("\n## ")[0]
    for path in [TEMPLATE, *map(policy_path, RIGHTS)]:
        assert f"config/{path.name}" in section
