// A disk that breaks once: loaded in front of the C library, it lets the FAULT_AT-th operation on what lies below FAULT_BELOW fail with EIO,
// says which in the file FAULT_LOG, and passes everything else on.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int open_as_it_is(const char *path, int flags) {
    NEXT(open);
    return next(path, flags, 0644);
}

static int breaks(const char *operation, const char *path) {
    static atomic_long count;
    const char *below = getenv("FAULT_BELOW"), *at = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
    if (!below || !at || !log || !path) return 0;
    if (path[0] == '/' && strncmp(path, below, strlen(below)) != 0) return 0;
    if (atomic_fetch_add(&count, 1) != atol(at)) return 0;
    int file = open_as_it_is(log, O_WRONLY | O_CREAT | O_APPEND);
    if (file >= 0) {
        dprintf(file, "%s %s\n", operation, path);
        close(file);
    }
    errno = EIO;
    return 1;
}

static int breaks_at(const char *operation, int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path[0] == '/' && breaks(operation, path);
}

static mode_t mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return breaks("open", path) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return breaks("open", path) ? -1 : next(path, flags, mode);
}

DIR *opendir(const char *path) {
    NEXT(opendir);
    return breaks("opendir", path) ? NULL : next(path);
}

struct dirent64 *readdir64(DIR *folder) {
    NEXT(readdir64);
    return breaks_at("readdir", dirfd(folder)) ? NULL : next(folder);
}

ssize_t read(int file, void *buffer, size_t size) {
    NEXT(read);
    return breaks_at("read", file) ? -1 : next(file, buffer, size);
}

int statx(int folder, const char *restrict path, int flags, unsigned int mask, struct statx *restrict buffer) {
    NEXT(statx);
    int is_broken = flags & AT_EMPTY_PATH ? breaks_at("stat", folder) : breaks("stat", path);
    return is_broken ? -1 : next(folder, path, flags, mask, buffer);
}

ssize_t readlink(const char *restrict path, char *restrict buffer, size_t size) {
    NEXT(readlink);
    return strncmp(path, "/proc/", 6) && breaks("readlink", path) ? -1 : next(path, buffer, size);
}

char *realpath(const char *restrict path, char *restrict buffer) {
    NEXT(realpath);
    return breaks("realpath", path) ? NULL : next(path, buffer);
}
