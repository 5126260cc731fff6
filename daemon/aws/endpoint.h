#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Which URL a service of a Region answers at. Pure: (service, Region, options, override) -> URL. */

#include <stdbool.h>

#include "model/identifiers.h"
#include "util/buffer.h"

typedef enum AwsService { AWS_SERVICE_AUDITMANAGER, AWS_SERVICE_STS, AWS_SERVICE_MAX } AwsService;

/* "auditmanager", "sts": the endpoint prefix and the signing name alike. */
const char *aws_service_name(AwsService service);

typedef struct EndpointOptions {
        const char *region;
        bool use_fips;
        bool use_dualstack;
        const char *override_url; /* NULL: none */
} EndpointOptions;

/*
 * Writes the URL (scheme, host, port, path prefix; no trailing slash) into ret. 0; -ENOMEM; -EINVAL
 * with ret_why, a phrase for a message: FIPS or dual-stack together with an override, no valid
 * Region, no valid URL, or http to anything but loopback. That a Region has a FIPS endpoint is not
 * checked here: the services' rules give each one its name.
 */
int endpoint_resolve(AwsService service,
                const EndpointOptions *options,
                Buffer *ret,
                const char **ret_why);

/* The Region to sign for: the one given, but for STS's endpoint of no Region ("aws-global"). */
const char *endpoint_signing_region(AwsService service, const EndpointOptions *options);
