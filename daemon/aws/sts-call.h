#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One question to STS that is answered with credentials
 *
 * Signed anew at each attempt, or not at all where a token stands for the signature. A wrong clock
 * is put right on the way, once.
 */

#include "aws/credentials.h"
#include "aws/sts-request.h"
#include "util/macro.h"

typedef struct StsCall StsCall;

typedef struct StsCallOptions {
        const CredentialsContext *context;
        StsRequest request; /* borrowed for sts_call_new() */
        const char *origin; /* of the credentials to come, for people; copied */
        /* Once, from the event loop: 0, -ENOMEM, -EIO (no answer of STS), -EINVAL (a refusal, or an
         * answer that makes no sense). The call may be freed in it. */
        CredentialsCallback callback;
        void *userdata;
} StsCallOptions;

/*
 * base signs, and becomes the call's own unless it fails early, to be wiped as soon as the answer
 * is there; NULL: the request is not signed. 0 or a negative errno with nothing begun. Freeing
 * drops what is under way.
 */
int sts_call_new(const StsCallOptions *options, Credentials *base, StsCall **ret);
StsCall *sts_call_free(StsCall *call);

DEFINE_CLEANUP(StsCall, sts_call_free)
