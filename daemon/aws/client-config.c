/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is fixed for the life of a client
 *
 * A config file that is there and cannot be read is an error, because it may say that requests go
 * elsewhere; so is one that others can write, for the service: it would say where signed requests
 * go, and whom to trust there, also where keys come from somewhere else.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "aws/client-config.h"
#include "aws/credentials-files.h"
#include "aws/endpoint-configured.h"
#include "aws/http.h"
#include "aws/profiles.h"
#include "aws/uri.h"
#include "model/version.h"
#include "util/mem.h"
#include "util/string-util.h"

/* More make no call succeed that ten do not. */
#define ATTEMPTS_MAX 10

/* An application id's length: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html */
#define APP_ID_MAX 50

/* What is looked at. */
typedef struct Inputs {
        const Source *source;
        const Environment *environment;
        Profiles profiles;
        ProfileLocations locations;
        const char *profile; /* that counts */
} Inputs;

static void inputs_done(Inputs *inputs) {
        profiles_done(&inputs->profiles);
        profile_locations_done(&inputs->locations);
}

static int inputs_read(Inputs *inputs, bool is_service, char **reterr_why) {
        FileTrust trust = is_service ? FILE_TRUST_UNWRITABLE : FILE_TRUST_ANY;
        _cleanup_buffer_ Buffer missing = { 0 }, why = { 0 };
        int r;

        r = profile_locations_resolve(inputs->environment, !is_service, &inputs->locations);
        if (r < 0)
                return r;
        inputs->profile = inputs->source->profile ? inputs->source->profile
                                                  : inputs->locations.profile;
        r = credentials_files_read(inputs->environment, &inputs->locations, trust,
                        &inputs->profiles, &missing, &why);
        if (r != -EINVAL && r != -EPERM)
                return r;

        /* Keys that are being replaced at this moment are no reason not to start. */
        free(inputs->locations.credentials);
        inputs->locations.credentials = NULL;
        buffer_clear(&why);
        r = credentials_files_read(inputs->environment, &inputs->locations, trust,
                        &inputs->profiles, &missing, &why);
        if (r != -EINVAL && r != -EPERM)
                return r;
        *reterr_why = buffer_steal(&why);
        return -EINVAL;
}

/* The environment's value, else the profile's; NULL: neither. */
static const char *either(const Inputs *inputs, const char *variable, const char *key) {
        const char *value = environment_text(inputs->environment, variable);

        return value ? value : profiles_text(&inputs->profiles, inputs->profile, key);
}

static int endpoint_take_apart(ClientEndpoint *endpoint, Buffer *url, const char **ret_why) {
        _cleanup_buffer_ Buffer host = { 0 };
        _cleanup_url_ Url parsed = { 0 };
        int r;

        r = url_parse(buffer_text(url), &parsed, ret_why);
        if (r >= 0)
                r = url_host_header(&parsed, &host);
        if (r < 0)
                return r;

        endpoint->url = buffer_steal(url);
        endpoint->host = buffer_steal(&host);
        endpoint->path = TAKE_PTR(parsed.path);
        return endpoint->url && endpoint->host && endpoint->path ? 0 : -ENOMEM;
}

static int explain_endpoint(AwsService service,
                const ConfiguredEndpoint *configured,
                const char *why,
                char **reterr_why) {
        int n;

        if (configured->url)
                n = asprintf(reterr_why, "the endpoint of %s, %s (%s), cannot be used: %s",
                                aws_service_name(service), configured->url, configured->origin,
                                why);
        else
                n = asprintf(reterr_why, "the endpoint of %s cannot be used: %s",
                                aws_service_name(service), why);
        if (n < 0) {
                *reterr_why = NULL;
                return -ENOMEM;
        }
        return -EINVAL;
}

static int endpoint_load(const Inputs *inputs,
                AwsService service,
                ClientEndpoint *ret,
                char **reterr_why) {
        const Source *source = inputs->source;
        _cleanup_(configured_endpoint_done) ConfiguredEndpoint configured = { 0 };
        EndpointWishes wishes = {
                .url = service == AWS_SERVICE_STS ? source->sts_endpoint_url : source->endpoint_url,
                .use_fips = source->use_fips_endpoint,
                .use_dualstack = source->use_dualstack_endpoint,
        };
        EndpointOptions options = { .region = region_name(source->region) };
        _cleanup_buffer_ Buffer url = { 0 };
        const char *why = NULL;
        int r;

        r = endpoint_configured(service, &wishes, inputs->environment, &inputs->profiles,
                        inputs->profile, &configured);
        if (r < 0)
                return r;
        if (configured.fault)
                return explain_endpoint(service, &configured, configured.fault, reterr_why);
        options.use_fips = configured.use_fips;
        options.use_dualstack = configured.use_dualstack;
        options.override_url = configured.url;

        r = endpoint_resolve(service, &options, &url, &why);
        if (r >= 0)
                r = endpoint_take_apart(ret, &url, &why);
        if (r == -EINVAL)
                return explain_endpoint(service, &configured, why ? why : "not valid", reterr_why);
        ret->origin = configured.url ? configured.origin : NULL;
        return r;
}

/* A user agent's words are RFC 9110 tokens; an application id is the operator's text. */
static void add_word(Buffer *out, const char *text, size_t max) {
        for (size_t i = 0; i < max && text[i]; i++) {
                const char c = text[i];
                bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                                || (c >= 'a' && c <= 'z') || strchr("!$%&'*+-.^_`|~", c);

                (void) buffer_append(out, fits ? &c : "-", 1);
        }
}

/* In the form of the SDKs' user agents, so that what reads theirs can read ours. */
static int user_agent_write(const char *app_id, char **ret) {
        struct utsname system;
        Buffer text = { 0 };

        (void) buffer_addf(&text, "auditshared/%s md/libcurl#%s os/linux", AUDITSHARED_VERSION,
                        http_library_version());
        if (uname(&system) >= 0) {
                (void) buffer_add(&text, "#");
                add_word(&text, system.release, APP_ID_MAX);
        }
        (void) buffer_add(&text, " lang/c cfg/retry-mode#standard");
        if (app_id) {
                (void) buffer_add(&text, " app/");
                add_word(&text, app_id, APP_ID_MAX);
        }
        if (buffer_status(&text) < 0) {
                buffer_done(&text);
                return -ENOMEM;
        }

        *ret = buffer_steal(&text);
        return *ret ? 0 : -ENOMEM;
}

static int retry_load(const char *text, RetryNumbers *ret, char **reterr_why) {
        uint64_t attempts = retry_standard.max_attempts;
        int r = 0;

        if (text)
                r = parse_uint(text, ATTEMPTS_MAX, &attempts);
        if (r == -ERANGE)
                attempts = ATTEMPTS_MAX;
        else if (r < 0 || attempts == 0) {
                if (asprintf(reterr_why,
                                    "AWS_MAX_ATTEMPTS, or max_attempts of the profile, is no whole "
                                    "number from 1: %s",
                                    text)
                                < 0)
                        *reterr_why = NULL;
                return -EINVAL;
        }

        *ret = retry_standard;
        ret->max_attempts = (unsigned) attempts;
        return 0;
}

static int load(const Inputs *inputs, ClientConfig *config, char **reterr_why) {
        const char *bundle = inputs->source->ca_bundle;
        int r = 0;

        for (AwsService service = 0; service < AWS_SERVICE_MAX && r >= 0; service++)
                r = endpoint_load(inputs, service, &config->endpoints[service], reterr_why);
        if (r >= 0)
                r = text_copy(bundle ? bundle : either(inputs, "AWS_CA_BUNDLE", "ca_bundle"),
                                &config->ca_bundle);
        if (r >= 0)
                r = user_agent_write(either(inputs, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id"),
                                &config->user_agent);
        if (r >= 0)
                r = text_copy(profiles_text(&inputs->profiles, inputs->profile,
                                              "ec2_metadata_service_endpoint"),
                                &config->metadata_endpoint);
        if (r >= 0)
                r = text_copy(profiles_text(&inputs->profiles, inputs->profile,
                                              "ec2_metadata_service_endpoint_mode"),
                                &config->metadata_endpoint_mode);
        if (r >= 0)
                r = retry_load(either(inputs, "AWS_MAX_ATTEMPTS", "max_attempts"), &config->retry,
                                reterr_why);
        return r;
}

int client_config_load(const Source *source,
                const Environment *environment,
                bool is_service,
                ClientConfig *ret,
                char **reterr_why) {
        _cleanup_(inputs_done) Inputs inputs = { .source = source, .environment = environment };
        _cleanup_(client_config_done) ClientConfig config = { 0 };
        int r;

        r = inputs_read(&inputs, is_service, reterr_why);
        if (r >= 0)
                r = load(&inputs, &config, reterr_why);
        if (r < 0)
                return r;

        *ret = config;
        config = (ClientConfig){ 0 };
        return 0;
}

void client_config_done(ClientConfig *config) {
        for (AwsService service = 0; service < AWS_SERVICE_MAX; service++) {
                free(config->endpoints[service].url);
                free(config->endpoints[service].host);
                free(config->endpoints[service].path);
        }
        free(config->ca_bundle);
        free(config->user_agent);
        free(config->metadata_endpoint);
        free(config->metadata_endpoint_mode);
        *config = (ClientConfig){ 0 };
}
