/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A saved plan as JSON
 *
 * The checksum is over the rest in one canonical form. It finds what a disk or an editor did to the
 * file; who may write the file is for its mode to say.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/plan-json.h"
#include "util/buffer.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/time.h"

#define PLAN_VERSION 1

/* A number of 64 bits has no place among JSON's. */
#define HASH_DIGITS 16

static const char *hash_text(uint64_t hash, char text[static HASH_DIGITS + 1]) {
        (void) snprintf(text, HASH_DIGITS + 1, "%016llx", (unsigned long long) hash);
        return text;
}

static int parse_hash(const char *text, uint64_t *ret) {
        char digits[HASH_DIGITS + 1];

        (void) snprintf(digits, sizeof(digits), "%s", text);
        if (strspn(digits, "0123456789abcdef") != HASH_DIGITS)
                return -EBADMSG;
        *ret = strtoull(digits, NULL, 16);
        return 0;
}

static int checksum(json_t *json, char text[static HASH_DIGITS + 1]) {
        _cleanup_free_ char *canonical = NULL;
        int r;

        r = json_write(json, JSON_COMPACT | JSON_SORT_KEYS, &canonical);
        if (r < 0)
                return r;
        (void) hash_text(hash_stable(HASH_STABLE_SEED, canonical, strlen(canonical)), text);
        return 0;
}

/* --- writing --- */

/* All of them in one string: a list of a million is no help to anybody. */
static json_t *hashes_to_json(const RecordHashes *hashes) {
        _cleanup_buffer_ Buffer text = { 0 };
        char digits[HASH_DIGITS + 1];

        for (size_t i = 0; i < hashes->count; i++)
                (void) buffer_add(&text, hash_text(hashes->items[i], digits));
        return buffer_status(&text) < 0 ? NULL : json_string(buffer_text(&text));
}

static json_t *write_to_json(const SavedPlan *plan, const SavedWrite *write) {
        char id[UUID_TEXT_MAX], account[ACCOUNT_TEXT_MAX];

        return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:s?}", "framework_id",
                        uuid_format(&write->key.framework_id, id), "framework_name",
                        saved_plan_text(plan, write->framework_name), "account",
                        account_format(recipient_account(write->key.recipient), account), "region",
                        region_name(recipient_region(write->key.recipient)), "action",
                        action_name(write->action), "reason", reason_name(write->reason));
}

static json_t *writes_to_json(const SavedPlan *plan, const SavedSource *source) {
        json_t *list = json_array();

        for (size_t i = 0; list && i < source->n_writes; i++)
                if (json_array_append_new(list, write_to_json(plan, &source->writes[i])) < 0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

static json_t *source_to_json(const SavedPlan *plan, const SavedSource *source) {
        char account[ACCOUNT_TEXT_MAX];

        return json_pack("{s:s, s:s, s:s, s:{s:o, s:o}, s:o}", "name",
                        saved_plan_text(plan, source->name), "account",
                        account_format(source->account, account), "region",
                        saved_plan_text(plan, source->region), "observed", "share_requests",
                        hashes_to_json(&source->requests), "frameworks",
                        hashes_to_json(&source->frameworks), "writes",
                        writes_to_json(plan, source));
}

json_t *saved_plan_to_json(const SavedPlan *plan) {
        json_t *sources = json_array(), *json;
        char configuration[HASH_DIGITS + 1], sum[HASH_DIGITS + 1], made[TIME_TEXT_MAX];
        int r = sources ? 0 : -ENOMEM;

        for (size_t i = 0; i < plan->n_sources && r >= 0; i++)
                r = json_array_append_new(sources, source_to_json(plan, &plan->sources[i]));
        json = json_pack("{s:i, s:s, s:s, s:s, s:o}", "version", PLAN_VERSION, "program",
                        saved_plan_text(plan, plan->program), "made",
                        time_format(plan->made_usec, made), "configuration",
                        hash_text(plan->configuration, configuration), "sources", sources);
        if (json && r >= 0)
                r = checksum(json, sum);
        if (json && r >= 0)
                r = json_object_set_new(json, "checksum", json_string(sum));
        if (!json || r >= 0)
                return json;
        json_decref(json);
        return NULL;
}

/* --- reading --- */

/* 0, or -EBADMSG. */
static int read_hashes(const json_t *object, const char *key, RecordHashes *ret) {
        const char *text = json_text(object, key);
        size_t n = text ? strlen(text) / HASH_DIGITS : 0;
        int r = text && strlen(text) % HASH_DIGITS == 0 ? 0 : -EBADMSG;

        if (r < 0)
                return r;
        ret->items = calloc(n > 0 ? n : 1, sizeof(uint64_t));
        if (!ret->items)
                return -ENOMEM;
        for (; ret->count < n && r >= 0; ret->count++) {
                r = parse_hash(text + ret->count * HASH_DIGITS, &ret->items[ret->count]);
                /* They are compared as a merge of two sorted lists. */
                if (r >= 0 && ret->count > 0 && ret->items[ret->count - 1] > ret->items[ret->count])
                        r = -EBADMSG;
        }
        return r;
}

static int read_write(SavedPlan *plan, SavedSource *source, const json_t *json) {
        const char *id = json_text(json, "framework_id"), *account = json_text(json, "account"),
                   *region = json_text(json, "region"), *action = json_text(json, "action"),
                   *reason = json_text(json, "reason");
        SavedWrite write = { 0 };
        AccountId number;
        RegionId where;
        int r;

        if (!id || !account || !region || !action || uuid_parse(id, &write.key.framework_id) < 0
                        || account_parse(account, &number) < 0)
                return -EBADMSG;
        write.action = action_from_name(action);
        write.reason = reason ? reason_from_name(reason) : REASON_NONE;
        if (!action_is_write(write.action))
                return -EBADMSG;
        r = region_intern(region, &where);
        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        write.key.recipient = recipient_make(number, where);
        r = strings_add(plan->strings, json_text(json, "framework_name"), &write.framework_name);
        return r < 0 ? r : saved_source_add(source, &write);
}

static int read_source(SavedPlan *plan, const json_t *json) {
        SavedSource *source = &plan->sources[plan->n_sources++];
        const char *name = json_text(json, "name"), *account = json_text(json, "account"),
                   *region = json_text(json, "region");
        const json_t *observed = json_object_get(json, "observed"),
                     *writes = json_object_get(json, "writes");
        int r = 0;

        if (!name || !account || !region || account_parse(account, &source->account) < 0
                        || !json_is_array(writes))
                return -EBADMSG;
        if (strings_add(plan->strings, name, &source->name) < 0
                        || strings_add(plan->strings, region, &source->region) < 0)
                return -ENOMEM;
        /* They are found by their names, and only the first would be compared. */
        for (const SavedSource *other = plan->sources; other < source; other++)
                if (other->name == source->name)
                        return -EBADMSG;
        r = read_hashes(observed, "share_requests", &source->requests);
        if (r >= 0)
                r = read_hashes(observed, "frameworks", &source->frameworks);
        for (size_t i = 0; i < json_array_size(writes) && r >= 0; i++)
                r = read_write(plan, source, json_array_get(writes, i));
        saved_source_sort(source);
        return r;
}

static int read_plan(SavedPlan *plan, const json_t *json) {
        const json_t *sources = json_object_get(json, "sources");
        const char *program = json_text(json, "program"), *made = json_text(json, "made"),
                   *configuration = json_text(json, "configuration");
        size_t n = json_array_size(sources);
        int r;

        if (!program || !made || !configuration || strlen(configuration) != HASH_DIGITS || n == 0
                        || n > SETTINGS_SOURCES_MAX || time_parse(made, &plan->made_usec, NULL) < 0
                        || parse_hash(configuration, &plan->configuration) < 0)
                return -EBADMSG;
        r = strings_add(plan->strings, program, &plan->program);
        plan->sources = calloc(n, sizeof(SavedSource));
        if (r < 0 || !plan->sources)
                return -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = read_source(plan, json_array_get(sources, i));
        return r;
}

/* The version first: what a later one calls a checksum is not known here. */
static int check_form(json_t *json) {
        const json_t *version = json_object_get(json, "version");
        char sum[HASH_DIGITS + 1];
        _cleanup_free_ char *written = NULL;
        int r;

        if (!json_is_integer(version) || json_integer_value(version) < 1)
                return -EBADMSG;
        if (json_integer_value(version) > PLAN_VERSION)
                return -EPROTONOSUPPORT;
        if (!json_text(json, "checksum"))
                return -EBADMSG;
        r = text_copy(json_text(json, "checksum"), &written);
        if (r < 0)
                return r;
        (void) json_object_del(json, "checksum");
        r = checksum(json, sum);
        return r < 0 ? r : streq(sum, written) ? 0 : -EBADMSG;
}

int saved_plan_from_json(json_t *json, SavedPlan **ret) {
        _cleanup_(saved_plan_freep) SavedPlan *plan = NULL;
        int r;

        r = check_form(json);
        if (r >= 0)
                r = saved_plan_new_empty(&plan);
        if (r >= 0)
                r = read_plan(plan, json);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(plan);
        return 0;
}
