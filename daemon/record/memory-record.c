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

/* What a record does not mention is zero, false or unknown. */

typedef enum TimeField {
        FIELD_CREATED,
        FIELD_UPDATED,
        FIELD_EXPIRES,
        FIELD_STATUS_SINCE,
        FIELD_SENT,
        FIELD_FRAMEWORK_UPDATED,
        FIELD_BEFORE_FRAMEWORK,
        FIELD_REFUSED_FRAMEWORK,
        FIELD_RETRY,
        FIELD_BESIDE_EXPIRES,
        FIELD_CONDITION_SINCE,
        FIELD_MAX
} TimeField;

static const char *const times[FIELD_MAX] = {
        [FIELD_CREATED] = "created",
        [FIELD_UPDATED] = "updated",
        [FIELD_EXPIRES] = "expires",
        [FIELD_STATUS_SINCE] = "status_since",
        [FIELD_SENT] = "sent",
        [FIELD_FRAMEWORK_UPDATED] = "framework_updated",
        [FIELD_BEFORE_FRAMEWORK] = "before_framework",
        [FIELD_REFUSED_FRAMEWORK] = "refused_framework",
        [FIELD_RETRY] = "retry",
        [FIELD_BESIDE_EXPIRES] = "beside_expires",
        [FIELD_CONDITION_SINCE] = "condition_since",
};

static void get_times(const ShareMemory *m, int64_t ret[static FIELD_MAX]) {
        const UnsettledMemory *unsettled = share_memory_unsettled(m);

        ret[FIELD_CREATED] = m->created_usec;
        ret[FIELD_UPDATED] = m->updated_usec;
        ret[FIELD_EXPIRES] = seconds_to_usec(m->expires);
        ret[FIELD_STATUS_SINCE] = m->status_since_usec;
        ret[FIELD_SENT] = m->sent_usec;
        ret[FIELD_FRAMEWORK_UPDATED] = m->framework_updated_usec;
        ret[FIELD_BEFORE_FRAMEWORK] = unsettled->before_framework_usec;
        ret[FIELD_REFUSED_FRAMEWORK] = unsettled->refused_framework_usec;
        ret[FIELD_RETRY] = unsettled->retry_usec;
        ret[FIELD_BESIDE_EXPIRES] = seconds_to_usec(unsettled->beside_expires);
        ret[FIELD_CONDITION_SINCE] = seconds_to_usec(m->condition_since);
}

static int set_times(ShareMemory *m, const int64_t from[static FIELD_MAX]) {
        UnsettledMemory *unsettled;
        int r;

        m->created_usec = from[FIELD_CREATED];
        m->updated_usec = from[FIELD_UPDATED];
        m->expires = seconds_from_usec(from[FIELD_EXPIRES]);
        m->status_since_usec = from[FIELD_STATUS_SINCE];
        m->sent_usec = from[FIELD_SENT];
        m->framework_updated_usec = from[FIELD_FRAMEWORK_UPDATED];
        m->condition_since = seconds_from_usec(from[FIELD_CONDITION_SINCE]);
        if (from[FIELD_BEFORE_FRAMEWORK] == TIME_UNKNOWN
                        && from[FIELD_REFUSED_FRAMEWORK] == TIME_UNKNOWN
                        && from[FIELD_RETRY] == TIME_UNKNOWN
                        && from[FIELD_BESIDE_EXPIRES] == TIME_UNKNOWN)
                return 0;

        r = share_memory_unsettle(m, &unsettled);
        if (r < 0)
                return r;
        unsettled->before_framework_usec = from[FIELD_BEFORE_FRAMEWORK];
        unsettled->refused_framework_usec = MAX(from[FIELD_REFUSED_FRAMEWORK], INT64_C(0));
        unsettled->retry_usec = from[FIELD_RETRY];
        unsettled->beside_expires = seconds_from_usec(from[FIELD_BESIDE_EXPIRES]);
        return 0;
}

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
        int64_t usec[FIELD_MAX];

        get_times(m, usec);
        for (size_t i = 0; i < FIELD_MAX; i++)
                if (usec[i] != TIME_UNKNOWN && usec[i] != 0)
                        memory_line_add_number(writer, times[i], usec[i]);
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
        int64_t usec[FIELD_MAX];

        for (size_t i = 0; i < FIELD_MAX; i++) {
                usec[i] = TIME_UNKNOWN;
                if (memory_line_take_number(line, times[i], INT64_MIN, INT64_MAX, &usec[i]) < 0)
                        return -EBADMSG;
                /* It is never written. */
                if (usec[i] == 0)
                        usec[i] = TIME_UNKNOWN;
        }
        return set_times(m, usec);
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
