package dev.patronus.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.source.netflow.NetflowSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class SourceUriFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
            "netflow://127.0.0.1:2055?sampling=100&max-rate=10G&direction=ingress",
            "netflow://[::1]:9995?receive-buffer=4096&sampling-default=2",
            "netflow:",
            "pcap:-",
            "pcap:/tmp/a b.pcap",
            "conntrack:")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_refused_or_is_a_source_whose_text_means_the_same(byte[] input) {
    SourceUri read;
    try {
      read = SourceUri.parse(new String(input, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return;
    }
    assertEquals(read.text(), SourceUri.parse(read.text()).text());
    if (read instanceof SourceUri.Netflow netflow) {
      try {
        NetflowSettings.of(netflow, List.of(), ExportCorrections.NONE);
      } catch (IllegalArgumentException _) {
        // Refused: an option that is none.
      }
    }
  }
}
