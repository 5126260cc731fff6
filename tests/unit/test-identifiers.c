/* SPDX-License-Identifier: Apache-2.0 */

/* Identifiers: what counts as one, and how they sort. */

#include "model/identifiers.h"
#include "test.h"

static const struct {
        const char *name, *text;
        bool valid;
} uuids[] = {
        { "plain", "0f8fad5b-d9cb-469f-a165-70867728950e", true },
        { "nothing but digits", "01234567-8901-2345-6789-012345678901", true },
        { "null", "00000000-0000-0000-0000-000000000000", true },
        { "capitals", "0F8FAD5B-D9CB-469F-A165-70867728950E", false },
        { "one capital", "0f8fad5b-d9cb-469f-a165-70867728950E", false },
        { "no dashes", "0f8fad5bd9cb469fa16570867728950e", false },
        { "dash elsewhere", "0f8fad5-bd9cb-469f-a165-70867728950e", false },
        { "too short", "0f8fad5b-d9cb-469f-a165-70867728950", false },
        { "too long", "0f8fad5b-d9cb-469f-a165-70867728950e0", false },
        { "no digit", "0f8fad5b-d9cb-469f-a165-70867728950g", false },
        { "braces", "{0f8fad5b-d9cb-469f-a165-70867728950e}", false },
        { "blank behind", "0f8fad5b-d9cb-469f-a165-70867728950e ", false },
        { "empty", "", false },
};

static void test_uuids(void) {
        Uuid a, b;

        for (size_t i = 0; i < ELEMENTSOF(uuids); i++) {
                Uuid id = { { 1 } };
                char text[UUID_TEXT_MAX] = "";

                test_row(uuids[i].name);
                ASSERT_EQ(uuids[i].valid ? 0 : -EINVAL, uuid_parse(uuids[i].text, &id));
                if (uuids[i].valid) {
                        (void) uuid_format(&id, text);
                        text[UUID_TEXT_MAX - 1] = '\0';
                        ASSERT_STREQ(uuids[i].text, text);
                }
        }

        test_row("order and null");
        ASSERT_OK(uuid_parse("00000000-0000-0000-0000-000000000001", &a));
        ASSERT_OK(uuid_parse("10000000-0000-0000-0000-000000000000", &b));
        ASSERT_TRUE(uuid_compare(&a, &b) < 0);
        ASSERT_TRUE(uuid_compare(&b, &a) > 0);
        ASSERT_TRUE(uuid_equal(&a, &a));
        ASSERT_FALSE(uuid_is_null(&a));
        ASSERT_TRUE(uuid_is_null(&(Uuid){ { 0 } }));
}

static void test_uuid_format_ends(void) {
        char text[UUID_TEXT_MAX];
        Uuid id;

        test_row("a formatted UUID ends");
        memset(text, 'x', sizeof(text));
        ASSERT_OK(uuid_parse(uuids[0].text, &id));
        ASSERT_TRUE(memchr(uuid_format(&id, text), '\0', sizeof(text)));
}

static const struct {
        const char *name, *text;
        bool valid;
        AccountId account;
} accounts[] = {
        { "plain", "123456789012", true, 123456789012 },
        { "leading zeros", "000000000012", true, 12 },
        { "all zeros", "000000000000", true, 0 },
        { "largest", "999999999999", true, 999999999999 },
        { "eleven digits", "12345678901", false, 0 },
        { "thirteen digits", "1234567890123", false, 0 },
        { "a letter", "12345678901x", false, 0 },
        { "dashes", "1234-5678-9012", false, 0 },
        { "sign", "+12345678901", false, 0 },
        { "blank", " 12345678901", false, 0 },
        { "empty", "", false, 0 },
};

static void test_accounts(void) {
        for (size_t i = 0; i < ELEMENTSOF(accounts); i++) {
                char text[ACCOUNT_TEXT_MAX];
                AccountId account = 0;

                test_row(accounts[i].name);
                ASSERT_EQ(accounts[i].valid ? 0 : -EINVAL,
                                account_parse(accounts[i].text, &account));
                ASSERT_EQ(accounts[i].account, account);
                if (accounts[i].valid)
                        ASSERT_STREQ(accounts[i].text, account_format(account, text));
        }
}

static void test_regions(void) {
        static const char *const none[] = { "", "EU-WEST-1", "eu_west_1", "eu", "europe",
                "-eu-west-1", "1eu-west-1", "eu-west-1 ", "eu-west-1/",
                "eu-west-1-with-a-name-that-is-far-too-long" };
        RegionId known, first, second, again;

        test_row("known Regions");
        for (size_t i = 0; i < n_region_names; i++) {
                RegionId id = region_find(region_names[i]);

                ASSERT_EQ(i + 1, id);
                ASSERT_STREQ(region_names[i], region_name(id));
                ASSERT_TRUE(region_is_known(id));
                ASSERT_TRUE(i == 0 || strcmp(region_names[i - 1], region_names[i]) < 0);
        }
        ASSERT_EQ(12, n_region_names);
        ASSERT_OK(region_intern("us-east-1", &known));
        ASSERT_EQ(region_find("us-east-1"), known);

        test_row("Regions met later");
        ASSERT_EQ(0, region_find("sa-east-1"));
        ASSERT_OK(region_intern("sa-east-1", &first));
        ASSERT_OK(region_intern("mx-central-1", &second));
        ASSERT_OK(region_intern("sa-east-1", &again));
        ASSERT_EQ(first, again);
        ASSERT_TRUE(first != second);
        ASSERT_STREQ("sa-east-1", region_name(first));
        ASSERT_FALSE(region_is_known(first));
        ASSERT_EQ(0, region_find("sa-east-1"));
        ASSERT_STREQ("", region_name(0));
        ASSERT_FALSE(region_is_known(0));

        for (size_t i = 0; i < ELEMENTSOF(none); i++) {
                test_row(none[i]);
                ASSERT_EQ(-EINVAL, region_intern(none[i], &again));
        }
}

static void test_region_limit(void) {
        RegionId id;
        int r = 0;

        test_row("a listing cannot make up Regions for ever");
        for (unsigned i = 0; i < REGION_MAX + 10 && r == 0; i++) {
                char name[20];

                (void) snprintf(name, sizeof(name), "xx-made-up-%u", i);
                r = region_intern(name, &id);
        }
        ASSERT_EQ(-EFBIG, r);
        ASSERT_OK(region_intern("eu-west-1", &id));
        ASSERT_OK(region_intern("xx-made-up-0", &id));
}

static void test_recipients(void) {
        Recipient a = recipient_make(1, 5), b = recipient_make(2, 1), c = recipient_make(2, 2);
        Recipient largest = recipient_make(999999999999, 0xffff);

        test_row("recipients");
        ASSERT_TRUE(a < b && b < c && c < largest);
        ASSERT_EQ(999999999999, recipient_account(largest));
        ASSERT_EQ(0xffff, recipient_region(largest));
        ASSERT_EQ(2, recipient_account(c));
        ASSERT_EQ(2, recipient_region(c));
}

int main(void) {
        test_uuids();
        test_uuid_format_ends();
        test_accounts();
        test_regions();
        test_region_limit();
        test_recipients();
        return test_end();
}
