/* SPDX-License-Identifier: Apache-2.0 */

/* What a reset is worth that comes while a call is out. */

#include "reconcile/intent.h"
#include "test.h"
#include "util/time.h"

#define NOW (INT64_C(1000) * USEC_PER_SEC)

typedef struct Call {
        ShareMemory memory;
        PlanEntry entry;
        Intent intent;
} Call;

/* A share that was sent four times, one of them a renewal, and refused once. */
static Call call_begin(ActionKind action) {
        UnsettledMemory *unsettled;
        Call call = {
                .memory = {
                        .attempts = 4,
                        .renewals = 1,
                        .refused = REASON_ACCESS_DENIED,
                        .sent_usec = NOW - 5,
                        .ours = true,
                },
                .entry = { .action = (uint8_t) action },
        };

        ASSERT_OK(share_memory_unsettle(&call.memory, &unsettled));
        unsettled->refusals = 1;
        unsettled->retry_usec = NOW - 1;
        ASSERT_OK(intent_declare(&call.memory, &call.entry, 7, NOW, NOW, NOW, &call.intent));
        return call;
}

static void refuse(Call *call) {
        intent_refuse(&call->intent, &call->memory, &call->entry, REASON_ACCESS_DENIED, 7, NOW,
                        NOW);
}

static const struct {
        const char *name;
        ActionKind action;
        bool reset, refused;
        unsigned attempts, refusals;
        bool released;
} rows[] = {
        { "taken back", ACTION_START, false, false, 4, 1, false },
        { "taken back, reset in between", ACTION_START, true, false, 0, 0, true },
        { "refused", ACTION_START, false, true, 4, 2, false },
        { "refused, reset in between", ACTION_START, true, true, 0, 1, true },
        { "revoke refused", ACTION_REVOKE, false, true, 4, 2, false },
        { "revoke refused, reset in between", ACTION_REVOKE, true, true, 0, 1, true },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Call call = call_begin(rows[i].action);

                test_row(rows[i].name);
                if (rows[i].reset)
                        share_memory_reset(&call.memory);
                if (rows[i].refused)
                        refuse(&call);
                else
                        intent_take_back(&call.intent, &call.memory);
                ASSERT_EQ(rows[i].attempts, call.memory.attempts);
                ASSERT_EQ(rows[i].refusals, call.memory.unsettled->refusals);
                ASSERT_EQ(rows[i].released, call.memory.released);
                ASSERT_EQ(NOW - 5, call.memory.sent_usec);
                share_memory_done(&call.memory);
        }
        test_row(NULL);
}

/* Of a reset that came before, refusals are still counted one by one. */
static void story_a_reset_before_the_call(void) {
        Call call = call_begin(ACTION_REVOKE);

        intent_take_back(&call.intent, &call.memory);
        share_memory_reset(&call.memory);
        for (unsigned i = 1; i <= 3; i++) {
                ASSERT_OK(intent_declare(
                                &call.memory, &call.entry, 7, NOW, NOW, NOW, &call.intent));
                refuse(&call);
                ASSERT_EQ(i, call.memory.unsettled->refusals);
                ASSERT_TRUE(call.memory.released);
        }
        share_memory_done(&call.memory);
}

int main(void) {
        test_rows();
        story_a_reset_before_the_call();
        return test_end();
}
