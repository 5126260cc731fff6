# SPDX-License-Identifier: Apache-2.0

"""
Endpoints: every Region that botocore knows, by its own rules; and which endpoint of one's own counts

The rules are botocore's; the partitions are, too, brought up to date by NEWER where its data are older.
"""

import copy
import itertools

import botocore.configprovider
import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
import pytest

from driver import Driver

SERVICES = ["auditmanager", "sts"]

# Partitions as AWS has them in 2026: Debian 12's data (1.29) lack three, and have two without dual-stack.
NEWER = {
    "aws-iso": (r"^us\-iso\-\w+\-\d+$", "c2s.ic.gov", "api.aws.ic.gov"),
    "aws-iso-b": (r"^us\-isob\-\w+\-\d+$", "sc2s.sgov.gov", "api.aws.scloud"),
    "aws-iso-e": (r"^eu\-isoe\-\w+\-\d+$", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    "aws-iso-f": (r"^us\-isof\-\w+\-\d+$", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    "aws-eusc": (r"^eusc\-(de)\-\w+\-\d+$", "amazonaws.eu", "api.amazonwebservices.eu"),
}
NEWER_REGIONS = ["ca-west-1", "il-central-1", "mx-central-1", "ap-southeast-7", "ap-east-2", "us-isob-west-1",
                 "us-isof-south-1", "us-isof-east-1", "eu-isoe-west-1", "eusc-de-east-1", "aws-iso-e-global",
                 "aws-iso-f-global"]  # fmt: skip
UNKNOWN_REGIONS = ["xx-moon-1", "us-east-99", "cn-moon-1", "cn-moon", "us-gov-moon-2", "us-gov-1", "us-iso-1",
                   "us-isox-east-1", "eusc-fr-east-1", "eusc-de-east", "eu-isoe-a-b-1", "me-1", "a", "x9",
                   "aws", "global", "aws-global-1", "us-east-1a", "fips-us-east-1", "us-east-1-fips",
                   "a" * 63]  # fmt: skip
# No label of a host's name, or none of a Region's. botocore refuses most of them before it asks the rules,
# which do not look.
NO_REGIONS = ["", "-a", "a-", "cn-", "us_east_1", "us-east-1.", "us-east-1/", "a@b", "a b", "é", "123",
              "a" * 64, "US-EAST-1", "us-east-1\n", "..", "%2e"]  # fmt: skip


@pytest.fixture(scope="module")
def driver():
    with Driver() as d:
        yield d
        assert d.stop() == 0


def load_partitions():
    data = copy.deepcopy(botocore.loaders.Loader().load_data("partitions"))
    known = {partition["id"]: partition for partition in data["partitions"]}
    for name, (regex, suffix, dual_suffix) in NEWER.items():
        outputs = {"name": name, "dnsSuffix": suffix, "dualStackDnsSuffix": dual_suffix, "supportsFIPS": True,
                   "supportsDualStack": True}  # fmt: skip
        if name not in known:
            regions = {f"{name}-global": {}} if name != "aws-eusc" else {}
            known[name] = {"id": name, "regionRegex": regex, "regions": regions, "outputs": outputs}
            data["partitions"].append(known[name])
            continue
        # What is there already may be older than this, and must not be other than this.
        assert known[name]["regionRegex"] == regex and known[name]["outputs"]["dnsSuffix"] == suffix
        if known[name]["outputs"]["supportsDualStack"]:
            assert known[name]["outputs"]["dualStackDnsSuffix"] == dual_suffix
        known[name]["outputs"] = {**known[name]["outputs"], **outputs}
    return data


def all_regions():
    loader = botocore.loaders.Loader()
    partitions = {name for one in loader.load_data("partitions")["partitions"] for name in one["regions"]}
    endpoints = {name for one in loader.load_data("endpoints")["partitions"] for name in one["regions"]}
    assert len(endpoints) >= 30 and "eu-west-1" in partitions
    return sorted({*partitions, *endpoints, *NEWER_REGIONS, *UNKNOWN_REGIONS})


@pytest.fixture(scope="module")
def rules():
    partitions = load_partitions()
    loader = botocore.loaders.Loader()
    return {
        service: botocore.endpoint_provider.EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"), partitions
        )
        for service in SERVICES
    }


def theirs_of(rules, service, region, use_fips, use_dualstack, endpoint):
    parameters = {"Region": region, "UseFIPS": use_fips, "UseDualStack": use_dualstack, "Endpoint": endpoint}
    if service == "sts":
        parameters["UseGlobalEndpoint"] = False
    given = {name: value for name, value in parameters.items() if value is not None}
    try:
        resolved = rules[service].resolve_endpoint(**given)
    except botocore.exceptions.EndpointProviderError:
        return None
    scheme = resolved.properties.get("authSchemes", [{}])[0]
    return {
        "url": resolved.url.rstrip("/"),
        "signing_region": scheme.get("signingRegion", region),
        "signing_name": scheme.get("signingName", service),
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_region_answers_where_botocore_says(driver, rules, service):
    regions, own = all_regions(), [None, "https://vpce-1.example.com:8443/base", "http://127.0.0.1:4566"]
    refused = 0
    for region, fips, dual, endpoint in itertools.product(regions, [False, True], [False, True], own):
        answer = driver.ask(
            "endpoint", service=service, region=region, use_fips=fips, use_dualstack=dual, endpoint=endpoint
        )
        theirs = theirs_of(rules, service, region, fips, dual, endpoint)
        where = (service, region, fips, dual, endpoint, answer)
        refused += theirs is None
        assert (answer if theirs else answer.get("error")) == (theirs or answer["error"]), where
    # An endpoint of one's own goes with neither FIPS nor dual-stack, and nothing else is refused.
    assert refused == len(regions) * 3 * 2


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("region", [*NO_REGIONS, None])
def test_what_is_no_region_makes_no_host(driver, service, region):
    for fips, dual in itertools.product([False, True], repeat=2):
        answer = driver.ask("endpoint", service=service, region=region, use_fips=fips, use_dualstack=dual)
        assert answer == {"error": "there is no valid Region"}


@pytest.mark.parametrize(
    "endpoint, want",
    [("https://A.example.com:443/x//", "https://a.example.com/x"), ("http://[::1]", "http://[::1]"),
     ("http://localhost:1", "http://localhost:1"), ("http://example.com", None),
     ("http://127.0.0.1.com", None), ("ftp://127.0.0.1", None), ("https://u:p@example.com", None),
     ("https://example.com/?a=b", None), ("https://", None), ("example.com", None), ("", None)],
)  # fmt: skip
def test_an_endpoint_of_ones_own_wants_https(driver, endpoint, want):
    # botocore takes all that a URL can be; a service that signs and sends credentials does not.
    for service in SERVICES:
        answer = driver.ask("endpoint", service=service, region="eu-west-1", endpoint=endpoint)
        assert answer.get("url") == want, answer


def test_sts_is_asked_in_its_region(driver):
    region = "us-east-1"
    assert "unsupported" in driver.ask("endpoint", service="sts", region=region, use_global_endpoint=True)
    assert "unsupported" in driver.ask("endpoint", service="s3", region=region)


# Endpoints of one's own, configured. The rules are of
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html; blank counts as unset.

OFF = "ignore_configured_endpoint_urls"
CONFIGURED = list(
    itertools.product(
        [None, "", "https://service.env"],
        [None, "https://all.env"],
        [None, "", "true", "TRUE", "false", "1"],
        [None, "https://service.profile"],
        [None, "https://all.profile"],
        [None, "true", "false"],
        [None, "https://client"],
        [None, True, False],
    )
)


def is_ignored(env_off, profile_off, client_off):
    """The nearest that says anything at all."""
    if client_off is not None:
        return client_off
    return ((env_off or None) or profile_off or "").lower() == "true"


def by_the_page(service_env, all_env, env_off, service_profile, all_profile, profile_off, client, client_off):
    if client:
        return client
    if is_ignored(env_off, profile_off, client_off):
        return None
    return service_env or all_env or service_profile or all_profile


def by_botocore(service, env, config, client, ignored):
    """As its clients do: the caller's own, else, unless switched off, what its provider finds."""
    if client or ignored:
        return client
    provider = botocore.configprovider.ConfiguredEndpointProvider(
        full_config=config, scoped_config=config["profiles"]["p"], client_name=service, environ=env
    )
    return provider.provide()


def present(values):
    return {name: value for name, value in values.items() if value is not None}


def world(service, case):
    service_env, all_env, env_off, service_profile, all_profile, profile_off, client, client_off = case
    env = {
        f"AWS_ENDPOINT_URL_{service.upper()}": service_env,
        "AWS_ENDPOINT_URL": all_env,
        "AWS_" + OFF.upper(): env_off,
    }
    profile = {"services": "s" if service_profile else None, "endpoint_url": all_profile, OFF: profile_off}
    sections = {"s": {service: {"endpoint_url": service_profile}, "s3": {"endpoint_url": "https://s3"}}}
    return present(env), present(profile), sections, present({"endpoint_url": client, OFF: client_off})


def write_config(profile, sections):
    lines = ["[profile p]", *(f"{name} = {value}" for name, value in profile.items())]
    for name, services in sections.items():
        lines.append(f"[services {name}]")
        for service, settings in services.items():
            lines += [f"{service} =", *(f"  {key} = {value}" for key, value in settings.items())]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("service", SERVICES)
def test_the_nearest_configured_endpoint_counts(driver, service):
    # Debian 12's botocore is older than this setting; where there is a newer one, it is asked as well.
    has_botocore = hasattr(botocore.configprovider, "ConfiguredEndpointProvider")
    for case in CONFIGURED:
        env, profile, sections, client = world(service, case)
        answer = driver.ask(
            "configured_endpoint",
            service=service,
            profile="p",
            config=write_config(profile, sections if "services" in profile else {}),
            env=env,
            client=client,
            region="eu-west-1",
        )
        want = by_the_page(*case)
        if has_botocore:
            config = {"profiles": {"p": profile}, "services": sections}
            ignored = is_ignored(case[2], case[5], case[7])
            assert by_botocore(service, env, config, case[6], ignored) == want, case
        url = want or f"https://{service}.eu-west-1.amazonaws.com"
        assert answer == {"url": url, "signing_region": "eu-west-1", "signing_name": service}, case


FIPS = "[profile p]\nuse_fips_endpoint = true\n"
SECTIONS = "[services s]\nsts =\n  endpoint_url = https://section\n"


@pytest.mark.parametrize(
    "config, env, want",
    [
        ("[profile p]\nservices = t\n" + SECTIONS, {}, None),
        ("[profile p]\nservices = t\nendpoint_url = https://p\n", {}, None),
        ("[profile p]\nservices = t\n", {"AWS_ENDPOINT_URL": "https://e"}, "https://e"),
        ("[profile p]\nservices = s\n" + SECTIONS, {}, "https://section"),
        ("[profile q]\nservices = s\n" + SECTIONS, {}, "https://sts.us-west-2.amazonaws.com"),
        ("[profile p]\nservices = s\n[services s]\nsts =\n  endpoint_url = http://x.example\n", {}, None),
        ("[profile p]\nnonsense\n", {}, None),
        (FIPS, {}, "https://sts-fips.us-west-2.amazonaws.com"),
        (FIPS, {"AWS_USE_FIPS_ENDPOINT": "no"}, "https://sts.us-west-2.amazonaws.com"),
        ("[profile p]\nuse_dualstack_endpoint = true\n", {}, "https://sts.us-west-2.api.aws"),
        ("[profile p]\nendpoint_url = https://p\n", {"AWS_USE_FIPS_ENDPOINT": "true"}, None),
        ("[profile p]\nendpoint_url = https://p\n", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, None),
    ],
)  # fmt: skip
def test_what_a_profile_says_of_endpoints_is_followed_or_refused(driver, config, env, want):
    for given in [{"profile": "p", "env": env}, {"env": {**env, "AWS_PROFILE": "p"}}]:
        given = {**given, "service": "sts", "region": "us-west-2", "client": {}}
        answer = driver.ask("configured_endpoint", config=config, **given)
        assert answer.get("url") == want, answer
        assert set(answer) == ({"url", "signing_region", "signing_name"} if want else {"error"})
