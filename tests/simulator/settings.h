#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What can be turned: one table for the command line and for the control port
 */

#include <stdio.h>

#include <jansson.h>

typedef enum ResendMode {
        RESEND_KEEP, /* the id stays, times are renewed */
        RESEND_REPLACE, /* a new id, and the older record disappears */
        RESEND_BOTH, /* a new id, and the older record stays beside it */
        RESEND_MAX,
} ResendMode;

typedef struct Settings {
        double rate; /* calls a second for each account and Region, 0 = no limit */
        double burst; /* how many at once, 0 = as many as rate */
        double throttle_status; /* HTTP status of a ThrottlingException: 400 or 429 */
        double lag; /* seconds until a listing shows a change */
        double replicate; /* seconds from ACCEPT to SHARED */
        double fail_after; /* seconds until a request that cannot succeed is FAILED */
        double quota; /* active recipient accounts per account and Region, 0 = no limit */
        double page_size; /* records on a page when maxResults is not given */
        double page_size_max; /* never more than this many, whatever maxResults says */
        double latency; /* seconds each AWS answer is held back */
        double session_seconds; /* how long temporary credentials live, 0 = as DurationSeconds says
                                 */
        double resend; /* a ResendMode */
} Settings;

extern const Settings settings_default;

/* Takes "lag" as well as "fail-after" and "fail_after". 0, or -ENOENT, -ERANGE, -EINVAL. */
int settings_set(Settings *s, const char *name, const char *value);
int settings_set_json(Settings *s, const char *name, const json_t *value);
json_t *settings_to_json(const Settings *s);
void settings_print_help(FILE *to);
