/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The operations that are simulated, and what each of them takes
 *
 * Two tables, copied by hand from the service model 2017-07-25: the operations with their places,
 * and the fields with their limits. An operation itself sees only values that passed.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "operation.h"

static const Operation operations[] = {
        {
                .name = "ListAssessmentFrameworkShareRequests",
                .method = "GET",
                .path = "/assessmentFrameworkShareRequests",
                .fields = {
                        { FIELD_REQUEST_TYPE, PLACE_QUERY, true },
                        { FIELD_NEXT_TOKEN, PLACE_QUERY, false },
                        { FIELD_MAX_RESULTS, PLACE_QUERY, false },
                },
                .run = run_list_requests,
        },
        {
                .name = "ListAssessmentFrameworks",
                .method = "GET",
                .path = "/assessmentFrameworks",
                .fields = {
                        { FIELD_FRAMEWORK_TYPE, PLACE_QUERY, true },
                        { FIELD_NEXT_TOKEN, PLACE_QUERY, false },
                        { FIELD_MAX_RESULTS, PLACE_QUERY, false },
                },
                .run = run_list_frameworks,
        },
        {
                .name = "GetAssessmentFramework",
                .method = "GET",
                .path = "/assessmentFrameworks/{frameworkId}",
                .fields = { { FIELD_FRAMEWORK_ID, PLACE_PATH, true } },
                .run = run_get_framework,
        },
        {
                .name = "StartAssessmentFrameworkShare",
                .method = "POST",
                .path = "/assessmentFrameworks/{frameworkId}/shareRequests",
                .fields = {
                        { FIELD_FRAMEWORK_ID, PLACE_PATH, true },
                        { FIELD_DESTINATION_ACCOUNT, PLACE_BODY, true },
                        { FIELD_DESTINATION_REGION, PLACE_BODY, true },
                        { FIELD_COMMENT, PLACE_BODY, false },
                },
                .run = run_start,
        },
        {
                .name = "UpdateAssessmentFrameworkShare",
                .method = "PUT",
                .path = "/assessmentFrameworkShareRequests/{requestId}",
                .fields = {
                        { FIELD_REQUEST_ID, PLACE_PATH, true },
                        { FIELD_REQUEST_TYPE, PLACE_BODY, true },
                        { FIELD_ACTION, PLACE_BODY, true },
                },
                .run = run_update,
        },
        {
                .name = "DeleteAssessmentFrameworkShare",
                .method = "DELETE",
                .path = "/assessmentFrameworkShareRequests/{requestId}",
                .fields = {
                        { FIELD_REQUEST_ID, PLACE_PATH, true },
                        { FIELD_REQUEST_TYPE, PLACE_QUERY, true },
                },
                .run = run_delete,
        },
        {
                .name = "GetAccountStatus",
                .method = "GET",
                .path = "/account/status",
                .works_before_setup = true,
                .run = run_account_status,
        },
        { .name = "GetCallerIdentity", .service = SERVICE_STS, .run = run_get_caller_identity },
        { .name = "AssumeRole", .service = SERVICE_STS, .run = run_assume_role },
        {
                .name = "AssumeRoleWithWebIdentity",
                .service = SERVICE_STS,
                .unsigned_call = true,
                .run = run_assume_role_with_web_identity,
        },
};

typedef enum Alphabet {
        ALPHABET_ANY,
        ALPHABET_UUID,
        ALPHABET_DIGITS,
        ALPHABET_REGION,
        ALPHABET_TOKEN,
        ALPHABET_NUMBER,
} Alphabet;

/* min and max are characters, for a number they are its bounds. */
static const struct {
        const char *name;
        long min, max;
        Alphabet alphabet;
        const char *pattern;
        const char *values[4]; /* of an enum */
} fields[] = {
#define UUID_PATTERN "^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$"
        [FIELD_FRAMEWORK_ID] = { "frameworkId", 36, 36, ALPHABET_UUID, UUID_PATTERN, { NULL } },
        [FIELD_REQUEST_ID] = { "requestId", 36, 36, ALPHABET_UUID, UUID_PATTERN, { NULL } },
        [FIELD_REQUEST_TYPE] = { "requestType", 0, 0, ALPHABET_ANY, NULL, { "SENT", "RECEIVED" } },
        [FIELD_FRAMEWORK_TYPE] = { "frameworkType", 0, 0, ALPHABET_ANY, NULL,
                        { "Standard", "Custom" } },
        [FIELD_MAX_RESULTS] = { "maxResults", 1, 1000, ALPHABET_NUMBER, NULL, { NULL } },
        [FIELD_NEXT_TOKEN] = { "nextToken", 1, 1000, ALPHABET_TOKEN, "^[A-Za-z0-9+\\/=]*$",
                        { NULL } },
        [FIELD_DESTINATION_ACCOUNT] = { "destinationAccount", 12, 12, ALPHABET_DIGITS,
                        "^[0-9]{12}$", { NULL } },
        [FIELD_DESTINATION_REGION] = { "destinationRegion", 0, 0, ALPHABET_REGION,
                        "^[a-z]{2}-[a-z]+-[0-9]{1}$", { NULL } },
        [FIELD_COMMENT] = { "comment", 0, 500, ALPHABET_ANY, NULL, { NULL } },
        [FIELD_ACTION] = { "action", 0, 0, ALPHABET_ANY, NULL, { "ACCEPT", "DECLINE", "REVOKE" } },
};

static_assert(ELEMENTS(fields) == FIELD_MAX, "each field needs its limits");

const char *field_name(Field field) {
        return fields[field].name;
}

static Field field_from_segment(const char *segment, size_t n) {
        for (int i = 0; i < FIELD_MAX; i++)
                if (strlen(fields[i].name) + 2 == n
                                && strncmp(fields[i].name, segment + 1, n - 2) == 0)
                        return (Field) i;
        return FIELD_MAX;
}

/* Both start with a slash. A slash that was encoded is part of a value, not of the path. */
static bool path_matches(const char *pattern, const char *path, char *values[FIELD_MAX]) {
        while (*pattern && *path) {
                size_t n_pattern, n_path;

                if (*pattern++ != '/' || *path++ != '/')
                        return false;
                n_pattern = strcspn(pattern, "/");
                n_path = strcspn(path, "/");
                if (*pattern == '{' && n_path > 0) {
                        Field field = field_from_segment(pattern, n_pattern);

                        free(values[field]);
                        values[field] = percent_decode(path, n_path, false);
                } else if (n_pattern != n_path || strncmp(pattern, path, n_path) != 0)
                        return false;
                pattern += n_pattern;
                path += n_path;
        }
        return !*pattern && !*path;
}

static void clear_values(char *values[FIELD_MAX]) {
        for (size_t i = 0; i < FIELD_MAX; i++)
                free_string(&values[i]);
}

const Operation *operation_by_path(const HttpRequest *r, char *values[FIELD_MAX]) {
        for (size_t i = 0; i < ELEMENTS(operations); i++) {
                const Operation *o = &operations[i];

                if (o->path && strcmp(o->method, r->method) == 0
                                && path_matches(o->path, r->path, values))
                        return o;
                clear_values(values);
        }
        return NULL;
}

const Operation *operation_by_name(Service service, const char *name) {
        for (size_t i = 0; i < ELEMENTS(operations); i++)
                if (operations[i].service == service && strcmp(operations[i].name, name) == 0)
                        return &operations[i];
        return NULL;
}

bool operation_is_name(const char *name) {
        return operation_by_name(SERVICE_AUDIT_MANAGER, name)
                        || operation_by_name(SERVICE_STS, name);
}

static size_t characters(const char *text) {
        size_t n = 0;

        for (; *text; text++)
                n += ((unsigned char) *text & 0xc0) != 0x80;
        return n;
}

static bool is_region_shaped(const char *text) {
        size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz"), middle;

        if (letters != 2 || text[2] != '-')
                return false;
        middle = strspn(text + 3, "abcdefghijklmnopqrstuvwxyz");
        text += 3 + middle;
        return middle > 0 && text[0] == '-' && text[1] >= '0' && text[1] <= '9' && !text[2];
}

static bool alphabet_allows(Alphabet alphabet, const char *text) {
        Uuid id;

        switch (alphabet) {
        case ALPHABET_ANY:
                return true;
        case ALPHABET_UUID:
                return uuid_parse(text, &id);
        case ALPHABET_DIGITS:
                return strspn(text, "0123456789") == 12 && !text[12];
        case ALPHABET_REGION:
                return is_region_shaped(text);
        case ALPHABET_TOKEN:
                return !text[strspn(text,
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                                "=")];
        case ALPHABET_NUMBER:
                return *text && !text[strspn(text, "0123456789")] && strlen(text) < 10;
        }
        return false;
}

static bool is_value(const char *const *values, const char *text) {
        for (; *values; values++)
                if (strcmp(*values, text) == 0)
                        return true;
        return false;
}

static void list_values(Buffer *b, const char *const *values) {
        for (const char *separator = ""; *values; values++, separator = ", ")
                buffer_printf(b, "%s%s", separator, *values);
}

/* The part of the message after "Member must ". */
static void complain(Buffer *b, Field field, const char *text) {
        long n = fields[field].alphabet == ALPHABET_NUMBER ? strtol(text, NULL, 10)
                                                           : (long) characters(text);
        const char *measure = fields[field].alphabet == ALPHABET_NUMBER ? "value" : "length";

        if (fields[field].values[0]) {
                if (is_value(fields[field].values, text))
                        return;
                buffer_text(b, "satisfy enum value set: [");
                list_values(b, fields[field].values);
                buffer_text(b, "]");
        } else if (!alphabet_allows(fields[field].alphabet, text))
                buffer_printf(b, "satisfy regular expression pattern: %s",
                                fields[field].pattern ? fields[field].pattern : "^[0-9]+$");
        else if (fields[field].max > 0 && n > fields[field].max)
                buffer_printf(b, "have %s less than or equal to %ld", measure, fields[field].max);
        else if (n < fields[field].min)
                buffer_printf(b, "have %s greater than or equal to %ld", measure,
                                fields[field].min);
}

static void check_field(const Call *c, const OperationField *f, Buffer *complaint) {
        const char *value = c->values[f->field];

        if (!value && f->required)
                buffer_text(complaint, "not be null");
        else if (value)
                complain(complaint, f->field, value);
}

bool fields_validate(Call *c) {
        _cleanup_(buffer_done) Buffer list = { 0 }, message = { 0 }, extra = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < OPERATION_FIELDS && c->operation->fields[i].place != PLACE_NONE;
                        i++) {
                const OperationField *f = &c->operation->fields[i];
                _cleanup_(buffer_done) Buffer complaint = { 0 }, text = { 0 };
                const char *value = c->values[f->field], *quote = value ? "'" : "";

                check_field(c, f, &complaint);
                if (complaint.n == 0)
                        continue;
                buffer_printf(&text,
                                "Value %s%s%s at '%s' failed to satisfy constraint: Member must %s",
                                quote, value ? value : "null", quote, field_name(f->field),
                                complaint.data);
                buffer_printf(&message, "%s%s", n > 0 ? "; " : "", text.data);
                buffer_text(&list, n > 0 ? ",{" : "{");
                buffer_json_member(&list, "name", field_name(f->field));
                buffer_json_member(&list, "message", text.data);
                buffer_text(&list, "}");
                n++;
        }
        if (n == 0)
                return true;

        buffer_printf(&extra, ",\"reason\":\"fieldValidationFailed\",\"fields\":[%s]", list.data);
        buffer_done(&list);
        buffer_printf(&list, "%zu validation error%s detected: %s", n, n > 1 ? "s" : "",
                        message.data);
        call_fail(c,
                        &(Problem){
                                        .status = 400,
                                        .code = "ValidationException",
                                        .message = list.data,
                                        .extra_json = extra.data,
                        });
        return false;
}
