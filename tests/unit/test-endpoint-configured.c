/* SPDX-License-Identifier: Apache-2.0 */

/* Endpoints of one's own: each place beats those below it, and what switches them off. */

#include "aws/endpoint-configured.h"
#include "test.h"

#define AUDITMANAGER AWS_SERVICE_AUDITMANAGER
#define STS          AWS_SERVICE_STS

/* A profile with everything in it. */
#define ALL                                                                                        \
        "[default]\nservices = s\nendpoint_url = https://profile\n"                                \
        "[services s]\nauditmanager =\n  endpoint_url = https://section\n"
#define SECTION "the services section of the profile"
#define PROFILE "endpoint_url of the profile"
#define OFF     "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

static const struct {
        const char *name;
        AwsService service;
        EndpointWishes wishes;
        const char *lines[4]; /* of the environment */
        const char *config;
        ConfiguredEndpoint want;
} rows[] = {
        { "nothing", STS, { 0 }, { NULL }, "", { 0 } },
        { "settings", STS, { .url = "https://s" }, { "AWS_ENDPOINT_URL_STS=https://e" }, ALL,
                        { .url = (char *) "https://s", .origin = "the settings" } },
        { "blank settings", STS, { .url = "" }, { "AWS_ENDPOINT_URL_STS=https://e" }, ALL,
                        { .url = (char *) "https://e", .origin = "AWS_ENDPOINT_URL_STS" } },
        { "variable of the service", AUDITMANAGER, { 0 },
                        { "AWS_ENDPOINT_URL=https://a", "AWS_ENDPOINT_URL_AUDITMANAGER=https://e" },
                        ALL,
                        { .url = (char *) "https://e",
                                        .origin = "AWS_ENDPOINT_URL_AUDITMANAGER" } },
        { "variable of another service", AUDITMANAGER, { 0 },
                        { "AWS_ENDPOINT_URL_STS=https://e", "AWS_ENDPOINT_URL=https://a" }, ALL,
                        { .url = (char *) "https://a", .origin = "AWS_ENDPOINT_URL" } },
        { "blank variables", AUDITMANAGER, { 0 },
                        { "AWS_ENDPOINT_URL= ", "AWS_ENDPOINT_URL_AUDITMANAGER=" }, ALL,
                        { .url = (char *) "https://section", .origin = SECTION } },
        { "section", AUDITMANAGER, { 0 }, { NULL }, ALL,
                        { .url = (char *) "https://section", .origin = SECTION } },
        { "section of another service", STS, { 0 }, { NULL }, ALL,
                        { .url = (char *) "https://profile", .origin = PROFILE } },
        { "blank section", STS, { 0 }, { NULL },
                        "[default]\nservices=s\nendpoint_url=https://p\n[services s]\nsts=\n "
                        "endpoint_url=",
                        { .url = (char *) "https://p", .origin = PROFILE } },
        { "section that is not there", STS, { 0 }, { NULL },
                        "[default]\nservices=t\nendpoint_url=https://p\n[services s]\nsts=\n x=y",
                        { .fault = "the profile's services names a section that is not in the "
                                   "config file" } },
        { "section that is not there, and not needed", STS, { 0 }, { "AWS_ENDPOINT_URL=https://a" },
                        "[default]\nservices=t",
                        { .url = (char *) "https://a", .origin = "AWS_ENDPOINT_URL" } },
        { "profile", STS, { 0 }, { NULL }, "[default]\nendpoint_url=https://p",
                        { .url = (char *) "https://p", .origin = PROFILE } },
        { "another profile", STS, { 0 }, { NULL }, "[profile x]\nendpoint_url=https://p", { 0 } },

        { "ignored by the environment", AUDITMANAGER, { 0 },
                        { OFF "=true", "AWS_ENDPOINT_URL=https://a" }, ALL, { 0 } },
        { "in any case", AUDITMANAGER, { 0 }, { OFF "=TRUE" }, ALL, { 0 } },
        { "1 is not true", AUDITMANAGER, { 0 }, { OFF "=1" }, ALL,
                        { .url = (char *) "https://section", .origin = SECTION } },
        { "ignored by the profile", STS, { 0 }, { "AWS_ENDPOINT_URL=https://a" },
                        "[default]\nignore_configured_endpoint_urls = true\nendpoint_url=https://p",
                        { 0 } },
        { "the environment's no beats the profile's yes", STS, { 0 }, { OFF "=false" },
                        "[default]\nignore_configured_endpoint_urls = true\nendpoint_url=https://p",
                        { .url = (char *) "https://p", .origin = PROFILE } },
        { "ignored by the caller", STS, { .ignore_configured = true }, { OFF "=false" }, ALL,
                        { 0 } },
        { "heeded by the caller", AUDITMANAGER, { .heed_configured = true }, { OFF "=true" }, ALL,
                        { .url = (char *) "https://section", .origin = SECTION } },
        { "the settings are never ignored", STS, { .url = "https://s", .ignore_configured = true },
                        { OFF "=true" }, ALL,
                        { .url = (char *) "https://s", .origin = "the settings" } },
        { "nor is a missing section told of then", STS, { 0 }, { OFF "=true" },
                        "[default]\nservices=t", { 0 } },

        { "FIPS of the settings", STS, { .use_fips = true }, { "AWS_USE_FIPS_ENDPOINT=false" }, "",
                        { .use_fips = true } },
        { "FIPS of the environment", STS, { 0 }, { "AWS_USE_FIPS_ENDPOINT=True" }, "",
                        { .use_fips = true } },
        { "FIPS of the profile", STS, { 0 }, { NULL }, "[default]\nuse_fips_endpoint = true",
                        { .use_fips = true } },
        { "FIPS denied by the environment", STS, { 0 }, { "AWS_USE_FIPS_ENDPOINT=false" },
                        "[default]\nuse_fips_endpoint = true", { 0 } },
        { "dual-stack of the settings", STS, { .use_dualstack = true }, { NULL }, "",
                        { .use_dualstack = true } },
        { "dual-stack of the environment", STS, { 0 }, { "AWS_USE_DUALSTACK_ENDPOINT=true" }, "",
                        { .use_dualstack = true } },
        { "dual-stack of the profile, with an endpoint", STS, { 0 }, { NULL },
                        "[default]\nuse_dualstack_endpoint = TRUE\nendpoint_url=https://p",
                        { .url = (char *) "https://p", .origin = PROFILE, .use_dualstack = true } },
        { "whatever is ignored, these are not", STS, { 0 },
                        { OFF "=true", "AWS_USE_FIPS_ENDPOINT=true" },
                        "[default]\nuse_dualstack_endpoint = true",
                        { .use_fips = true, .use_dualstack = true } },
};

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                EnvironmentList list = environment_list(rows[i].lines);
                const ConfiguredEndpoint *want = &rows[i].want;
                _cleanup_profiles_ Profiles profiles = { 0 };
                ConfiguredEndpoint got = { 0 };
                const char *why = NULL;
                uint32_t line = 0;

                test_row(rows[i].name);
                if (!ASSERT_OK(profile_file_parse(PROFILE_FILE_CONFIG, rows[i].config,
                                    strlen(rows[i].config), &profiles.config, &line, &why)))
                        continue;
                if (!ASSERT_OK(endpoint_configured(rows[i].service, &rows[i].wishes,
                                    &list.environment, &profiles, "default", &got)))
                        continue;
                ASSERT_STREQ(want->url, got.url);
                ASSERT_STREQ(want->origin, got.origin);
                ASSERT_STREQ(want->fault, got.fault);
                ASSERT_EQ(want->use_fips, got.use_fips);
                ASSERT_EQ(want->use_dualstack, got.use_dualstack);
                configured_endpoint_done(&got);
        }
        return test_end();
}
