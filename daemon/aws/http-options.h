#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* How libcurl is to carry one request: everything about it that is policy, and none of the
 * callbacks. */

#include <curl/curl.h>

#include "aws/http.h"

/* Remembers the first option that libcurl refused, so that a run of them is checked once at its
 * end. */
typedef struct HttpOptions {
        CURL *easy;
        CURLcode failed;
} HttpOptions;

#define HTTP_OPTION(options, option, value)                                                        \
        do {                                                                                       \
                if ((options)->failed == CURLE_OK)                                                 \
                        (options)->failed = curl_easy_setopt((options)->easy, option, value);      \
        } while (0)

/*
 * Sets what all requests have in common, then what this one asks for. 0, -ENOMEM, -EINVAL for a URL
 * that must not be asked, -EOPNOTSUPP for a libcurl that cannot do what we rely on.
 */
int http_options_set(CURL *easy, const HttpRequest *request);

/*
 * Makes libcurl's list of header lines, without those that libcurl would add by itself. 0, or
 * -ENOMEM; also then *ret has to be freed. Freeing wipes them.
 */
int http_headers_copy(const char *const *headers, struct curl_slist **ret);
void http_headers_free(struct curl_slist *headers);

/* The bundle of certificates that a request without one of its own trusts. Static. */
const char *http_system_ca_bundle(void);
