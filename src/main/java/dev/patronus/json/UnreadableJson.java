package dev.patronus.json;

/// Says that a text is no JSON, or that a value of it is not what was asked for.
///
/// The message is complete in itself: where, what was expected, what was found.
public class UnreadableJson extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableJson(String message) {
    super(message);
  }

  /// What a parser says is wrong, in one line, without the list of all that could stand there.
  public static String reason(String message) {
    String line = message.lines().findFirst().orElse("");
    int list = line.indexOf(": was expecting (");
    return list < 0 ? line : line.substring(0, list);
  }
}
