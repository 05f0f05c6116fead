package dev.patronus.cli;

import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.row.JsonDocument;
import dev.patronus.output.text.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;

/// An error as a document, for programs that asked for one.
final class ErrorDocument {
  private ErrorDocument() {}

  static String of(UserError error, Format format) {
    Answer answer = new Answer();
    if (format == Format.NDJSON) {
      answer.member("schema", JsonDocument.SCHEMA); // a row has none: so it cannot be taken for one
    }
    answer
        .member("success", false)
        .member("error", error.exitCode().word())
        .member("exit_code", error.exitCode().code())
        .member("message", error.getMessage());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      Screen screen = new Screen(0, false, true, ZoneOffset.UTC, false, true);
      new AnswerPrinter(format, screen, false).print(answer, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
