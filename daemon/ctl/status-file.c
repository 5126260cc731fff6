/* SPDX-License-Identifier: Apache-2.0 */

/* The status file, read. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/status-file.h"
#include "record/status.h"
#include "util/file.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

const char *status_text(const json_t *object, const char *key) {
        return json_string_value(json_object_get(object, key));
}

int64_t status_time(const json_t *object, const char *key) {
        const char *text = status_text(object, key);
        int64_t usec;

        return text && time_parse(text, &usec, NULL) >= 0 ? usec : TIME_UNKNOWN;
}

/* --- scanning --- */

typedef struct Scanner {
        const char *text;
        size_t length, at;
} Scanner;

static char peek(Scanner *scanner) {
        for (; scanner->at < scanner->length; scanner->at++) {
                char c = scanner->text[scanner->at];

                if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                        return c;
        }
        return '\0';
}

static bool take(Scanner *scanner, char c) {
        if (c == '\0' || peek(scanner) != c)
                return false;
        scanner->at++;
        return true;
}

/* One value, wherever it ends. 0, -EBADMSG or -ENOMEM. */
static int take_value(Scanner *scanner, json_t **ret) {
        size_t used;
        int r;

        (void) peek(scanner);
        r = json_read_first(scanner->text + scanner->at, scanner->length - scanner->at, &used, ret);
        if (r >= 0)
                scanner->at += used;
        return r;
}

/* The elements of a list behind its '['; 0 behind its ']', -EBADMSG, or what visit returned. */
static int take_elements(Scanner *scanner, StatusVisitor visit, void *userdata) {
        int r = 0;

        if (take(scanner, ']'))
                return 0;
        do {
                _cleanup_json_ json_t *value = NULL;

                r = take_value(scanner, &value);
                if (r >= 0)
                        r = json_is_object(value) ? visit(value, userdata) : -EBADMSG;
                if (r < 0)
                        return r;
        } while (take(scanner, ','));
        return take(scanner, ']') ? 0 : -EBADMSG;
}

static int take_member(Scanner *scanner, StatusFile *file, StatusVisitor visit, void *userdata) {
        _cleanup_json_ json_t *key = NULL;
        json_t *value;
        int r;

        r = take_value(scanner, &key);
        if (r < 0)
                return r;
        if (!json_is_string(key) || !take(scanner, ':'))
                return -EBADMSG;
        if (streq(json_string_value(key), "shares")) {
                if (file->first_share > 0 || !take(scanner, '['))
                        return -EBADMSG;
                file->first_share = scanner->at;
                return take_elements(scanner, visit, userdata);
        }
        r = take_value(scanner, &value);
        if (r < 0)
                return r;
        return json_object_set_new(file->head, json_string_value(key), value) < 0 ? -ENOMEM : 0;
}

/* Goes through all of it, so that nothing is printed of a file that ends halfway. */
static int scan(StatusFile *file, StatusVisitor visit, void *userdata, size_t *ret_at) {
        Scanner scanner = { .text = buffer_text(&file->text), .length = file->text.length };
        int r = take(&scanner, '{') ? 0 : -EBADMSG;

        if (r >= 0 && !take(&scanner, '}')) {
                do
                        r = take_member(&scanner, file, visit, userdata);
                while (r >= 0 && take(&scanner, ','));
                if (r >= 0 && !take(&scanner, '}'))
                        r = -EBADMSG;
        }
        *ret_at = scanner.at;
        if (r < 0)
                return r;
        return peek(&scanner) == '\0' && scanner.at == scanner.length && file->first_share > 0
                        ? 0
                        : -EBADMSG;
}

/* --- reading --- */

static unsigned line_of(const StatusFile *file, size_t at) {
        unsigned line = 1;

        for (size_t i = 0; i < at; i++)
                line += file->text.data[i] == '\n';
        return line;
}

static int explain(const StatusFile *file, int error, size_t at, char **reterr_why) {
        int n;

        if (error == -EBADMSG)
                n = asprintf(reterr_why,
                                "'%s' is no status file: it makes no sense from line %u on",
                                file->path, file->text.length > 0 ? line_of(file, at) : 1);
        else if (error == -EPROTONOSUPPORT)
                n = asprintf(reterr_why, "'%s' was written by a later version", file->path);
        else if (error == -EFBIG)
                n = asprintf(reterr_why, "'%s' is larger than 1 GiB", file->path);
        else
                n = asprintf(reterr_why, "cannot read '%s': %s", file->path,
                                error == -EBADFD ? "it is no regular file" : strerror(-error));
        if (n < 0)
                *reterr_why = NULL;
        return error;
}

static int read_version(const StatusFile *file) {
        json_t *version = json_object_get(file->head, "version");

        if (!json_is_integer(version) || json_integer_value(version) < 1)
                return -EBADMSG;
        return json_integer_value(version) == 1 ? 0 : -EPROTONOSUPPORT;
}

int status_file_read(const char *directory,
                StatusVisitor visit,
                void *userdata,
                StatusFile **ret,
                char **reterr_why) {
        _cleanup_(status_file_freep) StatusFile *file = calloc(1, sizeof(StatusFile));
        struct stat st = { 0 };
        size_t at = 0;
        int r;

        *reterr_why = NULL;
        if (!file)
                return -ENOMEM;
        file->path = path_join(directory, STATUS_FILE_NAME);
        file->head = json_object();
        if (!file->path || !file->head)
                return -ENOMEM;

        r = file_read(file->path, STATUS_FILE_MAX, &file->text, &st);
        file->written_usec = (int64_t) st.st_mtim.tv_sec * USEC_PER_SEC;
        if (r >= 0)
                r = scan(file, visit, userdata, &at);
        if (r >= 0)
                r = read_version(file);
        if (r < 0)
                return explain(file, r, at, reterr_why);
        *ret = TAKE_PTR(file);
        return 0;
}

int status_file_visit(const StatusFile *file, StatusVisitor visit, void *userdata) {
        Scanner scanner = {
                .text = buffer_text(&file->text),
                .length = file->text.length,
                .at = file->first_share,
        };

        return take_elements(&scanner, visit, userdata);
}

StatusFile *status_file_free(StatusFile *file) {
        if (!file)
                return NULL;

        json_decref(file->head);
        buffer_done(&file->text);
        free(file->path);
        free(file);
        return NULL;
}
