#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is fixed for the life of a client: endpoints, certificates, user agent, retries
 *
 * Put together once, from the source's settings, the environment and the profile, in the order of
 * the AWS SDKs.
 */

#include "aws/endpoint.h"
#include "aws/retry.h"
#include "model/settings.h"
#include "util/environment.h"

/* A URL, taken apart for signing. */
typedef struct ClientEndpoint {
        char *url; /* without a trailing slash */
        char *host; /* as in the Host header */
        char *path; /* its prefix, "" for none */
        const char *origin; /* static: who configured it; NULL: it is AWS's own */
} ClientEndpoint;

typedef struct ClientConfig {
        ClientEndpoint endpoints[AWS_SERVICE_MAX];
        char *ca_bundle; /* NULL: the system's */
        char *user_agent;
        RetryNumbers retry;
        /* From the profile, for the metadata service; NULL: not there. */
        char *metadata_endpoint, *metadata_endpoint_mode;
} ClientConfig;

/*
 * 0; -ENOMEM; -EINVAL where an endpoint or a file of the AWS tools makes no sense, with *reterr_why
 * (a new string the caller frees). is_service: $HOME is not consulted.
 */
int client_config_load(const Source *source,
                const Environment *environment,
                bool is_service,
                ClientConfig *ret,
                char **reterr_why);
void client_config_done(ClientConfig *config);
