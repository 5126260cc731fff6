/* SPDX-License-Identifier: Apache-2.0 */

/* JSON answers. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"

/*
 * jansson (2.14) does not look at whether the buffer of the string it reads could grow: short of
 * memory it takes a text with a character missing for good. So its allocations are watched.
 */
static bool failed;

static void *allocate(size_t size) {
        void *p = malloc(size);

        failed |= !p;
        return p;
}

int json_read(const void *text, size_t length, json_t **ret) {
        json_t *json;

        failed = false;
        json_set_alloc_funcs(allocate, wipe_free);

        /* A value that is no object is JSON, too; what it means is for the caller to say. */
        json = json_loadb(text ? text : "", length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (failed) {
                json_decref(json);
                return -ENOMEM;
        }
        if (!json)
                return -EBADMSG;

        *ret = json;
        return 0;
}

const char *json_text(const json_t *object, const char *key) {
        const json_t *value = json_object_get(object, key);

        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
                return NULL;
        return json_string_value(value);
}

json_t *json_from_text(const char *text) {
        _cleanup_buffer_ Buffer clean = { 0 };
        size_t length = text ? strlen(text) : 0, bad = 0;

        if (!text)
                return json_null();
        while (!utf8_is_valid(text, length, &bad)) {
                (void) buffer_append(&clean, text, bad);
                (void) buffer_add(&clean, "\xef\xbf\xbd");
                text += bad + 1;
                length -= bad + 1;
        }
        (void) buffer_append(&clean, text, length);
        return buffer_status(&clean) < 0 ? NULL : json_string(buffer_text(&clean));
}
