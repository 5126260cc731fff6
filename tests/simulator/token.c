/* SPDX-License-Identifier: Apache-2.0 */

/*
 * nextToken: where a listing goes on, in a form that clients cannot read or make up
 *
 * A position and its authentication code in base64. A client that puts it into a URL has to encode
 * "+", "/" and "=" properly, and few tests would notice if it did not: a salt is counted up until
 * the text contains all three.
 */

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "token.h"

#define MAC_SIZE 16
#define SALTS    64

/* Not a multiple of three bytes, so that the text ends with "=". */
typedef struct Token {
        uint8_t salt;
        uint8_t nonce[6];
        uint8_t order[8];
        uint8_t id[16];
        uint8_t mac[MAC_SIZE];
} Token;

static void authenticate(const World *w,
                const char *listing,
                const Token *token,
                uint8_t ret[MAC_SIZE]) {
        _cleanup_(buffer_done) Buffer text = { 0 };
        uint8_t mac[EVP_MAX_MD_SIZE];
        unsigned n;

        buffer_append(&text, token, offsetof(Token, mac));
        buffer_text(&text, listing);
        if (!HMAC(EVP_sha256(), w->token_secret, sizeof(w->token_secret),
                            (const uint8_t *) text.data, text.n, mac, &n))
                abort();
        memcpy(ret, mac, MAC_SIZE);
}

char *token_make(World *w, const char *listing, const SharePosition *position, uint64_t nonce) {
        Token token = { 0 };
        char *text = NULL;

        memcpy(token.nonce, &nonce, sizeof(token.nonce));
        memcpy(token.order, &position->order, sizeof(token.order));
        memcpy(token.id, position->id.bytes, sizeof(token.id));
        do {
                free(text);
                authenticate(w, listing, &token, token.mac);
                text = base64_encode((const uint8_t *) &token, sizeof(token));
        } while (++token.salt < SALTS && !(strchr(text, '+') && strchr(text, '/')));
        return text;
}

int token_read(World *w, const char *listing, const char *text, SharePosition *ret) {
        uint8_t mac[MAC_SIZE];
        Token token;
        size_t n;
        int r;

        r = base64_decode(text, (uint8_t *) &token, sizeof(token), &n);
        if (r < 0)
                return r;
        if (n != sizeof(token))
                return -EINVAL;
        authenticate(w, listing, &token, mac);
        if (CRYPTO_memcmp(mac, token.mac, sizeof(mac)) != 0)
                return -EBADMSG;

        memcpy(&ret->order, token.order, sizeof(token.order));
        memcpy(ret->id.bytes, token.id, sizeof(token.id));
        return 0;
}
