/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Filters
 *
 * Twelve digits are an account, which tells SOURCE/FRAMEWORK from FRAMEWORK/ACCOUNT. A framework
 * whose name has a slash is given by its id.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/filter.h"
#include "model/identifiers.h"
#include "util/mem.h"
#include "util/string-util.h"

#define PARTS_MAX 4

static bool is_account(const char *text) {
        AccountId account;

        return account_parse(text, &account) >= 0;
}

/* Cuts text at its slashes; the number of parts, or -EINVAL. */
static int split(char *text, char *parts[static PARTS_MAX]) {
        int n = 0;

        for (char *part = text; part; n++) {
                char *slash = strchr(part, '/');

                if (slash)
                        *slash = '\0';
                if (n == PARTS_MAX || *part == '\0')
                        return -EINVAL;
                parts[n] = part;
                part = slash ? slash + 1 : NULL;
        }
        return n;
}

static int copy(const char *text, char **ret) {
        if (!text)
                return 0;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

int filter_parse(const char *text, Filter *ret) {
        _cleanup_filter_ Filter filter = { 0 };
        _cleanup_free_ char *copied = strdup(text);
        char *parts[PARTS_MAX + 1] = { NULL };
        int n, first;

        if (!copied)
                return -ENOMEM;
        n = split(copied, parts);
        if (n < 0)
                return n;

        /* With a source before it, the framework is the second part. */
        first = n == PARTS_MAX || (n > 1 && !is_account(parts[1])) ? 1 : 0;
        if (n - first > 3 || (parts[first + 1] && !is_account(parts[first + 1])))
                return -EINVAL;
        if (copy(first > 0 ? parts[0] : NULL, &filter.source) < 0
                        || copy(parts[first], &filter.framework) < 0
                        || copy(parts[first + 1], &filter.account) < 0
                        || copy(parts[first + 1] ? parts[first + 2] : NULL, &filter.region) < 0)
                return -ENOMEM;

        *ret = filter;
        filter = (Filter){ 0 };
        return 0;
}

static bool matches(const char *wanted, const char *value) {
        return !wanted || (value && streq(wanted, value));
}

bool filter_matches(const Filter *filter,
                const char *source,
                const char *framework_id,
                const char *framework_name,
                const char *account,
                const char *region) {
        return matches(filter->source, source)
                        && (matches(filter->framework, framework_id)
                                        || matches(filter->framework, framework_name))
                        && matches(filter->account, account) && matches(filter->region, region);
}

void filter_done(Filter *filter) {
        free(filter->source);
        free(filter->framework);
        free(filter->account);
        free(filter->region);
        *filter = (Filter){ 0 };
}
