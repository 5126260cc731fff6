#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A YAML file as a tree
 *
 * Sixteen bytes a node, in document order: a collection is followed by what is in it. Texts are
 * NUL-terminated and lie in one block. Aliases stay nodes of their own, so that a reader can tell
 * where something was used from where it was written; node_resolve() follows them, and a tree has
 * been checked to end and to stay within limits.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desired/load.h"
#include "model/fault.h"
#include "util/macro.h"

typedef enum NodeKind {
        NODE_SCALAR,
        NODE_LIST,
        NODE_MAPPING, /* its children are key, value, key, value, … */
        NODE_ALIAS,
        NODE_KIND_MAX
} NodeKind;

typedef enum NodeFlag {
        NODE_IS_TEXT = 1 << 0, /* in quotes, a block scalar, or tagged as a text: never a number, a
                                  bool or nothing */
        NODE_NOTED = 1 << 1, /* a note about it has been made: aliases would repeat it */
} NodeFlag;

typedef struct Node {
        uint32_t line;
        uint16_t column;
        uint8_t kind;
        uint8_t flags;
        uint32_t link; /* scalar: offset of its text; collection: index of the node behind it;
                          alias: its target */
        uint32_t count; /* scalar: bytes; list: items; mapping: pairs */
} Node;

/*
 * Over all of a file: twice what a million shares take, and a bound on memory for what is no
 * shares file.
 */
#define YAML_LITERAL_NODES_MAX 16000000

typedef struct Document {
        Node *nodes;
        size_t n_nodes, nodes_capacity;
        char *text;
        size_t text_length, text_capacity;
        uint16_t file;
} Document;

/*
 * 0; -EINVAL with a fault added and *ret unset; -ENOMEM. Faults that do not hide the rest, such as
 * an unknown tag, may have been added where it returns 0. The text is not needed afterwards.
 */
int document_parse(const YamlText *text, Faults *faults, Document **ret);
Document *document_free(Document *document);

static inline Position node_position(const Document *document, const Node *node) {
        return (Position){ node->line, node->column, document->file };
}

/* The node itself, or the one that an alias stands for. */
static inline const Node *node_resolve(const Document *document, const Node *node) {
        return node->kind == NODE_ALIAS ? &document->nodes[node->link] : node;
}

static inline const Node *document_root(const Document *document) {
        return document->nodes;
}

/* The text of a scalar, without NUL in it, "" for anything else; owned by the document. */
static inline const char *node_text(const Document *document, const Node *node) {
        node = node_resolve(document, node);
        return node->kind == NODE_SCALAR ? document->text + node->link : "";
}

/*
 * Walks a collection: node_first(), then node_next() of each, as many as its count says (twice
 * that in a mapping).
 */
static inline const Node *node_first(const Node *collection) {
        return collection + 1;
}

static inline const Node *node_next(const Document *document, const Node *node) {
        return node->kind == NODE_LIST || node->kind == NODE_MAPPING ? &document->nodes[node->link]
                                                                     : node + 1;
}

/* True the first time, false from then on. */
static inline bool node_note_once(Document *document, const Node *node) {
        Node *own = &document->nodes[node - document->nodes];
        bool first = !(own->flags & NODE_NOTED);

        own->flags |= NODE_NOTED;
        return first;
}

/*
 * What a scalar is by the core schema of YAML 1.2 (section 10.3.2): its style counts, nothing is
 * converted.
 */
typedef enum ScalarType {
        SCALAR_TEXT,
        SCALAR_NULL,
        SCALAR_BOOL,
        SCALAR_INTEGER,
        SCALAR_FLOAT,
        SCALAR_TYPE_MAX
} ScalarType;

ScalarType node_scalar_type(const Document *document, const Node *scalar);

DEFINE_CLEANUP(Document, document_free)
