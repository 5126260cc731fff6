/* SPDX-License-Identifier: Apache-2.0 */

/* Whole passes against a service that plays a script, with a clock of our own: what is asked, in
 * which order, what is kept. */

#include "world.h"

static Condition condition_of(const World *world, size_t i) {
        return (Condition) pass_scope(world->pass, 0)->plan->entries[i].condition;
}

static void story_cold_start_and_steady_state(void) {
        _cleanup_world_ World world;

        test_row("cold start");
        world_init(&world, shares_text, false);
        const FakeStep first[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666"), START("2", "555566667777"),
                START("3", "777788889999") };
        PLAY(&world, first);
        ASSERT_EQ(3, pass_counts(world.pass).started);
        ASSERT_TRUE(pass_is_whole(world.pass));
        ASSERT_EQ(clock_usec + 15 * USEC_PER_MINUTE, pass_next_usec(world.pass));
        ASSERT_EQ(2, world.fake.in_flight_max);

        test_row("steady state");
        clock_usec += USEC_PER_HOUR;
        const FakeStep second[] = {
                { .operation = API_LIST_SHARE_REQUESTS,
                                .records = { RECORD("1", "444455556666", "ACTIVE",
                                                             clock_usec - USEC_PER_HOUR),
                                                RECORD("2", "555566667777", "SHARED",
                                                                clock_usec - USEC_PER_HOUR),
                                                RECORD("3", "777788889999", "DECLINED",
                                                                clock_usec - USEC_PER_HOUR) } },
                FRAMEWORKS(FRAMEWORK_UPDATED)
        };
        PLAY(&world, second);
        ASSERT_EQ(CONDITION_PENDING, condition_of(&world, 0));
        ASSERT_EQ(CONDITION_READY, condition_of(&world, 1));
        ASSERT_EQ(CONDITION_HELD, condition_of(&world, 2));
        ASSERT_EQ(TIME_INFINITY, pass_next_usec(world.pass));
}

/* What a reader of the file sees at the moment when the call goes out. */
static int call_and_look(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        ShareKey key = { request->framework_id, request->recipient };
        MemoryTable *table = NULL;
        char *why = NULL;
        uint32_t index;

        if (request->operation == API_START_SHARE) {
                ASSERT_OK(memory_open(directory, MEMORY_READ, "", &memory, &why));
                ASSERT_OK(memory_table(memory, "111122223333/us-east-1", &table));
                index = memory_table_find(table, &key);
                if (ASSERT_TRUE(index != MEMORY_NOT_FOUND)) {
                        ASSERT_EQ(SEND_INTENDED, table->items[index].send_state);
                        ASSERT_EQ(clock_usec, table->items[index].sent_usec);
                }
        }
        return fake_call(service, request, callback, userdata, ret);
}

static void story_an_intent_is_on_disk_before_the_call(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666"), START("2", "555566667777"),
                START("3", "777788889999") };
        PassOptions options;

        test_row("write-ahead");
        world_init(&world, shares_text, false);
        world.fake = fake_service(steps, ELEMENTSOF(steps));
        world.fake.service.call = call_and_look;
        world.services[0] = &world.fake.service;
        options = (PassOptions){ world.settings, world.desired, world.services, world.memory,
                .ended = on_ended, .userdata = &world };
        ASSERT_OK(pass_new(&options, &world.pass));
        fake_run(&world.fake, 0);
        ASSERT_TRUE(world.ended);
        ASSERT_EQ(3, pass_counts(world.pass).started);
}

static void story_half_a_listing_is_none(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { { .operation = API_LIST_SHARE_REQUESTS, .next_token = "a" },
                FRAMEWORKS(FRAMEWORK_UPDATED),
                { .operation = API_LIST_SHARE_REQUESTS, .next_token = "b" },
                { .operation = API_LIST_SHARE_REQUESTS, .kind = OUTCOME_UNREACHABLE } };

        test_row("page 3 fails");
        world_init(&world, shares_text, false);
        PLAY(&world, steps);
        ASSERT_FALSE(pass_is_whole(world.pass));
        ASSERT_TRUE(pass_source_error(world.pass, 0) != NULL);
        ASSERT_TRUE(pass_scope(world.pass, 0) == NULL);
}

static void story_a_token_that_repeats(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { { .operation = API_LIST_SHARE_REQUESTS, .next_token = "a" },
                FRAMEWORKS(FRAMEWORK_UPDATED),
                { .operation = API_LIST_SHARE_REQUESTS, .next_token = "a" } };

        test_row("token repeats");
        world_init(&world, shares_text, false);
        PLAY(&world, steps);
        ASSERT_FALSE(pass_is_whole(world.pass));
}

/* The outcome of a start is unknown: it is not sent again within settle, and found in the next
 * listing. */
static void story_an_unknown_outcome(void) {
        _cleanup_world_ World world;
        const FakeStep lost[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                { .operation = API_START_SHARE, .kind = OUTCOME_UNKNOWN },
                START("2", "555566667777"), START("3", "777788889999") };

        test_row("unknown outcome");
        world_init(&world, shares_text, false);
        PLAY(&world, lost);
        ASSERT_EQ(1, pass_counts(world.pass).failed);

        clock_usec += USEC_PER_MINUTE;
        const FakeStep lagging[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        PLAY(&world, lagging);
        ASSERT_EQ(0, plan_sends(pass_scope(world.pass, 0)->plan));

        const FakeStep found[] = {
                { .operation = API_LIST_SHARE_REQUESTS,
                                .records = { RECORD("1", "444455556666", "ACTIVE",
                                                             clock_usec - USEC_PER_MINUTE),
                                                RECORD("2", "555566667777", "ACTIVE",
                                                                clock_usec - USEC_PER_MINUTE),
                                                RECORD("3", "777788889999", "ACTIVE",
                                                                clock_usec - USEC_PER_MINUTE) } },
                FRAMEWORKS(FRAMEWORK_UPDATED)
        };
        PLAY(&world, found);
        clock_usec += USEC_PER_HOUR;
        PLAY(&world, found);
        ASSERT_EQ(CONDITION_PENDING, condition_of(&world, 0));
}

static void story_not_set_up_stops_the_source(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                { .operation = API_START_SHARE, .kind = OUTCOME_NOT_SET_UP },
                START("2", "555566667777") };

        test_row("not set up");
        world_init(&world, shares_text, false);
        PLAY(&world, steps);
        ASSERT_EQ(1, pass_counts(world.pass).started);
        ASSERT_FALSE(pass_is_whole(world.pass));
}

static void story_aborted(void) {
        _cleanup_world_ World world;
        const FakeStep steps[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        const FakeStep again[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("3", "777788889999") };
        unsigned unknown = 0;

        test_row("aborted");
        world_init(&world, shares_text, false);
        play(&world, steps, ELEMENTSOF(steps), 2);
        pass_abort(world.pass);
        const MemoryTable *table = pass_scope(world.pass, 0)->table;
        for (size_t i = 0; i < table->count; i++)
                unknown += table->items[i].send_state == SEND_UNKNOWN;
        ASSERT_EQ(2, unknown); /* the two in flight; the third was announced, and is taken back */
        PLAY(&world, again);
}

static void story_lost_memory_is_quiet_for_settle(void) {
        _cleanup_world_ World world;
        char path[64];
        FILE *file;
        const FakeStep nothing[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };

        test_row("lost memory");
        (void) snprintf(path, sizeof(path), "%s/memory.log", directory);
        file = fopen(path, "w");
        (void) fputs("00000000 garbage\n", file);
        (void) fclose(file);
        world_init(&world, shares_text, true);
        PLAY(&world, nothing);
        ASSERT_EQ(0, plan_sends(pass_scope(world.pass, 0)->plan));
        clock_usec += 16 * USEC_PER_MINUTE;
        const FakeStep later[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666"), START("2", "555566667777"),
                START("3", "777788889999") };
        PLAY(&world, later);
}

int main(void) {
        if (!mkdtemp(directory))
                return 1;
        time_set_source(test_clock, test_clock);
        log_set_level(LOG_LEVEL_ERROR);
        (void) freopen("/dev/null", "w", stderr);

        story_cold_start_and_steady_state();
        story_an_intent_is_on_disk_before_the_call();
        story_half_a_listing_is_none();
        story_a_token_that_repeats();
        story_an_unknown_outcome();
        story_not_set_up_stops_the_source();
        story_aborted();
        story_lost_memory_is_quiet_for_settle();
        return test_end();
}
