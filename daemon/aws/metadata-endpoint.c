/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The endpoint of instance metadata
 *
 * The SDKs let an operator name any host, http included: what is sent there is a token that the
 * same host has handed out, and nothing of ours.
 */

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "aws/metadata-endpoint.h"
#include "util/macro.h"
#include "util/string-util.h"

/* No metadata service that is there takes longer, or more. */
#define TIMEOUT_MAX_SEC 300
#define ATTEMPTS_MAX    100

static const struct {
        const char *address;
        bool is_ipv6;
        MetadataAddress who;
} addresses[] = {
        { "169.254.169.254", false, METADATA_ADDRESS_INSTANCE },
        { "fd00:ec2::254", true, METADATA_ADDRESS_INSTANCE },
        { "169.254.170.2", false, METADATA_ADDRESS_CONTAINER },
        { "169.254.170.23", false, METADATA_ADDRESS_CONTAINER },
        { "fd00:ec2::23", true, METADATA_ADDRESS_CONTAINER },
};

MetadataAddress url_metadata_address(const Url *url) {
        int family = url->is_ipv6 ? AF_INET6 : AF_INET;
        struct in6_addr ours = { 0 }, theirs = { 0 };

        if (inet_pton(family, url->host, &theirs) != 1)
                return METADATA_ADDRESS_NONE;

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                if (addresses[i].is_ipv6 != url->is_ipv6)
                        continue;
                /* An IPv4 address fills the first four bytes of both. */
                (void) inet_pton(family, addresses[i].address, &ours);
                if (memcmp(&ours, &theirs, sizeof(ours)) == 0)
                        return addresses[i].who;
        }
        return METADATA_ADDRESS_NONE;
}

static const struct {
        const char *name, *url;
} modes[] = {
        { "IPv4", "http://169.254.169.254" },
        { "IPv6", "http://[fd00:ec2::254]" },
};

/* A value and where it is from. */
typedef struct Wish {
        const char *value, *origin;
} Wish;

static Wish first_of(const Environment *environment,
                const char *wanted,
                const char *variable,
                const char *profile,
                const char *key) {
        const char *set = environment_text(environment, variable);
        Wish wish = { 0 };

        if (!is_blank(wanted))
                wish = (Wish){ wanted, "the metadata endpoint" };
        else if (set)
                wish = (Wish){ set, variable };
        else if (!is_blank(profile))
                wish = (Wish){ profile, key };
        return wish;
}

static int use_endpoint(const Wish *wish, Buffer *ret, Buffer *ret_why) {
        _cleanup_url_ Url url = { 0 };
        const char *why = NULL;
        int r;

        r = url_parse(wish->value, &url, &why);
        if (r == -EINVAL) {
                r = buffer_addf(ret_why, "%s is no URL to ask: %s", wish->origin, why);
                return r < 0 ? r : -EINVAL;
        }
        if (r >= 0)
                r = buffer_addf(ret, "http%s://", url.https ? "s" : "");
        if (r >= 0)
                r = url_host_header(&url, ret);
        return r < 0 ? r : buffer_add(ret, url.path);
}

static int use_mode(const Wish *wish, Buffer *ret, Buffer *ret_why) {
        int r;

        for (size_t i = 0; i < ELEMENTSOF(modes); i++)
                if (strcasecmp(wish->value, modes[i].name) == 0)
                        return buffer_add(ret, modes[i].url);

        r = buffer_addf(ret_why, "%s is neither IPv4 nor IPv6", wish->origin);
        return r < 0 ? r : -EINVAL;
}

int metadata_endpoint(const Environment *environment,
                const MetadataWishes *wishes,
                Buffer *ret,
                Buffer *ret_why) {
        Wish wish;

        assert(environment && wishes && ret && ret_why);

        wish = first_of(environment, wishes->endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                        wishes->profile_endpoint, "ec2_metadata_service_endpoint");
        if (wish.value)
                return use_endpoint(&wish, ret, ret_why);

        wish = first_of(environment, wishes->mode, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                        wishes->profile_mode, "ec2_metadata_service_endpoint_mode");
        return wish.value ? use_mode(&wish, ret, ret_why) : buffer_add(ret, modes[0].url);
}

static int read_number(const Environment *environment,
                const char *name,
                unsigned max,
                unsigned *ret,
                Buffer *ret_why) {
        const char *text = environment_text(environment, name);
        uint64_t value;
        int r;

        if (!text)
                return 0;
        if (parse_uint(text, max, &value) >= 0 && value > 0) {
                *ret = (unsigned) value;
                return 0;
        }
        r = buffer_addf(ret_why, "%s is no whole number from 1 to %u", name, max);
        return r < 0 ? r : -EINVAL;
}

int metadata_limits(const Environment *environment, MetadataLimits *ret, Buffer *ret_why) {
        MetadataLimits limits = { .timeout_sec = 1 };
        int r;

        r = read_number(environment, "AWS_METADATA_SERVICE_TIMEOUT", TIMEOUT_MAX_SEC,
                        &limits.timeout_sec, ret_why);
        if (r >= 0)
                r = read_number(environment, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", ATTEMPTS_MAX,
                                &limits.attempts, ret_why);
        if (r < 0)
                return r;

        *ret = limits;
        return 0;
}
