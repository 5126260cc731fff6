#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A program that is run for its output
 *
 * On the event loop, which it never holds up, and bounded in time and output. Without a shell, with
 * our environment, and with nothing else of ours: no file descriptor, no blocked or ignored signal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

/* How long the output of a program that has ended may stay open in other hands. */
#define PROGRAM_GRACE_USEC ((int64_t) 200 * 1000)

typedef struct Program Program;

/*
 * r is 0 when the program has ended with status 0; output is then what it wrote to standard output.
 * Otherwise -ENOMEM, or -EIO with why: "exited with status 1: " and the end of what it wrote to
 * standard error, on one line. Both are wiped or freed afterwards. The program may be freed in it.
 */
typedef void (*ProgramCallback)(int r,
                const char *output,
                size_t length,
                const char *why,
                void *userdata);

typedef struct ProgramOptions {
        sd_event *event;
        char *const *words; /* NULL-terminated; the first is looked for in $PATH. Borrowed for
                               program_new() */
        bool is_apart; /* in a process group of its own, and ended with all that it started; else it
                          shares the terminal, its questions and its Ctrl-C, with the caller */
        size_t output_max; /* more is an error, as is more than 1 MiB on standard error */
        int64_t timeout_usec;
        ProgramCallback callback; /* once, from the event loop */
        void *userdata;
} ProgramOptions;

/*
 * Runs it. 0 or a negative errno: the program cannot be run. Freeing kills what of its process
 * group is left, unless its end was reported already.
 */
int program_new(const ProgramOptions *options, Program **ret);
Program *program_free(Program *program);

DEFINE_CLEANUP(Program, program_free)
