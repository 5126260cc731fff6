#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* A session: one client for each source of a configuration, over one HTTP client. */

#include <systemd/sd-event.h>

#include "aws/client.h"
#include "model/settings.h"
#include "util/macro.h"

typedef struct Session {
        AwsClient **clients;
        ShareService **services; /* of the clients, in the order of the sources */
        size_t n_sources;
} Session;

/*
 * 0; -ENOMEM; -EINVAL where an endpoint makes no sense, with *reterr_why (a new string the caller
 * frees). Settings and HTTP client are borrowed, and must outlive the session.
 */
int session_new(sd_event *event,
                HttpClient *http,
                const Settings *settings,
                bool is_service,
                ClientNoticeCallback notice,
                void *userdata,
                Session **ret,
                char **reterr_why);
Session *session_free(Session *session);

/* When any client last moved; for the watchdog. */
int64_t session_progress_usec(const Session *session);

DEFINE_CLEANUP(Session, session_free)
