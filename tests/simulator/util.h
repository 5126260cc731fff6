#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Small helpers of the simulator: memory, growing text, hash tables, identifiers, time
 *
 * The simulator shares no line with the daemon it judges, so it brings its own. A test program that
 * runs out of memory has nothing to save: the allocating helpers end the program instead of
 * failing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ELEMENTS(array)                     (sizeof(array) / sizeof((array)[0]))
#define MIN_OF(a, b)                        ((a) < (b) ? (a) : (b))
#define CONTAINER_OF(pointer, type, member) ((type *) ((char *) (pointer) -offsetof(type, member)))

#define _cleanup_(function)   __attribute__((cleanup(function)))
#define _printf_(text, first) __attribute__((__format__(__printf__, text, first)))

#define USEC_PER_SEC INT64_C(1000000)
#define USEC_PER_DAY (INT64_C(86400) * USEC_PER_SEC)

typedef int64_t usec_t;

/* Memory. None of these returns NULL. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *old, size_t n, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t n);
void replace_string(char **target, const char *text);
void free_string(char **text);

/* Text that grows. The data is always followed by a NUL, which n does not count. */
typedef struct Buffer {
        char *data;
        size_t n;
        size_t size;
} Buffer;

char *buffer_extend(Buffer *b, size_t n);
void buffer_append(Buffer *b, const void *data, size_t n);
void buffer_text(Buffer *b, const char *text);
void buffer_printf(Buffer *b, const char *format, ...) _printf_(2, 3);
void buffer_json_string(Buffer *b, const char *text);
void buffer_json_member(Buffer *b, const char *name, const char *text);
void buffer_json_time(Buffer *b, const char *name, usec_t when);
void buffer_xml_text(Buffer *b, const char *text);
void buffer_done(Buffer *b);

/* A chained hash table whose links live in the things it holds. The hash alone finds the chain;
 * whoever looks something up compares the keys. */
typedef struct TableEntry {
        struct TableEntry *next;
        uint64_t hash;
} TableEntry;

typedef struct Table {
        TableEntry **chains;
        size_t n_chains;
        size_t n;
} Table;

void table_add(Table *t, TableEntry *entry, uint64_t hash);
void table_remove(Table *t, TableEntry *entry);
TableEntry *table_first(const Table *t, uint64_t hash);
TableEntry *table_next(const TableEntry *entry);
TableEntry *table_iterate(const Table *t, size_t *chain, TableEntry *previous);
void table_done(Table *t);

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);
uint64_t hash_text(const char *text, uint64_t seed);
uint64_t hash_mix(uint64_t value);

/* Identifiers */
typedef struct Uuid {
        uint8_t bytes[16];
} Uuid;

#define UUID_TEXT_SIZE 37

void uuid_random(Uuid *ret);
void uuid_from_numbers(uint64_t high, uint64_t low, Uuid *ret);
bool uuid_parse(const char *text, Uuid *ret);
void uuid_format(const Uuid *id, char ret[UUID_TEXT_SIZE]);
bool uuid_equal(const Uuid *a, const Uuid *b);

/* Encodings */
void hex_encode(const uint8_t *data, size_t n, char *ret);
char *base64_encode(const uint8_t *data, size_t n);
int base64_decode(const char *text, uint8_t *ret, size_t size, size_t *ret_n);
char *percent_decode(const char *text, size_t n, bool plus_is_space);
void percent_encode(Buffer *b, const char *text, size_t n, bool keep_slash);

/* Wall and monotonic time, and the two forms in which AWS writes the first one. */
usec_t time_wall(void);
usec_t time_monotonic(void);
usec_t usec_from_seconds(double seconds);
bool time_parse_basic(const char *text, usec_t *ret);
bool time_parse_iso(const char *text, usec_t *ret);
bool time_parse_http(const char *text, usec_t *ret);
void time_format(usec_t when, const char *format, char *ret, size_t size);

#define TIME_BASIC "%Y%m%dT%H%M%SZ"
#define TIME_ISO   "%Y-%m-%dT%H:%M:%SZ"
#define TIME_HTTP  "%a, %d %b %Y %H:%M:%S GMT"
