/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The two HTTP servers: sockets, and the loop
 *
 * An exchange is born when the request line is there, because only then is the target still as it
 * came over the wire, and signatures are about that.
 */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"

#define BODY_MAX          (1024u * 1024)
#define CONNECTION_MEMORY (32u * 1024)
#define CONNECTIONS_MAX   10000u
#define PEER_CHECK_MSEC   500
#define IDLE_SECONDS      300u

static void *on_request(void *userdata, const char *target, struct MHD_Connection *connection) {
        Simulator *s = userdata;
        Exchange *x = xcalloc(1, sizeof(*x));
        Uuid id;

        *x = (Exchange){ .simulator = s, .connection = connection };
        x->call.world = &s->world;
        x->call.region = -1;
        uuid_random(&id);
        uuid_format(&id, x->call.request_id);
        http_request_set_target(&x->call.request, target);

        s->stats.in_flight++;
        if (s->stats.in_flight > s->stats.max_in_flight)
                s->stats.max_in_flight = s->stats.in_flight;
        return x;
}

static void on_completed(void *userdata,
                struct MHD_Connection *connection,
                void **exchange,
                enum MHD_RequestTerminationCode why) {
        Simulator *s = userdata;
        Exchange *x = *exchange;

        (void) connection;
        (void) why;
        if (!x)
                return;

        exchange_unlink(x);
        call_done(&x->call);
        (void) fault_unref(x->fault);
        free(x);
        *exchange = NULL;
        s->stats.in_flight--;
}

static void on_connection(void *userdata,
                struct MHD_Connection *connection,
                void **unused,
                enum MHD_ConnectionNotificationCode what) {
        Simulator *s = userdata;

        (void) connection;
        (void) unused;
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
                s->stats.connections++;
                s->stats.open_connections++;
        } else
                s->stats.open_connections--;
}

static enum MHD_Result on_header(void *userdata,
                enum MHD_ValueKind kind,
                const char *name,
                const char *value) {
        Exchange *x = userdata;
        char *lower = xstrdup(name);

        (void) kind;
        for (char *p = lower; *p; p++)
                if (*p >= 'A' && *p <= 'Z')
                        *p = (char) (*p - 'A' + 'a');
        pairs_add(&x->call.request.headers, lower, xstrdup(value ? value : ""));
        return MHD_YES;
}

static void read_headers(Exchange *x, struct MHD_Connection *connection, const char *method) {
        x->has_headers = true;
        x->call.request.method = xstrdup(method);
        (void) MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, x);
}

static void read_body(Exchange *x, const char *data, size_t *n) {
        if (x->call.request.body.n + *n > BODY_MAX)
                x->too_large = true;
        else
                buffer_append(&x->call.request.body, data, *n);
        *n = 0;
}

static enum MHD_Result on_api(void *userdata,
                struct MHD_Connection *connection,
                const char *url,
                const char *method,
                const char *version,
                const char *data,
                size_t *n_data,
                void **exchange) {
        Exchange *x = *exchange;

        (void) userdata;
        (void) url;
        (void) version;
        if (!x->has_headers) {
                read_headers(x, connection, method);
                return MHD_YES;
        }
        if (x->stage == STAGE_READING && *n_data > 0) {
                read_body(x, data, n_data);
                return MHD_YES;
        }

        return x->stage == STAGE_READING ? exchange_begin(x) : exchange_continue(x);
}

static enum MHD_Result answer_control(Exchange *x) {
        _cleanup_(pairs_done) Pairs query = { 0 };
        const HttpRequest *request = &x->call.request;
        struct MHD_Response *response;
        Buffer out = { 0 };
        enum MHD_Result r;
        unsigned status;

        pairs_parse_form(&query, request->query, true);
        status = x->too_large ? 413
                              : control_run(x->simulator, request->method, request->path, &query,
                                              &request->body, &out);
        buffer_text(&out, "\n");

        response = MHD_create_response_from_buffer(out.n, out.data, MHD_RESPMEM_MUST_FREE);
        if (!response) {
                buffer_done(&out);
                return MHD_NO;
        }
        (void) MHD_add_response_header(response, "Content-Type", "application/json");
        r = MHD_queue_response(x->connection, status, response);
        MHD_destroy_response(response);
        return r;
}

static void *on_control_request(void *userdata,
                const char *target,
                struct MHD_Connection *connection) {
        Exchange *x = xcalloc(1, sizeof(*x));

        *x = (Exchange){ .simulator = userdata, .connection = connection };
        http_request_set_target(&x->call.request, target);
        return x;
}

static void on_control_completed(void *userdata,
                struct MHD_Connection *connection,
                void **exchange,
                enum MHD_RequestTerminationCode why) {
        Exchange *x = *exchange;

        (void) userdata;
        (void) connection;
        (void) why;
        if (!x)
                return;
        call_done(&x->call);
        free(x);
        *exchange = NULL;
}

static enum MHD_Result on_control(void *userdata,
                struct MHD_Connection *connection,
                const char *url,
                const char *method,
                const char *version,
                const char *data,
                size_t *n_data,
                void **exchange) {
        Exchange *x = *exchange;

        (void) userdata;
        (void) url;
        (void) version;
        if (!x->has_headers) {
                read_headers(x, connection, method);
                return MHD_YES;
        }
        if (*n_data > 0) {
                read_body(x, data, n_data);
                return MHD_YES;
        }
        return answer_control(x);
}

/* Loopback only: what is simulated here must not be mistaken for a service. */
static struct sockaddr_in loopback(unsigned port) {
        return (struct sockaddr_in){
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) port),
                .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
        };
}

int server_start(Simulator *s, unsigned api_port, unsigned control_port) {
        const unsigned flags =
                        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
        struct sockaddr_in api = loopback(api_port), control = loopback(control_port);

        s->api = MHD_start_daemon(flags, (uint16_t) api_port, NULL, NULL, on_api, s,
                        MHD_OPTION_SOCK_ADDR, &api, MHD_OPTION_URI_LOG_CALLBACK, on_request, s,
                        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
                        on_connection, s, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_MEMORY,
                        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_LISTEN_BACKLOG_SIZE,
                        1024u, MHD_OPTION_END);
        s->control = MHD_start_daemon(flags, (uint16_t) control_port, NULL, NULL, on_control, s,
                        MHD_OPTION_SOCK_ADDR, &control, MHD_OPTION_URI_LOG_CALLBACK,
                        on_control_request, s, MHD_OPTION_NOTIFY_COMPLETED, on_control_completed, s,
                        MHD_OPTION_END);
        return s->api && s->control ? 0 : -EADDRINUSE;
}

unsigned server_port(struct MHD_Daemon *daemon) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);

        return info ? info->port : 0;
}

static int epoll_fd(struct MHD_Daemon *daemon) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);

        return info ? info->epoll_fd : -EBADF;
}

static int poll_timeout(const Simulator *s) {
        struct MHD_Daemon *daemons[] = { s->api, s->control };
        usec_t now = time_monotonic(), timeout = s->waiting ? PEER_CHECK_MSEC : -1;

        for (const Exchange *x = s->waiting; x; x = x->next)
                if (x->due < INT64_MAX) {
                        usec_t left = x->due > now ? (x->due - now + 999) / 1000 : 0;

                        timeout = MIN_OF(timeout, left);
                }
        for (size_t i = 0; i < ELEMENTS(daemons); i++) {
                MHD_UNSIGNED_LONG_LONG wanted;

                if (MHD_get_timeout(daemons[i], &wanted) == MHD_YES
                                && (timeout < 0 || wanted < (MHD_UNSIGNED_LONG_LONG) timeout))
                        timeout = (usec_t) MIN_OF(wanted, 60000u);
        }
        return (int) timeout;
}

static bool at_eof(int fd) {
        char bytes[256];

        return read(fd, bytes, sizeof(bytes)) == 0;
}

int server_run(Simulator *s) {
        struct pollfd fds[] = {
                { .fd = epoll_fd(s->api), .events = POLLIN },
                { .fd = epoll_fd(s->control), .events = POLLIN },
                { .fd = s->stop_fd, .events = POLLIN },
                { .fd = s->exit_on_eof ? STDIN_FILENO : -1, .events = POLLIN },
        };

        for (;;) {
                if (poll(fds, ELEMENTS(fds), poll_timeout(s)) < 0 && errno != EINTR)
                        return -errno;
                if (fds[2].revents || (fds[3].revents && at_eof(STDIN_FILENO)))
                        return 0;

                exchanges_wake(s, false);
                (void) MHD_run(s->api);
                (void) MHD_run(s->control);
        }
}

/* Suspended connections have to be let go before their daemon may stop. */
void server_stop(Simulator *s) {
        if (s->api) {
                exchanges_wake(s, true);
                (void) MHD_run(s->api);
                exchanges_wake(s, true);
                MHD_stop_daemon(s->api);
        }
        if (s->control)
                MHD_stop_daemon(s->control);
        s->api = s->control = NULL;
}
