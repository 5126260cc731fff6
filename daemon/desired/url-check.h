#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Which URLs may stand in the settings. */

#include <stdbool.h>

/* NULL where it may, else what is wrong with it: "it has no host". http is for this host only. */
const char *url_check(const char *url);

/*
 * Whether the host of a URL that url_check() lets pass is localhost, in 127.0.0.0/8, or [::1];
 * compared as values.
 */
bool url_is_on_loopback(const char *url);
