/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which URLs may stand in the settings
 *
 * https to wherever the operator says, http to this host only: a signed request carries a session
 * token in the clear. Only the form is judged here; aws/uri.h takes the URL apart when it is used.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "desired/url-check.h"
#include "util/string-util.h"

/* As aws/uri.h has it (RFC 1035, section 2.3.4), and a NUL. */
#define HOST_MAX 254

typedef struct Authority {
        char host[HOST_MAX]; /* without brackets */
        bool in_brackets;
        const char *behind; /* ":port", the path, or the end */
} Authority;

/* The rest behind the scheme, or NULL. */
static const char *skip_scheme(const char *url, bool *ret_https) {
        *ret_https = strncasecmp(url, "https://", 8) == 0;
        if (*ret_https)
                return url + 8;
        return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

static bool split_host(const char *rest, Authority *ret) {
        size_t length;

        ret->in_brackets = *rest == '[';
        if (ret->in_brackets)
                rest++;
        length = strcspn(rest, ret->in_brackets ? "]/" : ":/");
        if (length >= HOST_MAX || (ret->in_brackets && rest[length] != ']'))
                return false;

        memcpy(ret->host, rest, length);
        ret->host[length] = '\0';
        ret->behind = rest + length + (ret->in_brackets ? 1 : 0);
        return true;
}

static bool host_is_good(const Authority *authority) {
        static const char letters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
        const char *host = authority->host, *last = strrchr(host, '.');
        struct in6_addr six;
        struct in_addr four;

        if (authority->in_brackets)
                return inet_pton(AF_INET6, host, &six) == 1;
        if (host[strspn(host, letters)] != '\0' || *host == '.' || *host == '-'
                        || strstr(host, ".."))
                return false;

        /*
         * What ends in a number is an address, and then one of four decimal numbers: not 127.1,
         * not 0x7f000001.
         */
        last = last ? last + 1 : host;
        return *last < '0' || *last > '9' || inet_pton(AF_INET, host, &four) == 1;
}

static bool host_is_loopback(const Authority *authority) {
        struct in6_addr six;
        struct in_addr four;

        if (authority->in_brackets)
                return inet_pton(AF_INET6, authority->host, &six) == 1
                                && IN6_IS_ADDR_LOOPBACK(&six);
        if (inet_pton(AF_INET, authority->host, &four) == 1)
                return ntohl(four.s_addr) >> 24 == 127;
        return strcasecmp(authority->host, "localhost") == 0;
}

/* Behind the host: ":1" to ":65535" or nothing, then a path or nothing. */
static bool port_is_good(const char *behind) {
        uint64_t port;
        char text[6];
        size_t n;

        if (*behind != ':')
                return *behind == '\0' || *behind == '/';
        n = strcspn(++behind, "/");
        if (n >= sizeof(text))
                return false;
        memcpy(text, behind, n);
        text[n] = '\0';
        return parse_uint(text, UINT16_MAX, &port) == 0 && port > 0;
}

static bool is_printable(const char *text) {
        for (; *text; text++)
                if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}", *text))
                        return false;
        return true;
}

const char *url_check(const char *url) {
        Authority authority;
        const char *rest;
        bool https;

        if (!is_printable(url))
                return "it has characters that a URL cannot have";
        rest = skip_scheme(url, &https);
        if (!rest)
                return "it does not begin with https://";
        if (strpbrk(rest, "?#"))
                return "it has a query or a fragment";
        if (memchr(rest, '@', strcspn(rest, "/")))
                return "it has user information";
        if (*rest == '\0' || *rest == '/' || *rest == ':')
                return "it has no host";
        if (!split_host(rest, &authority) || !host_is_good(&authority))
                return "its host is neither a name nor an address";
        if (!port_is_good(authority.behind))
                return "its port is not a number from 1 to 65535";
        if (!https && !host_is_loopback(&authority))
                return "http:// is for this host only";
        return NULL;
}

bool url_is_on_loopback(const char *url) {
        Authority authority;
        const char *rest;
        bool https;

        rest = skip_scheme(url, &https);
        return rest && split_host(rest, &authority) && host_is_loopback(&authority);
}
