/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where a request goes: the URL of an endpoint, and the proxy of the environment
 *
 * The first line is a URL, the others are variables. What the settings take is understood by
 * aws/uri.h and by libcurl as the same host and port; what counts as this host here does so there;
 * and what is told of a proxy has neither user nor password.
 */

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <strings.h>

#include "aws/http-proxy.h"
#include "aws/uri.h"
#include "desired/url-check.h"
#include "fuzz.h"
#include "util/mem.h"

#define VARIABLES_MAX 8

/* As libcurl has it: what is an address in any of its forms is four numbers by now. */
static bool is_loopback(const char *host) {
        struct in6_addr in6;
        struct in_addr in;
        char text[INET6_ADDRSTRLEN] = "";

        if (*host == '[') {
                (void) snprintf(text, sizeof(text), "%.*s", (int) strcspn(host + 1, "]"), host + 1);
                return inet_pton(AF_INET6, text, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6);
        }
        return strcasecmp(host, "localhost") == 0
                        || (inet_pton(AF_INET, host, &in) == 1 && ntohl(in.s_addr) >> 24 == 127);
}

/* What libcurl makes of it; the caller frees both. */
static bool ask_libcurl(const char *text, char **ret_host, char **ret_port) {
        CURLU *url = curl_url();
        char *user = NULL;
        bool good;

        CHECK(url != NULL);
        good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK
                        && curl_url_get(url, CURLUPART_HOST, ret_host, 0) == CURLUE_OK
                        && curl_url_get(url, CURLUPART_PORT, ret_port, CURLU_DEFAULT_PORT)
                                        == CURLUE_OK;
        if (good)
                CHECK(curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
        curl_url_cleanup(url);
        return good;
}

static void compare(const char *text, const Url *ours, bool is_checked) {
        char *host = NULL, *port = NULL;
        uint64_t number;

        if (ask_libcurl(text, &host, &port)) {
                CHECK(parse_uint(port, UINT16_MAX, &number) >= 0 && number == ours->port);
                CHECK(!url_is_loopback(ours) || is_loopback(host));
                if (is_checked) {
                        CHECK(url_is_on_loopback(text) == url_is_loopback(ours));
                        CHECK(url_is_on_loopback(text) == is_loopback(host));
                }
                if (is_checked && !ours->is_ipv6)
                        CHECK(strcasecmp(host, ours->host) == 0);
        }
        curl_free(host);
        curl_free(port);
}

static bool check_url(const char *text) {
        bool is_checked = url_check(text) == NULL;
        _cleanup_url_ Url url = { 0 };
        const char *why = NULL;
        int r;

        r = url_parse(text, &url, &why);
        CHECK(r == 0 || r == -ENOMEM || (r == -EINVAL && why && *why));
        CHECK(r >= 0 || !is_checked);
        if (r < 0)
                return false;
        CHECK(url.port > 0 && *url.host && strlen(url.host) <= 253);
        CHECK(*url.path == '\0' || *url.path == '/');
        CHECK(url.https || !is_checked || url_is_loopback(&url));
        compare(text, &url, is_checked);
        return true;
}

/* The user and the password stand before the last "@" of the variable. */
static void check_hidden(const Environment *environment, const HttpProxy *proxy) {
        const char *value = environment->get(environment, proxy->variable), *at;

        CHECK(value && !strchr(proxy->url, '@'));
        at = strrchr(value, '@');
        CHECK(strlen(proxy->url) <= strlen(value));
        CHECK(!at || strlen(proxy->url) < strlen(value));
}

static void check_proxy(const char *url, char *rest) {
        const char *lines[VARIABLES_MAX + 1] = { NULL };
        _cleanup_(http_proxy_done) HttpProxy proxy = { 0 };
        EnvironmentList list = environment_list(lines);
        int r;

        for (size_t n = 0; n < VARIABLES_MAX && rest; n++)
                lines[n] = fuzz_field(&rest, '\n');
        r = http_proxy_find(url, &list.environment, &proxy);
        CHECK(r >= 0 || r == -ENOMEM);
        CHECK(r < 0 || !proxy.url || (proxy.variable && !proxy.exempted_by));
        CHECK(r < 0 || !proxy.exempted_by || proxy.variable);
        if (r >= 0 && proxy.url)
                check_hidden(&list.environment, &proxy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        char *rest = text;
        const char *url;

        if (!text)
                return 0;
        url = fuzz_field(&rest, '\n');
        if (check_url(url))
                check_proxy(url, rest);
        return 0;
}
