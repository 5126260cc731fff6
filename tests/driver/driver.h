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

#include "aws/endpoint.h"
#include "aws/profiles.h"
#include "util/buffer.h"
#include "util/environment.h"

json_t *op_configured_endpoint(const json_t *in);
json_t *op_container_uri(const json_t *in);
json_t *op_endpoint(const json_t *in);
json_t *op_error(const json_t *in);
json_t *op_escape_label(const json_t *in);
json_t *op_escape_query(const json_t *in);
json_t *op_imds_endpoint(const json_t *in);
json_t *op_json(const json_t *in);
json_t *op_parse(const json_t *in);
json_t *op_profile_chain(const json_t *in);
json_t *op_profile_fuzz(const json_t *in);
json_t *op_profile_locations(const json_t *in);
json_t *op_profile_parse(const json_t *in);
json_t *op_resolve_credentials(const json_t *in);
json_t *op_retry(const json_t *in);
json_t *op_retry_classify(const json_t *in);
json_t *op_serialize(const json_t *in);
json_t *op_sigv4(const json_t *in);
json_t *op_timestamp(const json_t *in);
json_t *op_xml_credentials(const json_t *in);
json_t *op_xml_error(const json_t *in);

/* {"unsupported": why} and {"error": why}. */
json_t *answer_unsupported(const char *why);
json_t *answer_error(const char *why);

/* A member that is a string without NUL, else `fallback`. */
const char *get_text(const json_t *in, const char *key, const char *fallback);
bool get_bool(const json_t *in, const char *key, bool fallback);

/* A header of headers [[name, value]] by its name in any case, or NULL. */
const char *get_header(const json_t *in, const char *name);

/* The member "env", an object of strings: the whole environment. Free with
 * given_environment_done(). 0 or -ENOMEM. */
typedef struct GivenEnvironment {
        char **lines;
        EnvironmentList list;
} GivenEnvironment;

int get_environment(const json_t *in, GivenEnvironment *ret);
void given_environment_done(GivenEnvironment *given);

/* The texts "config" and "credentials" parsed. 0, -ENOMEM, or -EINVAL with a new string. */
int get_profiles(const json_t *in, Profiles *ret, char **ret_why);

/* The member "service"; AWS_SERVICE_MAX for none that there is. */
AwsService get_service(const json_t *in);

/* What an endpoint's URL is, or why there is none. */
json_t *answer_endpoint(AwsService service, const EndpointOptions *options);

/* Decodes a member of hex digits into out. 0, -EINVAL, -ENOMEM. */
int get_hex(const json_t *in, const char *key, Buffer *out);

/* A number of seconds: of a JSON number through the product's own reading, of text exactly. 0 or
 * -EINVAL. */
int timestamp_read(const char *format,
                const json_t *value,
                int64_t *ret_seconds,
                int64_t *ret_nanos);
