/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Memory, hash tables, identifiers, time
 *
 * Nothing here knows what is simulated.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include "util.h"

static void *must(void *memory) {
        if (memory)
                return memory;
        fputs("simulator: out of memory\n", stderr);
        abort();
}

void *xcalloc(size_t n, size_t size) {
        return must(calloc(n ? n : 1, size));
}

void *xrealloc(void *old, size_t n, size_t size) {
        return must(reallocarray(old, n ? n : 1, size));
}

char *xstrdup(const char *text) {
        return must(strdup(text));
}

char *xstrndup(const char *text, size_t n) {
        return must(strndup(text, n));
}

/* A NULL text clears the target. */
void replace_string(char **target, const char *text) {
        char *copy = text ? xstrdup(text) : NULL;

        free(*target);
        *target = copy;
}

void free_string(char **text) {
        free(*text);
        *text = NULL;
}

uint64_t hash_mix(uint64_t value) {
        value ^= value >> 30;
        value *= UINT64_C(0xbf58476d1ce4e5b9);
        value ^= value >> 27;
        value *= UINT64_C(0x94d049bb133111eb);
        return value ^ (value >> 31);
}

/* Not keyed on purpose: the order of a listing is the order of these hashes, and two runs of a test
 * want the same one. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ hash_mix(seed + 1);
        const uint8_t *p = data;

        for (size_t i = 0; i < n; i++)
                hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
        return hash_mix(hash);
}

uint64_t hash_text(const char *text, uint64_t seed) {
        return hash_bytes(text, strlen(text), seed);
}

static void table_grow(Table *t) {
        size_t n_chains = t->n_chains ? t->n_chains * 2 : 64;
        TableEntry **chains = xcalloc(n_chains, sizeof(*chains));

        for (size_t i = 0; i < t->n_chains; i++) {
                TableEntry *entry = t->chains[i];

                while (entry) {
                        TableEntry *next = entry->next;
                        size_t slot = entry->hash & (n_chains - 1);

                        entry->next = chains[slot];
                        chains[slot] = entry;
                        entry = next;
                }
        }

        free(t->chains);
        t->chains = chains;
        t->n_chains = n_chains;
}

void table_add(Table *t, TableEntry *entry, uint64_t hash) {
        size_t slot;

        if (t->n >= t->n_chains)
                table_grow(t);

        slot = hash & (t->n_chains - 1);
        *entry = (TableEntry){ .next = t->chains[slot], .hash = hash };
        t->chains[slot] = entry;
        t->n++;
}

void table_remove(Table *t, TableEntry *entry) {
        TableEntry **link = &t->chains[entry->hash & (t->n_chains - 1)];

        while (*link && *link != entry)
                link = &(*link)->next;
        assert(*link);

        *link = entry->next;
        entry->next = NULL;
        t->n--;
}

static TableEntry *same_hash(TableEntry *entry, uint64_t hash) {
        while (entry && entry->hash != hash)
                entry = entry->next;
        return entry;
}

TableEntry *table_first(const Table *t, uint64_t hash) {
        if (t->n_chains == 0)
                return NULL;
        return same_hash(t->chains[hash & (t->n_chains - 1)], hash);
}

TableEntry *table_next(const TableEntry *entry) {
        return same_hash(entry->next, entry->hash);
}

/* Everything in the table, in no useful order: start with previous == NULL and *chain == 0. */
TableEntry *table_iterate(const Table *t, size_t *chain, TableEntry *previous) {
        if (previous && previous->next)
                return previous->next;
        if (previous)
                (*chain)++;

        for (; *chain < t->n_chains; (*chain)++)
                if (t->chains[*chain])
                        return t->chains[*chain];
        return NULL;
}

void table_done(Table *t) {
        free(t->chains);
        *t = (Table){ 0 };
}

void uuid_random(Uuid *ret) {
        if (RAND_bytes(ret->bytes, sizeof(ret->bytes)) != 1)
                abort();
        ret->bytes[6] = (uint8_t) ((ret->bytes[6] & 0x0f) | 0x40);
        ret->bytes[8] = (uint8_t) ((ret->bytes[8] & 0x3f) | 0x80);
}

void uuid_from_numbers(uint64_t high, uint64_t low, Uuid *ret) {
        uint64_t words[2] = { hash_mix(high ^ UINT64_C(0x5851f42d4c957f2d)),
                hash_mix(high + low) ^ low };

        memcpy(ret->bytes, words, sizeof(words));
        ret->bytes[6] = (uint8_t) ((ret->bytes[6] & 0x0f) | 0x40);
        ret->bytes[8] = (uint8_t) ((ret->bytes[8] & 0x3f) | 0x80);
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -1;
}

/* Only the canonical spelling: lower case, dashes in their places. */
bool uuid_parse(const char *text, Uuid *ret) {
        Uuid id = { 0 };
        size_t n = 0;

        if (strlen(text) != UUID_TEXT_SIZE - 1)
                return false;

        for (size_t i = 0; i < UUID_TEXT_SIZE - 1; i++) {
                int digit = hex_digit(text[i]);

                if (i == 8 || i == 13 || i == 18 || i == 23) {
                        if (text[i] != '-')
                                return false;
                        continue;
                }
                if (digit < 0)
                        return false;
                id.bytes[n / 2] = (uint8_t) (id.bytes[n / 2] << 4 | digit);
                n++;
        }

        *ret = id;
        return true;
}

void uuid_format(const Uuid *id, char ret[UUID_TEXT_SIZE]) {
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < sizeof(id->bytes); i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *ret++ = '-';
                *ret++ = digits[id->bytes[i] >> 4];
                *ret++ = digits[id->bytes[i] & 0x0f];
        }
        *ret = '\0';
}

bool uuid_equal(const Uuid *a, const Uuid *b) {
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static usec_t time_of(clockid_t clock) {
        struct timespec now;

        (void) clock_gettime(clock, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

usec_t time_wall(void) {
        return time_of(CLOCK_REALTIME);
}

usec_t time_monotonic(void) {
        return time_of(CLOCK_MONOTONIC);
}

/* Saturates at about three thousand years either way, so that sums of a few of them are safe. */
usec_t usec_from_seconds(double seconds) {
        const double limit = 1e11;

        if (!(seconds > -limit))
                seconds = -limit;
        if (seconds > limit)
                seconds = limit;
        return (usec_t) (seconds * 1e6);
}

/* Written out, as strptime() takes "2024-1-1" and other things AWS would not. */
static bool time_assemble(const char *text, const char *pattern, usec_t *ret) {
        struct tm tm = { 0 };
        const char *end;
        char again[64];
        time_t seconds;

        end = strptime(text, pattern, &tm);
        if (!end || *end)
                return false;

        seconds = timegm(&tm);
        if (strftime(again, sizeof(again), pattern, &tm) == 0 || strcmp(again, text) != 0)
                return false;

        *ret = (usec_t) seconds * USEC_PER_SEC;
        return true;
}

bool time_parse_basic(const char *text, usec_t *ret) {
        return time_assemble(text, TIME_BASIC, ret);
}

bool time_parse_iso(const char *text, usec_t *ret) {
        return time_assemble(text, TIME_ISO, ret);
}

bool time_parse_http(const char *text, usec_t *ret) {
        return time_assemble(text, TIME_HTTP, ret);
}

void time_format(usec_t when, const char *format, char *ret, size_t size) {
        time_t seconds = (time_t) (when / USEC_PER_SEC);
        struct tm tm;

        *ret = '\0';
        if (gmtime_r(&seconds, &tm) && strftime(ret, size, format, &tm) == 0)
                *ret = '\0';
}
