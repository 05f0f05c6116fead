package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The flows that nfcapd and nfdump read in datagrams, and ours in the same form.
final class NfdumpReading {
  /// Packets and bytes of a flow.
  record Total(long packets, long bytes) {
    Total plus(Total more) {
      return new Total(packets + more.packets, bytes + more.bytes);
    }
  }

  private NfdumpReading() {}

  static Map<String, Total> totals(Collector collector) {
    Map<String, Total> totals = new TreeMap<>();
    for (FlowRecord flow : collector.flows) {
      String key =
          key(
              flow.key().src().toString(),
              flow.key().srcPort(),
              flow.key().dst().toString(),
              flow.key().dstPort(),
              flow.key().protocol());
      totals.merge(key, new Total(flow.packets(), flow.bytes()), Total::plus);
    }
    return totals;
  }

  static String key(String src, int srcPort, String dst, int dstPort, int protocol) {
    return "%s:%d > %s:%d %d".formatted(src, srcPort, dst, dstPort, protocol);
  }

  /// What nfdump reads of the datagrams.
  ///
  /// @param flows an empty folder
  static Map<String, Total> of(Path flows, List<byte[]> datagrams) throws Exception {
    InetSocketAddress there = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
    Program nfcapd =
        Program.of(
            "nfcapd", "-b", "127.0.0.1", "-p", there.getPort(), "-B", 4_000_000, "-w", flows);
    try (RunningProgram running = nfcapd.start();
        DatagramChannel relay = DatagramChannel.open()) {
      DaemonUnderTest.await(
          "nfcapd listens",
          () -> {
            assertTrue(running.isAlive(), () -> running.outcome().toString());
            return !KernelDrops.inodes(there).isEmpty();
          });
      for (byte[] datagram : datagrams) {
        relay.send(ByteBuffer.wrap(datagram), there);
      }
      DaemonUnderTest.await("nfcapd has read all", () -> !isWaiting(there.getPort()));
      long socket = KernelDrops.inodes(there).iterator().next();
      assertEquals(0, KernelDrops.of(there, socket).orElseThrow());
      running.signal("TERM");
      assertEquals(0, running.outcome().exitCode());
    }
    String format = "fmt:%sa %sp %da %dp %pr %ipkt %ibyt %opkt %obyt";
    ProgramOutcome read = Program.of("nfdump", "-R", flows, "-q", "-6", "-N", "-o", format).run();
    assertEquals(0, read.exitCode(), read::toString);
    return judgement(read.lines());
  }

  private static int freePort() throws IOException {
    try (DatagramSocket any = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  /// Whether the kernel still has something for the socket on that port.
  private static boolean isWaiting(int port) throws IOException {
    String socket = "0100007F:%04X".formatted(port);
    return Files.readAllLines(Path.of("/proc/net/udp")).stream()
        .filter(line -> line.contains(socket))
        .anyMatch(line -> !line.contains(":00000000 00:"));
  }

  private static Map<String, Total> judgement(List<String> lines) {
    Map<String, Total> totals = new TreeMap<>();
    for (String line : lines) {
      String[] word = line.strip().split("\\s+", -1);
      if (word.length != 9) {
        continue;
      }
      int protocol = Integer.parseInt(word[4]);
      String[] icmp = word[3].split("\\.", -1);
      int dstPort =
          icmp.length == 2
              ? Integer.parseInt(icmp[0]) << 8 | Integer.parseInt(icmp[1])
              : Integer.parseInt(word[3]);
      int srcPort = Integer.parseInt(word[1]);
      add(totals, key(word[0], srcPort, word[2], dstPort, protocol), word[5], word[6]);
      boolean ping = icmp.length == 2;
      add(
          totals,
          key(word[2], ping ? 0 : dstPort, word[0], ping ? dstPort : srcPort, protocol),
          word[7],
          word[8]);
    }
    return totals;
  }

  private static void add(Map<String, Total> totals, String key, String packets, String bytes) {
    Total total = new Total(Long.parseLong(packets), Long.parseLong(bytes));
    if (total.packets() > 0) {
      totals.merge(key, total, Total::plus);
    }
  }
}
