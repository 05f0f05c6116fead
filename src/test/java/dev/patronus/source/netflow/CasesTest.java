package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.enterprise;
import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.pcap.PcapSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Reduced inputs of the field that were once counted wrongly or not at all, by name, with the
/// flows in them: `SRC:PORT > DST:PORT protocol packets/bytes`.
///
/// Each is constructed here; addresses and counters are made up.
class CasesTest {
  private static final String CLIENT = "192.0.2.10";
  private static final String SERVER = "198.51.100.20";
  private static final int CISCO = 9;
  private static final int IXIA = 3054;
  private static final int PROCERA = 15_397;
  private static final int PPP = 9;

  @TempDir private Path folder;

  /// What an exporter sends, and what is right.
  ///
  /// @param options of the source, with the question mark
  /// @param drops what is no flow, by reason
  record Case(
      String name,
      String options,
      List<byte[]> datagrams,
      List<String> flows,
      Map<String, Long> drops) {

    private Case expecting(String... right) {
      return new Case(name, options, datagrams, List.of(right), drops);
    }

    private Case dropping(String reason, long count) {
      return new Case(name, options, datagrams, flows, Map.of(reason, count));
    }

    private Case with(String options) {
      return new Case(name, options, datagrams, flows, drops);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, Datagram... datagrams) {
    return new Case(
        name, "", List.of(datagrams).stream().map(Datagram::bytes).toList(), List.of(), Map.of());
  }

  private static Case of(String name, byte[] datagram) {
    return new Case(name, "", List.of(datagram), List.of(), Map.of());
  }

  static List<Case> cases() {
    return List.of(
        of("avc-client-and-server", clientAndServer())
            .expecting(
                "192.0.2.10:49376 > 198.51.100.20:80 6 15/6208",
                "198.51.100.20:80 > 192.0.2.10:49376 6 12/9000"),
        of("counters-of-a-vendor", countersOfVendor())
            .expecting(
                "192.0.2.10:53787 > 198.51.100.20:443 6 0/60",
                "198.51.100.20:443 > 192.0.2.10:53787 6 0/44"),
        of("counters-out-of-egress-records", inAndOut())
            .expecting(
                "192.0.2.10:1001 > 198.51.100.20:53 17 3/180",
                "192.0.2.10:1002 > 198.51.100.20:53 17 4/240"),
        of("counters-out-direction-egress", inAndOut())
            .with("?direction=egress")
            .expecting("192.0.2.10:1002 > 198.51.100.20:53 17 4/240")
            .dropping("other_direction", 1),
        of("ipfix-length-two-short", twoShort())
            .expecting(
                "192.0.2.10:1001 > 198.51.100.20:443 6 4/200",
                "192.0.2.10:1002 > 198.51.100.20:443 6 5/300"),
        of("nsel-update-and-teardown", firewall())
            .expecting(
                "192.0.2.10:50001 > 198.51.100.20:443 6 0/100",
                "198.51.100.20:443 > 192.0.2.10:50001 6 0/2000",
                "192.0.2.10:50001 > 198.51.100.20:443 6 0/50",
                "198.51.100.20:443 > 192.0.2.10:50001 6 0/700",
                "192.0.2.10:50002 > 198.51.100.20:443 6 0/69",
                "198.51.100.20:443 > 192.0.2.10:50002 6 0/14178")
            .dropping("nothing_new", 2),
        of("packet-in-the-record", sampledPacket())
            .expecting("192.0.2.10:5000 > 198.51.100.20:443 17 1000/1500000"),
        of("payload-bytes-are-not-ip-bytes", payload())
            .expecting(
                "192.0.2.10:50003 > 198.51.100.20:443 6 500/300",
                "198.51.100.20:443 > 192.0.2.10:50003 6 520/700000"),
        of("reverse-counters-of-a-vendor", reverseOfVendor())
            .expecting("198.51.100.20:443 > 192.0.2.10:8732 6 6/625"),
        of("v5-count-against-length", manyCounted()).dropping("contradicts_length", 1),
        of("zeros-after-the-last-set", padded())
            .expecting("192.0.2.10:1001 > 198.51.100.20:443 6 4/200"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_case_has_its_flows_and_its_drops(Case input) {
    SourceUri uri = SourceUri.parse("netflow://127.0.0.1:2055" + input.options());
    Collector collector =
        new Collector(
            NetflowSettings.of((SourceUri.Netflow) uri, List.of(), ExportCorrections.NONE));
    input.datagrams().forEach(collector::take);
    assertEquals(input.flows(), collector.texts());
    assertEquals(input.drops(), drops(collector.metrics));
  }

  private static Map<String, Long> drops(Metrics metrics) {
    return metrics.readings().stream()
        .filter(reading -> reading.series().labels().containsKey("reason"))
        .filter(reading -> reading.value() > 0)
        .collect(
            Collectors.toMap(
                reading -> reading.series().labels().get("reason"), Metrics.Reading::value));
  }

  /// The case `ppp-mpls`: two packets of PPP, the second one behind two labels of MPLS.
  @Test
  void ppp_mpls() throws Exception {
    Octets capture = octets().u32(0xa1b2c3d4L).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(PPP);
    capture.add(captured(octets().u16(0xff03).u16(0x0021).add(header(60, 1001, 53))));
    capture.add(
        captured(
            octets()
                .u16(0xff03)
                .u16(0x0281)
                .u32(0x000640ffL)
                .u32(0x000651ffL)
                .add(header(60, 1002, 53))));
    Path file = Files.write(folder.resolve("ppp.pcap"), capture.bytes());
    List<FlowRecord> records = new ArrayList<>();
    try (PcapSource source =
        new PcapSource(
            new SourceUri.Pcap(file.toString()), null, new Metrics(), InstantSource.system())) {
      source.start(records::add);
      assertEquals(new Health.Ended(), source.awaitEnd());
    }
    assertEquals(
        List.of(
            "192.0.2.10:1001 > 198.51.100.20:53 17 1/60",
            "192.0.2.10:1002 > 198.51.100.20:53 17 1/60"),
        records.stream().map(Collector::text).toList());
  }

  private static Octets captured(Octets frame) {
    return octets().u32(1_700_000_000).u32(0).u32(frame.size()).u32(frame.size()).add(frame);
  }

  private static Octets ends() {
    return octets().ip(CLIENT).ip(SERVER);
  }

  /// Cisco AVC and SD-WAN: a connection by client and server.
  private static Datagram clientAndServer() {
    return ipfix(0)
        .template(
            TEMPLATE,
            enterprise(CISCO, 12_236, 4),
            enterprise(CISCO, 12_237, 4),
            enterprise(CISCO, 12_240, 2),
            enterprise(CISCO, 12_241, 2),
            ie(4, 1),
            ie(231, 8),
            ie(232, 8),
            ie(298, 8),
            ie(299, 8))
        .data(TEMPLATE, ends().u16(49_376).u16(80).u8(6).u64(6208).u64(9000).u64(15).u64(12));
  }

  /// Procera PacketLogic: both directions' bytes as elements of its own.
  private static Datagram countersOfVendor() {
    return ipfix(0)
        .template(
            TEMPLATE,
            ie(8, 4),
            ie(12, 4),
            ie(7, 2),
            ie(11, 2),
            ie(4, 1),
            enterprise(PROCERA, 3, 8),
            enterprise(PROCERA, 4, 8))
        .data(TEMPLATE, ends().u16(53_787).u16(443).u8(6).u64(60).u64(44));
  }

  /// A record of what came in, and one of what went out, whose counters for what came in are zero.
  private static Datagram inAndOut() {
    return v9(1)
        .template(
            TEMPLATE, ie(8, 4), ie(12, 4), ie(2, 4), ie(1, 4), ie(24, 4), ie(23, 4), ie(7, 2),
            ie(11, 2), ie(4, 1), ie(61, 1))
        .data(
            TEMPLATE,
            ends().u32(3).u32(180).u32(0).u32(0).u16(1001).u16(53).u8(17).u8(0),
            ends().u32(0).u32(0).u32(4).u32(240).u16(1002).u16(53).u8(17).u8(1));
  }

  private static final Datagram.Spec[] PLAIN = {
    ie(8, 4), ie(12, 4), ie(2, 4), ie(1, 4), ie(7, 2), ie(11, 2), ie(4, 1)
  };

  private static Octets plain(int port, long packets, long bytes) {
    return ends().u32(packets).u32(bytes).u16(port).u16(443).u8(6);
  }

  /// The length in the header is two bytes less than the datagram has.
  private static byte[] twoShort() {
    byte[] datagram =
        ipfix(0)
            .template(TEMPLATE, PLAIN)
            .data(TEMPLATE, plain(1001, 4, 200))
            .data(TEMPLATE, plain(1002, 5, 300))
            .bytes();
    datagram[3] = (byte) (datagram[3] - 2);
    return datagram;
  }

  /// Cisco ASA: the teardown of connection 7 repeats what its two updates told; connection 8 has a
  /// teardown alone.
  private static Datagram firewall() {
    return v9(1)
        .template(
            TEMPLATE,
            ie(148, 4),
            ie(8, 4),
            ie(7, 2),
            ie(12, 4),
            ie(11, 2),
            ie(4, 1),
            ie(233, 1),
            ie(323, 8),
            ie(231, 4),
            ie(232, 4),
            ie(152, 8))
        .data(
            TEMPLATE,
            event(7, 50_001, 5, 100, 2000),
            event(7, 50_001, 5, 50, 700),
            event(7, 50_001, 2, 150, 2700),
            event(8, 50_002, 2, 69, 14_178));
  }

  private static Octets event(int connection, int port, int event, long sent, long received) {
    return octets()
        .u32(connection)
        .ip(CLIENT)
        .u16(port)
        .ip(SERVER)
        .u16(443)
        .u8(6)
        .u8(event)
        .u64(Datagram.EXPORT_MILLIS)
        .u32(sent)
        .u32(received)
        .u64(Datagram.EXPORT_MILLIS - 5000);
  }

  /// A sampled packet in place of a flow: the beginning of its frame, and the rate as an option.
  private static Datagram sampledPacket() {
    Octets frame = octets().number(0x020000000002L, 6).number(0x020000000001L, 6).u16(0x0800);
    return ipfix(0)
        .options(300, 1, ie(149, 4), ie(305, 4), ie(306, 4))
        .data(300, octets().u32(0).u32(1).u32(999))
        .template(TEMPLATE, ie(10, 4), ie(14, 4), ie(61, 1), ie(312, 2), ie(315, 65_535))
        .data(
            TEMPLATE,
            octets()
                .u32(1)
                .u32(2)
                .u8(0)
                .u16(1514)
                .variable(frame.add(header(1500, 5000, 443)).bytes()));
  }

  /// An IPv4 and a UDP header.
  private static Octets header(int total, int srcPort, int dstPort) {
    return octets()
        .u16(0x4500)
        .u16(total)
        .u32(0x00010000L)
        .u8(64)
        .u8(17)
        .u16(0)
        .add(ends())
        .u16(srcPort)
        .u16(dstPort)
        .u16(total - 20)
        .u16(0);
  }

  /// Initiator and responder octets are payload: acknowledgements have none.
  private static Datagram payload() {
    return v9(1)
        .template(
            TEMPLATE,
            ie(8, 4),
            ie(12, 4),
            ie(7, 2),
            ie(11, 2),
            ie(4, 1),
            ie(231, 8),
            ie(232, 8),
            ie(298, 8),
            ie(299, 8))
        .data(TEMPLATE, ends().u16(50_003).u16(443).u8(6).u64(300).u64(700_000).u64(500).u64(520));
  }

  /// Ixia IxFlow: what came back, as elements of its own.
  private static Datagram reverseOfVendor() {
    return ipfix(0)
        .template(
            TEMPLATE,
            ie(1, 8),
            ie(2, 8),
            ie(4, 1),
            ie(7, 2),
            ie(8, 4),
            ie(11, 2),
            ie(12, 4),
            enterprise(IXIA, 176, 8),
            enterprise(IXIA, 177, 8))
        .data(
            TEMPLATE,
            octets().u64(0).u64(0).u8(6).u16(8732).ip(CLIENT).u16(443).ip(SERVER).u64(625).u64(6));
  }

  /// A header that counts 55,582 records before two.
  private static byte[] manyCounted() {
    byte[] datagram =
        v5(0)
            .flow(CLIENT, 1001, SERVER, 443, 6, 1, 40)
            .flow(CLIENT, 1002, SERVER, 443, 6, 1, 52)
            .bytes();
    datagram[2] = (byte) 0xd9;
    datagram[3] = 0x1e;
    return datagram;
  }

  /// Palo Alto PAN-OS and Cisco ACI fill their datagrams with zeros.
  private static Datagram padded() {
    return v9(1)
        .template(TEMPLATE, PLAIN)
        .data(TEMPLATE, plain(1001, 4, 200))
        .raw(octets().raw(new byte[64]));
  }
}
