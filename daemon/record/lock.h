#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* One writer at a time: a lock in the StateDirectory, which names its holder. */

#include <stdint.h>
#include <sys/types.h>

/*
 * Takes the lock. A new file descriptor that holds it until it is closed, or a negative errno with
 * *reterr_why (a new line): -EBUSY where another process has it, which is then named.
 */
int lock_take(int dir_fd, const char *directory, const char *holder, char **reterr_why);

/*
 * Whether a line of /proc/locks (proc_locks(5)) is about a lock of that kind on the file with that
 * inode: its holder's number, or 0. Who only waits for one does not hold it. The device is not
 * compared: on btrfs and overlayfs it is another than stat(2) says.
 */
pid_t lock_line_holder(const char *line, uint64_t inode);
