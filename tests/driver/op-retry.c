/* SPDX-License-Identifier: Apache-2.0 */

/* retry: the answers of several invocations to what we would do after each, and what is left of the
 * quota. */

#include "aws/retry.h"
#include "driver.h"
#include "util/macro.h"
#include "util/string-util.h"
#include "util/time.h"

static const char *const outcomes[RETRY_VERDICT_MAX] = {
        [RETRY_SUCCESS] = "success",
        [RETRY_AGAIN] = "retry_request",
        [RETRY_FAIL] = "fail_request",
        [RETRY_MAX_ATTEMPTS] = "max_attempts_exceeded",
        [RETRY_QUOTA_EXCEEDED] = "retry_quota_exceeded",
};

typedef struct Client {
        RetryNumbers numbers;
        RetryQuota quota;
        double random;
} Client;

static RetryAnswer read_answer(const json_t *in) {
        const char *failure = get_text(in, "transport_error", "");
        TransportError transport = streq(failure, "timeout") ? TRANSPORT_TIMEOUT
                        : *failure                           ? TRANSPORT_CONNECTION
                                                             : TRANSPORT_OK;
        int status = (int) json_integer_value(json_object_get(in, "status"));

        return (RetryAnswer){
                .class = api_error_retry_class(transport, status, get_text(in, "error_code", "")),
                .success = transport == TRANSPORT_OK && status >= 200 && status < 300,
                .timeout = transport == TRANSPORT_TIMEOUT,
                .retry_after_usec = retry_after_parse(
                                get_header(in, "retry-after"), get_header(in, "x-amz-retry-after")),
        };
}

static json_t *run_invocation(Client *client, const json_t *answers) {
        json_t *out = json_array(), *in;
        RetryState state = { 0 };
        size_t i;

        json_array_foreach(answers, i, in) {
                RetryAnswer answer = read_answer(in);
                int64_t delay;
                RetryVerdict verdict = retry_next(&client->numbers, &client->quota, &state, &answer,
                                client->random, &delay);

                (void) json_array_append_new(out,
                                json_pack("{s:s, s:i, s:f}", "outcome", outcomes[verdict],
                                                "retry_quota", (int) client->quota.tokens, "delay",
                                                (double) delay / (double) USEC_PER_SEC));
        }
        return out;
}

static unsigned get_number(const json_t *given, const char *key, unsigned fallback) {
        const json_t *value = json_object_get(given, key);
        json_int_t n = json_integer_value(value);

        return json_is_integer(value) && n >= 0 && n < 1000000 ? (unsigned) n : fallback;
}

static Client read_client(const json_t *in) {
        const json_t *given = json_object_get(in, "given");
        const json_t *backoff = json_object_get(given, "max_backoff"),
                     *jitter = json_object_get(given, "jitter");
        Client c = { .numbers = streq(get_text(in, "spec", "2.1"), "2.0") ? retry_classic
                                                                          : retry_standard };

        c.numbers.max_attempts = get_number(given, "max_attempts", c.numbers.max_attempts);
        c.numbers.tokens = get_number(given, "initial_retry_tokens", c.numbers.tokens);
        c.quota = (RetryQuota){ c.numbers.tokens, c.numbers.tokens };
        if (json_is_number(backoff) && json_number_value(backoff) >= 0
                        && json_number_value(backoff) < 1e6)
                c.numbers.max_backoff_usec =
                                (int64_t) (json_number_value(backoff) * (double) USEC_PER_SEC);
        c.random = json_is_number(jitter) ? json_number_value(jitter) : 1;
        return c;
}

json_t *op_retry(const json_t *in) {
        const json_t *invocations = json_object_get(in, "invocations"), *answers;
        Client client = read_client(in);
        json_t *out = json_array();
        size_t i;

        if (!(client.random >= 0 && client.random <= 1)) {
                json_decref(out);
                return answer_error("the random number is not from 0 to 1");
        }
        json_array_foreach(invocations, i, answers)(void)
                        json_array_append_new(out, run_invocation(&client, answers));
        return json_pack("{s:o}", "invocations", out);
}
