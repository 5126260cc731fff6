/* SPDX-License-Identifier: Apache-2.0 */

/* What a verb that asks AWS runs on. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/credentials-files.h"
#include "ctl/engine.h"
#include "ctl/faults-view.h"
#include "util/environment.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/time.h"

/* That there are no credentials is what becomes of the pass; only what goes on regardless is said
 * here. */
static void on_notice(AwsClient *client, ClientNotice notice, const char *detail, void *userdata) {
        Engine *engine = userdata;
        const char *name = "?";

        if (notice == CLIENT_NOTICE_CREDENTIALS_LOST || notice == CLIENT_NOTICE_CREDENTIALS_BACK
                        || notice == CLIENT_NOTICE_SIGNED_IN)
                return;
        for (size_t i = 0; i < engine->session->n_sources; i++)
                if (engine->session->clients[i] == client)
                        name = engine->configuration->settings->sources[i].name;
        log_warning("warning: source %s: %s", name, detail ? detail : "");
}

/* As root, sign in with what the unit hands to the service; whoever has chosen other keys in this
 * shell means those. */
static void use_keys_of_service(void) {
        static const char *const choices[] = { "CREDENTIALS_DIRECTORY", "AWS_ACCESS_KEY_ID",
                "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
                "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI" };

        for (size_t i = 0; i < ELEMENTSOF(choices); i++)
                if (environment_text(&environment_process, choices[i]))
                        return;
        if (access(CREDSTORE "/" CREDENTIALS_FILE_NAME, R_OK) >= 0)
                (void) setenv("CREDENTIALS_DIRECTORY", CREDSTORE, 1);
}

static int load(Engine *engine, bool shares) {
        const ConfigurationPaths *paths = &engine->ctl->paths;
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r;

        r = shares ? configuration_load(paths, &engine->configuration, &faults, &engine->files)
                   : configuration_load_settings(paths, &engine->configuration, &faults);
        if (r == -EINVAL) {
                faults_print(faults, false);
                return r;
        }
        return r < 0 ? log_error_errno(r, "Cannot load the configuration") : 0;
}

static int make_clients(Engine *engine) {
        _cleanup_free_ char *why = NULL;
        int r;

        use_keys_of_service();
        r = sd_event_new(&engine->event);
        if (r >= 0)
                r = http_client_new(engine->event, &engine->http);
        if (r < 0)
                return log_error_errno(r, "Cannot set up the event loop");
        r = session_new(engine->event, engine->http, engine->configuration->settings, false,
                        on_notice, engine, &engine->session, &why);
        if (r < 0 && why)
                log_error("%s", why);
        else if (r < 0)
                (void) log_error_errno(r, "Cannot make the clients");
        return r;
}

static int new (const Ctl *ctl, bool shares, Engine **ret) {
        _cleanup_(engine_freep) Engine *engine = calloc(1, sizeof(Engine));
        int r;

        if (!engine)
                return log_oom();
        *engine = (Engine){ .ctl = ctl };
        r = load(engine, shares);
        if (r >= 0)
                r = make_clients(engine);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(engine);
        return 0;
}

int engine_new(const Ctl *ctl, Engine **ret) {
        return new (ctl, true, ret);
}

int engine_new_without_shares(const Ctl *ctl, Engine **ret) {
        return new (ctl, false, ret);
}

int engine_open_memory(Engine *engine, MemoryMode mode) {
        _cleanup_free_ char *why = NULL;
        const char *remedy = "";
        int r;

        r = memory_open(memory_default_directory(), mode, "auditsharectl", &engine->memory, &why);
        if (r >= 0)
                return 0;
        if (r == -EBUSY)
                remedy = "; one writes at a time, so wait for it, or stop the service first";
        else if (r == -EACCES || r == -EPERM)
                remedy = "; run as root, or as the user of the service";
        if (!why)
                return log_error_errno(r, "Cannot open memory");
        log_error("Refused: %s%s", why, remedy);
        return r;
}

static void on_planned(Pass *pass, void *userdata) {
        (void) pass;
        ((Engine *) userdata)->planned = true;
}

static void on_progress(Pass *pass, void *userdata) {
        Engine *engine = userdata;

        (void) pass;
        if (engine->progress)
                engine->progress(engine->userdata);
}

static void on_ended(Pass *pass, void *userdata) {
        (void) pass;
        ((Engine *) userdata)->ended = true;
}

int engine_begin(Engine *engine, bool dry) {
        PassOptions options = {
                .settings = engine->configuration->settings,
                .desired = engine->configuration->desired,
                .services = engine->session->services,
                .memory = engine->memory,
                .dry = dry,
                .confirm = !dry,
                .writes_max = engine->ctl->allow_writes,
                .revokes_max = engine->ctl->allow_revokes,
                .planned = on_planned,
                .progress = on_progress,
                .ended = on_ended,
                .userdata = engine,
        };
        int r;

        r = pass_new(&options, &engine->pass);
        return r < 0 ? log_error_errno(r, "Cannot begin a pass") : 0;
}

int engine_run(Engine *engine, const bool *until, const bool *or_until) {
        int r;

        while (!*until && (!or_until || !*or_until)) {
                r = sd_event_run(engine->event, UINT64_MAX);
                if (r < 0)
                        return log_error_errno(r, "The event loop failed");
        }
        return 0;
}

Engine *engine_free(Engine *engine) {
        if (!engine)
                return NULL;

        (void) pass_free(engine->pass);
        (void) session_free(engine->session);
        (void) configuration_free(engine->configuration);
        (void) memory_free(engine->memory);
        (void) http_client_free(engine->http);
        (void) sd_event_unref(engine->event);
        free(engine);
        return NULL;
}
