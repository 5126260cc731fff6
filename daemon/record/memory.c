/* SPDX-License-Identifier: Apache-2.0 */

/* Memory on disk: an append-only log of checksummed records. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "record/lock.h"
#include "record/memory-internal.h"
#include "record/memory-record.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

static SourceMemory *source_memory_free(SourceMemory *source) {
        free(source->name);
        free(source->note);
        memory_table_done(&source->table);
        free(source);
        return NULL;
}
DEFINE_CLEANUP(SourceMemory, source_memory_free)

Memory *memory_free(Memory *memory) {
        if (!memory)
                return NULL;

        for (size_t i = 0; i < memory->n_sources; i++)
                (void) source_memory_free(memory->sources[i]);
        free(memory->sources);
        free(memory->directory);
        free(memory->set_aside);
        memory_rewrite_drop(memory);
        closep(&memory->fd);
        closep(&memory->lock_fd);
        closep(&memory->dir_fd);
        buffer_done(&memory->queue);
        free(memory);
        return NULL;
}

const char *memory_default_directory(void) {
        const char *directory = getenv("STATE_DIRECTORY");

        return is_blank(directory) ? "/var/lib/auditshared" : directory;
}

static SourceMemory *find_source(const Memory *memory, const char *name) {
        for (size_t i = 0; i < memory->n_sources; i++)
                if (streq(memory->sources[i]->name, name))
                        return memory->sources[i];
        return NULL;
}

static int obtain_source(Memory *memory, const char *name, SourceMemory **ret) {
        _cleanup_(source_memory_freep) SourceMemory *source = NULL;
        int r;

        *ret = find_source(memory, name);
        if (*ret)
                return 0;

        source = calloc(1, sizeof(SourceMemory));
        if (!source)
                return -ENOMEM;
        source->name = strdup(name);
        r = memory_table_init(&source->table);
        if (r < 0 || !source->name)
                return -ENOMEM;
        r = ARRAY_RESERVE(memory->sources, memory->sources_capacity, memory->n_sources + 1);
        if (r < 0)
                return r;

        *ret = memory->sources[memory->n_sources++] = TAKE_PTR(source);
        return 0;
}

int memory_table(Memory *memory, const char *source, MemoryTable **ret) {
        SourceMemory *found;
        int r;

        r = obtain_source(memory, source, &found);
        if (r < 0)
                return r;
        *ret = &found->table;
        return 0;
}

void memory_rest(Memory *memory) {
        /* It counts shares by their places in the tables, which the next pass may change. */
        memory_rewrite_drop(memory);
        for (size_t i = 0; i < memory->n_sources; i++)
                memory_table_rest(&memory->sources[i]->table);
        mem_give_back();
}

const char *memory_set_aside(const Memory *memory) {
        return memory->set_aside;
}

int64_t memory_lost_usec(const Memory *memory) {
        return memory->lost_usec;
}

const char *memory_note(const Memory *memory, const char *source) {
        const SourceMemory *found = find_source(memory, source);

        return found ? found->note : NULL;
}

static int take_header(Memory *memory, MemoryLine *line) {
        int64_t version = 0;

        if (memory_line_take_number(line, "version", 1, INT64_MAX, &version) < 0)
                return -EBADMSG;
        if (version != MEMORY_VERSION)
                return -EPROTONOSUPPORT;
        return memory_line_take_number(line, "lost", INT64_MIN, INT64_MAX, &memory->lost_usec);
}

static int take_note(SourceMemory *source, MemoryLine *line) {
        const char *text = memory_line_take(line, "text");

        free(source->note);
        source->note = text ? strdup(text) : NULL;
        return text && !source->note ? -ENOMEM : 0;
}

static int take_record(Memory *memory, MemoryLine *line) {
        bool note = streq(line->kind, KIND_NOTE);
        SourceMemory *source;
        const char *name;
        int r;

        if (streq(line->kind, KIND_HEADER))
                return take_header(memory, line);
        name = note || memory_record_is_share(line) ? memory_line_take(line, "source") : NULL;
        if (!name)
                return -EBADMSG;

        r = obtain_source(memory, name, &source);
        if (r < 0)
                return r;
        return note ? take_note(source, line) : memory_record_read(line, &source->table);
}

/* What reading the log found. */
typedef struct Loaded {
        off_t good; /* the end of the last whole record before anything bad */
        size_t n_lines; /* good ones */
        bool damaged; /* not what a crash can leave */
        bool torn; /* the end was never written whole */
} Loaded;

/* *ret_header: whether the line was one that a file begins with. */
static int take_line(Memory *memory, char *text, size_t length, bool *ret_header) {
        MemoryLine line;
        int r;

        *ret_header = false;
        r = memory_line_read(text, length, &line);
        if (r < 0)
                return r;
        *ret_header = streq(line.kind, KIND_HEADER);
        return take_record(memory, &line);
}

/*
 * A crash leaves an end without its line feed, or blocks of zeros that were never filled. Anything
 * else that is bad was once whole, and so is a torn line with a good one behind it.
 */
static void judge_line(Loaded *loaded, size_t length, bool good, bool unfilled) {
        if (good && loaded->torn)
                loaded->damaged = true;
        if (good) {
                loaded->n_lines++;
                loaded->good += loaded->torn ? 0 : (off_t) length;
        } else if (unfilled)
                loaded->torn = true;
        else
                loaded->damaged = true;
}

/* A file line by line. A line can be as long as the file: of one that is too long to be ours, not
 * all is kept. */
typedef struct Lines {
        FILE *file;
        size_t from, to; /* of data: what has been read and not been given out */
        char data[4 * MEMORY_LINE_MAX];
} Lines;

/* The next line's length, its line feed included, or 0 where it does not end in what was read. */
static size_t line_length(const Lines *lines) {
        const char *from = lines->data + lines->from,
                   *end = memchr(from, '\n', lines->to - lines->from);

        return end ? (size_t) (end - from) + 1 : 0;
}

static bool read_more(Lines *lines) {
        size_t n;

        memmove(lines->data, lines->data + lines->from, lines->to - lines->from);
        lines->to = MIN(lines->to - lines->from, MEMORY_LINE_MAX + 1);
        lines->from = 0;
        n = fread(lines->data + lines->to, 1, sizeof(lines->data) - lines->to, lines->file);
        lines->to += n;
        return n > 0;
}

/* For the caller to change, and good until the next call; 0 bytes at the end of the file. */
static char *next_line(Lines *lines, size_t *ret_length) {
        char *line;
        size_t n = line_length(lines);

        while (n == 0 && read_more(lines))
                n = line_length(lines);
        line = lines->data + lines->from;
        *ret_length = n > 0 ? n : lines->to - lines->from;
        lines->from += *ret_length;
        return line;
}

/* What a crash leaves at the end. */
static bool is_unfilled(const char *line, size_t n) {
        return (line[n - 1] != '\n' && n <= MEMORY_LINE_MAX) || memchr(line, '\0', n);
}

static int load(Memory *memory, FILE *file, Loaded *ret) {
        Lines lines = { .file = file };
        Loaded loaded = { 0 };
        bool header = false, unfilled, is_header;
        char *line;
        size_t n;
        int r;

        while (line = next_line(&lines, &n), n > 0) {
                unfilled = is_unfilled(line, n);
                r = unfilled ? -EBADMSG : take_line(memory, line, n - 1, &is_header);
                if (r < 0 && r != -EBADMSG)
                        return r;
                if (loaded.n_lines == 0 && r >= 0)
                        header = is_header;
                judge_line(&loaded, n, r >= 0, unfilled);
        }
        if (ferror(file))
                return -EIO;

        /* It is born with its header, as a whole: without one it is not what we wrote. */
        if (!header)
                loaded.damaged = true;
        for (size_t i = 0; i < memory->n_sources; i++)
                memory_table_compact(&memory->sources[i]->table);
        *ret = loaded;
        return 0;
}

static int set_aside(Memory *memory) {
        char name[64];

        (void) snprintf(name, sizeof(name), MEMORY_NAME ".damaged-%" PRId64,
                        now_usec() / USEC_PER_SEC);
        /* A second name: at no moment is there no memory, and a kill in between changes nothing. */
        if (linkat(memory->dir_fd, MEMORY_NAME, memory->dir_fd, name, 0) < 0 && errno != EEXIST)
                return -errno;
        memory->set_aside = path_join(memory->directory, name);
        return memory->set_aside ? 0 : -ENOMEM;
}

/* A torn end is cut off; other damage is set aside, and what can be trusted is written anew. */
static int repair(Memory *memory, const Loaded *loaded) {
        int r;

        if (loaded->damaged) {
                memory->lost_usec = now_usec();
                r = set_aside(memory);
                return r < 0 ? r : memory_replace(memory);
        }

        memory->fd = openat(
                        memory->dir_fd, MEMORY_NAME, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        if (memory->fd < 0)
                return -errno;
        memory->size = loaded->good;
        memory->n_lines = loaded->n_lines;
        if (loaded->torn && ftruncate(memory->fd, loaded->good) < 0)
                return -errno;
        return 0;
}

static int load_file(Memory *memory, MemoryMode mode) {
        Loaded loaded;
        FILE *file;
        int fd, r;

        fd = openat(memory->dir_fd, MEMORY_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
                return mode == MEMORY_READ ? 0 : memory_replace(memory);
        if (fd < 0)
                return -errno;
        file = fdopen(fd, "r");
        if (!file) {
                (void) close(fd);
                return -ENOMEM;
        }
        r = load(memory, file, &loaded);
        (void) fclose(file);
        if (r < 0)
                return r;

        /* A loss in the future is a clock that was wrong: it must not silence us until then. */
        memory->lost_usec = MIN(memory->lost_usec, now_usec());
        return mode == MEMORY_READ ? 0 : repair(memory, &loaded);
}

static int explain(int error, const char *directory, char **reterr_why) {
        if (error == -EPROTONOSUPPORT) {
                if (asprintf(reterr_why, "'%s/" MEMORY_NAME "' was written by a later version",
                                    directory)
                                < 0)
                        *reterr_why = NULL;
        } else if (asprintf(reterr_why, "cannot use memory in '%s': %s", directory,
                                   strerror(-error))
                        < 0)
                *reterr_why = NULL;
        return error;
}

static int open_directory(Memory *memory, MemoryMode mode) {
        int r;

        if (mode == MEMORY_WRITE) {
                r = mkdir_parents(memory->directory, 0700);
                if (r < 0)
                        return r;
        }
        memory->dir_fd = open(memory->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return memory->dir_fd < 0 ? -errno : 0;
}

int memory_open(const char *directory,
                MemoryMode mode,
                const char *holder,
                Memory **ret,
                char **reterr_why) {
        _cleanup_(memory_freep) Memory *memory = calloc(1, sizeof(Memory));
        int r;

        if (!memory)
                return -ENOMEM;
        *memory = (Memory){
                .lost_usec = TIME_UNKNOWN,
                .dir_fd = -EBADF,
                .lock_fd = -EBADF,
                .fd = -EBADF,
                .rewrite.fd = -EBADF,
        };
        memory->directory = strdup(directory);
        if (!memory->directory)
                return -ENOMEM;

        r = open_directory(memory, mode);
        if (r == -ENOENT && mode == MEMORY_READ) {
                *ret = TAKE_PTR(memory);
                return 0;
        }
        if (r < 0)
                return explain(r, directory, reterr_why);
        if (mode == MEMORY_WRITE) {
                memory->lock_fd = lock_take(memory->dir_fd, directory, holder, reterr_why);
                if (memory->lock_fd < 0)
                        return memory->lock_fd;
        }
        r = load_file(memory, mode);
        if (r < 0)
                return explain(r, directory, reterr_why);

        *ret = TAKE_PTR(memory);
        return 0;
}

int memory_set_note(Memory *memory, const char *source, const char *text) {
        SourceMemory *found;
        char *copy = NULL;
        int r;

        r = obtain_source(memory, source, &found);
        if (r < 0)
                return r;
        if (streq_null(found->note, text))
                return 0;
        if (text) {
                copy = strdup(text);
                if (!copy)
                        return -ENOMEM;
        }
        free(found->note);
        found->note = copy;
        r = memory_add_note(found, &memory->queue);
        memory->n_queued += r >= 0;
        return r;
}

int memory_put(Memory *memory, const char *source, const MemoryTable *table, ShareMemory *share) {
        int r;

        r = memory_record_write(&memory->queue, source, share, table->strings);
        if (r < 0)
                return r;
        memory->n_queued++;
        share->dirty = false;
        return 0;
}

int memory_write(Memory *memory) {
        int r;

        assert(memory->fd >= 0);

        if (memory->queue.length == 0)
                return 0;
        r = write_all(memory->fd, memory->queue.data, memory->queue.length);
        if (r < 0) {
                /* Part of it may be there: no later record may follow half of one. */
                if (ftruncate(memory->fd, memory->size) < 0)
                        memory->broken = true;
                return r;
        }
        memory->size += (off_t) memory->queue.length;
        memory->n_lines += memory->n_queued;
        memory_rewrite_append(memory, &memory->queue, memory->n_queued);
        buffer_clear(&memory->queue);
        memory->n_queued = 0;
        return 0;
}

/* A file that has no name any more is no memory, however well it can be written. */
static bool has_a_name(const Memory *memory) {
        struct stat st;

        return fstat(memory->fd, &st) >= 0 && st.st_nlink > 0;
}

int memory_sync(Memory *memory) {
        int r;

        /* After a failed sync the kernel forgets what it could not write: only a new file helps. */
        if (memory->broken || !has_a_name(memory)) {
                r = memory_replace(memory);
                if (r < 0)
                        return r;
        }
        r = memory_write(memory);
        if (r >= 0 && fdatasync(memory->fd) < 0)
                r = -errno;
        if (r < 0)
                memory->broken = true;
        return r;
}
