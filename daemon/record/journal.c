/* SPDX-License-Identifier: Apache-2.0 */

/* Journal: writing events. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "record/journal.h"
#include "util/json.h"
#include "util/mem.h"

/* journal.md; held against the catalog by a test. */
static const char *const ids[EVENT_MAX] = {
        [EVENT_STATUS_CHANGED] = "5b1d1f0c6a9f4f5e9c5a0f2d7e3b8a11",
        [EVENT_STARTED] = "0c7c1b8f2d3e4a6f8b9a1c2d3e4f5a62",
        [EVENT_RESENT] = "7e2f4a9b1c3d4e5fa6b7c8d9e0f1a2b3",
        [EVENT_REVOKED] = "3a9d5e7c1b2f4d6e8f0a1b2c3d4e5f94",
        [EVENT_REQUEST_FAILED] = "9f8e7d6c5b4a43928170f6e5d4c3b2a5",
        [EVENT_HELD] = "1e2d3c4b5a694788a9b0c1d2e3f4a5b6",
        [EVENT_PASS_COMPLETED] = "c4d5e6f7a8b94c0d9e1f2a3b4c5d6e77",
        [EVENT_PASS_REFUSED] = "6d7e8f9a0b1c4d2e8f3a4b5c6d7e8f98",
        [EVENT_OUTCOME_UNKNOWN] = "b7c8d9e0f1a24b3c9d4e5f6a7b8c9d01",
        [EVENT_SEVERAL_REQUESTS] = "d1e2f3a4b5c64d7e8f9a0b1c2d3e4f52",
        [EVENT_CREDENTIALS] = "e5f6a7b8c9d04e1f8a2b3c4d5e6f7a83",
        [EVENT_CLOCK_SKEW] = "f9a0b1c2d3e44f5a9b6c7d8e9f0a1b24",
        [EVENT_MEMORY_REBUILT] = "a3b4c5d6e7f84a9b8c0d1e2f3a4b5c65",
        [EVENT_CONFIGURATION_LOADED] = "2f3a4b5c6d7e4f8a9b0c1d2e3f4a5b69",
        [EVENT_CONFIGURATION_REFUSED] = "8a9b0c1d2e3f4a5b8c6d7e8f9a0b1c2a",
};

static JournalTarget target_now = JOURNAL_TARGET_DEFAULT;

void journal_set_target(JournalTarget target) {
        target_now = target;
}

const char *journal_event_id(JournalEvent event) {
        assert(event < EVENT_MAX);
        return ids[event];
}

static void end_field(JournalEntry *entry, size_t begin, size_t length) {
        entry->fields[entry->n_fields++] = (struct iovec){
                .iov_base = entry->text + begin,
                .iov_len = length,
        };
        entry->used = begin + length + 1;
}

void journal_add(JournalEntry *entry, const char *name, const char *value) {
        size_t room = sizeof(entry->text) - entry->used, n_name = strlen(name), n_value;
        char *field = entry->text + entry->used;

        if (!value || *value == '\0' || entry->n_fields == JOURNAL_FIELDS_MAX || n_name + 2 > room)
                return;
        n_value = strnlen(value, room - n_name - 2);
        memcpy(field, name, n_name);
        field[n_name] = '=';
        memcpy(field + n_name + 1, value, n_value);
        field[n_name + 1 + n_value] = '\0';
        end_field(entry, entry->used, n_name + 1 + n_value);
}

void journal_add_count(JournalEntry *entry, const char *name, uint64_t value) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRIu64, value);
        journal_add(entry, name, text);
}

void journal_begin(JournalEntry *entry,
                JournalEvent event,
                LogLevel level,
                const char *format,
                ...) {
        va_list args;

        entry->n_fields = entry->used = 0;
        entry->level = level;

        (void) snprintf(entry->text, sizeof(entry->text), "MESSAGE=");
        va_start(args, format);
        (void) vsnprintf(entry->text + 8, sizeof(entry->text) / 2, format, args);
        va_end(args);
        end_field(entry, 0, strlen(entry->text));

        journal_add(entry, "MESSAGE_ID", ids[event]);
        journal_add_count(entry, "PRIORITY", level);
        journal_add(entry, "SYSLOG_IDENTIFIER", "auditshared");
}

static const char *message(const JournalEntry *entry) {
        return entry->text + strlen("MESSAGE=");
}

static void print_json(const JournalEntry *entry) {
        _cleanup_json_ json_t *object = json_object();
        _cleanup_free_ char *line = NULL;
        int r = object ? 0 : -ENOMEM;

        for (size_t i = 0; i < entry->n_fields && r >= 0; i++) {
                char name[64];
                const char *field = entry->fields[i].iov_base, *value = strchr(field, '=');

                (void) snprintf(name, sizeof(name), "%.*s", (int) (value - field), field);
                /* A value may be cut within a character. */
                r = json_object_set_new(object, name, json_from_text(value + 1));
        }
        if (r >= 0)
                r = json_write(object, JSON_COMPACT, &line);
        (void) fprintf(stderr, "%s\n", r >= 0 ? line : message(entry));
}

static void print(const JournalEntry *entry) {
        static const char *const prefixes[] = {
                [LOG_LEVEL_ERROR] = "error: ",
                [LOG_LEVEL_WARNING] = "warning: ",
                [LOG_LEVEL_NOTICE] = "",
                [LOG_LEVEL_INFO] = "",
                [LOG_LEVEL_DEBUG] = "",
        };

        if (log_format() == LOG_FORMAT_JSON)
                print_json(entry);
        else
                (void) fprintf(stderr, "%s%s\n", prefixes[entry->level], message(entry));
}

void journal_send(const JournalEntry *entry) {
        bool connected = log_to_journal() && log_format() == LOG_FORMAT_TEXT;

        if (!connected)
                print(entry);
        if (!connected
                        && (target_now != JOURNAL_TARGET_BOTH
                                        || access("/run/systemd/journal/socket", W_OK) < 0))
                return;
        /* A journal that does not answer must not stop the service; what it says goes to standard
         * error then. */
        if (sd_journal_sendv(entry->fields, (int) entry->n_fields) < 0 && connected)
                print(entry);
}
