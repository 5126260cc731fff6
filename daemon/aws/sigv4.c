/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Signature Version 4
 *
 * Three stages: what is signed (the canonical request), the string to sign, the signature.
 * libcurl's own signer is not used: it leaves queries unsorted and nextToken's "+/=" as they are,
 * and AWS then answers that it expected another signature.
 */

#include <assert.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4-canonical.h"
#include "aws/sigv4.h"
#include "util/mem.h"
#include "util/secret.h"
#include "util/string-util.h"
#include "util/time.h"

#define ALGORITHM   "AWS4-HMAC-SHA256"
#define TERMINATOR  "aws4_request"
#define DIGEST_SIZE 32
#define DAY_LENGTH  8 /* of "20150830T123600Z" */

/* SHA-256 of no bytes at all: most requests have no body. */
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct Signer {
        EVP_MD *sha256;
        EVP_MD_CTX *digest;
        EVP_MAC_CTX *derive; /* keyed anew for each step of a derivation */
        EVP_MAC_CTX *sign; /* keyed once with the key below */
        CanonicalScratch scratch;

        /* What the key was derived from. */
        char *secret;
        char day[DAY_LENGTH + 1];
        Buffer region, service;
        Buffer scope; /* day, Region and service as they are written: 20150830/us-east-1/iam/... */

        /* The second that was last written as text: formatting one costs more than hashing a
         * request. */
        int64_t second;
        char date[TIME_TEXT_MAX];
};

static int new_hmac(EVP_MAC_CTX **ret) {
        char digest[] = "SHA256";
        OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                OSSL_PARAM_construct_end() };
        EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        EVP_MAC_CTX *context;

        if (!mac)
                return -ENOMEM;
        context = EVP_MAC_CTX_new(mac);
        EVP_MAC_free(mac);
        if (!context)
                return -ENOMEM;
        if (!EVP_MAC_CTX_set_params(context, params)) {
                EVP_MAC_CTX_free(context);
                return -ENOMEM;
        }

        *ret = context;
        return 0;
}

static int open_contexts(Signer *signer) {
        int r;

        signer->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        signer->digest = EVP_MD_CTX_new();
        if (!signer->sha256 || !signer->digest)
                return -ENOMEM;
        r = new_hmac(&signer->derive);
        return r < 0 ? r : new_hmac(&signer->sign);
}

int signer_new(Signer **ret) {
        _cleanup_(signer_freep) Signer *signer = calloc(1, sizeof(Signer));
        int r;

        if (!signer)
                return -ENOMEM;
        signer->second = TIME_UNKNOWN;
        r = open_contexts(signer);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(signer);
        return 0;
}

Signer *signer_free(Signer *signer) {
        if (!signer)
                return NULL;

        EVP_MAC_CTX_free(signer->derive);
        EVP_MAC_CTX_free(signer->sign);
        EVP_MD_CTX_free(signer->digest);
        EVP_MD_free(signer->sha256);
        canonical_scratch_done(&signer->scratch);
        buffer_done(&signer->region);
        buffer_done(&signer->service);
        buffer_done(&signer->scope);
        (void) text_wipe(signer->secret);
        erase(signer, sizeof(*signer));
        free(signer);
        return NULL;
}

static int sha256_hex(Signer *signer, const void *data, size_t length, char hex[static 65]) {
        unsigned char digest[DIGEST_SIZE];

        if (!EVP_DigestInit_ex(signer->digest, signer->sha256, NULL)
                        || !EVP_DigestUpdate(signer->digest, data, length)
                        || !EVP_DigestFinal_ex(signer->digest, digest, NULL))
                return -ENOMEM;
        hex_encode(digest, sizeof(digest), hex);
        return 0;
}

/* A NULL key is the one of the time before, which saves hashing it again; OpenSSL keeps it
 * since 3.0.3. */
static int hmac(EVP_MAC_CTX *context,
                const void *key,
                size_t key_length,
                const char *data,
                size_t length,
                unsigned char ret[static DIGEST_SIZE]) {
        size_t n;

        if (!EVP_MAC_init(context, key, key_length, NULL)
                        || !EVP_MAC_update(context, (const unsigned char *) data, length)
                        || !EVP_MAC_final(context, ret, &n, DIGEST_SIZE))
                return -ENOMEM;
        return 0;
}

/* The chain of the documentation: day, Region, service, terminator; each result is the next one's
 * key. */
static int derive_key(Signer *signer, const char *secret, const char *region, const char *service) {
        const char *const steps[] = { signer->day, region, service, TERMINATOR };
        size_t length = strlen("AWS4") + strlen(secret);
        unsigned char key[DIGEST_SIZE];
        char *seed = malloc(length + 1);
        int r;

        if (!seed)
                return -ENOMEM;
        (void) stpcpy(stpcpy(seed, "AWS4"), secret);

        r = hmac(signer->derive, seed, length, steps[0], strlen(steps[0]), key);
        for (size_t i = 1; i < ELEMENTSOF(steps) && r >= 0; i++)
                r = hmac(signer->derive, key, sizeof(key), steps[i], strlen(steps[i]), key);
        if (r >= 0 && !EVP_MAC_init(signer->sign, key, sizeof(key), NULL))
                r = -ENOMEM;

        erase(key, sizeof(key));
        (void) text_wipe(seed);
        return r;
}

static int remember(Buffer *buffer, const char *text) {
        buffer_clear(buffer);
        return buffer_add(buffer, text);
}

static int remember_scope(Signer *signer, const SigningRequest *request) {
        Buffer *scope = &signer->scope;

        memcpy(signer->day, signer->date, DAY_LENGTH);
        (void) remember(&signer->region, request->region);
        (void) remember(&signer->service, request->service);
        buffer_clear(scope);
        (void) buffer_addf(scope, "%s/%s/%s/" TERMINATOR, signer->day, request->region,
                        request->service);
        return buffer_status(&signer->region) < 0 || buffer_status(&signer->service) < 0
                                        || buffer_status(scope) < 0
                        ? -ENOMEM
                        : 0;
}

/* Keys signer->sign for this secret, day, Region and service. */
static int use_key(Signer *signer, const SigningRequest *request, const char *secret) {
        int r;

        if (signer->secret && streq(signer->secret, secret)
                        && strncmp(signer->day, signer->date, DAY_LENGTH) == 0
                        && streq(buffer_text(&signer->region), request->region)
                        && streq(buffer_text(&signer->service), request->service))
                return 0;

        /* Whatever fails below, a key of something else must not be taken for this one's. */
        signer->secret = text_wipe(signer->secret);
        r = remember_scope(signer, request);
        if (r < 0)
                return r;
        r = derive_key(signer, secret, request->region, request->service);
        if (r < 0)
                return r;

        signer->secret = strdup(secret);
        return signer->secret ? 0 : -ENOMEM;
}

static int use_time(Signer *signer, int64_t usec) {
        int64_t second = usec / USEC_PER_SEC;

        if (usec < 0 || usec == TIME_INFINITY)
                return -EINVAL;
        if (second == signer->second)
                return 0;

        /* Beyond the year 9999 there is no such date. */
        signer->second = TIME_UNKNOWN;
        if (strlen(time_format_basic(usec, signer->date)) != strlen("20150830T123600Z"))
                return -EINVAL;
        signer->second = second;
        return 0;
}

/* Notes what is to be signed beside the request's own headers. */
static int add_headers(Signer *signer,
                const SigningRequest *request,
                const SigningCredentials *credentials,
                const char *body_sha256) {
        CanonicalScratch *scratch = &signer->scratch;
        int r = 0;

        scratch->n_headers = 0;
        for (size_t i = 0; i < request->n_headers && r >= 0; i++)
                r = canonical_add_header(
                                scratch, request->headers[i].name, request->headers[i].value);
        if (r >= 0)
                r = canonical_add_header(scratch, "x-amz-date", signer->date);
        if (r >= 0 && credentials->session_token && !request->omit_session_token)
                r = canonical_add_header(
                                scratch, "x-amz-security-token", credentials->session_token);
        if (r >= 0 && request->sign_body)
                r = canonical_add_header(scratch, "x-amz-content-sha256", body_sha256);
        return r;
}

static int write_string_to_sign(Signer *signer, const Buffer *canonical_request, Buffer *out) {
        char hex[65];
        int r;

        r = sha256_hex(signer, buffer_text(canonical_request), canonical_request->length, hex);
        if (r < 0)
                return r;

        buffer_clear(out);
        (void) buffer_add(out, ALGORITHM "\n");
        (void) buffer_add(out, signer->date);
        (void) buffer_add_char(out, '\n');
        (void) buffer_append(out, signer->scope.data, signer->scope.length);
        (void) buffer_add_char(out, '\n');
        (void) buffer_append(out, hex, 64);
        return buffer_status(out);
}

static int write_authorization(const Signer *signer,
                const char *access_key_id,
                const char *signature,
                Buffer *out) {
        const Buffer *names = &signer->scratch.signed_headers;

        buffer_clear(out);
        (void) buffer_add(out, ALGORITHM " Credential=");
        (void) buffer_add(out, access_key_id);
        (void) buffer_add_char(out, '/');
        (void) buffer_append(out, signer->scope.data, signer->scope.length);
        (void) buffer_add(out, ", SignedHeaders=");
        (void) buffer_append(out, buffer_text(names), names->length);
        (void) buffer_add(out, ", Signature=");
        (void) buffer_add(out, signature);
        return buffer_status(out);
}

static int hash_body(Signer *signer, const SigningRequest *request, char hex[static 65]) {
        if (request->body_length > 0)
                return sha256_hex(signer, request->body, request->body_length, hex);
        memcpy(hex, EMPTY_SHA256, 65);
        return 0;
}

int signer_sign(Signer *signer,
                const SigningRequest *request,
                const SigningCredentials *credentials,
                Signature *signature) {
        unsigned char mac[DIGEST_SIZE];
        char body_sha256[65];
        const char *payload;
        int r;

        assert(request->method && request->path && request->region && request->service);
        assert(credentials->access_key_id && credentials->secret_access_key);

        /* It goes into a header as it is. */
        if (strpbrk(credentials->access_key_id, " \t\r\n"))
                return -EINVAL;
        r = use_time(signer, request->time_usec);
        if (r < 0)
                return r;
        r = hash_body(signer, request, body_sha256);
        if (r < 0)
                return r;
        r = add_headers(signer, request, credentials, body_sha256);
        if (r < 0)
                return r;

        /* A caller that says itself what the body hashes to (UNSIGNED-PAYLOAD, too) is believed. */
        payload = canonical_find_header(&signer->scratch, "x-amz-content-sha256");
        r = canonical_request_write(&signer->scratch, request, payload ? payload : body_sha256,
                        &signature->canonical_request);
        if (r < 0)
                return r;
        r = use_key(signer, request, credentials->secret_access_key);
        if (r < 0)
                return r;
        r = write_string_to_sign(signer, &signature->canonical_request, &signature->string_to_sign);
        if (r < 0)
                return r;
        r = hmac(signer->sign, NULL, 0, signature->string_to_sign.data,
                        signature->string_to_sign.length, mac);
        if (r < 0)
                return r;

        hex_encode(mac, sizeof(mac), signature->signature);
        memcpy(signature->date, signer->date, sizeof(signature->date));
        memcpy(signature->body_sha256, request->sign_body ? body_sha256 : "",
                        request->sign_body ? 65 : 1);
        return write_authorization(signer, credentials->access_key_id, signature->signature,
                        &signature->authorization);
}

void signature_done(Signature *signature) {
        buffer_done(&signature->canonical_request);
        buffer_done(&signature->string_to_sign);
        buffer_done(&signature->authorization);
        *signature = (Signature){ 0 };
}
