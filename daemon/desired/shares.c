/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reading the shares files
 *
 * All files are parsed first, then all groups are read, then the frameworks: a group is usable from
 * any file. The shares of each framework are sorted at the end, when nothing refers to their order
 * in the files any more.
 */

#include <errno.h>
#include <stdlib.h>

#include "desired/load.h"
#include "desired/loader.h"
#include "util/mem.h"

/* Files */

typedef enum FileKey { FILE_RECIPIENTS, FILE_FRAMEWORKS, FILE_KEY_MAX } FileKey;

static const Key file_keys[FILE_KEY_MAX] = {
        [FILE_RECIPIENTS] = { .name = "recipients" },
        [FILE_FRAMEWORKS] = { .name = "frameworks" },
};

static const KeyPath file_paths[FILE_KEY_MAX] = {
        [FILE_RECIPIENTS] = { NULL, "recipients", 0 },
        [FILE_FRAMEWORKS] = { NULL, "frameworks", 0 },
};

/* The top of each file, and the groups of all of them. */
static int read_tops(Loader *loader, FileReader *files, Fields *tops, size_t n_files) {
        for (size_t i = 0; i < n_files; i++) {
                Reader *reader = &files[i].reader;
                const Node *root, *groups;

                if (!reader->document)
                        continue;
                root = document_root(reader->document);
                if (!read_mapping(reader, root, NULL, file_keys, FILE_KEY_MAX, NULL, &tops[i]))
                        loader->incomplete = true;
                else if (root->count == 0)
                        (void) reader_fault(reader, root, NULL,
                                        "the file is empty; \"frameworks: []\" is the way to "
                                        "declare none");

                groups = tops[i].value[FILE_RECIPIENTS];
                if (groups) {
                        loader->incomplete |= node_resolve(reader->document, groups)->kind
                                        != NODE_MAPPING;
                        groups_read(&loader->groups, reader, groups, &file_paths[FILE_RECIPIENTS],
                                        &loader->rules);
                }
                if (reader->error < 0)
                        return reader->error;
        }
        return 0;
}

/*
 * That nothing is declared must be said in words: a load that finds nothing must not look like an
 * order to revoke. A file that cannot be read, or is empty, has a fault already.
 */
static int check_any_frameworks(Loader *loader,
                const YamlText *texts,
                const Fields *tops,
                size_t n_files) {
        for (size_t i = 0; i < n_files; i++)
                if (tops[i].key[FILE_FRAMEWORKS] || !loader->documents[i]
                                || (!tops[i].key[FILE_RECIPIENTS]
                                                && faults_count(loader->faults) > 0))
                        return 0;
        return faults_add(loader->faults,
                        (Position){ 1, 1, n_files > 0 ? texts[0].file : UINT16_MAX }, "frameworks",
                        "missing; \"frameworks: []\" is the way to declare none");
}

static int read_files(Loader *loader,
                const YamlText *texts,
                FileReader *files,
                Fields *tops,
                size_t n_files) {
        int r;

        r = read_tops(loader, files, tops, n_files);
        if (r < 0)
                return r;
        r = check_any_frameworks(loader, texts, tops, n_files);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n_files; i++) {
                if (tops[i].key[FILE_FRAMEWORKS])
                        read_frameworks(&files[i], tops[i].value[FILE_FRAMEWORKS],
                                        &file_paths[FILE_FRAMEWORKS]);
                if (files[i].reader.error < 0)
                        return files[i].reader.error;
        }
        return 0;
}

/* The whole */

static int compare_recipients(const void *x, const void *y) {
        Recipient a = ((const DesiredShare *) x)->recipient,
                  b = ((const DesiredShare *) y)->recipient;

        return (a > b) - (a < b);
}

static void sort_shares(DesiredShare *shares, size_t n) {
        size_t sorted = 1;

        while (sorted < n && shares[sorted - 1].recipient < shares[sorted].recipient)
                sorted++;
        if (sorted < n)
                qsort(shares, n, sizeof(*shares), compare_recipients);
}

static void finish(Loader *loader, DesiredState **ret) {
        DesiredState *desired = loader->desired;

        desired->shares = TAKE_PTR(loader->shares.shares);
        desired->n_shares = loader->shares.n_shares;
        for (size_t i = 0; i < desired->n_frameworks; i++) {
                const DesiredFramework *framework = &desired->frameworks[i];

                sort_shares(desired->shares + framework->first_share, framework->n_shares);
        }
        *ret = TAKE_PTR(loader->desired);
}

static Loader *loader_free(Loader *loader) {
        if (!loader)
                return NULL;

        for (size_t i = 0; loader->documents && i < loader->n_documents; i++)
                (void) document_free(loader->documents[i]);
        for (size_t i = 0; loader->quotas && i < loader->settings->n_sources; i++)
                quota_done(&loader->quotas[i]);
        free(loader->documents);
        free(loader->quotas);
        groups_done(&loader->groups);
        share_list_done(&loader->shares);
        (void) strings_free(loader->identities);
        (void) desired_state_free(loader->desired);
        free(loader);
        return NULL;
}

DEFINE_CLEANUP(Loader, loader_free)

static int loader_new(size_t n_texts, const Settings *settings, Faults *faults, Loader **ret) {
        _cleanup_(loader_freep) Loader *loader = calloc(1, sizeof(Loader));

        if (!loader)
                return -ENOMEM;
        loader->settings = settings;
        loader->faults = faults;
        recipient_rules_init(&loader->rules, settings);

        loader->n_documents = n_texts;
        loader->documents = calloc(n_texts + 1, sizeof(Document *));
        loader->desired = calloc(1, sizeof(DesiredState));
        if (settings)
                loader->quotas = calloc(settings->n_sources + 1, sizeof(Quota));
        if (!loader->documents || !loader->desired || (settings && !loader->quotas))
                return -ENOMEM;
        if (groups_init(&loader->groups) < 0 || strings_new(SIZE_MAX / 2, &loader->identities) < 0
                        || strings_new(SIZE_MAX / 2, &loader->desired->strings) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(loader);
        return 0;
}

/* Parses each file; one that cannot be is left out, its faults being told. */
static int parse_files(Loader *loader, const YamlText *texts, FileReader *files) {
        for (size_t i = 0; i < loader->n_documents; i++) {
                int r = document_parse(&texts[i], loader->faults, &loader->documents[i]);

                if (r < 0 && r != -EINVAL)
                        return r;
                loader->incomplete |= r < 0;
                files[i] = (FileReader){ .loader = loader };
                files[i].reader = (Reader){ .document = loader->documents[i],
                        .faults = loader->faults };
        }
        return 0;
}

int desired_load(const YamlText *texts,
                size_t n_texts,
                const Settings *settings,
                Faults *faults,
                DesiredState **ret) {
        _cleanup_(loader_freep) Loader *loader = NULL;
        _cleanup_free_ FileReader *files = calloc(n_texts + 1, sizeof(FileReader));
        _cleanup_free_ Fields *tops = calloc(n_texts + 1, sizeof(Fields));
        size_t before = faults_count(faults);
        int r;

        if (!files || !tops)
                return -ENOMEM;
        r = loader_new(n_texts, settings, faults, &loader);
        if (r < 0)
                return r;
        r = parse_files(loader, texts, files);
        if (r < 0)
                return r;
        r = read_files(loader, texts, files, tops, n_texts);
        if (r < 0)
                return r;
        if (faults_count(faults) > before || !settings)
                return -EINVAL;
        r = groups_note_unused(&loader->groups, faults);
        if (r < 0)
                return r;

        finish(loader, ret);
        return 0;
}
