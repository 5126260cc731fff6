/* SPDX-License-Identifier: Apache-2.0 */

/* The headers of an answer: of all that a server sends, those that somebody asks for are kept. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/http-answer.h"
#include "util/mem.h"

/* Longer values are none of AWS's. */
#define HEADER_VALUE_MAX ((size_t) 1024)

static const struct {
        const char *name;
        size_t offset;
} kept_headers[] = {
        { "x-amzn-errortype", offsetof(HttpAnswer, error_type) },
        { "x-amzn-requestid", offsetof(HttpAnswer, request_id) },
        { "date", offsetof(HttpAnswer, date) },
        { "retry-after", offsetof(HttpAnswer, retry_after) },
        { "x-amz-retry-after", offsetof(HttpAnswer, x_amz_retry_after) },
};

static char **kept_header(HttpAnswer *answer, size_t i) {
        return (char **) (void *) ((char *) answer + kept_headers[i].offset);
}

/* Codes and request ids end in logs and JSON, where only text has a place. */
static void make_printable(char *text) {
        for (; *text; text++)
                if (*text < 0x20 || *text > 0x7e)
                        *text = '?';
}

void http_answer_forget_headers(HttpAnswer *answer) {
        for (size_t i = 0; i < ELEMENTSOF(kept_headers); i++) {
                free(*kept_header(answer, i));
                *kept_header(answer, i) = NULL;
        }
}

int http_answer_keep_header(HttpAnswer *answer, const char *line, size_t length) {
        const char *colon = memchr(line, ':', length), *value, *end;

        if (!colon)
                return 0;
        /* Behind a NUL is nothing that a string could hold; nor is NUL one of the blanks, as
         * strchr() has it. */
        end = colon + strnlen(colon, length - (size_t) (colon - line));
        for (value = colon + 1; value < end && strchr(" \t", *value); value++)
                ;
        while (end > value && strchr(" \t\r\n", end[-1]))
                end--;
        if ((size_t) (end - value) > HEADER_VALUE_MAX)
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(kept_headers); i++) {
                char **kept = kept_header(answer, i);
                size_t n = strlen(kept_headers[i].name);

                if ((size_t) (colon - line) != n || strncasecmp(line, kept_headers[i].name, n) != 0
                                || *kept)
                        continue;
                *kept = strndup(value, (size_t) (end - value));
                if (!*kept)
                        return -ENOMEM;
                make_printable(*kept);
                return 0;
        }
        return 0;
}
