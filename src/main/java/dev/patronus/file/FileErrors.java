package dev.patronus.file;

import dev.patronus.error.ErrorText;
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
      default -> other(e);
    };
  }

  /// The reason with the name of the file, which may be another than the one that was asked for.
  public static String namedReason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + " may not be written by this user";
      case FileAlreadyExistsException there -> there.getFile() + " is no folder";
      case NoSuchFileException missing -> missing.getFile() + " is not there";
      default -> other(e);
    };
  }

  private static String other(IOException e) {
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return ErrorText.of(e);
  }
}
