/* SPDX-License-Identifier: Apache-2.0 */

/* JSON. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"

/*
 * jansson (2.14) does not always look at whether the text it reads or writes could grow: short of
 * memory it takes one with a character missing for good. So its allocations are watched.
 */
static bool failed;

static void *allocate(size_t size) {
        void *p = malloc(size);

        failed |= !p;
        return p;
}

static void watch(void) {
        failed = false;
        json_set_alloc_funcs(allocate, wipe_free);
}

static int load(const void *text, size_t length, size_t flags, json_error_t *error, json_t **ret) {
        json_t *json;

        watch();
        /* A value that is no object is JSON, too; what it means is for the caller to say. */
        json = json_loadb(
                        text ? text : "", length, flags | JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
        if (failed) {
                json_decref(json);
                return -ENOMEM;
        }
        if (!json)
                return -EBADMSG;

        *ret = json;
        return 0;
}

int json_read(const void *text, size_t length, json_t **ret) {
        return load(text, length, 0, NULL, ret);
}

int json_read_first(const void *text, size_t length, size_t *ret_used, json_t **ret) {
        json_error_t error = { 0 };
        int r;

        r = load(text, length, JSON_DISABLE_EOF_CHECK, &error, ret);
        if (r >= 0)
                *ret_used = (size_t) error.position;
        return r;
}

int json_write(const json_t *json, size_t flags, char **ret) {
        char *text;

        if (!json)
                return -ENOMEM;
        watch();
        text = json_dumps(json, flags | JSON_ENCODE_ANY);
        if (failed || !text) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
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
