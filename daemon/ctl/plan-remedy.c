/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What would change it
 *
 * A command is there to be copied: its argument is one that a shell takes as it stands, and a name
 * that it would not goes by its id.
 */

#include <string.h>

#include "ctl/output.h"
#include "ctl/plan-remedy.h"
#include "util/string-util.h"

/* Longer names go by their id, too: a command that is broken at its middle cannot be copied. */
#define NAME_WIDTH_MAX 36

/* What is said of a reason: %s stands for "it" or "them". */
typedef struct Remedy {
        const char *after_reset; /* what 'auditsharectl reset' does; NULL: it does not help */
        const char *policy; /* "KEY: VALUE", which does it without being asked */
        const char *other;
} Remedy;

static const Remedy remedies[REASON_MAX] = {
        [REASON_EXPIRING] = { .after_reset = "sends %s once more", .policy = "expiring: renew" },
        [REASON_EXPIRED] = { .after_reset = "sends %s once more", .policy = "expired: reshare" },
        [REASON_FAILED] = { .after_reset = "sends %s once more", .policy = "failed: retry" },
        [REASON_DECLINED] = { .after_reset = "sends %s once more", .policy = "declined: reshare" },
        [REASON_REVOKED] = { .after_reset = "sends %s once more", .policy = "revoked: reshare" },
        [REASON_RENEWALS_EXHAUSTED] = { .after_reset = "lets %s begin anew" },
        [REASON_ATTEMPTS_EXHAUSTED] = { .after_reset = "lets %s begin anew",
                        .other = "is Audit Manager enabled there?" },
        [REASON_UNKNOWN_STATUS] = { .other = "a later auditshared may know it" },
        [REASON_AMBIGUOUS] = { .other = "'auditsharectl list' shows them" },
        [REASON_UNREADABLE] = { .other = "'auditsharectl list' shows it" },
        [REASON_NEWER_THAN_PIN] = { .other = "move the pin" },
        [REASON_FRAMEWORK_MISSING] = { .other = "correct its name or id" },
        [REASON_FRAMEWORK_AMBIGUOUS] = { .other = "declare it once, by its id" },
        [REASON_SUSPENDED] = { .other = "'suspend: false' lets it go on" },
        [REASON_QUOTA] = { .other = "raise it, at AWS too, or declare fewer" },
        [REASON_INVALID] = { .other = "change its declaration" },
        [REASON_UNDESIRED] = { .policy = "undesired: revoke" },
};

/* In double quotes, and as a part of [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]. */
static bool is_plain(const char *name) {
        Buffer shown = { 0 };
        bool plain;

        (void) text_add(&shown, name, UINT32_MAX);
        plain = *name != '\0' && strcspn(name, "\"$`\\!/") == strlen(name)
                        && text_width(name) <= NAME_WIDTH_MAX && streq(buffer_text(&shown), name);
        buffer_done(&shown);
        return plain;
}

/* In memory the share goes by its framework's id, whatever that is called now. */
static void add_argument(Buffer *buffer, const PlanShare *share, bool several) {
        const ShareView *view = &share->view;
        char id[UUID_TEXT_MAX], account[ACCOUNT_TEXT_MAX];
        const ShareKey *key = &share->scope->table->items[share->entry->memory].key;

        (void) buffer_add_char(buffer, '"');
        if (share->scope->settings->n_sources > 1 && is_plain(view->source))
                (void) buffer_addf(buffer, "%s/", view->source);
        (void) buffer_add(buffer,
                        view->framework_name && is_plain(view->framework_name)
                                        ? view->framework_name
                                        : uuid_format(&key->framework_id, id));
        if (several)
                (void) buffer_add(buffer, "/ACCOUNT/REGION\"");
        else
                (void) buffer_addf(buffer, "/%s/%s\"",
                                account_format(recipient_account(view->recipient), account),
                                region_name(recipient_region(view->recipient)));
}

/* A share that is seen for the first time is not in memory yet, and cannot be reset. */
static bool is_remembered(const PlanShare *share) {
        return !share->entry->changed || share->entry->old_status != SHARE_STATUS_NONE;
}

/* The command is the longer the name is, and comes first. */
static void add_reset(Buffer *buffer, const PlanShare *share, const char *what, bool several) {
        const char *rest = strstr(what, "%s");

        (void) buffer_add(buffer, "'auditsharectl reset ");
        add_argument(buffer, share, several);
        (void) buffer_add(buffer, "' ");
        (void) buffer_append(buffer, what, (size_t) (rest - what));
        (void) buffer_addf(buffer, "%s%s", several ? "one" : "it", rest + 2);
}

void plan_remedy(Buffer *buffer, const PlanShare *share, bool several) {
        const Remedy *remedy = &remedies[share->view.reason];
        bool reset = remedy->after_reset && is_remembered(share);

        if (reset)
                add_reset(buffer, share, remedy->after_reset, several);
        if (remedy->policy)
                (void) buffer_addf(buffer, "%spolicy '%s' %s", reset ? "; " : "", remedy->policy,
                                reset ? "does so each time"
                                                : share->view.reason == REASON_UNDESIRED
                                                ? "revokes such shares"
                                                : "sends it again");
        if (remedy->other)
                (void) buffer_addf(
                                buffer, "%s%s", reset || remedy->policy ? "; " : "", remedy->other);
}
