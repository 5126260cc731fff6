/* SPDX-License-Identifier: Apache-2.0 */

/* endpoint: which URL a service of a Region answers at. */

#include "aws/endpoint.h"
#include "driver.h"
#include "util/string-util.h"

static AwsService find_service(const char *name) {
        AwsService service = 0;

        while (service < AWS_SERVICE_MAX && !streq(aws_service_name(service), name))
                service++;
        return service;
}

json_t *op_endpoint(const json_t *in) {
        AwsService service = find_service(get_text(in, "service", ""));
        EndpointOptions options = {
                .region = get_text(in, "region", NULL),
                .use_fips = get_bool(in, "use_fips", false),
                .use_dualstack = get_bool(in, "use_dualstack", false),
                .override_url = get_text(in, "endpoint", NULL),
        };
        _cleanup_buffer_ Buffer url = { 0 };
        const char *why = "";
        int r;

        if (service == AWS_SERVICE_MAX)
                return answer_unsupported("there is no such service here");
        if (get_bool(in, "use_global_endpoint", false))
                return answer_unsupported("STS is always asked in its Region");

        r = endpoint_resolve(service, &options, &url, &why);
        if (r < 0)
                return why[0] ? answer_error(why) : NULL;
        return json_pack("{s:s, s:s?, s:s}", "url", buffer_text(&url), "signing_region",
                        options.region, "signing_name", aws_service_name(service));
}
