package dev.patronus.error;

/// The text of an exception, which may have none.
public final class ErrorText {
  private ErrorText() {}

  /// The message; the name of the class where there is none.
  public static String of(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /// The message without the advice to try again, for work that is repeated by itself.
  public static String ofRepeated(Throwable e) {
    return of(e).replaceFirst("; try again$", "");
  }
}
