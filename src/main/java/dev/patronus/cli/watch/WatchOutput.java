package dev.patronus.cli.watch;

import java.io.IOException;

/// How a watch is shown: a screen that is drawn again, lines that are added, rows, or documents.
///
/// Confined to the watch's thread. Closing it leaves the terminal as it was.
sealed interface WatchOutput extends AutoCloseable
    permits WatchDocuments, WatchLines, WatchRows, WatchScreen {

  /// Shows a reading, in a single write.
  void show(WatchReading reading) throws IOException;

  /// The window has another size.
  default void resize() {}

  /// Whether a person sees the end of it, and wants a summary.
  boolean forPeople();

  @Override
  void close() throws IOException;
}
