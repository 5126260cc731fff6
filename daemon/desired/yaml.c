/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A YAML file as a tree
 *
 * libyaml's event parser gives the events, this file keeps them. It is what bounds hostile input:
 * depth and aliases are counted event by event, because libyaml itself takes quadratic time on
 * nesting and follows aliases without end. A fault here ends the reading of a file, since nothing
 * behind it can be trusted to mean what it seems to; only tags and keys that are no scalars are
 * collected.
 */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "desired/syntax-error.h"
#include "desired/wording.h"
#include "desired/yaml-text.h"
#include "desired/yaml.h"
#include "util/mem.h"
#include "util/string-util.h"
#include "util/strings.h"

static_assert(sizeof(Node) == 16, "a million shares are six million nodes");

/* Texts seen lately, so that keys and Regions are kept once and not a million times. */
#define RECENT_TEXTS  1024
#define RECENT_LENGTH 32

/* What an anchor stands for. */
typedef struct Anchor {
        uint32_t node;
        uint32_t size; /* nodes, aliases expanded */
        uint32_t height; /* of collections, 0 for a scalar */
        bool open; /* its collection has not ended yet */
} Anchor;

/* A collection that has begun and not ended. */
typedef struct Level {
        uint32_t node;
        StringId anchor;
        uint32_t size;
        uint32_t height;
        uint32_t children;
        uint32_t key; /* mapping: the text of the latest key */
} Level;

typedef struct Builder {
        Document *document;
        Faults *faults;
        yaml_parser_t *parser;
        size_t skipped; /* bytes before what libyaml reads: the byte order mark */
        Level levels[YAML_DEPTH_MAX];
        size_t depth;
        Strings *anchor_names;
        Anchor *anchors; /* by StringId - 1 */
        size_t n_anchors, anchors_capacity;
        uint64_t expanded; /* nodes that aliases stand for */
        uint32_t recent[RECENT_TEXTS];
        bool began;
} Builder;

Document *document_free(Document *document) {
        if (!document)
                return NULL;

        free(document->nodes);
        free(document->text);
        free(document);
        return NULL;
}

/* Faults */

static Position mark_position(const Builder *builder, const yaml_mark_t *mark) {
        return (Position){
                .line = (uint32_t) MIN(mark->line + 1, (size_t) UINT32_MAX),
                .column = (uint16_t) MIN(mark->column + 1, (size_t) UINT16_MAX),
                .file = builder->document->file,
        };
}

/* The key path of the event that comes next. */
static char *builder_path(const Builder *builder) {
        KeyPath steps[YAML_DEPTH_MAX];
        const KeyPath *path = NULL;

        for (size_t i = 0; i < builder->depth; i++) {
                const Level *level = &builder->levels[i];
                bool is_list = builder->document->nodes[level->node].kind == NODE_LIST;

                if (!is_list && level->children % 2 == 0)
                        continue;
                steps[i] = (KeyPath){ path, NULL, level->children };
                if (!is_list)
                        steps[i].key = builder->document->text + level->key;
                path = &steps[i];
        }
        return key_path_format(path);
}

/* Adds a fault and returns -EINVAL, or -ENOMEM. */
static int fault_at(const Builder *builder, const yaml_mark_t *mark, const char *text) {
        _cleanup_free_ char *path = builder_path(builder);

        if (!path
                        || faults_add(builder->faults, mark_position(builder, mark), path, "%s",
                                           text)
                                        < 0)
                return -ENOMEM;
        return -EINVAL;
}

/* As fault_at(), but reading goes on: 0 or -ENOMEM. */
static int fault_and_go_on(const Builder *builder, const yaml_mark_t *mark, const char *text) {
        return fault_at(builder, mark, text) == -ENOMEM ? -ENOMEM : 0;
}

static int syntax_fault(const Builder *builder, const YamlText *text) {
        const yaml_parser_t *parser = builder->parser;
        const char *known = parser->problem ? syntax_error_text(parser->problem) : NULL;
        Position position = mark_position(builder, &parser->problem_mark);
        char begun[64] = "";

        if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        if (parser->error == YAML_READER_ERROR)
                position = yaml_text_position(text, parser->problem_offset + builder->skipped);

        /* An unclosed quote or bracket is noticed far behind the place where it stands. */
        else if (parser->context && parser->context_mark.line != parser->problem_mark.line)
                (void) snprintf(begun, sizeof(begun), " (it begins at line %zu, column %zu)",
                                parser->context_mark.line + 1, parser->context_mark.column + 1);

        if (faults_add(builder->faults, position, "", "not YAML: %s%s%s",
                            known ? known : parser->problem, known ? "" : "; correct the line",
                            begun)
                        < 0)
                return -ENOMEM;
        return -EINVAL;
}

/* Nodes */

static int add_node(Builder *builder, const yaml_event_t *event, NodeKind kind, uint32_t *ret) {
        Document *document = builder->document;
        Position position = mark_position(builder, &event->start_mark);

        if (document->n_nodes >= YAML_LITERAL_NODES_MAX)
                return fault_at(builder, &event->start_mark,
                                "too many values in one file; split the file");
        if (ARRAY_RESERVE(document->nodes, document->nodes_capacity, document->n_nodes + 1) < 0)
                return -ENOMEM;

        document->nodes[document->n_nodes] = (Node){
                .line = position.line,
                .column = position.column,
                .kind = (uint8_t) kind,
        };
        *ret = (uint32_t) document->n_nodes++;
        return 0;
}

/* A slot by the ends and the length of a text: enough to tell keys and Regions apart. */
static size_t recent_slot(const char *text, size_t length) {
        uint64_t head = 0, tail = 0;
        size_t n = MIN(length, sizeof(head));

        memcpy(&head, text, n);
        memcpy(&tail, text + length - n, n);
        return (size_t) ((head * 31 + tail + length) * UINT64_C(0x9e3779b97f4a7c15) >> 32)
                        % RECENT_TEXTS;
}

static int store_text(Builder *builder, const char *text, size_t length, uint32_t *ret) {
        Document *document = builder->document;
        uint32_t *recent = length <= RECENT_LENGTH ? &builder->recent[recent_slot(text, length)]
                                                   : NULL;

        /*
         * The comparison includes the NUL, and ends at it: text lies in one block that ends with
         * one.
         */
        if (recent && *recent < document->text_length
                        && strcmp(document->text + *recent, text) == 0) {
                *ret = *recent;
                return 0;
        }

        if (ARRAY_RESERVE(document->text, document->text_capacity,
                            document->text_length + length + 1)
                        < 0)
                return -ENOMEM;
        memcpy(document->text + document->text_length, text, length + 1);
        *ret = (uint32_t) document->text_length;
        document->text_length += length + 1;
        if (recent)
                *recent = *ret;
        return 0;
}

/* Anchors and levels */

static int find_anchor(Builder *builder, const yaml_char_t *name, StringId *ret) {
        StringId id;
        int r;

        r = strings_add(builder->anchor_names, (const char *) name, &id);
        if (r < 0)
                return r;
        if (id > builder->n_anchors) {
                if (ARRAY_RESERVE(builder->anchors, builder->anchors_capacity, id) < 0)
                        return -ENOMEM;
                builder->anchors[id - 1] = (Anchor){ .node = UINT32_MAX };
                builder->n_anchors = id;
        }
        *ret = id;
        return 0;
}

/* Counts a finished node in the collection around it. */
static void finish_node(Builder *builder, uint32_t size, uint32_t height) {
        Level *level;

        if (builder->depth == 0)
                return;
        level = &builder->levels[builder->depth - 1];
        level->children++;
        /* Both stay far below 2^32: literal nodes and those of aliases have limits of their own. */
        level->size += size;
        level->height = MAX(level->height, height);
}

static bool expects_key(const Builder *builder) {
        const Level *level;

        if (builder->depth == 0)
                return false;
        level = &builder->levels[builder->depth - 1];
        return builder->document->nodes[level->node].kind == NODE_MAPPING
                        && level->children % 2 == 0;
}

static int set_anchor(Builder *builder,
                const yaml_char_t *name,
                const Anchor *anchor,
                StringId *ret) {
        int r;

        *ret = 0;
        if (!name)
                return 0;
        r = find_anchor(builder, name, ret);
        if (r < 0)
                return r;
        builder->anchors[*ret - 1] = *anchor;
        return 0;
}

static int open_collection(Builder *builder,
                const yaml_event_t *event,
                NodeKind kind,
                const yaml_char_t *anchor) {
        StringId anchor_id;
        uint32_t node;
        int r;

        if (builder->depth == YAML_DEPTH_MAX)
                return fault_at(builder, &event->start_mark,
                                "nested deeper than 32 levels; no key goes that deep");
        if (expects_key(builder)) {
                r = fault_and_go_on(builder, &event->start_mark,
                                "a list or a mapping as a key; want a word");
                if (r < 0)
                        return r;
                builder->levels[builder->depth - 1].key = 0;
        }

        r = add_node(builder, event, kind, &node);
        if (r < 0)
                return r;
        r = set_anchor(builder, anchor, &(Anchor){ .node = node, .open = true }, &anchor_id);
        if (r < 0)
                return r;

        builder->levels[builder->depth++] = (Level){ .node = node, .anchor = anchor_id, .size = 1 };
        return 0;
}

static void close_collection(Builder *builder) {
        const Level *level;
        Node *node;

        assert(builder->depth > 0);
        level = &builder->levels[--builder->depth];
        node = &builder->document->nodes[level->node];
        node->link = (uint32_t) builder->document->n_nodes;
        node->count = node->kind == NODE_MAPPING ? level->children / 2 : level->children;

        /* Unless the name has been given to another node meanwhile, inside this one. */
        if (level->anchor > 0 && builder->anchors[level->anchor - 1].node == level->node) {
                Anchor *anchor = &builder->anchors[level->anchor - 1];

                anchor->size = level->size;
                anchor->height = level->height + 1;
                anchor->open = false;
        }
        finish_node(builder, level->size, level->height + 1);
}

/* Events */

typedef enum TagClass {
        TAG_NONE,
        TAG_TEXT, /* str, or "!" */
        TAG_OTHER, /* a scalar of another type of the core schema */
        TAG_LIST,
        TAG_MAPPING,
        TAG_CLASS_MAX
} TagClass;

static const struct {
        const char *tag;
        TagClass class;
} tags[] = {
        { "!", TAG_NONE },
        { YAML_STR_TAG, TAG_TEXT },
        { YAML_NULL_TAG, TAG_OTHER },
        { YAML_BOOL_TAG, TAG_OTHER },
        { YAML_INT_TAG, TAG_OTHER },
        { YAML_FLOAT_TAG, TAG_OTHER },
        { YAML_SEQ_TAG, TAG_LIST },
        { YAML_MAP_TAG, TAG_MAPPING },
};

/* Faults a tag that is not the core schema's, or not one for this kind of node. 0 or -ENOMEM. */
static int check_tag(Builder *builder,
                const yaml_event_t *event,
                const yaml_char_t *tag,
                NodeKind kind,
                TagClass *ret) {
        *ret = TAG_NONE;
        if (!tag)
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(tags); i++)
                if (streq(tags[i].tag, (const char *) tag)) {
                        *ret = tags[i].class;
                        if (*ret == TAG_NONE || (*ret == TAG_LIST && kind == NODE_LIST)
                                        || (*ret == TAG_MAPPING && kind == NODE_MAPPING)
                                        || (*ret < TAG_LIST && kind == NODE_SCALAR))
                                return 0;
                        return fault_and_go_on(builder, &event->start_mark,
                                        "a tag that does not fit its value; remove the tag");
                }
        return fault_and_go_on(builder, &event->start_mark,
                        "a tag that is not of YAML's core schema; remove it");
}

static int on_scalar(Builder *builder, const yaml_event_t *event) {
        const char *text = (const char *) event->data.scalar.value;
        uint32_t index, offset;
        StringId anchor;
        TagClass tag;
        Node *node;
        int r;

        if (strlen(text) != event->data.scalar.length)
                return fault_at(builder, &event->start_mark, "NUL in a text; remove it");
        r = check_tag(builder, event, event->data.scalar.tag, NODE_SCALAR, &tag);
        if (r < 0)
                return r;
        r = store_text(builder, text, event->data.scalar.length, &offset);
        if (r < 0)
                return r;
        r = add_node(builder, event, NODE_SCALAR, &index);
        if (r < 0)
                return r;
        r = set_anchor(builder, event->data.scalar.anchor, &(Anchor){ .node = index, .size = 1 },
                        &anchor);
        if (r < 0)
                return r;

        node = &builder->document->nodes[index];
        node->link = offset;
        node->count = (uint32_t) event->data.scalar.length;
        if (tag == TAG_TEXT
                        || (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE && tag != TAG_OTHER)
                        || (event->data.scalar.tag
                                        && streq((const char *) event->data.scalar.tag, "!")))
                node->flags = NODE_IS_TEXT;
        if (expects_key(builder))
                builder->levels[builder->depth - 1].key = offset;
        finish_node(builder, 1, 0);
        return 0;
}

static int on_alias(Builder *builder, const yaml_event_t *event) {
        const Anchor *anchor;
        uint32_t index;
        StringId id;
        int r;

        r = find_anchor(builder, event->data.alias.anchor, &id);
        if (r < 0)
                return r;
        anchor = &builder->anchors[id - 1];
        if (anchor->node == UINT32_MAX)
                return fault_at(builder, &event->start_mark,
                                "an alias of an unknown anchor; define it before its use");
        if (anchor->open)
                return fault_at(builder, &event->start_mark,
                                "an alias within what it stands for; write the value out");
        if (builder->depth + anchor->height > YAML_DEPTH_MAX)
                return fault_at(builder, &event->start_mark,
                                "nested deeper than 32 levels; no key goes that deep");
        builder->expanded += anchor->size;
        if (builder->expanded > YAML_NODES_MAX)
                return fault_at(builder, &event->start_mark,
                                "aliases expand to more than 1000000 nodes; write the values out, "
                                "or use a group");

        if (expects_key(builder)) {
                const Node *target = &builder->document->nodes[anchor->node];

                if (target->kind != NODE_SCALAR) {
                        r = fault_and_go_on(builder, &event->start_mark,
                                        "a list or a mapping as a key; want a word");
                        if (r < 0)
                                return r;
                }
                builder->levels[builder->depth - 1].key =
                                target->kind == NODE_SCALAR ? target->link : 0;
        }
        r = add_node(builder, event, NODE_ALIAS, &index);
        if (r < 0)
                return r;
        builder->document->nodes[index].link = anchor->node;
        finish_node(builder, anchor->size, anchor->height);
        return 0;
}

static int on_event(Builder *builder, const yaml_event_t *event) {
        TagClass tag;
        int r;

        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return on_scalar(builder, event);

        case YAML_ALIAS_EVENT:
                return on_alias(builder, event);

        case YAML_SEQUENCE_START_EVENT:
                r = check_tag(builder, event, event->data.sequence_start.tag, NODE_LIST, &tag);
                return r < 0 ? r
                             : open_collection(builder, event, NODE_LIST,
                                             event->data.sequence_start.anchor);

        case YAML_MAPPING_START_EVENT:
                r = check_tag(builder, event, event->data.mapping_start.tag, NODE_MAPPING, &tag);
                return r < 0 ? r
                             : open_collection(builder, event, NODE_MAPPING,
                                             event->data.mapping_start.anchor);

        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                close_collection(builder);
                return 0;

        case YAML_DOCUMENT_START_EVENT:
                if (builder->began)
                        return fault_at(builder, &event->start_mark,
                                        "a second document; want one in a file, without a second "
                                        "'---'");
                builder->began = true;
                return 0;

        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT:
                return 0;
        }
        return 0;
}

static int read_events(Builder *builder, const YamlText *text) {
        bool at_end = false;
        int r;

        while (!at_end) {
                yaml_event_t event;

                if (!yaml_parser_parse(builder->parser, &event))
                        return syntax_fault(builder, text);
                r = on_event(builder, &event);
                at_end = event.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The whole of a file */

static bool is_empty(const Document *document) {
        return document->n_nodes == 0
                        || (document->nodes[0].kind == NODE_SCALAR
                                        && node_scalar_type(document, &document->nodes[0])
                                                        == SCALAR_NULL);
}

static void parser_deletep(yaml_parser_t **parser) {
        if (*parser)
                yaml_parser_delete(*parser);
}

static void builder_free(Builder *builder) {
        (void) strings_free(builder->anchor_names);
        free(builder->anchors);
        free(builder);
}

static void builder_freep(Builder **builder) {
        if (*builder)
                builder_free(*builder);
}

static int builder_new(Document *document, Faults *faults, Builder **ret) {
        _cleanup_(builder_freep) Builder *builder = malloc(sizeof(Builder));
        int r;

        if (!builder)
                return -ENOMEM;
        *builder = (Builder){ .document = document, .faults = faults };
        memset(builder->recent, 0xff, sizeof(builder->recent));
        r = strings_new(YAML_SIZE_MAX + 1, &builder->anchor_names);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(builder);
        return 0;
}

static int build(const YamlText *text, Faults *faults, Document *document) {
        _cleanup_(parser_deletep) yaml_parser_t *initialized = NULL;
        _cleanup_(builder_freep) Builder *builder = NULL;
        yaml_parser_t parser;
        int r;

        r = builder_new(document, faults, &builder);
        if (r < 0)
                return r;
        builder->skipped = yaml_text_skip_mark(text);

        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        builder->parser = initialized = &parser;
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *) text->text + builder->skipped,
                        text->length - builder->skipped);
        return read_events(builder, text);
}

int document_parse(const YamlText *text, Faults *faults, Document **ret) {
        _cleanup_(document_freep) Document *document = NULL;
        int r;

        r = yaml_text_check(text, faults);
        if (r < 0)
                return r;

        document = calloc(1, sizeof(Document));
        if (!document)
                return -ENOMEM;
        document->file = text->file;

        /* Text 0 is "": what a key that is no scalar is called. */
        if (ARRAY_RESERVE(document->text, document->text_capacity, 1) < 0)
                return -ENOMEM;
        document->text[document->text_length++] = '\0';

        r = build(text, faults, document);
        if (r < 0)
                return r;
        if (is_empty(document))
                return yaml_text_fault(faults, (Position){ 1, 1, text->file },
                                "the file is empty; write its keys, or remove the file");

        *ret = TAKE_PTR(document);
        return 0;
}
