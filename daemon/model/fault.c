/* SPDX-License-Identifier: Apache-2.0 */

/* Faults: collecting and sorting them. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/fault.h"
#include "util/mem.h"

struct Faults {
        char **files;
        size_t n_files, files_capacity;
        Fault *items;
        size_t n_items, items_capacity;
        size_t n_notes; /* among the items: they must not take the room of faults */
        size_t count; /* of faults, kept or not */
        bool sorted;
};

int faults_new(Faults **ret) {
        *ret = calloc(1, sizeof(Faults));
        return *ret ? 0 : -ENOMEM;
}

Faults *faults_free(Faults *faults) {
        if (!faults)
                return NULL;

        for (size_t i = 0; i < faults->n_items; i++) {
                free(faults->items[i].key_path);
                free(faults->items[i].text);
        }
        for (size_t i = 0; i < faults->n_files; i++)
                free(faults->files[i]);
        free(faults->items);
        free(faults->files);
        free(faults);
        return NULL;
}

int faults_add_file(Faults *faults, const char *name, uint16_t *ret) {
        int r;

        if (faults->n_files > UINT16_MAX)
                return -EFBIG;
        r = ARRAY_RESERVE(faults->files, faults->files_capacity, faults->n_files + 1);
        if (r < 0)
                return r;
        faults->files[faults->n_files] = strdup(name);
        if (!faults->files[faults->n_files])
                return -ENOMEM;

        *ret = (uint16_t) faults->n_files++;
        return 0;
}

const char *faults_file(const Faults *faults, uint16_t file) {
        return file < faults->n_files ? faults->files[file] : "?";
}

static int add(Faults *faults,
                Position position,
                bool is_note,
                const char *key_path,
                const char *format,
                va_list args) {
        _cleanup_free_ char *text = NULL, *path = NULL;

        if ((is_note ? faults->n_notes : faults->n_items - faults->n_notes) >= FAULTS_KEPT_MAX)
                return 0;
        if (ARRAY_RESERVE(faults->items, faults->items_capacity, faults->n_items + 1) < 0)
                return -ENOMEM;
        path = strdup(key_path);
        if (!path || vasprintf(&text, format, args) < 0) {
                text = NULL;
                return -ENOMEM;
        }

        faults->items[faults->n_items] = (Fault){ position, is_note, TAKE_PTR(path), TAKE_PTR(text),
                faults->n_items };
        faults->n_items++;
        faults->n_notes += is_note;
        faults->sorted = false;
        return 0;
}

int faults_add(Faults *faults, Position position, const char *key_path, const char *format, ...) {
        va_list args;
        int r;

        faults->count++;
        va_start(args, format);
        r = add(faults, position, false, key_path, format, args);
        va_end(args);
        return r;
}

int faults_add_note(Faults *faults,
                Position position,
                const char *key_path,
                const char *format,
                ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = add(faults, position, true, key_path, format, args);
        va_end(args);
        return r;
}

size_t faults_count(const Faults *faults) {
        return faults->count;
}

static int compare_faults(const void *x, const void *y) {
        const Fault *p = x, *q = y;
        const Position *a = &p->position, *b = &q->position;

        if (a->file != b->file)
                return a->file < b->file ? -1 : 1;
        if (a->line != b->line)
                return a->line < b->line ? -1 : 1;
        if (a->column != b->column)
                return a->column < b->column ? -1 : 1;
        return (p->order > q->order) - (p->order < q->order);
}

const Fault *faults_get(Faults *faults, size_t *ret_n) {
        if (!faults->sorted && faults->n_items > 0)
                qsort(faults->items, faults->n_items, sizeof(Fault), compare_faults);
        faults->sorted = true;
        *ret_n = faults->n_items;
        return faults->items;
}

char *fault_format(const Faults *faults, const Fault *fault) {
        const Position *at = &fault->position;
        char *line;
        int n;

        n = asprintf(&line, "%s:%u:%u: %s%s%s%s", faults_file(faults, at->file), at->line,
                        at->column, fault->key_path, *fault->key_path ? ": " : "",
                        fault->is_note ? "note: " : "", fault->text);
        return n < 0 ? NULL : line;
}
