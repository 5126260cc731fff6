/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How profiles sign in
 *
 * A chain is written as one line: "keys ID/SECRET/TOKEN of PROFILE > role ARN > role ARN name N
 * external X for 900", and an error as its code and its message.
 */

#include <stdlib.h>

#include "aws/profile-chain.h"
#include "test.h"
#include "util/string-util.h"

#define KEYS "aws_access_key_id=A\naws_secret_access_key=S\n"
#define ROLE "role_arn=arn:r\n"
#define SELF ROLE "source_profile=a\n" KEYS

#define INSTEAD                                                                                    \
        "use role_arn with credential_source, web_identity_token_file, credential_process or an "  \
        "instance profile"

typedef struct Row {
        const char *name;
        const char *config, *credentials; /* of profile "a" and others */
        const char *want; /* a chain, or the message */
        int r;
} Row;

static const Row chains[] = {
        { "keys of the config file", "[profile a]\n" KEYS, NULL, "keys A/S/- of a", 0 },
        { "keys of the credentials file", NULL, "[a]\n" KEYS, "keys A/S/- of a", 0 },
        { "with a token and an account", NULL,
                        "[a]\n" KEYS "aws_session_token=T\naws_account_id=123456789012",
                        "keys A/S/T of a in 123456789012", 0 },
        { "the older token", NULL, "[a]\n" KEYS "aws_session_token=T\naws_security_token=U",
                        "keys A/S/U of a", 0 },
        { "a blank token is none", NULL,
                        "[a]\n" KEYS "aws_session_token=\naws_account_id=", "keys A/S/- of a", 0 },
        { "both files", "[profile a]\naws_access_key_id=B\naws_secret_access_key=C", "[a]\n" KEYS,
                        "keys A/S/- of a", 0 },
        { "keys of two files are not mixed",
                        "[profile a]\naws_access_key_id=B\naws_secret_access_key=C\n"
                        "aws_session_token=T",
                        "[a]\n" KEYS, "keys A/S/- of a", 0 },
        { "half of the credentials file's, and the config file's whole", "[profile a]\n" KEYS,
                        "[a]\naws_secret_access_key=X", "keys A/S/- of a", 0 },
        { "process", "[profile a]\ncredential_process=/bin/x 'y z'", NULL,
                        "process /bin/x 'y z' of a", 0 },
        { "process before the config file's keys", "[profile a]\n" KEYS "credential_process=x",
                        NULL, "process x of a", 0 },
        { "the credentials file's keys before process", "[profile a]\ncredential_process=x",
                        "[a]\n" KEYS, "keys A/S/- of a", 0 },
        { "web identity", "[profile a]\n" ROLE "web_identity_token_file=/t", NULL,
                        "token /t arn:r of a", 0 },
        { "web identity with a session name",
                        "[profile a]\n" ROLE "web_identity_token_file=/t\nrole_session_name=n1",
                        NULL, "token /t arn:r n1 of a", 0 },
        { "web identity before keys and sources",
                        "[profile a]\n" ROLE "web_identity_token_file=/t\nsource_profile=b\n" KEYS,
                        NULL, "token /t arn:r of a", 0 },
        { "web identity asks for no code and no time",
                        "[profile a]\n" ROLE
                        "web_identity_token_file=/t\nmfa_serial=m\nduration_seconds=1",
                        NULL, "token /t arn:r of a", 0 },

        { "Environment", "[profile a]\n" ROLE "credential_source=Environment", NULL,
                        "environment of a > role arn:r", 0 },
        { "Ec2InstanceMetadata", "[profile a]\n" ROLE "credential_source=Ec2InstanceMetadata", NULL,
                        "instance of a > role arn:r", 0 },
        { "EcsContainer", "[profile a]\n" ROLE "credential_source=EcsContainer", NULL,
                        "container of a > role arn:r", 0 },
        { "a role of another profile", "[profile a]\n" ROLE "source_profile=b\n[profile b]\n" KEYS,
                        NULL, "keys A/S/- of b > role arn:r", 0 },
        { "across the files", "[profile a]\n" ROLE "source_profile=b", "[b]\n" KEYS,
                        "keys A/S/- of b > role arn:r", 0 },
        { "a role before own keys",
                        "[profile a]\n" ROLE "source_profile=b\n" KEYS
                        "[profile b]\ncredential_process=x",
                        NULL, "process x of b > role arn:r", 0 },
        { "everything a role can have",
                        "[profile a]\n" ROLE "source_profile=b\nexternal_id=e:/1\n"
                        "role_session_name=n@1\nduration_seconds=43200\n[profile b]\n" KEYS,
                        NULL, "keys A/S/- of b > role arn:r name n@1 external e:/1 for 43200", 0 },
        { "the shortest",
                        "[profile a]\n" ROLE "credential_source=Environment\nduration_seconds=900",
                        NULL, "environment of a > role arn:r for 900", 0 },
        { "roles in the order in which they are assumed",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\nsource_profile=c\n"
                        "[profile c]\nrole_arn=rc\nsource_profile=d\n[profile d]\n" KEYS,
                        NULL, "keys A/S/- of d > role rc > role rb > role ra", 0 },
        { "the chain ends in a source",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\ncredential_source=EcsContainer",
                        NULL, "container of b > role rb > role ra", 0 },
        { "the chain ends in a web identity",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\nweb_identity_token_file=t",
                        NULL, "token t rb of b > role ra", 0 },
        { "from the second on keys come before a role",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\nsource_profile=c\n" KEYS "[profile c]",
                        NULL, "keys A/S/- of b > role ra", 0 },
        { "web identity before keys, there too",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\nweb_identity_token_file=t\n" KEYS,
                        NULL, "token t rb of b > role ra", 0 },
        { "its own source", "[profile a]\n" SELF, NULL, "keys A/S/- of a > role arn:r", 0 },
        { "its own source, by a process",
                        "[profile a]\n" ROLE "source_profile=a\ncredential_process=x", NULL,
                        "process x of a > role arn:r", 0 },
        { "keys end what would be a circle",
                        "[profile a]\nrole_arn=ra\nsource_profile=b\n"
                        "[profile b]\nrole_arn=rb\nsource_profile=a\n" KEYS,
                        NULL, "keys A/S/- of b > role ra", 0 },
        { "keys before what is left of SSO", "[profile a]\nsso_region=x\nsso_session=y\n" KEYS,
                        NULL, "keys A/S/- of a", 0 },
        { "the credentials file's keys before a login session", "[profile a]\nlogin_session=x",
                        "[a]\n" KEYS, "keys A/S/- of a", 0 },
        { "default",
                        "[default]\n" ROLE "source_profile=default\n[profile a]\n" ROLE
                        "source_profile=default",
                        "[default]\n" KEYS, "keys A/S/- of default > role arn:r", 0 },
};

static const Row refusals[] = {
        { "no files", NULL, NULL,
                        "profile 'a': it does not exist; it is written [profile NAME] in the "
                        "config file and [NAME] in the credentials file",
                        -ENOENT },
        { "no such profile", "[a]\n" KEYS "[profile b]\n" KEYS, "[b]\n",
                        "profile 'a': it does not exist; it is written [profile NAME] in the "
                        "config file and [NAME] in the credentials file",
                        -ENOENT },
        { "nothing to sign in with", "[profile a]\nregion=eu-west-1", NULL,
                        "profile 'a': it says nothing about signing in; give it aws_access_key_id "
                        "and aws_secret_access_key, or " INSTEAD,
                        -ENODATA },
        { "a source without a role", "[profile a]\ncredential_source=Environment", NULL,
                        "profile 'a': role_arn is missing beside source_profile or "
                        "credential_source",
                        -EINVAL },
        { "no secret", "[profile a]\naws_access_key_id=A", NULL,
                        "profile 'a': aws_secret_access_key is missing in the file that has its "
                        "aws_access_key_id",
                        -EINVAL },
        { "a half in each file", "[profile a]\naws_secret_access_key=S", "[a]\naws_access_key_id=A",
                        "profile 'a': aws_secret_access_key is missing in the file that has its "
                        "aws_access_key_id",
                        -EINVAL },
        { "blank secret", NULL, "[a]\naws_access_key_id=A\naws_secret_access_key= ",
                        "profile 'a': aws_secret_access_key is missing in the file that has its "
                        "aws_access_key_id",
                        -EINVAL },
        { "blank id", NULL, "[a]\naws_access_key_id=\naws_secret_access_key=S",
                        "profile 'a': aws_access_key_id is blank", -EINVAL },
        { "no id", NULL, "[a]\naws_secret_access_key=S",
                        "profile 'a': aws_access_key_id is missing, and aws_secret_access_key is "
                        "there",
                        -EINVAL },
        { "half a key of a source",
                        "[profile a]\n" ROLE "source_profile=b\n[profile b]\naws_access_key_id=A",
                        NULL,
                        "profile 'b': aws_secret_access_key is missing in the file that has its "
                        "aws_access_key_id",
                        -EINVAL },
        { "half a key does not make way for a role",
                        "[profile a]\n" ROLE "source_profile=b\n[profile b]\n" ROLE
                        "credential_source=Environment\naws_secret_access_key=S",
                        NULL,
                        "profile 'b': aws_access_key_id is missing, and aws_secret_access_key is "
                        "there",
                        -EINVAL },
        { "two sources",
                        "[profile a]\n" ROLE "source_profile=b\ncredential_source=Environment\n"
                        "[profile b]\n" KEYS,
                        NULL,
                        "profile 'a': source_profile and credential_source exclude each other; "
                        "remove one",
                        -EINVAL },
        { "no source", "[profile a]\n" ROLE KEYS, NULL,
                        "profile 'a': role_arn wants source_profile, credential_source or "
                        "web_identity_token_file beside it",
                        -EINVAL },
        { "a source there is none of", "[profile a]\n" ROLE "credential_source=environment", NULL,
                        "profile 'a': credential_source wants Environment, Ec2InstanceMetadata or "
                        "EcsContainer, written so",
                        -EINVAL },
        { "a source that does not exist", "[profile a]\n" ROLE "source_profile=b", NULL,
                        "profile 'a': its source_profile 'b' does not exist", -EINVAL },
        { "a source without credentials", "[profile a]\n" ROLE "source_profile=b\n[profile b]",
                        NULL,
                        "profile 'b': it is the source_profile of 'a', and has no credentials",
                        -EINVAL },
        { "a circle of two",
                        "[profile a]\n" ROLE "source_profile=b\n" KEYS "[profile b]\n" ROLE
                        "source_profile=a",
                        NULL,
                        "profile 'a': source_profile goes in a circle: a → b → a; one of them has "
                        "to have credentials of its own",
                        -EINVAL },
        { "a circle further on",
                        "[profile a]\n" ROLE "source_profile=b\n[profile b]\n" ROLE
                        "source_profile=c\n[profile c]\n" ROLE "source_profile=b",
                        NULL,
                        "profile 'a': source_profile goes in a circle: b → c → b; one of them has "
                        "to have credentials of its own",
                        -EINVAL },
        { "its own source without keys", "[profile a]\n" ROLE "source_profile=a", NULL,
                        "profile 'a': source_profile goes in a circle: a → a; one of them has to "
                        "have credentials of its own",
                        -EINVAL },
        { "a token without a role", "[profile a]\nweb_identity_token_file=t\n" KEYS, NULL,
                        "profile 'a': web_identity_token_file is there, and role_arn is missing",
                        -EINVAL },
        { "a code", "[profile a]\n" SELF "mfa_serial=arn:m", NULL,
                        "profile 'a': mfa_serial asks a person for a code; take a role that wants "
                        "none, or " INSTEAD,
                        -EINVAL },
        { "SSO", "[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=r", NULL,
                        "profile 'a': sso_account_id signs in through a browser, which needs a "
                        "person; " INSTEAD,
                        -EINVAL },
        { "SSO before keys, as for the AWS CLI", "[profile a]\nsso_role_name=r\n" KEYS,
                        "[a]\n" KEYS,
                        "profile 'a': sso_role_name signs in through a browser, which needs a "
                        "person; " INSTEAD,
                        -EINVAL },
        { "a part of SSO", "[profile a]\nsso_start_url=https://x", NULL,
                        "profile 'a': sso_start_url signs in through a browser, which needs a "
                        "person; " INSTEAD,
                        -EINVAL },
        { "SSO as a source", "[profile a]\n" ROLE "source_profile=b\n[profile b]\nsso_account_id=1",
                        NULL,
                        "profile 'b': sso_account_id signs in through a browser, which needs a "
                        "person; " INSTEAD,
                        -EINVAL },
        { "login", "[profile a]\nlogin_session=arn:x\ncredential_process=y", NULL,
                        "profile 'a': login_session signs in through a browser, which needs a "
                        "person; " INSTEAD,
                        -EINVAL },
        { "blank role", "[profile a]\nrole_arn=\n" KEYS "source_profile=a", NULL,
                        "profile 'a': role_arn is blank; give it a value, or remove it", -EINVAL },
        { "blank source", "[profile a]\n" ROLE "source_profile=\ncredential_source=Environment",
                        NULL, "profile 'a': source_profile is blank; give it a value, or remove it",
                        -EINVAL },
        { "blank token file", "[profile a]\n" ROLE "web_identity_token_file=\n" KEYS, NULL,
                        "profile 'a': web_identity_token_file is blank; give it a value, or remove "
                        "it",
                        -EINVAL },
        { "blank process", "[profile a]\ncredential_process=\n" KEYS, NULL,
                        "profile 'a': credential_process is blank; give it a value, or remove it",
                        -EINVAL },
        { "a role with a blank", "[profile a]\nrole_arn=arn: r\ncredential_source=Environment",
                        NULL, "profile 'a': role_arn has characters that no ARN has", -EINVAL },
        { "a role of two lines",
                        "[profile a]\nrole_arn=arn:r\n more\ncredential_source=Environment", NULL,
                        "profile 'a': role_arn has characters that no ARN has", -EINVAL },
        { "a role with an umlaut", "[profile a]\nrole_arn=arn:ä\ncredential_source=Environment",
                        NULL, "profile 'a': role_arn has characters that no ARN has", -EINVAL },
        { "a role with a DEL", "[profile a]\nrole_arn=arn:\x7f\ncredential_source=Environment",
                        NULL, "profile 'a': role_arn has characters that no ARN has", -EINVAL },
        { "a short session name", "[profile a]\n" SELF "role_session_name=n", NULL,
                        "profile 'a': role_session_name wants 2 to 64 characters", -EINVAL },
        { "a long session name",
                        "[profile a]\n" SELF
                        "role_session_name=0123456789012345678901234567890123456789012345678901234"
                        "5678901234",
                        NULL, "profile 'a': role_session_name wants 2 to 64 characters", -EINVAL },
        { "a session name with a slash", "[profile a]\n" SELF "role_session_name=a/b", NULL,
                        "profile 'a': role_session_name has characters other than letters, digits "
                        "and _+=,.@-",
                        -EINVAL },
        { "a session name of a web identity",
                        "[profile a]\n" ROLE "web_identity_token_file=t\nrole_session_name=a b",
                        NULL,
                        "profile 'a': role_session_name has characters other than letters, digits "
                        "and _+=,.@-",
                        -EINVAL },
        { "a short external id", "[profile a]\n" SELF "external_id=e", NULL,
                        "profile 'a': external_id wants 2 to 1224 characters", -EINVAL },
        { "an external id with a blank", "[profile a]\n" SELF "external_id=e e", NULL,
                        "profile 'a': external_id has characters other than letters, digits and "
                        "_+=,.@:/-",
                        -EINVAL },
        { "too short", "[profile a]\n" SELF "duration_seconds=899", NULL,
                        "profile 'a': duration_seconds wants a whole number from 900 to 43200",
                        -EINVAL },
        { "too long", "[profile a]\n" SELF "duration_seconds=43201", NULL,
                        "profile 'a': duration_seconds wants a whole number from 900 to 43200",
                        -EINVAL },
        { "no number", "[profile a]\n" SELF "duration_seconds=1h", NULL,
                        "profile 'a': duration_seconds wants a whole number from 900 to 43200",
                        -EINVAL },
        { "no whole number", "[profile a]\n" SELF "duration_seconds=900.5", NULL,
                        "profile 'a': duration_seconds wants a whole number from 900 to 43200",
                        -EINVAL },
        { "a name that would break a line", "[profile a]\n" ROLE "source_profile=x\n y\x1b", NULL,
                        "profile 'a': its source_profile 'x?y?' does not exist", -EINVAL },
};

static void write_role(Buffer *line, const ProfileRole *role) {
        (void) buffer_addf(line, " > role %s", role->role_arn);
        if (role->session_name)
                (void) buffer_addf(line, " name %s", role->session_name);
        if (role->external_id)
                (void) buffer_addf(line, " external %s", role->external_id);
        if (role->duration_sec)
                (void) buffer_addf(line, " for %u", role->duration_sec);
}

static void write_chain(Buffer *line, const ProfileChain *chain) {
        const ProfileRole *web = &chain->web_identity;

        if (chain->kind == PROFILE_BASE_STATIC)
                (void) buffer_addf(line, "keys %s/%s/%s", chain->access_key_id,
                                chain->secret_access_key,
                                chain->session_token ? chain->session_token : "-");
        else if (chain->kind == PROFILE_BASE_PROCESS)
                (void) buffer_addf(line, "process %s", chain->process);
        else if (chain->kind == PROFILE_BASE_WEB_IDENTITY)
                (void) buffer_addf(line, "token %s %s%s%s", web->web_identity_token_file,
                                web->role_arn, web->session_name ? " " : "",
                                web->session_name ? web->session_name : "");
        else
                (void) buffer_add(line,
                                chain->kind == PROFILE_BASE_ENVIRONMENT            ? "environment"
                                                : chain->kind == PROFILE_BASE_IMDS ? "instance"
                                                                                   : "container");
        (void) buffer_addf(line, " of %s", chain->profile);
        if (chain->account_id)
                (void) buffer_addf(line, " in %s", chain->account_id);
        for (size_t i = 0; i < chain->n_roles; i++)
                write_role(line, &chain->roles[i]);
}

static bool parse(ProfileFileKind kind, const char *text, ProfileFile **ret) {
        const char *why = NULL;
        uint32_t line = 0;

        return !text || ASSERT_OK(profile_file_parse(kind, text, strlen(text), ret, &line, &why));
}

static void test_rows(const Row *rows, size_t n) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_buffer_ Buffer why = { 0 }, line = { 0 };
                _cleanup_profiles_ Profiles profiles = { 0 };
                ProfileChain chain = { 0 };

                test_row(rows[i].name);
                if (!parse(PROFILE_FILE_CONFIG, rows[i].config, &profiles.config)
                                || !parse(PROFILE_FILE_CREDENTIALS, rows[i].credentials,
                                                &profiles.credentials))
                        continue;
                ASSERT_EQ(rows[i].r, profile_chain_resolve(&profiles, "a", &chain, &why));
                if (rows[i].r == 0)
                        write_chain(&line, &chain);
                ASSERT_STREQ(rows[i].want, buffer_text(rows[i].r == 0 ? &line : &why));
                ASSERT_EQ(rows[i].r == 0, why.length == 0);
        }
}

/* Profiles 0 to n, each the next one's role; the last has keys. */
static int resolve_long(unsigned n, ProfileChain *ret, Buffer *why, Profiles *profiles) {
        _cleanup_buffer_ Buffer text = { 0 };

        for (unsigned i = 0; i < n; i++)
                (void) buffer_addf(&text, "[profile %u]\nrole_arn=r%u\nsource_profile=%u\n", i, i,
                                i + 1);
        (void) buffer_addf(&text, "[profile %u]\n" KEYS, n);
        if (!ASSERT_OK(buffer_status(&text)))
                return -ENOMEM;
        if (!parse(PROFILE_FILE_CONFIG, buffer_text(&text), &profiles->config))
                return -EINVAL;
        return profile_chain_resolve(profiles, "0", ret, why);
}

static void test_length(void) {
        for (unsigned n = PROFILE_CHAIN_MAX - 1; n <= PROFILE_CHAIN_MAX + 1; n++) {
                _cleanup_profiles_ Profiles profiles = { 0 };
                _cleanup_buffer_ Buffer why = { 0 };
                ProfileChain chain = { 0 };
                bool fits = n <= PROFILE_CHAIN_MAX;

                test_row("long chain");
                ASSERT_EQ(fits ? 0 : -EINVAL, resolve_long(n, &chain, &why, &profiles));
                ASSERT_EQ(fits ? n : 0, chain.n_roles);
                ASSERT_STREQ(fits ? "" : "profile '16': more than 16 roles lead to it",
                                buffer_text(&why));
                if (fits)
                        ASSERT_STREQ("r0", chain.roles[n - 1].role_arn);
        }
}

int main(void) {
        test_rows(chains, ELEMENTSOF(chains));
        test_rows(refusals, ELEMENTSOF(refusals));
        test_length();
        return test_end();
}
