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
/// with the capture's clock, then in transactions of the database worker, each short.
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

  /// A part of a capture that was counted by itself, with all before it.
  ///
  /// @param records how many packets of IP
  public record Piece(long records, long digest) {}

  /// A piece of a capture that was read whole.
  ///
  /// @param rules those that it was read with
  /// @param own the pieces before it, which were counted since
  public record Prepared(Rules rules, List<Piece> own, CapturedTraffic traffic) {
    public Prepared {
      own = List.copyOf(own);
    }

    /// Whether it counts the same with the rules of now.
    boolean isCurrent(Rules now) {
      List<CaptureTable.Counted> others =
          now.known().stream()
              .filter(each -> !own.contains(new Piece(each.records(), each.digest())))
              .toList();
      return rules.policies().equals(now.policies()) && rules.known().equals(others);
    }
  }

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
