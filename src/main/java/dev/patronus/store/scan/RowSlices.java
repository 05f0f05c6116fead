package dev.patronus.store.scan;

import java.util.Optional;

/// The rows of a scan as slices that follow each other in its order, so that several threads can
/// read at once.
///
/// Safe from any thread. What is promised is what [RowScan] promises: each page is a read of its
/// own, and the greatest key was fixed at the start. Slices are read in any order of time, as pages
/// are read at different times.
public interface RowSlices {
  /// Opens a reader with a connection of its own; empty if there can be none.
  Optional<SliceReader> reader();

  /// Reads slices that no other reader has taken.
  ///
  /// Confined to one thread at a time; [#close()] closes its connection.
  interface SliceReader extends RowScan {
    /// Goes on to the next slice.
    ///
    /// @return its number, counted from 0; -1 if none is left
    long next();
  }
}
