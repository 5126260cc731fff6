/* SPDX-License-Identifier: Apache-2.0 */

/* Two files seen as one, and where they are. */

#include <stdlib.h>

#include "aws/profiles.h"
#include "test.h"

static bool parse(ProfileFileKind kind, const char *text, ProfileFile **ret) {
        const char *why = NULL;
        uint32_t line = 0;

        return !text || ASSERT_OK(profile_file_parse(kind, text, strlen(text), ret, &line, &why));
}

static bool parse_both(const char *config, const char *credentials, Profiles *ret) {
        return parse(PROFILE_FILE_CONFIG, config, &ret->config)
                        && parse(PROFILE_FILE_CREDENTIALS, credentials, &ret->credentials);
}

static const struct {
        const char *name;
        const char *config, *credentials; /* NULL: there is no such file */
        const char *profile, *key;
        bool has;
        const char *value, *text;
} rows[] = {
        { "no files", NULL, NULL, "default", "a", false, NULL, NULL },
        { "config alone", "[profile x]\na=1", NULL, "x", "a", true, "1", "1" },
        { "credentials alone", NULL, "[x]\na=1", "x", "a", true, "1", "1" },
        { "credentials first", "[profile x]\na=1", "[x]\na=2", "x", "a", true, "2", "2" },
        { "key by key", "[profile x]\na=1\nb=3", "[x]\na=2", "x", "b", true, "3", "3" },
        { "other profile", "[profile x]\na=1", "[y]\na=2", "x", "a", true, "1", "1" },
        { "blank", "[profile x]\na=", NULL, "x", "a", true, "", NULL },
        { "a blank of the credentials counts", "[profile x]\na=1", "[x]\na=", "x", "a", true, "",
                        NULL },
        { "an empty profile", "[profile x]", NULL, "x", "a", true, NULL, NULL },
        { "[profile default] beats [default]", "[profile default]\na=1\n[default]\na=2", NULL,
                        "default", "a", true, "1", "1" },
        { "wherever it stands", "[default]\na=2\n[profile default]\na=1", NULL, "default", "a",
                        true, "1", "1" },
        { "and nothing of [default] is left", "[default]\na=2\n[profile default]\nb=1", NULL,
                        "default", "a", true, NULL, NULL },
        { "the credentials' [default] counts before both", "[default]\na=2\n[profile default]\na=1",
                        "[default]\na=3", "default", "a", true, "3", "3" },
        { "a prefix in the credentials file", NULL, "[profile x]\na=1", "x", "a", false, NULL,
                        NULL },
};

static void test_get(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_profiles_ Profiles profiles = { 0 };

                test_row(rows[i].name);
                if (!parse_both(rows[i].config, rows[i].credentials, &profiles))
                        continue;
                ASSERT_EQ(rows[i].has, profiles_has(&profiles, rows[i].profile));
                ASSERT_STREQ(rows[i].value, profiles_get(&profiles, rows[i].profile, rows[i].key));
                ASSERT_STREQ(rows[i].text, profiles_text(&profiles, rows[i].profile, rows[i].key));
        }
}

#define SERVICES "[services s]\nsts=\n endpoint_url = https://a\n"

static const struct {
        const char *name, *config, *credentials;
        int r;
        const char *value;
} services[] = {
        { "found", "[profile x]\nservices=s\n" SERVICES, NULL, 0, "https://a" },
        { "named in the credentials file", SERVICES, "[x]\nservices=s", 0, "https://a" },
        { "not named", "[profile x]\n" SERVICES, NULL, -ENOENT, NULL },
        { "named blank", "[profile x]\nservices=\n" SERVICES, NULL, -ENOENT, NULL },
        { "no such section", "[profile x]\nservices=t\n" SERVICES, NULL, -ESRCH, NULL },
        { "no config file", NULL, "[x]\nservices=s", -ESRCH, NULL },
        { "not of this service", "[profile x]\nservices=s\n[services s]\ns3=\n endpoint_url=y",
                        NULL, -ENOENT, NULL },
        { "no key", "[profile x]\nservices=s\n[services s]\nsts=\n other=y", NULL, -ENOENT, NULL },
        { "not nested", "[profile x]\nservices=s\n[services s]\nsts=endpoint_url", NULL, -ENOENT,
                        NULL },
        { "the last one",
                        "[profile x]\nservices=s\n[services s]\nsts=\n endpoint_url=a\n "
                        "endpoint_url = b",
                        NULL, 0, "b" },
        { "blank", "[profile x]\nservices=s\n[services s]\nsts=\n endpoint_url =", NULL, 0, "" },
};

static void test_services(void) {
        for (size_t i = 0; i < ELEMENTSOF(services); i++) {
                _cleanup_profiles_ Profiles profiles = { 0 };
                char *value = NULL;

                test_row(services[i].name);
                if (!parse_both(services[i].config, services[i].credentials, &profiles))
                        continue;
                ASSERT_EQ(services[i].r,
                                profiles_service_get(
                                                &profiles, "x", "sts", "endpoint_url", &value));
                ASSERT_STREQ(services[i].value, value);
                free(value);
        }
}

static const struct {
        const char *name;
        const char *lines[5];
        bool use_home;
        ProfileLocations want;
} places[] = {
        { "nothing", { NULL }, true, { NULL, NULL, (char *) "default", false, false, false } },
        { "home", { "HOME=/h" }, true,
                        { (char *) "/h/.aws/config", (char *) "/h/.aws/credentials",
                                        (char *) "default", false, false, false } },
        { "home is not consulted", { "HOME=/h" }, false,
                        { NULL, NULL, (char *) "default", false, false, false } },
        { "home with slashes", { "HOME=/h//" }, true,
                        { (char *) "/h/.aws/config", (char *) "/h/.aws/credentials",
                                        (char *) "default", false, false, false } },
        { "home of nobody", { "HOME=/" }, true,
                        { (char *) "/.aws/config", (char *) "/.aws/credentials", (char *) "default",
                                        false, false, false } },
        { "blank home", { "HOME= " }, true,
                        { NULL, NULL, (char *) "default", false, false, false } },
        { "Windows' home", { "USERPROFILE=C:\\x" }, true,
                        { NULL, NULL, (char *) "default", false, false, false } },
        { "named", { "AWS_CONFIG_FILE=/c", "AWS_SHARED_CREDENTIALS_FILE=k", "AWS_PROFILE=p" }, true,
                        { (char *) "/c", (char *) "k", (char *) "p", true, true, true } },
        { "named before home", { "HOME=/h", "AWS_CONFIG_FILE=/c" }, true,
                        { (char *) "/c", (char *) "/h/.aws/credentials", (char *) "default", true,
                                        false, false } },
        { "named from home", { "HOME=/h", "AWS_CONFIG_FILE=~/c/~/d" }, true,
                        { (char *) "/h/c/~/d", (char *) "/h/.aws/credentials", (char *) "default",
                                        true, false, false } },
        { "named from no home", { "AWS_CONFIG_FILE=~/c" }, true,
                        { (char *) "~/c", NULL, (char *) "default", true, false, false } },
        { "named from a home that is not consulted", { "HOME=/h", "AWS_CONFIG_FILE=~/c" }, false,
                        { (char *) "~/c", NULL, (char *) "default", true, false, false } },
        { "another's home", { "HOME=/h", "AWS_CONFIG_FILE=~u/c" }, true,
                        { (char *) "~u/c", (char *) "/h/.aws/credentials", (char *) "default", true,
                                        false, false } },
        { "blank counts as unset",
                        { "HOME=/h", "AWS_CONFIG_FILE=", "AWS_SHARED_CREDENTIALS_FILE= \t",
                                        "AWS_PROFILE=" },
                        true,
                        { (char *) "/h/.aws/config", (char *) "/h/.aws/credentials",
                                        (char *) "default", false, false, false } },
        { "the default profile named", { "AWS_PROFILE=default" }, false,
                        { NULL, NULL, (char *) "default", false, false, true } },
        { "botocore's own variable", { "AWS_DEFAULT_PROFILE=d" }, false,
                        { NULL, NULL, (char *) "default", false, false, false } },
};

static void test_locations(void) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                EnvironmentList list = environment_list(places[i].lines);
                const ProfileLocations *want = &places[i].want;
                ProfileLocations got = { 0 };

                test_row(places[i].name);
                if (!ASSERT_OK(profile_locations_resolve(
                                    &list.environment, places[i].use_home, &got)))
                        continue;
                ASSERT_STREQ(want->config, got.config);
                ASSERT_STREQ(want->credentials, got.credentials);
                ASSERT_STREQ(want->profile, got.profile);
                ASSERT_EQ(want->config_is_named, got.config_is_named);
                ASSERT_EQ(want->credentials_is_named, got.credentials_is_named);
                ASSERT_EQ(want->profile_is_named, got.profile_is_named);
                profile_locations_done(&got);
        }
}

int main(void) {
        test_get();
        test_services();
        test_locations();
        return test_end();
}
