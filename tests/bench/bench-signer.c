/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How fast a start request is signed, on one core
 *
 *     bench-signer COUNT
 *
 * The request is what the client signs: four headers, the body of a start, the key of the day
 * kept. Body and invocation id differ from one request to the next, so that nothing but the key
 * can be kept. Prints {"count", "seconds"}, seconds of CPU.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/sigv4.h"
#include "util/time.h"

#define REQUESTS 1024 /* different ones, gone through again and again */

typedef struct Prepared {
        char body[96];
        char invocation_id[37];
} Prepared;

static void prepare(Prepared *requests) {
        for (int i = 0; i < REQUESTS; i++) {
                (void) snprintf(requests[i].body, sizeof(requests[i].body),
                                "{\"destinationAccount\":\"%012d\","
                                "\"destinationRegion\":\"eu-central-1\"}",
                                i);
                (void) snprintf(requests[i].invocation_id, sizeof(requests[i].invocation_id),
                                "b7d1e2f3-0000-4000-8000-%012x", (unsigned) i);
        }
}

static int sign(Signer *signer, const Prepared *prepared, int64_t time_usec, Signature *signature) {
        const Pair headers[] = {
                { "Host", "auditmanager.us-east-1.amazonaws.com" },
                { "amz-sdk-invocation-id", prepared->invocation_id },
                { "amz-sdk-request", "attempt=1; max=3" },
                { "Content-Type", "application/json" },
        };
        const SigningRequest request = {
                .method = "POST",
                .path = "/assessmentFrameworks/a1b2c3d4-5678-90ab-cdef-1234567890ab/shareRequests",
                .headers = headers,
                .n_headers = ELEMENTSOF(headers),
                .body = prepared->body,
                .body_length = strlen(prepared->body),
                .region = "us-east-1",
                .service = "auditmanager",
                .time_usec = time_usec,
        };
        const SigningCredentials credentials = {
                .access_key_id = "AKIAIOSFODNN7EXAMPLE",
                .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        };

        return signer_sign(signer, &request, &credentials, signature);
}

int main(int argc, char **argv) {
        static Prepared requests[REQUESTS];
        _cleanup_(signer_freep) Signer *signer = NULL;
        long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
        Signature signature = { 0 };
        clock_t begun, spent;

        if (count <= 0 || signer_new(&signer) < 0)
                return EXIT_FAILURE;
        prepare(requests);

        begun = clock();
        for (long i = 0; i < count; i++)
                if (sign(signer, &requests[i % REQUESTS], 1767225600 * USEC_PER_SEC + i, &signature)
                                < 0)
                        return EXIT_FAILURE;
        spent = clock() - begun;

        (void) printf("{\"count\": %ld, \"seconds\": %.6f}\n", count,
                        (double) spent / CLOCKS_PER_SEC);
        signature_done(&signature);
        return EXIT_SUCCESS;
}
