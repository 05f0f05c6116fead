package dev.patronus.json;

/// Says that a text is no JSON, or that a value of it is not what was asked for.
///
/// The message is complete in itself: where, what was expected, what was found.
public class UnreadableJson extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableJson(String message) {
    super(message);
  }
}
