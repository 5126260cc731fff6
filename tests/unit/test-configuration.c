/* SPDX-License-Identifier: Apache-2.0 */

/* Files that are those in force are not loaded once more. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration.h"
#include "test.h"

#define SETTINGS "sources: {grc: {account: '111122223333', region: us-east-1}}\n"

static char settings[64], shares[64];

static void write_file(const char *path, const char *text) {
        FILE *file = fopen(path, "we");

        ASSERT_TRUE(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* What loading comes to, and the hash of what was loaded. */
static int load(const ConfigurationHash *in_force, ConfigurationHash *ret_hash) {
        const ConfigurationPaths paths = {
                .settings = settings, .shares = { shares }, .n_shares = 1
        };
        _cleanup_(configuration_freep) Configuration *configuration = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r;

        r = configuration_load_changed(&paths, in_force, &configuration, &faults, ret_hash);
        ASSERT_EQ(r == 0, configuration != NULL);
        ASSERT_EQ(r == -EINVAL, faults_count(faults) > 0);
        return r;
}

static void test_changes(void) {
        ConfigurationHash in_force = 0, other = 0;

        test_row("loaded");
        ASSERT_EQ(0, load(NULL, &in_force));

        test_row("the same");
        ASSERT_EQ(-EALREADY, load(&in_force, &other));
        ASSERT_TRUE(other == in_force);

        test_row("the same, written anew");
        ASSERT_EQ(0, unlink(shares));
        write_file(shares, "frameworks: []\n");
        ASSERT_EQ(-EALREADY, load(&in_force, &other));

        test_row("the same, in other hands");
        ASSERT_EQ(0, chmod(shares, 0666));
        ASSERT_EQ(-EINVAL, load(&in_force, &other));
        ASSERT_EQ(0, chmod(shares, 0644));

        test_row("other shares");
        write_file(shares, "frameworks: [] # none\n");
        ASSERT_EQ(0, load(&in_force, &other));
        ASSERT_TRUE(other != in_force);

        test_row("other settings");
        write_file(shares, "frameworks: []\n");
        write_file(settings, SETTINGS "interval: 2h\n");
        ASSERT_EQ(0, load(&in_force, &other));
        ASSERT_TRUE(other != in_force);

        test_row("none");
        ASSERT_EQ(0, unlink(shares));
        ASSERT_EQ(-EINVAL, load(&in_force, &other));
}

int main(void) {
        char folder[] = "/tmp/test-configuration-XXXXXX";

        (void) umask(022);
        if (!mkdtemp(folder))
                return EXIT_FAILURE;
        (void) snprintf(settings, sizeof(settings), "%s/settings.yaml", folder);
        (void) snprintf(shares, sizeof(shares), "%s/shares.yaml", folder);
        write_file(settings, SETTINGS);
        write_file(shares, "frameworks: []\n");

        test_changes();

        (void) unlink(settings);
        (void) unlink(shares);
        (void) rmdir(folder);
        return test_end();
}
