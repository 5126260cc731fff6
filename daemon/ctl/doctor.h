#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: what its parts share
 *
 * A finding is one line: how bad it is, what is the matter, what to do. Findings stand in sections,
 * one for what lies on this host and one for each source, which are examined at the same time and
 * shown in order. What is decided about a finding is aws/advice.h's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/advice.h"
#include "aws/client.h"
#include "aws/http-proxy.h"
#include "aws/http.h"
#include "configuration.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "model/share-service.h"

/* All of it ends then, whatever has not answered. */
#define DOCTOR_SEC 20U

/* Of one request: two of them in a row, and something in between, fit into the above. */
#define DOCTOR_REQUEST_SEC 8U

/* --- findings --- */

typedef struct Finding {
        const char *check; /* static: "tls" */
        AdviceLevel level;
        char *message;
        char *remedy; /* NULL: none */
} Finding;

typedef struct Section {
        char *title;
        const char *source; /* its name, borrowed; NULL: this host */
        Finding *findings;
        size_t n, capacity;
        bool failed; /* a finding could not be kept */
} Section;

/* Adds a finding. Where there is no memory the section remembers that. */
void section_add(Section *section, const char *check, Advice advice, const char *format, ...)
                _printf_(4, 5);

/* As section_add(), with a remedy that is made here, and copied. */
void section_add_text(Section *section,
                const char *check,
                AdviceLevel level,
                const char *message,
                const char *remedy);
size_t section_count(const Section *section, AdviceLevel level);
void section_done(Section *section);

/* --- what is examined --- */

/* The files of the configuration; *ret is NULL where they have faults. 0 or a negative errno. */
int doctor_configuration(const ConfigurationPaths *paths, Section *section, Configuration **ret);

/* Folders of the service, files with keys, what this shell sets. */
void doctor_host(Section *section);

/* An unsigned GET of an endpoint: any answer proves name, connection and TLS, and tells the time.
 */
typedef struct Probe {
        const ClientEndpoint *endpoint;
        HttpCall *call; /* NULL: it has ended */
        int64_t begun_usec, taken_usec; /* monotonic, and how long it took */
        HttpProxy proxy;
        HttpFailure failure;
        char why[384]; /* where it failed */
        char peer[48];
        int64_t skew_usec; /* of the other clock; TIME_UNKNOWN */
        void (*ended)(void *userdata);
        void *userdata;
} Probe;

/* 0 or a negative errno. The probe must stay where it is until it has ended or is done with. */
int probe_begin(Probe *probe,
                HttpClient *http,
                const ClientConfig *config,
                AwsService service,
                void (*ended)(void *userdata),
                void *userdata);

/* Ends one that has not answered. */
void probe_cut(Probe *probe);
void probe_done(Probe *probe);

typedef enum Ask { ASK_STATUS, ASK_REQUESTS, ASK_FRAMEWORKS, ASK_MAX } Ask;

typedef struct Examination Examination;

typedef struct Asked {
        Examination *examination;
        ShareCall *call; /* NULL: it has ended */
        Observation *sink;
        ApiOutcome outcome;
} Asked;

/* What is found out about one source. */
struct Examination {
        const Source *source;
        AwsClient *client; /* NULL: there cannot be one, and why says why */
        char *why;
        Probe probes[AWS_SERVICE_MAX]; /* of the same URL twice only the first is begun */
        Asked asked[ASK_MAX];
        char *account_status; /* NULL: not known */
        char *odd; /* a source of credentials that was passed over; NULL: none */
        char *skew; /* that the signing time was corrected, and by how much; NULL: it was not */
        size_t n_open; /* what has not ended */
        size_t *n_left; /* examinations that have not ended */
};

/* Asks everything. 0, also where there can be no client; or a negative errno. *n_left counts those
 * that have begun and not ended. */
int examination_begin(Examination *examination,
                sd_event *event,
                HttpClient *http,
                const Settings *settings,
                const Source *source,
                size_t *n_left);

/* Gives up what has not ended. */
void examination_cut(Examination *examination);
void examination_done(Examination *examination);

/* Writes down what was found, once all has ended. */
void examination_report(const Examination *examination, Section *section);
void probe_report(const Probe *probe, const ClientConfig *config, Section *section);

/* --- how it is shown --- */

void view_section(const Output *output, const Section *section, bool first);
void view_summary(const Output *output, size_t n_failures, size_t n_warnings);

/* 0 or a negative errno. */
int view_json(const Output *output, const Section *sections, size_t n);
