/* SPDX-License-Identifier: Apache-2.0 */

/* Which proxy a request goes through. */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/http-proxy.h"
#include "aws/uri.h"
#include "util/mem.h"
#include "util/string-util.h"

/* In libcurl's order. Plain http leaves this host for metadata services alone, without a proxy. */
static const char *const proxy_variables[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
        "ALL_PROXY" };
static const char *const exemption_variables[] = { "no_proxy", "NO_PROXY" };

/* Set to nothing is not set, for libcurl as well. */
static const char *first_set(const Environment *environment,
                const char *const *names,
                size_t n,
                const char **ret_name) {
        for (size_t i = 0; i < n; i++) {
                const char *value = environment->get(environment, names[i]);

                if (value && *value) {
                        *ret_name = names[i];
                        return value;
                }
        }
        return NULL;
}

typedef struct Address {
        unsigned char bytes[sizeof(struct in6_addr)];
        unsigned bits; /* 32 or 128; 0: it is a name */
} Address;

static Address address_parse(const char *text) {
        Address address = { 0 };

        if (inet_pton(AF_INET, text, address.bytes) == 1)
                address.bits = 32;
        else if (inet_pton(AF_INET6, text, address.bytes) == 1)
                address.bits = 128;
        return address;
}

/* "10.0.0.0/8", or an address without the length. */
static bool is_in_network(const Address *address, char *network) {
        char *slash = strchr(network, '/');
        uint64_t bits = address->bits;
        Address other;

        if (slash) {
                *slash = '\0';
                if (parse_uint(slash + 1, address->bits, &bits) < 0)
                        return false;
        }
        other = address_parse(network);
        if (other.bits != address->bits)
                return false;
        for (size_t i = 0; i < bits; i++)
                if ((address->bytes[i / 8] ^ other.bytes[i / 8]) & (0x80 >> i % 8))
                        return false;
        return true;
}

/* "example.com" and ".example.com" alike exempt the name and all below it. */
static bool is_in_domain(const char *host, const char *domain) {
        size_t host_length = strlen(host), length;

        domain += *domain == '.';
        length = strlen(domain);
        if (length > 0 && domain[length - 1] == '.')
                length--;
        if (host_length > 0 && host[host_length - 1] == '.')
                host_length--;
        if (length == 0 || length > host_length
                        || strncasecmp(host + host_length - length, domain, length) != 0)
                return false;
        return length == host_length || host[host_length - length - 1] == '.';
}

/* 1, 0, or -ENOMEM. */
static int is_exempt(const char *host, const char *exemptions) {
        _cleanup_free_ char *copy = strdup(exemptions);
        Address address = address_parse(host);
        char *rest;

        if (!copy)
                return -ENOMEM;
        if (streq(copy, "*"))
                return 1;
        for (char *word = strtok_r(copy, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest))
                if (address.bits > 0 ? is_in_network(&address, word) : is_in_domain(host, word))
                        return 1;
        return 0;
}

/* The length of "http://" and the like, 0 where there is none: what has other characters before its
 * "://" is a user's name or password that contains one. */
static size_t scheme_length(const char *url) {
        size_t n = strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-");

        return n > 0 && starts_with(url + n, "://") ? n + strlen("://") : 0;
}

/* Up to the last "@", whatever stands before it: a password with a slash is one, too. */
static char *without_user(const char *url) {
        const char *host = url + scheme_length(url), *at = strrchr(host, '@');
        char *text;

        if (asprintf(&text, "%.*s%s", (int) (host - url), url, at ? at + 1 : host) < 0)
                return NULL;
        return text;
}

int http_proxy_find(const char *url, const Environment *environment, HttpProxy *ret) {
        const char *value, *exemptions, *variable = NULL, *exempted_by = NULL;
        _cleanup_url_ Url parsed = { 0 };
        int r;

        r = url_parse(url, &parsed, NULL);
        if (r < 0)
                return r;
        value = first_set(environment, proxy_variables, ELEMENTSOF(proxy_variables), &variable);
        if (!parsed.https || url_is_loopback(&parsed) || !value) {
                *ret = (HttpProxy){ 0 };
                return 0;
        }

        exemptions = first_set(environment, exemption_variables, ELEMENTSOF(exemption_variables),
                        &exempted_by);
        r = exemptions ? is_exempt(parsed.host, exemptions) : 0;
        if (r < 0)
                return r;
        if (r > 0) {
                *ret = (HttpProxy){ .variable = variable, .exempted_by = exempted_by };
                return 0;
        }
        *ret = (HttpProxy){ .url = without_user(value), .variable = variable };
        return ret->url ? 0 : -ENOMEM;
}

void http_proxy_done(HttpProxy *proxy) {
        free(proxy->url);
        *proxy = (HttpProxy){ 0 };
}
