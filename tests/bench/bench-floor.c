/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The floor: what the work costs at least with libcurl, jansson and OpenSSL
 *
 *     bench-floor list|start URL DECLARED [CONCURRENCY]
 *
 * `list` reads the listing, page after page, and merges it with the declared recipients (sorted
 * lines of "ACCOUNT REGION"); `start` starts a share for each of them. No settings, no memory, no
 * events, no limits, no second look at anything: only signing, sending, reading and comparing.
 */

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REGION  "us-east-1"
#define KEY_MAX 96

typedef struct Text {
        char *data;
        size_t length, capacity;
} Text;

typedef struct Key {
        char text[KEY_MAX]; /* framework, account, Region */
} Key;

typedef struct Keys {
        Key *items;
        size_t count, capacity;
} Keys;

static const char *base;
static char host[128];

static void die(const char *what) {
        (void) fprintf(stderr, "bench-floor: %s\n", what);
        exit(1);
}

static void *need(void *p) {
        if (!p)
                die("out of memory");
        return p;
}

static size_t take(char *data, size_t size, size_t n, void *userdata) {
        Text *text = userdata;

        if (text->length + size * n + 1 > text->capacity) {
                text->capacity = 2 * (text->length + size * n + 1);
                text->data = need(realloc(text->data, text->capacity));
        }
        memcpy(text->data + text->length, data, size * n);
        text->length += size * n;
        return n;
}

static void add_key(Keys *keys, const char *framework, const char *account, const char *region) {
        if (keys->count == keys->capacity) {
                keys->capacity = keys->capacity ? 2 * keys->capacity : 1024;
                keys->items = need(realloc(keys->items, keys->capacity * sizeof(Key)));
        }
        (void) snprintf(keys->items[keys->count++].text, KEY_MAX, "%s %s %s", framework, account,
                        region);
}

/* --- Signature Version 4 --- */

static void hmac(const void *key, size_t n, const char *text, unsigned char out[static 32]) {
        (void) HMAC(EVP_sha256(), key, (int) n, (const unsigned char *) text, strlen(text), out,
                        NULL);
}

static void hex(const unsigned char *in, char out[static 65]) {
        for (int i = 0; i < 32; i++)
                (void) snprintf(out + 2 * i, 3, "%02x", in[i]);
}

static void sha256(const char *text, char out[static 65]) {
        unsigned char digest[32];

        (void) SHA256((const unsigned char *) text, strlen(text), digest);
        hex(digest, out);
}

/* The key of the day is made once. */
static const unsigned char *day_key(const char *day) {
        static unsigned char key[32];
        static char made_for[9];
        char secret[128];

        if (strcmp(made_for, day) == 0)
                return key;
        (void) snprintf(secret, sizeof(secret), "AWS4%s", getenv("AWS_SECRET_ACCESS_KEY"));
        hmac(secret, strlen(secret), day, key);
        hmac(key, 32, REGION, key);
        hmac(key, 32, "auditmanager", key);
        hmac(key, 32, "aws4_request", key);
        (void) snprintf(made_for, sizeof(made_for), "%s", day);
        return key;
}

static struct curl_slist *sign(const char *method,
                const char *path,
                const char *query,
                const char *body) {
        char date[17], day[9], digest[65], canonical[4096], text[256], header[512];
        unsigned char signature[32];
        time_t now = time(NULL);
        struct curl_slist *headers;
        struct tm tm;

        (void) strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
        (void) snprintf(day, sizeof(day), "%.8s", date);
        sha256(body, digest);
        (void) snprintf(canonical, sizeof(canonical),
                        "%s\n%s\n%s\nhost:%s\nx-amz-date:%s\n\nhost;x-amz-date\n%s", method, path,
                        query, host, date, digest);
        sha256(canonical, digest);
        (void) snprintf(text, sizeof(text),
                        "AWS4-HMAC-SHA256\n%s\n%s/" REGION "/auditmanager/aws4_request\n%s", date,
                        day, digest);
        hmac(day_key(day), 32, text, signature);
        hex(signature, digest);
        (void) snprintf(header, sizeof(header),
                        "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s/" REGION
                        "/auditmanager/aws4_request, SignedHeaders=host;x-amz-date, Signature=%s",
                        getenv("AWS_ACCESS_KEY_ID"), day, digest);
        headers = need(curl_slist_append(NULL, header));
        (void) snprintf(header, sizeof(header), "X-Amz-Date: %s", date);
        return need(curl_slist_append(headers, header));
}

/* --- the listing --- */

static CURL *new_handle(Text *answer) {
        CURL *curl = need(curl_easy_init());

        (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
        (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
        if (getenv("AWS_CA_BUNDLE"))
                (void) curl_easy_setopt(curl, CURLOPT_CAINFO, getenv("AWS_CA_BUNDLE"));
        (void) curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
        return curl;
}

static json_t *get(CURL *curl, Text *answer, const char *path, const char *query) {
        struct curl_slist *headers = sign("GET", path, query, "");
        char url[1024];
        json_t *json;
        long code = 0;

        (void) snprintf(url, sizeof(url), "%s%s?%s", base, path, query);
        answer->length = 0;
        (void) curl_easy_setopt(curl, CURLOPT_URL, url);
        (void) curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (curl_easy_perform(curl) != CURLE_OK)
                die("the server cannot be reached");
        (void) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
        curl_slist_free_all(headers);
        json = code == 200 ? json_loadb(answer->data, answer->length, 0, NULL) : NULL;
        if (!json)
                die("the answer cannot be read");
        return json;
}

static const char *text_of(const json_t *object, const char *key) {
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static void find_framework(CURL *curl, Text *answer, char framework[static 64]) {
        json_t *page = get(curl, answer, "/assessmentFrameworks",
                        "frameworkType=Custom&maxResults=1000");
        json_t *first = json_array_get(json_object_get(page, "frameworkMetadataList"), 0);

        (void) snprintf(framework, 64, "%s", text_of(first, "id"));
        json_decref(page);
}

static Keys list(CURL *curl, Text *answer) {
        char query[256] = "maxResults=1000&requestType=SENT";
        Keys observed = { 0 };
        size_t i;
        json_t *record;

        for (bool more = true; more;) {
                json_t *page = get(curl, answer, "/assessmentFrameworkShareRequests", query);
                const char *token = text_of(page, "nextToken");

                json_array_foreach(json_object_get(page, "assessmentFrameworkShareRequests"), i,
                                record) add_key(&observed, text_of(record, "frameworkId"),
                                text_of(record, "destinationAccount"),
                                text_of(record, "destinationRegion"));
                more = *token;
                (void) snprintf(query, sizeof(query),
                                "maxResults=1000&nextToken=%s&requestType=SENT", token);
                json_decref(page);
        }
        return observed;
}

static Keys read_declared(const char *path, const char *framework) {
        FILE *file = fopen(path, "r");
        char account[16], region[32];
        Keys keys = { 0 };

        if (!file)
                die("the declared recipients cannot be read");
        while (fscanf(file, "%15s %31s", account, region) == 2)
                add_key(&keys, framework, account, region);
        (void) fclose(file);
        return keys;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Key *) a)->text, ((const Key *) b)->text);
}

static size_t count_missing(const Keys *declared, Keys *observed) {
        size_t missing = 0, j = 0;

        qsort(observed->items, observed->count, sizeof(Key), compare);
        for (size_t i = 0; i < declared->count; i++) {
                while (j < observed->count && compare(&observed->items[j], &declared->items[i]) < 0)
                        j++;
                missing += j == observed->count
                                || compare(&observed->items[j], &declared->items[i]) != 0;
        }
        return missing;
}

/* --- the starts --- */

typedef struct Start {
        CURL *curl;
        Text answer;
        char body[256];
        struct curl_slist *headers;
} Start;

static void begin(CURLM *multi, Start *start, const Key *key) {
        char path[256], url[512], framework[64], account[16], region[32];

        if (sscanf(key->text, "%63s %15s %31s", framework, account, region) != 3)
                die("a recipient is none");
        (void) snprintf(path, sizeof(path), "/assessmentFrameworks/%s/shareRequests", framework);
        (void) snprintf(url, sizeof(url), "%s%s", base, path);
        (void) snprintf(start->body, sizeof(start->body),
                        "{\"destinationAccount\":\"%s\",\"destinationRegion\":\"%s\"}", account,
                        region);
        start->headers = need(curl_slist_append(
                        sign("POST", path, "", start->body), "Content-Type: application/json"));
        start->answer.length = 0;
        (void) curl_easy_setopt(start->curl, CURLOPT_URL, url);
        (void) curl_easy_setopt(start->curl, CURLOPT_POSTFIELDS, start->body);
        (void) curl_easy_setopt(start->curl, CURLOPT_HTTPHEADER, start->headers);
        (void) curl_easy_setopt(start->curl, CURLOPT_PRIVATE, start);
        (void) curl_multi_add_handle(multi, start->curl);
}

static void finish(CURLM *multi, Start *start) {
        json_t *json = json_loadb(start->answer.data, start->answer.length, 0, NULL);

        if (!*text_of(json_object_get(json, "assessmentFrameworkShareRequest"), "id"))
                die("a start was not answered with a share request");
        json_decref(json);
        (void) curl_multi_remove_handle(multi, start->curl);
        curl_slist_free_all(start->headers);
}

static void start_all(const Keys *declared, size_t concurrency) {
        CURLM *multi = need(curl_multi_init());
        Start *starts = need(calloc(concurrency, sizeof(Start)));
        size_t next = 0, done = 0;
        CURLMsg *message;
        int running, left;

        for (; next < concurrency && next < declared->count; next++) {
                starts[next].curl = new_handle(&starts[next].answer);
                begin(multi, &starts[next], &declared->items[next]);
        }
        while (done < declared->count) {
                (void) curl_multi_perform(multi, &running);
                while ((message = curl_multi_info_read(multi, &left))) {
                        Start *start;

                        if (message->data.result != CURLE_OK)
                                die("the server cannot be reached");
                        (void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &start);
                        finish(multi, start);
                        done++;
                        if (next < declared->count)
                                begin(multi, start, &declared->items[next++]);
                }
                (void) curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
}

int main(int argc, char **argv) {
        char framework[64];
        Text answer = { 0 };
        Keys declared, observed;
        CURL *curl;

        if (argc < 4)
                die("usage: bench-floor list|start URL DECLARED [CONCURRENCY]");
        base = argv[2];
        (void) snprintf(host, sizeof(host), "%s", strstr(base, "://") + 3);
        (void) curl_global_init(CURL_GLOBAL_DEFAULT);
        curl = new_handle(&answer);
        find_framework(curl, &answer, framework);
        declared = read_declared(argv[3], framework);
        observed = list(curl, &answer);
        (void) printf("%zu observed, %zu missing\n", observed.count,
                        count_missing(&declared, &observed));
        if (strcmp(argv[1], "start") == 0)
                start_all(&declared, argc > 4 ? (size_t) atoi(argv[4]) : 32);
        return 0;
}
