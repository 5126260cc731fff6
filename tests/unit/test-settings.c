/* SPDX-License-Identifier: Apache-2.0 */

/* The settings: each refusal with its line, and what good files come out as. */

#include "model/policy.h"
#include "test-load.h"
#include "util/time.h"

/* A good source, for what is not about sources; and one that may be added to. */
#define G "sources: {g: {account: \"111122223333\", region: us-east-1}}\n"
#define SOURCE                                                                                     \
        "sources:\n"                                                                               \
        "  g:\n"                                                                                   \
        "    account: \"111122223333\"\n"                                                          \
        "    region: us-east-1\n"
#define ROLE "    role_arn: arn:aws:iam::111122223333:role/"

/* No line: it loads. A note is no fault. */
static const struct {
        const char *name;
        const char *text;
        const char *lines;
} cases[] = {
        { "minimal", G, "" },
        { "empty-mappings",
                        G "policy: {}\n"
                          "limits: {}\n",
                        "" },
        { "sources/missing", "mode: observe\n",
                        "F:1:1: sources: missing; want the accounts that own frameworks, one or "
                        "more\n" },
        { "sources/null", "sources:\n", "F:1:9: sources: want a mapping; found nothing\n" },
        { "sources/none", "sources: {}\n", "F:1:10: sources: 0 sources; want 1 to 1000\n" },
        { "sources/list", "sources: [g]\n", "F:1:10: sources: want a mapping; found a list\n" },
        { "sources/twice",
                        "sources:\n"
                        "  g: {account: \"111122223333\", region: us-east-1}\n"
                        "  h: {account: \"111122223333\", region: us-east-2}\n"
                        "  g: {account: \"111122223334\", region: us-east-1}\n",
                        "F:4:3: sources.g: given twice; first at F:2:3\n" },
        { "sources/same-listing",
                        "sources:\n"
                        "  g: {account: \"111122223333\", region: us-east-1}\n"
                        "  h: {account: \"111122223333\", region: us-east-1}\n",
                        "F:3:16: sources.h.account: account and Region of the source g at F:2:3 "
                        "too; want one "
                        "source for both\n" },
        { "sources/other-region",
                        "sources:\n"
                        "  g: {account: \"111122223333\", region: us-east-1}\n"
                        "  h: {account: \"111122223333\", region: us-east-2}\n",
                        "" },
        { "name/empty",
                        "sources:\n"
                        "  \"\": {account: \"111122223333\", region: us-east-1}\n",
                        "F:2:3: sources[\"\"]: \"\" is no name of a source; want 1 to 64 of A-Z "
                        "a-z 0-9 _ . -\n" },
        { "name/letters",
                        "sources:\n"
                        "  a b: {account: \"111122223333\", region: us-east-1}\n",
                        "F:2:3: sources[\"a b\"]: \"a b\" is no name of a source; want 1 to 64 of "
                        "A-Z a-z 0-9 "
                        "_ . -\n" },
        { "name/number",
                        "sources:\n"
                        "  7: {account: \"111122223333\", region: us-east-1}\n",
                        "" },
        { "name/merge-key",
                        "sources:\n"
                        "  g: &g {account: \"111122223333\", region: us-east-1}\n"
                        "  <<: *g\n",
                        "F:3:3: sources[\"<<\"]: unknown key; YAML 1.2 has no merge key, write the "
                        "keys out or "
                        "use an alias\n" },
        { "name/list",
                        "sources:\n"
                        "  ? [a]\n"
                        "  : {account: \"111122223333\", region: us-east-1}\n"
                        "  g: {account: \"111122223334\", region: us-east-1}\n",
                        "F:2:5: sources: a list or a mapping as a key; want a word\n" },
        { "source/null",
                        "sources:\n"
                        "  g:\n",
                        "F:2:5: sources.g: want a mapping; found nothing\n" },
        { "source/empty",
                        "sources:\n"
                        "  g: {}\n",
                        "F:2:6: sources.g.account: missing; want the 12 digits of the account that "
                        "owns the "
                        "frameworks\n"
                        "F:2:6: sources.g.region: missing; want the Region where the frameworks "
                        "live\n" },
        { "source/text",
                        "sources:\n"
                        "  g: governance\n",
                        "F:2:6: sources.g: want a mapping; found a text\n" },
        { "source/unknown-key", SOURCE "    acount: x\n",
                        "F:5:5: sources.g.acount: unknown key; did you mean \"account\"?\n" },
        { "source/unknown-key-far", SOURCE "    zzz: x\n",
                        "F:5:5: sources.g.zzz: unknown key; want one of \"account\", \"region\", "
                        "\"role_arn\", "
                        "\"external_id\", \"profile\", \"endpoint_url\", \"sts_endpoint_url\", "
                        "\"use_fips_endpoint\", \"use_dualstack_endpoint\", \"ca_bundle\"\n" },
        { "source/merge-key", SOURCE "    <<: {profile: a}\n",
                        "F:5:5: sources.g[\"<<\"]: unknown key; YAML 1.2 has no merge key, write "
                        "the keys out "
                        "or use an alias\n" },
        { "source/key-twice",
                        SOURCE "    profile: a\n"
                               "    profile: b\n",
                        "F:6:5: sources.g.profile: given twice; first at F:5:5\n" },
        { "account/missing", "sources: {g: {region: us-east-1}}\n",
                        "F:1:14: sources.g.account: missing; want the 12 digits of the account "
                        "that owns the "
                        "frameworks\n" },
        { "account/too-short", "sources: {g: {account: \"11112222333\", region: us-east-1}}\n",
                        "F:1:24: sources.g.account: want an account of 12 digits; found "
                        "\"11112222333\"\n" },
        { "account/too-long", "sources: {g: {account: \"1111222233334\", region: us-east-1}}\n",
                        "F:1:24: sources.g.account: want an account of 12 digits; found "
                        "\"1111222233334\"\n" },
        { "account/letters", "sources: {g: {account: 11112222333x, region: us-east-1}}\n",
                        "F:1:24: sources.g.account: want an account of 12 digits; found "
                        "\"11112222333x\"\n" },
        { "account/null", "sources: {g: {account: , region: us-east-1}}\n",
                        "F:1:24: sources.g.account: want an account of 12 digits; found "
                        "nothing\n" },
        { "account/list", "sources: {g: {account: [\"111122223333\"], region: us-east-1}}\n",
                        "F:1:24: sources.g.account: want an account of 12 digits; found a list\n" },
        { "account/unquoted", "sources: {g: {account: 012345678901, region: us-east-1}}\n",
                        "F:1:24: sources.g.account: note: an account without quotes; put it in "
                        "quotes, other "
                        "YAML tools read a number\n" },
        { "account/tagged", "sources: {g: {account: !!str 012345678901, region: us-east-1}}\n",
                        "" },
        { "region/missing", "sources: {g: {account: \"111122223333\"}}\n",
                        "F:1:14: sources.g.region: missing; want the Region where the frameworks "
                        "live\n" },
        { "region/near", "sources: {g: {account: \"111122223333\", region: us-east-3}}\n",
                        "F:1:48: sources.g.region: \"us-east-3\" is not a Region of Audit Manager; "
                        "want one of \"ap-northeast-1\", \"ap-south-1\", \"ap-southeast-1\", "
                        "\"ap-southeast-2\", "
                        "\"ca-central-1\", \"eu-central-1\", \"eu-west-1\", \"eu-west-2\", "
                        "\"us-east-1\", \"us-east-2\", \"us-west-1\", \"us-west-2\"; "
                        "did you "
                        "mean \"us-east-1\"?\n" },
        { "region/far", "sources: {g: {account: \"111122223333\", region: Frankfurt}}\n",
                        "F:1:48: sources.g.region: \"Frankfurt\" is not a Region of Audit Manager; "
                        "want one of "
                        "\"ap-northeast-1\", \"ap-south-1\", \"ap-southeast-1\", "
                        "\"ap-southeast-2\", "
                        "\"ca-central-1\", \"eu-central-1\", \"eu-west-1\", \"eu-west-2\", "
                        "\"us-east-1\", "
                        "\"us-east-2\", \"us-west-1\", \"us-west-2\"\n" },
        { "region/null", "sources: {g: {account: \"111122223333\", region: ~}}\n",
                        "F:1:48: sources.g.region: want a Region such as eu-west-1; found "
                        "nothing\n" },
        { "region/list", "sources: {g: {account: \"111122223333\", region: [us-east-1]}}\n",
                        "F:1:48: sources.g.region: want a Region such as eu-west-1; found a "
                        "list\n" },
        { "role_arn/ok", SOURCE "    role_arn: arn:aws:iam::111122223333:role/x\n", "" },
        { "role_arn/user", SOURCE "    role_arn: arn:aws:iam::111122223333:user/x\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::111122223333:user/x\"\n" },
        { "role_arn/service", SOURCE "    role_arn: arn:aws:sts::111122223333:role/x\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:sts::111122223333:role/x\"\n" },
        { "role_arn/partition", SOURCE "    role_arn: arn:aws-cn:iam::111122223333:role/x\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws-cn:iam::111122223333:role/x\"\n" },
        { "role_arn/account", SOURCE "    role_arn: arn:aws:iam::11112222333:role/x\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::11112222333:role/x\"\n" },
        { "role_arn/no-name", SOURCE "    role_arn: arn:aws:iam::111122223333:role/\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::111122223333:role/\"\n" },
        { "role_arn/no-name-in-path", SOURCE "    role_arn: arn:aws:iam::111122223333:role/p/\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::111122223333:role/p/\"\n" },
        { "role_arn/letters", SOURCE "    role_arn: arn:aws:iam::111122223333:role/x$\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::111122223333:role/x$\"\n" },
        { "role_arn/short", SOURCE "    role_arn: arn:aws:iam::1\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; found "
                        "\"arn:aws:iam::1\"\n" },
        { "role_arn/path", SOURCE "    role_arn: arn:aws:iam::111122223333:role/a/b/c\n", "" },
        { "role_arn/other-account", SOURCE "    role_arn: arn:aws:iam::999922223333:role/x\n",
                        "F:5:15: sources.g.role_arn: note: a role of another account than "
                        "111122223333; "
                        "whoever signs in with it will be refused\n" },
        { "role_arn/number", SOURCE "    role_arn: 7\n",
                        "F:5:15: sources.g.role_arn: want a text; found a number, put it in "
                        "quotes\n" },
        { "external_id/empty", SOURCE "    external_id: \"\"\n",
                        "F:5:18: sources.g.external_id: the text is empty; write one, or leave the "
                        "key out\n" },
        { "external_id/number", SOURCE "    external_id: 42\n",
                        "F:5:18: sources.g.external_id: want a text; found a number, put it in "
                        "quotes\n" },
        { "profile/empty", SOURCE "    profile: ''\n",
                        "F:5:14: sources.g.profile: the text is empty; write one, or leave the key "
                        "out\n" },
        { "profile/null", SOURCE "    profile:\n",
                        "F:5:13: sources.g.profile: want a text; found nothing\n" },
        { "profile/bool", SOURCE "    profile: true\n",
                        "F:5:14: sources.g.profile: want a text; found true or false, put it in "
                        "quotes\n" },
        { "profile/float", SOURCE "    profile: 1.5\n",
                        "F:5:14: sources.g.profile: want a text; found a number, put it in "
                        "quotes\n" },
        { "endpoint_url/https",
                        SOURCE "    endpoint_url: "
                               "https://vpce-1.auditmanager.us-east-1.vpce.amazonaws.com\n",
                        "" },
        { "endpoint_url/https-port", SOURCE "    endpoint_url: HTTPS://example.com:8443/a/b\n",
                        "" },
        { "endpoint_url/http-loopback", SOURCE "    endpoint_url: http://127.8.9.1:80\n", "" },
        { "endpoint_url/http-localhost", SOURCE "    endpoint_url: http://LocalHost:80/\n", "" },
        { "endpoint_url/http-loopback-six", SOURCE "    endpoint_url: http://[::1]:8080\n", "" },
        { "endpoint_url/http", SOURCE "    endpoint_url: http://example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"http://example.com\": http:// is for "
                        "this host "
                        "only; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/http-prefix", SOURCE "    endpoint_url: http://127.0.0.1.example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"http://127.0.0.1.example.com\": http:// "
                        "is for this "
                        "host only; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/http-short-address", SOURCE "    endpoint_url: http://127.1\n",
                        "F:5:19: sources.g.endpoint_url: \"http://127.1\": its host is neither a "
                        "name nor an "
                        "address; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/http-localhost-prefix",
                        SOURCE "    endpoint_url: http://localhost.example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"http://localhost.example.com\": http:// "
                        "is for this "
                        "host only; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/http-six", SOURCE "    endpoint_url: http://[::2]\n",
                        "F:5:19: sources.g.endpoint_url: \"http://[::2]\": http:// is for this "
                        "host only; want "
                        "https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/scheme", SOURCE "    endpoint_url: ftp://example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"ftp://example.com\": it does not begin "
                        "with "
                        "https://; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/no-scheme", SOURCE "    endpoint_url: example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"example.com\": it does not begin with "
                        "https://; "
                        "want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/no-host", SOURCE "    endpoint_url: https://\n",
                        "F:5:19: sources.g.endpoint_url: \"https://\": it has no host; want "
                        "https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/no-host-path", SOURCE "    endpoint_url: https:///x\n",
                        "F:5:19: sources.g.endpoint_url: \"https:///x\": it has no host; want "
                        "https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/no-host-port", SOURCE "    endpoint_url: https://:1\n",
                        "F:5:19: sources.g.endpoint_url: \"https://:1\": it has no host; want "
                        "https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/user", SOURCE "    endpoint_url: http://user@127.0.0.1\n",
                        "F:5:19: sources.g.endpoint_url: \"http://user@127.0.0.1\": it has user "
                        "information; "
                        "want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/user-trick", SOURCE "    endpoint_url: http://127.0.0.1@example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"http://127.0.0.1@example.com\": it has "
                        "user "
                        "information; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/query", SOURCE "    endpoint_url: https://example.com/?a\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com/?a\": it has a "
                        "query or a "
                        "fragment; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/fragment", SOURCE "    endpoint_url: https://example.com#a\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com#a\": it has a query "
                        "or a "
                        "fragment; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/blank", SOURCE "    endpoint_url: https://exa mple.com\n",
                        "F:5:19: sources.g.endpoint_url: \"https://exa mple.com\": it has "
                        "characters that a "
                        "URL cannot have; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/letters", SOURCE "    endpoint_url: https://exämple.com\n",
                        "F:5:19: sources.g.endpoint_url: \"https://exämple.com\": it has "
                        "characters that a URL "
                        "cannot have; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/backslash", SOURCE "    endpoint_url: http://127.0.0.1\\@example.com\n",
                        "F:5:19: sources.g.endpoint_url: \"http://127.0.0.1\\@example.com\": it "
                        "has characters "
                        "that a URL cannot have; want https://HOST[:PORT], http:// on loopback "
                        "only\n" },
        { "endpoint_url/host", SOURCE "    endpoint_url: https://a..b\n",
                        "F:5:19: sources.g.endpoint_url: \"https://a..b\": its host is neither a "
                        "name nor an "
                        "address; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/host-dash", SOURCE "    endpoint_url: https://-a\n",
                        "F:5:19: sources.g.endpoint_url: \"https://-a\": its host is neither a "
                        "name nor an "
                        "address; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/brackets", SOURCE "    endpoint_url: https://[::1\n",
                        "F:5:19: sources.g.endpoint_url: \"https://[::1\": its host is neither a "
                        "name nor an "
                        "address; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/brackets-name", SOURCE "    endpoint_url: https://[localhost]\n",
                        "F:5:19: sources.g.endpoint_url: \"https://[localhost]\": its host is "
                        "neither a name "
                        "nor an address; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/port-0", SOURCE "    endpoint_url: https://example.com:0\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com:0\": its port is "
                        "not a number "
                        "from 1 to 65535; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/port-large", SOURCE "    endpoint_url: https://example.com:65536\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com:65536\": its port "
                        "is not a "
                        "number from 1 to 65535; want https://HOST[:PORT], http:// on loopback "
                        "only\n" },
        { "endpoint_url/port-long", SOURCE "    endpoint_url: https://example.com:0000443\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com:0000443\": its port "
                        "is not a "
                        "number from 1 to 65535; want https://HOST[:PORT], http:// on loopback "
                        "only\n" },
        { "endpoint_url/port-empty", SOURCE "    endpoint_url: \"https://example.com:\"\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com:\": its port is not "
                        "a number "
                        "from 1 to 65535; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/port-letters", SOURCE "    endpoint_url: https://example.com:x\n",
                        "F:5:19: sources.g.endpoint_url: \"https://example.com:x\": its port is "
                        "not a number "
                        "from 1 to 65535; want https://HOST[:PORT], http:// on loopback only\n" },
        { "endpoint_url/null", SOURCE "    endpoint_url:\n",
                        "F:5:18: sources.g.endpoint_url: want a text; found nothing\n" },
        { "sts_endpoint_url/http", SOURCE "    sts_endpoint_url: http://sts.example.com\n",
                        "F:5:23: sources.g.sts_endpoint_url: \"http://sts.example.com\": http:// "
                        "is for this "
                        "host only; want https://HOST[:PORT], http:// on loopback only\n" },
        { "sts_endpoint_url/loopback", SOURCE "    sts_endpoint_url: http://localhost:1\n", "" },
        { "ca_bundle/relative", SOURCE "    ca_bundle: ca.pem\n",
                        "F:5:16: sources.g.ca_bundle: want a path from the root, such as "
                        "/etc/ssl/ca.pem; "
                        "found \"ca.pem\"\n" },
        { "fips/ok", SOURCE "    use_fips_endpoint: true\n", "" },
        { "fips/region",
                        "sources: {g: {account: \"111122223333\", region: eu-west-1, "
                        "use_fips_endpoint: "
                        "true}}\n",
                        "F:1:78: sources.g.use_fips_endpoint: eu-west-1 has no FIPS endpoint; "
                        "those that have "
                        "one are us-east-1, us-east-2, us-west-1, us-west-2\n" },
        { "fips/region-false",
                        "sources: {g: {account: \"111122223333\", region: eu-west-1, "
                        "use_fips_endpoint: "
                        "false}}\n",
                        "" },
        { "fips/endpoint",
                        SOURCE "    use_fips_endpoint: true\n"
                               "    endpoint_url: https://example.com\n",
                        "F:5:24: sources.g.use_fips_endpoint: no use beside endpoint_url; leave "
                        "one of them "
                        "out\n" },
        { "dualstack/endpoint",
                        SOURCE "    use_dualstack_endpoint: true\n"
                               "    endpoint_url: https://example.com\n",
                        "F:5:29: sources.g.use_dualstack_endpoint: no use beside endpoint_url; "
                        "leave one of "
                        "them out\n" },
        { "fips/endpoint-false",
                        SOURCE "    use_fips_endpoint: false\n"
                               "    endpoint_url: https://example.com\n",
                        "" },
        { "bool/yes", SOURCE "    use_fips_endpoint: yes\n",
                        "F:5:24: sources.g.use_fips_endpoint: want true or false; found "
                        "\"yes\"\n" },
        { "bool/off", SOURCE "    use_fips_endpoint: off\n",
                        "F:5:24: sources.g.use_fips_endpoint: want true or false; found "
                        "\"off\"\n" },
        { "bool/quoted", SOURCE "    use_fips_endpoint: \"true\"\n",
                        "F:5:24: sources.g.use_fips_endpoint: want true or false without quotes; "
                        "found "
                        "\"true\"\n" },
        { "bool/number", SOURCE "    use_fips_endpoint: 1\n",
                        "F:5:24: sources.g.use_fips_endpoint: want true or false; found \"1\"\n" },
        { "bool/null", SOURCE "    use_fips_endpoint:\n",
                        "F:5:23: sources.g.use_fips_endpoint: want true or false; found "
                        "nothing\n" },
        { "bool/mapping", SOURCE "    use_fips_endpoint: {}\n",
                        "F:5:24: sources.g.use_fips_endpoint: want true or false; found a "
                        "mapping\n" },
        { "mode/unknown", G "mode: enforced\n",
                        "F:2:7: mode: unknown value \"enforced\"; did you mean \"enforce\"?\n" },
        { "mode/far", G "mode: dry-run\n",
                        "F:2:7: mode: unknown value \"dry-run\"; want one of \"enforce\", "
                        "\"observe\"\n" },
        { "mode/null", G "mode:\n",
                        "F:2:6: mode: found nothing; want one of \"enforce\", \"observe\"\n" },
        { "mode/list", G "mode: [enforce]\n",
                        "F:2:7: mode: found a list; want one of \"enforce\", \"observe\"\n" },
        { "interval/number", G "interval: 90\n", "" },
        { "interval/0", G "interval: 0\n",
                        "F:2:11: interval: want a time span longer than 0; found \"0\"\n" },
        { "interval/0s", G "interval: 0s\n",
                        "F:2:11: interval: want a time span longer than 0; found \"0s\"\n" },
        { "interval/-5s", G "interval: -5s\n",
                        "F:2:11: interval: want a time span such as 90s or 1h 30min; found "
                        "\"-5s\"\n" },
        { "interval/5 parsecs", G "interval: 5 parsecs\n",
                        "F:2:11: interval: want a time span such as 90s or 1h 30min; found \"5 "
                        "parsecs\"\n" },
        { "interval/1001y", G "interval: 1001y\n",
                        "F:2:11: interval: want a time span of less than 1000 years; found "
                        "\"1001y\"\n" },
        { "interval/null", G "interval: \n",
                        "F:2:10: interval: want a time span such as 90s or 1h 30min; found "
                        "nothing\n" },
        { "interval/[1s]", G "interval: [1s]\n",
                        "F:2:11: interval: want a time span such as 90s or 1h 30min; found a "
                        "list\n" },
        { "interval/''", G "interval: \"\"\n",
                        "F:2:11: interval: want a time span such as 90s or 1h 30min; found "
                        "\"\"\n" },
        { "interval/true", G "interval: true\n",
                        "F:2:11: interval: want a time span such as 90s or 1h 30min; found "
                        "\"true\"\n" },
        { "interval/0.0000001s", G "interval: 0.0000001s\n",
                        "F:2:11: interval: want a time span longer than 0; found "
                        "\"0.0000001s\"\n" },
        { "settle/null", G "settle: ~\n",
                        "F:2:9: settle: want a time span such as 90s or 1h 30min; found "
                        "nothing\n" },
        { "settle/zero", G "settle: 0\n", "" },
        { "settle/text", G "settle: soon\n",
                        "F:2:9: settle: want a time span such as 90s or 1h 30min; found "
                        "\"soon\"\n" },
        { "policy/null", G "policy: \n", "F:2:8: policy: want a mapping; found nothing\n" },
        { "policy/[]", G "policy: []\n", "F:2:9: policy: want a mapping; found a list\n" },
        { "policy/hold", G "policy: hold\n", "F:2:9: policy: want a mapping; found a text\n" },
        { "policy/{expirin: hold}", G "policy: {expirin: hold}\n",
                        "F:2:10: policy.expirin: unknown key; did you mean \"expiring\"?\n" },
        { "policy/{expiring: reshare}", G "policy: {expiring: reshare}\n",
                        "F:2:20: policy.expiring: unknown value \"reshare\"; want one of "
                        "\"renew\", \"hold\"\n" },
        { "policy/{expiring: }", G "policy: {expiring: }\n",
                        "F:2:20: policy.expiring: found nothing; want one of \"renew\", "
                        "\"hold\"\n" },
        { "policy/{expiring: [hold]}", G "policy: {expiring: [hold]}\n",
                        "F:2:20: policy.expiring: found a list; want one of \"renew\", "
                        "\"hold\"\n" },
        { "policy/{expired: never}", G "policy: {expired: never}\n",
                        "F:2:19: policy.expired: unknown value \"never\"; want one of \"reshare\", "
                        "\"hold\"\n" },
        { "policy/{updated: often}", G "policy: {updated: often}\n",
                        "F:2:19: policy.updated: unknown value \"often\"; want one of \"pending\", "
                        "\"never\", "
                        "\"always\"\n" },
        { "policy/{undesired: delete}", G "policy: {undesired: delete}\n",
                        "F:2:21: policy.undesired: unknown value \"delete\"; want one of \"keep\", "
                        "\"revoke\", "
                        "\"revoke-and-delete\"\n" },
        { "policy/{max_renewals: -1}", G "policy: {max_renewals: -1}\n",
                        "F:2:24: policy.max_renewals: want a whole number from 0 to 1000; found "
                        "\"-1\"\n" },
        { "policy/{max_renewals: 1001}", G "policy: {max_renewals: 1001}\n",
                        "F:2:24: policy.max_renewals: want a whole number from 0 to 1000; found "
                        "\"1001\"\n" },
        { "policy/{max_renewals: '2'}", G "policy: {max_renewals: \"2\"}\n",
                        "F:2:24: policy.max_renewals: want a whole number from 0 to 1000 without "
                        "quotes; found "
                        "\"2\"\n" },
        { "policy/{max_renewals: 2.0}", G "policy: {max_renewals: 2.0}\n",
                        "F:2:24: policy.max_renewals: want a whole number from 0 to 1000; found "
                        "\"2.0\"\n" },
        { "policy/{max_renewals: 010}", G "policy: {max_renewals: 010}\n",
                        "F:2:24: policy.max_renewals: want a whole number from 0 to 1000; found "
                        "\"010\"\n" },
        { "policy/{max_attempts: 0}", G "policy: {max_attempts: 0}\n",
                        "F:2:24: policy.max_attempts: want a whole number from 1 to 1000; found "
                        "\"0\"\n" },
        { "policy/{max_attempts: }", G "policy: {max_attempts: }\n",
                        "F:2:24: policy.max_attempts: want a whole number from 1 to 1000; found "
                        "nothing\n" },
        { "policy/{failed: retry, failed: hold}", G "policy: {failed: retry, failed: hold}\n",
                        "F:2:25: policy.failed: given twice; first at F:2:10\n" },
        { "limits/null", G "limits: \n", "F:2:8: limits: want a mapping; found nothing\n" },
        { "limits/[]", G "limits: []\n", "F:2:9: limits: want a mapping; found a list\n" },
        { "limits/{requests_per_second: 0}", G "limits: {requests_per_second: 0}\n",
                        "F:2:31: limits.requests_per_second: want a whole number from 1 to 20; "
                        "found \"0\"\n" },
        { "limits/{requests_per_second: 21}", G "limits: {requests_per_second: 21}\n",
                        "F:2:31: limits.requests_per_second: want a whole number from 1 to 20; "
                        "found \"21\"\n" },
        { "limits/{requests_per_second: 1.5}", G "limits: {requests_per_second: 1.5}\n",
                        "F:2:31: limits.requests_per_second: want a whole number from 1 to 20; "
                        "found \"1.5\"\n" },
        { "limits/{requests_per_second: unlimited}", G "limits: {requests_per_second: unlimited}\n",
                        "F:2:31: limits.requests_per_second: unlimited is for endpoint_url on "
                        "loopback only; "
                        "want a whole number from 1 to 20\n" },
        { "limits/{requests_per_second: none}", G "limits: {requests_per_second: none}\n",
                        "F:2:31: limits.requests_per_second: want a whole number from 1 to 20; "
                        "found \"none\"\n" },
        { "limits/{concurrency: 0}", G "limits: {concurrency: 0}\n",
                        "F:2:23: limits.concurrency: want a whole number from 1 to 1000; found "
                        "\"0\"\n" },
        { "limits/{concurrency: 1001}", G "limits: {concurrency: 1001}\n",
                        "F:2:23: limits.concurrency: want a whole number from 1 to 1000; found "
                        "\"1001\"\n" },
        { "limits/{writes_per_pass: 0}", G "limits: {writes_per_pass: 0}\n",
                        "F:2:27: limits.writes_per_pass: want a whole number from 1 to 1000000; "
                        "found \"0\"\n" },
        { "limits/{writes_per_pass: 1000001}", G "limits: {writes_per_pass: 1000001}\n",
                        "F:2:27: limits.writes_per_pass: want a whole number from 1 to 1000000; "
                        "found "
                        "\"1000001\"\n" },
        { "limits/{revokes_per_pass: 0}", G "limits: {revokes_per_pass: 0}\n",
                        "F:2:28: limits.revokes_per_pass: want a whole number from 1 to 1000000; "
                        "found \"0\"\n" },
        { "limits/{recipient_accounts: 0}", G "limits: {recipient_accounts: 0}\n",
                        "F:2:30: limits.recipient_accounts: want a whole number from 1 to 1000000; "
                        "found "
                        "\"0\"\n" },
        { "limits/{recipient_accounts: 99999999999999999999}",
                        G "limits: {recipient_accounts: 99999999999999999999}\n",
                        "F:2:30: limits.recipient_accounts: want a whole number from 1 to 1000000; "
                        "found "
                        "\"99999999999999999999\"\n" },
        { "limits/{recipient_account: 1}", G "limits: {recipient_account: 1}\n",
                        "F:2:10: limits.recipient_account: unknown key; did you mean "
                        "\"recipient_accounts\"?\n" },
        { "limits/{concurrency: 0x10}", G "limits: {concurrency: 0x10}\n",
                        "F:2:23: limits.concurrency: want a whole number from 1 to 1000; found "
                        "\"0x10\"\n" },
        { "limits/{concurrency: +5}", G "limits: {concurrency: +5}\n",
                        "F:2:23: limits.concurrency: want a whole number from 1 to 1000; found "
                        "\"+5\"\n" },
        { "limits/unlimited-loopback",
                        "sources: {g: {account: \"111122223333\", region: us-east-1, endpoint_url: "
                        "\"http://[::1]:8\"}}\n"
                        "limits: {requests_per_second: unlimited}\n",
                        "" },
        { "limits/unlimited-one-elsewhere",
                        "sources:\n"
                        "  g: {account: \"111122223333\", region: us-east-1, endpoint_url: "
                        "\"http://[::1]:8\"}\n"
                        "  h: {account: \"111122223334\", region: us-east-1, endpoint_url: "
                        "\"https://example.com\"}\n"
                        "limits: {requests_per_second: unlimited}\n",
                        "F:4:31: limits.requests_per_second: unlimited is for endpoint_url on "
                        "loopback only; "
                        "want a whole number from 1 to 20\n" },
        { "allowed/null", G "allowed_recipients: \n",
                        "F:2:20: allowed_recipients: want a mapping; found nothing\n" },
        { "allowed/empty", G "allowed_recipients: {}\n",
                        "F:2:21: allowed_recipients: note: neither accounts nor regions; every "
                        "recipient is "
                        "allowed\n" },
        { "allowed/no-account", G "allowed_recipients: {accounts: []}\n",
                        "F:2:32: allowed_recipients.accounts: note: an empty list; it allows no "
                        "recipient at "
                        "all\n" },
        { "allowed/no-region", G "allowed_recipients: {regions: []}\n",
                        "F:2:31: allowed_recipients.regions: note: an empty list; it allows no "
                        "recipient at "
                        "all\n" },
        { "allowed/accounts-null", G "allowed_recipients: {accounts: }\n",
                        "F:2:32: allowed_recipients.accounts: want a list; found nothing\n" },
        { "allowed/accounts-text", G "allowed_recipients: {accounts: \"444455556666\"}\n",
                        "F:2:32: allowed_recipients.accounts: want a list; found a text\n" },
        { "allowed/account-bad", G "allowed_recipients: {accounts: [\"4444\"]}\n",
                        "F:2:33: allowed_recipients.accounts[0]: want an account of 12 digits; "
                        "found \"4444\"\n" },
        { "allowed/account-unquoted", G "allowed_recipients: {accounts: [444455556666]}\n",
                        "F:2:33: allowed_recipients.accounts[0]: note: an account without quotes; "
                        "put it in "
                        "quotes, other YAML tools read a number\n" },
        { "allowed/account-twice",
                        G "allowed_recipients: {accounts: [\"444455556666\", \"111122223333\", "
                          "\"444455556666\"]}\n",
                        "F:2:65: allowed_recipients.accounts[2]: given twice; first at F:2:33\n" },
        { "allowed/region-bad", G "allowed_recipients: {regions: [eu-west-9]}\n",
                        "F:2:32: allowed_recipients.regions[0]: \"eu-west-9\" is not a Region of "
                        "Audit "
                        "Manager; "
                        "want one of \"ap-northeast-1\", \"ap-south-1\", \"ap-southeast-1\", "
                        "\"ap-southeast-2\", "
                        "\"ca-central-1\", \"eu-central-1\", \"eu-west-1\", \"eu-west-2\", "
                        "\"us-east-1\", \"us-east-2\", \"us-west-1\", \"us-west-2\"; "
                        "did you mean \"eu-west-1\"?\n" },
        { "allowed/region-twice",
                        G "allowed_recipients: {regions: [eu-west-1, us-east-1, eu-west-1]}\n",
                        "F:2:54: allowed_recipients.regions[2]: given twice; first at F:2:32\n" },
        { "allowed/regions-null", G "allowed_recipients: {regions: }\n",
                        "F:2:31: allowed_recipients.regions: want a list; found nothing\n" },
        { "allowed/unknown-key", G "allowed_recipients: {account: []}\n",
                        "F:2:21: allowed_recipients: note: neither accounts nor regions; every "
                        "recipient is "
                        "allowed\n"
                        "F:2:22: allowed_recipients.account: unknown key; did you mean "
                        "\"accounts\"?\n" },
        { "top/unknown-key", G "intervall: 1s\n",
                        "F:2:1: intervall: unknown key; did you mean \"interval\"?\n" },
        { "top/twice",
                        G "mode: observe\n"
                          "mode: enforce\n",
                        "F:3:1: mode: given twice; first at F:2:1\n" },
        { "top/list", "- a\n", "F:1:1: want a mapping; found a list\n" },
        { "top/text", "hello\n", "F:1:1: want a mapping; found a text\n" },
        { "top/empty-mapping", "{}\n",
                        "F:1:1: sources: missing; want the accounts that own frameworks, one or "
                        "more\n" },
        { "top/wrong-file", "frameworks: []\n",
                        "F:1:1: frameworks: unknown key; want one of \"sources\", \"mode\", "
                        "\"interval\", "
                        "\"settle\", \"policy\", \"limits\", \"allowed_recipients\"\n"
                        "F:1:1: sources: missing; want the accounts that own frameworks, one or "
                        "more\n" },
        { "top/empty", "", "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "top/comments", "# nothing\n",
                        "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "alias/account-noted-once",
                        "sources:\n"
                        "  g: {account: &a 111122223333, region: us-east-1}\n"
                        "  h: {account: *a, region: us-east-2}\n",
                        "F:2:16: sources.g.account: note: an account without quotes; put it in "
                        "quotes, other "
                        "YAML tools read a number\n" },
        { "alias/key",
                        "sources:\n"
                        "  g: &n\n"
                        "    account: \"111122223333\"\n"
                        "    region: &r us-east-1\n"
                        "  *r : {account: \"111122223334\", region: *r}\n",
                        "" },
        { "many-at-once",
                        "sources:\n"
                        "  g:\n"
                        "    account: 1\n"
                        "    region: x\n"
                        "    profile:\n"
                        "mode: no\n"
                        "interval: 0\n"
                        "limits: {concurrency: 0}\n"
                        "foo: bar\n",
                        "F:3:14: sources.g.account: want an account of 12 digits; found \"1\"\n"
                        "F:4:13: sources.g.region: \"x\" is not a Region of Audit Manager; want "
                        "one of "
                        "\"ap-northeast-1\", \"ap-south-1\", \"ap-southeast-1\", "
                        "\"ap-southeast-2\", "
                        "\"ca-central-1\", \"eu-central-1\", \"eu-west-1\", \"eu-west-2\", "
                        "\"us-east-1\", "
                        "\"us-east-2\", \"us-west-1\", \"us-west-2\"\n"
                        "F:5:13: sources.g.profile: want a text; found nothing\n"
                        "F:6:7: mode: unknown value \"no\"; want one of \"enforce\", \"observe\"\n"
                        "F:7:11: interval: want a time span longer than 0; found \"0\"\n"
                        "F:8:23: limits.concurrency: want a whole number from 1 to 1000; found "
                        "\"0\"\n"
                        "F:9:1: foo: unknown key; want one of \"sources\", \"mode\", \"interval\", "
                        "\"settle\", "
                        "\"policy\", \"limits\", \"allowed_recipients\"\n" },
};

/* What is about lengths: `unit` stands `times` times. */
static const struct {
        const char *name;
        const char *before, *unit;
        unsigned times;
        const char *after;
        const char *lines;
} lengths[] = {
        { "name/64", "sources:\n  ", "n", 64, ": {account: \"111122223333\", region: us-east-1}\n",
                        "" },
        { "name/65", "sources:\n  ", "n", 65, ": {account: \"111122223333\", region: us-east-1}\n",
                        "F:2:3: sources[\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…\"]: "
                        "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…\" is no name of a "
                        "source; "
                        "want 1 to 64 of A-Z a-z 0-9 _ . -\n" },
        { "role_arn/name-64", SOURCE ROLE, "n", 64, "\n", "" },
        { "role_arn/name-65", SOURCE ROLE, "n", 65, "\n",
                        "F:5:15: sources.g.role_arn: want a role as "
                        "arn:aws:iam::ACCOUNT:role/NAME; "
                        "found \"arn:aws:iam::111122223333:role/nnnnnnnnnnnnnnnnn…\"\n" },
        { "external_id/1224", SOURCE "    external_id: ", "e", 1224, "\n", "" },
        { "external_id/1225", SOURCE "    external_id: ", "e", 1225, "\n",
                        "F:5:18: sources.g.external_id: 1225 characters; want at most 1224\n" },
        { "sources/1001", "sources:\n", "  ? x\n", 1001, "",
                        "F:2:3: sources: 1001 sources; want 1 to 1000\n" },
};

static int load(const char *text, Settings **ret, char **ret_lines) {
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText yaml;
        int r;

        *ret = NULL;
        ASSERT_OK(faults_new(&faults));
        yaml = test_text(faults, "F", text);
        r = settings_load(&yaml, faults, ret);
        ASSERT_EQ(faults_count(faults) > 0 ? -EINVAL : 0, r);
        *ret_lines = test_lines(faults);
        return r;
}

static void check(const char *name, const char *text, const char *want) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        char *lines = NULL;
        int r;

        test_row(name);
        r = load(text, &settings, &lines);
        ASSERT_EQ(r == 0, settings != NULL);
        ASSERT_STREQ(want, lines);
        free(lines);
}

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check(cases[i].name, cases[i].text, cases[i].lines);

        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                _cleanup_buffer_ Buffer text = { 0 };

                (void) buffer_add(&text, lengths[i].before);
                for (unsigned n = 0; n < lengths[i].times; n++)
                        (void) buffer_add(&text, lengths[i].unit);
                (void) buffer_add(&text, lengths[i].after);
                check(lengths[i].name, buffer_text(&text), lengths[i].lines);
        }
}

static void test_defaults(void) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        char *lines = NULL;

        test_row("defaults");
        if (!ASSERT_OK(load(G, &settings, &lines)))
                return;
        free(lines);

        ASSERT_EQ(1, settings->n_sources);
        ASSERT_STREQ("g", settings->sources[0].name);
        ASSERT_EQ(111122223333, settings->sources[0].account);
        ASSERT_STREQ("us-east-1", region_name(settings->sources[0].region));
        ASSERT_STREQ(NULL, settings->sources[0].profile);
        ASSERT_STREQ(NULL, settings->sources[0].endpoint_url);
        ASSERT_EQ(MODE_ENFORCE, settings->mode);
        ASSERT_EQ(15 * USEC_PER_MINUTE, settings->interval_usec);
        ASSERT_EQ(15 * USEC_PER_MINUTE, settings->settle_usec);
        ASSERT_EQ(0, memcmp(&settings->policy, &policy_default, sizeof(Policy)));
        ASSERT_EQ(0, memcmp(&settings->limits, &limits_default, sizeof(Limits)));
        ASSERT_TRUE(settings_allow(settings, 1, 1));
}

#define EVERYTHING                                                                                 \
        "sources:\n"                                                                               \
        "  governance:\n"                                                                          \
        "    account: \"111122223333\"\n"                                                          \
        "    region: us-east-1\n"                                                                  \
        "    role_arn: arn:aws:iam::111122223333:role/teams/audit-share\n"                         \
        "    external_id: e-42\n"                                                                  \
        "    profile: audit\n"                                                                     \
        "    endpoint_url: http://127.0.0.1:8080\n"                                                \
        "    sts_endpoint_url: https://sts.example.com/path\n"                                     \
        "    use_fips_endpoint: false\n"                                                           \
        "    use_dualstack_endpoint: False\n"                                                      \
        "    ca_bundle: /etc/ssl/private-ca.pem\n"                                                 \
        "  second.one-2_:\n"                                                                       \
        "    account: '012345678901'\n"                                                            \
        "    region: eu-west-1\n"                                                                  \
        "    use_dualstack_endpoint: TRUE\n"                                                       \
        "mode: observe\n"                                                                          \
        "interval: 1h 30min\n"                                                                     \
        "settle: 0s\n"                                                                             \
        "policy: {expiring: hold, max_renewals: 0, max_attempts: 1000, undesired: "                \
        "revoke-and-delete}\n"                                                                     \
        "limits:\n"                                                                                \
        "  requests_per_second: 20\n"                                                              \
        "  concurrency: 1000\n"                                                                    \
        "  writes_per_pass: 1\n"                                                                   \
        "  revokes_per_pass: 1000000\n"                                                            \
        "  recipient_accounts: 250\n"                                                              \
        "allowed_recipients:\n"                                                                    \
        "  accounts: [\"444455556666\", \"222255556666\"]\n"                                       \
        "  regions: [eu-west-1, eu-central-1]\n"

static void check_everything(const Settings *settings) {
        const Source *source = &settings->sources[0];
        RegionId ireland = region_find("eu-west-1");

        ASSERT_STREQ("arn:aws:iam::111122223333:role/teams/audit-share", source->role_arn);
        ASSERT_STREQ("e-42", source->external_id);
        ASSERT_STREQ("audit", source->profile);
        ASSERT_STREQ("http://127.0.0.1:8080", source->endpoint_url);
        ASSERT_STREQ("https://sts.example.com/path", source->sts_endpoint_url);
        ASSERT_STREQ("/etc/ssl/private-ca.pem", source->ca_bundle);
        ASSERT_FALSE(source->use_dualstack_endpoint);

        source = settings_find_source(settings, "second.one-2_");
        if (!ASSERT_TRUE(source))
                return;
        ASSERT_EQ(12345678901, source->account);
        ASSERT_TRUE(source->use_dualstack_endpoint);

        ASSERT_EQ(MODE_OBSERVE, settings->mode);
        ASSERT_EQ(90 * USEC_PER_MINUTE, settings->interval_usec);
        ASSERT_EQ(0, settings->settle_usec);
        ASSERT_EQ(POLICY_HOLD, settings->policy.value[POLICY_EXPIRING]);
        ASSERT_EQ(POLICY_RESHARE, settings->policy.value[POLICY_EXPIRED]);
        ASSERT_EQ(POLICY_REVOKE_AND_DELETE, settings->policy.value[POLICY_UNDESIRED]);
        ASSERT_EQ(0, settings->policy.value[POLICY_MAX_RENEWALS]);
        ASSERT_EQ(1000, settings->policy.value[POLICY_MAX_ATTEMPTS]);
        ASSERT_EQ(20, settings->limits.requests_per_second);
        ASSERT_EQ(1000, settings->limits.concurrency);
        ASSERT_EQ(1, settings->limits.writes_per_pass);
        ASSERT_EQ(1000000, settings->limits.revokes_per_pass);
        ASSERT_EQ(250, settings->limits.recipient_accounts);

        ASSERT_TRUE(settings_allow(settings, 444455556666, ireland));
        ASSERT_TRUE(settings_allow(settings, 222255556666, ireland));
        ASSERT_FALSE(settings_allow(settings, 333355556666, ireland));
        ASSERT_FALSE(settings_allow(settings, 444455556666, region_find("us-east-1")));
}

static void test_everything(void) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        char *lines = NULL;

        test_row("everything");
        if (ASSERT_OK(load(EVERYTHING, &settings, &lines)) && ASSERT_EQ(2, settings->n_sources))
                check_everything(settings);
        ASSERT_STREQ("", lines);
        free(lines);
}

static void test_values(void) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        char *lines = NULL;

        test_row("unlimited is 0");
        if (ASSERT_OK(load("sources: {g: {account: \"111122223333\", region: us-east-1, "
                           "endpoint_url: \"http://localhost\"}}\n"
                           "interval: 90\n"
                           "limits: {requests_per_second: unlimited}\n"
                           "allowed_recipients: {accounts: []}\n",
                            &settings, &lines))) {
                ASSERT_EQ(0, settings->limits.requests_per_second);
                ASSERT_EQ(90 * USEC_PER_SEC, settings->interval_usec);
                ASSERT_FALSE(settings_allow(settings, 444455556666, region_find("eu-west-1")));
        }
        free(lines);
}

int main(void) {
        test_cases();
        test_defaults();
        test_everything();
        test_values();
        return test_end();
}
