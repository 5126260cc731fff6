/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Syntax errors
 *
 * libyaml names the rule of its grammar that failed. People who edit a file once a month need the
 * mistake that usually is behind it. The strings on the left are those of libyaml 0.2.5
 * (src/scanner.c, src/parser.c); one that is missing here is shown as it is.
 */

#include <stddef.h>

#include "desired/syntax-error.h"
#include "util/macro.h"
#include "util/string-util.h"

static const struct {
        const char *problem;
        const char *text;
} known[] = {
        { "found character that cannot start any token",
                        "a value cannot begin with a tab or with one of % @ `; "
                        "indent with spaces, put such a text in quotes" },
        { "could not find expected ':'",
                        "a line that is neither a key nor a list item; write KEY: VALUE" },
        { "block sequence entries are not allowed in this context",
                        "a list item cannot stand here; begin it on a line of its own" },
        { "mapping keys are not allowed in this context",
                        "a key cannot stand here; begin it on a line of its own" },
        { "mapping values are not allowed in this context",
                        "a second ': ' or a key that is indented too far; "
                        "put the text in quotes, or line the key up with its neighbours" },
        { "found a tab character where an indentation space is expected",
                        "a tab in the indentation; indent with spaces" },
        { "found a tab character that violates indentation",
                        "a tab in the indentation; indent with spaces" },
        { "found unexpected document indicator",
                        "the document ends within a quoted text; close the quote" },
        { "found unexpected end of stream", "the file ends within a quoted text; close the quote" },
        { "found unknown escape character",
                        "an unknown escape in a double-quoted text; write \\\\ for a backslash, "
                        "or use single quotes" },
        { "did not find expected hexdecimal number",
                        "an escape without its hexadecimal digits; write \\xNN, \\uNNNN or "
                        "\\UNNNNNNNN" },
        { "found invalid Unicode character escape code",
                        "an escape that is no character; use a Unicode character's number" },
        { "found unexpected ':'", "a ':' within a value in brackets; put the text in quotes" },
        { "did not find expected '-' indicator",
                        "a line that does not belong to the list above it; "
                        "begin it with '- ', or check its indentation" },
        { "did not find expected key",
                        "a line that does not belong to the mapping above it; check its "
                        "indentation, "
                        "and the quotes before it" },
        { "did not find expected ',' or ']'",
                        "a list in brackets is not closed; separate its items with ',' and close "
                        "it with ']'" },
        { "did not find expected ',' or '}'",
                        "a mapping in braces is not closed; separate its keys with ',' and close "
                        "it with '}'" },
        { "did not find expected node content", "a value is missing; write one" },
        { "did not find expected <document start>",
                        "text behind the end of the document, or a directive without '---' behind "
                        "it; "
                        "want one document" },
        { "found undefined tag handle", "a tag that is not known; remove it" },
        { "found an indentation indicator equal to 0",
                        "an indentation of 0; use 1 to 9, or none at all" },
        { "did not find expected comment or line break",
                        "text where the line must end; put a blank before '#', "
                        "and begin the text on the next line" },
        { "did not find expected alphabetic or numeric character",
                        "'&' and '*' begin the name of an anchor; put the text in quotes" },
        { "found incompatible YAML document",
                        "a version of YAML that is not known; write %YAML 1.2, or nothing" },
        { "found unknown directive name", "an unknown directive; remove the line" },
        { "control characters are not allowed", "a control character; remove it" },
};

const char *syntax_error_text(const char *problem) {
        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (streq(known[i].problem, problem))
                        return known[i].text;
        return NULL;
}
