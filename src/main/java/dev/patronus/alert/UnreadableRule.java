package dev.patronus.alert;

/// A rule that cannot be read.
public final class UnreadableRule extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final int offset;

  /// A mistake at a place of the text, from 0.
  public UnreadableRule(int offset, String message) {
    super(message);
    this.offset = offset;
  }

  /// The place of the mistake in the text, from 0.
  public int offset() {
    return offset;
  }
}
