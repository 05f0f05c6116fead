package dev.patronus.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Format;
import dev.patronus.shell.PipeFilter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// The stages behind a bar for an answer that comes as text, line by line: an export, a help text.
///
/// Confined to the command's thread. Holds one line. It does not own the stream.
final class PipeFilters extends OutputStream {
  private final OutputStream out;
  private final List<PipeFilter> stages;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean heading;
  private boolean counts;
  private long count;
  private boolean used;

  PipeFilters(OutputStream out, List<PipeFilter> stages) {
    this.out = out;
    this.stages = stages;
  }

  /// Rows in this format follow; a line of titles is no row, and passes.
  ///
  /// @throws UserError if they are one document, which has no lines to choose from
  void beginRows(Format format, boolean titles) {
    boolean chooses = stages.stream().anyMatch(stage -> !(stage instanceof PipeFilter.Json));
    if (format == Format.JSON && chooses) {
      throw new UserError(
          ExitCode.USAGE,
          "a JSON export is one document and cannot be filtered by line; try -o" + " ndjson");
    }
    heading = titles && format != Format.NDJSON;
  }

  @Override
  public void write(int b) throws IOException {
    used = true;
    if (b == '\n') {
      end();
    } else {
      line.write(b);
    }
  }

  private void end() throws IOException {
    String text = line.toString(UTF_8);
    line.reset();
    boolean shown = heading || passes(text);
    count += shown && !heading ? 1 : 0;
    counts = stages.stream().anyMatch(PipeFilter.Count.class::isInstance);
    heading = false;
    if (shown && !counts) {
      out.write((text + "\n").getBytes(UTF_8));
    }
  }

  private boolean passes(String text) {
    for (PipeFilter stage : stages) {
      if (stage instanceof PipeFilter.Include include && !PipedAnswer.isWanted(include, text)) {
        return false;
      }
      if (stage instanceof PipeFilter.Count) {
        return true;
      }
    }
    return true;
  }

  /// How many lines passed, if they were to be counted and there was text at all; else -1.
  long finish() throws IOException {
    if (line.size() > 0) {
      end();
    }
    out.flush();
    return used && counts ? count : -1;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
