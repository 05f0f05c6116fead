package dev.patronus.file;

import java.io.IOException;

/// A name that is not used for a file of the program's, with the reason as a sentence for people.
public final class RefusedName extends IOException {
  private static final long serialVersionUID = 1;

  public RefusedName(String message) {
    super(message);
  }
}
