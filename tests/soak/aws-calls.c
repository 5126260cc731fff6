/* SPDX-License-Identifier: Apache-2.0 */

/* The calls of the model: what they do, and what their caller hears of it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws-internal.h"
#include "check.h"

static Draw *dice(void) {
        return &now.draw;
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
        Record *record = aws_find_record(aws, &call->request.request_id);

        switch (call->request.operation) {
        case API_START_SHARE:
                if (aws->frameworks[call->key / RECIPIENTS_MAX].gone)
                        call->kind = OUTCOME_NOT_FOUND;
                else
                        call->record = aws_start(aws, call->key, call->comment);
                break;
        case API_UPDATE_SHARE:
                if (!record)
                        call->kind = OUTCOME_NOT_FOUND;
                else if (!record_is_open(record))
                        call->kind = OUTCOME_INVALID;
                else {
                        record->fate_usec = TIME_INFINITY;
                        aws_change(aws, record, SHARE_STATUS_REVOKED, "by the service");
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
                        aws_make_gone(aws, record, "by the service");
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
        call->kind = aws->dark ? OUTCOME_UNKNOWN : OUTCOME_OK;
        if (aws->dark)
                return;
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
                record->readable = !draw_chance(dice(), aws->manner.unreadable_mille);
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
                (void) strings_add(strings, state_text(state), &request.status_name);
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
                if (asprintf(&result->next_token, "%s", call->token) < 0)
                        result->next_token = NULL;
                return;
        }
        if (asprintf(&result->next_token, "%zu", at) < 0)
                result->next_token = NULL;
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

static int64_t on_skew(const ShareService *service) {
        return ((const Aws *) service)->skew_usec;
}

/* What is signed with a clock that is further off is refused, and signed again (aws/skew.h). */
static void learn_skew(Aws *aws) {
        if (llabs(aws_clock_error(aws)) > CLOCK_TOLERANCE)
                aws->skew_usec = -now.wall_offset_usec;
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
        learn_skew(aws);
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
        aws->skew_usec = 0;
}

const ShareService aws_service = { .call = on_call, .cancel = on_cancel, .skew_usec = on_skew };
