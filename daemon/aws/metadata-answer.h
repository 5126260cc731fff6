#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What metadata services and container endpoints answer
 *
 * The same form from both: credentials, or an error with a code and a message.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 */

#include "aws/credentials.h"
#include "aws/http.h"
#include "util/buffer.h"

/* As question_classify(); and an answer that is no JSON object was cut short, or comes from
 * something that is still starting. */
RetryClass metadata_classify(const HttpAnswer *answer, void *userdata);

/*
 * Makes credentials of the last answer; origin is copied. 0; -ENOMEM; -EHOSTUNREACH: no answer, or
 * one of a server in trouble; -EINVAL: an answer that has none. The last two with ret_why: one
 * printable line in the server's own words, where it has any.
 */
int metadata_credentials(const HttpAnswer *answer,
                const char *origin,
                Credentials *ret,
                Buffer *ret_why);

/* Says what came instead of the answer that was wanted: 0 or -ENOMEM. */
int metadata_describe(const HttpAnswer *answer, Buffer *ret_why);

/* -EHOSTUNREACH or -EINVAL, as above, for an answer that is not what was wanted. */
int metadata_error(const HttpAnswer *answer);
