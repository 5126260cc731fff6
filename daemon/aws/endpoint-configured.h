#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which endpoint of one's own was configured, and where
 *
 * Pure. First that is there: the settings, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the
 * profile's services section, the profile's endpoint_url; all but the settings are off with
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's ignore_configured_endpoint_urls.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */

#include "aws/endpoint.h"
#include "aws/profiles.h"
#include "util/environment.h"

typedef struct ConfiguredEndpoint {
        char *url; /* NULL: AWS's own */
        const char *origin; /* static, for people: "AWS_ENDPOINT_URL" */
        const char *fault; /* static; NULL: none; else why the profile cannot be followed, and there
                              is no url */
        bool use_fips, use_dualstack;
} ConfiguredEndpoint;

/* What the settings, or a caller, say. */
typedef struct EndpointWishes {
        const char *url; /* NULL: nothing */
        bool use_fips, use_dualstack; /* else AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT, and
                                         the profile's keys of that name */
        bool ignore_configured; /* as AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, which counts else */
        bool heed_configured; /* the contrary: whatever the environment and the profile say of it */
} EndpointWishes;

/* 0 or -ENOMEM. profiles: as profiles_get() has them; profile: the one that counts. */
int endpoint_configured(AwsService service,
                const EndpointWishes *wishes,
                const Environment *environment,
                const Profiles *profiles,
                const char *profile,
                ConfiguredEndpoint *ret);
void configured_endpoint_done(ConfiguredEndpoint *endpoint);
