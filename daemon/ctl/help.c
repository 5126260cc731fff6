/* SPDX-License-Identifier: Apache-2.0 */

/* --help: what the tables of command.h say, for a terminal of 80 columns. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/output.h"
#include "util/string-util.h"

/* What everybody has, and what a mail can quote. */
#define HELP_COLUMNS 80

/* A paragraph a line; one that begins with a blank is printed as it stands. */
static void print_text(const char *text) {
        while (*text) {
                _cleanup_buffer_ Buffer lines = { 0 };
                size_t length = strcspn(text, "\n");
                char paragraph[1024];

                (void) snprintf(paragraph, sizeof(paragraph), "%.*s", (int) length, text);
                if (*paragraph == ' ')
                        (void) buffer_add(&lines, paragraph);
                else
                        text_add_wrapped(&lines, paragraph, 0, HELP_COLUMNS);
                (void) printf("%s\n", buffer_text(&lines));
                text += length + (text[length] == '\n');
        }
}

/* The options of one verb, or (NULL) of all. */
static void print_options(const Verb *verb) {
        (void) printf("\nOptions:\n");
        for (const CommandOption *option = command_options; option->name; option++) {
                char name[64];

                if (verb && !command_option_suits(option, verb))
                        continue;
                (void) snprintf(name, sizeof(name), "--%s%s%s", option->name,
                                option->argument ? " " : "",
                                option->argument ? option->argument : "");
                (void) printf("  %s %-21s %s\n", streq(option->name, "help") ? "-h" : "  ", name,
                                option->help);
        }
}

int help(void) {
        (void) printf("auditsharectl [OPTIONS...] VERB\n\n"
                      "Checks, plans, applies and shows which AWS Audit Manager frameworks are\n"
                      "shared with whom.\n\n"
                      "Verbs:\n");
        for (const Verb *verb = command_verbs; verb->name; verb++)
                (void) printf("  %-9s %-8s %s\n", verb->name, verb->arguments, verb->help);
        print_options(NULL);
        (void) printf("\nData goes to standard output, messages to standard error. NO_COLOR is "
                      "honoured.\n"
                      "'auditsharectl VERB --help' has more on a verb.\n");
        return output_end(0, EXIT_SUCCESS);
}

int help_verb(const Verb *verb) {
        (void) printf("auditsharectl %s [OPTIONS...]%s%s\n\n%s.\n", verb->name,
                        *verb->arguments ? " " : "", verb->arguments, verb->help);
        print_text(verb->details);
        print_options(verb);
        (void) printf("\nExample:\n  %s\n", verb->example);
        return output_end(0, EXIT_SUCCESS);
}
