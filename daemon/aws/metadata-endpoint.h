#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where the instance's metadata service is asked
 *
 * Pure: environment and profile -> base URL. Beside it, the few addresses that hand out credentials
 * over plain http because they never leave the host.
 */

#include "aws/uri.h"
#include "util/buffer.h"
#include "util/environment.h"

/* Who answers at an address; compared as values, whatever way it is written. */
typedef enum MetadataAddress {
        METADATA_ADDRESS_NONE, /* any other host */
        METADATA_ADDRESS_INSTANCE, /* IMDS: 169.254.169.254, fd00:ec2::254 */
        METADATA_ADDRESS_CONTAINER, /* ECS: 169.254.170.2; EKS: 169.254.170.23, fd00:ec2::23 */
        METADATA_ADDRESS_MAX
} MetadataAddress;

MetadataAddress url_metadata_address(const Url *url);

/* Of the token that all other questions need; behind the base URL. */
#define METADATA_TOKEN_PATH "/latest/api/token"

/* What is said beside the environment; NULL or blank: nothing. */
typedef struct MetadataWishes {
        const char *endpoint, *mode; /* of a caller: before the environment */
        const char *profile_endpoint, *profile_mode; /* ec2_metadata_service_endpoint and _mode:
                                                        behind it */
} MetadataWishes;

/*
 * The base URL, without a trailing slash, appended to ret. An endpoint counts before a mode, the
 * caller's before AWS_EC2_METADATA_SERVICE_ENDPOINT (_MODE), that before the profile's
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html). 0; -ENOMEM; or
 * -EINVAL with ret_why, which names what is wrong where.
 */
int metadata_endpoint(const Environment *environment,
                const MetadataWishes *wishes,
                Buffer *ret,
                Buffer *ret_why);

/* AWS_METADATA_SERVICE_TIMEOUT and AWS_METADATA_SERVICE_NUM_ATTEMPTS. */
typedef struct MetadataLimits {
        unsigned timeout_sec; /* 1 where nothing is said, as in the SDKs */
        unsigned attempts; /* 0: nothing is said */
} MetadataLimits;

/* 0; -ENOMEM; or -EINVAL with ret_why. */
int metadata_limits(const Environment *environment, MetadataLimits *ret, Buffer *ret_why);
