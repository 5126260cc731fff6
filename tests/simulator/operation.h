#pragma once

/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The operations that are simulated, and what each of them takes
 */

#include "call.h"

typedef enum FieldPlace {
        PLACE_NONE,
        PLACE_PATH,
        PLACE_QUERY,
        PLACE_BODY,
} FieldPlace;

typedef struct OperationField {
        Field field;
        FieldPlace place;
        bool required;
} OperationField;

#define OPERATION_FIELDS 4

struct Operation {
        const char *name;
        Service service;
        const char *method;
        const char *path; /* a segment in braces stands for the field that is found there */
        bool unsigned_call;
        bool works_before_setup;
        OperationField fields[OPERATION_FIELDS];
        void (*run)(Call *c);
};

const Operation *operation_by_path(const HttpRequest *r, char *values[FIELD_MAX]);
const Operation *operation_by_name(Service service, const char *name);
bool operation_is_name(const char *name);

/* Answers with a ValidationException and returns false if a value is not what the model allows. */
bool fields_validate(Call *c);
const char *field_name(Field field);

void run_list_requests(Call *c);
void run_start(Call *c);
void run_update(Call *c);
void run_delete(Call *c);
void run_list_frameworks(Call *c);
void run_get_framework(Call *c);
void run_account_status(Call *c);

void run_get_caller_identity(Call *c);
void run_assume_role(Call *c);
void run_assume_role_with_web_identity(Call *c);
