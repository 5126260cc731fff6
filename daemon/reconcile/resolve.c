/* SPDX-License-Identifier: Apache-2.0 */

/* From declared frameworks to listed ones. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/resolve.h"
#include "util/hash.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* The listed frameworks by name, for lookups; an entry per framework. */
typedef struct Names {
        const Observation *observation;
        uint32_t *order;
} Names;

static const char *listed_name(const Observation *observation, uint32_t i) {
        const char *name = strings_get(observation->strings, observation->frameworks[i].name);

        return name ? name : "";
}

static int compare_names(const void *a, const void *b, void *userdata) {
        const Observation *observation = ((const Names *) userdata)->observation;

        return strcmp(listed_name(observation, *(const uint32_t *) a),
                        listed_name(observation, *(const uint32_t *) b));
}

static int names_init(Names *names, const Observation *observation) {
        size_t n = observation->n_frameworks;

        names->observation = observation;
        names->order = calloc(n > 0 ? n : 1, sizeof(uint32_t));
        if (!names->order)
                return -ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                names->order[i] = i;
        if (n > 1)
                qsort_r(names->order, n, sizeof(uint32_t), compare_names, names);
        return 0;
}

/* The first framework whose name is not before `name`, as an index into names->order. */
static size_t lower_bound(const Names *names, const char *name) {
        size_t low = 0, high = names->observation->n_frameworks;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(listed_name(names->observation, names->order[middle]), name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static const Framework *find_by_id(const Observation *observation, const Uuid *id) {
        size_t low = 0, high = observation->n_frameworks;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = uuid_compare(&observation->frameworks[middle].id, id);

                if (c == 0)
                        return &observation->frameworks[middle];
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static void found(ResolvedFramework *resolved, const Framework *framework) {
        *resolved = (ResolvedFramework){
                .id = framework->id,
                .state = FRAMEWORK_FOUND,
                .updated_usec = framework->updated_usec,
                .listed_name = framework->name,
        };
}

/* An id for a name that has none: for keys of plan and memory only, never for AWS. UUID version 8
 * (RFC 9562) is free for that. */
static Uuid stand_in_id(const char *name) {
        uint64_t halves[2] = {
                hash_stable(HASH_STABLE_SEED, name, strlen(name)),
                hash_stable(HASH_STABLE_SEED ^ 0xff, name, strlen(name)),
        };
        Uuid id;

        memcpy(id.bytes, halves, sizeof(id.bytes));
        id.bytes[6] = (uint8_t) ((id.bytes[6] & 0x0f) | 0x80);
        return id;
}

/* The framework that memory last knew under this name: the one whose shares were sent or seen most
 * recently. */
static bool recall(const MemoryTable *memory, const char *name, Uuid *ret) {
        Uuid stand_in = stand_in_id(name);
        int64_t latest = TIME_UNKNOWN;
        bool known = false;

        for (size_t i = 0; i < memory->count; i++) {
                const ShareMemory *m = &memory->items[i];

                if (!m->ours || !streq_null(strings_get(memory->strings, m->framework_name), name)
                                || uuid_equal(&m->key.framework_id, &stand_in))
                        continue;
                if (known && m->condition_since_usec <= latest)
                        continue;
                latest = m->condition_since_usec;
                *ret = m->key.framework_id;
                known = true;
        }
        return known;
}

static void not_found(const PlanInput *in,
                const char *name,
                FrameworkState state,
                ResolvedFramework *resolved) {
        *resolved = (ResolvedFramework){ .state = state, .updated_usec = TIME_UNKNOWN };
        if (recall(in->memory, name, &resolved->id))
                return;
        resolved->id = stand_in_id(name);
        resolved->stand_in = true;
}

static void resolve_name(const PlanInput *in,
                const Names *names,
                const char *name,
                ResolvedFramework *resolved) {
        size_t i = lower_bound(names, name), n = in->observation->n_frameworks, matches = 0;

        while (i + matches < n
                        && streq(listed_name(in->observation, names->order[i + matches]), name))
                matches++;

        if (matches == 1)
                found(resolved, &in->observation->frameworks[names->order[i]]);
        else
                not_found(in, name, matches == 0 ? FRAMEWORK_MISSING : FRAMEWORK_AMBIGUOUS,
                                resolved);
}

static void resolve_id(const PlanInput *in, const Uuid *id, ResolvedFramework *resolved) {
        const Framework *framework = find_by_id(in->observation, id);

        if (framework)
                found(resolved, framework);
        else
                *resolved = (ResolvedFramework){
                        .id = *id, .state = FRAMEWORK_MISSING, .updated_usec = TIME_UNKNOWN
                };
}

int resolve_frameworks(const PlanInput *in, ResolvedFramework *ret) {
        _cleanup_free_ uint32_t *order = NULL;
        Names names;
        int r;

        r = names_init(&names, in->observation);
        if (r < 0)
                return r;
        order = names.order;

        for (size_t i = 0; i < in->desired->n_frameworks; i++) {
                const DesiredFramework *framework = &in->desired->frameworks[i];

                if (framework->source != in->source)
                        continue;
                if (framework->name != 0)
                        resolve_name(in, &names, strings_get(in->desired->strings, framework->name),
                                        &ret[i]);
                else
                        resolve_id(in, &framework->id, &ret[i]);
        }
        return 0;
}
