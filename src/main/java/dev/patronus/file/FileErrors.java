package dev.patronus.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// Words for what the file system refuses: Java's own message is often no more than a name.
public final class FileErrors {
  private FileErrors() {}

  /// The reason alone, without the file's name where that is the one that was asked for.
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "no permission";
      case NoSuchFileException _ -> "there is no such folder";
      case FileAlreadyExistsException _ -> "something has that name already";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
