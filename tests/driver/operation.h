#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The API's operations by name, and the shapes of their answers. */

#include <jansson.h>

#include "model/share-service.h"

/* API_OPERATION_MAX for a name that is none of ours. */
ApiOperation operation_find(const char *name);

typedef enum ShapeType {
        SHAPE_STRING,
        SHAPE_INTEGER,
        SHAPE_TIMESTAMP,
        SHAPE_STRUCTURE,
        SHAPE_LIST, /* of structures */
        SHAPE_MAP, /* of strings */
        SHAPE_TYPE_MAX
} ShapeType;

typedef struct Member Member;

/* A member of a structure; a table of them ends with one without a name. */
struct Member {
        const char *name;
        ShapeType type;
        const Member *members; /* of a structure, or of a list's structures */
};

/* The members of an operation's answer; none where it has no body. */
const Member *operation_answer(ApiOperation operation);
