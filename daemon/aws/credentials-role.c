/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a role, by AssumeRole
 *
 * Two steps each time: what another provider has, and with it the role's. Nothing of the first is
 * kept for the next time: whether it is still good is for that provider to know.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-source.h"
#include "aws/sts-call.h"
#include "util/mem.h"
#include "util/string-util.h"

typedef struct RoleProvider {
        CredentialsProvider provider; /* first: what callers hold is this */
        const CredentialsContext *context;
        CredentialsProvider *base;
        char *role_arn, *external_id, *session_name;
        uint32_t duration_sec;

        StsCall *call;
        char *passed_over; /* what base said beside its credentials */
        CredentialsCallback callback;
        void *userdata;
} RoleProvider;

static void on_role(int r, Credentials *credentials, const char *why, void *userdata) {
        RoleProvider *role = userdata;
        _cleanup_free_ char *passed_over = TAKE_PTR(role->passed_over);

        role->call = sts_call_free(role->call);
        /* The provider may be gone when this returns. */
        role->callback(r, credentials, r < 0 ? why : passed_over, role->userdata);
}

static int ask(RoleProvider *role, Credentials *base) {
        const CredentialsContext *context = role->context;
        _cleanup_free_ char *origin = NULL;
        StsCallOptions options = {
                .context = context,
                .request = { .action = STS_ASSUME_ROLE,
                                .role_arn = role->role_arn,
                                .session_name = role->session_name ? role->session_name
                                                                   : context->session_name,
                                .external_id = role->external_id,
                                .duration_sec = role->duration_sec },
                .callback = on_role,
                .userdata = role,
        };

        if (asprintf(&origin, "role %s, from %s", role->role_arn, base->origin) < 0) {
                origin = NULL;
                return -ENOMEM;
        }
        options.origin = origin;
        return sts_call_new(&options, base, &role->call);
}

static void on_base(int r, Credentials *credentials, const char *why, void *userdata) {
        _cleanup_credentials_ Credentials base = { 0 };
        RoleProvider *role = userdata;

        if (r < 0) {
                role->callback(r, NULL, why, role->userdata);
                return;
        }
        base = *credentials;
        *credentials = (Credentials){ 0 };

        if (why) {
                role->passed_over = strdup(why);
                if (!role->passed_over)
                        r = -ENOMEM;
        }
        if (r >= 0)
                r = ask(role, &base);
        if (r < 0)
                on_role(r, NULL, strerror(-r), role);
}

static int role_fetch(CredentialsProvider *provider, CredentialsCallback callback, void *userdata) {
        RoleProvider *role = (RoleProvider *) provider;

        assert(!role->call);

        role->callback = callback;
        role->userdata = userdata;
        return credentials_fetch(role->base, on_base, role);
}

static void role_free(CredentialsProvider *provider) {
        RoleProvider *role = (RoleProvider *) provider;

        (void) sts_call_free(role->call);
        (void) credentials_provider_free(role->base);
        free(role->role_arn);
        free(role->external_id);
        free(role->session_name);
        free(role->passed_over);
        free(role);
}

int credentials_role_new(const CredentialsContext *context,
                const AssumedRole *role,
                CredentialsProvider *base,
                CredentialsProvider **ret) {
        RoleProvider *made;
        int r;

        assert(context && role && role->role_arn && base && ret);

        made = malloc(sizeof(*made));
        if (!made) {
                (void) credentials_provider_free(base);
                return -ENOMEM;
        }
        *made = (RoleProvider){
                .provider = { .name = "role", .fetch = role_fetch, .free = role_free },
                .context = context,
                .base = base,
                .duration_sec = role->duration_sec,
        };
        r = text_copy(role->role_arn, &made->role_arn);
        if (r >= 0)
                r = text_copy(role->external_id, &made->external_id);
        if (r >= 0)
                r = text_copy(role->session_name, &made->session_name);
        if (r < 0) {
                role_free(&made->provider);
                return r;
        }

        *ret = &made->provider;
        return 0;
}
