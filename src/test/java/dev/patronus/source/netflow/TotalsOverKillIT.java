package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An exporter that sends running totals (IE 85, 86), and the packaged daemon, killed and started
/// again: no total is counted anew as a whole.
class TotalsOverKillIT {
  private static final int FLOWS = 30;
  private static final Datagram.Spec[] FIELDS = {
    ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(85, 8), ie(86, 8), ie(152, 8)
  };

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final long[] totals = new long[FLOWS];
  private long sequence;

  private void send(DatagramSocket exporter) throws IOException {
    Octets[] records = new Octets[FLOWS];
    for (int flow = 0; flow < FLOWS; flow++) {
      records[flow] =
          octets()
              .ip("10.0.0.1")
              .ip("10.0.0.2")
              .u16(1000 + flow)
              .u16(443)
              .u8(6)
              .u64(100 * totals[flow])
              .u64(totals[flow])
              .u64(Datagram.EXPORT_MILLIS);
    }
    byte[] bytes =
        ipfix(sequence)
            .exportedAt(System.currentTimeMillis())
            .template(TEMPLATE, FIELDS)
            .data(TEMPLATE, records)
            .bytes();
    sequence += FLOWS;
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    exporter.send(new DatagramPacket(bytes, bytes.length, to));
  }

  private long carried() {
    long sum = 0;
    for (long total : totals) {
      sum += total;
    }
    return sum;
  }

  @Test
  void totals_go_on_where_they_were_when_the_daemon_was_killed() throws Exception {
    PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST).close();
    Random random = new Random(7);
    try (DatagramSocket exporter = new DatagramSocket()) {
      for (int round = 0; round < 6; round++) {
        try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
          for (int i = random.nextInt(40); i >= 0; i--) {
            for (int flow = 0; flow < FLOWS; flow++) {
              totals[flow] += 1 + random.nextInt(9);
            }
            send(exporter);
          }
          if (round % 2 == 1) {
            DaemonUnderTest.await("all is counted", () -> daemon.packets() >= carried());
            assertEquals(carried(), daemon.packets(), "round " + round);
          }
          daemon.program().signal("KILL");
          daemon.program().outcome();
        }
      }
    }
  }
}
