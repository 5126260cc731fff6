/* SPDX-License-Identifier: Apache-2.0 */

/* The shared files' grammar: a file of a few lines a row, and the one value that it is about. */

#include <stdlib.h>

#include "aws/profile-file.h"
#include "test.h"

#define CONFIG      PROFILE_FILE_CONFIG
#define CREDENTIALS PROFILE_FILE_CREDENTIALS

static const struct {
        const char *name;
        ProfileFileKind kind;
        const char *text, *profile, *key;
        bool has;
        const char *value;
} rows[] = {
        { "empty file", CONFIG, "", "default", "a", false, NULL },
        { "empty profile", CONFIG, "[profile foo]", "foo", "a", true, NULL },
        { "property", CONFIG, "[profile foo]\nname = value", "foo", "name", true, "value" },
        { "names are trimmed", CONFIG, "[profile \tfoo \t]\nname \t=  \tvalue \t", "foo", "name",
                        true, "value" },
        { "tab behind the prefix", CONFIG, "[profile\tfoo]\na=b", "foo", "a", true, "b" },
        { "blanks before the prefix", CONFIG, "[   profile foo    ]\na=b", "foo", "a", true, "b" },
        { "Windows' line ends", CONFIG, "[profile foo]\r\nname = value\r\n", "foo", "name", true,
                        "value" },
        { "byte order mark", CONFIG, "\xef\xbb\xbf[default]\na=b", "default", "a", true, "b" },
        { "equals within", CONFIG, "[profile foo]\nname = val=ue", "foo", "name", true, "val=ue" },
        { "no blanks", CONFIG, "[profile foo]\nname=value", "foo", "name", true, "value" },
        { "UTF-8", CONFIG, "[profile foo]\nname = \xf0\x9f\x98\x82", "foo", "name", true,
                        "\xf0\x9f\x98\x82" },
        { "blank value", CONFIG, "[profile foo]\nname =", "foo", "name", true, "" },
        { "blank value and blanks", CONFIG, "[profile foo]\nname = \t ", "foo", "name", true, "" },
        { "keys in any case", CONFIG, "[profile foo]\nAWS_Access_Key_ID = X", "foo",
                        "aws_access_key_id", true, "X" },
        { "names as they are", CONFIG, "[profile Foo]\na=b", "foo", "a", false, NULL },
        { "blank lines", CONFIG,
                        "\t \n[profile foo]\n\t\n \nname = value\t \n\t\n[profile bar]\n \t", "foo",
                        "name", true, "value" },
        { "hash", CONFIG, "# Comment\n[profile foo] # Comment\nname = value # Comment with # sign",
                        "foo", "name", true, "value" },
        { "semicolon", CONFIG, "; Comment\n[profile foo] ; Comment\nname = value ; and ; more",
                        "foo", "name", true, "value" },
        { "empty comments", CONFIG, ";\n[profile foo];\nname = value ;\n", "foo", "name", true,
                        "value" },
        { "comment with a bracket", CONFIG, "[profile foo]# x]\na=b", "foo", "a", true, "b" },
        { "no comment without a blank", CONFIG, "[profile foo]\nname = va#l;ue", "foo", "name",
                        true, "va#l;ue" },
        { "comment instead of a value", CONFIG, "[profile foo]\nname = # c", "foo", "name", true,
                        "" },
        { "indented comment", CONFIG, "[profile foo]\nname = value\n  # comment\n ; another", "foo",
                        "name", true, "value" },
        { "continued", CONFIG, "[profile foo]\nname = value\n -continued\n -more", "foo", "name",
                        true, "value\n-continued\n-more" },
        { "continued, trimmed", CONFIG, "[profile foo]\nname = value\n \t -continued \t ", "foo",
                        "name", true, "value\n-continued" },
        { "continued, with what looks like a comment", CONFIG,
                        "[profile foo]\nname = value\n -continued # Comment", "foo", "name", true,
                        "value\n-continued # Comment" },
        { "continued over a blank line", CONFIG, "[profile foo]\nname = value\n\n -continued",
                        "foo", "name", true, "value\n-continued" },
        { "duplicate sections merged", CONFIG,
                        "[profile foo]\na = 1\n[profile bar]\nb=3\n[profile foo]\nb = 2", "foo",
                        "a", true, "1" },
        { "duplicate sections merged, second", CONFIG, "[profile foo]\na = 1\n[profile foo]\nb = 2",
                        "foo", "b", true, "2" },
        { "last property wins", CONFIG, "[profile foo]\na = 1\na = 2", "foo", "a", true, "2" },
        { "last section wins", CONFIG, "[profile foo]\na = 1\n[profile foo]\na = 2", "foo", "a",
                        true, "2" },
        { "a blank one, too", CONFIG, "[profile foo]\na = 1\na =", "foo", "a", true, "" },
        { "default", CONFIG, "[default]\na=b", "default", "a", true, "b" },
        { "profile default", CONFIG, "[profile default]\na=b", "default", "a", true, "b" },
        { "profile default first", CONFIG, "[profile default]\na = 1\n[default]\na = 2", "default",
                        "a", true, "1" },
        { "profile default last", CONFIG, "[default]\na = 2\n[profile default]\na = 1", "default",
                        "a", true, "1" },
        { "default is then not merged", CONFIG, "[default]\nb = 2\n[profile default]\na = 1",
                        "default", "b", true, NULL },
        { "no prefix", CONFIG, "[foo]\na=b", "foo", "a", false, NULL },
        { "prefix without a blank", CONFIG, "[profilefoo]\na=b\n[profile bar]", "foo", "a", false,
                        NULL },
        { "two words", CONFIG, "[profile in valid]\na=b\n[profile bar]\nc=d", "bar", "c", true,
                        "d" },
        { "two words, not found", CONFIG, "[profile in valid]\na=b", "in", "a", false, NULL },
        { "quoted", CONFIG, "[profile \"in valid\"]\na=b", "in valid", "a", true, "b" },
        { "quoted otherwise", CONFIG, "[profile 'foo']\na=b", "foo", "a", true, "b" },
        { "quoted by half", CONFIG, "[profile \"foo]\na=b", "\"foo", "a", false, NULL },
        { "all letters of names", CONFIG, "[profile aZ09-_./%@:+]\na=b", "aZ09-_./%@:+", "a", true,
                        "b" },
        { "name of nothing", CONFIG, "[profile ]\na=b\n[]\nc=d", "", "a", false, NULL },
        { "invalid key", CONFIG, "[profile foo]\nin valid = value\n continued\nb = c", "foo", "b",
                        true, "c" },
        { "invalid key, not found", CONFIG, "[profile foo]\nin valid = value", "foo", "in valid",
                        true, NULL },
        { "sub-properties", CONFIG, "[profile foo]\ns3 =\n name = value\n\t\n b = c\nx = y", "foo",
                        "s3", true, "\nname = value\nb = c" },
        { "sub-property without a value", CONFIG, "[profile foo]\ns3 =\n name =", "foo", "s3", true,
                        "\nname =" },
        { "credentials", CREDENTIALS, "[foo]\naws_secret_access_key = a+b/c=", "foo",
                        "aws_secret_access_key", true, "a+b/c=" },
        { "credentials with a prefix", CREDENTIALS, "[profile foo]\na=b", "foo", "a", false, NULL },
        { "credentials, default", CREDENTIALS, "[default]\na=b", "default", "a", true, "b" },
        { "credentials, a profile named profile", CREDENTIALS, "[profile]\na=b", "profile", "a",
                        true, "b" },
        { "sso session is no profile", CONFIG, "[sso-session foo]\na=b", "foo", "a", false, NULL },
        { "services is no profile", CONFIG, "[services foo]\na=b", "foo", "a", false, NULL },
        { "other sections", CONFIG, "[plugins]\na=b\n[preview]\nc=d\n[default]\ne=f", "default",
                        "e", true, "f" },
};

static void test_values(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(profile_file_freep) ProfileFile *file = NULL;
                const char *why = NULL;
                uint32_t line = 0;

                test_row(rows[i].name);
                if (!ASSERT_OK(profile_file_parse(rows[i].kind, rows[i].text, strlen(rows[i].text),
                                    &file, &line, &why)))
                        continue;
                ASSERT_EQ(rows[i].has, profile_file_has(file, rows[i].profile));
                ASSERT_STREQ(rows[i].value, profile_file_get(file, rows[i].profile, rows[i].key));
        }
}

#define NO_SECTION "a section, such as [default], must come first"

static const struct {
        const char *name, *text;
        uint32_t line;
        const char *why;
} faults[] = {
        { "bracket not closed", "\n[profile foo", 2, "the name of a section must end with ']'" },
        { "bracket alone", "[", 1, "the name of a section must end with ']'" },
        { "bracket in a comment", "[profile foo # ]", 1,
                        "the name of a section must end with ']'" },
        { "behind the bracket", "[profile foo] x", 1, "the name of a section must end with ']'" },
        { "property without a section", "\n\na = b", 3, NO_SECTION },
        { "continued without a section", " a", 1, NO_SECTION },
        { "continued without a property", "[profile foo]\n -continued", 2,
                        "an indented line continues a value, and there is none" },
        { "continued over a section", "[profile foo]\na=b\n[profile foo]\n -continued", 4,
                        "an indented line continues a value, and there is none" },
        { "no equals", "[profile foo]\nkey : value", 2, "'=' is missing" },
        { "no key", "[profile foo]\n= value", 2, "the name before '=' is missing" },
        { "sub-property without equals", "[profile foo]\ns3 =\n invalid", 3,
                        "'=' is missing in what belongs to the line above" },
        { "sub-property without a key", "[profile foo]\ns3 =\n = value", 3,
                        "the name before '=' is missing in what belongs to the line above" },
        { "not UTF-8", "[default]\na = \xff", 1, "it is not UTF-8" },
};

static void test_faults(void) {
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        const char *why = NULL;
        uint32_t line = 0;
        char *large;

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                test_row(faults[i].name);
                ASSERT_EQ(-EINVAL,
                                profile_file_parse(CONFIG, faults[i].text, strlen(faults[i].text),
                                                &file, &line, &why));
                ASSERT_EQ(faults[i].line, line);
                ASSERT_STREQ(faults[i].why, why);
                ASSERT_TRUE(!file);
        }

        test_row("NUL");
        ASSERT_EQ(-EINVAL, profile_file_parse(CONFIG, "[default]\na=b\0c", 15, &file, &line, &why));
        ASSERT_STREQ("it has a NUL byte", why);

        test_row("too long");
        large = calloc(1, PROFILE_FILE_SIZE_MAX + 1);
        if (!ASSERT_TRUE(large))
                return;
        memset(large, '\n', PROFILE_FILE_SIZE_MAX + 1);
        ASSERT_EQ(-EINVAL,
                        profile_file_parse(CONFIG, large, PROFILE_FILE_SIZE_MAX + 1, &file, &line,
                                        &why));
        ASSERT_STREQ("it is too long to be such a file", why);
        free(large);
}

static void test_sections(void) {
        static const char text[] = "[default]\nservices = mine\nsso_session = s\n[services "
                                   "mine]\nsts =\n  endpoint_url = "
                                   "https://a\nauditmanager =\n  x = y\n  endpoint_url = "
                                   "https://b\n  endpoint_url=https://c\n"
                                   "[sso-session s]\nsso_region = eu-west-1\n";
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        const char *why, *value;
        char *sub = NULL;
        uint32_t line;

        test_row("services and sub-properties");
        if (!ASSERT_OK(profile_file_parse(CONFIG, text, strlen(text), &file, &line, &why)))
                return;
        value = profile_section_get(file, PROFILE_SECTION_SERVICES, "mine", "auditmanager");
        ASSERT_STREQ("\nx = y\nendpoint_url = https://b\nendpoint_url=https://c", value);
        ASSERT_OK(profile_value_sub(value, "endpoint_url", &sub));
        ASSERT_STREQ("https://c", sub);
        free(sub);
        ASSERT_EQ(-ENOENT, profile_value_sub(value, "endpoint", &sub));
        ASSERT_EQ(-ENOENT, profile_value_sub("endpoint_url = x", "endpoint_url", &sub));
        ASSERT_EQ(-ENOENT, profile_value_sub(NULL, "endpoint_url", &sub));
        ASSERT_STREQ("eu-west-1",
                        profile_section_get(file, PROFILE_SECTION_SSO_SESSION, "s", "sso_region"));
        ASSERT_STREQ(NULL, profile_section_get(file, PROFILE_SECTION_SERVICES, "s", "sso_region"));
}

static int on_visit(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata) {
        char *seen = userdata, item[100];

        (void) snprintf(item, sizeof(item), "%d:%s%s%s%s%s;", (int) kind, name, key ? "." : "",
                        key ? key : "", key ? "=" : "", key ? value : "");
        (void) strcat(seen, item);
        return key && *value == '!' ? -ECANCELED : 0;
}

static void test_each(void) {
        static const char text[] = "[default]\na=1\n[profile default]\nb=2\n[x]\nc=3\n[profile "
                                   "y]\n[sso-session s]\nd=4\n"
                                   "[profile y]\ne=!\nf=5";
        _cleanup_(profile_file_freep) ProfileFile *file = NULL;
        char seen[400] = "";
        const char *why;
        uint32_t line;

        test_row("each section and property, until one says stop");
        if (!ASSERT_OK(profile_file_parse(CONFIG, text, strlen(text), &file, &line, &why)))
                return;
        ASSERT_EQ(-ECANCELED, profile_file_each(file, on_visit, seen));
        ASSERT_STREQ("1:default;1:default.b=2;1:y;2:s;2:s.d=4;1:y;1:y.e=!;", seen);
}

int main(void) {
        test_values();
        test_faults();
        test_sections();
        test_each();
        return test_end();
}
