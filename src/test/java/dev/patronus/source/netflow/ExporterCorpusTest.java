package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.source.netflow.template.Collector;
import dev.patronus.testing.ExporterCorpus;
import dev.patronus.testing.ExporterCorpus.Sample;
import dev.patronus.testing.Tools;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExporterCorpusTest {
  @TempDir private Path folder;

  /// What nfdump 1.7 reads otherwise: it scales by none of these options, and has no packets of
  /// firewall events.
  private static final Set<String> NOT_COMPARED =
      Set.of(
          "Cisco ASA v9 (NSEL)",
          "Cisco IOS v9 (Flexible NetFlow)",
          "Cisco IOS XR v9",
          "Huawei NetStream v9");

  static List<Sample> compared() {
    return families().stream().filter(each -> !NOT_COMPARED.contains(each.family())).toList();
  }

  static List<Sample> families() {
    return ExporterCorpus.all();
  }

  private static Collector read(Sample sample) {
    Collector collector = new Collector();
    sample.datagrams().forEach(collector::take);
    return collector;
  }

  @ParameterizedTest
  @MethodSource("families")
  void the_flows_of_a_family_are_those_that_it_tells_of(Sample sample) {
    Collector collector = read(sample);
    assertEquals(sample.flows(), collector.texts());
    assertEquals(sample.drops(), collector.status().drops().toString());
    assertEquals(0, collector.status().lost());
    assertEquals(0, collector.status().pending());
    assertEquals(0, collector.status().samplerUnknown());
    assertEquals(
        sample.rate().isEmpty() ? "1:1" : sample.rate(), collector.status().rate().toString());
  }

  @ParameterizedTest
  @MethodSource("compared")
  void nfdump_reads_the_same_flows(Sample sample) throws Exception {
    Tools.require("nfcapd", "nfdump");
    List<byte[]> datagrams = sample.datagrams().stream().map(Datagram::bytes).toList();
    assertEquals(NfdumpReading.totals(read(sample)), NfdumpReading.of(folder, datagrams));
  }

  @ParameterizedTest
  @MethodSource("families")
  void tshark_reads_the_same_flows(Sample sample) throws Exception {
    Tools.require("tshark");
    List<byte[]> datagrams = sample.datagrams().stream().map(Datagram::bytes).toList();
    assertEquals(NfdumpReading.totals(read(sample)), TsharkReading.of(folder, datagrams));
  }
}
