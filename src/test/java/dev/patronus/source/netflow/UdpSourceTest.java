package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpPrefix;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The source on real sockets of the loopback.
class UdpSourceTest {
  /// With a buffer that every kernel grants.
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
  private final Metrics metrics = new Metrics();
  private final BlockingQueue<FlowRecord> flows = new LinkedBlockingQueue<>();
  private DatagramSocket exporter;
  private UdpSource source;

  @BeforeEach
  void open() throws Exception {
    exporter = new DatagramSocket();
    source = source("127.0.0.1", SETTINGS);
  }

  @AfterEach
  void close() {
    source.close();
    exporter.close();
  }

  private UdpSource source(String host, NetflowSettings settings) throws IOException {
    SourceUri.Netflow uri = new SourceUri.Netflow(host, freePort(host), Map.of());
    return new UdpSource(
        uri,
        settings,
        new Receivers(1, number -> TemplateFile.in(folder, number == 1 ? "test" : "test" + number)),
        number -> Optional.of(folder.resolve("totals" + number)),
        metrics,
        InstantSource.system());
  }

  private static int freePort(String host) throws IOException {
    try (DatagramSocket any = new DatagramSocket(0, InetAddress.getByName(host))) {
      return any.getLocalPort();
    }
  }

  private void send(Datagram datagram) throws IOException {
    byte[] bytes = datagram.bytes();
    String name = source.name();
    String authority = name.substring("netflow://".length());
    int colon = authority.lastIndexOf(':');
    String host = authority.substring(0, colon).replace("[", "").replace("]", "");
    int port = Integer.parseInt(authority.substring(colon + 1));
    exporter.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(host, port)));
  }

  private static Datagram flow() {
    return v5(0).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 10, 1500);
  }

  @Test
  void a_source_that_was_not_started_opens_nothing() throws Exception {
    assertEquals(new Health.Idle(), source.health());
    assertEquals(0, source.status().receiveBufferGranted());
    try (DatagramSocket same = new DatagramSocket(portOf(source))) {
      assertTrue(same.isBound());
    }
  }

  private static int portOf(UdpSource source) {
    return Integer.parseInt(source.name().substring(source.name().lastIndexOf(':') + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::1"})
  void what_is_sent_to_it_is_handed_on(String host) throws Exception {
    source.close();
    source = source(host, SETTINGS);
    source.start(flows::add);
    send(flow());
    assertEquals("10.0.0.1:1 > 10.0.0.2:2 6 10/1500", Collector.text(flows.take()));
    assertEquals(new Health.Running(), source.health());
    assertEquals(1, source.status().exporters().size());
    assertEquals(1, metrics.total("source_datagrams_received"));
  }

  @Test
  void the_sink_is_flushed_when_there_is_nothing_more() throws Exception {
    CountDownLatch flushed = new CountDownLatch(1);
    source.start(
        new FlowSink() {
          @Override
          public void accept(FlowRecord record) {
            flows.add(record);
          }

          @Override
          public void flush() {
            if (!flows.isEmpty()) {
              flushed.countDown();
            }
          }
        });
    send(flow());
    flushed.await();
  }

  @Test
  void closing_hands_on_what_has_been_received() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    source.start(flow -> {
      flows.add(flow);
      arrived.countDown();
      awaitQuietly(release);
    });
    for (int i = 0; i < 50; i++) {
      send(flow());
    }
    arrived.await();
    Thread closer = Thread.ofVirtual().start(source::close);
    release.countDown();
    closer.join();
    assertEquals(50, flows.size());
    assertEquals(new Health.Idle(), source.health());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_port_that_is_taken_is_named_with_a_way_to_find_out_by_whom() throws Exception {
    try (DatagramSocket taken =
        new DatagramSocket(portOf(source), InetAddress.getLoopbackAddress())) {
      assertTrue(taken.isBound());
      String message = assertThrows(IOException.class, () -> source.start(flows::add)).getMessage();
      assertTrue(message.contains("ss -ulpn sport = :" + portOf(source)), message);
      assertEquals(new Health.Idle(), source.health());
    }
    source.start(flows::add);
    assertEquals(new Health.Running(), source.health());
  }

  @Test
  void templates_outlive_the_process() throws Exception {
    source.start(flows::add);
    send(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    flows.take();
    source.close();

    source = source("127.0.0.1", SETTINGS);
    source.start(flows::add);
    send(ipfix(1).data(TEMPLATE, record()));
    assertEquals(10, flows.take().packets());
  }

  @Test
  void templates_are_on_disk_soon_after_they_came_and_not_only_at_the_end() throws Exception {
    source.start(flows::add);
    send(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    flows.take();
    DaemonUnderTest.await(
        "the templates are on disk", () -> Files.exists(folder.resolve("test.templates")));
  }

  @Test
  void a_damaged_file_of_templates_is_counted_and_otherwise_ignored() throws Exception {
    Files.writeString(folder.resolve("test.templates"), "rubbish that is long enough");
    source.start(flows::add);
    send(flow());
    flows.take();
    assertEquals(1, metrics.total("source_templates_file_failed"));
  }

  @Test
  void only_allowed_exporters_are_read() throws Exception {
    source.close();
    NetflowSettings plain = SETTINGS;
    source =
        source(
            "127.0.0.1",
            new NetflowSettings(
                plain.sampling(),
                plain.samplingDefault(),
                plain.direction(),
                plain.receiveBufferBytes(),
                List.of(IpPrefix.parse("192.0.2.0/24")),
                NetflowSettings.MAX_RATE_BITS,
                ExportCorrections.NONE));
    source.start(flows::add);
    send(flow());
    source.close();
    assertEquals(0, flows.size());
    assertEquals(1, metrics.total("source_datagrams_dropped"));
  }

  @Test
  void what_the_kernel_dropped_is_shown() throws Exception {
    source.close();
    NetflowSettings plain = SETTINGS;
    source =
        source(
            "127.0.0.1",
            new NetflowSettings(
                plain.sampling(),
                plain.samplingDefault(),
                plain.direction(),
                4096,
                List.of(),
                NetflowSettings.MAX_RATE_BITS,
                ExportCorrections.NONE));
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    source.start(flow -> {
      arrived.countDown();
      awaitQuietly(release);
    });
    send(flow());
    arrived.await();
    for (int i = 0; i < 1000; i++) {
      send(flow());
    }
    long dropped = source.status().kernelDropped().orElseThrow();
    release.countDown();
    assertTrue(dropped > 0);
    source.close();
    assertEquals(dropped, source.status().kernelDropped().orElseThrow(), "after it was closed");
  }

  @Test
  void a_privileged_process_gets_a_receive_buffer_beyond_the_limit_of_the_system()
      throws Exception {
    Tools.requireRoot();
    Tools.requireKernel(
        Files.readString(Path.of("/proc/self/status"))
            .matches("(?s).*CapEff:\\s*[0-9a-f]*[13579bdf][0-9a-f]{3}\n.*"),
        "CAP_NET_ADMIN for receive buffers beyond the limit");
    int most;
    try (BufferedReader file = Files.newBufferedReader(Path.of("/proc/sys/net/core/rmem_max"))) {
      most = Integer.parseInt(file.readLine()); // such a file gives its number in one read only
    }
    source.close();
    NetflowSettings plain = SETTINGS;
    int asked = most + (1 << 20);
    source =
        source(
            "127.0.0.1",
            new NetflowSettings(
                plain.sampling(),
                plain.samplingDefault(),
                plain.direction(),
                asked,
                List.of(),
                NetflowSettings.MAX_RATE_BITS,
                ExportCorrections.NONE));
    source.start(flows::add);
    assertEquals(asked, source.status().receiveBufferGranted());
  }

  @Test
  void a_sink_that_fails_does_not_end_the_source() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    source.start(flow -> {
      if (calls.incrementAndGet() == 1) {
        throw new IllegalStateException("a defect, made by this test");
      }
      flows.add(flow);
    });
    send(flow());
    send(flow());
    flows.take();
    assertInstanceOf(Health.Running.class, source.health());
    assertEquals(1, source.status().exporters().getFirst().drops().get(Drop.DEFECT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sampling=0",
        "sampling=x",
        "sampling=99999999999999999999",
        "sampling-default=-1",
        "direction=up",
        "receive-buffer=0",
        "receivers=0",
        "receivers=17",
        "receivers=two",
        "buffer=1",
      })
  void an_option_that_makes_no_sense_is_named(String option) {
    String uri = "netflow://127.0.0.1?" + option;
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    NetflowSettings.of(
                        (SourceUri.Netflow) SourceUri.parse(uri),
                        List.of(),
                        ExportCorrections.NONE))
            .getMessage();
    assertTrue(message.contains(option.substring(0, option.indexOf('='))), message);
  }

  @Test
  void options_become_settings() {
    NetflowSettings settings =
        NetflowSettings.of(
            (SourceUri.Netflow)
                SourceUri.parse(
                    "netflow:?sampling=10&sampling-default=20&direction=egress&receive-buffer=4096"),
            List.of(),
            ExportCorrections.NONE);
    assertEquals(
        new NetflowSettings(
            new Rate(10, 1, Rate.Origin.OVERRIDE),
            new Rate(20, 1, Rate.Origin.DEFAULT),
            NetflowSettings.Direction.EGRESS,
            4096,
            List.of(),
            NetflowSettings.MAX_RATE_BITS,
            ExportCorrections.NONE),
        settings);
  }
}
