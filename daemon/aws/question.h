#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Questions: one request to a server that hands out credentials, tried again as retry.h says
 *
 * Such requests may be repeated at will. They have a queue and a pace of their own, which is none.
 */

#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/retry.h"
#include "util/macro.h"

/* Metadata, container and STS answers are of a few KiB. */
#define QUESTION_ANSWER_MAX ((size_t) 256 * 1024)

typedef struct Question Question;

typedef struct QuestionOptions {
        const CredentialsContext *context; /* event, http, retry */
        unsigned max_attempts; /* 0: the context's */
        /* Writes one attempt into request, which is empty but for answer_max; what it borrows must
         * stay until the attempt has ended (HttpRequest says what). 0, or a negative errno that
         * ends the question: with the answer of the attempt before, or as TRANSPORT_CONNECTION,
         * unsent. */
        int (*prepare)(HttpRequest *request, void *userdata);
        /* May the answer be another one next time? NULL: question_classify(). */
        RetryClass (*classify)(const HttpAnswer *answer, void *userdata);
        /* Once, from the event loop, with the last answer, whatever it is; the question may be
         * freed in it. The body is wiped behind it. */
        void (*answered)(const HttpAnswer *answer, void *userdata);
        void *userdata;
} QuestionOptions;

/* 0 or a negative errno with nothing begun. Options are copied. Freeing drops what is under way. */
int question_new(const QuestionOptions *options, Question **ret);
Question *question_free(Question *question);

/* Transport errors, 429 and 5xx are worth another try. */
RetryClass question_classify(const HttpAnswer *answer);

/* One line for people about an answer that is no credentials: the transport's words, or "HTTP 404".
 * 0 or -ENOMEM. */
int question_describe(const HttpAnswer *answer, Buffer *ret);

DEFINE_CLEANUP(Question, question_free)
