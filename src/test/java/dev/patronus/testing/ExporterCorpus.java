package dev.patronus.testing;

import static dev.patronus.source.netflow.Datagram.enterprise;
import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Octets.octets;

import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Octets;
import java.util.List;

/// Datagrams of the families of exporters that are in use, and the flows in them.
///
/// Each datagram is constructed here: elements, their lengths and their order are those of the
/// family's documentation or of its published source; addresses and counters are made up.
public final class ExporterCorpus {
  private static final long NOW = Datagram.EXPORT_MILLIS;
  private static final int UPTIME = Datagram.UPTIME;
  private static final String CLIENT = "192.0.2.10";
  private static final String SERVER = "198.51.100.20";
  private static final int CERT = 6871;
  private static final int REVERSE = 29305;
  private static final int NTOP = 35632;
  private static final int VMWARE = 6876;

  /// What a family sends.
  ///
  /// @param family its name, and the version of its protocol
  /// @param flows the flows in it: `SRC:PORT > DST:PORT protocol packets/bytes`
  /// @param drops what is no flow, by reason: `{NOTHING_NEW=1}`
  /// @param rate the sampling rate in force: `1:1000`; empty without one
  public record Sample(
      String family, List<Datagram> datagrams, List<String> flows, String drops, String rate) {
    public Sample {
      datagrams = List.copyOf(datagrams);
      flows = List.copyOf(flows);
    }

    private static Sample of(String family, Datagram datagram, String... flows) {
      return new Sample(family, List.of(datagram), List.of(flows), "{}", "");
    }

    private Sample dropping(String what) {
      return new Sample(family, datagrams, flows, what, rate);
    }

    private Sample sampled(String by) {
      return new Sample(family, datagrams, flows, drops, by);
    }

    @Override
    public String toString() {
      return family;
    }
  }

  private ExporterCorpus() {}

  public static List<Sample> all() {
    return List.of(
        mikrotik(),
        fortiOs(),
        asa(),
        ios(),
        flexibleNetflow(),
        iosXr(),
        junos(),
        iptNetflow(),
        softflowd(),
        pmacct(),
        nprobe(),
        yaf(),
        openVswitch(),
        vmware(),
        nokia(),
        huawei(),
        paloAlto(),
        ubiquiti(),
        sonicWall());
  }

  private static Octets ends() {
    return octets().ip(CLIENT).ip(SERVER);
  }

  /// First and last packet by the exporter's uptime: a flow of four seconds that has just ended.
  private static Octets uptimes() {
    return octets().u32(UPTIME - 5000).u32(UPTIME - 1000);
  }

  /// RouterOS, traffic flow version 9: translated addresses and ports behind the flow's own.
  private static Sample mikrotik() {
    return Sample.of(
        "MikroTik RouterOS v9",
        v9(1)
            .template(
                256,
                ie(21, 4),
                ie(22, 4),
                ie(2, 4),
                ie(1, 4),
                ie(10, 4),
                ie(14, 4),
                ie(8, 4),
                ie(12, 4),
                ie(4, 1),
                ie(5, 1),
                ie(7, 2),
                ie(11, 2),
                ie(15, 4),
                ie(13, 1),
                ie(9, 1),
                ie(6, 1),
                ie(80, 6),
                ie(56, 6),
                ie(225, 4),
                ie(226, 4),
                ie(227, 2),
                ie(228, 2))
            .data(
                256,
                octets()
                    .u32(UPTIME - 1000)
                    .u32(UPTIME - 5000)
                    .u32(12)
                    .u32(9000)
                    .u32(2)
                    .u32(3)
                    .add(ends())
                    .u8(6)
                    .u8(0)
                    .u16(40000)
                    .u16(443)
                    .ip("203.0.113.1")
                    .u8(0)
                    .u8(24)
                    .u8(0x1b)
                    .number(0x020000000001L, 6)
                    .number(0x020000000002L, 6)
                    .ip("203.0.113.9")
                    .ip(SERVER)
                    .u16(61000)
                    .u16(443)),
        "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000");
  }

  /// FortiOS administration guide, "NetFlow templates": 256 STAT_OPTIONS, 258 IPV4.
  private static Sample fortiOs() {
    return Sample.of(
        "FortiOS v9",
        v9(1)
            .options(
                256, 1, ie(1, 2), ie(40, 8), ie(41, 8), ie(42, 8), ie(36, 2), ie(37, 2), ie(34, 4),
                ie(35, 1))
            .data(256, octets().u16(1).u64(1000).u64(10).u64(5).u16(1800).u16(15).u32(1).u8(1))
            .template(
                258,
                ie(1, 8),
                ie(23, 8),
                ie(2, 4),
                ie(24, 4),
                ie(22, 4),
                ie(21, 4),
                ie(7, 2),
                ie(11, 2),
                ie(10, 2),
                ie(14, 2),
                ie(95, 9),
                ie(65, 2),
                ie(89, 1),
                ie(136, 1),
                ie(4, 1),
                ie(8, 4),
                ie(12, 4))
            .data(
                258,
                octets()
                    .u64(1500)
                    .u64(0)
                    .u32(10)
                    .u32(0)
                    .add(uptimes())
                    .u16(40000)
                    .u16(443)
                    .u16(1)
                    .u16(2)
                    .number(20, 9)
                    .u16(0)
                    .u8(64)
                    .u8(1)
                    .u8(17)
                    .add(ends())),
        "192.0.2.10:40000 > 198.51.100.20:443 17 10/1500");
  }

  /// "Cisco ASA NetFlow Implementation Guide": creation, update and teardown of one connection, by
  /// bytes of payload.
  private static Sample asa() {
    return Sample.of(
            "Cisco ASA v9 (NSEL)",
            v9(1)
                .template(
                    263,
                    ie(148, 4),
                    ie(8, 4),
                    ie(7, 2),
                    ie(10, 2),
                    ie(12, 4),
                    ie(11, 2),
                    ie(14, 2),
                    ie(4, 1),
                    ie(176, 1),
                    ie(177, 1),
                    ie(225, 4),
                    ie(226, 4),
                    ie(227, 2),
                    ie(228, 2),
                    ie(233, 1),
                    ie(33002, 2),
                    ie(323, 8),
                    ie(152, 8),
                    ie(231, 4),
                    ie(232, 4))
                .data(263, asaEvent(1, 0, 0), asaEvent(5, 1000, 2000), asaEvent(2, 1500, 2600)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 0/1000",
            "198.51.100.20:443 > 192.0.2.10:40000 6 0/2000",
            "192.0.2.10:40000 > 198.51.100.20:443 6 0/500",
            "198.51.100.20:443 > 192.0.2.10:40000 6 0/600")
        .dropping("{NOTHING_NEW=1}");
  }

  private static Octets asaEvent(int event, long initiator, long responder) {
    return octets()
        .u32(77)
        .ip(CLIENT)
        .u16(40000)
        .u16(3)
        .ip(SERVER)
        .u16(443)
        .u16(4)
        .u8(6)
        .u8(0)
        .u8(0)
        .ip("203.0.113.9")
        .ip(SERVER)
        .u16(40000)
        .u16(443)
        .u8(event)
        .u16(0)
        .u64(NOW - 1000)
        .u64(NOW - 5000)
        .u32(initiator)
        .u32(responder);
  }

  /// Cisco IOS, version 5; a ping has its type and code in the destination port.
  private static Sample ios() {
    return Sample.of(
        "Cisco IOS v5",
        v5(0)
            .flow(CLIENT, 40000, SERVER, 443, 6, 12, 9000)
            .flow(CLIENT, 0, SERVER, 0x0800, 1, 3, 252),
        "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000",
        "192.0.2.10:0 > 198.51.100.20:2048 1 3/252");
  }

  /// Cisco IOS, Flexible NetFlow with a random sampler: option template of the samplers' table.
  private static Sample flexibleNetflow() {
    return Sample.of(
            "Cisco IOS v9 (Flexible NetFlow)",
            v9(1)
                .options(256, 1, ie(1, 4), ie(48, 4), ie(84, 41), ie(49, 1), ie(50, 2))
                .data(256, octets().u32(1).u32(1).raw(new byte[41]).u8(2).u16(100))
                .template(
                    257, ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(10, 4), ie(48, 4), ie(4, 1),
                    ie(5, 1), ie(61, 1), ie(14, 4), ie(1, 4), ie(2, 4), ie(22, 4), ie(21, 4))
                .data(
                    257,
                    ends()
                        .u16(40000)
                        .u16(443)
                        .u32(1)
                        .u32(1)
                        .u8(6)
                        .u8(0)
                        .u8(0)
                        .u32(2)
                        .u32(9000)
                        .u32(12)
                        .add(uptimes())),
            "192.0.2.10:40000 > 198.51.100.20:443 6 1200/900000")
        .sampled("1:100");
  }

  /// Cisco IOS XR, record ipv4 with BGP's autonomous systems; the sampler map is an option.
  private static Sample iosXr() {
    return Sample.of(
            "Cisco IOS XR v9",
            v9(1)
                .options(258, 1, ie(1, 4), ie(48, 2), ie(84, 32), ie(49, 1), ie(50, 4))
                .data(258, octets().u32(0).u16(3).raw(new byte[32]).u8(2).u32(1000))
                .template(
                    260,
                    ie(2, 4),
                    ie(1, 4),
                    ie(8, 4),
                    ie(12, 4),
                    ie(10, 4),
                    ie(14, 4),
                    ie(21, 4),
                    ie(22, 4),
                    ie(15, 4),
                    ie(16, 4),
                    ie(17, 4),
                    ie(7, 2),
                    ie(11, 2),
                    ie(9, 1),
                    ie(13, 1),
                    ie(4, 1),
                    ie(6, 1),
                    ie(5, 1),
                    ie(61, 1),
                    ie(89, 1),
                    ie(48, 2),
                    ie(18, 4),
                    ie(234, 4),
                    ie(235, 4))
                .data(
                    260,
                    octets()
                        .u32(2)
                        .u32(2400)
                        .add(ends())
                        .u32(10)
                        .u32(11)
                        .u32(UPTIME - 1000)
                        .u32(UPTIME - 5000)
                        .ip("203.0.113.1")
                        .u32(64500)
                        .u32(64501)
                        .u16(40000)
                        .u16(443)
                        .u8(24)
                        .u8(24)
                        .u8(6)
                        .u8(0x18)
                        .u8(0)
                        .u8(0)
                        .u8(64)
                        .u16(3)
                        .ip("203.0.113.2")
                        .u32(0)
                        .u32(0)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 2000/2400000")
        .sampled("1:1000");
  }

  /// Junos, inline active flow monitoring, IPFIX: the sampling interval is an option of the
  /// exporting process.
  private static Sample junos() {
    return Sample.of(
            "Juniper Junos IPFIX",
            ipfix(0)
                .options(
                    512,
                    1,
                    ie(144, 4),
                    ie(160, 8),
                    ie(130, 4),
                    ie(131, 16),
                    ie(34, 4),
                    ie(36, 2),
                    ie(37, 2),
                    ie(214, 1),
                    ie(215, 1))
                .data(
                    512,
                    octets()
                        .u32(1)
                        .u64(NOW - UPTIME)
                        .ip("192.0.2.1")
                        .ip("::")
                        .u32(10)
                        .u16(60)
                        .u16(60)
                        .u8(10)
                        .u8(17))
                .template(
                    256,
                    ie(8, 4),
                    ie(12, 4),
                    ie(5, 1),
                    ie(4, 1),
                    ie(7, 2),
                    ie(11, 2),
                    ie(32, 2),
                    ie(10, 4),
                    ie(58, 2),
                    ie(9, 1),
                    ie(13, 1),
                    ie(16, 4),
                    ie(17, 4),
                    ie(15, 4),
                    ie(6, 1),
                    ie(14, 4),
                    ie(52, 1),
                    ie(53, 1),
                    ie(136, 1),
                    ie(60, 1),
                    ie(18, 4),
                    ie(61, 1),
                    ie(152, 8),
                    ie(153, 8),
                    ie(1, 8),
                    ie(2, 8))
                .data(
                    256,
                    junosFlow(6, 40000, 443, 0).u64(1500).u64(2),
                    junosFlow(1, 0, 0, 0x0800).u64(84).u64(1)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 20/15000",
            "192.0.2.10:0 > 198.51.100.20:2048 1 10/840")
        .sampled("1:10");
  }

  private static Octets junosFlow(int protocol, int srcPort, int dstPort, int icmp) {
    return ends()
        .u8(0)
        .u8(protocol)
        .u16(srcPort)
        .u16(dstPort)
        .u16(icmp)
        .u32(530)
        .u16(0)
        .u8(24)
        .u8(24)
        .u32(64500)
        .u32(64501)
        .ip("203.0.113.1")
        .u8(0x18)
        .u32(531)
        .u8(63)
        .u8(63)
        .u8(1)
        .u8(4)
        .ip("203.0.113.2")
        .u8(0)
        .u64(NOW - 5000)
        .u64(NOW - 1000);
  }

  /// ipt_NETFLOW, as VyOS and gateways have it: flows, and events of address translation.
  private static Sample iptNetflow() {
    return Sample.of(
            "ipt_NETFLOW v9 (VyOS)",
            v9(1)
                .template(
                    256, ie(8, 4), ie(12, 4), ie(15, 4), ie(10, 4), ie(14, 4), ie(2, 4), ie(1, 4),
                    ie(22, 4), ie(21, 4), ie(4, 1), ie(5, 1), ie(7, 2), ie(11, 2), ie(6, 1))
                .template(
                    257,
                    ie(323, 8),
                    ie(8, 4),
                    ie(12, 4),
                    ie(225, 4),
                    ie(226, 4),
                    ie(7, 2),
                    ie(11, 2),
                    ie(227, 2),
                    ie(228, 2),
                    ie(4, 1),
                    ie(230, 1))
                .data(
                    256,
                    ends()
                        .ip("203.0.113.1")
                        .u32(2)
                        .u32(3)
                        .u32(12)
                        .u32(9000)
                        .add(uptimes())
                        .u8(6)
                        .u8(0)
                        .u16(40000)
                        .u16(443)
                        .u8(0x1b))
                .data(
                    257,
                    octets()
                        .u64(NOW)
                        .add(ends())
                        .ip("203.0.113.9")
                        .ip(SERVER)
                        .u16(40000)
                        .u16(443)
                        .u16(61000)
                        .u16(443)
                        .u8(6)
                        .u8(1)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000")
        .dropping("{NOTHING_NEW=1}");
  }

  /// softflowd 1.1, version 9, IPv6.
  private static Sample softflowd() {
    return Sample.of(
        "softflowd v9",
        v9(1)
            .template(
                2048,
                ie(27, 16),
                ie(28, 16),
                ie(21, 4),
                ie(22, 4),
                ie(1, 4),
                ie(2, 4),
                ie(10, 4),
                ie(14, 4),
                ie(7, 2),
                ie(11, 2),
                ie(4, 1),
                ie(6, 1),
                ie(60, 1),
                ie(5, 1))
            .data(
                2048,
                octets()
                    .ip("2001:db8::1")
                    .ip("2001:db8::2")
                    .u32(UPTIME - 1000)
                    .u32(UPTIME - 5000)
                    .u32(9000)
                    .u32(12)
                    .u32(0)
                    .u32(0)
                    .u16(40000)
                    .u16(443)
                    .u8(6)
                    .u8(0x1b)
                    .u8(6)
                    .u8(0)),
        "2001:db8::1:40000 > 2001:db8::2:443 6 12/9000");
  }

  /// pmacct's nfprobe, IPFIX.
  private static Sample pmacct() {
    return Sample.of(
        "pmacct nfprobe IPFIX",
        ipfix(0)
            .template(
                1024,
                ie(153, 8),
                ie(152, 8),
                ie(1, 8),
                ie(2, 8),
                ie(10, 4),
                ie(14, 4),
                ie(61, 1),
                ie(8, 4),
                ie(12, 4),
                ie(9, 1),
                ie(13, 1),
                ie(7, 2),
                ie(11, 2),
                ie(5, 1),
                ie(6, 1),
                ie(4, 1))
            .data(
                1024,
                octets()
                    .u64(NOW - 1000)
                    .u64(NOW - 5000)
                    .u64(9000)
                    .u64(12)
                    .u32(0)
                    .u32(0)
                    .u8(0)
                    .add(ends())
                    .u8(0)
                    .u8(0)
                    .u16(40000)
                    .u16(53)
                    .u8(0)
                    .u8(0)
                    .u8(17)),
        "192.0.2.10:40000 > 198.51.100.20:53 17 12/9000");
  }

  /// nProbe, IPFIX with elements of its own, one of them of variable length.
  private static Sample nprobe() {
    return Sample.of(
        "nProbe IPFIX",
        ipfix(0)
            .template(
                257,
                ie(1, 4),
                ie(2, 4),
                ie(4, 1),
                ie(6, 1),
                ie(7, 2),
                ie(8, 4),
                ie(11, 2),
                ie(12, 4),
                ie(21, 4),
                ie(22, 4),
                enterprise(NTOP, 118, 2),
                enterprise(NTOP, 180, 65535))
            .data(
                257,
                octets()
                    .u32(9000)
                    .u32(12)
                    .u8(6)
                    .u8(0x1b)
                    .u16(40000)
                    .ip(CLIENT)
                    .u16(80)
                    .ip(SERVER)
                    .u32(0)
                    .u32(0)
                    .u16(7)
                    .variable((byte) 'a', (byte) '.', (byte) 'b')),
        "192.0.2.10:40000 > 198.51.100.20:80 6 12/9000");
  }

  /// YAF, IPFIX biflows (RFC 5103): totals of both ways, with lists of variable length behind them.
  private static Sample yaf() {
    return Sample.of(
        "YAF IPFIX",
        ipfix(0)
            .template(
                45876,
                ie(152, 8),
                ie(153, 8),
                ie(85, 8),
                enterprise(REVERSE, 85, 8),
                ie(86, 8),
                enterprise(REVERSE, 86, 8),
                ie(8, 4),
                ie(12, 4),
                ie(7, 2),
                ie(11, 2),
                ie(4, 1),
                ie(136, 1),
                enterprise(CERT, 40, 2),
                enterprise(CERT, 33, 2),
                ie(210, 4),
                ie(293, 65535))
            .data(
                45876,
                octets()
                    .u64(NOW - 5000)
                    .u64(NOW - 1000)
                    .u64(900)
                    .u64(12_000)
                    .u64(9)
                    .u64(10)
                    .add(ends())
                    .u16(40000)
                    .u16(443)
                    .u8(6)
                    .u8(3)
                    .u16(0)
                    .u16(443)
                    .u32(0)
                    .variable((byte) 3)),
        "192.0.2.10:40000 > 198.51.100.20:443 6 9/900",
        "198.51.100.20:443 > 192.0.2.10:40000 6 10/12000");
  }

  /// Open vSwitch, bridge IPFIX: octets of layer 2 beside those of IP, times as distances from the
  /// export.
  private static Sample openVswitch() {
    return Sample.of(
        "Open vSwitch IPFIX",
        ipfix(0)
            .template(
                256,
                ie(138, 4),
                ie(61, 1),
                ie(56, 6),
                ie(80, 6),
                ie(256, 2),
                ie(240, 1),
                ie(60, 1),
                ie(192, 1),
                ie(4, 1),
                ie(195, 1),
                ie(196, 1),
                ie(5, 1),
                ie(8, 4),
                ie(12, 4),
                ie(7, 2),
                ie(11, 2),
                ie(158, 4),
                ie(159, 4),
                ie(2, 8),
                ie(352, 8),
                ie(136, 1),
                ie(1, 8),
                ie(198, 8),
                ie(25, 8),
                ie(26, 8))
            .data(
                256,
                octets()
                    .u32(1)
                    .u8(0)
                    .number(0x020000000001L, 6)
                    .number(0x020000000002L, 6)
                    .u16(0x0800)
                    .u8(14)
                    .u8(4)
                    .u8(64)
                    .u8(17)
                    .u8(0)
                    .u8(0)
                    .u8(0)
                    .add(ends())
                    .u16(40000)
                    .u16(53)
                    .u32(5_000_000)
                    .u32(1_000_000)
                    .u64(10)
                    .u64(1140)
                    .u8(1)
                    .u64(1000)
                    .u64(100_000)
                    .u64(100)
                    .u64(100)),
        "192.0.2.10:40000 > 198.51.100.20:53 17 10/1000");
  }

  /// vSphere Distributed Switch, IPFIX: the addresses inside of a VXLAN are VMware's own elements.
  private static Sample vmware() {
    return Sample.of(
        "VMware VDS IPFIX",
        ipfix(0)
            .template(
                258,
                ie(8, 4),
                ie(12, 4),
                ie(1, 8),
                ie(2, 8),
                ie(22, 8),
                ie(21, 8),
                ie(7, 2),
                ie(11, 2),
                ie(10, 4),
                ie(14, 4),
                ie(351, 8),
                ie(4, 1),
                ie(136, 1),
                ie(6, 1),
                ie(5, 1),
                ie(61, 1),
                enterprise(VMWARE, 880, 1),
                enterprise(VMWARE, 881, 4),
                enterprise(VMWARE, 882, 4),
                enterprise(VMWARE, 886, 2),
                enterprise(VMWARE, 887, 2),
                enterprise(VMWARE, 890, 2),
                enterprise(VMWARE, 888, 2),
                enterprise(VMWARE, 889, 1))
            .data(
                258,
                ends()
                    .u64(9000)
                    .u64(12)
                    .u64(0)
                    .u64(0)
                    .u16(40000)
                    .u16(4789)
                    .u32(7)
                    .u32(8)
                    .u64(0x0100_0000_0000_1388L)
                    .u8(17)
                    .u8(1)
                    .u8(0)
                    .u8(0)
                    .u8(1)
                    .u8(6)
                    .ip("10.0.0.1")
                    .ip("10.0.0.2")
                    .u16(50000)
                    .u16(443)
                    .u16(2)
                    .u16(3)
                    .u8(1)),
        "192.0.2.10:40000 > 198.51.100.20:4789 17 12/9000");
  }

  /// Nokia SR OS router configuration guide, "Basic IPv4 template", version 10.
  private static Sample nokia() {
    return Sample.of(
        "Nokia SR OS IPFIX",
        ipfix(0)
            .template(
                256,
                ie(8, 4),
                ie(12, 4),
                ie(15, 4),
                ie(18, 4),
                ie(10, 4),
                ie(14, 4),
                ie(2, 8),
                ie(1, 8),
                ie(22, 4),
                ie(21, 4),
                ie(152, 8),
                ie(153, 8),
                ie(7, 2),
                ie(11, 2),
                ie(89, 1),
                ie(6, 1),
                ie(4, 1),
                ie(5, 1),
                ie(60, 1),
                ie(32, 2),
                ie(61, 1),
                ie(16, 4),
                ie(17, 4),
                ie(9, 1),
                ie(13, 1))
            .data(
                256,
                ends()
                    .ip("203.0.113.1")
                    .ip("203.0.113.2")
                    .u32(1)
                    .u32(2)
                    .u64(12)
                    .u64(9000)
                    .add(uptimes())
                    .u64(NOW - 5000)
                    .u64(NOW - 1000)
                    .u16(40000)
                    .u16(443)
                    .u8(64)
                    .u8(0x1b)
                    .u8(6)
                    .u8(0)
                    .u8(4)
                    .u16(0)
                    .u8(0)
                    .u32(64500)
                    .u32(64501)
                    .u8(24)
                    .u8(24)),
        "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000");
  }

  /// Huawei NetStream, version 9, as RFC 3954: the rate of the interface's sampler is an option.
  private static Sample huawei() {
    return Sample.of(
            "Huawei NetStream v9",
            v9(1)
                .options(264, 1, ie(2, 4), ie(34, 4), ie(35, 1))
                .data(264, octets().u32(5).u32(64).u8(2))
                .template(
                    1315, ie(8, 4), ie(12, 4), ie(15, 4), ie(1, 4), ie(2, 4), ie(10, 4), ie(14, 4),
                    ie(22, 4), ie(21, 4), ie(7, 2), ie(11, 2), ie(16, 4), ie(17, 4), ie(4, 1),
                    ie(5, 1), ie(6, 1), ie(9, 1), ie(13, 1), ie(61, 1))
                .data(
                    1315,
                    ends()
                        .ip("203.0.113.1")
                        .u32(3000)
                        .u32(4)
                        .u32(5)
                        .u32(6)
                        .add(uptimes())
                        .u16(40000)
                        .u16(443)
                        .u32(64500)
                        .u32(64501)
                        .u8(6)
                        .u8(0)
                        .u8(0x18)
                        .u8(24)
                        .u8(24)
                        .u8(0)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 256/192000")
        .sampled("1:64");
  }

  /// PAN-OS administrator's guide, "NetFlow templates": 257 IPv4 Enterprise; zeros behind the last
  /// set.
  private static Sample paloAlto() {
    return Sample.of(
            "Palo Alto PAN-OS v9",
            v9(1)
                .template(
                    257,
                    ie(8, 4),
                    ie(12, 4),
                    ie(7, 2),
                    ie(11, 2),
                    ie(4, 1),
                    ie(6, 1),
                    ie(5, 1),
                    ie(10, 4),
                    ie(14, 4),
                    ie(1, 8),
                    ie(2, 8),
                    ie(22, 4),
                    ie(21, 4),
                    ie(61, 1),
                    ie(148, 8),
                    ie(233, 1),
                    ie(32, 2),
                    ie(346, 4),
                    ie(56701, 32),
                    ie(56702, 64))
                .data(257, panFlow(1, 0, 0), panFlow(2, 9000, 12))
                .raw(octets().u32(0).u32(0)),
            "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000")
        .dropping("{NOTHING_NEW=1}");
  }

  private static Octets panFlow(int event, long bytes, long packets) {
    return ends()
        .u16(40000)
        .u16(443)
        .u8(6)
        .u8(0x1b)
        .u8(0)
        .u32(1)
        .u32(2)
        .u64(bytes)
        .u64(packets)
        .add(uptimes())
        .u8(0)
        .u64(4711)
        .u8(event)
        .u16(0)
        .u32(25461)
        .raw(new byte[32])
        .raw(new byte[64]);
  }

  /// EdgeOS, which runs pmacct's uacctd: version 9.
  private static Sample ubiquiti() {
    return Sample.of(
        "Ubiquiti EdgeOS v9",
        v9(1)
            .template(
                1024, ie(21, 4), ie(22, 4), ie(1, 4), ie(2, 4), ie(10, 4), ie(14, 4), ie(61, 1),
                ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(5, 1), ie(6, 1), ie(4, 1))
            .data(
                1024,
                octets()
                    .u32(UPTIME - 1000)
                    .u32(UPTIME - 5000)
                    .u32(9000)
                    .u32(12)
                    .u32(2)
                    .u32(3)
                    .u8(1)
                    .add(ends())
                    .u16(40000)
                    .u16(443)
                    .u8(0)
                    .u8(0x1b)
                    .u8(6)),
        "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000");
  }

  /// SonicOS, "NetFlow version 9": the elements of version 5 in the order of their numbers.
  private static Sample sonicWall() {
    return Sample.of(
        "SonicWall SonicOS v9",
        v9(1)
            .template(
                256, ie(1, 4), ie(2, 4), ie(4, 1), ie(5, 1), ie(6, 1), ie(7, 2), ie(8, 4), ie(9, 1),
                ie(10, 4), ie(11, 2), ie(12, 4), ie(13, 1), ie(14, 4), ie(15, 4), ie(21, 4),
                ie(22, 4))
            .data(
                256,
                octets()
                    .u32(9000)
                    .u32(12)
                    .u8(6)
                    .u8(0)
                    .u8(0x1b)
                    .u16(40000)
                    .ip(CLIENT)
                    .u8(0)
                    .u32(1)
                    .u16(443)
                    .ip(SERVER)
                    .u8(0)
                    .u32(2)
                    .ip("203.0.113.1")
                    .u32(UPTIME - 1000)
                    .u32(UPTIME - 5000)),
        "192.0.2.10:40000 > 198.51.100.20:443 6 12/9000");
  }
}
