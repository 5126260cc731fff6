/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of the instance: its metadata service, version 2 alone
 *
 * PUT for a token, GET for the role's name, GET for its credentials. Version 1 asks without a token
 * and so lets any request that a program can be tricked into reach them; it is never used.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/metadata-answer.h"
#include "aws/metadata-endpoint.h"
#include "aws/question.h"
#include "aws/uri.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define TOKEN_TTL_SEC    "21600"
#define TOKEN_TTL_USEC   (INT64_C(21600) * USEC_PER_SEC)
#define TOKEN_SLACK_USEC (2 * USEC_PER_MINUTE)

/* Today's have 56 characters. */
#define TOKEN_MAX ((size_t) 1024)

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
#define ROLE_MAX 64

typedef enum Step { STEP_TOKEN, STEP_ROLE, STEP_CREDENTIALS, STEP_MAX } Step;

static const struct {
        const char *method, *path;
} steps[STEP_MAX] = {
        [STEP_TOKEN] = { "PUT", METADATA_TOKEN_PATH },
        [STEP_ROLE] = { "GET", "/latest/meta-data/iam/security-credentials/" },
        [STEP_CREDENTIALS] = { "GET", "/latest/meta-data/iam/security-credentials/" },
};

typedef struct ImdsProvider {
        CredentialsProvider provider;
        const CredentialsContext *context;
        Question *question;
        Step step;
        bool renewed; /* the token of this question is the second one */

        Secret *token; /* kept from one question to the next */
        int64_t token_until_usec; /* of monotonic_usec() */
        Buffer token_base; /* whose it is */

        Buffer base, url, user_agent;
        Buffer authorization; /* the token's line; wiped */
        const char *headers[4];
        char role[ROLE_MAX + 1];
        MetadataLimits limits;

        CredentialsCallback callback;
        void *userdata;
} ImdsProvider;

static void forget_token(ImdsProvider *imds) {
        imds->token = secret_free(imds->token);
        buffer_clear(&imds->token_base);
}

/* The provider may be gone when this returns. */
static void finish(ImdsProvider *imds, int r, Credentials *credentials, const char *why) {
        buffer_wipe(&imds->authorization);
        if (r >= 0)
                why = NULL;
        else if (r == -ENOMEM)
                why = "out of memory";
        imds->callback(r, r < 0 ? NULL : credentials, why, imds->userdata);
}

/*
 * What is asked.
 */

static int add_token_header(ImdsProvider *imds) {
        static const char name[] = "X-aws-ec2-metadata-token: ";
        const char *token = secret_reveal(imds->token);
        Buffer *line = &imds->authorization;

        buffer_wipe(line);
        /* In one piece: what grows leaves copies behind. */
        if (ARRAY_RESERVE(line->data, line->capacity, strlen(name) + strlen(token) + 1) < 0
                        || buffer_add(line, name) < 0)
                return -ENOMEM;
        return buffer_add(line, token);
}

static int set_headers(ImdsProvider *imds) {
        size_t n = 0;
        int r;

        if (imds->user_agent.length > 0)
                imds->headers[n++] = buffer_text(&imds->user_agent);
        if (imds->step == STEP_TOKEN) {
                imds->headers[n++] = "X-aws-ec2-metadata-token-ttl-seconds: " TOKEN_TTL_SEC;
                /* libcurl would name a form. */
                imds->headers[n++] = "Content-Type:";
        } else {
                r = add_token_header(imds);
                if (r < 0)
                        return r;
                imds->headers[n++] = buffer_text(&imds->authorization);
        }
        imds->headers[n] = NULL;
        return 0;
}

static int on_prepare(HttpRequest *request, void *userdata) {
        ImdsProvider *imds = userdata;

        request->method = steps[imds->step].method;
        request->url = buffer_text(&imds->url);
        request->headers = imds->headers;
        request->plain = HTTP_PLAIN_ANY;
        request->no_proxy = true;
        request->ca_bundle = imds->context->ca_bundle;
        request->connect_timeout_sec = request->timeout_sec = imds->limits.timeout_sec;
        return 0;
}

/* Where there is no metadata service, nobody should wait for it twice. */
static RetryClass on_classify(const HttpAnswer *answer, void *userdata) {
        const ImdsProvider *imds = userdata;

        switch (imds->step) {
        case STEP_TOKEN:
                return answer->transport != TRANSPORT_OK && imds->limits.attempts == 0
                                ? RETRY_CLASS_NONE
                                : question_classify(answer);
        case STEP_CREDENTIALS:
                return metadata_classify(answer, NULL);
        case STEP_ROLE:
        case STEP_MAX:
                break;
        }
        return question_classify(answer);
}

static void on_answered(const HttpAnswer *answer, void *userdata);

static int begin(ImdsProvider *imds, Step step) {
        QuestionOptions options = {
                .context = imds->context,
                .max_attempts = imds->limits.attempts,
                .prepare = on_prepare,
                .classify = on_classify,
                .answered = on_answered,
                .userdata = imds,
        };
        int r;

        imds->step = step;
        buffer_clear(&imds->url);
        r = buffer_addf(&imds->url, "%s%s", buffer_text(&imds->base), steps[step].path);
        if (r >= 0 && step == STEP_CREDENTIALS)
                r = uri_encode(&imds->url, imds->role, strlen(imds->role), false);
        if (r >= 0)
                r = set_headers(imds);
        return r < 0 ? r : question_new(&options, &imds->question);
}

/*
 * What comes back. Each returns 0, or the error that the question ends with and why.
 */

static int complain(const ImdsProvider *imds, int error, const char *text, Buffer *ret_why) {
        int r = buffer_addf(ret_why, "instance metadata at %s %s", buffer_text(&imds->base), text);

        return r < 0 ? r : error;
}

/* The answer itself, in words. */
static int complain_answer(const ImdsProvider *imds,
                int error,
                const char *text,
                const HttpAnswer *answer,
                Buffer *ret_why) {
        int r;

        r = complain(imds, 0, text, ret_why);
        if (r >= 0)
                r = metadata_describe(answer, ret_why);
        return r < 0 ? r : error;
}

/*
 * With no service there, this kind of source is not configured. A connection whose answer never
 * comes is what a container sees where the answer may not travel any further than the host.
 */
static int no_service(const ImdsProvider *imds, const HttpAnswer *answer, Buffer *ret_why) {
        int r;

        r = complain_answer(imds, -ENOENT, "does not answer: ", answer, ret_why);
        if (r != -ENOENT || answer->transport != TRANSPORT_TIMEOUT || answer->unsent)
                return r;

        r = buffer_add(ret_why,
                        "; in a container, raise the instance's hop limit: aws ec2"
                        " modify-instance-metadata-options --http-put-response-hop-limit 2");
        return r < 0 ? r : -ENOENT;
}

static int no_token(const ImdsProvider *imds, const HttpAnswer *answer, Buffer *ret_why) {
        int r;

        if (answer->transport != TRANSPORT_OK)
                return no_service(imds, answer, ret_why);
        if (answer->status == 403)
                return complain(imds, -ENOENT, "is turned off (HTTP 403)", ret_why);

        r = complain_answer(imds, metadata_error(answer), "gives no token: ", answer, ret_why);
        if (r != -EINVAL)
                return r;
        r = buffer_add(ret_why, "; version 1, which asks without one, is never used");
        return r < 0 ? r : -EINVAL;
}

static bool is_token(const Buffer *body) {
        for (size_t i = 0; i < body->length; i++)
                if (body->data[i] <= ' ' || body->data[i] > '~')
                        return false;
        return body->length > 0 && body->length <= TOKEN_MAX;
}

static int take_token(ImdsProvider *imds, const HttpAnswer *answer, Buffer *ret_why) {
        int r;

        if (answer->transport != TRANSPORT_OK || answer->too_large || answer->status != 200)
                return no_token(imds, answer, ret_why);
        if (!is_token(&answer->body))
                return complain(imds, -EINVAL, "gives a token that no header can have", ret_why);

        forget_token(imds);
        r = secret_new(buffer_text(&answer->body), &imds->token);
        if (r >= 0)
                r = buffer_add(&imds->token_base, buffer_text(&imds->base));
        imds->token_until_usec = time_add(monotonic_usec(), TOKEN_TTL_USEC - TOKEN_SLACK_USEC);
        return r;
}

/* The first line; an instance has one role. */
static int take_role(ImdsProvider *imds, const HttpAnswer *answer, Buffer *ret_why) {
        const char *list = buffer_text(&answer->body);
        size_t length = strcspn(list, "\r\n");

        bool is_whole = answer->transport == TRANSPORT_OK && !answer->too_large;

        if (is_whole && (answer->status == 404 || (answer->status == 200 && is_blank(list))))
                return complain(imds, -ENOENT, "knows no IAM role attached to this instance",
                                ret_why);
        if (!is_whole || answer->status != 200)
                return complain_answer(
                                imds, metadata_error(answer), "names no role: ", answer, ret_why);

        for (size_t i = 0; i < length; i++)
                if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-",
                                    list[i]))
                        length = 0;
        if (length == 0 || length > ROLE_MAX)
                return complain(imds, -EINVAL, "names a role that cannot be one", ret_why);

        memcpy(imds->role, list, length);
        imds->role[length] = '\0';
        return 0;
}

static int take_credentials(ImdsProvider *imds,
                const HttpAnswer *answer,
                Credentials *ret,
                Buffer *ret_why) {
        _cleanup_buffer_ Buffer origin = { 0 }, why = { 0 };
        int r, q;

        r = buffer_addf(&origin, "instance metadata (role %s)", imds->role);
        if (r >= 0)
                r = metadata_credentials(answer, buffer_text(&origin), ret, &why);
        if (r >= 0 || r == -ENOMEM)
                return r;

        q = buffer_addf(ret_why, "instance metadata at %s has no credentials of role %s: %s",
                        buffer_text(&imds->base), imds->role, buffer_text(&why));
        return q < 0 ? q : r;
}

static int take(ImdsProvider *imds, const HttpAnswer *answer, Credentials *ret, Buffer *ret_why) {
        /* A token ends with its instance's life as well, and when the clock stood still. */
        if (imds->step != STEP_TOKEN && answer->status == 401 && !imds->renewed) {
                imds->renewed = true;
                forget_token(imds);
                return begin(imds, STEP_TOKEN);
        }

        switch (imds->step) {
        case STEP_TOKEN: {
                int r = take_token(imds, answer, ret_why);

                return r < 0 ? r : begin(imds, STEP_ROLE);
        }
        case STEP_ROLE: {
                int r = take_role(imds, answer, ret_why);

                return r < 0 ? r : begin(imds, STEP_CREDENTIALS);
        }
        case STEP_CREDENTIALS:
        case STEP_MAX:
                break;
        }
        return take_credentials(imds, answer, ret, ret_why);
}

static void on_answered(const HttpAnswer *answer, void *userdata) {
        ImdsProvider *imds = userdata;
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        imds->question = question_free(imds->question);
        r = take(imds, answer, &credentials, &why);
        if (r < 0 || !imds->question)
                finish(imds, r, &credentials, why.length > 0 ? buffer_text(&why) : strerror(-r));
}

/*
 * What the environment says.
 */

static int set_up(ImdsProvider *imds, Buffer *ret_why) {
        const Environment *environment = imds->context->environment;
        MetadataWishes wishes = {
                .profile_endpoint = imds->context->metadata_endpoint,
                .profile_mode = imds->context->metadata_endpoint_mode,
        };
        int r;

        imds->renewed = false;
        buffer_clear(&imds->base);
        buffer_clear(&imds->user_agent);

        if (environment_is_true(environment, "AWS_EC2_METADATA_DISABLED")) {
                r = buffer_add(ret_why, "AWS_EC2_METADATA_DISABLED is true");
                return r < 0 ? r : -ENOENT;
        }
        r = metadata_endpoint(environment, &wishes, &imds->base, ret_why);
        if (r >= 0)
                r = metadata_limits(environment, &imds->limits, ret_why);
        if (r >= 0 && imds->context->user_agent)
                r = buffer_addf(&imds->user_agent, "User-Agent: %s", imds->context->user_agent);
        return r;
}

static bool has_token(const ImdsProvider *imds) {
        return imds->token && monotonic_usec() < imds->token_until_usec
                        && streq(buffer_text(&imds->token_base), buffer_text(&imds->base));
}

static int imds_fetch(CredentialsProvider *provider, CredentialsCallback callback, void *userdata) {
        ImdsProvider *imds = (ImdsProvider *) provider;
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        imds->callback = callback;
        imds->userdata = userdata;

        r = set_up(imds, &why);
        if (r >= 0)
                r = begin(imds, has_token(imds) ? STEP_ROLE : STEP_TOKEN);
        if (r < 0)
                finish(imds, r, NULL, why.length > 0 ? buffer_text(&why) : strerror(-r));
        return 0;
}

static void imds_free(CredentialsProvider *provider) {
        ImdsProvider *imds = (ImdsProvider *) provider;

        (void) question_free(imds->question);
        (void) secret_free(imds->token);
        buffer_wipe(&imds->authorization);
        buffer_done(&imds->token_base);
        buffer_done(&imds->base);
        buffer_done(&imds->url);
        buffer_done(&imds->user_agent);
        free(imds);
}

int credentials_imds_new(const CredentialsContext *context, CredentialsProvider **ret) {
        ImdsProvider *imds;

        assert(context && ret);

        imds = malloc(sizeof(*imds));
        if (!imds)
                return -ENOMEM;
        *imds = (ImdsProvider){
                .provider = { .name = "instance metadata", .fetch = imds_fetch, .free = imds_free },
                .context = context,
        };

        *ret = &imds->provider;
        return 0;
}
