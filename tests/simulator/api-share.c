/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The operations on share requests
 *
 * The caller is the sender or the recipient by its account and the Region of the call; what belongs
 * to neither does not exist for it.
 */

#include <errno.h>
#include <string.h>

#include "operation.h"
#include "page.h"
#include "request.h"

static bool is_sent(const Call *c) {
        return strcmp(c->values[FIELD_REQUEST_TYPE], "SENT") == 0;
}

static void append_request(const Call *c, const ShareRequest *r, Buffer *b) {
        buffer_text(b, "{\"assessmentFrameworkShareRequest\":");
        request_append_json(c->world, r, &r->state, b);
        buffer_text(b, "}");
}

void run_list_requests(Call *c) {
        _cleanup_(free_string) char *listing = listing_name(c);
        _cleanup_(page_done) SharePage page = { 0 };
        SharePosition position;
        Buffer *b = &c->answer.body;
        usec_t now = world_now(c->world);
        bool from_start;

        if (!page_begin(c, listing, &position, &from_start))
                return;

        if (is_sent(c))
                page_sent(c->world, world_source(c->world, c->key->account, c->region),
                                from_start ? NULL : &position, page_size(c), &page);
        else
                page_received(c->world, c->key->account, c->region, from_start ? NULL : &position,
                                page_size(c), &page);

        buffer_text(b, "{\"assessmentFrameworkShareRequests\":[");
        for (size_t i = 0; i < page.n; i++) {
                const ShareRequest *r = page.requests[i];

                if (i > 0)
                        buffer_text(b, ",");
                request_append_json(c->world, r, request_listed_state(c->world, r, now), b);
                position = (SharePosition){ .order = r->order, .id = r->id };
        }
        page_end(c, listing, page.more ? &position : NULL);
}

static bool destination_allowed(Call *c) {
        int region = region_from_name(c->values[FIELD_DESTINATION_REGION]);

        if (region < 0) {
                call_fail_validation(c, "fieldValidationFailed", "destinationRegion",
                                "AWS Audit Manager is not available in the destination Region.");
                return false;
        }
        if (region == c->region
                        && strcmp(c->values[FIELD_DESTINATION_ACCOUNT], c->key->account) == 0) {
                call_fail_validation(c, "other", NULL,
                                "A framework can't be shared with the same account and Region.");
                return false;
        }
        return true;
}

void run_start(Call *c) {
        ShareStart start = {
                .account = c->values[FIELD_DESTINATION_ACCOUNT],
                .comment = c->values[FIELD_COMMENT],
        };
        ShareRequest *request;
        Uuid id;

        if (!destination_allowed(c))
                return;

        if (uuid_parse(c->values[FIELD_FRAMEWORK_ID], &id))
                start.framework = world_framework(c->world, &id);
        if (!start.framework || start.framework->source->region != c->region
                        || strcmp(start.framework->source->account, c->key->account) != 0) {
                call_fail_missing(c, "ASSESSMENT_FRAMEWORK", c->values[FIELD_FRAMEWORK_ID]);
                return;
        }

        start.region = region_from_name(c->values[FIELD_DESTINATION_REGION]);
        if (request_start(c->world, &start, &request) < 0) {
                call_fail(c,
                                &(Problem){
                                                .status = 402,
                                                .code = "ServiceQuotaExceededException",
                                                .message = "The quota for active framework share "
                                                           "recipient accounts is exceeded.",
                                });
                return;
        }

        c->answer.status = 200;
        append_request(c, request, &c->answer.body);
}

/* The request of that id, if the caller is on that side of it; answers and returns NULL if not. */
static ShareRequest *find_own(Call *c) {
        ShareRequest *r = NULL;
        bool own = false;
        Uuid id;

        if (uuid_parse(c->values[FIELD_REQUEST_ID], &id))
                r = request_find(c->world, &id);
        if (r && is_sent(c))
                own = r->source->region == c->region
                                && strcmp(r->source->account, c->key->account) == 0;
        else if (r)
                own = r->to_region == c->region && strcmp(r->to_account, c->key->account) == 0
                                && !r->hidden_from_recipient;
        if (own) {
                request_settle(c->world, r, world_now(c->world));
                return r;
        }

        call_fail_missing(c, "ASSESSMENT_FRAMEWORK_SHARE_REQUEST", c->values[FIELD_REQUEST_ID]);
        return NULL;
}

static void fail_status(Call *c, const ShareRequest *r, const char *what) {
        _cleanup_(buffer_done) Buffer message = { 0 };

        buffer_printf(&message, "A share request with status %s can't be %s.",
                        request_status_text(r, &r->state), what);
        call_fail_validation(c, "other", NULL, message.data);
}

void run_update(Call *c) {
        static const struct {
                const char *action, *type, *done;
                ShareStatus status;
        } actions[] = {
                { "ACCEPT", "RECEIVED", "accepted", SHARE_REPLICATING },
                { "DECLINE", "RECEIVED", "declined", SHARE_DECLINED },
                { "REVOKE", "SENT", "revoked", SHARE_REVOKED },
        };
        ShareRequest *r;
        size_t i = 0;

        while (strcmp(actions[i].action, c->values[FIELD_ACTION]) != 0)
                i++;
        if (strcmp(actions[i].type, c->values[FIELD_REQUEST_TYPE]) != 0) {
                call_fail_validation(c, "fieldValidationFailed", "action",
                                "The action is not valid for this type of share request.");
                return;
        }

        r = find_own(c);
        if (!r)
                return;
        if (!request_is_open(r)) {
                fail_status(c, r, actions[i].done);
                return;
        }

        request_change(c->world, r, actions[i].status, world_now(c->world));
        c->answer.status = 200;
        append_request(c, r, &c->answer.body);
}

/* A recipient that deletes a request puts it out of its own sight only. */
void run_delete(Call *c) {
        ShareRequest *r = find_own(c);

        if (!r)
                return;
        if (r->state.status == SHARE_ACTIVE || r->state.status == SHARE_REPLICATING) {
                fail_status(c, r, "deleted");
                return;
        }

        if (is_sent(c))
                request_remove(c->world, r);
        else
                r->hidden_from_recipient = true;
        c->answer.status = 200;
        buffer_text(&c->answer.body, "{}");
}
