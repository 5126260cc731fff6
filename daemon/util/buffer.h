#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A growing run of bytes that stays NUL-terminated, with a limit for what hostile input may make of
 * it. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "util/macro.h"

typedef struct Buffer {
        char *data; /* NULL until the first byte; NUL-terminated after that */
        size_t length;
        size_t capacity;
        size_t limit; /* in bytes; 0 means none */
        bool failed; /* a growth failed; set once, see buffer_status() */
} Buffer;

/*
 * Each of these returns 0, -ENOMEM, or -EFBIG beyond the limit, with the buffer as it was. A
 * failure is also remembered, so that a run of appends may be checked once at its end by
 * buffer_status().
 */
int buffer_append(Buffer *buffer, const void *data, size_t length);
int buffer_add_char(Buffer *buffer, char c);
int buffer_addf(Buffer *buffer, const char *format, ...) _printf_(2, 3);

/* Here, so that the compiler counts what is written out in the sources. */
static inline int buffer_add(Buffer *buffer, const char *text) {
        return buffer_append(buffer, text, strlen(text));
}

/* 0 while every append has worked, -ENOMEM once one has failed. */
int buffer_status(const Buffer *buffer);

/* Whether any append of any buffer has failed for want of memory since the program began: for one
 * that prints, and has to say at its end that it may not have printed all. */
bool buffers_lost_text(void);

/* The text so far, "" for an empty buffer; owned by the buffer. */
const char *buffer_text(const Buffer *buffer);

/* Moves the text out to the caller, "" included; NULL when out of memory. */
char *buffer_steal(Buffer *buffer);

/* Forgets what was appended since it had that length, and that some of it did not fit. */
void buffer_truncate(Buffer *buffer, size_t length);

/* Forgets the contents and keeps the room. */
void buffer_clear(Buffer *buffer);

/* Frees the contents. */
void buffer_done(Buffer *buffer);

/* As buffer_done(), for contents that are secret: all of the room is overwritten first. */
void buffer_wipe(Buffer *buffer);

#define _cleanup_buffer_ _cleanup_(buffer_done)
