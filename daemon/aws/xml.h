#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Small XML answers, read with expat
 *
 * Asked for the text at a few paths; everything else is skipped. A document type is refused, and
 * with it every entity of the document's own making.
 */

#include <stddef.h>

/* No answer of STS comes near these. */
#define XML_SIZE_MAX  ((size_t) 1024 * 1024)
#define XML_DEPTH_MAX 16

typedef struct XmlText {
        const char *path; /* "ErrorResponse/Error/Code", without name space prefixes */
        char *text; /* of the first such element, as it stands; NULL: there is none. May be a secret
                     */
} XmlText;

/* Fills in the texts, which must be NULL. 0; -ENOMEM or -EBADMSG (not well formed, over a limit)
 * with all of them NULL. */
int xml_read(const void *body, size_t length, XmlText *texts, size_t n);

/* Frees the texts, wiping them. */
void xml_texts_done(XmlText *texts, size_t n);
