/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The canonical request
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html#create-canonical-request,
 * and where that leaves something open, what botocore does, because that is what the services are
 * tried against most. Signing is what a pass of many calls does most: room is made once for the
 * longest that a text can become, and after that nothing is checked or copied twice.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4-canonical.h"
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
        "transfer-encoding",
        "upgrade",
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

/* Headers are short, and strpbrk() and the like take longer to begin than to search one. */
static bool is_white(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool can_be_sent(const char *name, const char *value) {
        if (*name == '\0')
                return false;
        for (; *name; name++)
                if (is_white(*name) || *name == ':')
                        return false;
        return !strchr(value, '\r') && !strchr(value, '\n');
}

static char lower(char c) {
        if (c >= 'A' && c <= 'Z')
                return (char) (c | 0x20);
        return c;
}

/* As strcasecmp(), whatever the locale. */
static int compare_names(const char *a, const char *b) {
        while (*a && lower(*a) == lower(*b)) {
                a++;
                b++;
        }
        return (unsigned char) lower(*a) - (unsigned char) lower(*b);
}

int canonical_add_header(CanonicalScratch *s, const char *name, const char *value) {
        size_t i;
        int r;

        if (!can_be_sent(name, value))
                return -EINVAL;
        if (is_never_signed(name))
                return 0;
        r = ARRAY_RESERVE(s->headers, s->headers_capacity, s->n_headers + 1);
        if (r < 0)
                return r;

        /* There are a handful, and they come nearly sorted. */
        for (i = s->n_headers++; i > 0 && compare_names(s->headers[i - 1].name, name) > 0; i--)
                s->headers[i] = s->headers[i - 1];
        s->headers[i] = (CanonicalHeader){ name, value };
        return 0;
}

const char *canonical_find_header(const CanonicalScratch *s, const char *name) {
        for (size_t i = 0; i < s->n_headers; i++)
                if (compare_names(s->headers[i].name, name) == 0)
                        return s->headers[i].value;
        return NULL;
}

/* Makes room for `longest` bytes behind what is there, and a NUL. Returns where to write, or NULL.
 */
static char *make_room(Buffer *buffer, size_t longest) {
        if (ARRAY_RESERVE(buffer->data, buffer->capacity, buffer->length + longest + 1) < 0)
                return NULL;
        return buffer->data + buffer->length;
}

static void finish(Buffer *buffer, char *end) {
        *end = '\0';
        buffer->length = (size_t) (end - buffer->data);
}

static char *put(char *p, const char *text, size_t length) {
        memcpy(p, text, length);
        return p + length;
}

/*
 * RFC 3986 by character: "u" is unreserved (or a slash) and never escaped; "w" delimits or escapes,
 * and is left alone in what is written as URIs are already; "x" no URI can have.
 */
static const char kinds[] = "xxxxxxxxxxxxxxxx"
                            "xxxxxxxxxxxxxxxx"
                            "xwxwwwwwwwwwwuuu" /*  !"#$%&'()*+,-./ */
                            "uuuuuuuuuuwwxwxw" /* 0123456789:;<=>? */
                            "wuuuuuuuuuuuuuuu" /* @ABCDEFGHIJKLMNO */
                            "uuuuuuuuuuuwxwxu" /* PQRSTUVWXYZ[\]^_ */
                            "xuuuuuuuuuuuuuuu" /* `abcdefghijklmno */
                            "uuuuuuuuuuuxxxux"; /* pqrstuvwxyz{|}~  */

static_assert(sizeof(kinds) == 129, "one for each character of ASCII");

/* Escapes what is not of a kind up to `kept`; at most three times as long. */
static char *put_encoded(char *p, const char *text, size_t length, char kept) {
        static const char digits[] = "0123456789ABCDEF";

        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char) text[i];

                if (c < 128 && kinds[c] <= kept) {
                        *p++ = text[i];
                        continue;
                }
                *p++ = '%';
                *p++ = digits[c >> 4];
                *p++ = digits[c & 15];
        }
        return p;
}

/* RFC 3986, section 5.2.4, and doubled slashes as one: "/a//./b/../c/" is "/a/c/". */
static char *put_normalised(char *p, const char *path) {
        bool ends_in_slash = *path && path[strlen(path) - 1] == '/';
        char *root;

        if (*path == '/' || *path == '\0')
                *p++ = '/';

        for (root = p; *path;) {
                size_t n = strcspn(path, "/");

                if (n == 2 && path[0] == '.' && path[1] == '.') {
                        while (p > root && *--p != '/')
                                ;
                } else if (n > 0 && !(n == 1 && *path == '.')) {
                        if (p > root)
                                *p++ = '/';
                        p = put(p, path, n);
                }
                path += n + (path[n] == '/');
        }

        if (ends_in_slash && p > root)
                *p++ = '/';
        return p;
}

static int write_path(CanonicalScratch *s, const SigningRequest *request, Buffer *out) {
        char *p;

        buffer_clear(&s->path);
        p = make_room(&s->path, strlen(request->path) + 1);
        if (!p)
                return -ENOMEM;
        if (!request->keep_path)
                p = put_normalised(p, request->path);
        else
                p = *request->path ? put(p, request->path, strlen(request->path)) : put(p, "/", 1);
        finish(&s->path, p);

        p = make_room(out, 3 * s->path.length);
        if (!p)
                return -ENOMEM;
        finish(out, put_encoded(p, s->path.data, s->path.length, request->encode_once ? 'w' : 'u'));
        return 0;
}

static int compare_pieces(const char *a, size_t n, const char *b, size_t m) {
        int c = memcmp(a, b, MIN(n, m));

        return c != 0 ? c : (n > m) - (n < m);
}

static int compare_params(const void *a, const void *b) {
        const CanonicalParam *p = a, *q = b;
        int c = compare_pieces(p->name, p->name_length, q->name, q->name_length);

        return c != 0 ? c : compare_pieces(p->value, p->value_length, q->value, q->value_length);
}

static int add_param(CanonicalScratch *s, const char *p, size_t length) {
        const char *equals = memchr(p, '=', length);
        size_t name_length = equals ? (size_t) (equals - p) : length;
        int r;

        r = ARRAY_RESERVE(s->params, s->params_capacity, s->n_params + 1);
        if (r < 0)
                return r;
        s->params[s->n_params++] = (CanonicalParam){
                .name = p,
                .name_length = name_length,
                .value = equals ? equals + 1 : p + length,
                .value_length = equals ? length - name_length - 1 : 0,
        };
        return 0;
}

/* Takes the query apart, in a copy in which everything is encoded: that is what is sorted. */
static int split_query(CanonicalScratch *s, const char *query) {
        size_t length = strlen(query);
        const char *stop, *end;
        char *p;
        int r;

        buffer_clear(&s->query);
        p = make_room(&s->query, 3 * length);
        if (!p)
                return -ENOMEM;
        finish(&s->query, put_encoded(p, query, length, 'w'));

        s->n_params = 0;
        end = p + s->query.length;
        for (const char *start = p;; start = stop + 1) {
                stop = memchr(start, '&', (size_t) (end - start));
                r = add_param(s, start, (size_t) ((stop ? stop : end) - start));
                if (r < 0 || !stop)
                        return r;
        }
}

static int write_query(CanonicalScratch *s, const char *query, Buffer *out) {
        char *p;
        int r;

        if (!query || *query == '\0')
                return 0;
        r = split_query(s, query);
        if (r < 0)
                return r;

        /* Each parameter can be longer than it was by its "=". */
        p = make_room(out, s->query.length + s->n_params);
        if (!p)
                return -ENOMEM;
        if (s->n_params > 1)
                qsort(s->params, s->n_params, sizeof(CanonicalParam), compare_params);
        for (size_t i = 0; i < s->n_params; i++) {
                const CanonicalParam *param = &s->params[i];

                if (i > 0)
                        *p++ = '&';
                p = put(p, param->name, param->name_length);
                *p++ = '=';
                p = put(p, param->value, param->value_length);
        }
        finish(out, p);
        return 0;
}

/* Trims, and makes one blank of each run of them. */
static char *put_value(char *p, const char *value) {
        const char *start = p, *word;

        for (;;) {
                while (is_white(*value))
                        value++;
                if (*value == '\0')
                        return p;
                if (p > start)
                        *p++ = ' ';
                for (word = value; *value && !is_white(*value);)
                        value++;
                p = put(p, word, (size_t) (value - word));
        }
}

static char *put_lower(char *p, const char *text) {
        for (; *text; text++)
                *p++ = lower(*text);
        return p;
}

/* Names and values with what stands round each: ":" or ",", a line feed, ";". */
static size_t headers_length(const CanonicalScratch *s) {
        size_t length = 0;

        for (size_t i = 0; i < s->n_headers; i++)
                length += strlen(s->headers[i].name) + strlen(s->headers[i].value) + 2;
        return length;
}

/* "name:value" lines, repeated headers joined by a comma; then, behind a blank line, their names.
 */
static int write_headers(CanonicalScratch *s, Buffer *out) {
        size_t longest = headers_length(s);
        char *p, *names;

        buffer_clear(&s->signed_headers);
        names = make_room(&s->signed_headers, longest);
        p = make_room(out, 2 * longest + 2);
        if (!names || !p)
                return -ENOMEM;

        for (size_t i = 0; i < s->n_headers; i++) {
                const CanonicalHeader *header = &s->headers[i];
                const char *start;

                if (i > 0 && compare_names(header[-1].name, header->name) == 0) {
                        *p++ = ',';
                } else {
                        if (i > 0) {
                                *p++ = '\n';
                                *names++ = ';';
                        }
                        start = p;
                        p = put_lower(p, header->name);
                        names = put(names, start, (size_t) (p - start));
                        *p++ = ':';
                }
                p = put_value(p, header->value);
        }
        finish(&s->signed_headers, names);
        s->n_headers = 0;

        p = put(p, "\n\n", 2);
        finish(out, put(p, s->signed_headers.data, s->signed_headers.length));
        return 0;
}

static int write_line_feed(Buffer *out, int r) {
        return r < 0 ? r : buffer_add_char(out, '\n');
}

static int write_method(const char *method, Buffer *out) {
        char *p;

        p = make_room(out, strlen(method));
        if (!p)
                return -ENOMEM;
        for (; *method; method++) {
                *p = *method;
                if (*p >= 'a' && *p <= 'z')
                        *p = (char) (*p ^ 0x20);
                p++;
        }
        finish(out, p);
        return 0;
}

int canonical_request_write(CanonicalScratch *s,
                const SigningRequest *request,
                const char *payload_sha256,
                Buffer *out) {
        int r;

        buffer_clear(out);
        r = write_line_feed(out, write_method(request->method, out));
        if (r >= 0)
                r = write_line_feed(out, write_path(s, request, out));
        if (r >= 0)
                r = write_line_feed(out, write_query(s, request->query, out));
        if (r >= 0)
                r = write_line_feed(out, write_headers(s, out));
        return r < 0 ? r : buffer_add(out, payload_sha256);
}

void canonical_scratch_done(CanonicalScratch *s) {
        free(s->headers);
        free(s->params);
        buffer_done(&s->path);
        buffer_done(&s->query);
        buffer_done(&s->signed_headers);
        *s = (CanonicalScratch){ 0 };
}
