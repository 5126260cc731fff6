/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Share requests in the order in which they are listed
 *
 * The order is that of a hash of the ids: it is stable, says nothing, and so teaches clients to
 * sort for themselves. A position is the last request that was handed out, not a number, so that
 * what comes and goes between two pages neither repeats nor hides another record.
 */

#include <string.h>

#include "request.h"

/* Lets go of what was removed; the order of the rest stays. */
static void source_compact(Source *source) {
        size_t kept = 0, sorted = 0;

        if (source->n_gone == 0)
                return;

        for (size_t i = 0; i < source->n_requests; i++) {
                ShareRequest *r = source->requests[i];

                if (r->gone) {
                        request_free(r);
                        continue;
                }
                sorted += i < source->n_sorted;
                source->requests[kept++] = r;
        }
        source->n_requests = kept;
        source->n_sorted = sorted;
        source->n_gone = 0;
}

static int compare_position(const ShareRequest *r, const SharePosition *p) {
        if (r->order != p->order)
                return r->order < p->order ? -1 : 1;
        return memcmp(r->id.bytes, p->id.bytes, sizeof(p->id.bytes));
}

static int compare_requests(const void *a, const void *b) {
        const ShareRequest *left = *(ShareRequest *const *) a, *right = *(ShareRequest *const *) b;

        return compare_position(left, &(SharePosition){ .order = right->order, .id = right->id });
}

/* Sorts what came since the last time and merges it in: a start costs nothing, a listing little. */
static void source_sort(Source *source) {
        size_t n_new, left, right, to;
        ShareRequest **added, **all;

        source_compact(source);
        n_new = source->n_requests - source->n_sorted;
        if (n_new == 0)
                return;

        all = source->requests;
        qsort(all + source->n_sorted, n_new, sizeof(*all), compare_requests);
        added = xcalloc(n_new, sizeof(*added));
        memcpy(added, all + source->n_sorted, n_new * sizeof(*added));

        for (left = source->n_sorted, right = n_new, to = source->n_requests; right > 0;) {
                bool take_left =
                                left > 0 && compare_requests(&all[left - 1], &added[right - 1]) > 0;

                all[--to] = take_left ? all[--left] : added[--right];
        }
        source->n_sorted = source->n_requests;
        free(added);
}

const ShareState *request_listed_state(const World *w, const ShareRequest *r, usec_t now) {
        return now - r->changed < usec_from_seconds(w->settings.lag) ? &r->before : &r->state;
}

static bool is_listed(const World *w, const ShareRequest *r, usec_t now) {
        return !r->gone && now - r->created >= usec_from_seconds(w->settings.lag);
}

/* The place of the first request after a position, in an array in listing order. */
static size_t find_after(ShareRequest *const *all, size_t n, const SharePosition *after) {
        size_t low = 0;

        while (n > 0) {
                size_t half = n / 2;

                if (compare_position(all[low + half], after) <= 0) {
                        low += half + 1;
                        n -= half + 1;
                } else
                        n = half;
        }
        return low;
}

static void select_page(World *w,
                ShareRequest *const *all,
                size_t n,
                const SharePosition *after,
                size_t max,
                SharePage *ret) {
        usec_t now = world_now(w);

        *ret = (SharePage){ .requests = xcalloc(MIN_OF(max, n), sizeof(*ret->requests)) };
        for (size_t i = after ? find_after(all, n, after) : 0; i < n && !ret->more; i++) {
                if (!is_listed(w, all[i], now))
                        continue;
                ret->more = ret->n == max;
                if (ret->more)
                        return;
                request_settle(w, all[i], now);
                ret->requests[ret->n++] = all[i];
        }
}

void page_sent(World *w, Source *source, const SharePosition *after, size_t max, SharePage *ret) {
        source_sort(source);
        select_page(w, source->requests, source->n_requests, after, max, ret);
}

/* A recipient has few requests and no list of them: they are gathered anew for each page. */
void page_received(World *w,
                const char *account,
                int region,
                const SharePosition *after,
                size_t max,
                SharePage *ret) {
        ShareRequest **all = NULL;
        size_t n = 0, size = 0;
        TableEntry *e;

        for (e = table_first(&w->requests_by_recipient, hash_text(account, 8 + (uint64_t) region));
                        e; e = table_next(e)) {
                ShareRequest *r = CONTAINER_OF(e, ShareRequest, by_recipient);

                if (r->to_region != region || strcmp(r->to_account, account) != 0
                                || r->hidden_from_recipient)
                        continue;
                if (n == size)
                        all = xrealloc(all, size = size ? size * 2 : 16, sizeof(*all));
                all[n++] = r;
        }

        if (n > 0)
                qsort(all, n, sizeof(*all), compare_requests);
        select_page(w, all, n, after, max, ret);
        free(all);
}

void page_done(SharePage *page) {
        free(page->requests);
        *page = (SharePage){ 0 };
}
