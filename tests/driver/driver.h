#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The conformance driver: one JSON object a line in, one a line out
 *
 * Other implementations are tried on the same cases and compared. An operation takes the request
 * and returns a new object, or NULL when out of memory.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

json_t *op_endpoint(const json_t *in);
json_t *op_error(const json_t *in);
json_t *op_escape_label(const json_t *in);
json_t *op_escape_query(const json_t *in);
json_t *op_json(const json_t *in);
json_t *op_parse(const json_t *in);
json_t *op_profile_fuzz(const json_t *in);
json_t *op_profile_parse(const json_t *in);
json_t *op_retry(const json_t *in);
json_t *op_retry_classify(const json_t *in);
json_t *op_serialize(const json_t *in);
json_t *op_sigv4(const json_t *in);
json_t *op_timestamp(const json_t *in);
json_t *op_xml_error(const json_t *in);

/* {"unsupported": why} and {"error": why}. */
json_t *answer_unsupported(const char *why);
json_t *answer_error(const char *why);

/* A member that is a string without NUL, else `fallback`. */
const char *get_text(const json_t *in, const char *key, const char *fallback);
bool get_bool(const json_t *in, const char *key, bool fallback);

/* A header of headers [[name, value]] by its name in any case, or NULL. */
const char *get_header(const json_t *in, const char *name);

/* Decodes a member of hex digits into out. 0, -EINVAL, -ENOMEM. */
int get_hex(const json_t *in, const char *key, Buffer *out);

/* A number of seconds: of a JSON number through the product's own reading, of text exactly. 0 or
 * -EINVAL. */
int timestamp_read(const char *format,
                const json_t *value,
                int64_t *ret_seconds,
                int64_t *ret_nanos);
