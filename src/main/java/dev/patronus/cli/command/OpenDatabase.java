package dev.patronus.cli.command;

import dev.patronus.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A database that is open, and which file it was when it was opened.
///
/// Immutable. As long as it is open, no other file can have its number, even after it was deleted.
///
/// @param key what tells the file from others; null where nobody looks
record OpenDatabase(Database database, @Nullable Object key) {

  static OpenDatabase unwatched(Database database) {
    return new OpenDatabase(database, null);
  }

  static OpenDatabase watched(Database database) {
    return new OpenDatabase(database, key(database.file()));
  }

  boolean isOf(Path file) {
    return database.file().equals(file);
  }

  /// Whether the same file still has its name.
  boolean isStillThere() {
    return Objects.equals(key, key(database.file()));
  }

  private static Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException _) {
      return "gone";
    }
  }
}
