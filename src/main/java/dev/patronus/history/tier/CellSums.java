package dev.patronus.history.tier;

import java.util.ArrayList;
import java.util.List;

/// The sums of cells in those of a coarser tier.
///
/// Confined to one thread.
public final class CellSums {
  private final Tier tier;
  private final List<Cell> cells = new ArrayList<>();

  public CellSums(Tier tier) {
    this.tier = tier;
  }

  /// Takes the next cell; they must come in order of time.
  public void add(Cell cell) {
    Cell coarse = cell.in(tier);
    if (!cells.isEmpty() && cells.getLast().start() == coarse.start()) {
      cells.set(cells.size() - 1, cells.getLast().plus(coarse));
    } else {
      cells.add(coarse);
    }
  }

  /// The sums, in order of time.
  public List<Cell> cells() {
    return List.copyOf(cells);
  }
}
