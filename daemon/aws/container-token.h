#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The token that a container shows to whom it asks for credentials
 *
 * Pure. It goes into a header as it is, so what would end the header, or begin another, is refused.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */

#include <stddef.h>

#include "util/buffer.h"

/*
 * Writes the line "Authorization: TOKEN" into ret, which must be empty, and is the caller's to
 * wipe; no other copy is left in memory. `variable` is where the token is from. 0, -ENOMEM, or
 * -EINVAL with ret_why.
 */
int container_token_header(const char *token,
                size_t length,
                const char *variable,
                Buffer *ret,
                Buffer *ret_why);
