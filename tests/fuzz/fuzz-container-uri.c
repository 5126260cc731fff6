/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The endpoints of containers and of instance metadata, as an environment may name them
 *
 * A URL that is taken for plain http goes, in libcurl's eyes, to loopback or to an address of AWS;
 * an endpoint that is taken is taken again as it was written out.
 */

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/container-uri.h"
#include "aws/metadata-endpoint.h"
#include "util/mem.h"
#include "util/string-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stays_here_ipv6(const char *host) {
        static const char *const addresses[] = { "fd00:ec2::23", "::1" };
        char text[INET6_ADDRSTRLEN] = "";
        struct in6_addr ours, theirs;

        if (strlen(host) - 2 >= sizeof(text))
                return false;
        memcpy(text, host + 1, strlen(host) - 2);
        for (size_t i = 0; i < ELEMENTSOF(addresses); i++)
                if (inet_pton(AF_INET6, addresses[i], &ours) == 1
                                && inet_pton(AF_INET6, text, &theirs) == 1
                                && memcmp(&ours, &theirs, sizeof(ours)) == 0)
                        return true;
        return false;
}

/* The host is an address, or a name that libcurl knows by heart. */
static bool stays_here(const char *host) {
        struct in_addr in;

        if (host[0] == '[')
                return stays_here_ipv6(host);
        if (streq(host, "169.254.170.2") || streq(host, "169.254.170.23"))
                return true;
        return strcasecmp(host, "localhost") == 0
                        || (inet_pton(AF_INET, host, &in) == 1 && ntohl(in.s_addr) >> 24 == 127);
}

static void check_url(const char *url) {
        CURLU *parsed = curl_url();
        char *scheme = NULL, *host = NULL, *user = NULL;

        if (!parsed)
                return;
        if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK
                        && curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
                        && curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
                if (curl_url_get(parsed, CURLUPART_USER, &user, 0) != CURLUE_NO_USER)
                        abort();
                if (!streq(scheme, "https") && !(streq(scheme, "http") && stays_here(host)))
                        abort();
        }
        curl_free(scheme);
        curl_free(host);
        curl_free(user);
        curl_url_cleanup(parsed);
}

static void check_container(const char *text, const char *variable) {
        _cleanup_buffer_ Buffer line = { 0 }, url = { 0 }, host = { 0 }, why = { 0 };
        const char *lines[] = { NULL, NULL };
        EnvironmentList environment = environment_list(lines);

        if (buffer_addf(&line, "%s=%s", variable, text) < 0)
                return;
        lines[0] = buffer_text(&line);
        if (container_uri(&environment.environment, &url, &host, &why) < 0) {
                if (why.length == 0 || url.length > 0)
                        abort();
                return;
        }
        check_url(buffer_text(&url));
        check_url(buffer_text(&host));
}

static void check_metadata(const char *text) {
        MetadataWishes once = { .endpoint = text, .mode = text }, twice = { 0 };
        const char *lines[] = { NULL };
        EnvironmentList environment = environment_list(lines);
        _cleanup_buffer_ Buffer url = { 0 }, again = { 0 }, why = { 0 };

        if (metadata_endpoint(&environment.environment, &once, &url, &why) < 0) {
                if (why.length == 0)
                        abort();
                return;
        }
        twice.profile_endpoint = buffer_text(&url);
        if (metadata_endpoint(&environment.environment, &twice, &again, &why) < 0
                        || !streq(buffer_text(&url), buffer_text(&again)))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = size > 0 ? strndup((const char *) data, size) : strdup("");

        if (!text)
                return 0;
        check_container(text, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        check_container(text, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        check_metadata(text);
        return 0;
}
