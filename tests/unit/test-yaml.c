/* SPDX-License-Identifier: Apache-2.0 */

/*
 * YAML: what is refused before anybody looks at its keys, and the tree of what is not
 *
 * Positions are asserted too: they are what an editor jumps to.
 */

#include "desired/yaml.h"
#include "test-load.h"

static const struct {
        const char *name;
        const char *text;
        const char *want;
} bad[] = {
        { "empty", "", "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "empty/comments",
                        "# a\n"
                        "\n"
                        "# b\n",
                        "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "empty/marker", "---\n",
                        "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "empty/null", "~\n", "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "empty/bom", "\357\273\277",
                        "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "utf8/bad",
                        "a: b\n"
                        "  c: \377\n",
                        "F:2:6: not UTF-8; save the file in this encoding\n" },
        { "utf8/column", "a: ä€\377\n", "F:1:6: not UTF-8; save the file in this encoding\n" },
        { "utf8/overlong", "a: \300\200\n", "F:1:4: not UTF-8; save the file in this encoding\n" },
        { "utf8/surrogate", "a: \355\240\200\n",
                        "F:1:4: not UTF-8; save the file in this encoding\n" },
        { "utf8/cut", "a: \342\202", "F:1:4: not UTF-8; save the file in this encoding\n" },
        { "utf8/bom-then-bad", "\357\273\277a: \377\n",
                        "F:1:4: not UTF-8; save the file in this encoding\n" },
        { "utf8/crlf",
                        "a: b\r\n"
                        "c: \377\r\n",
                        "F:2:4: not UTF-8; save the file in this encoding\n" },
        { "utf16", "\377\376a:\n", "F:1:1: not UTF-8; save the file in this encoding\n" },
        { "nul/escape", "a: [b, \"c\\0d\"]\n", "F:1:8: a[1]: NUL in a text; remove it\n" },
        { "control/byte",
                        "a: b\n"
                        "c: d\001\n",
                        "F:2:5: not YAML: a control character; remove it\n" },
        { "documents/two",
                        "a: b\n"
                        "---\n"
                        "c: d\n",
                        "F:2:1: a second document; want one in a file, without a second '---'\n" },
        { "documents/second-empty",
                        "a: b\n"
                        "---\n",
                        "F:2:1: a second document; want one in a file, without a second '---'\n" },
        { "documents/after-end",
                        "a: b\n"
                        "...\n"
                        "c: d\n",
                        "F:3:1: not YAML: text behind the end of the document, or a directive "
                        "without '---' "
                        "behind it; want one document\n" },
        { "documents/in-keys",
                        "a: {b: c}\n"
                        "--- {d: e}\n",
                        "F:2:1: a second document; want one in a file, without a second '---'\n" },
        { "nesting/by-alias",
                        "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
                        "b: [[*a]]\n",
                        "F:2:6: b[0][0]: nested deeper than 32 levels; no key goes that deep\n" },
        { "alias/unknown", "a: *b\n",
                        "F:1:4: a: an alias of an unknown anchor; define it before its use\n" },
        { "alias/later",
                        "a: *b\n"
                        "b: &b c\n",
                        "F:1:4: a: an alias of an unknown anchor; define it before its use\n" },
        { "alias/recursive", "a: &a [b, *a]\n",
                        "F:1:11: a[1]: an alias within what it stands for; write the value out\n" },
        { "alias/recursive-mapping", "a: &a {b: *a}\n",
                        "F:1:11: a.b: an alias within what it stands for; write the value out\n" },
        { "alias/laughs",
                        "a: &a [x,x,x,x,x,x,x,x,x]\n"
                        "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                        "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                        "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                        "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"
                        "h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n",
                        "F:7:8: g[0]: aliases expand to more than 1000000 nodes; write the values "
                        "out, or use "
                        "a group\n" },
        { "tag/local", "a: !secret b\n",
                        "F:1:4: a: a tag that is not of YAML's core schema; remove it\n" },
        { "tag/binary", "a: !!binary aGk=\n",
                        "F:1:4: a: a tag that is not of YAML's core schema; remove it\n" },
        { "tag/wrong-kind", "a: !!map [b]\n",
                        "F:1:4: a: a tag that does not fit its value; remove the tag\n" },
        { "tag/scalar-on-list", "a: !!str [b]\n",
                        "F:1:4: a: a tag that does not fit its value; remove the tag\n" },
        { "tag/handle", "a: !x!y b\n", "F:1:4: not YAML: a tag that is not known; remove it\n" },
        { "tag/several",
                        "a: !x b\n"
                        "c: [d, !y e]\n",
                        "F:1:4: a: a tag that is not of YAML's core schema; remove it\n"
                        "F:2:8: c[1]: a tag that is not of YAML's core schema; remove it\n" },
        { "key/list",
                        "? [a]\n"
                        ": b\n",
                        "F:1:3: a list or a mapping as a key; want a word\n" },
        { "key/mapping", "a: {? {b: c} : d}\n",
                        "F:1:7: a: a list or a mapping as a key; want a word\n" },
        { "key/alias-of-list",
                        "a: &a [b]\n"
                        "*a : c\n",
                        "F:2:1: a list or a mapping as a key; want a word\n" },
        { "syntax/tab",
                        "a:\n"
                        "\tb: c\n",
                        "F:2:1: not YAML: a value cannot begin with a tab or with one of % @ `; "
                        "indent with "
                        "spaces, put such a text in quotes\n" },
        { "syntax/tab-start", "\ta: b\n",
                        "F:1:1: not YAML: a value cannot begin with a tab or with one of % @ `; "
                        "indent with "
                        "spaces, put such a text in quotes\n" },
        { "syntax/at", "a: @b\n",
                        "F:1:4: not YAML: a value cannot begin with a tab or with one of % @ `; "
                        "indent with "
                        "spaces, put such a text in quotes\n" },
        { "syntax/colon", "a: b: c\n",
                        "F:1:5: not YAML: a second ': ' or a key that is indented too far; put the "
                        "text in "
                        "quotes, or line the key up with its neighbours\n" },
        { "syntax/no-colon",
                        "a: b\n"
                        "c\n"
                        "d: e\n",
                        "F:3:1: not YAML: a line that is neither a key nor a list item; write KEY: "
                        "VALUE (it "
                        "begins at line 2, column 1)\n" },
        { "syntax/indentation",
                        "a:\n"
                        "  b: c\n"
                        " d: e\n",
                        "F:3:2: not YAML: a line that does not belong to the mapping above it; "
                        "check its "
                        "indentation, and the quotes before it (it begins at line 1, column 1)\n" },
        { "syntax/list-indentation",
                        "a:\n"
                        "  - b\n"
                        "  c\n",
                        "F:4:1: not YAML: a line that is neither a key nor a list item; write KEY: "
                        "VALUE (it "
                        "begins at line 3, column 3)\n" },
        { "syntax/list-in-line", "a: - b\n",
                        "F:1:4: not YAML: a list item cannot stand here; begin it on a line of its "
                        "own\n" },
        { "syntax/unclosed-quote",
                        "a: \"b\n"
                        "c: d\n",
                        "F:3:1: not YAML: the file ends within a quoted text; close the quote (it "
                        "begins at "
                        "line 1, column 4)\n" },
        { "syntax/unclosed-list",
                        "a: [b, c\n"
                        "d: e\n",
                        "F:2:2: not YAML: a list in brackets is not closed; separate its items "
                        "with ',' and "
                        "close it with ']' (it begins at line 1, column 4)\n" },
        { "syntax/unclosed-mapping", "a: {b: c\n",
                        "F:2:1: not YAML: a mapping in braces is not closed; separate its keys "
                        "with ',' and "
                        "close it with '}' (it begins at line 1, column 4)\n" },
        { "syntax/escape", "a: \"\\q\"\n",
                        "F:1:5: not YAML: an unknown escape in a double-quoted text; write \\\\ "
                        "for a "
                        "backslash, or use single quotes\n" },
        { "syntax/hex", "a: \"\\xzz\"\n",
                        "F:1:7: not YAML: an escape without its hexadecimal digits; write \\xNN, "
                        "\\uNNNN or "
                        "\\UNNNNNNNN\n" },
        { "syntax/surrogate", "a: \"\\ud800\"\n",
                        "F:1:7: not YAML: an escape that is no character; use a Unicode "
                        "character's number\n" },
        { "syntax/anchor", "a: & b\n",
                        "F:1:5: not YAML: '&' and '*' begin the name of an anchor; put the text in "
                        "quotes\n" },
        { "syntax/directive",
                        "%FOO bar\n"
                        "---\n"
                        "a: b\n",
                        "F:1:5: not YAML: an unknown directive; remove the line\n" },
        { "syntax/version",
                        "%YAML 3.0\n"
                        "---\n"
                        "a: b\n",
                        "F:1:1: not YAML: a version of YAML that is not known; write %YAML 1.2, or "
                        "nothing\n" },
        { "syntax/document-start",
                        "%YAML 1.1\n"
                        "a: b\n",
                        "F:2:1: not YAML: text behind the end of the document, or a directive "
                        "without '---' "
                        "behind it; want one document\n" },
        { "syntax/block-scalar",
                        "a: |0\n"
                        "  b\n",
                        "F:1:5: not YAML: an indentation of 0; use 1 to 9, or none at all\n" },
        { "syntax/brace", "a: }\n", "F:1:4: not YAML: a value is missing; write one\n" },
        { "syntax/quote-then-text", "a: \"b\" c\n",
                        "F:1:8: not YAML: a line that does not belong to the mapping above it; "
                        "check its "
                        "indentation, and the quotes before it\n" },
};

/* What is about amounts: `unit` stands `times` times. */
static const struct {
        const char *name;
        const char *before, *unit;
        unsigned times;
        const char *after;
        const char *want;
} amounts[] = {
        { "nesting/32", "", "[", 32, "a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n", "" },
        { "nesting/33", "", "[", 33, "",
                        "F:1:33: "
                        "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]["
                        "0][0][0][0]"
                        "[0][0][0][0]: nested deeper than 32 levels; no key goes that deep\n" },
        { "nesting/1000000", "", "[", 1000000, "",
                        "F:1:33: "
                        "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]["
                        "0][0][0][0]"
                        "[0][0][0][0]: nested deeper than 32 levels; no key goes that deep\n" },
        { "nesting/mappings", "", "{a: ", 40, "",
                        "F:1:129: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: "
                        "nested deeper than 32 levels; no key goes that deep\n" },
        { "nesting/path", "a:\n  b:\n    - c\n    - ", "[", 40, "",
                        "F:4:36: "
                        "a.b[1][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]["
                        "0][0][0][0]"
                        "[0][0][0]: nested deeper than 32 levels; no key goes that deep\n" },
        { "tag/lines", "", "%TAG !a! b\n", 101, "---\na: b\n",
                        "F:101:1: too many %TAG lines; remove them, no tag is used here\n" },
        { "alias/many", "a: &a b\nc: [", "*a,", 100000, "]\n", "" },
        { "column/held", "a: \"", "x", 70000, "\" b\n",
                        "F:1:65535: not YAML: a line that does not belong to the mapping above it; "
                        "check its "
                        "indentation, and the quotes before it\n" },
};

/*
 * Trees, written as flow YAML with each scalar's type and place: t text, n nothing, b bool, i
 * integer, f float.
 */
static const struct {
        const char *name;
        const char *text;
        const char *tree;
} good[] = {
        { "scalar", "a", "t1:1=a" },
        { "mapping", "a: b\nc: d\n", "{1:1 t1:1=a t1:4=b t2:1=c t2:4=d}" },
        { "list", "- a\n-  - b\n   - c\n- d\n", "[1:1 t1:3=a [2:4 t2:6=b t3:6=c] t4:3=d]" },
        { "flow", "{a: [b, {}, []], \"c\": 'd'}",
                        "{1:1 t1:2=a [1:5 t1:6=b {1:9} [1:13]] t1:18=c t1:23=d}" },
        { "bom",
                        "\xef\xbb\xbf"
                        "a: b\n",
                        "{1:1 t1:1=a t1:4=b}" },
        { "crlf", "a: b\r\nc: d\r\n", "{1:1 t1:1=a t1:4=b t2:1=c t2:4=d}" },
        { "columns in characters", "{ä€😀: b}", "{1:1 t1:2=ä€😀 t1:7=b}" },
        { "nothing", "a:\nb: ~\nc: null\nd: NULL\ne: ''\nf: \"~\"\ng: !!str\n",
                        "{1:1 t1:1=a n1:3= t2:1=b n2:4=~ t3:1=c n3:4=null t4:1=d n4:4=NULL t5:1=e "
                        "t5:4= t6:1=f t6:4=~ "
                        "t7:1=g t7:4=}" },
        { "bools", "[true, True, FALSE, tRUE, yes, off, \"true\", !!bool \"true\"]",
                        "[1:1 b1:2=true b1:8=True b1:14=FALSE t1:21=tRUE t1:27=yes t1:32=off "
                        "t1:37=true b1:45=true]" },
        { "integers", "[0, -1, +12, 010, 0x1F, 0o17, 1_000, 0x, 0o9, '1', 012345678901]",
                        "[1:1 i1:2=0 i1:5=-1 i1:9=+12 i1:14=010 i1:19=0x1F i1:25=0o17 t1:31=1_000 "
                        "t1:38=0x t1:42=0o9 "
                        "t1:47=1 i1:52=012345678901]" },
        { "floats", "[1.5, .5, 1., 1e3, -1.5E-7, .inf, -.Inf, .NaN, 1e, ., +, 1.2.3, -.nan]",
                        "[1:1 f1:2=1.5 f1:7=.5 f1:11=1. f1:15=1e3 f1:20=-1.5E-7 f1:29=.inf "
                        "f1:35=-.Inf f1:42=.NaN "
                        "t1:48=1e t1:52=. t1:55=+ t1:58=1.2.3 t1:65=-.nan]" },
        { "block scalars", "a: |\n  1\nb: >-\n  2\n  3\n",
                        "{1:1 t1:1=a t1:4=1\n t3:1=b t3:4=2 3}" },
        { "tags", "!!map {a: !!seq [!!int 1, ! 2]}", "{1:1 t1:8=a [1:11 i1:18=1 t1:27=2]}" },
        { "alias of a scalar", "&k a: b\nc: *k\n", "{1:1 t1:1=a t1:7=b t2:1=c *2:4(t1:1=a)}" },
        { "alias of a list", "a: &x [b]\nc: *x\n",
                        "{1:1 t1:1=a [1:4 t1:8=b] t2:1=c *2:4([1:4 t1:8=b])}" },
        { "anchor twice", "[&a b, *a, &a c, *a]",
                        "[1:1 t1:2=b *1:8(t1:2=b) t1:12=c *1:18(t1:12=c)]" },
        { "anchor taken within", "[&a [&a b], *a]", "[1:1 [1:2 t1:6=b] *1:13(t1:6=b)]" },
        { "recent texts", "[a, ab, a, aaaaaaaab, aaaaaaaacb, ab, '']",
                        "[1:1 t1:2=a t1:5=ab t1:9=a t1:12=aaaaaaaab t1:23=aaaaaaaacb t1:35=ab "
                        "t1:39=]" },
        { "comment behind", "a: b # c\n# d\n...\n# e\n", "{1:1 t1:1=a t1:4=b}" },
        { "marker and version", "%YAML 1.2\n---\na: b\n", "{3:1 t3:1=a t3:4=b}" },
};

static const Node *show(Buffer *out, const Document *document, const Node *node) {
        static const char types[SCALAR_TYPE_MAX] = { 't', 'n', 'b', 'i', 'f' };
        bool is_mapping = node->kind == NODE_MAPPING;
        const Node *child;

        if (node->kind == NODE_SCALAR) {
                (void) buffer_addf(out, "%c%u:%u=%s", types[node_scalar_type(document, node)],
                                node->line, node->column, node_text(document, node));
                ASSERT_EQ(strlen(node_text(document, node)), node->count);
                return node_next(document, node);
        }
        if (node->kind == NODE_ALIAS) {
                (void) buffer_addf(out, "*%u:%u(", node->line, node->column);
                (void) show(out, document, node_resolve(document, node));
                (void) buffer_add(out, ")");
                return node_next(document, node);
        }

        (void) buffer_addf(out, "%c%u:%u", is_mapping ? '{' : '[', node->line, node->column);
        child = node_first(node);
        for (uint32_t i = 0; i < node->count * (is_mapping ? 2 : 1); i++) {
                (void) buffer_add(out, " ");
                child = show(out, document, child);
        }
        ASSERT_TRUE(child == node_next(document, node));
        (void) buffer_add(out, is_mapping ? "}" : "]");
        return child;
}

static void check(const char *name, const char *text, size_t length, const char *want) {
        _cleanup_(document_freep) Document *document = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        char *lines = NULL;
        YamlText yaml;
        int r;

        test_row(name);
        ASSERT_OK(faults_new(&faults));
        yaml = test_text_n(faults, "F", text, length);
        r = document_parse(&yaml, faults, &document);
        ASSERT_EQ(r == 0, document != NULL);
        ASSERT_TRUE(r == 0 || (r == -EINVAL && faults_count(faults) > 0));
        lines = test_lines(faults);
        ASSERT_STREQ(want, lines);
        free(lines);
}

static void test_bad(void) {
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                check(bad[i].name, bad[i].text, strlen(bad[i].text), bad[i].want);

        for (size_t i = 0; i < ELEMENTSOF(amounts); i++) {
                _cleanup_buffer_ Buffer text = { 0 };

                (void) buffer_add(&text, amounts[i].before);
                for (unsigned n = 0; n < amounts[i].times; n++)
                        (void) buffer_add(&text, amounts[i].unit);
                (void) buffer_add(&text, amounts[i].after);
                check(amounts[i].name, buffer_text(&text), text.length, amounts[i].want);
        }
}

static void test_nul(void) {
        static const char text[] = "a: b\nc: d\0e\n";

        check("nul/byte", text, sizeof(text) - 1, "F:2:5: NUL in the file; remove it\n");
}

static void test_size(void) {
        size_t length = YAML_SIZE_MAX + 1;
        char *text = malloc(length + 1);

        if (!ASSERT_TRUE(text))
                return;
        (void) memset(text, '#', length);
        text[length] = '\0';
        check("size/limit", text, length, "F:1:1: the file is larger than 64 MiB; split it\n");
        free(text);
}

static void test_good(void) {
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_(document_freep) Document *document = NULL;
                _cleanup_(faults_freep) Faults *faults = NULL;
                _cleanup_buffer_ Buffer tree = { 0 };
                YamlText yaml;

                test_row(good[i].name);
                ASSERT_OK(faults_new(&faults));
                yaml = test_text(faults, "F", good[i].text);
                if (!ASSERT_OK(document_parse(&yaml, faults, &document)))
                        continue;
                (void) show(&tree, document, document_root(document));
                ASSERT_STREQ(good[i].tree, buffer_text(&tree));
        }
}

static void test_note_once(void) {
        _cleanup_(document_freep) Document *document = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText yaml;

        test_row("note once");
        ASSERT_OK(faults_new(&faults));
        yaml = test_text(faults, "F", "a");
        if (!ASSERT_OK(document_parse(&yaml, faults, &document)))
                return;
        ASSERT_TRUE(node_note_once(document, document_root(document)));
        ASSERT_FALSE(node_note_once(document, document_root(document)));
}

int main(void) {
        test_bad();
        test_nul();
        test_size();
        test_good();
        test_note_once();
        return test_end();
}
