/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Has allocations fail, as LD_PRELOAD
 *
 * Counted are those of the program, which holds our library, and of the libraries that promise to
 * live with it: jansson, libyaml, libsystemd, expat. What libcurl, OpenSSL and the rest of libc ask
 * for counts only where the state says everywhere. What libc allocates in a function that the
 * program called, such as strdup(), is the program's. What is asked for after main() has ended is
 * not: a build with --coverage writes its counts then.
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define RANGES_MAX 32

typedef struct Range {
        uintptr_t from, to, base;
        const char *name;
} Range;

static const char *const libraries[] = { "/libjansson", "/libyaml", "/libsystemd", "/libexpat" };

static TortureState *state;
static Range ranges[RANGES_MAX];
static size_t n_ranges;
static __thread const char *on_behalf; /* the function of libc that one of ours called */

/* Those of glibc, under names that are not interposed. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static bool is_wanted(const char *name) {
        if (*name == '\0') /* the program itself */
                return true;
        for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
                if (strstr(name, libraries[i]))
                        return true;
        return false;
}

static int on_object(struct dl_phdr_info *info, size_t size, void *userdata) {
        (void) size;
        (void) userdata;
        if (!is_wanted(info->dlpi_name))
                return 0;
        for (size_t i = 0; i < info->dlpi_phnum && n_ranges < RANGES_MAX; i++) {
                const ElfW(Phdr) *part = &info->dlpi_phdr[i];

                if (part->p_type == PT_LOAD && (part->p_flags & PF_X))
                        ranges[n_ranges++] = (Range){
                                .from = info->dlpi_addr + part->p_vaddr,
                                .to = info->dlpi_addr + part->p_vaddr + part->p_memsz,
                                .base = info->dlpi_addr,
                                .name = info->dlpi_name,
                        };
        }
        return 0;
}

__attribute__((constructor)) static void begin(void) {
        TortureState *mapped = torture_state_map(getenv("TORTURE_STATE"));

        (void) dl_iterate_phdr(on_object, NULL);
        if (mapped)
                mapped->pid = (uint64_t) getpid();
        state = mapped;
        /* What the program starts is not tortured. */
        (void) unsetenv("LD_PRELOAD");
}

static const Range *range_of(const void *caller) {
        uintptr_t at = (uintptr_t) caller;

        for (size_t i = 0; i < n_ranges; i++)
                if (at >= ranges[i].from && at < ranges[i].to)
                        return &ranges[i];
        return NULL;
}

static void end(void) {
        state = NULL;
}

/* From within main(), so that it runs ahead of what the program has for its own end. */
static void end_with_main(void) {
        static bool done;

        if (!done) {
                done = true;
                (void) atexit(end);
        }
}

static bool is_to_fail(const void *caller) {
        const Range *range;

        if (!state)
                return false;
        range = range_of(caller);
        if (range || on_behalf)
                end_with_main();
        if (!range && !on_behalf && !state->everywhere)
                return false;
        if (*state->only && (range || !on_behalf || strcmp(on_behalf, state->only) != 0))
                return false;
        if (!torture_next(state, range ? (uintptr_t) caller - range->base : 0))
                return false;
        if (state->hits == 1)
                (void) snprintf(state->object, sizeof(state->object), "%s",
                                range                       ? range->name
                                                : on_behalf ? on_behalf
                                                            : "elsewhere");
        errno = ENOMEM;
        return true;
}

void *malloc(size_t size) {
        return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
        return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size) {
        return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t n, size_t size) {
        size_t all;

        if (__builtin_mul_overflow(n, size, &all)) {
                errno = ENOMEM;
                return NULL;
        }
        return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, all);
}

/* --- libc's own, on behalf of who calls them --- */

#define REAL(name) (__extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

#define FORWARD(type, name, parameters, ...)                                                       \
        type name parameters {                                                                     \
                const char *outer = on_behalf;                                                     \
                type result;                                                                       \
                                                                                                   \
                if (range_of(__builtin_return_address(0)))                                         \
                        on_behalf = #name;                                                         \
                result = REAL(name)(__VA_ARGS__);                                                  \
                on_behalf = outer;                                                                 \
                return result;                                                                     \
        }

FORWARD(char *, strdup, (const char *text), text)
FORWARD(char *, strndup, (const char *text, size_t n), text, n)
FORWARD(int, vasprintf, (char **ret, const char *format, va_list args), ret, format, args)
FORWARD(ssize_t, getline, (char **line, size_t *size, FILE *file), line, size, file)
FORWARD(ssize_t, getdelim, (char **line, size_t *size, int end, FILE *file), line, size, end, file)
FORWARD(ssize_t,
                __getdelim,
                (char **line, size_t *size, int end, FILE *file),
                line,
                size,
                end,
                file)
FORWARD(DIR *, opendir, (const char *path), path)
FORWARD(FILE *, fdopen, (int fd, const char *mode), fd, mode)
FORWARD(FILE *, fopen, (const char *path, const char *mode), path, mode)
FORWARD(FILE *, open_memstream, (char **text, size_t *size), text, size)
FORWARD(char *, realpath, (const char *path, char *resolved), path, resolved)

int asprintf(char **ret, const char *format, ...) {
        const char *outer = on_behalf;
        va_list args;
        int n;

        if (range_of(__builtin_return_address(0)))
                on_behalf = "asprintf";
        va_start(args, format);
        n = REAL(vasprintf)(ret, format, args);
        va_end(args);
        on_behalf = outer;
        return n;
}
