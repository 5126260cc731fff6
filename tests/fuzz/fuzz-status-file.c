/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The status file, as auditsharectl reads it
 *
 * What is taken is taken alike by the second visit, and once more when it was written again as
 * `auditsharectl status --json` does.
 */

#include <jansson.h>

#include "ctl/status-file.h"
#include "fuzz-folder.h"
#include "util/json.h"
#include "util/mem.h"
#include "util/time.h"

static int on_share(const json_t *share, void *userdata) {
        CHECK(json_is_object(share));
        CHECK(status_time(share, "since") >= TIME_UNKNOWN);
        return json_array_append(userdata, (json_t *) (uintptr_t) share) < 0 ? -ENOMEM : 0;
}

static StatusFile *read_file(json_t *shares) {
        _cleanup_free_ char *why = NULL;
        StatusFile *file = NULL;
        int r;

        r = status_file_read(fuzz_folder(), on_share, shares, &file, &why);
        if (r >= 0)
                return file;
        CHECK(!file && (r == -ENOMEM || (why && fuzz_is_printable(why))));
        CHECK(r == -EBADMSG || r == -EPROTONOSUPPORT || r == -ENOMEM);
        return NULL;
}

static void add_json(Buffer *buffer, const json_t *json) {
        _cleanup_free_ char *text = NULL;

        CHECK(json_write(json, JSON_COMPACT, &text) >= 0);
        CHECK(utf8_is_valid(text, strlen(text), NULL));
        (void) buffer_add(buffer, text);
}

/* Writes what was read once more into the folder. */
static void write_again(const StatusFile *file, const json_t *shares) {
        _cleanup_buffer_ Buffer text = { 0 };
        const char *key;
        json_t *value;

        (void) buffer_add(&text, "{");
        json_object_foreach(file->head, key, value) {
                _cleanup_json_ json_t *name = json_string(key);

                add_json(&text, name);
                (void) buffer_add(&text, ": ");
                add_json(&text, value);
                (void) buffer_add(&text, ",\n");
        }
        (void) buffer_add(&text, "\"shares\": ");
        add_json(&text, shares);
        (void) buffer_add(&text, "}\n");
        CHECK(buffer_status(&text) >= 0);
        fuzz_folder_write("status.json", text.data, text.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_t *shares = json_array(), *again = json_array();
        _cleanup_(status_file_freep) StatusFile *file = NULL, *second = NULL;

        fuzz_folder_write("status.json", data, size);
        file = read_file(shares);
        if (!file)
                return 0;
        CHECK(status_file_visit(file, on_share, again) >= 0 && json_equal(shares, again));

        write_again(file, shares);
        (void) json_array_clear(again);
        second = read_file(again);
        CHECK(second && json_equal(file->head, second->head) && json_equal(shares, again));
        return 0;
}
