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

/* Where a value is read to; only while it is. */
static Arena *target;

static void *allocate_in_target(size_t size) {
        void *p = arena_allocate(target, size);

        failed |= !p;
        return p;
}

static void leave(_unused_ void *p) {
}

/* A value that is no object is JSON, too; what it means is for the caller to say. */
#define READ_FLAGS ((size_t) (JSON_DECODE_ANY | JSON_ALLOW_NUL))

static int load(const void *text, size_t length, size_t flags, json_error_t *error, json_t **ret) {
        json_t *json;

        watch();
        json = json_loadb(text ? text : "", length, flags | READ_FLAGS, error);
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

int json_read_into(Arena *arena, const void *text, size_t length, const json_t **ret) {
        const json_t *json;

        bool whole;

        failed = false;
        target = arena;
        json_set_alloc_funcs(allocate_in_target, leave);
        json = json_loadb(text ? text : "", length, READ_FLAGS, NULL);
        whole = !failed;
        watch();
        if (!whole || !json)
                return whole ? -EBADMSG : -ENOMEM;
        *ret = json;
        return 0;
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

/* A character that a string may not hold as it is (RFC 8259, 7), in jansson's spelling. */
static void add_escaped(Buffer *out, char c) {
        static const char letters[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
        const char *letter = strchr(letters, c);

        if (letter) {
                (void) buffer_add_char(out, '\\');
                (void) buffer_add_char(out, names[letter - letters]);
        } else
                (void) buffer_addf(out, "\\u%04X", (unsigned) c);
}

static void add_valid(Buffer *out, const char *text, size_t length) {
        size_t begin = 0;

        for (size_t i = 0; i < length; i++)
                if ((unsigned char) text[i] < ' ' || text[i] == '"' || text[i] == '\\') {
                        (void) buffer_append(out, text + begin, i - begin);
                        add_escaped(out, text[i]);
                        begin = i + 1;
                }
        (void) buffer_append(out, text + begin, length - begin);
}

#define REPLACEMENT "\xef\xbf\xbd"

/* Of ASCII, and to be taken as it is: nearly all of what is written. Not so the NUL at the end. */
static size_t plain_length(const char *text) {
        size_t n = 0;

        while ((unsigned char) text[n] - 0x20u < 0x5f && text[n] != '"' && text[n] != '\\')
                n++;
        return n;
}

int json_add_text(Buffer *out, const char *text) {
        size_t length, plain, bad = 0;

        if (!text)
                return buffer_add(out, "null");
        (void) buffer_add_char(out, '"');
        plain = plain_length(text);
        (void) buffer_append(out, text, plain);
        text += plain;
        if (*text == '\0')
                return buffer_add_char(out, '"');
        length = strlen(text);
        while (!utf8_is_valid(text, length, &bad)) {
                add_valid(out, text, bad);
                (void) buffer_add(out, REPLACEMENT);
                text += bad + 1;
                length -= bad + 1;
        }
        add_valid(out, text, length);
        (void) buffer_add_char(out, '"');
        return buffer_status(out);
}

json_t *json_from_text(const char *text) {
        _cleanup_buffer_ Buffer clean = { 0 };
        size_t length = text ? strlen(text) : 0, bad = 0;

        if (!text)
                return json_null();
        while (!utf8_is_valid(text, length, &bad)) {
                (void) buffer_append(&clean, text, bad);
                (void) buffer_add(&clean, REPLACEMENT);
                text += bad + 1;
                length -= bad + 1;
        }
        (void) buffer_append(&clean, text, length);
        return buffer_status(&clean) < 0 ? NULL : json_string(buffer_text(&clean));
}
