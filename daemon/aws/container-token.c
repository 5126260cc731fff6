/* SPDX-License-Identifier: Apache-2.0 */

/* The token that a container shows to whom it asks for credentials. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aws/container-token.h"
#include "util/mem.h"

/* What no header can have; NULL: it can have all of it. */
static const char *problem_of(const char *token, size_t length) {
        if (length == 0)
                return "is empty";
        for (size_t i = 0; i < length; i++) {
                if (token[i] == '\r' || token[i] == '\n')
                        return "contains a line break";
                if (token[i] < ' ' || token[i] > '~')
                        return "contains a character that no header has";
        }
        return NULL;
}

int container_token_header(const char *token,
                size_t length,
                const char *variable,
                Buffer *ret,
                Buffer *ret_why) {
        static const char name[] = "Authorization: ";
        const char *problem = problem_of(token, length);
        int r;

        assert(ret->length == 0);

        if (problem) {
                r = buffer_addf(ret_why, "the token of %s %s", variable, problem);
                return r < 0 ? r : -EINVAL;
        }
        /* In one piece: what grows leaves copies behind. */
        if (ARRAY_RESERVE(ret->data, ret->capacity, strlen(name) + length + 1) < 0
                        || buffer_add(ret, name) < 0)
                return -ENOMEM;
        return buffer_append(ret, token, length);
}
