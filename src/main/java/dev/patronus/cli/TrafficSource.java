package dev.patronus.cli;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.UserError;
import dev.patronus.flow.Volume;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import dev.patronus.store.PolicyStatsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;

/// Where `stats` gets its numbers: from the daemon that works on this database, else from the
/// latest snapshot in it.
final class TrafficSource {
  private TrafficSource() {}

  static TrafficNow ask(Call call) {
    return live(call).orElseGet(() -> snapshot(call));
  }

  /// The daemon's numbers; empty if none answers, or it works on another database.
  private static Optional<TrafficNow> live(Call call) {
    if (!Files.exists(call.socketFile())) {
      return Optional.empty();
    }
    try {
      return new DaemonLink(call)
          .ask(new Request.Stats())
          .map(Reply.Stats.class::cast)
          .filter(stats -> isSame(Path.of(stats.database()), call.databaseFile()))
          .map(TrafficSource::live);
    } catch (UserError e) {
      call.say("The daemon cannot be asked (" + e.getMessage() + ").");
      return Optional.empty();
    }
  }

  private static boolean isSame(Path theirs, Path ours) {
    try {
      return Files.isSameFile(theirs, ours);
    } catch (IOException _) {
      return false;
    }
  }

  private static TrafficNow live(Reply.Stats stats) {
    return new TrafficNow(
        TrafficNow.Source.LIVE,
        Optional.of(stats.asOf()),
        stats.policies(),
        Optional.of(new Volume(stats.unmatched().packets(), stats.unmatched().bytes())),
        stats.estimated());
  }

  private static TrafficNow snapshot(Call call) {
    PolicyStatsTable table = new PolicyStatsTable(call.database());
    var policies = table.latest();
    return new TrafficNow(
        TrafficNow.Source.SNAPSHOT,
        policies.stream()
            .map(PolicyTraffic::lastUpdated)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder()),
        policies,
        table.unmatched(),
        false);
  }
}
