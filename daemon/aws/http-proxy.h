#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which proxy a request goes through, for people
 *
 * libcurl reads the environment by itself; this says what it makes of it. Pure.
 * https://curl.se/libcurl/c/CURLOPT_PROXY.html, https://curl.se/libcurl/c/CURLOPT_NOPROXY.html
 */

#include "util/environment.h"

typedef struct HttpProxy {
        char *url; /* without user name and password; NULL: the connection is direct */
        const char *variable; /* static: the one that names the proxy; NULL: none does */
        const char *exempted_by; /* static: the one that exempts this host; NULL: it is not exempt
                                  */
} HttpProxy;

/* For a URL that url_parse() understands. 0, -EINVAL, or -ENOMEM. Loopback never has a proxy. */
int http_proxy_find(const char *url, const Environment *environment, HttpProxy *ret);
void http_proxy_done(HttpProxy *proxy);
