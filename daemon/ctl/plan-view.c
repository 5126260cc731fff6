/* SPDX-License-Identifier: Apache-2.0 */

/* A plan for people and for programs. */

#include <errno.h>
#include <stdlib.h>

#include "ctl/plan-view.h"
#include "ctl/plan-words.h"
#include "util/log.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/time.h"

/* --- counting --- */

typedef struct Visit {
        const Pass *pass;
        const Settings *settings;
        PlanTally tally;
        size_t source; /* of the last share: they come in the order of the sources */

        /* For printing. */
        const Output *output;
        Buffer line;
        bool all, any;
        int64_t now_usec;
        Uuid framework; /* whose heading was printed last, in heading_source */
        size_t heading_source;
        const char *heading_name;
} Visit;

/* Names of sources are unique, and those of a view are the settings' own. */
static bool has_plan(Visit *visit, const ShareView *view) {
        while (visit->settings->sources[visit->source].name != view->source)
                visit->source++;
        return pass_scope(visit->pass, visit->source) != NULL;
}

static bool wants_attention(Condition condition) {
        return condition == CONDITION_HELD || condition == CONDITION_STALLED;
}

static void count(Visit *visit, const ShareView *view) {
        PlanTally *tally = &visit->tally;

        tally->actions[view->action]++;
        if (!has_plan(visit, view))
                tally->unknown++;
        else if (action_is_write(view->action))
                tally->changes++;
        else if (wants_attention(view->condition))
                tally->attention++;
        else if (view->action == ACTION_WAIT)
                tally->waiting++;
        else if (view->condition == CONDITION_ORPHANED)
                tally->orphaned++;
        else if (view->condition == CONDITION_UNMANAGED)
                tally->unmanaged++;
        else
                tally->unchanged++;
}

/* What is not listed is counted: what nothing is done about, and what is not known. */
static bool is_listed(Visit *visit, const ShareView *view) {
        if (!has_plan(visit, view))
                return false;
        return visit->all || view->action != ACTION_NONE || wants_attention(view->condition)
                        || view->condition == CONDITION_ORPHANED;
}

static int on_tally(const ShareView *view, void *userdata) {
        Visit *visit = userdata;

        count(visit, view);
        if (is_listed(visit, view)) {
                const char *region = region_name(recipient_region(view->recipient));

                visit->tally.region_width = MAX(visit->tally.region_width, text_width(region));
                visit->tally.status_width = MAX(visit->tally.status_width,
                                text_width(view->status ? view->status : "-"));
        }
        return 0;
}

static PlanTally tally(const Pass *pass, const Settings *settings, bool all) {
        Visit visit = { .pass = pass, .settings = settings, .all = all };

        (void) pass_visit(pass, on_tally, &visit);
        return visit.tally;
}

PlanTally plan_tally(const Pass *pass, const Settings *settings) {
        return tally(pass, settings, false);
}

/* --- for people --- */

typedef struct Symbol {
        const char *text;
        Colour colour;
} Symbol;

static Symbol symbol_of(const ShareView *view) {
        static const Symbol symbols[ACTION_MAX] = {
                [ACTION_NONE] = { " ", COLOUR_NONE },
                [ACTION_WAIT] = { " ", COLOUR_NONE },
                [ACTION_START] = { "+", COLOUR_GREEN },
                [ACTION_RESEND] = { "~", COLOUR_YELLOW },
                [ACTION_REVOKE] = { "-", COLOUR_RED },
                [ACTION_DELETE] = { "-", COLOUR_RED },
        };

        if (!action_is_write(view->action) && view->condition == CONDITION_STALLED)
                return (Symbol){ "!", COLOUR_BOLD_RED };
        if (!action_is_write(view->action)
                        && (wants_attention(view->condition)
                                        || view->condition == CONDITION_ORPHANED))
                return (Symbol){ "!", COLOUR_YELLOW };
        return symbols[view->action];
}

static bool is_new_group(const Visit *visit, const ShareView *view) {
        if (!visit->any || visit->heading_source != visit->source)
                return true;
        if (!view->framework_id || uuid_is_null(&visit->framework))
                return view->framework_name != visit->heading_name;
        return !uuid_equal(view->framework_id, &visit->framework);
}

static void print_heading(Visit *visit, const ShareView *view) {
        const Output *output = visit->output;
        char id[UUID_TEXT_MAX] = "";

        if (view->framework_id)
                (void) uuid_format(view->framework_id, id);
        buffer_clear(&visit->line);
        (void) text_add(&visit->line, view->framework_name ? view->framework_name : "(no name)",
                        UINT32_MAX);
        (void) fprintf(output->file, "%s%s%s%s %s(%s%ssource %s)%s\n", visit->any ? "\n" : "",
                        colour_on(output, COLOUR_BOLD), buffer_text(&visit->line),
                        colour_off(output, COLOUR_BOLD), colour_on(output, COLOUR_GREY), id,
                        *id ? ", " : "", view->source, colour_off(output, COLOUR_GREY));

        visit->framework = view->framework_id ? *view->framework_id : (Uuid){ 0 };
        visit->heading_name = view->framework_name;
        visit->heading_source = visit->source;
        visit->any = true;
}

static int on_print(const ShareView *view, void *userdata) {
        Visit *visit = userdata;
        const PlanTally *widths = &visit->tally;
        const Output *output = visit->output;
        _cleanup_buffer_ Buffer words = { 0 };
        Symbol symbol = symbol_of(view);
        char account[ACCOUNT_TEXT_MAX];

        if (!is_listed(visit, view))
                return 0;
        if (is_new_group(visit, view))
                print_heading(visit, view);

        buffer_clear(&visit->line);
        (void) buffer_addf(&visit->line, "  %s%s%s %s %-*s ", colour_on(output, symbol.colour),
                        symbol.text, colour_off(output, symbol.colour),
                        account_format(recipient_account(view->recipient), account),
                        (int) widths->region_width, region_name(recipient_region(view->recipient)));
        (void) buffer_addf(&visit->line, "%*s",
                        (int) (widths->status_width
                                        - text_add(&visit->line, view->status ? view->status : "-",
                                                        widths->status_width))
                                        + 1,
                        "");
        plan_words(&words, view, visit->now_usec);
        text_add_wrapped(&visit->line, buffer_text(&words),
                        19 + widths->region_width + widths->status_width, output->columns);
        if (buffer_status(&visit->line) < 0 || buffer_status(&words) < 0)
                return -ENOMEM;
        (void) fprintf(output->file, "%s\n", buffer_text(&visit->line));
        return output_error(output);
}

static void add_counts(Buffer *text, const PlanTally *t) {
        const struct {
                uint32_t count;
                const char *text;
        } more[] = {
                { t->attention, "held or stalled" },
                { t->waiting, "waiting" },
                { t->orphaned, "orphaned" },
                { t->unmanaged, "unmanaged" },
                { t->unknown, "not known" },
        };

        (void) buffer_addf(text, "%u unchanged", t->unchanged);
        for (size_t i = 0; i < ELEMENTSOF(more); i++)
                if (more[i].count > 0)
                        (void) buffer_addf(text, ", %u %s", more[i].count, more[i].text);
        (void) buffer_add_char(text, '.');
}

static void print_summary(const Output *output, const PlanTally *t, bool whole) {
        const char *heading = t->changes > 0 ? "Plan:"
                        : whole              ? "No changes."
                                             : "No changes where it could be told.";
        _cleanup_buffer_ Buffer text = { 0 }, lines = { 0 };

        if (t->changes > 0)
                (void) buffer_addf(&text, "%u to start, %u to resend, %u to revoke, %u to delete; ",
                                t->actions[ACTION_START], t->actions[ACTION_RESEND],
                                t->actions[ACTION_REVOKE], t->actions[ACTION_DELETE]);
        add_counts(&text, t);
        text_add_wrapped(&lines, buffer_text(&text), text_width(heading) + 1, output->columns);
        (void) fprintf(output->file, "%s%s%s %s\n", colour_on(output, COLOUR_BOLD), heading,
                        colour_off(output, COLOUR_BOLD), buffer_text(&lines));
}

static bool all_planned(const Pass *pass, const Settings *settings) {
        for (size_t i = 0; i < settings->n_sources; i++)
                if (!pass_scope(pass, i))
                        return false;
        return true;
}

int plan_print(const Output *output, const Pass *pass, const Settings *settings, bool all) {
        Visit visit = {
                .pass = pass,
                .settings = settings,
                .output = output,
                .all = all,
                .tally = tally(pass, settings, all),
                .now_usec = now_usec(),
        };
        int r;

        r = pass_visit(pass, on_print, &visit);
        buffer_done(&visit.line);
        if (r < 0)
                return r;
        if (visit.any)
                (void) fputc('\n', output->file);
        print_summary(output, &visit.tally, all_planned(pass, settings));
        return output_error(output);
}

/* --- for programs --- */

/* Takes json. */
static int print_json(const Output *output, json_t *json, const char *before) {
        int r = output_json(output, before, json, 0);

        json_decref(json);
        return r;
}

static int on_json(const ShareView *view, void *userdata) {
        Visit *visit = userdata;
        const char *before = visit->any ? ",\n" : "\n";

        visit->any = true;
        return print_json(visit->output, share_view_to_json(view), before);
}

static json_t *sources_to_json(const Pass *pass, const Settings *settings) {
        json_t *list = json_array();

        for (size_t i = 0; list && i < settings->n_sources; i++)
                if (json_array_append_new(list,
                                    json_pack("{s:s, s:s?}", "name", settings->sources[i].name,
                                                    "error", pass_source_error(pass, i)))
                                < 0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

static json_t *summary_to_json(const PlanTally *t) {
        json_t *summary = json_object();

        for (unsigned i = 0; summary && i < ACTION_MAX; i++)
                if (json_object_set_new(summary, action_name((ActionKind) i),
                                    json_integer(t->actions[i]))
                                < 0) {
                        json_decref(summary);
                        return NULL;
                }
        return summary;
}

int plan_print_json(const Output *output,
                const Pass *pass,
                const Settings *settings,
                uint32_t changes) {
        PlanTally t = plan_tally(pass, settings);
        Visit visit = { .output = output };
        int r;

        (void) fprintf(output->file, "{\"version\": 1,\n\"changes\": %u,\n", changes);
        r = print_json(output, summary_to_json(&t), "\"summary\": ");
        if (r >= 0)
                r = print_json(output, sources_to_json(pass, settings), ",\n\"sources\": ");
        if (r < 0)
                return r;

        (void) fputs(",\n\"shares\": [", output->file);
        r = pass_visit(pass, on_json, &visit);
        if (r < 0)
                return r;
        (void) fputs(visit.any ? "\n]}\n" : "]}\n", output->file);
        return output_error(output);
}

/* --- messages --- */

size_t plan_report_errors(const Pass *pass, const Settings *settings, const bool *said) {
        size_t n = 0;

        for (size_t i = 0; i < settings->n_sources; i++) {
                const char *error = pass_source_error(pass, i);

                if (!error)
                        continue;
                n++;
                if (!said || !said[i])
                        log_error("error: source %s: %s", settings->sources[i].name, error);
        }
        return n;
}

static bool is_within(const PlanGuards *let,
                uint32_t writes,
                uint32_t revokes,
                const char *source,
                bool say) {
        if (writes > let->writes_max) {
                if (say)
                        log_warning("warning: source %s: %u writes are planned, and "
                                    "limits.writes_per_pass allows %u; "
                                    "apply writes nothing there without --allow-writes",
                                        source, writes, let->writes_max);
                return false;
        }
        if (revokes > let->revokes_max) {
                if (say)
                        log_warning("warning: source %s: %u revocations and deletions are planned, "
                                    "and "
                                    "limits.revokes_per_pass allows %u; apply writes nothing there "
                                    "without "
                                    "--allow-revokes",
                                        source, revokes, let->revokes_max);
                return false;
        }
        return true;
}

PlanGuards plan_check_guards(const Pass *pass, const Settings *settings, const Ctl *ctl, bool say) {
        const Limits *limits = &settings->limits;
        PlanGuards let = {
                .writes_max = ctl->allow_writes ? ctl->allow_writes : limits->writes_per_pass,
                .revokes_max = ctl->allow_revokes ? ctl->allow_revokes : limits->revokes_per_pass,
        };

        /* As a pass counts: each source's plan for itself. */
        for (size_t i = 0; i < settings->n_sources; i++) {
                const Scope *scope = pass_scope(pass, i);
                uint32_t revokes = scope ? plan_withdrawals(scope->plan) : 0;
                uint32_t writes = scope ? plan_sends(scope->plan) + revokes : 0;

                let.writes_planned += writes;
                let.revokes_planned += revokes;
                if (writes > 0
                                && is_within(&let, writes, revokes, settings->sources[i].name,
                                                say)) {
                        let.writes += writes;
                        let.revokes += revokes;
                }
        }
        return let;
}
