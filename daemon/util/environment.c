/* SPDX-License-Identifier: Apache-2.0 */

/* The environment as a value. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/environment.h"
#include "util/string-util.h"

static const char *get_process(const Environment *environment, const char *name) {
        (void) environment;
        return getenv(name);
}

const Environment environment_process = { .get = get_process };

static const char *get_list(const Environment *environment, const char *name) {
        const EnvironmentList *list = (const EnvironmentList *) environment;

        for (const char *const *line = list->lines; *line; line++) {
                const char *rest = starts_with(*line, name);

                if (rest && *rest == '=')
                        return rest + 1;
        }
        return NULL;
}

EnvironmentList environment_list(const char *const *lines) {
        return (EnvironmentList){ .environment = { .get = get_list }, .lines = lines };
}

const char *environment_text(const Environment *environment, const char *name) {
        const char *value = environment->get(environment, name);

        return is_blank(value) ? NULL : value;
}

bool environment_is_true(const Environment *environment, const char *name) {
        const char *value = environment_text(environment, name);

        return value && strcasecmp(value, "true") == 0;
}
