/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Verification of AWS Signature Version 4, from the receiving end
 *
 * Works on the request line and the headers as they came over the wire, not on anything decoded:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * It is the judge of a signer, so it is written from that page alone and shares nothing with one.
 */

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "sign.h"

#define ALGORITHM         "AWS4-HMAC-SHA256"
#define TOLERANCE_MINUTES 5
#define HEX_SIZE          (2 * SHA256_DIGEST_LENGTH + 1)

/* The Authorization header, taken apart. */
typedef struct Claim {
        char *text; /* the rest points into it */
        char *key_id, *date, *region, *service, *terminator;
        char *signed_headers;
        char *signature;
} Claim;

static void claim_done(Claim *claim) {
        free(claim->text);
        *claim = (Claim){ 0 };
}

/* AKID/date/region/service/aws4_request; key ids have no slash in them. */
static bool split_credential(Claim *claim, char *credential) {
        char **parts[] = { &claim->key_id, &claim->date, &claim->region, &claim->service };

        for (size_t i = 0; i < ELEMENTS(parts); i++) {
                char *slash = credential ? strchr(credential, '/') : NULL;

                if (!slash)
                        return false;
                *slash = '\0';
                *parts[i] = credential;
                credential = slash + 1;
        }
        claim->terminator = credential;
        return true;
}

/* Returns what is missing, or NULL. */
static const char *claim_parse(const char *header, Claim *claim) {
        char *credential = NULL, *rest, *part;

        claim->text = xstrdup(header + strlen(ALGORITHM));
        for (rest = claim->text; (part = strtok_r(rest, ", ", &rest));) {
                if (strncmp(part, "Credential=", 11) == 0)
                        credential = part + 11;
                else if (strncmp(part, "SignedHeaders=", 14) == 0)
                        claim->signed_headers = part + 14;
                else if (strncmp(part, "Signature=", 10) == 0)
                        claim->signature = part + 10;
        }

        if (!credential || !split_credential(claim, credential))
                return "Credential";
        if (!claim->signed_headers)
                return "SignedHeaders";
        return claim->signature ? NULL : "Signature";
}

static const char *authorization(const HttpRequest *r) {
        const char *header = pairs_get(&r->headers, "authorization");

        return header && strncmp(header, ALGORITHM " ", strlen(ALGORITHM) + 1) == 0 ? header : NULL;
}

static char *claimed(const HttpRequest *r, size_t offset) {
        _cleanup_(claim_done) Claim claim = { 0 };
        const char *value;

        if (!authorization(r))
                return NULL;
        (void) claim_parse(authorization(r), &claim);
        value = *(char **) (void *) ((char *) &claim + offset);
        return value ? xstrdup(value) : NULL;
}

char *sign_claimed_service(const HttpRequest *r) {
        return claimed(r, offsetof(Claim, service));
}

char *sign_claimed_key(const HttpRequest *r) {
        return claimed(r, offsetof(Claim, key_id));
}

char *sign_claimed_region(const HttpRequest *r) {
        return claimed(r, offsetof(Claim, region));
}

static void sha256_hex(const void *data, size_t n, char ret[HEX_SIZE]) {
        uint8_t digest[SHA256_DIGEST_LENGTH];

        (void) SHA256(data, n, digest);
        hex_encode(digest, sizeof(digest), ret);
}

static void hmac(const void *key,
                size_t n_key,
                const char *text,
                uint8_t ret[SHA256_DIGEST_LENGTH]) {
        unsigned n = SHA256_DIGEST_LENGTH;

        if (!HMAC(EVP_sha256(), key, (int) n_key, (const uint8_t *) text, strlen(text), ret, &n))
                abort();
}

/* Dot segments and double slashes go, then what is encoded already is encoded once more. */
static void append_canonical_path(Buffer *b, const char *path) {
        _cleanup_(buffer_done) Buffer normal = { 0 };

        while (*path) {
                size_t n;

                path += strspn(path, "/");
                n = strcspn(path, "/");
                if (n == 2 && strncmp(path, "..", 2) == 0) {
                        while (normal.n > 0 && normal.data[--normal.n] != '/')
                                ;
                } else if (n > 0 && !(n == 1 && *path == '.')) {
                        buffer_text(&normal, "/");
                        buffer_append(&normal, path, n);
                }
                path += n;
                if (!*path && path[-1] == '/')
                        buffer_text(&normal, "/");
        }

        if (normal.n == 0)
                buffer_text(&normal, "/");
        percent_encode(b, normal.data, normal.n, true);
}

static int compare_pairs(const void *a, const void *b) {
        const Pair *left = a, *right = b;
        int order = strcmp(left->name, right->name);

        return order != 0 ? order : strcmp(left->value, right->value);
}

static char *encoded(const char *text) {
        Buffer b = { 0 };

        buffer_text(&b, "");
        percent_encode(&b, text, strlen(text), false);
        return b.data;
}

/* Sorted by what the names and values look like encoded, as that is what the order is defined on.
 */
static void append_canonical_query(Buffer *b, const char *query) {
        _cleanup_(pairs_done) Pairs decoded = { 0 }, sorted = { 0 };

        pairs_parse_form(&decoded, query, true);
        for (size_t i = 0; i < decoded.n; i++)
                pairs_add(&sorted, encoded(decoded.items[i].name), encoded(decoded.items[i].value));
        if (sorted.n > 0)
                qsort(sorted.items, sorted.n, sizeof(*sorted.items), compare_pairs);

        for (size_t i = 0; i < sorted.n; i++)
                buffer_printf(b, "%s%s=%s", i > 0 ? "&" : "", sorted.items[i].name,
                                sorted.items[i].value);
}

/* Outer spaces go, inner ones shrink to one. */
static void append_trimmed(Buffer *b, const char *value) {
        bool first = true;

        for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
                size_t n = strcspn(value, " \t");

                if (!first)
                        buffer_text(b, " ");
                buffer_append(b, value, n);
                value += n;
                first = false;
        }
}

static void append_canonical_headers(Buffer *b, const HttpRequest *r, const char *signed_headers) {
        _cleanup_(free_string) char *names = xstrdup(signed_headers);
        char *rest = names, *name;

        while ((name = strtok_r(rest, ";", &rest))) {
                const char *separator = ":";

                buffer_text(b, name);
                for (size_t i = 0; i < r->headers.n; i++) {
                        if (strcmp(r->headers.items[i].name, name) != 0)
                                continue;
                        buffer_text(b, separator);
                        append_trimmed(b, r->headers.items[i].value);
                        separator = ",";
                }
                buffer_text(b, *separator == ':' ? ":\n" : "\n");
        }
}

static void canonical_request(const HttpRequest *r, const Claim *claim, Buffer *ret) {
        char hash[HEX_SIZE];

        buffer_printf(ret, "%s\n", r->method);
        append_canonical_path(ret, r->path);
        buffer_text(ret, "\n");
        append_canonical_query(ret, r->query);
        buffer_text(ret, "\n");
        append_canonical_headers(ret, r, claim->signed_headers);

        /* Of the body that came, whatever the client says about it. */
        sha256_hex(r->body.data ? r->body.data : "", r->body.n, hash);
        buffer_printf(ret, "\n%s\n%s", claim->signed_headers, hash);
}

static const uint8_t *signing_key(Key *key, const Claim *claim) {
        _cleanup_(buffer_done) Buffer secret = { 0 };
        char scope[sizeof(key->signing_scope)];
        uint8_t step[SHA256_DIGEST_LENGTH];

        (void) snprintf(scope, sizeof(scope), "%.8s/%.20s/%.20s", claim->date, claim->region,
                        claim->service);
        if (strcmp(scope, key->signing_scope) == 0)
                return key->signing_key;

        buffer_printf(&secret, "AWS4%s", key->secret);
        hmac(secret.data, secret.n, claim->date, step);
        hmac(step, sizeof(step), claim->region, step);
        hmac(step, sizeof(step), claim->service, step);
        hmac(step, sizeof(step), claim->terminator, key->signing_key);
        memcpy(key->signing_scope, scope, sizeof(scope));
        return key->signing_key;
}

static bool is_signed(const Claim *claim, const char *name) {
        size_t n = strlen(name);

        for (const char *p = claim->signed_headers; *p; p += strspn(p, ";")) {
                size_t here = strcspn(p, ";");

                if (here == n && strncmp(p, name, n) == 0)
                        return true;
                p += here;
        }
        return false;
}

static void _printf_(3, 4) refuse(SignOutcome *o, SignResult result, const char *format, ...) {
        va_list args;

        va_start(args, format);
        if (vasprintf(&o->message, format, args) < 0)
                abort();
        va_end(args);
        o->result = result;
}

/* All of x-amz-* has to be signed, and the host, or else somebody could reroute what was signed. */
static bool check_headers(const HttpRequest *r, const Claim *claim, SignOutcome *o) {
        if (!is_signed(claim, "host")) {
                refuse(o, SIGN_INVALID,
                                "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                                "Authorization.");
                return false;
        }

        for (size_t i = 0; i < r->headers.n; i++) {
                const char *name = r->headers.items[i].name;

                if (strncmp(name, "x-amz-", 6) != 0 || is_signed(claim, name))
                        continue;
                refuse(o, SIGN_INVALID, "'%s' must be a 'SignedHeader' in the AWS Authorization.",
                                name);
                return false;
        }
        return true;
}

static bool check_token(const HttpRequest *r, const Key *key, usec_t wall, SignOutcome *o) {
        const char *token = pairs_get(&r->headers, "x-amz-security-token");
        size_t n = token ? strlen(token) : 0;

        if (!token != !key->session_token
                        || (token
                                        && (n != strlen(key->session_token)
                                                        || CRYPTO_memcmp(token, key->session_token,
                                                                           n)
                                                                        != 0))) {
                refuse(o, SIGN_UNKNOWN, "The security token included in the request is invalid.");
                return false;
        }
        if (key->expires > 0 && key->expires <= wall) {
                refuse(o, SIGN_EXPIRED_TOKEN,
                                "The security token included in the request is expired");
                return false;
        }
        return true;
}

static bool read_time(const HttpRequest *r, const char **ret_text, usec_t *ret) {
        const char *text = pairs_get(&r->headers, "x-amz-date");

        *ret_text = text;
        if (text)
                return time_parse_basic(text, ret);

        *ret_text = text = pairs_get(&r->headers, "date");
        return text && (time_parse_basic(text, ret) || time_parse_http(text, ret));
}

static bool check_time(const HttpRequest *r, const Claim *claim, usec_t wall, SignOutcome *o) {
        const usec_t tolerance = TOLERANCE_MINUTES * 60 * USEC_PER_SEC;
        char signed_at[32], limit[32], now[32], date[16];
        const char *text;
        usec_t when;

        if (!read_time(r, &text, &when)) {
                refuse(o, SIGN_INCOMPLETE,
                                "Authorization header requires existence of either a 'X-Amz-Date' "
                                "or a 'Date' header.");
                return false;
        }

        time_format(when, "%Y%m%d", date, sizeof(date));
        if (strcmp(date, claim->date) != 0) {
                refuse(o, SIGN_INVALID,
                                "Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                "version of date from "
                                "HTTP: '%s' != '%s', from '%s'.",
                                claim->date, date, text);
                return false;
        }
        if (when >= wall - tolerance && when <= wall + tolerance)
                return true;

        time_format(when, TIME_BASIC, signed_at, sizeof(signed_at));
        time_format(wall, TIME_BASIC, now, sizeof(now));
        time_format(when < wall ? wall - tolerance : wall + tolerance, TIME_BASIC, limit,
                        sizeof(limit));
        if (when < wall)
                refuse(o, SIGN_INVALID,
                                "Signature expired: %s is now earlier than %s (%s - %d min.)",
                                signed_at, limit, now, TOLERANCE_MINUTES);
        else
                refuse(o, SIGN_INVALID,
                                "Signature not yet current: %s is still later than %s (%s + %d "
                                "min.)",
                                signed_at, limit, now, TOLERANCE_MINUTES);
        return false;
}

static bool check_scope(const Claim *claim, const char *service, SignOutcome *o) {
        if (strcmp(claim->terminator, "aws4_request") != 0)
                refuse(o, SIGN_INVALID,
                                "Credential should be scoped with a valid terminator: "
                                "'aws4_request', not '%s'.",
                                claim->terminator);
        else if (strcmp(claim->service, service) != 0)
                refuse(o, SIGN_INVALID, "Credential should be scoped to correct service: '%s'.",
                                service);
        else if ((o->region = region_from_name(claim->region)) < 0)
                refuse(o, SIGN_INVALID, "Credential should be scoped to a valid region.");
        else
                return true;
        return false;
}

/* The names have to be sorted, in lower case: the verifier of AWS puts them in order itself. */
static bool headers_in_order(const Claim *claim) {
        _cleanup_(free_string) char *names = xstrdup(claim->signed_headers);
        char *rest = names, *name;
        const char *previous = "";

        for (const char *p = names; *p; p++)
                if (isupper((unsigned char) *p))
                        return false;
        while ((name = strtok_r(rest, ";", &rest))) {
                if (strcmp(previous, name) >= 0)
                        return false;
                previous = name;
        }
        return true;
}

static void check_signature(const HttpRequest *r, const Claim *claim, Key *key, SignOutcome *o) {
        _cleanup_(buffer_done) Buffer canonical = { 0 }, to_sign = { 0 };
        const char *declared = pairs_get(&r->headers, "x-amz-content-sha256");
        char hash[HEX_SIZE], wanted[HEX_SIZE], when[32] = "";
        uint8_t mac[SHA256_DIGEST_LENGTH];
        const char *text;
        usec_t usec;

        canonical_request(r, claim, &canonical);
        if (read_time(r, &text, &usec))
                time_format(usec, TIME_BASIC, when, sizeof(when));
        sha256_hex(canonical.data, canonical.n, hash);
        buffer_printf(&to_sign, ALGORITHM "\n%s\n%s/%s/%s/%s\n%s", when, claim->date, claim->region,
                        claim->service, claim->terminator, hash);

        hmac(signing_key(key, claim), SHA256_DIGEST_LENGTH, to_sign.data, mac);
        hex_encode(mac, sizeof(mac), wanted);
        if (strlen(claim->signature) == HEX_SIZE - 1
                        && CRYPTO_memcmp(claim->signature, wanted, HEX_SIZE - 1) == 0
                        && headers_in_order(claim)
                        && (!declared || strcmp(declared, strrchr(canonical.data, '\n') + 1) == 0))
                return;

        refuse(o, SIGN_INVALID,
                        "The request signature we calculated does not match the signature you "
                        "provided. Check your "
                        "AWS Secret Access Key and signing method. Consult the service "
                        "documentation for details.\n\n"
                        "The Canonical String for this request should have been\n'%s'\n\n"
                        "The String-to-Sign should have been\n'%s'\n",
                        canonical.data, to_sign.data);
}

void sign_verify(World *w,
                const HttpRequest *r,
                const char *service,
                usec_t wall,
                SignOutcome *ret) {
        _cleanup_(claim_done) Claim claim = { 0 };
        const char *missing;

        *ret = (SignOutcome){ .region = -1 };
        if (!pairs_get(&r->headers, "authorization")) {
                refuse(ret, SIGN_MISSING, "Missing Authentication Token");
                return;
        }

        missing = authorization(r) ? claim_parse(authorization(r), &claim) : "Credential";
        if (missing) {
                refuse(ret, SIGN_INCOMPLETE, "Authorization header requires '%s' parameter.",
                                missing);
                return;
        }

        ret->key = world_key(w, claim.key_id);
        if (!ret->key) {
                refuse(ret, SIGN_UNKNOWN, "The security token included in the request is invalid.");
                return;
        }

        if (check_token(r, ret->key, wall, ret) && check_headers(r, &claim, ret)
                        && check_scope(&claim, service, ret) && check_time(r, &claim, wall, ret))
                check_signature(r, &claim, ret->key, ret);
}

void sign_outcome_done(SignOutcome *o) {
        free(o->message);
        *o = (SignOutcome){ 0 };
}
