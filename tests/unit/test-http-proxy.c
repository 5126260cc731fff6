/* SPDX-License-Identifier: Apache-2.0 */

/* Proxies: what libcurl makes of the environment, as it is told to people. */

#include "aws/http-proxy.h"
#include "test.h"

#define PROXY "HTTPS_PROXY=http://proxy:3128"

static const struct {
        const char *name;
        const char *url;
        const char *environment[4];
        const char *proxy, *variable, *exempted_by;
} rows[] = {
        { "none", "https://sts.example.com", { NULL }, NULL, NULL, NULL },
        { "upper case", "https://sts.example.com", { PROXY }, "http://proxy:3128", "HTTPS_PROXY",
                        NULL },
        { "lower case comes first", "https://sts.example.com", { PROXY, "https_proxy=other:1" },
                        "other:1", "https_proxy", NULL },
        { "for all schemes", "https://sts.example.com", { "ALL_PROXY=socks5h://proxy" },
                        "socks5h://proxy", "ALL_PROXY", NULL },
        { "set to nothing", "https://sts.example.com", { "HTTPS_PROXY=" }, NULL, NULL, NULL },
        { "of plain http alone", "https://sts.example.com", { "http_proxy=http://proxy" }, NULL,
                        NULL, NULL },
        { "loopback", "https://127.0.0.1:8443", { PROXY }, NULL, NULL, NULL },
        { "loopback by name", "http://localhost:8080", { PROXY }, NULL, NULL, NULL },

        { "a password", "https://sts.example.com", { "HTTPS_PROXY=http://me:secret@proxy:3128/" },
                        "http://proxy:3128/", "HTTPS_PROXY", NULL },
        { "a password without a scheme", "https://sts.example.com",
                        { "HTTPS_PROXY=me:secret@proxy:3128" }, "proxy:3128", "HTTPS_PROXY", NULL },
        { "a password with an @", "https://sts.example.com",
                        { "HTTPS_PROXY=http://me:se@cret@proxy:3128" }, "http://proxy:3128",
                        "HTTPS_PROXY", NULL },

        { "a password with what ends a scheme", "https://sts.example.com",
                        { "HTTPS_PROXY=me:se://cret@proxy:3128" }, "proxy:3128", "HTTPS_PROXY",
                        NULL },
        { "a password with a slash", "https://sts.example.com",
                        { "HTTPS_PROXY=http://me:se/cret@proxy" }, "http://proxy", "HTTPS_PROXY",
                        NULL },

        { "exempt", "https://sts.example.com", { PROXY, "NO_PROXY=sts.example.com" }, NULL,
                        "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/lower case comes first", "https://sts.example.com",
                        { PROXY, "NO_PROXY=sts.example.com", "no_proxy=x" }, "http://proxy:3128",
                        "HTTPS_PROXY", NULL },
        { "exempt/domain", "https://sts.example.com", { PROXY, "NO_PROXY=a.b, example.COM" }, NULL,
                        "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/domain with its dot", "https://sts.example.com",
                        { PROXY, "NO_PROXY=.example.com." }, NULL, "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/a host with a dot at its end", "https://sts.example.com.",
                        { PROXY, "NO_PROXY=example.com" }, NULL, "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/only a suffix", "https://myexample.com", { PROXY, "NO_PROXY=example.com" },
                        "http://proxy:3128", "HTTPS_PROXY", NULL },
        { "exempt/all", "https://sts.example.com", { PROXY, "NO_PROXY=*" }, NULL, "HTTPS_PROXY",
                        "NO_PROXY" },
        { "exempt/a star is no pattern", "https://sts.example.com",
                        { PROXY, "NO_PROXY=*.example.com" }, "http://proxy:3128", "HTTPS_PROXY",
                        NULL },
        { "exempt/address", "https://10.1.2.3", { PROXY, "NO_PROXY=10.1.2.3" }, NULL, "HTTPS_PROXY",
                        "NO_PROXY" },
        { "exempt/network", "https://10.1.2.3", { PROXY, "NO_PROXY=10.1.0.0/16" }, NULL,
                        "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/another network", "https://10.2.2.3", { PROXY, "NO_PROXY=10.1.0.0/16" },
                        "http://proxy:3128", "HTTPS_PROXY", NULL },
        { "exempt/IPv6 network", "https://[fd00:ec2::7]", { PROXY, "NO_PROXY=fd00:ec2::/32" }, NULL,
                        "HTTPS_PROXY", "NO_PROXY" },
        { "exempt/a network too long", "https://10.1.2.3", { PROXY, "NO_PROXY=10.1.2.3/33" },
                        "http://proxy:3128", "HTTPS_PROXY", NULL },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                EnvironmentList list = environment_list(rows[i].environment);
                HttpProxy got = { 0 };

                test_row(rows[i].name);
                ASSERT_OK(http_proxy_find(rows[i].url, &list.environment, &got));
                ASSERT_STREQ(rows[i].proxy, got.url);
                ASSERT_STREQ(rows[i].variable, got.variable);
                ASSERT_STREQ(rows[i].exempted_by, got.exempted_by);
                http_proxy_done(&got);
        }
}

static void test_no_url(void) {
        HttpProxy got = { .variable = "untouched" };

        test_row("no URL");
        ASSERT_EQ(-EINVAL, http_proxy_find("sts.example.com", &environment_process, &got));
        ASSERT_STREQ("untouched", got.variable);
}

int main(void) {
        test_rows();
        test_no_url();
        return test_end();
}
