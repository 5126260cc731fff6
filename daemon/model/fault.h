#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Faults: what the operator got wrong, all of it at once
 *
 * Each is one line `FILE:LINE:COLUMN: KEY PATH: what is wrong; what is right`. Notes are kept
 * beside them: things that are allowed but worth saying, such as an account id without quotes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

/* Where something stands: lines and columns from 1, columns in characters (held at 65535). */
typedef struct Position {
        uint32_t line;
        uint16_t column;
        uint16_t file; /* index into Faults' files */
} Position;

typedef struct Fault {
        Position position;
        bool is_note;
        char *key_path; /* "frameworks[0].recipients[1].account"; "" where a file as a whole is
                           meant */
        char *text; /* "what is wrong; what is right" */
        size_t order; /* of being added, for those of one place */
} Fault;

typedef struct Faults Faults;

/* More faults than this are counted, but not kept. */
#define FAULTS_KEPT_MAX 1000

int faults_new(Faults **ret);
Faults *faults_free(Faults *faults);

/* Adds a file's name for positions to refer to. 0, -ENOMEM, or -EFBIG beyond 65535 files. */
int faults_add_file(Faults *faults, const char *name, uint16_t *ret);
const char *faults_file(const Faults *faults, uint16_t file);

/* 0 or -ENOMEM; a fault that could not be stored still counts, so that a load cannot pass by
 * running out of memory. */
int faults_add(Faults *faults, Position position, const char *key_path, const char *format, ...)
                _printf_(4, 5);
int faults_add_note(Faults *faults,
                Position position,
                const char *key_path,
                const char *format,
                ...) _printf_(4, 5);

/* How many faults (notes not among them) there were, kept or not. */
size_t faults_count(const Faults *faults);

/* Those kept, notes among them, sorted by file, line and column. Owned by the faults. */
const Fault *faults_get(Faults *faults, size_t *ret_n);

/* The one line of a fault, without a line feed, as a new string; NULL when out of memory. */
char *fault_format(const Faults *faults, const Fault *fault);

DEFINE_CLEANUP(Faults, faults_free)
