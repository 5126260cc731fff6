#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* For tests of the loaders: texts in, all lines that a person would see out. */

#include <stdlib.h>

#include "desired/load.h"
#include "test.h"
#include "util/buffer.h"

/* All faults and notes, one line each. Free with free(). */
static inline char *test_lines(Faults *faults) {
        Buffer lines = { 0 };
        const Fault *items;
        size_t n;

        items = faults_get(faults, &n);
        for (size_t i = 0; i < n; i++) {
                char *line = fault_format(faults, &items[i]);

                (void) buffer_addf(&lines, "%s\n", line ? line : "out of memory");
                free(line);
        }
        return buffer_steal(&lines);
}

/* A text as a file of that name. */
static inline YamlText test_text_n(Faults *faults,
                const char *name,
                const char *text,
                size_t length) {
        YamlText yaml = { .text = text, .length = length };

        ASSERT_OK(faults_add_file(faults, name, &yaml.file));
        return yaml;
}

static inline YamlText test_text(Faults *faults, const char *name, const char *text) {
        return test_text_n(faults, name, text, strlen(text));
}
