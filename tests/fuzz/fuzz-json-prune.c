/* SPDX-License-Identifier: Apache-2.0 */

/* JSON that members are left out of: what jansson took before, it takes after, and all else in it
 * is the same. */

#include <stdlib.h>

#include "fuzz.h"
#include "util/json-prune.h"
#include "util/json.h"

static const char *const names[] = { "name", "n", "status", NULL };

static bool is_name(const char *key) {
        for (const char *const *name = names; *name; name++)
                if (streq(key, *name))
                        return true;
        return false;
}

static bool is_same(const json_t *a, const json_t *b);

static size_t count_others(const json_t *object) {
        const char *key;
        json_t *value;
        size_t n = 0;

        json_object_foreach((json_t *) (uintptr_t) object, key, value) n += !is_name(key);
        return n;
}

static bool is_same_object(const json_t *a, const json_t *b) {
        const char *key;
        json_t *value;

        json_object_foreach((json_t *) (uintptr_t) a, key, value) {
                const json_t *other = json_object_get(b, key);

                if (!is_name(key) && (!other || !is_same(value, other)))
                        return false;
        }
        return count_others(a) == count_others(b);
}

static bool is_same(const json_t *a, const json_t *b) {
        if (json_is_object(a) && json_is_object(b))
                return is_same_object(a, b);
        if (!json_is_array(a) || !json_is_array(b))
                return json_equal(a, b);
        for (size_t i = 0; i < json_array_size(a); i++)
                if (!is_same(json_array_get(a, i), json_array_get(b, i)))
                        return false;
        return json_array_size(a) == json_array_size(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_t *before = NULL, *after = NULL;
        char *pruned = malloc(size + 1);
        size_t n;

        CHECK(pruned);
        n = json_prune((const char *) data, size, names, pruned);
        CHECK(n <= size);
        if (json_read(data, size, &before) >= 0) {
                CHECK(json_read(pruned, n, &after) >= 0);
                CHECK(is_same(before, after));
        }
        free(pruned);
        return 0;
}
