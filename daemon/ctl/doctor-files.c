/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: the files of the configuration
 *
 * What `check` says, and what it cannot know: whether the service, which is not root, gets at them.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "util/file.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/string-util.h"

/* A broken file can have a thousand faults; `check` lists them all. */
#define FAULTS_SHOWN 10

/* Of all the defaults. */
#define FOLDER "/etc/auditshared"

/* A fault's text is "what is wrong; what is right", or "what is right; what was found". */
static void add_fault(Section *section, const Faults *faults, const Fault *fault) {
        const char *end = strstr(fault->text, "; ");
        size_t length = end && !starts_with(end, "; found") ? (size_t) (end - fault->text)
                                                            : strlen(fault->text);

        section_add(section, "configuration",
                        (Advice){ fault->is_note ? ADVICE_NOTE : ADVICE_FAILURE,
                                        fault->text[length] ? end + strlen("; ") : NULL },
                        "%s:%u:%u: %s%s%.*s", faults_file(faults, fault->position.file),
                        (unsigned) fault->position.line, (unsigned) fault->position.column,
                        fault->key_path, *fault->key_path ? ": " : "", (int) length, fault->text);
}

static void add_faults(Section *section, Faults *faults) {
        size_t n = 0, shown = 0;
        const Fault *items = faults ? faults_get(faults, &n) : NULL;

        for (size_t i = 0; i < n; i++)
                if (items[i].is_note || shown++ < FAULTS_SHOWN)
                        add_fault(section, faults, &items[i]);
        if (shown > FAULTS_SHOWN)
                section_add(section, "configuration",
                                (Advice){ ADVICE_FAILURE, "see 'auditsharectl check'" },
                                "and %zu more faults", faults_count(faults) - FAULTS_SHOWN);
}

static const char *settings_path(const ConfigurationPaths *paths) {
        return paths->settings ? paths->settings : CONFIGURATION_SETTINGS;
}

/* Whoever owns a file can change it, whatever its mode says. */
static void check_owner(Section *section, const char *path, const struct stat *st) {
        if (st->st_uid != 0 && st->st_uid != geteuid())
                section_add(section, "configuration",
                                (Advice){ ADVICE_WARNING, "give it to root: chown root FILE" },
                                "%s belongs to user %u, who can change it at any time", path,
                                (unsigned) st->st_uid);
}

/* The loader looks at the modes of files; in a folder that is open to others they can be replaced.
 */
static void check_writers(Section *section, const char *path, const struct stat *st) {
        if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
                section_add(section, "configuration",
                                (Advice){ ADVICE_WARNING, "chmod go-w the folder" },
                                "%s: group or others may put files there (mode %04o)", path,
                                st->st_mode & 07777);
}

/* The unit has DynamicUser=: the service belongs to nobody's group, and is one of the others. */
static void check_service_reads(Section *section, const char *path, const struct stat *st) {
        bool is_folder = S_ISDIR(st->st_mode);
        mode_t wanted = is_folder ? S_IROTH | S_IXOTH : S_IROTH;

        if ((st->st_mode & wanted) != wanted)
                section_add(section, "configuration",
                                (Advice){ ADVICE_FAILURE,
                                                is_folder ? "chmod o+rx the folder"
                                                          : "chmod o+r the file; what is secret "
                                                            "has no place in it" },
                                "%s: the service, which is not root, cannot read it (mode %04o)",
                                path, st->st_mode & 07777);
}

typedef struct Looked {
        Section *section;
        bool by_service; /* the service reads it, because it lies where nobody has to name it */
} Looked;

static void check(const Looked *looked, const char *path, const struct stat *st) {
        check_owner(looked->section, path, st);
        if (S_ISDIR(st->st_mode))
                check_writers(looked->section, path, st);
        if (looked->by_service)
                check_service_reads(looked->section, path, st);
}

static void look_into(const Looked *looked, const char *path) {
        DIR *dir = opendir(path);
        struct stat st;

        for (struct dirent *entry; dir && (entry = readdir(dir));) {
                const char *ending = strrchr(entry->d_name, '.');
                _cleanup_free_ char *full = NULL;

                if (!ending || (!streq(ending, ".yaml") && !streq(ending, ".yml")))
                        continue;
                full = path_join(path, entry->d_name);
                if (full && stat(full, &st) >= 0)
                        check(looked, full, &st);
        }
        if (dir)
                (void) closedir(dir);
}

/* What is not there is the loader's to tell. */
static void look_at(const Looked *looked, const char *path) {
        struct stat st;

        if (stat(path, &st) < 0)
                return;
        check(looked, path, &st);
        if (S_ISDIR(st.st_mode))
                look_into(looked, path);
}

static void check_files(const ConfigurationPaths *paths, Section *section) {
        const Looked named = { .section = section }, ours = { section, .by_service = true };
        struct stat st;

        if ((!paths->settings || paths->n_shares == 0) && stat(FOLDER, &st) >= 0)
                check(&ours, FOLDER, &st);
        look_at(paths->settings ? &named : &ours, settings_path(paths));
        for (size_t i = 0; i < paths->n_shares; i++)
                look_at(&named, paths->shares[i]);
        if (paths->n_shares == 0) {
                look_at(&ours, CONFIGURATION_SHARES);
                look_at(&ours, CONFIGURATION_SHARES_DIR);
        }
}

static void say_good(const ConfigurationPaths *paths, const Configuration *c, Section *section) {
        static const Advice good = { ADVICE_OK, NULL };
        size_t n_sources = c->settings->n_sources, n_frameworks = c->desired->n_frameworks,
               n_shares = c->desired->n_shares;

        section_add(section, "settings", good, "%s: %zu source%s, mode %s", settings_path(paths),
                        n_sources, plural(n_sources),
                        c->settings->mode == MODE_OBSERVE ? "observe" : "enforce");
        section_add(section, "shares", good, "%s%s: %zu framework%s, %zu share%s",
                        paths->n_shares > 0 ? paths->shares[0] : CONFIGURATION_SHARES,
                        paths->n_shares > 1                    ? " and others"
                                        : paths->n_shares == 0 ? " and shares.d"
                                                               : "",
                        n_frameworks, plural(n_frameworks), n_shares, plural(n_shares));
}

int doctor_configuration(const ConfigurationPaths *paths, Section *section, Configuration **ret) {
        _cleanup_(configuration_freep) Configuration *configuration = NULL;
        _cleanup_(faults_freep) Faults *faults = NULL;
        int r;

        r = configuration_load(paths, &configuration, &faults, NULL);
        if (r < 0 && r != -EINVAL)
                return log_error_errno(r, "Cannot load the configuration");

        if (r >= 0)
                say_good(paths, configuration, section);
        add_faults(section, faults);
        check_files(paths, section);
        if (!configuration)
                section_add(section, "sources", (Advice){ ADVICE_SKIPPED, NULL },
                                "sources: nobody is asked before the files are good");
        *ret = TAKE_PTR(configuration);
        return 0;
}
