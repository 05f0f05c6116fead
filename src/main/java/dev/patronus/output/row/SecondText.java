package dev.patronus.output.row;

import dev.patronus.time.EpochSeconds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// The text of an epoch second, RFC 3339 in UTC; keeps the date, because rows that follow each
/// other often share the day.
///
/// Confined to one thread.
final class SecondText {
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int SECONDS_PER_HOUR = 3600;
  private static final int SECONDS_PER_MINUTE = 60;

  private long day = Long.MIN_VALUE;
  private int time;
  private byte[] text = {};

  /// The text in ASCII, valid until the next call.
  byte[] of(long epochSecond) {
    long second = EpochSeconds.toInstant(epochSecond).getEpochSecond();
    long today = Math.floorDiv(second, SECONDS_PER_DAY);
    if (today != day) {
      day = today;
      text =
          Instant.ofEpochSecond(today * SECONDS_PER_DAY)
              .toString()
              .getBytes(StandardCharsets.US_ASCII);
      time = text.length - "hh:mm:ssZ".length();
    }
    int ofDay = (int) (second - today * SECONDS_PER_DAY);
    pair(ofDay / SECONDS_PER_HOUR, time);
    pair(ofDay % SECONDS_PER_HOUR / SECONDS_PER_MINUTE, time + 3);
    pair(ofDay % SECONDS_PER_MINUTE, time + 6);
    return text;
  }

  private void pair(int number, int at) {
    text[at] = (byte) ('0' + number / 10);
    text[at + 1] = (byte) ('0' + number % 10);
  }
}
