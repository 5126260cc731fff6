/* SPDX-License-Identifier: Apache-2.0 */

/* Records of the memory file, as text. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/enum.h"
#include "record/memory-record.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

int memory_line_write(Buffer *out, json_t *record) {
        _cleanup_(json_decrefp) json_t *owned = record;
        _cleanup_free_ char *text = NULL;
        int r;

        r = json_write(owned, JSON_COMPACT, &text);
        if (r < 0)
                return r;
        return buffer_addf(out, "%08x %s\n", crc32c(text, strlen(text)), text);
}

int memory_line_read(const char *line, size_t length, json_t **ret) {
        char digits[9] = "", *end;
        json_t *record;
        int r;

        if (length < 10 || length > MEMORY_LINE_MAX || line[8] != ' ')
                return -EBADMSG;
        memcpy(digits, line, 8);
        if (strspn(digits, "0123456789abcdef") != 8
                        || strtoul(digits, &end, 16) != crc32c(line + 9, length - 9))
                return -EBADMSG;

        r = json_read(line + 9, length - 9, &record);
        if (r < 0)
                return r;
        if (!json_is_object(record)) {
                json_decref(record);
                return -EBADMSG;
        }
        *ret = record;
        return 0;
}

/* Names of the small fields; what a record does not mention is zero, false or unknown. */
static const struct {
        const char *name;
        size_t offset;
} times[] = {
        { "created", offsetof(ShareMemory, created_usec) },
        { "updated", offsetof(ShareMemory, updated_usec) },
        { "expires", offsetof(ShareMemory, expires_usec) },
        { "status_since", offsetof(ShareMemory, status_since_usec) },
        { "sent", offsetof(ShareMemory, sent_usec) },
        { "framework_updated", offsetof(ShareMemory, framework_updated_usec) },
        { "before_framework", offsetof(ShareMemory, before_framework_usec) },
        { "refused_framework", offsetof(ShareMemory, refused_framework_usec) },
        { "retry", offsetof(ShareMemory, retry_usec) },
        { "condition_since", offsetof(ShareMemory, condition_since_usec) },
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

/* json_object_set_new() that skips what is not worth a field, and remembers a failure by making the
 * object NULL. */
static void put(json_t **object, const char *key, json_t *value) {
        if (*object && json_object_set_new_nocheck(*object, key, value) < 0) {
                json_decref(*object);
                *object = NULL;
        }
}

static void put_string(json_t **object, const char *key, const char *value) {
        if (value)
                put(object, key, json_string(value));
}

static void put_count(json_t **object, const char *key, uint32_t value) {
        if (value > 0)
                put(object, key, json_integer(value));
}

static json_t *own_to_json(const OwnRequests *own) {
        json_t *list = json_array();
        char text[UUID_TEXT_MAX];

        for (unsigned i = 0; list && i < own->count; i++)
                if (json_array_append_new(list, json_string(uuid_format(&own->ids[i], text))) < 0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

static void put_share(json_t **record, const ShareMemory *m, const Strings *strings) {
        char uuid[UUID_TEXT_MAX];
        bool set[FLAG_MAX];

        if (!uuid_is_null(&m->request_id))
                put_string(record, "request", uuid_format(&m->request_id, uuid));
        put_string(record, "status", share_status_name((ShareStatus) m->status));
        put_string(record, "status_name", strings_get(strings, m->status_name));
        put_string(record, "name", strings_get(strings, m->framework_name));
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                int64_t usec = *(const int64_t *) (const void *) ((const char *) m
                                + times[i].offset);

                if (usec != TIME_UNKNOWN && usec != 0)
                        put(record, times[i].name, json_integer(usec));
        }
        if (m->own)
                put(record, "own", own_to_json(m->own));
        put_count(record, "declaration", m->declaration);
        put_count(record, "attempts", m->attempts);
        put_count(record, "renewals", m->renewals);
        put_count(record, "refusals", m->refusals);
        put_string(record, "condition", condition_name((Condition) m->condition));
        put_string(record, "reason", reason_name((Reason) m->reason));
        put_string(record, "refused", reason_name((Reason) m->refused));
        put_string(record, "send_state", send_states[m->send_state]);
        if (m->send_action != ACTION_NONE)
                put_string(record, "send_action", action_name((ActionKind) m->send_action));

        get_flags(m, set);
        for (size_t i = 0; i < FLAG_MAX; i++)
                if (set[i])
                        put(record, flags[i], json_true());
}

json_t *memory_record_from_share(const char *source, const ShareMemory *m, const Strings *strings) {
        char uuid[UUID_TEXT_MAX], account[ACCOUNT_TEXT_MAX];
        json_t *record = json_object();

        put_string(&record, "source", source);
        put_string(&record, "framework", uuid_format(&m->key.framework_id, uuid));
        put_string(&record, "account",
                        account_format(recipient_account(m->key.recipient), account));
        put_string(&record, "region", region_name(recipient_region(m->key.recipient)));
        if (m->forgotten)
                put(&record, "forgotten", json_true());
        else
                put_share(&record, m, strings);
        return record;
}

const char *memory_record_source(json_t *record) {
        return json_string_value(json_object_get(record, "source"));
}

static const char *get_string(json_t *record, const char *key) {
        return json_string_value(json_object_get(record, key));
}

static int read_key(json_t *record, ShareKey *ret) {
        const char *framework = get_string(record, "framework"),
                   *account = get_string(record, "account");
        const char *region = get_string(record, "region");
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

static int read_own(json_t *list, ShareMemory *m) {
        size_t i;
        json_t *item;
        int r;

        json_array_foreach(list, i, item) {
                Uuid id;

                if (!json_is_string(item) || uuid_parse(json_string_value(item), &id) < 0)
                        return -EBADMSG;
                r = share_memory_add_own(m, &id);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_count(json_t *record, const char *key, uint32_t max, uint32_t *ret) {
        json_t *value = json_object_get(record, key);

        *ret = 0;
        if (!value)
                return 0;
        if (!json_is_integer(value) || json_integer_value(value) < 0
                        || json_integer_value(value) > max)
                return -EBADMSG;
        *ret = (uint32_t) json_integer_value(value);
        return 0;
}

static int read_counts(json_t *record, ShareMemory *m) {
        uint32_t attempts, renewals, refusals;

        if (read_count(record, "attempts", UINT16_MAX, &attempts) < 0
                        || read_count(record, "renewals", UINT16_MAX, &renewals) < 0
                        || read_count(record, "refusals", UINT8_MAX, &refusals) < 0
                        || read_count(record, "declaration", UINT32_MAX, &m->declaration) < 0)
                return -EBADMSG;
        m->attempts = (uint16_t) attempts;
        m->renewals = (uint16_t) renewals;
        m->refusals = (uint8_t) refusals;
        return 0;
}

static int read_times(json_t *record, ShareMemory *m) {
        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                json_t *value = json_object_get(record, times[i].name);

                if (!value)
                        continue;
                if (!json_is_integer(value))
                        return -EBADMSG;
                *(int64_t *) (void *) ((char *) m + times[i].offset) = json_integer_value(value);
        }
        return 0;
}

/* Words that a later version may have added read as "nothing known", which is never acted on. */
static void read_words(json_t *record, ShareMemory *m) {
        const char *status = get_string(record, "status"),
                   *condition = get_string(record, "condition");
        const char *reason = get_string(record, "reason"), *refused = get_string(record, "refused");
        const char *state = get_string(record, "send_state"),
                   *action = get_string(record, "send_action");
        int i = state ? enum_find(send_states, ELEMENTSOF(send_states), state) : 0;

        if (status || get_string(record, "status_name"))
                m->status = (status ? share_status_from_name(status) : SHARE_STATUS_UNKNOWN) & 15u;
        m->condition = (condition ? condition_from_name(condition) : CONDITION_UNKNOWN) & 15u;
        m->reason = (reason ? reason_from_name(reason) : REASON_NONE) & 63u;
        m->refused = (refused ? reason_from_name(refused) : REASON_NONE) & 63u;
        m->send_state = (i < 0 ? SEND_UNKNOWN : (unsigned) i) & 7u;
        m->send_action = (action ? action_from_name(action) : ACTION_NONE) & 7u;
}

static int read_share(json_t *record, Strings *strings, ShareMemory *m) {
        const char *request = get_string(record, "request");
        bool set[FLAG_MAX];
        int r;

        if (request && uuid_parse(request, &m->request_id) < 0)
                return -EBADMSG;
        r = read_times(record, m);
        if (r >= 0)
                r = read_counts(record, m);
        if (r >= 0)
                r = read_own(json_object_get(record, "own"), m);
        if (r >= 0)
                r = strings_add(strings, get_string(record, "name"), &m->framework_name);
        if (r >= 0)
                r = strings_add(strings, get_string(record, "status_name"), &m->status_name);
        if (r < 0)
                return r;

        read_words(record, m);
        for (size_t i = 0; i < FLAG_MAX; i++)
                set[i] = json_is_true(json_object_get(record, flags[i]));
        set_flags(m, set);
        return 0;
}

int memory_record_to_table(json_t *record, MemoryTable *table) {
        ShareMemory m = { 0 };
        uint32_t index;
        int r;

        static_assert(SHARE_STATUS_MAX <= 16 && CONDITION_MAX <= 16 && REASON_MAX <= 64
                                        && SEND_MAX <= 8 && ACTION_MAX <= 8,
                        "the bit fields of ShareMemory must hold their enums");

        r = read_key(record, &m.key);
        if (r < 0)
                return r;
        share_memory_clear(&m);
        if (json_is_true(json_object_get(record, "forgotten")))
                m.forgotten = true;
        else
                r = read_share(record, table->strings, &m);
        if (r >= 0)
                r = memory_table_obtain(table, &m.key, &index);
        if (r < 0) {
                free(m.own);
                return r;
        }

        free(table->items[index].own);
        table->items[index] = m;
        return 0;
}
