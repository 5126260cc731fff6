/* SPDX-License-Identifier: Apache-2.0 */

/* Secrets. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "util/mem.h"
#include "util/secret.h"

struct Secret {
        size_t size;
        char text[];
};

int secret_new(const char *text, Secret **ret) {
        size_t size = text ? strlen(text) + 1 : 0;
        Secret *secret;

        if (!text) {
                *ret = NULL;
                return 0;
        }
        secret = malloc(sizeof(*secret) + size);
        if (!secret)
                return -ENOMEM;
        secret->size = size;
        memcpy(secret->text, text, size);

        *ret = secret;
        return 0;
}

const char *secret_reveal(const Secret *secret) {
        return secret ? secret->text : NULL;
}

bool secret_equal(const Secret *a, const Secret *b) {
        if (!a || !b)
                return a == b;
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

Secret *secret_free(Secret *secret) {
        if (secret)
                erase(secret->text, secret->size);
        free(secret);
        return NULL;
}

void secrets_protect(void) {
        /* Can only fail for values that do not exist. */
        (void) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

char *text_wipe(char *text) {
        if (text)
                erase(text, strlen(text));
        free(text);
        return NULL;
}
