package dev.patronus.site;

import java.util.Locale;
import java.util.Objects;

/// The status of a site: one of three words, or a word that this version does not know and shows as
/// it is.
public sealed interface SiteStatus {
  /// The word as the database has it.
  String text();

  /// The status that `text` names, upper and lower case alike.
  static SiteStatus of(String text) {
    for (Known known : Known.values()) {
      if (known.text().equalsIgnoreCase(text)) {
        return known;
      }
    }
    return new Unknown(text);
  }

  /// The three that upstream writes.
  enum Known implements SiteStatus {
    ACTIVE,
    INACTIVE,
    DEGRADED;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String text() {
      return text;
    }
  }

  /// Any other word.
  record Unknown(String text) implements SiteStatus {
    public Unknown {
      Objects.requireNonNull(text, "text");
    }
  }
}
