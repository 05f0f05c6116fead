package dev.patronus.shell;

import java.io.IOException;
import java.time.Instant;
import java.util.function.Consumer;
import org.jline.reader.impl.history.DefaultHistory;

/// The editor's history, of which each line is also kept in a file: for Ctrl-R and the arrows.
///
/// Confined to the shell's thread. What must not be kept is not even remembered until the end.
final class PersistentHistory extends DefaultHistory {
  private final HistoryFile file;
  private final Consumer<String> warnings;
  private boolean broken;

  PersistentHistory(HistoryFile file, Consumer<String> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  /// Loads what earlier shells kept.
  void load(Instant now) {
    try {
      file.load().forEach(line -> super.add(now, line));
    } catch (IOException | RuntimeException e) {
      warn(e);
    }
  }

  /// Does nothing: what the editor accepts may be several commands, which are remembered one by
  /// one.
  @Override
  public void add(Instant time, String typed) {}

  /// Remembers a command.
  void remember(Instant time, String typed) {
    String line = typed.stripTrailing();
    boolean repeated = !isEmpty() && get(last()).equals(line);
    if (repeated || !SecretFilter.mayKeep(line)) {
      return;
    }
    super.add(time, line);
    if (!broken) {
      keep(line);
    }
  }

  private void keep(String line) {
    try {
      file.append(line);
    } catch (IOException | RuntimeException e) {
      warn(e);
    }
  }

  private void warn(Exception e) {
    broken = true;
    warnings.accept("The command history is not saved: " + e);
  }
}
