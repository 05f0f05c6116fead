package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.collect.Collector;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.testing.DaemonUnderTest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The receivers of one address on real sockets of the loopback, with exporters of many ports and
/// addresses.
class ReceiversTest {
  private static final int EXPORTERS = 48;
  private static final NetflowSettings SETTINGS =
      new NetflowSettings(
          Rate.NONE,
          Rate.NONE,
          NetflowSettings.Direction.BOTH,
          4 << 20,
          List.of(),
          NetflowSettings.MAX_RATE_BITS,
          ExportCorrections.NONE);

  /// An exporter that sends totals.
  private static final Datagram.Spec[] TOTALS = {
    ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(85, 8), ie(86, 8), ie(152, 8), ie(153, 8)
  };

  /// What [Flows] has, in another order.
  private static final Datagram.Spec[] BYTES_FIRST = {
    ie(1, 8), ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(2, 8)
  };

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final List<Exporter> exporters = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  /// One port of an exporter.
  private final class Exporter implements AutoCloseable {
    private final DatagramSocket socket;
    private int sequence;

    Exporter(int number) throws IOException {
      byte[] address = {127, 0, 0, (byte) (1 + number % 4)};
      socket = new DatagramSocket(0, InetAddress.getByAddress(address));
    }

    void send(Datagram datagram) throws IOException {
      byte[] bytes = datagram.bytes();
      socket.send(new DatagramPacket(bytes, bytes.length, there()));
    }

    /// A flow of 10 packets.
    void sendFlow() throws IOException {
      send(v5(sequence++).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 10, 1500));
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /// The receivers as one process has them.
  private final class Run implements AutoCloseable {
    private final Metrics metrics = new Metrics();
    private final Receivers receivers;
    private final List<UdpSource> sources = new ArrayList<>();

    Run(int count) {
      receivers = new Receivers(count, number -> new TemplateFile(templates(number)));
    }

    UdpSource add(FlowSink sink) throws IOException {
      UdpSource added = create(sources.size() + 1);
      sources.add(added);
      added.start(sink);
      return added;
    }

    private UdpSource create(int number) {
      return new UdpSource(
          new SourceUri.Netflow("127.0.0.1", port, Map.of(), number),
          SETTINGS,
          receivers,
          each -> Optional.of(totals(each)),
          metrics,
          InstantSource.system());
    }

    /// The datagrams that each receiver has read.
    List<Long> received() {
      return sources.stream()
          .map(source -> source.exporters().stream().mapToLong(ExporterStatus::datagrams).sum())
          .toList();
    }

    void awaitReceived(long datagrams) throws Exception {
      DaemonUnderTest.await(
          datagrams + " datagrams",
          () -> received().stream().mapToLong(Long::longValue).sum() >= datagrams);
    }

    @Override
    public void close() {
      sources.forEach(UdpSource::close);
    }
  }

  private InetSocketAddress there() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private Path templates(int receiver) {
    return folder.resolve("templates" + receiver);
  }

  private Path totals(int receiver) {
    return folder.resolve("totals" + receiver);
  }

  private List<Exporter> exporters() throws IOException {
    while (exporters.size() < EXPORTERS) {
      exporters.add(new Exporter(exporters.size()));
    }
    return exporters;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    exporters.forEach(Exporter::close);
  }

  private Run run(int count) {
    Run run = new Run(count);
    open.add(run);
    return run;
  }

  /// Receivers that deliver to the same place.
  private Run started(int count, FlowSink to) throws Exception {
    Run run = run(count);
    for (int i = 0; i < count; i++) {
      run.add(to);
    }
    return run;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16})
  void each_datagram_is_counted_once_by_one_of_all_receivers(int count) throws Exception {
    AtomicLong packets = new AtomicLong();
    Run run = started(count, flow -> packets.addAndGet(flow.packets()));
    for (int round = 0; round < 50; round++) {
      for (Exporter each : exporters()) {
        each.sendFlow();
      }
      run.awaitReceived((round + 1L) * EXPORTERS);
    }
    run.close();
    assertEquals(50L * EXPORTERS * 10, packets.get());
    assertEquals(50L * EXPORTERS, run.metrics.total("source_datagrams_received"));
    assertEquals(0, run.metrics.total("source_sequence_lost"));
    long used = run.received().stream().filter(datagrams -> datagrams > 0).count();
    assertTrue(used == count || count > 3, run.received().toString());
  }

  @Test
  void all_datagrams_of_a_port_arrive_at_one_receiver() throws Exception {
    Run run = started(3, _ -> {});
    for (int i = 0; i < 100; i++) {
      exporters().getFirst().sendFlow();
    }
    run.awaitReceived(100);
    assertTrue(run.received().contains(100L), run.received().toString());
  }

  @Test
  void the_drops_of_a_receiver_are_its_own() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    open.add(release::countDown);
    Run run =
        started(
            2,
            _ -> {
              arrived.countDown();
              awaitQuietly(release);
            });
    exporters().getFirst().sendFlow();
    arrived.await();
    for (int i = 0; i < 20_000; i++) { // more than the buffer holds
      exporters.getFirst().sendFlow();
    }
    List<Long> dropped =
        run.sources.stream()
            .map(source -> source.status().kernelDropped().orElseThrow())
            .sorted()
            .toList();
    assertEquals(0, dropped.getFirst());
    assertTrue(dropped.getLast() > 0, dropped.toString());
    release.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 1", "3, 1", "3, 2", "2, 3"})
  void templates_are_known_wherever_an_exporter_arrives_after_a_restart(int before, int after)
      throws Exception {
    Run first = started(before, _ -> {});
    for (Exporter each : exporters()) {
      each.send(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    }
    first.awaitReceived(EXPORTERS);
    first.close();

    AtomicLong packets = new AtomicLong();
    Run second = started(after, flow -> packets.addAndGet(flow.packets()));
    for (Exporter each : exporters) {
      each.send(ipfix(1).data(TEMPLATE, record()));
    }
    second.awaitReceived(EXPORTERS);
    second.close();
    assertEquals(10L * EXPORTERS, packets.get());
    for (int number = 1; number <= 3; number++) {
      assertEquals(number <= after, Files.exists(templates(number)), "file of " + number);
      assertEquals(number <= after, Files.exists(totals(number)), "totals of " + number);
    }
  }

  private static Octets bytesFirst() {
    return octets().u64(1500).ip("10.0.0.1").ip("10.0.0.2").u16(40000).u16(443).u8(6).u64(10);
  }

  @Test
  void a_template_that_was_redefined_elsewhere_is_the_one_that_counts() throws Exception {
    Run first = started(3, _ -> {});
    for (Exporter each : exporters()) {
      each.send(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    }
    first.awaitReceived(EXPORTERS);
    first.close();
    Run second = started(2, _ -> {});
    for (Exporter each : exporters) {
      each.send(ipfix(1).template(TEMPLATE, BYTES_FIRST).data(TEMPLATE, bytesFirst()));
    }
    second.awaitReceived(EXPORTERS);
    second.close();
    AtomicLong packets = new AtomicLong();
    Run third = started(3, flow -> packets.addAndGet(flow.packets()));
    for (Exporter each : exporters) {
      each.send(ipfix(2).data(TEMPLATE, bytesFirst()));
    }
    third.awaitReceived(EXPORTERS);
    third.close();
    assertEquals(10L * EXPORTERS, packets.get());
  }

  @Test
  void an_exporter_that_moves_while_receivers_come_and_go_loses_nothing() throws Exception {
    AtomicLong packets = new AtomicLong();
    FlowSink sink = flow -> packets.addAndGet(flow.packets());
    Run run = run(1);
    run.add(sink);
    for (Exporter each : exporters()) {
      each.send(ipfix(each.sequence++).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    }
    run.awaitReceived(EXPORTERS);
    DaemonUnderTest.await("templates are saved", () -> Files.exists(templates(1)));
    long sent = EXPORTERS;
    for (int count : new int[] {2, 3, 2, 1, 3}) {
      while (run.sources.size() > count) {
        UdpSource gone = run.sources.removeLast();
        sent -= gone.exporters().stream().mapToLong(ExporterStatus::datagrams).sum();
        gone.releaseSocket();
        gone.close();
      }
      run.receivers.use(count);
      while (run.sources.size() < count) {
        run.add(sink);
      }
      for (int round = 0; round < 40; round++) { // a gap is lost after 32 datagrams
        for (Exporter each : exporters) {
          each.send(ipfix(each.sequence++).data(TEMPLATE, record()));
        }
        sent += EXPORTERS;
        run.awaitReceived(sent);
      }
      assertEquals(count, run.received().stream().filter(each -> each > 0).count());
    }
    run.close();
    assertEquals(10L * EXPORTERS * (1 + 5 * 40), packets.get());
    assertEquals(0, run.metrics.total("source_sequence_lost"));
    assertEquals(0, run.metrics.total("source_sequence_restarts"));
  }

  @Test
  void an_address_with_one_receiver_is_not_shared() throws Exception {
    Run run = run(1);
    run.add(_ -> {});
    Run other = run(2);
    String message = assertThrows(IOException.class, () -> other.add(_ -> {})).getMessage();
    assertTrue(message.contains("ss -ulpn sport = :" + port), message);
  }

  @Test
  void the_receivers_of_an_address_let_nobody_else_in() throws Exception {
    Run run = run(2);
    run.add(_ -> {});
    run.add(_ -> {});
    for (int count : new int[] {1, 2}) {
      Run other = run(count);
      String message = assertThrows(IOException.class, () -> other.add(_ -> {})).getMessage();
      assertTrue(message.contains("ss -ulpn sport = :" + port), message);
    }
  }

  @Test
  void an_address_that_overlaps_is_refused() throws Exception {
    Run run = run(2);
    run.add(_ -> {});
    UdpSource everywhere =
        new UdpSource(
            new SourceUri.Netflow("0.0.0.0", port, Map.of()),
            SETTINGS,
            new Receivers(2, number -> new TemplateFile(templates(number))),
            _ -> Optional.empty(),
            new Metrics(),
            InstantSource.system());
    assertThrows(IOException.class, () -> everywhere.start(_ -> {}));
  }

  @Test
  void a_receiver_does_not_start_beside_a_socket_of_others() throws Exception {
    Run run = run(2);
    run.add(_ -> {});
    try (DatagramChannel joining = joining()) {
      joining.bind(there());
      assertThrows(IOException.class, () -> run.add(_ -> {}));
    }
  }

  private static DatagramChannel joining() throws IOException {
    return DatagramChannel.open(StandardProtocolFamily.INET)
        .setOption(StandardSocketOptions.SO_REUSEPORT, true);
  }

  @Test
  void with_one_receiver_left_the_address_is_not_shared_any_more() throws Exception {
    Run run = run(2);
    run.add(_ -> {});
    UdpSource second = run.add(_ -> {});
    second.releaseSocket();
    second.close();
    run.receivers.use(1);
    try (DatagramChannel joining = joining()) {
      assertThrows(IOException.class, () -> joining.bind(there()));
    }
  }

  @Test
  void a_receiver_that_failed_and_was_closed_is_given_nothing() throws Exception {
    AtomicLong packets = new AtomicLong();
    Run run = run(2);
    run.add(flow -> packets.addAndGet(flow.packets()));
    UdpSource failing =
        run.add(
            new FlowSink() {
              private boolean broken;

              @Override
              public void accept(FlowRecord record) {
                broken = true;
              }

              @Override
              public void flush() {
                if (broken) {
                  throw new IllegalStateException("a defect, made by this test");
                }
              }
            });
    DaemonUnderTest.await(
        "it fails",
        () -> {
          for (Exporter each : exporters()) {
            each.sendFlow();
          }
          return failing.health() instanceof Health.Failed;
        });
    assertInstanceOf(Health.Running.class, run.sources.getFirst().health());
    assertThrows(IllegalStateException.class, failing::close, "its sink fails still");
    long before = run.received().getFirst();
    packets.set(0);
    for (Exporter each : exporters()) {
      each.sendFlow();
    }
    DaemonUnderTest.await(
        "the other one has all", () -> run.received().getFirst() >= before + EXPORTERS);
  }

  @Test
  void the_receive_buffer_is_that_of_all_receivers_together() throws Exception {
    Run run = run(2);
    UdpSource first = run.add(_ -> {});
    run.add(_ -> {});
    int half = first.status().receiveBufferGranted();
    assertEquals((4 << 20) / 2, first.status().receiveBufferAsked());
    run.receivers.use(1);
    assertTrue(first.status().receiveBufferGranted() > half, "" + half);
  }

  /// Collector and counters of one run of the daemon.
  private final class Counting implements AutoCloseable {
    private final Collector collector;
    private final Thread thread;
    private final PolicyCounters counters;

    Counting() throws IOException {
      counters =
          PolicyCounters.open(folder.resolve("counters"), "id", Optional.empty(), new Metrics());
      TrafficAccounting accounting =
          new TrafficAccounting(
              new TrafficAccounting.Settings(Duration.ofMinutes(5), 100_000, false, 3),
              counters,
              1,
              0,
              new Metrics());
      accounting.use(List.of(), TunnelFilter.NONE);
      collector = new Collector(accounting, System::nanoTime, new Metrics());
      thread = Thread.ofPlatform().start(collector);
    }

    Run run(int count) throws IOException {
      Run run = ReceiversTest.this.run(count);
      add(run);
      return run;
    }

    void add(Run run) throws IOException {
      while (run.sources.size() < run.receivers.count()) {
        int receiver = run.sources.size();
        String name = run.create(receiver + 1).name();
        run.add(collector.sink(name, receiver));
      }
    }

    void await(long packets) throws Exception {
      DaemonUnderTest.await(packets + " packets", () -> packets() >= packets);
      assertEquals(packets, packets());
    }

    private long packets() {
      return collector.call(accounting -> accounting.snapshot(Instant.EPOCH).unmatched().packets());
    }

    @Override
    public void close() throws IOException {
      collector.stop();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
      counters.close();
    }
  }

  /// Lets each exporter say what its flow has carried so far.
  private void sendTotals(long packets) throws IOException {
    long began = System.currentTimeMillis() / 86_400_000 * 86_400_000;
    for (Exporter each : exporters()) {
      each.send(
          ipfix(each.sequence++)
              .exportedAt(System.currentTimeMillis())
              .template(TEMPLATE, TOTALS)
              .data(
                  TEMPLATE,
                  octets()
                      .ip("10.0.0.1")
                      .ip("10.0.0.2")
                      .u16(1000)
                      .u16(443)
                      .u8(6)
                      .u64(100 * packets)
                      .u64(packets)
                      .u64(began)
                      .u64(began + 10)));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 1", "3, 1", "2, 3"})
  void totals_continue_wherever_an_exporter_arrives_after_a_restart(int before, int after)
      throws Exception {
    try (Counting counting = new Counting()) {
      Run first = counting.run(before);
      sendTotals(100);
      counting.await(100L * EXPORTERS);
      first.close();
    }
    try (Counting counting = new Counting()) {
      Run second = counting.run(after);
      sendTotals(150);
      counting.await(150L * EXPORTERS);
      second.close();
    }
    try (Counting counting = new Counting()) {
      Run third = counting.run(before);
      sendTotals(155);
      counting.await(155L * EXPORTERS);
      third.close();
    }
  }

  @Test
  void totals_continue_while_receivers_come_and_go() throws Exception {
    try (Counting counting = new Counting()) {
      Run run = counting.run(1);
      long total = 100;
      sendTotals(total);
      counting.await(total * EXPORTERS);
      for (int count : new int[] {3, 2, 1, 2}) {
        while (run.sources.size() > count) {
          UdpSource gone = run.sources.removeLast();
          gone.releaseSocket();
          gone.close();
        }
        run.receivers.use(count);
        counting.add(run);
        sendTotals(++total);
        counting.await(total * EXPORTERS);
      }
      run.close();
    }
    assertFalse(IntStream.range(4, 17).anyMatch(number -> Files.exists(totals(number))));
  }
}
