/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers of metadata services
 *
 * The members Code and Message are in capitals in one service, and not in the other. Only these
 * two are ever shown: the rest of a body can be a secret.
 */

#include <errno.h>
#include <strings.h>

#include "aws/credentials-json.h"
#include "aws/credentials-source.h"
#include "aws/metadata-answer.h"
#include "aws/question.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* Of a server's words; the rest is of no use in a line. */
#define WORDS_MAX ((size_t) 256)

static const CredentialsNames names = {
        .access_key_id = "AccessKeyId",
        .secret_access_key = "SecretAccessKey",
        .session_token = "Token",
        .expiration = "Expiration",
        .account_id = "AccountId",
};

static bool is_object(const HttpAnswer *answer) {
        _cleanup_json_secret_ json_t *json = NULL;

        /* Short of memory it may be one. */
        return json_read(answer->body.data, answer->body.length, &json) != -EBADMSG
                        && (!json || json_is_object(json));
}

RetryClass metadata_classify(const HttpAnswer *answer, void *userdata _unused_) {
        RetryClass class = question_classify(answer);

        if (class == RETRY_CLASS_NONE && answer->status == 200 && !answer->too_large
                        && !is_object(answer))
                return RETRY_CLASS_TRANSIENT;
        return class;
}

int metadata_error(const HttpAnswer *answer) {
        return question_classify(answer) == RETRY_CLASS_NONE ? -EINVAL : -EHOSTUNREACH;
}

static const char *find_words(const json_t *json, const char *name) {
        const char *key;
        json_t *value;

        json_object_foreach((json_t *) json, key, value) {
                if (strcasecmp(key, name) == 0 && !is_blank(json_text(json, key)))
                        return json_text(json, key);
        }
        return NULL;
}

static int add_words(Buffer *buffer, const char *words) {
        size_t length = utf8_cut(words, WORDS_MAX);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < length; i++) {
                char c = words[i];

                if (c < ' ' || c > '~')
                        c = '?';
                r = buffer_add_char(buffer, c);
        }
        if (r >= 0 && words[length] != '\0')
                r = buffer_add(buffer, "...");
        return r;
}

/* Appends ": CODE: MESSAGE", as far as they are there. Returns whether there was anything, or
 * -ENOMEM. */
static int add_error(const json_t *json, Buffer *buffer) {
        const char *words[] = { find_words(json, "Code"), find_words(json, "Message") };
        bool any = false;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                if (!words[i] || (i == 0 && strcasecmp(words[i], "Success") == 0))
                        continue;
                r = buffer_add(buffer, ": ");
                if (r >= 0)
                        r = add_words(buffer, words[i]);
                if (r < 0)
                        return r;
                any = true;
        }
        return any;
}

static int add_error_of(const HttpAnswer *answer, Buffer *buffer) {
        _cleanup_json_secret_ json_t *json = NULL;
        int r;

        if (answer->transport != TRANSPORT_OK || answer->too_large)
                return 0;
        r = json_read(answer->body.data, answer->body.length, &json);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return add_error(json, buffer);
}

int metadata_describe(const HttpAnswer *answer, Buffer *ret_why) {
        int r;

        r = question_describe(answer, ret_why);
        if (r >= 0)
                r = add_error_of(answer, ret_why);
        return r < 0 ? r : 0;
}

/* Credentials of a role expire, and need a token; half of them would fail later, and elsewhere. */
static int check_complete(const Credentials *credentials, Buffer *ret_why) {
        const char *missing = !credentials->session_token            ? names.session_token
                        : credentials->expires_usec == TIME_INFINITY ? names.expiration
                                                                     : NULL;
        int r;

        if (!missing)
                return 0;
        r = buffer_addf(ret_why, "%s is missing", missing);
        return r < 0 ? r : -EINVAL;
}

static int read_credentials(const HttpAnswer *answer,
                const char *origin,
                Credentials *ret,
                Buffer *ret_why) {
        CredentialsText text = { .origin = origin, .may_outlive = true };
        _cleanup_credentials_ Credentials credentials = { 0 };
        int r;

        r = credentials_from_json(answer->body.data, answer->body.length, &names, &text,
                        &credentials, ret_why);
        if (r >= 0)
                r = check_complete(&credentials, ret_why);
        if (r < 0)
                return r;

        *ret = credentials;
        credentials = (Credentials){ 0 };
        return 0;
}

/* A code other than Success comes with HTTP 200 as well. */
static int is_refusal(const HttpAnswer *answer) {
        _cleanup_json_secret_ json_t *json = NULL;
        const char *code;
        int r;

        r = json_read(answer->body.data, answer->body.length, &json);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        code = find_words(json, "Code");
        return code && strcasecmp(code, "Success") != 0;
}

int metadata_credentials(const HttpAnswer *answer,
                const char *origin,
                Credentials *ret,
                Buffer *ret_why) {
        int r;

        if (answer->transport == TRANSPORT_OK && answer->status == 200 && !answer->too_large) {
                r = is_refusal(answer);
                if (r < 0)
                        return r;
                if (r == 0)
                        return read_credentials(answer, origin, ret, ret_why);
        }

        r = metadata_describe(answer, ret_why);
        return r < 0 ? r : metadata_error(answer);
}
