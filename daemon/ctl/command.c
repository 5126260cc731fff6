/* SPDX-License-Identifier: Apache-2.0 */

/* The verbs and options of auditsharectl: the one table behind parsing, help and completion. */

#include <string.h>

#include "ctl/command.h"
#include "util/string-util.h"

const Verb command_verbs[] = {
        {
                        .name = "check",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "Load both files and list every error; contact nobody",
                        .details = "Exits with 0 where both files are good, and with 1 where they "
                                   "are not.",
                        .example = "auditsharectl check --settings ./auditshared.yaml --shares "
                                   "./shares.yaml",
                        .run = verb_check,
        },
        {
                        .name = "plan",
                        .arguments = "",
                        .options = OPTION_JSON | OPTION_ALL | OPTION_DETAILED_EXITCODE | OPTION_OUT,
                        .help = "Observe, and show what a pass would do",
                        .details = "Nothing is written at AWS. Shares that are alike are folded "
                                   "where there are many of them. Exits with 0, or with 1 where a "
                                   "source could not be looked at; with "
                                   "--detailed-exitcode with 2 where there are changes.\n\n"
                                   "  + start   ~ resend   - revoke or delete   ! held, stalled or "
                                   "orphaned",
                        .example = "auditsharectl plan --out plan.json",
                        .run = verb_plan,
        },
        {
                        .name = "apply",
                        .arguments = "[FILE]",
                        .n_arguments_max = 1,
                        .options = OPTION_JSON | OPTION_ALL | OPTION_YES | OPTION_ALLOW_WRITES
                                        | OPTION_ALLOW_REVOKES,
                        .help = "Make one pass, as the service does; ask at a terminal",
                        .details = "With FILE, a plan that was saved: it is done without asking, "
                                   "or refused where anything has changed since. Exits with 0 "
                                   "where all was applied, and with 1 where something failed. Is "
                                   "refused while the service runs.",
                        .example = "auditsharectl apply --yes --allow-writes 2000",
                        .run = verb_apply,
        },
        {
                        .name = "status",
                        .arguments = "[FILTER]",
                        .n_arguments_max = 1,
                        .options = OPTION_JSON | OPTION_WATCH,
                        .help = "Show what the service saw last",
                        .details = "FILTER is [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]]; a framework "
                                   "goes by its name or its id. Exits "
                                   "with 0; with 3 where no service has reported; with 4 where a "
                                   "share is stalled.",
                        .example = "auditsharectl status 'Group baseline 2026/444455556666'",
                        .run = verb_status,
        },
        {
                        .name = "history",
                        .arguments = "[SHARE]",
                        .n_arguments_max = 1,
                        .options = OPTION_JSON | OPTION_SINCE,
                        .help = "Show from the journal what became of shares",
                        .details = "SHARE is [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], and may name "
                                   "several. Changes of status, and "
                                   "what was done; the oldest first. T is as for journalctl: "
                                   "'2026-11-01 12:00', today, '2h ago'. "
                                   "Exits with 0, or with 1 where there is nothing, or this user "
                                   "may not read the journal.",
                        .example = "auditsharectl history 'Group baseline 2026/444455556666' "
                                   "--since yesterday",
                        .run = verb_history,
        },
        {
                        .name = "report",
                        .arguments = "",
                        .options = OPTION_OUTPUT,
                        .help = "Make a page of what the service saw last, for auditors",
                        .details = "One HTML file with all in it, to be opened in a browser or "
                                   "printed. It has the history of changes where the journal can "
                                   "be "
                                   "read, as root can. Exits with 0; with 1 where it could not be "
                                   "written; with 3 where no service has reported.",
                        .example = "sudo auditsharectl report --output shares.html",
                        .run = verb_report,
        },
        {
                        .name = "list",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "List the share requests as the API has them",
                        .details = "Exits with 0, or with 1 where a source could not be listed; "
                                   "the others still are.",
                        .example = "auditsharectl list --json | jq '.[] | select(.status == "
                                   "\"FAILED\")'",
                        .run = verb_list,
        },
        {
                        .name = "import",
                        .arguments = "",
                        .options = OPTION_OUTPUT,
                        .help = "Write what lives at AWS as a shares file",
                        .details = "For a start with requests that another tool sent. Each "
                                   "framework is left for a person to "
                                   "acknowledge. Only the settings are read. Exits with 0, or with "
                                   "1 where a source could not be "
                                   "listed or FILE is there already; then nothing is written.",
                        .example = "auditsharectl import --output shares.yaml",
                        .run = verb_import,
        },
        {
                        .name = "doctor",
                        .arguments = "",
                        .options = OPTION_JSON,
                        .help = "Check what a first run trips over, and say what to do",
                        .details = "Files and their modes, the way to AWS (names, proxy, TLS), the "
                                   "clock, credentials, identity, "
                                   "account status, and permission to list. Nothing is written. "
                                   "Exits with 0 where nothing failed, "
                                   "else with 1; a warning is no failure.",
                        .example = "auditsharectl doctor --json | jq '.checks[] | select(.level == "
                                   "\"failure\")'",
                        .run = verb_doctor,
        },
        {
                        .name = "reset",
                        .arguments = "SHARE",
                        .n_arguments_min = 1,
                        .n_arguments_max = 1,
                        .help = "Forget backoff, attempts and holds of a share",
                        .details = "SHARE is [SOURCE/]FRAMEWORK[/ACCOUNT[/REGION]], and may name "
                                   "several. The running service looks "
                                   "at them afresh at once; where none runs, the next pass does. A "
                                   "share that was declined or "
                                   "revoked is sent once more, whatever policy says. Exits with 0, "
                                   "or with 1 where nothing "
                                   "is remembered of such a share.",
                        .example = "sudo auditsharectl reset 'Group baseline "
                                   "2026/444455556666/eu-west-1'",
                        .run = verb_reset,
        },
        {
                        .name = "reconcile",
                        .arguments = "",
                        .options = OPTION_WAIT,
                        .help = "Have the running service make a pass now",
                        .details = "Exits with 0 where it will; with --wait, when that pass was "
                                   "whole and every action worked, "
                                   "and with 1 where it was not, each source's error before it.",
                        .example = "sudo auditsharectl reconcile --wait",
                        .run = verb_reconcile,
        },
        {
                        .name = "reload",
                        .arguments = "",
                        .help = "Have the running service take the files over",
                        .details = "It checks them first: with errors in them it exits with 1 and "
                                   "names them all, and the last "
                                   "good configuration stays in force. 'systemctl reload "
                                   "auditshared' does the same.",
                        .example = "sudo auditsharectl reload",
                        .run = verb_reload,
        },
        { .name = NULL },
};

const CommandOption command_options[] = {
        { "settings", "FILE", ARG_SETTINGS, 0, "Settings (default " CONFIGURATION_SETTINGS ")" },
        { "shares", "PATH", ARG_SHARES, 0, "Shares file or folder; may be given again" },
        { "json", NULL, ARG_JSON, OPTION_JSON, "Print JSON" },
        { "all", NULL, ARG_ALL, OPTION_ALL, "Show every share, and fold none" },
        { "detailed-exitcode", NULL, ARG_DETAILED_EXITCODE, OPTION_DETAILED_EXITCODE,
                        "Exit with 2 where there are changes" },
        { "out", "FILE", ARG_OUT, OPTION_OUT, "Save the plan, for 'apply FILE'" },
        { "yes", NULL, ARG_YES, OPTION_YES, "Do not ask" },
        { "allow-writes", "N", ARG_ALLOW_WRITES, OPTION_ALLOW_WRITES,
                        "Instead of limits.writes_per_pass, this once" },
        { "allow-revokes", "N", ARG_ALLOW_REVOKES, OPTION_ALLOW_REVOKES,
                        "Instead of limits.revokes_per_pass, this once" },
        { "watch", NULL, ARG_WATCH, OPTION_WATCH,
                        "Show it again whenever it changes, until Ctrl-C" },
        { "wait", NULL, ARG_WAIT, OPTION_WAIT, "Until that pass has ended" },
        { "output", "FILE", ARG_OUTPUT, OPTION_OUTPUT,
                        "Write to a file instead of standard output" },
        { "since", "T", ARG_SINCE, OPTION_SINCE, "Begin there, such as '2h ago'" },
        { "no-pager", NULL, ARG_NO_PAGER, 0, "Accepted; nothing is ever piped into a pager" },
        { "help", NULL, ARG_HELP, 0, "Show this help" },
        { "version", NULL, ARG_VERSION, 0, "Show the version" },
        { NULL, NULL, 0, 0, NULL },
};

const Verb *command_find_verb(const char *name) {
        for (const Verb *verb = command_verbs; verb->name; verb++)
                if (streq(verb->name, name))
                        return verb;
        return NULL;
}

const CommandOption *command_find_option(int value) {
        for (const CommandOption *option = command_options; option->name; option++)
                if (option->value == value)
                        return option;
        return NULL;
}
