package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TopFlows;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.store.Database;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Counters, totals journal and database, each as it was at another moment, as a power cut may
/// leave them: whatever is put together, running totals are never counted twice.
class PowerCutTest {
  private static final int FLOWS = 3;
  private static final int MOMENTS = 4;
  private static final Datagram.Spec[] FIELDS = {
    ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(85, 8), ie(86, 8), ie(152, 8), ie(153, 8)
  };
  private static final Datagram.Spec[] MARK = {
    ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(1, 8), ie(2, 8)
  };
  private static final Actor DAEMON = new Actor("daemon", null, "test");
  private static final NetflowSettings SETTINGS =
      new NetflowSettings(
          Rate.NONE,
          Rate.NONE,
          NetflowSettings.Direction.BOTH,
          100_000,
          List.of(),
          NetflowSettings.MAX_RATE_BITS,
          ExportCorrections.NONE);

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final long began = System.currentTimeMillis() - 600_000;
  private long sequence;
  private int marks;
  private long marked;

  /// What lies on the disk at one moment.
  @SuppressWarnings("ArrayRecordComponent") // compared by identity alone
  private record Moment(byte[] counters, byte[] journal, byte[] database, long truth, long saved) {}

  @BeforeEach
  void makeDatabase() throws Exception {
    PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST).close();
    try (Database database = Database.openWritable(database())) {
      String _ = new SnapshotTable(database).identify(Optional.of("id"), DAEMON, Instant.EPOCH);
    }
  }

  private Path database() {
    return folder.resolve("sdwan.db");
  }

  private Path counters() {
    return folder.resolve("counters");
  }

  private Path journal() {
    return folder.resolve("totals");
  }

  /// The daemon's parts that count, from start to end; leaves all as a killed process does.
  private final class Run implements AutoCloseable {
    private final Metrics metrics = new Metrics();
    private final TrafficAccounting accounting;
    private final Collector collector;
    private final Thread thread;
    private final UdpSource source;

    Run(long boot) throws IOException {
      try (Database open = Database.openWritable(database())) {
        SnapshotTable table = new SnapshotTable(open);
        // not closed: that would say that the file is whole
        PolicyCounters opened =
            PolicyCounters.open(
                counters(), "id", table.newest(), table.lastReset(), boot, new Metrics());
        accounting =
            new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, opened, 1, 0, metrics);
      }
      accounting.use(List.of(), TunnelFilter.NONE);
      collector = new Collector(accounting, System::nanoTime, metrics);
      thread = Thread.ofPlatform().start(collector);
      SourceUri.Netflow uri = new SourceUri.Netflow("127.0.0.1", port, Map.of());
      source =
          new UdpSource(
              uri,
              SETTINGS,
              new Receivers(1, number -> new TemplateFile(folder.resolve("templates" + number))),
              number -> Optional.of(number == 1 ? journal() : folder.resolve("none")),
              metrics,
              InstantSource.system());
      source.start(collector.sink(uri.text(), 0));
    }

    long packets() {
      return collector.call(accounting -> accounting.snapshot(Instant.EPOCH).unmatched().packets());
    }

    /// Lets each flow have carried so much, and waits until that is counted; a record of one packet
    /// behind them shows it.
    void send(DatagramSocket exporter, long total) throws Exception {
      List<Octets> records = new ArrayList<>();
      for (int flow = 0; flow < FLOWS; flow++) {
        records.add(record(1000 + flow, total, began));
      }
      long now = System.currentTimeMillis();
      Octets mark = mark(20_000 + ++marks);
      marked++;
      byte[] bytes =
          ipfix(sequence)
              .exportedAt(now)
              .template(TEMPLATE, FIELDS)
              .data(TEMPLATE, records.toArray(Octets[]::new))
              .template(TEMPLATE + 1, MARK)
              .data(TEMPLATE + 1, mark)
              .bytes();
      sequence += records.size() + 1;
      int port = 20_000 + marks;
      exporter.send(
          new DatagramPacket(
              bytes,
              bytes.length,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), PowerCutTest.this.port)));
      DaemonUnderTest.await(
          "the datagram is counted",
          () ->
              collector.call(
                  accounting -> flows(accounting).anyMatch(flow -> flow.key().srcPort() == port)));
    }

    private static Stream<ActiveFlow> flows(TrafficAccounting accounting) {
      TopFlows top = new TopFlows(Order.PACKETS, FlowFilter.ALL, 10_000);
      while (top.step(accounting, 0)) {}
      return top.flows().stream();
    }

    private static Octets mark(int port) {
      return octets().ip("10.0.0.1").ip("10.0.0.2").u16(port).u16(443).u8(6).u64(100).u64(1);
    }

    private Octets record(int port, long packets, long start) {
      return octets()
          .ip("10.0.0.1")
          .ip("10.0.0.2")
          .u16(port)
          .u16(443)
          .u8(6)
          .u64(100 * packets)
          .u64(packets)
          .u64(start)
          .u64(start + 10);
    }

    /// As the daemon does it: totals, journals, database.
    void save() throws IOException {
      CounterState state = collector.call(accounting -> accounting.state(Instant.now()));
      source.sync();
      try (Database open = Database.openWritable(database())) {
        int _ = new SnapshotTable(open).write(state, Optional.of(Map.of()), List.of(), DAEMON);
      }
    }

    @Override
    public void close() throws IOException {
      source.close();
      collector.stop();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }

  private Moment moment(long truth, long saved) throws IOException {
    return new Moment(
        Files.readAllBytes(counters()),
        Files.readAllBytes(journal()),
        Files.readAllBytes(database()),
        truth,
        saved);
  }

  private void put(Moment counters, Moment journal, Moment database) throws IOException {
    Files.deleteIfExists(counters()); // another file: the one before is still mapped
    Files.write(counters(), counters.counters());
    Files.write(journal(), journal.journal());
    Files.write(database(), database.database());
  }

  @Test
  void whatever_a_power_cut_leaves_of_each_file_nothing_counts_twice() throws Exception {
    List<Moment> moments = new ArrayList<>();
    try (DatagramSocket exporter = new DatagramSocket()) {
      try (Run run = new Run(1)) {
        long saved = 0;
        for (int step = 1; step <= MOMENTS; step++) {
          run.send(exporter, 100L * step);
          long truth = 100L * step * FLOWS + marked;
          assertEquals(truth, run.packets());
          if (step % 2 == 1) {
            run.save();
            saved = truth;
          }
          moments.add(moment(truth, saved));
        }
      }
      for (Moment counters : moments) {
        for (Moment journal : moments) {
          for (Moment database : moments) {
            for (long boot = 1; boot <= 2; boot++) {
              compare(exporter, counters, journal, database, boot);
            }
          }
        }
      }
    }
  }

  private void compare(
      DatagramSocket exporter, Moment counters, Moment journal, Moment database, long boot)
      throws Exception {
    put(counters, journal, database);
    String what =
        "counters of "
            + counters.truth()
            + ", journal of "
            + journal.truth()
            + ", database of "
            + database.truth()
            + ", boot "
            + boot;
    marked = MOMENTS;
    try (Run run = new Run(boot)) {
      run.send(exporter, 100L * MOMENTS + 7);
      long truth = (100L * MOMENTS + 7) * FLOWS + marked;
      long packets = run.packets();
      assertTrue(packets <= truth, what + ": " + packets + " of " + truth);
      assertTrue(packets >= database.saved(), what + ": " + packets + " were " + database.saved());
      boolean killed =
          boot == 1 && counters.truth() == journal.truth() && counters.truth() >= database.truth();
      if (killed) {
        long lost = MOMENTS - (counters.truth() % 100); // marks, which do not grow
        assertEquals(truth - lost, packets, what);
      }
    }
  }
}
