package dev.patronus.daemon.snapshot;

import static java.util.Objects.requireNonNull;

import dev.patronus.collect.CountingProgress;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.error.Counted;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.pcap.CaptureHistory;
import dev.patronus.store.table.CaptureTable;
import dev.patronus.store.table.CapturedTraffic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Counts one capture by the clock of its packets, and takes the totals at the end of each minute.
///
/// A capture that begins with all packets of one that was counted has grown, or is the same under
/// another name: what it has more is counted. A long one is counted in pieces, each in a
/// transaction of its own, as if it had grown: after a crash the next run goes on behind the last
/// one. Confined to the source's thread, which closes it.
final class CaptureReading implements CaptureHistory.Capture {
  /// Brings a capture into the database.
  @FunctionalInterface
  interface Commit {
    /// Counts the capture.
    ///
    /// @return whether it was counted; false if it is not wanted any more
    boolean commit(CaptureCounter.Prepared capture, BooleanSupplier wanted)
        throws InterruptedException;
  }

  private static final int MINUTE = 60;
  private static final long MINUTE_MILLIS = 60_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int BATCH = 64;
  private static final int FLOWS_MAX = 100_000;

  /// The longest time without packets for whose minutes there are rows.
  private static final int IDLE_MINUTES_MAX = 10;

  /// The most readings that are kept.
  private static final int READINGS_MAX = 200_000;

  /// The readings of one transaction, but for those of the minute in which it ends: others wait for
  /// it.
  static final int PIECE_READINGS = 1_000;

  /// The time between two transactions: the longest that SQLite's busy handler sleeps before it
  /// tries again, so that each other program that waits gets its turn.
  private static final Duration PIECES_APART = Duration.ofMillis(100);

  /// The beginning of the capture up to the end of a minute, which counts by itself: what follows
  /// it is to the database the rest of a capture that has grown.
  ///
  /// @param records how many packets of IP, from the capture's first one on
  /// @param lastMillis the time of the latest packet
  /// @param second the last second of its readings
  /// @param total of the packets that count
  /// @param tunnels of the platform's own tunnels
  private record Boundary(
      long records, long digest, long lastMillis, long second, Volume total, Volume tunnels) {}

  private final String name;
  private final Path folder;
  private final CaptureCounter.Rules rules;
  private final Commit commit;
  private final Map<Long, CaptureTable.Counted> known = new HashMap<>();
  private final FlowRecord[] batch = new FlowRecord[BATCH];

  private Optional<CaptureTable.Counted> before = Optional.empty();
  private @Nullable Counting counting;
  private int batched;
  private Map<Long, List<Reading>> policies = new HashMap<>();
  private List<Reading> unmatched = new ArrayList<>();
  private int readingCount;
  private final List<Boundary> boundaries = new ArrayList<>();
  private int readingsAtBoundary;
  private long minute;
  private long records;
  private long digest;
  private long firstMillis;
  private long latestMillis;
  private long packets;
  private long bytes;

  CaptureReading(String name, Path folder, CaptureCounter.Rules rules, Commit commit) {
    this.name = name;
    this.folder = folder;
    this.rules = rules;
    this.commit = commit;
    rules.known().forEach(counted -> known.put(counted.records(), counted));
  }

  @Override
  public void accept(FlowRecord record) {
    long millis = record.startMillis();
    if (counting == null) {
      begin(millis);
    } else if (millis < latestMillis - MINUTE_MILLIS) {
      throw new CaptureHistory.Refused(
          "its packets are not in order of time: one of "
              + Instant.ofEpochMilli(millis)
              + " follows one of "
              + Instant.ofEpochMilli(latestMillis)
              + "; sort them ('reordercap FILE NEW')");
    }
    if (millis >= (minute + 1) * MINUTE_MILLIS) {
      goTo(Math.floorDiv(millis, MINUTE_MILLIS));
    }
    if (before.isEmpty()) {
      firstMillis = Math.min(firstMillis, millis);
    }
    latestMillis = Math.max(latestMillis, millis);
    packets += record.packets();
    bytes += record.bytes();
    batch[batched++] = record;
    if (batched == BATCH) {
      count();
    }
    records++;
    digest = record.digest(digest ^ millis);
    CaptureTable.Counted counted = known.get(records);
    if (counted != null && counted.digest() == digest) {
      before = Optional.of(counted);
      close();
    }
  }

  /// What counts the packets, from the first one that no earlier run has counted.
  private record Counting(
      PolicyCounters counters, TrafficAccounting accounting, CountingProgress progress) {}

  private Counting counting() {
    return requireNonNull(counting);
  }

  /// Begins with the next packet: all before it was counted by an earlier run.
  private void begin(long millis) {
    PolicyCounters counters = openCounters();
    TrafficAccounting accounting =
        new TrafficAccounting(
            rules.settings(), counters, 0, millis * NANOS_PER_MILLI, new Metrics());
    accounting.use(rules.policies(), rules.tunnels());
    counting = new Counting(counters, accounting, new CountingProgress(name));
    batched = 0;
    policies = new HashMap<>();
    unmatched = new ArrayList<>();
    readingCount = 0;
    boundaries.clear();
    readingsAtBoundary = 0;
    minute = Math.floorDiv(millis, MINUTE_MILLIS);
    firstMillis = before.map(counted -> Math.max(millis, counted.lastMillis())).orElse(millis);
    latestMillis = millis;
    packets = 0;
    bytes = 0;
  }

  /// Counters that no file outlives: it has no name any more once it is open.
  private PolicyCounters openCounters() {
    Path file = folder.resolve("capture-" + UUID.randomUUID() + ".tmp");
    try {
      PolicyCounters opened = PolicyCounters.open(file, name, Optional.empty(), new Metrics());
      Files.delete(file);
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
    }
  }

  private void count() {
    if (batched > 0) {
      Counting to = counting();
      to.accounting.count(batch, batched, to.progress, latestMillis * NANOS_PER_MILLI);
      batched = 0;
    }
  }

  private void goTo(long next) {
    count();
    read(minute);
    if (next - minute <= IDLE_MINUTES_MAX) {
      while (++minute < next) {
        read(minute);
      }
    } else {
      read(next - 1);
    }
    minute = next;
    if (readingCount - readingsAtBoundary >= PIECE_READINGS) {
      boundaries.add(boundary(minute * MINUTE - 1));
      readingsAtBoundary = readingCount;
    }
  }

  private Boundary boundary(long second) {
    PolicyTotal tunnels = counting().accounting.tunnels();
    return new Boundary(
        records,
        digest,
        latestMillis,
        second,
        new Volume(packets, bytes),
        new Volume(tunnels.packets(), tunnels.bytes()));
  }

  /// Takes the totals at the end of a minute.
  private void read(long ofMinute) {
    long second = (ofMinute + 1) * MINUTE - 1;
    TrafficAccounting accounting = counting().accounting;
    while (!accounting.tidy(second * 1_000 * NANOS_PER_MILLI)) {}
    read(accounting.snapshot(Instant.ofEpochSecond(second)));
  }

  private void read(Snapshot snapshot) {
    long second = snapshot.taken().getEpochSecond();
    for (PolicyTotal total : snapshot.policies()) {
      if (total.packets() > 0) {
        add(policies.computeIfAbsent(total.policyId(), _ -> new ArrayList<>()), total, second);
      }
    }
    if (snapshot.unmatched().packets() > 0) {
      add(unmatched, snapshot.unmatched(), second);
    }
  }

  private void add(List<Reading> readings, PolicyTotal total, long second) {
    if (++readingCount > READINGS_MAX) {
      throw new CaptureHistory.Refused(
          "it has more than "
              + READINGS_MAX
              + " minutes of policies; cut it ('editcap -A FROM -B TO FILE NEW')");
    }
    readings.add(
        new Reading(total.policyId(), second, total.packets(), total.bytes(), total.activeFlows()));
  }

  @Override
  public String finish(BooleanSupplier wanted) throws InterruptedException {
    if (counting == null) {
      return before
          .map(counted ->
              "all of it was counted before, at " + counted.at() + ", as " + counted.name())
          .orElse("it has no packets of IP");
    }
    count();
    long last = Math.floorDiv(latestMillis, 1_000);
    TrafficAccounting accounting = counting().accounting;
    while (!accounting.tidy(latestMillis * NANOS_PER_MILLI)) {}
    read(accounting.snapshot(Instant.ofEpochSecond(last)));
    String counted =
        Counted.of(packets, "packet was", "packets were")
            + " counted from "
            + Instant.ofEpochMilli(firstMillis)
            + " to "
            + Instant.ofEpochMilli(latestMillis)
            + before
                .map(earlier ->
                    ", those after the "
                        + Counted.grouped(earlier.records())
                        + " that were counted at "
                        + earlier.at())
                .orElse("");
    boundaries.add(boundary(last));
    return commit(wanted)
        .map(until -> "it was counted until " + until + " alone, because the source was closed")
        .orElse(counted);
  }

  /// Counts the pieces in the order of their times.
  ///
  /// @return where the source was closed; empty if all of it was counted
  private Optional<Instant> commit(BooleanSupplier wanted) throws InterruptedException {
    List<CaptureCounter.Piece> own = new ArrayList<>();
    Boundary start =
        new Boundary(0, 0, firstMillis, Long.MIN_VALUE, new Volume(0, 0), new Volume(0, 0));
    for (Boundary end : boundaries) {
      CapturedTraffic piece = piece(start, end);
      if (!commit(new CaptureCounter.Prepared(rules, own, piece), start, wanted)) {
        return Optional.of(Instant.ofEpochMilli(start.lastMillis()));
      }
      own.add(new CaptureCounter.Piece(piece.records(), piece.digest()));
      start = end;
      if (own.size() < boundaries.size()) {
        Thread.sleep(PIECES_APART);
      }
    }
    return Optional.empty();
  }

  private boolean commit(CaptureCounter.Prepared piece, Boundary start, BooleanSupplier wanted)
      throws InterruptedException {
    try {
      return commit.commit(piece, wanted);
    } catch (CaptureHistory.Refused e) {
      if (piece.own().isEmpty()) {
        throw e;
      }
      throw new CaptureHistory.Refused(
          "it was counted until "
              + Instant.ofEpochMilli(start.lastMillis())
              + " alone: "
              + e.getMessage());
    }
  }

  private CapturedTraffic piece(Boundary start, Boundary end) {
    Map<Long, List<Reading>> of = new HashMap<>();
    policies.forEach((policy, readings) -> {
      List<Reading> more = between(readings, start, end);
      if (!more.isEmpty()) {
        of.put(policy, more);
      }
    });
    return new CapturedTraffic(
        name,
        end.records(),
        end.digest(),
        start.lastMillis(),
        end.lastMillis(),
        latestMillis,
        minus(end.total(), start.total()),
        of,
        between(unmatched, start, end),
        minus(end.tunnels(), start.tunnels()));
  }

  /// The readings of a piece, as if the counters had begun at zero with it; none from before its
  /// first packet.
  private static List<Reading> between(List<Reading> readings, Boundary start, Boundary end) {
    Volume from = new Volume(0, 0);
    List<Reading> more = new ArrayList<>();
    for (Reading reading : readings) {
      if (reading.epochSecond() <= start.second()) {
        from = new Volume(reading.packets(), reading.bytes());
      } else if (reading.epochSecond() <= end.second() && reading.packets() > from.packets()) {
        more.add(
            new Reading(
                reading.policyId(),
                reading.epochSecond(),
                reading.packets() - from.packets(),
                reading.bytes() - from.bytes(),
                reading.activeFlows()));
      }
    }
    return more;
  }

  private static Volume minus(Volume all, Volume before) {
    return new Volume(all.packets() - before.packets(), all.bytes() - before.bytes());
  }

  /// The accounting settings for a capture.
  static TrafficAccounting.Settings settings(Duration flowTimeout, boolean replies) {
    return new TrafficAccounting.Settings(flowTimeout, FLOWS_MAX, replies, 1);
  }

  @Override
  public void close() {
    if (counting != null) {
      try {
        counting.counters.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        counting = null;
      }
    }
  }
}
