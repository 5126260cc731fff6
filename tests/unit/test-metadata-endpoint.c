/* SPDX-License-Identifier: Apache-2.0 */

/* Where instance metadata is asked, and where plain http may go. */

#include <curl/curl.h>

#include "aws/http-options.h"
#include "aws/metadata-endpoint.h"
#include "test.h"

#define ENDPOINT "AWS_EC2_METADATA_SERVICE_ENDPOINT="
#define MODE     "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="

#define IPV4 "http://169.254.169.254"
#define IPV6 "http://[fd00:ec2::254]"

static const struct {
        const char *name;
        const char *environment[3];
        MetadataWishes wishes;
        const char *url, *why; /* one of them */
} endpoints[] = {
        { .name = "default", .url = IPV4 },
        { .name = "blank",
                        .environment = { ENDPOINT " ", MODE "" },
                        .wishes = { "", " ", "", " " },
                        .url = IPV4 },
        { .name = "environment",
                        .environment = { ENDPOINT "http://override:456" },
                        .url = "http://override:456" },
        { .name = "profile",
                        .wishes.profile_endpoint = "http://override:456",
                        .url = "http://override:456" },
        { .name = "environment before profile",
                        .environment = { ENDPOINT "http://override:456" },
                        .wishes.profile_endpoint = "http://wrong:456",
                        .url = "http://override:456" },
        { .name = "caller before environment",
                        .environment = { ENDPOINT "http://wrong" },
                        .wishes.endpoint = "https://custom",
                        .url = "https://custom" },
        { .name = "slash, path",
                        .environment = { ENDPOINT "HTTP://Host:80/a/b//" },
                        .url = "http://host/a/b" },
        { .name = "IPv6 address",
                        .environment = { ENDPOINT "http://[::1]:8080/" },
                        .url = "http://[::1]:8080" },
        { .name = "mode/IPv4", .environment = { MODE "IPv4" }, .url = IPV4 },
        { .name = "mode/IPv6", .environment = { MODE "IPv6" }, .url = IPV6 },
        { .name = "mode/any case", .environment = { MODE "ipV6" }, .url = IPV6 },
        { .name = "mode/profile", .wishes.profile_mode = "IPv6", .url = IPV6 },
        { .name = "mode/environment before profile",
                        .environment = { MODE "IPv4" },
                        .wishes.profile_mode = "IPv6",
                        .url = IPV4 },
        { .name = "mode/caller before environment",
                        .environment = { MODE "IPv4" },
                        .wishes = { .mode = "IPv6", .profile_mode = "IPv4" },
                        .url = IPV6 },
        { .name = "endpoint before mode",
                        .environment = { ENDPOINT "http://169.254.169.200" },
                        .wishes.mode = "IPv6",
                        .url = "http://169.254.169.200" },
        { .name = "profile's endpoint before mode",
                        .environment = { MODE "IPv6" },
                        .wishes.profile_endpoint = "http://169.254.169.200",
                        .url = "http://169.254.169.200" },
        { .name = "bad mode",
                        .environment = { MODE "error" },
                        .why = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6" },
        { .name = "bad mode of the profile",
                        .wishes.profile_mode = "IPv7",
                        .why = "ec2_metadata_service_endpoint_mode is neither IPv4 nor IPv6" },
        { .name = "no URL",
                        .environment = { ENDPOINT "not a uri" },
                        .why = "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL to ask: it does not "
                               "begin with https://" },
        { .name = "no URL in the profile",
                        .wishes.profile_endpoint = "http://",
                        .why = "ec2_metadata_service_endpoint is no URL to ask: it has no host" },
        { .name = "a query",
                        .environment = { ENDPOINT "http://host/?x" },
                        .why = "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL to ask: it has a "
                               "query" },
        { .name = "another header",
                        .environment = { ENDPOINT "http://host/\r\nX:y" },
                        .why = "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL to ask: it has a "
                               "character that a URL cannot have" },
};

static void test_endpoints(void) {
        for (size_t i = 0; i < ELEMENTSOF(endpoints); i++) {
                EnvironmentList environment = environment_list(endpoints[i].environment);
                _cleanup_buffer_ Buffer url = { 0 }, why = { 0 };

                test_row(endpoints[i].name);
                ASSERT_EQ(endpoints[i].url ? 0 : -EINVAL,
                                metadata_endpoint(&environment.environment, &endpoints[i].wishes,
                                                &url, &why));
                ASSERT_STREQ(endpoints[i].url ? endpoints[i].url : "", buffer_text(&url));
                ASSERT_STREQ(endpoints[i].why ? endpoints[i].why : "", buffer_text(&why));
        }
}

/* Y: may be asked by a request that goes to loopback alone, to metadata as well, anywhere. */
static const struct {
        const char *url, *may;
        MetadataAddress who;
} targets[] = {
        { "https://any.host/", "YYY", METADATA_ADDRESS_NONE },
        { "http://127.0.0.1:8080/x?y", "YYY", METADATA_ADDRESS_NONE },
        { "http://[::1]/", "YYY", METADATA_ADDRESS_NONE },
        { "http://localhost/", "YYY", METADATA_ADDRESS_NONE },
        { "http://169.254.169.254/latest/", "-YY", METADATA_ADDRESS_INSTANCE },
        { "http://[fd00:ec2::254]/", "-YY", METADATA_ADDRESS_INSTANCE },
        { "http://[fd00:0ec2:0::0:254]/", "-YY", METADATA_ADDRESS_INSTANCE },
        { "http://169.254.170.2/x?y", "-YY", METADATA_ADDRESS_CONTAINER },
        { "http://169.254.170.23:8080/", "-YY", METADATA_ADDRESS_CONTAINER },
        { "http://[fd00:ec2::23]/", "-YY", METADATA_ADDRESS_CONTAINER },
        { "http://169.254.169.253/", "--Y", METADATA_ADDRESS_NONE },
        { "http://169.254.170.2.evil.com/", "--Y", METADATA_ADDRESS_NONE },
        { "http://[::ffff:169.254.169.254]/", "--Y", METADATA_ADDRESS_NONE },
        { "http://[fd00:ec2::2]/", "--Y", METADATA_ADDRESS_NONE },
        { "http://any.host/", "--Y", METADATA_ADDRESS_NONE },
        { "http://user@169.254.170.2/", "---", METADATA_ADDRESS_MAX },
        { "ftp://169.254.170.2/", "---", METADATA_ADDRESS_MAX },
        { "file:///etc/passwd", "---", METADATA_ADDRESS_MAX },
};

static MetadataAddress address_of(const char *text) {
        _cleanup_buffer_ Buffer base = { 0 };
        _cleanup_url_ Url url = { 0 };

        if (buffer_append(&base, text, strcspn(text, "?")) < 0
                        || url_parse(buffer_text(&base), &url, NULL) < 0)
                return METADATA_ADDRESS_MAX;
        return url_metadata_address(&url);
}

static void test_targets(void) {
        for (size_t i = 0; i < ELEMENTSOF(targets); i++) {
                test_row(targets[i].url);
                ASSERT_EQ(targets[i].who, address_of(targets[i].url));

                for (HttpPlain plain = 0; plain < HTTP_PLAIN_MAX; plain++) {
                        HttpRequest request = {
                                .method = "GET", .url = targets[i].url, .plain = plain
                        };
                        CURL *easy = curl_easy_init();

                        if (ASSERT_TRUE(easy))
                                ASSERT_EQ(targets[i].may[plain] == 'Y' ? 0 : -EINVAL,
                                                http_options_set(easy, &request));
                        curl_easy_cleanup(easy);
                }
        }
}

int main(void) {
        test_endpoints();
        test_targets();
        return test_end();
}
