/* SPDX-License-Identifier: Apache-2.0 */

/* imds_endpoint: where the token of instance metadata is asked for. */

#include <errno.h>

#include "aws/metadata-endpoint.h"
#include "driver.h"
#include "util/mem.h"

static json_t *resolve(const json_t *in, const Environment *environment, const Profiles *profiles) {
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        _cleanup_buffer_ Buffer url = { 0 }, why = { 0 };
        MetadataWishes wishes = {
                .endpoint = get_text(in, "endpoint_override", NULL),
                .mode = get_text(in, "mode_override", NULL),
        };
        int r;

        if (profile_locations_resolve(environment, true, &locations) < 0)
                return NULL;
        wishes.profile_endpoint =
                        profiles_text(profiles, locations.profile, "ec2_metadata_service_endpoint");
        wishes.profile_mode = profiles_text(
                        profiles, locations.profile, "ec2_metadata_service_endpoint_mode");

        r = metadata_endpoint(environment, &wishes, &url, &why);
        if (r >= 0)
                r = buffer_add(&url, METADATA_TOKEN_PATH);
        if (r < 0)
                return r == -ENOMEM ? NULL : answer_error(buffer_text(&why));
        return json_pack("{s:s}", "url", buffer_text(&url));
}

json_t *op_imds_endpoint(const json_t *in) {
        _cleanup_(given_environment_done) GivenEnvironment environment = { 0 };
        _cleanup_profiles_ Profiles profiles = { 0 };
        _cleanup_free_ char *why = NULL;
        int r;

        if (get_environment(in, &environment) < 0)
                return NULL;
        r = get_profiles(in, &profiles, &why);
        if (r < 0)
                return r == -EINVAL ? answer_error(why) : NULL;
        return resolve(in, &environment.list.environment, &profiles);
}
