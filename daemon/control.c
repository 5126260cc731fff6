/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The control socket
 *
 * A call reads its line, is handed to the callback, and from then on only writes. What a peer does
 * wrong costs nobody but itself: a line too long, none at all, or an answer never taken ends its
 * connection.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "util/file.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define CONNECTIONS_PER_SEC 100

struct ControlCall {
        Control *control;
        sd_event_source *io, *timer;
        int fd;
        Buffer line;
        size_t sent; /* of line, once it is the answer */
        uint64_t ticket; /* of a call that is held; 0: none */
        bool answered;
};

struct Control {
        sd_event *event;
        sd_event_source *io;
        ControlCallback callback;
        void *userdata;
        int fd, dir_fd;
        ControlCall *calls[CONTROL_CALLS_MAX];
};

static ControlCall *call_free(ControlCall *call) {
        if (!call)
                return NULL;

        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                if (call->control->calls[i] == call)
                        call->control->calls[i] = NULL;
        (void) sd_event_source_set_enabled(call->control->io, SD_EVENT_ON);
        (void) sd_event_source_disable_unref(call->io);
        (void) sd_event_source_disable_unref(call->timer);
        closep(&call->fd);
        buffer_done(&call->line);
        free(call);
        return NULL;
}

DEFINE_CLEANUP(ControlCall, call_free)

/* --- answers --- */

static void go_on_sending(ControlCall *call) {
        ssize_t n = send(call->fd, call->line.data + call->sent, call->line.length - call->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n >= 0)
                call->sent += (size_t) n;
        if ((n < 0 && errno != EAGAIN && errno != EINTR) || call->sent == call->line.length)
                (void) call_free(call);
}

static void be_patient(ControlCall *call) {
        (void) sd_event_source_set_time(
                        call->timer, (uint64_t) (monotonic_usec() + CONTROL_PATIENCE_USEC));
        (void) sd_event_source_set_enabled(call->timer, SD_EVENT_ONESHOT);
}

void control_answer(ControlCall *call, const ControlAnswer *answer) {
        assert(!call->answered);

        call->answered = true;
        buffer_clear(&call->line);
        call->line.limit = CONTROL_ANSWER_MAX;
        if (control_answer_write(answer, &call->line) < 0
                        || sd_event_source_set_io_events(call->io, EPOLLOUT) < 0) {
                (void) call_free(call);
                return;
        }
        be_patient(call);
        /* At once, since the event loop may be about to end. */
        go_on_sending(call);
}

static bool is_held(const ControlCall *call, uint64_t ticket) {
        return call && !call->answered && call->ticket != 0 && call->ticket <= ticket;
}

bool control_is_held(const Control *control, uint64_t ticket) {
        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                if (is_held(control->calls[i], ticket))
                        return true;
        return false;
}

void control_answer_held(Control *control, uint64_t ticket, const ControlAnswer *answer) {
        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                if (is_held(control->calls[i], ticket))
                        control_answer(control->calls[i], answer);
}

static size_t count_held(const Control *control) {
        size_t n = 0;

        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                n += is_held(control->calls[i], UINT64_MAX);
        return n;
}

void control_answer_text(ControlCall *call, bool ok, const char *text) {
        _cleanup_control_answer_ ControlAnswer answer = { .ok = ok };

        (void) text_copy(text, &answer.message);
        control_answer(call, &answer);
}

void control_hold(ControlCall *call, uint64_t ticket) {
        if (count_held(call->control) == CONTROL_HELD_MAX) {
                control_answer_text(call, false, "too many wait already; ask without --wait");
                return;
        }
        call->ticket = ticket;
        (void) sd_event_source_set_enabled(call->timer, SD_EVENT_OFF);
}

/* --- requests --- */

static void take_line(ControlCall *call, size_t length) {
        _cleanup_control_request_ ControlRequest request = { 0 };
        int r;

        r = control_request_read(call->line.data, length, &request);
        if (r == -EPROTONOSUPPORT)
                control_answer_text(call, false,
                                "the running service does not know this request; it is of another "
                                "version");
        else if (r < 0)
                control_answer_text(
                                call, false, r == -ENOMEM ? "out of memory" : "this is no request");
        else
                call->control->callback(call, &request, call->control->userdata);
}

/* Another end that is closed may still wait for its answer; one that is gone shows when that is
 * sent. While a call is held it is not listened to. */
static void go_on_reading(ControlCall *call) {
        char text[4096], *end;
        ssize_t n = recv(call->fd, text, sizeof(text), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0 || buffer_append(&call->line, text, (size_t) n) < 0) {
                (void) call_free(call);
                return;
        }
        end = memchr(call->line.data, '\n', call->line.length);
        if (!end)
                return;
        (void) sd_event_source_set_io_events(call->io, 0);
        take_line(call, (size_t) (end - call->line.data));
}

static int on_call(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        ControlCall *call = userdata;

        (void) s;
        (void) fd;
        if (call->answered)
                go_on_sending(call);
        else if (revents & EPOLLIN)
                go_on_reading(call);
        else
                (void) call_free(call); /* EPOLLHUP: nobody is there any more */
        return 0;
}

static int on_impatient(sd_event_source *s, uint64_t usec, void *userdata) {
        (void) s;
        (void) usec;
        (void) call_free(userdata);
        return 0;
}

/* --- connections --- */

static bool is_welcome(int fd) {
        struct ucred peer;
        socklen_t length = sizeof(peer);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) >= 0
                        && (peer.uid == 0 || peer.uid == geteuid());
}

static int add_call(Control *control, int fd, ControlCall **slot) {
        _cleanup_(call_freep) ControlCall *call = calloc(1, sizeof(ControlCall));
        int r;

        if (!call) {
                (void) close(fd);
                return -ENOMEM;
        }
        *call = (ControlCall){
                .control = control,
                .fd = fd,
                .line.limit = CONTROL_REQUEST_MAX,
        };
        r = sd_event_add_io(control->event, &call->io, fd, EPOLLIN, on_call, call);
        if (r >= 0)
                r = sd_event_add_time(control->event, &call->timer, CLOCK_MONOTONIC,
                                (uint64_t) (monotonic_usec() + CONTROL_PATIENCE_USEC), USEC_PER_SEC,
                                on_impatient, call);
        if (r >= 0)
                *slot = TAKE_PTR(call);
        return r;
}

static ControlCall **free_slot(Control *control) {
        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                if (!control->calls[i])
                        return &control->calls[i];
        return NULL;
}

static int on_connection(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Control *control = userdata;
        ControlCall **slot = free_slot(control);
        int connection;

        (void) revents;
        if (!slot)
                return sd_event_source_set_enabled(s, SD_EVENT_OFF);
        connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection < 0)
                return 0;
        if (!is_welcome(connection)) {
                (void) close(connection);
                return 0;
        }
        if (add_call(control, connection, slot) < 0)
                log_warning("Out of memory for a request over the control socket, ignoring");
        return 0;
}

/* --- life --- */

/* By way of its folder, as a socket's address holds no more than 107 bytes (unix(7)). */
static int listen_in(Control *control) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
                        control->dir_fd, CONTROL_SOCKET_NAME);
        control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (control->fd < 0)
                return -errno;
        /* Left by one that was killed: who gets here has the lock, so nobody listens there. */
        if (unlinkat(control->dir_fd, CONTROL_SOCKET_NAME, 0) < 0 && errno != ENOENT)
                return -errno;
        if (bind(control->fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (fchmodat(control->dir_fd, CONTROL_SOCKET_NAME, 0600, 0) < 0
                        || listen(control->fd, CONTROL_CALLS_MAX) < 0)
                return -errno;
        return 0;
}

int control_new(sd_event *event,
                const char *directory,
                ControlCallback callback,
                void *userdata,
                Control **ret) {
        _cleanup_(control_freep) Control *control = calloc(1, sizeof(Control));
        int r;

        if (!control)
                return -ENOMEM;
        *control = (Control){
                .event = event,
                .callback = callback,
                .userdata = userdata,
                .fd = -EBADF,
                .dir_fd = -EBADF,
        };
        r = mkdir_parents(directory, 0755);
        if (r < 0)
                return r;
        control->dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (control->dir_fd < 0)
                return -errno;
        r = listen_in(control);
        if (r >= 0)
                r = sd_event_add_io(
                                event, &control->io, control->fd, EPOLLIN, on_connection, control);
        /* While there is no descriptor for it, a connection would have the loop go round and round.
         */
        if (r >= 0)
                r = sd_event_source_set_ratelimit(control->io, USEC_PER_SEC, CONNECTIONS_PER_SEC);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(control);
        return 0;
}

Control *control_free(Control *control) {
        if (!control)
                return NULL;

        for (size_t i = 0; i < CONTROL_CALLS_MAX; i++)
                (void) call_free(control->calls[i]);
        (void) sd_event_source_disable_unref(control->io);
        if (control->fd >= 0)
                (void) unlinkat(control->dir_fd, CONTROL_SOCKET_NAME, 0);
        closep(&control->fd);
        closep(&control->dir_fd);
        free(control);
        return NULL;
}
