/* SPDX-License-Identifier: Apache-2.0 */

/* profile_locations: which files and which profile, by the environment. */

#include "aws/profiles.h"
#include "driver.h"

json_t *op_profile_locations(const json_t *in) {
        _cleanup_(given_environment_done) GivenEnvironment environment = { 0 };
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };

        if (get_environment(in, &environment) < 0)
                return NULL;
        /* As a person's program does; the service has no home. */
        if (profile_locations_resolve(&environment.list.environment, true, &locations) < 0)
                return NULL;
        return json_pack("{s:s?, s:s?, s:s}", "config", locations.config, "credentials",
                        locations.credentials, "profile", locations.profile);
}
