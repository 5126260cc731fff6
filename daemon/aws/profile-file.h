#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The shared config and credentials files of AWS, parsed
 *
 * Pure: bytes -> profiles. https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Values
 * can be secrets: the text is wiped when it is freed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

typedef enum ProfileFileKind {
        PROFILE_FILE_CONFIG, /* [profile NAME], [default], [sso-session NAME], [services NAME] */
        PROFILE_FILE_CREDENTIALS, /* [NAME] */
        PROFILE_FILE_KIND_MAX
} ProfileFileKind;

typedef struct ProfileFile ProfileFile;

/* Files longer than this are no credentials files. */
#define PROFILE_FILE_SIZE_MAX ((size_t) 1024 * 1024)

/* 0; -ENOMEM; -EINVAL with the line and a phrase that says what is wrong (never quoting the line).
 */
int profile_file_parse(ProfileFileKind kind,
                const char *text,
                size_t length,
                ProfileFile **ret,
                uint32_t *ret_line,
                const char **ret_why);
ProfileFile *profile_file_free(ProfileFile *file);

/* The value of a key (lower case) of a profile, or NULL. Continued values are joined by a line
 * feed. */
const char *profile_file_get(const ProfileFile *file, const char *profile, const char *key);

/* Whether the profile is there at all. */
int profile_file_has(const ProfileFile *file, const char *profile);

typedef enum ProfileSectionKind {
        PROFILE_SECTION_IGNORED, /* no name that counts: read for its form, never found */
        PROFILE_SECTION_PROFILE,
        PROFILE_SECTION_SSO_SESSION,
        PROFILE_SECTION_SERVICES,
        PROFILE_SECTION_KIND_MAX
} ProfileSectionKind;

/* As profile_file_get(), of any kind of section. */
const char *profile_section_get(const ProfileFile *file,
                ProfileSectionKind kind,
                const char *name,
                const char *key);

/* Whether there is a section of this kind and name. */
bool profile_section_has(const ProfileFile *file, ProfileSectionKind kind, const char *name);

/*
 * The value of a sub-property: `key` of the lines "key = value" that a value of several lines is
 * made of. 0 with a new string; -ENOENT; -ENOMEM. A value NULL has none.
 */
int profile_value_sub(const char *value, const char *key, char **ret);

/*
 * Calls f for each section that counts, and again for each of its properties, in the order of the
 * file: of properties with the same key the later one is right. key and value are NULL for the
 * section itself. A negative result ends it and is returned.
 */
typedef int (*ProfileVisitor)(ProfileSectionKind kind,
                const char *name,
                const char *key,
                const char *value,
                void *userdata);
int profile_file_each(const ProfileFile *file, ProfileVisitor f, void *userdata);

DEFINE_CLEANUP(ProfileFile, profile_file_free)
