#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* URIs: encoding what goes into one, and taking one apart before it is trusted. */

#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

/*
 * Percent-encodes all but RFC 3986's unreserved characters, as SigV4 wants it (upper-case digits, a
 * blank is %20). With keep_slash, "/" stays (a greedy label, a path). 0 or -ENOMEM.
 */
int uri_encode(Buffer *out, const char *text, size_t length, bool keep_slash);

/* Decodes %XX (not "+"); a "%" that no two digits follow stays as it is. 0 or -ENOMEM. */
int uri_decode(Buffer *out, const char *text, size_t length);

/* An http or https URL in its parts. Strings are owned; free with url_done(). */
typedef struct Url {
        bool https;
        char *host; /* lower case; an IPv6 address without its brackets */
        bool is_ipv6;
        uint16_t port; /* the scheme's where none is written */
        bool port_is_default;
        char *path; /* "" or from its first "/" to its end, without a trailing slash; never a query
                     */
} Url;

/*
 * 0, -ENOMEM, or -EINVAL for what is no http(s) URL: no host, user information, a query or a
 * fragment, characters that a host cannot have. ret_why (may be NULL) is then a static phrase for a
 * message, such as "it has no host".
 */
int url_parse(const char *text, Url *ret, const char **ret_why);

/* Whether the host is localhost or an address in 127.0.0.0/8 or ::1; parsed and compared as values.
 */
bool url_is_loopback(const Url *url);

/* The value of the Host header: host, brackets where needed, ":port" where it is not the scheme's
 * own. 0 or -ENOMEM. */
int url_host_header(const Url *url, Buffer *out);

void url_done(Url *url);
#define _cleanup_url_ _cleanup_(url_done)
