/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Signing in by profiles that somebody hostile wrote
 *
 * A config file, a record separator (0x1e), a credentials file; every profile of both is asked for
 * its chain. What comes out must be whole, and what is refused must be said in one line.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint-configured.h"
#include "aws/profile-chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEPARATOR 0x1e

static void check(bool good) {
        if (!good)
                abort();
}

static ProfileFile *parse(ProfileFileKind kind, const uint8_t *data, size_t size) {
        ProfileFile *file = NULL;
        const char *why = NULL;
        uint32_t line = 0;

        (void) profile_file_parse(kind, (const char *) data, size, &file, &line, &why);
        return file;
}

static void check_word(const char *word, size_t min, size_t max) {
        if (!word)
                return;
        check(strlen(word) >= min && strlen(word) <= max);
        for (const char *c = word; *c; c++)
                check(*c > ' ' && *c < 0x7f);
}

static void check_role(const ProfileRole *role) {
        check(role->role_arn && *role->role_arn);
        check_word(role->role_arn, 1, 2048);
        check_word(role->external_id, 2, 1224);
        check_word(role->session_name, 2, 64);
        check(role->duration_sec == 0
                        || (role->duration_sec >= 900 && role->duration_sec <= 43200));
}

static void check_chain(const Profiles *profiles, const ProfileChain *chain) {
        check(chain->kind < PROFILE_BASE_MAX && profiles_has(profiles, chain->profile));
        check(chain->n_roles <= PROFILE_CHAIN_MAX);
        check(chain->kind < PROFILE_BASE_ENVIRONMENT || chain->n_roles > 0);
        if (chain->kind == PROFILE_BASE_STATIC)
                check(*chain->access_key_id && *chain->secret_access_key);
        if (chain->kind == PROFILE_BASE_PROCESS)
                check(*chain->process);
        if (chain->kind == PROFILE_BASE_WEB_IDENTITY) {
                check_role(&chain->web_identity);
                check(*chain->web_identity.web_identity_token_file);
        }
        for (size_t i = 0; i < chain->n_roles; i++)
                check_role(&chain->roles[i]);
}

static int on_section(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata) {
        const Profiles *profiles = userdata;
        Buffer why = { 0 };
        ProfileChain chain;
        int r;

        (void) value;
        if (kind != PROFILE_SECTION_PROFILE || key)
                return 0;

        r = profile_chain_resolve(profiles, name, &chain, &why);
        if (r >= 0)
                check_chain(profiles, &chain);
        else {
                check(r == -ENODATA || r == -EINVAL);
                check(why.length > 0 && !strpbrk(buffer_text(&why), "\r\n\x1b"));
        }
        buffer_done(&why);
        return 0;
}

/* Endpoints are of the same texts. */
static void try_endpoint(const Profiles *profiles) {
        static const char *const no_lines[] = { NULL };
        EnvironmentList environment = environment_list(no_lines);
        ConfiguredEndpoint endpoint = { 0 };

        if (endpoint_configured(AWS_SERVICE_AUDITMANAGER, &(EndpointWishes){ 0 },
                            &environment.environment, profiles, "default", &endpoint)
                        < 0)
                return;
        check(!endpoint.url == !endpoint.origin);
        check(!endpoint.url || !endpoint.fault);
        configured_endpoint_done(&endpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *separator = size > 0 ? memchr(data, SEPARATOR, size) : NULL;
        size_t n = separator ? (size_t) (separator - data) : size;
        Profiles profiles = { 0 };

        /* Asking each profile is quadratic, which is the test's fault. */
        if (size > 8000)
                return 0;

        profiles.config = parse(PROFILE_FILE_CONFIG, data, n);
        if (separator)
                profiles.credentials = parse(PROFILE_FILE_CREDENTIALS, separator + 1, size - n - 1);
        if (profiles.config)
                (void) profile_file_each(profiles.config, on_section, &profiles);
        if (profiles.credentials)
                (void) profile_file_each(profiles.credentials, on_section, &profiles);
        try_endpoint(&profiles);
        profiles_done(&profiles);
        return 0;
}
