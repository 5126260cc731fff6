#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An HTTP server that does as a test says
 *
 * On a loopback port, in the event loop of the test: what it answers, and whether it answers at
 * all, is decided by one function, which sees each request whole.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

typedef enum AnswerKind {
        ANSWER_SEND,
        ANSWER_CLOSE, /* the request is read, and the connection closed */
        ANSWER_RESET, /* likewise, with a reset */
        ANSWER_HANG, /* nothing, for ever */
} AnswerKind;

typedef struct ScriptAnswer {
        AnswerKind kind;
        int status; /* 0: 200 */
        const char *headers; /* further lines, each ending in \r\n; NULL: none */
        const char *body; /* NULL: none */
        size_t body_length; /* 0: strlen(body) */
        size_t cut; /* send only so many bytes of the body, then close; 0: all */
        unsigned delay_msec;
        bool close; /* the connection, after the answer */
} ScriptAnswer;

typedef struct ScriptRequest {
        char method[16], target[2048];
        const char *headers; /* all lines, without the request line */
        const char *body;
        size_t body_length;
        unsigned connection; /* counted from 0 */
} ScriptRequest;

typedef void (*ScriptHandler)(const ScriptRequest *request, ScriptAnswer *answer, void *userdata);

typedef struct ScriptServer ScriptServer;

int script_server_new(sd_event *event, ScriptHandler handler, void *userdata, ScriptServer **ret);
ScriptServer *script_server_free(ScriptServer *server);

uint16_t script_server_port(const ScriptServer *server);

/* From now on connections are refused; those there are go on. */
void script_server_stop_listening(ScriptServer *server);

/* The most requests that were being answered at one time, and the connections taken so far. */
unsigned script_server_most_busy(const ScriptServer *server);
unsigned script_server_connections(const ScriptServer *server);

/* The value of a request's header as a new string, or NULL. */
char *script_header(const ScriptRequest *request, const char *name);
