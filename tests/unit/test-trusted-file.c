/* SPDX-License-Identifier: Apache-2.0 */

/* Which folders are watched for a path, in a root of this test's own. */

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "trusted-file.h"
#include "util/buffer.h"

static const struct {
        const char *path, *folders;
} rows[] = {
        { "/file", "/ " },
        { "/none", "/ " },
        { "/folder", "/folder " },
        { "/folder/file", "/folder " },
        { "/folder/none/none", "/folder " },
        { "/folder/link", "/folder / " },
        { "/folder/dangling", "/folder / " },
        { "/folder/../file", "/ " },
        { "/", "/ " },
};

static int on_folder(const char *folder, void *userdata) {
        return buffer_addf(userdata, "%s ", folder);
}

static bool make_root(char *root) {
        int fd;

        if (!mkdtemp(root) || (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0) || chroot(root) < 0
                        || chdir("/") < 0 || mkdir("/folder", 0755) < 0)
                return false;
        for (size_t i = 0; i < 2; i++) {
                fd = open((const char *[]){ "/file", "/folder/file" }[i], O_CREAT | O_CLOEXEC,
                                0644);
                if (fd < 0)
                        return false;
                (void) close(fd);
        }
        return symlink("/file", "/folder/link") >= 0 && symlink("../x", "/folder/dangling") >= 0;
}

static void test_rows(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_buffer_ Buffer folders = { 0 };

                test_row(rows[i].path);
                ASSERT_OK(path_visit_folders(rows[i].path, on_folder, &folders));
                ASSERT_STREQ(rows[i].folders, buffer_text(&folders));
        }
        test_row(NULL);
}

int main(void) {
        static const char *const made[] = { "/folder/file", "/folder/link", "/folder/dangling",
                "/file" };
        char root[] = "/tmp/test-trusted-file-XXXXXX";
        int outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (!ASSERT_TRUE(outside >= 0 && make_root(root)))
                return test_end();
        test_rows();
        for (size_t i = 0; i < ELEMENTSOF(made); i++)
                (void) unlink(made[i]);
        (void) rmdir("/folder");
        /* Out again, to where sanitizers find /proc. */
        ASSERT_TRUE(fchdir(outside) >= 0 && chroot(".") >= 0);
        ASSERT_OK(rmdir(root));
        (void) close(outside);
        return test_end();
}
