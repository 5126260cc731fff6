/* SPDX-License-Identifier: Apache-2.0 */

/* Profiles: two files seen as one, and where they are. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profiles.h"
#include "util/mem.h"
#include "util/string-util.h"

const char *profiles_get(const Profiles *profiles, const char *profile, const char *key) {
        const char *value = NULL;

        assert(profiles && profile && key);

        if (profiles->credentials)
                value = profile_file_get(profiles->credentials, profile, key);
        if (!value && profiles->config)
                value = profile_file_get(profiles->config, profile, key);
        return value;
}

const char *profiles_text(const Profiles *profiles, const char *profile, const char *key) {
        const char *value = profiles_get(profiles, profile, key);

        return is_blank(value) ? NULL : value;
}

bool profiles_has(const Profiles *profiles, const char *profile) {
        return (profiles->credentials && profile_file_has(profiles->credentials, profile))
                        || (profiles->config && profile_file_has(profiles->config, profile));
}

int profiles_service_get(const Profiles *profiles,
                const char *profile,
                const char *service,
                const char *key,
                char **ret) {
        const char *section = profiles_text(profiles, profile, "services");

        if (!section)
                return -ENOENT;
        /* Sections other than profiles are the config file's alone. */
        if (!profiles->config
                        || !profile_section_has(
                                        profiles->config, PROFILE_SECTION_SERVICES, section))
                return -ESRCH;
        return profile_value_sub(profile_section_get(profiles->config, PROFILE_SECTION_SERVICES,
                                                 section, service),
                        key, ret);
}

void profiles_done(Profiles *profiles) {
        profiles->config = profile_file_free(profiles->config);
        profiles->credentials = profile_file_free(profiles->credentials);
}

/* Expands a leading "~/" where home is known. */
static int expand(const char *path, const char *home, char **ret) {
        size_t n = home ? strlen(home) : 0;

        if (!home || !starts_with(path, "~/")) {
                *ret = strdup(path);
                return *ret ? 0 : -ENOMEM;
        }
        while (n > 0 && home[n - 1] == '/')
                n--;
        if (asprintf(ret, "%.*s%s", (int) n, home, path + 1) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int locate(const Environment *environment,
                const char *home,
                const char *variable,
                const char *usual,
                char **ret,
                bool *ret_is_named) {
        const char *named = environment_text(environment, variable);

        *ret_is_named = named != NULL;
        return named || home ? expand(named ? named : usual, home, ret) : 0;
}

int profile_locations_resolve(const Environment *environment,
                bool use_home,
                ProfileLocations *ret) {
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        const char *home, *profile;
        int r;

        assert(environment && ret);

        home = use_home ? environment_text(environment, "HOME") : NULL;
        /* AWS_DEFAULT_PROFILE is botocore's own and no other SDK's: it does not choose an identity
         * here. */
        profile = environment_text(environment, "AWS_PROFILE");
        locations.profile_is_named = profile != NULL;
        locations.profile = strdup(profile ? profile : "default");
        if (!locations.profile)
                return -ENOMEM;

        r = locate(environment, home, "AWS_CONFIG_FILE", "~/.aws/config", &locations.config,
                        &locations.config_is_named);
        if (r >= 0)
                r = locate(environment, home, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
                                &locations.credentials, &locations.credentials_is_named);
        if (r < 0)
                return r;

        *ret = locations;
        locations = (ProfileLocations){ 0 };
        return 0;
}

void profile_locations_done(ProfileLocations *locations) {
        free(locations->config);
        free(locations->credentials);
        free(locations->profile);
        *locations = (ProfileLocations){ 0 };
}
