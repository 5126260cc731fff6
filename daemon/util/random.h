#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Random numbers from the kernel. */

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *p, size_t n);
uint64_t random_u64(void);

/* Evenly from [0, 1). */
double random_unit(void);
