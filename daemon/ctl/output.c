/* SPDX-License-Identifier: Apache-2.0 */

/* Where text goes. */

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "util/log.h"
#include "util/string-util.h"
#include "util/time.h"

#define COLUMNS_DEFAULT 80

/* Below this, ages in tables are cut to the bone. */
#define COLUMNS_WIDE 100

static const char *ellipsis = "...", *arrow = "->";

void output_init(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
                        (void) open("/dev/null", O_RDWR | O_NOCTTY);

        if (setlocale(LC_CTYPE, "") && streq(nl_langinfo(CODESET), "UTF-8")) {
                ellipsis = "…";
                arrow = "→";
        }
        /* What we print is UTF-8 whatever the terminal is said to be, and so are the widths. */
        if (!setlocale(LC_CTYPE, "C.UTF-8"))
                (void) setlocale(LC_CTYPE, "en_US.UTF-8");
}

const char *output_arrow(void) {
        return arrow;
}

static unsigned terminal_columns(int fd) {
        const char *variable = getenv("COLUMNS");
        struct winsize size;
        uint64_t columns;

        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
                return size.ws_col;
        if (variable && parse_uint(variable, 10000, &columns) >= 0 && columns > 0)
                return (unsigned) columns;
        return COLUMNS_DEFAULT;
}

Output output_of(FILE *file) {
        const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
        bool terminal = isatty(fileno(file)) == 1;
        bool able = terminal && term && !streq(term, "dumb");

        return (Output){
                .file = file,
                .terminal = able,
                .colours = able && (!no_colour || *no_colour == '\0'),
                .columns = terminal ? terminal_columns(fileno(file)) : 0,
        };
}

/* Why the first write that failed did: stdio tells only that one has. */
static int stdout_error;

static int note_error(FILE *file) {
        int error = errno > 0 ? -errno : -EIO;

        if (file != stdout)
                return error;
        if (stdout_error == 0)
                stdout_error = error;
        return stdout_error;
}

int output_error(const Output *output) {
        return ferror(output->file) ? note_error(output->file) : 0;
}

int output_flush(const Output *output) {
        return fflush(output->file) < 0 || ferror(output->file) ? note_error(output->file) : 0;
}

int output_json(const Output *output, const char *before, const json_t *json, size_t flags) {
        if (!json)
                return -ENOMEM;
        if (fputs(before, output->file) < 0
                        || json_dumpf(json, output->file, flags | JSON_COMPACT | JSON_ENCODE_ANY)
                                        < 0)
                return ferror(output->file) ? note_error(output->file) : -ENOMEM;
        return 0;
}

int output_end(int printed, int status) {
        Output output = { .file = stdout };
        int r;

        r = output_flush(&output);
        /* A line is made in a buffer that is then used for the next one. */
        if (printed == -ENOMEM || buffers_lost_text())
                r = -ENOMEM;
        /* Whoever read has read enough, as head(1) does. */
        if (r >= 0 || r == -EPIPE)
                return status;
        (void) log_error_errno(r, "Cannot write to standard output");
        return EXIT_FAILURE;
}

static const char *const sequences[COLOUR_MAX] = {
        [COLOUR_NONE] = "",
        [COLOUR_RED] = "\x1b[31m",
        [COLOUR_GREEN] = "\x1b[32m",
        [COLOUR_YELLOW] = "\x1b[33m",
        [COLOUR_GREY] = "\x1b[90m",
        [COLOUR_BOLD] = "\x1b[1m",
        [COLOUR_BOLD_RED] = "\x1b[1;31m",
        [COLOUR_HEADING] = "\x1b[1;4m",
};

const char *colour_on(const Output *output, Colour colour) {
        return output->colours ? sequences[colour] : "";
}

const char *colour_off(const Output *output, Colour colour) {
        return output->colours && colour != COLOUR_NONE ? "\x1b[0m" : "";
}

/* One character of a text: its bytes and its columns. What is none, or moves the cursor, is one
 * '?'. */
typedef struct Character {
        const char *bytes;
        size_t length;
        unsigned width;
        size_t taken; /* bytes of the text */
} Character;

/* Marks that have the characters after them change places (UAX #9): a name must not read as another
 * one. */
static bool changes_direction(wchar_t c) {
        return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e)
                        || (c >= 0x2066 && c <= 0x2069);
}

static Character read_character(const char *text) {
        Character bad = { .bytes = "?", .length = 1, .width = 1, .taken = 1 };
        mbstate_t state = { 0 };
        wchar_t c;
        size_t n;
        int width;

        if (*text >= ' ' && *text <= '~')
                return (Character){ .bytes = text, .length = 1, .width = 1, .taken = 1 };
        n = mbrtowc(&c, text, strlen(text), &state);
        if (n == (size_t) -1 || n == (size_t) -2 || n == 0)
                return bad;
        bad.taken = n;
        width = wcwidth(c);
        if (iswcntrl((wint_t) c) || changes_direction(c) || width < 0)
                return bad;
        return (Character){ .bytes = text, .length = n, .width = (unsigned) width, .taken = n };
}

unsigned text_width(const char *text) {
        unsigned width = 0;

        while (*text) {
                Character c = read_character(text);

                width += c.width;
                text += c.taken;
        }
        return width;
}

size_t text_skip(const char *text, unsigned columns) {
        const char *from = text;

        for (unsigned gone = 0; *from && gone < columns;) {
                Character c = read_character(from);

                gone += c.width;
                from += c.taken;
        }
        return (size_t) (from - text);
}

/* Appends what fits into `width` columns; returns the rest of text. */
static const char *add_fitting(Buffer *buffer,
                const char *text,
                unsigned width,
                unsigned *ret_used) {
        unsigned used = 0;

        while (*text) {
                Character c = read_character(text);

                if (used + c.width > width)
                        break;
                (void) buffer_append(buffer, c.bytes, c.length);
                used += c.width;
                text += c.taken;
        }
        *ret_used = used;
        return text;
}

unsigned text_add(Buffer *buffer, const char *text, unsigned width) {
        unsigned mark = text_width(ellipsis), used;

        if (text_width(text) <= width) {
                (void) add_fitting(buffer, text, width, &used);
                return used;
        }
        (void) add_fitting(buffer, text, width > mark ? width - mark : 0, &used);
        if (used + mark <= width) {
                (void) buffer_add(buffer, ellipsis);
                used += mark;
        }
        return used;
}

/* Copying a command from a terminal must not copy this. */
static void unbind(char *word) {
        for (char *at = strstr(word, NO_BREAK); at; at = strstr(at, NO_BREAK)) {
                *at = ' ';
                memmove(at + 1, at + strlen(NO_BREAK), strlen(at + strlen(NO_BREAK)) + 1);
        }
}

void text_add_wrapped(Buffer *buffer, const char *text, unsigned indent, unsigned columns) {
        unsigned at = indent, width;
        size_t length;

        for (; *text; text += length + strspn(text + length, " ")) {
                char word[256];

                length = strcspn(text, " ");
                (void) snprintf(word, sizeof(word), "%.*s", (int) MIN(length, sizeof(word) - 1),
                                text);
                unbind(word);
                width = text_width(word);
                if (at > indent && columns > indent + 20 && at + 1 + width > columns) {
                        (void) buffer_addf(buffer, "\n%*s", (int) indent, "");
                        at = indent;
                } else if (at > indent) {
                        (void) buffer_add_char(buffer, ' ');
                        at++;
                }
                at += text_add(buffer, word, UINT32_MAX);
        }
}

const char *span_format(int64_t usec, char text[static TIME_TEXT_MAX]) {
        (void) timespan_format(usec, text);
        if (strspn(text, "0123456789") > 1)
                text[strcspn(text, " ")] = '\0';
        return text;
}

const char *age_format(int64_t usec, int64_t now, char text[static AGE_TEXT_MAX]) {
        char span[TIME_TEXT_MAX];

        if (usec == TIME_UNKNOWN || usec == TIME_INFINITY)
                return "-";
        if (usec > now - USEC_PER_SEC && usec < now + USEC_PER_SEC)
                return "now";
        if (usec < now)
                (void) snprintf(text, AGE_TEXT_MAX, "%s ago", span_format(now - usec, span));
        else
                (void) snprintf(text, AGE_TEXT_MAX, "in %s", span_format(usec - now, span));
        return text;
}

const char *age_format_cell(const Output *output,
                int64_t usec,
                int64_t now,
                char text[static AGE_TEXT_MAX]) {
        const char *age = age_format(usec, now, text);
        char span[TIME_TEXT_MAX];

        if (output->columns == 0 || output->columns >= COLUMNS_WIDE || age != text)
                return age;
        /* The heading says which way. */
        (void) timespan_format(usec < now ? now - usec : usec - now, span);
        (void) snprintf(text, AGE_TEXT_MAX, "%.*s", (int) strcspn(span, " "), span);
        return text;
}
