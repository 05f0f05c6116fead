package dev.patronus.policy;

/// The text of policy ids: random unsigned 64-bit numbers, half of them negative as a Java `long`.
public final class PolicyId {
  private PolicyId() {}

  public static String format(long id) {
    return Long.toUnsignedString(id);
  }

  /// Reads an id as [#format(long)] writes it.
  ///
  /// @throws IllegalArgumentException that names the text, if it is none
  public static long parse(String text) {
    boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits) {
      throw notAnId(text);
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException _) {
      throw notAnId(text);
    }
  }

  private static IllegalArgumentException notAnId(String text) {
    return new IllegalArgumentException(
        "not a policy id: '" + text + "'; it is a number from 0 to " + format(-1));
  }
}
