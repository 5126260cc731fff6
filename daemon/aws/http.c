/* SPDX-License-Identifier: Apache-2.0 */

/*
 * HTTP: libcurl's multi interface on sd-event
 *
 * libcurl says which sockets and which one timer it waits for; sd-event waits, and says when. What
 * matters beyond that is a single question, asked of every failure: may the request have been
 * processed? libcurl answers it in one place only, the callback that it runs on a connection which
 * is ready, right before the first byte of the request.
 */

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "aws/http-answer.h"
#include "aws/http-error.h"
#include "aws/http-options.h"
#include "aws/http-sockets.h"
#include "aws/http.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

/* Several sources, each with its concurrency, keep their connections from one pass to the next. */
#define CONNECTIONS_MAX 128L

/* Handles kept for the next calls; each holds a TLS session to resume. */
#define IDLE_MAX 32

/* All headers of one answer; Audit Manager sends less than one KiB. */
#define HEADERS_MAX ((size_t) 64 * 1024)

/*
 * Debian's libcurl speaks TLS with OpenSSL, and brings GnuTLS along for protocols that are not
 * used here. This asks GnuTLS not to get ready when it is loaded, as its GNUTLS_SKIP_GLOBAL_INIT
 * does: 0.8 million instructions of each start, and 0.7 MB for as long as the process lives.
 */
int _gnutls_global_init_skip(void);

int _gnutls_global_init_skip(void) {
        return 1;
}

struct HttpClient {
        sd_event *event;
        CURLM *multi;
        HttpSockets *sockets;
        sd_event_source *timer;
        sd_event_source *broken; /* deferred: ends the calls that lost their sockets */
        sd_event_source *stalled; /* deferred: has calls go on to the next address */
        HttpCall *calls;
        CURL *idle[IDLE_MAX];
        size_t n_idle;
        HttpStandIn stand_in; /* NULL: the network */
        void *stand_in_userdata;
};

struct HttpCall {
        HttpClient *client;
        HttpCall *previous, *next;
        CURL *easy; /* NULL once it has ended */
        sd_event_source *stood_in; /* deferred: an answer that is there already */
        bool running;
        bool broken;
        bool stalled; /* it waits for no socket, and is not connected yet */
        bool out_of_memory;
        bool connected; /* the request may have begun to leave */
        bool never_resend;
        struct curl_slist *headers;
        size_t header_bytes;
        HttpCallback callback;
        void *userdata;
        HttpAnswer answer;
        char error[CURL_ERROR_SIZE];
};

/*
 * What libcurl calls for one transfer. None of these may end a call: libcurl is on the stack.
 */

static size_t on_header(char *line, size_t size, size_t n, void *userdata) {
        HttpCall *call = userdata;

        n *= size;
        call->header_bytes += n;
        if (call->header_bytes > HEADERS_MAX) {
                call->answer.too_large = true;
                return 0;
        }

        /* An interim answer (1xx) has headers of its own, which say nothing about the real one. */
        if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {
                http_answer_forget_headers(&call->answer);
                return n;
        }
        if (http_answer_keep_header(&call->answer, line, n) < 0) {
                call->out_of_memory = true;
                return 0;
        }
        return n;
}

static size_t on_body(char *data, size_t size, size_t n, void *userdata) {
        HttpCall *call = userdata;
        int r;

        r = buffer_append(&call->answer.body, data, size * n);
        if (r < 0) {
                call->answer.too_large = r == -EFBIG;
                call->out_of_memory = r != -EFBIG;
                return 0;
        }
        return size * n;
}

/*
 * When a connection that was used before turns out dead, libcurl sends the request again on a new
 * one, in silence, although the server may have processed the first (7.88.1 to date). It asks here
 * before each time; a second time that is refused ends the call, which is the truth: nobody knows.
 */
static int on_connected(void *userdata,
                char *remote _unused_,
                char *local _unused_,
                int remote_port _unused_,
                int local_port _unused_) {
        HttpCall *call = userdata;

        if (call->connected && call->never_resend)
                return CURL_PREREQFUNC_ABORT;
        call->connected = true;
        return CURL_PREREQFUNC_OK;
}

/* libcurl 7.88 does not close its sockets on exec; programs that we start must not inherit them. */
static curl_socket_t on_open_socket(void *userdata _unused_,
                curlsocktype purpose _unused_,
                struct curl_sockaddr *address) {
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int set_callbacks(HttpCall *call) {
        HttpOptions options = { .easy = call->easy };

        HTTP_OPTION(&options, CURLOPT_PRIVATE, (void *) call);
        HTTP_OPTION(&options, CURLOPT_ERRORBUFFER, call->error);
        HTTP_OPTION(&options, CURLOPT_HTTPHEADER, call->headers);
        HTTP_OPTION(&options, CURLOPT_HEADERFUNCTION, on_header);
        HTTP_OPTION(&options, CURLOPT_HEADERDATA, (void *) call);
        HTTP_OPTION(&options, CURLOPT_WRITEFUNCTION, on_body);
        HTTP_OPTION(&options, CURLOPT_WRITEDATA, (void *) call);
        HTTP_OPTION(&options, CURLOPT_PREREQFUNCTION, on_connected);
        HTTP_OPTION(&options, CURLOPT_PREREQDATA, (void *) call);
        HTTP_OPTION(&options, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);

        if (options.failed == CURLE_OUT_OF_MEMORY)
                return -ENOMEM;
        return options.failed == CURLE_OK ? 0 : -EOPNOTSUPP;
}

/*
 * The end of a call.
 */

/*
 * Takes the transfer away from libcurl; a connection in the middle of one is closed by that. A
 * handle is kept only after a good end: on one that has failed early libcurl 7.88 still holds a
 * buffer, and refuses its size for the next transfer.
 */
static void call_detach(HttpCall *call, bool is_good) {
        HttpClient *client = call->client;

        if (!call->easy)
                return;
        if (call->running)
                (void) curl_multi_remove_handle(client->multi, call->easy);
        call->running = false;

        if (is_good && client->n_idle < IDLE_MAX) {
                curl_easy_reset(call->easy);
                client->idle[client->n_idle++] = call->easy;
        } else
                curl_easy_cleanup(call->easy);
        call->easy = NULL;
}

static TransportError transport_error(CURLcode code) {
        if (code == CURLE_OK)
                return TRANSPORT_OK;
        return code == CURLE_OPERATION_TIMEDOUT ? TRANSPORT_TIMEOUT : TRANSPORT_CONNECTION;
}

static void say_too_large(HttpCall *call) {
        HttpAnswer *answer = &call->answer;
        bool is_headers = call->header_bytes > HEADERS_MAX;
        char text[64];

        (void) snprintf(text, sizeof(text), "more than %zu KiB%s",
                        (is_headers ? HEADERS_MAX : answer->body.limit) / 1024,
                        is_headers ? " of headers" : "");
        answer->failure = http_error_describe(call->easy, CURLE_FILESIZE_EXCEEDED, text,
                        call->connected, answer->why, sizeof(answer->why));
}

static void answer_fill(HttpCall *call, CURLcode code) {
        HttpAnswer *answer = &call->answer;
        const char *peer = NULL;
        long status = 0;

        (void) curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_IP, &peer);
        (void) snprintf(answer->peer, sizeof(answer->peer), "%s", peer ? peer : "");
        (void) curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        answer->status = (int) status;
        if (code == CURLE_FILESIZE_EXCEEDED)
                answer->too_large = true;

        if (answer->too_large) {
                say_too_large(call);
                return;
        }
        answer->transport = transport_error(code);
        if (answer->transport == TRANSPORT_OK)
                return;

        answer->unsent = !call->connected;
        answer->failure = http_error_describe(call->easy,
                        call->out_of_memory ? CURLE_OUT_OF_MEMORY : code, call->error,
                        call->connected, answer->why, sizeof(answer->why));
}

static void call_finish(HttpCall *call, CURLcode code) {
        answer_fill(call, code);
        call_detach(call, code == CURLE_OK);
        /* The call may be gone when this returns. */
        call->callback(call, &call->answer, call->userdata);
}

static void client_collect(HttpClient *client) {
        CURLMsg *message;
        int left;

        while ((message = curl_multi_info_read(client->multi, &left))) {
                CURLcode code = message->data.result;
                char *userdata = NULL;

                if (message->msg != CURLMSG_DONE)
                        continue;
                (void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &userdata);
                call_finish((HttpCall *) (void *) userdata, code);
        }
}

/* What can no longer be waited for ends here, from the event loop, instead of at its timeout. */
static int on_broken(sd_event_source *source _unused_, void *userdata) {
        HttpClient *client = userdata;

        for (HttpCall *call = client->calls; call;) {
                if (!call->broken || !call->easy) {
                        call = call->next;
                        continue;
                }
                call_finish(call, CURLE_OUT_OF_MEMORY);
                call = client->calls;
        }
        return 0;
}

static void client_break(HttpClient *client, CURL *only) {
        for (HttpCall *call = client->calls; call; call = call->next)
                if (call->easy && (!only || call->easy == only))
                        call->broken = true;
        (void) sd_event_source_set_enabled(client->broken, SD_EVENT_ONESHOT);
}

/*
 * libcurl 7.88 goes on to the next address of a name when the transfer runs again, and nothing
 * tells it to: a refused connection would wait for the next timer of all, for seconds, and the
 * address behind it would be given up before it was asked.
 */
static int on_stalled(sd_event_source *source _unused_, void *userdata) {
        HttpClient *client = userdata;

        for (HttpCall *call = client->calls; call; call = call->next) {
                if (!call->stalled || !call->easy)
                        continue;
                call->stalled = false;
                /* The change of mind is what makes it run, at once, whatever it waits for. */
                (void) curl_easy_pause(call->easy, CURLPAUSE_RECV);
                (void) curl_easy_pause(call->easy, CURLPAUSE_CONT);
        }
        return 0;
}

/* libcurl closes idle connections by a handle of its own, which is nobody's call. */
static void client_note_stall(HttpClient *client, CURL *easy, bool lost_its_socket) {
        char *userdata = NULL;
        HttpCall *call;

        (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, &userdata);
        call = (HttpCall *) (void *) userdata;
        if (!call || !call->running || call->connected)
                return;

        call->stalled = lost_its_socket;
        if (lost_its_socket)
                (void) sd_event_source_set_enabled(client->stalled, SD_EVENT_ONESHOT);
}

/*
 * Between libcurl and sd-event.
 */

static void client_act(HttpClient *client, curl_socket_t fd, int events) {
        int running;

        if (curl_multi_socket_action(client->multi, fd, events, &running) != CURLM_OK)
                client_break(client, NULL);
        client_collect(client);
}

static void on_io(int fd, uint32_t revents, void *userdata) {
        int events = 0;

        if (revents & EPOLLIN)
                events |= CURL_CSELECT_IN;
        if (revents & EPOLLOUT)
                events |= CURL_CSELECT_OUT;
        if (revents & (EPOLLERR | EPOLLHUP))
                events |= CURL_CSELECT_ERR;
        client_act(userdata, fd, events);
}

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        client_act(userdata, CURL_SOCKET_TIMEOUT, 0);
        return 0;
}

/* What libcurl keeps for us beside a socket says that it is waited for. Answering -1 would end the
 * multi handle for good. */
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *assigned) {
        HttpClient *client = userdata;
        uint32_t events = 0;

        client_note_stall(client, easy, what == CURL_POLL_REMOVE);
        if (what == CURL_POLL_REMOVE) {
                http_sockets_forget(client->sockets, fd);
                return 0;
        }

        if (what & CURL_POLL_IN)
                events |= EPOLLIN;
        if (what & CURL_POLL_OUT)
                events |= EPOLLOUT;
        if (http_sockets_watch(client->sockets, fd, events, !assigned) < 0)
                client_break(client, easy);
        else if (!assigned)
                (void) curl_multi_assign(client->multi, fd, client);
        return 0;
}

static int on_curl_timer(CURLM *multi _unused_, long timeout_msec, void *userdata) {
        HttpClient *client = userdata;

        if (timeout_msec < 0)
                (void) sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
        else {
                /* What is to be done at once does not wait for the timer's accuracy. */
                if (timeout_msec == 0)
                        (void) sd_event_source_set_time(client->timer, 0);
                else
                        (void) sd_event_source_set_time_relative(
                                        client->timer, (uint64_t) timeout_msec * USEC_PER_MSEC);
                (void) sd_event_source_set_enabled(client->timer, SD_EVENT_ONESHOT);
        }
        return 0;
}

static int client_set_options(HttpClient *client) {
        CURLM *multi = client->multi;
        CURLMcode code;

        code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
        if (code == CURLM_OK)
                code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
        if (code == CURLM_OK)
                code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
        if (code == CURLM_OK)
                code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
        if (code == CURLM_OK)
                code = curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
        if (code == CURLM_OK)
                code = curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
        return code == CURLM_OK ? 0 : -EOPNOTSUPP;
}

int http_client_new(sd_event *event, HttpClient **ret) {
        _cleanup_(http_client_freep) HttpClient *client = NULL;
        int r;

        assert(event && ret);

        /* libcurl reads it in curl_global_init(), and never again. */
        if (unsetenv("SSLKEYLOGFILE") < 0)
                return -errno;
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return -ENOMEM;
        client = calloc(1, sizeof(*client));
        if (!client) {
                curl_global_cleanup();
                return -ENOMEM;
        }
        client->event = sd_event_ref(event);

        client->multi = curl_multi_init();
        if (!client->multi)
                return -ENOMEM;
        r = http_sockets_new(event, on_io, client, &client->sockets);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &client->timer, CLOCK_MONOTONIC, 0,
                                USEC_PER_MSEC, on_timer, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(event, &client->broken, on_broken, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->broken, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(event, &client->stalled, on_stalled, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->stalled, SD_EVENT_OFF);
        if (r >= 0)
                r = client_set_options(client);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(client);
        return 0;
}

HttpClient *http_client_free(HttpClient *client) {
        if (!client)
                return NULL;
        assert(!client->calls);

        for (size_t i = 0; i < client->n_idle; i++)
                curl_easy_cleanup(client->idle[i]);
        if (client->multi)
                (void) curl_multi_cleanup(client->multi);
        client->sockets = http_sockets_free(client->sockets);
        (void) sd_event_source_disable_unref(client->timer);
        (void) sd_event_source_disable_unref(client->broken);
        (void) sd_event_source_disable_unref(client->stalled);
        (void) sd_event_unref(client->event);
        free(client);
        curl_global_cleanup();
        return NULL;
}

const char *http_library_version(void) {
        return curl_version_info(CURLVERSION_NOW)->version;
}

/*
 * Calls.
 */

static void call_link(HttpCall *call) {
        HttpClient *client = call->client;

        call->next = client->calls;
        if (call->next)
                call->next->previous = call;
        client->calls = call;
}

static void call_unlink(HttpCall *call) {
        if (call->previous)
                call->previous->next = call->next;
        else
                call->client->calls = call->next;
        if (call->next)
                call->next->previous = call->previous;
}

static int on_stood_in(sd_event_source *source _unused_, void *userdata) {
        HttpCall *call = userdata;

        call->callback(call, &call->answer, call->userdata);
        return 0;
}

static int stand_in(HttpCall *call, const HttpRequest *request) {
        HttpClient *client = call->client;
        int r;

        r = client->stand_in(request, &call->answer, client->stand_in_userdata);
        if (r < 0)
                return r;
        call->connected = !call->answer.unsent;
        return sd_event_add_defer(client->event, &call->stood_in, on_stood_in, call);
}

void http_client_set_stand_in(HttpClient *client, HttpStandIn answer, void *userdata) {
        client->stand_in = answer;
        client->stand_in_userdata = userdata;
}

int http_call_new(HttpClient *client,
                const HttpRequest *request,
                HttpCallback callback,
                void *userdata,
                HttpCall **ret) {
        _cleanup_(http_call_freep) HttpCall *call = NULL;
        int r;

        assert(client && request && callback && ret);

        call = malloc(sizeof(*call));
        if (!call)
                return -ENOMEM;
        *call = (HttpCall){
                .client = client,
                .never_resend = request->never_resend,
                .callback = callback,
                .userdata = userdata,
                .answer.body.limit =
                                request->answer_max > 0 ? request->answer_max : HTTP_ANSWER_MAX,
        };
        call_link(call);

        if (client->stand_in) {
                r = stand_in(call, request);
                if (r >= 0)
                        *ret = TAKE_PTR(call);
                return r;
        }

        call->easy = client->n_idle > 0 ? client->idle[--client->n_idle] : curl_easy_init();
        if (!call->easy)
                return -ENOMEM;
        r = http_headers_copy(request->headers, &call->headers);
        if (r >= 0)
                r = http_options_set(call->easy, request);
        if (r >= 0)
                r = set_callbacks(call);
        if (r < 0)
                return r;

        if (curl_multi_add_handle(client->multi, call->easy) != CURLM_OK)
                return -ENOMEM;
        call->running = true;

        *ret = TAKE_PTR(call);
        return 0;
}

HttpCall *http_call_free(HttpCall *call) {
        if (!call)
                return NULL;

        call_detach(call, false);
        call_unlink(call);
        (void) sd_event_source_disable_unref(call->stood_in);
        http_headers_free(call->headers);
        http_answer_forget_headers(&call->answer);
        buffer_wipe(&call->answer.body); /* credentials, perhaps */
        free(call);
        return NULL;
}

bool http_call_may_have_been_sent(const HttpCall *call) {
        return call->connected;
}
