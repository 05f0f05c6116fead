package dev.patronus.daemon.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// Describes an [java.io.IOException] in words; Java's own message is often only a file name.
public final class IoErrorText {
  private IoErrorText() {}

  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + " may not be written by this user";
      case FileAlreadyExistsException there -> there.getFile() + " is no folder";
      case NoSuchFileException missing -> missing.getFile() + " is not there";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
