/* SPDX-License-Identifier: Apache-2.0 */

/* Decisions where the listing may be older than our own last send. */

#include "model/action.h"
#include "reconcile/decide.h"
#include "test.h"
#include "util/time.h"

#define NOW    (INT64_C(1800000000) * USEC_PER_SEC)
#define SETTLE (15 * USEC_PER_MINUTE)

static const ShareKey some_key = { .framework_id = { { 7, 1 } }, .recipient = 4444 };

/* A refusal in the listing, and which request it is of: the one that was sent last, or an earlier.
 */
static void test_overtaken(void) {
        static const struct {
                const char *name;
                bool same, older;
                int sent; /* minutes ago */
                Condition condition;
        } cases[] = {
                { "overtaken/an earlier request", false, true, 1, CONDITION_PROGRESSING },
                { "overtaken/the same, as it was", true, true, 1, CONDITION_PROGRESSING },
                { "overtaken/the same, refused since", true, false, 1, CONDITION_HELD },
                { "overtaken/a later request", false, false, 1, CONDITION_HELD },
                { "overtaken/settled", false, true, 16, CONDITION_HELD },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const int64_t last = NOW - 5 * USEC_PER_MINUTE,
                              other = cases[i].older ? last - 1 : last + 1;
                ShareMemory memory = {
                        .key = some_key,
                        .request_id = { { 1 } },
                        .status = SHARE_STATUS_ACTIVE,
                        .created_usec = last,
                        .updated_usec = last,
                        .sent_usec = NOW - cases[i].sent * USEC_PER_MINUTE,
                        .framework_updated_usec = TIME_UNKNOWN,
                };
                ShareRequest request = {
                        .key = some_key,
                        .id = { { cases[i].same ? 1 : 2 } },
                        .status = SHARE_STATUS_DECLINED,
                        .readable = true,
                        .created_usec = cases[i].same ? last : other,
                        .updated_usec = other,
                };
                Decision got = decide(&(DecideInput){
                                .now_usec = NOW,
                                .settle_usec = SETTLE,
                                .declared = true,
                                .framework = FRAMEWORK_FOUND,
                                .framework_updated_usec = TIME_UNKNOWN,
                                .pin_usec = TIME_UNKNOWN,
                                .policy = &policy_default,
                                .request = &request,
                                .memory = &memory,
                });

                test_row(cases[i].name);
                ASSERT_EQ(cases[i].condition, got.condition);
                ASSERT_FALSE(action_is_send(got.action));
        }
        test_row(NULL);
}

int main(void) {
        test_overtaken();
        return test_end();
}
