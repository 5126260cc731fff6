#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Reading the values of one entry of `frameworks:`, but for its policy and its recipients. */

#include "desired/reader.h"
#include "model/identifiers.h"

/* In characters, from the API's model of a framework. */
#define FRAMEWORK_NAME_MAX 300

typedef struct FrameworkEntry {
        const char *name; /* texts are of the document; NULL where absent */
        Uuid id;
        const char *source;
        const char *comment;
        int64_t pin_usec; /* TIME_UNKNOWN: none */
        bool acknowledged;
        bool suspend;
} FrameworkEntry;

typedef enum FrameworkKey {
        FRAMEWORK_NAME,
        FRAMEWORK_ID,
        FRAMEWORK_SOURCE,
        FRAMEWORK_COMMENT,
        FRAMEWORK_ELIGIBILITY,
        FRAMEWORK_PIN,
        FRAMEWORK_SUSPEND,
        FRAMEWORK_POLICY,
        FRAMEWORK_RECIPIENTS,
        FRAMEWORK_KEY_MAX
} FrameworkKey;

/* Whether it is a mapping at all; which values are good is in fields. */
bool read_framework_entry(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                FrameworkEntry *ret,
                Fields *ret_fields);
