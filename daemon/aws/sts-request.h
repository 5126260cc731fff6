#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * STS requests: the forms of the query protocol
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * Pure. What a member may hold is for STS to say: its rules have been relaxed before.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/buffer.h"

typedef enum StsAction {
        STS_ASSUME_ROLE,
        STS_ASSUME_ROLE_WITH_WEB_IDENTITY,
        STS_ACTION_MAX
} StsAction;

/* "AssumeRole", … */
const char *sts_action_name(StsAction action);

#define STS_CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"

typedef struct StsRequest {
        StsAction action;
        const char *role_arn;
        const char *session_name;
        const char *external_id; /* NULL: none */
        const char *token; /* NULL: none. As it is, whatever bytes it has */
        size_t token_length;
        uint32_t duration_sec; /* 0: not said */
} StsRequest;

/*
 * Writes the body of a request into ret, which must be empty. With a token in it, it is the
 * caller's to wipe, and no other copy is left in memory. 0 or -ENOMEM.
 */
int sts_request_write(const StsRequest *request, Buffer *ret);
