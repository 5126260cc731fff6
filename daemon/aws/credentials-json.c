/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials as JSON
 *
 * One form for metadata services, containers and programs, with names that differ. The values are
 * wiped where they lie in the parsed text, as soon as they are copied.
 */

#include <errno.h>
#include <string.h>

#include "aws/credentials-json.h"
#include "aws/credentials-source.h"
#include "util/mem.h"

static void wipe(json_t *json) {
        const char *key;
        json_t *value;
        size_t i;

        if (json_is_string(json))
                erase((char *) json_string_value(json), json_string_length(json));
        json_array_foreach(json, i, value) {
                wipe(value);
        }
        json_object_foreach(json, key, value) {
                wipe(value);
        }
}

json_t *json_wipe(json_t *json) {
        wipe(json);
        json_decref(json);
        return NULL;
}

/* Absent and null are the same; anything else that is no text is a mistake worth a word. */
static int member(const json_t *json, const char *name, const char **ret, Buffer *ret_why) {
        const json_t *value = json_object_get(json, name);
        int r;

        *ret = NULL;
        if (!value || json_is_null(value))
                return 0;
        *ret = json_text(json, name);
        if (*ret)
                return 0;

        r = buffer_addf(ret_why, "%s is no text", name);
        return r < 0 ? r : -EINVAL;
}

static int read_members(const json_t *json,
                const CredentialsNames *names,
                CredentialsText *text,
                Buffer *ret_why) {
        int r;

        r = member(json, names->access_key_id, &text->access_key_id, ret_why);
        if (r >= 0)
                r = member(json, names->secret_access_key, &text->secret_access_key, ret_why);
        if (r >= 0)
                r = member(json, names->session_token, &text->session_token, ret_why);
        if (r >= 0)
                r = member(json, names->expiration, &text->expiration, ret_why);
        if (r >= 0)
                r = member(json, names->account_id, &text->account_id, ret_why);
        return r;
}

int credentials_from_json(const void *body,
                size_t length,
                const CredentialsNames *names,
                const CredentialsText *text,
                Credentials *ret,
                Buffer *ret_why) {
        _cleanup_json_secret_ json_t *json = NULL;
        CredentialsText read = { .origin = text->origin, .may_outlive = text->may_outlive };
        int r;

        r = json_read(body, length, &json);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !json_is_object(json)) {
                r = buffer_add(ret_why,
                                r < 0 ? "the answer is no JSON" : "the answer is no object");
                return r < 0 ? r : -EINVAL;
        }

        r = read_members(json, names, &read, ret_why);
        return r < 0 ? r : credentials_from_text(&read, names, ret, ret_why);
}
