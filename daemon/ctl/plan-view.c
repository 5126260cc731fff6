/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A plan for people
 *
 * In Terraform's manner: symbols, the shares by framework, the totals last. What goes into a file
 * is one line a share, whole; what goes to a terminal keeps to its width.
 */

#include <errno.h>

#include "ctl/plan-group.h"
#include "ctl/plan-remedy.h"
#include "ctl/plan-view.h"
#include "util/mem.h"
#include "util/time.h"

/* At a terminal: what is too wide for the rest of a line goes on here. */
#define INDENT 6

/* Words in a narrower column than this are harder to read than on lines of their own. */
#define WORDS_WIDTH_MIN 30

/* A status is a word; one that is none does not take the terminal. */
#define STATUS_WIDTH_MAX 16

typedef enum SymbolKind {
        SYMBOL_NONE,
        SYMBOL_START,
        SYMBOL_RESEND,
        SYMBOL_WITHDRAW,
        SYMBOL_ATTENTION,
        SYMBOL_ALARM, /* the same, in another colour */
        SYMBOL_MAX
} SymbolKind;

static const struct {
        const char *text;
        Colour colour;
        const char *meaning; /* NULL: not in the legend */
} symbols[SYMBOL_MAX] = {
        [SYMBOL_NONE] = { " ", COLOUR_NONE, NULL },
        [SYMBOL_START] = { "+", COLOUR_GREEN, "start" },
        [SYMBOL_RESEND] = { "~", COLOUR_YELLOW, "resend" },
        [SYMBOL_WITHDRAW] = { "-", COLOUR_RED, "revoke or delete" },
        [SYMBOL_ATTENTION] = { "!", COLOUR_YELLOW, "held, stalled or orphaned" },
        [SYMBOL_ALARM] = { "!", COLOUR_BOLD_RED, NULL },
};

typedef struct View {
        const Pass *pass;
        const Settings *settings;
        const Output *output;
        bool all, any;
        bool occurs[SYMBOL_MAX];
        unsigned region_width, status_width;
        int64_t now_usec;
        Buffer line;
} View;

/* --- shares --- */

static SymbolKind symbol_of(const ShareView *view) {
        static const SymbolKind of_action[ACTION_MAX] = {
                [ACTION_START] = SYMBOL_START,
                [ACTION_RESEND] = SYMBOL_RESEND,
                [ACTION_REVOKE] = SYMBOL_WITHDRAW,
                [ACTION_DELETE] = SYMBOL_WITHDRAW,
        };

        if (action_is_write(view->action))
                return of_action[view->action];
        if (view->condition == CONDITION_STALLED)
                return SYMBOL_ALARM;
        return plan_wants_attention(view) || view->condition == CONDITION_ORPHANED
                        ? SYMBOL_ATTENTION
                        : SYMBOL_NONE;
}

/* What is not listed is counted: what nothing is done about. */
static bool is_listed(const View *v, const ShareView *view) {
        return v->all || view->action != ACTION_NONE || symbol_of(view) != SYMBOL_NONE;
}

static const Uuid *framework_of(const Scope *scope, size_t entry) {
        return &scope->table->items[scope->plan->entries[entry].memory].key.framework_id;
}

typedef int (*GroupVisitor)(View *v, const Scope *scope, size_t first, size_t end);

/* Entries are sorted by key, so that those of a framework lie together. */
static int visit_groups(View *v, GroupVisitor visit) {
        for (size_t i = 0; i < v->settings->n_sources; i++) {
                const Scope *scope = pass_scope(v->pass, i);
                size_t n = scope ? scope->plan->n_entries : 0, end;

                for (size_t first = 0; first < n; first = end) {
                        int r;

                        end = first + 1;
                        while (end < n
                                        && uuid_equal(framework_of(scope, first),
                                                        framework_of(scope, end)))
                                end++;
                        r = visit(v, scope, first, end);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int measure(View *v, const Scope *scope, size_t first, size_t end) {
        for (size_t i = first; i < end; i++) {
                ShareView view = scope_view(scope, &scope->plan->entries[i]);
                const char *region = region_name(recipient_region(view.recipient));

                if (!is_listed(v, &view))
                        continue;
                v->occurs[symbol_of(&view)] = true;
                v->region_width = MAX(v->region_width, text_width(region));
                v->status_width = MAX(v->status_width, text_width(view.status ? view.status : "-"));
        }
        if (v->output->columns > 0)
                v->status_width = MIN(v->status_width, STATUS_WIDTH_MAX);
        return 0;
}

/* --- lines --- */

static void print_line(View *v) {
        (void) fprintf(v->output->file, "%s\n", buffer_text(&v->line));
        buffer_clear(&v->line);
}

static void add_symbol(View *v, SymbolKind symbol) {
        (void) buffer_addf(&v->line, "  %s%s%s ", colour_on(v->output, symbols[symbol].colour),
                        symbols[symbol].text, colour_off(v->output, symbols[symbol].colour));
}

/* Goes on below, for text that has a line of its own. */
static void add_below(View *v, const char *text) {
        (void) buffer_addf(&v->line, "\n%*s", INDENT, "");
        text_add_wrapped(&v->line, text, INDENT, v->output->columns);
}

static void add_words(View *v, const PlanShare *share, unsigned status_used) {
        unsigned indent = 19 + v->region_width + v->status_width, columns = v->output->columns;
        _cleanup_buffer_ Buffer words = { 0 };

        plan_words(&words, share, v->now_usec);
        if (columns > 0 && indent + WORDS_WIDTH_MIN > columns) {
                add_below(v, buffer_text(&words));
                return;
        }
        (void) buffer_addf(&v->line, "%*s", (int) (v->status_width - status_used) + 1, "");
        text_add_wrapped(&v->line, buffer_text(&words), indent, columns);
}

static void add_remedy(View *v, const PlanShare *share) {
        _cleanup_buffer_ Buffer remedy = { 0 };

        plan_remedy(&remedy, share, false);
        if (remedy.length == 0)
                return;
        if (v->output->columns > 0)
                add_below(v, buffer_text(&remedy));
        else
                (void) buffer_addf(&v->line, "; %s", buffer_text(&remedy));
}

static bool has_remedy(const ShareView *view) {
        SymbolKind symbol = symbol_of(view);

        return symbol == SYMBOL_ATTENTION || symbol == SYMBOL_ALARM;
}

static void print_share(View *v, const PlanGroup *group, const PlanShare *share) {
        const ShareView *view = &share->view;
        char account[ACCOUNT_TEXT_MAX];
        unsigned used;

        add_symbol(v, symbol_of(view));
        (void) buffer_addf(&v->line, "%s %-*s ",
                        account_format(recipient_account(view->recipient), account),
                        (int) v->region_width, region_name(recipient_region(view->recipient)));
        used = text_add(&v->line, view->status ? view->status : "-", v->status_width);
        add_words(v, share, used);
        if (has_remedy(view) && plan_group_alike(group, share) == 1)
                add_remedy(v, share);
        print_line(v);
}

/* "  + 412 more: start: nothing has been sent yet (eu-central-1 309, eu-west-1 103)" */
static void print_fold(View *v, PlanKind *kind) {
        _cleanup_buffer_ Buffer text = { 0 };
        const char *status = kind->share.view.status;

        (void) buffer_addf(&text, "%u more%s", kind->folded, status ? ", " : "");
        if (status)
                (void) text_add(&text, status, UINT32_MAX);
        (void) buffer_add(&text, ": ");
        plan_words(&text, &kind->share, v->now_usec);
        plan_kind_sort_regions(kind);
        for (size_t i = 0; i < kind->n_regions; i++)
                (void) buffer_addf(&text, "%s%s" NO_BREAK "%u", i == 0 ? " (" : ", ",
                                region_name(kind->regions[i].region), kind->regions[i].count);
        (void) buffer_add(&text, ")");

        add_symbol(v, symbol_of(&kind->share.view));
        text_add_wrapped(&v->line, buffer_text(&text), INDENT, v->output->columns);
        print_line(v);
}

/* Whether no kind before it is held for the same reason. */
static bool is_first_of_reason(const PlanGroup *group, size_t kind) {
        const PlanGroup before = { .kinds = group->kinds, .n_kinds = kind };

        return plan_group_alike(&before, &group->kinds[kind].share) == 0;
}

/* What would change several shares is said once, below them. */
static void print_remedies(View *v, const PlanGroup *group) {
        for (size_t i = 0; i < group->n_kinds; i++) {
                const PlanShare *share = &group->kinds[i].share;
                uint32_t n = plan_group_alike(group, share);
                _cleanup_buffer_ Buffer text = { 0 };
                size_t begin;

                if (n < 2 || !has_remedy(&share->view) || !is_first_of_reason(group, i))
                        continue;
                (void) buffer_addf(&text, "%u %s (%s): ", n, condition_name(share->view.condition),
                                reason_name(share->view.reason));
                begin = text.length;
                plan_remedy(&text, share, true);
                if (text.length == begin)
                        continue;
                (void) buffer_add(&v->line, "    ");
                text_add_wrapped(&v->line, buffer_text(&text), INDENT, v->output->columns);
                print_line(v);
        }
}

/* --- groups --- */

/* "Group baseline 2026 (31e4…, source grc)"; at a terminal on two lines where one is too narrow. */
static void print_heading(View *v, const ShareView *view) {
        const Output *output = v->output;
        const char *name = view->framework_name ? view->framework_name : "(no name)";
        unsigned columns = output->columns > 0 ? output->columns : UINT32_MAX;
        _cleanup_buffer_ Buffer where = { 0 };
        char id[UUID_TEXT_MAX] = "";
        bool fits;

        if (view->framework_id)
                (void) uuid_format(view->framework_id, id);
        (void) buffer_addf(&where, "(%s%ssource %s)", id, *id ? ", " : "", view->source);
        fits = output->columns == 0
                        || text_width(name) + 1 + text_width(buffer_text(&where)) <= columns;

        (void) buffer_addf(&v->line, "%s%s", v->any ? "\n" : "", colour_on(output, COLOUR_BOLD));
        (void) text_add(&v->line, name, columns);
        (void) buffer_addf(&v->line, "%s%s%s", colour_off(output, COLOUR_BOLD), fits ? " " : "\n  ",
                        colour_on(output, COLOUR_GREY));
        (void) text_add(&v->line, buffer_text(&where), fits ? UINT32_MAX : columns - 2);
        (void) buffer_add(&v->line, colour_off(output, COLOUR_GREY));
        print_line(v);
        v->any = true;
}

static int gather(const View *v, const Scope *scope, size_t first, size_t end, PlanGroup *group) {
        for (size_t i = first; i < end; i++) {
                PlanShare share = plan_share(scope, &scope->plan->entries[i]);
                int r = is_listed(v, &share.view) ? plan_group_add(group, &share) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int print_group(View *v, const Scope *scope, size_t first, size_t end) {
        _cleanup_plan_group_ PlanGroup group = { .unfolded = v->all };
        int r;

        r = gather(v, scope, first, end, &group);
        if (r < 0 || group.n_kinds == 0)
                return r;
        print_heading(v, &group.kinds[0].share.view);

        for (size_t i = first; i < end; i++) {
                PlanShare share = plan_share(scope, &scope->plan->entries[i]);

                r = is_listed(v, &share.view) ? plan_group_take(&group, &share) : 0;
                if (r < 0)
                        return r;
                if (r > 0)
                        print_share(v, &group, &share);
        }
        for (size_t i = 0; i < group.n_kinds; i++)
                if (group.kinds[i].folded > 0)
                        print_fold(v, &group.kinds[i]);
        print_remedies(v, &group);
        return buffer_status(&v->line) < 0 ? -ENOMEM : output_error(v->output);
}

/* --- around them --- */

/* Where colours say the same, and words beside each symbol, it would only be in the way. */
static void print_legend(View *v) {
        _cleanup_buffer_ Buffer text = { 0 };

        v->occurs[SYMBOL_ATTENTION] |= v->occurs[SYMBOL_ALARM];
        if (v->output->colours)
                return;
        for (size_t i = 0; i < SYMBOL_MAX; i++)
                if (v->occurs[i] && symbols[i].meaning)
                        (void) buffer_addf(&text, "%s%s %s",
                                        text.length > 0 ? ", " : "Symbols: ", symbols[i].text,
                                        symbols[i].meaning);
        if (text.length == 0)
                return;
        text_add_wrapped(&v->line, buffer_text(&text), 0, v->output->columns);
        print_line(v);
        v->any = true;
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
        View v = {
                .pass = pass,
                .settings = settings,
                .output = output,
                .all = all,
                .now_usec = now_usec(),
        };
        PlanTally t = plan_tally(pass, settings);
        int r;

        (void) visit_groups(&v, measure);
        print_legend(&v);
        r = visit_groups(&v, print_group);
        buffer_done(&v.line);
        if (r < 0)
                return r;
        if (v.any)
                (void) fputc('\n', output->file);
        print_summary(output, &t, all_planned(pass, settings));
        return output_error(output);
}
