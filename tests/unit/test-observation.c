/* SPDX-License-Identifier: Apache-2.0 */

/* What the listings said, put in order: the effective request of each share first, nothing twice.
 */

#include "model/observation.h"
#include "test.h"
#include "util/time.h"

static void add(Observation *o, uint8_t id, ShareStatus status, int64_t created, int64_t updated) {
        ShareRequest request = {
                .key = { .recipient = recipient_make(444455556666, 1) },
                .id = { { id } },
                .status = (uint8_t) status,
                .created_usec = created,
                .updated_usec = updated,
                .readable = true,
        };

        ASSERT_OK(observation_add_request(o, &request));
}

static void test_order(void) {
        _cleanup_(observation_freep) Observation *o = NULL;

        test_row("order");
        ASSERT_OK(observation_new(&o));
        add(o, 1, SHARE_STATUS_EXPIRED, 9, 9);
        add(o, 2, SHARE_STATUS_SHARED, 3, 3);
        add(o, 3, SHARE_STATUS_ACTIVE, 4, 4);
        add(o, 4, SHARE_STATUS_UNKNOWN, 10, 10);
        observation_sort(o);
        ASSERT_EQ(4, o->n_requests);
        ASSERT_EQ(3, o->requests[0].id.bytes[0]); /* the newest of the live ones */
        ASSERT_EQ(2, o->requests[1].id.bytes[0]);
        ASSERT_EQ(4, o->requests[2].id.bytes[0]); /* then the newest of the others */
        ASSERT_EQ(1, o->requests[3].id.bytes[0]);
}

static void test_doubles(void) {
        _cleanup_(observation_freep) Observation *o = NULL;

        test_row("doubles");
        ASSERT_OK(observation_new(&o));
        add(o, 1, SHARE_STATUS_ACTIVE, 1, 1);
        add(o, 2, SHARE_STATUS_EXPIRED, 0, 0);
        add(o, 1, SHARE_STATUS_SHARED, 1, 5);
        add(o, 1, SHARE_STATUS_REPLICATING, 1, 3);
        observation_sort(o);
        ASSERT_EQ(2, o->n_requests);
        ASSERT_EQ(SHARE_STATUS_SHARED, o->requests[0].status);
        ASSERT_EQ(2, o->requests[1].id.bytes[0]);
}

/* Of a framework the newest version stays, whichever came first. */
static void test_doubled_frameworks(void) {
        static const struct {
                uint8_t id;
                int64_t updated_usec;
        } listed[] = { { 1, 5 }, { 2, 3 }, { 1, 4 }, { 2, 7 }, { 3, 1 } };
        static const int64_t want[] = { 5, 7, 1 };
        _cleanup_(observation_freep) Observation *o = NULL;

        test_row("doubled frameworks");
        ASSERT_OK(observation_new(&o));
        for (size_t i = 0; i < ELEMENTSOF(listed); i++)
                ASSERT_OK(observation_add_framework(o,
                                &(Framework){ .id = { { listed[i].id } },
                                                .updated_usec = listed[i].updated_usec }));
        observation_sort(o);
        ASSERT_EQ(ELEMENTSOF(want), o->n_frameworks);
        for (size_t i = 0; i < ELEMENTSOF(want); i++) {
                ASSERT_EQ(i + 1, o->frameworks[i].id.bytes[0]);
                ASSERT_EQ(want[i], o->frameworks[i].updated_usec);
        }
}

/* Created at once: what changed last is the newest, and then the ids decide. */
static void test_order_of_equals(void) {
        _cleanup_(observation_freep) Observation *o = NULL;

        test_row("order of equals");
        ASSERT_OK(observation_new(&o));
        add(o, 3, SHARE_STATUS_EXPIRED, 1, 2);
        add(o, 2, SHARE_STATUS_EXPIRED, 1, 2);
        add(o, 4, SHARE_STATUS_EXPIRED, 1, 9);
        add(o, 1, SHARE_STATUS_EXPIRED, 1, 1);
        observation_sort(o);
        ASSERT_EQ(4, o->n_requests);
        ASSERT_EQ(4, o->requests[0].id.bytes[0]);
        ASSERT_EQ(2, o->requests[1].id.bytes[0]);
        ASSERT_EQ(3, o->requests[2].id.bytes[0]);
        ASSERT_EQ(1, o->requests[3].id.bytes[0]);
}

/* A long history of one share is not quadratic: this would take an hour. */
static void test_long_history(void) {
        _cleanup_(observation_freep) Observation *o = NULL;

        test_row("long history");
        ASSERT_OK(observation_new(&o));
        for (unsigned i = 0; i < 300000; i++) {
                ShareRequest request = {
                        .id = { { 1, (uint8_t) i, (uint8_t) (i >> 8), (uint8_t) (i >> 16) } },
                        .status = SHARE_STATUS_EXPIRED,
                        .created_usec = i % 1000,
                        .updated_usec = TIME_UNKNOWN,
                        .readable = true,
                };

                if (observation_add_request(o, &request) < 0)
                        break;
        }
        observation_sort(o);
        ASSERT_EQ(300000, o->n_requests);
        ASSERT_EQ(999, o->requests[0].created_usec);
}

int main(void) {
        test_order();
        test_doubles();
        test_doubled_frameworks();
        test_order_of_equals();
        test_long_history();
        return test_end();
}
