/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Questions: what is tried again, how often, and what is left of one that is dropped
 */

#include "aws/question.h"
#include "script-http.h"

/* No waiting between two attempts. */
static const RetryNumbers quick = { .max_attempts = 3, .tokens = 500 };

typedef struct Asked {
        unsigned n; /* answers */
        unsigned prepared;
        unsigned fail_at; /* which attempt cannot be prepared; 0: none */
        HttpAnswer answer; /* its numbers alone */
        char body[64], why[512];
        Question **free_me;
} Asked;

static int on_prepare(HttpRequest *request, void *userdata) {
        Asked *asked = userdata;

        ASSERT_EQ(QUESTION_ANSWER_MAX, request->answer_max);
        ASSERT_FALSE(request->method || request->url || request->headers || request->body);
        request->method = "GET";
        request->url = "http://127.0.0.1/";
        return ++asked->prepared == asked->fail_at ? -EBADF : 0;
}

static void on_answered(const HttpAnswer *answer, void *userdata) {
        Asked *asked = userdata;

        asked->n++;
        asked->answer = *answer;
        if (asked->free_me)
                *asked->free_me = question_free(*asked->free_me);
        /* It must outlive the question. */
        (void) snprintf(asked->body, sizeof(asked->body), "%s", buffer_text(&answer->body));
        (void) snprintf(asked->why, sizeof(asked->why), "%s", answer->why);
}

/* Not found here may be found there. */
static RetryClass retry_404(const HttpAnswer *answer, void *userdata _unused_) {
        return answer->status == 404 ? RETRY_CLASS_TRANSIENT : RETRY_CLASS_NONE;
}

#define REFUSED                                                                                    \
        { .transport = TRANSPORT_CONNECTION, .unsent = true, .why = "refused" }

static const struct {
        const char *name;
        Exchange exchanges[SCRIPT_MAX];
        unsigned max_attempts, fail_at, tokens;
        bool retry_404;
        int status;
        TransportError transport;
        const char *body, *why;
} rows[] = {
        { .name = "answered",
                        .exchanges = { { .status = 200, .body = "A" } },
                        .status = 200,
                        .body = "A" },
        { .name = "not found is an answer", .exchanges = { { .status = 404 } }, .status = 404 },
        { .name = "so is an order to wait elsewhere",
                        .exchanges = { { .status = 302 } },
                        .status = 302 },
        { .name = "trouble, then an answer",
                        .exchanges = { { .status = 503, .body = "B" },
                                        { .status = 200, .body = "A" } },
                        .status = 200,
                        .body = "A" },
        { .name = "every kind of trouble",
                        .exchanges = { { .status = 429 }, { .status = 500 }, REFUSED,
                                        { .transport = TRANSPORT_TIMEOUT }, { .status = 200 } },
                        .max_attempts = 5,
                        .status = 200 },
        { .name = "the last trouble is the answer",
                        .exchanges = { { .status = 503 }, { .status = 500 }, REFUSED },
                        .transport = TRANSPORT_CONNECTION,
                        .why = "refused" },
        { .name = "one attempt",
                        .exchanges = { { .status = 503 } },
                        .max_attempts = 1,
                        .status = 503 },
        { .name = "the quota ends it",
                        .exchanges = { { .status = 503 }, { .status = 503 } },
                        .max_attempts = 9,
                        .tokens = 14,
                        .status = 503 },
        { .name = "a class of one's own",
                        .exchanges = { { .status = 404 }, { .status = 503 } },
                        .retry_404 = true,
                        .status = 503 },
        { .name = "a wait that the server asks for",
                        .exchanges = { { .status = 503, .x_amz_retry_after = "30" },
                                        { .status = 200 } },
                        .status = 200 },
        { .name = "nothing to send",
                        .exchanges = { { 0 } },
                        .fail_at = 1,
                        .transport = TRANSPORT_CONNECTION,
                        .why = "the request could not be made: Bad file descriptor" },
        { .name = "nothing more to send",
                        .exchanges = { { .status = 503 } },
                        .fail_at = 2,
                        .status = 503 },
        { .name = "nothing more to send, after a wait",
                        .exchanges = { { .status = 503, .x_amz_retry_after = "1" } },
                        .fail_at = 2,
                        .transport = TRANSPORT_CONNECTION,
                        .why = "the request could not be made: Bad file descriptor" },
        { .name = "not to be sent",
                        .exchanges = { { .refused = -EINVAL } },
                        .transport = TRANSPORT_CONNECTION,
                        .why = "the request could not be made: Invalid argument" },
};

static QuestionOptions options_of(const CredentialsContext *context, Asked *asked) {
        return (QuestionOptions){
                .context = context,
                .prepare = on_prepare,
                .answered = on_answered,
                .userdata = asked,
        };
}

static void check_row(size_t i, bool free_within) {
        Bench bench;
        RetryNumbers numbers = quick;
        Asked asked = { .fail_at = rows[i].fail_at };
        CredentialsContext context = { .retry = &numbers };
        QuestionOptions options = options_of(&context, &asked);
        Question *question = NULL;

        test_row(rows[i].name);
        bench_init(&bench, rows[i].exchanges);
        context.event = bench.event;
        context.http = bench.http;
        if (rows[i].tokens > 0) {
                numbers.tokens = rows[i].tokens;
                numbers.cost_transient = 14;
        }
        options.max_attempts = rows[i].max_attempts;
        options.classify = rows[i].retry_404 ? retry_404 : NULL;
        asked.free_me = free_within ? &question : NULL;

        ASSERT_OK(question_new(&options, &question));
        ASSERT_EQ(0, asked.n);
        if (ASSERT_TRUE(bench_wait(&bench, &asked.n))) {
                ASSERT_EQ(rows[i].status, asked.answer.status);
                ASSERT_EQ(rows[i].transport, asked.answer.transport);
                ASSERT_STREQ(rows[i].body ? rows[i].body : "", asked.body);
                ASSERT_STREQ(rows[i].why ? rows[i].why : "", asked.why);
        }
        bench_drain(&bench);
        ASSERT_EQ(1, asked.n);
        ASSERT_FALSE(free_within && question);
        script_end(&bench.script);

        (void) question_free(question);
        bench_done(&bench);
}

/* A wait is one: 30 ms at least, in which the loop has nothing to do. */
static void test_wait(void) {
        static const Exchange exchanges[SCRIPT_MAX] = {
                { .status = 503, .x_amz_retry_after = "30" },
                { .status = 200 },
        };
        Bench bench;
        Asked asked = { 0 };
        CredentialsContext context = { .retry = &quick };
        QuestionOptions options = options_of(&context, &asked);
        _cleanup_(question_freep) Question *question = NULL;
        int64_t begin = monotonic_usec();

        test_row("wait");
        bench_init(&bench, exchanges);
        context.event = bench.event;
        context.http = bench.http;
        ASSERT_OK(question_new(&options, &question));
        bench_drain(&bench);
        ASSERT_TRUE(asked.prepared == 1 || monotonic_usec() - begin >= 30 * USEC_PER_MSEC);
        ASSERT_TRUE(bench_wait(&bench, &asked.n));
        ASSERT_TRUE(monotonic_usec() - begin >= 30 * USEC_PER_MSEC);
        script_end(&bench.script);

        question = question_free(question);
        bench_done(&bench);
}

/* Dropped: while its first answer is on the way, while it waits for its second attempt, and while
 * it is about to say that it could not begin. */
static void test_dropped(void) {
        static const struct {
                const char *name;
                Exchange exchanges[SCRIPT_MAX];
                bool drain;
        } dropped[] = {
                { "dropped/under way", { { .status = 200 } }, false },
                { "dropped/waiting", { { .status = 503, .x_amz_retry_after = "5000" } }, true },
                { "dropped/not begun", { { .refused = -EINVAL } }, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(dropped); i++) {
                Bench bench;
                Asked asked = { 0 };
                CredentialsContext context = { .retry = &quick };
                QuestionOptions options = options_of(&context, &asked);
                Question *question = NULL;

                test_row(dropped[i].name);
                bench_init(&bench, dropped[i].exchanges);
                context.event = bench.event;
                context.http = bench.http;
                ASSERT_OK(question_new(&options, &question));
                if (dropped[i].drain)
                        bench_drain(&bench);
                question = question_free(question);
                ASSERT_TRUE(sd_event_run(bench.event, 10 * (uint64_t) USEC_PER_MSEC) >= 0);
                bench_drain(&bench);
                ASSERT_EQ(0, asked.n);
                script_end(&bench.script);
                bench_done(&bench);
        }
        ASSERT_FALSE(question_free(NULL));
}

/* Out of memory is nobody's answer. */
static void test_out_of_memory(void) {
        static const Exchange exchanges[SCRIPT_MAX] = { { .refused = -ENOMEM } };
        Bench bench;
        Asked asked = { 0 };
        CredentialsContext context = { .retry = &quick };
        QuestionOptions options = options_of(&context, &asked);
        Question *question = NULL;

        test_row("out of memory");
        bench_init(&bench, exchanges);
        context.event = bench.event;
        context.http = bench.http;
        ASSERT_EQ(-ENOMEM, question_new(&options, &question));
        ASSERT_FALSE(question);
        bench_drain(&bench);
        ASSERT_EQ(0, asked.n);
        script_end(&bench.script);
        bench_done(&bench);
}

static void test_describe(void) {
        static const struct {
                const char *text;
                HttpAnswer answer;
        } answers[] = {
                { "HTTP 404", { .status = 404 } },
                { "refused", { .transport = TRANSPORT_CONNECTION, .why = "refused" } },
                { "timed out",
                                { .transport = TRANSPORT_TIMEOUT,
                                                .status = 200,
                                                .why = "timed out" } },
                { "too long", { .too_large = true, .status = 200, .why = "too long" } },
                { "the transport failed", { .transport = TRANSPORT_CONNECTION } },
        };

        for (size_t i = 0; i < ELEMENTSOF(answers); i++) {
                _cleanup_buffer_ Buffer text = { 0 };

                test_row(answers[i].text);
                ASSERT_OK(question_describe(&answers[i].answer, &text));
                ASSERT_STREQ(answers[i].text, buffer_text(&text));
        }
}

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                check_row(i, false);
                check_row(i, true);
        }
        test_wait();
        test_dropped();
        test_out_of_memory();
        test_describe();
        return test_end();
}
