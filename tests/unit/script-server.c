/* SPDX-License-Identifier: Apache-2.0 */

/* An HTTP server that does as a test says. Good enough for one client that is known, and for no
 * other. */

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "script-server.h"
#include "util/buffer.h"
#include "util/macro.h"
#include "util/time.h"

typedef struct Connection Connection;

struct ScriptServer {
        sd_event *event;
        int fd;
        uint16_t port;
        sd_event_source *source;
        ScriptHandler handler;
        void *userdata;
        Connection *connections;
        unsigned n_connections, n_busy, most_busy;
};

struct Connection {
        ScriptServer *server;
        Connection *previous, *next;
        int fd;
        unsigned number;
        sd_event_source *source, *timer;
        Buffer in, out;
        size_t sent;
        bool busy, close;
        ScriptAnswer answer;
};

static void set_busy(Connection *connection, bool busy) {
        ScriptServer *server = connection->server;

        if (connection->busy == busy)
                return;
        connection->busy = busy;
        server->n_busy += busy ? 1U : -1U;
        server->most_busy = MAX(server->most_busy, server->n_busy);
}

static void connection_free(Connection *connection) {
        set_busy(connection, false);
        *(connection->previous ? &connection->previous->next : &connection->server->connections) =
                        connection->next;
        if (connection->next)
                connection->next->previous = connection->previous;
        (void) sd_event_source_disable_unref(connection->source);
        (void) sd_event_source_disable_unref(connection->timer);
        (void) close(connection->fd);
        buffer_done(&connection->in);
        buffer_done(&connection->out);
        free(connection);
}

static void reset(Connection *connection) {
        struct linger linger = { .l_onoff = 1 };

        (void) setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        connection_free(connection);
}

static void flush(Connection *connection) {
        while (connection->sent < connection->out.length) {
                ssize_t n = send(connection->fd, connection->out.data + connection->sent,
                                connection->out.length - connection->sent,
                                MSG_NOSIGNAL | MSG_DONTWAIT);

                if (n < 0 && errno == EAGAIN) {
                        (void) sd_event_source_set_io_events(
                                        connection->source, EPOLLIN | EPOLLOUT);
                        return;
                }
                if (n < 0) {
                        connection_free(connection);
                        return;
                }
                connection->sent += (size_t) n;
        }

        buffer_clear(&connection->out);
        connection->sent = 0;
        (void) sd_event_source_set_io_events(connection->source, EPOLLIN);
        set_busy(connection, false);
        if (connection->close)
                connection_free(connection);
}

static void send_answer(Connection *connection) {
        const ScriptAnswer *answer = &connection->answer;
        size_t length = answer->body_length > 0 || !answer->body ? answer->body_length
                                                                 : strlen(answer->body);

        (void) buffer_addf(&connection->out,
                        "HTTP/1.1 %d Answer\r\nContent-Length: %zu\r\n%s%s\r\n",
                        answer->status ? answer->status : 200, length,
                        answer->headers ? answer->headers : "",
                        answer->close ? "Connection: close\r\n" : "");
        (void) buffer_append(
                        &connection->out, answer->body, answer->cut > 0 ? answer->cut : length);
        connection->close = answer->close || answer->cut > 0;
        flush(connection);
}

static int on_delay(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Connection *connection = userdata;

        connection->timer = sd_event_source_disable_unref(connection->timer);
        send_answer(connection);
        return 0;
}

/* Acts on the answer of the handler; the connection may be gone afterwards. */
static void act(Connection *connection) {
        const ScriptAnswer *answer = &connection->answer;

        switch (answer->kind) {
        case ANSWER_CLOSE:
                connection_free(connection);
                return;
        case ANSWER_RESET:
                reset(connection);
                return;
        case ANSWER_HANG:
                return;
        case ANSWER_SEND:
                break;
        }
        if (answer->delay_msec > 0)
                (void) sd_event_add_time_relative(connection->server->event, &connection->timer,
                                CLOCK_MONOTONIC, answer->delay_msec * (uint64_t) USEC_PER_MSEC, 1,
                                on_delay, connection);
        else
                send_answer(connection);
}

char *script_header(const ScriptRequest *request, const char *name) {
        size_t n = strlen(name);

        for (const char *line = request->headers; line && *line; line = strstr(line, "\r\n")) {
                if (line[0] == '\r')
                        line += 2;
                if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
                        const char *value = line + n + 1 + strspn(line + n + 1, " ");

                        return strndup(value, strcspn(value, "\r\n"));
                }
        }
        return NULL;
}

/* Whether a whole request has come; it is then taken out of the input and answered. */
static bool take_request(Connection *connection) {
        ScriptRequest request = { .connection = connection->number };
        char *end = connection->in.data ? strstr(connection->in.data, "\r\n\r\n") : NULL, *line,
             *length;
        size_t head;

        if (!end)
                return false;
        head = (size_t) (end - connection->in.data) + 4;
        line = strstr(connection->in.data, "\r\n") + 2;
        request.headers = line;
        length = script_header(&request, "content-length");
        request.body_length = length ? strtoul(length, NULL, 10) : 0;
        free(length);
        if (connection->in.length < head + request.body_length)
                return false;

        if (sscanf(connection->in.data, "%15s %2047s", request.method, request.target) != 2)
                abort();
        end[2] = '\0';
        request.body = connection->in.data + head;
        set_busy(connection, true);
        connection->answer = (ScriptAnswer){ 0 };
        connection->server->handler(&request, &connection->answer, connection->server->userdata);
        buffer_clear(&connection->in);
        act(connection);
        return true;
}

static int on_connection(sd_event_source *source _unused_,
                int fd,
                uint32_t revents,
                void *userdata) {
        Connection *connection = userdata;
        char bytes[65536];
        ssize_t n;

        if (revents & EPOLLOUT) {
                flush(connection);
                return 0;
        }
        n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n <= 0) {
                connection_free(connection);
                return 0;
        }
        if (buffer_append(&connection->in, bytes, (size_t) n) < 0)
                abort();
        (void) take_request(connection);
        return 0;
}

static int on_listen(sd_event_source *source _unused_,
                int fd,
                uint32_t revents _unused_,
                void *userdata) {
        ScriptServer *server = userdata;
        Connection *connection;
        int client;

        client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0)
                return 0;

        connection = malloc(sizeof(*connection));
        if (!connection)
                abort();
        *connection = (Connection){ .server = server,
                .next = server->connections,
                .fd = client,
                .number = server->n_connections++ };
        if (connection->next)
                connection->next->previous = connection;
        server->connections = connection;
        return sd_event_add_io(server->event, &connection->source, client, EPOLLIN, on_connection,
                        connection);
}

int script_server_new(sd_event *event, ScriptHandler handler, void *userdata, ScriptServer **ret) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        ScriptServer *server = calloc(1, sizeof(*server));

        if (!server)
                abort();
        *server = (ScriptServer){ .event = event, .handler = handler, .userdata = userdata };
        server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (server->fd < 0 || bind(server->fd, (struct sockaddr *) &address, length) < 0
                        || listen(server->fd, 1024) < 0
                        || getsockname(server->fd, (struct sockaddr *) &address, &length) < 0)
                abort();
        server->port = ntohs(address.sin_port);

        *ret = server;
        return sd_event_add_io(event, &server->source, server->fd, EPOLLIN, on_listen, server);
}

void script_server_stop_listening(ScriptServer *server) {
        server->source = sd_event_source_disable_unref(server->source);
        if (server->fd >= 0)
                (void) close(server->fd);
        server->fd = -EBADF;
}

ScriptServer *script_server_free(ScriptServer *server) {
        if (!server)
                return NULL;
        while (server->connections)
                connection_free(server->connections);
        script_server_stop_listening(server);
        free(server);
        return NULL;
}

uint16_t script_server_port(const ScriptServer *server) {
        return server->port;
}

unsigned script_server_most_busy(const ScriptServer *server) {
        return server->most_busy;
}

unsigned script_server_connections(const ScriptServer *server) {
        return server->n_connections;
}
