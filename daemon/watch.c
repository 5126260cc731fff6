/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Watching folders
 *
 * Folders rather than files, since a file that is replaced is another file. What changed does not
 * matter: whoever is called looks for himself.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/time.h"
#include "watch.h"

struct Watch {
        sd_event *event;
        sd_event_source *io, *timer;
        WatchCallback callback;
        void *userdata;
        int fd;
        int64_t first_usec; /* of the burst under way; 0: none */
};

Watch *watch_free(Watch *watch) {
        if (!watch)
                return NULL;

        (void) sd_event_source_disable_unref(watch->io);
        (void) sd_event_source_disable_unref(watch->timer);
        closep(&watch->fd);
        free(watch);
        return NULL;
}

static int on_quiet(sd_event_source *s, uint64_t usec, void *userdata) {
        Watch *watch = userdata;

        (void) s;
        (void) usec;
        watch->first_usec = 0;
        watch->callback(watch->userdata);
        return 0;
}

static int on_change(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        Watch *watch = userdata;
        int64_t now = monotonic_usec(), at;

        (void) s;
        (void) revents;
        while (read(fd, events, sizeof(events)) > 0)
                ;

        if (watch->first_usec == 0)
                watch->first_usec = now;
        at = MIN(now + WATCH_DEBOUNCE_USEC, watch->first_usec + WATCH_PATIENCE_USEC);
        (void) sd_event_source_set_time(watch->timer, (uint64_t) at);
        (void) sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
        return 0;
}

int watch_new(sd_event *event, WatchCallback callback, void *userdata, Watch **ret) {
        _cleanup_(watch_freep) Watch *watch = calloc(1, sizeof(Watch));
        int r;

        if (!watch)
                return -ENOMEM;
        *watch = (Watch){
                .event = event,
                .callback = callback,
                .userdata = userdata,
                .fd = -EBADF,
        };
        r = sd_event_add_time(event, &watch->timer, CLOCK_MONOTONIC, 0, USEC_PER_SEC / 10, on_quiet,
                        watch);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(watch);
        return 0;
}

/* One that cannot be watched does not leave those behind it unwatched. */
static int add_folders(int fd, char *const *folders) {
        const uint32_t mask = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
                        | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR;
        int r = 0;

        for (; *folders; folders++)
                if (inotify_add_watch(fd, *folders, mask) < 0 && errno != ENOENT && errno != ENOTDIR
                                && r == 0)
                        r = -errno;
        return r;
}

/* A descriptor of its own each time: with the old one go the watches that nobody needs any more. */
int watch_set(Watch *watch, char *const *folders) {
        _cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        sd_event_source *io;
        int r, failed;

        if (fd < 0)
                return -errno;
        failed = add_folders(fd, folders);
        r = sd_event_add_io(watch->event, &io, fd, EPOLLIN, on_change, watch);
        if (r < 0)
                return r;

        (void) sd_event_source_disable_unref(watch->io);
        closep(&watch->fd);
        watch->io = io;
        watch->fd = fd;
        fd = -EBADF;
        return failed;
}
