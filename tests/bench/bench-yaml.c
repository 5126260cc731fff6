/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How fast a shares file is validated, beside the parser alone
 *
 *     bench-yaml SHARES.yaml RUNS
 *
 * desired_load() is what `auditsharectl check` and the service do with the bytes of a file; the
 * other side is libyaml's event parser over the same bytes, its events thrown away. In turn; prints
 * {"bytes", "shares", "load": [seconds...], "events": [seconds...]}, seconds of CPU.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

#include "desired/load.h"
#include "util/mem.h"

static const char settings_text[] = "sources: {grc: {account: '111122223333', region: us-east-1}}\n"
                                    "limits: {recipient_accounts: 1000000}\n";

static int load(const char *bytes, size_t length, size_t *ret_shares) {
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(desired_state_freep) DesiredState *desired = NULL;
        YamlText settings_yaml = { .text = settings_text, .length = strlen(settings_text) },
                 shares_yaml = { .text = bytes, .length = length };
        int r;

        r = faults_new(&faults);
        if (r >= 0)
                r = faults_add_file(faults, "settings.yaml", &settings_yaml.file);
        if (r >= 0)
                r = faults_add_file(faults, "shares.yaml", &shares_yaml.file);
        if (r >= 0)
                r = settings_load(&settings_yaml, faults, &settings);
        if (r >= 0)
                r = desired_load(&shares_yaml, 1, settings, faults, &desired);
        if (r >= 0)
                *ret_shares = desired->n_shares;
        return r;
}

static int parse_events(const char *bytes, size_t length) {
        yaml_parser_t parser;
        yaml_event_t event;
        bool good, more = true;

        if (!yaml_parser_initialize(&parser))
                return -1;
        yaml_parser_set_input_string(&parser, (const unsigned char *) bytes, length);
        do {
                good = yaml_parser_parse(&parser, &event);
                if (good) {
                        more = event.type != YAML_STREAM_END_EVENT;
                        yaml_event_delete(&event);
                }
        } while (good && more);
        yaml_parser_delete(&parser);
        return good ? 0 : -1;
}

static char *read_whole(const char *path, size_t *ret_length) {
        FILE *file = fopen(path, "re");
        char *bytes = file ? malloc(YAML_SIZE_MAX + 1) : NULL;

        *ret_length = bytes ? fread(bytes, 1, YAML_SIZE_MAX, file) : 0;
        if (file)
                (void) fclose(file);
        return bytes;
}

static void print(const char *name, const clock_t *spent, size_t n) {
        (void) printf(", \"%s\": [", name);
        for (size_t i = 0; i < n; i++)
                (void) printf("%s%.6f", i > 0 ? ", " : "", (double) spent[i] / CLOCKS_PER_SEC);
        (void) printf("]");
}

#define RUNS_MAX 100

int main(int argc, char **argv) {
        size_t length = 0, shares = 0, runs = argc == 3 ? (size_t) strtoul(argv[2], NULL, 10) : 0;
        clock_t loads[RUNS_MAX], events[RUNS_MAX];
        _cleanup_free_ char *bytes = argc == 3 ? read_whole(argv[1], &length) : NULL;

        if (!bytes || length == 0 || runs == 0 || runs > RUNS_MAX)
                return EXIT_FAILURE;
        for (size_t i = 0; i < runs; i++) {
                clock_t begun = clock(), middle;

                if (load(bytes, length, &shares) < 0)
                        return EXIT_FAILURE;
                middle = clock();
                if (parse_events(bytes, length) < 0)
                        return EXIT_FAILURE;
                loads[i] = middle - begun;
                events[i] = clock() - middle;
        }
        (void) printf("{\"bytes\": %zu, \"shares\": %zu", length, shares);
        print("load", loads, runs);
        print("events", events, runs);
        (void) printf("}\n");
        return EXIT_SUCCESS;
}
