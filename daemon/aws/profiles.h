#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Profiles: the shared config and credentials files taken together
 *
 * Pure. Where both files have a key of a profile, the credentials file's counts
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
 */

#include "aws/profile-file.h"
#include "util/environment.h"

/* Either may be NULL: there is no such file. Owned. */
typedef struct Profiles {
        ProfileFile *config;
        ProfileFile *credentials;
} Profiles;

/* The value of a key (lower case) of a profile, owned by the profiles; NULL where there is none. */
const char *profiles_get(const Profiles *profiles, const char *profile, const char *key);

/* As profiles_get(), where blank counts as absent. */
const char *profiles_text(const Profiles *profiles, const char *profile, const char *key);

bool profiles_has(const Profiles *profiles, const char *profile);

/*
 * The value of `key` in the [services NAME] section that the profile's `services` names, of the
 * nested settings of `service` ("auditmanager"). 0 with a new string; -ENOENT; -ESRCH: there is no
 * section of that name; -ENOMEM.
 */
int profiles_service_get(const Profiles *profiles,
                const char *profile,
                const char *service,
                const char *key,
                char **ret);

void profiles_done(Profiles *profiles);
#define _cleanup_profiles_ _cleanup_(profiles_done)

/*
 * Which files and which profile, by the environment alone. New strings; config and credentials are
 * NULL where there is no file to look at: home is not consulted, or is not known.
 */
typedef struct ProfileLocations {
        char *config; /* AWS_CONFIG_FILE, else ~/.aws/config */
        char *credentials; /* AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials */
        char *profile; /* AWS_PROFILE, else "default" */
        bool config_is_named, credentials_is_named, profile_is_named; /* by a variable */
} ProfileLocations;

/* use_home: $HOME is consulted, for the defaults and for a leading "~/". 0 or -ENOMEM. */
int profile_locations_resolve(const Environment *environment, bool use_home, ProfileLocations *ret);
void profile_locations_done(ProfileLocations *locations);
