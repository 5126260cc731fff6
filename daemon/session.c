/* SPDX-License-Identifier: Apache-2.0 */

/* A session: one client for each source. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "session.h"
#include "util/mem.h"

static int add_client(Session *session, const ClientOptions *options, char **reterr_why) {
        _cleanup_free_ char *why = NULL;
        int r;

        r = aws_client_new(options, &session->clients[session->n_sources], &why);
        if (r < 0) {
                if (why && asprintf(reterr_why, "source %s: %s", options->source->name, why) < 0)
                        *reterr_why = NULL;
                return r;
        }
        session->services[session->n_sources] =
                        aws_client_service(session->clients[session->n_sources]);
        session->n_sources++;
        return 0;
}

int session_new(sd_event *event,
                HttpClient *http,
                const Settings *settings,
                bool is_service,
                ClientNoticeCallback notice,
                void *userdata,
                Session **ret,
                char **reterr_why) {
        _cleanup_(session_freep) Session *session = calloc(1, sizeof(Session));
        int r;

        if (!session)
                return -ENOMEM;
        session->clients = calloc(settings->n_sources, sizeof(AwsClient *));
        session->services = calloc(settings->n_sources, sizeof(ShareService *));
        if (!session->clients || !session->services)
                return -ENOMEM;

        for (size_t i = 0; i < settings->n_sources; i++) {
                ClientOptions options = {
                        .event = event,
                        .http = http,
                        .source = &settings->sources[i],
                        .limits = &settings->limits,
                        .is_service = is_service,
                        .notice = notice,
                        .userdata = userdata,
                };

                r = add_client(session, &options, reterr_why);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(session);
        return 0;
}

Session *session_free(Session *session) {
        if (!session)
                return NULL;

        for (size_t i = 0; i < session->n_sources; i++)
                (void) aws_client_free(session->clients[i]);
        free(session->clients);
        free(session->services);
        free(session);
        return NULL;
}

int64_t session_progress_usec(const Session *session) {
        int64_t latest = 0;

        for (size_t i = 0; i < session->n_sources; i++)
                latest = MAX(latest, aws_client_progress_usec(session->clients[i]));
        return latest;
}
