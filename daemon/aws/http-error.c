/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Errors of a transfer, in words
 *
 * What libcurl knows as numbers is taken from there. Its text is looked at only for what it has
 * nowhere else: OpenSSL's reason, the file of a bundle, the host of a proxy. It is handed on where
 * nothing better is known, and never where it may quote a proxy's URL, which contains a password.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/http-error.h"
#include "aws/http-proxy.h"
#include "aws/uri.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

typedef struct Failed {
        CURL *easy;
        const char *text;
        const char *host;
        unsigned port;
        bool sent;
        const char *url; /* without its query; NULL: not known */
        char *ret;
        size_t size;
} Failed;

#define SAY(f, ...) ((void) snprintf((f)->ret, (f)->size, __VA_ARGS__))

static long number(const Failed *f, CURLINFO info) {
        long value = 0;

        (void) curl_easy_getinfo(f->easy, info, &value);
        return value;
}

static bool has_reached(const Failed *f, CURLINFO step) {
        curl_off_t usec = 0;

        (void) curl_easy_getinfo(f->easy, step, &usec);
        return usec > 0;
}

/*
 * TLS.
 */

#define NOT_KNOWN "not trusted here (see ca_bundle)"

static const struct {
        long result;
        const char *words; /* behind "the certificate of HOST" */
        HttpFailure failure;
} verify_words[] = {
        { X509_V_ERR_CERT_HAS_EXPIRED, "has expired", HTTP_FAILURE_TLS },
        { X509_V_ERR_CERT_NOT_YET_VALID, "is not valid yet; is this host's clock right?",
                        HTTP_FAILURE_TLS },
        { X509_V_ERR_CERT_REVOKED, "was revoked", HTTP_FAILURE_TLS },
        { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "is of an authority that is " NOT_KNOWN,
                        HTTP_FAILURE_AUTHORITY },
        { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "is of an authority that is " NOT_KNOWN,
                        HTTP_FAILURE_AUTHORITY },
        { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "is of an authority that is " NOT_KNOWN,
                        HTTP_FAILURE_AUTHORITY },
        { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "is of an authority that is " NOT_KNOWN,
                        HTTP_FAILURE_AUTHORITY },
        { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "is signed by itself, and " NOT_KNOWN,
                        HTTP_FAILURE_AUTHORITY },
};

static HttpFailure say_certificate(const Failed *f) {
        long proxys = number(f, CURLINFO_PROXY_SSL_VERIFYRESULT),
             result = proxys ? proxys : number(f, CURLINFO_SSL_VERIFYRESULT);
        const char *whose = proxys ? "the proxy" : f->host;

        /* The handshake verifies the chain; where only the name is wrong, libcurl 7.88 leaves an
         * unspecified error behind, and other releases none. */
        if (result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED) {
                SAY(f, "TLS: the certificate of %s is for another name", whose);
                return HTTP_FAILURE_TLS;
        }
        for (size_t i = 0; i < ELEMENTSOF(verify_words); i++)
                if (verify_words[i].result == result) {
                        SAY(f, "TLS: the certificate of %s %s", whose, verify_words[i].words);
                        return verify_words[i].failure;
                }
        SAY(f, "TLS: the certificate of %s is refused: %s", whose,
                        X509_verify_cert_error_string(result));
        return HTTP_FAILURE_TLS;
}

static const struct {
        const char *reason; /* OpenSSL's */
        const char *words; /* behind "TLS: HOST port PORT" */
} handshake_words[] = {
        { "wrong version number", "answers something else than TLS" },
        { "packet length too long", "answers something else than TLS" },
        { "unsupported protocol", "offers nothing from TLS 1.2 on" },
        { "alert protocol version", "offers nothing from TLS 1.2 on" },
        { "SSL_ERROR_SYSCALL", "closes the connection in the handshake" },
        { "Connection reset by peer", "closes the connection in the handshake" },
        { "unexpected eof", "closes the connection in the handshake" },
};

/* The server, or the https proxy in front of it: another port answered, and no tunnel was there. */
static void say_with_whom(const Failed *f, char *ret, size_t size) {
        long port = number(f, CURLINFO_PRIMARY_PORT);

        if (port > 0 && port != (long) f->port && number(f, CURLINFO_HTTP_CONNECTCODE) == 0)
                (void) snprintf(ret, size, "the proxy on port %ld", port);
        else
                (void) snprintf(ret, size, "%s port %u", f->host, f->port);
}

/* OpenSSL's texts are "error:0A00010B:SSL routines::REASON". */
static void say_handshake(const Failed *f) {
        const char *colons = strstr(f->text, "::"), *reason = colons ? colons + 2 : f->text;
        char whom[300];

        say_with_whom(f, whom, sizeof(whom));
        for (size_t i = 0; i < ELEMENTSOF(handshake_words); i++)
                if (strstr(reason, handshake_words[i].reason)) {
                        SAY(f, "TLS: %s %s", whom, handshake_words[i].words);
                        return;
                }
        SAY(f, "TLS: no session with %s: %s", whom, reason);
}

static void say_bundle(const Failed *f) {
        static const char before[] = "error setting certificate file: ";
        const char *path = strstr(f->text, before);
        _cleanup_close_ int fd = -EBADF;
        char byte;

        if (!path) {
                SAY(f, "TLS: the CA bundle cannot be used: %s", f->text);
                return;
        }
        path += strlen(before);
        /* Cut off: what is left of it may be another file. */
        if (strlen(f->text) >= CURL_ERROR_SIZE - 1) {
                SAY(f, "TLS: the CA bundle %s... cannot be used", path);
                return;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || read(fd, &byte, 1) < 0)
                SAY(f, "TLS: the CA bundle %s cannot be read: %s", path, strerror(errno));
        else
                SAY(f, "TLS: the CA bundle %s contains no certificate in PEM", path);
}

/*
 * Names, connections, proxies.
 */

static void say_proxy_name(const Failed *f) {
        static const char before[] = "Could not resolve proxy: ";

        if (starts_with(f->text, before))
                SAY(f, "the proxy's name %s cannot be resolved", f->text + strlen(before));
        else
                SAY(f, "the proxy in the environment (HTTPS_PROXY or ALL_PROXY) is no URL of one");
}

/* "Failed to connect to HOST port PORT after 0 ms: …": a host or port not ours is the proxy's. */
static HttpFailure say_no_connection(const Failed *f) {
        long error = number(f, CURLINFO_OS_ERRNO);
        const char *why = error > 0 ? strerror((int) error) : "no address answers";
        bool is_proxys = false;
        char host[256];
        unsigned port;

        if (starts_with(f->text, "Unsupported proxy")) {
                say_proxy_name(f);
                return HTTP_FAILURE_PROXY;
        }
        if (sscanf(f->text, "Failed to connect to %255s port %u", host, &port) != 2) {
                (void) snprintf(host, sizeof(host), "%s", f->host);
                port = f->port;
        } else
                is_proxys = !streq(host, f->host) || port != f->port;
        SAY(f, "no connection to %s%s port %u: %s", is_proxys ? "the proxy " : "", host, port, why);
        return is_proxys ? HTTP_FAILURE_PROXY : HTTP_FAILURE_CONNECT;
}

/* 407 it should be; tinyproxy answers 401 to a wrong password. */
static void say_tunnel(const Failed *f, long status) {
        if (status == 401 || status == 407)
                SAY(f, "the proxy refuses us: user name or password missing or wrong (HTTP %ld)",
                                status);
        else
                SAY(f, "the proxy does not connect to %s port %u (HTTP %ld)", f->host, f->port,
                                status);
}

/* Up to the tunnel libcurl does not tell for whom it was waiting. */
static const char *or_proxy(const Failed *f) {
        _cleanup_(http_proxy_done) HttpProxy proxy = { 0 };

        if (!f->url || http_proxy_find(f->url, &environment_process, &proxy) < 0)
                return "";
        return proxy.variable ? " (or its proxy)" : "";
}

static void say_timeout(const Failed *f) {
        char whom[300];

        say_with_whom(f, whom, sizeof(whom));
        if (f->sent && has_reached(f, CURLINFO_STARTTRANSFER_TIME_T))
                SAY(f, "timeout: the answer of %s does not end", f->host);
        else if (f->sent)
                SAY(f, "timeout: no answer from %s", f->host);
        else if (has_reached(f, CURLINFO_CONNECT_TIME_T))
                SAY(f, "timeout: no TLS session with %s", whom);
        else if (has_reached(f, CURLINFO_NAMELOOKUP_TIME_T))
                SAY(f, "timeout: no connection to %s port %u%s", f->host, f->port, or_proxy(f));
        else
                SAY(f, "timeout: no answer from DNS about %s%s", f->host, or_proxy(f));
}

static HttpFailure say(const Failed *f, CURLcode code) {
        long tunnel = number(f, CURLINFO_HTTP_CONNECTCODE);

        switch ((int) code) {
        case CURLE_OUT_OF_MEMORY:
                /* libcurl 7.88 says so of a header line over 100 KB, too. */
                if (f->sent)
                        SAY(f, "out of memory, or %s sends a header without an end", f->host);
                else
                        SAY(f, "out of memory");
                return HTTP_FAILURE_OTHER;
        case CURLE_FILESIZE_EXCEEDED:
                SAY(f, "the answer of %s is too long: %s; look at what answers there", f->host,
                                f->text);
                return HTTP_FAILURE_OTHER;
        case CURLE_ABORTED_BY_CALLBACK: /* ours would not have it sent again, see http.c */
                SAY(f, "%s closed the connection after the request was sent", f->host);
                return HTTP_FAILURE_OTHER;
        case CURLE_GOT_NOTHING:
                SAY(f, "%s closed the connection without an answer", f->host);
                return HTTP_FAILURE_OTHER;
        case CURLE_COULDNT_RESOLVE_HOST:
                SAY(f, "the name %s cannot be resolved", f->host);
                return HTTP_FAILURE_NAME;
        case CURLE_COULDNT_RESOLVE_PROXY:
                say_proxy_name(f);
                return HTTP_FAILURE_PROXY;
        case CURLE_COULDNT_CONNECT:
                return say_no_connection(f);
        case CURLE_OPERATION_TIMEDOUT:
                say_timeout(f);
                return HTTP_FAILURE_TIMEOUT;
        case CURLE_PEER_FAILED_VERIFICATION:
                return say_certificate(f);
        case CURLE_SSL_CONNECT_ERROR:
                say_handshake(f);
                return HTTP_FAILURE_TLS;
        case CURLE_SSL_CACERT_BADFILE:
                say_bundle(f);
                return HTTP_FAILURE_AUTHORITY;
        default:
                if (tunnel >= 300) {
                        say_tunnel(f, tunnel);
                        return HTTP_FAILURE_PROXY;
                }
                SAY(f, "%s: %s", f->host, *f->text ? f->text : curl_easy_strerror(code));
                return HTTP_FAILURE_OTHER;
        }
}

HttpFailure http_error_describe(CURL *easy,
                CURLcode code,
                const char *text,
                bool sent,
                char *ret,
                size_t size) {
        Failed failed = {
                .easy = easy,
                .text = text,
                .host = "the server",
                .sent = sent,
                .ret = ret,
                .size = size,
        };
        _cleanup_free_ char *base = NULL;
        _cleanup_url_ Url url = { 0 };
        char *whole = NULL;

        assert(easy && code != CURLE_OK && text && ret);

        (void) curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &whole);
        base = whole ? strndup(whole, strcspn(whole, "?")) : NULL;
        if (base && url_parse(base, &url, NULL) >= 0) {
                failed.host = url.host;
                failed.port = url.port;
                failed.url = base;
        }
        return say(&failed, code);
}
