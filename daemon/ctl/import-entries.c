/* SPDX-License-Identifier: Apache-2.0 */

/* What of a listing a shares file can declare. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/import-entries.h"
#include "desired/framework-entry.h"
#include "util/mem.h"
#include "util/string-util.h"

const char *import_text(const Listed *listed, StringId id) {
        const char *text = strings_get(listed->observation->strings, id);

        return text && *text ? text : NULL;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The names of all frameworks of a source, sorted; empty where there is none. */
static int sort_names(const Observation *o, const char ***ret) {
        const char **names = calloc(o->n_frameworks + 1, sizeof(char *));

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < o->n_frameworks; i++) {
                const char *name = strings_get(o->strings, o->frameworks[i].name);

                names[i] = name ? name : "";
        }
        if (o->n_frameworks > 1)
                qsort(names, o->n_frameworks, sizeof(char *), compare_names);
        *ret = names;
        return 0;
}

static bool is_unique(const char *const *names, size_t n, const char *name) {
        const char *const *found = bsearch(&name, names, n, sizeof(char *), compare_names);

        return found && (found == names || !streq(found[-1], name))
                        && (found == names + n - 1 || !streq(found[1], name));
}

static int compare_frameworks(const void *a, const void *b) {
        return uuid_compare(&((const Framework *) a)->id, &((const Framework *) b)->id);
}

/* Which name a declaration may go by is desired/framework-entry.c's to say; this must not be less
 * strict. */
static void identify(ImportEntry *entry, const char *const *names) {
        const Observation *o = entry->listed->observation;
        const Framework key = { .id = entry->id }, *found = NULL;

        if (o->n_frameworks > 0)
                found = bsearch(&key, o->frameworks, o->n_frameworks, sizeof(Framework),
                                compare_frameworks);
        entry->exists = found != NULL;
        if (!found)
                return;
        entry->name = import_text(entry->listed, found->name);
        entry->by_name = entry->name && !strchr(entry->name, '\\')
                        && utf8_count(entry->name) <= FRAMEWORK_NAME_MAX
                        && is_unique(names, o->n_frameworks, entry->name);
}

static int add_entry(ImportEntries *entries,
                const Listed *listed,
                const ShareRequest *request,
                const char *const *names) {
        ImportEntry *entry;
        int r;

        r = ARRAY_RESERVE(entries->items, entries->capacity, entries->n_items + 1);
        if (r < 0)
                return r;
        entry = &entries->items[entries->n_items++];
        *entry = (ImportEntry){
                .listed = listed,
                .id = request->key.framework_id,
                .name = import_text(listed, request->framework_name),
        };
        identify(entry, names);
        return 0;
}

/* Whether the request is the one that counts for its share: requests are sorted so that the first
 * that can be read and lives does. */
static bool counts(ImportEntries *entries, const ShareRequest *request, const ShareRequest *last) {
        if (!request->readable)
                entries->n_unreadable++;
        else if (!share_status_is_live((ShareStatus) request->status))
                entries->n_ended[request->status]++;
        else if (last && share_key_compare(&last->key, &request->key) == 0)
                entries->n_doubles++;
        else
                return true;
        return false;
}

static int collect_source(ImportEntries *entries,
                const Listed *listed,
                const ShareRequest ***next) {
        const Observation *o = listed->observation;
        _cleanup_free_ const char **names = NULL;
        const ShareRequest *last = NULL;
        int r;

        r = sort_names(o, &names);
        if (r < 0)
                return r;
        for (size_t i = 0; i < o->n_requests; i++) {
                const ShareRequest *request = &o->requests[i];

                if (!counts(entries, request, last))
                        continue;
                if (!last || !uuid_equal(&last->key.framework_id, &request->key.framework_id)) {
                        r = add_entry(entries, listed, request, (const char *const *) names);
                        if (r < 0)
                                return r;
                        entries->items[entries->n_items - 1].requests = *next;
                }
                last = *(*next)++ = request;
                entries->items[entries->n_items - 1].n_requests++;
        }
        return 0;
}

/* Sources as the settings order them, then names, then ids. */
static int compare_entries(const void *x, const void *y) {
        const ImportEntry *a = x, *b = y;
        int c = (a->listed > b->listed) - (a->listed < b->listed);

        if (c == 0)
                c = strcmp(a->name ? a->name : "", b->name ? b->name : "");
        return c != 0 ? c : uuid_compare(&a->id, &b->id);
}

int import_collect(const Listing *listing, ImportEntries *entries) {
        const ShareRequest **next;
        size_t n = 1;
        int r;

        for (size_t i = 0; i < listing->n_items; i++)
                n += listing->items[i].observation->n_requests;
        entries->requests = next = calloc(n, sizeof(ShareRequest *));
        if (!next)
                return -ENOMEM;

        for (size_t i = 0; i < listing->n_items; i++) {
                r = collect_source(entries, &listing->items[i], &next);
                if (r < 0)
                        return r;
        }
        if (entries->n_items > 1)
                qsort(entries->items, entries->n_items, sizeof(ImportEntry), compare_entries);
        return 0;
}

void import_entries_done(ImportEntries *entries) {
        free(entries->items);
        free(entries->requests);
}
