package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.addresses;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class NetflowV9FuzzTest {
  static Stream<byte[]> seeds() {
    Datagram plain = v9(1).template(TEMPLATE, fields()).data(TEMPLATE, record());
    Datagram sampled =
        v9(2)
            .template(TEMPLATE, fields(ie(22, 4), ie(21, 4), ie(61, 1), ie(48, 1)))
            .options(300, 1, ie(1, 4), ie(48, 1), ie(50, 4))
            .data(300, octets().u32(0).u8(1).u32(10))
            .data(TEMPLATE, record().u32(1).u32(2).u8(0).u8(1));
    Datagram totals =
        v9(3)
            .template(257, ie(8, 4), ie(12, 4), ie(85, 8), ie(86, 8), ie(148, 8))
            .data(257, addresses().u64(3000).u64(20).u64(77));
    Datagram firewall =
        v9(4)
            .template(258, ie(8, 4), ie(12, 4), ie(231, 4), ie(232, 4), ie(233, 1), ie(148, 4))
            .data(258, addresses().u32(100).u32(200).u8(2).u32(9));
    return Stream.of(
        FuzzedDatagrams.of(plain, v9(2).data(TEMPLATE, record(), record())),
        FuzzedDatagrams.of(v9(1).data(TEMPLATE, record()), plain),
        FuzzedDatagrams.of(sampled, sampled),
        FuzzedDatagrams.of(totals, totals),
        FuzzedDatagrams.of(firewall));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_datagrams_of_version_9_are_counted_or_dropped(byte[] input) {
    FuzzedDatagrams.read(9, input);
  }
}
