/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Small XML answers
 *
 * The way to the current element is kept as text, so that finding one of the paths asked for is a
 * comparison.
 */

#include <errno.h>
#include <expat.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"
#include "util/buffer.h"
#include "util/macro.h"
#include "util/mem.h"
#include "util/secret.h"
#include "util/string-util.h"

typedef struct Reader {
        XML_Parser parser;
        XmlText *texts;
        size_t n;
        Buffer path;
        size_t depth;
        XmlText *capture; /* the one whose element we are in */
        size_t capture_depth;
        Buffer text;
        int error;
} Reader;

/* expat copies what it reads, secrets among it. */
static void *grow(void *p, size_t size) {
        void *q = malloc(size);

        if (q && p) {
                memcpy(q, p, MIN(size, malloc_usable_size(p)));
                wipe_free(p);
        }
        return q;
}

static const XML_Memory_Handling_Suite memory = { malloc, grow, wipe_free };

static void stop(Reader *reader, int error) {
        reader->error = error;
        (void) XML_StopParser(reader->parser, XML_FALSE);
}

static void on_doctype(void *userdata,
                _unused_ const XML_Char *name,
                _unused_ const XML_Char *system_id,
                _unused_ const XML_Char *public_id,
                _unused_ int has_internal_subset) {
        stop(userdata, -EBADMSG);
}

static XmlText *find(const Reader *reader) {
        for (size_t i = 0; i < reader->n; i++)
                if (!reader->texts[i].text
                                && streq(reader->texts[i].path, buffer_text(&reader->path)))
                        return &reader->texts[i];
        return NULL;
}

static void on_start(void *userdata, const XML_Char *name, _unused_ const XML_Char **attributes) {
        Reader *reader = userdata;
        const char *colon = strchr(name, ':');

        if (reader->error < 0)
                return;
        if (++reader->depth > XML_DEPTH_MAX) {
                stop(reader, -EBADMSG);
                return;
        }

        if (reader->depth > 1)
                (void) buffer_add_char(&reader->path, '/');
        (void) buffer_add(&reader->path, colon ? colon + 1 : name);
        if (buffer_status(&reader->path) < 0) {
                stop(reader, -ENOMEM);
                return;
        }
        if (!reader->capture) {
                reader->capture = find(reader);
                reader->capture_depth = reader->depth;
        }
}

static void on_text(void *userdata, const XML_Char *text, int length) {
        Reader *reader = userdata;

        if (reader->error == 0 && reader->capture && reader->depth == reader->capture_depth
                        && buffer_append(&reader->text, text, (size_t) length) < 0)
                stop(reader, -ENOMEM);
}

static void on_end(void *userdata, _unused_ const XML_Char *name) {
        Reader *reader = userdata;
        const char *slash;

        if (reader->error < 0)
                return;
        if (reader->capture && reader->depth == reader->capture_depth) {
                reader->capture->text = buffer_steal(&reader->text);
                if (!reader->capture->text)
                        stop(reader, -ENOMEM);
                reader->capture = NULL;
        }

        slash = strrchr(buffer_text(&reader->path), '/');
        reader->path.length = slash ? (size_t) (slash - reader->path.data) : 0;
        reader->path.data[reader->path.length] = '\0';
        reader->depth--;
}

static int parse(Reader *reader, const void *body, size_t length) {
        XML_Parser parser = reader->parser;

        XML_SetUserData(parser, reader);
        XML_SetStartDoctypeDeclHandler(parser, on_doctype);
        XML_SetElementHandler(parser, on_start, on_end);
        XML_SetCharacterDataHandler(parser, on_text);

        if (XML_Parse(parser, body ? body : "", (int) length, XML_TRUE) == XML_STATUS_OK)
                return reader->error;
        if (reader->error < 0)
                return reader->error;
        return XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY ? -ENOMEM : -EBADMSG;
}

int xml_read(const void *body, size_t length, XmlText *texts, size_t n) {
        Reader reader = { .texts = texts, .n = n };
        int r;

        if (length > XML_SIZE_MAX)
                return -EBADMSG;
        reader.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
        if (!reader.parser)
                return -ENOMEM;

        r = parse(&reader, body, length);
        XML_ParserFree(reader.parser);
        buffer_wipe(&reader.text);
        buffer_done(&reader.path);
        if (r < 0)
                xml_texts_done(texts, n);
        return r;
}

void xml_texts_done(XmlText *texts, size_t n) {
        for (size_t i = 0; i < n; i++)
                texts[i].text = text_wipe(texts[i].text);
}
