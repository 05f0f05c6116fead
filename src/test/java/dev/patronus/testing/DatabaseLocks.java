package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The locks that processes hold on SQLite databases in WAL, as the kernel lists them.
///
/// A connection to a database in WAL holds a read lock on the shared bytes of the database file
/// from its first read until it is closed (sqlite.org/src, `os_unix.c`).
public final class DatabaseLocks {
  /// The first of SQLite's shared bytes.
  private static final String SHARED_FIRST = "1073741826";

  private DatabaseLocks() {}

  /// Whether the kernel lists locks at all.
  public static boolean areListed() {
    return Files.isReadable(Path.of("/proc/locks"));
  }

  /// Whether a process of this number holds the lock of a connection.
  public static boolean isHeldBy(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/locks"))) {
      return lines
          .map(line -> line.strip().split("\\s+", -1))
          .anyMatch(words ->
              words[1].equals("POSIX")
                  && words[3].equals("READ")
                  && words[4].equals(Long.toString(pid))
                  && words[6].equals(SHARED_FIRST));
    }
  }

  /// How many descriptors of a file a process has open.
  public static long descriptors(long pid, Path file) throws IOException {
    Path real = file.toRealPath();
    try (Stream<Path> links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return links.filter(link -> leadsTo(link, real)).count();
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file);
    } catch (IOException _) {
      return false; // closed meanwhile
    }
  }
}
