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
        const char *region_prefix; /* what follows is a word, a dash and a number */
        const char *pseudo_region; /* NULL: none */
        const char *dns_suffix, *dualstack_suffix;
} Partition;

#define GOVERNMENT "us-gov-"

static const Partition partitions[] = {
        { "cn-", "aws-cn-global", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
        { GOVERNMENT, "aws-us-gov-global", "amazonaws.com", "api.aws" },
        { "us-iso-", "aws-iso-global", "c2s.ic.gov", "api.aws.ic.gov" },
        { "us-isob-", "aws-iso-b-global", "sc2s.sgov.gov", "api.aws.scloud" },
        { "us-isof-", "aws-iso-f-global", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
        { "eu-isoe-", "aws-iso-e-global", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
        { "eusc-de-", NULL, "amazonaws.eu", "api.amazonwebservices.eu" },
};

/* A Region that fits no other, one that AWS opens later among them, is in this. */
static const Partition commercial = { "", "aws-global", "amazonaws.com", "api.aws" };

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool is_region_of(const Partition *partition, const char *region) {
        const char *rest = starts_with(region, partition->region_prefix), *number;

        if (streq_null(region, partition->pseudo_region))
                return true;
        if (!rest)
                return false;
        number = rest + strspn(rest, LETTERS DIGITS);
        return number > rest && *number == '-' && number[1] != '\0'
                        && number[1 + strspn(number + 1, DIGITS)] == '\0';
}

static const Partition *partition_of(const char *region) {
        for (size_t i = 0; i < ELEMENTSOF(partitions); i++)
                if (is_region_of(&partitions[i], region))
                        return &partitions[i];
        return &commercial;
}

/* It becomes a label of a host's name that credentials are sent to. */
static bool is_label(const char *region) {
        size_t n = strlen(region);

        return n > 0 && n <= 63 && region[0] != '-' && region[n - 1] != '-'
                        && strspn(region, LETTERS DIGITS "-") == n && strspn(region, DIGITS) < n;
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
                buffer_truncate(ret, start);
        return r;
}

/* The one endpoint of STS that is in no Region. */
static bool is_global_sts(AwsService service, const EndpointOptions *options) {
        return service == AWS_SERVICE_STS && !options->override_url && !options->use_fips
                        && !options->use_dualstack
                        && streq_null(options->region, commercial.pseudo_region);
}

/* STS in GovCloud is FIPS under its common name. */
static bool has_fips_name(AwsService service,
                const EndpointOptions *options,
                const Partition *partition) {
        return options->use_fips
                        && !(service == AWS_SERVICE_STS && !options->use_dualstack
                                        && streq(partition->region_prefix, GOVERNMENT));
}

int endpoint_resolve(AwsService service,
                const EndpointOptions *options,
                Buffer *ret,
                const char **ret_why) {
        const Partition *partition;
        const char *why = check(options);

        if (why) {
                *ret_why = why;
                return -EINVAL;
        }
        if (options->override_url)
                return write_override(options->override_url, ret, ret_why);
        if (is_global_sts(service, options))
                return buffer_addf(ret, "https://sts.%s", commercial.dns_suffix);

        partition = partition_of(options->region);
        return buffer_addf(ret, "https://%s%s.%s.%s", aws_service_name(service),
                        has_fips_name(service, options, partition) ? "-fips" : "", options->region,
                        options->use_dualstack ? partition->dualstack_suffix
                                               : partition->dns_suffix);
}

const char *endpoint_signing_region(AwsService service, const EndpointOptions *options) {
        return is_global_sts(service, options) ? "us-east-1" : options->region;
}
