/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Two plans compared: the one that somebody looked at, and the one that would be done
 *
 * Each difference is told in words that say what to look at; none is weighed: whoever said yes to
 * the one has not said yes to the other.
 */

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/plan-saved.h"
#include "util/buffer.h"
#include "util/string-util.h"

/* More writes than these are counted, and not named. */
#define NAMED_MAX 10

typedef struct Comparison {
        const SavedPlan *was, *is;
        DifferenceCallback found;
        void *userdata;
        size_t count;
        size_t n_writes, n_named; /* writes that differ, of this source */
        Buffer text;
} Comparison;

static void say(Comparison *c) {
        c->count++;
        c->found(buffer_text(&c->text), c->userdata);
        buffer_clear(&c->text);
}

/* "source grc: " */
static void begin(Comparison *c, const SavedPlan *plan, const SavedSource *source) {
        (void) buffer_add(&c->text, "source ");
        (void) text_add(&c->text, saved_plan_text(plan, source->name), UINT32_MAX);
        (void) buffer_add(&c->text, ": ");
}

static const SavedSource *find_source(const SavedPlan *plan, const char *name) {
        for (size_t i = 0; i < plan->n_sources; i++)
                if (streq(saved_plan_text(plan, plan->sources[i].name), name))
                        return &plan->sources[i];
        return NULL;
}

static const SavedSource *partner(const SavedPlan *of,
                const SavedSource *source,
                const SavedPlan *in) {
        return find_source(in, saved_plan_text(of, source->name));
}

static void compare_source(Comparison *c, const SavedSource *was, const SavedSource *is) {
        char before[ACCOUNT_TEXT_MAX], now[ACCOUNT_TEXT_MAX];
        const char *region = saved_plan_text(c->was, was->region);

        if (was->account != is->account) {
                begin(c, c->was, was);
                (void) buffer_addf(&c->text, "the plan was made for account %s, and it is %s now",
                                account_format(was->account, before),
                                account_format(is->account, now));
                say(c);
        }
        if (!streq(region, saved_plan_text(c->is, is->region))) {
                begin(c, c->was, was);
                (void) buffer_add(&c->text, "the plan was made for Region ");
                (void) text_add(&c->text, region, UINT32_MAX);
                (void) buffer_addf(
                                &c->text, ", and it is %s now", saved_plan_text(c->is, is->region));
                say(c);
        }
}

size_t saved_plan_compare_files(const SavedPlan *was,
                const SavedPlan *is,
                DifferenceCallback found,
                void *userdata) {
        Comparison c = { .was = was, .is = is, .found = found, .userdata = userdata };

        if (was->configuration != is->configuration) {
                (void) buffer_add(&c.text,
                                "the settings or the shares files are not those that the plan was "
                                "made from");
                say(&c);
        }
        for (size_t i = 0; i < was->n_sources; i++) {
                const SavedSource *now = partner(was, &was->sources[i], is);

                if (now) {
                        compare_source(&c, &was->sources[i], now);
                        continue;
                }
                begin(&c, was, &was->sources[i]);
                (void) buffer_add(&c.text, "the plan has it, and the settings do not");
                say(&c);
        }
        for (size_t i = 0; i < is->n_sources; i++)
                if (!partner(is, &is->sources[i], was)) {
                        begin(&c, is, &is->sources[i]);
                        (void) buffer_add(&c.text, "the settings have it, and the plan does not");
                        say(&c);
                }
        buffer_done(&c.text);
        return c.count;
}

static void compare_observations(Comparison *c, const SavedSource *was, const SavedSource *is) {
        size_t requests = record_hashes_differ(&was->requests, &is->requests),
               frameworks = record_hashes_differ(&was->frameworks, &is->frameworks);

        if (requests + frameworks == 0)
                return;
        begin(c, c->is, is);
        if (requests > 0)
                (void) buffer_addf(&c->text, "%zu share request%s", requests, plural(requests));
        if (frameworks > 0)
                (void) buffer_addf(&c->text, "%s%zu framework%s", requests > 0 ? " and " : "",
                                frameworks, plural(frameworks));
        (void) buffer_addf(&c->text, " differ%s from what the plan was made from",
                        requests + frameworks == 1 ? "s" : "");
        say(c);
}

static void add_share(Comparison *c, const SavedPlan *plan, const SavedWrite *write) {
        const char *name = saved_plan_text(plan, write->framework_name);
        char account[ACCOUNT_TEXT_MAX], id[UUID_TEXT_MAX];

        (void) buffer_add(&c->text, "share of \"");
        (void) text_add(&c->text, name ? name : uuid_format(&write->key.framework_id, id), 200);
        (void) buffer_addf(&c->text, "\" with %s in %s: ",
                        account_format(recipient_account(write->key.recipient), account),
                        region_name(recipient_region(write->key.recipient)));
}

/* "start (Expired)" */
static void add_action(Comparison *c, const SavedWrite *write) {
        const char *reason = reason_name(write->reason);

        (void) buffer_addf(&c->text, "%s%s%s%s", action_name(write->action), reason ? " (" : "",
                        reason ? reason : "", reason ? ")" : "");
}

/* One of both may be NULL. */
static void compare_write(Comparison *c, const SavedWrite *was, const SavedWrite *is) {
        if (was && is && was->action == is->action && was->reason == is->reason)
                return;
        c->n_writes++;
        if (c->n_named == NAMED_MAX)
                return;
        c->n_named++;

        if (was)
                add_share(c, c->was, was);
        else if (is)
                add_share(c, c->is, is);
        (void) buffer_add(&c->text, "the plan has ");
        if (was)
                add_action(c, was);
        else
                (void) buffer_add(&c->text, "nothing to write");
        (void) buffer_add(&c->text, ", and now there is ");
        if (is)
                add_action(c, is);
        else
                (void) buffer_add(&c->text, "nothing to write");
        say(c);
}

static void compare_writes(Comparison *c, const SavedSource *was, const SavedSource *is) {
        size_t i = 0, j = 0;

        c->n_writes = c->n_named = 0;
        while (i < was->n_writes || j < is->n_writes) {
                int order = i == was->n_writes ? 1
                                : j == is->n_writes
                                ? -1
                                : share_key_compare(&was->writes[i].key, &is->writes[j].key);

                compare_write(c, order <= 0 ? &was->writes[i] : NULL,
                                order >= 0 ? &is->writes[j] : NULL);
                i += order <= 0;
                j += order >= 0;
        }
        if (c->n_writes > c->n_named) {
                begin(c, c->is, is);
                (void) buffer_addf(&c->text, "%zu more writes differ", c->n_writes - c->n_named);
                say(c);
        }
}

size_t saved_plan_compare_writes(const SavedPlan *was,
                const SavedPlan *is,
                DifferenceCallback found,
                void *userdata) {
        Comparison c = { .was = was, .is = is, .found = found, .userdata = userdata };

        for (size_t i = 0; i < is->n_sources; i++) {
                const SavedSource *now = &is->sources[i], *before = partner(is, now, was);

                if (!before)
                        continue;
                compare_observations(&c, before, now);
                compare_writes(&c, before, now);
        }
        buffer_done(&c.text);
        return c.count;
}
