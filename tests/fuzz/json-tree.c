/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Changes to JSON that leave it JSON
 *
 * A plain mutator breaks the syntax nearly each time, and what is behind the syntax is never seen.
 * Here values go, come twice, change places and types, and only the text of a string is mutated
 * byte by byte.
 */

#include <string.h>

#include "json-tree.h"
#include "util/json.h"
#include "util/macro.h"
#include "util/mem.h"

/* Values of one document that can be chosen; more are left alone. */
#define NODES_MAX 4096

/* Longer texts are of no interest to any limit here: names have 300 characters, comments 500. */
#define STRING_MAX ((size_t) 2048)

typedef struct Node {
        json_t *parent;
        const char *key; /* in an object */
        size_t index; /* in an array */
} Node;

typedef struct Tree {
        Node nodes[NODES_MAX];
        size_t n;
} Tree;

size_t tree_random(unsigned *seed, size_t n) {
        *seed = *seed * 1664525u + 1013904223u;
        return (*seed >> 8) % n;
}

/* --- choosing --- */

static void collect(Tree *tree, json_t *json) {
        const char *key;
        json_t *value;
        size_t i;

        if (json_is_object(json))
                json_object_foreach(json, key, value) {
                        if (tree->n == NODES_MAX)
                                return;
                        tree->nodes[tree->n++] = (Node){ .parent = json, .key = key };
                        collect(tree, value);
                }
        json_array_foreach(json, i, value) {
                if (tree->n == NODES_MAX)
                        return;
                tree->nodes[tree->n++] = (Node){ .parent = json, .index = i };
                collect(tree, value);
        }
}

static json_t *node_get(const Node *node) {
        return node->key ? json_object_get(node->parent, node->key)
                         : json_array_get(node->parent, node->index);
}

/* Steals value. */
static void node_set(const Node *node, json_t *value) {
        if (node->key)
                (void) json_object_set_new(node->parent, node->key, value);
        else
                (void) json_array_set_new(node->parent, node->index, value);
}

static void node_remove(const Node *node) {
        if (node->key)
                (void) json_object_del(node->parent, node->key);
        else
                (void) json_array_remove(node->parent, node->index);
}

/* --- changing --- */

static json_t *any_scalar(unsigned *seed) {
        static const json_int_t numbers[] = { 0, 1, -1, 2, 255, 256, 65535, 65536, INT32_MAX,
                INT32_MIN, UINT32_MAX, INT64_C(1) << 53, INT64_MAX, INT64_MIN, 1700000000,
                253402300800, 1795355579010000 };
        static const double reals[] = { 0.5, -0.0, 1e9, 1.5e300, -1e300, 253402300799.9, 1e-310 };

        switch (tree_random(seed, 8)) {
        case 0:
                return json_null();
        case 1:
                return json_true();
        case 2:
                return json_false();
        case 3:
                return json_object();
        case 4:
                return json_array();
        case 5:
                return json_string("");
        case 6:
                return json_real(reals[tree_random(seed, ELEMENTSOF(reals))]);
        default:
                return json_integer(numbers[tree_random(seed, ELEMENTSOF(numbers))]);
        }
}

static json_t *changed_string(const json_t *json) {
        char text[STRING_MAX + 1];
        size_t n = MIN(json_string_length(json), STRING_MAX);

        memcpy(text, json_string_value(json), n);
        n = LLVMFuzzerMutate((uint8_t *) text, n, STRING_MAX);
        text[n] = '\0';
        /* Not UTF-8 any more, or with a NUL in it: the part that stays a string. */
        return json_from_text(text);
}

static json_t *changed_scalar(const json_t *json, unsigned *seed) {
        static const json_int_t steps[] = { 1, -1, 1000, -1000 };
        json_int_t sum;

        if (json_is_string(json) && tree_random(seed, 4) > 0)
                return changed_string(json);
        if (json_is_integer(json) && tree_random(seed, 2) > 0
                        && !__builtin_add_overflow(json_integer_value(json),
                                        steps[tree_random(seed, ELEMENTSOF(steps))], &sum))
                return json_integer(sum);
        return any_scalar(seed);
}

/* Beside the one that is there already, or under the name of another member. */
static void node_double(const Node *node, const Node *other, json_t *value, unsigned *seed) {
        if (!node->key)
                (void) json_array_insert_new(node->parent,
                                tree_random(seed, json_array_size(node->parent) + 1), value);
        else if (other->key)
                (void) json_object_set_new(node->parent, other->key, value);
        else
                json_decref(value);
}

static void change(json_t *json, unsigned *seed) {
        static Tree tree;
        const Node *node, *other;

        tree.n = 0;
        collect(&tree, json);
        if (tree.n == 0)
                return;
        node = &tree.nodes[tree_random(seed, tree.n)];
        other = &tree.nodes[tree_random(seed, tree.n)];
        switch (tree_random(seed, 8)) {
        case 0:
                node_remove(node);
                return;
        case 1:
                node_double(node, other, json_deep_copy(node_get(node)), seed);
                return;
        case 2:
                node_double(node, other, json_deep_copy(node_get(other)), seed);
                return;
        case 3:
                node_set(node, json_deep_copy(node_get(other)));
                return;
        default:
                node_set(node, changed_scalar(node_get(node), seed));
                return;
        }
}

json_t *tree_mutate(json_t *json, unsigned *seed) {
        size_t times = 1 + tree_random(seed, 4);

        if (!json_is_object(json) && !json_is_array(json)) {
                json_t *changed = changed_scalar(json, seed);

                json_decref(json);
                return changed;
        }
        for (size_t i = 0; i < times; i++)
                change(json, seed);
        return json;
}

/* --- text --- */

size_t tree_write(json_t *json, uint8_t *data, size_t max_size) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;

        if (json_write(json, JSON_COMPACT, &text) >= 0 && strlen(text) <= max_size) {
                n = strlen(text);
                memcpy(data, text, n);
        }
        json_decref(json);
        return n;
}

size_t tree_mutate_text(uint8_t *data, size_t size, size_t max_size, unsigned *seed) {
        json_t *json = NULL;
        size_t n;

        if (tree_random(seed, 10) == 0 || json_read(data, size, &json) < 0)
                return LLVMFuzzerMutate(data, size, max_size);
        n = tree_write(tree_mutate(json, seed), data, max_size);
        return n > 0 ? n : LLVMFuzzerMutate(data, size, max_size);
}
