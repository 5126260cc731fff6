/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The bytes of a YAML file, before anybody parses them
 *
 * libyaml would find most of this too, but say it in bytes from the start of the file, and not stop
 * at a NUL.
 */

#include <errno.h>
#include <string.h>

#include "desired/yaml-text.h"
#include "util/macro.h"
#include "util/string-util.h"

#define BOM "\xef\xbb\xbf"

/* libyaml compares each %TAG line with all before it. */
#define TAG_LINES_MAX 100

int yaml_text_fault(Faults *faults, Position position, const char *text) {
        return faults_add(faults, position, "", "%s", text) < 0 ? -ENOMEM : -EINVAL;
}

size_t yaml_text_skip_mark(const YamlText *text) {
        return text->length >= 3 && memcmp(text->text, BOM, 3) == 0 ? 3 : 0;
}

/* Line and column of a byte, by the line breaks that editors know. */
Position yaml_text_position(const YamlText *text, size_t offset) {
        Position position = { .line = 1, .column = 1, .file = text->file };
        const char *p = text->text;
        size_t column = 1;

        for (size_t i = yaml_text_skip_mark(text); i < offset && i < text->length; i++)
                if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == text->length || p[i + 1] != '\n'))) {
                        position.line++;
                        column = 1;
                } else if (((unsigned char) p[i] & 0xc0) != 0x80 && p[i] != '\r')
                        column++;

        position.column = (uint16_t) MIN(column, (size_t) UINT16_MAX);
        return position;
}

/* What libyaml would not notice, or only in quadratic time. */
int yaml_text_check(const YamlText *text, Faults *faults) {
        const char *p = text->text, *end = text->text + text->length;
        size_t bad, tag_lines = 0;

        if (text->length > YAML_SIZE_MAX)
                return yaml_text_fault(faults, yaml_text_position(text, 0),
                                "the file is larger than 64 MiB; split it");
        if (!utf8_is_valid(text->text, text->length, &bad))
                return yaml_text_fault(faults, yaml_text_position(text, bad),
                                "not UTF-8; save the file in this encoding");
        p = memchr(text->text, '\0', text->length);
        if (p)
                return yaml_text_fault(faults, yaml_text_position(text, (size_t) (p - text->text)),
                                "NUL in the file; remove it");

        for (p = text->text; (p = memmem(p, (size_t) (end - p), "%TAG", 4)); p++)
                if ((p == text->text || p[-1] == '\n' || p[-1] == '\r')
                                && ++tag_lines > TAG_LINES_MAX)
                        return yaml_text_fault(faults,
                                        yaml_text_position(text, (size_t) (p - text->text)),
                                        "too many %TAG lines; remove them, no tag is used here");
        return 0;
}
