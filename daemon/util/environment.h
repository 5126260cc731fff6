#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The environment as a value
 *
 * What is decided by environment variables takes this instead of asking getenv(3), so that a test
 * can hand in another one.
 */

#include <stdbool.h>

typedef struct Environment Environment;

struct Environment {
        /* The value as it is set; NULL: not set. */
        const char *(*get)(const Environment *environment, const char *name);
};

/* The process's own. */
extern const Environment environment_process;

/* A fixed one: "NAME=value", …, NULL. Borrowed. */
typedef struct EnvironmentList {
        Environment environment;
        const char *const *lines;
} EnvironmentList;

EnvironmentList environment_list(const char *const *lines);

/* The value, or NULL where it is not set or blank, which AWS's tools take for the same. */
const char *environment_text(const Environment *environment, const char *name);

/* Whether it is "true", in any case. */
bool environment_is_true(const Environment *environment, const char *name);
