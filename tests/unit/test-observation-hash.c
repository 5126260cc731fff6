/* SPDX-License-Identifier: Apache-2.0 */

/* Whether two observations say the same: each member counts, and the order of a listing does not.
 */

#include "model/observation-hash.h"
#include "test.h"
#include "util/time.h"

#define DAY USEC_PER_DAY

/* One request and one framework, as a listing has them. */
typedef struct Listed {
        const char *id, *framework, *region, *status, *comment, *name;
        AccountId account;
        int64_t created, updated, expires;
        ShareStatus kind;
        bool unreadable;
} Listed;

static const Listed plain = {
        .id = "aaaaaaaa-0000-4000-8000-000000000001",
        .framework = "6f0f2b1c-0000-4000-8000-000000000001",
        .region = "eu-west-1",
        .status = "ACTIVE",
        .comment = "Owner GRC",
        .name = "Baseline",
        .account = 444455556666,
        .created = 1 * DAY,
        .updated = 2 * DAY,
        .expires = 3 * DAY,
        .kind = SHARE_STATUS_ACTIVE,
};

static StringId text_id(Observation *o, const char *text) {
        StringId id = 0;

        ASSERT_OK(strings_add(o->strings, text, &id));
        return id;
}

static void add(Observation *o, const Listed *listed) {
        ShareRequest request = {
                .created_usec = listed->created,
                .updated_usec = listed->updated,
                .expires_usec = listed->expires,
                .comment = text_id(o, listed->comment),
                .framework_name = text_id(o, listed->name),
                .status_name = text_id(o, listed->status),
                .status = (uint8_t) listed->kind,
                .readable = !listed->unreadable,
        };
        RegionId region;

        ASSERT_OK(region_intern(listed->region, &region));
        ASSERT_OK(uuid_parse(listed->id, &request.id));
        ASSERT_OK(uuid_parse(listed->framework, &request.key.framework_id));
        request.key.recipient = recipient_make(listed->account, region);
        ASSERT_OK(observation_add_request(o, &request));
}

/* Requests that differ between two listings. */
static size_t differ(const Listed *a, size_t n_a, const Listed *b, size_t n_b) {
        _cleanup_(observation_freep) Observation *x = NULL, *y = NULL;
        _cleanup_record_hashes_ RecordHashes of_x = { 0 }, of_y = { 0 };

        ASSERT_OK(observation_new(&x));
        ASSERT_OK(observation_new(&y));
        /* What was met before gives strings other numbers. */
        (void) text_id(y, "something else");
        for (size_t i = 0; i < n_a; i++)
                add(x, &a[i]);
        for (size_t i = 0; i < n_b; i++)
                add(y, &b[i]);
        ASSERT_OK(observation_hash_requests(x, &of_x));
        ASSERT_OK(observation_hash_requests(y, &of_y));
        ASSERT_EQ(record_hashes_differ(&of_x, &of_y), record_hashes_differ(&of_y, &of_x));
        return record_hashes_differ(&of_x, &of_y);
}

static void test_members(void) {
        const struct {
                const char *name;
                Listed change; /* what is set in it replaces the plain value */
                size_t want;
        } cases[] = {
                { "nothing", { 0 }, 0 },
                { "id", { .id = "aaaaaaaa-0000-4000-8000-000000000002" }, 1 },
                { "framework", { .framework = "6f0f2b1c-0000-4000-8000-000000000002" }, 1 },
                { "region", { .region = "eu-west-2" }, 1 },
                { "region/unknown", { .region = "eu-new-7" }, 1 },
                { "account", { .account = 444455556667 }, 1 },
                { "status", { .status = "EXPIRING", .kind = SHARE_STATUS_EXPIRING }, 1 },
                { "status/unknown", { .status = "PAUSED", .kind = SHARE_STATUS_UNKNOWN }, 1 },
                { "comment", { .comment = "Owner" }, 1 },
                { "comment/empty", { .comment = "" }, 1 },
                { "name", { .name = "Baseline 2026" }, 1 },
                { "text moved over", { .comment = "Owner GRCBase", .name = "line" }, 1 },
                { "created", { .created = 1 * DAY + 1 }, 1 },
                { "updated", { .updated = TIME_UNKNOWN }, 1 },
                { "expires", { .expires = 3 * DAY - 1 }, 1 },
                { "unreadable", { .unreadable = true }, 1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Listed *c = &cases[i].change;
                Listed other = plain;

                test_row(cases[i].name);
                other.id = c->id ? c->id : other.id;
                other.framework = c->framework ? c->framework : other.framework;
                other.region = c->region ? c->region : other.region;
                other.account = c->account ? c->account : other.account;
                other.status = c->status ? c->status : other.status;
                other.kind = c->status ? c->kind : other.kind;
                other.comment = c->comment ? c->comment : other.comment;
                other.name = c->name ? c->name : other.name;
                other.created = c->created ? c->created : other.created;
                other.updated = c->updated ? c->updated : other.updated;
                other.expires = c->expires ? c->expires : other.expires;
                other.unreadable = c->unreadable;
                ASSERT_EQ(cases[i].want, differ(&plain, 1, &other, 1));
        }
}

static void test_no_comment_is_not_an_empty_one(void) {
        Listed none = plain, empty = plain;

        test_row("no comment");
        none.comment = NULL;
        empty.comment = "";
        ASSERT_EQ(1, differ(&none, 1, &empty, 1));
        ASSERT_EQ(0, differ(&none, 1, &none, 1));
}

static void test_counting(void) {
        Listed a[4] = { plain, plain, plain, plain }, b[4], c[4];

        test_row("counting");
        for (unsigned i = 0; i < 4; i++)
                a[i].account += i;
        for (unsigned i = 0; i < 4; i++)
                b[i] = a[3 - i];
        ASSERT_EQ(0, differ(a, 4, b, 4)); /* another order */
        ASSERT_EQ(1, differ(a, 4, b, 3)); /* one is gone */
        ASSERT_EQ(4, differ(a, 4, b, 0));
        ASSERT_EQ(0, differ(a, 0, b, 0));

        memcpy(c, a, sizeof(a));
        c[1].status = c[3].status = "EXPIRED";
        ASSERT_EQ(2, differ(a, 4, c, 4)); /* one that changed is one, and not two */
        ASSERT_EQ(2, differ(a, 3, c + 1, 3)); /* one stayed, two changed */
        a[1] = a[0];
        ASSERT_EQ(1, differ(a, 2, a, 1)); /* twice the same is not once */
}

static void test_frameworks(void) {
        _cleanup_(observation_freep) Observation *o = NULL;
        RecordHashes last = { 0 };
        Framework framework = { .id = { { 1 } }, .updated_usec = DAY };

        test_row("frameworks");
        ASSERT_OK(observation_new(&o));
        framework.name = text_id(o, "Baseline");
        ASSERT_OK(observation_add_framework(o, &framework));
        ASSERT_OK(observation_hash_frameworks(o, &last));
        ASSERT_EQ(1, last.count);

        for (unsigned i = 0; i < 4; i++) {
                RecordHashes now = { 0 };

                if (i == 0)
                        o->frameworks[0].updated_usec++;
                else if (i == 1)
                        o->frameworks[0].name = text_id(o, "Baseline 2");
                else if (i == 2)
                        o->frameworks[0].id.bytes[15]++;
                ASSERT_OK(observation_hash_frameworks(o, &now));
                ASSERT_EQ(i < 3, record_hashes_differ(&last, &now));
                record_hashes_done(&last);
                last = now;
        }
        record_hashes_done(&last);
}

int main(void) {
        test_members();
        test_no_comment_is_not_an_empty_one();
        test_counting();
        test_frameworks();
        return test_end();
}
