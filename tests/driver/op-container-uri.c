/* SPDX-License-Identifier: Apache-2.0 */

/* container_uri: where a container with this environment asks for credentials. */

#include <errno.h>

#include "aws/container-uri.h"
#include "driver.h"

json_t *op_container_uri(const json_t *in) {
        _cleanup_(given_environment_done) GivenEnvironment environment = { 0 };
        _cleanup_buffer_ Buffer url = { 0 }, why = { 0 };
        int r;

        if (get_environment(in, &environment) < 0)
                return NULL;

        r = container_uri(&environment.list.environment, &url, NULL, &why);
        if (r < 0)
                return r == -ENOMEM ? NULL : answer_error(buffer_text(&why));
        return json_pack("{s:s}", "url", buffer_text(&url));
}
