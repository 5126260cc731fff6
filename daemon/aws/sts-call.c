/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One question to STS
 *
 * The body is written once, and signed at each attempt with the time of that attempt. What is sent
 * holds secrets in three places (body, header lines, what was signed), each wiped as soon as it is
 * not needed any more.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api-error.h"
#include "aws/credentials-source.h"
#include "aws/header-lines.h"
#include "aws/question.h"
#include "aws/skew.h"
#include "aws/sts-answer.h"
#include "aws/sts-call.h"
#include "aws/uri.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* Enough of a secret to find it by, in a message that may have been cut within it. */
#define SECRET_BEGINNING 8

struct StsCall {
        const CredentialsContext *context;
        StsAction action;
        char *role_arn; /* for messages */
        char *origin;
        CredentialsCallback callback;
        void *userdata;

        char *host, *path, *url;
        Buffer body;
        char token_beginning[SECRET_BEGINNING + 1]; /* as it would be quoted; "": no token */
        bool is_signed;
        Credentials base;
        Signer *signer;
        Signature signature;
        HeaderLines headers;

        Question *question;
        int64_t signed_usec;
        bool has_corrected_clock;
};

/*
 * One attempt.
 */

static int add_signed(StsCall *call) {
        const CredentialsContext *context = call->context;
        Pair headers[] = {
                { "Host", call->host },
                { "Content-Type", STS_CONTENT_TYPE },
        };
        SigningRequest request = {
                .method = "POST",
                .path = call->path,
                .headers = headers,
                .n_headers = ELEMENTSOF(headers),
                .body = buffer_text(&call->body),
                .body_length = call->body.length,
                .region = context->region,
                .service = "sts",
                .time_usec = call->signed_usec,
        };
        SigningCredentials keys = {
                .access_key_id = call->base.access_key_id,
                .secret_access_key = secret_reveal(call->base.secret_access_key),
                .session_token = secret_reveal(call->base.session_token),
        };

        return header_lines_add_signed(
                        &call->headers, call->signer, &request, &keys, &call->signature);
}

static int add_unsigned(StsCall *call) {
        int r;

        r = header_lines_add(&call->headers, "Host", call->host);
        if (r >= 0)
                r = header_lines_add(&call->headers, "Content-Type", STS_CONTENT_TYPE);
        return r;
}

static int on_prepare(HttpRequest *request, void *userdata) {
        StsCall *call = userdata;
        int r;

        call->signed_usec = time_add(now_usec(), *call->context->skew_usec);
        r = header_lines_begin(&call->headers);
        if (r >= 0)
                r = header_lines_add(&call->headers, "User-Agent", call->context->user_agent);
        if (r >= 0)
                r = call->is_signed ? add_signed(call) : add_unsigned(call);
        if (r < 0)
                return r;

        request->method = "POST";
        request->url = call->url;
        request->headers = header_lines_end(&call->headers);
        request->body = buffer_text(&call->body);
        request->body_length = call->body.length;
        request->ca_bundle = call->context->ca_bundle;
        return 0;
}

/*
 * What an answer means.
 */

static bool is_answer(const HttpAnswer *answer) {
        return answer->transport == TRANSPORT_OK && !answer->too_large;
}

static ApiError read_error(const HttpAnswer *answer) {
        ApiError error = { 0 };

        if (is_answer(answer) && answer->status / 100 != 2)
                api_error_from_xml(buffer_text(&answer->body), answer->body.length, &error);
        return error;
}

static RetryClass on_classify(const HttpAnswer *answer, void *userdata) {
        StsCall *call = userdata;
        ApiError error = read_error(answer);

        header_lines_wipe(&call->headers);
        if (answer->too_large)
                return RETRY_CLASS_NONE;
        return api_error_retry_class(answer->transport, answer->status, error.code);
}

static void cut_at(char *message, const char *secret) {
        char *at = NULL;

        if (secret && strlen(secret) >= SECRET_BEGINNING)
                at = memmem(message, strlen(message), secret, SECRET_BEGINNING);
        if (at)
                *at = '\0';
}

/* STS quotes values that break its rules; some proxies quote what they were sent. */
static void cut_secrets(const StsCall *call, ApiError *error) {
        cut_at(error->message, secret_reveal(call->base.secret_access_key));
        cut_at(error->message, secret_reveal(call->base.session_token));
        cut_at(error->message, call->token_beginning);
        api_error_cut_secrets(error);
}

static int describe(const StsCall *call, const HttpAnswer *answer, ApiError *error, Buffer *why) {
        char text[OUTCOME_CODE_MAX + OUTCOME_MESSAGE_MAX + 2];
        ApiOutcome printable = { 0 };
        int r;

        cut_secrets(call, error);
        (void) snprintf(text, sizeof(text), "%s%s%s", error->code, *error->message ? ": " : "",
                        error->message);
        outcome_set(&printable, OUTCOME_ERROR, text);

        r = buffer_addf(why, "%s of %s: ", sts_action_name(call->action), call->role_arn);
        if (r >= 0)
                r = *error->code ? buffer_add(why, printable.message)
                                 : question_describe(answer, why);
        if (r < 0)
                return -ENOMEM;
        /* Trouble at STS, and not with what it was asked. */
        return is_answer(answer)
                                        && api_error_retry_class(answer->transport, answer->status,
                                                           error->code)
                                                        == RETRY_CLASS_NONE
                        ? -EINVAL
                        : -EIO;
}

static int read_credentials(const StsCall *call,
                const HttpAnswer *answer,
                Credentials *ret,
                Buffer *why) {
        _cleanup_buffer_ Buffer phrase = { 0 };
        int r;

        r = sts_parse_credentials(call->action, buffer_text(&answer->body), answer->body.length,
                        call->origin, ret, &phrase);
        if (r != -EBADMSG)
                return r;
        r = buffer_addf(why, "%s of %s: the answer cannot be used: %s",
                        sts_action_name(call->action), call->role_arn, buffer_text(&phrase));
        return r < 0 ? r : -EINVAL;
}

static int ask(StsCall *call);

/* The same error as before, by a clock that is right now, is no matter of the clock. */
static bool put_clock_right(StsCall *call, const HttpAnswer *answer, const ApiError *error) {
        if (!call->is_signed || call->has_corrected_clock || !api_error_may_be_skew(error->code)
                        || skew_learn(answer->date, call->signed_usec, now_usec(),
                                           call->context->skew_usec)
                                        == SKEW_NONE)
                return false;

        call->has_corrected_clock = true;
        call->question = question_free(call->question);
        return ask(call) >= 0;
}

static void on_answered(const HttpAnswer *answer, void *userdata) {
        StsCall *call = userdata;
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        ApiError error = read_error(answer);
        int r;

        if (put_clock_right(call, answer, &error))
                return;

        if (is_answer(answer) && answer->status / 100 == 2)
                r = read_credentials(call, answer, &credentials, &why);
        else
                r = describe(call, answer, &error, &why);
        credentials_done(&call->base);
        /* The call may be gone when this returns. */
        if (r == -ENOMEM)
                call->callback(r, NULL, "out of memory", call->userdata);
        else if (r < 0)
                call->callback(r, NULL, buffer_text(&why), call->userdata);
        else
                call->callback(0, &credentials, NULL, call->userdata);
}

static int ask(StsCall *call) {
        QuestionOptions options = {
                .context = call->context,
                .prepare = on_prepare,
                .classify = on_classify,
                .answered = on_answered,
                .userdata = call,
        };

        return question_new(&options, &call->question);
}

/*
 * The life of a call.
 */

static int take_url_apart(StsCall *call) {
        const char *sts_url = call->context->sts_url;
        _cleanup_buffer_ Buffer host = { 0 };
        _cleanup_url_ Url url = { 0 };
        int r;

        r = url_parse(sts_url, &url, NULL);
        if (r >= 0)
                r = url_host_header(&url, &host);
        if (r < 0)
                return r;

        call->host = buffer_steal(&host);
        if (!call->host || asprintf(&call->path, "%s/", url.path) < 0) {
                call->path = NULL;
                return -ENOMEM;
        }
        if (asprintf(&call->url, "%s/", sts_url) < 0) {
                call->url = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int copy_options(StsCall *call, const StsCallOptions *options) {
        const StsRequest *request = &options->request;

        call->role_arn = strdup(request->role_arn);
        call->origin = strdup(options->origin);
        if (!call->role_arn || !call->origin)
                return -ENOMEM;
        if (request->token)
                (void) snprintf(call->token_beginning, sizeof(call->token_beginning), "%.*s",
                                (int) MIN(request->token_length, (size_t) SECRET_BEGINNING),
                                request->token);
        return sts_request_write(request, &call->body);
}

int sts_call_new(const StsCallOptions *options, Credentials *base, StsCall **ret) {
        _cleanup_(sts_call_freep) StsCall *call = NULL;
        int r;

        assert(options && options->context && options->callback && ret);

        call = malloc(sizeof(*call));
        if (!call)
                return -ENOMEM;
        *call = (StsCall){
                .context = options->context,
                .action = options->request.action,
                .callback = options->callback,
                .userdata = options->userdata,
                .is_signed = base,
        };
        r = copy_options(call, options);
        if (r >= 0)
                r = take_url_apart(call);
        if (r >= 0 && base)
                r = signer_new(&call->signer);
        if (r < 0)
                return r;

        if (base) {
                call->base = *base;
                *base = (Credentials){ 0 };
        }
        r = ask(call);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(call);
        return 0;
}

StsCall *sts_call_free(StsCall *call) {
        if (!call)
                return NULL;

        (void) question_free(call->question);
        buffer_wipe(&call->body);
        header_lines_done(&call->headers);
        header_lines_wipe_signature(&call->signature);
        (void) signer_free(call->signer);
        credentials_done(&call->base);
        erase(call->token_beginning, sizeof(call->token_beginning));
        free(call->role_arn);
        free(call->origin);
        free(call->host);
        free(call->path);
        free(call->url);
        free(call);
        return NULL;
}
