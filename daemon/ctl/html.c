/* SPDX-License-Identifier: Apache-2.0 */

/* HTML, written as it goes. */

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "ctl/html.h"
#include "util/time.h"

/* No name or message is longer than this on a page. */
#define NAME_MAX_CHARACTERS 300

#define DASH "<span class=none>\xe2\x80\x93</span>"

/* Stands for what must not be shown, so that a reader sees that something was there. */
#define REPLACEMENT "\xef\xbf\xbd"

void html_raw(FILE *file, const char *markup) {
        (void) fputs(markup, file);
}

void html_rawf(FILE *file, const char *format, ...) {
        va_list args;

        va_start(args, format);
        (void) vfprintf(file, format, args);
        va_end(args);
}

/*
 * Characters that are not seen but change what is: those that turn or isolate a direction (the
 * trick of CVE-2021-42574), that break lines, join or have no width, tags, and surrogates. Beyond
 * them, what Unicode calls a control character. HTML itself forbids the last row of each plane.
 */
static bool is_hidden(wchar_t c) {
        static const struct {
                wchar_t first, last;
        } ranges[] = {
                { 0x00, 0x1f },
                { 0x7f, 0x9f },
                { 0xad, 0xad },
                { 0x61c, 0x61c },
                { 0x115f, 0x1160 },
                { 0x180e, 0x180e },
                { 0x200b, 0x200f },
                { 0x2028, 0x202e },
                { 0x2060, 0x206f },
                { 0x3164, 0x3164 },
                { 0xd800, 0xdfff },
                { 0xfdd0, 0xfdef },
                { 0xfeff, 0xfeff },
                { 0xffa0, 0xffa0 },
                { 0xfff9, 0xfffb },
                { 0xe0000, 0xe0fff },
        };

        /* The C library decodes what was UTF-8 before RFC 3629, of up to six bytes. */
        if (c > 0x10ffff)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(ranges); i++)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return (c & 0xfffe) == 0xfffe;
}

static const char *entity_of(char c) {
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

/* Writes one character; returns its bytes. */
static size_t put_character(FILE *file, const char *text) {
        const char *entity = entity_of(*text);
        mbstate_t state = { 0 };
        wchar_t c;
        size_t n;

        if (entity) {
                (void) fputs(entity, file);
                return 1;
        }
        n = mbrtowc(&c, text, strlen(text), &state);
        if (n == 0 || n == (size_t) -1 || n == (size_t) -2) {
                (void) fputs(REPLACEMENT, file);
                return 1;
        }
        if (is_hidden(c))
                (void) fputs(REPLACEMENT, file);
        else
                (void) fwrite(text, 1, n, file);
        return n;
}

void html_text(FILE *file, const char *text, size_t max) {
        size_t n = 0;

        if (!text || *text == '\0') {
                (void) fputs("\xe2\x80\x93", file);
                return;
        }
        for (; *text && n < max; n++)
                text += put_character(file, text);
        if (*text)
                (void) fputs("\xe2\x80\xa6", file);
}

void html_name(FILE *file, const char *text) {
        if (!text || *text == '\0') {
                html_raw(file, DASH);
                return;
        }
        html_raw(file, "<bdi>");
        html_text(file, text, NAME_MAX_CHARACTERS);
        html_raw(file, "</bdi>");
}

void html_count(FILE *file, uint64_t count) {
        if (count >= 1000) {
                html_count(file, count / 1000);
                html_rawf(file, ",%03" PRIu64, count % 1000);
        } else
                html_rawf(file, "%" PRIu64, count);
}

static void put_time(FILE *file, int64_t usec, int length) {
        char text[TIME_TEXT_MAX], shown[TIME_TEXT_MAX];

        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY) {
                html_raw(file, DASH);
                return;
        }
        (void) time_format(usec, text);
        (void) snprintf(shown, sizeof(shown), "%.*s", length, text);
        if (length > 10)
                shown[10] = ' ';
        if (length > 10)
                html_rawf(file, "<time datetime=\"%s\">%s</time>", text, shown);
        else
                html_rawf(file, "<time>%s</time>", shown);
}

void html_time(FILE *file, int64_t usec) {
        put_time(file, usec, 16);
}

void html_date(FILE *file, int64_t usec) {
        put_time(file, usec, 10);
}
