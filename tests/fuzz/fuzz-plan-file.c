/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Saved plans
 *
 * A plan that is taken holds nothing but writes, and written and read again it is the same plan.
 * What has lost a byte of it is not taken.
 */

#include <errno.h>

#include "ctl/plan-json.h"
#include "fuzz.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/time.h"

static void on_difference(const char *text, void *userdata) {
        (void) userdata;
        (void) fprintf(stderr, "differs: %s\n", text);
}

static void check_source(const SavedPlan *plan, const SavedSource *source) {
        CHECK(saved_plan_text(plan, source->name) && saved_plan_text(plan, source->region));
        for (size_t i = 1; i < source->requests.count; i++)
                CHECK(source->requests.items[i - 1] <= source->requests.items[i]);
        for (size_t i = 0; i < source->n_writes; i++) {
                CHECK(action_is_write(source->writes[i].action));
                CHECK(i == 0
                                || share_key_compare(&source->writes[i - 1].key,
                                                   &source->writes[i].key)
                                                <= 0);
        }
}

/* A year of three digits is read, and written in another way. */
static bool can_be_written(const SavedPlan *plan) {
        char text[TIME_TEXT_MAX];
        int64_t usec;

        return time_parse(time_format(plan->made_usec, text), &usec, NULL) >= 0;
}

static void check_again(const SavedPlan *plan) {
        _cleanup_json_ json_t *once = saved_plan_to_json(plan), *twice = NULL, *copy = NULL;
        _cleanup_(saved_plan_freep) SavedPlan *again = NULL;

        CHECK(once != NULL);
        copy = json_deep_copy(once);
        CHECK(saved_plan_from_json(copy, &again) >= 0);
        CHECK(saved_plan_compare_files(plan, again, on_difference, NULL) == 0);
        CHECK(saved_plan_compare_writes(plan, again, on_difference, NULL) == 0);
        twice = saved_plan_to_json(again);
        CHECK(json_equal(once, twice));
}

/* One character of a text is another one. */
static void check_damage(const SavedPlan *plan) {
        _cleanup_json_ json_t *json = saved_plan_to_json(plan);
        _cleanup_(saved_plan_freep) SavedPlan *taken = NULL;
        json_t *program = json_object_get(json, "program");
        _cleanup_buffer_ Buffer text = { 0 };

        (void) buffer_addf(&text, "%s.", json_string_value(program));
        CHECK(json_string_set(program, buffer_text(&text)) == 0);
        CHECK(saved_plan_from_json(json, &taken) == -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(saved_plan_freep) SavedPlan *plan = NULL;
        _cleanup_json_ json_t *json = NULL;
        int r;

        if (json_read(data, size, &json) < 0)
                return 0;
        r = saved_plan_from_json(json, &plan);
        CHECK(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT || r == -ENOMEM);
        CHECK((r == 0) == (plan != NULL));
        if (!plan)
                return 0;

        CHECK(plan->n_sources > 0);
        for (size_t i = 0; i < plan->n_sources; i++)
                check_source(plan, &plan->sources[i]);
        if (can_be_written(plan)) {
                check_again(plan);
                check_damage(plan);
        }
        return 0;
}
