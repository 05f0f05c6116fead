package dev.patronus.site;

import java.util.Locale;
import java.util.Objects;

/// The status of a path: up, degraded, down, or a word that this version does not know and shows as
/// it is.
public sealed interface PathStatus {
  /// The word as the database has it.
  String text();

  /// Whether the platform sends traffic over a path of this status: it is up or degraded. A path
  /// whose status nobody understands carries nothing.
  boolean usable();

  /// The status that `text` names, upper and lower case alike.
  static PathStatus of(String text) {
    for (Known known : Known.values()) {
      if (known.text().equalsIgnoreCase(text)) {
        return known;
      }
    }
    return new Unknown(text);
  }

  /// The three that upstream writes.
  enum Known implements PathStatus {
    UP,
    DEGRADED,
    DOWN;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String text() {
      return text;
    }

    @Override
    public boolean usable() {
      return this != DOWN;
    }
  }

  /// Any other word.
  record Unknown(String text) implements PathStatus {
    public Unknown {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public boolean usable() {
      return false;
    }
  }
}
