/* SPDX-License-Identifier: Apache-2.0 */

/* The sockets of libcurl, as one source of the event loop. */

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "aws/http-sockets.h"
#include "util/file.h"

/* Handled in one go; what is beyond comes next. */
#define READY_MAX 64

struct HttpSockets {
        int fd;
        sd_event_source *source;
        HttpSocketReady ready;
        void *userdata;
};

static int on_ready(_unused_ sd_event_source *source, int fd, _unused_ uint32_t r, void *userdata) {
        const HttpSockets *sockets = userdata;
        struct epoll_event events[READY_MAX];
        int n;

        n = epoll_wait(fd, events, READY_MAX, 0);
        for (int i = 0; i < n; i++)
                sockets->ready(events[i].data.fd, events[i].events, sockets->userdata);
        return 0;
}

int http_sockets_new(sd_event *event, HttpSocketReady ready, void *userdata, HttpSockets **ret) {
        _cleanup_(http_sockets_freep) HttpSockets *sockets = malloc(sizeof(HttpSockets));
        int r;

        if (!sockets)
                return -ENOMEM;
        *sockets = (HttpSockets){ .ready = ready, .userdata = userdata };
        sockets->fd = epoll_create1(EPOLL_CLOEXEC);
        if (sockets->fd < 0)
                return -errno;
        r = sd_event_add_io(event, &sockets->source, sockets->fd, EPOLLIN, on_ready, sockets);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sockets);
        return 0;
}

HttpSockets *http_sockets_free(HttpSockets *sockets) {
        if (!sockets)
                return NULL;
        (void) sd_event_source_disable_unref(sockets->source);
        closep(&sockets->fd);
        free(sockets);
        return NULL;
}

int http_sockets_watch(HttpSockets *sockets, int fd, uint32_t events, bool is_new) {
        struct epoll_event event = { .events = events, .data.fd = fd };

        return epoll_ctl(sockets->fd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0
                        ? -errno
                        : 0;
}

void http_sockets_forget(HttpSockets *sockets, int fd) {
        (void) epoll_ctl(sockets->fd, EPOLL_CTL_DEL, fd, NULL);
}
