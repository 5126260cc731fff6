/* SPDX-License-Identifier: Apache-2.0 */

/*
 * doctor: this host
 *
 * Whoever runs this has a home, a shell and often root's rights; the service has none of them. What
 * only works because of that is said here. No value of a variable is ever printed, and no key.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "aws/credentials-files.h"
#include "ctl/doctor.h"
#include "record/lock.h"
#include "record/memory.h"
#include "record/status.h"
#include "util/environment.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/string-util.h"

#define CREDSTORE_FILE CREDSTORE "/" CREDENTIALS_FILE_NAME

/* A memory of ten thousand shares, replaced as a whole, takes a few MiB. */
#define SPACE_WARNING ((uint64_t) 64 * 1024 * 1024)
#define SPACE_FAILURE ((uint64_t) 1024 * 1024)

/*
 * Folders of the service.
 */

static AdviceLevel space_level(uint64_t bytes) {
        return bytes < SPACE_FAILURE            ? ADVICE_FAILURE
                        : bytes < SPACE_WARNING ? ADVICE_WARNING
                                                : ADVICE_OK;
}

static void check_space(Section *section, const char *check, const char *path) {
        struct statvfs fs;
        AdviceLevel level;
        uint64_t bytes;

        if (statvfs(path, &fs) < 0) {
                section_add(section, check,
                                (Advice){ ADVICE_NOTE, "run this as root to have it looked at" },
                                "%s: %s", path, strerror(errno));
                return;
        }
        bytes = (uint64_t) fs.f_bavail * fs.f_frsize;
        level = space_level(bytes);
        section_add(section, check,
                        (Advice){ level,
                                        level == ADVICE_OK ? NULL
                                                           : "make room: nothing is written to AWS "
                                                             "that cannot be remembered" },
                        "%s: %llu MiB free", path, (unsigned long long) (bytes >> 20));
}

static void check_folder(Section *section, const char *check, const char *path) {
        struct stat st;

        if (stat(path, &st) < 0 && errno == ENOENT) {
                section_add(section, check, (Advice){ ADVICE_NOTE, NULL },
                                "%s is not there yet; the service makes it", path);
                return;
        }
        if (access(path, W_OK) < 0 && errno == EROFS) {
                section_add(section, check,
                                (Advice){ ADVICE_FAILURE,
                                                "mount it writable: mount -o "
                                                "remount,rw" },
                                "%s: %s", path, strerror(errno));
                return;
        }
        if (access(path, F_OK) >= 0 && !S_ISDIR(st.st_mode)) {
                section_add(section, check, (Advice){ ADVICE_FAILURE, "move the file away" },
                                "%s is no folder", path);
                return;
        }
        check_space(section, check, path);
}

/*
 * Who holds the lock of the folder: /proc/locks tells without taking it, which could be at the very
 * moment in which the service wants it. 0: nobody, or it cannot be known.
 */
static pid_t lock_holder(const char *path) {
        FILE *file = fopen("/proc/locks", "re");
        char line[256];
        struct stat st;
        pid_t pid = 0;

        if (!file)
                return 0;
        if (stat(path, &st) >= 0)
                while (pid == 0 && fgets(line, sizeof(line), file))
                        pid = lock_line_holder(line, st.st_ino);
        (void) fclose(file);
        return pid;
}

static void check_running(Section *section) {
        _cleanup_free_ char *path = path_join(memory_default_directory(), "lock");
        pid_t pid = path ? lock_holder(path) : 0;

        if (pid > 0)
                section_add(section, "service", (Advice){ ADVICE_OK, NULL },
                                "the service runs (process %d)", (int) pid);
        else
                section_add(section, "service",
                                (Advice){ ADVICE_NOTE,
                                                "once all is in order: systemctl enable "
                                                "--now auditshared" },
                                "the service does not run");
}

/*
 * Files with keys.
 */

typedef struct KeyFile {
        const char *path; /* NULL: there is none to look at */
        bool is_config;
        const char *variable; /* that names it; NULL: none */
        bool is_home; /* of the person, where the service never looks */
        bool is_credstore;
} KeyFile;

static void refuse(Section *section, const KeyFile *file, int r, const char *why) {
        _cleanup_free_ char *remedy = NULL;

        if (r == -EPERM && asprintf(&remedy, "chmod 600 %s", file->path) < 0)
                remedy = NULL;
        section_add_text(section, "credentials-file",
                        file->is_home && r == -EPERM ? ADVICE_WARNING : ADVICE_FAILURE, why,
                        remedy ? remedy : "correct the file");
}

static void accept(Section *section, const KeyFile *file) {
        static const Advice good = { ADVICE_OK, NULL };
        _cleanup_free_ char *remedy = NULL;

        if (file->is_credstore)
                section_add(section, "credentials-file", good,
                                "%s: the unit hands it to the service", file->path);
        else if (file->variable)
                section_add(section, "credentials-file", good, "%s (%s)", file->path,
                                file->variable);
        else if (file->is_home && !file->is_config) {
                if (asprintf(&remedy, "install -D -m 0600 %s " CREDSTORE_FILE, file->path) < 0)
                        remedy = NULL;
                section_add(section, "credentials-file", (Advice){ ADVICE_NOTE, remedy },
                                "%s: the service never looks into a home folder", file->path);
        } else
                section_add(section, "credentials-file", (Advice){ ADVICE_NOTE, NULL },
                                "%s: the service never looks into a home folder", file->path);
}

static bool is_there(const char *path) {
        return access(path, F_OK) >= 0 || errno != ENOENT;
}

/* Looked at as the service does: it refuses what others can read. */
static void check_key_file(Section *section, const KeyFile *file) {
        const ProfileLocations locations = {
                .config = file->is_config ? (char *) (uintptr_t) file->path : NULL,
                .credentials = file->is_config ? NULL : (char *) (uintptr_t) file->path,
        };
        _cleanup_buffer_ Buffer missing = { 0 }, why = { 0 };
        _cleanup_profiles_ Profiles profiles = { 0 };
        int r;

        if (!file->path || (!is_there(file->path) && !file->variable))
                return;
        if (!is_there(file->path)) {
                section_add(section, "credentials-file",
                                (Advice){ ADVICE_WARNING, "create it, or unset the variable" },
                                "%s, which %s names, does not exist", file->path, file->variable);
                return;
        }
        r = credentials_files_read(&environment_process, &locations, FILE_TRUST_PRIVATE, &profiles,
                        &missing, &why);
        if (r < 0)
                refuse(section, file, r, r == -ENOMEM ? "out of memory" : buffer_text(&why));
        else
                accept(section, file);
}

static void check_shared_files(Section *section) {
        _cleanup_(profile_locations_done) ProfileLocations found = { 0 };

        if (profile_locations_resolve(&environment_process, true, &found) < 0) {
                section->failed = true;
                return;
        }
        check_key_file(section,
                        &(KeyFile){ .path = found.config,
                                        .is_config = true,
                                        .variable = found.config_is_named ? "AWS_CONFIG_FILE"
                                                                          : NULL,
                                        .is_home = !found.config_is_named });
        check_key_file(section,
                        &(KeyFile){ .path = found.credentials,
                                        .variable = found.credentials_is_named
                                                        ? "AWS_SHARED_CREDENTIALS_FILE"
                                                        : NULL,
                                        .is_home = !found.credentials_is_named });
}

static void check_passed(Section *section) {
        _cleanup_profiles_ Profiles profiles = { 0 };
        _cleanup_free_ char *path = NULL;
        _cleanup_buffer_ Buffer why = { 0 };
        int r;

        r = credentials_directory_read(&environment_process, &profiles, &path, &why);
        if (r >= 0)
                section_add(section, "credentials-file", (Advice){ ADVICE_OK, NULL },
                                "%s (CREDENTIALS_DIRECTORY)", path);
        else if (r != -ENOENT)
                section_add(section, "credentials-file",
                                (Advice){ ADVICE_FAILURE, "correct the file, and chmod 600 it" },
                                "%s", r == -ENOMEM ? "out of memory" : buffer_text(&why));
}

/* systemd reads it as root and passes it on: what the service signs with is what is tried here. */
static void check_credstore(Section *section) {
        if (!is_there(CREDSTORE_FILE)) {
                section_add(section, "credentials-file", (Advice){ ADVICE_NOTE, NULL },
                                CREDSTORE_FILE " is not there; the service asks its other sources");
                return;
        }
        if (access(CREDSTORE_FILE, R_OK) < 0) {
                section_add(section, "credentials-file",
                                (Advice){ ADVICE_NOTE, "run this as root to have it tried" },
                                CREDSTORE_FILE ": %s", strerror(errno));
                return;
        }
        check_key_file(section, &(KeyFile){ .path = CREDSTORE_FILE, .is_credstore = true });
        (void) setenv("CREDENTIALS_DIRECTORY", CREDSTORE, 1);
}

/*
 * The environment.
 */

static bool is_of_interest(const char *name) {
        static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
                "ALL_PROXY", "no_proxy", "NO_PROXY" };

        if (starts_with(name, "AWS_"))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(proxies); i++)
                if (streq(name, proxies[i]))
                        return true;
        return false;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void check_environment(Section *section) {
        _cleanup_buffer_ Buffer names = { 0 };
        const char *found[128];
        size_t n = 0;

        for (char **line = environ; line && *line && n < ELEMENTSOF(found); line++) {
                char name[128];

                (void) snprintf(name, sizeof(name), "%.*s", (int) strcspn(*line, "="), *line);
                if (is_of_interest(name) && !is_blank(getenv(name)))
                        found[n++] = *line;
        }
        if (n == 0)
                return;
        qsort(found, n, sizeof(found[0]), compare_names);
        for (size_t i = 0; i < n; i++)
                (void) buffer_addf(&names, "%s%.*s", i > 0 ? ", " : "",
                                (int) strcspn(found[i], "="), found[i]);
        section_add(section, "environment",
                        (Advice){ ADVICE_NOTE,
                                        "the service sees only what its unit sets: systemctl edit "
                                        "auditshared, [Service], Environment=" },
                        "set in this shell: %s", buffer_text(&names));
}

void doctor_host(Section *section) {
        check_folder(section, "state", memory_default_directory());
        check_folder(section, "runtime", status_default_directory());
        check_running(section);
        if (environment_text(&environment_process, "CREDENTIALS_DIRECTORY"))
                check_passed(section);
        else
                check_credstore(section);
        check_shared_files(section);
        check_environment(section);
}
