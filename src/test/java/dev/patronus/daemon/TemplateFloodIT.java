package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.json.Json;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Floods from addresses that are no exporters, and an exporter whose data have to be read before
/// and after them.
class TemplateFloodIT {
  /// Together they send more than the heap has room for.
  private static final int ADDRESSES = 64;

  private static final int TEMPLATE_FIELDS = 340;

  /// As many as are kept of one exporter, of some 1.4 kB each, and so 90 MB from all addresses.
  private static final int TEMPLATES_EACH = 1_024;

  private static final int STRAYS = 1_100;
  private static final int SAMPLING = 10;
  private static final int TEMPLATE_ID = 300;
  private static final int OPTIONS_ID = 301;

  /// The packets of the largest row; 0 before the first snapshot.
  private static final String MOST_PACKETS =
      "SELECT COALESCE(MAX(packets_matched), 0) FROM sdwan_policy_stats";

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;
  private int sequence;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private DatagramChannel from(String address) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(address, 0));
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return channel;
  }

  /// A NetFlow v9 datagram with one set.
  private ByteBuffer v9(int setId, ByteBuffer content) {
    int padding = -content.remaining() & 3;
    ByteBuffer datagram = ByteBuffer.allocate(20 + 4 + content.remaining() + padding);
    datagram.putShort((short) 9).putShort((short) 1).putInt(3_600_000);
    datagram.putInt((int) (System.currentTimeMillis() / 1000)).putInt(sequence++).putInt(1);
    datagram.putShort((short) setId).putShort((short) (datagram.capacity() - 20));
    datagram.put(content);
    return datagram.position(0).limit(datagram.capacity());
  }

  private static ByteBuffer shorts(int... values) {
    ByteBuffer shorts = ByteBuffer.allocate(2 * values.length);
    for (int value : values) {
      shorts.putShort((short) value);
    }
    return shorts.flip();
  }

  /// Addresses, ports, protocol, packets, bytes.
  private ByteBuffer template() {
    return v9(0, shorts(TEMPLATE_ID, 7, 8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 2, 4, 1, 4));
  }

  /// The layout of the announcement of a sampling rate for the whole exporter (fields 34, 35).
  private ByteBuffer optionsTemplate() {
    return v9(1, shorts(OPTIONS_ID, 4, 8, 1, 4, 34, 4, 35, 1));
  }

  private ByteBuffer samplingRate() {
    ByteBuffer record = ByteBuffer.allocate(9).putInt(1).putInt(SAMPLING).put((byte) 1).flip();
    return v9(OPTIONS_ID, record);
  }

  /// One record of 2 packets and 200 bytes.
  private ByteBuffer data() {
    ByteBuffer record = ByteBuffer.allocate(21);
    record.putInt(0x0a000001).putInt(0x0a010001).putShort((short) 40000).putShort((short) 443);
    record.put((byte) 6).putInt(2).putInt(200).flip();
    return v9(TEMPLATE_ID, record);
  }

  private ByteBuffer largeTemplate(int number) {
    int[] words = new int[2 + 2 * TEMPLATE_FIELDS];
    words[0] = 256 + number;
    words[1] = TEMPLATE_FIELDS;
    for (int i = 0; i < TEMPLATE_FIELDS; i++) {
      words[2 + 2 * i] = 1 + (number + i) % 100;
      words[3 + 2 * i] = 4;
    }
    return v9(0, shorts(words));
  }

  private static Json.Obj status(DaemonUnderTest daemon) throws IOException {
    return ((Reply.Document) daemon.ask(new Request.Status())).members();
  }

  private static void awaitPackets(DaemonUnderTest daemon, long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets", () -> daemon.packets() == packets);
  }

  private void announce(DatagramChannel exporter) throws IOException {
    exporter.write(template());
    exporter.write(optionsTemplate());
    exporter.write(samplingRate());
  }

  private DaemonUnderTest start() {
    Program program = DaemonUnderTest.program(folder, port, "--snapshot-every", "1s");
    return DaemonUnderTest.start(program, folder, port);
  }

  @Test
  void ninety_megabytes_of_templates_from_strangers_stop_nothing() throws Exception {
    try (DaemonUnderTest daemon = start();
        DatagramChannel exporter = from("127.0.0.1")) {
      announce(exporter);
      exporter.write(data());
      long sent = 2 * SAMPLING;
      awaitPackets(daemon, sent);
      for (int address = 1; address <= ADDRESSES; address++) {
        try (DatagramChannel stranger = from("127.9.0." + address)) {
          for (int i = 0; i < TEMPLATES_EACH; i++) {
            stranger.write(largeTemplate(i));
          }
        }
        exporter.write(data());
        sent += 2 * SAMPLING;
        awaitPackets(daemon, sent); // so that the kernel drops nothing of the flood
      }
      long shown = sent;
      DaemonUnderTest.await("it is ready", () -> status(daemon).bool("ready"));
      DaemonUnderTest.await("a snapshot has them", () -> database.number(MOST_PACKETS) >= shown);
      assertTrue(daemon.program().isAlive());
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
  }

  @Test
  void strays_from_many_addresses_cost_a_known_exporter_neither_templates_nor_sampling_rate()
      throws Exception {
    try (DaemonUnderTest daemon = start();
        DatagramChannel exporter = from("127.0.0.1")) {
      announce(exporter);
      exporter.write(data());
      awaitPackets(daemon, 2 * SAMPLING);
      for (int i = 0; i < STRAYS; i++) {
        String address = "127.8." + i / 250 + "." + (1 + i % 250);
        try (DatagramChannel stray = from(address)) {
          stray.write(v9(0, ByteBuffer.allocate(0)).slice(0, 20));
        }
      }
      exporter.write(data());
      awaitPackets(daemon, 4 * SAMPLING);
    }
  }
}
