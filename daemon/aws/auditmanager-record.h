#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* One record of an answer of Audit Manager as one of ours. */

#include <jansson.h>

#include "model/share.h"
#include "util/strings.h"

/* Members of records that neither of these reads, for json_prune(): those that nearly all records
 * have. */
extern const char *const records_unread[];

/*
 * Reads a record. Its texts go into `strings` (NULL: they are dropped). 0; -ENOMEM; -EFBIG where
 * the pool is full; -EBADMSG with the member of the key that cannot be read. ret_member stays as it
 * is where the record is no object.
 */
int share_request_from_json(const json_t *record,
                Strings *strings,
                ShareRequest *ret,
                const char **ret_member);
int framework_from_json(const json_t *record,
                Strings *strings,
                Framework *ret,
                const char **ret_member);
