/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Completion
 *
 * What can stand where the cursor is, by the tables of command.h and, for shares, by the status
 * file; nobody is asked. Shares come part by part, as paths do: a service may have a million.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/command.h"
#include "ctl/complete.h"
#include "ctl/output.h"
#include "ctl/status-file.h"
#include "model/identifiers.h"
#include "record/status.h"
#include "util/buffer.h"
#include "util/mem.h"
#include "util/string-util.h"

/* A larger status file takes longer to read than somebody waits after a key; in bytes, about 60000
 * shares. */
#define FILE_MAX ((off_t) 32 * 1024 * 1024)

/* As many as a person looks through; beyond them, their beginnings are offered. */
#define CANDIDATES_MAX 300

/* More than any name has (300 characters, in UTF-8), in bytes. */
#define NAME_MAX_BYTES 1200

/* --- shares --- */

/* [SOURCE/]FRAMEWORK/ACCOUNT/REGION */
#define PARTS_MAX 4

typedef struct Candidate {
        char *text;
        size_t n_shares; /* that begin with it */
        bool with_source, more; /* more: there is a part behind it */
} Candidate;

typedef struct Candidates {
        const char *word; /* what is there of it */
        Candidate *items;
        size_t count, capacity;
        char *source; /* of the first share */
        bool several_sources;
} Candidates;

static void candidates_done(Candidates *candidates) {
        for (size_t i = 0; i < candidates->count; i++)
                free(candidates->items[i].text);
        free(candidates->items);
        free(candidates->source);
        *candidates = (Candidates){ 0 };
}

/* Can be typed, and be read by a filter, as what it is. */
static bool is_part(const char *text) {
        _cleanup_buffer_ Buffer shown = { 0 };

        if (!text || *text == '\0' || *text == '-' || strchr(text, '/')
                        || strlen(text) > NAME_MAX_BYTES)
                return false;
        (void) text_add(&shown, text, UINT32_MAX);
        return streq(buffer_text(&shown), text);
}

static bool is_account(const char *text) {
        AccountId account;

        return text && account_parse(text, &account) >= 0;
}

static bool is_id(const char *text) {
        Uuid id;

        return text && uuid_parse(text, &id) >= 0;
}

/*
 * Adds a share as far as the part behind what is typed. A source ends with its slash, since alone
 * it would be read as a framework. n_typed_min: how much must be typed already.
 */
static int add_path(Candidates *candidates,
                const char *const parts[static PARTS_MAX + 1],
                bool with_source,
                size_t n_typed_min) {
        size_t n_typed = strlen(candidates->word), i = 0;
        _cleanup_buffer_ Buffer path = { 0 };

        if (n_typed < n_typed_min)
                return 0;
        do {
                (void) buffer_add(&path, i > (with_source ? 1 : 0) ? "/" : "");
                (void) buffer_add(&path, parts[i++]);
                if (with_source && i == 1)
                        (void) buffer_add_char(&path, '/');
        } while (parts[i] && path.length <= n_typed);

        if (buffer_status(&path) < 0)
                return buffer_status(&path);
        if (!starts_with(buffer_text(&path), candidates->word))
                return 0;
        if (ARRAY_RESERVE(candidates->items, candidates->capacity, candidates->count + 1) < 0)
                return -ENOMEM;
        candidates->items[candidates->count++] = (Candidate){
                .text = buffer_steal(&path),
                .n_shares = 1,
                .with_source = with_source,
                .more = parts[i] != NULL,
        };
        return candidates->items[candidates->count - 1].text ? 0 : -ENOMEM;
}

/* Under one name of its framework, with and without its source. */
static int add_framework(Candidates *candidates,
                const json_t *share,
                const char *framework,
                size_t n_typed_min) {
        const char *source = status_text(share, "source");
        const char *account = status_text(share, "account"), *region = status_text(share, "region");
        const char *const parts[PARTS_MAX + 1] = {
                source,
                framework,
                is_account(account) ? account : NULL,
                is_account(account) && is_part(region) ? region : NULL,
                NULL,
        };
        const char *const plain[PARTS_MAX + 1] = { parts[1], parts[2], parts[3], NULL, NULL };
        int r = add_path(candidates, plain, false, n_typed_min);

        if (r < 0 || !is_part(source))
                return r;
        return add_path(candidates, parts, true,
                        n_typed_min > 0 ? strlen(source) + 1 + n_typed_min : 0);
}

/* A framework goes by its name where that can be typed; its id is for who begins to type it. */
static int on_share(const json_t *share, void *userdata) {
        Candidates *candidates = userdata;
        const char *name = status_text(share, "framework_name");
        const char *id = status_text(share, "framework_id"), *source = status_text(share, "source");
        bool named = is_part(name) && !is_account(name);
        int r;

        if (source && !candidates->source) {
                candidates->source = strdup(source);
                if (!candidates->source)
                        return -ENOMEM;
        }
        if (source && !streq(candidates->source, source))
                candidates->several_sources = true;

        r = named ? add_framework(candidates, share, name, 0) : 0;
        if (r >= 0 && is_id(id) && !(named && streq(name, id)))
                r = add_framework(candidates, share, id, named ? 1 : 0);
        return r;
}

/* Where there is one source, nobody needs it; where there are several, they come first. */
static bool is_wanted(const Candidates *candidates, const Candidate *candidate) {
        if (candidate->with_source)
                return candidates->several_sources || strchr(candidates->word, '/');
        return !candidates->several_sources || *candidates->word != '\0';
}

static void drop_unwanted(Candidates *candidates) {
        size_t n = 0;

        for (size_t i = 0; i < candidates->count; i++)
                if (is_wanted(candidates, &candidates->items[i]))
                        candidates->items[n++] = candidates->items[i];
                else
                        free(candidates->items[i].text);
        candidates->count = n;
}

static int compare_candidates(const void *a, const void *b) {
        return strcmp(((const Candidate *) a)->text, ((const Candidate *) b)->text);
}

/* Cuts all of them at `length` and makes one of those that are then the same; they are sorted. */
static void merge(Candidates *candidates, size_t length) {
        size_t n = 0;

        for (size_t i = 0; i < candidates->count; i++) {
                Candidate *item = &candidates->items[i], *last = &candidates->items[n - (n > 0)];
                size_t cut = utf8_cut(item->text, length);

                if (item->text[cut] != '\0') {
                        item->text[cut] = '\0';
                        item->more = true;
                }
                if (n == 0 || !streq(last->text, item->text)) {
                        candidates->items[n++] = *item;
                        continue;
                }
                last->n_shares += item->n_shares;
                last->more |= item->more;
                free(item->text);
        }
        candidates->count = n;
}

static size_t count_beginnings(const Candidates *candidates, size_t length) {
        const char *last = NULL;
        size_t last_cut = 0, n = 0;

        for (size_t i = 0; i < candidates->count; i++) {
                const char *text = candidates->items[i].text;
                size_t cut = utf8_cut(text, length);

                if (!last || cut != last_cut || memcmp(text, last, cut) != 0)
                        n++;
                last = text;
                last_cut = cut;
        }
        return n;
}

/*
 * Where there are too many, they are cut to the longest beginnings that are few enough. Just
 * leaving some out would make a shell add what those have in common, and the others could not be
 * reached.
 */
static void shorten(Candidates *candidates) {
        size_t length = strlen(candidates->word), n = 1, next;

        while (candidates->count > CANDIDATES_MAX) {
                next = count_beginnings(candidates, length + 1);
                if (next > CANDIDATES_MAX && n > 1) {
                        merge(candidates, length);
                        return;
                }
                n = next;
                length++;
                if (n > CANDIDATES_MAX) {
                        merge(candidates, length);
                        return;
                }
        }
}

static bool is_small(const char *directory) {
        char path[4096];
        struct stat st;

        return snprintf(path, sizeof(path), "%s/" STATUS_FILE_NAME, directory) < (int) sizeof(path)
                        && stat(path, &st) >= 0 && st.st_size <= FILE_MAX;
}

/* `before` is of the same word, and not of the share's name: "--option=". */
static void complete_share(const char *word, const char *before, size_t n_before) {
        _cleanup_(candidates_done) Candidates candidates = { .word = word };
        _cleanup_(status_file_freep) StatusFile *file = NULL;
        const char *directory = status_default_directory();
        _cleanup_free_ char *why = NULL;
        bool more = false;

        if (!is_small(directory)
                        || status_file_read(directory, on_share, &candidates, &file, &why) < 0) {
                (void) printf(":none\n");
                return;
        }
        drop_unwanted(&candidates);
        if (candidates.count > 0)
                qsort(candidates.items, candidates.count, sizeof(Candidate), compare_candidates);
        merge(&candidates, PARTS_MAX * (NAME_MAX_BYTES + 1));
        shorten(&candidates);
        for (size_t i = 0; i < candidates.count && i < CANDIDATES_MAX; i++) {
                const Candidate *item = &candidates.items[i];

                (void) printf("%.*s%s\t%zu share%s\n", (int) n_before, before, item->text,
                                item->n_shares, plural(item->n_shares));
                more |= item->more;
        }
        (void) printf(more ? ":more\n" : ":share\n");
}

/* --- the command line --- */

/* What stands before the word, as getopt_long() reads it. */
typedef struct Line {
        const Verb *verb;
        bool ended; /* "--" was there */
        bool lost; /* there is no such verb, or too much behind it */
        size_t n_arguments; /* behind the verb */
        const CommandOption *waiting; /* for its value */
        const CommandOption *given[64];
        size_t n_given;
} Line;

/* By its name, or by the beginning that only it has. */
static const CommandOption *find_option(const char *name, size_t length) {
        const CommandOption *found = NULL;

        for (const CommandOption *option = command_options; option->name; option++) {
                if (strncmp(option->name, name, length) != 0)
                        continue;
                if (option->name[length] == '\0')
                        return option;
                if (found)
                        return NULL;
                found = option;
        }
        return found;
}

static void line_add_option(Line *line, const char *word) {
        const char *name = word + 2;
        size_t length = strcspn(name, "=");
        const CommandOption *option = find_option(name, length);

        if (!option)
                return;
        if (line->n_given < ELEMENTSOF(line->given))
                line->given[line->n_given++] = option;
        if (option->argument && name[length] == '\0')
                line->waiting = option;
}

static void line_add(Line *line, const char *word) {
        if (line->waiting)
                line->waiting = NULL;
        else if (!line->ended && streq(word, "--"))
                line->ended = true;
        else if (!line->ended && starts_with(word, "--"))
                line_add_option(line, word);
        else if (!line->ended && streq(word, "-h"))
                line_add_option(line, "--help");
        else if (!line->ended && word[0] == '-' && word[1] != '\0')
                return;
        else if (line->verb)
                line->n_arguments++;
        else {
                line->verb = command_find_verb(word);
                line->lost |= !line->verb;
        }
}

static bool line_has(const Line *line, const CommandOption *option) {
        for (size_t i = 0; i < line->n_given; i++)
                if (line->given[i] == option)
                        return true;
        return false;
}

/* --- candidates --- */

/* What can be guessed of a value, by what the help calls it. */
typedef enum Value {
        VALUE_UNKNOWN,
        VALUE_FILE,
        VALUE_SHARE,
} Value;

static const struct {
        const char *name;
        Value value;
} values[] = {
        { "FILE", VALUE_FILE },
        { "PATH", VALUE_FILE },
        { "FILTER", VALUE_SHARE },
        { "SHARE", VALUE_SHARE },
};

static void complete_value(const char *name,
                size_t length,
                const char *word,
                const char *before,
                size_t n_before) {
        Value value = VALUE_UNKNOWN;

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                if (strlen(values[i].name) == length && strncmp(values[i].name, name, length) == 0)
                        value = values[i].value;

        switch (value) {
        case VALUE_UNKNOWN:
                (void) printf(":none\n");
                return;
        case VALUE_FILE:
                (void) printf(":files\n");
                return;
        case VALUE_SHARE:
                complete_share(word, before, n_before);
                return;
        }
}

/* "[FILTER]", "SHARE...", "FILE [SHARE]": the words of a help line, the last of which counts on. */
static void complete_argument(const Line *line, const char *word) {
        const char *names = line->verb->arguments, *name = names;
        size_t length = 0;

        if (line->n_arguments >= line->verb->n_arguments_max) {
                (void) printf(":none\n");
                return;
        }
        for (size_t i = 0; i <= line->n_arguments; i++) {
                names += strspn(names, "[]. ");
                if (*names == '\0')
                        break;
                name = names;
                length = strcspn(name, "[]. ");
                names += length;
        }
        complete_value(name, length, word, "", 0);
}

static void complete_verb(const char *word) {
        for (const Verb *verb = command_verbs; verb->name; verb++)
                if (starts_with(verb->name, word))
                        (void) printf("%s\t%s\n", verb->name, verb->help);
        (void) printf(":none\n");
}

/* Before the verb, those that all verbs have. Once is enough, but for lists of files. */
static void complete_option(const Line *line, const char *word) {
        Verb any = { .options = UINT_MAX };

        for (const Verb *verb = command_verbs; verb->name; verb++)
                any.options &= verb->options;
        for (const CommandOption *option = command_options; option->name; option++) {
                char name[64];

                if (!command_option_suits(option, line->verb ? line->verb : &any)
                                || (line_has(line, option) && option->value != ARG_SHARES))
                        continue;
                (void) snprintf(name, sizeof(name), "--%s", option->name);
                if (starts_with(name, word))
                        (void) printf("%s\t%s\n", name, option->help);
        }
        (void) printf(":none\n");
}

/* --option=value */
static void complete_option_value(const char *word, size_t n_before) {
        const CommandOption *option = find_option(word + 2, n_before - 2);

        if (option && option->argument)
                complete_value(option->argument, strlen(option->argument), word + n_before + 1,
                                word, n_before + 1);
        else
                (void) printf(":none\n");
}

int complete(char *const *words, size_t n_words) {
        const char *word = n_words > 0 ? words[n_words - 1] : "";
        Line line = { 0 };

        for (size_t i = 0; i + 1 < n_words; i++)
                line_add(&line, words[i]);

        if (line.waiting)
                complete_value(line.waiting->argument, strlen(line.waiting->argument), word, "", 0);
        else if (line.lost)
                (void) printf(":none\n");
        else if (!line.ended && starts_with(word, "--") && strchr(word, '='))
                complete_option_value(word, strcspn(word, "="));
        else if (!line.ended && *word == '-')
                complete_option(&line, word);
        else if (line.verb)
                complete_argument(&line, word);
        else
                complete_verb(word);
        (void) fflush(stdout);
        return EXIT_SUCCESS;
}
