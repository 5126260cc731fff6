/* SPDX-License-Identifier: Apache-2.0 */

/* The shares files: each refusal with its line, and what good files come out as. */

#include "model/desired-state.h"
#include "test-load.h"
#include "util/time.h"

#define FILES_MAX 3

/* The files are called F, G and H. */
typedef struct Case {
        const char *name;
        const char *files[FILES_MAX];
        const char *lines; /* none: they load. A note is no fault. */
} Case;

#define ONE_SOURCE "sources: {governance: {account: \"111122223333\", region: us-east-1}}\n"

static const Case cases[] = {
        { "minimal",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "none", { "frameworks: []\n" }, "" },
        { "files/no-frameworks", { "recipients: {}\n" },
                        "F:1:1: frameworks: missing; \"frameworks: []\" is the way to declare "
                        "none\n" },
        { "files/no-frameworks-in-two", { "recipients: {}\n", "recipients: {}\n" },
                        "F:1:1: frameworks: missing; \"frameworks: []\" is the way to declare "
                        "none\n" },
        { "files/groups-in-one-frameworks-in-other",
                        { "recipients: {eu: [{account: \"444455556666\", regions: [eu-west-1]}]}\n",
                                        "frameworks:\n"
                                        "  - name: A\n"
                                        "    eligibility_acknowledged: true\n"
                                        "    recipients: [eu]\n" },
                        "" },
        { "files/group-declared-later",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n",
                                        "recipients: {eu: [{account: \"444455556666\", regions: "
                                        "[eu-west-1]}]}\n" },
                        "" },
        { "files/empty", { "" }, "F:1:1: the file is empty; write its keys, or remove the file\n" },
        { "files/one-empty",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n",
                                        "# nothing\n" },
                        "G:1:1: the file is empty; write its keys, or remove the file\n" },
        { "files/empty-mapping",
                        { "{}\n",
                                        "frameworks:\n"
                                        "  - name: A\n"
                                        "    eligibility_acknowledged: true\n"
                                        "    recipients: [{account: \"444455556666\", regions: "
                                        "[eu-west-1]}]\n" },
                        "F:1:1: the file is empty; \"frameworks: []\" is the way to declare "
                        "none\n" },
        { "files/faults-in-both",
                        { "frameworks:\n",
                                        "frameworks: [{}]\n"
                                        "x: 1\n" },
                        "F:1:12: frameworks: want a list; found nothing, \"frameworks: []\" is the "
                        "way to "
                        "declare none\n"
                        "G:1:14: frameworks[0].eligibility_acknowledged: missing; want true, which "
                        "declares "
                        "that the framework is not derived from a standard framework that AWS "
                        "marks as not "
                        "eligible for sharing, or that its owner has agreed\n"
                        "G:1:14: frameworks[0].recipients: missing; want a list of groups and "
                        "recipients\n"
                        "G:1:14: frameworks[0].name: missing; want exactly one of name and id\n"
                        "G:2:1: x: unknown key; want one of \"recipients\", \"frameworks\"\n" },
        { "files/unreadable-hides-groups",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n",
                                        "recipients: [\n" },
                        "G:2:1: not YAML: a value is missing; write one\n" },
        { "files/bad-recipients-hides-groups",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n",
                                        "recipients: []\n" },
                        "G:1:13: recipients: want a mapping; found a list\n" },
        { "top/frameworks-null", { "frameworks:\n" },
                        "F:1:12: frameworks: want a list; found nothing, \"frameworks: []\" is the "
                        "way to "
                        "declare none\n" },
        { "top/frameworks-tilde", { "frameworks: ~\n" },
                        "F:1:13: frameworks: want a list; found nothing, \"frameworks: []\" is the "
                        "way to "
                        "declare none\n" },
        { "top/frameworks-mapping", { "frameworks: {}\n" },
                        "F:1:13: frameworks: want a list; found a mapping\n" },
        { "top/frameworks-text", { "frameworks: none\n" },
                        "F:1:13: frameworks: want a list; found a text\n" },
        { "top/unknown-key",
                        { "frameworks: []\n"
                          "framework: []\n" },
                        "F:2:1: framework: unknown key; did you mean \"frameworks\"?\n" },
        { "top/twice",
                        { "frameworks: []\n"
                          "frameworks: []\n" },
                        "F:2:1: frameworks: given twice; first at F:1:1\n" },
        { "top/list", { "- frameworks\n" }, "F:1:1: want a mapping; found a list\n" },
        { "top/settings-file",
                        { "sources: {}\n"
                          "frameworks: []\n" },
                        "F:1:1: sources: unknown key; want one of \"recipients\", "
                        "\"frameworks\"\n" },
        { "top/merge-key",
                        { "frameworks: []\n"
                          "<<: {}\n" },
                        "F:2:1: [\"<<\"]: unknown key; YAML 1.2 has no merge key, write the keys "
                        "out or use an "
                        "alias\n" },
        { "group/null",
                        { "recipients: {eu: }\n"
                          "frameworks: []\n" },
                        "F:1:18: recipients.eu: want a list; found nothing\n" },
        { "group/empty",
                        { "recipients: {eu: []}\n"
                          "frameworks: []\n" },
                        "F:1:18: recipients.eu: an empty group; want one recipient or more\n" },
        { "group/mapping",
                        { "recipients: {eu: {account: \"444455556666\", regions: [eu-west-1]}}\n"
                          "frameworks: []\n" },
                        "F:1:18: recipients.eu: want a list; found a mapping\n" },
        { "group/of-groups",
                        { "recipients:\n"
                          "  eu: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  all: [eu]\n"
                          "frameworks: []\n" },
                        "F:3:9: recipients.all[0]: a group holds no groups; want a recipient with "
                        "account and "
                        "regions\n" },
        { "group/comment",
                        { "recipients: {eu: [{account: \"444455556666\", regions: [eu-west-1], "
                          "comment: x}]}\n"
                          "frameworks: []\n" },
                        "F:1:67: recipients.eu[0].comment: unknown key; want one of \"account\", "
                        "\"regions\"\n" },
        { "group/unnamed",
                        { "recipients: {\"\": [{account: \"444455556666\", regions: "
                          "[eu-west-1]}]}\n"
                          "frameworks: []\n" },
                        "F:1:14: recipients[\"\"]: a group without a name; want one\n" },
        { "group/merge-key",
                        { "recipients: {<<: {}}\n"
                          "frameworks: []\n" },
                        "F:1:14: recipients[\"<<\"]: unknown key; YAML 1.2 has no merge key, write "
                        "the keys "
                        "out or use an alias\n" },
        { "group/unused",
                        { "recipients: {eu: [{account: \"444455556666\", regions: [eu-west-1]}]}\n"
                          "frameworks: []\n" },
                        "F:1:14: recipients.eu: note: no framework uses this group; remove it, or "
                        "use it\n" },
        { "group/twice",
                        { "recipients:\n"
                          "  eu: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  eu: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "frameworks: []\n" },
                        "F:3:3: recipients.eu: given twice; first at F:2:3\n" },
        { "group/twice-across-files",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n"
                          "recipients:\n"
                          "  eu: [{account: \"444455556666\", regions: [eu-west-1]}]\n",
                                        "recipients:\n"
                                        "  eu: [{account: \"444455556666\", regions: "
                                        "[eu-west-1]}]\n" },
                        "G:2:3: recipients.eu: given twice; first at F:6:3\n" },
        { "group/share-twice",
                        { "recipients:\n"
                          "  eu:\n"
                          "    - {account: \"444455556666\", regions: [eu-west-1]}\n"
                          "    - {account: \"444455556666\", regions: [us-east-1, eu-west-1]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n" },
                        "F:4:54: recipients.eu[1].regions[1]: this account and Region stand twice "
                        "in the "
                        "group; first at F:3:43\n" },
        { "group/region-twice",
                        { "recipients:\n"
                          "  eu:\n"
                          "    - {account: \"444455556666\", regions: [eu-west-1, eu-west-1]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n" },
                        "F:3:54: recipients.eu[0].regions[1]: given twice; first at F:3:43\n" },
        { "group/odd-name",
                        { "recipients:\n"
                          "  \"a.b [c]\": []\n"
                          "frameworks: []\n" },
                        "F:2:14: recipients[\"a.b [c]\"]: an empty group; want one recipient or "
                        "more\n" },
        { "recipients/list",
                        { "recipients: []\n"
                          "frameworks: []\n" },
                        "F:1:13: recipients: want a mapping; found a list\n" },
        { "recipients/null",
                        { "recipients:\n"
                          "frameworks: []\n" },
                        "F:1:12: recipients: want a mapping; found nothing\n" },
        { "frameworks/text", { "frameworks: [A]\n" },
                        "F:1:14: frameworks[0]: want a mapping; found a text\n" },
        { "frameworks/null",
                        { "frameworks:\n"
                          "  -\n" },
                        "F:2:4: frameworks[0]: want a mapping; found nothing\n" },
        { "framework/unknown-key",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipient: []\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:5: frameworks[0].recipient: unknown key; did you mean "
                        "\"recipients\"?\n" },
        { "framework/unknown-far",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    zzz: []\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:5: frameworks[0].zzz: unknown key; want one of \"name\", \"id\", "
                        "\"source\", "
                        "\"comment\", \"eligibility_acknowledged\", \"pin\", \"suspend\", "
                        "\"policy\", "
                        "\"recipients\"\n" },
        { "framework/twice",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    name: B\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:5: frameworks[0].name: given twice; first at F:2:5\n" },
        { "framework/neither",
                        { "frameworks:\n"
                          "  - comment: x\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:5: frameworks[0].name: missing; want exactly one of name and id\n" },
        { "framework/both",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    id: 6f0f2b1c-0000-4000-8000-0123456789ab\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:5: frameworks[0].id: both a name and an id; want exactly one of "
                        "them\n" },
        { "name/empty",
                        { "frameworks:\n"
                          "  - name: \"\"\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:11: frameworks[0].name: the text is empty; write one, or leave the "
                        "key out\n" },
        { "name/null",
                        { "frameworks:\n"
                          "  - name:\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:10: frameworks[0].name: want a text; found nothing\n" },
        { "name/number",
                        { "frameworks:\n"
                          "  - name: 2026\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:11: frameworks[0].name: want a text; found a number, put it in "
                        "quotes\n" },
        { "name/backslash",
                        { "frameworks:\n"
                          "  - name: 'a\\b'\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:11: frameworks[0].name: a backslash; the API allows none in a "
                        "framework's name\n" },
        { "name/list",
                        { "frameworks:\n"
                          "  - name: [A]\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:11: frameworks[0].name: want a text; found a list\n" },
        { "id/ok",
                        { "frameworks:\n"
                          "  - id: 6f0f2b1c-0000-4000-8000-0123456789ab\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "id/upper-case",
                        { "frameworks:\n"
                          "  - id: 6F0F2B1C-0000-4000-8000-0123456789AB\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:9: frameworks[0].id: want a UUID in lower case; found "
                        "\"6F0F2B1C-0000-4000-8000-0123456789AB\"\n" },
        { "id/short",
                        { "frameworks:\n"
                          "  - id: 6f0f2b1c\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:9: frameworks[0].id: want a UUID in lower case; found "
                        "\"6f0f2b1c\"\n" },
        { "id/null-uuid",
                        { "frameworks:\n"
                          "  - id: 00000000-0000-0000-0000-000000000000\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:9: frameworks[0].id: want a UUID in lower case; found "
                        "\"00000000-0000-0000-0000-000000000000\"\n" },
        { "id/null",
                        { "frameworks:\n"
                          "  - id:\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:8: frameworks[0].id: want a UUID in lower case; found nothing\n" },
        { "id/list",
                        { "frameworks:\n"
                          "  - id: []\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:9: frameworks[0].id: want a UUID in lower case; found a list\n" },
        { "source/ok",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    source: governance\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "source/unknown",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    source: governence\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].source: unknown source \"governence\"; did you mean "
                        "\"governance\"?\n" },
        { "source/unknown-far",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    source: x\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].source: unknown source \"x\"; want one of "
                        "\"governance\"\n" },
        { "source/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    source:\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:12: frameworks[0].source: want a text; found nothing\n" },
        { "source/number",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    source: 7\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].source: want a text; found a number, put it in "
                        "quotes\n" },
        { "comment/empty",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    comment: \"\"\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:14: frameworks[0].comment: the text is empty; write one, or leave the "
                        "key out\n" },
        { "comment/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    comment:\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].comment: want a text; found nothing\n" },
        { "comment/number",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    comment: 12\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:14: frameworks[0].comment: want a text; found a number, put it in "
                        "quotes\n" },
        { "comment/nul",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    comment: \"a\\0b\"\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:14: frameworks[0].comment: NUL in a text; remove it\n" },
        { "eligibility/missing",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:5: frameworks[0].eligibility_acknowledged: missing; want true, which "
                        "declares "
                        "that the framework is not derived from a standard framework that AWS "
                        "marks as not "
                        "eligible for sharing, or that its owner has agreed\n" },
        { "eligibility/false",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: false\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:3:31: frameworks[0].eligibility_acknowledged: not acknowledged; true "
                        "declares that "
                        "the framework is not derived from a standard framework that AWS marks as "
                        "not eligible "
                        "for sharing, or that its owner has agreed\n" },
        { "eligibility/yes",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: yes\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:3:31: frameworks[0].eligibility_acknowledged: want true or false; found "
                        "\"yes\"\n" },
        { "eligibility/quoted",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: \"true\"\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:3:31: frameworks[0].eligibility_acknowledged: want true or false "
                        "without quotes; "
                        "found \"true\"\n" },
        { "eligibility/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged:\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:3:30: frameworks[0].eligibility_acknowledged: want true or false; found "
                        "nothing\n" },
        { "pin/2026-10-01T09:00:00Z",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: 2026-10-01T09:00:00Z\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "pin/2026-10-01T09:00:00.5+02:00",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: 2026-10-01T09:00:00.5+02:00\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "pin/2026-10-01",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: 2026-10-01\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:10: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; "
                        "found "
                        "\"2026-10-01\"\n" },
        { "pin/2026-13-01T09:00:00Z",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: 2026-13-01T09:00:00Z\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:10: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; "
                        "found "
                        "\"2026-13-01T09:00:00Z\"\n" },
        { "pin/soon",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: soon\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:10: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; "
                        "found \"soon\"\n" },
        { "pin/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: \n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:9: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; found "
                        "nothing\n" },
        { "pin/7",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: 7\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:10: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; "
                        "found \"7\"\n" },
        { "pin/[]",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    pin: []\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:10: frameworks[0].pin: want a time such as 2026-10-01T09:00:00Z; "
                        "found a list\n" },
        { "suspend/true",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    suspend: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "suspend/on",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    suspend: on\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:14: frameworks[0].suspend: want true or false; found \"on\"\n" },
        { "suspend/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    suspend:\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].suspend: want true or false; found nothing\n" },
        { "policy/{updated: never}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {updated: never}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "policy/{}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "policy/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: \n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:12: frameworks[0].policy: want a mapping; found nothing\n" },
        { "policy/[]",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: []\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:13: frameworks[0].policy: want a mapping; found a list\n" },
        { "policy/{undesired: keep}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {undesired: keep}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:25: frameworks[0].policy.undesired: undesired stands in the settings "
                        "only; what "
                        "is no longer declared has no policy of its own\n" },
        { "policy/{update: never}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {update: never}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:14: frameworks[0].policy.update: unknown key; did you mean "
                        "\"updated\"?\n" },
        { "policy/{updated: hold}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {updated: hold}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:23: frameworks[0].policy.updated: unknown value \"hold\"; want one of "
                        "\"pending\", \"never\", \"always\"\n" },
        { "policy/{max_attempts: 0}",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    policy: {max_attempts: 0}\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:4:28: frameworks[0].policy.max_attempts: want a whole number from 1 to "
                        "1000; found "
                        "\"0\"\n" },
        { "recipients/missing",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n" },
                        "F:2:5: frameworks[0].recipients: missing; want a list of groups and "
                        "recipients\n" },
        { "recipients/null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: \n" },
                        "F:4:16: frameworks[0].recipients: want a list; found nothing\n" },
        { "recipients/none",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: []\n" },
                        "F:4:17: frameworks[0].recipients: an empty list; want one recipient or "
                        "more, or no "
                        "entry at all\n" },
        { "recipients/mapping",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: {account: \"444455556666\", regions: [eu-west-1]}\n" },
                        "F:4:17: frameworks[0].recipients: want a list; found a mapping\n" },
        { "recipients/item-null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [~]\n" },
                        "F:4:18: frameworks[0].recipients[0]: want a group's name, or account and "
                        "regions; "
                        "found nothing\n" },
        { "recipients/item-list",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [[eu]]\n" },
                        "F:4:18: frameworks[0].recipients[0]: want a group's name, or account and "
                        "regions; "
                        "found a list\n" },
        { "recipients/unknown-group",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n" },
                        "F:4:18: frameworks[0].recipients[0]: unknown group \"eu\"; groups are "
                        "declared under "
                        "recipients\n" },
        { "recipients/account-alone",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [\"444455556666\"]\n" },
                        "F:4:18: frameworks[0].recipients[0]: an account alone; want a group's "
                        "name, or "
                        "account and regions\n" },
        { "recipients/account-missing",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{regions: [eu-west-1]}]\n" },
                        "F:4:18: frameworks[0].recipients[0].account: missing; want the 12 digits "
                        "of the "
                        "account to share with\n" },
        { "recipients/regions-missing",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\"}]\n" },
                        "F:4:18: frameworks[0].recipients[0].regions: missing; want a list of "
                        "Regions\n" },
        { "recipients/regions-null",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: }]\n" },
                        "F:4:53: frameworks[0].recipients[0].regions: want a list; found "
                        "nothing\n" },
        { "recipients/regions-empty",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: []}]\n" },
                        "F:4:53: frameworks[0].recipients[0].regions: an empty list; want one "
                        "Region or more\n" },
        { "recipients/regions-text",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: eu-west-1}]\n" },
                        "F:4:53: frameworks[0].recipients[0].regions: want a list; found a "
                        "text\n" },
        { "recipients/region-unknown",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1, "
                          "eu-west-7]}]\n" },
                        "F:4:65: frameworks[0].recipients[0].regions[1]: \"eu-west-7\" is not a "
                        "Region of "
                        "Audit Manager; "
                        "want one of \"ap-northeast-1\", \"ap-south-1\", \"ap-southeast-1\", "
                        "\"ap-southeast-2\", "
                        "\"ca-central-1\", \"eu-central-1\", \"eu-west-1\", \"eu-west-2\", "
                        "\"us-east-1\", \"us-east-2\", \"us-west-1\", \"us-west-2\"; "
                        "did you mean \"eu-west-1\"?\n" },
        { "recipients/region-twice",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1, "
                          "eu-west-1]}]\n" },
                        "F:4:65: frameworks[0].recipients[0].regions[1]: given twice; first at "
                        "F:4:54\n" },
        { "recipients/account-short",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"44445555666\", regions: [eu-west-1]}]\n" },
                        "F:4:28: frameworks[0].recipients[0].account: want an account of 12 "
                        "digits; found "
                        "\"44445555666\"\n" },
        { "recipients/account-unquoted",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: 012345678901, regions: [eu-west-1]}]\n" },
                        "F:4:28: frameworks[0].recipients[0].account: note: an account without "
                        "quotes; put it "
                        "in quotes, other YAML tools read a number\n" },
        { "recipients/unknown-key",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", region: [eu-west-1]}]\n" },
                        "F:4:18: frameworks[0].recipients[0].regions: missing; want a list of "
                        "Regions\n"
                        "F:4:44: frameworks[0].recipients[0].region: unknown key; did you mean "
                        "\"regions\"?\n" },
        { "recipients/comment-empty",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1], "
                          "comment: \"\"}]\n" },
                        "F:4:75: frameworks[0].recipients[0].comment: the text is empty; write "
                        "one, or leave "
                        "the key out\n" },
        { "recipients/own",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"111122223333\", regions: [eu-west-1, "
                          "us-east-1]}]\n" },
                        "F:4:65: frameworks[0].recipients[0].regions[1]: the source's own account "
                        "and Region; "
                        "want another account or Region\n" },
        { "recipients/own-account-other-region",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"111122223333\", regions: [eu-west-1]}]\n" },
                        "" },
        { "recipients/nearest-group",
                        { "recipients: {eu-subsidiaries: [{account: \"444455556666\", regions: "
                          "[eu-west-1]}]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu-subsidiary]\n" },
                        "F:5:18: frameworks[0].recipients[0]: unknown group \"eu-subsidiary\"; did "
                        "you mean "
                        "\"eu-subsidiaries\"?\n" },
        { "recipients/group-twice",
                        { "recipients: {eu: [{account: \"444455556666\", regions: [eu-west-1]}]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu, eu]\n" },
                        "F:5:22: frameworks[0].recipients[1]: given twice; first at F:5:18\n" },
        { "recipients/own-in-group",
                        { "recipients: {eu: [{account: \"111122223333\", regions: [us-east-1]}]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n" },
                        "F:5:18: frameworks[0].recipients[0]: the group holds the source's own "
                        "account and "
                        "Region; want another group\n" },
        { "share-twice/in-entry",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: \n"
                          "      - {account: \"444455556666\", regions: [eu-west-1, us-east-1]}\n"
                          "      - {account: \"444455556666\", regions: [us-east-1]}\n" },
                        "F:6:45: frameworks[0].recipients[1].regions[0]: the share with "
                        "444455556666 in "
                        "us-east-1 is declared twice; first at F:5:56\n" },
        { "share-twice/group-and-own",
                        { "recipients: {eu: [{account: \"444455556666\", regions: [eu-west-1, "
                          "us-east-1]}]}\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: \n"
                          "      - eu\n"
                          "      - {account: \"444455556666\", regions: [us-east-1]}\n" },
                        "F:7:45: frameworks[0].recipients[1].regions[0]: the share with "
                        "444455556666 in "
                        "us-east-1 is declared twice; first at F:6:9\n" },
        { "share-twice/two-groups",
                        { "recipients:\n"
                          "  a: [{account: \"444455556666\", regions: [eu-west-1, us-east-1]}]\n"
                          "  b: [{account: \"444455556666\", regions: [us-east-1]}]\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [a, b]\n" },
                        "F:7:21: frameworks[0].recipients[1]: the share with 444455556666 in "
                        "us-east-1 is "
                        "declared twice; first at F:7:18\n" },
        { "share-twice/entries",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:7:54: frameworks[1].recipients[0].regions[0]: the share with "
                        "444455556666 in "
                        "eu-west-1 is declared twice; first at F:4:54\n" },
        { "share-twice/entries-by-id",
                        { "frameworks:\n"
                          "  - id: 6f0f2b1c-0000-4000-8000-0123456789ab\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  - id: 6f0f2b1c-0000-4000-8000-0123456789ab\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:7:54: frameworks[1].recipients[0].regions[0]: the share with "
                        "444455556666 in "
                        "eu-west-1 is declared twice; first at F:4:54\n" },
        { "share-twice/files",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n",
                                        "frameworks:\n"
                                        "  - name: A\n"
                                        "    eligibility_acknowledged: true\n"
                                        "    source: governance\n"
                                        "    recipients: [{account: \"444455556666\", regions: "
                                        "[eu-west-1]}]\n" },
                        "G:5:54: frameworks[0].recipients[0].regions[0]: the share with "
                        "444455556666 in "
                        "eu-west-1 is declared twice; first at F:4:54\n" },
        { "share-twice/other-name",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  - name: B\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "share-twice/alias",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: &all\n"
                          "      - {account: \"444455556666\", regions: [eu-west-1]}\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: *all\n" },
                        "F:8:17: frameworks[1].recipients[0].regions[0]: the share with "
                        "444455556666 in "
                        "eu-west-1 is declared twice; first at F:5:45\n" },
        { "alias/regions",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients:\n"
                          "      - {account: \"444455556666\", regions: &eu [eu-west-1, "
                          "eu-central-1]}\n"
                          "      - {account: \"777788889999\", regions: *eu}\n" },
                        "" },
        { "alias/group-name",
                        { "recipients:\n"
                          "  &g eu: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [*g]\n" },
                        "" },
};

#define TWO_SOURCES                                                                                \
        "sources:\n"                                                                               \
        "  a: {account: \"111122223333\", region: us-east-1}\n"                                    \
        "  b: {account: \"111122223333\", region: us-east-2}\n"                                    \
        "allowed_recipients:\n"                                                                    \
        "  accounts: [\"444455556666\"]\n"                                                         \
        "  regions: [eu-west-1]\n"

static const Case restricted[] = {
        { "allowed/ok",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    source: a\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
        { "allowed/account",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    source: a\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"777788889999\", regions: [eu-west-1]}]\n" },
                        "F:5:28: frameworks[0].recipients[0].account: 777788889999 is not allowed; "
                        "the "
                        "settings list the accounts in allowed_recipients.accounts\n" },
        { "allowed/region",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    source: a\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1, "
                          "us-east-1]}]\n" },
                        "F:5:65: frameworks[0].recipients[0].regions[1]: us-east-1 is not allowed; "
                        "the "
                        "settings list the Regions in allowed_recipients.regions\n" },
        { "allowed/both-in-group",
                        { "recipients:\n"
                          "  eu: [{account: \"777788889999\", regions: [us-east-1]}]\n"
                          "frameworks:\n"
                          "  - name: A\n"
                          "    source: a\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [eu]\n" },
                        "F:2:18: recipients.eu[0].account: 777788889999 is not allowed; the "
                        "settings list the "
                        "accounts in allowed_recipients.accounts\n"
                        "F:2:44: recipients.eu[0].regions[0]: us-east-1 is not allowed; the "
                        "settings list the "
                        "Regions in allowed_recipients.regions\n" },
        { "allowed/unused-group",
                        { "recipients:\n"
                          "  eu: [{account: \"777788889999\", regions: [eu-west-1]}]\n"
                          "frameworks: []\n" },
                        "F:2:18: recipients.eu[0].account: 777788889999 is not allowed; the "
                        "settings list the "
                        "accounts in allowed_recipients.accounts\n" },
        { "source/missing",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "F:2:5: frameworks[0].source: missing, and there are several sources; want "
                        "one of "
                        "\"a\", \"b\"\n" },
        { "source/same-name-other-source",
                        { "frameworks:\n"
                          "  - name: A\n"
                          "    source: a\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n"
                          "  - name: A\n"
                          "    source: b\n"
                          "    eligibility_acknowledged: true\n"
                          "    recipients: [{account: \"444455556666\", regions: [eu-west-1]}]\n" },
                        "" },
};

#define BEFORE                                                                                     \
        "frameworks:\n"                                                                            \
        "  - eligibility_acknowledged: true\n"                                                     \
        "    recipients: [{account: \"444455556666\", regions: [eu-west-1]"

/* What is about lengths: `unit` stands `times` times. */
static const struct {
        const char *name;
        const char *before, *unit;
        unsigned times;
        const char *after;
        const char *lines;
} lengths[] = {
        { "name/300", BEFORE "}]\n    name: ", "é", 300, "\n", "" },
        { "name/301", BEFORE "}]\n    name: ", "é", 301, "\n",
                        "F:4:11: frameworks[0].name: 301 characters; want at most 300\n" },
        { "comment/500", BEFORE "}]\n    name: A\n    comment: ", "😀", 500, "\n", "" },
        { "comment/501", BEFORE "}]\n    name: A\n    comment: ", "😀", 501, "\n",
                        "F:5:14: frameworks[0].comment: 501 characters; want at most 500\n" },
        { "recipients/comment-500", BEFORE ", comment: ", "ü", 500, "}]\n    name: A\n", "" },
        { "recipients/comment-501", BEFORE ", comment: ", "ü", 501, "}]\n    name: A\n",
                        "F:3:75: frameworks[0].recipients[0].comment: 501 characters; want at most "
                        "500\n" },
};

static Settings *settings_of(const char *text) {
        _cleanup_(faults_freep) Faults *faults = NULL;
        Settings *settings = NULL;
        YamlText yaml;

        ASSERT_OK(faults_new(&faults));
        yaml = test_text(faults, "S", text);
        ASSERT_OK(settings_load(&yaml, faults, &settings));
        return settings;
}

/* Loads the files, which end with NULL or are FILES_MAX. */
static int load(const char *settings_text,
                const char *const *files,
                DesiredState **ret,
                char **ret_lines) {
        static const char *const names[FILES_MAX] = { "F", "G", "H" };
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        YamlText texts[FILES_MAX];
        size_t n = 0;
        int r;

        *ret = NULL;
        ASSERT_OK(faults_new(&faults));
        if (settings_text)
                settings = settings_of(settings_text);
        for (; n < FILES_MAX && files[n]; n++)
                texts[n] = test_text(faults, names[n], files[n]);
        r = desired_load(texts, n, settings, faults, ret);
        ASSERT_EQ(faults_count(faults) > 0 || !settings ? -EINVAL : 0, r);
        *ret_lines = test_lines(faults);
        return r;
}

static void check(const char *settings, const Case *c) {
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        char *lines = NULL;
        int r;

        test_row(c->name);
        r = load(settings, c->files, &desired, &lines);
        ASSERT_EQ(r == 0, desired != NULL);
        ASSERT_STREQ(c->lines, lines);
        free(lines);
}

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check(ONE_SOURCE, &cases[i]);
        for (size_t i = 0; i < ELEMENTSOF(restricted); i++)
                check(TWO_SOURCES, &restricted[i]);

        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                _cleanup_buffer_ Buffer text = { 0 };

                (void) buffer_add(&text, lengths[i].before);
                for (unsigned n = 0; n < lengths[i].times; n++)
                        (void) buffer_add(&text, lengths[i].unit);
                (void) buffer_add(&text, lengths[i].after);
                check(ONE_SOURCE,
                                &(Case){ lengths[i].name, { buffer_text(&text) },
                                                lengths[i].lines });
        }
}

/* Without settings, everything is checked but what they would be needed for, and nothing loads. */
static void test_without_settings(void) {
        static const Case without[] = {
                { "without/good", { "frameworks: []\n" }, "" },
                { "without/bad",
                                { "frameworks:\n  - {name: A, source: x, eligibility_acknowledged: "
                                  "true, recipients: [eu]}\n" },
                                "F:2:71: frameworks[0].recipients[0]: unknown group \"eu\"; groups "
                                "are declared under recipients\n" },
                { "without/share-twice",
                                { "frameworks:\n  - {name: A, eligibility_acknowledged: true, "
                                  "recipients: "
                                  "[{account: \"444455556666\", regions: [eu-west-1]}, {account: "
                                  "\"444455556666\", "
                                  "regions: [eu-west-1]}]}\n" },
                                "F:2:145: frameworks[0].recipients[1].regions[0]: the share with "
                                "444455556666 in eu-west-1 "
                                "is declared twice; first at F:2:96\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(without); i++)
                check(NULL, &without[i]);
}

static void test_no_files(void) {
        check(ONE_SOURCE,
                        &(Case){ "no files", { NULL },
                                        "?:1:1: frameworks: missing; \"frameworks: []\" is the way "
                                        "to declare none\n" });
}

#define GOOD                                                                                       \
        "recipients:\n"                                                                            \
        "  eu:\n"                                                                                  \
        "    - account: \"555555555555\"\n"                                                        \
        "      regions: [us-west-2, eu-west-1]\n"                                                  \
        "    - account: \"111111111111\"\n"                                                        \
        "      regions: [eu-west-1]\n"                                                             \
        "frameworks:\n"                                                                            \
        "  - name: Group baseline 2026\n"                                                          \
        "    comment: for all\n"                                                                   \
        "    eligibility_acknowledged: true\n"                                                     \
        "    pin: 2026-10-01T09:00:00Z\n"                                                          \
        "    policy: {updated: never, max_renewals: 7}\n"                                          \
        "    recipients:\n"                                                                        \
        "      - eu\n"                                                                             \
        "      - account: \"333333333333\"\n"                                                      \
        "        regions: [ap-south-1]\n"                                                          \
        "        comment: for one\n"                                                               \
        "  - id: 6f0f2b1c-0000-4000-8000-0123456789ab\n"                                           \
        "    source: governance\n"                                                                 \
        "    eligibility_acknowledged: true\n"                                                     \
        "    suspend: true\n"                                                                      \
        "    pin: 2026-10-01T09:00:00.25Z\n"                                                       \
        "    recipients: [eu]\n"

static void check_share(const DesiredState *desired,
                size_t i,
                AccountId account,
                const char *region,
                const char *comment,
                bool over_quota) {
        const DesiredShare *share = &desired->shares[i];

        ASSERT_EQ(account, recipient_account(share->recipient));
        ASSERT_STREQ(region, region_name(recipient_region(share->recipient)));
        ASSERT_STREQ(comment, strings_get(desired->strings, share->comment));
        ASSERT_EQ(over_quota, share->over_quota);
}

static void check_frameworks(const DesiredState *desired) {
        const DesiredFramework *a = &desired->frameworks[0], *b = &desired->frameworks[1];
        char id[UUID_TEXT_MAX];
        int64_t pin;

        ASSERT_OK(time_parse("2026-10-01T09:00:00.999999Z", &pin, NULL));
        ASSERT_STREQ("Group baseline 2026", strings_get(desired->strings, a->name));
        ASSERT_TRUE(uuid_is_null(&a->id));
        ASSERT_EQ(pin, a->pin_usec);
        ASSERT_FALSE(a->suspend);
        ASSERT_EQ(POLICY_NEVER, a->policy.value[POLICY_UPDATED]);
        ASSERT_EQ(7, a->policy.value[POLICY_MAX_RENEWALS]);
        ASSERT_EQ(POLICY_HOLD, a->policy.value[POLICY_EXPIRED]);
        ASSERT_EQ(8, a->position.line);
        ASSERT_EQ(5, a->position.column);
        ASSERT_EQ(0, a->first_share);
        ASSERT_EQ(4, a->n_shares);

        ASSERT_OK(time_parse("2026-10-01T09:00:00.25Z", &pin, NULL));
        ASSERT_EQ(0, b->name);
        ASSERT_STREQ("6f0f2b1c-0000-4000-8000-0123456789ab", uuid_format(&b->id, id));
        ASSERT_EQ(pin, b->pin_usec);
        ASSERT_TRUE(b->suspend);
        ASSERT_EQ(POLICY_PENDING, b->policy.value[POLICY_UPDATED]);
        ASSERT_EQ(4, b->first_share);
        ASSERT_EQ(3, b->n_shares);
}

/*
 * Given settings with a policy and a quota, when groups expand, then by place in the file and
 * sorted by recipient.
 */
static void test_good(void) {
        static const char *const files[FILES_MAX] = { GOOD };
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        char *lines = NULL;

        test_row("good");
        if (ASSERT_OK(load(ONE_SOURCE "policy: {expired: hold}\nlimits: {recipient_accounts: 2}\n",
                            files, &desired, &lines))
                        && ASSERT_EQ(2, desired->n_frameworks) && ASSERT_EQ(7, desired->n_shares)) {
                check_frameworks(desired);
                check_share(desired, 0, 111111111111, "eu-west-1", "for all", false);
                check_share(desired, 1, 333333333333, "ap-south-1", "for one", true);
                check_share(desired, 2, 555555555555, "eu-west-1", "for all", false);
                check_share(desired, 3, 555555555555, "us-west-2", "for all", false);
                check_share(desired, 4, 111111111111, "eu-west-1", NULL, false);
                check_share(desired, 5, 555555555555, "eu-west-1", NULL, false);
                check_share(desired, 6, 555555555555, "us-west-2", NULL, false);
        }
        ASSERT_STREQ("", lines);
        free(lines);
}

/*
 * The quota counts accounts of each source, the first ones declared, whichever file and framework
 * they stand in.
 */
static void test_quota(void) {
        static const char *const files[FILES_MAX] = {
                "frameworks:\n"
                "  - {name: A, source: a, eligibility_acknowledged: true, recipients: "
                "[{account: \"999999999999\", regions: [eu-west-1]}, {account: \"888888888888\", "
                "regions: [eu-west-1]}]}\n",
                "frameworks:\n"
                "  - {name: B, source: a, eligibility_acknowledged: true, recipients: "
                "[{account: \"777777777777\", regions: [eu-west-1]}, {account: \"999999999999\", "
                "regions: [us-east-1]}]}\n"
                "  - {name: B, source: b, eligibility_acknowledged: true, recipients: "
                "[{account: \"777777777777\", regions: [eu-west-1]}]}\n",
        };
        static const bool over[] = { false, false, true, false, false };
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        char *lines = NULL;

        test_row("quota");
        if (ASSERT_OK(load("sources:\n"
                           "  a: {account: \"111122223333\", region: us-east-1}\n"
                           "  b: {account: \"111122223333\", region: us-east-2}\n"
                           "limits: {recipient_accounts: 2}\n",
                            files, &desired, &lines))
                        && ASSERT_EQ(ELEMENTSOF(over), desired->n_shares))
                for (size_t i = 0; i < ELEMENTSOF(over); i++)
                        ASSERT_EQ(over[i], desired->shares[i].over_quota);
        ASSERT_STREQ("", lines);
        free(lines);
}

#define ENTRY(more)                                                                                \
        "frameworks: [{name: A, eligibility_acknowledged: true, " more                             \
        "recipients: [{account: \"444455556666\", regions: [eu-west-1]}]}]\n"

static uint64_t declaration_of(const char *text) {
        const char *const files[FILES_MAX] = { text };
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        uint64_t declaration = 0;
        char *lines = NULL;

        if (ASSERT_OK(load(ONE_SOURCE, files, &desired, &lines))
                        && ASSERT_EQ(1, desired->n_frameworks))
                declaration = desired->frameworks[0].declaration;
        free(lines);
        return declaration;
}

/* What is written decides, not what it comes to; and nothing but the policy and the pin. */
static void test_declaration(void) {
        uint64_t plain = declaration_of(ENTRY(""));

        test_row("declaration");
        ASSERT_TRUE(plain
                        == declaration_of(
                                        ENTRY("suspend: true, comment: x, source: governance, ")));
        ASSERT_TRUE(plain == declaration_of(ENTRY("policy: {}, ")));
        ASSERT_TRUE(plain != declaration_of(ENTRY("policy: {updated: pending}, ")));
        ASSERT_TRUE(declaration_of(ENTRY("policy: {updated: never}, "))
                        != declaration_of(ENTRY("policy: {updated: always}, ")));
        ASSERT_TRUE(declaration_of(ENTRY("policy: {updated: never, failed: hold}, "))
                        == declaration_of(ENTRY("policy: {failed: hold, updated: never}, ")));
        ASSERT_TRUE(declaration_of(ENTRY("policy: {failed: hold}, "))
                        != declaration_of(ENTRY("policy: {expired: hold}, ")));
        ASSERT_TRUE(plain != declaration_of(ENTRY("pin: 2026-10-01T09:00:00Z, ")));
        ASSERT_TRUE(declaration_of(ENTRY("pin: 2026-10-01T09:00:00Z, "))
                        == declaration_of(ENTRY("pin: \"2026-10-01T11:00:00+02:00\", ")));
}

/* More faults than are kept: all count, and notes do not take their room. */
static void test_many_faults(void) {
        const unsigned n = FAULTS_KEPT_MAX + 500;
        _cleanup_(settings_freep) Settings *settings = settings_of(ONE_SOURCE);
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_buffer_ Buffer text = { 0 };
        DesiredState *desired = NULL;
        unsigned n_notes = 0;
        const Fault *items;
        YamlText yaml;
        size_t n_kept;

        test_row("many faults");
        (void) buffer_add(&text, "frameworks:\n");
        for (unsigned i = 0; i < n; i++)
                (void) buffer_addf(&text,
                                "  - {name: A, eligibility_acknowledged: true, recipients: "
                                "[{account: %012u, regions: [eu-west-1]}]}\n",
                                i);
        for (unsigned i = 0; i < n; i++)
                (void) buffer_add(&text, "  - {unknown: A}\n");

        ASSERT_OK(faults_new(&faults));
        yaml = test_text(faults, "F", buffer_text(&text));
        ASSERT_EQ(-EINVAL, desired_load(&yaml, 1, settings, faults, &desired));
        ASSERT_EQ(4 * n, faults_count(faults)); /* unknown, and three keys that are missing */

        items = faults_get(faults, &n_kept);
        for (size_t i = 0; i < n_kept; i++)
                n_notes += items[i].is_note;
        ASSERT_EQ(FAULTS_KEPT_MAX, n_notes);
        ASSERT_EQ(2 * FAULTS_KEPT_MAX, n_kept);
}

int main(void) {
        test_cases();
        test_without_settings();
        test_no_files();
        test_good();
        test_quota();
        test_declaration();
        test_many_faults();
        return test_end();
}
