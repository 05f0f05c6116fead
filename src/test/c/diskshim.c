/* Stands between a program and its disk and clock: records what the program writes, lets calls
 * fail, and moves the time. Preloaded (ld.so(8), LD_PRELOAD) by the tests of dev.patronus.torture.
 *
 *   SHIM_UNDER    the folder whose files are meant; nothing outside is touched
 *   SHIM_LOG      append what happens there to this file (Recording.java reads it)
 *   SHIM_KEEP     a folder that gets a second name of each file that is made, its inode's number: so
 *                 that it can be made to be there again under the same number; programs do not see
 *                 that name counted
 *   SHIM_BOOT     a file that is read in place of the kernel's boot_id: a power cut ends a boot
 *   SHIM_CONTROL  a file of one page that says which calls fail and what time it is (Shim.java)
 *
 * A record of the log, in the machine's byte order, followed by its two byte strings:
 *
 *   u8 kind | u8 0 | u16 0 | u32 pid | u64 inode | u64 offset | u32 length | u32 length
 *
 *   C created (path)       W written (data)        T cut or grown to offset bytes
 *   R renamed (from, to)   L linked (from, to)     U unlinked (path)     K folder made (path)
 *   S file synced          D folder synced (path)
 *   N a note of the test's (text), which it appends itself
 *   X a call that is not recorded (its name): the recording is then refused
 *
 * Each call is made and recorded under one lock of the machine (flock(2) on the log), so that the
 * order of records is the order of effects, over all processes that share the log.
 *
 * Stores into a mapped file cannot be seen. Mapped files are compared with a copy at each record
 * and every millisecond, and what changed is recorded as written: a power cut then finds any
 * mixture of those states, as with pages that the kernel writes when it likes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, NAME = 8, CREATE = 16, READ = 32 };
enum { SECTOR = 512, MAPPINGS = 64, KILL = -9 };

/* What the test says; the layout is Shim.java's. */
struct control {
  int32_t error;        /* the errno of calls that fail; 0: none do; KILL: SIGKILL instead */
  int32_t operations;   /* which of the above are meant */
  int32_t skip;         /* so many calls go well first */
  int32_t count;        /* so many fail then; below 0: all */
  int64_t nanos;        /* added to the time of day, nanoseconds */
  int32_t hits;         /* how many have failed */
  int32_t calls;        /* how many were meant */
  int32_t pause_micros; /* each of them takes so much longer */
  int32_t unused;
  char part[200];       /* names that contain this are meant */
};

struct mapping {
  char *at, *shadow;
  size_t length;
  off_t offset;
  uint64_t inode;
};

static char under[PATH_MAX];
static const char *keep, *boot;
static size_t under_length;
static int log_fd = -1;
static struct control *control;
static struct mapping mappings[MAPPINGS];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static __thread int depth;

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("SHIM_UNDER"), *log = getenv("SHIM_LOG"), *page = getenv("SHIM_CONTROL");
  if (!folder || !realpath(folder, under)) return;
  under_length = strlen(under);
  keep = getenv("SHIM_KEEP");
  boot = getenv("SHIM_BOOT");
  if (page) {
    int fd = syscall(SYS_openat, AT_FDCWD, page, O_RDWR | O_CLOEXEC, 0);
    void *at = fd < 0 ? MAP_FAILED : (void *)syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) control = at;
    if (fd >= 0) syscall(SYS_close, fd);
  }
  if (log) {
    int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (fd >= 0) log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
    if (fd >= 0) syscall(SYS_close, fd);
  }
}

static void hold(void) {
  pthread_mutex_lock(&lock);
  if (depth++ == 0 && log_fd >= 0) while (syscall(SYS_flock, log_fd, LOCK_EX) && errno == EINTR) {}
}

static void release(void) {
  int kept = errno;
  if (--depth == 0 && log_fd >= 0) syscall(SYS_flock, log_fd, LOCK_UN);
  pthread_mutex_unlock(&lock);
  errno = kept;
}

static void put(char kind, uint64_t inode, uint64_t offset, const void *one, size_t n1, const void *two, size_t n2) {
  char head[32] = {kind};
  uint32_t pid = getpid(), l1 = n1, l2 = n2;
  memcpy(head + 4, &pid, 4);
  memcpy(head + 8, &inode, 8);
  memcpy(head + 16, &offset, 8);
  memcpy(head + 24, &l1, 4);
  memcpy(head + 28, &l2, 4);
  struct iovec parts[3] = {{head, 32}, {(void *)one, n1}, {(void *)two, n2}};
  if (syscall(SYS_writev, log_fd, parts, 3) != (long)(32 + n1 + n2)) {
    static const char said[] = "diskshim: cannot write the log\n";
    syscall(SYS_write, 2, said, sizeof said - 1);
    _exit(99);
  }
}

static void compare(void) {
  for (int i = 0; i < MAPPINGS; i++) {
    struct mapping *m = &mappings[i];
    for (size_t at = 0; m->at && at < m->length; at += SECTOR) {
      size_t n = m->length - at < SECTOR ? m->length - at : SECTOR;
      if (memcmp(m->at + at, m->shadow + at, n)) {
        memcpy(m->shadow + at, m->at + at, n);
        put('W', m->inode, m->offset + at, m->shadow + at, n, 0, 0);
      }
    }
  }
}

static void record(char kind, uint64_t inode, uint64_t offset, const void *one, size_t n1, const void *two, size_t n2) {
  if (log_fd < 0) return;
  int kept = errno;
  compare();
  put(kind, inode, offset, one, n1, two, n2);
  errno = kept;
}

static void *sample(void *unused) {
  (void)unused;
  for (;;) {
    struct timespec pause = {0, 1000000};
    syscall(SYS_nanosleep, &pause, 0);
    hold();
    compare();
    release();
  }
  return 0;
}

/* The absolute name under the folder; 0 if it is elsewhere. */
static int inside(const char *path) {
  return under_length && !strncmp(path, under, under_length) && (path[under_length] == '/' || !path[under_length]);
}

static int named(int dir, const char *path, char *out) {
  if (!under_length || !path) return 0;
  if (path[0] == '/') {
    snprintf(out, PATH_MAX, "%s", path);
  } else {
    char base[PATH_MAX];
    if (dir == AT_FDCWD) {
      if (!getcwd(base, sizeof base)) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
      ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
      if (n < 0) return 0;
      base[n] = 0;
    }
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  }
  return inside(out);
}

/* What a descriptor is: 'F' a file of ours with its name, 'D' a folder of ours, 0 else. */
static char what(int fd, char *name, struct stat *status) {
  if (!under_length || fstat(fd, status)) return 0;
  if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode)) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, name, PATH_MAX - 1);
  if (n < 0) return 0;
  name[n] = 0;
  if (!inside(name) || (n > 4 && !strcmp(name + n - 4, "-shm"))) return 0;
  return S_ISDIR(status->st_mode) ? 'D' : 'F';
}

static int fails(int operation, const char *name) {
  if (!control || !(control->operations & operation) || !strstr(name, control->part)) return 0;
  __sync_fetch_and_add(&control->calls, 1);
  if (control->pause_micros) {
    struct timespec pause = {control->pause_micros / 1000000, control->pause_micros % 1000000 * 1000};
    syscall(SYS_nanosleep, &pause, 0);
  }
  if (!control->error) return 0;
  if (__sync_fetch_and_sub(&control->skip, 1) > 0) return 0;
  if (control->count >= 0 && __sync_fetch_and_sub(&control->count, 1) <= 0) {
    __sync_fetch_and_add(&control->count, 1);
    return 0;
  }
  __sync_fetch_and_add(&control->hits, 1);
  if (control->error == KILL) kill(getpid(), SIGKILL);
  errno = control->error;
  return 1;
}

/* --- writing and reading --- */

static void written(int fd, uint64_t inode, const struct iovec *parts, int count, ssize_t done, off_t offset) {
  char *all = malloc(done);
  size_t at = 0;
  for (int i = 0; i < count && at < (size_t)done; i++) {
    size_t n = parts[i].iov_len < done - at ? parts[i].iov_len : done - at;
    memcpy(all + at, parts[i].iov_base, n);
    at += n;
  }
  record('W', inode, offset >= 0 ? offset : lseek(fd, 0, SEEK_CUR) - done, all, at, 0, 0);
  free(all);
}

#define WRITING(fd, call, parts, count, offset) \
  char name[PATH_MAX]; \
  struct stat status; \
  if (what(fd, name, &status) != 'F') return call; \
  if (fails(WRITE, name)) return -1; \
  hold(); \
  ssize_t done = call; \
  if (done > 0 && log_fd >= 0) written(fd, status.st_ino, parts, count, done, offset); \
  release(); \
  return done

ssize_t write(int fd, const void *data, size_t n) {
  REAL(write);
  struct iovec part = {(void *)data, n};
  WRITING(fd, real(fd, data, n), &part, 1, -1);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
  REAL(pwrite64);
  struct iovec part = {(void *)data, n};
  WRITING(fd, real(fd, data, n, offset), &part, 1, offset);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) { return pwrite64(fd, data, n, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  WRITING(fd, real(fd, parts, count), parts, count, -1);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  REAL(pwritev64);
  WRITING(fd, real(fd, parts, count, offset), parts, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

ssize_t pread64(int fd, void *data, size_t n, off64_t offset) {
  REAL(pread64);
  char name[PATH_MAX];
  struct stat status;
  if (control && (control->operations & READ) && what(fd, name, &status) == 'F' && fails(READ, name)) return -1;
  return real(fd, data, n, offset);
}

ssize_t pread(int fd, void *data, size_t n, off_t offset) { return pread64(fd, data, n, offset); }

/* Calls that move bytes inside the kernel: with a file of ours as the target nobody saw them. */
static void unseen(int fd, const char *call) {
  char name[PATH_MAX];
  struct stat status;
  if (log_fd >= 0 && what(fd, name, &status) == 'F') {
    hold();
    record('X', 0, 0, call, strlen(call), 0, 0);
    release();
  }
}

/* Java falls back to reading and writing. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
  REAL(copy_file_range);
  char name[PATH_MAX];
  struct stat status;
  if ((log_fd >= 0 || control) && what(out, name, &status) == 'F') return errno = ENOSYS, -1;
  return real(in, from, out, to, n, flags);
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t n) {
  REAL(sendfile64);
  char name[PATH_MAX];
  struct stat status;
  if ((log_fd >= 0 || control) && what(out, name, &status) == 'F') return errno = EINVAL, -1;
  return real(out, in, offset, n);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t n) { return sendfile64(out, in, offset, n); }

/* --- syncing --- */

#define SYNCING(call) \
  char name[PATH_MAX]; \
  struct stat status; \
  char kind = what(fd, name, &status); \
  if (kind == 'F' || kind == 'D') { \
    if (fails(SYNC, name)) return -1; \
    hold(); \
    int done = call; \
    if (!done) record(kind == 'D' ? 'D' : 'S', status.st_ino, 0, name, strlen(name), 0, 0); \
    release(); \
    return done; \
  } \
  return call

int fsync(int fd) {
  REAL(fsync);
  SYNCING(real(fd));
}

int fdatasync(int fd) {
  REAL(fdatasync);
  SYNCING(real(fd));
}

int msync(void *at, size_t length, int flags) {
  REAL(msync);
  hold();
  int done = real(at, length, flags);
  for (int i = 0; !done && (flags & MS_SYNC) && i < MAPPINGS; i++) {
    struct mapping *m = &mappings[i];
    if (m->at && (char *)at < m->at + m->length && (char *)at + length > m->at) record('S', m->inode, 0, 0, 0, 0, 0);
  }
  release();
  return done;
}

/* --- mapping --- */

void *mmap64(void *wanted, size_t length, int protection, int flags, int fd, off64_t offset) {
  REAL(mmap64);
  void *at = real(wanted, length, protection, flags, fd, offset);
  char name[PATH_MAX];
  struct stat status;
  if (at == MAP_FAILED || fd < 0 || log_fd < 0 || !(flags & MAP_SHARED) || !(protection & PROT_WRITE) || what(fd, name, &status) != 'F') return at;
  static int sampling;
  hold();
  int i = 0;
  while (i < MAPPINGS && mappings[i].at) i++;
  if (i == MAPPINGS) {
    unseen(fd, "mmap of one file too many");
  } else {
    mappings[i] = (struct mapping){at, malloc(length), length, offset, status.st_ino};
    memcpy(mappings[i].shadow, at, length);
  }
  pthread_t thread;
  if (!sampling++ && !pthread_create(&thread, 0, sample, 0)) pthread_detach(thread);
  release();
  return at;
}

void *mmap(void *wanted, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap64(wanted, length, protection, flags, fd, offset);
}

int munmap(void *at, size_t length) {
  REAL(munmap);
  if (log_fd < 0) return real(at, length);
  hold();
  for (int i = 0; i < MAPPINGS; i++) {
    struct mapping *m = &mappings[i];
    if (m->at && m->at >= (char *)at && m->at < (char *)at + length) {
      compare();
      free(m->shadow);
      m->at = 0;
    }
  }
  int done = real(at, length);
  release();
  return done;
}

/* --- sizes --- */

#define SIZING(call, size) \
  char name[PATH_MAX]; \
  struct stat status; \
  if (what(fd, name, &status) == 'F') { \
    if (fails(TRUNCATE, name)) return -1; \
    hold(); \
    int done = call; \
    if (!done) record('T', status.st_ino, size, 0, 0, 0, 0); \
    release(); \
    return done; \
  } \
  return call

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  SIZING(real(fd, size), size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fallocate64(int fd, int mode, off64_t from, off64_t length) {
  REAL(fallocate64);
  SIZING(real(fd, mode, from, length), from + length > status.st_size ? from + length : status.st_size);
}

int fallocate(int fd, int mode, off_t from, off_t length) { return fallocate64(fd, mode, from, length); }

int posix_fallocate64(int fd, off64_t from, off64_t length) { return fallocate64(fd, 0, from, length) ? errno : 0; }

int posix_fallocate(int fd, off_t from, off_t length) { return posix_fallocate64(fd, from, length); }

int truncate64(const char *path, off64_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int done = ftruncate64(fd, size);
  syscall(SYS_close, fd);
  return done;
}

int truncate(const char *path, off_t size) { return truncate64(path, size); }

/* --- names --- */

static void keep_inode(const char *name, uint64_t inode) {
  char second[PATH_MAX];
  int kept = errno;
  if (keep && snprintf(second, PATH_MAX, "%s/%llu", keep, (unsigned long long)inode) < PATH_MAX) syscall(SYS_linkat, AT_FDCWD, name, AT_FDCWD, second, 0);
  errno = kept;
}

int openat64(int dir, const char *path, int flags, ...) {
  REAL(openat64);
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  if (boot && !strcmp(path, "/proc/sys/kernel/random/boot_id")) path = boot;
  char name[PATH_MAX];
  if (!(flags & (O_CREAT | O_TRUNC)) || !named(dir, path, name)) return real(dir, path, flags, mode);
  if ((flags & O_CREAT) && fails(CREATE, name)) return -1;
  struct stat before, status;
  hold();
  int was = !fstatat(dir, path, &before, 0);
  int fd = real(dir, path, flags, mode);
  char ours[PATH_MAX];
  if (fd >= 0 && what(fd, ours, &status) == 'F') {
    if ((flags & O_TMPFILE) == O_TMPFILE) {
      record('X', 0, 0, "O_TMPFILE", 9, 0, 0);
    } else if (!was) {
      keep_inode(ours, status.st_ino);
      record('C', status.st_ino, 0, ours, strlen(ours), 0, 0);
    } else if ((flags & O_TRUNC) && before.st_size > 0) {
      record('T', status.st_ino, 0, 0, 0, 0, 0);
    }
  }
  release();
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list more; \
    va_start(more, flags); \
    mode = va_arg(more, mode_t); \
    va_end(more); \
  }

int openat(int dir, const char *path, int flags, ...) {
  MODE(flags);
  return openat64(dir, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags);
  return openat64(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int open(const char *path, int flags, ...) {
  MODE(flags);
  return openat64(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return openat64(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int creat64(const char *path, mode_t mode) { return creat(path, mode); }

#define NAMING(kind, ours, one, two, call) \
  if (!(ours)) return call; \
  if (fails(NAME, *two ? two : one)) return -1; \
  hold(); \
  int done = call; \
  if (!done) record(kind, 0, 0, one, strlen(one), two, strlen(two)); \
  release(); \
  return done

#define TWO_NAMES(kind, from, old, to, new, call) \
  char one[PATH_MAX], two[PATH_MAX]; \
  int ours = named(from, old, one) | named(to, new, two); \
  NAMING(kind, ours, one, two, call)

#define ONE_NAME(kind, dir, path, call) \
  char one[PATH_MAX]; \
  int ours = named(dir, path, one); \
  NAMING(kind, ours, one, "", call)

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  REAL(renameat2);
  if (flags & ~RENAME_NOREPLACE) {
    unseen(from, "renameat2");
  }
  TWO_NAMES('R', from, old, to, new, real(from, old, to, new, flags));
}

int renameat(int from, const char *old, int to, const char *new) {
  REAL(renameat);
  TWO_NAMES('R', from, old, to, new, real(from, old, to, new));
}

int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
  REAL(linkat);
  TWO_NAMES('L', from, old, to, new, real(from, old, to, new, flags));
}

int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int dir, const char *path, int flags) {
  REAL(unlinkat);
  ONE_NAME('U', dir, path, real(dir, path, flags));
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
  int done = unlink(path);
  return done && errno == EISDIR ? rmdir(path) : done;
}

int mkdirat(int dir, const char *path, mode_t mode) {
  REAL(mkdirat);
  ONE_NAME('K', dir, path, real(dir, path, mode));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* The second name that we gave it does not count. */
static int is_kept(uint64_t inode) {
  char second[PATH_MAX];
  if (!keep || snprintf(second, PATH_MAX, "%s/%llu", keep, (unsigned long long)inode) >= PATH_MAX) return 0;
  int kept = errno, there = !syscall(SYS_faccessat, AT_FDCWD, second, F_OK);
  errno = kept;
  return there;
}

int statx(int dir, const char *path, int flags, unsigned mask, struct statx *status) {
  REAL(statx);
  int done = real(dir, path, flags, mask, status);
  if (!done && status->stx_nlink > 1 && is_kept(status->stx_ino)) status->stx_nlink--;
  return done;
}

#define STATUS(call) \
  int done = call; \
  if (!done && status->st_nlink > 1 && is_kept(status->st_ino)) status->st_nlink--; \
  return done

int fstatat64(int dir, const char *path, struct stat64 *status, int flags) {
  REAL(fstatat64);
  STATUS(real(dir, path, status, flags));
}

int stat64(const char *path, struct stat64 *status) { return fstatat64(AT_FDCWD, path, status, 0); }

int lstat64(const char *path, struct stat64 *status) { return fstatat64(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }

int fstat64(int fd, struct stat64 *status) {
  REAL(fstat64);
  STATUS(real(fd, status));
}

/* --- the time of day --- */

int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime);
  int done = real(clock, now);
  if (!done && control && control->nanos && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t nanos = now->tv_nsec + control->nanos % 1000000000;
    now->tv_sec += control->nanos / 1000000000 + (nanos >= 1000000000) - (nanos < 0);
    now->tv_nsec = (nanos + 1000000000) % 1000000000;
  }
  return done;
}

int gettimeofday(struct timeval *now, void *zone) {
  (void)zone;
  struct timespec exact;
  if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (out) *out = exact.tv_sec;
  return exact.tv_sec;
}
