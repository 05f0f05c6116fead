package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.enterprise;
import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.addresses;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class IpfixFuzzTest {
  static Stream<byte[]> seeds() {
    Datagram plain = ipfix(1).template(TEMPLATE, fields()).data(TEMPLATE, record());
    Datagram variable =
        ipfix(0)
            .template(
                TEMPLATE,
                fields(ie(371, 65535), enterprise(29305, 1, 8), enterprise(9, 65535, 65535)))
            .options(300, 1, ie(149, 4), ie(160, 8), ie(34, 4))
            .data(300, octets().u32(0).u64(Datagram.EXPORT_MILLIS).u32(10))
            .data(TEMPLATE, record().variable(new byte[3]).u64(3000).variable(new byte[9]))
            .withdraw(2, TEMPLATE);
    Datagram totals =
        ipfix(3)
            .template(257, ie(8, 4), ie(12, 4), ie(85, 8), ie(86, 8), ie(148, 8))
            .data(257, addresses().u64(3000).u64(20).u64(77));
    Datagram v6 =
        ipfix(5)
            .template(259, ie(27, 16), ie(28, 16), ie(152, 8), ie(153, 8), ie(1, 4), ie(2, 4))
            .data(
                259,
                octets()
                    .ip("2001:db8::1")
                    .ip("2001:db8::2")
                    .u64(Datagram.EXPORT_MILLIS - 5)
                    .u64(Datagram.EXPORT_MILLIS)
                    .u32(1500)
                    .u32(3));
    return Stream.of(
        FuzzedDatagrams.of(plain, ipfix(2).data(TEMPLATE, record(), record())),
        FuzzedDatagrams.of(ipfix(1).data(TEMPLATE, record()), plain),
        FuzzedDatagrams.of(variable, plain),
        FuzzedDatagrams.of(totals, totals),
        FuzzedDatagrams.of(v6));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_ipfix_messages_are_counted_or_dropped(byte[] input) {
    FuzzedDatagrams.read(10, input);
  }
}
