/* SPDX-License-Identifier: Apache-2.0 */

/* A share as JSON. */

#include "record/share-json.h"
#include "util/json.h"
#include "util/time.h"

static void add(Buffer *out, const char *before, const char *value) {
        (void) buffer_add(out, before);
        (void) json_add_text(out, value);
}

/* Of letters and digits, and nothing that has to be escaped. */
static inline void add_word(Buffer *out, const char *before, const char *word) {
        (void) buffer_add(out, before);
        (void) buffer_add(out, word ? "\"" : "null");
        if (!word)
                return;
        (void) buffer_add(out, word);
        (void) buffer_add_char(out, '"');
}

static void add_uuid(Buffer *out, const char *before, const Uuid *uuid) {
        char text[UUID_TEXT_MAX];

        add_word(out, before, uuid ? uuid_format(uuid, text) : NULL);
}

static void add_time(Buffer *out, const char *before, int64_t usec) {
        char text[TIME_TEXT_MAX];

        add_word(out, before,
                        usec == TIME_UNKNOWN || usec == TIME_INFINITY ? NULL
                                                                      : time_format(usec, text));
}

int share_view_write(Buffer *out, const ShareView *v) {
        char account[ACCOUNT_TEXT_MAX];

        add(out, "{\"source\":", v->source);
        add_uuid(out, ",\"framework_id\":", v->framework_id);
        add(out, ",\"framework_name\":", v->framework_name);
        add_word(out, ",\"account\":", account_format(recipient_account(v->recipient), account));
        add_word(out, ",\"region\":", region_name(recipient_region(v->recipient)));
        add_uuid(out, ",\"request_id\":", v->request_id);
        add(out, ",\"status\":", v->status);
        add_word(out, ",\"condition\":", condition_name(v->condition));
        add_word(out, ",\"reason\":", reason_name(v->reason));
        add_word(out, ",\"action\":", action_name(v->action));
        add_time(out, ",\"since\":", v->since_usec);
        add_time(out, ",\"expires\":", v->expires_usec);
        add_time(out, ",\"next_attempt\":", v->next_attempt_usec);
        add(out, ",\"comment\":", v->comment);
        add(out, ",\"error\":", v->error);
        (void) buffer_add_char(out, '}');
        return buffer_status(out);
}
