/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The decision table, stated a second time
 *
 * Written from the document and not from the code: facts are gathered first, all of them, and then
 * an array of rows is searched from the top. A row says in which states it applies, which facts it
 * wants and which it excludes; it holds no code. Where the row found would send, the rows in
 * `before_send` may still stop it.
 */

#include <assert.h>
#include <stdio.h>

#include "test-decide-table.h"
#include "util/macro.h"
#include "util/time.h"

/* clang-format off */

/* States: what is observed or, where nothing is, what was seen last. */
#define SEEN(status) (UINT32_C(1) << (SHARE_STATUS_##status))
#define GONE(status) (UINT32_C(1) << (16 + (SHARE_STATUS_##status)))
#define BOTH(status) (SEEN(status) | GONE(status))
#define ALL_GONE     (UINT32_C(0xffff) << 16)
#define ANY          UINT32_MAX
#define ALL_ENDED    (SEEN(FAILED) | SEEN(EXPIRED) | SEEN(DECLINED) | SEEN(REVOKED))

static_assert(SHARE_STATUS_MAX <= 16, "the states of a row must fit");

enum {
        SUSPENDED = 1 << 0,
        NOT_FOUND = 1 << 1,
        NOT_UNIQUE = 1 << 2,
        SEVERAL = 1 << 3, /* several pending requests, not all ours */
        UNREADABLE = 1 << 4,
        OURS = 1 << 5,
        JUST_SENT = 1 << 6, /* our last send is younger than settle */
        YOUNG = 1 << 7,     /* the later of creation and our last send is */
        BACKOFF = 1 << 8,
        CHANGED = 1 << 9, /* the framework, since our send */
        COMMENT = 1 << 10,
        PIN = 1 << 11, /* the framework is newer than it */
        QUOTA = 1 << 12,
        REFUSED = 1 << 13,       /* for good, and nothing has changed since */
        REFUSED_TODAY = 1 << 14, /* and not to be tried again yet */
        REFUSED_QUOTA = 1 << 15,
        TRY_LATER = 1 << 16, /* whatever was refused: not yet */
        ATTEMPTS = 1 << 17,  /* exhausted */
        RENEWALS = 1 << 18,  /* exhausted */
        BY_US = 1 << 19,     /* revoked by us */
        HOLD = 1 << 20,      /* the knob of the state is at hold */
        NEVER = 1 << 21,
        ALWAYS = 1 << 22,
        RESENDS = 1 << 23, /* comment: resend */
        REVOKES = 1 << 24, /* undesired: revoke, or revoke-and-delete */
        DELETES = 1 << 25, /* undesired: revoke-and-delete */
        HOUR = 1 << 26,    /* in this status for an hour */
};

typedef enum Deadline {
        NO_DEADLINE,
        SETTLED,      /* creation or send, and settle */
        SEND_SETTLED, /* send, and settle */
        BACKED_OFF,
        BACKED_OFF_AND_SETTLED, /* the later of both */
        AN_HOUR,
        RETRY,
} Deadline;

/* CONDITION_UNKNOWN: as the row that wanted to act; REASON_NONE: as the call was refused. */
typedef struct Row {
        const char *name;
        uint32_t states;
        int wants;
        int excludes;
        ActionKind action;
        Condition condition;
        Reason reason;
        Deadline deadline;
        bool renewal;
} Row;

#define DO(a, c, r) .action = ACTION_##a, .condition = CONDITION_##c, .reason = REASON_##r

static const Row declared[] = {
        { "suspended", ANY, SUSPENDED, 0, DO(NONE, HELD, SUSPENDED) },
        { "framework not found", ANY, NOT_FOUND, 0, DO(NONE, STALLED, FRAMEWORK_MISSING) },
        { "framework not unique", ANY, NOT_UNIQUE, 0, DO(NONE, STALLED, FRAMEWORK_AMBIGUOUS) },
        { "several, not all ours", ANY, SEVERAL, 0, DO(NONE, STALLED, AMBIGUOUS) },
        { "unreadable", ANY, UNREADABLE, 0, DO(NONE, HELD, UNREADABLE) },

        { "gone, was shared", GONE(SHARED), 0, 0, DO(NONE, READY, RECORD_GONE) },
        { "gone, was declined", GONE(DECLINED), HOLD, 0, DO(NONE, HELD, DECLINED) },
        { "gone, was revoked", GONE(REVOKED), HOLD, BY_US, DO(NONE, HELD, REVOKED) },
        { "listing may lag", ALL_GONE, JUST_SENT, 0, DO(WAIT, PROGRESSING, STARTED), SEND_SETTLED },

        { "failed, held", BOTH(FAILED), HOLD, 0, DO(NONE, HELD, FAILED) },
        { "failed too often", BOTH(FAILED), ATTEMPTS, 0, DO(NONE, STALLED, ATTEMPTS_EXHAUSTED) },
        { "failed, just sent", BOTH(FAILED), BACKOFF | JUST_SENT, 0, DO(WAIT, PROGRESSING, FAILED),
          BACKED_OFF_AND_SETTLED },
        { "failed, pinned", BOTH(FAILED), BACKOFF | PIN, 0, DO(NONE, HELD, NEWER_THAN_PIN) },
        { "failed, over quota", BOTH(FAILED), BACKOFF | QUOTA, 0, DO(NONE, HELD, QUOTA) },
        { "failed, refused", BOTH(FAILED), BACKOFF | REFUSED, 0, DO(NONE, STALLED, NONE) },
        { "failed, backoff", BOTH(FAILED), BACKOFF, 0, DO(WAIT, PROGRESSING, FAILED), BACKED_OFF },
        { "failed", BOTH(FAILED), 0, 0, DO(START, PROGRESSING, FAILED) },

        { "expired, held", BOTH(EXPIRED), HOLD, 0, DO(NONE, HELD, EXPIRED) },
        { "expired too often", BOTH(EXPIRED), RENEWALS, 0, DO(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "expired", BOTH(EXPIRED), 0, 0, DO(START, PROGRESSING, EXPIRED), .renewal = true },

        { "declined, held", SEEN(DECLINED), HOLD, 0, DO(NONE, HELD, DECLINED) },
        { "declined too often", BOTH(DECLINED), RENEWALS, 0, DO(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "declined", BOTH(DECLINED), 0, 0, DO(START, PROGRESSING, DECLINED), .renewal = true },

        { "revoked by us", BOTH(REVOKED), BY_US, 0, DO(START, PROGRESSING, STARTED) },
        { "revoked, held", SEEN(REVOKED), HOLD, 0, DO(NONE, HELD, REVOKED) },
        { "revoked too often", BOTH(REVOKED), RENEWALS, 0, DO(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "revoked", BOTH(REVOKED), 0, 0, DO(START, PROGRESSING, REVOKED), .renewal = true },

        { "nothing", ALL_GONE, 0, 0, DO(START, PROGRESSING, STARTED) },

        { "active, young", SEEN(ACTIVE), YOUNG, 0, DO(WAIT, PROGRESSING, SETTLING), SETTLED },
        { "active, changed, never", SEEN(ACTIVE), CHANGED | NEVER, 0, DO(NONE, PENDING, OUT_OF_DATE) },
        { "active, changed", SEEN(ACTIVE), CHANGED, 0, DO(RESEND, PENDING, OUT_OF_DATE) },
        { "active, comment, resend", SEEN(ACTIVE), COMMENT | RESENDS, 0,
          DO(RESEND, PENDING, COMMENT_DIFFERS) },
        { "active, comment", SEEN(ACTIVE), COMMENT, 0, DO(NONE, PENDING, COMMENT_DIFFERS) },
        { "active", SEEN(ACTIVE), 0, 0, DO(NONE, PENDING, AWAITING_RECIPIENT) },

        { "expiring, held", SEEN(EXPIRING), HOLD, 0, DO(NONE, HELD, EXPIRING) },
        { "expiring too often", SEEN(EXPIRING), RENEWALS, 0, DO(NONE, STALLED, RENEWALS_EXHAUSTED) },
        { "expiring", SEEN(EXPIRING), 0, 0, DO(RESEND, PENDING, EXPIRING), .renewal = true },

        { "replicating, an hour", SEEN(REPLICATING), HOUR, 0, DO(NONE, PROGRESSING, REPLICATING) },
        { "replicating", SEEN(REPLICATING), 0, 0, DO(NONE, PROGRESSING, REPLICATING), AN_HOUR },

        { "shared, changed, always", SEEN(SHARED), CHANGED | ALWAYS, 0, DO(RESEND, READY, OUT_OF_DATE) },
        { "shared, changed", SEEN(SHARED), CHANGED, 0, DO(NONE, READY, OUT_OF_DATE) },
        { "shared", SEEN(SHARED), 0, 0, DO(NONE, READY, SHARED) },

        { "any other status", ANY, 0, 0, DO(NONE, HELD, UNKNOWN_STATUS) },
};

static const Row before_send[] = {
        { "not twice within settle", ANY, JUST_SENT, 0, DO(WAIT, PROGRESSING, SETTLING), SEND_SETTLED },
        { "newer than the pin", ANY, PIN, 0, DO(NONE, HELD, NEWER_THAN_PIN) },
        { "over quota", ANY, QUOTA, 0, DO(NONE, HELD, QUOTA) },
        { "refused for good", ANY, REFUSED, 0, DO(NONE, STALLED, NONE) },
        { "refused for the quota", ANY, REFUSED_TODAY | REFUSED_QUOTA, 0, DO(WAIT, HELD, NONE), RETRY },
        { "refused for now", ANY, REFUSED_TODAY, 0, DO(WAIT, PROGRESSING, NONE), RETRY },
};

static const Row undeclared[] = {
        { "not ours", ANY, 0, OURS, DO(NONE, UNMANAGED, NOT_OURS) },
        { "undesired, nothing", ALL_GONE, 0, 0, DO(NONE, UNMANAGED, UNDESIRED) },
        { "undesired, unreadable", ANY, UNREADABLE, 0, DO(NONE, ORPHANED, UNREADABLE) },
        { "undesired, several", ANY, SEVERAL, 0, DO(NONE, ORPHANED, AMBIGUOUS) },
        { "undesired, ended, delete", ALL_ENDED, DELETES, 0, DO(DELETE, UNMANAGED, UNDESIRED) },
        { "undesired, ended", ALL_ENDED, 0, 0, DO(NONE, UNMANAGED, UNDESIRED) },
        { "undesired, pending, revoke", SEEN(ACTIVE) | SEEN(EXPIRING), REVOKES, 0,
          DO(REVOKE, ORPHANED, UNDESIRED) },
        { "undesired, pending", SEEN(ACTIVE) | SEEN(EXPIRING), 0, 0, DO(NONE, ORPHANED, UNDESIRED) },
        { "undesired, shared, delete", SEEN(SHARED), DELETES, 0, DO(DELETE, ORPHANED, IRREVOCABLE) },
        { "undesired, copied", SEEN(SHARED) | SEEN(REPLICATING), 0, 0, DO(NONE, ORPHANED, IRREVOCABLE) },
        { "undesired, any other status", ANY, 0, 0, DO(NONE, ORPHANED, UNKNOWN_STATUS) },
};

static const Row before_removal[] = {
        { "removal refused for now", ANY, TRY_LATER, 0, DO(WAIT, UNKNOWN, NONE), RETRY },
};

/* clang-format on */

#define FACT(condition, fact) ((condition) ? (int) (fact) : 0)

typedef struct Facts {
        const DecideInput *input;
        uint32_t state;
        int flags;
        int64_t sent_usec, reference_usec, since_usec;
        unsigned attempts, renewals;
        bool released; /* a person has lifted hold and backoff */
        bool lifted; /* the declaration or the framework has changed since our last send */
} Facts;

static bool framework_changed(const DecideInput *input) {
        return input->framework == FRAMEWORK_FOUND && input->memory
                        && input->memory->framework_updated_usec != TIME_UNKNOWN
                        && input->framework_updated_usec > input->memory->framework_updated_usec;
}

static int64_t deadline_of(const Facts *facts, Deadline deadline) {
        const DecideInput *input = facts->input;
        ShareKey key = input->memory ? input->memory->key : (ShareKey){ 0 };
        int64_t settled = time_add(facts->sent_usec, input->settle_usec), backed_off;

        if (!input->memory && input->request)
                key = input->request->key;
        backed_off = time_add(facts->since_usec, decide_backoff(&key, facts->attempts));

        switch (deadline) {
        case NO_DEADLINE:
                return TIME_INFINITY;
        case SETTLED:
                return time_add(facts->reference_usec, input->settle_usec);
        case SEND_SETTLED:
                return settled;
        case BACKED_OFF:
                return backed_off;
        case BACKED_OFF_AND_SETTLED:
                return MAX(backed_off, settled);
        case AN_HOUR:
                return time_add(facts->since_usec, DECIDE_REPLICATION_WARN);
        case RETRY:
                return share_memory_unsettled(input->memory)->retry_usec;
        }
        assert(false);
        return TIME_UNKNOWN;
}

static bool before(const Facts *facts, Deadline deadline) {
        return facts->input->now_usec < deadline_of(facts, deadline);
}

static int remembered_facts(const DecideInput *input, bool lifted) {
        const ShareMemory *memory = input->memory;
        const Reason refused = memory ? (Reason) memory->refused : REASON_NONE;
        int64_t retry_usec;
        bool good, now, owns;

        if (!memory)
                return 0;

        retry_usec = share_memory_unsettled(memory)->retry_usec;
        good = refused == REASON_INVALID || refused == REASON_FRAMEWORK_MISSING;
        now = refused == REASON_ACCESS_DENIED || refused == REASON_QUOTA
                        || refused == REASON_REQUEST_FAILED;
        owns = !input->request || share_memory_owns(memory, &input->request->id);

        return FACT(good && !lifted, REFUSED) | FACT(memory->revoked_by_us, BY_US)
                        | FACT(now && input->now_usec < retry_usec, REFUSED_TODAY)
                        | FACT(refused == REASON_QUOTA, REFUSED_QUOTA)
                        | FACT(refused != REASON_NONE && input->now_usec < retry_usec, TRY_LATER)
                        | FACT(memory->ours && owns, OURS);
}

/* A person may lift what policy holds. */
static bool held(const Policy *policy, uint32_t state, bool released) {
        static const struct {
                uint32_t states;
                PolicyKey key;
        } knobs[] = {
                { SEEN(EXPIRING), POLICY_EXPIRING },
                { BOTH(EXPIRED), POLICY_EXPIRED },
                { BOTH(FAILED), POLICY_FAILED },
                { BOTH(DECLINED), POLICY_DECLINED },
                { BOTH(REVOKED), POLICY_REVOKED },
        };

        if (released)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(knobs); i++)
                if (knobs[i].states & state)
                        return policy->value[knobs[i].key] == POLICY_HOLD;
        return false;
}

/* A comment that the service keeps in another form would differ for ever: it is sent once. */
static bool has_sent_this(const DecideInput *input) {
        return input->memory && input->memory->sent_usec != TIME_UNKNOWN
                        && input->memory->declaration == input->declaration;
}

static int declared_facts(const Facts *facts) {
        const DecideInput *input = facts->input;
        const uint16_t *knob = input->policy->value;

        return FACT(input->suspend, SUSPENDED) | FACT(input->over_quota, QUOTA)
                        | FACT(input->framework == FRAMEWORK_MISSING, NOT_FOUND)
                        | FACT(input->framework == FRAMEWORK_AMBIGUOUS, NOT_UNIQUE)
                        | FACT(framework_changed(input), CHANGED)
                        | FACT(input->comment_differs, COMMENT)
                        | FACT(input->pin_usec != TIME_UNKNOWN
                                                        && input->framework_updated_usec
                                                                        > input->pin_usec,
                                        PIN)
                        | FACT(facts->attempts >= knob[POLICY_MAX_ATTEMPTS], ATTEMPTS)
                        | FACT(facts->renewals >= knob[POLICY_MAX_RENEWALS], RENEWALS)
                        | FACT(held(input->policy, facts->state, facts->released), HOLD)
                        | FACT(knob[POLICY_UPDATED] == POLICY_NEVER, NEVER)
                        | FACT(knob[POLICY_UPDATED] == POLICY_ALWAYS, ALWAYS)
                        | FACT(knob[POLICY_COMMENT] == POLICY_RESEND && !has_sent_this(input),
                                        RESENDS);
}

static Facts gather(const DecideInput *input) {
        const ShareMemory *memory = input->memory;
        const ShareRequest *request = input->request;
        Facts facts = {
                .input = input,
                .sent_usec = memory ? memory->sent_usec : TIME_UNKNOWN,
                .since_usec = memory ? memory->status_since_usec : TIME_UNKNOWN,
                .attempts = memory ? memory->attempts : 0,
                .renewals = memory ? memory->renewals : 0,
                .released = memory && memory->released,
        };

        if (request)
                facts.state = UINT32_C(1) << request->status;
        else
                facts.state = UINT32_C(1) << (16 + (memory ? memory->status : SHARE_STATUS_NONE));

        facts.reference_usec =
                        request ? MAX(request->created_usec, facts.sent_usec) : facts.sent_usec;
        /* Never noted when it was first seen: then it is now. */
        if (facts.since_usec == TIME_UNKNOWN)
                facts.since_usec = input->now_usec;

        facts.lifted = framework_changed(input)
                        || (memory && memory->declaration != 0
                                        && memory->declaration != input->declaration);
        if (facts.lifted)
                facts.attempts = facts.renewals = 0;

        facts.flags = FACT(input->n_pending > 1 && !input->pending_ours, SEVERAL)
                        | FACT(request && !request->readable, UNREADABLE)
                        | FACT(before(&facts, SEND_SETTLED), JUST_SENT)
                        | FACT(before(&facts, SETTLED), YOUNG)
                        | FACT(!facts.released && before(&facts, BACKED_OFF), BACKOFF)
                        | FACT(!before(&facts, AN_HOUR), HOUR)
                        | FACT(input->undesired != POLICY_KEEP, REVOKES)
                        | FACT(input->undesired == POLICY_REVOKE_AND_DELETE, DELETES)
                        | remembered_facts(input, facts.lifted)
                        | (input->declared ? declared_facts(&facts) : 0);
        return facts;
}

static struct Table {
        const Row *rows;
        size_t n_rows;
        uint64_t hits[64];
} tables[2][2] = {
        { { undeclared, ELEMENTSOF(undeclared), { 0 } },
                        { before_removal, ELEMENTSOF(before_removal), { 0 } } },
        { { declared, ELEMENTSOF(declared), { 0 } },
                        { before_send, ELEMENTSOF(before_send), { 0 } } },
};

static_assert(ELEMENTSOF(declared) <= 64, "every row needs its counter");

static const Row *first_row(struct Table *table, const Facts *facts) {
        for (size_t i = 0; i < table->n_rows; i++) {
                const Row *row = table->rows + i;

                if ((row->states & facts->state) == 0 || (facts->flags & row->wants) != row->wants
                                || (facts->flags & row->excludes) != 0)
                        continue;
                table->hits[i]++;
                return row;
        }
        return NULL;
}

const char *expected(const DecideInput *input, Decision *ret) {
        const Facts facts = gather(input);
        const Row *row = first_row(&tables[input->declared][0], &facts), *stop = NULL;
        Condition condition = row->condition;
        Reason reason = row->reason;

        if (row->action != ACTION_NONE && row->action != ACTION_WAIT)
                stop = first_row(&tables[input->declared][1], &facts);
        if (stop && stop->condition != CONDITION_UNKNOWN) {
                condition = stop->condition;
                reason = stop->reason;
        }
        if (reason == REASON_NONE)
                reason = (Reason) input->memory->refused;
        row = stop ? stop : row;

        *ret = (Decision){
                .action = row->action,
                .condition = condition,
                .reason = reason,
                .next_usec = deadline_of(&facts, row->deadline),
                .renewal = row->renewal,
                .lifted = facts.lifted
                                && (row->action == ACTION_START || row->action == ACTION_RESEND),
                .warn = condition == CONDITION_HELD || condition == CONDITION_STALLED
                                || condition == CONDITION_ORPHANED
                                || (reason == REASON_REPLICATING && row->deadline == NO_DEADLINE),
        };
        return row->name;
}

size_t expected_unused(void) {
        size_t n = 0;

        for (size_t i = 0; i < 4; i++)
                for (size_t k = 0; k < tables[i / 2][i % 2].n_rows; k++)
                        if (tables[i / 2][i % 2].hits[k] == 0) {
                                printf("row never reached: %s\n",
                                                tables[i / 2][i % 2].rows[k].name);
                                n++;
                        }
        return n;
}

const DecideInput *cell_input(Cell *cell) {
        cell->input.request = cell->observed ? &cell->request : NULL;
        cell->input.memory = cell->remembered ? &cell->memory : NULL;
        cell->input.policy = cell->input.declared ? &cell->policy : NULL;
        cell->unsettled.own = cell->own.count > 0 ? &cell->own : NULL;
        cell->memory.unsettled = &cell->unsettled;
        return &cell->input;
}
