/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An exchange: a request of the AWS API, what becomes of it, and the answer
 *
 * Here faults meet the network. A connection that has to wait is suspended, and its exchange is
 * kept in a list that the loop looks at; all others go on.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange.h"

static void exchange_wait(Exchange *x, Stage stage, usec_t due) {
        Simulator *s = x->simulator;

        x->stage = stage;
        x->due = due;
        x->is_waiting = true;
        x->previous = NULL;
        x->next = s->waiting;
        if (s->waiting)
                s->waiting->previous = x;
        s->waiting = x;
        MHD_suspend_connection(x->connection);
}

void exchange_unlink(Exchange *x) {
        if (!x->is_waiting)
                return;
        if (x->previous)
                x->previous->next = x->next;
        else
                x->simulator->waiting = x->next;
        if (x->next)
                x->next->previous = x->previous;
        x->is_waiting = false;
}

static void exchange_resume(Exchange *x) {
        exchange_unlink(x);
        MHD_resume_connection(x->connection);
}

static int exchange_fd(const Exchange *x) {
        const union MHD_ConnectionInfo *info =
                        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

        return info ? (int) info->connect_fd : -EBADF;
}

static bool peer_is_gone(const Exchange *x) {
        char byte;
        ssize_t n = recv(exchange_fd(x), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Aborts on the TCP level: the client sees a reset, not an orderly end. */
static enum MHD_Result drop(Exchange *x, bool plain) {
        if (!plain)
                (void) connect(exchange_fd(x), &(struct sockaddr){ .sa_family = AF_UNSPEC },
                                sizeof(struct sockaddr));
        return MHD_NO;
}

/* A body of which only a part will ever come, or one too long to keep in memory. */
typedef struct Stream {
        char *data;
        size_t n;
        bool is_endless; /* the data over and over again, as long as the announced length */
} Stream;

static ssize_t on_stream(void *userdata, uint64_t position, char *to, size_t max) {
        const Stream *stream = userdata;
        size_t n = 0;

        if (!stream->is_endless) {
                if (position >= stream->n)
                        return MHD_CONTENT_READER_END_WITH_ERROR;
                n = MIN_OF(max, stream->n - (size_t) position);
                memcpy(to, stream->data + position, n);
                return (ssize_t) n;
        }

        for (; n < max; n++)
                to[n] = stream->data[(position + n) % stream->n];
        return (ssize_t) n;
}

static void on_stream_done(void *userdata) {
        Stream *stream = userdata;

        free(stream->data);
        free(stream);
}

static struct MHD_Response *stream_response(Exchange *x,
                size_t n,
                uint64_t announced,
                bool is_endless) {
        Stream *stream = xcalloc(1, sizeof(*stream));

        *stream = (Stream){ .data = x->call.answer.body.data, .n = n, .is_endless = is_endless };
        x->call.answer.body = (Buffer){ 0 };
        return MHD_create_response_from_callback(
                        announced, 65536, on_stream, stream, on_stream_done);
}

static struct MHD_Response *make_response(Exchange *x) {
        Buffer *b = &x->call.answer.body;
        const Fault *fault = x->fault;
        struct MHD_Response *response;

        if (b->n == 0)
                buffer_text(b, "");
        if (fault && fault->kind == FAULT_TRUNCATE && b->n > 1)
                return stream_response(x, b->n / 2, b->n, false);
        if (fault && fault->kind == FAULT_BODY && fault->repeat > 0) {
                if (b->n == 0)
                        buffer_text(b, " ");
                return stream_response(x, b->n, fault->repeat, true);
        }

        response = MHD_create_response_from_buffer(b->n, b->data, MHD_RESPMEM_MUST_FREE);
        if (response)
                *b = (Buffer){ 0 };
        return response;
}

static void add_headers(const Exchange *x, struct MHD_Response *response) {
        const Answer *a = &x->call.answer;
        usec_t skew = x->fault && x->fault->kind == FAULT_SKEW
                        ? usec_from_seconds(x->fault->seconds)
                        : 0;
        char date[64];

        time_format(time_wall() + skew, TIME_HTTP, date, sizeof(date));
        (void) MHD_add_response_header(response, "Date", date);
        (void) MHD_add_response_header(response, "x-amzn-requestid", x->call.request_id);
        (void) MHD_add_response_header(response, "Content-Type",
                        a->content_type ? a->content_type : "application/json");
        for (size_t i = 0; i < a->headers.n; i++)
                (void) MHD_add_response_header(
                                response, a->headers.items[i].name, a->headers.items[i].value);
}

static enum MHD_Result send_answer(Exchange *x) {
        unsigned status = x->call.answer.status;
        struct MHD_Response *response = make_response(x);
        enum MHD_Result r;

        if (!response)
                return MHD_NO;
        add_headers(x, response);
        r = MHD_queue_response(x->connection, status, response);
        MHD_destroy_response(response);
        return r;
}

/* What a skewed clock makes of a signing time that is right on the client's. */
static void skew_code(Exchange *x) {
        Call *c = &x->call;

        if (!x->fault->code || !c->answer.code || !strstr(c->answer.code, "Signature"))
                return;
        call_fail(c,
                        &(Problem){
                                        .status = x->fault->status > 0 ? x->fault->status : 403,
                                        .code = x->fault->code,
                                        .message = "The difference between the request time and "
                                                   "the current time is too large.",
                        });
}

static void process(Exchange *x) {
        Call *c = &x->call;
        bool replaced = x->fault && fault_replaces_call(x->fault);

        c->wall = time_wall();
        if (x->fault && x->fault->kind == FAULT_SKEW)
                c->wall += usec_from_seconds(x->fault->seconds);

        if (x->too_large)
                call_fail(c,
                                &(Problem){
                                                .status = 413,
                                                .code = "RequestEntityTooLargeException",
                                                .message = "Request size exceeds the limit.",
                                });
        else if (!replaced)
                call_run(c);

        if (x->fault && x->fault->kind == FAULT_SKEW)
                skew_code(x);
        if (x->fault)
                fault_apply(x->fault, c);
}

static usec_t send_delay(const Exchange *x) {
        usec_t delay = usec_from_seconds(x->simulator->world.settings.latency);

        if (x->fault && x->fault->kind == FAULT_DELAY && x->fault->after)
                delay += usec_from_seconds(x->fault->seconds);
        return delay;
}

static enum MHD_Result process_and_send(Exchange *x) {
        const Fault *fault = x->fault;
        bool silent = fault && (fault->kind == FAULT_RESET || fault->kind == FAULT_HANG);

        process(x);
        journal_add(&x->simulator->journal, &x->call, fault, silent ? 0 : x->call.answer.status);

        if (silent && fault->kind == FAULT_RESET)
                return drop(x, fault->plain);
        if (silent) {
                exchange_wait(x, STAGE_DROP, INT64_MAX);
                return MHD_YES;
        }
        if (send_delay(x) > 0) {
                exchange_wait(x, STAGE_SEND, time_monotonic() + send_delay(x));
                return MHD_YES;
        }
        return send_answer(x);
}

enum MHD_Result exchange_begin(Exchange *x) {
        Simulator *s = x->simulator;

        call_parse(&x->call);
        x->fault = faults_match(&s->faults, &x->call);
        if (x->fault && x->fault->kind == FAULT_DELAY && !x->fault->after) {
                exchange_wait(x, STAGE_PROCESS,
                                time_monotonic() + usec_from_seconds(x->fault->seconds));
                return MHD_YES;
        }
        return process_and_send(x);
}

enum MHD_Result exchange_continue(Exchange *x) {
        switch (x->stage) {
        case STAGE_PROCESS:
                return process_and_send(x);
        case STAGE_SEND:
                return send_answer(x);
        case STAGE_READING:
        case STAGE_DROP:
                break;
        }
        return MHD_NO;
}

void exchanges_wake(Simulator *s, bool all) {
        usec_t now = time_monotonic();
        Exchange *next;

        for (Exchange *x = s->waiting; x; x = next) {
                next = x->next;
                if (all || (x->stage == STAGE_DROP && peer_is_gone(x))) {
                        x->stage = STAGE_DROP;
                        exchange_resume(x);
                } else if (x->due <= now)
                        exchange_resume(x);
        }
}
