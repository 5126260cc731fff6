/* SPDX-License-Identifier: Apache-2.0 */

/* When the next pass begins and who takes part: moment by moment, and then as a story. */

#include "pass-schedule.h"
#include "test.h"

#define SEC USEC_PER_SEC
#define INF TIME_INFINITY

/* A row's times are seconds; it knows up to four sources. */
#define IDLE(due_sec)                                                                              \
        { .due_usec = (due_sec) *SEC }
#define BUSY                                                                                       \
        { .busy = true }
#define BEHIND                                                                                     \
        { .busy = true, .left_behind = true }

static const struct {
        const char *name;
        SourceTurn turns[4];
        size_t n_turns;
        int64_t asked_usec, quiet_usec;
        int64_t begin_usec;
        bool waits;
        const char *who; /* a letter a source that takes part */
} rows[] = {
        { "one/due", { IDLE(100) }, 1, INF, 0, 100 * SEC, false, "a" },
        { "one/busy", { BUSY }, 1, INF, 0, INF, true, "" },
        { "one/busy and asked", { BUSY }, 1, 5 * SEC, 0, INF, true, "" },
        { "one/asked", { IDLE(100) }, 1, 5 * SEC, 0, 5 * SEC, false, "a" },
        { "one/gap", { IDLE(100) }, 1, INF, 101 * SEC, 101 * SEC, false, "a" },
        { "one/gap, but asked", { IDLE(100) }, 1, 5 * SEC, 101 * SEC, 5 * SEC, false, "a" },

        { "three/the first takes all along", { IDLE(300), IDLE(100), IDLE(200) }, 3, INF, 0,
                        100 * SEC, false, "abc" },
        { "three/one never", { { .due_usec = INF }, IDLE(100) }, 2, INF, 0, 100 * SEC, false,
                        "ab" },

        { "waits/for one", { BUSY, IDLE(100), IDLE(200) }, 3, INF, 0, 160 * SEC, true, "bc" },
        { "waits/for two", { BUSY, IDLE(100), BUSY }, 3, INF, 0, 160 * SEC, true, "b" },
        { "waits/also when asked", { BUSY, IDLE(100) }, 2, 5 * SEC, 0, 65 * SEC, true, "b" },
        { "waits/asked after it was due", { BUSY, IDLE(100) }, 2, 130 * SEC, 0, 160 * SEC, true,
                        "b" },
        { "waits/nobody there to go on", { BUSY, BUSY }, 2, 5 * SEC, 0, INF, true, "" },

        { "behind/nobody waits twice", { BEHIND, IDLE(100) }, 2, INF, 0, 100 * SEC, false, "b" },
        { "behind/asked", { BEHIND, IDLE(100) }, 2, 5 * SEC, 0, 5 * SEC, false, "b" },
        { "behind/a second one is waited for", { BEHIND, IDLE(100), BUSY }, 3, INF, 0, 160 * SEC,
                        true, "b" },
        { "behind/all", { BEHIND, BEHIND }, 2, 5 * SEC, 0, INF, false, "" },
        { "behind/gap", { BEHIND, IDLE(100) }, 2, INF, 101 * SEC, 101 * SEC, false, "b" },
};

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                PassSchedule schedule = {
                        .turns = rows[i].turns,
                        .n_turns = rows[i].n_turns,
                        .asked_usec = rows[i].asked_usec,
                        .quiet_usec = rows[i].quiet_usec,
                        .patience_usec = 60 * SEC,
                };
                bool include[4] = { false };
                PassDecision decision;
                char who[5];
                size_t n = 0;

                test_row(rows[i].name);
                decision = pass_schedule(&schedule, include);
                for (size_t j = 0; j < rows[i].n_turns; j++)
                        if (include[j])
                                who[n++] = (char) ('a' + j);
                who[n] = '\0';
                ASSERT_EQ(rows[i].begin_usec, decision.begin_usec);
                ASSERT_EQ(rows[i].waits, decision.waits);
                ASSERT_STREQ(rows[i].who, who);
        }
}

static void test_due(void) {
        static const struct {
                const char *name;
                int64_t interval_sec, wanted_in_usec, due_sec;
        } cases[] = {
                { "due/interval", 900, INF, 1900 },
                { "due/a share wants it sooner", 900, 60 * SEC, 1060 },
                { "due/a share wants it later", 900, 1000 * SEC, 1900 },
                { "due/never closer than the gap", 900, 0, 1001 },
                { "due/long ago", 900, -500 * SEC, 1001 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                test_row(cases[i].name);
                ASSERT_EQ(cases[i].due_sec * SEC,
                                pass_due(1000 * SEC, cases[i].interval_sec * SEC,
                                                cases[i].wanted_in_usec));
        }
        test_row("due/an interval without end");
        ASSERT_EQ(INF, pass_due(1000 * SEC, INF, INF));
        test_row("patience");
        ASSERT_EQ(60 * SEC, pass_patience(900 * SEC));
        ASSERT_EQ(2 * SEC, pass_patience(2 * SEC));
}

/* --- a story: sources that take as long as the script says, driven second by second --- */

#define SOURCES 3

typedef struct Play {
        SourceTurn turns[SOURCES];
        int64_t ends_usec[SOURCES];
        int pass_of[SOURCES]; /* 0: none */
        int n_passes;
        int n_taken[SOURCES]; /* passes that each took part in */
        int64_t quiet_usec;
} Play;

static bool is_running(const Play *play, int pass) {
        for (size_t i = 0; i < SOURCES; i++)
                if (play->turns[i].busy && play->pass_of[i] == pass)
                        return true;
        return false;
}

static void end_those_that_are_done(Play *play, int64_t now, int64_t interval) {
        for (size_t i = 0; i < SOURCES; i++) {
                if (!play->turns[i].busy || play->ends_usec[i] > now)
                        continue;
                play->turns[i] = (SourceTurn){ .due_usec = pass_due(now, interval, INF) };
                if (!is_running(play, play->pass_of[i]))
                        play->quiet_usec = now + PASS_GAP_USEC;
        }
}

static void begin_if_due(Play *play, int64_t now, int64_t interval, const int64_t *takes_sec) {
        PassSchedule schedule = { play->turns, SOURCES, INF, play->quiet_usec,
                pass_patience(interval) };
        bool include[SOURCES];

        if (pass_schedule(&schedule, include).begin_usec > now)
                return;
        play->n_passes++;
        for (size_t i = 0; i < SOURCES; i++) {
                if (!include[i]) {
                        play->turns[i].left_behind = true;
                        continue;
                }
                play->turns[i] = (SourceTurn){ .busy = true };
                play->ends_usec[i] = now + takes_sec[i] * SEC;
                play->pass_of[i] = play->n_passes;
                play->n_taken[i]++;
        }
}

static const struct {
        const char *name;
        int64_t takes_sec[SOURCES];
        int64_t interval_sec;
        int taken[SOURCES]; /* passes begun in the first hour */
} plays[] = {
        /* 901 seconds each. */
        { "hour/all quick", { 1, 1, 1 }, 900, { 4, 4, 4 } },
        /* The others lose a minute, once. */
        { "hour/one hangs for ever", { 9999, 1, 1 }, 900, { 1, 4, 4 } },
        { "hour/two hang for ever", { 9999, 9999, 1 }, 900, { 1, 1, 4 } },
        { "hour/all hang for ever", { 9999, 9999, 9999 }, 900, { 1, 1, 1 } },
        /* Within the patience there is one pass at a time. */
        { "hour/one takes a little longer", { 40, 1, 1 }, 30, { 88, 88, 88 } },
        /* One that takes ten minutes rejoins each time: nine passes of the others in 609 seconds.
         */
        { "hour/one is slow", { 600, 1, 1 }, 60, { 6, 54, 54 } },
};

static void test_plays(void) {
        for (size_t i = 0; i < ELEMENTSOF(plays); i++) {
                Play play = { 0 };

                test_row(plays[i].name);
                for (int64_t now = 0; now < 3600 * SEC; now += SEC) {
                        end_those_that_are_done(&play, now, plays[i].interval_sec * SEC);
                        begin_if_due(&play, now, plays[i].interval_sec * SEC, plays[i].takes_sec);
                }
                for (size_t j = 0; j < SOURCES; j++)
                        ASSERT_EQ(plays[i].taken[j], play.n_taken[j]);
        }
}

int main(void) {
        test_rows();
        test_due();
        test_plays();
        return test_end();
}
