/* SPDX-License-Identifier: Apache-2.0 */

/* The endpoint of a container's credentials. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "aws/container-uri.h"
#include "aws/metadata-endpoint.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/string-util.h"

#define RELATIVE_URI "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL_URI     "AWS_CONTAINER_CREDENTIALS_FULL_URI"

/* The agent of ECS. */
#define RELATIVE_BASE "http://169.254.170.2"

static int refuse(Buffer *ret_why, const char *variable, const char *why) {
        int r = buffer_addf(ret_why, "%s is no URL to ask: %s", variable, why);

        return r < 0 ? r : -EINVAL;
}

/* Two parsers take a URL apart, ours and libcurl's: they must have nothing to disagree about. */
static bool is_plain(const char *text) {
        for (; *text; text++)
                if (*text <= ' ' || *text > '~' || strchr("\\\"<>^`{|}", *text))
                        return false;
        return true;
}

/* Behind "?" all but a fragment is legal, which url_parse() looks for in the rest alone. */
static int parse(const char *text, const char *variable, Url *ret, Buffer *ret_why) {
        _cleanup_free_ char *base = strndup(text, strcspn(text, "?"));
        const char *why = NULL;
        int r;

        if (!base)
                return -ENOMEM;
        if (!is_plain(text))
                return refuse(ret_why, variable, "it has a character that a URL cannot have");
        if (strchr(text, '#'))
                return refuse(ret_why, variable, "it has a fragment");

        r = url_parse(base, ret, &why);
        return r == -EINVAL ? refuse(ret_why, variable, why) : r;
}

static bool may_be_asked(const Url *url) {
        return url->https || url_is_loopback(url)
                        || url_metadata_address(url) == METADATA_ADDRESS_CONTAINER;
}

static int use(const char *text,
                const char *variable,
                Buffer *ret,
                Buffer *ret_host,
                Buffer *ret_why) {
        _cleanup_url_ Url url = { 0 };
        int r;

        r = parse(text, variable, &url, ret_why);
        if (r < 0)
                return r;
        if (!may_be_asked(&url))
                return refuse(ret_why, variable,
                                "http is for loopback, 169.254.170.2, 169.254.170.23 and"
                                " [fd00:ec2::23] alone; any other host wants https");

        r = buffer_add(ret, text);
        if (r < 0 || !ret_host)
                return r;
        r = buffer_addf(ret_host, "http%s://", url.https ? "s" : "");
        return r < 0 ? r : url_host_header(&url, ret_host);
}

static int use_relative(const char *path, Buffer *ret, Buffer *ret_host, Buffer *ret_why) {
        _cleanup_buffer_ Buffer text = { 0 };
        int r;

        if (*path != '/')
                return refuse(ret_why, RELATIVE_URI, "it does not begin with /");

        r = buffer_addf(&text, RELATIVE_BASE "%s", path);
        return r < 0 ? r : use(buffer_text(&text), RELATIVE_URI, ret, ret_host, ret_why);
}

int container_uri(const Environment *environment, Buffer *ret, Buffer *ret_host, Buffer *ret_why) {
        const char *relative = environment_text(environment, RELATIVE_URI),
                   *full = environment_text(environment, FULL_URI);
        int r;

        assert(ret && ret_why);

        if (relative)
                return use_relative(relative, ret, ret_host, ret_why);
        if (full)
                return use(full, FULL_URI, ret, ret_host, ret_why);

        r = buffer_add(ret_why, "neither " RELATIVE_URI " nor " FULL_URI " is set");
        return r < 0 ? r : -ENOENT;
}
