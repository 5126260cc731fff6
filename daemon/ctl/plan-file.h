#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The file of a saved plan: JSON with a checksum, for its owner alone
 *
 * It says what will be written at AWS, so it is only taken from who could write it anyway.
 */

#include "ctl/plan-saved.h"

/* More is no plan: half a million writes are about this much. */
#define PLAN_FILE_MAX ((size_t) 128 * 1024 * 1024)

/*
 * Replaces the file as a whole, mode 0600. 0 or a negative errno; -EFBIG beyond PLAN_FILE_MAX,
 * -EEXIST where what is there is no regular file. The old one is intact after a failure.
 */
int plan_file_write(const char *path, const SavedPlan *plan);

/* 0; -ENOMEM; or another negative errno with *reterr_why (a new string the caller frees): what is
 * wrong with the file. */
int plan_file_read(const char *path, SavedPlan **ret, char **reterr_why);
