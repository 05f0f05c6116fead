package dev.patronus.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceUriTest {
  @ParameterizedTest
  @CsvSource({
    "netflow://127.0.0.1:9995, netflow://127.0.0.1:9995",
    "netflow://0.0.0.0, netflow://0.0.0.0:2055",
    "netflow://[::1]:9995, netflow://[::1]:9995",
    "netflow://[::], netflow://[::]:2055",
    "netflow://collector.example:4739, netflow://collector.example:4739",
    "netflow://:4739, netflow://127.0.0.1:4739",
    "netflow://, netflow://127.0.0.1:2055",
    "netflow:, netflow://127.0.0.1:2055",
    "pcap:/tmp/a file?.pcap, pcap:/tmp/a file?.pcap",
    "pcap:/tmp/a.pcap?time=capture, pcap:/tmp/a.pcap",
    "pcap:-, pcap:-",
    "conntrack:, conntrack:",
  })
  void a_source_is_read_and_named(String written, String name) {
    assertEquals(name, SourceUri.parse(written).text());
  }

  @Test
  void the_options_of_a_source_follow_a_question_mark() {
    assertEquals(
        new SourceUri.Netflow("127.0.0.1", 2055, Map.of("sampling", "100", "direction", "ingress")),
        SourceUri.parse("netflow://127.0.0.1?sampling=100&direction=ingress"));
  }

  @Test
  void each_receiver_has_a_name_and_the_first_one_that_of_the_address() {
    SourceUri.Udp uri = (SourceUri.Udp) SourceUri.parse("sflow://[::1]:6343");
    assertEquals("sflow://[::1]:6343", uri.receiver(1, Map.of()).text());
    assertEquals("sflow://[::1]:6343#12", uri.receiver(12, Map.of()).text());
    assertEquals("sflow://[::1]:6343", uri.receiver(12, Map.of()).address());
  }

  @Test
  void a_capture_counts_now_or_in_its_own_time() {
    assertEquals(
        new SourceUri.Pcap("a?b.pcap", true), SourceUri.parse("pcap:a?b.pcap?time=capture"));
    assertEquals(new SourceUri.Pcap("a.pcap", false), SourceUri.parse("pcap:a.pcap?time=now"));
    assertEquals(new SourceUri.Pcap("a.pcap", false), SourceUri.parse("pcap:a.pcap"));
  }

  @ParameterizedTest
  @CsvSource({
    "netflow://::1:2055, brackets",
    "netflow://[::1:2055, cannot read",
    "netflow://[::1]x, cannot read",
    "netflow://127.0.0.1:port, cannot read",
    "netflow:127.0.0.1, cannot read",
    "netflow://127.0.0.1:0, 1..65535",
    "netflow://127.0.0.1:65536, 1..65535",
    "netflow://127.0.0.1?sampling, name=value",
    "netflow://127.0.0.1?a=1&a=2, once each",
    "pcap:, needs a file",
    "pcap:?time=capture, needs a file",
    "pcap:a.pcap?time=then, must be capture or now",
    "conntrack:eth0, takes nothing more",
    "ipfix://127.0.0.1, unknown source",
    "127.0.0.1, unknown source",
  })
  void what_cannot_be_read_is_refused_in_words(String written, String word) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> SourceUri.parse(written)).getMessage();
    assertTrue(message.contains(word), message);
  }
}
