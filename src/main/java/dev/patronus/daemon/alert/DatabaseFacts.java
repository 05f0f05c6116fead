package dev.patronus.daemon.alert;

import dev.patronus.alert.Budget;
import dev.patronus.alert.Measured;
import dev.patronus.error.UserError;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.route.PathMetrics;
import dev.patronus.site.Site;
import dev.patronus.store.Database;
import dev.patronus.store.DiskSpace;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.SiteTable;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the database knows of sites, paths and earlier days, each read once in a round when it is
/// first asked for. After one refusal nothing more is read in the round.
///
/// Confined to the database worker's thread.
final class DatabaseFacts {
  private final Path file;
  private final UsualCache usual;
  private final BudgetCache budgets;
  private Optional<Database> open;
  private String refusal = "the database cannot be read now";
  private @Nullable List<Site> sites;
  private @Nullable Map<Long, PathMetrics> paths;

  /// @param open the database; empty if it cannot be used
  DatabaseFacts(Optional<Database> open, Path file, UsualCache usual, BudgetCache budgets) {
    this.open = open;
    this.file = file;
    this.usual = usual;
    this.budgets = budgets;
    usual.begin();
  }

  private Measured reading(Supplier<Measured> work) {
    try {
      return work.get();
    } catch (UserError e) {
      open = Optional.empty();
      refusal = e.getMessage();
      return Measured.unknown(refusal);
    }
  }

  private Measured reading(Function<Database, Measured> work) {
    return reading(() -> open.map(work).orElseGet(() -> Measured.unknown(refusal)));
  }

  /// The seconds since a site was last seen.
  Measured siteSilence(String site, Instant now) {
    return reading(database -> {
      if (sites == null) {
        sites = new SiteTable(database).all();
      }
      List<Site> fitting = sites.stream().filter(each -> each.id().equals(site)).toList();
      if (fitting.isEmpty()) {
        fitting = sites.stream().filter(each -> each.name().equals(site)).toList();
      }
      if (fitting.size() != 1) {
        return Measured.unknown(
            fitting.isEmpty()
                ? "there is no site '" + site + "'"
                : "several sites have the name '" + site + "'; use the id");
      }
      return Measured.of(
          (double)
              Math.max(0, now.getEpochSecond() - fitting.getFirst().lastSeen().getEpochSecond()));
    });
  }

  /// A value of the newest measurement of a path.
  ///
  /// @param all the paths of all rules
  Measured path(long pathId, Set<Long> all, Function<PathMetrics, Double> value) {
    return reading(database -> {
      if (paths == null) {
        paths = new PathTable(database).of(all);
      }
      PathMetrics measured = paths.get(pathId);
      return measured == null
          ? Measured.unknown("path " + pathId + " has no measurement")
          : Measured.of(value.apply(measured));
    });
  }

  Measured usual(Whose whose, Measure measure, Instant now, ZoneId zone) {
    return reading(() -> usual.usual(open, whose, measure, now, zone));
  }

  /// A budget's use in per cent.
  Measured budget(Budget budget, Whose whose, boolean forecast, Instant now, ZoneId zone) {
    return reading(() -> budgets.percent(open, budget, whose, forecast, now, zone));
  }

  /// The room on the disk.
  Measured diskFree(boolean percent) {
    return DiskSpace.room(file)
        .filter(room -> room.total() > 0)
        .map(room ->
            Measured.of(percent ? 100.0 * room.left() / room.total() : (double) room.left()))
        .orElseGet(() -> Measured.unknown("the disk cannot be measured"));
  }
}
