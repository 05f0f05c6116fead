package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import java.util.List;

/// Several scans, one after the other.
///
/// Confined to the database's thread.
final class ScansInTurn implements RowScan {
  private final List<RowScan> scans;
  private int at;

  ScansInTurn(List<RowScan> scans) {
    this.scans = List.copyOf(scans);
  }

  @Override
  public boolean fill(Batch batch) {
    while (at < scans.size()) {
      if (scans.get(at).fill(batch)) {
        return true;
      }
      at++;
    }
    return false;
  }

  /// The last scan is the long one.
  @Override
  public double done() {
    return at < scans.size() - 1 ? 0 : scans.getLast().done();
  }

  @Override
  public void close() {
    scans.forEach(RowScan::close);
  }
}
