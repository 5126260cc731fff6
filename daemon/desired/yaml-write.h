#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Texts as YAML scalars: what every reader of YAML, ours first, reads back byte for byte. */

#include "util/buffer.h"

/*
 * Appends text, which must be UTF-8 (else -EINVAL), as a scalar of one line: plain where that reads
 * as the same text to YAML 1.1 and 1.2, else in double quotes. Neither has a character that moves a
 * cursor or hides, so it may stand in a comment, too, and go to a terminal. 0; -ENOMEM or -EFBIG as
 * buffer_append() has it.
 */
int yaml_add_text(Buffer *buffer, const char *text);
