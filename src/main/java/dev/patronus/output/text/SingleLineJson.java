package dev.patronus.output.text;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Puts a JSON document on one line: leaves out its line ends, and the blanks that indent what
/// follows them. Within texts there are none, for JSON escapes them.
///
/// Confined to one thread.
public final class SingleLineJson extends FilterOutputStream {
  private boolean indent;

  public SingleLineJson(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    indent = b == '\n' || (indent && b == ' ');
    if (!indent) {
      out.write(b);
    }
  }

  /// Ends the line.
  public void end() throws IOException {
    out.write('\n');
    out.flush();
  }

  @Override
  public void flush() {
    // a line is written whole
  }
}
