/* SPDX-License-Identifier: Apache-2.0 */

/* One entry of the journal about a share: its fields, and what they say in words. */

#include <errno.h>
#include <string.h>

#include "ctl/history.h"
#include "model/action.h"
#include "model/share.h"
#include "util/json.h"
#include "util/string-util.h"
#include "util/time.h"

/* The service cuts an entry at JOURNAL_TEXT_MAX; whatever else is there is not its own. */
#define FIELD_LENGTH_MAX ((size_t) JOURNAL_TEXT_MAX)

/* As written by reconcile/report.c, and as auditsharectl(1) calls them. */
static const struct {
        const char *field, *key;
} names[HISTORY_FIELD_MAX] = {
        [HISTORY_MESSAGE_ID] = { "MESSAGE_ID", NULL },
        [HISTORY_SOURCE] = { "SHARE_SOURCE", "source" },
        [HISTORY_FRAMEWORK_ID] = { "SHARE_FRAMEWORK_ID", "framework_id" },
        [HISTORY_FRAMEWORK_NAME] = { "SHARE_FRAMEWORK_NAME", "framework_name" },
        [HISTORY_ACCOUNT] = { "SHARE_ACCOUNT", "account" },
        [HISTORY_REGION] = { "SHARE_REGION", "region" },
        [HISTORY_REQUEST_ID] = { "SHARE_REQUEST_ID", "request_id" },
        [HISTORY_STATUS] = { "SHARE_STATUS", "status" },
        [HISTORY_STATUS_OLD] = { "SHARE_STATUS_OLD", "status_old" },
        [HISTORY_CONDITION] = { "SHARE_CONDITION", "condition" },
        [HISTORY_REASON] = { "SHARE_REASON", "reason" },
        [HISTORY_ACTION] = { "SHARE_ACTION", "action" },
        [HISTORY_ERROR] = { "AWS_ERROR_CODE", "error" },
};

/* Events of shares; the others have no name here. */
static const char *const event_names[EVENT_MAX] = {
        [EVENT_STATUS_CHANGED] = "status",
        [EVENT_STARTED] = "started",
        [EVENT_RESENT] = "resent",
        [EVENT_REVOKED] = "revoked",
        [EVENT_REQUEST_FAILED] = "failed",
        [EVENT_HELD] = "condition",
        [EVENT_OUTCOME_UNKNOWN] = "outcome-unknown",
        [EVENT_SEVERAL_REQUESTS] = "several-requests",
};

void history_entry_done(HistoryEntry *entry) {
        for (size_t i = 0; i < HISTORY_FIELD_MAX; i++)
                buffer_done(&entry->fields[i]);
}

const char *history_text(const HistoryEntry *entry, HistoryField field) {
        return entry->fields[field].length > 0 ? buffer_text(&entry->fields[field]) : NULL;
}

/* --- reading --- */

/* Keeps a field that is one of ours; the first of a name counts. What stands behind a NUL is not
 * text. */
static int keep(HistoryEntry *entry, const char *data, size_t length) {
        const char *value = memchr(data, '=', length);

        if (!value)
                return 0;
        for (size_t i = 0; i < HISTORY_FIELD_MAX; i++) {
                size_t n = strlen(names[i].field);

                if (n != (size_t) (value - data) || memcmp(data, names[i].field, n) != 0)
                        continue;
                length = strnlen(value + 1, length - n - 1);
                return entry->fields[i].length > 0 ? 0
                                                   : buffer_append(&entry->fields[i], value + 1,
                                                                   MIN(length, FIELD_LENGTH_MAX));
        }
        return 0;
}

static int read_fields(sd_journal *journal, HistoryEntry *entry) {
        const void *data;
        size_t length;
        int r;

        for (size_t i = 0; i < HISTORY_FIELD_MAX; i++)
                buffer_clear(&entry->fields[i]);
        sd_journal_restart_data(journal);
        while ((r = sd_journal_enumerate_available_data(journal, &data, &length)) > 0)
                if (keep(entry, data, length) < 0)
                        return -ENOMEM;
        return r;
}

int history_read(sd_journal *journal, HistoryEntry *entry) {
        const char *id;
        uint64_t usec;
        int r;

        r = sd_journal_get_realtime_usec(journal, &usec);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = read_fields(journal, entry);
        if (r == -ENOMEM)
                return r;

        /* What is broken in the middle is shown as far as it goes. */
        entry->time_usec = usec < INT64_MAX ? (int64_t) usec : INT64_MAX - 1;
        id = history_text(entry, HISTORY_MESSAGE_ID);
        for (unsigned event = 0; id && event < EVENT_MAX; event++)
                if (event_names[event] && streq(id, journal_event_id((JournalEvent) event))) {
                        entry->event = (JournalEvent) event;
                        return 1;
                }
        return 0;
}

/* --- words --- */

static const char *or_else(const char *text, const char *other) {
        return text ? text : other;
}

static void add_with_reason(Buffer *buffer, const char *text, const HistoryEntry *entry) {
        const char *reason = history_text(entry, HISTORY_REASON);

        (void) buffer_add(buffer, text);
        if (reason && !streq_null(reason, reason_name(REASON_STARTED)))
                (void) buffer_addf(buffer, " (%s)", reason);
}

static void add_status(Buffer *buffer, const HistoryEntry *entry) {
        const char *status = or_else(history_text(entry, HISTORY_STATUS), "a status not known");
        const char *old = history_text(entry, HISTORY_STATUS_OLD);

        if (old)
                (void) buffer_addf(buffer, "%s %s %s", old, output_arrow(), status);
        else
                (void) buffer_addf(buffer, "seen as %s", status);
}

static void add_failure(Buffer *buffer, const HistoryEntry *entry) {
        const char *error = history_text(entry, HISTORY_ERROR);

        (void) buffer_addf(buffer, "%s failed",
                        or_else(history_text(entry, HISTORY_ACTION), "request"));
        if (error)
                (void) buffer_addf(buffer, " (%s)", error);
}

static bool has_action(const HistoryEntry *entry, ActionKind action) {
        return streq_null(history_text(entry, HISTORY_ACTION), action_name(action));
}

void history_describe(const HistoryEntry *entry, Buffer *buffer) {
        switch (entry->event) {
        case EVENT_STATUS_CHANGED:
                add_status(buffer, entry);
                return;
        case EVENT_STARTED:
        case EVENT_RESENT:
                add_with_reason(buffer, event_names[entry->event], entry);
                return;
        case EVENT_REVOKED:
                add_with_reason(buffer,
                                has_action(entry, ACTION_DELETE) ? "record deleted" : "revoked",
                                entry);
                return;
        case EVENT_REQUEST_FAILED:
                add_failure(buffer, entry);
                return;
        case EVENT_HELD:
                add_with_reason(buffer, or_else(history_text(entry, HISTORY_CONDITION), "held"),
                                entry);
                return;
        case EVENT_OUTCOME_UNKNOWN:
                (void) buffer_addf(buffer, "outcome of %s not known",
                                or_else(history_text(entry, HISTORY_ACTION), "request"));
                return;
        case EVENT_SEVERAL_REQUESTS:
                (void) buffer_add(buffer, "several live requests");
                return;
        case EVENT_PASS_COMPLETED:
        case EVENT_PASS_REFUSED:
        case EVENT_CREDENTIALS:
        case EVENT_CLOCK_SKEW:
        case EVENT_MEMORY_REBUILT:
        case EVENT_CONFIGURATION_LOADED:
        case EVENT_CONFIGURATION_REFUSED:
        case EVENT_MAX:
                return; /* history_read() takes none of them */
        }
}

static Colour status_colour(const char *name) {
        ShareStatus status = name ? share_status_from_name(name) : SHARE_STATUS_UNKNOWN;

        if (status == SHARE_STATUS_SHARED)
                return COLOUR_GREEN;
        if (status == SHARE_STATUS_FAILED || status == SHARE_STATUS_UNKNOWN)
                return COLOUR_RED;
        return share_status_is_ended(status) || status == SHARE_STATUS_EXPIRING ? COLOUR_YELLOW
                                                                                : COLOUR_NONE;
}

Colour history_colour(const HistoryEntry *entry) {
        const char *condition = history_text(entry, HISTORY_CONDITION);

        switch (entry->event) {
        case EVENT_STATUS_CHANGED:
                return status_colour(history_text(entry, HISTORY_STATUS));
        case EVENT_REQUEST_FAILED:
                return COLOUR_RED;
        case EVENT_HELD:
                return streq_null(condition, condition_name(CONDITION_STALLED)) ? COLOUR_BOLD_RED
                                                                                : COLOUR_YELLOW;
        case EVENT_OUTCOME_UNKNOWN:
        case EVENT_SEVERAL_REQUESTS:
                return COLOUR_YELLOW;
        case EVENT_STARTED:
        case EVENT_RESENT:
        case EVENT_REVOKED:
        case EVENT_PASS_COMPLETED:
        case EVENT_PASS_REFUSED:
        case EVENT_CREDENTIALS:
        case EVENT_CLOCK_SKEW:
        case EVENT_MEMORY_REBUILT:
        case EVENT_CONFIGURATION_LOADED:
        case EVENT_CONFIGURATION_REFUSED:
        case EVENT_MAX:
                break;
        }
        return COLOUR_NONE;
}

json_t *history_to_json(const HistoryEntry *entry) {
        _cleanup_json_ json_t *object = NULL;
        char time[TIME_TEXT_MAX];

        object = json_pack("{s:s, s:s}", "time", time_format(entry->time_usec, time), "event",
                        event_names[entry->event]);
        if (!object)
                return NULL;
        for (unsigned i = 0; i < HISTORY_FIELD_MAX; i++)
                if (names[i].key
                                && json_object_set_new(object, names[i].key,
                                                   json_from_text(history_text(
                                                                   entry, (HistoryField) i)))
                                                < 0)
                        return NULL;
        return json_incref(object);
}
