/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Faults for people
 *
 *     shares.yaml:3:5: frameworks[0].colour: there is no such key; …
 *         3 |     colour: red
 *           |     ^~~~~~
 *
 * The first line is for programs as well, and the same everywhere. The file is read once more for
 * the others; what the loader would not read is not shown either.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/faults-view.h"
#include "ctl/output.h"
#include "desired/load.h"
#include "trusted-file.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"

/* Of a line, no more than this behind what is meant: a file may be one line. */
#define LINE_AROUND_MAX 4096

/* Faults come sorted by file and line, so the text is gone through once. */
typedef struct Excerpt {
        Output output;
        const char *path; /* NULL: nothing is read yet */
        Buffer text; /* empty where it cannot be shown */
        size_t at; /* where the line begins */
        uint32_t line;
} Excerpt;

static void open_file(Excerpt *e, const char *path) {
        TrustedFile file = { .path = path, .limit = YAML_SIZE_MAX };
        PathSuspect suspect;
        struct stat st;

        buffer_done(&e->text);
        e->path = path;
        e->at = 0;
        e->line = 1;
        (void) trusted_file_read(&file, &e->text, &st, &suspect);
}

/* Goes on to a line; false where the file has no such line any more. */
static bool seek(Excerpt *e, uint32_t line) {
        while (e->text.length > 0 && e->line < line) {
                const char *end = memchr(e->text.data + e->at, '\n', e->text.length - e->at);

                if (!end)
                        return false;
                e->at = (size_t) (end + 1 - e->text.data);
                e->line++;
        }
        return e->line == line && e->at < e->text.length;
}

/* The bytes of the first n characters. */
static size_t skip_characters(const char *text, size_t n) {
        size_t at = 0;

        for (; n > 0 && text[at]; n--)
                do
                        at++;
                while (((unsigned char) text[at] & 0xc0) == 0x80);
        return at;
}

/* How many bytes are marked: a word, or what is between quotes. */
static size_t mark_length(const char *text) {
        size_t n;

        if (*text == '"' || *text == '\'') {
                n = strcspn(text + 1, *text == '"' ? "\"" : "'");
                return text[n + 1] ? n + 2 : n + 1;
        }
        n = strcspn(text, " \t:,{}[]#");
        return MAX(n, (size_t) 1);
}

/* Where the line is longer than the terminal is wide, it begins later: the bytes to leave out. */
static size_t skip_left(const char *line, size_t column, unsigned room) {
        _cleanup_free_ char *before = strndup(line, skip_characters(line, column));
        unsigned width = before ? text_width(before) : 0;

        return width + 20 > room ? text_skip(line, width + 20 - room) : 0;
}

/* Under what stands at text + from, up to text + to. Cuts the text. */
static void print_mark(const Excerpt *e, char *text, size_t from, size_t to, unsigned room) {
        const char *on = colour_on(&e->output, COLOUR_BOLD_RED);
        const char *off = colour_off(&e->output, COLOUR_BOLD_RED);
        unsigned indent, width;

        text[to] = '\0';
        width = text_width(text + from);
        text[from] = '\0';
        indent = text_width(text);
        width = indent < room ? MIN(width, room - indent) : 1;

        (void) fprintf(e->output.file, "%9s | %*s%s^", "", (int) indent, "", on);
        for (unsigned i = 1; i < width; i++)
                (void) fputc('~', e->output.file);
        (void) fprintf(e->output.file, "%s\n", off);
}

static void print_line(const Excerpt *e, char *line, size_t column) {
        unsigned room = e->output.columns > 40 ? e->output.columns - 12 : 28;
        _cleanup_buffer_ Buffer shown = { 0 };
        char *text = line + skip_left(line, column, room);
        size_t from, length;

        for (char *c = line; *c; c++)
                if (*c == '\t' || *c == '\r')
                        *c = ' ';
        (void) text_add(&shown, text, room);
        (void) fprintf(e->output.file, "%9u | %s\n", e->line, buffer_text(&shown));

        from = (size_t) (line + skip_characters(line, column) - text);
        length = MIN(mark_length(text + from), strlen(text + from));
        print_mark(e, text, from, from + length, room);
}

static void print_excerpt(Excerpt *e, const Faults *faults, const Fault *fault) {
        const char *path = faults_file(faults, fault->position.file);
        _cleanup_free_ char *line = NULL;
        size_t most = LINE_AROUND_MAX + 4 * (size_t) fault->position.column;
        const char *end;

        /* A file as a whole. */
        if (!e->output.terminal || (fault->position.line == 1 && fault->position.column == 1))
                return;
        if (!e->path || !streq(e->path, path))
                open_file(e, path);
        if (!seek(e, fault->position.line))
                return;
        end = memchr(e->text.data + e->at, '\n', e->text.length - e->at);
        most = MIN(most, end ? (size_t) (end - e->text.data) - e->at : e->text.length - e->at);
        line = strndup(e->text.data + e->at, most);
        if (line)
                print_line(e, line, fault->position.column - 1U);
}

void faults_print(Faults *faults, bool notes) {
        Excerpt excerpt = { .output = output_of(stderr) };
        size_t n = 0, kept = 0;
        const Fault *items = faults ? faults_get(faults, &n) : NULL;

        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *line = fault_format(faults, &items[i]);

                kept += !items[i].is_note;
                if (items[i].is_note && !notes)
                        continue;
                /* Short of memory: what is wrong matters more than where. */
                if (items[i].is_note)
                        log_notice("%s", line ? line : items[i].text);
                else
                        log_error("%s", line ? line : items[i].text);
                print_excerpt(&excerpt, faults, &items[i]);
        }
        if (faults && faults_count(faults) > kept)
                log_error("… and %zu more", faults_count(faults) - kept);
        buffer_done(&excerpt.text);
}
