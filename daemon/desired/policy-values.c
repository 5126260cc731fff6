/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading a policy
 *
 * The table of keys is made from model/policy.h, so that a key is named in one place. In a shares
 * file, `undesired` is known and refused: a share that is no longer declared has no entry left that
 * could say what is to become of it.
 */

#include <assert.h>

#include "desired/values.h"

#define CHOICES_MAX 8

static bool read_policy_choice(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        const PolicyChoice *choices;
        const char *words[CHOICES_MAX];
        unsigned n = policy_choices((PolicyKey) key->min, &choices);
        size_t i;

        assert(n <= CHOICES_MAX);
        for (i = 0; i < n; i++)
                words[i] = policy_choice_name(choices[i]);

        i = read_choice(reader, raw, path, words, n);
        if (i == n)
                return false;
        *(uint16_t *) ret = (uint16_t) choices[i];
        return true;
}

static bool read_policy_count(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        uint32_t count;

        if (!read_count(reader, raw, path, key, &count))
                return false;
        *(uint16_t *) ret = (uint16_t) count;
        return true;
}

static bool refuse_undesired(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                const Key *key,
                void *ret) {
        (void) key;
        (void) ret;
        return reader_fault(reader, raw, path,
                        "undesired stands in the settings only; what is no longer declared has no "
                        "policy of its own");
}

static_assert(POLICY_COUNT_LIMIT <= UINT16_MAX, "a count fits into a policy's value");

static void describe_key(PolicyKey policy_key, bool in_settings, Key *ret) {
        const PolicyChoice *choices;

        *ret = (Key){
                .name = policy_key_name(policy_key),
                .read = read_policy_choice,
                .offset = offsetof(Policy, value) + policy_key * sizeof(uint16_t),
                .min = policy_key,
        };
        if (policy_choices(policy_key, &choices) == 0) {
                ret->read = read_policy_count;
                ret->min = policy_key == POLICY_MAX_ATTEMPTS ? 1
                                                             : 0; /* the first send is an attempt */
                ret->max = POLICY_COUNT_LIMIT;
        }
        if (policy_key == POLICY_UNDESIRED && !in_settings)
                ret->read = refuse_undesired;
}

bool read_policy(Reader *reader,
                const Node *raw,
                const KeyPath *path,
                bool in_settings,
                Policy *policy,
                PolicyGiven *ret_given) {
        Key keys[POLICY_MAX];
        Fields fields;

        static_assert(POLICY_MAX <= KEYS_MAX, "a bit for each key");
        for (unsigned i = 0; i < POLICY_MAX; i++)
                describe_key((PolicyKey) i, in_settings, &keys[i]);

        if (!read_mapping(reader, raw, path, keys, POLICY_MAX, policy, &fields))
                return false;
        *ret_given = fields.good;
        return true;
}
