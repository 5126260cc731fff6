/* SPDX-License-Identifier: Apache-2.0 */

/* doctor: checks what a first run trips over. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/doctor.h"
#include "util/log.h"
#include "util/mem.h"

/* Those of the sources follow. */
enum { SECTION_FILES, SECTION_HOST };

typedef struct Doctor {
        const Ctl *ctl;
        Output output;
        sd_event *event;
        HttpClient *http;
        Configuration *configuration;
        Examination *examinations;
        size_t n_examinations, n_left;
        Section *sections; /* those of the host, and one for each source */
        size_t n_sections;
} Doctor;

static void doctor_done(Doctor *doctor) {
        for (size_t i = 0; i < doctor->n_examinations; i++)
                examination_done(&doctor->examinations[i]);
        free(doctor->examinations);
        for (size_t i = 0; i < doctor->n_sections; i++)
                section_done(&doctor->sections[i]);
        free(doctor->sections);
        (void) configuration_free(doctor->configuration);
        (void) http_client_free(doctor->http);
        (void) sd_event_unref(doctor->event);
}

static int add_section(Doctor *doctor, char *title, const char *source) {
        Section *sections = title
                        ? reallocarray(doctor->sections, doctor->n_sections + 1, sizeof(Section))
                        : NULL;

        if (!sections) {
                free(title);
                return log_oom();
        }
        doctor->sections = sections;
        sections[doctor->n_sections++] = (Section){ .title = title, .source = source };
        return 0;
}

/* Shown as soon as it is whole: what follows can take its time. */
static void show(const Doctor *doctor, size_t i) {
        if (!ctl_has(doctor->ctl, OPTION_JSON))
                view_section(&doctor->output, &doctor->sections[i], i == 0);
}

static int examine_host(Doctor *doctor) {
        int r;

        r = add_section(doctor, strdup("Files"), NULL);
        if (r >= 0)
                r = add_section(doctor, strdup("This host"), NULL);
        if (r >= 0)
                r = doctor_configuration(&doctor->ctl->paths, &doctor->sections[SECTION_FILES],
                                &doctor->configuration);
        if (r < 0)
                return r;
        show(doctor, SECTION_FILES);
        doctor_host(&doctor->sections[SECTION_HOST]);
        show(doctor, SECTION_HOST);
        return 0;
}

static int on_deadline(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Doctor *doctor = userdata;

        for (size_t i = 0; i < doctor->n_examinations; i++)
                examination_cut(&doctor->examinations[i]);
        doctor->n_left = 0;
        return 0;
}

static int begin(Doctor *doctor) {
        const Settings *settings = doctor->configuration->settings;
        int r;

        doctor->examinations = calloc(settings->n_sources, sizeof(Examination));
        if (!doctor->examinations)
                return -ENOMEM;
        r = sd_event_new(&doctor->event);
        if (r >= 0)
                r = http_client_new(doctor->event, &doctor->http);
        if (r >= 0)
                r = sd_event_add_time_relative(doctor->event, NULL, CLOCK_MONOTONIC,
                                DOCTOR_SEC * (uint64_t) USEC_PER_SEC, 0, on_deadline, doctor);
        for (size_t i = 0; i < settings->n_sources && r >= 0; i++)
                r = examination_begin(&doctor->examinations[doctor->n_examinations++],
                                doctor->event, doctor->http, settings, &settings->sources[i],
                                &doctor->n_left);
        return r;
}

static int report_source(Doctor *doctor, const Examination *examination) {
        const Source *source = examination->source;
        char account[ACCOUNT_TEXT_MAX], *title = NULL;
        int r;

        if (asprintf(&title, "Source %s (%s, %s)", source->name,
                            account_format(source->account, account), region_name(source->region))
                        < 0)
                title = NULL;
        r = add_section(doctor, title, source->name);
        if (r < 0)
                return r;
        examination_report(examination, &doctor->sections[doctor->n_sections - 1]);
        show(doctor, doctor->n_sections - 1);
        return 0;
}

static int examine_sources(Doctor *doctor) {
        int r;

        r = begin(doctor);
        while (r >= 0 && doctor->n_left > 0)
                r = sd_event_run(doctor->event, UINT64_MAX);
        if (r < 0)
                return log_error_errno(r, "Cannot examine the sources");
        for (size_t i = 0; i < doctor->n_examinations && r >= 0; i++)
                r = report_source(doctor, &doctor->examinations[i]);
        return r;
}

static size_t count(const Doctor *doctor, AdviceLevel level) {
        size_t n = 0;

        for (size_t i = 0; i < doctor->n_sections; i++)
                n += section_count(&doctor->sections[i], level);
        return n;
}

static int examine(Doctor *doctor) {
        int r;

        r = examine_host(doctor);
        /* Without settings there is nobody to ask. */
        if (r >= 0 && doctor->configuration)
                r = examine_sources(doctor);
        for (size_t i = 0; i < doctor->n_sections && r >= 0; i++)
                if (doctor->sections[i].failed)
                        r = log_oom();
        return r;
}

int verb_doctor(const Ctl *ctl) {
        _cleanup_(doctor_done) Doctor doctor = { .ctl = ctl, .output = output_of(stdout) };
        int printed = 0;

        if (examine(&doctor) < 0)
                return output_end(0, EXIT_FAILURE);
        if (ctl_has(ctl, OPTION_JSON))
                printed = view_json(&doctor.output, doctor.sections, doctor.n_sections);
        else
                view_summary(&doctor.output, count(&doctor, ADVICE_FAILURE),
                                count(&doctor, ADVICE_WARNING));
        return output_end(
                        printed, count(&doctor, ADVICE_FAILURE) > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
