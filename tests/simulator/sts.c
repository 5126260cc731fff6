/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The part of STS that a client needs to find out who it is, and to become somebody else
 *
 * The query protocol: parameters in a form, answers in XML. Session tokens are long and contain
 * "+",
 * "/" and "=", like real ones, so that a client that cuts or mangles them is found out.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "operation.h"

#define SESSION_SECONDS_MIN     900
#define SESSION_SECONDS_MAX     43200
#define SESSION_SECONDS_DEFAULT 3600
#define SESSIONS_MAX            100000

static void begin(Call *c) {
        buffer_printf(&c->answer.body,
                        "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  "
                        "<%sResult>\n",
                        c->operation->name, c->operation->name);
        c->answer.content_type = "text/xml";
        c->answer.status = 200;
}

static void element(Call *c, const char *name, const char *text) {
        Buffer *b = &c->answer.body;

        buffer_printf(b, "    <%s>", name);
        buffer_xml_text(b, text);
        buffer_printf(b, "</%s>\n", name);
}

static void end(Call *c) {
        buffer_printf(&c->answer.body,
                        "  </%sResult>\n  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n"
                        "  </ResponseMetadata>\n</%sResponse>\n",
                        c->operation->name, c->request_id, c->operation->name);
}

void run_get_caller_identity(Call *c) {
        begin(c);
        element(c, "Arn", c->key->arn);
        element(c, "UserId", c->key->user_id);
        element(c, "Account", c->key->account);
        end(c);
}

static void fail_parameter(Call *c, const char *what, const char *name) {
        _cleanup_(buffer_done) Buffer message = { 0 };

        buffer_printf(&message, "1 validation error detected: Value at '%s' %s", name, what);
        call_fail(c,
                        &(Problem){ .status = 400,
                                        .code = "ValidationError",
                                        .message = message.data });
}

static const char *required(Call *c, const char *name) {
        const char *value = pairs_get(&c->form, name);

        if (value && *value)
                return value;
        fail_parameter(c, "failed to satisfy constraint: Member must not be null", name);
        return NULL;
}

static bool is_session_name(const char *name) {
        static const char letters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
        size_t n = strspn(name, letters);

        return n >= 2 && n <= 64 && !name[n];
}

/* arn:aws:iam::111122223333:role/path/name */
static bool role_account(const char *arn, char ret[ACCOUNT_ID_SIZE]) {
        static const char prefix[] = "arn:aws:iam::";
        const char *rest = arn + sizeof(prefix) - 1;

        if (strncmp(arn, prefix, sizeof(prefix) - 1) != 0
                        || strspn(rest, "0123456789") != ACCOUNT_ID_SIZE - 1
                        || strncmp(rest + ACCOUNT_ID_SIZE - 1, ":role/", 6) != 0
                        || !rest[ACCOUNT_ID_SIZE + 5])
                return false;
        (void) snprintf(ret, ACCOUNT_ID_SIZE, "%.12s", rest);
        return true;
}

/* Long enough to be annoying, like the real ones. */
static char *new_token(void) {
        uint8_t noise[600];
        char *token = NULL;

        do {
                free(token);
                if (RAND_bytes(noise, sizeof(noise) - 1) != 1)
                        abort();
                token = base64_encode(noise, sizeof(noise) - 1);
        } while (!strchr(token, '+') || !strchr(token, '/'));
        return token;
}

static void new_id(const char *prefix, char ret[21]) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        uint8_t noise[16];

        if (RAND_bytes(noise, sizeof(noise)) != 1)
                abort();
        memcpy(ret, prefix, 4);
        for (size_t i = 0; i < sizeof(noise); i++)
                ret[4 + i] = letters[noise[i] & 31];
        ret[20] = '\0';
}

static Key *new_session(Call *c,
                const char *role_arn,
                const char *account,
                const char *session,
                long seconds) {
        const Role *role = world_role(c->world, role_arn);
        const char *role_name = strrchr(role_arn, '/') + 1;
        char id[21], role_id[21];
        uint8_t noise[30];
        Buffer arn = { 0 }, user_id = { 0 };
        Key *key;

        new_id("ASIA", id);
        new_id("AROA", role_id);
        if (RAND_bytes(noise, sizeof(noise)) != 1)
                abort();

        key = world_add_key(c->world, id);
        key->secret = base64_encode(noise, sizeof(noise));
        key->session_token = new_token();
        key->expires = time_wall() + seconds * USEC_PER_SEC;
        memcpy(key->account, account, ACCOUNT_ID_SIZE);
        buffer_printf(&arn, "arn:aws:sts::%s:assumed-role/%s/%s", account, role_name, session);
        buffer_printf(&user_id, "%s:%s", role_id, session);
        key->arn = arn.data;
        key->user_id = user_id.data;
        if (role)
                key->denied = denied_copy(role->denied);
        return key;
}

/* Returns -1, and answers, if the duration is none that STS would take. */
static long session_seconds(Call *c) {
        const char *asked = pairs_get(&c->form, "DurationSeconds");
        long seconds = asked ? strtol(asked, NULL, 10) : SESSION_SECONDS_DEFAULT;

        if (seconds < SESSION_SECONDS_MIN || seconds > SESSION_SECONDS_MAX) {
                fail_parameter(c,
                                "failed to satisfy constraint: Member must have value between 900 "
                                "and 43200",
                                "durationSeconds");
                return -1;
        }
        return c->world->settings.session_seconds > 0 ? (long) c->world->settings.session_seconds
                                                      : seconds;
}

static void answer_session(Call *c, const Key *key, const char *provider) {
        char expires[32];

        time_format(key->expires, TIME_ISO, expires, sizeof(expires));
        begin(c);
        buffer_text(&c->answer.body, "    <AssumedRoleUser>\n");
        element(c, "AssumedRoleId", key->user_id);
        element(c, "Arn", key->arn);
        buffer_text(&c->answer.body, "    </AssumedRoleUser>\n    <Credentials>\n");
        element(c, "AccessKeyId", key->id);
        element(c, "SecretAccessKey", key->secret);
        element(c, "SessionToken", key->session_token);
        element(c, "Expiration", expires);
        buffer_text(&c->answer.body, "    </Credentials>\n");
        if (provider)
                element(c, "Provider", provider);
        end(c);
}

/* A role exists if its account does; a seed can say more about it. */
static void assume(Call *c, const char *principal, const char *secret_name, const char *provider) {
        const char *arn = required(c, "RoleArn");
        const char *session = arn ? required(c, "RoleSessionName") : NULL;
        const char *secret = pairs_get(&c->form, secret_name), *wanted = NULL;
        char account[ACCOUNT_ID_SIZE];
        const Role *role;
        long seconds;

        if (!session)
                return;
        if (!role_account(arn, account) || !is_session_name(session)) {
                fail_parameter(c, "is invalid",
                                is_session_name(session) ? "roleArn" : "roleSessionName");
                return;
        }

        role = world_role(c->world, arn);
        if (role)
                wanted = provider ? role->web_identity_token : role->external_id;
        if (!world_account(c->world, account)
                        || (wanted && (!secret || strcmp(wanted, secret) != 0))
                        || c->world->keys.n >= SESSIONS_MAX) {
                _cleanup_(buffer_done) Buffer action = { 0 };

                buffer_printf(&action, "sts:%s", c->operation->name);
                call_fail_denied(c, principal, action.data, arn);
                return;
        }

        seconds = session_seconds(c);
        if (seconds >= 0)
                answer_session(c, new_session(c, arn, account, session, seconds), provider);
}

void run_assume_role(Call *c) {
        assume(c, c->key->arn, "ExternalId", NULL);
}

void run_assume_role_with_web_identity(Call *c) {
        if (required(c, "WebIdentityToken"))
                assume(c, "anonymous", "WebIdentityToken", "simulator.example");
}
