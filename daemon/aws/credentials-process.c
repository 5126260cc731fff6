/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Credentials that a program prints
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 *
 * The command is the operator's, and is run as it stands there: nothing of it is read by a shell.
 * Its line is in no message, for some have a password in it; the program's name is.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/command-line.h"
#include "aws/credentials-json.h"
#include "aws/credentials-source.h"
#include "aws/program.h"
#include "util/mem.h"
#include "util/time.h"

/* A person may have to look up from a key that blinks, but a service cannot wait for ever. */
#define PROCESS_TIMEOUT (60 * USEC_PER_SEC)

/* Credentials are of a few KiB. */
#define PROCESS_OUTPUT_MAX ((size_t) 64 * 1024)

static const CredentialsNames names = {
        .access_key_id = "AccessKeyId",
        .secret_access_key = "SecretAccessKey",
        .session_token = "SessionToken",
        .expiration = "Expiration",
        .account_id = "AccountId",
};

typedef struct ProcessProvider {
        CredentialsProvider provider; /* first: what callers hold is this */
        const CredentialsContext *context;
        char *command, *origin;

        Program *program;
        CredentialsCallback callback;
        void *userdata;
} ProcessProvider;

/* 0, -ENOMEM, or -EINVAL with a phrase. Another version would have other members. */
static int check_version(const char *output, size_t length, Buffer *phrase) {
        _cleanup_json_secret_ json_t *json = NULL;
        const json_t *version;
        int r;

        r = json_read(output, length, &json);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !json_is_object(json))
                r = buffer_add(phrase, "it printed no JSON object");
        else {
                version = json_object_get(json, "Version");
                /* 1.0 is the same number. */
                if (version && json_number_value(version) == 1)
                        return 0;
                r = buffer_add(phrase,
                                version ? "Version is not 1, the only one that is known"
                                        : "Version is missing");
        }
        return r < 0 ? r : -EINVAL;
}

static int read_credentials(const ProcessProvider *process,
                const char *output,
                size_t length,
                Credentials *ret,
                Buffer *phrase) {
        CredentialsText text = { .origin = process->origin };
        int r;

        r = check_version(output, length, phrase);
        return r < 0 ? r : credentials_from_json(output, length, &names, &text, ret, phrase);
}

/* The provider may be gone when this returns. */
static void answer(ProcessProvider *process, int r, Credentials *credentials, const char *phrase) {
        _cleanup_buffer_ Buffer why = { 0 };

        if (r < 0 && r != -ENOMEM)
                r = buffer_addf(&why, "%s: %s", process->origin, phrase) < 0 ? -ENOMEM : -EINVAL;
        process->callback(r, credentials,
                        r == 0                         ? NULL
                                        : r == -ENOMEM ? "out of memory"
                                                       : buffer_text(&why),
                        process->userdata);
}

static void on_ended(int r, const char *output, size_t length, const char *why, void *userdata) {
        _cleanup_credentials_ Credentials credentials = { 0 };
        _cleanup_buffer_ Buffer phrase = { 0 };
        ProcessProvider *process = userdata;

        if (r < 0)
                (void) buffer_add(&phrase, why);
        else
                r = read_credentials(process, output, length, &credentials, &phrase);
        process->program = program_free(process->program);
        answer(process, r, r < 0 ? NULL : &credentials, buffer_text(&phrase));
}

static int start(ProcessProvider *process, Buffer *phrase) {
        _cleanup_command_line_ CommandLine line = { 0 };
        const char *why = NULL;
        ProgramOptions options = {
                .event = process->context->event,
                .is_apart = process->context->is_service,
                .output_max = PROCESS_OUTPUT_MAX,
                .timeout_usec = PROCESS_TIMEOUT,
                .callback = on_ended,
                .userdata = process,
        };
        int r;

        r = command_line_split(process->command, &line, &why);
        if (r == -EINVAL)
                (void) buffer_addf(phrase, "the command line makes no sense: %s", why);
        if (r < 0)
                return r;

        options.words = line.words;
        r = program_new(&options, &process->program);
        if (r < 0)
                (void) buffer_addf(phrase, "%s cannot be run: %s", line.words[0], strerror(-r));
        return r;
}

static int process_fetch(CredentialsProvider *provider,
                CredentialsCallback callback,
                void *userdata) {
        ProcessProvider *process = (ProcessProvider *) provider;
        _cleanup_buffer_ Buffer phrase = { 0 };
        int r;

        assert(!process->program);

        process->callback = callback;
        process->userdata = userdata;
        r = start(process, &phrase);
        if (r < 0)
                answer(process, r, NULL, buffer_text(&phrase));
        return 0;
}

static void process_free(CredentialsProvider *provider) {
        ProcessProvider *process = (ProcessProvider *) provider;

        (void) program_free(process->program);
        free(process->command);
        free(process->origin);
        free(process);
}

int credentials_process_new(const CredentialsContext *context,
                const char *command,
                const char *origin,
                CredentialsProvider **ret) {
        ProcessProvider *process;

        assert(context && command && origin && ret);

        process = malloc(sizeof(*process));
        if (!process)
                return -ENOMEM;
        *process = (ProcessProvider){
                .provider = { .name = "process", .fetch = process_fetch, .free = process_free },
                .context = context,
                .command = strdup(command),
        };
        if (asprintf(&process->origin, "credential_process of %s", origin) < 0)
                process->origin = NULL;
        if (!process->command || !process->origin) {
                process_free(&process->provider);
                return -ENOMEM;
        }

        *ret = &process->provider;
        return 0;
}
