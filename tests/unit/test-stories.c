/* SPDX-License-Identifier: Apache-2.0 */

/* Stories of several passes that a hostile world could tell: each once ended in a wrong or doubled
 * call, or in a stall. */

#include <fcntl.h>

#include "util/string-util.h"
#include "world.h"

#define ACCOUNT "444455556666"
#define HOUR    USEC_PER_HOUR
#define DAY     USEC_PER_DAY
#define T0      (INT64_C(1800000000) * USEC_PER_SEC)

#define SETTINGS(more)                                                                             \
        "sources: {grc: {account: '111122223333', region: us-east-1}}\nsettle: 15min\n" more
#define ONE(more)                                                                                  \
        "frameworks:\n- name: Baseline\n  eligibility_acknowledged: true\n" more                   \
        "  recipients:\n  - {account: '444455556666', regions: [eu-west-1]}\n"
#define NO_SHARES "frameworks: []\n"

#define SEEN(n, status_, created, updated)                                                         \
        {                                                                                          \
                .id = ID(n), .framework = BASELINE, .account = ACCOUNT, .region = "eu-west-1",     \
                .status = status_, .created_usec = (created), .updated_usec = (updated)            \
        }
#define LISTED(...)                                                                                \
        {                                                                                          \
                .operation = API_LIST_SHARE_REQUESTS, .records = { __VA_ARGS__ }                   \
        }
#define OLD FRAMEWORKS(FRAMEWORK_UPDATED)
#define ANSWERED(n, status_, created, updated)                                                     \
        {                                                                                          \
                .operation = API_START_SHARE, .records = { SEEN(n, status_, created, updated) }    \
        }
#define LOST                                                                                       \
        { .operation = API_START_SHARE, .kind = OUTCOME_UNKNOWN }

/* Plays what must be asked for exactly, and checks the one share. */
#define EXPECT(world, condition_, reason_, ...)                                                    \
        do {                                                                                       \
                const FakeStep steps_[] = { __VA_ARGS__ };                                         \
                PLAY(world, steps_);                                                               \
                ASSERT_STREQ(condition_, condition_name((Condition) entry_of(world)->condition));  \
                ASSERT_STREQ(reason_, reason_name((Reason) entry_of(world)->reason));              \
        } while (0)

static const PlanEntry *entry_of(const World *world) {
        static const PlanEntry none;
        const Scope *scope = pass_scope(world->pass, 0);

        return scope && scope->plan->n_entries == 1 ? &scope->plan->entries[0] : &none;
}

static const ShareMemory *memory_of(const World *world) {
        return &pass_scope(world->pass, 0)->table->items[entry_of(world)->memory];
}

static void begin(World *world, const char *name, const char *settings, const char *shares) {
        test_row(name);
        clock_usec = T0;
        settings_text = settings;
        world_init(world, shares, false);
}

/* The same state with other files. */
static void declare(World *world, const char *shares) {
        world_done(world);
        world_init(world, shares, true);
}

static void start(World *world) {
        EXPECT(world, "progressing", "Started", NONE_LISTED, OLD, ANSWERED("1", "ACTIVE", T0, T0));
}

static void story_a_person_revokes_what_we_revoked_before(void) {
        _cleanup_world_ World world;

        begin(&world, "revoked by a person", SETTINGS("policy: {undesired: revoke}\n"), ONE(""));
        start(&world);
        declare(&world, NO_SHARES);
        clock_usec = T0 + HOUR;
        EXPECT(&world, "orphaned", "Undesired", LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD,
                        { .operation = API_UPDATE_SHARE,
                                        .records = { SEEN("1", "REVOKED", T0, T0 + HOUR) } });
        declare(&world, ONE(""));
        clock_usec = T0 + 2 * HOUR;
        EXPECT(&world, "progressing", "Started", LISTED(SEEN("1", "REVOKED", T0, T0 + HOUR)), OLD,
                        ANSWERED("1", "ACTIVE", T0 + 2 * HOUR, T0 + 2 * HOUR));
        clock_usec = T0 + 30 * HOUR;
        EXPECT(&world, "held", "Revoked",
                        LISTED(SEEN("1", "REVOKED", T0 + 2 * HOUR, T0 + 29 * HOUR)), OLD);
}

static void story_our_revocation_was_not_processed(void) {
        _cleanup_world_ World world;

        begin(&world, "revocation not processed", SETTINGS("policy: {undesired: revoke}\n"),
                        ONE(""));
        start(&world);
        declare(&world, NO_SHARES);
        clock_usec = T0 + HOUR;
        EXPECT(&world, "orphaned", "Undesired", LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD,
                        { .operation = API_UPDATE_SHARE, .kind = OUTCOME_UNKNOWN });
        declare(&world, ONE(""));
        clock_usec = T0 + 2 * HOUR;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD);
        clock_usec = T0 + 300 * HOUR;
        EXPECT(&world, "held", "Revoked", LISTED(SEEN("1", "REVOKED", T0, T0 + 299 * HOUR)), OLD);
}

/* A new version that the recipient declines, or that fails, is not sent again and again. */
static void story_an_update_that_is_declined(const char *status) {
        _cleanup_world_ World world;
        const int64_t updated = T0 + 23 * HOUR, sent = T0 + DAY;

        begin(&world, status, SETTINGS(""), ONE("  policy: {updated: always}\n"));
        start(&world);
        clock_usec = sent;
        EXPECT(&world, "ready", "OutOfDate", LISTED(SEEN("1", "SHARED", T0, T0 + HOUR)),
                        FRAMEWORKS(updated), ANSWERED("2", "ACTIVE", sent, sent));
        for (unsigned i = 0; i < 3; i++) {
                clock_usec += HOUR;
                EXPECT(&world, "ready", "Shared",
                                LISTED(SEEN("1", "SHARED", T0, T0 + HOUR),
                                                SEEN("2", status, sent, sent + 1)),
                                FRAMEWORKS(updated));
        }
}

static void story_a_resend_that_was_not_processed(void) {
        _cleanup_world_ World world;

        begin(&world, "resend not processed", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(T0 + DAY), LOST);
        clock_usec = T0 + 2 * DAY;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(T0 + DAY), ANSWERED("1", "ACTIVE", T0, T0 + 2 * DAY));
}

/* Somebody else's request, listed while the outcome of a resend is not known, carries the version
 * that it was made of, whatever has become of the resend. */
static void story_a_strangers_request_beside_a_lost_resend(void) {
        _cleanup_world_ World world;
        const int64_t sent = T0 + DAY, made = sent - 6 * USEC_PER_MINUTE;

        begin(&world, "a stranger's beside a lost resend", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = sent;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(sent - HOUR), LOST);
        clock_usec = sent + USEC_PER_MINUTE;
        EXPECT(&world, "progressing", "Settling",
                        LISTED(SEEN("1", "REVOKED", T0, sent - HOUR),
                                        SEEN("2", "ACTIVE", made, made)),
                        FRAMEWORKS(sent - HOUR));
        clock_usec = sent + HOUR;
        EXPECT(&world, "pending", "AwaitingRecipient",
                        LISTED(SEEN("1", "REVOKED", T0, sent - HOUR),
                                        SEEN("2", "ACTIVE", made, made)),
                        FRAMEWORKS(sent - HOUR));
}

static void story_an_outage_uses_up_no_renewals(void) {
        _cleanup_world_ World world;

        begin(&world, "renewals in an outage", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + 91 * DAY;
        for (unsigned i = 0; i < 5; i++, clock_usec += HOUR)
                EXPECT(&world, "pending", "Expiring",
                                LISTED(SEEN("1", "EXPIRING", T0, T0 + 90 * DAY)), OLD, LOST);
        ASSERT_EQ(1, memory_of(&world)->renewals);
}

static void story_attempts_end(void) {
        _cleanup_world_ World world;
        unsigned sent = 1;

        begin(&world, "300 attempts", SETTINGS(""), ONE("  policy: {max_attempts: 300}\n"));
        start(&world);
        for (unsigned i = 0; i < 310; i++) {
                const int64_t at = clock_usec;

                clock_usec += 3 * DAY;
                const FakeStep seen[] = { LISTED(SEEN("1", "FAILED", at, at + 1)), OLD };
                play(&world, seen, ELEMENTSOF(seen), 0);
                clock_usec += 3 * DAY;
                const FakeStep again[] = { LISTED(SEEN("1", "FAILED", at, at + 1)), OLD,
                        ANSWERED("1", "ACTIVE", clock_usec, clock_usec) };
                play(&world, again, ELEMENTSOF(again), 0);
                sent += pass_counts(world.pass).started;
        }
        ASSERT_EQ(300, sent);
}

/* What only matters until a send has settled is not kept for a million shares. */
static void story_a_settled_share_is_small(void) {
        _cleanup_world_ World world;

        begin(&world, "settled", SETTINGS(""), ONE(""));
        start(&world);
        ASSERT_TRUE(memory_of(&world)->unsettled);
        clock_usec = T0 + USEC_PER_MINUTE;
        EXPECT(&world, "progressing", "Settling", LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD);
        ASSERT_TRUE(memory_of(&world)->unsettled);
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD);
        ASSERT_TRUE(!memory_of(&world)->unsettled);
}

static void story_an_answer_that_says_failed_counts(void) {
        _cleanup_world_ World world;

        begin(&world, "answers of FAILED", SETTINGS(""), ONE("  policy: {max_attempts: 2}\n"));
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD, ANSWERED("1", "FAILED", T0, T0));
        ASSERT_EQ(1, memory_of(&world)->attempts);
        clock_usec = T0 + DAY;
        EXPECT(&world, "progressing", "Failed", LISTED(SEEN("1", "FAILED", T0, T0)), OLD,
                        ANSWERED("2", "FAILED", T0 + DAY, T0 + DAY));
        clock_usec = T0 + 3 * DAY;
        EXPECT(&world, "stalled", "AttemptsExhausted",
                        LISTED(SEEN("2", "FAILED", T0 + DAY, T0 + DAY)), OLD);
}

/* What was sent before, and has failed, is listed before the resend whose answer was lost, and that
 * fails as well: these are two attempts. */
static void story_a_failure_before_that_of_a_lost_resend(int64_t before_usec) {
        _cleanup_world_ World world;
        const int64_t sent = T0 + DAY, failed = sent - before_usec;

        begin(&world, "two failures around a lost resend", SETTINGS(""),
                        ONE("  policy: {max_attempts: 2}\n"));
        start(&world);
        clock_usec = sent;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(sent - HOUR), LOST);
        clock_usec = sent + USEC_PER_MINUTE;
        EXPECT(&world, "progressing", "Failed", LISTED(SEEN("1", "FAILED", T0, failed)),
                        FRAMEWORKS(sent - HOUR));
        ASSERT_EQ(1, memory_of(&world)->attempts);
        clock_usec = sent + HOUR;
        EXPECT(&world, "stalled", "AttemptsExhausted",
                        LISTED(SEEN("1", "FAILED", T0, failed),
                                        SEEN("2", "FAILED", sent + 1, sent + 2)),
                        FRAMEWORKS(sent - HOUR));
        ASSERT_EQ(2, memory_of(&world)->attempts);
}

/* A record that is gone and a declaration that was missing for one pass do not make a share a new
 * one. */
static void story_undeclared_for_one_pass(const char *status,
                const char *condition,
                const char *reason) {
        _cleanup_world_ World world;
        const FakeStep gone[] = { NONE_LISTED, OLD };

        begin(&world, status, SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, condition, streq("SHARED", status) ? "Shared" : reason,
                        LISTED(SEEN("1", status, T0, T0 + 1)), OLD);
        declare(&world, NO_SHARES);
        PLAY(&world, gone);
        declare(&world, ONE(""));
        EXPECT(&world, condition, reason, NONE_LISTED, OLD);
}

static void story_a_refusal_does_not_lay_a_stall_again(void) {
        _cleanup_world_ World world;
        const char *changed = ONE("  comment: changed\n  policy: {max_attempts: 1}\n");

        begin(&world, "lifted, then refused", SETTINGS(""), ONE("  policy: {max_attempts: 1}\n"));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "stalled", "AttemptsExhausted", LISTED(SEEN("1", "FAILED", T0, T0 + 1)),
                        OLD);
        declare(&world, changed);
        clock_usec = T0 + 2 * DAY;
        EXPECT(&world, "progressing", "AccessDenied", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD,
                        { .operation = API_START_SHARE, .kind = OUTCOME_ACCESS_DENIED });
        clock_usec = T0 + 3 * DAY;
        EXPECT(&world, "progressing", "Failed", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD,
                        ANSWERED("2", "ACTIVE", T0 + 3 * DAY, T0 + 3 * DAY));
}

static void story_a_comment_that_never_agrees(void) {
        _cleanup_world_ World world;
        FakeRecord kept = SEEN("1", "ACTIVE", T0, T0);

        kept.comment = "two blanks";
        begin(&world, "comment kept in another form", SETTINGS(""),
                        ONE("  comment: 'two  blanks'\n  policy: {comment: resend}\n"));
        start(&world);
        for (unsigned i = 0; i < 3; i++) {
                const FakeStep steps[] = {
                        { .operation = API_LIST_SHARE_REQUESTS, .records = { kept } }, OLD
                };

                clock_usec += HOUR;
                PLAY(&world, steps);
                ASSERT_EQ(REASON_COMMENT_DIFFERS, entry_of(&world)->reason);
        }
}

static int64_t still(void) {
        return T0;
}

static void story_a_clock_that_jumps(void) {
        _cleanup_world_ World world;

        begin(&world, "clock jumps ahead", SETTINGS(""), ONE(""));
        time_set_source(test_clock, still);
        start(&world);
        clock_usec = T0 + 2 * HOUR;
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD);
        time_set_source(test_clock, test_clock);
}

static void story_a_clock_that_was_ahead(void) {
        _cleanup_world_ World world;

        begin(&world, "clock was in 2099", SETTINGS(""), ONE(""));
        clock_usec = T0 + 70 * 365 * DAY;
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD, LOST);
        declare(&world, ONE("")); /* a restart: the monotonic clock begins anew */
        clock_usec = T0;
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD);
        clock_usec = T0 + HOUR;
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD,
                        ANSWERED("1", "ACTIVE", clock_usec, clock_usec));
}

/* What a lost resend made has the service's times, however wrong the host's clock is. */
static void story_a_lost_resend_and_a_wrong_clock(int64_t skew_usec) {
        _cleanup_world_ World world;
        const int64_t sent = T0 + DAY + skew_usec;

        fake_skew_usec = skew_usec;
        begin(&world, skew_usec < 0 ? "clock is ahead" : "clock is behind", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(sent - HOUR), LOST);
        clock_usec += HOUR;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("1", "ACTIVE", T0, sent)),
                        FRAMEWORKS(sent - HOUR));
        fake_skew_usec = 0;
}

/* By the time it is listed, what a lost resend made anew has been accepted: it is not sent again.
 */
static void story_a_lost_resend_that_was_accepted_since(void) {
        _cleanup_world_ World world;
        FakeStep first[] = { LISTED(SEEN("1", "ACTIVE", T0, T0)), FRAMEWORKS(T0 + HOUR), LOST };
        FakeStep later[] = { LISTED(SEEN("1", "SHARED", T0, T0 + 2 * DAY)), FRAMEWORKS(T0 + HOUR) };

        first[0].records[0].expires_usec = T0 + 120 * DAY;
        later[0].records[0].expires_usec = T0 + 121 * DAY;
        begin(&world, "accepted since", SETTINGS(""), ONE("  policy: {updated: always}\n"));
        start(&world);
        clock_usec = T0 + DAY;
        PLAY(&world, first);
        clock_usec = T0 + 3 * DAY;
        PLAY(&world, later);
        ASSERT_STREQ("Shared", reason_name((Reason) entry_of(&world)->reason));
}

/* A resend goes over the request that is open, ours or not, also where another one is effective. */
static void story_a_lost_resend_over_one_behind_a_copy(bool is_ours) {
        _cleanup_world_ World world;
        const int64_t updated = T0 + DAY + HOUR, sent = T0 + 2 * DAY;
        FakeStep seen[] = { LISTED(SEEN("1", "ACTIVE", T0, T0),
                                            SEEN("2", "REPLICATING", T0 + HOUR, T0 + HOUR)),
                OLD };
        FakeStep resent[] = { LISTED(SEEN("1", "ACTIVE", T0, T0),
                                              SEEN("2", "SHARED", T0 + HOUR, T0 + DAY)),
                FRAMEWORKS(updated), LOST };
        FakeStep later[] = { LISTED(SEEN("1", "REPLICATING", T0, sent + HOUR),
                                             SEEN("2", "SHARED", T0 + HOUR, T0 + DAY)),
                FRAMEWORKS(updated) };

        seen[0].records[0].expires_usec = resent[0].records[0].expires_usec = T0 + 120 * DAY;
        later[0].records[0].expires_usec = sent + 120 * DAY;
        begin(&world, is_ours ? "over ours behind a copy" : "over a colleague's behind another",
                        SETTINGS(""), ONE("  policy: {updated: always}\n"));
        if (is_ours)
                start(&world);
        clock_usec = T0 + DAY;
        PLAY(&world, seen);
        clock_usec = sent;
        PLAY(&world, resent);
        for (unsigned i = 0; i < 3; i++) {
                clock_usec += DAY;
                PLAY(&world, later);
                ASSERT_EQ(SEND_ANSWERED, memory_of(&world)->send_state);
        }
}

static int64_t a_day_on(void) {
        return T0 + DAY;
}

/* The host's clock is set before a call goes out, which is the first to learn of it, and whose
 * answer is lost. */
static void story_a_clock_that_is_set_before_a_call(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { LISTED(SEEN("1", "ACTIVE", T0, T0)), FRAMEWORKS(T0 + HOUR),
                LOST };

        begin(&world, "clock is set before a call", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        time_set_source(test_clock, a_day_on);
        play(&world, steps, ELEMENTSOF(steps), 1);
        clock_usec += 3 * HOUR;
        fake_run(&world.fake, 1);
        fake_skew_usec = -3 * HOUR;
        fake_run(&world.fake, 0);
        ASSERT_TRUE(world.ended);
        declare(&world, ONE(""));
        time_set_source(test_clock, test_clock);
        clock_usec += HOUR;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("1", "ACTIVE", T0, T0 + DAY)),
                        FRAMEWORKS(T0 + HOUR));
        fake_skew_usec = 0;
}

/* Before the restart the clock was right, and now it is hours ahead: settle has not passed. */
static void story_a_clock_that_is_set_before_a_restart(void) {
        _cleanup_world_ World world;

        begin(&world, "clock is set before a restart", SETTINGS(""), ONE(""));
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD, LOST);
        declare(&world, ONE(""));
        clock_usec = T0 + 3 * HOUR;
        fake_skew_usec = USEC_PER_MINUTE - 3 * HOUR;
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD);
        ASSERT_EQ(T0 + 3 * HOUR + 14 * USEC_PER_MINUTE, pass_next_usec(world.pass));
        fake_skew_usec = 0;
}

static void story_a_strangers_request_months_later(void) {
        _cleanup_world_ World world;

        begin(&world, "a stranger's request", SETTINGS("policy: {undesired: revoke}\n"), ONE(""));
        start(&world);
        clock_usec = T0 + 121 * DAY;
        EXPECT(&world, "progressing", "Expired", LISTED(SEEN("1", "EXPIRED", T0, T0 + 120 * DAY)),
                        OLD, LOST);
        clock_usec += HOUR;
        declare(&world, NO_SHARES);
        EXPECT(&world, "unmanaged", "Undesired", LISTED(SEEN("1", "EXPIRED", T0, T0 + 120 * DAY)),
                        OLD);
        clock_usec += 60 * DAY;
        EXPECT(&world, "unmanaged", "NotOurs",
                        LISTED(SEEN("9", "ACTIVE", clock_usec - DAY, clock_usec - DAY)), OLD);
}

static void story_a_strangers_failure(void) {
        _cleanup_world_ World world;

        begin(&world, "a stranger's failure", SETTINGS(""), ONE("  policy: {max_attempts: 1}\n"));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "AwaitingRecipient",
                        LISTED(SEEN("9", "ACTIVE", T0 + HOUR, T0 + HOUR)), OLD);
        EXPECT(&world, "progressing", "Failed",
                        LISTED(SEEN("9", "FAILED", T0 + HOUR, T0 + 2 * HOUR)), OLD);
        ASSERT_EQ(0, memory_of(&world)->attempts);
}

/* Killed before a start was sent, and somebody else shares by hand what has changed since: that is
 * the version that the request carries, whoever made it. */
static void story_a_strangers_request_in_place_of_ours(void) {
        _cleanup_world_ World world;
        const int64_t updated = T0 + 10 * USEC_PER_SEC, made = T0 + 20 * USEC_PER_SEC;

        begin(&world, "a stranger in our place", SETTINGS(""), ONE(""));
        EXPECT(&world, "progressing", "Started", NONE_LISTED, OLD, LOST);
        clock_usec = T0 + USEC_PER_MINUTE;
        EXPECT(&world, "progressing", "Settling", LISTED(SEEN("9", "ACTIVE", made, made)),
                        FRAMEWORKS(updated));
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("9", "ACTIVE", made, made)),
                        FRAMEWORKS(updated));
        clock_usec = T0 + 2 * DAY;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("9", "ACTIVE", made, made)),
                        FRAMEWORKS(T0 + DAY), ANSWERED("2", "ACTIVE", clock_usec, clock_usec));
}

/* A resend of ours fails behind the copy that the recipient already has; once the record of that
 * is deleted, the failure is what is left, and an attempt like any other. */
static void story_a_failure_behind_a_copy(void) {
        _cleanup_world_ World world;
        const int64_t sent = T0 + DAY;

        begin(&world, "a failure behind a copy", SETTINGS(""),
                        ONE("  policy: {max_attempts: 1, updated: always}\n"));
        start(&world);
        clock_usec = sent;
        EXPECT(&world, "ready", "OutOfDate", LISTED(SEEN("1", "SHARED", T0, T0 + HOUR)),
                        FRAMEWORKS(sent - HOUR), ANSWERED("2", "ACTIVE", sent, sent));
        clock_usec += DAY;
        EXPECT(&world, "ready", "Shared",
                        LISTED(SEEN("1", "SHARED", T0, T0 + HOUR),
                                        SEEN("2", "FAILED", sent, sent + 1)),
                        FRAMEWORKS(sent - HOUR));
        for (unsigned i = 0; i < 2; i++) {
                clock_usec += DAY;
                EXPECT(&world, "stalled", "AttemptsExhausted",
                                LISTED(SEEN("2", "FAILED", sent, sent + 1)),
                                FRAMEWORKS(sent - HOUR));
        }
}

static void story_a_deletion_that_is_listed_late(void) {
        _cleanup_world_ World world;

        begin(&world, "deleted, listed late", SETTINGS("policy: {undesired: revoke-and-delete}\n"),
                        ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        declare(&world, NO_SHARES);
        EXPECT(&world, "unmanaged", "Undesired", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD,
                        { .operation = API_DELETE_SHARE });
        clock_usec += USEC_PER_MINUTE;
        EXPECT(&world, "unmanaged", "Undesired", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD);
}

static void story_ended_and_undeclared_is_forgotten(void) {
        _cleanup_world_ World world;

        begin(&world, "ended and undeclared", SETTINGS(""), ONE("  policy: {max_attempts: 1}\n"));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "stalled", "AttemptsExhausted", LISTED(SEEN("1", "FAILED", T0, T0 + 1)),
                        OLD);
        declare(&world, NO_SHARES);
        EXPECT(&world, "unmanaged", "Undesired", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD);
        declare(&world, ONE("  policy: {max_attempts: 1}\n"));
        clock_usec = T0 + 2 * DAY;
        EXPECT(&world, "progressing", "Failed", LISTED(SEEN("1", "FAILED", T0, T0 + 1)), OLD,
                        ANSWERED("2", "ACTIVE", clock_usec, clock_usec));
}

/* The name of a status that nobody knows is news once, and what cannot be read is none. */
static void story_an_unknown_status_that_cannot_be_read(void) {
        _cleanup_world_ World world;
        FakeRecord unreadable = SEEN("1", "ACTIVE", T0, T0 + 2 * HOUR);

        unreadable.unreadable = true;
        begin(&world, "unknown, then unreadable", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + HOUR;
        EXPECT(&world, "held", "UnknownStatus", LISTED(SEEN("1", "PENDING_REVIEW", T0, T0 + 1)),
                        OLD);
        ASSERT_TRUE(entry_of(&world)->changed);
        EXPECT(&world, "held", "Unreadable", LISTED(unreadable), OLD);
        ASSERT_FALSE(entry_of(&world)->changed);
        EXPECT(&world, "held", "UnknownStatus", LISTED(SEEN("1", "PENDING_REVIEW", T0, T0 + 1)),
                        OLD);
        ASSERT_FALSE(entry_of(&world)->changed);
}

/* What a lost resend made could not be read when its time was up: it is not sent again. */
static void story_a_lost_resend_that_cannot_be_read(void) {
        _cleanup_world_ World world;
        FakeRecord unreadable = SEEN("1", "ACTIVE", T0, T0 + DAY);

        unreadable.unreadable = true;
        begin(&world, "lost, then unreadable", SETTINGS(""), ONE(""));
        start(&world);
        clock_usec = T0 + DAY;
        EXPECT(&world, "pending", "OutOfDate", LISTED(SEEN("1", "ACTIVE", T0, T0)),
                        FRAMEWORKS(T0 + DAY - 1), LOST);
        clock_usec = T0 + DAY + HOUR;
        EXPECT(&world, "held", "Unreadable", LISTED(unreadable), FRAMEWORKS(T0 + DAY - 1));
        clock_usec = T0 + DAY + 2 * HOUR;
        EXPECT(&world, "pending", "AwaitingRecipient", LISTED(SEEN("1", "ACTIVE", T0, T0 + DAY)),
                        FRAMEWORKS(T0 + DAY - 1));
}

/* Answers that take long keep the next call waiting: settle counts from when that one went out. */
static void story_a_call_that_waited_for_its_turn(void) {
        _cleanup_world_ World world;
        const char *two = ONE("") "  - {account: '555566667777', regions: [eu-west-1]}\n";
        const FakeStep steps[] = { NONE_LISTED, OLD,
                ANSWERED("1", "ACTIVE", T0 + 10 * USEC_PER_MINUTE, T0 + 10 * USEC_PER_MINUTE),
                LOST };
        const FakeStep later[] = {
                LISTED(SEEN("1", "ACTIVE", T0 + 10 * USEC_PER_MINUTE, T0 + 10 * USEC_PER_MINUTE)),
                OLD
        };

        begin(&world, "a call that waited", SETTINGS("limits: {concurrency: 1}\n"), two);
        play(&world, steps, ELEMENTSOF(steps), 2);
        clock_usec = T0 + 10 * USEC_PER_MINUTE;
        fake_run(&world.fake, 0);
        ASSERT_TRUE(world.ended);
        clock_usec = T0 + 20 * USEC_PER_MINUTE;
        PLAY(&world, later);
        ASSERT_EQ(0, pass_counts(world.pass).started);
}

/* Killed with a call out that had waited for its turn, and once more after that: settle still
 * counts from when the call went out. */
static void story_killed_twice_after_a_wait(void) {
        _cleanup_world_ World world;
        const char *two = ONE("") "  - {account: '555566667777', regions: [eu-west-1]}\n";
        const FakeStep steps[] = { NONE_LISTED, OLD,
                ANSWERED("1", "ACTIVE", T0 + 10 * USEC_PER_MINUTE, T0 + 10 * USEC_PER_MINUTE),
                LOST };
        const FakeStep later[] = {
                LISTED(SEEN("1", "ACTIVE", T0 + 10 * USEC_PER_MINUTE, T0 + 10 * USEC_PER_MINUTE)),
                OLD
        };
        char keep[128], restore[128];

        (void) snprintf(keep, sizeof(keep), "cp %s/memory.log %s/killed", directory, directory);
        (void) snprintf(restore, sizeof(restore), "mv %s/killed %s/memory.log", directory,
                        directory);
        begin(&world, "killed twice after a wait", SETTINGS("limits: {concurrency: 1}\n"), two);
        play(&world, steps, ELEMENTSOF(steps), 2);
        clock_usec = T0 + 10 * USEC_PER_MINUTE;
        fake_run(&world.fake, 1);
        ASSERT_OK(system(keep));
        fake_run(&world.fake, 0);
        world_done(&world);
        ASSERT_OK(system(restore));
        world_init(&world, two, true);
        PLAY(&world, later);
        declare(&world, two);
        clock_usec = T0 + 20 * USEC_PER_MINUTE;
        PLAY(&world, later);
        ASSERT_EQ(0, pass_counts(world.pass).started);
}

#define OTHER "6f0f2b1c-0000-4000-8000-000000000002"
#define BOTH_FRAMEWORKS(name)                                                                      \
        {                                                                                          \
                .operation = API_LIST_FRAMEWORKS, .framework_ids = { BASELINE, OTHER },            \
                .framework_names = { "Baseline", name }, .framework_updated_usec = T0              \
        }

/* A second framework of ours takes the name: what the first one shares is declared all the same. */
static void story_a_name_that_two_frameworks_have(void) {
        static const char other[] =
                        "- name: Other\n  eligibility_acknowledged: true\n  recipients:\n"
                        "  - {account: '444455556666', regions: [eu-west-1]}\n";
        _cleanup_world_ World world;
        FakeRecord second = SEEN("2", "ACTIVE", T0, T0);
        FakeStep named[] = { LISTED(SEEN("1", "ACTIVE", T0, T0), SEEN("2", "ACTIVE", T0, T0)),
                BOTH_FRAMEWORKS("Other") };
        char both[512];

        second.framework = OTHER;
        named[0].records[1] = second;
        (void) snprintf(both, sizeof(both), "%s%s", ONE(""), other);
        begin(&world, "one name, two frameworks", SETTINGS(""), both);
        clock_usec = T0 + HOUR;
        PLAY(&world, named);

        declare(&world, ONE(""));
        named[0].records[1].framework_name = named[1].framework_names[1] = "Baseline";
        clock_usec = T0 + 2 * HOUR;
        PLAY(&world, named);

        settings_text = SETTINGS("policy: {undesired: revoke}\n");
        declare(&world, ONE(""));
        for (unsigned i = 0; i < 3; i++) {
                clock_usec += HOUR;
                PLAY(&world, named);
        }
}

/* By its id and by its name, then without the name, then no longer by the id: what a framework
 * that was renamed declares is declared. */
static void story_declared_twice_then_renamed(void) {
        static const char by_id[] = "frameworks:\n- id: " BASELINE "\n"
                                    "  eligibility_acknowledged: true\n  recipients:\n"
                                    "  - {account: '444455556666', regions: [eu-west-1]}\n";
        static const char by_name[] =
                        "- name: Baseline\n  eligibility_acknowledged: true\n  recipients:\n"
                        "  - {account: '444455556666', regions: [eu-west-1]}\n";
        _cleanup_world_ World world;
        FakeStep steps[] = { LISTED(SEEN("1", "ACTIVE", T0, T0)), OLD };
        char both[512];

        (void) snprintf(both, sizeof(both), "%s%s", by_id, by_name);
        begin(&world, "declared twice, then renamed", SETTINGS("policy: {undesired: revoke}\n"),
                        both);
        clock_usec = T0 + HOUR;
        PLAY(&world, steps);
        steps[1].framework_names[0] = "Renamed";
        for (unsigned i = 0; i < 2; i++) {
                clock_usec += HOUR;
                PLAY(&world, steps);
        }
        declare(&world, ONE(""));
        clock_usec += HOUR;
        PLAY(&world, steps);
        ASSERT_STREQ("FrameworkMissing", reason_name((Reason) entry_of(&world)->reason));
}

/* By the name that a framework had and the one that it has, then it is gone, and then no longer by
 * the first: the second one still declares it. */
static void story_renamed_to_a_declared_name_then_gone(void) {
        static const char renamed[] =
                        "- name: Renamed\n  eligibility_acknowledged: true\n  recipients:\n"
                        "  - {account: '444455556666', regions: [eu-west-1]}\n";
        static const char other[] = "  - {account: '555566667777', regions: [eu-west-1]}\n";
        _cleanup_world_ World world;
        FakeStep steps[] = { LISTED(SEEN("1", "ACTIVE", T0, T0), SEEN("2", "ACTIVE", T0, T0)),
                OLD };
        char text[512];

        steps[0].records[1].account = "555566667777";
        (void) snprintf(text, sizeof(text), "%s%s%s", ONE(""), other, renamed);
        begin(&world, "renamed, then gone", SETTINGS("policy: {undesired: revoke}\n"), text);
        clock_usec = T0 + HOUR;
        PLAY(&world, steps);
        steps[1].framework_names[0] = "Renamed";
        clock_usec += HOUR;
        PLAY(&world, steps);
        steps[1] = (FakeStep){ .operation = API_LIST_FRAMEWORKS };
        clock_usec += HOUR;
        PLAY(&world, steps);
        (void) snprintf(text, sizeof(text), "%s%s%s",
                        "frameworks:\n- name: Baseline\n  eligibility_acknowledged: true\n"
                        "  recipients:\n",
                        other, renamed);
        declare(&world, text);
        clock_usec += HOUR;
        PLAY(&world, steps);
}

#define SECOND_ACCOUNT "555566667777"
#define NAMED(name, accounts)                                                                      \
        "- name: " name "\n  eligibility_acknowledged: true\n  recipients: [" accounts "]\n"
#define BY_ID(accounts)                                                                            \
        "- id: " BASELINE "\n  eligibility_acknowledged: true\n  recipients: [" accounts "]\n"
#define TO_FIRST  "{account: '" ACCOUNT "', regions: [eu-west-1]}"
#define TO_SECOND "{account: '" SECOND_ACCOUNT "', regions: [eu-west-1]}"

/* A name goes from one framework to another, and that is renamed. Another entry speaks of its share
 * for a while, by its id or by a name that several have, or none does: the first entry still does,
 * or does again. */
static void story_named_by_another_entry_for_a_while(const char *name, const char *meanwhile) {
        static const char before[] = "frameworks:\n" NAMED("Baseline", TO_FIRST) BY_ID(TO_SECOND);
        _cleanup_world_ World world;
        FakeStep steps[] = { LISTED(SEEN("1", "ACTIVE", T0, T0), SEEN("2", "ACTIVE", T0, T0)),
                BOTH_FRAMEWORKS("Baseline") };

        begin(&world, name, SETTINGS("policy: {undesired: revoke}\n"), before);
        steps[0].records[0].framework = OTHER;
        steps[0].records[1].account = SECOND_ACCOUNT;
        steps[1].framework_names[0] = "First";
        clock_usec = T0 + HOUR;
        PLAY(&world, steps);

        steps[0].records[2] = (FakeRecord) SEEN("3", "ACTIVE", T0, T0);
        steps[1] = (FakeStep) FRAMEWORKS(T0);
        clock_usec += HOUR;
        PLAY(&world, steps);
        steps[1] = (FakeStep) BOTH_FRAMEWORKS("Second");
        steps[1].framework_names[0] = "Second";
        clock_usec += HOUR;
        PLAY(&world, steps);

        settings_text = SETTINGS("");
        declare(&world, meanwhile);
        steps[0].records[2].framework_name = "Second";
        clock_usec += HOUR;
        PLAY(&world, steps);
        settings_text = SETTINGS("policy: {undesired: revoke}\n");
        declare(&world, before);
        clock_usec += HOUR;
        PLAY(&world, steps);
}

static void story_memory_of_no_bytes(void) {
        _cleanup_world_ World world;
        char path[64];

        begin(&world, "memory of no bytes", SETTINGS(""), ONE(""));
        start(&world);
        world_done(&world);
        (void) snprintf(path, sizeof(path), "%s/memory.log", directory);
        ASSERT_OK(truncate(path, 0));
        world_init(&world, ONE(""), true);
        ASSERT_TRUE(memory_set_aside(world.memory) != NULL);
        clock_usec = T0 + USEC_PER_MINUTE;
        EXPECT(&world, "progressing", "Settling", NONE_LISTED, OLD);
}

int main(void) {
        if (!mkdtemp(directory) || !freopen("/dev/null", "w", stderr))
                return 1;
        time_set_source(test_clock, test_clock);

        story_a_person_revokes_what_we_revoked_before();
        story_our_revocation_was_not_processed();
        story_an_update_that_is_declined("DECLINED");
        story_an_update_that_is_declined("FAILED");
        story_a_resend_that_was_not_processed();
        story_a_strangers_request_beside_a_lost_resend();
        story_an_outage_uses_up_no_renewals();
        story_attempts_end();
        story_a_settled_share_is_small();
        story_an_answer_that_says_failed_counts();
        story_a_failure_before_that_of_a_lost_resend(HOUR);
        story_a_failure_before_that_of_a_lost_resend(USEC_PER_MINUTE);
        story_undeclared_for_one_pass("SHARED", "ready", "RecordGone");
        story_undeclared_for_one_pass("DECLINED", "held", "Declined");
        story_undeclared_for_one_pass("REVOKED", "held", "Revoked");
        story_a_refusal_does_not_lay_a_stall_again();
        story_a_comment_that_never_agrees();
        story_a_clock_that_jumps();
        story_a_clock_that_was_ahead();
        story_a_lost_resend_and_a_wrong_clock(3 * HOUR);
        story_a_lost_resend_and_a_wrong_clock(-3 * HOUR);
        story_a_lost_resend_that_was_accepted_since();
        story_a_lost_resend_over_one_behind_a_copy(true);
        story_a_lost_resend_over_one_behind_a_copy(false);
        story_a_clock_that_is_set_before_a_call();
        story_a_clock_that_is_set_before_a_restart();
        story_a_strangers_request_months_later();
        story_a_strangers_failure();
        story_a_strangers_request_in_place_of_ours();
        story_a_failure_behind_a_copy();
        story_a_deletion_that_is_listed_late();
        story_ended_and_undeclared_is_forgotten();
        story_an_unknown_status_that_cannot_be_read();
        story_a_lost_resend_that_cannot_be_read();
        story_a_call_that_waited_for_its_turn();
        story_killed_twice_after_a_wait();
        story_a_name_that_two_frameworks_have();
        story_declared_twice_then_renamed();
        story_renamed_to_a_declared_name_then_gone();
        story_named_by_another_entry_for_a_while("named by another entry, ambiguous",
                        "frameworks:\n" NAMED("Baseline", TO_FIRST) BY_ID(TO_SECOND)
                                        NAMED("Second", TO_FIRST));
        story_named_by_another_entry_for_a_while("named by another entry, by its id",
                        "frameworks:\n" NAMED("Baseline", TO_FIRST) BY_ID(TO_FIRST ", " TO_SECOND));
        story_named_by_another_entry_for_a_while("named by no entry",
                        "frameworks:\n" NAMED("Baseline", TO_SECOND) BY_ID(TO_SECOND));
        story_memory_of_no_bytes();
        return test_end();
}
