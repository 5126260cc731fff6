/* SPDX-License-Identifier: Apache-2.0 */

/* The shapes of the API's answers, as the service model of 2017-07-25 has them. */

#include "operation.h"
#include "aws/auditmanager-json.h"
#include "util/string-util.h"

static const Member share_request[] = {
        { "id", SHAPE_STRING, NULL },
        { "frameworkId", SHAPE_STRING, NULL },
        { "frameworkName", SHAPE_STRING, NULL },
        { "frameworkDescription", SHAPE_STRING, NULL },
        { "status", SHAPE_STRING, NULL },
        { "sourceAccount", SHAPE_STRING, NULL },
        { "destinationAccount", SHAPE_STRING, NULL },
        { "destinationRegion", SHAPE_STRING, NULL },
        { "expirationTime", SHAPE_TIMESTAMP, NULL },
        { "creationTime", SHAPE_TIMESTAMP, NULL },
        { "lastUpdated", SHAPE_TIMESTAMP, NULL },
        { "comment", SHAPE_STRING, NULL },
        { "standardControlsCount", SHAPE_INTEGER, NULL },
        { "customControlsCount", SHAPE_INTEGER, NULL },
        { "complianceType", SHAPE_STRING, NULL },
        { 0 },
};

static const Member framework_metadata[] = {
        { "arn", SHAPE_STRING, NULL },
        { "id", SHAPE_STRING, NULL },
        { "type", SHAPE_STRING, NULL },
        { "name", SHAPE_STRING, NULL },
        { "description", SHAPE_STRING, NULL },
        { "logo", SHAPE_STRING, NULL },
        { "complianceType", SHAPE_STRING, NULL },
        { "controlsCount", SHAPE_INTEGER, NULL },
        { "controlSetsCount", SHAPE_INTEGER, NULL },
        { "createdAt", SHAPE_TIMESTAMP, NULL },
        { "lastUpdatedAt", SHAPE_TIMESTAMP, NULL },
        { 0 },
};

static const Member source_keyword[] = {
        { "keywordInputType", SHAPE_STRING, NULL },
        { "keywordValue", SHAPE_STRING, NULL },
        { 0 },
};

static const Member mapping_source[] = {
        { "sourceId", SHAPE_STRING, NULL },
        { "sourceName", SHAPE_STRING, NULL },
        { "sourceDescription", SHAPE_STRING, NULL },
        { "sourceSetUpOption", SHAPE_STRING, NULL },
        { "sourceType", SHAPE_STRING, NULL },
        { "sourceKeyword", SHAPE_STRUCTURE, source_keyword },
        { "sourceFrequency", SHAPE_STRING, NULL },
        { "troubleshootingText", SHAPE_STRING, NULL },
        { 0 },
};

static const Member control[] = {
        { "arn", SHAPE_STRING, NULL },
        { "id", SHAPE_STRING, NULL },
        { "type", SHAPE_STRING, NULL },
        { "name", SHAPE_STRING, NULL },
        { "description", SHAPE_STRING, NULL },
        { "testingInformation", SHAPE_STRING, NULL },
        { "actionPlanTitle", SHAPE_STRING, NULL },
        { "actionPlanInstructions", SHAPE_STRING, NULL },
        { "controlSources", SHAPE_STRING, NULL },
        { "controlMappingSources", SHAPE_LIST, mapping_source },
        { "createdAt", SHAPE_TIMESTAMP, NULL },
        { "lastUpdatedAt", SHAPE_TIMESTAMP, NULL },
        { "createdBy", SHAPE_STRING, NULL },
        { "lastUpdatedBy", SHAPE_STRING, NULL },
        { "tags", SHAPE_MAP, NULL },
        { 0 },
};

static const Member control_set[] = {
        { "id", SHAPE_STRING, NULL },
        { "name", SHAPE_STRING, NULL },
        { "controls", SHAPE_LIST, control },
        { 0 },
};

static const Member framework[] = {
        { "arn", SHAPE_STRING, NULL },
        { "id", SHAPE_STRING, NULL },
        { "name", SHAPE_STRING, NULL },
        { "type", SHAPE_STRING, NULL },
        { "complianceType", SHAPE_STRING, NULL },
        { "description", SHAPE_STRING, NULL },
        { "logo", SHAPE_STRING, NULL },
        { "controlSources", SHAPE_STRING, NULL },
        { "controlSets", SHAPE_LIST, control_set },
        { "createdAt", SHAPE_TIMESTAMP, NULL },
        { "lastUpdatedAt", SHAPE_TIMESTAMP, NULL },
        { "createdBy", SHAPE_STRING, NULL },
        { "lastUpdatedBy", SHAPE_STRING, NULL },
        { "tags", SHAPE_MAP, NULL },
        { 0 },
};

static const Member list_share_requests[] = {
        { "assessmentFrameworkShareRequests", SHAPE_LIST, share_request },
        { "nextToken", SHAPE_STRING, NULL },
        { 0 },
};

static const Member list_frameworks[] = {
        { "frameworkMetadataList", SHAPE_LIST, framework_metadata },
        { "nextToken", SHAPE_STRING, NULL },
        { 0 },
};

static const Member get_framework[] = { { "framework", SHAPE_STRUCTURE, framework }, { 0 } };
static const Member one_share_request[] = {
        { "assessmentFrameworkShareRequest", SHAPE_STRUCTURE, share_request },
        { 0 },
};
static const Member account_status[] = { { "status", SHAPE_STRING, NULL }, { 0 } };
static const Member nothing[] = { { 0 } };

static const Member *const answers[API_OPERATION_MAX] = {
        [API_LIST_SHARE_REQUESTS] = list_share_requests,
        [API_LIST_FRAMEWORKS] = list_frameworks,
        [API_GET_FRAMEWORK] = get_framework,
        [API_START_SHARE] = one_share_request,
        [API_UPDATE_SHARE] = one_share_request,
        [API_DELETE_SHARE] = nothing,
        [API_GET_ACCOUNT_STATUS] = account_status,
};

ApiOperation operation_find(const char *name) {
        ApiOperation operation = 0;

        while (operation < API_OPERATION_MAX && !streq(api_operation_name(operation), name))
                operation++;
        return operation;
}

const Member *operation_answer(ApiOperation operation) {
        return answers[operation];
}
