/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials of a container: ECS tasks, EKS pod identities, Greengrass
 *
 * One GET, with a token of the environment or of a file. The file changes while we run (EKS writes
 * it anew every day), so that it is read for each question.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/container-token.h"
#include "aws/container-uri.h"
#include "aws/credentials-source.h"
#include "aws/metadata-answer.h"
#include "aws/question.h"
#include "util/file.h"
#include "util/mem.h"

#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"

/* A token of EKS is less than 4 KiB. */
#define TOKEN_MAX ((size_t) 64 * 1024)

/* On the host, or not at all; the SDKs' numbers. */
#define CONNECT_TIMEOUT_SEC 1
#define TIMEOUT_SEC         2

typedef struct ContainerProvider {
        CredentialsProvider provider;
        const CredentialsContext *context;
        Question *question;
        Buffer url, host;
        Buffer authorization; /* the header's line; wiped */
        Buffer user_agent;
        const char *headers[4];
        CredentialsCallback callback;
        void *userdata;
} ContainerProvider;

static void forget(ContainerProvider *container) {
        buffer_wipe(&container->authorization);
        buffer_clear(&container->url);
        buffer_clear(&container->host);
        buffer_clear(&container->user_agent);
}

static int read_token_file(ContainerProvider *container, const char *path, Buffer *ret_why) {
        _cleanup_(buffer_wipe) Buffer token = { 0 };
        int r;

        r = file_read(path, TOKEN_MAX, &token, NULL);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                r = buffer_addf(ret_why, "%s: cannot read '%s': %s", TOKEN_FILE, path,
                                r == -EFBIG ? "it is larger than 64 KiB; want a token alone"
                                            : strerror(-r));
                return r < 0 ? r : -EINVAL;
        }
        return container_token_header(buffer_text(&token), token.length, TOKEN_FILE,
                        &container->authorization, ret_why);
}

static int find_token(ContainerProvider *container, Buffer *ret_why) {
        const Environment *environment = container->context->environment;
        const char *file = environment_text(environment, TOKEN_FILE),
                   *token = environment_text(environment, TOKEN);

        if (file)
                return read_token_file(container, file, ret_why);
        if (!token)
                return 0;
        return container_token_header(
                        token, strlen(token), TOKEN, &container->authorization, ret_why);
}

static int set_up(ContainerProvider *container, Buffer *ret_why) {
        const CredentialsContext *context = container->context;
        size_t n = 0;
        int r;

        r = container_uri(context->environment, &container->url, &container->host, ret_why);
        if (r >= 0)
                r = find_token(container, ret_why);
        if (r >= 0 && context->user_agent)
                r = buffer_addf(&container->user_agent, "User-Agent: %s", context->user_agent);
        if (r < 0)
                return r;

        container->headers[n++] = "Accept: application/json";
        if (container->user_agent.length > 0)
                container->headers[n++] = buffer_text(&container->user_agent);
        if (container->authorization.length > 0)
                container->headers[n++] = buffer_text(&container->authorization);
        container->headers[n] = NULL;
        return 0;
}

static int on_prepare(HttpRequest *request, void *userdata) {
        ContainerProvider *container = userdata;

        request->method = "GET";
        request->url = buffer_text(&container->url);
        request->headers = container->headers;
        request->plain = HTTP_PLAIN_METADATA;
        request->no_proxy = true;
        request->ca_bundle = container->context->ca_bundle;
        request->connect_timeout_sec = CONNECT_TIMEOUT_SEC;
        request->timeout_sec = TIMEOUT_SEC;
        return 0;
}

/* One line: who was asked, and what came. */
static int read_answer(ContainerProvider *container,
                const HttpAnswer *answer,
                Credentials *ret,
                Buffer *ret_why) {
        _cleanup_buffer_ Buffer origin = { 0 }, why = { 0 };
        int r, q;

        r = buffer_addf(&origin, "the container's endpoint %s", buffer_text(&container->host));
        if (r >= 0)
                r = metadata_credentials(answer, buffer_text(&origin), ret, &why);
        if (r >= 0 || r == -ENOMEM)
                return r;

        q = buffer_addf(ret_why, "%s: %s", buffer_text(&origin), buffer_text(&why));
        return q < 0 ? q : r;
}

/* The provider may be gone when this returns. */
static void finish(ContainerProvider *container, int r, Credentials *credentials, const char *why) {
        forget(container);
        container->callback(r, r < 0 ? NULL : credentials,
                        r == -ENOMEM            ? "out of memory"
                                        : r < 0 ? why
                                                : NULL,
                        container->userdata);
}

static void on_answered(const HttpAnswer *answer, void *userdata) {
        ContainerProvider *container = userdata;
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        container->question = question_free(container->question);
        r = read_answer(container, answer, &credentials, &why);
        finish(container, r, &credentials, buffer_text(&why));
}

static int container_fetch(CredentialsProvider *provider,
                CredentialsCallback callback,
                void *userdata) {
        ContainerProvider *container = (ContainerProvider *) provider;
        QuestionOptions options = {
                .context = container->context,
                .prepare = on_prepare,
                .classify = metadata_classify,
                .answered = on_answered,
                .userdata = container,
        };
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        container->callback = callback;
        container->userdata = userdata;

        r = set_up(container, &why);
        if (r >= 0)
                r = question_new(&options, &container->question);
        if (r < 0)
                finish(container, r, NULL, why.length > 0 ? buffer_text(&why) : strerror(-r));
        return 0;
}

static void container_free(CredentialsProvider *provider) {
        ContainerProvider *container = (ContainerProvider *) provider;

        (void) question_free(container->question);
        buffer_wipe(&container->authorization);
        buffer_done(&container->url);
        buffer_done(&container->host);
        buffer_done(&container->user_agent);
        free(container);
}

int credentials_container_new(const CredentialsContext *context, CredentialsProvider **ret) {
        ContainerProvider *container;

        assert(context && ret);

        container = malloc(sizeof(*container));
        if (!container)
                return -ENOMEM;
        *container = (ContainerProvider){
                .provider = { .name = "container",
                                .fetch = container_fetch,
                                .free = container_free },
                .context = context,
        };

        *ret = &container->provider;
        return 0;
}
