package dev.patronus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text files in git that tests compare what the program prints with. `-Drenew` writes them anew;
/// the difference is then read in git.
public final class Golden {
  private static final boolean RENEW = System.getProperty("renew") != null;

  private Golden() {}

  /// Compares a text with a file of the repository, or writes that.
  ///
  /// @param file from the root of the repository
  public static void check(Path file, String text) throws IOException {
    if (RENEW) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return;
    }
    assertEquals(Files.readString(file), text, file + " (-Drenew writes it anew)");
  }
}
