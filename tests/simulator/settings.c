/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What can be turned: one table for the command line and for the control port
 *
 * Every setting is a number with bounds, so that a row of the table is all there is to say about
 * it. Only the resend mode has names, too.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "settings.h"
#include "util.h"

const Settings settings_default = {
        .rate = 20,
        .throttle_status = 400,
        .replicate = 1,
        .fail_after = 2,
        .quota = 100,
        .page_size = 100,
        .page_size_max = 1000,
        .resend = RESEND_KEEP,
};

static const char *const resend_names[] = {
        [RESEND_KEEP] = "keep",
        [RESEND_REPLACE] = "replace",
        [RESEND_BOTH] = "both",
};

static_assert(ELEMENTS(resend_names) == RESEND_MAX, "each resend mode needs its name");

static const struct {
        const char *name;
        size_t offset;
        double min, max;
        const char *help;
} table[] = {
        { "rate", offsetof(Settings, rate), 0, 1e9,
                        "calls a second per account and Region, 0 = off" },
        { "burst", offsetof(Settings, burst), 0, 1e9, "calls at once, 0 = as many as --rate" },
        { "throttle_status", offsetof(Settings, throttle_status), 400, 599,
                        "status when throttled" },
        { "lag", offsetof(Settings, lag), 0, 1e9, "seconds until listings show a change" },
        { "replicate", offsetof(Settings, replicate), 0, 1e9, "seconds from accepted to SHARED" },
        { "fail_after", offsetof(Settings, fail_after), 0, 1e9, "seconds until FAILED" },
        { "quota", offsetof(Settings, quota), 0, 1e9, "active recipient accounts, 0 = off" },
        { "page_size", offsetof(Settings, page_size), 1, 1000, "records on a page, if not asked" },
        { "page_size_max", offsetof(Settings, page_size_max), 1, 1000,
                        "records on a page, at most" },
        { "latency", offsetof(Settings, latency), 0, 3600, "seconds before each answer" },
        { "session_seconds", offsetof(Settings, session_seconds), 0, 1e9,
                        "life of a session, 0 = as asked" },
        { "resend", offsetof(Settings, resend), 0, RESEND_MAX - 1, "keep, replace or both" },
};

static bool same_name(const char *name, const char *given) {
        for (; *name && *given; name++, given++)
                if (*name != *given && !(*name == '_' && *given == '-'))
                        return false;
        return *name == *given;
}

static int set_number(Settings *s, const char *name, double value) {
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                if (!same_name(table[i].name, name))
                        continue;
                if (!(value >= table[i].min && value <= table[i].max))
                        return -ERANGE;
                *(double *) (void *) ((char *) s + table[i].offset) = value;
                return 0;
        }
        return -ENOENT;
}

int settings_set(Settings *s, const char *name, const char *value) {
        char *end;
        double number;

        if (same_name("resend", name)) {
                for (size_t i = 0; i < ELEMENTS(resend_names); i++)
                        if (strcmp(value, resend_names[i]) == 0)
                                return set_number(s, name, (double) i);
                return -EINVAL;
        }

        number = strtod(value, &end);
        if (end == value || *end)
                return set_number(s, name, 0) == -ENOENT ? -ENOENT : -EINVAL;
        return set_number(s, name, number);
}

int settings_set_json(Settings *s, const char *name, const json_t *value) {
        if (json_is_string(value))
                return settings_set(s, name, json_string_value(value));
        if (!json_is_number(value) || same_name("resend", name))
                return -EINVAL;
        return set_number(s, name, json_number_value(value));
}

json_t *settings_to_json(const Settings *s) {
        json_t *object = json_object();

        for (size_t i = 0; i < ELEMENTS(table); i++) {
                double value = *(
                                const double *) (const void *) ((const char *) s + table[i].offset);
                json_t *member = same_name("resend", table[i].name)
                                ? json_string(resend_names[(size_t) value])
                                : json_real(value);

                (void) json_object_set_new(object, table[i].name, member);
        }
        return object;
}

void settings_print_help(FILE *to) {
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                char option[32];

                (void) snprintf(option, sizeof(option), "%s", table[i].name);
                for (char *p = option; *p; p++)
                        if (*p == '_')
                                *p = '-';
                fprintf(to, "  --%-20s %s\n", option, table[i].help);
        }
}
