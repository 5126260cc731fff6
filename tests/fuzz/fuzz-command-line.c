/* SPDX-License-Identifier: Apache-2.0 */

/* Command lines. What is split, quoted, and split again stays as it is. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/command-line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void quote(Buffer *out, const char *word) {
        (void) buffer_add(out, " '");
        for (; *word; word++)
                (void) (*word == '\'' ? buffer_add(out, "'\\''") : buffer_add_char(out, *word));
        (void) buffer_add(out, "'");
}

static void check_again(const CommandLine *line) {
        _cleanup_command_line_ CommandLine again = { 0 };
        _cleanup_buffer_ Buffer quoted = { 0 };
        const char *why = NULL;

        for (size_t i = 0; i < line->n; i++)
                quote(&quoted, line->words[i]);
        if (command_line_split(buffer_text(&quoted), &again, &why) < 0 || again.n != line->n)
                abort();
        for (size_t i = 0; i < line->n; i++)
                if (strcmp(line->words[i], again.words[i]) != 0)
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_command_line_ CommandLine line = { 0 };
        _cleanup_buffer_ Buffer text = { 0 };
        const char *why = NULL;

        if (buffer_append(&text, data, size) < 0)
                return 0;
        if (command_line_split(buffer_text(&text), &line, &why) < 0) {
                if (!why || line.words)
                        abort();
                return 0;
        }
        if (line.n == 0 || line.words[line.n])
                abort();
        check_again(&line);
        return 0;
}
