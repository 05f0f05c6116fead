package dev.patronus.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The database files to which this process has a connection, by device and inode.
///
/// Safe from any thread.
final class OpenFiles {
  private static final Map<Object, Integer> CONNECTIONS = new ConcurrentHashMap<>();

  private OpenFiles() {}

  /// Counts a connection that was opened to the file of this name.
  ///
  /// @return what identifies the file, for [#removed]; empty if it has lost its name already
  static Optional<Object> added(Path file) {
    Optional<Object> key = key(file);
    key.ifPresent(each -> CONNECTIONS.merge(each, 1, Integer::sum));
    return key;
  }

  /// Counts a connection less.
  static void removed(Object key) {
    CONNECTIONS.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
  }

  static boolean contains(Path file) {
    return key(file).map(CONNECTIONS::containsKey).orElse(false);
  }

  private static Optional<Object> key(Path file) {
    try {
      return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
