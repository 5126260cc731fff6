/* SPDX-License-Identifier: Apache-2.0 */

/*
 * libcurl's options
 *
 * What libcurl does by default suits a download tool: it follows environment, .netrc, redirects and
 * proxies, and decompresses. A client that sends signed requests and tokens wants almost none of
 * it, and wants what it relies on written down, whatever the defaults of the next release are.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/http-options.h"
#include "aws/metadata-endpoint.h"
#include "aws/uri.h"
#include "util/mem.h"
#include "util/string-util.h"

/* The bundle of Debian, where libcurl was built without knowing any. */
#define CA_BUNDLE_FALLBACK "/etc/ssl/certs/ca-certificates.crt"

/* Long enough to spare the parsing, short enough that an update of ca-certificates arrives without
 * a restart. */
#define CA_CACHE_TIMEOUT_SEC (24L * 60 * 60)

/* A server may think for a while; one that says less than this for that long has died. */
#define LOW_SPEED_BYTES 64L
#define LOW_SPEED_SEC   20U

/* libcurl's default of 16 KiB makes a full page of a listing 500 reads; it is allocated for each
 * transfer, and what is large goes back to the kernel each time. */
#define RECEIVE_BUFFER       (128L * 1024)
#define SMALL_RECEIVE_BUFFER (16L * 1024)

/* Looked up once: libcurl puts its list of versions together anew each time that it is asked. */
const char *http_system_ca_bundle(void) {
        static const char *bundle;
        const curl_version_info_data *info;

        if (bundle)
                return bundle;
        info = curl_version_info(CURLVERSION_NOW);
        /* cainfo came with the seventh version of that struct, libcurl 7.70. */
        bundle = info->age >= CURLVERSION_SEVENTH && !is_blank(info->cainfo) ? info->cainfo
                                                                             : CA_BUNDLE_FALLBACK;
        return bundle;
}

static bool may_be_plain(const Url *url, HttpPlain plain) {
        switch (plain) {
        case HTTP_PLAIN_ANY:
                return true;
        case HTTP_PLAIN_METADATA:
                return url_is_loopback(url) || url_metadata_address(url) != METADATA_ADDRESS_NONE;
        case HTTP_PLAIN_LOOPBACK:
        case HTTP_PLAIN_MAX:
                return url_is_loopback(url);
        }
        return false;
}

/*
 * Whether the URL may be asked at all, and whether it stays on this host. The query is none of
 * url_parse()'s business: an endpoint has none.
 */
static int url_check(const HttpRequest *request, bool *ret_https, bool *ret_loopback) {
        _cleanup_url_ Url parsed = { 0 };
        _cleanup_free_ char *base = strndup(request->url, strcspn(request->url, "?"));
        int r;

        if (!base)
                return -ENOMEM;

        r = url_parse(base, &parsed, NULL);
        if (r < 0)
                return r;

        *ret_https = parsed.https;
        *ret_loopback = url_is_loopback(&parsed);
        return parsed.https || may_be_plain(&parsed, request->plain) ? 0 : -EINVAL;
}

static void set_connection(HttpOptions *options, const HttpRequest *request) {
        unsigned timeout_sec =
                        request->timeout_sec > 0 ? request->timeout_sec : HTTP_CALL_TIMEOUT_SEC;
        unsigned connect_sec = request->connect_timeout_sec > 0 ? request->connect_timeout_sec
                                                                : HTTP_CONNECT_TIMEOUT_SEC;

        HTTP_OPTION(options, CURLOPT_CONNECTTIMEOUT, (long) connect_sec);
        HTTP_OPTION(options, CURLOPT_TIMEOUT, (long) timeout_sec);
        HTTP_OPTION(options, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
        HTTP_OPTION(options, CURLOPT_LOW_SPEED_TIME, (long) MIN(timeout_sec, LOW_SPEED_SEC));
        HTTP_OPTION(options, CURLOPT_NOSIGNAL, 1L);
        /* Else giving up on a name waits for the resolver's thread, and with it the whole event
         * loop. */
        HTTP_OPTION(options, CURLOPT_QUICK_EXIT, 1L);
        HTTP_OPTION(options, CURLOPT_TCP_NODELAY, 1L);
        HTTP_OPTION(options, CURLOPT_TCP_KEEPALIVE, 1L);
        /* One request at a time on a connection: which one a broken connection belonged to must
         * never be a question. */
        HTTP_OPTION(options, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
        HTTP_OPTION(options, CURLOPT_PIPEWAIT, 0L);
        HTTP_OPTION(options, CURLOPT_BUFFERSIZE,
                        request->answer_max > 0 ? SMALL_RECEIVE_BUFFER : RECEIVE_BUFFER);
}

static void set_tls(HttpOptions *options, const HttpRequest *request) {
        const char *bundle = request->ca_bundle ? request->ca_bundle : http_system_ca_bundle();

        HTTP_OPTION(options, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        HTTP_OPTION(options, CURLOPT_SSL_VERIFYPEER, 1L);
        HTTP_OPTION(options, CURLOPT_SSL_VERIFYHOST, 2L);
        HTTP_OPTION(options, CURLOPT_CAINFO, bundle);
        /* libcurl keeps the parsed bundle only where there is no folder to look into; Debian's
         * default names one. */
        HTTP_OPTION(options, CURLOPT_CAPATH, (char *) NULL);
        HTTP_OPTION(options, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_TIMEOUT_SEC);

        HTTP_OPTION(options, CURLOPT_PROXY_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        HTTP_OPTION(options, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
        HTTP_OPTION(options, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
        HTTP_OPTION(options, CURLOPT_PROXY_CAINFO, bundle);
        HTTP_OPTION(options, CURLOPT_PROXY_CAPATH, (char *) NULL);
}

/* Nothing is sent that the caller did not write, and nothing is done with an answer but handing it
 * over. */
static void set_manners(HttpOptions *options) {
        HTTP_OPTION(options, CURLOPT_FOLLOWLOCATION, 0L);
        HTTP_OPTION(options, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
        HTTP_OPTION(options, CURLOPT_HTTPAUTH, (long) CURLAUTH_NONE);
        HTTP_OPTION(options, CURLOPT_COOKIEFILE, (char *) NULL);
        HTTP_OPTION(options, CURLOPT_ACCEPT_ENCODING, (char *) NULL);
        HTTP_OPTION(options, CURLOPT_HTTP_CONTENT_DECODING, 0L);
        HTTP_OPTION(options, CURLOPT_HTTP09_ALLOWED, 0L);
        HTTP_OPTION(options, CURLOPT_PATH_AS_IS, 1L);
        HTTP_OPTION(options, CURLOPT_NOPROGRESS, 1L);
        /* A proxy is told where to connect to, and sees no header of ours. */
        HTTP_OPTION(options, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
        HTTP_OPTION(options, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_target(HttpOptions *options,
                const HttpRequest *request,
                bool https,
                bool loopback) {
        size_t answer_max = request->answer_max > 0 ? request->answer_max : HTTP_ANSWER_MAX;

        HTTP_OPTION(options, CURLOPT_URL, request->url);
        HTTP_OPTION(options, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
        HTTP_OPTION(options, CURLOPT_REDIR_PROTOCOLS_STR, "https");
        /* An empty proxy also overrides the environment, which libcurl reads by itself otherwise.
         */
        if (request->no_proxy || loopback)
                HTTP_OPTION(options, CURLOPT_PROXY, "");
        HTTP_OPTION(options, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) answer_max);
}

static void set_method(HttpOptions *options, const HttpRequest *request) {
        bool has_body = request->body || streq(request->method, "POST")
                        || streq(request->method, "PUT");

        if (!has_body) {
                HTTP_OPTION(options, CURLOPT_HTTPGET, 1L);
                if (!streq(request->method, "GET"))
                        HTTP_OPTION(options, CURLOPT_CUSTOMREQUEST, request->method);
                return;
        }

        HTTP_OPTION(options, CURLOPT_POST, 1L);
        HTTP_OPTION(options, CURLOPT_CUSTOMREQUEST, request->method);
        HTTP_OPTION(options, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body_length);
        /* In one piece with the headers, where it is short. */
        HTTP_OPTION(options, CURLOPT_POSTFIELDS, request->body ? request->body : "");
}

int http_options_set(CURL *easy, const HttpRequest *request) {
        HttpOptions options = { .easy = easy };
        bool https, loopback;
        int r;

        assert(request->method && request->url && (request->body || request->body_length == 0));

        r = url_check(request, &https, &loopback);
        if (r < 0)
                return r;

        set_connection(&options, request);
        set_tls(&options, request);
        set_manners(&options);
        set_target(&options, request, https, loopback);
        set_method(&options, request);

        if (options.failed == CURLE_OUT_OF_MEMORY)
                return -ENOMEM;
        return options.failed == CURLE_OK ? 0 : -EOPNOTSUPP;
}

static int add_header(struct curl_slist **headers, const char *line) {
        struct curl_slist *longer = curl_slist_append(*headers, line);

        if (!longer)
                return -ENOMEM;
        *headers = longer;
        return 0;
}

/* A name without a value takes out what libcurl would add. */
int http_headers_copy(const char *const *headers, struct curl_slist **ret) {
        int r;

        r = add_header(ret, "Accept:");
        if (r >= 0)
                r = add_header(ret, "Expect:");
        for (size_t i = 0; r >= 0 && headers && headers[i]; i++)
                r = add_header(ret, headers[i]);
        return r;
}

/* Authorization and the session token are among them. */
void http_headers_free(struct curl_slist *headers) {
        for (struct curl_slist *line = headers; line; line = line->next)
                erase(line->data, strlen(line->data));
        curl_slist_free_all(headers);
}
