/* SPDX-License-Identifier: Apache-2.0 */

/* Records of the memory file. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/enum.h"
#include "record/memory-record.h"
#include "util/macro.h"
#include "util/string-util.h"
#include "util/time.h"

/* Names of the small fields; what a record does not mention is zero, false or unknown. */
static const struct {
        const char *name;
        size_t offset;
        bool unsettled; /* in UnsettledMemory, else in ShareMemory */
} times[] = {
        { "created", offsetof(ShareMemory, created_usec), false },
        { "updated", offsetof(ShareMemory, updated_usec), false },
        { "expires", offsetof(ShareMemory, expires_usec), false },
        { "status_since", offsetof(ShareMemory, status_since_usec), false },
        { "sent", offsetof(ShareMemory, sent_usec), false },
        { "framework_updated", offsetof(ShareMemory, framework_updated_usec), false },
        { "before_framework", offsetof(UnsettledMemory, before_framework_usec), true },
        { "refused_framework", offsetof(UnsettledMemory, refused_framework_usec), true },
        { "retry", offsetof(UnsettledMemory, retry_usec), true },
        { "condition_since", offsetof(ShareMemory, condition_since_usec), false },
};

static const char *const send_states[SEND_MAX] = {
        [SEND_INTENDED] = "intended",
        [SEND_UNKNOWN] = "unknown",
        [SEND_ANSWERED] = "answered",
};

typedef enum Flag {
        FLAG_OURS,
        FLAG_OWN_REQUEST,
        FLAG_REVOKED_BY_US,
        FLAG_COUNTED,
        FLAG_SEND_RENEWAL,
        FLAG_BEFORE_COUNTED,
        FLAG_WARNED,
        FLAG_SEVERAL,
        FLAG_RELEASED,
        FLAG_MAX
} Flag;

#define FLAG_NAME_MAX 24 /* with its comma */

static const char *const flags[FLAG_MAX] = {
        [FLAG_OURS] = "ours",
        [FLAG_OWN_REQUEST] = "own_request",
        [FLAG_REVOKED_BY_US] = "revoked_by_us",
        [FLAG_COUNTED] = "counted",
        [FLAG_SEND_RENEWAL] = "send_renewal",
        [FLAG_BEFORE_COUNTED] = "before_counted",
        [FLAG_WARNED] = "warned",
        [FLAG_SEVERAL] = "several",
        [FLAG_RELEASED] = "released",
};

static void get_flags(const ShareMemory *m, bool ret[static FLAG_MAX]) {
        ret[FLAG_OURS] = m->ours;
        ret[FLAG_OWN_REQUEST] = m->own_request;
        ret[FLAG_REVOKED_BY_US] = m->revoked_by_us;
        ret[FLAG_COUNTED] = m->counted;
        ret[FLAG_SEND_RENEWAL] = m->send_renewal;
        ret[FLAG_BEFORE_COUNTED] = m->before_counted;
        ret[FLAG_WARNED] = m->warned;
        ret[FLAG_SEVERAL] = m->several;
        ret[FLAG_RELEASED] = m->released;
}

static void set_flags(ShareMemory *m, const bool from[static FLAG_MAX]) {
        m->ours = from[FLAG_OURS];
        m->own_request = from[FLAG_OWN_REQUEST];
        m->revoked_by_us = from[FLAG_REVOKED_BY_US];
        m->counted = from[FLAG_COUNTED];
        m->send_renewal = from[FLAG_SEND_RENEWAL];
        m->before_counted = from[FLAG_BEFORE_COUNTED];
        m->warned = from[FLAG_WARNED];
        m->several = from[FLAG_SEVERAL];
        m->released = from[FLAG_RELEASED];
}

/* Names between commas. */
static void add_flags(const LineWriter *writer, const ShareMemory *m) {
        char text[FLAG_MAX * FLAG_NAME_MAX] = "", *end = text;
        bool set[FLAG_MAX];

        get_flags(m, set);
        for (size_t i = 0; i < FLAG_MAX; i++)
                if (set[i]) {
                        if (end > text)
                                *end++ = ',';
                        end = stpcpy(end, flags[i]);
                }
        if (end > text)
                memory_line_add(writer, "flags", text);
}

static void add_own(const LineWriter *writer, const OwnRequests *own) {
        char text[OWN_REQUESTS_MAX * UUID_TEXT_MAX];

        if (!own || own->count == 0)
                return;
        for (unsigned i = 0; i < own->count; i++) {
                (void) uuid_format(&own->ids[i], text + i * UUID_TEXT_MAX);
                text[(i + 1) * UUID_TEXT_MAX - 1] = i + 1 < own->count ? ',' : '\0';
        }
        memory_line_add(writer, "own", text);
}

static void add_count(const LineWriter *writer, const char *name, uint32_t count) {
        if (count > 0)
                memory_line_add_number(writer, name, count);
}

static void add_times(const LineWriter *writer, const ShareMemory *m) {
        const void *unsettled = share_memory_unsettled(m), *share = m;

        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                const char *from = times[i].unsettled ? unsettled : share;
                int64_t usec;

                memcpy(&usec, from + times[i].offset, sizeof(usec));
                if (usec != TIME_UNKNOWN && usec != 0)
                        memory_line_add_number(writer, times[i].name, usec);
        }
}

static void add_share(const LineWriter *writer, const ShareMemory *m, const Strings *strings) {
        const UnsettledMemory *unsettled = share_memory_unsettled(m);
        char uuid[UUID_TEXT_MAX];

        if (!uuid_is_null(&m->request_id))
                memory_line_add(writer, "request", uuid_format(&m->request_id, uuid));
        add_times(writer, m);
        add_count(writer, "attempts", m->attempts);
        add_count(writer, "renewals", m->renewals);
        add_count(writer, "refusals", unsettled->refusals);
        add_count(writer, "declaration", m->declaration);
        add_own(writer, unsettled->own);
        memory_line_add(writer, "name", strings_get(strings, m->framework_name));
        memory_line_add(writer, "status_name", strings_get(strings, unsettled->status_name));
        memory_line_add(writer, "status", share_status_name((ShareStatus) m->status));
        memory_line_add(writer, "condition", condition_name((Condition) m->condition));
        memory_line_add(writer, "reason", reason_name((Reason) m->reason));
        memory_line_add(writer, "refused", reason_name((Reason) m->refused));
        memory_line_add(writer, "send_state", send_states[m->send_state]);
        if (m->send_action != ACTION_NONE)
                memory_line_add(writer, "send_action", action_name((ActionKind) m->send_action));
        add_flags(writer, m);
}

int memory_record_write(Buffer *out,
                const char *source,
                const ShareMemory *m,
                const Strings *strings) {
        LineWriter writer = memory_line_begin(out, m->forgotten ? "forgotten" : "share");
        char uuid[UUID_TEXT_MAX], account[ACCOUNT_TEXT_MAX];

        memory_line_add(&writer, "source", source);
        memory_line_add(&writer, "framework", uuid_format(&m->key.framework_id, uuid));
        memory_line_add(&writer, "account",
                        account_format(recipient_account(m->key.recipient), account));
        memory_line_add(&writer, "region", region_name(recipient_region(m->key.recipient)));
        if (!m->forgotten)
                add_share(&writer, m, strings);
        return memory_line_end(&writer);
}

bool memory_record_is_share(const MemoryLine *line) {
        return streq(line->kind, "share") || streq(line->kind, "forgotten");
}

static int read_key(MemoryLine *line, ShareKey *ret) {
        const char *framework = memory_line_take(line, "framework");
        const char *account = memory_line_take(line, "account");
        const char *region = memory_line_take(line, "region");
        AccountId account_id;
        RegionId region_id;
        int r;

        if (!framework || !account || !region || uuid_parse(framework, &ret->framework_id) < 0
                        || account_parse(account, &account_id) < 0)
                return -EBADMSG;
        r = region_intern(region, &region_id);
        if (r < 0)
                return r == -EINVAL ? -EBADMSG : r;

        ret->recipient = recipient_make(account_id, region_id);
        return 0;
}

static int read_request(MemoryLine *line, ShareMemory *m) {
        const char *text = memory_line_take(line, "request");

        return text && uuid_parse(text, &m->request_id) < 0 ? -EBADMSG : 0;
}

/* Of a list of words between commas, the next, which is copied; false where there is none. */
static bool next_word(const char **list, char *word, size_t size) {
        size_t length = *list ? strcspn(*list, ",") : 0, cut;

        if (length == 0)
                return false;
        cut = MIN(length, size - 1);
        memcpy(word, *list, cut);
        word[cut] = '\0';
        *list = (*list)[length] ? *list + length + 1 : NULL;
        return true;
}

static int read_own(MemoryLine *line, ShareMemory *m) {
        const char *list = memory_line_take(line, "own");
        char word[UUID_TEXT_MAX + 1];
        Uuid id;
        int r;

        while (next_word(&list, word, sizeof(word))) {
                if (uuid_parse(word, &id) < 0)
                        return -EBADMSG;
                r = share_memory_add_own(m, &id);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void read_flags(MemoryLine *line, ShareMemory *m) {
        const char *list = memory_line_take(line, "flags");
        bool set[FLAG_MAX] = { false };
        char word[FLAG_NAME_MAX];
        int i;

        while (next_word(&list, word, sizeof(word))) {
                i = enum_find(flags, FLAG_MAX, word);
                if (i >= 0)
                        set[i] = true;
        }
        set_flags(m, set);
}

static int read_counts(MemoryLine *line, ShareMemory *m) {
        int64_t attempts = 0, renewals = 0, refusals = 0, declaration = 0;
        UnsettledMemory *unsettled;
        int r;

        if (memory_line_take_number(line, "attempts", 0, SHARE_COUNT_MAX, &attempts) < 0
                        || memory_line_take_number(line, "renewals", 0, SHARE_COUNT_MAX, &renewals)
                                        < 0
                        || memory_line_take_number(line, "refusals", 0, UINT8_MAX, &refusals) < 0
                        || memory_line_take_number(line, "declaration", 0, UINT32_MAX, &declaration)
                                        < 0)
                return -EBADMSG;
        m->attempts = (uint32_t) attempts & SHARE_COUNT_MAX;
        m->renewals = (uint32_t) renewals & SHARE_COUNT_MAX;
        m->declaration = (uint32_t) declaration;
        if (refusals == 0)
                return 0;
        r = share_memory_unsettle(m, &unsettled);
        if (r >= 0)
                unsettled->refusals = (uint8_t) refusals;
        return r;
}

static int read_times(MemoryLine *line, ShareMemory *m) {
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                int64_t usec = TIME_UNKNOWN;
                UnsettledMemory *unsettled;
                char *to = (char *) m;
                int r;

                if (memory_line_take_number(line, times[i].name, INT64_MIN, INT64_MAX, &usec) < 0)
                        return -EBADMSG;
                /* Neither is ever written. */
                if (usec == TIME_UNKNOWN || usec == 0)
                        continue;
                if (times[i].unsettled) {
                        r = share_memory_unsettle(m, &unsettled);
                        if (r < 0)
                                return r;
                        to = (char *) unsettled;
                }
                memcpy(to + times[i].offset, &usec, sizeof(usec));
        }
        return 0;
}

static int set_status_name(Strings *strings, const char *text, ShareMemory *m) {
        UnsettledMemory *unsettled;
        int r;

        if (!text)
                return 0;
        r = share_memory_unsettle(m, &unsettled);
        return r < 0 ? r : strings_add(strings, text, &unsettled->status_name);
}

static int read_names(MemoryLine *line, Strings *strings, ShareMemory *m) {
        int r;

        r = strings_add(strings, memory_line_take(line, "name"), &m->framework_name);
        if (r < 0)
                return r;
        return set_status_name(strings, memory_line_take(line, "status_name"), m);
}

/* Words that a later version may have added read as "nothing known", which is never acted on. */
static int read_words(MemoryLine *line, Strings *strings, ShareMemory *m) {
        const char *status = memory_line_take(line, "status");
        const char *condition = memory_line_take(line, "condition");
        const char *reason = memory_line_take(line, "reason");
        const char *refused = memory_line_take(line, "refused");
        const char *state = memory_line_take(line, "send_state");
        const char *action = memory_line_take(line, "send_action");
        int i = state ? enum_find(send_states, ELEMENTSOF(send_states), state) : 0;

        if (status || share_memory_unsettled(m)->status_name)
                m->status = (status ? share_status_from_name(status) : SHARE_STATUS_UNKNOWN) & 15u;
        m->condition = (condition ? condition_from_name(condition) : CONDITION_UNKNOWN) & 15u;
        m->reason = (reason ? reason_from_name(reason) : REASON_NONE) & 63u;
        m->refused = (refused ? reason_from_name(refused) : REASON_NONE) & 63u;
        m->send_state = (i < 0 ? SEND_UNKNOWN : (unsigned) i) & 7u;
        m->send_action = (action ? action_from_name(action) : ACTION_NONE) & 7u;
        /* Without a name it would be written as none at all, as of a share never seen. */
        return m->status == SHARE_STATUS_UNKNOWN && !share_memory_unsettled(m)->status_name
                        ? set_status_name(strings, status, m)
                        : 0;
}

/* In the order in which add_share() writes. */
static int read_share(MemoryLine *line, Strings *strings, ShareMemory *m) {
        int r;

        r = read_request(line, m);
        if (r >= 0)
                r = read_times(line, m);
        if (r >= 0)
                r = read_counts(line, m);
        if (r >= 0)
                r = read_own(line, m);
        if (r >= 0)
                r = read_names(line, strings, m);
        if (r >= 0)
                r = read_words(line, strings, m);
        if (r < 0)
                return r;
        read_flags(line, m);
        return memory_line_check_taken(line);
}

int memory_record_read(MemoryLine *line, MemoryTable *table) {
        ShareMemory m = { 0 };
        uint32_t index;
        int r;

        static_assert(SHARE_STATUS_MAX <= 16 && CONDITION_MAX <= 16 && REASON_MAX <= 64
                                        && SEND_MAX <= 8 && ACTION_MAX <= 8,
                        "the bit fields of ShareMemory must hold their enums");

        r = read_key(line, &m.key);
        if (r < 0)
                return r;
        share_memory_clear(&m);
        m.forgotten = streq(line->kind, "forgotten");
        r = m.forgotten ? memory_line_check_taken(line) : read_share(line, table->strings, &m);
        if (r >= 0)
                r = memory_table_obtain(table, &m.key, &index);
        if (r < 0) {
                share_memory_done(&m);
                return r;
        }

        share_memory_done(&table->items[index]);
        table->items[index] = m;
        return 0;
}
