/* SPDX-License-Identifier: Apache-2.0 */

/*
 * apply: one pass by a person
 *
 * The plan is shown before anything is written, and at a terminal somebody says yes to it.
 * Elsewhere nobody can be asked, and a pass is what was asked for.
 *
 * With a file, somebody has said yes before, to the plan in it. It is held against the plan of the
 * pass that will write, between planning and applying: no other pass comes in between.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/output.h"
#include "ctl/plan-file.h"
#include "ctl/plan-view.h"
#include "ctl/progress.h"
#include "publish.h"
#include "record/journal.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* A plan is what was true when it was made: an answer that comes later than this is to another
 * question. */
#define PATIENCE_USEC (10 * USEC_PER_MINUTE)

typedef struct Apply {
        const Ctl *ctl;
        Engine *engine;
        const Settings *settings;
        sd_event_source *signals[3];
        Progress *progress;
        PlanGuards guards;
        const char *path; /* of a plan that was saved; NULL: none */
        SavedPlan *saved;
        bool *said; /* by source: an event will say what is wrong with it */
        bool interrupted;
        bool asking, answered;
        char answer[64];
        size_t answer_length;
} Apply;

static void apply_done(Apply *apply) {
        (void) progress_free(apply->progress);
        for (size_t i = 0; i < ELEMENTSOF(apply->signals); i++)
                (void) sd_event_source_disable_unref(apply->signals[i]);
        (void) engine_free(apply->engine);
        (void) saved_plan_free(apply->saved);
        free(apply->said);
}

/* --- interrupting --- */

/* The first one ends the pass between two requests, the second one at once. */
static int on_signal(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        Apply *apply = userdata;
        Engine *engine = apply->engine;

        (void) s;
        (void) si;
        if (apply->asking)
                apply->answered = true;
        else if (apply->interrupted) {
                pass_abort(engine->pass);
                engine->ended = true;
        } else {
                log_notice("Interrupted; waiting for the answers that are under way");
                pass_stop(engine->pass);
        }
        apply->interrupted = true;
        return 0;
}

static int catch_signals(Apply *apply) {
        static const int numbers[ELEMENTSOF(apply->signals)] = { SIGINT, SIGTERM, SIGHUP };
        sigset_t mask;
        int r = 0;

        (void) sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                (void) sigaddset(&mask, numbers[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                r = -errno;
        for (size_t i = 0; i < ELEMENTSOF(numbers) && r >= 0; i++)
                r = sd_event_add_signal(apply->engine->event, &apply->signals[i], numbers[i],
                                on_signal, apply);
        return r < 0 ? log_error_errno(r, "Cannot set up signals") : 0;
}

/* --- asking --- */

static int on_input(sd_event_source *s, int fd, uint32_t events, void *userdata) {
        Apply *apply = userdata;
        size_t room = sizeof(apply->answer) - 1 - apply->answer_length;
        ssize_t n = room > 0 ? read(fd, apply->answer + apply->answer_length, room) : 0;

        (void) s;
        (void) events;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return 0;
        if (n > 0)
                apply->answer_length += (size_t) n;
        apply->answer[apply->answer_length] = '\0';
        if (n <= 0 || strchr(apply->answer, '\n'))
                apply->answered = true;
        return 0;
}

/* 1 where they said yes. */
static int ask(Apply *apply) {
        FILE *file = isatty(STDERR_FILENO) ? stderr : stdout;
        sd_event_source *input;
        int r;

        r = sd_event_add_io(apply->engine->event, &input, STDIN_FILENO, EPOLLIN, on_input, apply);
        if (r < 0)
                return log_error_errno(r, "Cannot ask");
        (void) fprintf(file, "\nDo these writes? Only 'yes' is accepted: ");
        (void) fflush(file);

        apply->asking = true;
        r = engine_run(apply->engine, &apply->answered, NULL);
        apply->asking = false;
        (void) sd_event_source_disable_unref(input);
        if (!strchr(apply->answer, '\n'))
                (void) fputc('\n', file);
        if (r < 0)
                return r;
        apply->answer[strcspn(apply->answer, "\r\n")] = '\0';
        if (!streq(apply->answer, "yes") || apply->interrupted)
                return 0;
        if (now_usec() - pass_started_usec(apply->engine->pass) <= PATIENCE_USEC)
                return 1;
        log_error("The plan is too old by now; run apply again");
        return 0;
}

static bool must_ask(const Apply *apply) {
        return apply->guards.writes > 0 && apply->settings->mode == MODE_ENFORCE && !apply->saved
                        && !ctl_has(apply->ctl, OPTION_YES) && isatty(STDIN_FILENO)
                        && isatty(STDOUT_FILENO);
}

/* --- a plan that was saved --- */

static void on_difference(const char *text, void *userdata) {
        (void) userdata;
        log_error("error: %s", text);
}

static int refuse_saved(const Apply *apply) {
        char age[AGE_TEXT_MAX];

        log_error("Refused, and nothing was written: the plan in '%s', made %s, is not what would "
                  "be done now; make it anew with 'auditsharectl plan --out'",
                        apply->path, age_format(apply->saved->made_usec, now_usec(), age));
        return -ESTALE;
}

/* Reads it; what can be told without asking AWS is told at once. */
static int open_saved(Apply *apply) {
        _cleanup_(saved_plan_freep) SavedPlan *now = NULL;
        _cleanup_free_ char *why = NULL;
        int r;

        if (apply->ctl->n_arguments == 0)
                return 0;
        apply->path = apply->ctl->arguments[0];
        r = plan_file_read(apply->path, &apply->saved, &why);
        if (r < 0 && why) {
                log_error("Refused: the plan in '%s' is not taken: %s", apply->path, why);
                return r;
        }
        if (r >= 0)
                r = saved_plan_new(apply->settings, apply->engine->files, NULL, &now);
        if (r < 0)
                return log_oom();
        return saved_plan_compare_files(apply->saved, now, on_difference, NULL) > 0
                        ? refuse_saved(apply)
                        : 0;
}

/* What is compared is the observation that is about to be acted on. */
static int check_saved(const Apply *apply) {
        const Pass *pass = apply->engine->pass;
        _cleanup_(saved_plan_freep) SavedPlan *now = NULL;
        int r;

        if (!apply->saved)
                return 0;
        for (size_t i = 0; i < apply->settings->n_sources; i++)
                if (!pass_scope(pass, i)) {
                        (void) plan_report_errors(pass, apply->settings, apply->said);
                        log_error("Refused: not every source of the plan could be looked at");
                        return -EIO;
                }
        r = saved_plan_new(apply->settings, apply->engine->files, pass, &now);
        if (r < 0)
                return log_oom();
        return saved_plan_compare_writes(apply->saved, now, on_difference, NULL) > 0
                        ? refuse_saved(apply)
                        : 0;
}

/* --- the pass --- */

static void on_progress(void *userdata) {
        progress_move(((Apply *) userdata)->progress);
}

/* The event of a source that has something wrong is sent once, not in every pass: memory has a note
 * of those. */
static int note_said(Apply *apply) {
        apply->said = calloc(apply->settings->n_sources, sizeof(bool));
        if (!apply->said)
                return log_oom();
        for (size_t i = 0; i < apply->settings->n_sources; i++) {
                char key[SOURCE_KEY_TEXT_MAX];

                apply->said[i] = !memory_note(apply->engine->memory,
                                source_key(&apply->settings->sources[i], key));
        }
        return 0;
}

static int open_memory(Engine *engine) {
        JournalEntry event;
        int r;

        r = engine_open_memory(engine, MEMORY_WRITE);
        if (r < 0 || !memory_set_aside(engine->memory))
                return r;
        journal_begin(&event, EVENT_MEMORY_REBUILT, LOG_LEVEL_WARNING,
                        "Memory was damaged and set aside as '%s'; it is rebuilt from the listing",
                        memory_set_aside(engine->memory));
        journal_send(&event);
        return 0;
}

/* On standard output, unless that is for JSON; then only who is asked needs to see it. */
static int show_plan(Apply *apply) {
        Output output = output_of(ctl_has(apply->ctl, OPTION_JSON) ? stderr : stdout);
        int r = 0;

        apply->guards = plan_check_guards(apply->engine->pass, apply->settings, apply->ctl, false);
        if (!ctl_has(apply->ctl, OPTION_JSON) || must_ask(apply))
                r = plan_print(&output, apply->engine->pass, apply->settings,
                                ctl_has(apply->ctl, OPTION_ALL));
        (void) output_flush(&output);
        return r == -ENOMEM ? log_oom() : 0;
}

static int do_writes(Apply *apply) {
        Engine *engine = apply->engine;
        int r;

        if (apply->guards.writes > 0 && apply->settings->mode == MODE_ENFORCE)
                (void) progress_new(engine->event, engine->pass, apply->guards.writes,
                                &apply->progress);
        engine->progress = on_progress;
        engine->userdata = apply;
        pass_apply(engine->pass);
        r = engine_run(engine, &engine->ended, NULL);
        apply->progress = progress_free(apply->progress);
        return r;
}

/* 1 where it went to its end, 0 where somebody said no. */
static int run(Apply *apply) {
        Engine *engine = apply->engine;
        int r;

        r = engine_begin(engine, false);
        if (r >= 0)
                r = engine_run(engine, &engine->planned, &engine->ended);
        if (r < 0)
                return r;
        if (engine->ended)
                return 1;

        r = check_saved(apply);
        if (r >= 0)
                r = show_plan(apply);
        if (r < 0)
                return r;
        if (must_ask(apply)) {
                r = ask(apply);
                if (r <= 0)
                        return r;
        }
        r = do_writes(apply);
        return r < 0 ? r : 1;
}

/* --- the end --- */

static void print_done(const PassCounts *counts) {
        Output output = output_of(stdout);

        if (counts->planned == 0)
                return;
        (void) printf("\n%sApplied:%s %u started, %u resent, %u revoked or deleted",
                        colour_on(&output, COLOUR_BOLD), colour_off(&output, COLOUR_BOLD),
                        counts->started, counts->resent, counts->revoked);
        if (counts->failed > 0)
                (void) printf(", %s%u failed%s", colour_on(&output, COLOUR_RED), counts->failed,
                                colour_off(&output, COLOUR_RED));
        if (counts->done < counts->planned)
                (void) printf(", %u not tried", counts->planned - counts->done);
        (void) printf(".\n");
}

static void say_errors(const Apply *apply) {
        const PlanGuards *guards = &apply->guards;

        (void) plan_report_errors(apply->engine->pass, apply->settings,
                        apply->interrupted ? NULL : apply->said);
        if (guards->writes_planned > guards->writes_max)
                log_notice("'--allow-writes %u' lets them through, this once",
                                guards->writes_planned);
        if (guards->revokes_planned > guards->revokes_max)
                log_notice("'--allow-revokes %u' lets them through, this once",
                                guards->revokes_planned);
}

/* Returns the exit status. */
static int report(const Apply *apply) {
        const Pass *pass = apply->engine->pass;
        PassCounts counts = pass_counts(pass);
        Output output = output_of(stdout);
        bool whole = pass_is_whole(pass) && !apply->interrupted;
        int r = 0;

        if (whole)
                publish_completed(pass, now_usec());
        if (ctl_has(apply->ctl, OPTION_JSON))
                r = plan_print_json(&output, pass, apply->settings,
                                counts.started + counts.resent + counts.revoked);
        else
                print_done(&counts);
        (void) output_flush(&output);

        if (apply->settings->mode == MODE_OBSERVE)
                log_notice("mode is observe: nothing was written");
        say_errors(apply);
        return output_end(r, whole && counts.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int verb_apply(const Ctl *ctl) {
        _cleanup_(apply_done) Apply apply = { .ctl = ctl };
        int r;

        journal_set_target(JOURNAL_TARGET_BOTH);
        r = engine_new(ctl, &apply.engine);
        if (r < 0)
                return EXIT_FAILURE;
        apply.settings = apply.engine->configuration->settings;

        r = open_saved(&apply);
        if (r >= 0)
                r = open_memory(apply.engine);
        if (r >= 0)
                r = note_said(&apply);
        if (r >= 0)
                r = catch_signals(&apply);
        if (r >= 0)
                r = run(&apply);
        if (r < 0)
                return EXIT_FAILURE;
        if (r == 0) {
                log_notice("Nothing was written.");
                return output_end(0, EXIT_FAILURE);
        }
        return report(&apply);
}
