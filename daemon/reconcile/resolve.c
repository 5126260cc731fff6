/* SPDX-License-Identifier: Apache-2.0 */

/* From declared frameworks to listed ones. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/resolve.h"
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

const Framework *find_listed_framework(const Observation *observation, const Uuid *id) {
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

/* By StringId of memory's pool: the record, plus one, of the framework last known under that name.
 */
typedef struct Recalled {
        uint32_t *latest;
        size_t n;
} Recalled;

static void recalled_done(Recalled *recalled) {
        free(recalled->latest);
}

/* The framework whose shares were sent or seen most recently, for each name; in one go over memory.
 */
static int recalled_init(Recalled *recalled, const MemoryTable *memory) {
        recalled->n = strings_count(memory->strings) + 1;
        recalled->latest = calloc(recalled->n, sizeof(uint32_t));
        if (!recalled->latest)
                return -ENOMEM;

        for (size_t i = 0; i < memory->count; i++) {
                const ShareMemory *m = &memory->items[i];
                uint32_t *latest = &recalled->latest[m->framework_name];

                if (!m->ours || m->framework_name == 0
                                || share_memory_is_stand_in(m, memory->strings))
                        continue;
                if (*latest == 0 || m->condition_since > memory->items[*latest - 1].condition_since)
                        *latest = (uint32_t) i + 1;
        }
        return 0;
}

static bool recall(Recalled *recalled, const MemoryTable *memory, const char *name, Uuid *ret) {
        StringId id;

        if (!recalled->latest && recalled_init(recalled, memory) < 0)
                return false;
        if (strings_add(memory->strings, name, &id) < 0 || id >= recalled->n
                        || recalled->latest[id] == 0)
                return false;
        *ret = memory->items[recalled->latest[id] - 1].key.framework_id;
        return true;
}

static void not_found(const PlanInput *in,
                Recalled *recalled,
                const char *name,
                FrameworkState state,
                ResolvedFramework *resolved) {
        *resolved = (ResolvedFramework){ .state = state, .updated_usec = TIME_UNKNOWN };
        if (recall(recalled, in->memory, name, &resolved->id))
                return;
        resolved->id = share_stand_in_id(name);
        resolved->stand_in = true;
}

static void resolve_name(const PlanInput *in,
                Recalled *recalled,
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
                not_found(in, recalled, name,
                                matches == 0 ? FRAMEWORK_MISSING : FRAMEWORK_AMBIGUOUS, resolved);
}

static void resolve_id(const PlanInput *in, const Uuid *id, ResolvedFramework *resolved) {
        const Framework *framework = find_listed_framework(in->observation, id);

        if (framework)
                found(resolved, framework);
        else
                *resolved = (ResolvedFramework){
                        .id = *id, .state = FRAMEWORK_MISSING, .updated_usec = TIME_UNKNOWN
                };
}

int resolve_frameworks(const PlanInput *in, ResolvedFramework *ret) {
        _cleanup_(recalled_done) Recalled recalled = { 0 };
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
                        resolve_name(in, &recalled, &names,
                                        strings_get(in->desired->strings, framework->name),
                                        &ret[i]);
                else
                        resolve_id(in, &framework->id, &ret[i]);
        }
        return 0;
}
