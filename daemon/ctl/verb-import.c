/* SPDX-License-Identifier: Apache-2.0 */

/*
 * import: the live share requests as a shares file, for whoever comes from another tool
 *
 * It declares what exists and replaces nothing: neither a request nor a file.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ctl/ctl.h"
#include "ctl/engine.h"
#include "ctl/import-file.h"
#include "ctl/listing.h"
#include "ctl/output.h"
#include "desired/load.h"
#include "util/file.h"
#include "util/log.h"
#include "util/time.h"

/* Said before anything is asked, and once more where somebody was quicker. */
static int refuse_existing(const char *path) {
        log_error("'%s' exists, and import replaces nothing; name another file, or move this one "
                  "away",
                        path);
        return -EEXIST;
}

static bool exists(const char *path) {
        struct stat st;

        return lstat(path, &st) == 0;
}

static int write_file(const char *path, const Buffer *file) {
        int r;

        r = file_create(path, 0644, file->data, file->length);
        if (r == -EEXIST)
                return refuse_existing(path);
        return r < 0 ? log_error_errno(r, "Cannot write '%s'", path) : 0;
}

static void sum_up(const char *path, const ImportCount *count, size_t length) {
        log_notice("%s%s%zu framework%s with %zu share%s%s%s", path ? path : "", path ? ": " : "",
                        count->n_frameworks, plural(count->n_frameworks), count->n_shares,
                        plural(count->n_shares), path ? "" : " declared",
                        count->n_shares > 0
                                        ? "; set eligibility_acknowledged to true where it is right"
                                        : "");
        if (count->n_left_out > 0)
                log_warning("warning: %zu live request%s cannot be declared; comments at the end "
                            "of the file name them",
                                count->n_left_out, plural(count->n_left_out));
        if (length > YAML_SIZE_MAX)
                log_warning("warning: the file is larger than 64 MiB; split it into several");
}

static int import(Engine *engine, const Listing *listing, const char *path) {
        _cleanup_buffer_ Buffer file = { 0 };
        ImportCount count;
        int r;

        r = import_write(&file, listing, engine->configuration->settings, now_usec(), &count);
        if (r < 0)
                return log_oom();
        if (path)
                r = write_file(path, &file);
        else
                (void) fwrite(file.data, 1, file.length, stdout);
        if (r >= 0)
                sum_up(path, &count, file.length);
        return r;
}

int verb_import(const Ctl *ctl) {
        _cleanup_(engine_freep) Engine *engine = NULL;
        _cleanup_listing_ Listing listing = { 0 };
        int r;

        if (ctl->output && exists(ctl->output)) {
                (void) refuse_existing(ctl->output);
                return EXIT_FAILURE;
        }
        r = engine_new_without_shares(ctl, &engine);
        if (r >= 0)
                r = listing_observe(engine, NULL, &listing);
        if (r < 0 || listing_report_errors(&listing) > 0)
                return EXIT_FAILURE;

        r = import(engine, &listing, ctl->output);
        return output_end(0, r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
