/* SPDX-License-Identifier: Apache-2.0 */

/* What people declare. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soak.h"
#include "util/buffer.h"
#include "util/string-util.h"

static Draw *dice(void) {
        return &now.draw;
}

static void draw_policy(Policy *policy) {
        for (unsigned key = 0; key < POLICY_MAX; key++) {
                const PolicyChoice *choices;
                unsigned n = policy_choices((PolicyKey) key, &choices);

                policy->value[key] = policy_default.value[key];
                if (!draw_chance(dice(), 350))
                        continue;
                policy->value[key] = n > 0 ? (uint16_t) choices[draw_below(dice(), n)]
                                           : (uint16_t) (1 + draw_below(dice(), 4));
        }
}

static void draw_comment(Entry *entry) {
        (void) snprintf(entry->comment, sizeof(entry->comment), "%s",
                        draw_chance(dice(), 500) ? "" : "Ticket GRC-");
        if (*entry->comment)
                entry->comment[strlen(entry->comment)] = (char) ('1' + draw_below(dice(), 4));
}

/* No two entries of one source have the same name or id: the loader would refuse that. */
static bool is_taken(const Declared *d, const Entry *entry) {
        for (unsigned i = 0; i < d->n_entries; i++) {
                const Entry *other = &d->entries[i];

                if (other == entry || other->source != entry->source
                                || other->by_id != entry->by_id)
                        continue;
                if (entry->by_id ? other->framework == entry->framework
                                 : streq(other->name, entry->name))
                        return true;
        }
        return false;
}

static void draw_subject(Entry *entry) {
        entry->source = draw_below(dice(), now.n_sources);
        entry->by_id = draw_chance(dice(), 300);
        entry->framework = draw_below(dice(), now.aws[entry->source].n_frameworks);
        (void) snprintf(entry->name, sizeof(entry->name), "Name %u", draw_below(dice(), 4));
}

static void add_entry(Declared *d) {
        Entry *entry = &d->entries[d->n_entries];

        if (d->n_entries == ENTRIES_MAX)
                return;
        *entry = (Entry){
                .recipients = 1 + draw_below(dice(), (1u << RECIPIENTS_MAX) - 1),
                .pin_usec = TIME_UNKNOWN,
        };
        draw_subject(entry);
        draw_comment(entry);
        draw_policy(&entry->policy);
        if (!is_taken(d, entry))
                d->n_entries++;
}

static void edit_entry(Declared *d) {
        Entry *entry = &d->entries[draw_below(dice(), d->n_entries)], before = *entry;

        switch (draw_below(dice(), 7)) {
        case 0:
                *entry = d->entries[--d->n_entries];
                break;
        case 1:
        case 2:
                entry->recipients ^= 1u << draw_below(dice(), RECIPIENTS_MAX);
                if (entry->recipients == 0)
                        entry->recipients = 1;
                break;
        case 3:
                entry->suspend = !entry->suspend;
                break;
        case 4:
                entry->pin_usec = draw_chance(dice(), 500)
                                ? TIME_UNKNOWN
                                : now.true_usec / USEC_PER_SEC * USEC_PER_SEC
                                                + draw_between(dice(), -24, 24) * USEC_PER_HOUR;
                break;
        case 5:
                draw_comment(entry);
                break;
        default:
                draw_policy(&entry->policy);
        }
        if (entry < d->entries + d->n_entries && is_taken(d, entry))
                *entry = before;
}

static void edit_settings(Declared *d) {
        static const PolicyChoice choices[] = { POLICY_KEEP, POLICY_REVOKE,
                POLICY_REVOKE_AND_DELETE };

        d->observe = draw_chance(dice(), 150);
        d->undesired = choices[draw_below(dice(), ELEMENTSOF(choices))];
        d->writes_max = draw_chance(dice(), 300) ? 1 + draw_below(dice(), 4) : 500;
        d->revokes_max = draw_chance(dice(), 300) ? 1 + draw_below(dice(), 3) : 10;
        d->concurrency = now.slow ? 1 : 1 + draw_below(dice(), 4);
        d->rate = draw_chance(dice(), 400) ? 1 : 10;
}

void declare_begin(Declared *d, int64_t settle_usec, int64_t interval_usec) {
        *d = (Declared){ .settle_usec = settle_usec, .interval_usec = interval_usec };
        edit_settings(d);
        d->observe = false;
        for (unsigned i = 0; i < 3; i++)
                add_entry(d);
}

void declare_edit(Declared *d) {
        unsigned n = draw_below(dice(), 10);

        if (n < 2 || d->n_entries == 0)
                add_entry(d);
        else if (n < 4)
                edit_settings(d);
        else
                edit_entry(d);
}

/* --- YAML --- */

static char *finish(Buffer *text) {
        if (buffer_status(text) < 0)
                abort();
        return buffer_steal(text);
}

char *declare_settings(const Declared *d, bool broken) {
        _cleanup_buffer_ Buffer text = { 0 };

        (void) buffer_add(&text, "sources:\n");
        for (unsigned i = 0; i < now.n_sources; i++)
                (void) buffer_addf(&text, "  s%u: {account: '11112222333%u', region: us-east-1}\n",
                                i, i);
        (void) buffer_addf(&text,
                        "mode: %s\nsettle: %lds\ninterval: %lds\npolicy: {undesired: %s}\n"
                        "limits: {concurrency: %u, requests_per_second: %u, writes_per_pass: %u, "
                        "revokes_per_pass: %u}\n%s",
                        d->observe ? "observe" : "enforce", (long) (d->settle_usec / USEC_PER_SEC),
                        (long) (d->interval_usec / USEC_PER_SEC), policy_choice_name(d->undesired),
                        d->concurrency, d->rate, d->writes_max, d->revokes_max,
                        broken ? "mode: sideways\n" : "");
        return finish(&text);
}

static void add_policy(Buffer *text, const Policy *policy) {
        const char *separator = "  policy: {";

        for (unsigned key = 0; key < POLICY_MAX; key++) {
                const PolicyChoice *choices;

                if (key == POLICY_UNDESIRED)
                        continue;
                (void) buffer_addf(text, "%s%s: ", separator, policy_key_name((PolicyKey) key));
                if (policy_choices((PolicyKey) key, &choices) > 0)
                        (void) buffer_add(text,
                                        policy_choice_name((PolicyChoice) policy->value[key]));
                else
                        (void) buffer_addf(text, "%u", policy->value[key]);
                separator = ", ";
        }
        (void) buffer_add(text, "}\n");
}

static void add_yaml(Buffer *text, const Entry *entry) {
        char id[UUID_TEXT_MAX], time[TIME_TEXT_MAX];

        if (entry->by_id)
                (void) buffer_addf(text, "- id: %s\n",
                                uuid_format(&now.aws[entry->source].frameworks[entry->framework].id,
                                                id));
        else
                (void) buffer_addf(text, "- name: %s\n", entry->name);
        (void) buffer_addf(
                        text, "  source: s%u\n  eligibility_acknowledged: true\n", entry->source);
        if (*entry->comment)
                (void) buffer_addf(text, "  comment: %s\n", entry->comment);
        if (entry->pin_usec != TIME_UNKNOWN)
                (void) buffer_addf(text, "  pin: %s\n", time_format(entry->pin_usec, time));
        if (entry->suspend)
                (void) buffer_add(text, "  suspend: true\n");
        add_policy(text, &entry->policy);
        (void) buffer_add(text, "  recipients:\n");
        for (unsigned i = 0; i < RECIPIENTS_MAX; i++)
                if (entry->recipients & 1u << i)
                        (void) buffer_addf(text,
                                        "  - {account: '44445555000%u', regions: [eu-west-1]}\n",
                                        i);
}

char *declare_shares(const Declared *d, bool broken) {
        _cleanup_buffer_ Buffer text = { 0 };

        (void) buffer_add(&text, d->n_entries > 0 ? "frameworks:\n" : "frameworks: []\n");
        for (unsigned i = 0; i < d->n_entries; i++)
                add_yaml(&text, &d->entries[i]);
        if (broken)
                (void) buffer_add(&text, "framworks: []\n");
        return finish(&text);
}

/* --- who is meant --- */

/* By source and number of the name: one more than the framework that had it last, and a bit for
 * each that ever had it. */
static unsigned had_it_last[SOURCES_MAX][4], had_it_ever[SOURCES_MAX][4];

/* What memory has of the former. */
static unsigned remembered[SOURCES_MAX][4];

static unsigned name_number(const Entry *entry) {
        return (unsigned) (entry->name[strlen("Name ")] - '0');
}

static unsigned count_named(const Aws *aws, const char *name, unsigned *ret) {
        unsigned n = 0;

        for (unsigned i = 0; i < aws->n_frameworks; i++)
                if (aws->frameworks[i].listed && streq(aws->frameworks[i].shown_name, name)) {
                        *ret = i;
                        n++;
                }
        return n;
}

void declare_remember(void) {
        memcpy(remembered, had_it_last, sizeof(remembered));
}

void declare_forget(bool all) {
        for (unsigned s = 0; s < SOURCES_MAX; s++)
                for (unsigned i = 0; i < 4; i++)
                        if (all || had_it_last[s][i] != remembered[s][i])
                                had_it_last[s][i] = remembered[s][i] = 0;
}

void declare_forget_names(void) {
        declare_forget(true);
        memset(had_it_ever, 0, sizeof(had_it_ever));
}

/* Who is declared under a new name is no longer meant by the old one. */
static void forget_old_names(const Aws *aws) {
        for (unsigned i = 0; i < now.in_force.n_entries; i++) {
                const Entry *entry = &now.in_force.entries[i];
                unsigned framework = 0;

                if (entry->source != aws->index || entry->by_id
                                || count_named(aws, entry->name, &framework) != 1)
                        continue;
                for (unsigned n = 0; n < 4; n++)
                        if (n != name_number(entry) && had_it_last[aws->index][n] == framework + 1)
                                had_it_last[aws->index][n] = 0;
        }
}

static bool is_declared_name(const Aws *aws, const char *name) {
        for (unsigned i = 0; i < now.in_force.n_entries; i++) {
                const Entry *entry = &now.in_force.entries[i];

                if (entry->source == aws->index && !entry->by_id && streq(entry->name, name))
                        return true;
        }
        return false;
}

/* What a name means is kept for as long as it is declared. */
void declare_learn(const Aws *aws) {
        for (unsigned i = 0; i < 4; i++) {
                char name[TEXT_MAX];
                unsigned framework = 0;

                (void) snprintf(name, sizeof(name), "Name %u", i);
                if (!is_declared_name(aws, name))
                        had_it_last[aws->index][i] = 0;
                else if (count_named(aws, name, &framework) == 1)
                        had_it_last[aws->index][i] = framework + 1;
                for (unsigned f = 0; f < aws->n_frameworks; f++)
                        if (aws->frameworks[f].listed && streq(aws->frameworks[f].shown_name, name))
                                had_it_ever[aws->index][i] |= 1u << f;
        }
        forget_old_names(aws);
}

static bool is_resolved(const Entry *entry, const Aws *aws, unsigned key) {
        unsigned framework = key / RECIPIENTS_MAX, found = 0;

        if (entry->source != aws->index || !(entry->recipients & 1u << key % RECIPIENTS_MAX))
                return false;
        if (entry->by_id)
                return entry->framework == framework && aws->frameworks[framework].listed;
        return count_named(aws, entry->name, &found) == 1 && found == framework;
}

unsigned declare_find_resolved(const Declared *d, const Aws *aws, unsigned key, const Entry **ret) {
        unsigned n = 0;

        for (unsigned i = 0; i < d->n_entries; i++)
                if (is_resolved(&d->entries[i], aws, key)) {
                        *ret = &d->entries[i];
                        n++;
                }
        return n;
}

static bool speaks_of(const Entry *entry, const Aws *aws, unsigned key) {
        unsigned framework = key / RECIPIENTS_MAX, found;

        if (entry->source != aws->index || !(entry->recipients & 1u << key % RECIPIENTS_MAX))
                return false;
        if (entry->by_id)
                return entry->framework == framework;
        if (count_named(aws, entry->name, &found) == 1)
                return found == framework;
        return had_it_last[aws->index][name_number(entry)] == framework + 1;
}

unsigned declare_find(const Declared *d, const Aws *aws, unsigned key, const Entry **ret) {
        unsigned n = 0;

        for (unsigned i = 0; i < d->n_entries; i++)
                if (speaks_of(&d->entries[i], aws, key)) {
                        *ret = &d->entries[i];
                        n++;
                }
        return n;
}

bool declare_may_mean(const Declared *d, const Aws *aws, unsigned key) {
        for (unsigned i = 0; i < d->n_entries; i++) {
                const Entry *entry = &d->entries[i];

                if (speaks_of(entry, aws, key))
                        return true;
                if (entry->source == aws->index && !entry->by_id
                                && entry->recipients & 1u << key % RECIPIENTS_MAX
                                && had_it_ever[aws->index][name_number(entry)]
                                                & 1u << key / RECIPIENTS_MAX)
                        return true;
        }
        return false;
}

static bool says_the_same(const Entry *a, const Entry *b) {
        return a->pin_usec == b->pin_usec && streq(a->comment, b->comment)
                        && memcmp(&a->policy, &b->policy, sizeof(a->policy)) == 0;
}

void declare_take_over(const Declared *before, const Declared *d) {
        for (unsigned s = 0; s < now.n_sources; s++)
                for (unsigned key = 0; key < now.aws[s].n_frameworks * RECIPIENTS_MAX; key++) {
                        const Entry *was = NULL, *is = NULL;

                        (void) declare_find(before, &now.aws[s], key, &was);
                        (void) declare_find(d, &now.aws[s], key, &is);
                        if (was && is && says_the_same(was, is))
                                continue;
                        now.known[s][key].lifted = true;
                        now.known[s][key].comment_sends = 0;
                }
}
