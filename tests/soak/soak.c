/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Soak: histories of weeks, drawn from a seed, and checked against a model
 *
 *   soak SEED         plays one history and shows every step of it
 *   soak SEED COUNT   plays so many histories from that seed on; says what they came to
 *
 * The service's own passes run against a model of Audit Manager in virtual time, with its memory on
 * a real file. The same seed gives the same history on every machine.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "desired/load.h"
#include "model/filter.h"
#include "pass-schedule.h"
#include "reconcile/reset.h"
#include "util/mem.h"

#define BEGIN      (INT64_C(1800000000) * USEC_PER_SEC)
#define STEPS_KEPT 40
#define STEP_MAX   240
#define PASSES_MAX 450
/* A call of a slow history takes two of these at most, so that with the lag it stays below settle.
 */
#define SLOW_USEC (24 * USEC_PER_SEC)
#define CALM_USEC (4 * USEC_PER_DAY)
#define STEPS_MAX 20000 /* of one pass: more is a pass that does not end */

World now;

static char steps[STEPS_KEPT][STEP_MAX];

static int64_t wall_clock(void) {
        return now.true_usec + now.wall_offset_usec;
}

static int64_t monotonic_clock(void) {
        return now.true_usec - now.boot_usec;
}

/* --- saying --- */

void trace(const char *format, ...) {
        char *step = steps[now.numbers.steps++ % STEPS_KEPT], time[TIME_TEXT_MAX];
        va_list args;
        int n;

        if (now.ghost)
                return;
        n = snprintf(step, STEP_MAX, "%s ", time_format(now.true_usec, time));
        va_start(args, format);
        (void) vsnprintf(step + n, (size_t) (STEP_MAX - n), format, args);
        va_end(args);
        if (now.verbose)
                printf("%s\n", step);
}

void violate(const char *invariant, const char *format, ...) {
        char text[512];
        va_list args;

        if (now.violated || now.ghost)
                return;
        now.violated = true;
        va_start(args, format);
        (void) vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (!now.verbose)
                for (uint64_t i = now.numbers.steps > STEPS_KEPT ? now.numbers.steps - STEPS_KEPT
                                                                 : 0;
                                i < now.numbers.steps; i++)
                        printf("  %s\n", steps[i % STEPS_KEPT]);
        printf("seed %llu: %s violated: %s\n", (unsigned long long) now.seed, invariant, text);
        (void) fflush(stdout);
}

/* --- time --- */

static int64_t next_event(void) {
        int64_t next = TIME_INFINITY;

        for (unsigned s = 0; s < now.n_sources; s++)
                next = MIN(next, aws_next(&now.aws[s]));
        return next;
}

/* Each thing that happens by itself happens at its time. */
static void advance_to(int64_t true_usec) {
        for (int64_t next; (next = next_event()) <= true_usec;) {
                now.true_usec = MAX(now.true_usec, next);
                for (unsigned s = 0; s < now.n_sources; s++)
                        aws_tick(&now.aws[s]);
        }
        now.true_usec = MAX(now.true_usec, true_usec);
}

static void advance(int64_t low_usec, int64_t high_usec) {
        advance_to(now.true_usec + draw_between(&now.draw, low_usec, high_usec));
}

/* --- dying and coming back --- */

static bool died_of_power;

void crash(bool power, const char *where) {
        if (now.ghost)
                return; /* what it leaves was settled when it died */
        trace("crash: %s %s", power ? "a power failure" : "killed", where);
        disk_keep_image(power);
        died_of_power = power;
        now.died_in_pass = now.pass != NULL;
        now.ghost = true;
        now.numbers.crashes++;
        now.numbers.powers += power;
}

static void open_memory(void) {
        bool was_active = disk.active;
        char *why = NULL;

        disk.active = false;
        if (memory_open(disk_folder(), MEMORY_WRITE, "soak", &now.memory, &why) < 0) {
                printf("%s\n", why);
                abort();
        }
        disk_note_open();
        disk.active = was_active;
        if (!memory_set_aside(now.memory))
                return;
        trace("start: memory was damaged, and is set aside");
        check_memory_lost();
}

static void spoil_memory(void) {
        unsigned n = draw_below(&now.draw, 100);

        if (now.calm || n >= 12)
                return;
        if (n < 8)
                disk_tear();
        else
                disk_damage();
        trace("disk: memory.log was %s", n < 8 ? "torn" : "damaged");
}

/* What is left of the process goes; what it had sent may still arrive. */
static void bury(void) {
        bool flying[SOURCES_MAX][CALLS_MAX] = { { false } };

        for (unsigned s = 0; s < now.n_sources; s++)
                for (size_t i = 0; i < CALLS_MAX; i++) {
                        flying[s][i] = now.aws[s].calls[i].state != CALL_FREE;
                        now.aws[s].calls[i].state = CALL_FREE;
                }
        now.answering = NULL;
        now.pass = pass_free(now.pass);
        now.memory = memory_free(now.memory);
        now.ghost = false;
        for (unsigned s = 0; s < now.n_sources; s++)
                for (size_t i = 0; i < CALLS_MAX; i++)
                        if (flying[s][i])
                                now.aws[s].calls[i].state = CALL_QUEUED;
}

static void restart(void) {
        bool damaged;

        bury();
        disk_restore_image();
        now.life++;
        now.boot_usec = died_of_power ? now.true_usec : now.boot_usec;
        spoil_memory();
        open_memory();
        damaged = memory_set_aside(now.memory) != NULL;
        check_restart(!died_of_power && !damaged, !damaged);
        for (unsigned s = 0; s < now.n_sources; s++)
                aws_forget_calls(&now.aws[s]);
        now.disk_troubled_life = false;
        advance(0, draw_chance(&now.draw, 800) ? 10 * USEC_PER_SEC : 2 * USEC_PER_HOUR);
        trace("start: life %llu", (unsigned long long) now.life);
}

/* --- files --- */

static void print_faults(Faults *faults) {
        size_t n;
        const Fault *items = faults_get(faults, &n);

        for (size_t i = 0; i < n; i++)
                printf("  %s: %s\n", items[i].key_path, items[i].text);
}

static void load(bool broken) {
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        bool in_settings = broken && draw_chance(&now.draw, 500);
        _cleanup_free_ char *first = declare_settings(&now.wanted, in_settings);
        _cleanup_free_ char *second = declare_shares(&now.wanted, broken && !in_settings);
        YamlText text = { .text = first, .length = strlen(first) };
        int r;

        if (faults_new(&faults) < 0 || faults_add_file(faults, "settings", &text.file) < 0)
                abort();
        r = settings_load(&text, faults, &settings);
        text = (YamlText){ .text = second, .length = strlen(second) };
        if (r >= 0)
                r = desired_load(&text, 1, settings, faults, &desired);
        if (broken != (r < 0)) {
                violate("I3", "files %s", broken ? "with an error were taken" : "were refused");
                print_faults(faults);
                return;
        }
        trace("files: %s", r < 0 ? "refused" : "taken over");
        now.numbers.edits++;
        now.numbers.refused += r < 0;
        if (r < 0)
                return;
        if (now.verbose)
                printf("%s%s", first, second);
        declare_take_over(&now.in_force, &now.wanted);
        now.in_force = now.wanted;
        (void) desired_state_free(now.desired);
        (void) settings_free(now.settings);
        now.desired = TAKE_PTR(desired);
        now.settings = TAKE_PTR(settings);
}

static void edit(void) {
        Declared before = now.wanted;
        bool broken = draw_chance(&now.draw, 200);

        declare_edit(&now.wanted);
        load(broken);
        if (broken)
                now.wanted = before;
}

/* --- passes --- */

static void on_ended(Pass *pass, void *userdata) {
        (void) pass;
        (void) userdata;
        now.ended = true;
}

/* The wall clock of the host is set. */
static void step_clock(void) {
        now.wall_offset_usec = draw_between(&now.draw, -180, 180) * USEC_PER_MINUTE;
        now.stepped = true;
        trace("clock: set to %+lld minutes", (long long) (now.wall_offset_usec / USEC_PER_MINUTE));
}

/* A person lifts what is held: of one share, or of one recipient. */
static void reset(void) {
        _cleanup_filter_ Filter filter = { 0 };
        const Aws *aws = &now.aws[draw_below(&now.draw, now.n_sources)];
        unsigned key = draw_below(&now.draw, aws->n_frameworks * RECIPIENTS_MAX);
        char text[96], uuid[UUID_TEXT_MAX];
        ShareKey share = aws_key(aws, key);
        size_t n = 0;
        int r;

        (void) snprintf(text, sizeof(text), "s%u/%s/44445555000%u", aws->index,
                        uuid_format(&share.framework_id, uuid), key % RECIPIENTS_MAX);
        trace("reset: %s", aws_key_text(aws, key));
        check_reset(aws, key);
        r = filter_parse(text, &filter);
        if (r >= 0)
                r = reset_shares(now.memory, now.settings, &filter, &n);
        if (!now.ghost && (n > 1 || (r < 0 && !now.disk_trouble)))
                violate("I5", "a reset of one share came to %zu, and %d", n, r);
        now.disk_troubled_life |= now.disk_trouble;
}

/* Something that meets a pass on its way. */
static void interfere(void) {
        unsigned n = draw_below(&now.draw, 1000);

        if (now.calm)
                return;
        if (n < 4) {
                trace("pass: stopped");
                pass_stop(now.pass);
        } else if (n < 6) {
                trace("pass: stopped, and not waited for");
                now.aborting = true;
                pass_stop(now.pass);
                pass_abort(now.pass);
                now.aborting = false;
                crash(false, "at the end of its time");
        } else if (n < 6 + disk.crash_mille / 4)
                crash(false, "between two answers");
        else if (n < 30)
                aws_disturb(&now.aws[draw_below(&now.draw, now.n_sources)]);
        else if (n < 32)
                reset();
        else if (n < 33 && now.clock_moves)
                step_clock();
}

static bool step_sources(void) {
        unsigned first = draw_below(&now.draw, now.n_sources);

        for (unsigned i = 0; i < now.n_sources; i++)
                if (aws_step(&now.aws[(first + i) % now.n_sources]))
                        return true;
        return false;
}

static void play_pass(void) {
        int64_t most = now.slow && !now.calm ? SLOW_USEC : 2 * USEC_PER_SEC;

        for (unsigned n = 0; !now.ended && !now.ghost && !now.violated; n++) {
                advance(USEC_PER_MSEC, most);
                interfere();
                if (now.ended || now.ghost)
                        break;
                if (!step_sources() || n > STEPS_MAX)
                        violate("I4", "a pass does not end");
        }
}

/* True time of the next one. */
static int64_t next_pass(void) {
        int64_t next = now.true_usec + now.in_force.interval_usec;

        for (unsigned s = 0; s < now.n_sources; s++) {
                int64_t wanted = pass_source_next_usec(now.pass, s);

                if (wanted != TIME_INFINITY)
                        wanted -= wall_clock();
                next = MIN(next, pass_due(now.true_usec, now.in_force.interval_usec, wanted));
        }
        return next;
}

static void run_pass(void) {
        ShareService *services[SOURCES_MAX];
        PassOptions options = {
                .settings = now.settings,
                .desired = now.desired,
                .services = services,
                .memory = now.memory,
                .ended = on_ended,
        };
        int64_t next = now.true_usec;

        for (unsigned s = 0; s < now.n_sources; s++) {
                aws_begin_pass(&now.aws[s]);
                services[s] = &now.aws[s].service;
        }
        now.ended = now.disk_trouble = false;
        now.numbers.passes++;
        trace("pass: begins%s", disk.full ? ", the disk is full" : "");
        if (pass_new(&options, &now.pass) < 0)
                abort();
        play_pass();
        now.disk_troubled_life |= now.disk_trouble;
        if (!now.ghost && !now.violated) {
                check_pass_end();
                now.numbers.whole += pass_is_whole(now.pass);
                if (now.calm)
                        check_calm();
                next = next_pass();
        }
        if (now.ghost)
                restart();
        else
                now.pass = pass_free(now.pass);
        advance_to(next);
}

/* --- a history --- */

static void draw_manner(AwsManner *manner, int64_t settle_usec) {
        static const unsigned faults[] = { 0, 50, 150, 400 };

        *manner = (AwsManner){
                .resend = (ResendMode) draw_below(&now.draw, RESEND_MAX),
                .renews_created = draw_chance(&now.draw, 500),
                .lag_usec = draw_chance(&now.draw, 600)
                                ? draw_between(&now.draw, 0, settle_usec / 2)
                                : 0,
                .life_usec = draw_between(&now.draw, 8, 120) * USEC_PER_HOUR,
                .settle_usec = settle_usec,
                .fault_mille = faults[draw_below(&now.draw, ELEMENTSOF(faults))],
        };
        manner->unreadable_mille = draw_chance(&now.draw, 250) ? 150 : manner->fault_mille / 20;
        for (unsigned i = 0; i < RECIPIENTS_MAX; i++)
                manner->never_enabled[i] = draw_chance(&now.draw, 150);
}

static void between_passes(void) {
        unsigned n = draw_below(&now.draw, 1000);

        if (n < 80)
                edit();
        else if (n < 180)
                aws_disturb(&now.aws[draw_below(&now.draw, now.n_sources)]);
        else if (n < 190 && now.clock_moves)
                step_clock();
        else if (n < 200)
                disk.full = !disk.full;
        else if (n < 240)
                disk.full = false;
        else if (n < 250) {
                crash(draw_chance(&now.draw, 300), "between two passes");
                restart();
        } else if (n < 265) {
                reset();
                if (now.ghost)
                        restart();
        }
}

static void begin(uint64_t seed, bool verbose) {
        static const unsigned crashes[] = { 0, 2, 10, 40 };
        int64_t settle, interval;

        now = (World){ .seed = seed, .draw = { seed * 7919 + 1 }, .verbose = verbose };
        now.true_usec = BEGIN;
        now.boot_usec = BEGIN - USEC_PER_DAY;
        disk_empty();
        declare_forget_names();
        now.n_sources = 1 + draw_chance(&now.draw, 300);
        now.slow = now.n_sources == 1 && draw_chance(&now.draw, 250);
        settle = draw_between(&now.draw, 5, 30) * USEC_PER_MINUTE;
        interval = draw_between(&now.draw, 5, 120) * USEC_PER_MINUTE;
        for (unsigned s = 0; s < now.n_sources; s++) {
                AwsManner manner;

                draw_manner(&manner, settle);
                aws_init(&now.aws[s], s, &manner);
        }
        declare_begin(&now.wanted, settle, interval);
        now.in_force = now.wanted;
        disk.crash_mille = crashes[draw_below(&now.draw, ELEMENTSOF(crashes))];
        disk.sync_fails_mille = draw_chance(&now.draw, 300) ? 20 : 0;
        disk.power_too = draw_chance(&now.draw, 400);
        load(false);
        open_memory();
        disk.active = true;
}

/* From now on nothing goes wrong, and nobody changes anything. */
static void calm(void) {
        int64_t until = now.true_usec + CALM_USEC;

        trace("calm");
        now.calm = true;
        disk.active = disk.full = false;
        for (unsigned s = 0; s < now.n_sources; s++)
                aws_calm(&now.aws[s]);
        now.wanted.observe = false;
        now.wanted.writes_max = 500;
        now.wanted.revokes_max = 500;
        now.wanted.interval_usec = USEC_PER_HOUR;
        load(false);
        while (now.true_usec < until && !now.violated)
                run_pass();
}

static void end(void) {
        now.pass = pass_free(now.pass);
        now.memory = memory_free(now.memory);
        (void) desired_state_free(now.desired);
        (void) settings_free(now.settings);
        for (unsigned s = 0; s < now.n_sources; s++)
                aws_done(&now.aws[s]);
}

/* Whether every invariant held. */
static bool live(uint64_t seed, bool verbose, Numbers *sum) {
        const uint64_t *from = (const uint64_t *) &now.numbers;

        begin(seed, verbose);
        now.clock_moves = draw_chance(&now.draw, 250);
        for (unsigned i = draw_below(&now.draw, PASSES_MAX) + 20; i > 0 && !now.violated; i--) {
                run_pass();
                if (!now.violated)
                        between_passes();
        }
        if (!now.violated)
                calm();
        disk_check_secrets();
        end();
        for (size_t i = 0; i < sizeof(Numbers) / sizeof(uint64_t); i++)
                ((uint64_t *) sum)[i] += from[i];
        return !now.violated;
}

static void print_numbers(const Numbers *n) {
        printf("%llu passes (%llu whole), %llu writes (%llu sends), %llu events, %llu edits (%llu "
               "refused), %llu crashes (%llu of power), %llu outcomes unknown after one, %llu "
               "lines "
               "lost in one, %llu sends excused\n",
                        (unsigned long long) n->passes, (unsigned long long) n->whole,
                        (unsigned long long) n->writes, (unsigned long long) n->sends,
                        (unsigned long long) n->events, (unsigned long long) n->edits,
                        (unsigned long long) n->refused, (unsigned long long) n->crashes,
                        (unsigned long long) n->powers, (unsigned long long) n->unknown,
                        (unsigned long long) n->lost_lines, (unsigned long long) n->excused);
}

int main(int argc, char **argv) {
        uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
                 count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, violations = 0;
        Numbers sum = { 0 };

        if (argc < 2 || argc > 3 || count == 0) {
                printf("usage: soak SEED [COUNT]\n");
                return 2;
        }
        if (disk_begin() < 0)
                return 1;
        (void) setenv("AWS_SECRET_ACCESS_KEY", SOAK_SECRET, 1);
        time_set_source(wall_clock, monotonic_clock);
        for (uint64_t i = 0; i < count; i++)
                violations += !live(first + i, argc == 2, &sum);
        disk_end();
        print_numbers(&sum);
        printf("%llu seeds, %llu violations\n", (unsigned long long) count,
                        (unsigned long long) violations);
        return violations > 0;
}
