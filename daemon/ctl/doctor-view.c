/* SPDX-License-Identifier: Apache-2.0 */

/* doctor: findings, and how they are shown. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/doctor.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"

static const struct {
        const char *word; /* in the text */
        const char *json;
        Colour colour;
} levels[] = {
        [ADVICE_OK] = { "ok", "ok", COLOUR_GREEN },
        [ADVICE_NOTE] = { "note", "ok", COLOUR_NONE },
        [ADVICE_SKIPPED] = { "skipped", "skipped", COLOUR_GREY },
        [ADVICE_WARNING] = { "warning", "warning", COLOUR_YELLOW },
        [ADVICE_FAILURE] = { "failure", "failure", COLOUR_RED },
};

static_assert(ELEMENTSOF(levels) == ADVICE_LEVEL_MAX, "each level has a word");

/*
 * Findings.
 */

void section_add_text(Section *section,
                const char *check,
                AdviceLevel level,
                const char *message,
                const char *remedy) {
        Finding finding = { .check = check, .level = level, .message = strdup(message) };

        if (remedy)
                finding.remedy = strdup(remedy);
        if (!finding.message || (remedy && !finding.remedy)
                        || ARRAY_RESERVE(section->findings, section->capacity, section->n + 1)
                                        < 0) {
                free(finding.message);
                free(finding.remedy);
                section->failed = true;
                return;
        }
        section->findings[section->n++] = finding;
}

void section_add(Section *section, const char *check, Advice advice, const char *format, ...) {
        _cleanup_free_ char *message = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&message, format, arguments);
        va_end(arguments);
        if (n < 0) {
                message = NULL;
                section->failed = true;
                return;
        }
        section_add_text(section, check, advice.level, message, advice.remedy);
}

size_t section_count(const Section *section, AdviceLevel level) {
        size_t n = 0;

        for (size_t i = 0; i < section->n; i++)
                n += section->findings[i].level == level;
        return n;
}

void section_done(Section *section) {
        for (size_t i = 0; i < section->n; i++) {
                free(section->findings[i].message);
                free(section->findings[i].remedy);
        }
        free(section->findings);
        free(section->title);
        *section = (Section){ 0 };
}

/*
 * Text.
 */

/* "  failure  " */
#define INDENT 11U

static void add_finding(const Output *output, const Finding *finding, Buffer *text) {
        (void) buffer_addf(text, "  %s%-7s%s  ", colour_on(output, levels[finding->level].colour),
                        levels[finding->level].word,
                        colour_off(output, levels[finding->level].colour));
        text_add_wrapped(text, finding->message, INDENT, output->columns);
        if (finding->remedy) {
                (void) buffer_addf(text, "\n%*s→ ", (int) INDENT, "");
                text_add_wrapped(text, finding->remedy, INDENT + 2, output->columns);
        }
        (void) buffer_add(text, "\n");
}

void view_section(const Output *output, const Section *section, bool first) {
        _cleanup_buffer_ Buffer text = { 0 };

        (void) buffer_addf(&text, "%s%s", first ? "" : "\n", colour_on(output, COLOUR_BOLD));
        (void) text_add(&text, section->title, UINT32_MAX);
        (void) buffer_addf(&text, "%s\n", colour_off(output, COLOUR_BOLD));
        for (size_t i = 0; i < section->n; i++)
                add_finding(output, &section->findings[i], &text);
        (void) fputs(buffer_text(&text), output->file);
        (void) fflush(output->file);
}

void view_summary(const Output *output, size_t n_failures, size_t n_warnings) {
        Colour colour = n_failures > 0   ? COLOUR_BOLD_RED
                        : n_warnings > 0 ? COLOUR_YELLOW
                                         : COLOUR_GREEN;

        (void) fprintf(output->file, "\n%s", colour_on(output, colour));
        if (n_failures > 0)
                (void) fprintf(output->file, "%zu failure%s%s", n_failures, plural(n_failures),
                                n_warnings > 0 ? ", " : ".");
        if (n_warnings > 0)
                (void) fprintf(output->file, "%zu warning%s.", n_warnings, plural(n_warnings));
        if (n_failures == 0 && n_warnings == 0)
                (void) fputs("Everything is in order.", output->file);
        (void) fprintf(output->file, "%s\n", colour_off(output, colour));
}

/*
 * JSON.
 */

static int add_section(json_t *list, const Section *section) {
        for (size_t i = 0; i < section->n; i++) {
                const Finding *finding = &section->findings[i];
                json_t *object = json_pack("{s:o, s:s, s:s, s:o, s:o}", "source",
                                json_from_text(section->source), "check", finding->check, "level",
                                levels[finding->level].json, "message",
                                json_from_text(finding->message), "remedy",
                                json_from_text(finding->remedy));

                if (!object || json_array_append_new(list, object) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int view_json(const Output *output, const Section *sections, size_t n) {
        _cleanup_json_ json_t *all = NULL;
        json_t *checks = json_array();
        size_t n_failures = 0, n_warnings = 0;
        int r = checks ? 0 : -ENOMEM;

        for (size_t i = 0; i < n && r >= 0; i++) {
                n_failures += section_count(&sections[i], ADVICE_FAILURE);
                n_warnings += section_count(&sections[i], ADVICE_WARNING);
                r = add_section(checks, &sections[i]);
        }
        all = json_pack("{s:i, s:o, s:I, s:I}", "version", 1, "checks", checks, "failures",
                        (json_int_t) n_failures, "warnings", (json_int_t) n_warnings);
        if (r < 0)
                return r;
        r = output_json(output, "", all, 0);
        (void) fputs("\n", output->file);
        return r;
}
