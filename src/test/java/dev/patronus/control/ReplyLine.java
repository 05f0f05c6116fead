package dev.patronus.control;

import dev.patronus.json.UnreadableJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Reads a reply from a line of text.
final class ReplyLine {
  private ReplyLine() {}

  /// The reply that a line is.
  ///
  /// @throws UnreadableJson that says what is wrong with it
  static Reply read(String line) {
    try {
      return Reply.read(new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array throws none
    }
  }
}
