package dev.patronus.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/// Lines of a script, each given out only when it is read, after something has happened.
final class StepInput extends InputStream {
  private final ShellScriptTest.Step[] steps;
  private byte[] line = {};
  private int step;
  private int at;

  StepInput(ShellScriptTest.Step... steps) {
    this.steps = steps.clone();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (at == line.length && !next()) {
      return -1;
    }
    int count = Math.min(length, line.length - at);
    System.arraycopy(line, at, bytes, offset, count);
    at += count;
    return count;
  }

  private boolean next() throws IOException {
    if (step == steps.length) {
      return false;
    }
    try {
      steps[step].before().happen();
    } catch (SQLException e) {
      throw new IOException(e);
    }
    line = (steps[step].line() + "\n").getBytes(StandardCharsets.UTF_8);
    at = 0;
    step++;
    return true;
  }

  @Override
  public int available() {
    return line.length - at;
  }
}
