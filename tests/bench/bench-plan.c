/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How long planning takes, and how often it allocates
 *
 *     bench-plan SHARES
 *
 * So many shares are declared, and as many requests listed that are shared. Planned twice: with no
 * memory, and with that of the first plan. Allocations are counted by hooks round malloc and its
 * kin (the Makefile wraps them). Prints {"shares", "first": {"seconds", "allocations"}, "second":
 * {...}}, seconds of CPU; fails where a plan is not one entry a share with nothing to do.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "desired/load.h"
#include "reconcile/plan.h"
#include "util/buffer.h"
#include "util/time.h"

#define FRAMEWORK "a1b2c3d4-5678-90ab-cdef-1234567890ab"
#define NOW_USEC  (1800000000 * USEC_PER_SEC)

static size_t n_allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void *__wrap_malloc(size_t size) {
        n_allocations++;
        return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        n_allocations++;
        return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
        n_allocations++;
        return __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        n_allocations++;
        return __real_reallocarray(p, n, size);
}

typedef struct World {
        Faults *faults;
        Settings *settings;
        DesiredState *desired;
        Observation *observation;
        MemoryTable memory;
} World;

static void world_done(World *world) {
        memory_table_done(&world->memory);
        (void) observation_free(world->observation);
        (void) desired_state_free(world->desired);
        (void) settings_free(world->settings);
        (void) faults_free(world->faults);
}

static int load(World *world, const Buffer *shares) {
        static const char settings[] =
                        "sources: {grc: {account: '111122223333', region: us-east-1}}\n"
                        "limits: {recipient_accounts: 1000000}\n";
        YamlText texts[] = {
                { .text = settings, .length = strlen(settings) },
                { .text = buffer_text(shares), .length = shares->length },
        };
        int r;

        r = faults_new(&world->faults);
        if (r >= 0)
                r = faults_add_file(world->faults, "settings.yaml", &texts[0].file);
        if (r >= 0)
                r = faults_add_file(world->faults, "shares.yaml", &texts[1].file);
        if (r >= 0)
                r = settings_load(&texts[0], world->faults, &world->settings);
        if (r >= 0)
                r = desired_load(&texts[1], 1, world->settings, world->faults, &world->desired);
        return r;
}

/* Ten recipients an account, as many as the account has Regions that Audit Manager is in. */
static int declare(World *world, size_t n) {
        _cleanup_(buffer_done) Buffer text = { 0 };
        int r;

        r = buffer_addf(&text,
                        "frameworks:\n- id: " FRAMEWORK "\n"
                        "  eligibility_acknowledged: true\n  recipients:\n");
        for (size_t i = 0; i < n && r >= 0; i += 10) {
                r = buffer_addf(&text, "  - {account: '%012zu', regions: [", 200000000000 + i / 10);
                for (size_t j = 0; j < 10 && i + j < n && r >= 0; j++)
                        r = buffer_addf(&text, "%s%s", j > 0 ? ", " : "", region_names[j]);
                if (r >= 0)
                        r = buffer_addf(&text, "]}\n");
        }
        return r >= 0 ? load(world, &text) : r;
}

/* What is declared is listed, and shared. */
static int observe(World *world) {
        Framework framework = { .updated_usec = NOW_USEC - 900 * USEC_PER_DAY };
        ShareRequest request = {
                .status = SHARE_STATUS_SHARED,
                .created_usec = NOW_USEC - 10 * USEC_PER_DAY,
                .updated_usec = NOW_USEC - 9 * USEC_PER_DAY,
                .expires_usec = NOW_USEC + 110 * USEC_PER_DAY,
                .readable = true,
        };
        int r;

        r = observation_new(&world->observation);
        if (r >= 0)
                r = uuid_parse(FRAMEWORK, &framework.id);
        if (r >= 0)
                r = strings_add(world->observation->strings, "Baseline", &framework.name);
        if (r >= 0)
                r = observation_add_framework(world->observation, &framework);
        request.key.framework_id = framework.id;
        request.framework_name = framework.name;
        for (size_t i = 0; i < world->desired->n_shares && r >= 0; i++) {
                request.key.recipient = world->desired->shares[i].recipient;
                memcpy(request.id.bytes, &(uint64_t){ i + 1 }, sizeof(uint64_t));
                r = observation_add_request(world->observation, &request);
        }
        if (r >= 0)
                observation_sort(world->observation);
        return r;
}

static bool is_at_rest(const World *world, const Plan *plan) {
        return plan->n_entries == world->desired->n_shares
                        && plan->counts.actions[ACTION_NONE] == plan->n_entries;
}

static int measure(World *world, const char *name) {
        _cleanup_(plan_freep) Plan *plan = NULL;
        const PlanInput input = {
                .settings = world->settings,
                .desired = world->desired,
                .observation = world->observation,
                .memory = &world->memory,
                .now_usec = NOW_USEC,
                .mono_usec = USEC_PER_DAY,
                .quiet_usec = TIME_UNKNOWN,
        };
        size_t before = n_allocations;
        clock_t begun = clock(), spent;
        int r;

        r = plan_new(&input, &plan);
        spent = clock() - begun;
        if (r < 0 || !is_at_rest(world, plan))
                return r < 0 ? r : -EINVAL;
        (void) printf(", \"%s\": {\"seconds\": %.6f, \"allocations\": %zu}", name,
                        (double) spent / CLOCKS_PER_SEC, n_allocations - before);
        return 0;
}

int main(int argc, char **argv) {
        _cleanup_(world_done) World world = { 0 };
        size_t n = argc == 2 ? (size_t) strtoul(argv[1], NULL, 10) : 0;
        int r;

        r = n > 0 ? memory_table_init(&world.memory) : -EINVAL;
        if (r >= 0)
                r = declare(&world, n);
        if (r >= 0)
                r = observe(&world);
        if (r >= 0) {
                (void) printf("{\"shares\": %zu", world.desired->n_shares);
                r = measure(&world, "first");
        }
        if (r >= 0)
                r = measure(&world, "second");
        (void) printf("}\n");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
