/* SPDX-License-Identifier: Apache-2.0 */

/*
 * URIs
 *
 * A URL that credentials will be sent to is taken apart here, and what other programs may read
 * differently (user information, a backslash, a control character) is refused instead of guessed
 * at.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "aws/uri.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/string-util.h"

/* RFC 1035, section 2.3.4, as text. */
#define HOST_MAX 253

static bool is_alphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 3986, section 2.3. */
static bool is_unreserved(char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

int uri_encode(Buffer *out, const char *text, size_t length, bool keep_slash) {
        static const char digits[] = "0123456789ABCDEF";
        size_t start = 0;
        int r;

        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char) text[i];
                char escape[] = { '%', digits[c >> 4], digits[c & 15] };

                if (is_unreserved(text[i]) || (keep_slash && text[i] == '/'))
                        continue;

                r = buffer_append(out, text + start, i - start);
                if (r < 0)
                        return r;
                r = buffer_append(out, escape, sizeof(escape));
                if (r < 0)
                        return r;
                start = i + 1;
        }
        return buffer_append(out, text + start, length - start);
}

static int any_hex_value(char c) {
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : hex_value(c);
}

int uri_decode(Buffer *out, const char *text, size_t length) {
        int r;

        for (size_t i = 0; i < length; i++) {
                char c = text[i];

                if (c == '%' && length - i > 2 && any_hex_value(text[i + 1]) >= 0
                                && any_hex_value(text[i + 2]) >= 0) {
                        c = (char) (any_hex_value(text[i + 1]) << 4 | any_hex_value(text[i + 2]));
                        i += 2;
                }
                r = buffer_add_char(out, c);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The pieces of a URL's text, before they are trusted and copied. */
typedef struct Pieces {
        bool https;
        const char *host, *port, *path;
        size_t host_length, port_length, path_length;
        bool bracketed;
} Pieces;

static const char *split_scheme(const char *text, bool *ret_https) {
        if (strncasecmp(text, "https://", 8) == 0) {
                *ret_https = true;
                return text + 8;
        }
        if (strncasecmp(text, "http://", 7) == 0) {
                *ret_https = false;
                return text + 7;
        }
        return NULL;
}

static const char *split_host_and_port(const char *authority, size_t length, Pieces *p) {
        const char *end = authority + length, *after;

        if (length > 0 && authority[0] == '[') {
                const char *bracket = memchr(authority, ']', length);

                if (!bracket)
                        return "the bracket of its address is not closed";
                p->bracketed = true;
                p->host = authority + 1;
                p->host_length = (size_t) (bracket - p->host);
                after = bracket + 1;
        } else {
                const char *colon = memchr(authority, ':', length);

                after = colon ? colon : end;
                p->host = authority;
                p->host_length = (size_t) (after - authority);
        }

        if (after < end) {
                if (*after != ':')
                        return "something follows the bracket of its address";
                p->port = after + 1;
                p->port_length = (size_t) (end - p->port);
        }
        return p->host_length == 0 ? "it has no host" : NULL;
}

/* Returns NULL or what is wrong. */
static const char *split(const char *text, Pieces *p) {
        const char *authority = split_scheme(text, &p->https);
        size_t length;

        if (!authority)
                return "it does not begin with https://";
        for (const char *c = text; *c; c++)
                if (*c <= ' ' || *c == 0x7f || *c == '\\' || *c == '"' || *c == '<' || *c == '>')
                        return "it has a character that a URL cannot have";

        length = strcspn(authority, "/?#");
        if (memchr(authority, '@', length))
                return "it has user information";
        if (authority[strcspn(authority, "?")] != '\0')
                return "it has a query";
        if (authority[strcspn(authority, "#")] != '\0')
                return "it has a fragment";

        p->path = authority + length;
        p->path_length = strlen(p->path);
        while (p->path_length > 0 && p->path[p->path_length - 1] == '/')
                p->path_length--;
        return split_host_and_port(authority, length, p);
}

static const char *check_host(const Pieces *p) {
        char address[INET6_ADDRSTRLEN];
        struct in6_addr in6;

        if (p->host_length > HOST_MAX)
                return "its host is too long";

        if (p->bracketed) {
                if (p->host_length >= sizeof(address))
                        return "its address is no IPv6 address";
                memcpy(address, p->host, p->host_length);
                address[p->host_length] = '\0';
                return inet_pton(AF_INET6, address, &in6) == 1 ? NULL
                                                               : "its address is no IPv6 address";
        }

        for (size_t i = 0; i < p->host_length; i++)
                if (!is_unreserved(p->host[i]) || p->host[i] == '~')
                        return "its host has a character that a host cannot have";
        return p->host[0] == '-' || p->host[0] == '.'
                        ? "its host begins with a character that a host cannot begin with"
                        : NULL;
}

static const char *read_port(const Pieces *p, uint16_t *ret) {
        char text[6];
        uint64_t port;

        if (!p->port) {
                *ret = p->https ? 443 : 80;
                return NULL;
        }
        if (p->port_length == 0 || p->port_length >= sizeof(text))
                return "its port is no number from 1 to 65535";

        memcpy(text, p->port, p->port_length);
        text[p->port_length] = '\0';
        if (parse_uint(text, UINT16_MAX, &port) < 0 || port == 0)
                return "its port is no number from 1 to 65535";

        *ret = (uint16_t) port;
        return NULL;
}

static int copy_pieces(const Pieces *p, uint16_t port, Url *ret) {
        char *host = strndup(p->host, p->host_length), *path = strndup(p->path, p->path_length);

        if (!host || !path) {
                free(host);
                free(path);
                return -ENOMEM;
        }
        for (char *c = host; *c; c++)
                if (*c >= 'A' && *c <= 'Z')
                        *c = (char) (*c | 0x20);

        *ret = (Url){
                .https = p->https,
                .host = host,
                .is_ipv6 = p->bracketed,
                .port = port,
                .port_is_default = port == (p->https ? 443 : 80),
                .path = path,
        };
        return 0;
}

int url_parse(const char *text, Url *ret, const char **ret_why) {
        Pieces p = { 0 };
        const char *why;
        uint16_t port;

        why = split(text, &p);
        if (!why)
                why = check_host(&p);
        if (!why)
                why = read_port(&p, &port);
        if (!why)
                return copy_pieces(&p, port, ret);

        if (ret_why)
                *ret_why = why;
        return -EINVAL;
}

bool url_is_loopback(const Url *url) {
        struct in6_addr in6;
        struct in_addr in;

        if (url->is_ipv6)
                return inet_pton(AF_INET6, url->host, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6);
        if (streq(url->host, "localhost"))
                return true;
        return inet_pton(AF_INET, url->host, &in) == 1 && ntohl(in.s_addr) >> 24 == 127;
}

int url_host_header(const Url *url, Buffer *out) {
        int r;

        r = buffer_addf(out, url->is_ipv6 ? "[%s]" : "%s", url->host);
        if (r < 0 || url->port_is_default)
                return r;
        return buffer_addf(out, ":%u", (unsigned) url->port);
}

void url_done(Url *url) {
        free(url->host);
        free(url->path);
        *url = (Url){ 0 };
}
