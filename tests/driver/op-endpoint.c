/* SPDX-License-Identifier: Apache-2.0 */

/* endpoint: which URL a service of a Region answers at. */

#include "aws/endpoint.h"
#include "driver.h"
#include "util/string-util.h"

AwsService get_service(const json_t *in) {
        const char *name = get_text(in, "service", "");
        AwsService service = 0;

        while (service < AWS_SERVICE_MAX && !streq(aws_service_name(service), name))
                service++;
        return service;
}

json_t *answer_endpoint(AwsService service, const EndpointOptions *options) {
        _cleanup_buffer_ Buffer url = { 0 };
        const char *why = "";
        int r;

        r = endpoint_resolve(service, options, &url, &why);
        if (r < 0)
                return why[0] ? answer_error(why) : NULL;
        return json_pack("{s:s, s:s?, s:s}", "url", buffer_text(&url), "signing_region",
                        endpoint_signing_region(service, options), "signing_name",
                        aws_service_name(service));
}

json_t *op_endpoint(const json_t *in) {
        AwsService service = get_service(in);
        EndpointOptions options = {
                .region = get_text(in, "region", NULL),
                .use_fips = get_bool(in, "use_fips", false),
                .use_dualstack = get_bool(in, "use_dualstack", false),
                .override_url = get_text(in, "endpoint", NULL),
        };

        if (service == AWS_SERVICE_MAX)
                return answer_unsupported("there is no such service here");
        if (get_bool(in, "use_global_endpoint", false))
                return answer_unsupported("STS is always asked in its Region");
        return answer_endpoint(service, &options);
}
