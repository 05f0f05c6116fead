package dev.patronus.notify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

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

  /// The variables, one a line.
  @Override
  public String content(Notice notice) {
    return notice.variables().entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void deliver(Notice notice) throws IOException, InterruptedException {
    BoundedProcess.run(List.of(file.toString()), notice.variables(), "", BoundedProcess.TIMEOUT);
  }
}
