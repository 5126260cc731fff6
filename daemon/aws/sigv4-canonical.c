/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The canonical request
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html#create-canonical-request,
 * and where that leaves something open, what botocore does, because that is what the services are
 * tried against most.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4-canonical.h"
#include "aws/uri.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/string-util.h"

/* What a hop on the way may add, drop or change: the list of botocore. */
static const char *const never_signed[] = {
        "authorization",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "upgrade",
        "transfer-encoding",
        "user-agent",
        "x-amzn-trace-id",
};

static bool is_never_signed(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(never_signed); i++)
                if (never_signed[i][0] == (name[0] | 0x20)
                                && strcasecmp(never_signed[i], name) == 0)
                        return true;
        return false;
}

static bool can_be_sent(const char *name, const char *value) {
        if (*name == '\0' || strpbrk(name, " \t\r\n:"))
                return false;
        return !strpbrk(value, "\r\n");
}

int canonical_add_header(CanonicalScratch *s, const char *name, const char *value) {
        int r;

        if (!can_be_sent(name, value))
                return -EINVAL;
        if (is_never_signed(name))
                return 0;

        r = ARRAY_RESERVE(s->headers, s->headers_capacity, s->n_headers + 1);
        if (r < 0)
                return r;
        s->headers[s->n_headers] = (CanonicalHeader){ name, value, s->n_headers };
        s->n_headers++;
        return 0;
}

const char *canonical_find_header(const CanonicalScratch *s, const char *name) {
        for (size_t i = 0; i < s->n_headers; i++)
                if (strcasecmp(s->headers[i].name, name) == 0)
                        return s->headers[i].value;
        return NULL;
}

/* RFC 3986, section 5.2.4, and doubled slashes as one: "/a//./b/../c/" is "/a/c/". */
static int normalise_path(Buffer *out, const char *path) {
        bool ends_in_slash = *path && path[strlen(path) - 1] == '/';
        int r = *path == '/' || *path == '\0' ? buffer_add_char(out, '/') : 0;
        size_t root = out->length;

        while (r >= 0 && *path) {
                size_t n = strcspn(path, "/");

                if (n == 2 && strncmp(path, "..", 2) == 0) {
                        while (out->length > root && out->data[--out->length] != '/')
                                ;
                } else if (n > 0 && !(n == 1 && *path == '.')) {
                        if (out->length > root)
                                r = buffer_add_char(out, '/');
                        if (r >= 0)
                                r = buffer_append(out, path, n);
                }
                path += n + (path[n] == '/');
        }

        if (r >= 0 && ends_in_slash && out->length > root)
                r = buffer_add_char(out, '/');
        return r;
}

/* Whether RFC 3986 has a place for it, be it as a delimiter or as part of an escape: all that is
 * printable but these. */
static bool is_uri_character(char c) {
        if (c <= ' ' || c == 0x7f)
                return false;
        return c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' && c != '{'
                        && c != '|' && c != '}';
}

/* Encodes what a URI cannot hold, and leaves alone what is already written as URIs are. */
static int add_wire_form(Buffer *out, const char *text, size_t length) {
        size_t start = 0;
        int r;

        for (size_t i = 0; i < length; i++) {
                if (is_uri_character(text[i]))
                        continue;

                r = buffer_append(out, text + start, i - start);
                if (r < 0)
                        return r;
                r = uri_encode(out, text + i, 1, false);
                if (r < 0)
                        return r;
                start = i + 1;
        }
        return buffer_append(out, text + start, length - start);
}

static int write_path(CanonicalScratch *s, const SigningRequest *request, Buffer *out) {
        int r;

        buffer_clear(&s->path);
        if (request->keep_path)
                r = buffer_add(&s->path, *request->path ? request->path : "/");
        else
                r = normalise_path(&s->path, request->path);
        if (r < 0)
                return r;

        if (request->encode_once)
                return add_wire_form(out, buffer_text(&s->path), s->path.length);
        return uri_encode(out, buffer_text(&s->path), s->path.length, true);
}

static int compare_pieces(const char *a, size_t n, const char *b, size_t m) {
        int c = n > 0 && m > 0 ? memcmp(a, b, MIN(n, m)) : 0;

        return c != 0 ? c : (n > m) - (n < m);
}

static int compare_params(const void *a, const void *b) {
        const CanonicalParam *p = a, *q = b;
        int c = compare_pieces(p->name, p->name_length, q->name, q->name_length);

        return c != 0 ? c : compare_pieces(p->value, p->value_length, q->value, q->value_length);
}

static int split_query(CanonicalScratch *s) {
        const char *p = buffer_text(&s->query), *end = p + s->query.length;
        int r;

        s->n_params = 0;
        for (bool more = true; more;) {
                const char *stop = memchr(p, '&', (size_t) (end - p)), *equals;

                more = stop;
                if (!more)
                        stop = end;
                equals = memchr(p, '=', (size_t) (stop - p));

                r = ARRAY_RESERVE(s->params, s->params_capacity, s->n_params + 1);
                if (r < 0)
                        return r;
                s->params[s->n_params++] = (CanonicalParam){
                        .name = p,
                        .name_length = (size_t) ((equals ? equals : stop) - p),
                        .value = equals ? equals + 1 : stop,
                        .value_length = equals ? (size_t) (stop - equals - 1) : 0,
                };
                p = stop + 1;
        }
        return 0;
}

static int write_query(CanonicalScratch *s, const char *query, Buffer *out) {
        int r;

        if (!query || *query == '\0')
                return 0;

        buffer_clear(&s->query);
        r = add_wire_form(&s->query, query, strlen(query));
        if (r < 0)
                return r;
        r = split_query(s);
        if (r < 0)
                return r;

        if (s->n_params > 1)
                qsort(s->params, s->n_params, sizeof(CanonicalParam), compare_params);
        for (size_t i = 0; i < s->n_params; i++) {
                const CanonicalParam *p = &s->params[i];

                if (i > 0)
                        (void) buffer_add_char(out, '&');
                (void) buffer_append(out, p->name, p->name_length);
                (void) buffer_add_char(out, '=');
                (void) buffer_append(out, p->value, p->value_length);
        }
        return buffer_status(out);
}

static bool is_blank_character(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Trims, and makes one blank of each run of them. */
static void add_value(Buffer *out, const char *value) {
        for (bool first = true;; first = false) {
                const char *start;

                while (is_blank_character(*value))
                        value++;
                if (*value == '\0')
                        return;

                for (start = value; *value && !is_blank_character(*value);)
                        value++;
                if (!first)
                        (void) buffer_add_char(out, ' ');
                (void) buffer_append(out, start, (size_t) (value - start));
        }
}

static void add_lower(Buffer *out, const char *text) {
        size_t start = out->length;

        if (buffer_add(out, text) < 0)
                return;
        for (char *c = out->data + start; *c; c++)
                if (*c >= 'A' && *c <= 'Z')
                        *c = (char) (*c | 0x20);
}

static int compare_headers(const void *a, const void *b) {
        const CanonicalHeader *p = a, *q = b;
        int c = strcasecmp(p->name, q->name);

        return c != 0 ? c : (p->order > q->order) - (p->order < q->order);
}

/* "name:value" lines, repeated headers joined by a comma, and the list of names beside them. */
static int write_headers(CanonicalScratch *s, Buffer *out) {
        Buffer *names = &s->signed_headers;

        buffer_clear(names);
        if (s->n_headers > 1)
                qsort(s->headers, s->n_headers, sizeof(CanonicalHeader), compare_headers);

        for (size_t i = 0; i < s->n_headers; i++) {
                const CanonicalHeader *header = &s->headers[i];

                if (i > 0 && strcasecmp(header[-1].name, header->name) == 0) {
                        (void) buffer_add_char(out, ',');
                } else {
                        if (i > 0) {
                                (void) buffer_add_char(out, '\n');
                                (void) buffer_add_char(names, ';');
                        }
                        add_lower(names, header->name);
                        add_lower(out, header->name);
                        (void) buffer_add_char(out, ':');
                }
                add_value(out, header->value);
        }
        s->n_headers = 0;

        (void) buffer_append(out, "\n\n", 2);
        (void) buffer_append(out, buffer_text(names), names->length);
        return MIN(buffer_status(names), buffer_status(out));
}

static void add_upper(Buffer *out, const char *text) {
        for (; *text; text++)
                (void) buffer_add_char(
                                out, *text >= 'a' && *text <= 'z' ? (char) (*text ^ 0x20) : *text);
}

int canonical_request_write(CanonicalScratch *s,
                const SigningRequest *request,
                const char *payload_sha256,
                Buffer *out) {
        int r;

        buffer_clear(out);
        add_upper(out, request->method);
        (void) buffer_add_char(out, '\n');
        r = write_path(s, request, out);
        if (r < 0)
                return r;
        (void) buffer_add_char(out, '\n');
        r = write_query(s, request->query, out);
        if (r < 0)
                return r;
        (void) buffer_add_char(out, '\n');
        r = write_headers(s, out);
        if (r < 0)
                return r;
        (void) buffer_add_char(out, '\n');
        (void) buffer_add(out, payload_sha256);
        return buffer_status(out);
}

void canonical_scratch_done(CanonicalScratch *s) {
        free(s->headers);
        free(s->params);
        buffer_done(&s->path);
        buffer_done(&s->query);
        buffer_done(&s->signed_headers);
        *s = (CanonicalScratch){ 0 };
}
