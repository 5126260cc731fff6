/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Endpoints
 *
 * The rules of the services' endpoint rule sets, and the partitions they stand on
 * (https://docs.aws.amazon.com/general/latest/gr/audit-manager.html, .../sts.html). STS is always
 * asked in the Region.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/uri.h"
#include "util/macro.h"
#include "util/string-util.h"

static const char *const service_names[AWS_SERVICE_MAX] = {
        [AWS_SERVICE_AUDITMANAGER] = "auditmanager",
        [AWS_SERVICE_STS] = "sts",
};

const char *aws_service_name(AwsService service) {
        assert(service < AWS_SERVICE_MAX);
        return service_names[service];
}

typedef struct Partition {
        const char *region_prefix; /* the first that fits decides; "" fits all */
        const char *dns_suffix, *dualstack_suffix;
} Partition;

static const Partition partitions[] = {
        { "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
        { "us-gov-", "amazonaws.com", "api.aws" },
        { "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
        { "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
        { "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
        { "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
        { "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
        { "", "amazonaws.com", "api.aws" },
};

static const Partition *partition_of(const char *region) {
        const Partition *p = partitions;

        while (!starts_with(region, p->region_prefix))
                p++;
        return p;
}

/* In the commercial partition both services have FIPS endpoints in the Regions of the United States
 * alone. */
static bool has_fips(const char *region) {
        return *partition_of(region)->region_prefix || starts_with(region, "us-");
}

/* It becomes a label of a host's name that credentials are sent to. */
static bool is_label(const char *region) {
        size_t n = strlen(region);

        return n > 0 && n <= 63 && region[0] != '-' && region[n - 1] != '-'
                        && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static const char *check(const EndpointOptions *options) {
        if (options->override_url && options->use_fips)
                return "FIPS and an endpoint of one's own exclude each other";
        if (options->override_url && options->use_dualstack)
                return "dual-stack and an endpoint of one's own exclude each other";
        if (options->override_url)
                return NULL;

        if (!options->region || !is_label(options->region))
                return "there is no valid Region";
        if (options->use_fips && !has_fips(options->region))
                return "this Region has no FIPS endpoint";
        return NULL;
}

static int write_override(const char *text, Buffer *ret, const char **ret_why) {
        _cleanup_url_ Url url = { 0 };
        size_t start = ret->length;
        int r;

        r = url_parse(text, &url, ret_why);
        if (r < 0)
                return r;
        if (!url.https && !url_is_loopback(&url)) {
                *ret_why = "http is for loopback addresses alone";
                return -EINVAL;
        }

        r = buffer_add(ret, url.https ? "https://" : "http://");
        if (r >= 0)
                r = url_host_header(&url, ret);
        if (r >= 0)
                r = buffer_add(ret, url.path);
        if (r < 0)
                ret->length = start;
        return r;
}

int endpoint_resolve(AwsService service,
                const EndpointOptions *options,
                Buffer *ret,
                const char **ret_why) {
        const Partition *partition;
        const char *why = check(options);
        bool fips;

        if (why) {
                *ret_why = why;
                return -EINVAL;
        }
        if (options->override_url)
                return write_override(options->override_url, ret, ret_why);

        partition = partition_of(options->region);
        /* STS in GovCloud is FIPS under its common name. */
        fips = options->use_fips
                        && !(service == AWS_SERVICE_STS && !options->use_dualstack
                                        && starts_with(options->region, "us-gov-"));
        return buffer_addf(ret, "https://%s%s.%s.%s", aws_service_name(service),
                        fips ? "-fips" : "", options->region,
                        options->use_dualstack ? partition->dualstack_suffix
                                               : partition->dns_suffix);
}
