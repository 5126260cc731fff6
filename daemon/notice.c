/* SPDX-License-Identifier: Apache-2.0 */

/* What a client notices about its source, as journal events. */

#include <stdio.h>

#include "notice.h"
#include "record/journal.h"
#include "util/log.h"
#include "util/string-util.h"

/* Of what lasts, the note in memory is the state; a change of it is the news. */
static bool is_news(Memory *memory, const Source *source, ClientNotice notice) {
        const char *state = notice == CLIENT_NOTICE_CREDENTIALS_LOST ? "lost" : NULL;
        char key[SOURCE_KEY_TEXT_MAX + 16], name[SOURCE_KEY_TEXT_MAX];

        if (notice == CLIENT_NOTICE_CLOCK_SKEW)
                return true;
        (void) snprintf(key, sizeof(key), "credentials:%s", source_key(source, name));
        if (streq_null(memory_note(memory, key), state))
                return false;
        if (memory_set_note(memory, key, state) >= 0)
                (void) memory_write(memory);
        return true;
}

void notice_report(Memory *memory, const Source *source, ClientNotice notice, const char *detail) {
        static const struct {
                JournalEvent event;
                LogLevel level;
                const char *text;
        } notices[CLIENT_NOTICE_MAX] = {
                [CLIENT_NOTICE_CREDENTIALS_LOST] = { EVENT_CREDENTIALS, LOG_LEVEL_ERROR,
                                "no credentials can be had" },
                [CLIENT_NOTICE_CREDENTIALS_BACK] = { EVENT_CREDENTIALS, LOG_LEVEL_NOTICE,
                                "credentials can be had again" },
                [CLIENT_NOTICE_CLOCK_SKEW] = { EVENT_CLOCK_SKEW, LOG_LEVEL_WARNING,
                                "the signing time was corrected" },
        };
        JournalEntry event;

        /* No events: nothing has changed for a share. */
        if (notice == CLIENT_NOTICE_CREDENTIALS_ODD) {
                log_warning("Source %s: passed over on the way to credentials: %s", source->name,
                                detail);
                return;
        }
        if (notice == CLIENT_NOTICE_SIGNED_IN) {
                log_debug("Source %s: signed in with credentials of %s", source->name, detail);
                return;
        }
        if (!is_news(memory, source, notice))
                return;

        journal_begin(&event, notices[notice].event, notices[notice].level, "Source %s: %s%s%s",
                        source->name, notices[notice].text, detail && *detail ? ": " : "",
                        detail ? detail : "");
        journal_add(&event, "SHARE_SOURCE", source->name);
        journal_send(&event);
}
