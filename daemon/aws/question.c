/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Questions
 *
 * Attempt, verdict, delay, attempt: each step takes the next from the event loop. A question has a
 * quota of its own, as what is asked here is another server for each kind of source.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/question.h"
#include "util/mem.h"
#include "util/random.h"
#include "util/time.h"

struct Question {
        QuestionOptions options;
        RetryNumbers numbers;
        RetryQuota quota;
        RetryState state;
        HttpCall *call; /* the attempt under way */
        sd_event_source *timer; /* the next attempt */
        sd_event_source *failed; /* deferred: the first attempt could not be begun */
        int error;
};

/* The question may be gone when this returns. */
static void give_up(Question *question, int error) {
        HttpAnswer answer = { .transport = TRANSPORT_CONNECTION, .unsent = true };

        (void) snprintf(answer.why, sizeof(answer.why), "the request could not be made: %s",
                        strerror(-error));
        question->options.answered(&answer, question->options.userdata);
}

static int attempt(Question *question);

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Question *question = userdata;
        int r;

        r = attempt(question);
        if (r < 0)
                give_up(question, r);
        return 0;
}

static int on_failed(sd_event_source *source _unused_, void *userdata) {
        Question *question = userdata;

        give_up(question, question->error);
        return 0;
}

static int try_again(Question *question, int64_t delay_usec) {
        if (delay_usec <= 0)
                return attempt(question);

        question->timer = sd_event_source_disable_unref(question->timer);
        return sd_event_add_time_relative(question->options.context->event, &question->timer,
                        CLOCK_MONOTONIC, (uint64_t) delay_usec, 0, on_timer, question);
}

RetryClass question_classify(const HttpAnswer *answer) {
        if (answer->transport != TRANSPORT_OK)
                return RETRY_CLASS_TRANSIENT;
        if (answer->status == 429)
                return RETRY_CLASS_THROTTLING;
        return answer->status >= 500 ? RETRY_CLASS_TRANSIENT : RETRY_CLASS_NONE;
}

static RetryVerdict judge(Question *question, const HttpAnswer *answer, int64_t *ret_delay_usec) {
        const QuestionOptions *options = &question->options;
        RetryClass class = options->classify ? options->classify(answer, options->userdata)
                                             : question_classify(answer);
        RetryAnswer summary = {
                .class = class,
                .success = class == RETRY_CLASS_NONE && answer->status / 100 == 2,
                .timeout = answer->transport == TRANSPORT_TIMEOUT,
                .retry_after_usec =
                                retry_after_parse(answer->retry_after, answer->x_amz_retry_after),
        };

        return retry_next(&question->numbers, &question->quota, &question->state, &summary,
                        random_unit(), ret_delay_usec);
}

static void on_answer(HttpCall *call _unused_, const HttpAnswer *answer, void *userdata) {
        Question *question = userdata;
        /* Ours from here on: whom it answers may free the question, and must not free the answer.
         */
        _cleanup_(http_call_freep) HttpCall *ended _unused_ = TAKE_PTR(question->call);
        int64_t delay_usec;

        if (question->options.context->progress_usec)
                *question->options.context->progress_usec = monotonic_usec();
        /* Where another attempt cannot be begun, too: what the last one got says more
         * than that. */
        if (judge(question, answer, &delay_usec) != RETRY_AGAIN
                        || try_again(question, delay_usec) < 0)
                question->options.answered(answer, question->options.userdata);
}

static int attempt(Question *question) {
        const QuestionOptions *options = &question->options;
        HttpRequest request = { .answer_max = QUESTION_ANSWER_MAX };
        int r;

        r = options->prepare(&request, options->userdata);
        if (r < 0)
                return r;
        return http_call_new(
                        options->context->http, &request, on_answer, question, &question->call);
}

int question_new(const QuestionOptions *options, Question **ret) {
        _cleanup_(question_freep) Question *question = NULL;
        const CredentialsContext *context = options->context;
        int r;

        assert(context && options->prepare && options->answered && ret);

        question = malloc(sizeof(*question));
        if (!question)
                return -ENOMEM;
        *question = (Question){
                .options = *options,
                .numbers = *context->retry,
                .quota = { .tokens = context->retry->tokens, .capacity = context->retry->tokens },
        };
        if (options->max_attempts > 0)
                question->numbers.max_attempts = options->max_attempts;

        r = question->error = attempt(question);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                r = sd_event_add_defer(context->event, &question->failed, on_failed, question);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(question);
        return 0;
}

Question *question_free(Question *question) {
        if (!question)
                return NULL;

        (void) http_call_free(question->call);
        (void) sd_event_source_disable_unref(question->timer);
        (void) sd_event_source_disable_unref(question->failed);
        free(question);
        return NULL;
}

int question_describe(const HttpAnswer *answer, Buffer *ret) {
        if (answer->transport != TRANSPORT_OK || answer->too_large)
                return buffer_add(ret, answer->why[0] ? answer->why : "the transport failed");
        return buffer_addf(ret, "HTTP %d", answer->status);
}
