/* SPDX-License-Identifier: Apache-2.0 */

/* URIs: encoding, and what a URL is taken for. */

#include "aws/uri.h"
#include "test.h"

static const struct {
        const char *name, *text, *encoded, *as_path;
} encodings[] = {
        { "unreserved", "AZaz09-._~", "AZaz09-._~", "AZaz09-._~" },
        { "token", "a+b/c==", "a%2Bb%2Fc%3D%3D", "a%2Bb/c%3D%3D" },
        { "blank", "a b", "a%20b", "a%20b" },
        { "utf-8", "\xc3\xa9\xf0\x9f\x98\x80", "%C3%A9%F0%9F%98%80", "%C3%A9%F0%9F%98%80" },
        { "escape is encoded again", "%2f", "%252f", "%252f" },
        { "control characters", "\x01\x7f\n", "%01%7F%0A", "%01%7F%0A" },
        { "empty", "", "", "" },
        { "dots", "../..", "..%2F..", "../.." },
        { "sub-delimiters", "!$&'()*,;:@?#[]", "%21%24%26%27%28%29%2A%2C%3B%3A%40%3F%23%5B%5D",
                        "%21%24%26%27%28%29%2A%2C%3B%3A%40%3F%23%5B%5D" },
};

static void test_encode(void) {
        for (size_t i = 0; i < ELEMENTSOF(encodings); i++) {
                _cleanup_buffer_ Buffer plain = { 0 }, path = { 0 }, back = { 0 };
                const char *text = encodings[i].text;

                test_row(encodings[i].name);
                ASSERT_OK(uri_encode(&plain, text, strlen(text), false));
                ASSERT_STREQ(encodings[i].encoded, buffer_text(&plain));
                ASSERT_OK(uri_encode(&path, text, strlen(text), true));
                ASSERT_STREQ(encodings[i].as_path, buffer_text(&path));
                ASSERT_OK(uri_decode(&back, plain.data, plain.length));
                ASSERT_STREQ(text, buffer_text(&back));
        }
}

static const struct {
        const char *name, *text, *decoded;
} decodings[] = {
        { "both cases of digits", "%2f%2F", "//" },
        { "plus stays", "a+b", "a+b" },
        { "not two digits", "%", "%" },
        { "one digit", "%2", "%2" },
        { "no digits", "%zz%20", "%zz " },
        { "escape of an escape", "%2525", "%25" },
};

static void test_decode(void) {
        _cleanup_buffer_ Buffer nul = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(decodings); i++) {
                _cleanup_buffer_ Buffer out = { 0 };

                test_row(decodings[i].name);
                ASSERT_OK(uri_decode(&out, decodings[i].text, strlen(decodings[i].text)));
                ASSERT_STREQ(decodings[i].decoded, buffer_text(&out));
        }

        test_row("a NUL counts as a byte");
        ASSERT_OK(uri_decode(&nul, "a%00b", 5));
        ASSERT_EQ(3, nul.length);
}

static const struct {
        const char *name, *text;
        bool https;
        const char *host;
        unsigned port;
        const char *path, *header;
        bool loopback;
} urls[] = {
        { "plain", "https://auditmanager.eu-west-1.amazonaws.com", true,
                        "auditmanager.eu-west-1.amazonaws.com", 443, "",
                        "auditmanager.eu-west-1.amazonaws.com", false },
        { "slash alone", "https://example.com/", true, "example.com", 443, "", "example.com",
                        false },
        { "path", "https://example.com/a/b/", true, "example.com", 443, "/a/b", "example.com",
                        false },
        { "port", "https://example.com:8443/x", true, "example.com", 8443, "/x", "example.com:8443",
                        false },
        { "the scheme's own port", "http://example.com:80", false, "example.com", 80, "",
                        "example.com", false },
        { "the other scheme's port", "http://example.com:443", false, "example.com", 443, "",
                        "example.com:443", false },
        { "capitals", "HTTPS://EXAMPLE.com/A", true, "example.com", 443, "/A", "example.com",
                        false },
        { "localhost", "http://LocalHost:4566", false, "localhost", 4566, "", "localhost:4566",
                        true },
        { "loopback", "http://127.0.0.1:80", false, "127.0.0.1", 80, "", "127.0.0.1", true },
        { "all of the loopback net", "http://127.255.255.254", false, "127.255.255.254", 80, "",
                        "127.255.255.254", true },
        { "IPv6", "https://[2001:DB8::1]/", true, "2001:db8::1", 443, "", "[2001:db8::1]", false },
        { "IPv6 loopback", "http://[::1]:8080", false, "::1", 8080, "", "[::1]:8080", true },
        { "IPv6 loopback, long", "http://[0:0:0:0:0:0:0:1]", false, "0:0:0:0:0:0:0:1", 80, "",
                        "[0:0:0:0:0:0:0:1]", true },
        { "a name that begins as a loopback address", "http://127.0.0.1.example.com", false,
                        "127.0.0.1.example.com", 80, "", "127.0.0.1.example.com", false },
        { "a name that ends as localhost", "http://notlocalhost", false, "notlocalhost", 80, "",
                        "notlocalhost", false },
        { "not loopback", "http://128.0.0.1", false, "128.0.0.1", 80, "", "128.0.0.1", false },
        { "short form of an address is a name", "http://127.1", false, "127.1", 80, "", "127.1",
                        false },
        { "a number is a name", "http://2130706433", false, "2130706433", 80, "", "2130706433",
                        false },
        { "mapped IPv4 is not ::1", "http://[::ffff:127.0.0.1]", false, "::ffff:127.0.0.1", 80, "",
                        "[::ffff:127.0.0.1]", false },
        { "underscore", "https://my_host.example.com", true, "my_host.example.com", 443, "",
                        "my_host.example.com", false },
};

static void test_urls(void) {
        for (size_t i = 0; i < ELEMENTSOF(urls); i++) {
                _cleanup_buffer_ Buffer header = { 0 };
                _cleanup_url_ Url url = { 0 };
                const char *why = NULL;

                test_row(urls[i].name);
                if (!ASSERT_OK(url_parse(urls[i].text, &url, &why)))
                        continue;
                ASSERT_EQ(urls[i].https, url.https);
                ASSERT_STREQ(urls[i].host, url.host);
                ASSERT_EQ(urls[i].port, url.port);
                ASSERT_STREQ(urls[i].path, url.path);
                ASSERT_EQ(urls[i].loopback, url_is_loopback(&url));
                ASSERT_OK(url_host_header(&url, &header));
                ASSERT_STREQ(urls[i].header, buffer_text(&header));
        }
}

static const struct {
        const char *name, *text, *why;
} no_urls[] = {
        { "empty", "", "it does not begin with https://" },
        { "no scheme", "example.com", "it does not begin with https://" },
        { "other scheme", "ftp://example.com", "it does not begin with https://" },
        { "scheme alone", "https:", "it does not begin with https://" },
        { "no host", "https://", "it has no host" },
        { "no host, but a path", "https:///x", "it has no host" },
        { "no host, but a port", "https://:443", "it has no host" },
        { "user information", "https://user@example.com", "it has user information" },
        { "user and password", "https://a:b@example.com/", "it has user information" },
        { "the host that is meant hides", "https://example.com@evil.example",
                        "it has user information" },
        { "query", "https://example.com/?a", "it has a query" },
        { "empty query", "https://example.com?", "it has a query" },
        { "fragment", "https://example.com/#a", "it has a fragment" },
        { "blank", "https://exa mple.com", "it has a character that a URL cannot have" },
        { "line feed", "https://example.com\n", "it has a character that a URL cannot have" },
        { "backslash", "https://example.com\\@evil.example",
                        "it has a character that a URL cannot have" },
        { "not ASCII", "https://ex\xc3\xa4mple.com", "it has a character that a URL cannot have" },
        { "percent in host", "https://ex%61mple.com",
                        "its host has a character that a host cannot have" },
        { "leading dot", "https://.example.com",
                        "its host begins with a character that a host cannot begin with" },
        { "port is zero", "https://example.com:0", "its port is no number from 1 to 65535" },
        { "port is too large", "https://example.com:65536",
                        "its port is no number from 1 to 65535" },
        { "port is much too large", "https://example.com:184467440737095516160",
                        "its port is no number from 1 to 65535" },
        { "port is empty", "https://example.com:", "its port is no number from 1 to 65535" },
        { "port is a word", "https://example.com:https", "its port is no number from 1 to 65535" },
        { "IPv6 without brackets", "https://::1", "it has no host" },
        { "bracket not closed", "https://[::1", "the bracket of its address is not closed" },
        { "no address in brackets", "https://[example.com]", "its address is no IPv6 address" },
        { "nothing in brackets", "https://[]", "it has no host" },
        { "IPv4 in brackets", "https://[127.0.0.1]", "its address is no IPv6 address" },
        { "zone", "https://[fe80::1%25eth0]", "its address is no IPv6 address" },
        { "behind the bracket", "https://[::1]x", "something follows the bracket of its address" },
};

static void test_no_urls(void) {
        char host[300] = "https://";

        for (size_t i = 0; i < ELEMENTSOF(no_urls); i++) {
                Url url = { 0 };
                const char *why = NULL;

                test_row(no_urls[i].name);
                ASSERT_EQ(-EINVAL, url_parse(no_urls[i].text, &url, &why));
                ASSERT_STREQ(no_urls[i].why, why);
                ASSERT_TRUE(!url.host);
        }

        test_row("host is too long");
        memset(host + 8, 'a', 254);
        ASSERT_EQ(-EINVAL, url_parse(host, &(Url){ 0 }, NULL));
}

int main(void) {
        test_encode();
        test_decode();
        test_urls();
        test_no_urls();
        return test_end();
}
