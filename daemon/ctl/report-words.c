/* SPDX-License-Identifier: Apache-2.0 */

/* The words of the report: conditions, remedies, commands, times. */

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "ctl/html.h"
#include "ctl/report.h"
#include "util/string-util.h"
#include "util/time.h"

/* A sign beside each colour: neither print nor every eye has colours. */
const ConditionLook report_looks[CONDITION_MAX] = {
        [CONDITION_UNKNOWN] = { "not known", "?", "u", "Nothing is known of it yet." },
        [CONDITION_READY] = { "ready", "&#10003;", "r", "The recipient has the framework." },
        [CONDITION_PENDING] = { "pending", "&#8230;", "p",
                        "The invitation is out; the recipient has not answered." },
        [CONDITION_PROGRESSING] = { "progressing", "&#8594;", "g",
                        "The service or AWS is at work on it." },
        [CONDITION_HELD] = { "held", "=", "h", "Nothing is done until a person decides." },
        [CONDITION_STALLED] = { "stalled", "!", "s", "It cannot work as it is." },
        [CONDITION_ORPHANED] = { "orphaned", "&#9675;", "o",
                        "No longer declared, but it still exists." },
        [CONDITION_UNMANAGED] = { "unmanaged", "~", "n",
                        "Neither declared nor sent by this service." },
};

const Condition report_order[CONDITION_MAX] = {
        CONDITION_READY,
        CONDITION_PENDING,
        CONDITION_PROGRESSING,
        CONDITION_HELD,
        CONDITION_STALLED,
        CONDITION_ORPHANED,
        CONDITION_UNMANAGED,
        CONDITION_UNKNOWN,
};

/* --- remedies --- */

#define RELOAD " and run <code>sudo auditsharectl reload</code>"
#define POLICY                                                                                     \
        "Policy holds it: change <code>policy</code> in the settings or the shares file" RELOAD
#define RESTART "Then have it sent once more with the command beside it."

typedef struct Remedy {
        const char *text;
        bool reset;
} Remedy;

static const Remedy remedies[REASON_MAX] = {
        [REASON_STARTED] = { POLICY ".", false },
        [REASON_SETTLING] = { POLICY ".", false },
        [REASON_AWAITING_RECIPIENT] = { POLICY ".", false },
        [REASON_REPLICATING] = { POLICY ".", false },
        [REASON_SHARED] = { POLICY ".", false },
        [REASON_RECORD_GONE] = { POLICY ".", false },
        [REASON_EXPIRING] = { POLICY " (<code>expiring: renew</code>).", false },
        [REASON_EXPIRED] = { POLICY " (<code>expired: reshare</code>).", false },
        [REASON_FAILED] = { POLICY " (<code>failed: retry</code>).", false },
        [REASON_OUT_OF_DATE] = { POLICY " (<code>updated</code>).", false },
        [REASON_COMMENT_DIFFERS] = { POLICY " (<code>comment: resend</code>).", false },
        [REASON_RENEWALS_EXHAUSTED] = { "Ask the recipient to accept or to say no. " RESTART,
                        true },
        [REASON_ATTEMPTS_EXHAUSTED] = { "See that Audit Manager is enabled in the recipient's "
                                        "account and Region. " RESTART,
                        true },
        [REASON_DECLINED] = { "Ask the recipient whether it wants the framework after "
                              "all. " RESTART,
                        true },
        [REASON_REVOKED] = { "Find out who revoked it and why. " RESTART, true },
        [REASON_UNKNOWN_STATUS] = { "Look at the request with <code>auditsharectl list</code>; a "
                                    "later version of this service may know its status.",
                        false },
        [REASON_AMBIGUOUS] = { "Revoke all but one of the open requests in the Audit Manager "
                               "console, and run <code>sudo auditsharectl reconcile</code>.",
                        false },
        [REASON_UNREADABLE] = { "Look at its record with <code>auditsharectl list --json</code>.",
                        false },
        [REASON_NEWER_THAN_PIN] = { "Review the framework, move its <code>pin</code> in the shares "
                                    "file" RELOAD ".",
                        false },
        [REASON_FRAMEWORK_MISSING] = { "Correct the name or id in the shares file" RELOAD ".",
                        false },
        [REASON_FRAMEWORK_AMBIGUOUS] = { "Name the framework by its id in the shares file" RELOAD
                                         ".",
                        false },
        [REASON_SUSPENDED] = { "Take <code>suspend</code> out of the shares file" RELOAD ".",
                        false },
        [REASON_QUOTA] = { "Declare fewer accounts, or have AWS raise the quota and set "
                           "<code>limits.recipient_accounts</code>" RELOAD ".",
                        false },
        [REASON_UNDESIRED] = { "Declare it again, or let the service revoke what is no longer "
                               "declared (<code>policy.undesired: revoke</code> in the "
                               "settings)" RELOAD ".",
                        false },
        [REASON_IRREVOCABLE] = { "A copy cannot be recalled: ask the recipient to delete it, or "
                                 "declare the share again" RELOAD ".",
                        false },
        [REASON_NOT_OURS] = { "Declare it in the shares file to have it kept" RELOAD
                              ", or leave it to whoever made it.",
                        false },
        [REASON_INVALID] = { "Change its declaration in the shares file as the message says" RELOAD
                             ".",
                        false },
        [REASON_ACCESS_DENIED] = { "<code>auditsharectl doctor</code> says which permission is "
                                   "missing.",
                        false },
        [REASON_REQUEST_FAILED] = { "<code>journalctl -u auditshared -p err -x</code> has the "
                                    "answer and its cause.",
                        false },
};

const char *report_remedy(Condition condition, Reason reason, bool *ret_reset) {
        *ret_reset = false;
        if (condition == CONDITION_UNKNOWN || condition == CONDITION_PROGRESSING)
                return NULL;
        if (condition == CONDITION_UNMANAGED)
                return remedies[REASON_NOT_OURS].text;
        *ret_reset = remedies[reason].reset;
        return remedies[reason].text;
}

/* --- pieces --- */

void report_counts(FILE *out, const uint64_t *conditions) {
        const char *separator = "";

        for (size_t i = 0; i < ELEMENTSOF(report_order); i++) {
                Condition condition = report_order[i];

                if (conditions[condition] == 0)
                        continue;
                html_raw(out, separator);
                html_count(out, conditions[condition]);
                html_rawf(out, " %s", report_looks[condition].name);
                separator = ", ";
        }
}

void report_span(FILE *out, int64_t usec) {
        static const struct {
                int64_t from_usec, unit_usec;
                const char *name;
        } units[] = {
                { 2 * USEC_PER_DAY, USEC_PER_DAY, "days" },
                { 2 * USEC_PER_HOUR, USEC_PER_HOUR, "h" },
                { INT64_MIN, USEC_PER_MINUTE, "min" },
        };
        size_t i = 0;

        while (usec < units[i].from_usec)
                i++;
        html_count(out, (uint64_t) MAX(usec / units[i].unit_usec, INT64_C(0)));
        html_rawf(out, "&nbsp;%s", units[i].name);
}

void report_framework(const Report *report, const ReportFramework *framework, bool with_id) {
        const char *id = report_text(report, framework->id);

        html_name(report->out, framework->name ? report_text(report, framework->name) : id);
        if (!with_id || !framework->name)
                return;
        html_raw(report->out, "<small class=mono>");
        html_text(report->out, id ? id : "id not known", 36);
        html_raw(report->out, "</small>");
}

void report_share_cells(const Report *report, const ReportShare *share) {
        html_raw(report->out, "<th scope=row>");
        html_name(report->out, report_framework_name(report, share));
        if (report->several_sources) {
                html_raw(report->out, " <small>");
                html_name(report->out, report_text(report, share->source));
                html_raw(report->out, "</small>");
        }
        html_raw(report->out, "</th><td class=id>");
        html_name(report->out, report_text(report, share->account));
        html_raw(report->out, "</td><td class=id>");
        html_name(report->out, report_text(report, share->region));
        html_raw(report->out, "</td>");
}

/* Whether a name can be typed as it is shown: a slash, or what a page or a shell shows otherwise
 * than it is, makes the id the better name. */
static bool is_plain(const char *text) {
        if (!text || *text == '\0' || *text == '-')
                return false;
        for (; *text; text++)
                if (!isascii((unsigned char) *text) || !isprint((unsigned char) *text)
                                || strchr("/'\\", *text))
                        return false;
        return true;
}

void report_reset_command(const Report *report, const ReportShare *share) {
        const char *source = report_text(report, share->source),
                   *name = report_text(report, share->framework_name),
                   *id = report_text(report, share->framework_id);
        const char *account = report_text(report, share->account),
                   *region = report_text(report, share->region);
        const char *framework = is_plain(name) ? name : id;
        bool with_source = report->several_sources && is_plain(source);

        if (!is_plain(framework) || !is_plain(account) || !is_plain(region)) {
                html_text(report->out, NULL, 1);
                return;
        }
        html_raw(report->out, "<code>sudo auditsharectl reset &#39;");
        if (with_source) {
                html_text(report->out, source, SIZE_MAX);
                html_raw(report->out, "/");
        }
        html_text(report->out, framework, SIZE_MAX);
        html_raw(report->out, "/");
        html_text(report->out, account, SIZE_MAX);
        html_raw(report->out, "/");
        html_text(report->out, region, SIZE_MAX);
        html_raw(report->out, "&#39;</code>");
}

/* --- tables --- */

void report_table_begin(Report *report, const char *style) {
        report->n_tables++;
        html_rawf(report->out,
                        "<div class=scroll role=group aria-labelledby=t%u tabindex=0>\n"
                        "<table class=\"%s\"><caption id=t%u>",
                        report->n_tables, style, report->n_tables);
}

void report_table_head(Report *report, const char *const *headings) {
        html_raw(report->out, "</caption>\n<thead><tr>");
        for (; *headings; headings++)
                html_rawf(report->out, "<th scope=col>%s</th>", *headings);
        html_raw(report->out, "</tr></thead>\n<tbody>\n");
}

void report_table_end(Report *report) {
        html_raw(report->out, "</tbody></table></div>\n");
}
