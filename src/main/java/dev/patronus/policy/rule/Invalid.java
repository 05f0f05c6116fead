package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;

/// Rules or a preference whose text cannot be read.
///
/// @param message what is wrong, each thing with the field that it is in: one line, with an escape
///   in place of each character that ends a line or shows nothing
public record Invalid(String message) implements Rules, Preference {
  public Invalid {
    if (message.isBlank()) {
      throw new IllegalArgumentException("the message is blank");
    }
    message = visible(message);
  }

  @Override
  public boolean matches(FlowKey flow) {
    return false;
  }

  private static String visible(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      switch (Character.getType(each)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            visible.append("\\u%04x".formatted((int) each));
        default -> visible.append(each);
      }
    }
    return visible.toString();
  }
}
