/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzzing the settings: whatever the bytes are, either settings come out or a fault does. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "desired/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText text = { .text = (const char *) data, .length = size };
        const Fault *items;
        size_t n;
        int r;

        if (faults_new(&faults) < 0 || faults_add_file(faults, "settings", &text.file) < 0)
                return 0;

        r = settings_load(&text, faults, &settings);
        assert(r == -ENOMEM || (r == 0) == (faults_count(faults) == 0));
        assert((r == 0) == (settings != NULL));
        assert(r < 0 || settings->n_sources > 0);

        items = faults_get(faults, &n);
        for (size_t i = 0; i < n; i++)
                free(fault_format(faults, &items[i]));
        return 0;
}
