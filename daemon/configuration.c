/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Configuration: finding and reading the files
 *
 * A file is taken at its word where nobody but root and the caller could have put it there: neither
 * by writing it, nor by a symbolic link.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "desired/load.h"
#include "shares-folder.h"
#include "trusted-file.h"
#include "util/file.h"
#include "util/hash.h"
#include "util/mem.h"
#include "util/string-util.h"

/* Contents of files, which faults and loaders point into. */
typedef struct Texts {
        YamlText *items;
        size_t count, capacity;
        size_t length; /* of all of them */
        size_t n_listed; /* files of folders, those that are skipped among them */
        bool is_full; /* there is more than may be, and nothing is read after it */
} Texts;

static void texts_done(Texts *texts) {
        for (size_t i = 0; i < texts->count; i++)
                free((char *) (uintptr_t) texts->items[i].text);
        free(texts->items);
}

static const char *read_problem(int error) {
        switch (error) {
        case -ENOENT:
                return "does not exist; create it, or name another with --settings or --shares";
        case -EACCES:
                return "cannot be read: permission denied; run as root, or let this user read it";
        case -EFBIG:
                return "is larger than 64 MiB; split it into several files";
        case -EISDIR:
                return "is a folder; want a file";
        case -EBADFD:
                return "is no regular file; want a file";
        case -ELOOP:
                return "is reached by symbolic links that go round in a circle; remove one";
        case -ESTALE:
                return "is replaced again and again while it is read; try again";
        default:
                return NULL;
        }
}

static int fault_unreadable(Faults *faults, uint16_t file, int error) {
        const char *problem = read_problem(error);
        Position at = { .line = 1, .column = 1, .file = file };

        if (error == -ENOMEM)
                return error;
        if (problem)
                return faults_add(faults, at, "", "the file %s", problem);
        return faults_add(faults, at, "", "the file cannot be read: %s", strerror(-error));
}

/* A file that others may write could say anything; sharing is not undone. */
static int check_mode(Faults *faults, uint16_t file, const struct stat *st) {
        Position at = { .line = 1, .column = 1, .file = file };

        if ((st->st_mode & 022) == 0)
                return 0;
        return faults_add(faults, at, "",
                        "group or others may write the file (mode %04o); chmod go-w it",
                        st->st_mode & 07777);
}

static int fault_astray(Faults *faults, uint16_t file, const PathSuspect *suspect) {
        Position at = { .line = 1, .column = 1, .file = file };

        if (suspect->is_foreign)
                return faults_add(faults, at, "",
                                "a symbolic link leads through %s, which belongs to user %u; want "
                                "what is root's or of the user who runs this, or no link",
                                suspect->path, (unsigned) suspect->owner);
        return faults_add(faults, at, "",
                        "a symbolic link leads through %s, which group or others may write (mode "
                        "%04o); chmod go-w it, or use no link",
                        suspect->path, suspect->mode & 07777);
}

/* Files that are all right one by one, and too many or too large together. 0 or -ENOMEM. */
static int fault_too_much(Faults *faults, uint16_t file, Texts *texts, const char *problem) {
        Position at = { .line = 1, .column = 1, .file = file };

        texts->is_full = true;
        return faults_add(faults, at, "", "%s", problem);
}

static int fault_too_large(Faults *faults, uint16_t file, Texts *texts) {
        return fault_too_much(faults, file, texts,
                        "with this one, the shares files are larger than 256 MiB together; name "
                        "several Regions in one entry, and recipients in common as a group");
}

/* Reads a file into texts; what is wrong with it becomes a fault. 0 or -ENOMEM. */
static int read_text(const char *path, Faults *faults, Texts *texts) {
        _cleanup_buffer_ Buffer buffer = { 0 };
        size_t room = CONFIGURATION_SHARES_SIZE_MAX - texts->length;
        TrustedFile trusted = { .path = path, .limit = MIN(YAML_SIZE_MAX, room) };
        PathSuspect suspect;
        struct stat st;
        uint16_t file;
        int r;

        if (texts->is_full)
                return 0;
        r = faults_add_file(faults, path, &file);
        if (r < 0)
                return r;
        if (room == 0)
                return fault_too_large(faults, file, texts);
        r = trusted_file_read(&trusted, &buffer, &st, &suspect);
        if (r == -EPERM)
                return fault_astray(faults, file, &suspect);
        if (r == -EFBIG && room < YAML_SIZE_MAX)
                return fault_too_large(faults, file, texts);
        if (r < 0)
                return fault_unreadable(faults, file, r);
        r = check_mode(faults, file, &st);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE(texts->items, texts->capacity, texts->count + 1);
        if (r < 0)
                return r;
        texts->length += buffer.length;
        texts->items[texts->count] = (YamlText){ .length = buffer.length, .file = file };
        texts->items[texts->count].text = buffer_steal(&buffer);
        return texts->items[texts->count++].text ? 0 : -ENOMEM;
}

static int note_skipped(Faults *faults, const char *path, const char *reason) {
        uint16_t file;
        int r;

        r = faults_add_file(faults, path, &file);
        if (r < 0)
                return r;
        return faults_add_note(faults, (Position){ .line = 1, .column = 1, .file = file }, "",
                        "the file is skipped: %s", reason);
}

static int fault_folder(const char *path, int error, Faults *faults, Texts *texts) {
        uint16_t file;
        int r;

        r = faults_add_file(faults, path, &file);
        if (r < 0)
                return r;
        if (error != -E2BIG)
                return fault_unreadable(faults, file, error);
        return fault_too_much(faults, file, texts,
                        "with this folder, there are more than 10000 shares files; declare several "
                        "frameworks in one file");
}

static int read_folder(const char *path, bool optional, Faults *faults, Texts *texts) {
        _cleanup_names_ char **names = NULL;
        int r;

        r = shares_folder_list(path, CONFIGURATION_FILES_MAX - texts->n_listed, &names);
        if (r == -ENOENT && optional)
                return 0;
        if (r < 0)
                return fault_folder(path, r, faults, texts);
        for (char **name = names; name && *name; name++) {
                _cleanup_free_ char *full = path_join(path, *name);
                const char *reason = shares_folder_skip_reason(*name);

                if (!full)
                        return -ENOMEM;
                texts->n_listed++;
                r = reason ? note_skipped(faults, full, reason) : read_text(full, faults, texts);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_shares(const ConfigurationPaths *paths, Faults *faults, Texts *texts) {
        int r;

        if (paths->n_shares == 0) {
                /* With files in the folder, the single file need not exist. */
                r = access(CONFIGURATION_SHARES, F_OK) < 0
                                                && path_is_folder(CONFIGURATION_SHARES_DIR)
                                ? 0
                                : read_text(CONFIGURATION_SHARES, faults, texts);
                return r < 0 ? r : read_folder(CONFIGURATION_SHARES_DIR, true, faults, texts);
        }
        for (size_t i = 0; i < paths->n_shares; i++) {
                r = path_is_folder(paths->shares[i])
                                ? read_folder(paths->shares[i], false, faults, texts)
                                : read_text(paths->shares[i], faults, texts);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Nothing is declared by nobody: that is not the same as declaring nothing. -EINVAL, or -ENOMEM. */
static int fault_no_shares(const ConfigurationPaths *paths, Faults *faults) {
        Position at = { .line = 1, .column = 1 };
        int r;

        r = faults_add_file(faults,
                        paths->n_shares > 0 ? paths->shares[0] : CONFIGURATION_SHARES_DIR,
                        &at.file);
        if (r >= 0)
                r = faults_add(faults, at, "",
                                "no shares file is there; want one that ends in .yaml "
                                "('frameworks: []' declares none)");
        return r < 0 ? r : -EINVAL;
}

static uint64_t hash_texts(const Faults *faults, const Texts *texts, uint64_t hash) {
        for (size_t i = 0; i < texts->count; i++) {
                const char *name = faults_file(faults, texts->items[i].file);

                hash = hash_stable(hash, name, strlen(name) + 1);
                hash = hash_stable(hash, texts->items[i].text, texts->items[i].length);
        }
        return hash;
}

/* What could not be read, or must not be, leaves no text. */
static uint64_t hash_faults(Faults *faults, uint64_t hash) {
        size_t n;
        const Fault *items = faults_get(faults, &n);

        for (size_t i = 0; i < n; i++) {
                const char *name = faults_file(faults, items[i].position.file);

                if (items[i].is_note)
                        continue;
                hash = hash_stable(hash, name, strlen(name) + 1);
                hash = hash_stable(hash, items[i].text, strlen(items[i].text) + 1);
        }
        return hash;
}

/* 0, also where what was found wrong became faults; -ENOMEM. */
static int load_settings(const ConfigurationPaths *paths,
                Faults *faults,
                Texts *texts,
                Configuration *configuration) {
        int r;

        r = read_text(paths->settings ? paths->settings : CONFIGURATION_SETTINGS, faults, texts);
        if (r < 0 || texts->count == 0)
                return r;
        r = settings_load(&texts->items[0], faults, &configuration->settings);
        return r == -EINVAL ? 0 : r;
}

/* The shares are looked at with faulty settings too where that is possible: all errors of a load at
 * once. Of files that are too much together, some are not there: what those before them lack may
 * stand in one of these. */
static int load(const ConfigurationPaths *paths,
                const ConfigurationHash *in_force,
                Faults *faults,
                Configuration *configuration,
                ConfigurationHash *hash) {
        _cleanup_(texts_done) Texts settings = { 0 }, shares = { 0 };
        int r;

        r = load_settings(paths, faults, &settings, configuration);
        if (r < 0)
                return r;
        r = read_shares(paths, faults, &shares);
        if (r < 0)
                return r;
        *hash = hash_texts(faults, &shares, hash_texts(faults, &settings, HASH_STABLE_SEED));
        *hash = hash_faults(faults, *hash);
        if (shares.is_full)
                return -EINVAL;
        if (in_force && *hash == *in_force && faults_count(faults) == 0)
                return -EALREADY;
        if (shares.count == 0)
                return faults_count(faults) > 0 ? -EINVAL : fault_no_shares(paths, faults);
        r = desired_load(shares.items, shares.count, configuration->settings, faults,
                        &configuration->desired);
        if (r < 0)
                return r;
        return faults_count(faults) > 0 ? -EINVAL : 0;
}

int configuration_load_changed(const ConfigurationPaths *paths,
                const ConfigurationHash *in_force,
                Configuration **ret,
                Faults **ret_faults,
                ConfigurationHash *ret_hash) {
        ConfigurationHash hash = 0;
        _cleanup_(configuration_freep) Configuration *configuration =
                        calloc(1, sizeof(Configuration));
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r;

        if (!configuration || faults_new(&faults) < 0)
                return -ENOMEM;

        r = load(paths, in_force, faults, configuration, &hash);
        *ret_faults = TAKE_PTR(faults);
        if (ret_hash)
                *ret_hash = hash;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(configuration);
        return 0;
}

int configuration_load(const ConfigurationPaths *paths,
                Configuration **ret,
                Faults **ret_faults,
                ConfigurationHash *ret_hash) {
        return configuration_load_changed(paths, NULL, ret, ret_faults, ret_hash);
}

int configuration_load_settings(const ConfigurationPaths *paths,
                Configuration **ret,
                Faults **ret_faults) {
        _cleanup_(configuration_freep) Configuration *configuration =
                        calloc(1, sizeof(Configuration));
        _cleanup_(faults_freep) Faults *faults = NULL;
        _cleanup_(texts_done) Texts texts = { 0 };
        int r;

        if (!configuration || faults_new(&faults) < 0)
                return -ENOMEM;

        r = load_settings(paths, faults, &texts, configuration);
        if (r >= 0 && faults_count(faults) > 0)
                r = -EINVAL;
        *ret_faults = TAKE_PTR(faults);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(configuration);
        return 0;
}

Configuration *configuration_free(Configuration *configuration) {
        if (!configuration)
                return NULL;

        (void) settings_free(configuration->settings);
        (void) desired_state_free(configuration->desired);
        free(configuration);
        return NULL;
}
