/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Text that grows, and the encodings that go into it
 *
 * A page of the listing holds a thousand records, and a test asks for a thousand pages: answers are
 * appended to a buffer here instead of being built as trees of values first.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "util.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char hex_digits[] = "0123456789abcdef";

/* Returns room for n more bytes and a NUL; the caller counts what it wrote into b->n. */
char *buffer_extend(Buffer *b, size_t n) {
        size_t wanted = b->n + n + 1;

        if (wanted > b->size) {
                size_t size = b->size * 2 > wanted ? b->size * 2 : wanted + 128;

                b->data = xrealloc(b->data, size, 1);
                b->size = size;
        }
        return b->data + b->n;
}

void buffer_append(Buffer *b, const void *data, size_t n) {
        char *to = buffer_extend(b, n);

        if (n > 0)
                memcpy(to, data, n);
        to[n] = '\0';
        b->n += n;
}

void buffer_text(Buffer *b, const char *text) {
        buffer_append(b, text, strlen(text));
}

void buffer_printf(Buffer *b, const char *format, ...) {
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0)
                return;

        (void) buffer_extend(b, (size_t) n);
        va_start(args, format);
        (void) vsnprintf(b->data + b->n, (size_t) n + 1, format, args);
        va_end(args);
        b->n += (size_t) n;
}

static void json_escape(Buffer *b, unsigned char c) {
        static const char short_forms[128] = {
                ['"'] = '"',
                ['\\'] = '\\',
                ['\n'] = 'n',
                ['\r'] = 'r',
                ['\t'] = 't',
        };
        char text[] = { '\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 0x0f] };

        if (short_forms[c]) {
                text[1] = short_forms[c];
                buffer_append(b, text, 2);
        } else
                buffer_append(b, text, sizeof(text));
}

/* Returns the length of the character that begins here, 0 if none does. */
static size_t utf8_length(const char *text) {
        const unsigned char *p = (const unsigned char *) text;
        size_t n = *p < 0x80        ? 1
                        : *p < 0xc2 ? 0
                        : *p < 0xe0 ? 2
                        : *p < 0xf0 ? 3
                        : *p < 0xf5 ? 4
                                    : 0;

        for (size_t i = 1; i < n; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;

        /* Overlong forms, surrogates, and what is past the last character. */
        if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f)
                        || (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
                return 0;
        return n;
}

/* What a client sends comes back in messages and in the log: neither may become unreadable by it.
 */
void buffer_json_string(Buffer *b, const char *text) {
        const char *plain = text;
        size_t n;

        buffer_append(b, "\"", 1);
        for (; *text; text += n) {
                unsigned char c = (unsigned char) *text;

                n = utf8_length(text);
                if (n > 0 && c >= 0x20 && c != '"' && c != '\\')
                        continue;

                buffer_append(b, plain, (size_t) (text - plain));
                if (n == 0)
                        buffer_text(b, REPLACEMENT);
                else
                        json_escape(b, c);
                n = 1;
                plain = text + n;
        }
        buffer_append(b, plain, (size_t) (text - plain));
        buffer_append(b, "\"", 1);
}

/* One member of an object, with a comma unless it is the first. NULL leaves the member out. */
void buffer_json_member(Buffer *b, const char *name, const char *text) {
        if (!text)
                return;
        if (b->n > 0 && b->data[b->n - 1] != '{')
                buffer_append(b, ",", 1);
        buffer_json_string(b, name);
        buffer_append(b, ":", 1);
        buffer_json_string(b, text);
}

/* Seconds with a fraction, as the service writes them. The name is one of ours: nothing to escape.
 * Digit by digit, as a page of a thousand records has three thousand of these. */
void buffer_json_time(Buffer *b, const char *name, usec_t when) {
        uint64_t msec = when > 0 ? (uint64_t) when / 1000 : 0;
        char text[24], *digit = text + sizeof(text);

        for (int i = 0; i < 3; i++, msec /= 10)
                *--digit = (char) ('0' + msec % 10);
        *--digit = '.';
        do {
                *--digit = (char) ('0' + msec % 10);
                msec /= 10;
        } while (msec > 0);

        buffer_text(b, ",\"");
        buffer_text(b, name);
        buffer_text(b, "\":");
        buffer_append(b, digit, (size_t) (text + sizeof(text) - digit));
}

/* XML 1.0 has no way at all to write most control characters: they are left out. */
void buffer_xml_text(Buffer *b, const char *text) {
        static const char *const entities[128] = {
                ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;"
        };
        size_t n;

        for (; *text; text += n ? n : 1) {
                unsigned char c = (unsigned char) *text;

                n = utf8_length(text);
                if (n == 0)
                        buffer_text(b, REPLACEMENT);
                else if (n == 1 && entities[c])
                        buffer_text(b, entities[c]);
                else if (c >= 0x20 || c == '\n')
                        buffer_append(b, text, n);
        }
}

void buffer_done(Buffer *b) {
        free(b->data);
        *b = (Buffer){ 0 };
}

/* Writes 2n digits and a NUL. */
void hex_encode(const uint8_t *data, size_t n, char *ret) {
        for (size_t i = 0; i < n; i++) {
                *ret++ = hex_digits[data[i] >> 4];
                *ret++ = hex_digits[data[i] & 0x0f];
        }
        *ret = '\0';
}

char *base64_encode(const uint8_t *data, size_t n) {
        char *text = xcalloc((n + 2) / 3 * 4 + 1, 1);

        (void) EVP_EncodeBlock((unsigned char *) text, data, (int) n);
        return text;
}

int base64_decode(const char *text, uint8_t *ret, size_t size, size_t *ret_n) {
        size_t n = strlen(text), padding;
        uint8_t block[768];
        int decoded;

        if (n == 0 || n % 4 != 0 || n / 4 * 3 > sizeof(block))
                return -EINVAL;

        padding = (size_t) (text[n - 1] == '=') + (size_t) (text[n - 2] == '=');
        decoded = EVP_DecodeBlock(block, (const unsigned char *) text, (int) n);
        if (decoded < 0 || (size_t) decoded < padding || (size_t) decoded - padding > size)
                return -EINVAL;

        *ret_n = (size_t) decoded - padding;
        memcpy(ret, block, *ret_n);
        return 0;
}

static int hex_value(char c) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *found = c ? strchr(digits, c) : NULL;

        return found ? (int) ((found - digits) & 0x0f) : -1;
}

/* An encoded NUL would end the text early and hide the rest, so it decodes to a question mark. */
char *percent_decode(const char *text, size_t n, bool plus_is_space) {
        char *decoded = xcalloc(n + 1, 1), *to = decoded;

        for (size_t i = 0; i < n; i++) {
                int high = i + 2 < n ? hex_value(text[i + 1]) : -1;
                int low = i + 2 < n ? hex_value(text[i + 2]) : -1;

                if (text[i] == '%' && high >= 0 && low >= 0) {
                        *to++ = (char) (high + low > 0 ? high << 4 | low : '?');
                        i += 2;
                } else
                        *to++ = plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
        return decoded;
}

static bool unreserved(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                        || c == '-' || c == '_' || c == '.' || c == '~';
}

/* URI encoding as Signature Version 4 wants it: upper case digits, a space as %20. */
void percent_encode(Buffer *b, const char *text, size_t n, bool keep_slash) {
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char) text[i];

                if (unreserved(text[i]) || (keep_slash && c == '/'))
                        buffer_append(b, &text[i], 1);
                else
                        buffer_printf(b, "%%%02X", c);
        }
}
