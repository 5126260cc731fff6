#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A model of Audit Manager behind the ShareService interface
 *
 * It keeps the truth: every record with all the states it was ever in, so that a listing can show
 * each one as it was a moment ago. What a call does and what its caller hears of it are drawn
 * apart: an answer can be lost before or after the call was processed, and a start can be processed
 * late.
 */

#include "draw.h"
#include "model/share-service.h"
#include "util/time.h"

#define FRAMEWORKS_MAX 6 /* of a source, over all of a history */
#define RECIPIENTS_MAX 4
#define KEYS_MAX       (FRAMEWORKS_MAX * RECIPIENTS_MAX)
#define CALLS_MAX      64
#define LATE_MAX       32
#define TEXT_MAX       24

/* AWS takes a signature that is so much too old, or too new. */
#define CLOCK_TOLERANCE (5 * USEC_PER_MINUTE)

/* What a start does to a request that is still open. */
typedef enum ResendMode { RESEND_KEEP, RESEND_REPLACE, RESEND_BOTH, RESEND_MAX } ResendMode;

typedef struct State {
        int64_t at_usec; /* since when it is true */
        int64_t created_usec, updated_usec, expires_usec;
        ShareStatus status;
        char odd[TEXT_MAX]; /* the name of a status that nobody knows, or "" */
        char comment[TEXT_MAX];
        bool gone; /* deleted, or replaced by another record */
} State;

typedef struct Record {
        Uuid id;
        unsigned key;
        bool by_us; /* made by a call of the service */
        bool adopted; /* by others, but listed while it was declared: the service calls it its own
                       */
        bool counted; /* its FAILED is in what the checker counts */
        State *states; /* the last one is the truth */
        size_t n_states;
        size_t at; /* the state that listings have come to; they never go back */
        int64_t fate_usec; /* TIME_INFINITY: none */
        ShareStatus fate;
        /* In the listing of this pass. */
        bool listed, readable;
        State shown;
} Record;

typedef struct AwsFramework {
        Uuid id;
        char name[TEXT_MAX];
        int64_t updated_usec;
        bool gone;
        /* In the listing of this pass. */
        bool listed;
        char shown_name[TEXT_MAX];
        int64_t shown_usec;
} AwsFramework;

typedef enum CallState { CALL_FREE, CALL_QUEUED, CALL_PROCESSED } CallState;

typedef struct Aws Aws;

typedef struct Call {
        Aws *aws;
        CallState state;
        ApiRequest request;
        char token[TEXT_MAX], comment[TEXT_MAX];
        ShareCallback callback;
        void *userdata;
        unsigned key; /* of a write */
        OutcomeKind kind;
        bool sent; /* the process lived when it was made */
        Record *record; /* what the answer carries */
} Call;

/* A start whose answer is given up before it is processed. */
typedef struct Late {
        int64_t due_usec; /* 0: none */
        unsigned key;
        char comment[TEXT_MAX];
} Late;

/* What this AWS is like; drawn once for a history. */
typedef struct AwsManner {
        ResendMode resend;
        bool renews_created; /* RESEND_KEEP: creationTime is that of the resend */
        int64_t lag_usec; /* at most */
        int64_t life_usec; /* of an invitation */
        int64_t settle_usec; /* of the service: lag and lateness together stay below it */
        unsigned fault_mille; /* of calls */
        unsigned unreadable_mille; /* of records in a listing */
        bool never_enabled[RECIPIENTS_MAX];
} AwsManner;

struct Aws {
        ShareService service; /* first: it is all that callers know */
        unsigned index;
        AwsManner manner;
        Record **records;
        size_t n_records;
        AwsFramework frameworks[FRAMEWORKS_MAX];
        unsigned n_frameworks;
        Call calls[CALLS_MAX];
        Late late[LATE_MAX];
        /* The listings of this pass. */
        Record **order;
        size_t n_order;
        bool requests_whole, frameworks_whole, listing_failed;
        int64_t listed_usec; /* true time */
        bool dark; /* no write of this pass arrives, nor an answer to it */
        int64_t skew_usec; /* what the client has learnt: added to the host's clock */
        unsigned n_sends, n_withdrawals; /* calls of this pass */
};

void aws_init(Aws *aws, unsigned index, const AwsManner *manner);
void aws_done(Aws *aws);

/* A pass begins: nothing has been listed yet. */
void aws_begin_pass(Aws *aws);

/* What happens by itself now, and when something does next. */
void aws_tick(Aws *aws);
int64_t aws_next(const Aws *aws);

/* Processes or answers one of the calls that wait. False: none does. */
bool aws_step(Aws *aws);

/* The process has died: nobody waits for an answer any more. Calls that are under way may still be
 * processed. */
void aws_forget_calls(Aws *aws);

/* Others do something: recipients answer, colleagues share and revoke, frameworks change. */
void aws_disturb(Aws *aws);

/* How far the service's idea of this AWS's clock is off. */
int64_t aws_clock_error(const Aws *aws);

/* Nothing goes wrong any more, and listings show the truth. */
void aws_calm(Aws *aws);

const State *record_now(const Record *record);
bool record_is_live(const Record *record);

ShareKey aws_key(const Aws *aws, unsigned key);
/* -1: none of its. */
int aws_find_key(const Aws *aws, const ShareKey *key);
/* "s0/f1/r2". */
const char *aws_key_text(const Aws *aws, unsigned key);
