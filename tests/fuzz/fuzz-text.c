/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Text that others wrote, on its way to a terminal, a page, a YAML file and JSON
 *
 * The first byte is a width. Nothing that moves a cursor or turns a line gets through, widths are
 * kept, and what goes into YAML comes out again byte for byte.
 */

#include <errno.h>

#include "ctl/html.h"
#include "ctl/output.h"
#include "desired/yaml-write.h"
#include "desired/yaml.h"
#include "fuzz.h"
#include "util/json.h"
#include "util/mem.h"

static void check_terminal(const char *text, unsigned width) {
        _cleanup_buffer_ Buffer line = { 0 }, wrapped = { 0 };
        unsigned taken = text_add(&line, text, width);

        CHECK(taken <= width && text_width(buffer_text(&line)) == taken);
        CHECK(fuzz_is_clean(buffer_text(&line), line.length, false));
        CHECK(text_skip(text, width) <= strlen(text));
        text_add_wrapped(&wrapped, text, width % 8, width);
        CHECK(fuzz_is_clean(buffer_text(&wrapped), wrapped.length, true));
}

static void check_page(const char *text, size_t max) {
        _cleanup_free_ char *page = NULL;
        size_t length = 0;
        FILE *file = open_memstream(&page, &length);

        if (!file)
                return;
        html_text(file, text, max);
        (void) fclose(file);
        CHECK(strlen(page) == length && length > 0 && fuzz_is_clean(page, length, false));
        CHECK(!strpbrk(page, "<>\"'"));
}

/* As a value, behind a comment that says the same. */
static void check_yaml(const char *text) {
        _cleanup_buffer_ Buffer scalar = { 0 }, file = { 0 };
        _cleanup_(document_freep) Document *document = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText yaml = { 0 };
        const Node *value;
        int r;

        r = yaml_add_text(&scalar, text);
        CHECK((r == -EINVAL) == !utf8_is_valid(text, strlen(text), NULL));
        if (r < 0 || faults_new(&faults) < 0)
                return;
        CHECK(fuzz_is_clean(buffer_text(&scalar), scalar.length, false));
        (void) buffer_addf(&file, "# %s\nkey: %s\n", buffer_text(&scalar), buffer_text(&scalar));
        yaml = (YamlText){ .text = file.data, .length = file.length };
        CHECK(faults_add_file(faults, "text", &yaml.file) >= 0);
        CHECK(document_parse(&yaml, faults, &document) >= 0 && faults_count(faults) == 0);

        value = node_next(document, node_first(document_root(document)));
        CHECK(streq(node_text(document, value), text));
        CHECK(node_scalar_type(document, value) == SCALAR_TEXT);
}

static void check_json(const char *text) {
        _cleanup_json_ json_t *json = json_from_text(text);

        CHECK(json_is_string(json));
        CHECK(utf8_is_valid(json_string_value(json), json_string_length(json), NULL));
        if (utf8_is_valid(text, strlen(text), NULL))
                CHECK(streq(json_string_value(json), text));
}

static void check_cut(const char *text, size_t max) {
        size_t n = utf8_cut(text, max);

        CHECK(n <= max && n <= strlen(text));
        CHECK(!utf8_is_valid(text, strlen(text), NULL) || utf8_is_valid(text, n, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = size > 1 ? fuzz_text(data + 1, size - 1) : strdup("");
        unsigned width = size > 0 ? data[0] : 0;
        static bool ready;

        if (!ready)
                output_init();
        ready = true;
        if (!text)
                return 0;
        check_terminal(text, width);
        check_page(text, width);
        check_yaml(text);
        check_json(text);
        check_cut(text, width);
        return 0;
}
