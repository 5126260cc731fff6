#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* STS answers in XML, read with expat. Pure. */

#include <stddef.h>

#include "model/identifiers.h"

/*
 * GetCallerIdentityResponse/GetCallerIdentityResult/Account. 0, -ENOMEM, or -EBADMSG where the
 * answer is not well formed, is no such answer, or its account is not twelve digits. ret_arn (may
 * be NULL) is a new string, or NULL where absent.
 */
int sts_parse_caller_identity(const void *body,
                size_t length,
                AccountId *ret_account,
                char **ret_arn);
