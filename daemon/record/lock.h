#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* One writer at a time: a lock in the StateDirectory, which names its holder. */

/*
 * Takes the lock. A new file descriptor that holds it until it is closed, or a negative errno with
 * *reterr_why (a new line): -EBUSY where another process has it, which is then named.
 */
int lock_take(int dir_fd, const char *directory, const char *holder, char **reterr_why);
