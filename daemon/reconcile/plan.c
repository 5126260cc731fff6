/* SPDX-License-Identifier: Apache-2.0 */

/* The plan of one source: a sorted merge, and one decision for each key in it. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/absorb.h"
#include "reconcile/plan.h"
#include "reconcile/resolve.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* One declared share, findable by key. */
typedef struct Declared {
        uint32_t framework, share;
} Declared;

typedef struct Planner {
        const PlanInput *in;
        Plan *plan;
        Declared *declared; /* of this source, sorted by key */
        size_t n_declared;
        uint8_t *seen; /* a bit for each record that memory had before */
        size_t n_remembered;
        uint32_t *named; /* frameworks that are declared by name */
        size_t n_named;
} Planner;

static void planner_done(Planner *planner) {
        free(planner->declared);
        free(planner->seen);
        free(planner->named);
}

static int gather_named(Planner *p) {
        const DesiredState *desired = p->in->desired;

        p->named = calloc(desired->n_frameworks + 1, sizeof(uint32_t));
        if (!p->named)
                return -ENOMEM;
        for (size_t i = 0; i < desired->n_frameworks; i++)
                if (desired->frameworks[i].source == p->in->source
                                && desired->frameworks[i].name != 0)
                        p->named[p->n_named++] = (uint32_t) i;
        return 0;
}

static bool declares(const DesiredState *desired, size_t framework, Recipient recipient) {
        size_t low = desired->frameworks[framework].first_share,
               high = low + desired->frameworks[framework].n_shares;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (desired->shares[middle].recipient == recipient)
                        return true;
                if (desired->shares[middle].recipient < recipient)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

/* Whether the recipient is declared under this name, whichever framework has it now. */
static bool is_declared_by(const Planner *p, const char *name, Recipient recipient) {
        const DesiredState *desired = p->in->desired;

        for (size_t i = 0; i < p->n_named && name; i++)
                if (streq_null(name,
                                    strings_get(desired->strings,
                                                    desired->frameworks[p->named[i]].name))
                                && declares(desired, p->named[i], recipient))
                        return true;
        return false;
}

/*
 * A name can go from one framework to another, and an entry by that name speaks of the one that has
 * it now. What was shared of another one that had it, or has it as well, stays declared: it is not
 * for us to take for something that nobody wants any more.
 */
static bool may_be_meant(const Planner *p, const ShareMemory *memory) {
        const Observation *observation = p->in->observation;
        Recipient recipient = memory->key.recipient;
        const Framework *listed;

        if (!memory->ours)
                return false;
        if (is_declared_by(p, strings_get(p->in->memory->strings, memory->framework_name),
                            recipient))
                return true;
        listed = find_listed_framework(observation, &memory->key.framework_id);
        return listed
                        && is_declared_by(p, strings_get(observation->strings, listed->name),
                                        recipient);
}

static ShareKey declared_key(const Planner *p, const Declared *declared) {
        return (ShareKey){
                .framework_id = p->plan->frameworks[declared->framework].id,
                .recipient = p->in->desired->shares[declared->share].recipient,
        };
}

static int compare_declared(const void *a, const void *b, void *userdata) {
        const Declared *x = a, *y = b;
        ShareKey left = declared_key(userdata, x), right = declared_key(userdata, y);
        int c = share_key_compare(&left, &right);

        return c != 0 ? c : (x->share > y->share) - (x->share < y->share);
}

/* Shares are sorted within their framework already, so that only entries of the same or of
 * disordered ids cost a sort. */
static int gather_declared(Planner *p) {
        const DesiredState *desired = p->in->desired;
        bool sorted = true;

        p->declared = calloc(desired->n_shares > 0 ? desired->n_shares : 1, sizeof(Declared));
        if (!p->declared)
                return -ENOMEM;

        for (size_t i = 0; i < desired->n_frameworks; i++) {
                const DesiredFramework *framework = &desired->frameworks[i];

                if (framework->source != p->in->source)
                        continue;
                for (size_t j = 0; j < framework->n_shares; j++) {
                        Declared *at = &p->declared[p->n_declared++];

                        *at = (Declared){ (uint32_t) i, (uint32_t) (framework->first_share + j) };
                        if (p->n_declared > 1 && compare_declared(at - 1, at, p) > 0)
                                sorted = false;
                }
        }
        if (!sorted)
                qsort_r(p->declared, p->n_declared, sizeof(Declared), compare_declared, p);
        return 0;
}

/* Everything there is about one key. */
typedef struct Subject {
        ShareKey key;
        const Declared *declared; /* NULL: not declared */
        bool declared_twice; /* by two entries that turned out to be the same framework */
        const ShareRequest *requests;
        size_t n_requests;
} Subject;

static void describe_declaration(const Planner *p, const Subject *subject, DecideInput *d) {
        const DesiredState *desired = p->in->desired;
        const DesiredFramework *framework = &desired->frameworks[subject->declared->framework];
        const DesiredShare *share = &desired->shares[subject->declared->share];
        const ResolvedFramework *resolved = &p->plan->frameworks[subject->declared->framework];

        d->declared = true;
        d->suspend = framework->suspend;
        d->over_quota = share->over_quota;
        d->policy = &framework->policy;
        d->pin_usec = framework->pin_usec;
        d->declaration = desired_share_declaration(desired, framework, share);
        d->framework = subject->declared_twice ? FRAMEWORK_AMBIGUOUS : resolved->state;
        d->framework_updated_usec = resolved->updated_usec;
        d->comment_differs = d->request && d->request->readable && share->comment != 0
                        && !streq_null(strings_get(desired->strings, share->comment),
                                        strings_get(p->in->observation->strings,
                                                        d->request->comment));
}

/* The name by which an entry finds the framework; NULL: none does. */
static const char *found_name(const Planner *p, const Uuid *framework_id) {
        const DesiredState *desired = p->in->desired;

        for (size_t i = 0; i < p->n_named; i++) {
                const ResolvedFramework *resolved = &p->plan->frameworks[p->named[i]];

                if (resolved->state == FRAMEWORK_FOUND && uuid_equal(&resolved->id, framework_id))
                        return strings_get(desired->strings, desired->frameworks[p->named[i]].name);
        }
        return NULL;
}

/* Whether an entry by this name declares the recipient, or may come to do so: it is not known to
 * speak of another framework. */
static bool may_speak(const Planner *p, const char *name, Recipient recipient) {
        const DesiredState *desired = p->in->desired;

        for (size_t i = 0; i < p->n_named; i++)
                if (streq_null(name,
                                    strings_get(desired->strings,
                                                    desired->frameworks[p->named[i]].name))
                                && (p->plan->frameworks[p->named[i]].state != FRAMEWORK_FOUND
                                                || declares(desired, p->named[i], recipient)))
                        return true;
        return false;
}

/* What its entry calls the framework or, without a name there, the listing. */
static const char *spoken_name(const Planner *p, const Subject *subject, const Absorbed *absorbed) {
        const DesiredState *desired = p->in->desired;
        const Observation *observation = p->in->observation;
        const char *name;

        if (!subject->declared)
                return absorbed->request ? strings_get(
                                       observation->strings, absorbed->request->framework_name)
                                         : NULL;
        name = strings_get(
                        desired->strings, desired->frameworks[subject->declared->framework].name);
        return name ? name
                    : strings_get(observation->strings,
                                    p->plan->frameworks[subject->declared->framework].listed_name);
}

/*
 * Memory keeps the name by which an entry found the framework, until another entry finds it by the
 * name that it has then. An id, or a name that no framework has or several, takes nothing from the
 * former entry: should the latter go, that name is all that tells what is still declared.
 */
static const char *name_to_keep(const Planner *p,
                const Subject *subject,
                const Absorbed *absorbed,
                const ShareMemory *memory) {
        const char *kept = strings_get(p->in->memory->strings, memory->framework_name),
                   *name = spoken_name(p, subject, absorbed), *found;

        if (!kept || !memory->ours || streq_null(kept, name))
                return name;
        found = found_name(p, &subject->key.framework_id);
        if (found)
                return found;
        return may_speak(p, kept, subject->key.recipient) ? kept : name;
}

/* The name that memory keeps of a framework: as it was declared. */
static int remember_framework_name(const Planner *p,
                const Subject *subject,
                const Absorbed *absorbed,
                bool meant,
                ShareMemory *memory) {
        const char *name = meant ? NULL : name_to_keep(p, subject, absorbed, memory);
        StringId id;
        int r;

        if (!name)
                return 0;

        r = strings_add(p->in->memory->strings, name, &id);
        if (r < 0)
                return r;
        memory->dirty |= memory->framework_name != id;
        memory->framework_name = id;
        return 0;
}

/* Of a status that has no number, memory keeps the name. */
static int remember_status_name(const Planner *p, Absorbed *absorbed, ShareMemory *memory) {
        StringId id = 0, known = share_memory_unsettled(memory)->status_name;
        const ShareRequest *request = absorbed->request;
        UnsettledMemory *unsettled;
        int r;

        if (memory->status == SHARE_STATUS_UNKNOWN) {
                /* Only what was taken in has a say: not a record that cannot be read, nor one that
                 * is listed late or not at all. */
                if (!request || !request->readable || request->status != SHARE_STATUS_UNKNOWN)
                        return 0;
                r = strings_add(p->in->memory->strings,
                                strings_get(p->in->observation->strings, request->status_name),
                                &id);
                if (r < 0)
                        return r;
        }
        if (id == known)
                return 0;

        /* From one status that we do not know to another is a change as well. */
        if (id != 0 && known != 0 && !absorbed->changed) {
                absorbed->changed = true;
                absorbed->old_status = SHARE_STATUS_UNKNOWN;
        }
        r = share_memory_unsettle(memory, &unsettled);
        if (r < 0)
                return r;
        unsettled->status_name = id;
        memory->dirty = true;
        return 0;
}

/* After memory was lost, nothing is sent until what the service may have sent before can be seen.
 */
static void keep_quiet(const PlanInput *in, Decision *decision) {
        if (in->quiet_usec == TIME_UNKNOWN || in->now_usec >= in->quiet_usec
                        || !action_is_send(decision->action))
                return;

        decision->action = ACTION_WAIT;
        decision->condition = CONDITION_PROGRESSING;
        decision->reason = REASON_SETTLING;
        decision->next_usec = in->quiet_usec;
}

static void count_entry(Plan *plan, const PlanEntry *entry) {
        plan->counts.actions[entry->action]++;
        plan->counts.conditions[entry->condition]++;
        plan->counts.declared += entry->share != PLAN_NO_INDEX;
}

static int add_entry(Planner *p,
                const Subject *subject,
                uint32_t memory_index,
                const Absorbed *absorbed,
                const Decision *decision) {
        Plan *plan = p->plan;
        PlanEntry *entry;
        int r;

        r = ARRAY_RESERVE(plan->entries, plan->capacity, plan->n_entries + 1);
        if (r < 0)
                return r;

        entry = &plan->entries[plan->n_entries++];
        *entry = (PlanEntry){
                .framework = subject->declared ? subject->declared->framework : PLAN_NO_INDEX,
                .share = subject->declared ? subject->declared->share : PLAN_NO_INDEX,
                .request = absorbed->request
                                ? (uint32_t) (absorbed->request - p->in->observation->requests)
                                : PLAN_NO_INDEX,
                .memory = memory_index,
                .next_usec = decision->next_usec,
                .action = (uint8_t) decision->action,
                .condition = (uint8_t) decision->condition,
                .reason = (uint8_t) decision->reason,
                .old_status = (uint8_t) absorbed->old_status,
                .interrupted_action = (uint8_t) absorbed->interrupted_action,
                .renewal = decision->renewal,
                .lifted = decision->lifted,
                .warn = decision->warn,
                .changed = absorbed->changed,
                .interrupted = absorbed->interrupted,
                .several = absorbed->n_pending > 1,
                .unresolved = subject->declared
                                && plan->frameworks[subject->declared->framework].stand_in,
        };
        count_entry(plan, entry);
        return 0;
}

static int plan_subject(Planner *p, const Subject *subject) {
        AbsorbInput absorb_input = {
                .now_usec = p->in->now_usec,
                .mono_usec = p->in->mono_usec,
                .settle_usec = p->in->settings->settle_usec,
                .declared = subject->declared != NULL,
                .requests = subject->requests,
                .n_requests = subject->n_requests,
        };
        DecideInput decide_input = {
                .now_usec = p->in->now_usec,
                .mono_usec = p->in->mono_usec,
                .settle_usec = p->in->settings->settle_usec,
                .undesired = (PolicyChoice) p->in->settings->policy.value[POLICY_UNDESIRED],
                .pin_usec = TIME_UNKNOWN,
                .framework_updated_usec = TIME_UNKNOWN,
        };
        ShareMemory *memory;
        Absorbed absorbed;
        Decision decision;
        uint32_t index;
        bool meant;
        int r;

        r = memory_table_obtain(p->in->memory, &subject->key, &index);
        if (r < 0)
                return r;
        if (index < p->n_remembered)
                p->seen[index / 8] |= (uint8_t) (1u << index % 8);
        memory = &p->in->memory->items[index];

        r = absorb(&absorb_input, memory, &absorbed);
        if (r < 0)
                return r;
        meant = !subject->declared && may_be_meant(p, memory);
        r = remember_framework_name(p, subject, &absorbed, meant, memory);
        if (r >= 0)
                r = remember_status_name(p, &absorbed, memory);
        if (r < 0)
                return r;

        decide_input.request = absorbed.request;
        decide_input.n_pending = absorbed.n_pending;
        decide_input.pending_ours = absorbed.pending_ours;
        decide_input.memory = memory;
        if (meant)
                decide_input.undesired = POLICY_KEEP;
        if (subject->declared)
                describe_declaration(p, subject, &decide_input);

        decision = decide(&decide_input);
        keep_quiet(p->in, &decision);
        return add_entry(p, subject, index, &absorbed, &decision);
}

/* Which of two entries about the same share names it: by the name that its framework has, else by
 * the one that memory has of it, else by one that it had. Memory keeps that name, and so knows what
 * is meant should the framework lose it and the other entry go. */
static unsigned naming_rank(const Planner *p, const ShareKey *key, const Declared *declared) {
        const DesiredState *desired = p->in->desired;
        const char *name = strings_get(
                        desired->strings, desired->frameworks[declared->framework].name);
        const MemoryTable *memory = p->in->memory;
        const char *kept;
        uint32_t index;

        if (!name)
                return 0;
        if (p->plan->frameworks[declared->framework].state == FRAMEWORK_FOUND)
                return 3;
        index = memory_table_find(memory, key);
        if (index == MEMORY_NOT_FOUND)
                return 1;
        kept = strings_get(memory->strings, memory->items[index].framework_name);
        return streq_null(name, kept) ? 2 : 1;
}

/* Takes the declared share and the requests of the lowest key that is left in either. */
static Subject next_subject(const Planner *p, size_t *d, size_t *o) {
        const Observation *observation = p->in->observation;
        Subject subject = { .requests = &observation->requests[*o] };
        int c = *d >= p->n_declared ? 1 : *o >= observation->n_requests ? -1 : 0;

        if (*d < p->n_declared)
                subject.key = declared_key(p, &p->declared[*d]);
        if (c == 0)
                c = share_key_compare(&subject.key, &observation->requests[*o].key);
        if (c > 0)
                subject.key = observation->requests[*o].key;

        if (c <= 0)
                for (subject.declared = &p->declared[(*d)++]; *d < p->n_declared; (*d)++) {
                        ShareKey key = declared_key(p, &p->declared[*d]);

                        if (share_key_compare(&subject.key, &key) != 0)
                                break;
                        subject.declared_twice = true;
                        if (naming_rank(p, &key, &p->declared[*d])
                                        > naming_rank(p, &key, subject.declared))
                                subject.declared = &p->declared[*d];
                }
        if (c >= 0)
                for (; *o < observation->n_requests
                                && share_key_compare(&subject.key, &observation->requests[*o].key)
                                                == 0;
                                (*o)++)
                        subject.n_requests++;
        return subject;
}

/* A copy that was taken, and a person's refusal: should the share be declared again, they still
 * count. */
static bool outlasts_its_record(const ShareMemory *memory) {
        return memory->ours
                        && (memory->status == SHARE_STATUS_SHARED
                                        || memory->status == SHARE_STATUS_DECLINED
                                        || (memory->status == SHARE_STATUS_REVOKED
                                                        && !memory->revoked_by_us));
}

/* Neither declared nor listed: forgotten, unless a call for it may still come to light. */
static int plan_remembered(Planner *p) {
        MemoryTable *table = p->in->memory;

        for (size_t i = 0; i < p->n_remembered; i++) {
                ShareMemory *memory = &table->items[i];
                int64_t settled = time_add(memory->sent_usec, p->in->settings->settle_usec);
                Subject subject = { .key = memory->key };
                int r;

                if (p->seen[i / 8] & 1u << i % 8)
                        continue;
                if (memory->send_state == SEND_INTENDED || p->in->now_usec < settled) {
                        r = plan_subject(p, &subject);
                        if (r < 0)
                                return r;
                        continue;
                }
                if (outlasts_its_record(memory))
                        continue;
                memory->forgotten = true;
                memory->dirty = true;
        }
        return 0;
}

static int make_plan(Planner *p) {
        size_t d = 0, o = 0;
        int r;

        p->n_remembered = p->in->memory->count;
        p->seen = calloc(p->n_remembered / 8 + 1, 1);
        if (!p->seen)
                return -ENOMEM;
        r = resolve_frameworks(p->in, p->plan->frameworks);
        if (r < 0)
                return r;
        r = gather_declared(p);
        if (r < 0)
                return r;
        r = gather_named(p);
        if (r < 0)
                return r;
        r = memory_table_reserve(p->in->memory,
                        MAX(p->n_remembered, MAX(p->n_declared, p->in->observation->n_requests)));
        if (r < 0)
                return r;

        while (d < p->n_declared || o < p->in->observation->n_requests) {
                Subject subject = next_subject(p, &d, &o);

                r = plan_subject(p, &subject);
                if (r < 0)
                        return r;
        }
        return plan_remembered(p);
}

int plan_new(const PlanInput *input, Plan **ret) {
        _cleanup_(plan_freep) Plan *plan = calloc(1, sizeof(Plan));
        _cleanup_(planner_done) Planner planner = { .in = input, .plan = plan };
        int r;

        if (!plan)
                return -ENOMEM;
        plan->frameworks = calloc(
                        MAX(input->desired->n_frameworks, (size_t) 1), sizeof(ResolvedFramework));
        if (!plan->frameworks)
                return -ENOMEM;

        r = make_plan(&planner);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(plan);
        return 0;
}

Plan *plan_free(Plan *plan) {
        if (!plan)
                return NULL;

        free(plan->entries);
        free(plan->frameworks);
        free(plan);
        return NULL;
}

uint32_t plan_sends(const Plan *plan) {
        return plan->counts.actions[ACTION_START] + plan->counts.actions[ACTION_RESEND];
}

uint32_t plan_withdrawals(const Plan *plan) {
        return plan->counts.actions[ACTION_REVOKE] + plan->counts.actions[ACTION_DELETE];
}
