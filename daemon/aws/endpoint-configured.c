/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which endpoint of one's own was configured, and where
 *
 * One rule for all of it: what is nearer to the program wins (settings, environment, profile), and
 * at the same distance what is for one service wins over what is for all.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/endpoint-configured.h"
#include "util/macro.h"
#include "util/string-util.h"

typedef struct Lookup {
        AwsService service;
        const Environment *environment;
        const Profiles *profiles;
        const char *profile;
} Lookup;

static const char *const service_variables[] = {
        [AWS_SERVICE_AUDITMANAGER] = "AWS_ENDPOINT_URL_AUDITMANAGER",
        [AWS_SERVICE_STS] = "AWS_ENDPOINT_URL_STS",
};

static_assert(ELEMENTSOF(service_variables) == AWS_SERVICE_MAX, "each service has its variable");

/* A switch of the environment that says anything, be it no, is not asked of the profile any more.
 */
static bool is_switched_on(const Lookup *lookup, const char *variable, const char *key) {
        const char *value = environment_text(lookup->environment, variable);

        if (!value)
                value = profiles_text(lookup->profiles, lookup->profile, key);
        return value && strcasecmp(value, "true") == 0;
}

static bool is_ignored(const Lookup *lookup, const EndpointWishes *wishes) {
        if (wishes->ignore_configured || wishes->heed_configured)
                return wishes->ignore_configured;
        return is_switched_on(lookup, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                        "ignore_configured_endpoint_urls");
}

static int take(ConfiguredEndpoint *endpoint, const char *url, const char *origin) {
        endpoint->url = strdup(url);
        endpoint->origin = origin;
        return endpoint->url ? 0 : -ENOMEM;
}

static int take_variable(const Lookup *lookup, const char *name, ConfiguredEndpoint *endpoint) {
        const char *url = environment_text(lookup->environment, name);

        return url ? take(endpoint, url, name) : -ENOENT;
}

static int take_service_section(const Lookup *lookup, ConfiguredEndpoint *endpoint) {
        char *url = NULL;
        int r;

        r = profiles_service_get(lookup->profiles, lookup->profile,
                        aws_service_name(lookup->service), "endpoint_url", &url);
        if (r < 0)
                return r;
        if (is_blank(url)) {
                free(url);
                return -ENOENT;
        }
        endpoint->url = url;
        endpoint->origin = "the services section of the profile";
        return 0;
}

static int take_profile(const Lookup *lookup, ConfiguredEndpoint *endpoint) {
        const char *url = profiles_text(lookup->profiles, lookup->profile, "endpoint_url");

        return url ? take(endpoint, url, "endpoint_url of the profile") : -ENOENT;
}

/* 0; -ENOENT: nothing is configured; -ESRCH: the profile names a section that is not there;
 * -ENOMEM. */
static int take_configured(const Lookup *lookup, ConfiguredEndpoint *endpoint) {
        int r;

        r = take_variable(lookup, service_variables[lookup->service], endpoint);
        if (r == -ENOENT)
                r = take_variable(lookup, "AWS_ENDPOINT_URL", endpoint);
        if (r == -ENOENT)
                r = take_service_section(lookup, endpoint);
        return r == -ENOENT ? take_profile(lookup, endpoint) : r;
}

int endpoint_configured(AwsService service,
                const EndpointWishes *wishes,
                const Environment *environment,
                const Profiles *profiles,
                const char *profile,
                ConfiguredEndpoint *ret) {
        const Lookup lookup = { service, environment, profiles, profile };
        ConfiguredEndpoint endpoint = { 0 };
        int r = -ENOENT;

        assert(service < AWS_SERVICE_MAX);
        assert(wishes && environment && profiles && profile && ret);

        endpoint.use_fips = wishes->use_fips
                        || is_switched_on(&lookup, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        endpoint.use_dualstack = wishes->use_dualstack
                        || is_switched_on(&lookup, "AWS_USE_DUALSTACK_ENDPOINT",
                                        "use_dualstack_endpoint");

        if (!is_blank(wishes->url))
                r = take(&endpoint, wishes->url, "the settings");
        else if (!is_ignored(&lookup, wishes))
                r = take_configured(&lookup, &endpoint);
        if (r == -ENOMEM)
                return r;
        /* To ask AWS itself instead could be the very thing that the section is to prevent. */
        if (r == -ESRCH)
                endpoint.fault = "the profile's services names a section that is not in the config "
                                 "file";

        *ret = endpoint;
        return 0;
}

void configured_endpoint_done(ConfiguredEndpoint *endpoint) {
        free(endpoint->url);
        *endpoint = (ConfiguredEndpoint){ 0 };
}
