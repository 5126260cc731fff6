#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ShareService: the API as the reconciler sees it
 *
 * One asynchronous function, so that a test can put a script in its place. Rate, concurrency,
 * signing, retries and the check of the identity are behind it: a result is final for that call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/identifiers.h"
#include "model/observation.h"
#include "model/outcome.h"
#include "model/share.h"

struct json_t;

typedef enum ApiOperation {
        API_LIST_SHARE_REQUESTS,
        API_LIST_FRAMEWORKS,
        API_GET_FRAMEWORK,
        API_START_SHARE,
        API_UPDATE_SHARE,
        API_DELETE_SHARE,
        API_GET_ACCOUNT_STATUS,
        API_OPERATION_MAX
} ApiOperation;

/* nextToken's longest, from the API's model. */
#define API_TOKEN_MAX   1000
#define API_COMMENT_MAX 500
#define API_PAGE_SIZE   1000

/* Borrowed for the duration of the call that takes it, but for the sink, which must outlive the
 * answer. */
typedef struct ApiRequest {
        ApiOperation operation;
        Uuid framework_id; /* GET_FRAMEWORK, START_SHARE */
        Recipient recipient; /* START_SHARE */
        const char *comment; /* START_SHARE; NULL: none is sent */
        Uuid request_id; /* UPDATE_SHARE, DELETE_SHARE */
        const char *next_token; /* listings; NULL: the first page */
        int page_size; /* listings: maxResults; 0: API_PAGE_SIZE, negative: the service's own choice
                        */
        bool received; /* requestType RECEIVED; what the product asks is always about what it SENT
                        */
        bool standard; /* LIST_FRAMEWORKS: Standard instead of Custom */
        const char *action; /* UPDATE_SHARE: ACCEPT, DECLINE; NULL: REVOKE, the only one a sender
                               has */
        /* Listings: each record of a page as it came, for who wants more of it than the sink keeps.
         */
        void (*on_record)(const struct json_t *record, void *userdata);
        void *on_record_userdata;
        Observation *sink; /* listings append here; START and UPDATE put the strings of `request`
                              into its pool */
} ApiRequest;

/* Valid while the callback runs. */
typedef struct ApiResult {
        ApiOutcome outcome;
        char *next_token; /* listings: NULL on the last page */
        ShareRequest request; /* START_SHARE, UPDATE_SHARE: what the answer carries */
        bool has_request;
        char *account_status; /* GET_ACCOUNT_STATUS: ACTIVE, INACTIVE, PENDING_ACTIVATION, … */
} ApiResult;

void api_result_done(ApiResult *result);

typedef struct ShareService ShareService;
typedef struct ShareCall ShareCall;

/* Called once, never from within share_service_call(). */
typedef void (*ShareCallback)(const ApiResult *result, void *userdata);

struct ShareService {
        /* 0 with a call that the caller owns until the callback has run; a negative errno with
         * nothing begun. */
        int (*call)(ShareService *service,
                        const ApiRequest *request,
                        ShareCallback callback,
                        void *userdata,
                        ShareCall **ret);
        /* Drops the call, whose callback then never runs. Tells whether any byte of it may have
         * been sent. NULL is fine. */
        bool (*cancel)(ShareCall *call);
        /* What the service's clock is ahead of this host's, as far as its answers have told; NULL:
         * they go alike. */
        int64_t (*skew_usec)(const ShareService *service);
};

static inline int share_service_call(ShareService *service,
                const ApiRequest *request,
                ShareCallback callback,
                void *userdata,
                ShareCall **ret) {
        return service->call(service, request, callback, userdata, ret);
}

static inline int64_t share_service_skew_usec(const ShareService *service) {
        return service->skew_usec ? service->skew_usec(service) : 0;
}
