# SPDX-License-Identifier: Apache-2.0

"""
Profiles, against botocore: where the files are, and how a profile signs in

A world is a config file, a credentials file and the profile asked for. botocore loads its credentials, where
what would ask somebody (a program, STS, a metadata service, a browser) only remembers the question. What is
an error there must be an error here, and a chain must be the same, but for what DIFFERENCES lists; each of
those has to occur, and has a reason.
"""

import collections
import os
import random
import re
import shlex

import botocore.credentials
import botocore.session
import pytest

from driver import Driver

ARN = "arn:aws:iam::123456789012:role/"
# The sources of a profile; what comes behind them in botocore's chain is not the profile's.
PROFILE_METHODS = {
    "assume-role",
    "assume-role-with-web-identity",
    "sso",
    "login",
    "shared-credentials-file",
    "custom-process",
    "config-file",
}

World = collections.namedtuple("World", "name config credentials profile")


@pytest.fixture(scope="module")
def driver():
    with Driver() as d:
        yield d
        assert d.stop() == 0


# botocore, asking nobody


class Link:
    """What stands for credentials: what was asked, on top of what it was asked with."""

    def __init__(self, entry, source=()):
        self.chain = [*source, entry]


def chain_of(credentials):
    if isinstance(credentials, Link):
        return credentials.chain
    if credentials.access_key.startswith("process "):
        return [{"CredentialProcess": credentials.access_key.removeprefix("process ")}]
    entry = {"access_key_id": credentials.access_key, "secret_access_key": credentials.secret_key}
    optional = {"session_token": credentials.token, "account_id": getattr(credentials, "account_id", None)}
    return [{"AccessKey": {**entry, **{name: value for name, value in optional.items() if value}}}]


ROLE_MEMBERS = {
    "ExternalId": "external_id",
    "RoleSessionName": "role_session_name",
    "SerialNumber": "mfa_serial",
}


def role_entry(arguments):
    extra = arguments["extra_args"] or {}
    entry = {"role_arn": arguments["role_arn"]}
    return {**entry, **{name: extra[theirs] for theirs, name in ROLE_MEMBERS.items() if theirs in extra}}


class Fetcher:
    """In place of what asks STS or the portal: asked for credentials, gives a link."""

    def __init__(self, **arguments):
        self.link = self.make(arguments)

    def fetch_credentials(self):
        raise AssertionError("nobody is asked")


class RoleFetcher(Fetcher):
    @staticmethod
    def make(arguments):
        return Link({"AssumeRole": role_entry(arguments)}, chain_of(arguments["source_credentials"]))


class TokenFetcher(Fetcher):
    @staticmethod
    def make(arguments):
        entry = role_entry(arguments)
        entry["web_identity_token_file"] = arguments["web_identity_token_loader"]._web_identity_token_path
        return Link({"WebIdentityToken": entry})


class PortalFetcher(Fetcher):
    @staticmethod
    def make(arguments):
        return Link({"Sso": arguments["account_id"]})


def run_nothing(_, command):
    # An empty line starts no program, which is an error before anything is asked.
    if not shlex.split(command):
        raise ValueError("no program")
    return {"access_key": "process " + command, "secret_key": "x", "token": None, "expiry_time": None}


@pytest.fixture
def quiet_botocore(monkeypatch, tmp_path):
    module = botocore.credentials
    monkeypatch.setattr(module, "AssumeRoleCredentialFetcher", RoleFetcher)
    monkeypatch.setattr(module, "AssumeRoleWithWebIdentityCredentialFetcher", TokenFetcher)
    monkeypatch.setattr(module, "SSOCredentialFetcher", PortalFetcher)
    monkeypatch.setattr(module, "create_mfa_serial_refresher", lambda refresh: refresh)
    monkeypatch.setattr(
        module, "DeferredRefreshableCredentials", lambda refresh_using, **_: refresh_using.__self__.link
    )
    monkeypatch.setattr(module.ProcessProvider, "_retrieve_credentials_using", run_nothing)
    sourcer = module.CanonicalNameCredentialSourcer
    monkeypatch.setattr(sourcer, "source_credentials", lambda _, name: Link({"NamedSource": name}))
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def theirs_of(world, folder):
    """botocore's chain, or None where it has none and where it raises."""
    (folder / "config").write_text(world.config, newline="")
    (folder / "credentials").write_text(world.credentials, newline="")
    try:
        session = botocore.session.Session(profile=world.profile)
        resolver = botocore.credentials.create_credential_resolver(session)
        resolver.providers = [one for one in resolver.providers if one.METHOD in PROFILE_METHODS]
        credentials = resolver.load_credentials()
    except AssertionError:
        raise
    except Exception:  # botocore's own errors, and what it does not expect either
        return None
    return chain_of(credentials) if credentials else None


def ours_of(world, driver):
    answer = driver.ask(
        "profile_chain", config=world.config, credentials=world.credentials, profile=world.profile, env={}
    )
    assert set(answer) in ({"chain"}, {"error"}), answer
    if "error" in answer:
        assert "SECRET" not in answer["error"] and "\n" not in answer["error"], answer
    return answer.get("chain"), answer.get("error", "")


# The differences that are meant. A row says of (world, our chain, our error, their chain) whether it is one.


def is_for_a_person(_, ours, error, theirs):
    asks = any("Sso" in link or "mfa_serial" in link.get("AssumeRole", {}) for link in theirs or [])
    return asks and ours is None and re.search("needs a person|asks a person", error)


def is_login(_, ours, error, theirs):
    return not hasattr(botocore.credentials, "LoginProvider") and ours is None and "login_session" in error


def is_bad_value(_, ours, error, theirs):
    return ours is None and theirs and re.search(r"characters|wants a whole number|too long to be one", error)


def is_blank_value(_, ours, error, theirs):
    return ours is None and theirs and re.search(r"is blank|is missing in the file that has", error)


def is_own_process(world, ours, error, theirs):
    own = any(f"source_profile={name}\n" in world.config + world.credentials for name in "abcd")
    return theirs is None and ours and "CredentialProcess" in ours[0] and "AssumeRole" in ours[-1] and own


def is_too_long(_, ours, error, theirs):
    return ours is None and "more than 16 roles" in error and len(theirs) > 17


def named(name):
    return lambda world, *_: world.name == name


DIFFERENCES = {
    "a person is needed": (is_for_a_person, "a service has nobody to ask for a code or to send to a browser"),
    "a login session": (is_login, "Debian's botocore does not know it yet, and takes what is not meant"),
    "a bad value": (is_bad_value, "botocore leaves it to STS to refuse, or takes a duration for none"),
    "a blank value": (is_blank_value, "botocore signs with blank keys, or takes what was not meant next"),
    "its own source, a process": (is_own_process, "as the SDKs for Rust and Go; botocore wants keys there"),
    "a long chain": (is_too_long, "nobody means it; botocore goes on until the stack ends"),
    # https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html; botocore has Python's grammar instead.
    **{
        name: (named(name), reason)
        for name, reason in {
            "duplicate section": "merged, as other SDKs do; botocore refuses the file",
            "duplicate key": "the last one counts, as in other SDKs; botocore refuses the file",
            "colon": "only = makes a property; Python takes both",
            "comment behind a value": "is no part of it; Python takes whole lines alone",
            "byte order mark": "Windows' editors write it; Python fails",
            "blanks in brackets": "are no part of the name; botocore misses the profile",
            "DEFAULT": "is no section of AWS's; Python has it in each of the others",
            "indented first": "continues nothing, which is an error; Python takes it as a key",
            "profile default": "beats [default] wherever it stands; botocore takes the last",
        }.items()
    },
}


def judge(world, driver, folder):
    """None where both agree, else the difference's name."""
    ours, error = ours_of(world, driver)
    theirs = theirs_of(world, folder)
    if ours == theirs:
        return None
    for name, (applies, _) in DIFFERENCES.items():
        if applies(world, ours, error, theirs):
            return name
    raise AssertionError(f"{world}\nours: {ours} {error}\nbotocore: {theirs}")


# Worlds

KEYS = "aws_access_key_id=A\naws_secret_access_key=SECRET\n"
TWO = "[profile b]\naws_access_key_id=B\naws_secret_access_key=SECRETB\n"
ROLE = f"role_arn={ARN}r\n"
A, B, C = "source_profile=a", "source_profile=b", "source_profile=c"
ENVIRONMENT = "credential_source=Environment"
SOURCES = ["Environment", "Ec2InstanceMetadata", "EcsContainer", "environment", "ECSCONTAINER", "Other"]


def role(name, more):
    return f"[profile {name}]\nrole_arn={ARN}{name}\n{more}\n"


def written():
    yield "nothing", "", ""
    yield "keys", "[profile a]\n" + KEYS, ""
    yield "credentials", "", "[a]\n" + KEYS + "aws_session_token=T\n"
    yield "older token", "", "[a]\n" + KEYS + "aws_security_token=T\naws_session_token=U\n"
    yield "both files", "[profile a]\naws_access_key_id=C\naws_secret_access_key=D\n", "[a]\n" + KEYS
    yield "a token of the other file", "[profile a]\n" + KEYS + "aws_session_token=T\n", "[a]\n" + KEYS
    yield "a half each", "[profile a]\naws_secret_access_key=D\n", "[a]\naws_access_key_id=A\n"
    yield "the other half each", "[profile a]\naws_access_key_id=A\n", "[a]\naws_secret_access_key=D\n"
    yield "half and whole", "[profile a]\n" + KEYS, "[a]\naws_secret_access_key=D\n"
    yield "a secret and a process", "[profile a]\ncredential_process=p\n", "[a]\naws_secret_access_key=D\n"
    yield "an id alone, and a process", "[profile a]\ncredential_process=p\n", "[a]\naws_access_key_id=D\n"
    yield "a process before keys", "[profile a]\ncredential_process=p 'q r'\n" + KEYS, ""
    yield "keys before a process", "[profile a]\ncredential_process=p\n", "[a]\n" + KEYS
    yield "nothing to sign in with", "[profile a]\nregion=x\n", ""
    yield "a role", role("a", B) + TWO, ""
    yield "a role and all it has", role("a", B + "\nexternal_id=e-1\nrole_session_name=n1") + TWO, ""
    yield "a role across files", role("a", B), "[b]\n" + KEYS
    yield "a role in the credentials file", "", f"[a]\n{ROLE}source_profile=b\n[b]\n{KEYS}"
    yield "own keys do not count", role("a", B + "\n" + KEYS) + TWO, ""
    yield "no source", role("a", KEYS), ""
    yield "two sources", role("a", B + "\ncredential_source=Environment") + TWO, ""
    yield "no such source", role("a", B), ""
    yield "a source of nothing", role("a", B) + "[profile b]\nregion=x\n", ""
    yield "half a source", role("a", B) + "[profile b]\naws_access_key_id=A\n", ""
    yield "the other half", role("a", B) + "[profile b]\naws_secret_access_key=S\n", ""
    for name in SOURCES:
        yield f"source {name}", role("a", f"credential_source={name}"), ""
        yield f"source {name} further on", role("a", B) + role("b", f"credential_source={name}"), ""
        yield f"source {name} without a role", f"[profile a]\ncredential_source={name}\n", ""
    yield "three roles", role("a", B) + role("b", C) + f"[profile c]\n{KEYS}", ""
    yield "keys on the way", role("a", B) + role("b", C + "\n" + KEYS) + "[profile c]\n", ""
    yield "half a key on the way", role("a", B) + role("b", ENVIRONMENT + "\naws_access_key_id=A"), ""
    yield "the other half on the way", role("a", B) + role("b", ENVIRONMENT + "\naws_secret_access_key=S"), ""
    yield "a circle", role("a", B) + role("b", A), ""
    yield "a circle, with keys at its start", role("a", B + "\n" + KEYS) + role("b", A), ""
    yield "a circle that keys end", role("a", B) + role("b", A + "\n" + KEYS), ""
    yield "a circle further on", role("a", B) + role("b", C) + role("c", B), ""
    yield "its own source", role("a", A + "\n" + KEYS), ""
    yield "its own source across files", role("a", A), "[a]\n" + KEYS
    yield "its own source without keys", role("a", A), ""
    yield "its own source with half a key", role("a", A + "\naws_access_key_id=A"), ""
    yield "its own source further on", role("a", B) + role("b", B), ""
    yield "its own source, a process", role("a", A + "\ncredential_process=p"), ""
    yield "web identity", role("a", "web_identity_token_file=/t\nrole_session_name=n1"), ""
    yield "web identity before all", role("a", f"web_identity_token_file=/t\n{B}\nmfa_serial=m\n{KEYS}"), ""
    yield "web identity without a role", "[profile a]\nweb_identity_token_file=/t\n" + KEYS, ""
    yield "web identity further on", role("a", B) + role("b", "web_identity_token_file=/t\n" + KEYS), ""
    yield "blank token file", role("a", "web_identity_token_file=\n" + KEYS), ""
    yield "blank keys", "[profile a]\naws_access_key_id=\naws_secret_access_key=\n", ""
    yield "blank secret", "", "[a]\naws_access_key_id=A\naws_secret_access_key=\n"
    yield "blank role", "[profile a]\nrole_arn=\n" + KEYS, ""
    yield "blank source", role("a", "source_profile=\n") + TWO, ""
    yield "blank source beside another", role("a", "source_profile=\ncredential_source=Environment\n"), ""
    yield "blank process", "[profile a]\ncredential_process=\n", ""
    yield "process of quotes", "[profile a]\ncredential_process=''\n", ""
    yield "mfa", role("a", B + "\nmfa_serial=m") + TWO, ""
    yield "mfa on the way", role("a", B) + role("b", "mfa_serial=m\n" + ENVIRONMENT), ""
    sso = "sso_start_url=https://x\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=r\n"
    yield "sso", "[profile a]\n" + sso, ""
    yield "sso before keys", "[profile a]\n" + sso + KEYS, "[a]\n" + KEYS
    yield "half of sso", "[profile a]\nsso_account_id=1\n" + KEYS, ""
    yield "what is no sso yet", "[profile a]\nsso_start_url=https://x\nsso_region=eu-west-1\n" + KEYS, ""
    yield "sso as a source", role("a", B) + "[profile b]\n" + sso, ""
    yield "a role before sso", role("a", B + "\n" + sso) + TWO, ""
    yield "login", "[profile a]\nlogin_session=x\n", ""
    yield "login before a process", "[profile a]\nlogin_session=x\ncredential_process=p\n", ""
    yield "keys before login", "[profile a]\nlogin_session=x\n", "[a]\n" + KEYS
    yield "a role of blanks", f"[profile a]\nrole_arn={ARN}a b\ncredential_source=Environment\n", ""
    yield "a role of two lines", f"[profile a]\nrole_arn={ARN}a\n  b\ncredential_source=Environment\n", ""
    yield "duration", role("a", ENVIRONMENT + "\nduration_seconds=3600"), ""
    yield "no duration", role("a", ENVIRONMENT + "\nduration_seconds=1h"), ""
    yield "session name", role("a", ENVIRONMENT + "\nrole_session_name=a/b"), ""
    yield "external id", role("a", ENVIRONMENT + "\nexternal_id=x"), ""
    yield "a role that is no ARN", "[profile a]\nrole_arn=myrole\ncredential_source=Environment\n", ""
    yield "as long as can be", chain_of_roles(16), ""
    yield "too long", chain_of_roles(17), ""


def chain_of_roles(n):
    names = ["a", *(f"p{i}" for i in range(1, n + 1))]
    roles = [role(names[i], f"source_profile={names[i + 1]}") for i in range(n)]
    return "".join(roles) + f"[profile {names[n]}]\n{KEYS}"


def malformed():
    good = "[profile a]\n" + KEYS
    yield "no equals", good + "nonsense\n", ""
    yield "no section", KEYS, ""
    yield "no bracket", "[profile a\n" + KEYS, ""
    yield "no name", "[]\n" + KEYS, ""
    yield "no key", good + "= x\n", ""
    yield "no prefix", "[a]\n" + KEYS, ""
    yield "a prefix in the credentials file", "", good
    yield "no blank behind the prefix", "[profilea]\n" + KEYS, ""
    yield "two words", "[profile a b]\n" + KEYS, ""
    yield "a quote", '[profile "a]\n' + KEYS, ""
    yield "quotes", '[profile "a"]\n' + KEYS, ""
    yield "a tab", "[profile\ta]\n" + KEYS, ""
    yield "another case", "[Profile a]\n" + KEYS, ""
    yield "keys in upper case", "[profile a]\n" + KEYS.upper().replace("=SECRET", "=S"), ""
    yield "Windows' line ends", good.replace("\n", "\r\n"), ""
    yield "comments", "# c\n; c\n[profile a] # c\n" + KEYS + "# c\n", ""
    yield "signs in values", "[profile a]\naws_access_key_id=A#;B=C\naws_secret_access_key=%(S)s/+=\n", ""
    yield "the credentials file is broken", good, "nonsense"
    yield "nested values", good + "s3 =\n  max_concurrent_requests = 20\n", ""
    yield "nested nonsense", good + "s3 =\n  nonsense\n", ""
    yield "names in another case", "[profile A]\n" + KEYS, ""
    yield "duplicate section", good + "[profile b]\n" + good, ""
    yield "duplicate key", good + "aws_access_key_id=Z\n", ""
    yield "colon", "[profile a]\naws_access_key_id: A\naws_secret_access_key: S\n", ""
    yield "comment behind a value", "[profile a]\naws_access_key_id=A # mine\naws_secret_access_key=S\n", ""
    yield "byte order mark", "\ufeff" + good, ""
    yield "blanks in brackets", "[ profile a ]\n" + KEYS, ""
    yield "DEFAULT", "[DEFAULT]\n" + KEYS + "[profile a]\nregion=x\n", ""
    yield "indented first", "[profile a]\n  aws_access_key_id=A\n  aws_secret_access_key=S\n", ""


def defaults():
    other = "aws_access_key_id=P\naws_secret_access_key=S\n"
    yield "profile default", f"[profile default]\n{other}[default]\n{KEYS}", ""
    yield "profile default last", f"[default]\n{other}[profile default]\n{KEYS}", ""
    yield "default", "[default]\n" + KEYS, ""
    yield "default of the credentials file", "[default]\nregion=x\n", "[default]\n" + KEYS


def some(rng, chance, lines):
    return lines if rng.random() < chance else ""


def invented_profile(rng, names, later):
    """Lines for one profile of the config file and for its namesake in the credentials file."""
    target = rng.choice([*later * 6, *names, "missing"])
    source = rng.choice(["Environment", "Ec2InstanceMetadata", "EcsContainer"] * 3 + ["environment", ""])
    keys = "aws_access_key_id=%s\n" % rng.randrange(9), "aws_secret_access_key=SECRET%s\n" % rng.randrange(9)
    named_source, other = f"source_profile={target}\n", f"credential_source={source}\n"
    meant = rng.choice([named_source] * 4 + [other, "keys", "keys", "process"])
    is_role = "=" in meant
    lines = [
        some(rng, 0.95 if is_role else 0.1, f"role_arn={ARN}{rng.randrange(9)}\n"),
        meant if is_role else some(rng, 0.1, named_source),
        some(rng, 0.03, other) if meant != other else "",
        some(rng, 0.05, "web_identity_token_file=/t\n"),
        some(rng, 0.95 if meant == "keys" else 0.1, keys[0]),
        some(rng, 0.95 if meant == "keys" else 0.1, keys[1]),
        some(rng, 0.95 if meant == "process" else 0.05, f"credential_process=p {rng.randrange(9)}\n"),
        some(rng, 0.03, "sso_account_id=1\nsso_role_name=r\nsso_region=x\nsso_start_url=https://x\n"),
        some(rng, 0.03, "mfa_serial=arn:m\n"),
        some(rng, 0.2, f"external_id={rng.choice(['e-1', 'e:2'] * 5 + ['x'])}\n"),
        some(rng, 0.2, f"role_session_name={rng.choice(['n-1', 'n@2'] * 5 + ['a b'])}\n"),
        some(rng, 0.15, f"duration_seconds={rng.choice([900, 3600, 43200] * 3 + [1, 'x'])}\n"),
        "region=x\n",
    ]
    rng.shuffle(lines)
    # Most of a profile stands in one file.
    share = rng.choice([0, 0, 0, 0, 0.3, 1])
    split = [[], []]
    for line in lines:
        split[rng.random() < share].append(line)
    return "".join(split[0]), "".join(split[1])


def invented(seed):
    rng = random.Random(seed)
    names = ["a", "b", "c", "d"][: rng.choice([1, 2, 3, 4, 4, 4])]
    config = credentials = ""
    for i, name in enumerate(names):
        own, shared = invented_profile(rng, names, names[i + 1 :])
        config += f"[profile {name}]\n{own}"
        credentials += f"[{name}]\n{shared}" if shared else ""
    return World(f"invented {seed}", config, credentials, "a")


WRITTEN = [
    *(World(*row, "a") for row in [*written(), *malformed()]),
    *(World(*row, "default") for row in defaults()),
]
INVENTED = 500


def test_profiles_sign_in_as_botocore_signs_in(driver, quiet_botocore):
    worlds = [*WRITTEN, *(invented(seed) for seed in range(INVENTED))]
    assert len({world.name for world in worlds}) == len(worlds) >= 150
    seen = collections.Counter(judge(world, driver, quiet_botocore) for world in worlds)
    print("\n".join(f"{count:5} {name or 'the same'}" for name, count in seen.most_common()))
    unused = set(DIFFERENCES) - set(seen)
    assert unused <= ({"a login session"} if hasattr(botocore.credentials, "LoginProvider") else set())
    # Not all of it may be errors.
    chains = [ours_of(world, driver)[0] for world in worlds]
    assert sum(chain is not None for chain in chains) > len(worlds) / 5
    assert sum(len(chain or []) > 2 for chain in chains) > 20


@pytest.mark.parametrize("profile, want", [(None, "D"), ("a", "A"), ("default", "D")])
def test_the_profile_is_the_one_asked_for_or_that_of_the_environment(driver, profile, want):
    config = "[default]\naws_access_key_id=D\naws_secret_access_key=S\n[profile a]\n" + KEYS
    for given in [{"profile": profile}, {"env": {"AWS_PROFILE": profile}} if profile else {}]:
        answer = driver.ask("profile_chain", **{"config": config, "env": {}, **given})
        assert answer["chain"][0]["AccessKey"]["access_key_id"] == want


def test_both_texts_may_be_one_object(driver):
    texts = {"config": "[profile a]\n" + ROLE + "source_profile=b\n", "credentials": "[b]\n" + KEYS}
    answer = driver.ask("profile_chain", config=texts, profile="a", env={})
    assert [list(link) for link in answer["chain"]] == [["AccessKey"], ["AssumeRole"]]


# Where the files are

LOCATIONS = [
    {"HOME": "/home/x"},
    {"HOME": "/home/x/"},
    {"HOME": "/"},
    {"HOME": "/home/x", "AWS_PROFILE": "p"},
    {"HOME": "/home/x", "AWS_CONFIG_FILE": "/etc/c"},
    {"HOME": "/home/x", "AWS_SHARED_CREDENTIALS_FILE": "/etc/k"},
    {"HOME": "/home/x", "AWS_CONFIG_FILE": "~/c", "AWS_SHARED_CREDENTIALS_FILE": "~/k"},
    {"HOME": "/home/x", "AWS_CONFIG_FILE": "/a/~/c", "AWS_SHARED_CREDENTIALS_FILE": "k"},
    {"HOME": "/home/x", "USERPROFILE": "C:\\x", "HOMEDRIVE": "D:"},
]
# Blank counts as unset; home is the environment's alone; AWS_DEFAULT_PROFILE is botocore's alone.
OTHER_LOCATIONS = [
    ({"HOME": "/home/x", "AWS_CONFIG_FILE": "", "AWS_PROFILE": " "}, ("/home/x/.aws/config", "default")),
    ({"AWS_CONFIG_FILE": "~/c"}, ("~/c", "default")),
    ({}, (None, "default")),
    ({"HOME": "/home/x", "AWS_DEFAULT_PROFILE": "d"}, ("/home/x/.aws/config", "default")),
    ({"HOME": "/home/x", "AWS_DEFAULT_PROFILE": "d", "AWS_PROFILE": "p"}, ("/home/x/.aws/config", "p")),
]


@pytest.mark.parametrize("env", LOCATIONS, ids=str)
def test_files_are_looked_for_where_botocore_looks_for_them(driver, monkeypatch, env):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    session = botocore.session.Session()
    theirs = {
        "config": os.path.expanduser(session.get_config_variable("config_file")),
        "credentials": os.path.expanduser(session.get_config_variable("credentials_file")),
        "profile": session.instance_variables().get("profile") or env.get("AWS_PROFILE", "default"),
    }
    assert driver.ask("profile_locations", env=env) == theirs


@pytest.mark.parametrize("env, want", OTHER_LOCATIONS, ids=str)
def test_files_that_botocore_looks_for_elsewhere(driver, env, want):
    answer = driver.ask("profile_locations", env=env)
    assert (answer["config"], answer["profile"]) == want
