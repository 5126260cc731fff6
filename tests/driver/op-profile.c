/* SPDX-License-Identifier: Apache-2.0 */

/* profile_parse, profile_fuzz: the shared config and credentials files. */

#include <errno.h>
#include <stdio.h>

#include "aws/profile-file.h"
#include "driver.h"

typedef struct Merged {
        json_t *profiles, *sso_sessions;
} Merged;

static int on_section(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata) {
        const Merged *merged = userdata;
        json_t *all = kind == PROFILE_SECTION_PROFILE         ? merged->profiles
                        : kind == PROFILE_SECTION_SSO_SESSION ? merged->sso_sessions
                                                              : NULL,
               *section;

        if (!all)
                return 0;
        section = json_object_get(all, name);
        if (!section) {
                section = json_object();
                if (json_object_set_new(all, name, section) < 0)
                        return -ENOMEM;
        }
        return key && json_object_set_new(section, key, json_string(value)) < 0 ? -ENOMEM : 0;
}

/* Adds a file; what is in the credentials file replaces what was in the config file. */
static int add_file(ProfileFileKind kind,
                const char *text,
                size_t length,
                Merged *merged,
                char why[static 256]) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        const char *phrase = "";
        uint32_t line = 0;
        int r;

        r = profile_file_parse(kind, text, length, &file, &line, &phrase);
        if (r < 0) {
                (void) snprintf(why, 256, "line %u: %s", (unsigned) line, phrase);
                return r;
        }
        return profile_file_each(file, on_section, merged);
}

static json_t *parse(const char *config,
                size_t config_length,
                const char *credentials,
                size_t credentials_length) {
        Merged merged = { json_object(), json_object() };
        char why[256] = "";
        int r;

        r = add_file(PROFILE_FILE_CONFIG, config, config_length, &merged, why);
        if (r >= 0)
                r = add_file(PROFILE_FILE_CREDENTIALS, credentials, credentials_length, &merged,
                                why);
        if (r >= 0)
                return json_pack("{s:o, s:o}", "profiles", merged.profiles, "sso_sessions",
                                merged.sso_sessions);

        json_decref(merged.profiles);
        json_decref(merged.sso_sessions);
        return r == -EINVAL ? answer_error(why) : NULL;
}

json_t *op_profile_parse(const json_t *in) {
        const json_t *config = json_object_get(in, "config"),
                     *credentials = json_object_get(in, "credentials");

        return parse(json_is_string(config) ? json_string_value(config) : "",
                        json_string_length(config),
                        json_is_string(credentials) ? json_string_value(credentials) : "",
                        json_string_length(credentials));
}

json_t *op_profile_fuzz(const json_t *in) {
        _cleanup_buffer_ Buffer config = { 0 }, credentials = { 0 };
        json_t *parsed;

        if (get_hex(in, "config_hex", &config) < 0
                        || get_hex(in, "credentials_hex", &credentials) < 0)
                return answer_error("the hex digits make no bytes");
        parsed = parse(buffer_text(&config), config.length, buffer_text(&credentials),
                        credentials.length);
        if (!parsed || json_object_get(parsed, "error"))
                return parsed;
        json_decref(parsed);
        return json_pack("{s:b}", "ok", 1);
}
