/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzzing the shares files
 *
 * The input is one file, or two with a line of eight '=' between them. What loads must be as
 * model/desired-state.h promises: frameworks that lie one behind the other, shares sorted and none
 * twice.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired/load.h"

#define SETTINGS                                                                                   \
        "sources:\n"                                                                               \
        "  governance: {account: \"111122223333\", region: us-east-1}\n"                           \
        "limits: {recipient_accounts: 2}\n"                                                        \
        "allowed_recipients: {regions: [us-east-1, eu-west-1, eu-central-1]}\n"
#define SEPARATOR "\n========\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Settings *load_settings(void) {
        YamlText text = { .text = SETTINGS, .length = strlen(SETTINGS) };
        Settings *settings = NULL;
        Faults *faults = NULL;

        if (faults_new(&faults) == 0)
                (void) settings_load(&text, faults, &settings);
        (void) faults_free(faults);
        return settings;
}

static void check(const DesiredState *desired) {
        size_t next = 0;

        for (size_t i = 0; i < desired->n_frameworks; i++) {
                const DesiredFramework *framework = &desired->frameworks[i];

                assert(framework->source == 0 && framework->first_share == next);
                assert((framework->name > 0) != !uuid_is_null(&framework->id));
                next += framework->n_shares;
                for (size_t k = framework->first_share + 1; k < next; k++)
                        assert(desired->shares[k - 1].recipient < desired->shares[k].recipient);
        }
        assert(next == desired->n_shares);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Settings *settings;
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        const char *text = (const char *) data, *second = NULL;
        YamlText texts[2] = { { .text = text, .length = size } };
        size_t n = 1;
        int r;

        if (!settings)
                settings = load_settings();
        if (!settings || faults_new(&faults) < 0)
                return 0;
        if (size > 0)
                second = memmem(text, size, SEPARATOR, strlen(SEPARATOR));
        if (second) {
                texts[0].length = (size_t) (second - text) + 1;
                second += strlen(SEPARATOR);
                texts[n++] = (YamlText){ .text = second,
                        .length = size - (size_t) (second - text) };
        }
        for (size_t i = 0; i < n; i++)
                if (faults_add_file(faults, i == 0 ? "first" : "second", &texts[i].file) < 0)
                        return 0;

        r = desired_load(texts, n, settings, faults, &desired);
        assert(r == -ENOMEM || (r == 0) == (faults_count(faults) == 0));
        assert((r == 0) == (desired != NULL));
        if (desired)
                check(desired);
        return 0;
}
