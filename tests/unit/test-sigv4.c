/* SPDX-License-Identifier: Apache-2.0 */

/* Signature Version 4: examples that AWS published, and each rule of the canonical request by
 * itself. */

#include "aws/sigv4.h"
#include "test.h"
#include "util/time.h"

#define AUGUST_30 (INT64_C(1440938160) * USEC_PER_SEC) /* 2015-08-30T12:36:00Z */
#define EMPTY     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const SigningCredentials example = { "AKIDEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL };
static const Pair example_host[] = { { "Host", "example.amazonaws.com" } };

static SigningRequest vanilla(void) {
        return (SigningRequest){
                .method = "GET",
                .path = "/",
                .headers = example_host,
                .n_headers = 1,
                .region = "us-east-1",
                .service = "service",
                .time_usec = AUGUST_30,
        };
}

static void test_stages(Signer *signer) {
        _cleanup_(signature_done) Signature s = { 0 };
        SigningRequest request = vanilla();

        test_row("get-vanilla");
        ASSERT_OK(signer_sign(signer, &request, &example, &s));
        ASSERT_STREQ("GET\n/"
                     "\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-"
                     "date\n" EMPTY,
                        buffer_text(&s.canonical_request));
        ASSERT_STREQ("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
                     "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
                        buffer_text(&s.string_to_sign));
        ASSERT_STREQ("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                        s.signature);
        ASSERT_STREQ("AWS4-HMAC-SHA256 "
                     "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                     "SignedHeaders=host;x-amz-date, "
                     "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                        buffer_text(&s.authorization));
        ASSERT_STREQ("20150830T123600Z", s.date);
        ASSERT_STREQ("", s.body_sha256);
}

/* The canonical request is six parts with line feeds between; the first three are lines. */
static const struct {
        const char *name, *path, *query;
        bool keep_path, encode_once;
        const char *begins;
} lines[] = {
        { "path/empty", "", "", false, false, "GET\n/\n\n" },
        { "path/dot segments", "/a/./b/../c", "", false, false, "GET\n/a/c\n\n" },
        { "path/above the root", "/../../a", "", false, false, "GET\n/a\n\n" },
        { "path/doubled slashes", "//a///b//", "", false, false, "GET\n/a/b/\n\n" },
        { "path/all gone", "/a/..", "", false, false, "GET\n/\n\n" },
        { "path/dots in names", "/...//.a", "", false, false, "GET\n/.../.a\n\n" },
        { "path/encoded again", "/a%20b/%2F", "", false, false, "GET\n/a%2520b/%252F\n\n" },
        { "path/encoded once", "/a%20b", "", false, true, "GET\n/a%20b\n\n" },
        { "path/kept", "/a/../b//c", "", true, true, "GET\n/a/../b//c\n\n" },
        { "path/kept and encoded", "/a/../b//%", "", true, false, "GET\n/a/../b//%25\n\n" },
        { "path/kept and empty", "", "", true, true, "GET\n/\n\n" },
        { "path/what no URI has", "/a b\xc3\xa9", "", true, true, "GET\n/a%20b%C3%A9\n\n" },
        { "query/sorted by name", "/", "b=1&a=2&B=3", false, false, "GET\n/\nB=3&a=2&b=1\n" },
        { "query/sorted by value", "/", "a=2&a=10&a=1", false, false, "GET\n/\na=1&a=10&a=2\n" },
        { "query/a name that begins another", "/", "ab=1&a=2&a-=3", false, false,
                        "GET\n/\na=2&a-=3&ab=1\n" },
        { "query/no value", "/", "acl&b=", false, false, "GET\n/\nacl=&b=\n" },
        { "query/token", "/", "nextToken=a%2Bb%2F%3D%3D&maxResults=1000", false, false,
                        "GET\n/\nmaxResults=1000&nextToken=a%2Bb%2F%3D%3D\n" },
        { "query/equals within", "/", "a=b=c", false, false, "GET\n/\na=b=c\n" },
        { "query/what no URI has", "/", "\xe1\x88\xb4=bar baz", false, false,
                        "GET\n/\n%E1%88%B4=bar%20baz\n" },
        { "query/none", "/", NULL, false, false, "GET\n/\n\n" },
};

static void test_lines(Signer *signer) {
        _cleanup_(signature_done) Signature s = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                SigningRequest request = vanilla();
                char begins[200];

                test_row(lines[i].name);
                request.path = lines[i].path;
                request.query = lines[i].query;
                request.keep_path = lines[i].keep_path;
                request.encode_once = lines[i].encode_once;
                ASSERT_OK(signer_sign(signer, &request, &example, &s));
                (void) snprintf(begins, sizeof(begins), "%.*s", (int) strlen(lines[i].begins),
                                buffer_text(&s.canonical_request));
                ASSERT_STREQ(lines[i].begins, begins);
        }
}

static const struct {
        const char *name;
        Pair headers[4];
        const char *canonical, *names;
} header_rows[] = {
        { "names in lower case, sorted",
                        { { "Z", "1" }, { "Content-Type", "application/json" }, { "Host", "h" } },
                        "content-type:application/json\nhost:h\nx-amz-date:20150830T123600Z\nz:1\n",
                        "content-type;host;x-amz-date;z" },
        { "values trimmed, blanks collapsed", { { "A", "  a \t  b  c\t" }, { "Host", " h " } },
                        "a:a b c\nhost:h\nx-amz-date:20150830T123600Z\n", "a;host;x-amz-date" },
        { "repeated headers in their order", { { "A", "2" }, { "a", " 1 " }, { "A", "" } },
                        "a:2,1,\nx-amz-date:20150830T123600Z\n", "a;x-amz-date" },
        { "no value", { { "A", "" } }, "a:\nx-amz-date:20150830T123600Z\n", "a;x-amz-date" },
        { "what a proxy may change",
                        { { "User-Agent", "x" }, { "Expect", "x" }, { "X-Amzn-Trace-Id", "x" } },
                        "x-amz-date:20150830T123600Z\n", "x-amz-date" },
        { "quotes are nothing special", { { "A", "\"a   b\"" } },
                        "a:\"a b\"\nx-amz-date:20150830T123600Z\n", "a;x-amz-date" },
};

static void test_headers(Signer *signer) {
        _cleanup_(signature_done) Signature s = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(header_rows); i++) {
                SigningRequest request = vanilla();
                char want[400];

                test_row(header_rows[i].name);
                request.headers = header_rows[i].headers;
                request.n_headers = 0;
                while (request.n_headers < 4 && request.headers[request.n_headers].name)
                        request.n_headers++;
                ASSERT_OK(signer_sign(signer, &request, &example, &s));
                (void) snprintf(want, sizeof(want), "GET\n/\n\n%s\n%s\n" EMPTY,
                                header_rows[i].canonical, header_rows[i].names);
                ASSERT_STREQ(want, buffer_text(&s.canonical_request));
        }
}

static const struct {
        const char *name;
        Pair header;
} unsendable[] = {
        { "line feed", { "A", "a\nb" } },
        { "carriage return", { "A", "a\rb" } },
        { "name with a blank", { "A B", "" } },
        { "empty name", { "", "a" } },
        { "colon in a name", { "A:", "b" } },
        { "folded line", { "A", "a\n b" } },
};

static void test_unsendable(Signer *signer) {
        _cleanup_(signature_done) Signature s = { 0 };
        SigningCredentials credentials = example;
        SigningRequest request = vanilla();

        for (size_t i = 0; i < ELEMENTSOF(unsendable); i++) {
                test_row(unsendable[i].name);
                request.headers = &unsendable[i].header;
                ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &example, &s));
        }

        test_row("credentials with a line feed");
        request = vanilla();
        credentials.session_token = "a\nb";
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &credentials, &s));
        credentials = example;
        credentials.access_key_id = "AKID\r\nX: y";
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &credentials, &s));

        test_row("a time that has no date");
        request.time_usec = TIME_UNKNOWN;
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &example, &s));
        request.time_usec = TIME_INFINITY;
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &example, &s));
        request.time_usec = INT64_C(253402300800) * USEC_PER_SEC;
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &example, &s));
        request.time_usec = -1;
        ASSERT_EQ(-EINVAL, signer_sign(signer, &request, &example, &s));
}

static void test_token_and_body(Signer *signer) {
        static const Pair unsigned_payload[] = { { "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD" } };
        SigningCredentials credentials = { "ASIA", "secret", "token" };
        _cleanup_(signature_done) Signature s = { 0 };
        SigningRequest request = vanilla();

        test_row("a session token is signed");
        ASSERT_OK(signer_sign(signer, &request, &credentials, &s));
        ASSERT_TRUE(strstr(buffer_text(&s.canonical_request), "\nx-amz-security-token:token\n"));

        test_row("a session token is left out");
        request.omit_session_token = true;
        ASSERT_OK(signer_sign(signer, &request, &credentials, &s));
        ASSERT_FALSE(strstr(buffer_text(&s.canonical_request), "token"));

        test_row("a body is hashed");
        request.body = "{}";
        request.body_length = 2;
        request.sign_body = true;
        ASSERT_OK(signer_sign(signer, &request, &example, &s));
        ASSERT_STREQ("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                        s.body_sha256);
        ASSERT_TRUE(strstr(buffer_text(&s.canonical_request),
                        "\nx-amz-content-sha256:44136fa355b3678a"));

        test_row("a caller's own hash is used");
        request.sign_body = false;
        request.headers = unsigned_payload;
        ASSERT_OK(signer_sign(signer, &request, &example, &s));
        ASSERT_TRUE(strstr(buffer_text(&s.canonical_request), "\nUNSIGNED-PAYLOAD"));
}

/* The key is kept: a signature must never be made with the key of something else. */
static void test_key_follows_scope(Signer *kept) {
        static const struct {
                const char *name, *secret, *region, *service;
                int64_t time_usec;
        } rows[] = {
                { "first", "one", "us-east-1", "sts", AUGUST_30 },
                { "again", "one", "us-east-1", "sts", AUGUST_30 },
                { "other secret", "two", "us-east-1", "sts", AUGUST_30 },
                { "other Region", "two", "eu-west-1", "sts", AUGUST_30 },
                { "other service", "two", "eu-west-1", "auditmanager", AUGUST_30 },
                { "next second", "two", "eu-west-1", "auditmanager", AUGUST_30 + USEC_PER_SEC },
                { "next day", "two", "eu-west-1", "auditmanager", AUGUST_30 + USEC_PER_DAY },
                { "the day before", "two", "eu-west-1", "auditmanager", AUGUST_30 },
                { "longer secret", "two2", "eu-west-1", "auditmanager", AUGUST_30 },
        };
        _cleanup_(signature_done) Signature a = { 0 }, b = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                SigningCredentials credentials = { "AKID", rows[i].secret, NULL };
                _cleanup_(signer_freep) Signer *fresh = NULL;
                SigningRequest request = vanilla();

                test_row(rows[i].name);
                request.region = rows[i].region;
                request.service = rows[i].service;
                request.time_usec = rows[i].time_usec;
                if (!ASSERT_OK(signer_new(&fresh)))
                        return;
                ASSERT_OK(signer_sign(kept, &request, &credentials, &a));
                ASSERT_OK(signer_sign(fresh, &request, &credentials, &b));
                ASSERT_STREQ(buffer_text(&b.authorization), buffer_text(&a.authorization));
        }
}

int main(void) {
        _cleanup_(signer_freep) Signer *signer = NULL;

        if (!ASSERT_OK(signer_new(&signer)))
                return test_end();
        test_stages(signer);
        test_lines(signer);
        test_headers(signer);
        test_unsendable(signer);
        test_token_and_body(signer);
        test_key_follows_scope(signer);
        return test_end();
}
