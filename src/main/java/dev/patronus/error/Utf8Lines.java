package dev.patronus.error;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the lines of a text in UTF-8, one after the other.
///
/// Confined to one thread; the stream is the caller's. A byte order mark at the beginning is
/// skipped.
public final class Utf8Lines {
  private static final String MARK = "\ufeff";

  private final String name;
  private final BufferedReader bytes;
  private int number;

  /// @param name what messages call the text
  public Utf8Lines(String name, InputStream in) {
    this.name = name;
    this.bytes = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
  }

  /// The next line without its end; null at the end of the text.
  ///
  /// @throws UserError of usage, with the line's number, if the line is not UTF-8
  public @Nullable String next() throws IOException {
    String line = bytes.readLine();
    if (line == null) {
      return null;
    }
    number++;
    try {
      ByteBuffer raw = ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1));
      String text = StandardCharsets.UTF_8.newDecoder().decode(raw).toString();
      return number == 1 && text.startsWith(MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new UserError(
          ExitCode.USAGE, name + " line " + number + " is not UTF-8; save the file as UTF-8", e);
    }
  }

  /// The number of the line that was read last, from 1; 0 before the first.
  public int number() {
    return number;
  }
}
