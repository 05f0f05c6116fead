package dev.patronus.audit;

import dev.patronus.flow.IpAddress;
import dev.patronus.json.ControlCharacters;
import java.util.Optional;

/// What others say of themselves, as it may stand in the audit trail.
///
/// Pure.
public final class AuditText {
  /// The most characters of a text.
  public static final int LENGTH_MAX = 200;

  private AuditText() {}

  /// The text, cut to [#LENGTH_MAX] characters; what drives a terminal is replaced.
  public static String of(String text) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LENGTH_MAX); i++) {
      char c = text.charAt(i);
      boolean halved = Character.isSurrogate(c) && i + 1 == LENGTH_MAX;
      visible.append(ControlCharacters.includes(c) || halved ? '\ufffd' : c);
    }
    return visible.toString();
  }

  /// The address, as it is written in one way; empty if the text is none.
  public static Optional<String> address(String text) {
    try {
      return Optional.of(IpAddress.parse(text).toString());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
