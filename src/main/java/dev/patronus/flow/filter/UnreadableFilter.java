package dev.patronus.flow.filter;

import org.jspecify.annotations.Nullable;

/// A text that is no filter; the message says where it cannot be read, and what is expected there.
public final class UnreadableFilter extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String word;

  UnreadableFilter(String message, String word, @Nullable Throwable cause) {
    super(message, cause);
    this.word = word;
  }

  /// The word that cannot be read; empty if one is missing.
  public String word() {
    return word;
  }
}
