package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import java.util.Optional;

/// A paged read of rows for an export.
///
/// Each page is a read of its own that takes some milliseconds; between pages no transaction is
/// open, so no writer waits for an export and no checkpoint either. Rows that are written while it
/// goes on are left to the next one: the greatest key is fixed at the start.
///
/// Confined to the database's thread.
public interface RowScan extends AutoCloseable {
  /// Fills an empty batch with the next rows; false if there are no more. A batch may come back
  /// with few rows, or none, before the end.
  boolean fill(Batch batch);

  /// The same rows as slices that can be read at once, before the first [#fill] and instead of it;
  /// empty if they cannot be, or are few.
  default Optional<RowSlices> slices() {
    return Optional.empty();
  }

  /// The progress, from 0 to 1.
  double done();

  @Override
  void close();
}
