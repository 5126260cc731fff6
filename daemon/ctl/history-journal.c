/* SPDX-License-Identifier: Apache-2.0 */

/* Which entries of the journal are about shares, and whether this user may read it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "ctl/history.h"
#include "util/string-util.h"
#include "util/time.h"

/* --- the query --- */

/* A change of a status is the first. */
static const JournalEvent events[] = {
        EVENT_STATUS_CHANGED,
        EVENT_STARTED,
        EVENT_RESENT,
        EVENT_REVOKED,
        EVENT_REQUEST_FAILED,
        EVENT_HELD,
        EVENT_OUTCOME_UNKNOWN,
        EVENT_SEVERAL_REQUESTS,
};

/* A field that is not asked for (NULL) may be anything. */
static int match(sd_journal *journal, const char *field, const char *value) {
        _cleanup_buffer_ Buffer text = { 0 };

        if (!value)
                return 0;
        if (buffer_addf(&text, "%s=%s", field, value) < 0)
                return -ENOMEM;
        return sd_journal_add_match(journal, text.data, text.length);
}

/* Values of one field are alternatives. A framework goes by its name or its id, so that is compared
 * later. */
static int match_shares(sd_journal *journal, const HistoryQuery *query) {
        size_t n = query->statuses_only ? 1 : ELEMENTSOF(events);
        const Filter *filter = query->filter;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = match(journal, "MESSAGE_ID", journal_event_id(events[i]));
        if (r >= 0 && filter)
                r = match(journal, "SHARE_SOURCE", filter->source);
        if (r >= 0 && filter)
                r = match(journal, "SHARE_ACCOUNT", filter->account);
        if (r >= 0 && filter)
                r = match(journal, "SHARE_REGION", filter->region);
        return r;
}

/* What journald has seen of the sender, which the sender cannot choose. */
static int match_trusted(sd_journal *journal) {
        int r;

        r = match(journal, "_SYSTEMD_UNIT", "auditshared.service");
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        if (r >= 0)
                r = match(journal, "_UID", "0");
        return r;
}

/* Of journal files from another host, or from a backup. */
static const char *other_folder(void) {
        const char *folder = getenv("AUDITSHARED_JOURNAL");

        return is_blank(folder) ? NULL : folder;
}

int history_open(const HistoryQuery *query, sd_journal **ret) {
        sd_journal *journal = NULL;
        int r;

        /* The journals of users hold nothing of root's, nor of the service's. */
        r = other_folder() ? sd_journal_open_directory(&journal, other_folder(), 0)
                           : sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
        if (r >= 0)
                r = sd_journal_set_data_threshold(journal, JOURNAL_TEXT_MAX);
        if (r >= 0)
                r = match_shares(journal, query);
        if (r >= 0)
                r = sd_journal_add_conjunction(journal);
        if (r >= 0)
                r = match_trusted(journal);
        if (r < 0) {
                sd_journal_close(journal);
                return r;
        }
        *ret = journal;
        return 0;
}

/* --- going through it --- */

static bool is_wanted(const HistoryQuery *query, const HistoryEntry *entry) {
        /* Where the clock was put back, earlier entries follow. */
        if (query->since_usec != TIME_UNKNOWN && entry->time_usec < query->since_usec)
                return false;
        return !query->filter
                        || filter_matches(query->filter, history_text(entry, HISTORY_SOURCE),
                                        history_text(entry, HISTORY_FRAMEWORK_ID),
                                        history_text(entry, HISTORY_FRAMEWORK_NAME),
                                        history_text(entry, HISTORY_ACCOUNT),
                                        history_text(entry, HISTORY_REGION));
}

int history_visit(sd_journal *journal,
                const HistoryQuery *query,
                int (*function)(const HistoryEntry *entry, void *userdata),
                void *userdata) {
        _cleanup_(history_entry_done) HistoryEntry entry = { 0 };
        int r;

        if (query->since_usec != TIME_UNKNOWN && query->since_usec > 0)
                r = sd_journal_seek_realtime_usec(journal, (uint64_t) query->since_usec);
        else
                r = sd_journal_seek_head(journal);
        if (r < 0)
                return r;

        while ((r = sd_journal_next(journal)) > 0) {
                r = history_read(journal, &entry);
                if (r > 0 && is_wanted(query, &entry)) {
                        r = function(&entry, userdata);
                        if (r != 0)
                                return r;
                } else if (r < 0)
                        return r;
        }
        return r;
}

/* --- access --- */

/* Of the folder, or of the file that journald writes to now. */
static HistoryAccess access_to(const char *path) {
        if (access(path, R_OK) >= 0)
                return HISTORY_READABLE;
        return errno == ENOENT || errno == ENOTDIR ? HISTORY_ABSENT : HISTORY_DENIED;
}

/* sd_journal_open() leaves out what it may not read, and does not say so. */
HistoryAccess history_access(void) {
        static const char *const folders[] = { "/var/log/journal", "/run/log/journal" };
        HistoryAccess found = HISTORY_ABSENT;
        char id[SD_ID128_STRING_MAX];
        sd_id128_t machine;

        if (other_folder())
                return HISTORY_READABLE;
        if (sd_id128_get_machine(&machine) < 0)
                return HISTORY_ABSENT;
        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                HistoryAccess folder, file;
                char path[128];

                (void) snprintf(path, sizeof(path), "%s/%s", folders[i],
                                sd_id128_to_string(machine, id));
                folder = access_to(path);
                (void) snprintf(path, sizeof(path), "%s/%s/system.journal", folders[i],
                                sd_id128_to_string(machine, id));
                file = access_to(path);
                if (folder == HISTORY_DENIED || file == HISTORY_DENIED)
                        return HISTORY_DENIED;
                if (folder == HISTORY_READABLE)
                        found = HISTORY_READABLE;
        }
        return found;
}
