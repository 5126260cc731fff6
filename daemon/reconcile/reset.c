/* SPDX-License-Identifier: Apache-2.0 */

/* Reset. */

#include <stdio.h>
#include <string.h>

#include "reconcile/reset.h"

static bool is_meant(const ShareMemory *m,
                const Strings *strings,
                const Source *source,
                const Filter *filter) {
        char account[ACCOUNT_TEXT_MAX], id[UUID_TEXT_MAX];

        return filter_matches(filter, source->name, uuid_format(&m->key.framework_id, id),
                        strings_get(strings, m->framework_name),
                        account_format(recipient_account(m->key.recipient), account),
                        region_name(recipient_region(m->key.recipient)));
}

static int reset_source(Memory *memory, const Source *source, const Filter *filter, size_t *n) {
        char key[SOURCE_KEY_TEXT_MAX];
        MemoryTable *table;
        int r;

        r = memory_table(memory, source_key(source, key), &table);
        if (r < 0)
                return r;
        for (size_t i = 0; i < table->count; i++) {
                ShareMemory *m = &table->items[i];

                if (m->forgotten || !is_meant(m, table->strings, source, filter))
                        continue;
                share_memory_reset(m);
                r = memory_put(memory, key, table, m);
                if (r < 0)
                        return r;
                *n += 1;
        }
        return 0;
}

int reset_shares(Memory *memory, const Settings *settings, const Filter *filter, size_t *ret_n) {
        size_t n = 0;
        int r;

        for (size_t i = 0; i < settings->n_sources; i++) {
                r = reset_source(memory, &settings->sources[i], filter, &n);
                if (r < 0)
                        return r;
        }
        r = n > 0 ? memory_sync(memory) : 0;
        if (r < 0)
                return r;
        *ret_n = n;
        return 0;
}

char *reset_summary(const char *share, size_t n) {
        char *text;
        int r;

        if (n == 0)
                r = asprintf(&text,
                                "Nothing is remembered of a share '%s'; 'auditsharectl status' "
                                "lists them",
                                share);
        else
                r = asprintf(&text, "Reset %zu share%s of '%s'; the next pass looks at %s afresh",
                                n, n == 1 ? "" : "s", share, n == 1 ? "it" : "them");
        return r < 0 ? NULL : text;
}

char *reset_failure(const char *share, int error) {
        char *text;

        return asprintf(&text, "Cannot reset '%s': %s", share, strerror(-error)) < 0 ? NULL : text;
}
