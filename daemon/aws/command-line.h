#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Command lines, split into words without a shell
 *
 * By the rules that botocore goes by, which are those of python's shlex.split(): quotes and
 * backslashes as in a POSIX shell, and nothing else of one. No variable, no "~", no pattern and no
 * comment is looked at.
 */

#include <stddef.h>

#include "util/buffer.h"

typedef struct CommandLine {
        Buffer text; /* the words, a NUL after each */
        char **words; /* into text, NULL-terminated */
        size_t n;
} CommandLine;

/* 0 with at least one word; -ENOMEM; -EINVAL with ret_why, a static phrase for a message. Free with
 * command_line_done(). */
int command_line_split(const char *text, CommandLine *ret, const char **ret_why);

void command_line_done(CommandLine *line);

#define _cleanup_command_line_ _cleanup_(command_line_done)
