/* SPDX-License-Identifier: Apache-2.0 */

/* What is fixed for the life of a client, from the environment and a config file; and what is
 * refused. Which endpoint wins is in test-endpoint-configured. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/client-config.h"
#include "test.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

#define NO_NUMBER "AWS_MAX_ATTEMPTS, or max_attempts of the profile, is no whole number from 1: "

static const struct {
        const char *name;
        const char *line; /* of the environment */
        const char *config; /* NULL: there is no such file */
        unsigned attempts;
        const char *agent; /* how it ends */
} rows[] = {
        { "nothing", NULL, NULL, 3, " lang/c cfg/retry-mode#standard" },
        { "one attempt", "AWS_MAX_ATTEMPTS=1", NULL, 1, "#standard" },
        { "as many as may be", "AWS_MAX_ATTEMPTS=10", NULL, 10, "#standard" },
        { "more than that", "AWS_MAX_ATTEMPTS=11", NULL, 10, "#standard" },
        { "more than a number holds", "AWS_MAX_ATTEMPTS=99999999999999999999999", NULL, 10,
                        "#standard" },
        { "attempts of the profile", NULL, "[default]\nmax_attempts = 7\n", 7, "#standard" },
        { "the environment first", "AWS_MAX_ATTEMPTS=2", "[default]\nmax_attempts = x\n", 2,
                        "#standard" },
        { "an application", "AWS_SDK_UA_APP_ID=grc", NULL, 3, "#standard app/grc" },
        { "one of the profile", NULL, "[default]\nsdk_ua_app_id = Group-1.2_x\n", 3,
                        " app/Group-1.2_x" },
        { "no token of a header", "AWS_SDK_UA_APP_ID=a b/c\"d(e)\x7f", NULL, 3,
                        " app/a-b-c-d-e--" },
        { "no text of ASCII", "AWS_SDK_UA_APP_ID=\303\251", NULL, 3, " app/--" },
        { "a long one is cut",
                        "AWS_SDK_UA_APP_ID=0123456789012345678901234567890123456789012345678901234",
                        NULL, 3, " app/01234567890123456789012345678901234567890123456789" },
};

static const struct {
        const char *name;
        const char *line;
        const char *config;
        const char *url; /* of the settings */
        const char *why;
} refused[] = {
        { "no attempt at all", "AWS_MAX_ATTEMPTS=0", NULL, NULL, NO_NUMBER "0" },
        { "no number", "AWS_MAX_ATTEMPTS=many", NULL, NULL, NO_NUMBER "many" },
        { "no whole number", NULL, "[default]\nmax_attempts = 1.5\n", NULL, NO_NUMBER "1.5" },
        { "plain http elsewhere", "AWS_ENDPOINT_URL_AUDITMANAGER=http://example.org", NULL, NULL,
                        "the endpoint of auditmanager, http://example.org "
                        "(AWS_ENDPOINT_URL_AUDITMANAGER), cannot be used: " },
        { "no URL", NULL, "[default]\nendpoint_url = here\n", NULL,
                        "the endpoint of auditmanager, here (endpoint_url of the profile), cannot "
                        "be used: " },
        { "of the settings", NULL, NULL, "ftp://x",
                        "the endpoint of auditmanager, ftp://x (the settings), cannot be used: " },
        { "a section that is not there", NULL, "[default]\nservices = s\n", NULL,
                        "the endpoint of auditmanager cannot be used: the profile's services names "
                        "a section that is not in the config file" },
        { "a file that makes no sense", NULL, "[default\n", NULL, "/config" },
};

static char folder[] = "/tmp/auditshared-client-config-XXXXXX";
static char *config_path;

static int load(const char *line,
                const char *config,
                const char *url,
                ClientConfig *ret,
                char **reterr_why) {
        _cleanup_free_ char *names_it = NULL;
        const char *lines[3] = { NULL };
        EnvironmentList list = environment_list(lines);
        Source source = {
                .name = (char *) "governance",
                .region = region_find("eu-west-1"),
                .endpoint_url = (char *) url,
        };

        (void) unlink(config_path);
        if (asprintf(&names_it, "AWS_CONFIG_FILE=%s", config_path) < 0)
                abort();
        lines[0] = config ? names_it : line;
        lines[1] = config ? line : NULL;
        if (config) {
                FILE *file = fopen(config_path, "we");

                if (!file || fputs(config, file) < 0 || fclose(file) != 0)
                        abort();
        }
        return client_config_load(&source, &list.environment, true, ret, reterr_why);
}

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *why = NULL;
                ClientConfig config = { 0 };
                size_t length, tail = strlen(rows[i].agent);

                test_row(rows[i].name);
                if (!ASSERT_OK(load(rows[i].line, rows[i].config, NULL, &config, &why)))
                        continue;
                ASSERT_EQ(rows[i].attempts, config.retry.max_attempts);
                length = strlen(config.user_agent);
                ASSERT_STREQ(rows[i].agent,
                                config.user_agent + (length > tail ? length - tail : 0));
                ASSERT_STREQ("https://auditmanager.eu-west-1.amazonaws.com",
                                config.endpoints[AWS_SERVICE_AUDITMANAGER].url);
                ASSERT_STREQ(NULL, config.endpoints[AWS_SERVICE_AUDITMANAGER].origin);
                client_config_done(&config);
        }
}

static void test_refused(void) {
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                _cleanup_free_ char *why = NULL;
                ClientConfig config = { 0 };

                test_row(refused[i].name);
                ASSERT_EQ(-EINVAL,
                                load(refused[i].line, refused[i].config, refused[i].url, &config,
                                                &why));
                ASSERT_STREQ(NULL, config.user_agent);
                if (!why || !strstr(why, refused[i].why))
                        ASSERT_STREQ(refused[i].why, why);
        }
}

/* It would say where signed requests go. */
static void test_a_file_that_others_can_write(void) {
        _cleanup_free_ char *why = NULL;
        ClientConfig config = { 0 };

        test_row("a file that others can write");
        (void) umask(0);
        ASSERT_EQ(-EINVAL, load(NULL, "[default]\n", NULL, &config, &why));
        (void) umask(022);
        ASSERT_TRUE(why && strstr(why, config_path));
}

int main(void) {
        if (!mkdtemp(folder) || !(config_path = path_join(folder, "config")))
                abort();
        (void) umask(022);
        test_rows();
        test_refused();
        test_a_file_that_others_can_write();
        (void) unlink(config_path);
        (void) rmdir(folder);
        free(config_path);
        return test_end();
}
