/* SPDX-License-Identifier: Apache-2.0 */

/* profile_chain: how a profile signs in. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "aws/profile-chain.h"
#include "driver.h"
#include "util/mem.h"

static int parse_member(const json_t *in,
                const char *member,
                ProfileFileKind kind,
                ProfileFile **ret,
                char **ret_why) {
        const json_t *text = json_object_get(in, member);
        const char *phrase = "";
        uint32_t line = 0;
        int r;

        if (!json_is_string(text))
                return 0;
        r = profile_file_parse(kind, json_string_value(text), json_string_length(text), ret, &line,
                        &phrase);
        if (r == -EINVAL
                        && asprintf(ret_why, "%s, line %u: %s", member, (unsigned) line, phrase)
                                        < 0) {
                *ret_why = NULL;
                return -ENOMEM;
        }
        return r;
}

int get_profiles(const json_t *in, Profiles *ret, char **ret_why) {
        const json_t *texts = json_object_get(in, "config");
        _cleanup_profiles_ Profiles profiles = { 0 };
        int r;

        /* Both texts may also stand in one object. */
        if (!json_is_object(texts))
                texts = in;
        r = parse_member(texts, "config", PROFILE_FILE_CONFIG, &profiles.config, ret_why);
        if (r >= 0)
                r = parse_member(texts, "credentials", PROFILE_FILE_CREDENTIALS,
                                &profiles.credentials, ret_why);
        if (r < 0)
                return r;

        *ret = profiles;
        profiles = (Profiles){ 0 };
        return 0;
}

/* "*" of json_pack() leaves out what is NULL. */
static json_t *write_base(const ProfileChain *chain) {
        static const char *const sources[PROFILE_BASE_MAX] = {
                [PROFILE_BASE_ENVIRONMENT] = "Environment",
                [PROFILE_BASE_IMDS] = "Ec2InstanceMetadata",
                [PROFILE_BASE_CONTAINER] = "EcsContainer",
        };

        switch (chain->kind) {
        case PROFILE_BASE_STATIC:
                return json_pack("{s:{s:s, s:s, s:s*, s:s*}}", "AccessKey", "access_key_id",
                                chain->access_key_id, "secret_access_key", chain->secret_access_key,
                                "session_token", chain->session_token, "account_id",
                                chain->account_id);
        case PROFILE_BASE_PROCESS:
                return json_pack("{s:s}", "CredentialProcess", chain->process);
        case PROFILE_BASE_WEB_IDENTITY:
                return json_pack("{s:{s:s, s:s, s:s*}}", "WebIdentityToken", "role_arn",
                                chain->web_identity.role_arn, "web_identity_token_file",
                                chain->web_identity.web_identity_token_file, "role_session_name",
                                chain->web_identity.session_name);
        case PROFILE_BASE_ENVIRONMENT:
        case PROFILE_BASE_IMDS:
        case PROFILE_BASE_CONTAINER:
                return json_pack("{s:s}", "NamedSource", sources[chain->kind]);
        case PROFILE_BASE_MAX:
                break;
        }
        assert(false);
        return NULL;
}

static json_t *write_chain(const ProfileChain *chain) {
        json_t *links = json_array();
        int r = json_array_append_new(links, write_base(chain));

        for (size_t i = 0; r >= 0 && i < chain->n_roles; i++)
                r = json_array_append_new(links,
                                json_pack("{s:{s:s, s:s*, s:s*}}", "AssumeRole", "role_arn",
                                                chain->roles[i].role_arn, "external_id",
                                                chain->roles[i].external_id, "role_session_name",
                                                chain->roles[i].session_name));
        if (r < 0) {
                json_decref(links);
                return NULL;
        }
        return json_pack("{s:o}", "chain", links);
}

json_t *op_profile_chain(const json_t *in) {
        _cleanup_(given_environment_done) GivenEnvironment environment = { 0 };
        _cleanup_(profile_locations_done) ProfileLocations locations = { 0 };
        _cleanup_profiles_ Profiles profiles = { 0 };
        _cleanup_buffer_ Buffer chain_why = { 0 };
        _cleanup_free_ char *why = NULL;
        ProfileChain chain;
        int r;

        if (get_environment(in, &environment) < 0)
                return NULL;
        if (profile_locations_resolve(&environment.list.environment, true, &locations) < 0)
                return NULL;
        r = get_profiles(in, &profiles, &why);
        if (r < 0)
                return r == -EINVAL ? answer_error(why) : NULL;

        r = profile_chain_resolve(
                        &profiles, get_text(in, "profile", locations.profile), &chain, &chain_why);
        if (r < 0)
                return r == -ENOMEM ? NULL : answer_error(buffer_text(&chain_why));
        return write_chain(&chain);
}
