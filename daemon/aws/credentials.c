/* SPDX-License-Identifier: Apache-2.0 */

/* Credentials as values. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

void credentials_done(Credentials *credentials) {
        free(credentials->access_key_id);
        (void) secret_free(credentials->secret_access_key);
        (void) secret_free(credentials->session_token);
        free(credentials->account_id);
        free(credentials->origin);
        *credentials = (Credentials){ 0 };
}

int credentials_copy(const Credentials *from, Credentials *ret) {
        _cleanup_credentials_ Credentials copy = {
                .expires_usec = from->expires_usec,
                .may_outlive = from->may_outlive,
        };
        int r;

        r = text_copy(from->access_key_id, &copy.access_key_id);
        if (r >= 0)
                r = secret_new(secret_reveal(from->secret_access_key), &copy.secret_access_key);
        if (r >= 0)
                r = secret_new(secret_reveal(from->session_token), &copy.session_token);
        if (r >= 0)
                r = text_copy(from->account_id, &copy.account_id);
        if (r >= 0)
                r = text_copy(from->origin, &copy.origin);
        if (r < 0)
                return r;

        *ret = copy;
        copy = (Credentials){ 0 };
        return 0;
}

bool credentials_equal(const Credentials *a, const Credentials *b) {
        return streq_null(a->access_key_id, b->access_key_id)
                        && secret_equal(a->secret_access_key, b->secret_access_key)
                        && secret_equal(a->session_token, b->session_token);
}

/* Anything else cannot be put into a header, and is most often what was pasted along with the key.
 */
static bool is_token(const char *text) {
        for (; *text; text++)
                if (*text <= ' ' || *text > '~')
                        return false;
        return true;
}

static int check(const char *value, const char *name, Buffer *ret_why) {
        int r;

        if (is_token(value))
                return 0;
        r = buffer_addf(ret_why, "%s contains a blank or a character that no key has", name);
        return r < 0 ? r : -EINVAL;
}

static int check_pair(const CredentialsText *text, const CredentialsNames *names, Buffer *ret_why) {
        bool no_key = is_blank(text->access_key_id), no_secret = is_blank(text->secret_access_key);
        int r;

        if (!no_key && !no_secret)
                return 0;
        if (no_key && no_secret)
                r = buffer_addf(ret_why, "%s and %s are missing", names->access_key_id,
                                names->secret_access_key);
        else
                r = buffer_addf(ret_why, "%s is missing, although %s is there",
                                no_key ? names->access_key_id : names->secret_access_key,
                                no_key ? names->secret_access_key : names->access_key_id);
        return r < 0 ? r : -EINVAL;
}

static int make(const CredentialsText *text, int64_t expires_usec, Credentials *ret) {
        _cleanup_credentials_ Credentials made = {
                .expires_usec = expires_usec,
                .may_outlive = text->may_outlive,
        };
        int r;

        r = text_copy(text->access_key_id, &made.access_key_id);
        if (r >= 0)
                r = secret_new(text->secret_access_key, &made.secret_access_key);
        if (r >= 0 && !is_blank(text->session_token))
                r = secret_new(text->session_token, &made.session_token);
        if (r >= 0 && !is_blank(text->account_id))
                r = text_copy(text->account_id, &made.account_id);
        if (r >= 0)
                r = text_copy(text->origin, &made.origin);
        if (r < 0)
                return r;

        *ret = made;
        made = (Credentials){ 0 };
        return 0;
}

int credentials_from_text(const CredentialsText *text,
                const CredentialsNames *names,
                Credentials *ret,
                Buffer *ret_why) {
        int64_t expires_usec = TIME_INFINITY;
        int r;

        r = check_pair(text, names, ret_why);
        if (r >= 0)
                r = check(text->access_key_id, names->access_key_id, ret_why);
        if (r >= 0)
                r = check(text->secret_access_key, names->secret_access_key, ret_why);
        if (r >= 0 && !is_blank(text->session_token))
                r = check(text->session_token, names->session_token, ret_why);
        if (r < 0)
                return r;

        if (!is_blank(text->expiration) && time_parse(text->expiration, &expires_usec, NULL) < 0) {
                r = buffer_addf(ret_why, "%s is no time such as 2026-01-02T15:04:05Z",
                                names->expiration);
                return r < 0 ? r : -EINVAL;
        }
        return make(text, expires_usec, ret);
}
