/* SPDX-License-Identifier: Apache-2.0 */

/* Whole passes against a service that plays a script, with a clock of our own: what is asked, in
 * which order, what is kept. */

#include "reconcile/visit.h"
#include "util/mem.h"
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
        options = (PassOptions){
                .settings = world.settings,
                .desired = world.desired,
                .services = world.services,
                .memory = world.memory,
                .ended = on_ended,
                .userdata = &world,
        };
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

/* --- two sources, and passes over some of them --- */

static const char two_settings_text[] = "sources:\n"
                                        "  grc: {account: '111122223333', region: us-east-1}\n"
                                        "  eu: {account: '111122223333', region: eu-central-1}\n"
                                        "settle: 15min\n"
                                        "limits: {concurrency: 2}\n";
static const char two_shares_text[] =
                "frameworks:\n"
                "- name: Baseline\n"
                "  source: grc\n"
                "  eligibility_acknowledged: true\n"
                "  recipients: [{account: '444455556666', regions: [eu-west-1]}]\n"
                "- name: Baseline\n"
                "  source: eu\n"
                "  eligibility_acknowledged: true\n"
                "  recipients: [{account: '555566667777', regions: [eu-west-1]}]\n";

enum { GRC, EU, SOURCES };

/* A World whose two sources each play a script of their own. */
typedef struct Pair {
        World world;
        FakeService fakes[SOURCES];
        ShareService *services[SOURCES];
        unsigned ended[SOURCES]; /* how often each was said to have ended */
} Pair;

static void on_source_ended(Pass *pass, size_t source, void *userdata) {
        Pair *pair = (Pair *) userdata;

        ASSERT_FALSE(pass_source_is_busy(pass, source));
        pair->ended[source]++;
}

static void pair_init(Pair *pair) {
        const char *before = settings_text;

        *pair = (Pair){ 0 };
        settings_text = two_settings_text;
        world_init(&pair->world, two_shares_text, false);
        settings_text = before;
}

static void pair_done(Pair *pair) {
        world_done(&pair->world);
}
#define _cleanup_pair_ _cleanup_(pair_done)

/* Begins a pass with scripts for the sources that take part; nothing is answered yet. */
static Pass *pair_begin(Pair *pair, const bool *include, const FakeStep *steps[], size_t n_steps) {
        PassOptions options = {
                .settings = pair->world.settings,
                .desired = pair->world.desired,
                .services = pair->services,
                .include = include,
                .memory = pair->world.memory,
                .source_ended = on_source_ended,
                .ended = on_ended,
                .userdata = pair,
        };
        Pass *pass = NULL;

        for (size_t i = 0; i < SOURCES; i++) {
                pair->services[i] = &pair->fakes[i].service;
                if (steps[i])
                        pair->fakes[i] = fake_service(steps[i], n_steps);
        }
        pair->world.ended = false;
        ASSERT_OK(pass_new(&options, &pass));
        return pass;
}

static unsigned count_shares(const Pass *pass, size_t source) {
        _cleanup_share_visit_ ShareVisit visit = { 0 };
        ShareView view;
        unsigned n = 0;

        ASSERT_OK(share_visit_begin(pass, source, &visit));
        while (share_visit_next(&visit, &view) > 0)
                n++;
        return n;
}

static void story_a_source_that_takes_no_part(void) {
        _cleanup_pair_ Pair pair;
        const FakeStep grc[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666") };

        test_row("no part");
        pair_init(&pair);
        ASSERT_OK(memory_set_note(pair.world.memory, "111122223333/eu-central-1", "listing"));
        pair.world.pass = pair_begin(&pair, (bool[]){ true, false },
                        (const FakeStep *[]){ grc, NULL }, ELEMENTSOF(grc));
        ASSERT_TRUE(pass_source_is_busy(pair.world.pass, GRC));
        ASSERT_FALSE(pass_source_is_busy(pair.world.pass, EU));
        fake_run(&pair.fakes[GRC], 0);

        ASSERT_TRUE(pair.world.ended);
        ASSERT_EQ(0, pair.fakes[EU].n_calls);
        ASSERT_EQ(1, pair.ended[GRC]);
        ASSERT_EQ(0, pair.ended[EU]);
        ASSERT_EQ(1, pass_counts(pair.world.pass).desired);
        ASSERT_EQ(1, pass_counts(pair.world.pass).started);
        ASSERT_TRUE(pass_is_whole(pair.world.pass));
        ASSERT_TRUE(pass_source_is_whole(pair.world.pass, GRC));
        ASSERT_FALSE(pass_source_is_whole(pair.world.pass, EU));
        ASSERT_TRUE(pass_scope(pair.world.pass, EU) == NULL);
        ASSERT_TRUE(pass_source_error(pair.world.pass, EU) == NULL);
        ASSERT_EQ(TIME_INFINITY, pass_source_next_usec(pair.world.pass, EU));
        ASSERT_STREQ("listing", memory_note(pair.world.memory, "111122223333/eu-central-1"));
}

/* The first pass waits for one source while the other goes through the next one, which sorts the
 * memory anew. */
static void story_passes_beside_each_other(void) {
        _cleanup_pair_ Pair pair;
        const FakeStep none[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        const FakeStep first[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666") };
        const FakeStep late[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("2", "555566667777") };
        Pass *second;

        test_row("beside each other");
        pair_init(&pair);
        pair.world.pass = pair_begin(
                        &pair, NULL, (const FakeStep *[]){ first, late }, ELEMENTSOF(first));
        fake_run(&pair.fakes[GRC], 0);
        fake_run(&pair.fakes[EU], 1);
        ASSERT_FALSE(pair.world.ended);
        ASSERT_FALSE(pass_source_is_busy(pair.world.pass, GRC));
        ASSERT_TRUE(pass_source_is_busy(pair.world.pass, EU));
        ASSERT_EQ(clock_usec + 15 * USEC_PER_MINUTE, pass_source_next_usec(pair.world.pass, GRC));

        /* What memory knows is shown for it from now on. */
        pass_release(pair.world.pass, GRC);
        ASSERT_TRUE(pass_scope(pair.world.pass, GRC) == NULL);
        ASSERT_EQ(TIME_INFINITY, pass_next_usec(pair.world.pass));
        ASSERT_EQ(1, count_shares(pair.world.pass, GRC));

        clock_usec += USEC_PER_MINUTE;
        second = pair_begin(&pair, (bool[]){ true, false }, (const FakeStep *[]){ none, NULL },
                        ELEMENTSOF(none));
        fake_run(&pair.fakes[GRC], 0);
        ASSERT_TRUE(pair.world.ended);
        ASSERT_EQ(0, pass_counts(second).started);
        ASSERT_EQ(1, pass_counts(second).desired);

        /* The first one counts all that was done in it. */
        pair.world.ended = false;
        fake_run(&pair.fakes[EU], 0);
        ASSERT_TRUE(pair.world.ended);
        ASSERT_EQ(2, pass_counts(pair.world.pass).started);
        ASSERT_EQ(2, pass_counts(pair.world.pass).desired);
        ASSERT_TRUE(pass_is_whole(pair.world.pass));
        ASSERT_EQ(2, pair.ended[GRC]);
        ASSERT_EQ(1, pair.ended[EU]);
        (void) pass_free(second);
}

/* One that ends well in a long pass must not take back what a later pass has said of it. */
static void story_a_long_pass_leaves_the_notes_of_others_alone(void) {
        _cleanup_pair_ Pair pair;
        const FakeStep good[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666") };
        const FakeStep late[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("2", "555566667777") };
        const FakeStep denied[] = { { .operation = API_LIST_SHARE_REQUESTS,
                        .kind = OUTCOME_ACCESS_DENIED,
                        .code = "AccessDeniedException" } };
        Pass *second;

        test_row("notes of others");
        pair_init(&pair);
        pair.world.pass = pair_begin(
                        &pair, NULL, (const FakeStep *[]){ good, late }, ELEMENTSOF(good));
        fake_run(&pair.fakes[GRC], 0);
        pass_release(pair.world.pass, GRC);
        second = pair_begin(&pair, (bool[]){ true, false }, (const FakeStep *[]){ denied, NULL },
                        ELEMENTSOF(denied));
        fake_run(&pair.fakes[GRC], 0);
        ASSERT_TRUE(pass_source_error(second, GRC) != NULL);
        fake_run(&pair.fakes[EU], 0);
        ASSERT_TRUE(pass_is_whole(pair.world.pass));
        ASSERT_TRUE(memory_note(pair.world.memory, "111122223333/us-east-1") != NULL);
        (void) pass_free(second);
}

static void story_stopped_and_aborted_beside_each_other(void) {
        _cleanup_pair_ Pair pair;
        const FakeStep late[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        Pass *second;

        test_row("stopped beside each other");
        pair_init(&pair);
        pair.world.pass = pair_begin(&pair, (bool[]){ false, true },
                        (const FakeStep *[]){ NULL, late }, ELEMENTSOF(late));
        second = pair_begin(&pair, (bool[]){ true, false }, (const FakeStep *[]){ late, NULL },
                        ELEMENTSOF(late));
        pass_stop(pair.world.pass);
        ASSERT_TRUE(pair.world.ended);
        ASSERT_EQ(0, pair.ended[GRC]);
        ASSERT_EQ(1, pair.ended[EU]);
        pass_abort(second);
        ASSERT_EQ(0, pair.ended[GRC]);
        (void) pass_free(second);
}

#define MISSING 150

/* Three that can be sent, and many of a framework that the source does not have. */
static char *many_shares(void) {
        char *text = NULL, *line;
        size_t length = 0;
        FILE *file = open_memstream(&text, &length);

        (void) fprintf(file,
                        "%s- name: Elsewhere\n  eligibility_acknowledged: true\n  recipients:\n",
                        shares_text);
        for (unsigned i = 0; i < MISSING; i++)
                if (asprintf(&line, "  - {account: '%012u', regions: [eu-west-1]}\n", 100000 + i)
                                > 0) {
                        (void) fputs(line, file);
                        free(line);
                }
        (void) fclose(file);
        return text;
}

/* pass_work() is called by the story. */
static void leave_work(Pass *pass, void *userdata) {
        (void) pass;
        (void) userdata;
}

/* A pass whose work is left to pass_work(), up to the end of its listing. */
static void play_listing(World *world, const FakeStep *steps, size_t n_steps) {
        PassOptions options = {
                .settings = world->settings,
                .desired = world->desired,
                .services = world->services,
                .memory = world->memory,
                .work = leave_work,
                .ended = on_ended,
                .userdata = world,
        };

        world->pass = pass_free(world->pass);
        world->ended = false;
        world->fake = fake_service(steps, n_steps);
        world->services[0] = &world->fake.service;
        ASSERT_OK(pass_new(&options, &world->pass));
        fake_run(&world->fake, 2);
        ASSERT_TRUE(!pass_scope(world->pass, 0));
}

/* How many shares a process that begins now would take as said. */
static unsigned count_remembered_warnings(void) {
        _cleanup_(memory_freep) Memory *memory = NULL;
        MemoryTable *table = NULL;
        char *why = NULL;
        unsigned n = 0;

        ASSERT_OK(memory_open(directory, MEMORY_READ, "", &memory, &why));
        ASSERT_OK(memory_table(memory, "111122223333/us-east-1", &table));
        for (size_t i = 0; i < table->count; i++)
                n += table->items[i].warned;
        return n;
}

/* Of what was said. */
static unsigned count_lines(const char *path, const char *word) {
        FILE *file;
        char line[1024];
        unsigned n = 0;

        (void) fflush(stderr);
        file = fopen(path, "r");
        while (file && fgets(line, sizeof(line), file))
                n += strstr(line, word) != NULL;
        if (file)
                (void) fclose(file);
        return n;
}

/* Killed in the middle, stopped in the middle, and then to the end: each share is said once, and
 * nothing is sent before all are. */
static void story_a_bit_at_a_time(void) {
        _cleanup_free_ char *shares = many_shares();
        _cleanup_world_ World world, later;
        const FakeStep listing[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        const FakeStep sent[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666"), START("2", "555566667777"),
                START("3", "777788889999") };
        char path[64];
        unsigned first;

        test_row("killed between two turns");
        (void) snprintf(path, sizeof(path), "%s.log", directory);
        log_set_level(LOG_LEVEL_WARNING);
        ASSERT_TRUE(freopen(path, "w", stderr) != NULL);
        world_init(&world, shares, false);
        play_listing(&world, listing, ELEMENTSOF(listing));
        ASSERT_TRUE(pass_work(world.pass, 0)); /* the plan */
        ASSERT_EQ(0, count_remembered_warnings());
        ASSERT_TRUE(pass_work(world.pass, 0));
        first = count_remembered_warnings();
        ASSERT_TRUE(first > 0 && first < MISSING);
        ASSERT_EQ(first, count_lines(path, "\"Elsewhere\" with "));
        world.memory = memory_free(world.memory);

        test_row("stopped between two turns");
        world_init(&later, shares, true);
        play_listing(&later, listing, ELEMENTSOF(listing));
        ASSERT_TRUE(pass_work(later.pass, 0) && pass_work(later.pass, 0));
        pass_stop(later.pass);
        ASSERT_FALSE(later.ended);
        while (pass_work(later.pass, 0))
                ;
        ASSERT_TRUE(later.ended);
        ASSERT_EQ(2, later.fake.n_calls);
        ASSERT_FALSE(pass_is_whole(later.pass));
        ASSERT_STREQ("interrupted before anything was sent", pass_source_error(later.pass, 0));
        ASSERT_EQ(MISSING, count_remembered_warnings());

        test_row("stopped before it was planned");
        play_listing(&later, listing, ELEMENTSOF(listing));
        pass_stop(later.pass);
        ASSERT_TRUE(later.ended);
        ASSERT_FALSE(pass_is_whole(later.pass));
        ASSERT_FALSE(pass_work(later.pass, 0));

        test_row("to the end");
        PLAY(&later, sent);
        ASSERT_EQ(3, pass_counts(later.pass).started);
        ASSERT_EQ(MISSING, count_lines(path, "\"Elsewhere\" with "));
        log_set_level(LOG_LEVEL_ERROR);
        (void) unlink(path);
        ASSERT_TRUE(freopen("/dev/null", "w", stderr) != NULL);
}

/* A walk that rests does not go on with what a plan has taken the place of. */
static void story_a_walk_is_overtaken(void) {
        _cleanup_world_ World world;
        _cleanup_share_visit_ ShareVisit visit = { 0 };
        const FakeStep sent[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED),
                START("1", "444455556666"), START("2", "555566667777"),
                START("3", "777788889999") };
        const FakeStep listing[] = { NONE_LISTED, FRAMEWORKS(FRAMEWORK_UPDATED) };
        ShareView view;

        test_row("a walk is overtaken");
        world_init(&world, shares_text, false);
        PLAY(&world, sent);
        play_listing(&world, listing, ELEMENTSOF(listing));
        ASSERT_OK(share_visit_begin(world.pass, 0, &visit));
        ASSERT_EQ(1, share_visit_next(&visit, &view));
        ASSERT_TRUE(pass_work(world.pass, 0));
        ASSERT_EQ(-ESTALE, share_visit_next(&visit, &view));
        ASSERT_EQ(3, count_shares(world.pass, 0));
}

int main(void) {
        if (!mkdtemp(directory))
                return 1;
        time_set_source(test_clock, test_clock);
        log_set_level(LOG_LEVEL_ERROR);
        if (!freopen("/dev/null", "w", stderr))
                return 1;

        story_cold_start_and_steady_state();
        story_an_intent_is_on_disk_before_the_call();
        story_half_a_listing_is_none();
        story_a_token_that_repeats();
        story_an_unknown_outcome();
        story_not_set_up_stops_the_source();
        story_aborted();
        story_lost_memory_is_quiet_for_settle();
        story_a_source_that_takes_no_part();
        story_passes_beside_each_other();
        story_a_long_pass_leaves_the_notes_of_others_alone();
        story_stopped_and_aborted_beside_each_other();
        story_a_bit_at_a_time();
        story_a_walk_is_overtaken();
        return test_end();
}
