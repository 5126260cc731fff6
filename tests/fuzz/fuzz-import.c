/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What `auditsharectl import` makes of a listing
 *
 * The input is {"sources": 1 or 2, "frameworks": an answer, "requests": an answer}. The file that
 * is written of it is clean, and once somebody has acknowledged what it declares, the loader takes
 * it and finds in it the shares that were counted.
 */

#include "aws/auditmanager-json.h"
#include "ctl/import-file.h"
#include "desired/load.h"
#include "fuzz.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/time.h"

#define SETTINGS                                                                                   \
        "limits: {recipient_accounts: 100}\n"                                                      \
        "sources:\n"                                                                               \
        "  governance: {account: \"111122223333\", region: us-east-1}\n"
#define SECOND "  second: {account: \"111122223334\", region: eu-west-1}\n"
#define NOW    (INT64_C(1795355579) * USEC_PER_SEC)

/* Of one source, and of two. */
static Settings *load_settings(bool two) {
        const char *text = two ? SETTINGS SECOND : SETTINGS;
        YamlText file = { .text = text, .length = strlen(text) };
        Settings *settings = NULL;
        Faults *faults = NULL;

        CHECK(faults_new(&faults) >= 0 && settings_load(&file, faults, &settings) >= 0);
        (void) faults_free(faults);
        return settings;
}

/* False where the answer is none, or more than one page. */
static bool observe(const json_t *json, const char *name, ApiOperation operation, Observation *o) {
        _cleanup_free_ char *text = NULL;
        ApiResult result = { 0 };
        int r = json_write(json_object_get(json, name), JSON_COMPACT, &text);

        if (r >= 0)
                r = api_parse(&(ApiRequest){ .operation = operation, .sink = o }, text,
                                strlen(text), &result);
        api_result_done(&result);
        return r >= 0;
}

/* Of the same length, so that positions in faults are those of the file. */
static void acknowledge(char *text) {
        static const char before[] = "    eligibility_acknowledged: false\n",
                          behind[] = "    eligibility_acknowledged: true \n";

        for (char *at = text; (at = strstr(at, before));)
                memcpy(at, behind, strlen(behind));
}

static void print_faults(Faults *faults) {
        const Fault *items;
        size_t n;

        items = faults_get(faults, &n);
        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *line = fault_format(faults, &items[i]);

                (void) fprintf(stderr, "%s\n", line ? line : "?");
        }
}

static void check_file(Buffer *file, const Settings *settings, const ImportCount *count) {
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText text = { .text = file->data, .length = file->length };
        int r;

        CHECK(fuzz_is_clean(file->data, file->length, true));
        acknowledge(file->data);
        CHECK(faults_new(&faults) >= 0);
        CHECK(faults_add_file(faults, "import", &text.file) >= 0);
        r = desired_load(&text, 1, settings, faults, &desired);
        if (r < 0)
                print_faults(faults);
        CHECK(r >= 0 && desired->n_shares == count->n_shares);
        CHECK(desired->n_frameworks == count->n_frameworks);
}

static void check_import(const json_t *json, Settings *settings) {
        _cleanup_buffer_ Buffer file = { 0 };
        Listed listed[2] = { 0 };
        Listing listing = { .items = listed };
        ImportCount count;
        bool good = true;

        for (; listing.n_items < settings->n_sources; listing.n_items++) {
                Listed *one = &listed[listing.n_items];

                one->source = &settings->sources[listing.n_items];
                CHECK(observation_new(&one->observation) >= 0);
                good = good && observe(json, "frameworks", API_LIST_FRAMEWORKS, one->observation)
                                && observe(json, "requests", API_LIST_SHARE_REQUESTS,
                                                one->observation);
                observation_sort(one->observation);
        }
        if (good && import_write(&file, &listing, settings, NOW, &count) >= 0)
                check_file(&file, settings, &count);
        for (size_t i = 0; i < ELEMENTSOF(listed); i++)
                (void) observation_free(listed[i].observation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Settings *settings[2];
        _cleanup_json_ json_t *json = NULL;
        bool two;

        if (json_read(data, size, &json) < 0)
                return 0;
        two = json_integer_value(json_object_get(json, "sources")) == 2;
        if (!settings[two])
                settings[two] = load_settings(two);
        check_import(json, settings[two]);
        return 0;
}
