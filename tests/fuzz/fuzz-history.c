/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Entries of the journal
 *
 * Anybody on the host can write what these fields hold. The input is a time and the fields of one
 * entry, separated by 0x1e; what libsystemd would read them from is replaced here. What is printed
 * of an entry is clean, to a terminal as well as in JSON.
 */

#include <errno.h>
#include <systemd/sd-journal.h>

#include "ctl/history.h"
#include "fuzz.h"
#include "util/json.h"
#include "util/mem.h"

#define SEPARATOR 0x1e

static const uint8_t *fields, *next_field, *fields_end;
static uint64_t realtime_usec;

int sd_journal_get_realtime_usec(sd_journal *journal, uint64_t *ret) {
        (void) journal;
        *ret = realtime_usec;
        return realtime_usec == 0 ? -EBADMSG : 0;
}

void sd_journal_restart_data(sd_journal *journal) {
        (void) journal;
        next_field = fields;
}

int sd_journal_enumerate_available_data(sd_journal *journal, const void **ret, size_t *ret_length) {
        const uint8_t *end;

        (void) journal;
        if (next_field >= fields_end)
                return 0;
        end = memchr(next_field, SEPARATOR, (size_t) (fields_end - next_field));
        if (!end)
                end = fields_end;
        *ret = next_field;
        *ret_length = (size_t) (end - next_field);
        next_field = end + 1;
        return 1;
}

static void check_words(const HistoryEntry *entry) {
        _cleanup_buffer_ Buffer words = { 0 }, line = { 0 };

        history_describe(entry, &words);
        CHECK(words.length > 0 && history_colour(entry) < COLOUR_MAX);
        CHECK(text_add(&line, buffer_text(&words), 60) <= 60);
        CHECK(fuzz_is_clean(buffer_text(&line), line.length, false));
}

static void check_json(const HistoryEntry *entry) {
        _cleanup_json_ json_t *json = history_to_json(entry), *again = NULL;
        _cleanup_free_ char *text = NULL;

        CHECK(json && json_write(json, JSON_COMPACT, &text) >= 0);
        CHECK(utf8_is_valid(text, strlen(text), NULL));
        CHECK(json_read(text, strlen(text), &again) >= 0 && json_equal(json, again));
        CHECK(json_is_string(json_object_get(json, "event")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(history_entry_done) HistoryEntry entry = { 0 };
        static bool ready;
        int r;

        if (!ready)
                output_init();
        ready = true;
        realtime_usec = 0;
        fields = next_field = data;
        fields_end = data + size;
        for (; fields < fields_end && *fields >= '0' && *fields <= '9'; fields++)
                realtime_usec = realtime_usec * 10 + (uint64_t) (*fields - '0');
        fields += fields < fields_end;

        r = history_read(NULL, &entry);
        CHECK(r == 0 || r == 1 || r == -ENOMEM);
        for (unsigned i = 0; i < HISTORY_FIELD_MAX; i++)
                CHECK(entry.fields[i].length <= JOURNAL_TEXT_MAX);
        if (r == 1) {
                CHECK(entry.time_usec >= 0 && entry.time_usec < TIME_INFINITY);
                check_words(&entry);
                check_json(&entry);
        }
        return 0;
}
