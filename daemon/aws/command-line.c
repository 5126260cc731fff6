/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Splitting command lines
 *
 * Three ways to read a character: bare, between single quotes (all literal), between double quotes
 * (a backslash escapes a double quote and itself, and is else a backslash). Bare, a backslash makes
 * any next character a letter of the word, a line feed too: there is no continued line.
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "aws/command-line.h"
#include "util/mem.h"

typedef struct Splitter {
        const char *at;
        CommandLine *line;
        const char *why;
} Splitter;

static bool is_space(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int fail(Splitter *splitter, const char *why) {
        splitter->why = why;
        return -EINVAL;
}

/* From behind the opening quote to behind the closing one. */
static int read_quoted(Splitter *splitter, char quote) {
        int r;

        for (; *splitter->at != quote; splitter->at++) {
                const char *at = splitter->at;

                if (quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
                        splitter->at++;
                if (*at == '\0')
                        return fail(splitter, "a quotation mark is not closed");
                r = buffer_add_char(&splitter->line->text, *splitter->at);
                if (r < 0)
                        return r;
        }
        splitter->at++;
        return 0;
}

static int read_word(Splitter *splitter) {
        int r = 0;

        while (r >= 0 && *splitter->at && !is_space(*splitter->at)) {
                char c = *splitter->at++;

                if (c == '\'' || c == '"') {
                        r = read_quoted(splitter, c);
                        continue;
                }
                if (c == '\\') {
                        c = *splitter->at;
                        if (c == '\0')
                                return fail(splitter, "nothing follows the last backslash");
                        splitter->at++;
                }
                r = buffer_add_char(&splitter->line->text, c);
        }
        if (r < 0)
                return r;
        splitter->line->n++;
        return buffer_add_char(&splitter->line->text, '\0');
}

/* Only now: until the last word was read, the text may have moved. */
static int point_at_words(CommandLine *line) {
        size_t capacity = 0;
        char *word = line->text.data;

        if (ARRAY_RESERVE(line->words, capacity, line->n + 1) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < line->n; i++) {
                line->words[i] = word;
                word += strlen(word) + 1;
        }
        line->words[line->n] = NULL;
        return 0;
}

static int split(Splitter *splitter) {
        int r;

        for (;;) {
                while (is_space(*splitter->at))
                        splitter->at++;
                if (*splitter->at == '\0')
                        break;
                r = read_word(splitter);
                if (r < 0)
                        return r;
        }
        if (splitter->line->n == 0)
                return fail(splitter, "it is empty");
        return point_at_words(splitter->line);
}

int command_line_split(const char *text, CommandLine *ret, const char **ret_why) {
        _cleanup_command_line_ CommandLine line = { 0 };
        Splitter splitter = { .at = text, .line = &line };
        int r;

        r = split(&splitter);
        if (r == -EINVAL)
                *ret_why = splitter.why;
        if (r < 0)
                return r;

        *ret = line;
        line = (CommandLine){ 0 };
        return 0;
}

void command_line_done(CommandLine *line) {
        buffer_done(&line->text);
        free(line->words);
        *line = (CommandLine){ 0 };
}
