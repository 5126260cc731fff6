/* SPDX-License-Identifier: Apache-2.0 */

/* The model of Audit Manager. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws-internal.h"
#include "check.h"
#include "util/string-util.h"

static Draw *dice(void) {
        return &now.draw;
}

const State *record_now(const Record *record) {
        return &record->states[record->n_states - 1];
}

bool record_is_open(const Record *record) {
        const State *state = record_now(record);

        return !state->gone && !*state->odd
                        && (state->status == SHARE_STATUS_ACTIVE
                                        || state->status == SHARE_STATUS_EXPIRING);
}

bool record_is_live(const Record *record) {
        const State *state = record_now(record);

        return !state->gone && !*state->odd && share_status_is_live(state->status);
}

int64_t aws_clock_error(const Aws *aws) {
        return now.wall_offset_usec + aws->skew_usec;
}

/* --- keys --- */

ShareKey aws_key(const Aws *aws, unsigned key) {
        return (ShareKey){
                .framework_id = aws->frameworks[key / RECIPIENTS_MAX].id,
                .recipient = recipient_make(UINT64_C(444455550000) + key % RECIPIENTS_MAX,
                                region_find("eu-west-1")),
        };
}

int aws_find_key(const Aws *aws, const ShareKey *key) {
        for (unsigned i = 0; i < aws->n_frameworks * RECIPIENTS_MAX; i++) {
                ShareKey mine = aws_key(aws, i);

                if (share_key_compare(&mine, key) == 0)
                        return (int) i;
        }
        return -1;
}

const char *aws_key_text(const Aws *aws, unsigned key) {
        static char texts[4][TEXT_MAX];
        static unsigned at;
        char *text = texts[at++ % 4];

        (void) snprintf(text, TEXT_MAX, "s%u/f%u/r%u", aws->index, key / RECIPIENTS_MAX,
                        key % RECIPIENTS_MAX);
        return text;
}

/* --- records --- */

static Uuid new_id(void) {
        Uuid id;
        uint64_t a = draw(dice()), b = draw(dice());

        memcpy(id.bytes, &a, 8);
        memcpy(id.bytes + 8, &b, 8);
        id.bytes[6] = (uint8_t) ((id.bytes[6] & 0x0f) | 0x40);
        id.bytes[8] = (uint8_t) ((id.bytes[8] & 0x3f) | 0x80);
        return id;
}

static State *add_state(Record *record) {
        State state = record->n_states > 0 ? *record_now(record) : (State){ 0 };
        State *states = reallocarray(record->states, record->n_states + 1, sizeof(State));

        if (!states)
                abort();
        record->states = states;
        state.at_usec = state.updated_usec = now.true_usec;
        states[record->n_states] = state;
        return &states[record->n_states++];
}

const char *state_text(const State *state) {
        return *state->odd ? state->odd : share_status_name(state->status);
}

void aws_change(Aws *aws, Record *record, ShareStatus status, const char *why) {
        State *state = add_state(record);

        state->status = status;
        state->odd[0] = '\0';
        trace("aws: %s of %s is %s (%s)", record->by_us ? "ours" : "theirs",
                        aws_key_text(aws, record->key), share_status_name(status), why);
}

void aws_make_gone(Aws *aws, Record *record, const char *why) {
        add_state(record)->gone = true;
        record->fate_usec = TIME_INFINITY;
        trace("aws: %s of %s is gone (%s)", record->by_us ? "ours" : "theirs",
                        aws_key_text(aws, record->key), why);
}

/* What becomes of an open request, and when. */
static void draw_fate(const Aws *aws, Record *record) {
        const AwsManner *manner = &aws->manner;
        int64_t expiring = record_now(record)->expires_usec - manner->life_usec / 4;
        unsigned n = draw_below(dice(), 100);

        record->fate_usec =
                        now.true_usec + draw_between(dice(), USEC_PER_SEC, manner->life_usec / 2);
        if (!now.calm
                        && (manner->never_enabled[record->key % RECIPIENTS_MAX]
                                        || (n >= 44 && n < 52))) {
                record->fate = SHARE_STATUS_FAILED;
                record->fate_usec = now.true_usec
                                + draw_between(dice(), USEC_PER_SEC, 14 * USEC_PER_MINUTE);
        } else if (n < (now.calm ? 50 : 30))
                record->fate = SHARE_STATUS_REPLICATING;
        else if (n < 38 && !now.calm)
                record->fate = SHARE_STATUS_DECLINED;
        else if (n < 44 && !now.calm)
                record->fate = SHARE_STATUS_REVOKED;
        else {
                record->fate = SHARE_STATUS_EXPIRING;
                record->fate_usec = expiring;
        }
}

static void open_request(const Aws *aws, Record *record, const char *comment, bool created) {
        State *state = add_state(record);

        state->status = SHARE_STATUS_ACTIVE;
        if (created)
                state->created_usec = now.true_usec;
        state->expires_usec = now.true_usec + aws->manner.life_usec;
        (void) snprintf(state->comment, sizeof(state->comment), "%s", comment);
        draw_fate(aws, record);
}

static Record *add_record(Aws *aws, unsigned key, bool by_us, const char *comment) {
        Record *record = calloc(1, sizeof(Record));
        Record **records = reallocarray(aws->records, aws->n_records + 1, sizeof(Record *));

        if (!record || !records)
                abort();
        aws->records = records;
        aws->records[aws->n_records++] = record;
        *record = (Record){ .id = new_id(), .key = key, .by_us = by_us };
        open_request(aws, record, comment, true);
        return record;
}

static Record *find_open(const Aws *aws, unsigned key) {
        for (size_t i = aws->n_records; i > 0; i--)
                if (aws->records[i - 1]->key == key && record_is_open(aws->records[i - 1]))
                        return aws->records[i - 1];
        return NULL;
}

Record *aws_find_record(const Aws *aws, const Uuid *id) {
        for (size_t i = 0; i < aws->n_records; i++)
                if (uuid_equal(&aws->records[i]->id, id) && !record_now(aws->records[i])->gone)
                        return aws->records[i];
        return NULL;
}

/* StartAssessmentFrameworkShare. */
Record *aws_start(Aws *aws, unsigned key, const char *comment) {
        Record *open = find_open(aws, key), *record;

        if (open && aws->manner.resend == RESEND_KEEP) {
                open->by_us = true;
                open->counted = false;
                open_request(aws, open, comment, aws->manner.renews_created);
                record = open;
        } else {
                if (open && aws->manner.resend == RESEND_REPLACE)
                        aws_make_gone(aws, open, "replaced");
                record = add_record(aws, key, true, comment);
        }
        trace("aws: a start of %s was processed%s", aws_key_text(aws, key),
                        open ? ", over an open request" : "");
        check_processed(aws, key);
        return record;
}

/* --- what happens by itself --- */

static void fulfil(Aws *aws, Record *record) {
        ShareStatus fate = record->fate;

        record->fate_usec = TIME_INFINITY;
        aws_change(aws, record, fate, "by itself");
        if (fate == SHARE_STATUS_REPLICATING) {
                record->fate = SHARE_STATUS_SHARED;
                record->fate_usec = now.true_usec
                                + draw_between(dice(), USEC_PER_SEC, 90 * USEC_PER_MINUTE);
        } else if (fate == SHARE_STATUS_EXPIRING) {
                bool accepted = draw_chance(dice(), 300);

                record->fate = accepted ? SHARE_STATUS_REPLICATING : SHARE_STATUS_EXPIRED;
                record->fate_usec = accepted ? draw_between(dice(), now.true_usec,
                                                    record_now(record)->expires_usec)
                                             : record_now(record)->expires_usec;
        }
}

void aws_tick(Aws *aws) {
        for (size_t i = 0; i < LATE_MAX; i++)
                if (aws->late[i].due_usec != 0 && aws->late[i].due_usec <= now.true_usec) {
                        aws->late[i].due_usec = 0;
                        (void) aws_start(aws, aws->late[i].key, aws->late[i].comment);
                }
        for (size_t i = 0; i < aws->n_records; i++)
                if (aws->records[i]->fate_usec <= now.true_usec
                                && !record_now(aws->records[i])->gone)
                        fulfil(aws, aws->records[i]);
}

int64_t aws_next(const Aws *aws) {
        int64_t next = TIME_INFINITY;

        for (size_t i = 0; i < LATE_MAX; i++)
                if (aws->late[i].due_usec != 0)
                        next = MIN(next, aws->late[i].due_usec);
        for (size_t i = 0; i < aws->n_records; i++)
                if (!record_now(aws->records[i])->gone)
                        next = MIN(next, aws->records[i]->fate_usec);
        return next;
}

/* --- what others do --- */

static void add_framework(Aws *aws, const char *name) {
        AwsFramework *framework = &aws->frameworks[aws->n_frameworks++];

        *framework = (AwsFramework){ .id = new_id(), .updated_usec = now.true_usec };
        (void) snprintf(framework->name, sizeof(framework->name), "%s", name);
}

static void disturb_framework(Aws *aws) {
        AwsFramework *framework = &aws->frameworks[draw_below(dice(), aws->n_frameworks)];
        unsigned n = draw_below(dice(), 20);
        char name[TEXT_MAX];

        (void) snprintf(name, sizeof(name), "Name %u", draw_below(dice(), 4));
        if (framework->gone)
                framework->gone = false;
        else if (n < 14)
                framework->updated_usec = now.true_usec;
        else if (n < 16) {
                memcpy(framework->name, name, sizeof(name));
                framework->updated_usec = now.true_usec;
        } else if (n < 18)
                framework->gone = true;
        else if (aws->n_frameworks < FRAMEWORKS_MAX)
                add_framework(aws, name);
        trace("aws: frameworks of s%u change (%u): f%ld \"%s\"%s", aws->index, n,
                        (long) (framework - aws->frameworks), framework->name,
                        framework->gone ? " gone" : "");
}

static void disturb_record(Aws *aws, Record *record) {
        static const char *const odd[] = { "PENDING_REVIEW", "ARCHIVED" };
        const State *state = record_now(record);

        if (state->gone)
                return;
        if (record_is_open(record) && draw_chance(dice(), 400)) {
                record->fate_usec = TIME_INFINITY;
                aws_change(aws, record, SHARE_STATUS_REVOKED, "a colleague");
        } else if (*state->odd) {
                aws_change(aws, record, state->status, "known again");
                if (record_now(record)->status == SHARE_STATUS_REPLICATING) {
                        record->fate = SHARE_STATUS_SHARED;
                        record->fate_usec = now.true_usec + USEC_PER_HOUR;
                }
        } else if (draw_chance(dice(), 250)) {
                const char *name = odd[draw_below(dice(), ELEMENTSOF(odd))];

                (void) snprintf(add_state(record)->odd, TEXT_MAX, "%s", name);
                record->fate_usec = TIME_INFINITY;
                trace("aws: %s gets the status %s", aws_key_text(aws, record->key), name);
        } else if (!record_is_open(record) && state->status != SHARE_STATUS_REPLICATING)
                aws_make_gone(aws, record, "a colleague deleted the record");
}

void aws_disturb(Aws *aws) {
        unsigned n = draw_below(dice(), 10), key;

        if (n < 4)
                disturb_framework(aws);
        else if (n < 8 && aws->n_records > 0)
                disturb_record(aws, aws->records[draw_below(dice(), (unsigned) aws->n_records)]);
        else {
                key = draw_below(dice(), aws->n_frameworks * RECIPIENTS_MAX);
                if (aws->frameworks[key / RECIPIENTS_MAX].gone
                                || (find_open(aws, key) && aws->manner.resend != RESEND_BOTH))
                        return;
                (void) add_record(aws, key, false, "by hand");
                trace("aws: a colleague shares %s by hand", aws_key_text(aws, key));
        }
}

void aws_calm(Aws *aws) {
        aws->manner.fault_mille = aws->manner.unreadable_mille = 0;
        aws->manner.lag_usec = 0;
        for (size_t i = 0; i < aws->n_records; i++)
                if (record_is_open(aws->records[i]))
                        draw_fate(aws, aws->records[i]);
}

void aws_begin_pass(Aws *aws) {
        aws->requests_whole = aws->frameworks_whole = aws->listing_failed = false;
        aws->n_sends = aws->n_withdrawals = 0;
        aws->dark = draw_chance(dice(), aws->manner.fault_mille / 3);
        for (size_t i = 0; i < aws->n_records; i++)
                aws->records[i]->listed = false;
        for (unsigned i = 0; i < aws->n_frameworks; i++)
                aws->frameworks[i].listed = false;
}

void aws_init(Aws *aws, unsigned index, const AwsManner *manner) {
        *aws = (Aws){
                .service = aws_service,
                .index = index,
                .manner = *manner,
        };
        add_framework(aws, "Name 0");
        add_framework(aws, "Name 1");
        add_framework(aws, "Name 2");
}

void aws_done(Aws *aws) {
        for (size_t i = 0; i < aws->n_records; i++) {
                free(aws->records[i]->states);
                free(aws->records[i]);
        }
        free(aws->records);
        free(aws->order);
}
