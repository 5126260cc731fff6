#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The headers of an answer, as they come in. For http.c alone. */

#include <stddef.h>

#include "aws/http.h"

/* Takes a header's line, kept or not: "Name: value" up to its line end. Of several alike the first
 * counts. 0 or -ENOMEM. */
int http_answer_keep_header(HttpAnswer *answer, const char *line, size_t length);

/* Frees those that were kept. */
void http_answer_forget_headers(HttpAnswer *answer);
