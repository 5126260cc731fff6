#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Where a container asks for credentials
 *
 * Pure: environment -> URL. What is sent there can be a token, and what comes back are credentials:
 * plain http goes to loopback and to the addresses of ECS and EKS, compared as values.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */

#include "util/buffer.h"
#include "util/environment.h"

/*
 * Appends the whole URL to ret, and to ret_host (may be NULL) scheme, host and port of it: paths
 * and queries here can be as good as a password, and are not for messages. 0; -ENOENT: neither
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor _FULL_URI is set; -ENOMEM; -EINVAL: one is, and must
 * not be asked. The last but -ENOMEM with ret_why.
 */
int container_uri(const Environment *environment, Buffer *ret, Buffer *ret_host, Buffer *ret_why);
