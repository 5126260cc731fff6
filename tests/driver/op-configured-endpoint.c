/* SPDX-License-Identifier: Apache-2.0 */

/* configured_endpoint: which endpoint the environment and a profile say. */

#include <errno.h>

#include "aws/endpoint-configured.h"
#include "driver.h"
#include "util/mem.h"

static json_t *resolve(const json_t *in,
                AwsService service,
                const Environment *environment,
                const Profiles *profiles) {
        const json_t *client = json_object_get(in, "client");
        const bool ignore = get_bool(client, "ignore_configured_endpoint_urls", false);
        EndpointWishes wishes = {
                .url = get_text(client, "endpoint_url", NULL),
                .use_fips = get_bool(in, "use_fips", false),
                .use_dualstack = get_bool(in, "use_dualstack", false),
                .ignore_configured = ignore,
                .heed_configured = !ignore
                                && json_is_false(json_object_get(
                                                client, "ignore_configured_endpoint_urls")),
        };
        _cleanup_(configured_endpoint_done) ConfiguredEndpoint configured = { 0 };
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        EndpointOptions options = { .region = get_text(in, "region", NULL) };

        if (profile_locations_resolve(environment, true, &locations) < 0)
                return NULL;
        if (endpoint_configured(service, &wishes, environment, profiles,
                            get_text(in, "profile", locations.profile), &configured)
                        < 0)
                return NULL;
        if (configured.fault)
                return answer_error(configured.fault);

        options.use_fips = configured.use_fips;
        options.use_dualstack = configured.use_dualstack;
        options.override_url = configured.url;
        return answer_endpoint(service, &options);
}

json_t *op_configured_endpoint(const json_t *in) {
        _cleanup_(given_environment_done) GivenEnvironment environment = { 0 };
        _cleanup_profiles_ Profiles profiles = { 0 };
        _cleanup_free_ char *why = NULL;
        AwsService service = get_service(in);
        int r;

        if (service == AWS_SERVICE_MAX)
                return answer_unsupported("there is no such service here");
        if (get_environment(in, &environment) < 0)
                return NULL;
        r = get_profiles(in, &profiles, &why);
        if (r < 0)
                return r == -EINVAL ? answer_error(why) : NULL;
        return resolve(in, service, &environment.list.environment, &profiles);
}
