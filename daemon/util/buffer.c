/* SPDX-License-Identifier: Apache-2.0 */

/* A growing run of bytes. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/mem.h"

static bool lost_text;

static int fail(Buffer *buffer, int error) {
        buffer->failed = true;
        lost_text |= error == -ENOMEM;
        return error;
}

static int grow(Buffer *buffer, size_t more) {
        size_t want = buffer->length + more + 1;

        if (want < buffer->length)
                return fail(buffer, -ENOMEM);
        if (buffer->limit > 0 && want - 1 > buffer->limit)
                return fail(buffer, -EFBIG);
        if (ARRAY_RESERVE(buffer->data, buffer->capacity, want) < 0)
                return fail(buffer, -ENOMEM);
        return 0;
}

/* Nearly always there is room already. */
static inline int reserve(Buffer *buffer, size_t more) {
        if (more < buffer->capacity - buffer->length
                        && (buffer->limit == 0 || more <= buffer->limit - buffer->length))
                return 0;
        return grow(buffer, more);
}

int buffer_append(Buffer *buffer, const void *data, size_t length) {
        int r;

        r = reserve(buffer, length);
        if (r < 0)
                return r;

        if (length > 0)
                memcpy(buffer->data + buffer->length, data, length);
        buffer->length += length;
        buffer->data[buffer->length] = '\0';
        return 0;
}

int buffer_add_char(Buffer *buffer, char c) {
        int r;

        r = reserve(buffer, 1);
        if (r < 0)
                return r;

        buffer->data[buffer->length++] = c;
        buffer->data[buffer->length] = '\0';
        return 0;
}

int buffer_addf(Buffer *buffer, const char *format, ...) {
        va_list args;
        int n, r;

        va_start(args, format);
        n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0)
                return fail(buffer, -EINVAL);

        r = reserve(buffer, (size_t) n);
        if (r < 0)
                return r;

        va_start(args, format);
        (void) vsnprintf(buffer->data + buffer->length, (size_t) n + 1, format, args);
        va_end(args);
        buffer->length += (size_t) n;
        return 0;
}

bool buffers_lost_text(void) {
        return lost_text;
}

int buffer_status(const Buffer *buffer) {
        return buffer->failed ? -ENOMEM : 0;
}

const char *buffer_text(const Buffer *buffer) {
        return buffer->data ? buffer->data : "";
}

char *buffer_steal(Buffer *buffer) {
        char *text = buffer->data;

        if (!text)
                text = strdup("");
        *buffer = (Buffer){ .limit = buffer->limit };
        return text;
}

void buffer_truncate(Buffer *buffer, size_t length) {
        buffer->length = length;
        buffer->failed = false;
        if (buffer->data)
                buffer->data[length] = '\0';
}

void buffer_clear(Buffer *buffer) {
        buffer_truncate(buffer, 0);
}

void buffer_done(Buffer *buffer) {
        free(buffer->data);
        *buffer = (Buffer){ .limit = buffer->limit };
}

void buffer_wipe(Buffer *buffer) {
        erase(buffer->data, buffer->capacity);
        buffer_done(buffer);
}
