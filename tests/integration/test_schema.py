# SPDX-License-Identifier: Apache-2.0

"""The JSON Schemas and the parser say the same.

tests/vectors/yaml/{settings,shares}/ holds files in three folders: what is good, what is bad, and what is bad in a way
that no schema can express, such as a key given twice. The parser's verdict is that of `auditsharectl check`.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

import jsonschema
import pytest
import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AUDITSHARED_BUILD", TOP / "build")).resolve()
VECTORS = TOP / "tests" / "vectors" / "yaml"
KINDS = {"settings": "auditshared", "shares": "shares"}

GOOD_SETTINGS = 'sources:\n  governance: {account: "111122223333", region: us-east-1}\n'
GOOD_SHARES = "frameworks: []\n"


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema instead of PyYAML's 1.1: `no` is a text, a time is a text, 010 is ten."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def schema_of(kind):
    return json.loads((TOP / "config" / f"{KINDS[kind]}.schema.json").read_text(encoding="utf-8"))


def schema_accepts(kind, path):
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=CoreLoader)
    return jsonschema.Draft202012Validator(schema_of(kind)).is_valid(document)


def check(tmp_path, **files):
    """auditsharectl's exit status and what it said; files are copied, since a file that a group may write is refused."""
    for kind, default in (("settings", GOOD_SETTINGS), ("shares", GOOD_SHARES)):
        copy = tmp_path / f"{kind}.yaml"
        if isinstance(files.get(kind), pathlib.Path):
            shutil.copyfile(files[kind], copy)
        else:
            copy.write_text(files.get(kind, default), encoding="utf-8")
        copy.chmod(0o600)
    done = subprocess.run(
        [BUILD / "auditsharectl", "--settings", tmp_path / "settings.yaml", "--shares", tmp_path / "shares.yaml", "check"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def vectors():
    for kind in KINDS:
        for path in sorted((VECTORS / kind).glob("*/*.yaml")):
            yield pytest.param(kind, path, id=f"{kind}/{path.parent.name}/{path.stem}")


@pytest.mark.parametrize("kind,path", vectors())
def test_verdicts(tmp_path, kind, path):
    verdict = path.parent.name
    status, output = check(tmp_path, **{kind: path})
    assert status == (0 if verdict == "good" else 1), output
    assert schema_accepts(kind, path) == (verdict != "bad")


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_one(kind):
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_described(kind):
    def walk(schema, path):
        for name, value in schema.get("properties", {}).items():
            if isinstance(value, dict):
                assert "description" in value or "$ref" in value, f"{path}.{name}"
                walk(value, f"{path}.{name}")

    schema = schema_of(kind)
    walk(schema, kind)
    for name, value in schema["$defs"].items():
        assert "description" in value, name
        walk(value, name)


@pytest.mark.parametrize("kind", KINDS)
def test_example(tmp_path, kind):
    path = TOP / "config" / f"{KINDS[kind]}.yaml"
    assert schema_accepts(kind, path)
    status, output = check(tmp_path, **{kind: path})
    assert status == 0, output

    # Each key is shown to whoever edits the file, if only behind a '#'.
    text = path.read_text(encoding="utf-8")
    for name in keys_of(schema_of(kind)):
        assert re.search(rf"\b{name}:", text), name


def keys_of(schema):
    """The keys of every level; not those of a framework's policy, which the settings show."""
    for part in [schema, *schema["$defs"].values(), *schema["properties"].values()]:
        yield from part.get("properties", {})


FRAMEWORK = "frameworks:\n  - name: A\n    eligibility_acknowledged: true\n    recipients: [{account: '444455556666', regions: [eu-west-1]}]\n"
LEVELS = [
    ("settings", "zzz: 1\n" + GOOD_SETTINGS, ["properties"]),
    ("settings", GOOD_SETTINGS.replace("{", "{zzz: 1, "), ["$defs", "source", "properties"]),
    ("settings", GOOD_SETTINGS + "policy: {zzz: 1}\n", ["properties", "policy", "properties"]),
    ("settings", GOOD_SETTINGS + "limits: {zzz: 1}\n", ["properties", "limits", "properties"]),
    ("settings", GOOD_SETTINGS + "allowed_recipients: {zzz: 1}\n", ["properties", "allowed_recipients", "properties"]),
    ("shares", "zzz: 1\n" + FRAMEWORK, ["properties"]),
    ("shares", FRAMEWORK + "    zzz: 1\n", ["$defs", "framework", "properties"]),
    ("shares", FRAMEWORK.replace("{", "{zzz: 1, "), ["$defs", "recipient", "properties"]),
    ("shares", FRAMEWORK + "recipients: {eu: [{zzz: 1, account: '444455556666', regions: [eu-west-1]}]}\n",
     ["$defs", "member", "properties"]),
]


@pytest.mark.parametrize("kind,text,path", LEVELS, ids=lambda value: "/".join(value) if isinstance(value, list) else None)
def test_same_keys(tmp_path, kind, text, path):
    """An unknown key far from all others makes the parser list those that it knows."""
    status, output = check(tmp_path, **{kind: text})
    assert status == 1
    known = re.search(r"zzz: unknown key; want one of (.*)", output)
    assert known, output

    schema = schema_of(kind)
    for step in path:
        schema = schema[step]
    assert set(re.findall(r'"([^"]+)"', known[1])) == set(schema)


def test_same_regions(tmp_path):
    status, output = check(tmp_path, settings=GOOD_SETTINGS.replace("us-east-1", "nowhere-at-all"))
    assert status == 1
    known = re.search(r"is not a Region of Audit Manager; want one of (.*)", output)
    assert known, output
    for kind in KINDS:
        assert set(re.findall(r'"([^"]+)"', known[1])) == set(schema_of(kind)["$defs"]["region"]["enum"])
