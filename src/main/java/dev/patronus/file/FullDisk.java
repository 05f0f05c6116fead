package dev.patronus.file;

import java.io.IOException;
import java.nio.file.Path;

/// What to say where a disk is full.
public final class FullDisk {
  /// What the system says of ENOSPC (strerror(3)).
  private static final String REASON = "No space left on device";

  private FullDisk() {}

  /// Whether a write failed because the disk is full.
  public static boolean isReason(IOException e) {
    return FileErrors.reason(e).endsWith(REASON);
  }

  /// That the disk of a file is full, and what to do.
  public static String message(Path file) {
    return message(file, "");
  }

  /// The same with what is left on it: `12 kB`.
  ///
  /// @param left empty where that is not known
  public static String message(Path file, String left) {
    return "the disk that holds "
        + file
        + " is full"
        + (left.isEmpty() ? "" : " (" + left + " left)")
        + "; make room on it ('df -h "
        + file.toAbsolutePath().getParent()
        + "'), then try again";
  }
}
