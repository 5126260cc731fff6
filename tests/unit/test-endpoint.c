/* SPDX-License-Identifier: Apache-2.0 */

/* Endpoints: rows of the services' own rule sets, and what is refused. */

#include "aws/endpoint.h"
#include "test.h"

static const struct {
        const char *name;
        AwsService service;
        EndpointOptions options;
        const char *want; /* a URL, or why there is none */
} rows[] = {
        { "plain", AWS_SERVICE_AUDITMANAGER, { "eu-west-1", false, false, NULL },
                        "https://auditmanager.eu-west-1.amazonaws.com" },
        { "FIPS", AWS_SERVICE_AUDITMANAGER, { "us-east-1", true, false, NULL },
                        "https://auditmanager-fips.us-east-1.amazonaws.com" },
        { "dual-stack", AWS_SERVICE_AUDITMANAGER, { "us-east-1", false, true, NULL },
                        "https://auditmanager.us-east-1.api.aws" },
        { "FIPS, dual-stack", AWS_SERVICE_AUDITMANAGER, { "us-west-2", true, true, NULL },
                        "https://auditmanager-fips.us-west-2.api.aws" },
        { "STS", AWS_SERVICE_STS, { "ap-south-1", false, false, NULL },
                        "https://sts.ap-south-1.amazonaws.com" },
        { "STS in the first Region, too", AWS_SERVICE_STS, { "us-east-1", false, false, NULL },
                        "https://sts.us-east-1.amazonaws.com" },
        { "STS, FIPS", AWS_SERVICE_STS, { "us-west-1", true, false, NULL },
                        "https://sts-fips.us-west-1.amazonaws.com" },
        { "a Region to come", AWS_SERVICE_AUDITMANAGER, { "mx-central-1", false, false, NULL },
                        "https://auditmanager.mx-central-1.amazonaws.com" },
        { "China", AWS_SERVICE_STS, { "cn-north-1", false, false, NULL },
                        "https://sts.cn-north-1.amazonaws.com.cn" },
        { "China, FIPS, dual-stack", AWS_SERVICE_AUDITMANAGER, { "cn-north-1", true, true, NULL },
                        "https://auditmanager-fips.cn-north-1.api.amazonwebservices.com.cn" },
        { "GovCloud, FIPS", AWS_SERVICE_AUDITMANAGER, { "us-gov-east-1", true, false, NULL },
                        "https://auditmanager-fips.us-gov-east-1.amazonaws.com" },
        { "STS of GovCloud, FIPS", AWS_SERVICE_STS, { "us-gov-west-1", true, false, NULL },
                        "https://sts.us-gov-west-1.amazonaws.com" },
        { "secret", AWS_SERVICE_AUDITMANAGER, { "us-iso-east-1", false, false, NULL },
                        "https://auditmanager.us-iso-east-1.c2s.ic.gov" },
        { "top secret", AWS_SERVICE_STS, { "us-isob-east-1", false, false, NULL },
                        "https://sts.us-isob-east-1.sc2s.sgov.gov" },
        { "Europe's own", AWS_SERVICE_STS, { "eusc-de-east-1", false, false, NULL },
                        "https://sts.eusc-de-east-1.amazonaws.eu" },
        { "FIPS where there may be none", AWS_SERVICE_AUDITMANAGER,
                        { "eu-west-1", true, false, NULL },
                        "https://auditmanager-fips.eu-west-1.amazonaws.com" },
        { "GovCloud, FIPS, dual-stack", AWS_SERVICE_STS, { "us-gov-west-1", true, true, NULL },
                        "https://sts-fips.us-gov-west-1.api.aws" },
        { "what only looks like a partition", AWS_SERVICE_STS, { "cn-north", false, false, NULL },
                        "https://sts.cn-north.amazonaws.com" },
        { "a dash too many", AWS_SERVICE_STS, { "cn-north-east-1", false, false, NULL },
                        "https://sts.cn-north-east-1.amazonaws.com" },
        { "a Region to come of a partition", AWS_SERVICE_STS, { "cn-east-12", false, false, NULL },
                        "https://sts.cn-east-12.amazonaws.com.cn" },
        { "a partition's own name", AWS_SERVICE_AUDITMANAGER,
                        { "aws-cn-global", false, false, NULL },
                        "https://auditmanager.aws-cn-global.amazonaws.com.cn" },
        { "STS of no Region", AWS_SERVICE_STS, { "aws-global", false, false, NULL },
                        "https://sts.amazonaws.com" },
        { "STS of no Region, dual-stack", AWS_SERVICE_STS, { "aws-global", false, true, NULL },
                        "https://sts.aws-global.api.aws" },
        { "one's own", AWS_SERVICE_STS,
                        { "eu-west-1", false, false, "https://VPCE.example.com:8443/base/" },
                        "https://vpce.example.com:8443/base" },
        { "one's own without a Region", AWS_SERVICE_STS,
                        { NULL, false, false, "https://example.com:443" }, "https://example.com" },
        { "loopback", AWS_SERVICE_STS, { "eu-west-1", false, false, "http://[::1]:4566" },
                        "http://[::1]:4566" },
        { "localhost", AWS_SERVICE_STS, { "eu-west-1", false, false, "http://localhost:4566/" },
                        "http://localhost:4566" },

        { "no Region", AWS_SERVICE_STS, { NULL, false, false, NULL }, "there is no valid Region" },
        { "empty Region", AWS_SERVICE_STS, { "", false, false, NULL }, "there is no valid Region" },
        { "a Region that would be a host", AWS_SERVICE_STS, { "evil.example/", false, false, NULL },
                        "there is no valid Region" },
        { "a Region with an @", AWS_SERVICE_STS, { "x@evil", false, false, NULL },
                        "there is no valid Region" },
        { "a Region that ends in a dash", AWS_SERVICE_STS, { "eu-", false, false, NULL },
                        "there is no valid Region" },
        { "a Region that is a number", AWS_SERVICE_STS, { "123", false, false, NULL },
                        "there is no valid Region" },
        { "one's own and FIPS", AWS_SERVICE_STS,
                        { "us-east-1", true, false, "https://example.com" },
                        "FIPS and an endpoint of one's own exclude each other" },
        { "one's own and dual-stack", AWS_SERVICE_STS,
                        { "us-east-1", false, true, "https://example.com" },
                        "dual-stack and an endpoint of one's own exclude each other" },
        { "http", AWS_SERVICE_STS, { "us-east-1", false, false, "http://example.com" },
                        "http is for loopback addresses alone" },
        { "http to what looks like loopback", AWS_SERVICE_STS,
                        { "us-east-1", false, false, "http://127.0.0.1.example.com" },
                        "http is for loopback addresses alone" },
        { "no URL", AWS_SERVICE_STS, { "us-east-1", false, false, "example.com" },
                        "it does not begin with https://" },
};

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_buffer_ Buffer url = { 0 };
                const char *why = NULL;
                int r = endpoint_resolve(rows[i].service, &rows[i].options, &url, &why);

                test_row(rows[i].name);
                ASSERT_EQ(strncmp(rows[i].want, "http", 4) == 0 && rows[i].want[4] != ' ' ? 0
                                                                                          : -EINVAL,
                                r);
                ASSERT_STREQ(rows[i].want, r < 0 ? why : buffer_text(&url));
                if (r < 0)
                        ASSERT_EQ(0, url.length);
        }

        test_row("signing Region");
        ASSERT_STREQ("eu-west-1",
                        endpoint_signing_region(AWS_SERVICE_STS,
                                        &(EndpointOptions){ .region = "eu-west-1" }));
        ASSERT_STREQ("us-east-1",
                        endpoint_signing_region(AWS_SERVICE_STS,
                                        &(EndpointOptions){ .region = "aws-global" }));
        ASSERT_STREQ("aws-global",
                        endpoint_signing_region(AWS_SERVICE_AUDITMANAGER,
                                        &(EndpointOptions){ .region = "aws-global" }));

        test_row("names");
        ASSERT_STREQ("auditmanager", aws_service_name(AWS_SERVICE_AUDITMANAGER));
        ASSERT_STREQ("sts", aws_service_name(AWS_SERVICE_STS));
        return test_end();
}
