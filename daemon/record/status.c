/* SPDX-License-Identifier: Apache-2.0 */

/* The status file. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/version.h"
#include "record/status.h"
#include "util/file.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define TEMPORARY_NAME "." STATUS_FILE_NAME ".new"

struct StatusWriter {
        FILE *file;
        Buffer line; /* of the share that is being written */
        int dir_fd;
        bool committed;
        bool any;
        int error;
};

const char *status_default_directory(void) {
        const char *directory = getenv("RUNTIME_DIRECTORY");

        return is_blank(directory) ? "/run/auditshared" : directory;
}

static json_t *sources_to_json(const StatusHeader *header) {
        json_t *list = json_array();

        for (size_t i = 0; list && i < header->n_sources; i++) {
                const StatusSource *source = &header->sources[i];
                char account[ACCOUNT_TEXT_MAX];

                if (json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s, s:s?}", "name", source->name,
                                                    "account",
                                                    account_format(source->account, account),
                                                    "region", source->region, "error",
                                                    source->error))
                                < 0) {
                        json_decref(list);
                        return NULL;
                }
        }
        return list;
}

/* A time as RFC 3339, null where it is not known. */
static json_t *time_to_json(int64_t usec) {
        char text[TIME_TEXT_MAX];

        return usec == TIME_UNKNOWN || usec == TIME_INFINITY ? json_null()
                                                             : json_string(time_format(usec, text));
}

static int write_json(FILE *file, json_t *json, const char *before) {
        int r = 0;

        if (!json || fputs(before, file) < 0
                        || json_dumpf(json, file, JSON_COMPACT | JSON_ENCODE_ANY) < 0)
                r = json ? -EIO : -ENOMEM;
        json_decref(json);
        return r;
}

static int write_header(FILE *file, const StatusHeader *h) {
        int r;

        if (fputs("{\"version\": 1,\n\"program\": \"auditshared " AUDITSHARED_VERSION "\"", file)
                        < 0)
                return -EIO;
        r = write_json(file,
                        json_pack("{s:s, s:o, s:o, s:s}", "id", h->pass_id, "started",
                                        time_to_json(h->started_usec), "ended",
                                        time_to_json(h->ended_usec), "result", h->result),
                        ",\n\"pass\": ");
        if (r >= 0)
                r = write_json(file, time_to_json(h->next_pass_usec), ",\n\"next_pass\": ");
        if (r >= 0)
                r = write_json(file, json_string(h->mode), ",\n\"mode\": ");
        if (r >= 0)
                r = write_json(file, sources_to_json(h), ",\n\"sources\": ");
        if (r < 0)
                return r;
        return fputs(",\n\"shares\": [", file) < 0 ? -EIO : 0;
}

int status_writer_new(const char *directory, const StatusHeader *header, StatusWriter **ret) {
        _cleanup_(status_writer_freep) StatusWriter *writer = calloc(1, sizeof(StatusWriter));
        int fd, r;

        if (!writer)
                return -ENOMEM;
        writer->dir_fd = -EBADF;
        r = mkdir_parents(directory, 0755);
        if (r < 0)
                return r;
        writer->dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (writer->dir_fd < 0)
                return -errno;
        fd = openat(writer->dir_fd, TEMPORARY_NAME,
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        writer->file = fdopen(fd, "w");
        if (!writer->file) {
                (void) close(fd);
                return -ENOMEM;
        }
        if (fchmod(fd, 0644) < 0)
                return -errno;

        r = write_header(writer->file, header);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(writer);
        return 0;
}

/* One line a share, so that a diff and a grep of the file make sense. */
int status_writer_add(StatusWriter *writer, const ShareView *view) {
        int r;

        buffer_clear(&writer->line);
        (void) buffer_add(&writer->line, writer->any ? ",\n" : "\n");
        r = share_view_write(&writer->line, view);
        if (r >= 0 && fwrite(writer->line.data, 1, writer->line.length, writer->file) == 0)
                r = -EIO;
        writer->any = true;
        if (r < 0 && writer->error == 0)
                writer->error = r;
        return r;
}

int status_writer_commit(StatusWriter *writer) {
        if (fputs(writer->any ? "\n]}\n" : "]}\n", writer->file) < 0 || fflush(writer->file) != 0
                        || ferror(writer->file))
                return writer->error < 0 ? writer->error : -EIO;
        if (writer->error < 0)
                return writer->error;
        if (renameat(writer->dir_fd, TEMPORARY_NAME, writer->dir_fd, STATUS_FILE_NAME) < 0)
                return -errno;
        writer->committed = true;
        return 0;
}

StatusWriter *status_writer_free(StatusWriter *writer) {
        if (!writer)
                return NULL;

        if (writer->file) {
                (void) fclose(writer->file);
                if (!writer->committed)
                        (void) unlinkat(writer->dir_fd, TEMPORARY_NAME, 0);
        }
        closep(&writer->dir_fd);
        buffer_done(&writer->line);
        free(writer);
        return NULL;
}
