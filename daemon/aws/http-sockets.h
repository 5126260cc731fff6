#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The sockets of libcurl, as one source of the event loop
 *
 * sd-event goes through all of its loop for each source that is ready; of the connections of a
 * busy client, dozens are at a time. They wait in an epoll set of their own, and what is ready in
 * it is handled in one go.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

typedef struct HttpSockets HttpSockets;

/* events: of EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May watch and forget sockets; one that was
 * forgotten, or closed and opened anew, may still be reported in the same go. */
typedef void (*HttpSocketReady)(int fd, uint32_t events, void *userdata);

/* 0 or a negative errno. */
int http_sockets_new(sd_event *event, HttpSocketReady ready, void *userdata, HttpSockets **ret);
HttpSockets *http_sockets_free(HttpSockets *sockets);

/* Waits for events on a socket; is_new: it was not waited for before. 0 or a negative errno. */
int http_sockets_watch(HttpSockets *sockets, int fd, uint32_t events, bool is_new);

/* Waits for it no more. It may be closed already. */
void http_sockets_forget(HttpSockets *sockets, int fd);

DEFINE_CLEANUP(HttpSockets, http_sockets_free)
