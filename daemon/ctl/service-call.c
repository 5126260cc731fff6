/* SPDX-License-Identifier: Apache-2.0 */

/* Asking the running service. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/output.h"
#include "ctl/service-call.h"
#include "record/status.h"
#include "util/file.h"
#include "util/log.h"
#include "util/string-util.h"

/* By way of its folder, as a socket's address holds no more than 107 bytes (unix(7)). */
static int connect_in(const char *directory, int *ret) {
        _cleanup_close_ int dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int fd = -EBADF;
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (dir_fd < 0)
                return -errno;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        (void) snprintf(address.sun_path, sizeof(address.sun_path),
                        "/proc/self/fd/%d/" CONTROL_SOCKET_NAME, dir_fd);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        *ret = fd;
        fd = -EBADF;
        return 0;
}

static int send_request(int fd, const ControlRequest *request) {
        _cleanup_buffer_ Buffer line = { 0 };
        int r;

        r = control_request_write(request, &line);
        if (r < 0)
                return r;
        return line.length > CONTROL_REQUEST_MAX ? -E2BIG : write_all(fd, line.data, line.length);
}

/* -ECONNRESET: the service ended first. */
static int receive_answer(int fd, ControlAnswer *ret) {
        _cleanup_buffer_ Buffer line = { .limit = CONTROL_ANSWER_MAX };
        char text[4096];
        ssize_t n;
        int r;

        do {
                n = read(fd, text, sizeof(text));
                if (n < 0 && errno != EINTR)
                        return -errno;
                r = n > 0 ? buffer_append(&line, text, (size_t) n) : 0;
                if (r < 0)
                        return r;
        } while (n != 0);
        if (line.length == 0)
                return -ECONNRESET;
        return control_answer_read(line.data, line.length, ret);
}

static int explain(int error) {
        const char *directory = status_default_directory();

        switch (-error) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
                return -ECONNREFUSED;
        case EACCES:
        case EPERM:
                log_error("Only root may ask the running service, over '%s/" CONTROL_SOCKET_NAME
                          "'; try it with sudo",
                                directory);
                return -EACCES;
        case ECONNRESET:
        case EPIPE:
                log_error("The service ended before it answered; see 'journalctl -u auditshared'");
                return error;
        case EBADMSG:
        case EPROTONOSUPPORT:
                log_error("The running service answers in a way that this version does not "
                          "understand; has it been restarted since the upgrade?");
                return error;
        default:
                return log_error_errno(error, "Cannot ask the running service over '%s/%s'",
                                directory, CONTROL_SOCKET_NAME);
        }
}

int service_call(const ControlRequest *request, ControlAnswer *ret) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = connect_in(status_default_directory(), &fd);
        if (r >= 0)
                r = send_request(fd, request);
        if (r >= 0)
                r = receive_answer(fd, ret);
        return r < 0 ? explain(r) : 0;
}

/* The service runs as another user, and is not taken at its word by a terminal of root's. */
static void print_line(const char *text, bool is_error) {
        _cleanup_buffer_ Buffer line = { 0 };

        if (is_blank(text))
                return;
        (void) text_add(&line, text, UINT32_MAX);
        if (is_error)
                log_error("%s", buffer_text(&line));
        else
                (void) printf("%s\n", buffer_text(&line));
}

int service_print_answer(const ControlAnswer *answer) {
        for (size_t i = 0; i < answer->n_errors; i++)
                print_line(answer->errors[i], true);
        print_line(answer->message, !answer->ok);
        if (answer->ok)
                return output_end(0, EXIT_SUCCESS);
        /* A service that is short of memory has no words for it either. */
        if (answer->n_errors == 0 && is_blank(answer->message))
                log_error("The service could not do it; see 'journalctl -u auditshared'");
        return EXIT_FAILURE;
}

int service_is_missing(void) {
        log_error("No service runs here (nobody listens at '%s/" CONTROL_SOCKET_NAME
                  "'); start it with 'systemctl start auditshared'",
                        status_default_directory());
        return EXIT_FAILURE;
}
