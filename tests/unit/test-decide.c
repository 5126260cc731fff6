/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Decisions, cell by cell
 *
 * First the document's table, each row and each knob as one cell that can be checked by eye. Then
 * some millions of cells in which decide() must agree with expected(), a statement of the same
 * table that shares no line with it.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "test-decide-table.h"
#include "util/macro.h"
#include "util/time.h"

#define NOW    (INT64_C(1780000000) * USEC_PER_SEC)
#define SETTLE (15 * USEC_PER_MINUTE)
#define LONG   (10 * USEC_PER_DAY)

#define KINDS_MAX 128

static uint64_t n_passed, n_failed;

/* Differences of one kind: the same row, and the same answer instead of its own. */
static struct Kind {
        const char *name;
        Decision got;
        uint64_t n;
} kinds[KINDS_MAX];

/* Relative to now, in seconds. */
static const char *relative(int64_t usec, int64_t now, char text[static 48]) {
        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY)
                (void) snprintf(text, 48, "%s", usec == TIME_INFINITY ? "never" : "unknown");
        else
                (void) snprintf(text, 48, "now%+.6fs",
                                (double) (usec - now) / (double) USEC_PER_SEC);
        return text;
}

static const char *or_dash(const char *text) {
        return text ? text : "-";
}

static void print_decision(const char *who, const Decision *decision, int64_t now) {
        char next[48];

        printf("  %-9s %s, %s(%s), next %s%s%s%s\n", who, action_name(decision->action),
                        or_dash(condition_name(decision->condition)),
                        or_dash(reason_name(decision->reason)),
                        relative(decision->next_usec, now, next),
                        decision->renewal ? ", renewal" : "", decision->lifted ? ", lifted" : "",
                        decision->warn ? ", warn" : "");
}

static void print_cell(const Cell *cell) {
        const DecideInput *input = &cell->input;
        const ShareMemory *memory = &cell->memory;
        const int64_t now = input->now_usec;
        char a[48], b[48], c[48];

        printf("  input     %s, settle %" PRId64 "s, undesired %s, pending %u%s\n",
                        input->declared ? "declared" : "not declared",
                        input->settle_usec / USEC_PER_SEC, policy_choice_name(input->undesired),
                        input->n_pending, input->pending_ours ? " ours" : "");
        if (input->declared) {
                printf("  declared  %08x%s%s%s, framework %d updated %s, pin %s\n           ",
                                input->declaration, input->suspend ? ", suspended" : "",
                                input->over_quota ? ", over quota" : "",
                                input->comment_differs ? ", comment differs" : "",
                                (int) input->framework,
                                relative(input->framework_updated_usec, now, a),
                                relative(input->pin_usec, now, b));
                for (PolicyKey key = 0; key < POLICY_UNDESIRED; key++)
                        printf(" %s: %s", policy_key_name(key),
                                        policy_choice_name(cell->policy.value[key]));
                printf(" max_renewals: %u max_attempts: %u\n",
                                cell->policy.value[POLICY_MAX_RENEWALS],
                                cell->policy.value[POLICY_MAX_ATTEMPTS]);
        }
        if (input->request)
                printf("  observed  status %d %s, created %s\n", cell->request.status,
                                cell->request.readable
                                                ? or_dash(share_status_name(cell->request.status))
                                                : "unreadable",
                                relative(cell->request.created_usec, now, a));
        if (!input->memory)
                return;
        printf("  memory    status %d %s since %s, sent %s, framework %s\n", (int) memory->status,
                        or_dash(share_status_name(memory->status)),
                        relative(memory->status_since_usec, now, a),
                        relative(memory->sent_usec, now, b),
                        relative(memory->framework_updated_usec, now, c));
        printf("            declaration %08x, attempts %u, renewals %u, refused %s until "
               "%s%s%s%s\n",
                        memory->declaration, memory->attempts, memory->renewals,
                        or_dash(reason_name(memory->refused)),
                        relative(cell->unsettled.retry_usec, now, a), memory->ours ? ", ours" : "",
                        input->request && share_memory_owns(memory, &cell->request.id)
                                        ? ", own request"
                                        : "",
                        memory->revoked_by_us ? ", revoked by us" : "");
}

/* Counts a difference; true for the first one of its kind, which is worth printing. */
static bool is_new(const char *name, const Decision *got) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                struct Kind *kind = kinds + i;

                if (kind->n == 0)
                        *kind = (struct Kind){ .name = name, .got = *got };
                if (kind->name == name && kind->got.action == got->action
                                && kind->got.condition == got->condition
                                && kind->got.reason == got->reason)
                        return kind->n++ == 0;
        }
        return false;
}

/* A deadline may be up to `late_usec` later than wanted. */
static void check(const char *name, Cell *cell, const Decision *want, int64_t late_usec) {
        const DecideInput *input = cell_input(cell);
        const Decision got = decide(input);
        const bool sends = want->action == ACTION_START || want->action == ACTION_RESEND;

        if (got.action == want->action && got.condition == want->condition
                        && got.reason == want->reason && got.next_usec >= want->next_usec
                        && got.next_usec <= time_add(want->next_usec, late_usec)
                        && got.renewal == want->renewal && got.warn == want->warn
                        && (got.lifted == want->lifted || !sends)) {
                n_passed++;
                return;
        }

        n_failed++;
        if (!is_new(name, &got))
                return;
        printf("%s:\n", name);
        print_cell(cell);
        print_decision("want", want, input->now_usec);
        print_decision("got", &got, input->now_usec);
}

/* clang-format off */

/*
 * The document's rows. Given: a share that is declared and ours, sent ten days ago, with the defaults of all knobs and
 * settle 15 min. Times are minutes ago, 0 standing for ten days. Want: a deadline is in minutes from now, 0 for none.
 */
static const struct {
        const char *name;
        ShareStatus seen, last;
        int sent, created, since;
        uint8_t attempts, renewals, pending;
        bool unknown, suspend, over_quota, comment, by_us, unreadable, newer, pin, edited, undeclared, foreign, released;
        FrameworkState framework;
        Reason refused; /* until in 20 minutes */
        PolicyKey key;
        PolicyChoice choice;
        bool hold_expiring; /* that knob and this choice are both 0 */

        ActionKind action;
        Condition condition;
        Reason reason;
        int next, late;
        bool renewal, lifted, warn;
} rows[] = {
#define SEEN(s)      .seen = SHARE_STATUS_##s
#define LAST(s)      .last = SHARE_STATUS_##s
#define KNOB(k, c)   .key = POLICY_##k, .choice = POLICY_##c
#define DO(a, c, r)  .action = ACTION_##a, .condition = CONDITION_##c, .reason = REASON_##r
#define WARN(a, c, r) DO(a, c, r), .warn = true
        { "nothing/never-seen", .unknown = true, DO(START, PROGRESSING, STARTED) },
        { "nothing/was-shared", LAST(SHARED), DO(NONE, READY, RECORD_GONE) },
        { "nothing/just-started", .sent = 5, DO(WAIT, PROGRESSING, STARTED), .next = 10 },
        { "nothing/at-the-deadline", .sent = 15, DO(START, PROGRESSING, STARTED) },
        { "nothing/was-declined", LAST(DECLINED), WARN(NONE, HELD, DECLINED) },
        { "nothing/was-revoked", LAST(REVOKED), WARN(NONE, HELD, REVOKED) },
        { "nothing/revoked-by-us", LAST(REVOKED), .by_us = true, DO(START, PROGRESSING, STARTED) },
        { "nothing/was-declined/reshare", LAST(DECLINED), KNOB(DECLINED, RESHARE),
          DO(START, PROGRESSING, DECLINED), .renewal = true },
        { "nothing/was-active", LAST(ACTIVE), DO(START, PROGRESSING, STARTED) },
        { "nothing/failed-too-often", LAST(FAILED), .attempts = 5, WARN(NONE, STALLED, ATTEMPTS_EXHAUSTED) },
        { "nothing/expired-too-often", LAST(EXPIRED), .renewals = 2, WARN(NONE, STALLED, RENEWALS_EXHAUSTED) },

        { "active/young", SEEN(ACTIVE), .created = 5, DO(WAIT, PROGRESSING, SETTLING), .next = 10 },
        { "active/sent-again", SEEN(ACTIVE), .created = 90, .sent = 2, DO(WAIT, PROGRESSING, SETTLING),
          .next = 13 },
        { "active/at-the-deadline", SEEN(ACTIVE), .created = 15, DO(NONE, PENDING, AWAITING_RECIPIENT) },
        { "active/old", SEEN(ACTIVE), DO(NONE, PENDING, AWAITING_RECIPIENT) },
        { "active/changed", SEEN(ACTIVE), .newer = true, DO(RESEND, PENDING, OUT_OF_DATE), .lifted = true },
        { "active/changed/never", SEEN(ACTIVE), .newer = true, KNOB(UPDATED, NEVER),
          DO(NONE, PENDING, OUT_OF_DATE) },
        { "active/changed/always", SEEN(ACTIVE), .newer = true, KNOB(UPDATED, ALWAYS),
          DO(RESEND, PENDING, OUT_OF_DATE), .lifted = true },
        { "active/changed/pinned", SEEN(ACTIVE), .newer = true, .pin = true, WARN(NONE, HELD, NEWER_THAN_PIN) },
        { "active/pinned", SEEN(ACTIVE), .pin = true, DO(NONE, PENDING, AWAITING_RECIPIENT) },
        { "active/comment", SEEN(ACTIVE), .comment = true, DO(NONE, PENDING, COMMENT_DIFFERS) },
        { "active/comment/resend", SEEN(ACTIVE), .comment = true, KNOB(COMMENT, RESEND), .edited = true,
          .lifted = true, DO(RESEND, PENDING, COMMENT_DIFFERS) },
        { "active/comment/sent-already", SEEN(ACTIVE), .comment = true, KNOB(COMMENT, RESEND),
          DO(NONE, PENDING, COMMENT_DIFFERS) },
        { "active/several-of-others", SEEN(ACTIVE), .pending = 2, .foreign = true,
          WARN(NONE, STALLED, AMBIGUOUS) },
        { "active/several-of-ours", SEEN(ACTIVE), .pending = 2, DO(NONE, PENDING, AWAITING_RECIPIENT) },

        { "expiring", SEEN(EXPIRING), DO(RESEND, PENDING, EXPIRING), .renewal = true },
        { "expiring/hold", SEEN(EXPIRING), .hold_expiring = true, WARN(NONE, HELD, EXPIRING) },
        { "expiring/just-sent", SEEN(EXPIRING), .sent = 5, DO(WAIT, PROGRESSING, SETTLING), .next = 10 },
        { "expiring/before-changed", SEEN(EXPIRING), .newer = true, .comment = true,
          DO(RESEND, PENDING, EXPIRING), .renewal = true, .lifted = true },
        { "expiring/too-often", SEEN(EXPIRING), .renewals = 2, WARN(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "expiring/too-often/edited", SEEN(EXPIRING), .renewals = 2, .edited = true,
          DO(RESEND, PENDING, EXPIRING), .renewal = true, .lifted = true },

        { "replicating", SEEN(REPLICATING), .since = 20, DO(NONE, PROGRESSING, REPLICATING), .next = 40 },
        { "replicating/an-hour", SEEN(REPLICATING), .since = 60, WARN(NONE, PROGRESSING, REPLICATING) },

        { "shared", SEEN(SHARED), DO(NONE, READY, SHARED) },
        { "shared/just-sent", SEEN(SHARED), .sent = 1, DO(NONE, READY, SHARED) },
        { "shared/changed", SEEN(SHARED), .newer = true, DO(NONE, READY, OUT_OF_DATE) },
        { "shared/changed/always", SEEN(SHARED), .newer = true, KNOB(UPDATED, ALWAYS),
          DO(RESEND, READY, OUT_OF_DATE), .lifted = true },
        { "shared/quota", SEEN(SHARED), .over_quota = true, DO(NONE, READY, SHARED) },

        { "failed/backoff", SEEN(FAILED), .attempts = 1, .since = 10, .sent = 20,
          DO(WAIT, PROGRESSING, FAILED), .next = 5, .late = 2 },
        { "failed/backoff-doubled", SEEN(FAILED), .attempts = 3, .since = 10, .sent = 20,
          DO(WAIT, PROGRESSING, FAILED), .next = 50, .late = 6 },
        { "failed/backoff-over", SEEN(FAILED), .attempts = 1, .since = 17, DO(START, PROGRESSING, FAILED) },
        { "failed/too-often", SEEN(FAILED), .attempts = 5, WARN(NONE, STALLED, ATTEMPTS_EXHAUSTED) },
        { "failed/too-often/changed", SEEN(FAILED), .attempts = 5, .newer = true,
          DO(START, PROGRESSING, FAILED), .lifted = true },
        { "failed/backoff/reset", SEEN(FAILED), .attempts = 1, .since = 10, .released = true,
          DO(START, PROGRESSING, FAILED) },
        { "failed/backoff/reset/just-sent", SEEN(FAILED), .since = 2, .sent = 5, .released = true,
          DO(WAIT, PROGRESSING, SETTLING), .next = 10 },
        { "failed/hold/reset", SEEN(FAILED), KNOB(FAILED, HOLD), .released = true,
          DO(START, PROGRESSING, FAILED) },
        { "failed/hold", SEEN(FAILED), KNOB(FAILED, HOLD), WARN(NONE, HELD, FAILED) },

        { "expired", SEEN(EXPIRED), DO(START, PROGRESSING, EXPIRED), .renewal = true },
        { "expired/too-often", SEEN(EXPIRED), .renewals = 2, WARN(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "expired/hold", SEEN(EXPIRED), KNOB(EXPIRED, HOLD), WARN(NONE, HELD, EXPIRED) },
        { "declined", SEEN(DECLINED), WARN(NONE, HELD, DECLINED) },
        { "declined/reset", SEEN(DECLINED), .released = true, DO(START, PROGRESSING, DECLINED),
          .renewal = true },
        { "declined/gone/reset", LAST(DECLINED), .released = true, DO(START, PROGRESSING, DECLINED),
          .renewal = true },
        { "declined/reset/suspended", SEEN(DECLINED), .released = true, .suspend = true,
          WARN(NONE, HELD, SUSPENDED) },
        { "declined/reset/pinned", SEEN(DECLINED), .released = true, .pin = true,
          WARN(NONE, HELD, NEWER_THAN_PIN) },
        { "declined/reset/undeclared", SEEN(DECLINED), .released = true, .undeclared = true,
          DO(NONE, UNMANAGED, UNDESIRED) },
        { "declined/reshare", SEEN(DECLINED), KNOB(DECLINED, RESHARE), DO(START, PROGRESSING, DECLINED),
          .renewal = true },
        { "declined/reshare/too-often", SEEN(DECLINED), .renewals = 2, KNOB(DECLINED, RESHARE),
          WARN(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "revoked", SEEN(REVOKED), WARN(NONE, HELD, REVOKED) },
        { "revoked/reset", SEEN(REVOKED), .released = true, DO(START, PROGRESSING, REVOKED),
          .renewal = true },
        { "revoked/gone/reset", LAST(REVOKED), .released = true, DO(START, PROGRESSING, REVOKED),
          .renewal = true },
        { "revoked/reshare", SEEN(REVOKED), KNOB(REVOKED, RESHARE), DO(START, PROGRESSING, REVOKED),
          .renewal = true },
        { "revoked/by-us", SEEN(REVOKED), .by_us = true, DO(START, PROGRESSING, STARTED) },
        { "status-of-tomorrow", SEEN(UNKNOWN), WARN(NONE, HELD, UNKNOWN_STATUS) },
        { "unreadable", SEEN(ACTIVE), .unreadable = true, WARN(NONE, HELD, UNREADABLE) },

        { "framework-missing", SEEN(EXPIRING), .framework = FRAMEWORK_MISSING,
          WARN(NONE, STALLED, FRAMEWORK_MISSING) },
        { "framework-ambiguous", .framework = FRAMEWORK_AMBIGUOUS, WARN(NONE, STALLED, FRAMEWORK_AMBIGUOUS) },
        { "suspended", SEEN(EXPIRING), .suspend = true, .framework = FRAMEWORK_MISSING,
          WARN(NONE, HELD, SUSPENDED) },
        { "nothing/pinned", .pin = true, WARN(NONE, HELD, NEWER_THAN_PIN) },
        { "nothing/quota", .over_quota = true, WARN(NONE, HELD, QUOTA) },
        { "refused/invalid", .refused = REASON_INVALID, WARN(NONE, STALLED, INVALID) },
        { "refused/invalid/edited", .refused = REASON_INVALID, .edited = true, DO(START, PROGRESSING, STARTED), .lifted = true },
        { "refused/denied", .refused = REASON_ACCESS_DENIED, DO(WAIT, PROGRESSING, ACCESS_DENIED), .next = 20 },
        { "refused/quota", .refused = REASON_QUOTA, WARN(WAIT, HELD, QUOTA), .next = 20 },

#define LEFT(s) .undeclared = true, SEEN(s)
        { "left/not-ours", LEFT(ACTIVE), .foreign = true, DO(NONE, UNMANAGED, NOT_OURS) },
        { "left/nothing", .undeclared = true, DO(NONE, UNMANAGED, UNDESIRED) },
        { "left/ended", LEFT(EXPIRED), DO(NONE, UNMANAGED, UNDESIRED) },
        { "left/ended/delete", LEFT(EXPIRED), KNOB(UNDESIRED, REVOKE_AND_DELETE),
          DO(DELETE, UNMANAGED, UNDESIRED) },
        { "left/active/keep", LEFT(ACTIVE), WARN(NONE, ORPHANED, UNDESIRED) },
        { "left/active/revoke", LEFT(ACTIVE), KNOB(UNDESIRED, REVOKE), WARN(REVOKE, ORPHANED, UNDESIRED) },
        { "left/expiring/delete", LEFT(EXPIRING), KNOB(UNDESIRED, REVOKE_AND_DELETE),
          WARN(REVOKE, ORPHANED, UNDESIRED) },
        { "left/active/denied", LEFT(ACTIVE), KNOB(UNDESIRED, REVOKE), .refused = REASON_ACCESS_DENIED,
          WARN(WAIT, ORPHANED, UNDESIRED), .next = 20 },
        { "left/shared/revoke", LEFT(SHARED), KNOB(UNDESIRED, REVOKE), WARN(NONE, ORPHANED, IRREVOCABLE) },
        { "left/shared/delete", LEFT(SHARED), KNOB(UNDESIRED, REVOKE_AND_DELETE),
          WARN(DELETE, ORPHANED, IRREVOCABLE) },
        { "left/replicating/delete", LEFT(REPLICATING), KNOB(UNDESIRED, REVOKE_AND_DELETE),
          WARN(NONE, ORPHANED, IRREVOCABLE) },
        { "left/status-of-tomorrow", LEFT(UNKNOWN), KNOB(UNDESIRED, REVOKE),
          WARN(NONE, ORPHANED, UNKNOWN_STATUS) },
        { "left/unreadable", LEFT(ACTIVE), .unreadable = true, KNOB(UNDESIRED, REVOKE),
          WARN(NONE, ORPHANED, UNREADABLE) },
};

/* clang-format on */

static int64_t ago(int minutes) {
        return NOW - (minutes > 0 ? minutes * USEC_PER_MINUTE : LONG);
}

static const ShareKey some_key = { .framework_id = { { 7, 1 } }, .recipient = 4444 };

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Cell cell = {
                        .observed = rows[i].seen != SHARE_STATUS_NONE,
                        .remembered = !rows[i].unknown,
                        .policy = policy_default,
                };
                const bool listed = cell.observed;
                const Decision want = {
                        .action = rows[i].action,
                        .condition = rows[i].condition,
                        .reason = rows[i].reason,
                        .next_usec = rows[i].next > 0 ? NOW + rows[i].next * USEC_PER_MINUTE
                                                      : TIME_INFINITY,
                        .renewal = rows[i].renewal,
                        .lifted = rows[i].lifted,
                        .warn = rows[i].warn,
                };

                cell.input = (DecideInput){
                        .now_usec = NOW,
                        .settle_usec = SETTLE,
                        .undesired = rows[i].key == POLICY_UNDESIRED ? rows[i].choice : POLICY_KEEP,
                        .declared = !rows[i].undeclared,
                        .suspend = rows[i].suspend,
                        .over_quota = rows[i].over_quota,
                        .framework = rows[i].framework,
                        .framework_updated_usec = rows[i].framework != FRAMEWORK_FOUND
                                        ? TIME_UNKNOWN
                                        : rows[i].newer ? ago(1440)
                                                        : ago(0),
                        .pin_usec = rows[i].pin ? ago(0) - 1 : TIME_UNKNOWN,
                        .declaration = rows[i].edited ? 2 : 1,
                        .n_pending = rows[i].pending,
                        .pending_ours = !rows[i].foreign,
                        .comment_differs = rows[i].comment,
                };
                cell.request = (ShareRequest){
                        .key = some_key,
                        .id = { { 1 } },
                        .created_usec = ago(rows[i].created),
                        .status = (uint8_t) rows[i].seen,
                        .readable = !rows[i].unreadable,
                };
                cell.unsettled.retry_usec = NOW + 20 * USEC_PER_MINUTE;
                cell.memory = (ShareMemory){
                        .key = some_key,
                        .request_id = { { 1 } },
                        .status_since_usec = ago(rows[i].since),
                        .sent_usec = ago(rows[i].sent),
                        .framework_updated_usec = ago(0),
                        .declaration = 1,
                        .attempts = rows[i].attempts,
                        .renewals = rows[i].renewals,
                        .status = (listed ? rows[i].seen : rows[i].last) & 0xf,
                        .refused = rows[i].refused & 0x3f,
                        .ours = !rows[i].foreign,
                        .own_request = !rows[i].foreign,
                        .revoked_by_us = rows[i].by_us,
                        .released = rows[i].released,
                };
                if (rows[i].hold_expiring
                                || (rows[i].key != POLICY_EXPIRING && !rows[i].undeclared))
                        cell.policy.value[rows[i].key] = (uint16_t) rows[i].choice;
                check(rows[i].name, &cell, &want, rows[i].late * USEC_PER_MINUTE);
        }
}

/* clang-format off */

/* What varies, and over how many values; the first value of each is the one that leaves other rows alone. */
enum {
        D_SUSPEND, D_FOUND, D_PENDING, D_MEMORY, D_OWNS, D_NOW, D_SETTLE, D_SENT, D_CREATED, D_SINCE,
        D_FRAMEWORK, D_PIN, D_QUOTA, D_DECLARATION, D_REFUSED, D_BY_US, D_COMMENT, D_ATTEMPTS, D_RENEWALS,
        D_UNDESIRED, D_EXPIRING, D_EXPIRED, D_FAILED, D_DECLINED, D_REVOKED, D_UPDATED, D_ON_COMMENT, D_RELEASED,
        D_MAX
};

static const unsigned sizes[D_MAX] = {
        [D_SUSPEND] = 2, [D_FOUND] = 3, [D_PENDING] = 5, [D_MEMORY] = 4, [D_OWNS] = 3, [D_NOW] = 3,
        [D_SETTLE] = 2, [D_SENT] = 5, [D_CREATED] = 4, [D_SINCE] = 7, [D_FRAMEWORK] = 4, [D_PIN] = 4,
        [D_QUOTA] = 2, [D_DECLARATION] = 3, [D_REFUSED] = 11, [D_BY_US] = 2, [D_COMMENT] = 2,
        [D_ATTEMPTS] = 6, [D_RENEWALS] = 6, [D_UNDESIRED] = 3, [D_EXPIRING] = 2, [D_EXPIRED] = 2,
        [D_FAILED] = 2, [D_DECLINED] = 2, [D_REVOKED] = 2, [D_UPDATED] = 3, [D_ON_COMMENT] = 2,
        [D_RELEASED] = 2,
};

#define D(x) (UINT32_C(1) << (D_##x))

/* Crossed in full, for each state; the rest is drawn at random, but stays at its first value where quiet. */
static const struct {
        const char *name;
        ShareStatus status; /* SHARE_STATUS_MAX: all of them */
        uint32_t crossed, quiet;
        unsigned repeat;
        bool undeclared;
} slices[] = {
#define QUIET (D(SUSPEND) | D(FOUND) | D(PENDING) | D(MEMORY))
#define SENDS (D(SETTLE) | D(SENT) | D(FRAMEWORK) | D(PIN) | D(QUOTA) | D(DECLARATION) | D(REFUSED))
        { "none", SHARE_STATUS_NONE, SENDS | D(MEMORY), QUIET, 1, false },
        { "active", SHARE_STATUS_ACTIVE, SENDS | D(CREATED) | D(UPDATED) | D(COMMENT) | D(ON_COMMENT), QUIET, 1,
          false },
        { "replicating", SHARE_STATUS_REPLICATING, SENDS | D(SINCE), QUIET, 1, false },
        { "shared", SHARE_STATUS_SHARED, SENDS | D(CREATED) | D(UPDATED), QUIET, 1, false },
        { "expiring", SHARE_STATUS_EXPIRING, SENDS | D(EXPIRING) | D(RENEWALS) | D(RELEASED), QUIET, 1, false },
        { "failed", SHARE_STATUS_FAILED, SENDS | D(FAILED) | D(ATTEMPTS) | D(SINCE) | D(RELEASED), QUIET, 1, false },
        { "expired", SHARE_STATUS_EXPIRED, SENDS | D(EXPIRED) | D(RENEWALS) | D(RELEASED), QUIET, 1, false },
        { "declined", SHARE_STATUS_DECLINED, SENDS | D(DECLINED) | D(RENEWALS) | D(RELEASED), QUIET, 1, false },
        { "revoked", SHARE_STATUS_REVOKED, SENDS | D(REVOKED) | D(RENEWALS) | D(BY_US) | D(RELEASED), QUIET, 1, false },
        { "unknown", SHARE_STATUS_UNKNOWN, SENDS, QUIET, 1, false },
        { "order", SHARE_STATUS_MAX, QUIET | D(SETTLE) | D(SENT), 0, 10, false },
        { "any", SHARE_STATUS_MAX, 0, QUIET, 20000, false },
        { "undeclared", SHARE_STATUS_MAX, D(UNDESIRED) | D(MEMORY) | D(OWNS) | D(PENDING) | D(REFUSED), 0, 10,
          true },
};

/* clang-format on */

static uint64_t draw(void) {
        static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state >> 11;
}

static void set_policy(const unsigned *v, Cell *cell) {
        static const PolicyChoice updated[] = { POLICY_PENDING, POLICY_NEVER, POLICY_ALWAYS };
        static const uint8_t counts[][2] = { { 0, 2 }, { 1, 2 }, { 2, 2 }, { 3, 2 }, { 0, 0 },
                { 255, 255 } };

        cell->policy = (Policy){ {
                        [POLICY_EXPIRING] = v[D_EXPIRING] ? POLICY_HOLD : POLICY_RENEW,
                        [POLICY_EXPIRED] = v[D_EXPIRED] ? POLICY_HOLD : POLICY_RESHARE,
                        [POLICY_FAILED] = v[D_FAILED] ? POLICY_HOLD : POLICY_RETRY,
                        [POLICY_DECLINED] = v[D_DECLINED] ? POLICY_HOLD : POLICY_RESHARE,
                        [POLICY_REVOKED] = v[D_REVOKED] ? POLICY_HOLD : POLICY_RESHARE,
                        [POLICY_UPDATED] = (uint16_t) updated[v[D_UPDATED]],
                        [POLICY_COMMENT] = v[D_ON_COMMENT] ? POLICY_RESEND : POLICY_REPORT,
                        [POLICY_MAX_RENEWALS] = counts[v[D_RENEWALS]][1],
                        [POLICY_MAX_ATTEMPTS] = counts[v[D_ATTEMPTS]][1],
        } };
        cell->memory.renewals = counts[v[D_RENEWALS]][0];
        cell->memory.attempts = counts[v[D_ATTEMPTS]][0];
}

static void set_times(const unsigned *v, ShareStatus status, Cell *cell) {
        const int64_t now = v[D_NOW] == 0 ? NOW : v[D_NOW] == 1 ? USEC_PER_DAY : NOW * 100;
        const int64_t settle = v[D_SETTLE] ? 0 : SETTLE, old = now - LONG;
        const bool failed = status == SHARE_STATUS_FAILED;
        const int64_t span = failed ? decide_backoff(&some_key, cell->memory.attempts)
                                    : DECIDE_REPLICATION_WARN;
        const int64_t lifted = failed ? decide_backoff(&some_key, 0) : 0;
        const int64_t sent[] = { old, now - settle, now - settle + 1, now + 5, TIME_UNKNOWN };
        const int64_t created[] = { old, now - settle, now - settle + 1, TIME_UNKNOWN };
        const int64_t since[] = { old, now, now - span, now - span + 1, now - lifted,
                now - lifted + 1, TIME_UNKNOWN };
        const int64_t known[] = { old, old - 1, old + 1, TIME_UNKNOWN };
        const int64_t pin[] = { TIME_UNKNOWN, old, old - 1, old + 1 };

        cell->input.now_usec = now;
        cell->input.settle_usec = settle;
        cell->input.framework_updated_usec = v[D_FOUND] ? TIME_UNKNOWN : old;
        cell->input.pin_usec = pin[v[D_PIN]];
        cell->memory.framework_updated_usec = known[v[D_FRAMEWORK]];
        cell->memory.sent_usec = sent[v[D_SENT]];
        cell->memory.status_since_usec = since[v[D_SINCE]];
        cell->request.created_usec = created[v[D_CREATED]];
        cell->request.updated_usec = cell->memory.updated_usec = created[draw() % 4];
        cell->request.expires_usec = now + (int64_t) (draw() % 3) - 1;
        cell->memory.expires = seconds_from_usec(cell->request.expires_usec);
}

static void set_memory(const unsigned *v, Cell *cell) {
        static const struct {
                Reason refused;
                int64_t retry;
        } refusals[] = { { REASON_NONE, 0 }, { REASON_NONE, 1 }, { REASON_INVALID, 0 },
                { REASON_INVALID, 1 }, { REASON_FRAMEWORK_MISSING, 1 }, { REASON_ACCESS_DENIED, 0 },
                { REASON_ACCESS_DENIED, 1 }, { REASON_QUOTA, 1 }, { REASON_QUOTA, -1 },
                { REASON_REQUEST_FAILED, 1 }, { REASON_REQUEST_FAILED, TIME_UNKNOWN } };
        ShareMemory *memory = &cell->memory;

        memory->key = cell->request.key = some_key;
        memory->request_id = cell->request.id = (Uuid){ { 9 } };
        memory->ours = v[D_MEMORY] < 2;
        memory->own_request = v[D_OWNS] == 0;
        if (v[D_OWNS] == 1)
                cell->own = (OwnRequests){ .count = 2, .ids = { { { 8 } }, { { 9 } } } };
        if (v[D_MEMORY] == 1)
                memory->sent_usec = TIME_UNKNOWN; /* adopted */
        memory->declaration = (uint32_t[]){ 5, 6, 0 }[v[D_DECLARATION]];
        memory->refused = refusals[v[D_REFUSED]].refused & 0x3f;
        cell->unsettled.retry_usec = time_add(refusals[v[D_REFUSED]].retry == TIME_UNKNOWN
                                        ? TIME_UNKNOWN
                                        : cell->input.now_usec,
                        refusals[v[D_REFUSED]].retry);
        memory->revoked_by_us = v[D_BY_US] & 1;
        memory->released = v[D_RELEASED] & 1;
        memory->send_state = draw() % SEND_MAX & 0x7;
        memory->send_action = draw() % ACTION_MAX & 0x7;
        memory->condition = draw() % CONDITION_MAX & 0xf;
        memory->reason = draw() % REASON_MAX & 0x3f;
        memory->counted = draw() & 1;
        memory->warned = draw() & 1;
}

/* Three forms of each status: seen, gone since, and not readable. */
static void compare(const unsigned *v, ShareStatus status, unsigned form, bool undeclared) {
        static const unsigned pending[][2] = { { 0, 0 }, { 1, 0 }, { 2, 1 }, { 2, 0 }, { 3, 0 } };
        Cell cell = {
                .observed = form > 0,
                .remembered = v[D_MEMORY] != 3,
                .input = {
                        .undesired = (PolicyChoice) (POLICY_KEEP + v[D_UNDESIRED]),
                        .declared = !undeclared,
                        .suspend = v[D_SUSPEND],
                        .over_quota = v[D_QUOTA],
                        .declaration = 5,
                        .framework = (FrameworkState) v[D_FOUND],
                        .n_pending = form > 0 ? pending[v[D_PENDING]][0] : 0,
                        .pending_ours = form == 0 || pending[v[D_PENDING]][1],
                        .comment_differs = v[D_COMMENT],
                },
                .memory.status = status & 0xf,
                .request = { .status = (uint8_t) status, .readable = form == 1 },
        };
        Decision want;

        set_policy(v, &cell);
        set_times(v, status, &cell);
        set_memory(v, &cell);
        check(expected(cell_input(&cell), &want), &cell, &want, 0);
}

static void test_slice(size_t i, ShareStatus status, unsigned form) {
        unsigned v[D_MAX] = { 0 };
        size_t d;

        do {
                for (unsigned n = 0; n < slices[i].repeat; n++) {
                        for (d = 0; d < D_MAX; d++)
                                if (!((slices[i].crossed | slices[i].quiet) >> d & 1))
                                        v[d] = (unsigned) (draw() % sizes[d]);
                        compare(v, status, form, slices[i].undeclared);
                }
                for (d = 0; d < D_MAX; d++) {
                        if (!(slices[i].crossed >> d & 1))
                                continue;
                        if (++v[d] < sizes[d])
                                break;
                        v[d] = 0;
                }
        } while (d < D_MAX);
}

static void test_table(void) {
        for (size_t i = 0; i < ELEMENTSOF(slices); i++)
                for (ShareStatus status = SHARE_STATUS_NONE; status < SHARE_STATUS_MAX; status++)
                        for (unsigned form = 0; form < 3; form++) {
                                if (slices[i].status != SHARE_STATUS_MAX
                                                && slices[i].status != status)
                                        continue;
                                if (form == 1 && status == SHARE_STATUS_NONE)
                                        continue;
                                if (form == 2 && slices[i].status != SHARE_STATUS_MAX)
                                        continue;
                                test_slice(i, status, form);
                        }
}

static void test_backoff(void) {
        const unsigned last = 300;

        for (unsigned attempts = 1; attempts <= last; attempts++) {
                const int64_t base = attempts > 7 ? USEC_PER_DAY
                                                  : MIN(SETTLE << (attempts - 1), USEC_PER_DAY);
                const int64_t got = decide_backoff(&some_key, attempts);

                if (got >= base && got <= base + base / 10
                                && got == decide_backoff(&some_key, attempts)) {
                        n_passed++;
                        continue;
                }
                printf("backoff after %u: got %" PRId64 ", want %" PRId64 " to %" PRId64 "\n",
                                attempts, got, base, base + base / 10);
                n_failed++;
        }
}

int main(void) {
        /* Millions of cells are three tests: a figure at the end that is all cells would hide every
         * other test. */
        const unsigned n_tests = 3;

        test_backoff();
        test_rows();
        test_table();

        n_failed += expected_unused();
        for (size_t i = 0; i < ELEMENTSOF(kinds) && kinds[i].n > 0; i++)
                printf("%10" PRIu64 " cells: %s, not %s(%s)\n", kinds[i].n, kinds[i].name,
                                action_name(kinds[i].got.action),
                                or_dash(reason_name(kinds[i].got.reason)));
        printf("%" PRIu64 " cells agree\n", n_passed);
        printf("test-decide: %u passed, %" PRIu64 " failed\n", n_failed == 0 ? n_tests : 0,
                        n_failed);
        return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
