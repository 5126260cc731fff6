#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Secrets: text that no message can take in
 *
 * A Secret is no string to the compiler, so that %s of it does not build; its text is asked for by
 * name where it is signed with or sent, and nowhere else. Wiped when freed.
 */

#include <stdbool.h>

#include "util/macro.h"

typedef struct Secret Secret;

/* A copy of text. 0 or -ENOMEM; text NULL gives NULL. */
int secret_new(const char *text, Secret **ret);

/* The text, owned by the secret; NULL for NULL. Not for messages. */
const char *secret_reveal(const Secret *secret);

/* Either may be NULL. */
bool secret_equal(const Secret *a, const Secret *b);

/*
 * Keeps this process out of core dumps, and other users' debuggers out of it (prctl(2),
 * PR_SET_DUMPABLE): for the first line of a program that holds secrets.
 */
void secrets_protect(void);

Secret *secret_free(Secret *secret);
DEFINE_CLEANUP(Secret, secret_free)

/* Frees a string that holds a secret, wiping it first; NULL is fine. Returns NULL. */
char *text_wipe(char *text);

static inline void text_wipep(char **text) {
        (void) text_wipe(*text);
}
