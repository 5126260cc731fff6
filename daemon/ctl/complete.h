#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Completion, for the scripts of packaging/completion
 *
 * `auditsharectl __complete WORD...` prints what the last WORD, which may be empty, could become: a
 * whole word a line, a tab, and what it is; nothing that a terminal would not show as it is. The
 * last line says what the shell does with them:
 *
 *   :none   no more than to offer them
 *   :share  the same, quoted as a share's name
 *   :more   the same, and no space behind it: the word can go on
 *   :files  offer files (there are no candidates)
 */

#include <stddef.h>

#define COMPLETE_WORD "__complete"

/* The words behind COMPLETE_WORD. Always 0: at a prompt, nobody wants to hear of errors. */
int complete(char *const *words, size_t n_words);
