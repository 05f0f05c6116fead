package dev.patronus.notify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Runs a program without arguments; the notice is in variables of its environment
/// (`PATRONUS_ALERT_NAME`, ...).
record CommandAction(Path file) implements Action {

  @Override
  public String name() {
    return "command";
  }

  @Override
  public String target() {
    return file.toString();
  }

  @Override
  public void deliver(Notice notice) throws IOException, InterruptedException {
    BoundedProcess.run(List.of(file.toString()), notice.variables(), "", BoundedProcess.TIMEOUT);
  }
}
