#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers in XML, read with expat. Pure. */

#include <stddef.h>

#include "aws/credentials.h"
#include "aws/sts-request.h"
#include "model/identifiers.h"
#include "util/buffer.h"

/*
 * GetCallerIdentityResponse/GetCallerIdentityResult/Account. 0, -ENOMEM, or -EBADMSG where the
 * answer is not well formed, is no such answer, or its account is not twelve digits. ret_arn (may
 * be NULL) is a new string, or NULL where absent.
 */
int sts_parse_caller_identity(const void *body,
                size_t length,
                AccountId *ret_account,
                char **ret_arn);

/*
 * The credentials of an AssumeRoleResponse or AssumeRoleWithWebIdentityResponse; their account is
 * that of AssumedRoleUser/Arn, where there is one. origin is for people, and copied. 0; -ENOMEM;
 * -EBADMSG with a phrase that quotes no value: not well formed, another answer, credentials that
 * cannot be used or that never expire.
 */
int sts_parse_credentials(StsAction action,
                const void *body,
                size_t length,
                const char *origin,
                Credentials *ret,
                Buffer *ret_why);
