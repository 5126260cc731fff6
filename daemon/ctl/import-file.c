/* SPDX-License-Identifier: Apache-2.0 */

/* What is listed, as a shares file. */

#include <errno.h>
#include <stdbool.h>

#include "ctl/ctl.h"
#include "ctl/import-entries.h"
#include "ctl/import-file.h"
#include "desired/recipients.h"
#include "desired/yaml-write.h"
#include "model/version.h"
#include "util/string-util.h"
#include "util/time.h"

typedef struct Import {
        const Settings *settings;
        ImportEntries entries;
        Buffer frameworks, missing, unwelcome; /* parts of the file */
        ImportCount count;
        size_t n_expiring; /* which policy renews */
} Import;

static void import_done(Import *import) {
        buffer_done(&import->frameworks);
        buffer_done(&import->missing);
        buffer_done(&import->unwelcome);
        import_entries_done(&import->entries);
}

/* --- what cannot be declared --- */

/* Why the loader would refuse a recipient; NULL: it would not. */
static const char *refusal(const Import *import, const Source *source, Recipient recipient) {
        RegionId region = recipient_region(recipient);

        if (!region_is_known(region))
                return "a Region that this version does not know";
        if (recipient == recipient_make(source->account, source->region))
                return "the source's own account and Region";
        if (!settings_allow(import->settings, recipient_account(recipient), region))
                return "not in allowed_recipients of the settings";
        return NULL;
}

/* "Baseline (6f0f2b1c-…)", for a comment. */
static void add_title(Buffer *buffer, const ImportEntry *entry) {
        char id[UUID_TEXT_MAX];

        if (entry->name)
                (void) yaml_add_text(buffer, entry->name);
        (void) buffer_addf(buffer, entry->name ? " (%s)" : "%s", uuid_format(&entry->id, id));
}

static void add_missing(Import *import, const ImportEntry *entry) {
        Buffer *buffer = &import->missing;

        (void) buffer_add(buffer, "#   ");
        add_title(buffer, entry);
        (void) buffer_add(buffer, " of ");
        (void) yaml_add_text(buffer, entry->listed->source->name);
        (void) buffer_addf(buffer, ": %zu live request%s\n", entry->n_requests,
                        plural(entry->n_requests));
        import->count.n_left_out += entry->n_requests;
}

static void add_unwelcome(Import *import,
                const ImportEntry *entry,
                Recipient recipient,
                const char *reason) {
        Buffer *buffer = &import->unwelcome;
        char account[ACCOUNT_TEXT_MAX];

        (void) buffer_add(buffer, "#   ");
        add_title(buffer, entry);
        (void) buffer_addf(buffer, " with %s in ",
                        account_format(recipient_account(recipient), account));
        (void) yaml_add_text(buffer, region_name(recipient_region(recipient)));
        (void) buffer_addf(buffer, ": %s\n", reason);
        import->count.n_left_out++;
}

/* Leaves out of the entry what would be refused. */
static void sift(Import *import, ImportEntry *entry) {
        size_t n = 0;

        for (size_t i = 0; i < entry->n_requests; i++) {
                const ShareRequest *request = entry->requests[i];
                const char *reason = refusal(import, entry->listed->source, request->key.recipient);

                if (reason)
                        add_unwelcome(import, entry, request->key.recipient, reason);
                else
                        entry->requests[n++] = request;
        }
        entry->n_requests = n;
}

/* --- declarations --- */

/* Comments that the loader takes; others are told in a comment of the file. */
static bool comment_is_good(const char *comment) {
        return utf8_count(comment) <= COMMENT_MAX;
}

static void add_comment(Buffer *buffer, const ImportEntry *entry, StringId id, unsigned indent) {
        const char *comment = import_text(entry->listed, id);

        if (!comment)
                return;
        (void) buffer_addf(buffer, "%*s%s: ", (int) indent, "",
                        comment_is_good(comment) ? "comment"
                                                 : "# Its comment is longer than one may be");
        (void) yaml_add_text(buffer, comment);
        (void) buffer_add_char(buffer, '\n');
}

/* 0: none, or an empty one. */
static StringId comment_of(const ImportEntry *entry, size_t i) {
        StringId comment = entry->requests[i]->comment;

        return import_text(entry->listed, comment) ? comment : 0;
}

/* The comment that all shares of the entry have; 0: they differ, or there is none. */
static StringId common_comment(const ImportEntry *entry) {
        for (size_t i = 1; i < entry->n_requests; i++)
                if (comment_of(entry, i) != comment_of(entry, 0))
                        return 0;
        return comment_of(entry, 0);
}

/* The requests from `first` on that have its account and comment are one recipient. */
static void add_recipient(Buffer *buffer, const ImportEntry *entry, size_t first, StringId common) {
        const ShareRequest *request = entry->requests[first];
        AccountId account = recipient_account(request->key.recipient);
        char text[ACCOUNT_TEXT_MAX];

        (void) buffer_addf(buffer, "      - account: \"%s\"\n        regions: [",
                        account_format(account, text));
        for (size_t i = first; i < entry->n_requests; i++) {
                const ShareRequest *other = entry->requests[i];

                if (recipient_account(other->key.recipient) != account)
                        break;
                if (comment_of(entry, i) == comment_of(entry, first))
                        (void) buffer_addf(buffer, "%s%s", i > first ? ", " : "",
                                        region_name(recipient_region(other->key.recipient)));
        }
        (void) buffer_add(buffer, "]\n");
        if (common == 0)
                add_comment(buffer, entry, comment_of(entry, first), 8);
}

/* Whether one before it has the same account and comment. */
static bool is_taken(const ImportEntry *entry, size_t i) {
        AccountId account = recipient_account(entry->requests[i]->key.recipient);

        for (size_t j = i;
                        j-- > 0 && recipient_account(entry->requests[j]->key.recipient) == account;)
                if (comment_of(entry, j) == comment_of(entry, i))
                        return true;
        return false;
}

static void add_identity(const Import *import, const ImportEntry *entry, Buffer *buffer) {
        char id[UUID_TEXT_MAX];

        if (buffer->length > 0)
                (void) buffer_add_char(buffer, '\n');
        if (entry->by_name) {
                (void) buffer_add(buffer, "  - name: ");
                (void) yaml_add_text(buffer, entry->name);
        } else {
                (void) buffer_addf(buffer, "  - id: %s", uuid_format(&entry->id, id));
                if (entry->name) {
                        (void) buffer_add(buffer, " # ");
                        (void) yaml_add_text(buffer, entry->name);
                }
        }
        (void) buffer_add_char(buffer, '\n');
        if (import->settings->n_sources > 1) {
                (void) buffer_add(buffer, "    source: ");
                (void) yaml_add_text(buffer, entry->listed->source->name);
                (void) buffer_add_char(buffer, '\n');
        }
}

static void add_framework(Import *import, const ImportEntry *entry) {
        bool renews = import->settings->policy.value[POLICY_EXPIRING] == POLICY_RENEW;
        Buffer *buffer = &import->frameworks;
        StringId common = common_comment(entry);

        add_identity(import, entry, buffer);
        add_comment(buffer, entry, common, 4);
        (void) buffer_add(buffer, "    eligibility_acknowledged: false\n    recipients:\n");
        for (size_t i = 0; i < entry->n_requests; i++) {
                import->n_expiring += renews && entry->requests[i]->status == SHARE_STATUS_EXPIRING;
                if (!is_taken(entry, i))
                        add_recipient(buffer, entry, i, common);
        }
        import->count.n_frameworks++;
        import->count.n_shares += entry->n_requests;
}

/* --- the file --- */

static void add_head(const Import *import, int64_t now_usec, Buffer *file) {
        const Settings *settings = import->settings;
        char time[TIME_TEXT_MAX], account[ACCOUNT_TEXT_MAX];

        (void) buffer_addf(file,
                        "# The share requests that live, as declarations. Written by "
                        "'auditsharectl "
                        "import' (%s)\n# at %s, from\n",
                        AUDITSHARED_VERSION, time_format(now_usec, time));
        for (size_t i = 0; i < settings->n_sources; i++) {
                const Source *source = &settings->sources[i];

                (void) buffer_add(file, "#   ");
                (void) yaml_add_text(file, source->name);
                (void) buffer_addf(file, ": account %s, %s\n",
                                account_format(source->account, account),
                                region_name(source->region));
        }
}

static void add_steps(const Import *import, Buffer *file) {
        (void) buffer_add(file,
                        "#\n# What is left to do:\n"
                        "#   1. Set eligibility_acknowledged to true where it is right: it "
                        "declares "
                        "that the framework is\n"
                        "#      not derived from a standard framework that AWS marks as not "
                        "eligible for sharing, or that\n"
                        "#      its owner has agreed. Delete what should not be declared: nothing "
                        "is done about requests\n"
                        "#      that neither a file declares nor the service has sent.\n"
                        "#   2. 'auditsharectl check' tells what is missing.\n"
                        "#   3. 'auditsharectl plan' should show no change");
        if (import->n_expiring > 0)
                (void) buffer_addf(file,
                                "; but %zu request%s end%s within 30 days, and\n"
                                "#      the policy is to renew such (policy.expiring)",
                                import->n_expiring, plural(import->n_expiring),
                                import->n_expiring == 1 ? "s" : "");
        (void) buffer_add(file, ".\n# All keys are explained in shares.yaml(5).\n\n");
}

static void add_ended(const Import *import, Buffer *file) {
        const char *separator = ": ";
        size_t n = 0;

        for (size_t i = 0; i < SHARE_STATUS_MAX; i++)
                n += import->entries.n_ended[i];
        if (n == 0)
                return;
        (void) buffer_addf(file, "\n# Not declared, as they are not live: %zu request%s", n,
                        plural(n));
        for (size_t i = 0; i < SHARE_STATUS_MAX; i++) {
                const char *name = share_status_name((ShareStatus) i);

                if (import->entries.n_ended[i] == 0)
                        continue;
                (void) buffer_addf(file, "%s%zu %s", separator, import->entries.n_ended[i],
                                name ? name : "of a status that this version does not know");
                separator = ", ";
        }
        (void) buffer_add(file, ".\n");
}

static void add_rest(const Import *import, Buffer *file) {
        const ImportEntries *entries = &import->entries;

        if (import->missing.length > 0)
                (void) buffer_addf(file,
                                "\n# Left out, as the source has no such framework any more:\n%s",
                                buffer_text(&import->missing));
        if (import->unwelcome.length > 0)
                (void) buffer_addf(file, "\n# Left out, as they cannot be declared:\n%s",
                                buffer_text(&import->unwelcome));
        if (entries->n_doubles > 0)
                (void) buffer_addf(file,
                                "\n# Not declared, as another live request is for the same share: "
                                "%zu request%s.\n",
                                entries->n_doubles, plural(entries->n_doubles));
        if (entries->n_unreadable > 0)
                (void) buffer_addf(file,
                                "\n# Not declared, as they cannot be read: %zu request%s.\n",
                                entries->n_unreadable, plural(entries->n_unreadable));
        add_ended(import, file);
}

int import_write(Buffer *file,
                const Listing *listing,
                const Settings *settings,
                int64_t now_usec,
                ImportCount *ret) {
        _cleanup_(import_done) Import import = { .settings = settings };
        int r;

        r = import_collect(listing, &import.entries);
        if (r < 0)
                return r;
        for (size_t i = 0; i < import.entries.n_items; i++) {
                ImportEntry *entry = &import.entries.items[i];

                if (!entry->exists) {
                        add_missing(&import, entry);
                        continue;
                }
                sift(&import, entry);
                if (entry->n_requests > 0)
                        add_framework(&import, entry);
        }

        add_head(&import, now_usec, file);
        add_steps(&import, file);
        (void) buffer_addf(file, "frameworks:%s\n%s", import.count.n_frameworks > 0 ? "" : " []",
                        buffer_text(&import.frameworks));
        add_rest(&import, file);
        if (buffer_status(&import.frameworks) < 0 || buffer_status(&import.missing) < 0
                        || buffer_status(&import.unwelcome) < 0 || buffer_status(file) < 0)
                return -ENOMEM;
        *ret = import.count;
        return 0;
}
