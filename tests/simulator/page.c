/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the listings have in common: how long a page is, where it begins, what comes after it
 */

#include <string.h>

#include "operation.h"
#include "page.h"
#include "token.h"

/* A token is good for the same listing of the same caller only. */
char *listing_name(const Call *c) {
        const char *type = c->values[FIELD_REQUEST_TYPE] ? c->values[FIELD_REQUEST_TYPE]
                                                         : c->values[FIELD_FRAMEWORK_TYPE];
        Buffer b = { 0 };

        buffer_printf(&b, "%s %s %s %d", c->operation->name, type, c->key->account, c->region);
        return b.data;
}

/* How many records the page holds: as asked, or as the settings say. */
size_t page_size(const Call *c) {
        const Settings *s = &c->world->settings;
        const char *asked = c->values[FIELD_MAX_RESULTS];
        double n = asked ? strtod(asked, NULL) : s->page_size;

        return (size_t) (n < s->page_size_max ? n : s->page_size_max);
}

bool page_begin(Call *c, const char *listing, SharePosition *position, bool *ret_from_start) {
        const char *token = c->values[FIELD_NEXT_TOKEN];

        *ret_from_start = !token;
        if (!token || token_read(c->world, listing, token, position) == 0)
                return true;
        call_fail_validation(c, "fieldValidationFailed", "nextToken", "Invalid nextToken.");
        return false;
}

void page_end(Call *c, const char *listing, const SharePosition *last) {
        Buffer *b = &c->answer.body;

        buffer_text(b, "]");
        if (last) {
                _cleanup_(free_string) char *token = token_make(c->world, listing, last, 0);

                buffer_json_member(b, "nextToken", token);
        }
        buffer_text(b, "}");
        c->answer.status = 200;
}
