package dev.patronus.output.html;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.Decimal;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.time.EpochSeconds;
import java.time.Instant;
import java.util.OptionalDouble;

/// Values as markup: for people, and beside that exactly, in the `value` of their element.
///
/// Immutable.
record Numbers(HumanFormat humane) {
  private static final String NONE = "–";

  String bytes(long value) {
    return data(Long.toString(value), humane.text(Kind.BYTES, value));
  }

  String count(long value) {
    return data(Long.toString(value), humane.text(Kind.COUNT, value));
  }

  String seconds(long value) {
    return data(Long.toString(value), humane.text(Kind.SECONDS, value));
  }

  /// A rate as bits a second; exactly, it is bytes a second.
  String rate(OptionalDouble bytesPerSecond) {
    return bytesPerSecond.isEmpty()
        ? NONE
        : data(Decimal.text(bytesPerSecond.getAsDouble()), bits(bytesPerSecond));
  }

  /// The text of a rate.
  String bits(OptionalDouble bytesPerSecond) {
    return bytesPerSecond.isEmpty()
        ? NONE
        : humane.text(Kind.BYTE_RATE, bytesPerSecond.getAsDouble());
  }

  /// The text of a time, to the minute where it is a whole one.
  String time(long second) {
    return time(EpochSeconds.toInstant(second));
  }

  /// The text of a time, to the minute where it is a whole one.
  String time(Instant instant) {
    String text = humane.time(instant);
    return text.endsWith(":00") ? text.substring(0, text.length() - ":00".length()) : text;
  }

  private static String data(String exact, String text) {
    return "<data value=\"" + exact + "\">" + Markup.escaped(text) + "</data>";
  }
}
