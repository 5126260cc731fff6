/* SPDX-License-Identifier: Apache-2.0 */

/* STS requests. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aws/sts-request.h"
#include "aws/uri.h"
#include "util/mem.h"

#define STS_VERSION "2011-06-15"

/* What a body has besides its values: names, version, number. */
#define FIXED_ROOM ((size_t) 256)

const char *sts_action_name(StsAction action) {
        static const char *const names[STS_ACTION_MAX] = {
                [STS_ASSUME_ROLE] = "AssumeRole",
                [STS_ASSUME_ROLE_WITH_WEB_IDENTITY] = "AssumeRoleWithWebIdentity",
        };

        assert(action < STS_ACTION_MAX);
        return names[action];
}

/* "-", "." , "_" and "~" stay, and a blank is %20: what all SDKs and SigV4 agree upon. */
static void add_member(Buffer *body, const char *name, const char *value, size_t length) {
        (void) buffer_addf(body, "&%s=", name);
        (void) uri_encode(body, value, length, false);
}

static void add_text(Buffer *body, const char *name, const char *value) {
        if (value)
                add_member(body, name, value, strlen(value));
}

/* Room for all of it, each byte as %XX: a buffer that grows leaves copies behind. */
static int reserve(const StsRequest *request, Buffer *body) {
        size_t values = strlen(request->role_arn) + strlen(request->session_name)
                        + (request->external_id ? strlen(request->external_id) : 0)
                        + request->token_length;

        return ARRAY_RESERVE(body->data, body->capacity, FIXED_ROOM + 3 * values);
}

int sts_request_write(const StsRequest *request, Buffer *ret) {
        int r;

        assert(request->role_arn && request->session_name && ret->length == 0);

        r = reserve(request, ret);
        if (r < 0)
                return r;

        (void) buffer_addf(ret, "Action=%s&Version=" STS_VERSION, sts_action_name(request->action));
        add_text(ret, "RoleArn", request->role_arn);
        add_text(ret, "RoleSessionName", request->session_name);
        if (request->token)
                add_member(ret, "WebIdentityToken", request->token, request->token_length);
        if (request->duration_sec > 0)
                (void) buffer_addf(ret, "&DurationSeconds=%u", (unsigned) request->duration_sec);
        add_text(ret, "ExternalId", request->external_id);
        return buffer_status(ret);
}
