/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The shared config and credentials files of AWS
 *
 * As the SDKs read them: sections, properties, values continued on indented lines, comments. A line
 * that makes no sense is an error of the file; a name that makes no sense is left out, as a newer
 * tool may have written it. Sections and properties are kept flat and in order; the last one
 * counts, so merging is a matter of looking from the end.
 */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile-file.h"
#include "util/buffer.h"
#include "util/mem.h"
#include "util/secret.h"
#include "util/string-util.h"

typedef struct Section {
        ProfileSectionKind kind;
        bool prefixed; /* [profile default], which wins over [default] */
        char *name;
} Section;

typedef struct Property {
        size_t section;
        char *key;
        char *value;
} Property;

struct ProfileFile {
        ProfileFileKind kind;
        Section *sections;
        size_t n_sections, sections_capacity;
        Property *properties;
        size_t n_properties, properties_capacity;
        bool default_is_prefixed;
};

/* A piece of the text. */
typedef struct Slice {
        const char *p;
        size_t n;
} Slice;

typedef struct Parser {
        ProfileFile *file;
        const char *why;
        bool in_section;
        bool in_property;
        bool is_ignored; /* the property has a name that does not count */
        bool has_sub; /* its value began empty: its further lines are sub-properties */
        Buffer value; /* of the property being read */
        char *key;
} Parser;

static bool is_blank_character(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static Slice trim(Slice s) {
        while (s.n > 0 && is_blank_character(s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n > 0 && is_blank_character(s.p[s.n - 1]))
                s.n--;
        return s;
}

static bool is_comment_sign(char c) {
        return c == '#' || c == ';';
}

/* Ends a line at its comment, which in a value must follow a blank: passwords have "#" in them. */
static Slice cut_comment(Slice line, bool after_blank) {
        for (size_t i = 0; i < line.n; i++)
                if (is_comment_sign(line.p[i])
                                && (!after_blank || (i > 0 && is_blank_character(line.p[i - 1])))) {
                        line.n = i;
                        break;
                }
        return trim(line);
}

static bool is_name(Slice s) {
        for (size_t i = 0; i < s.n; i++)
                if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z')
                                    || (s.p[i] >= '0' && s.p[i] <= '9')
                                    || strchr("-_./%@:+", s.p[i])))
                        return false;
        return s.n > 0;
}

static bool slice_is(Slice s, const char *text) {
        return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* The name behind "profile ", "sso-session " and so on; quotes round it allow blanks in it, as for
 * the AWS CLI. */
static bool split_prefix(Slice s, const char *prefix, Slice *ret) {
        size_t n = strlen(prefix);

        if (s.n <= n || memcmp(s.p, prefix, n) != 0 || !is_blank_character(s.p[n]))
                return false;

        s = trim((Slice){ s.p + n, s.n - n });
        if (s.n > 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0]) {
                s = (Slice){ s.p + 1, s.n - 2 };
                if (memchr(s.p, s.p[-1], s.n))
                        return false;
        } else if (!is_name(s))
                return false;

        *ret = s;
        return true;
}

static const struct {
        const char *prefix;
        ProfileSectionKind kind;
} config_sections[] = {
        { "profile", PROFILE_SECTION_PROFILE },
        { "sso-session", PROFILE_SECTION_SSO_SESSION },
        { "services", PROFILE_SECTION_SERVICES },
};

/* What [text] begins. In config files profiles have a prefix, but for the default one; in
 * credentials files none has. */
static ProfileSectionKind section_kind(ProfileFileKind kind,
                Slice text,
                Slice *ret_name,
                bool *ret_prefixed) {
        *ret_name = text;
        *ret_prefixed = false;
        if (kind == PROFILE_FILE_CREDENTIALS)
                return is_name(text) ? PROFILE_SECTION_PROFILE : PROFILE_SECTION_IGNORED;
        if (slice_is(text, "default"))
                return PROFILE_SECTION_PROFILE;

        for (size_t i = 0; i < ELEMENTSOF(config_sections); i++)
                if (split_prefix(text, config_sections[i].prefix, ret_name)) {
                        *ret_prefixed = config_sections[i].kind == PROFILE_SECTION_PROFILE;
                        return config_sections[i].kind;
                }
        return PROFILE_SECTION_IGNORED;
}

static int refuse(Parser *parser, const char *why) {
        parser->why = why;
        return -EINVAL;
}

/* The property is complete once something else begins. */
static int finish_property(Parser *parser) {
        ProfileFile *file = parser->file;
        char *value;
        int r;

        if (!parser->in_property)
                return 0;
        parser->in_property = false;
        if (parser->is_ignored)
                return 0;

        r = ARRAY_RESERVE(file->properties, file->properties_capacity, file->n_properties + 1);
        if (r < 0)
                return r;
        value = buffer_steal(&parser->value);
        if (!value)
                return -ENOMEM;

        file->properties[file->n_properties++] = (Property){
                .section = file->n_sections - 1,
                .key = parser->key,
                .value = value,
        };
        parser->key = NULL;
        return 0;
}

static int read_section(Parser *parser, Slice line) {
        ProfileFile *file = parser->file;
        Section section = { 0 };
        Slice name;
        int r;

        line = cut_comment(line, false);
        if (line.p[line.n - 1] != ']')
                return refuse(parser, "the name of a section must end with ']'");
        line = trim((Slice){ line.p + 1, line.n - 2 });

        r = ARRAY_RESERVE(file->sections, file->sections_capacity, file->n_sections + 1);
        if (r < 0)
                return r;
        section.kind = section_kind(file->kind, line, &name, &section.prefixed);
        section.name = strndup(name.p, name.n);
        if (!section.name)
                return -ENOMEM;

        if (section.prefixed && streq(section.name, "default"))
                file->default_is_prefixed = true;
        file->sections[file->n_sections++] = section;
        parser->in_section = true;
        return 0;
}

/* Splits "key = value". Returns false where there is no "=". */
static bool split_pair(Slice line, Slice *ret_key, Slice *ret_value) {
        const char *equals = memchr(line.p, '=', line.n);

        if (!equals)
                return false;
        *ret_key = trim((Slice){ line.p, (size_t) (equals - line.p) });
        *ret_value = trim((Slice){ equals + 1, (size_t) (line.p + line.n - equals - 1) });
        return true;
}

static int read_property(Parser *parser, Slice line) {
        Slice key, value;

        if (!parser->in_section)
                return refuse(parser, "a section, such as [default], must come first");
        if (!split_pair(cut_comment(line, true), &key, &value))
                return refuse(parser, "'=' is missing");
        if (key.n == 0)
                return refuse(parser, "the name before '=' is missing");

        parser->in_property = true;
        parser->is_ignored = !is_name(key);
        parser->has_sub = value.n == 0;
        if (parser->is_ignored)
                return 0;

        parser->key = text_wipe(parser->key);
        parser->key = strndup(key.p, key.n);
        if (!parser->key)
                return -ENOMEM;
        for (char *c = parser->key; *c; c++)
                if (*c >= 'A' && *c <= 'Z')
                        *c = (char) (*c | 0x20);
        return buffer_append(&parser->value, value.p, value.n);
}

/* Comments are part of a continued value, other than of the line that begins it. */
static int read_continuation(Parser *parser, Slice line) {
        Slice key, value;
        int r;

        if (!parser->in_section)
                return refuse(parser, "a section, such as [default], must come first");
        if (!parser->in_property)
                return refuse(parser, "an indented line continues a value, and there is none");

        line = trim(line);
        if (parser->has_sub && !split_pair(line, &key, &value))
                return refuse(parser, "'=' is missing in what belongs to the line above");
        if (parser->has_sub && key.n == 0)
                return refuse(parser,
                                "the name before '=' is missing in what belongs to the line above");
        if (parser->is_ignored)
                return 0;

        r = buffer_add_char(&parser->value, '\n');
        return r < 0 ? r : buffer_append(&parser->value, line.p, line.n);
}

static int read_line(Parser *parser, Slice line) {
        Slice text = trim(line);
        int r;

        if (text.n == 0 || is_comment_sign(text.p[0]))
                return 0;
        if (is_blank_character(line.p[0]))
                return read_continuation(parser, line);

        r = finish_property(parser);
        if (r < 0)
                return r;
        return line.p[0] == '[' ? read_section(parser, line) : read_property(parser, line);
}

static int read_lines(Parser *parser, const char *text, size_t length, uint32_t *ret_line) {
        const char *end = text + length;
        int r = 0;

        /* Windows' editors begin a file with a mark that it is UTF-8. */
        if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
                text += 3;

        for (*ret_line = 1; text < end && r >= 0; (*ret_line)++) {
                const char *stop = memchr(text, '\n', (size_t) (end - text));

                if (!stop)
                        stop = end;
                r = read_line(parser, (Slice){ text, (size_t) (stop - text) });
                if (r < 0)
                        return r;
                text = stop + 1;
        }
        return finish_property(parser);
}

static const char *check_text(const char *text, size_t length) {
        if (length > PROFILE_FILE_SIZE_MAX)
                return "it is too long to be such a file";
        if (length > 0 && memchr(text, '\0', length))
                return "it has a NUL byte";
        return utf8_is_valid(text, length, NULL) ? NULL : "it is not UTF-8";
}

int profile_file_parse(ProfileFileKind kind,
                const char *text,
                size_t length,
                ProfileFile **ret,
                uint32_t *ret_line,
                const char **ret_why) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        Parser parser = { .why = check_text(text, length) };
        uint32_t line = 1;
        int r = -EINVAL;

        assert(kind < PROFILE_FILE_KIND_MAX);

        file = calloc(1, sizeof(ProfileFile));
        if (!file)
                return -ENOMEM;
        file->kind = kind;
        parser.file = file;

        if (!parser.why)
                r = read_lines(&parser, text, length, &line);
        (void) text_wipe(parser.key);
        buffer_wipe(&parser.value);
        if (r < 0) {
                if (r == -EINVAL) {
                        *ret_line = line;
                        *ret_why = parser.why;
                }
                return r;
        }

        *ret = TAKE_PTR(file);
        return 0;
}

ProfileFile *profile_file_free(ProfileFile *file) {
        if (!file)
                return NULL;

        for (size_t i = 0; i < file->n_sections; i++)
                free(file->sections[i].name);
        for (size_t i = 0; i < file->n_properties; i++) {
                free(file->properties[i].key);
                (void) text_wipe(file->properties[i].value);
        }
        free(file->sections);
        free(file->properties);
        free(file);
        return NULL;
}

static bool counts(const ProfileFile *file, const Section *section) {
        if (section->kind == PROFILE_SECTION_PROFILE && streq(section->name, "default"))
                return section->prefixed == file->default_is_prefixed;
        return section->kind != PROFILE_SECTION_IGNORED;
}

static bool section_is(const ProfileFile *file,
                const Section *section,
                ProfileSectionKind kind,
                const char *name) {
        return section->kind == kind && streq(section->name, name) && counts(file, section);
}

const char *profile_section_get(const ProfileFile *file,
                ProfileSectionKind kind,
                const char *name,
                const char *key) {
        for (size_t i = file->n_properties; i-- > 0;) {
                const Property *p = &file->properties[i];

                if (streq(p->key, key) && section_is(file, &file->sections[p->section], kind, name))
                        return p->value;
        }
        return NULL;
}

const char *profile_file_get(const ProfileFile *file, const char *profile, const char *key) {
        return profile_section_get(file, PROFILE_SECTION_PROFILE, profile, key);
}

bool profile_section_has(const ProfileFile *file, ProfileSectionKind kind, const char *name) {
        for (size_t i = 0; i < file->n_sections; i++)
                if (section_is(file, &file->sections[i], kind, name))
                        return true;
        return false;
}

int profile_file_has(const ProfileFile *file, const char *profile) {
        return profile_section_has(file, PROFILE_SECTION_PROFILE, profile);
}

int profile_value_sub(const char *value, const char *key, char **ret) {
        Slice found = { 0 };

        /* The first line is the value itself. */
        for (const char *line = value ? strchr(value, '\n') : NULL; line;
                        line = strchr(line, '\n')) {
                Slice name, text;

                line++;
                if (split_pair((Slice){ line, strcspn(line, "\n") }, &name, &text)
                                && slice_is(name, key))
                        found = text;
        }
        if (!found.p)
                return -ENOENT;

        *ret = strndup(found.p, found.n);
        return *ret ? 0 : -ENOMEM;
}

int profile_file_each(const ProfileFile *file, ProfileVisitor f, void *userdata) {
        size_t at = 0;

        for (size_t i = 0; i < file->n_sections; i++) {
                const Section *section = &file->sections[i];
                int r = counts(file, section)
                                ? f(section->kind, section->name, NULL, NULL, userdata)
                                : 0;

                for (; r >= 0 && at < file->n_properties && file->properties[at].section == i; at++)
                        if (counts(file, section))
                                r = f(section->kind, section->name, file->properties[at].key,
                                                file->properties[at].value, userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}
