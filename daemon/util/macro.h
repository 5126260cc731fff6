#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The few macros that every file may lean on. */

#include <stddef.h>
#include <stdint.h>

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* Runs f on the address of the local when it goes out of scope: every owner has one, so no path can
 * leak. */
#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_       __attribute__((unused))
#define _noreturn_     __attribute__((noreturn))

/* Moves ownership out of a local: the pointer is returned, and the local is left empty. */
#define TAKE_PTR(p)                                                                                \
        __extension__({                                                                            \
                __typeof__(p) *take_from_ = &(p);                                                  \
                __typeof__(p) taken_ = *take_from_;                                                \
                *take_from_ = NULL;                                                                \
                taken_;                                                                            \
        })

/* The cleanup function `NAMEp` for an object whose destructor copes with NULL. */
#define DEFINE_CLEANUP(type, destroy)                                                              \
        static inline void destroy##p(type **p) {                                                  \
                if (*p)                                                                            \
                        (void) destroy(*p);                                                        \
        }
