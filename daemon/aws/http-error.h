#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Why a transfer failed, in the words of an operator: which host, and what is the matter with it.
 */

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/http.h"

/*
 * Writes one line about `code`, which is not CURLE_OK; `text` is what libcurl put into its error
 * buffer, "" for nothing. The handle is asked about its last transfer; `sent` is whether the
 * request may have begun to leave. Never says anything of a proxy's user name and password. Returns
 * the step at which it failed.
 */
HttpFailure http_error_describe(CURL *easy,
                CURLcode code,
                const char *text,
                bool sent,
                char *ret,
                size_t size);
