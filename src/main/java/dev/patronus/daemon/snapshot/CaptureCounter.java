package dev.patronus.daemon.snapshot;

import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.policy.Policy;
import dev.patronus.source.pcap.CaptureHistory;
import dev.patronus.store.table.CaptureTable;
import dev.patronus.store.table.CapturedTraffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// Counts captures into the history of their own time: each by the same accounting as live traffic,
/// with the capture's clock, then all of it in one transaction of the database worker.
///
/// Safe from any thread.
public final class CaptureCounter implements CaptureHistory {
  private static final Duration RETRY = Duration.ofSeconds(1);

  /// What a capture is counted with.
  ///
  /// @param known the captures that were counted
  public record Rules(
      List<Policy> policies,
      TunnelFilter tunnels,
      TrafficAccounting.Settings settings,
      List<CaptureTable.Counted> known) {
    public Rules {
      policies = List.copyOf(policies);
      known = List.copyOf(known);
    }

    /// Whether a capture that was counted with others counts the same with these.
    boolean sameAs(Rules others) {
      return policies.equals(others.policies) && known.equals(others.known);
    }
  }

  /// What became of a capture.
  public enum Outcome {
    COUNTED,
    /// Older rows must be rolled up first.
    NOT_YET,
    /// Policies or counted captures changed while it was read.
    OUTDATED
  }

  private final Path folder;
  private final Supplier<Rules> rules;
  private final Function<Prepared, Outcome> count;

  /// A capture that was read whole.
  public record Prepared(Rules rules, CapturedTraffic traffic) {}

  /// @param folder for files that exist for a moment only: the state folder
  /// @param rules asks the database worker
  /// @param count lets the database worker count a capture; throws [UserError] with
  ///   [ExitCode#REFUSED] if it never will
  public CaptureCounter(Path folder, Supplier<Rules> rules, Function<Prepared, Outcome> count) {
    this.folder = folder;
    this.rules = rules;
    this.count = count;
  }

  @Override
  public Capture begin(String name) {
    return new CaptureReading(name, folder, rules.get(), this::commit);
  }

  /// Waits while the database is busy; a transaction whose answer was lost is recognised by the
  /// captures that were counted then.
  ///
  /// @return whether it was counted; false if the source was closed before
  private boolean commit(Prepared capture, BooleanSupplier wanted) throws InterruptedException {
    while (wanted.getAsBoolean()) {
      try {
        switch (count.apply(capture)) {
          case COUNTED -> {
            return true;
          }
          case NOT_YET -> Thread.sleep(RETRY);
          case OUTDATED ->
              throw new IllegalStateException(
                  "policies or counted captures changed while it was read");
        }
      } catch (UserError e) {
        if (e.exitCode() == ExitCode.REFUSED) {
          throw new Refused(e.getMessage());
        }
        Thread.sleep(RETRY);
      }
    }
    return false;
  }
}
