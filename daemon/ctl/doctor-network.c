/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: the way to an endpoint
 *
 * A question that nobody signed gets an answer, too, be it a refusal: then name, proxy, connection
 * and TLS are all right, and the answer carries AWS's time.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/doctor.h"
#include "util/environment.h"
#include "util/mem.h"
#include "util/string-util.h"

#define ANSWER_MAX ((size_t) 256 * 1024)

static void on_answer(HttpCall *call _unused_, const HttpAnswer *answer, void *userdata) {
        Probe *probe = userdata;
        int64_t date_usec;

        probe->taken_usec = monotonic_usec() - probe->begun_usec;
        /* A page that is too long is an answer. */
        probe->failure = answer->too_large ? HTTP_FAILURE_NONE : answer->failure;
        if (probe->failure == HTTP_FAILURE_NONE && answer->transport != TRANSPORT_OK)
                probe->failure = HTTP_FAILURE_OTHER;
        (void) snprintf(probe->why, sizeof(probe->why), "%s", answer->why);
        (void) snprintf(probe->peer, sizeof(probe->peer), "%s", answer->peer);
        if (answer->date && time_parse_http(answer->date, &date_usec) >= 0)
                /* The header has whole seconds: its time was half a second later on average. */
                probe->skew_usec = date_usec + USEC_PER_SEC / 2 - now_usec();
        probe->call = http_call_free(probe->call);
        probe->ended(probe->userdata);
}

int probe_begin(Probe *probe,
                HttpClient *http,
                const ClientConfig *config,
                AwsService service,
                void (*ended)(void *userdata),
                void *userdata) {
        _cleanup_free_ char *agent = NULL, *url = NULL;
        const ClientEndpoint *endpoint = &config->endpoints[service];
        const char *headers[2] = { NULL };
        int r;

        *probe = (Probe){
                .endpoint = endpoint,
                .begun_usec = monotonic_usec(),
                .skew_usec = TIME_UNKNOWN,
                .ended = ended,
                .userdata = userdata,
        };
        r = http_proxy_find(endpoint->url, &environment_process, &probe->proxy);
        if (r < 0)
                return r;
        if (asprintf(&agent, "User-Agent: %s", config->user_agent) < 0
                        || asprintf(&url, "%s/", endpoint->url) < 0)
                return -ENOMEM;
        headers[0] = agent;
        return http_call_new(http,
                        &(HttpRequest){ .method = "GET",
                                        .url = url,
                                        .headers = headers,
                                        .ca_bundle = config->ca_bundle,
                                        .answer_max = ANSWER_MAX,
                                        .timeout_sec = DOCTOR_REQUEST_SEC },
                        on_answer, probe, &probe->call);
}

void probe_cut(Probe *probe) {
        if (!probe->call)
                return;
        probe->call = http_call_free(probe->call);
        probe->failure = HTTP_FAILURE_TIMEOUT;
        (void) snprintf(probe->why, sizeof(probe->why), "no answer from %s within %u s",
                        probe->endpoint->host, DOCTOR_SEC);
}

void probe_done(Probe *probe) {
        probe->call = http_call_free(probe->call);
        http_proxy_done(&probe->proxy);
}

/*
 * What came of it.
 */

static const char *const failed_checks[HTTP_FAILURE_MAX] = {
        [HTTP_FAILURE_NONE] = "endpoint",
        [HTTP_FAILURE_NAME] = "name",
        [HTTP_FAILURE_CONNECT] = "connection",
        [HTTP_FAILURE_PROXY] = "proxy",
        [HTTP_FAILURE_TLS] = "tls",
        [HTTP_FAILURE_AUTHORITY] = "tls",
        [HTTP_FAILURE_TIMEOUT] = "connection",
        [HTTP_FAILURE_OTHER] = "connection",
};

/* Who is asked, who says so, and by which way. */
static void add_head(const Probe *probe, Buffer *text) {
        const HttpProxy *proxy = &probe->proxy;

        (void) buffer_add(text, probe->endpoint->host);
        if (probe->endpoint->origin)
                (void) buffer_addf(text, " (by %s)", probe->endpoint->origin);
        if (proxy->url)
                (void) buffer_addf(
                                text, ", through the proxy %s (%s)", proxy->url, proxy->variable);
        else if (proxy->exempted_by)
                (void) buffer_addf(text, ", without a proxy (%s)", proxy->exempted_by);
}

static void add_answer(const Probe *probe, Buffer *text) {
        bool https = starts_with(probe->endpoint->url, "https:") != NULL;

        (void) buffer_add(text, ": answers");
        /* Not news where the host is an address, and a proxy's own address behind one. */
        if (probe->peer[0] && !probe->proxy.url && !starts_with(probe->endpoint->host, probe->peer))
                (void) buffer_addf(text, " at %s", probe->peer);
        (void) buffer_addf(text, ", %s, %lld ms", https ? "TLS verified" : "no TLS",
                        (long long) ((probe->taken_usec + USEC_PER_MSEC / 2) / USEC_PER_MSEC));
}

void probe_report(const Probe *probe, const ClientConfig *config, Section *section) {
        Reach reach = {
                .failure = probe->failure,
                .has_proxy = probe->proxy.url != NULL,
                .has_own_bundle = config->ca_bundle != NULL,
                .is_configured = probe->endpoint->origin != NULL,
        };
        _cleanup_buffer_ Buffer text = { 0 };

        add_head(probe, &text);
        if (probe->failure == HTTP_FAILURE_NONE)
                add_answer(probe, &text);
        else
                (void) buffer_addf(&text, ": %s", probe->why);
        section_add(section, failed_checks[probe->failure], advice_reach(&reach), "%s",
                        buffer_text(&text));
}
