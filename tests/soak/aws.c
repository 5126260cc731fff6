/* SPDX-License-Identifier: Apache-2.0 */

/* The model of Audit Manager. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "util/string-util.h"

static Draw *dice(void) {
        return &now.draw;
}

const State *record_now(const Record *record) {
        return &record->states[record->n_states - 1];
}

static bool is_open(const Record *record) {
        const State *state = record_now(record);

        return !state->gone && !*state->odd
                        && (state->status == SHARE_STATUS_ACTIVE
                                        || state->status == SHARE_STATUS_EXPIRING);
}

bool record_is_live(const Record *record) {
        const State *state = record_now(record);

        return !state->gone && !*state->odd && share_status_is_live(state->status);
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

static const char *status_text(const State *state) {
        return *state->odd ? state->odd : share_status_name(state->status);
}

static void change(Aws *aws, Record *record, ShareStatus status, const char *why) {
        State *state = add_state(record);

        state->status = status;
        state->odd[0] = '\0';
        trace("aws: %s of %s is %s (%s)", record->by_us ? "ours" : "theirs",
                        aws_key_text(aws, record->key), share_status_name(status), why);
}

static void make_gone(Aws *aws, Record *record, const char *why) {
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
                if (aws->records[i - 1]->key == key && is_open(aws->records[i - 1]))
                        return aws->records[i - 1];
        return NULL;
}

static Record *find_record(const Aws *aws, const Uuid *id) {
        for (size_t i = 0; i < aws->n_records; i++)
                if (uuid_equal(&aws->records[i]->id, id) && !record_now(aws->records[i])->gone)
                        return aws->records[i];
        return NULL;
}

/* StartAssessmentFrameworkShare. */
static Record *start(Aws *aws, unsigned key, const char *comment) {
        Record *open = find_open(aws, key), *record;

        if (open && aws->manner.resend == RESEND_KEEP) {
                open->by_us = true;
                open_request(aws, open, comment, aws->manner.renews_created);
                record = open;
        } else {
                if (open && aws->manner.resend == RESEND_REPLACE)
                        make_gone(aws, open, "replaced");
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
        change(aws, record, fate, "by itself");
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
                        (void) start(aws, aws->late[i].key, aws->late[i].comment);
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
        if (is_open(record) && draw_chance(dice(), 400)) {
                record->fate_usec = TIME_INFINITY;
                change(aws, record, SHARE_STATUS_REVOKED, "a colleague");
        } else if (*state->odd) {
                change(aws, record, state->status, "known again");
                if (record_now(record)->status == SHARE_STATUS_REPLICATING) {
                        record->fate = SHARE_STATUS_SHARED;
                        record->fate_usec = now.true_usec + USEC_PER_HOUR;
                }
        } else if (draw_chance(dice(), 250)) {
                const char *name = odd[draw_below(dice(), ELEMENTSOF(odd))];

                (void) snprintf(add_state(record)->odd, TEXT_MAX, "%s", name);
                record->fate_usec = TIME_INFINITY;
                trace("aws: %s gets the status %s", aws_key_text(aws, record->key), name);
        } else if (!is_open(record) && state->status != SHARE_STATUS_REPLICATING)
                make_gone(aws, record, "a colleague deleted the record");
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
        aws->manner.fault_mille = 0;
        aws->manner.lag_usec = 0;
        for (size_t i = 0; i < aws->n_records; i++)
                if (is_open(aws->records[i]))
                        draw_fate(aws, aws->records[i]);
}

/* --- calls --- */

static int on_call(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret) {
        Aws *aws = (Aws *) service;
        Call *call = NULL;

        for (size_t i = 0; i < CALLS_MAX && !call; i++)
                if (aws->calls[i].state == CALL_FREE)
                        call = &aws->calls[i];
        if (!call)
                return -ENOBUFS;

        *call = (Call){
                .aws = aws,
                .state = CALL_QUEUED,
                .request = *request,
                .callback = callback,
                .userdata = userdata,
        };
        (void) snprintf(call->token, sizeof(call->token), "%s",
                        request->next_token ? request->next_token : "");
        (void) snprintf(call->comment, sizeof(call->comment), "%s",
                        request->comment ? request->comment : "");
        *ret = (ShareCall *) call;
        if (request->operation != API_LIST_SHARE_REQUESTS
                        && request->operation != API_LIST_FRAMEWORKS)
                check_call(aws, call);
        return 0;
}

static void process_write(Aws *aws, Call *call);

static bool on_cancel(ShareCall *dropped) {
        Call *call = (Call *) dropped;
        bool sent;

        if (!call || call->state == CALL_FREE)
                return call != NULL;
        sent = call->state == CALL_PROCESSED || draw_chance(dice(), 500);
        if (sent && call->state == CALL_QUEUED && call->key < KEYS_MAX && !now.ghost
                        && call->request.operation >= API_START_SHARE && draw_chance(dice(), 500))
                process_write(call->aws, call);
        if (!sent && call->request.operation == API_START_SHARE)
                check_not_sent(call);
        if (call->request.operation >= API_START_SHARE)
                trace("cancel: the call for %s %s", aws_key_text(call->aws, call->key),
                                sent ? "may have been sent" : "was not sent");
        call->state = CALL_FREE;
        return sent;
}

static OutcomeKind draw_listing_fault(void) {
        static const OutcomeKind kinds[] = { OUTCOME_THROTTLED, OUTCOME_UNREACHABLE,
                OUTCOME_UNREADABLE, OUTCOME_ACCESS_DENIED, OUTCOME_NOT_SET_UP, OUTCOME_CREDENTIALS,
                OUTCOME_WRONG_IDENTITY, OUTCOME_INVALID, OUTCOME_ERROR };

        return kinds[draw_below(dice(), ELEMENTSOF(kinds))];
}

/* Of a call that was certainly not processed. */
static OutcomeKind draw_refusal(void) {
        static const OutcomeKind kinds[] = { OUTCOME_THROTTLED, OUTCOME_UNREACHABLE,
                OUTCOME_ACCESS_DENIED, OUTCOME_NOT_SET_UP, OUTCOME_NOT_FOUND, OUTCOME_INVALID,
                OUTCOME_QUOTA, OUTCOME_CREDENTIALS, OUTCOME_WRONG_IDENTITY, OUTCOME_ERROR,
                OUTCOME_CANCELLED };

        return kinds[draw_below(dice(), ELEMENTSOF(kinds))];
}

static void do_write(Aws *aws, Call *call) {
        Record *record = find_record(aws, &call->request.request_id);

        switch (call->request.operation) {
        case API_START_SHARE:
                if (aws->frameworks[call->key / RECIPIENTS_MAX].gone)
                        call->kind = OUTCOME_NOT_FOUND;
                else
                        call->record = start(aws, call->key, call->comment);
                break;
        case API_UPDATE_SHARE:
                if (!record)
                        call->kind = OUTCOME_NOT_FOUND;
                else if (!is_open(record))
                        call->kind = OUTCOME_INVALID;
                else {
                        record->fate_usec = TIME_INFINITY;
                        change(aws, record, SHARE_STATUS_REVOKED, "by the service");
                        call->record = record;
                }
                break;
        default:
                if (!record)
                        call->kind = OUTCOME_NOT_FOUND;
                else if (record_now(record)->status == SHARE_STATUS_ACTIVE
                                || record_now(record)->status == SHARE_STATUS_REPLICATING)
                        call->kind = OUTCOME_INVALID;
                else
                        make_gone(aws, record, "by the service");
        }
}

static void be_late(Aws *aws, const Call *call) {
        for (size_t i = 0; i < LATE_MAX; i++)
                if (aws->late[i].due_usec == 0) {
                        aws->late[i] = (Late){
                                .due_usec = now.true_usec
                                                + draw_between(dice(), USEC_PER_SEC,
                                                                aws->manner.settle_usec / 4),
                                .key = call->key,
                        };
                        memcpy(aws->late[i].comment, call->comment, TEXT_MAX);
                        trace("aws: the start of %s will be processed late",
                                        aws_key_text(aws, call->key));
                        return;
                }
}

static void process_write(Aws *aws, Call *call) {
        bool bad = draw_chance(dice(), aws->manner.fault_mille);
        unsigned n = draw_below(dice(), 10);

        call->state = CALL_PROCESSED;
        call->kind = OUTCOME_OK;
        if (!bad || n < 4)
                do_write(aws, call);
        if (!bad)
                return;

        /* Lost after it was processed, before, or long before. */
        call->kind = n < 6 ? OUTCOME_UNKNOWN : draw_refusal();
        if (n == 4 && call->request.operation == API_START_SHARE
                        && !aws->frameworks[call->key / RECIPIENTS_MAX].gone)
                be_late(aws, call);
}

static void process(Aws *aws, Call *call) {
        if (call->request.operation >= API_START_SHARE) {
                process_write(aws, call);
                return;
        }
        call->state = CALL_PROCESSED;
        call->kind = draw_chance(dice(), aws->manner.fault_mille / 4) ? draw_listing_fault()
                                                                      : OUTCOME_OK;
}

/* --- listings --- */

/* A listing shows each record as it was at some moment within the lag, and never goes back. */
static void take_view(Aws *aws) {
        aws->order = reallocarray(aws->order, aws->n_records + 1, sizeof(Record *));
        if (!aws->order)
                abort();
        aws->n_order = 0;
        aws->listed_usec = now.true_usec;
        for (size_t i = 0; i < aws->n_records; i++) {
                Record *record = aws->records[i];
                int64_t seen = now.true_usec - draw_between(dice(), 0, aws->manner.lag_usec);

                record->listed = false;
                while (record->at < record->n_states && record->states[record->at].at_usec <= seen)
                        record->at++;
                if (record->at == 0 || record->states[record->at - 1].gone)
                        continue;
                record->listed = true;
                record->readable = !draw_chance(dice(), aws->manner.fault_mille / 20);
                record->shown = record->states[record->at - 1];
                aws->order[aws->n_order++] = record;
        }
        for (size_t i = aws->n_order; i > 1; i--) {
                size_t j = draw_below(dice(), (unsigned) i);
                Record *other = aws->order[j];

                aws->order[j] = aws->order[i - 1];
                aws->order[i - 1] = other;
        }
}

static ShareRequest to_request(const Aws *aws,
                const Record *record,
                const State *state,
                bool readable,
                Strings *strings) {
        ShareRequest request = {
                .key = aws_key(aws, record->key),
                .id = record->id,
                .created_usec = state->created_usec,
                .updated_usec = state->updated_usec,
                .expires_usec = state->expires_usec,
                .status = (uint8_t) (*state->odd ? SHARE_STATUS_UNKNOWN : state->status),
                .readable = readable,
        };

        if (!readable) {
                request.created_usec = request.updated_usec = request.expires_usec = TIME_UNKNOWN;
                request.status = SHARE_STATUS_UNKNOWN;
        }
        if (strings) {
                (void) strings_add(
                                strings, *state->comment ? state->comment : NULL, &request.comment);
                (void) strings_add(strings, status_text(state), &request.status_name);
                (void) strings_add(strings, aws->frameworks[record->key / RECIPIENTS_MAX].name,
                                &request.framework_name);
        }
        return request;
}

static void list_requests(Aws *aws, Call *call, ApiResult *result) {
        size_t at = strtoul(call->token, NULL, 10), page = 1 + draw_below(dice(), 12), end;
        Observation *sink = call->request.sink;

        if (at == 0)
                take_view(aws);
        end = MIN(at + page, aws->n_order);
        for (; at < end; at++) {
                const Record *record = aws->order[at];
                ShareRequest request = to_request(
                                aws, record, &record->shown, record->readable, sink->strings);

                /* A record that moved between pages is listed twice, perhaps once as it was. */
                if (record->at > 1 && record->readable && !record->states[record->at - 2].gone
                                && draw_chance(dice(), aws->manner.fault_mille / 4)) {
                        ShareRequest before = to_request(aws, record,
                                        &record->states[record->at - 2], true, sink->strings);

                        (void) observation_add_request(sink, &before);
                }
                (void) observation_add_request(sink, &request);
        }
        aws->requests_whole = at >= aws->n_order;
        if (aws->requests_whole && !draw_chance(dice(), aws->manner.fault_mille / 20))
                return;

        /* A listing that does not come to its end gives a token that was there before. */
        if (aws->requests_whole) {
                aws->requests_whole = false;
                aws->listing_failed = true;
                at = 1;
                if (!*call->token) {
                        result->outcome.kind = OUTCOME_UNREADABLE;
                        return;
                }
                (void) asprintf(&result->next_token, "%s", call->token);
                return;
        }
        (void) asprintf(&result->next_token, "%zu", at);
}

static void list_frameworks(Aws *aws, const Call *call) {
        for (unsigned i = 0; i < aws->n_frameworks; i++) {
                AwsFramework *framework = &aws->frameworks[i];
                Framework listed = { .id = framework->id, .updated_usec = framework->updated_usec };

                framework->listed = !framework->gone;
                framework->shown_usec = framework->updated_usec;
                memcpy(framework->shown_name, framework->name, TEXT_MAX);
                if (framework->gone)
                        continue;
                (void) strings_add(call->request.sink->strings, framework->name, &listed.name);
                (void) observation_add_framework(call->request.sink, &listed);
        }
        aws->frameworks_whole = true;
        declare_learn(aws);
}

static void answer(Aws *aws, Call *call) {
        ApiResult result = { .outcome = { .kind = call->kind } };
        bool is_write = call->request.operation >= API_START_SHARE;
        Call copy;

        (void) snprintf(result.outcome.code, sizeof(result.outcome.code), "%s",
                        call->kind == OUTCOME_OK ? "" : "Drawn");
        if (call->kind == OUTCOME_OK && call->request.operation == API_LIST_SHARE_REQUESTS)
                list_requests(aws, call, &result);
        else if (call->kind == OUTCOME_OK && call->request.operation == API_LIST_FRAMEWORKS)
                list_frameworks(aws, call);
        else if (!is_write)
                aws->listing_failed = true;
        if (call->kind == OUTCOME_OK && call->record) {
                result.has_request = true;
                result.request =
                                to_request(aws, call->record, record_now(call->record), true, NULL);
        }
        if (is_write || call->kind != OUTCOME_OK)
                trace("answer: %s %s", is_write ? aws_key_text(aws, call->key) : "a listing",
                                outcome_kind_name(result.outcome.kind));

        if (!is_write && aws->requests_whole && aws->frameworks_whole && !aws->listing_failed)
                check_listed(aws);
        copy = *call;
        call->state = CALL_FREE;
        if (is_write)
                check_before_answer(&copy);
        copy.callback(&result, copy.userdata);
        if (is_write)
                check_after_answer(&copy);
        api_result_done(&result);
}

bool aws_step(Aws *aws) {
        unsigned n = 0, chosen;

        for (size_t i = 0; i < CALLS_MAX; i++)
                n += aws->calls[i].state != CALL_FREE;
        if (n == 0)
                return false;
        chosen = draw_below(dice(), n);
        for (size_t i = 0; i < CALLS_MAX; i++) {
                Call *call = &aws->calls[i];

                if (call->state == CALL_FREE || chosen-- > 0)
                        continue;
                if (call->state == CALL_QUEUED)
                        process(aws, call);
                else
                        answer(aws, call);
                break;
        }
        return true;
}

void aws_forget_calls(Aws *aws) {
        for (size_t i = 0; i < CALLS_MAX; i++) {
                Call *call = &aws->calls[i];

                /* Bytes that were on their way still arrive. */
                if (call->state == CALL_QUEUED && call->request.operation >= API_START_SHARE
                                && call->sent && draw_chance(dice(), 500))
                        process_write(aws, call);
                call->state = CALL_FREE;
        }
}

void aws_begin_pass(Aws *aws) {
        aws->requests_whole = aws->frameworks_whole = aws->listing_failed = false;
        aws->n_sends = aws->n_withdrawals = 0;
        for (size_t i = 0; i < aws->n_records; i++)
                aws->records[i]->listed = false;
        for (unsigned i = 0; i < aws->n_frameworks; i++)
                aws->frameworks[i].listed = false;
}

void aws_init(Aws *aws, unsigned index, const AwsManner *manner) {
        *aws = (Aws){
                .service = { .call = on_call, .cancel = on_cancel },
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
