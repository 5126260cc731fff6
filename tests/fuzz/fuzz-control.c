/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The control socket, with peers that send in pieces, too much, or nothing, and go when they like
 *
 * The input is a row of steps: a byte says which peer does what, see step(). Whatever they do, a
 * request that reaches the service is the first line of one of them, and comes once; who has sent
 * a line and waits gets one answer in one line, and who has sent none gets none.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include "control.h"
#include "fuzz-folder.h"
#include "util/mem.h"

#define SLOTS       4 /* that a step can name */
#define PEERS_MAX   20 /* more than are heard at a time */
#define ERRORS_MANY 26
#define AT_LENGTH   "answer me at length"
#define RARE        77 /* has send_request() ask for that */

typedef struct Peer {
        int fd; /* -1: it has gone */
        Buffer sent, received;
        bool heard;
} Peer;

typedef struct World {
        sd_event *event;
        Control *control;
        uint64_t ticket;
        bool was_long; /* once is enough: it takes as long as a hundred others */
        Peer peers[PEERS_MAX];
        size_t n_peers, slots[SLOTS]; /* counted from 1; 0: none */
        const uint8_t *at, *end;
} World;

/* --- the service --- */

/* What a peer asks for: its first line, if that is a request. */
static bool read_request(const Peer *peer, ControlRequest *ret) {
        const char *end = peer->sent.data ? memchr(peer->sent.data, '\n', peer->sent.length) : NULL;

        return end
                        && control_request_read(
                                           peer->sent.data, (size_t) (end - peer->sent.data), ret)
                        >= 0;
}

static bool is_of(const Peer *peer, const ControlRequest *request) {
        _cleanup_control_request_ ControlRequest asked = { 0 };

        return !peer->heard && read_request(peer, &asked) && asked.verb == request->verb
                        && asked.wait == request->wait && streq_null(asked.share, request->share);
}

/* More than a socket takes at once. */
static void answer_at_length(ControlCall *call) {
        static char line[8192];
        char *errors[ERRORS_MANY];
        const ControlAnswer answer = { .message = line, .errors = errors, .n_errors = ERRORS_MANY };

        memset(line, 'x', sizeof(line) - 1);
        for (size_t i = 0; i < ERRORS_MANY; i++)
                errors[i] = line;
        control_answer(call, &answer);
}

static void on_request(ControlCall *call, const ControlRequest *request, void *userdata) {
        World *world = userdata;
        Peer *peer = NULL;

        for (size_t i = 0; i < world->n_peers && !peer; i++)
                if (is_of(&world->peers[i], request))
                        peer = &world->peers[i];
        CHECK(peer != NULL);
        peer->heard = true;
        if (request->verb == CONTROL_RECONCILE && request->wait)
                control_hold(call, ++world->ticket);
        else if (request->share && streq(request->share, AT_LENGTH) && !world->was_long) {
                world->was_long = true;
                answer_at_length(call);
        } else
                control_answer_text(call, true, request->share);
}

/* --- the peers --- */

static void hang_up(Peer *peer) {
        closep(&peer->fd);
        peer->fd = -1;
}

static Peer *connect_peer(World *world) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        Peer *peer = &world->peers[world->n_peers++];

        CHECK(snprintf(address.sun_path, sizeof(address.sun_path), "%s/control", fuzz_folder())
                        < (int) sizeof(address.sun_path));
        peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CHECK(peer->fd >= 0);
        if (connect(peer->fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                hang_up(peer); /* too many wait to be heard */
        return peer;
}

static void send_more(Peer *peer, const void *data, size_t size) {
        ssize_t n = send(peer->fd, data, size, MSG_NOSIGNAL);

        if (n > 0)
                CHECK(buffer_append(&peer->sent, data, (size_t) n) == 0);
}

static void send_request(Peer *peer, unsigned which) {
        static const ControlRequest requests[] = {
                { .verb = CONTROL_RECONCILE, .wait = true },
                { .verb = CONTROL_RESET, .share = (char *) (uintptr_t) "Baseline/111122223333" },
                { .verb = CONTROL_RELOAD },
        };
        static const ControlRequest at_length = { .verb = CONTROL_RELOAD,
                .share = (char *) (uintptr_t) AT_LENGTH };
        _cleanup_buffer_ Buffer line = { 0 };

        CHECK(control_request_write(
                              which == RARE ? &at_length : &requests[which % ELEMENTSOF(requests)],
                              &line)
                        == 0);
        send_more(peer, line.data, line.length);
}

/* All that is there; whether that was anything. */
static bool receive(Peer *peer) {
        size_t before = peer->received.length;
        static char text[65536];
        ssize_t n;

        while ((n = recv(peer->fd, text, sizeof(text), 0)) > 0)
                CHECK(buffer_append(&peer->received, text, (size_t) n) == 0);
        return peer->received.length > before;
}

/* Until nothing happens without a peer any more. */
static void turn(World *world) {
        while (sd_event_run(world->event, 0) > 0)
                ;
}

/* --- what holds in the end --- */

/* All that there is to hear is heard. An answer comes in pieces, and who waits behind those that
 * are held has a turn after them. */
static void finish(World *world) {
        static const ControlAnswer done = { .ok = true };
        bool more = true;

        for (size_t i = 0; i < world->n_peers; i++)
                if (world->peers[i].fd >= 0)
                        (void) shutdown(world->peers[i].fd, SHUT_WR);
        while (more) {
                more = false;
                turn(world);
                control_answer_held(world->control, UINT64_MAX, &done);
                CHECK(!control_is_held(world->control, UINT64_MAX));
                for (size_t i = 0; i < world->n_peers; i++)
                        more |= world->peers[i].fd >= 0 && receive(&world->peers[i]);
        }
}

static void check_peer(const Peer *peer) {
        _cleanup_control_request_ ControlRequest request = { 0 };
        _cleanup_control_answer_ ControlAnswer answer = { 0 };
        const Buffer *sent = &peer->sent, *got = &peer->received;
        bool is_line = sent->length > 0 && memchr(sent->data, '\n', sent->length);

        CHECK(is_line || (!peer->heard && got->length == 0));
        if (peer->fd < 0 || !is_line || sent->length > CONTROL_REQUEST_MAX)
                return;
        CHECK(peer->heard == read_request(peer, &request));
        CHECK(got->length > 0
                        && memchr(got->data, '\n', got->length) == got->data + got->length - 1);
        CHECK(control_answer_read(got->data, got->length - 1, &answer) == 0);
        CHECK(peer->heard || !answer.ok);
        if (request.verb == CONTROL_RESET && !streq(request.share, AT_LENGTH))
                CHECK(answer.ok && streq_null(answer.message, request.share));
}

/* --- the input --- */

static uint8_t next_byte(World *world) {
        return world->at < world->end ? *world->at++ : 0;
}

/* Who is named, connected where it was not; NULL: no more of them. */
static Peer *obtain_peer(World *world, size_t slot) {
        if (world->slots[slot] == 0 && world->n_peers < PEERS_MAX) {
                (void) connect_peer(world);
                world->slots[slot] = world->n_peers;
        }
        return world->slots[slot] > 0 ? &world->peers[world->slots[slot] - 1] : NULL;
}

static void send_input(World *world, Peer *peer) {
        size_t wanted = next_byte(world), n = MIN(wanted, (size_t) (world->end - world->at));

        send_more(peer, world->at, n);
        world->at += n;
}

static void send_filler(Peer *peer, size_t n) {
        static char filler[256 * 256];

        memset(filler, 'x', sizeof(filler));
        send_more(peer, filler, n * 256);
}

static void step(World *world) {
        static const ControlAnswer done = { .ok = true };
        uint8_t what = next_byte(world), slot = what % SLOTS;
        Peer *peer = obtain_peer(world, slot);

        if (!peer || peer->fd < 0) {
                world->slots[slot] = 0;
                return;
        }
        switch (what / SLOTS % 8) {
        case 0:
                send_input(world, peer);
                break;
        case 1:
                send_filler(peer, next_byte(world));
                break;
        case 2:
                send_request(peer, next_byte(world));
                break;
        case 3:
                (void) shutdown(peer->fd, SHUT_WR);
                break;
        case 4:
                hang_up(peer);
                break;
        case 5:
                (void) receive(peer);
                break;
        case 6:
                control_answer_held(world->control, world->ticket, &done);
                break;
        default:
                world->slots[slot] = 0; /* it stays, and another has its place */
                break;
        }
        if (what / SLOTS / 8 % 2 == 0)
                turn(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        World world = { .at = data, .end = data + size };

        CHECK(sd_event_new(&world.event) >= 0);
        CHECK(control_new(world.event, fuzz_folder(), on_request, &world, &world.control) == 0);
        while (world.at < world.end)
                step(&world);
        finish(&world);
        for (size_t i = 0; i < world.n_peers; i++) {
                Peer *peer = &world.peers[i];

                check_peer(peer);
                closep(&peer->fd);
                buffer_done(&peer->sent);
                buffer_done(&peer->received);
        }
        (void) control_free(world.control);
        (void) sd_event_unref(world.event);
        return 0;
}
