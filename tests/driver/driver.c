/* SPDX-License-Identifier: Apache-2.0 */

/* The conformance driver: the loop, the table of operations, and what they share. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "driver.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/string-util.h"

static const struct {
        const char *name;
        json_t *(*run)(const json_t *in);
} operations[] = {
        { "configured_endpoint", op_configured_endpoint },
        { "container_uri", op_container_uri },
        { "endpoint", op_endpoint },
        { "error", op_error },
        { "escape_label", op_escape_label },
        { "escape_query", op_escape_query },
        { "imds_endpoint", op_imds_endpoint },
        { "json", op_json },
        { "parse", op_parse },
        { "profile_chain", op_profile_chain },
        { "profile_fuzz", op_profile_fuzz },
        { "profile_locations", op_profile_locations },
        { "profile_parse", op_profile_parse },
        { "resolve_credentials", op_resolve_credentials },
        { "retry", op_retry },
        { "retry_classify", op_retry_classify },
        { "serialize", op_serialize },
        { "sigv4", op_sigv4 },
        { "timestamp", op_timestamp },
        { "xml_credentials", op_xml_credentials },
        { "xml_error", op_xml_error },
};

json_t *answer_unsupported(const char *why) {
        return json_pack("{s:s}", "unsupported", why);
}

json_t *answer_error(const char *why) {
        return json_pack("{s:s}", "error", why);
}

const char *get_text(const json_t *in, const char *key, const char *fallback) {
        const json_t *value = json_object_get(in, key);

        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
                return fallback;
        return json_string_value(value);
}

bool get_bool(const json_t *in, const char *key, bool fallback) {
        const json_t *value = json_object_get(in, key);

        return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const char *get_header(const json_t *in, const char *name) {
        const json_t *headers = json_object_get(in, "headers"), *pair, *value;
        const char *key;
        size_t i;

        json_array_foreach(headers, i, pair) {
                key = json_string_value(json_array_get(pair, 0));
                if (key && strcasecmp(key, name) == 0)
                        return json_string_value(json_array_get(pair, 1));
        }
        /* An object does as well. */
        json_object_foreach((json_t *) headers, key, value) {
                if (strcasecmp(key, name) == 0)
                        return json_string_value(value);
        }
        return NULL;
}

int get_environment(const json_t *in, GivenEnvironment *ret) {
        const json_t *env = json_object_get(in, "env"), *value;
        GivenEnvironment given = { .lines = calloc(json_object_size(env) + 1, sizeof(char *)) };
        const char *name;
        size_t n = 0;

        if (!given.lines)
                return -ENOMEM;
        json_object_foreach((json_t *) env, name, value) {
                if (!json_is_string(value))
                        continue;
                if (asprintf(&given.lines[n], "%s=%s", name, json_string_value(value)) < 0) {
                        given.lines[n] = NULL;
                        given_environment_done(&given);
                        return -ENOMEM;
                }
                n++;
        }

        given.list = environment_list((const char *const *) given.lines);
        *ret = given;
        return 0;
}

void given_environment_done(GivenEnvironment *given) {
        for (size_t i = 0; given->lines && given->lines[i]; i++)
                free(given->lines[i]);
        free(given->lines);
        given->lines = NULL;
}

static int hex_digit(char c) {
        const char *digits = "0123456789abcdef",
                   *p = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

        return p ? (int) (p - digits) : -1;
}

int get_hex(const json_t *in, const char *key, Buffer *out) {
        const char *text = get_text(in, key, "");
        int r;

        for (; *text; text += 2) {
                int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

                if (low < 0)
                        return -EINVAL;
                r = buffer_add_char(out, (char) (high * 16 + low));
                if (r < 0)
                        return r;
        }
        return 0;
}

static json_t *answer(const json_t *in) {
        const char *op = get_text(in, "op", NULL);

        if (!op)
                return answer_error("the request is no object with an op");
        for (size_t i = 0; i < ELEMENTSOF(operations); i++)
                if (streq(operations[i].name, op))
                        return operations[i].run(in);
        return answer_unsupported("there is no such operation here");
}

static int answer_line(const char *line, size_t length) {
        json_t *in = json_loadb(line, length, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL), *out;
        char *text;

        out = in ? answer(in) : answer_error("the request is no JSON");
        if (out && json_object_get(in, "id"))
                (void) json_object_set(out, "id", json_object_get(in, "id"));
        text = out ? json_dumps(out, JSON_COMPACT) : NULL;

        puts(text ? text : "{\"error\":\"out of memory\"}");
        free(text);
        json_decref(out);
        json_decref(in);
        return fflush(stdout) == 0 ? 0 : -errno;
}

int main(void) {
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        ssize_t n;

        while ((n = getline(&line, &size, stdin)) > 0)
                if (answer_line(line, (size_t) n) < 0)
                        return EXIT_FAILURE;
        return EXIT_SUCCESS;
}
