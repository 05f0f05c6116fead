package dev.patronus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapturesTest {
  @Test
  void tcpdump_reads_a_capture_as_it_was_meant(@TempDir Path folder) throws Exception {
    Tools.require("tcpdump");
    Path file = folder.resolve("a.pcap");
    try (Captures capture = Captures.create(file)) {
      capture.at(1_700_000_000_250L).tcp("10.0.0.1", 40000, "10.0.0.2", 443, 1500);
      capture.after(750).udp("2001:db8::1", 5000, "2001:db8::2", 53, 100);
      capture.snap(60).icmp("10.0.0.1", "10.0.0.2", 8, 0, 84);
      capture.ip("10.0.0.1", "10.0.0.2", 89, 64);
    }
    List<String> read = Program.of("tcpdump", "-K", "-tt", "-v", "-n", "-r", file).run().lines();
    assertEquals(
        """
        1700000000.250000 IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto TCP (6), length 1500)
        1700000001.000000 IP6 (hlim 64, next-header UDP (17) payload length: 60) 2001:db8::1.5000 > 2001:db8::2.53: 0 [0q] (52)
        1700000001.000000 IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto ICMP (1), length 84)
        1700000001.000000 IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto OSPF (89), length 64)
        """,
        read.stream()
            .filter(line -> line.startsWith("17"))
            .map(l -> l + "\n")
            .reduce("", String::concat));
  }
}
