#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Everything a pass needs, with a clock of our own, made anew for each story; and the words that
 * scripts are written in. */

#include <stdlib.h>
#include <unistd.h>

#include "desired/load.h"
#include "fake-service.h"
#include "reconcile/pass.h"
#include "util/log.h"

#define BASELINE          "6f0f2b1c-0000-4000-8000-000000000001"
#define ID(n)             "aaaaaaaa-0000-4000-8000-00000000000" n
#define FRAMEWORK_UPDATED (1700000000 * USEC_PER_SEC)

static const char *settings_text _unused_ =
                "sources: {grc: {account: '111122223333', region: us-east-1}}\n"
                "settle: 15min\n"
                "limits: {concurrency: 2}\n";
static const char shares_text[] _unused_ = "frameworks:\n"
                                           "- name: Baseline\n"
                                           "  eligibility_acknowledged: true\n"
                                           "  recipients:\n"
                                           "  - {account: '444455556666', regions: [eu-west-1]}\n"
                                           "  - {account: '555566667777', regions: [eu-west-1]}\n"
                                           "  - {account: '777788889999', regions: [eu-west-1]}\n";

static int64_t clock_usec = 1800000000 * USEC_PER_SEC;
static char directory[] = "/tmp/test-pass-XXXXXX";

static _unused_ int64_t test_clock(void) {
        return clock_usec;
}

/* Everything a pass needs; made anew for each story. */
typedef struct World {
        Faults *faults;
        Settings *settings;
        DesiredState *desired;
        Memory *memory;
        FakeService fake;
        ShareService *services[1];
        Pass *pass;
        bool ended;
} World;

static void on_ended(Pass *pass, void *userdata) {
        World *world = userdata;

        (void) pass;
        world->ended = true;
}

static _unused_ void world_init(World *world, const char *shares, bool keep_memory) {
        char command[128], *why = NULL;
        YamlText text = { .text = settings_text, .length = strlen(settings_text) };

        *world = (World){ 0 };
        (void) snprintf(command, sizeof(command), "rm -rf %s/*", directory);
        if (!keep_memory)
                ASSERT_OK(system(command));
        ASSERT_OK(faults_new(&world->faults));
        ASSERT_OK(faults_add_file(world->faults, "settings", &text.file));
        ASSERT_OK(settings_load(&text, world->faults, &world->settings));
        text = (YamlText){ .text = shares, .length = strlen(shares) };
        ASSERT_OK(desired_load(&text, 1, world->settings, world->faults, &world->desired));
        ASSERT_OK(memory_open(directory, MEMORY_WRITE, "test", &world->memory, &why));
}

static _unused_ void world_done(World *world) {
        (void) pass_free(world->pass);
        (void) memory_free(world->memory);
        (void) desired_state_free(world->desired);
        (void) settings_free(world->settings);
        (void) faults_free(world->faults);
}
#define _cleanup_world_ _cleanup_(world_done)

/* Begins a pass against a script; answers n calls, or all for 0. */
static _unused_ void play(World *world, const FakeStep *steps, size_t n_steps, size_t n) {
        PassOptions options = {
                .settings = world->settings,
                .desired = world->desired,
                .services = world->services,
                .memory = world->memory,
                .ended = on_ended,
                .userdata = world,
        };

        world->pass = pass_free(world->pass);
        world->ended = false;
        world->fake = fake_service(steps, n_steps);
        world->services[0] = &world->fake.service;
        ASSERT_OK(pass_new(&options, &world->pass));
        fake_run(&world->fake, n);
}

#define PLAY(world, steps)                                                                         \
        do {                                                                                       \
                play(world, steps, ELEMENTSOF(steps), 0);                                          \
                ASSERT_EQ(ELEMENTSOF(steps), (world)->fake.at);                                    \
                ASSERT_TRUE((world)->ended);                                                       \
        } while (0)

#define FRAMEWORKS(updated)                                                                        \
        {                                                                                          \
                .operation = API_LIST_FRAMEWORKS, .framework_ids = { BASELINE },                   \
                .framework_names = { "Baseline" }, .framework_updated_usec = (updated)             \
        }
#define RECORD(n, account_, status_, created)                                                      \
        {                                                                                          \
                .id = ID(n), .framework = BASELINE, .account = account_, .region = "eu-west-1",    \
                .status = status_, .created_usec = (created)                                       \
        }
#define NONE_LISTED                                                                                \
        { .operation = API_LIST_SHARE_REQUESTS }
#define START(n, account_)                                                                         \
        {                                                                                          \
                .operation = API_START_SHARE, .account = account_, .records = {                    \
                        RECORD(n, account_, "ACTIVE", clock_usec)                                  \
                }                                                                                  \
        }
