/* SPDX-License-Identifier: Apache-2.0 */

/* A share as JSON. */

#include "record/share-json.h"
#include "util/time.h"

json_t *time_to_json(int64_t usec) {
        char text[TIME_TEXT_MAX];

        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY)
                return json_null();
        return json_string(time_format(usec, text));
}

json_t *share_view_to_json(const ShareView *v) {
        char framework[UUID_TEXT_MAX], request[UUID_TEXT_MAX], account[ACCOUNT_TEXT_MAX];

        return json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s, s:o, s:o, s:o, "
                         "s:s?, s:s?}",
                        "source", v->source, "framework_id",
                        v->framework_id ? uuid_format(v->framework_id, framework) : NULL,
                        "framework_name", v->framework_name, "account",
                        account_format(recipient_account(v->recipient), account), "region",
                        region_name(recipient_region(v->recipient)), "request_id",
                        v->request_id ? uuid_format(v->request_id, request) : NULL, "status",
                        v->status, "condition", condition_name(v->condition), "reason",
                        reason_name(v->reason), "action", action_name(v->action), "since",
                        time_to_json(v->since_usec), "expires", time_to_json(v->expires_usec),
                        "next_attempt", time_to_json(v->next_attempt_usec), "comment", v->comment,
                        "error", v->error);
}
