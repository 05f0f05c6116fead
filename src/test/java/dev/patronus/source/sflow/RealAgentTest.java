package dev.patronus.source.sflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.wire.Timestamps;
import dev.patronus.testing.Captures;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.ReceivedDatagrams;
import dev.patronus.testing.Tools;
import dev.patronus.testing.Volumes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent that we did not write (pmacct's sfprobe) samples a capture that we did; we read of its
/// datagrams the packets of the capture, and the headers that tshark reads.
class RealAgentTest {
  private static final int PACKETS = 2000;

  /// What sfacctd counts of each frame beside its packet: Ethernet header and check sequence.
  private static final int FRAME_BYTES = 18;

  @TempDir private Path folder;
  private Path file;
  private List<Captures.Packet> packets;

  private void capture() throws IOException {
    file = folder.resolve("traffic.pcap");
    Random random = new Random(7);
    try (Captures capture = Captures.create(file)) {
      capture.at(1_700_000_000_000L);
      for (int i = 0; i < PACKETS; i++) {
        String client = "10.0.0." + (1 + random.nextInt(20));
        int bytes = 60 + random.nextInt(1400);
        capture.after(random.nextInt(10));
        if (random.nextBoolean()) {
          capture.tcp(client, 40_000 + random.nextInt(9), "172.16.0.1", 443, bytes);
        } else {
          capture.udp("172.16.0.1", 53, client, 40_000 + random.nextInt(9), bytes);
        }
      }
      packets = capture.packets();
    }
  }

  /// What the agent sends when it samples one of `rate` packets.
  private List<byte[]> exported(int rate) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      Path configuration = folder.resolve("pmacctd.conf");
      Files.writeString(
          configuration,
          """
          daemonize: false
          pcap_savefile: %s
          pidfile: %s
          plugins: sfprobe
          sampling_rate: %d
          sfprobe_receiver: 127.0.0.1:%d
          sfprobe_agentip: 192.0.2.1
          """
              .formatted(file, folder.resolve("pid"), rate, port));
      // Its exit code is 0 or 1, by whether the core or the plugin ends first.
      ProgramOutcome outcome = Program.of("pmacctd", "-f", configuration).run();
      List<byte[]> datagrams = ReceivedDatagrams.of(channel);
      assertFalse(datagrams.isEmpty(), outcome::toString);
      return datagrams;
    }
  }

  private static SflowDecoder read(List<byte[]> datagrams, List<FlowRecord> flows) {
    SflowDecoder decoder = new SflowDecoder(NetflowSettings.PLAIN, new Metrics(), "sflow");
    IpAddress sender = IpAddress.parse("127.0.0.1");
    for (byte[] datagram : datagrams) {
      decoder.decode(sender, 1, datagram, datagram.length, new Timestamps(1, 1), flows::add);
    }
    return decoder;
  }

  private static String text(String src, int sport, String dst, int dport, long bytes) {
    return src + ":" + sport + " > " + dst + ":" + dport + " " + bytes;
  }

  private static List<String> texts(List<FlowRecord> flows) {
    return flows.stream()
        .map(f ->
            text(
                f.key().src().toString(),
                f.key().srcPort(),
                f.key().dst().toString(),
                f.key().dstPort(),
                f.bytes() / f.packets()))
        .sorted()
        .toList();
  }

  @Test
  void all_packets_that_sfprobe_samples_are_read_to_the_byte() throws Exception {
    Tools.require("pmacctd");
    capture();
    List<FlowRecord> flows = new ArrayList<>();
    SflowDecoder decoder = read(exported(1), flows);
    List<String> missing =
        new ArrayList<>(
            packets.stream()
                .map(p -> text(p.src(), p.srcPort(), p.dst(), p.dstPort(), p.ipBytes()))
                .toList());
    for (String flow : texts(flows)) {
      assertTrue(missing.remove(flow), flow);
    }
    // sfprobe 1.7.7 ends without the samples of its last datagram.
    assertTrue(missing.size() < 10, () -> missing.size() + " packets are missing");
    assertEquals("192.0.2.1", decoder.exporters().getFirst().address());
    assertEquals(0, decoder.exporters().getFirst().lost());
  }

  @Test
  void the_samples_of_sfprobe_stand_for_the_traffic_and_tshark_reads_the_same() throws Exception {
    Tools.require("pmacctd", "tshark");
    capture();
    List<byte[]> datagrams = exported(10);
    List<FlowRecord> flows = new ArrayList<>();
    SflowDecoder decoder = read(datagrams, flows);
    assertEquals("1:10", decoder.exporters().getFirst().rate().toString());
    assertFalse(flows.isEmpty());
    assertTrue(flows.stream().allMatch(FlowRecord::estimated));
    long estimate = flows.stream().mapToLong(FlowRecord::packets).sum();
    assertTrue(Math.abs(estimate - PACKETS) < PACKETS / 2, "estimate " + estimate);
    assertEquals(judged(datagrams), texts(flows));
  }

  /// An Ethernet frame around a datagram to the port of sFlow.
  private static byte[] frame(byte[] datagram) {
    ByteBuffer frame = ByteBuffer.allocate(42 + datagram.length);
    frame.put(new byte[12]).putShort((short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (28 + datagram.length)).putInt(0);
    frame.put((byte) 64).put((byte) 17).putShort((short) 0);
    frame.putInt(0xc000_0201).putInt(0xc000_0202);
    frame.putShort((short) 4000).putShort((short) 6343);
    frame.putShort((short) (8 + datagram.length)).putShort((short) 0).put(datagram);
    return frame.array();
  }

  /// A capture of the datagrams.
  private Path sent(List<byte[]> datagrams) throws IOException {
    Path sent = folder.resolve("sflow.pcap");
    try (Captures capture = Captures.create(sent)) {
      capture.at(1_700_000_000_000L);
      for (byte[] datagram : datagrams) {
        capture.after(1).frame(frame(datagram));
      }
    }
    return sent;
  }

  @Test
  void sfacctd_counts_the_same_for_each_flow_of_which_all_packets_are_sampled() throws Exception {
    Tools.require("pmacctd", "sfacctd");
    capture();
    List<byte[]> datagrams = exported(1);
    List<FlowRecord> flows = new ArrayList<>();
    SflowDecoder _ = read(datagrams, flows);
    assertEquals(ofSfacctd(datagrams), totals(flows));
  }

  /// We scale by the rate in each sample, sfacctd by how many packets passed since the sample
  /// before.
  @Test
  void the_totals_that_sfacctd_estimates_are_ours_to_some_percent() throws Exception {
    Tools.require("pmacctd", "sfacctd");
    capture();
    List<byte[]> datagrams = exported(10);
    List<FlowRecord> flows = new ArrayList<>();
    SflowDecoder _ = read(datagrams, flows);
    Map<String, Volume> judge = ofSfacctd(datagrams);
    assertEquals(judge.keySet(), totals(flows).keySet());
    Volume theirs = judge.values().stream().reduce(new Volume(0, 0), Volumes::sum);
    Volume ours = flows.stream().map(FlowRecord::volume).reduce(new Volume(0, 0), Volumes::sum);
    assertEquals((double) theirs.packets(), (double) ours.packets(), 0.05 * theirs.packets());
    assertEquals((double) theirs.bytes(), (double) ours.bytes(), 0.05 * theirs.bytes());
  }

  private static Map<String, Volume> totals(List<FlowRecord> flows) {
    Map<String, Volume> sums = new TreeMap<>();
    for (FlowRecord flow : flows) {
      String key =
          "%s,%s,%d,%d,%s"
              .formatted(
                  flow.key().src(),
                  flow.key().dst(),
                  flow.key().srcPort(),
                  flow.key().dstPort(),
                  flow.key().protocol() == FlowKey.UDP ? "udp" : "tcp");
      sums.merge(key, flow.volume(), Volumes::sum);
    }
    return sums;
  }

  /// Packets and bytes of each flow, scaled up by pmacct's own collector.
  private Map<String, Volume> ofSfacctd(List<byte[]> datagrams) throws Exception {
    Path configuration = folder.resolve("sfacctd.conf");
    Path output = folder.resolve("flows.csv");
    Files.deleteIfExists(output);
    Files.writeString(
        configuration,
        """
        daemonize: false
        pcap_savefile: %s
        pidfile: %s
        plugins: print
        aggregate: src_host, dst_host, src_port, dst_port, proto
        sfacctd_renormalize: true
        print_output: csv
        print_output_file: %s
        print_output_file_append: true
        """
            .formatted(sent(datagrams), folder.resolve("sfacctd.pid"), output));
    ProgramOutcome outcome = Program.of("sfacctd", "-f", configuration).run();
    assertTrue(Files.exists(output), outcome::toString);
    Map<String, Volume> totals = new TreeMap<>();
    for (String line : Files.readAllLines(output)) {
      int volume = line.lastIndexOf(',', line.lastIndexOf(',') - 1);
      if (!line.startsWith("SRC_IP")) {
        String[] amounts = line.substring(volume + 1).split(",", -1);
        long packets = Long.parseLong(amounts[0]);
        long bytes = Long.parseLong(amounts[1]) - packets * FRAME_BYTES;
        totals.put(line.substring(0, volume), new Volume(packets, bytes));
      }
    }
    return totals;
  }

  /// The sampled headers as tshark reads them.
  private List<String> judged(List<byte[]> datagrams) throws Exception {
    Path sent = sent(datagrams);
    ProgramOutcome read =
        Program.of(
                "tshark",
                "-r",
                sent,
                "-T",
                "fields",
                "-E",
                "occurrence=a",
                "-E",
                "aggregator=,",
                "-e",
                "ip.src",
                "-e",
                "ip.dst",
                "-e",
                "ip.len",
                "-e",
                "tcp.srcport",
                "-e",
                "tcp.dstport",
                "-e",
                "udp.srcport",
                "-e",
                "udp.dstport",
                "-e",
                "ip.proto")
            .run();
    assertEquals(0, read.exitCode(), read::toString);
    List<String> texts = new ArrayList<>();
    for (String line : read.lines()) {
      String[][] field =
          Arrays.stream(line.split("\t", -1)).map(f -> f.split(",", -1)).toArray(String[][]::new);
      int tcp = 0;
      int udp = 1; // the first is the datagram itself
      for (int i = 1; i < field[0].length; i++) {
        boolean isTcp = field[7][i].equals("6");
        int port = isTcp ? tcp++ : udp++;
        texts.add(
            text(
                field[0][i],
                Integer.parseInt(field[isTcp ? 3 : 5][port]),
                field[1][i],
                Integer.parseInt(field[isTcp ? 4 : 6][port]),
                Long.parseLong(field[2][i])));
      }
    }
    texts.sort(null);
    return texts;
  }
}
