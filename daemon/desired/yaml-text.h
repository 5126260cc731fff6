#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a YAML file, before anybody parses them. */

#include <stddef.h>

#include "desired/load.h"
#include "model/fault.h"

/*
 * Size, encoding, NUL, and what would cost libyaml quadratic time. 0; -EINVAL with a fault added;
 * -ENOMEM.
 */
int yaml_text_check(const YamlText *text, Faults *faults);

/* How many bytes the byte order mark at its beginning takes: 3 or 0. */
size_t yaml_text_skip_mark(const YamlText *text);

/* Line and column of a byte. */
Position yaml_text_position(const YamlText *text, size_t offset);

/* Adds a fault without a key path. -EINVAL, or -ENOMEM. */
int yaml_text_fault(Faults *faults, Position position, const char *text);
