package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.json.Json;
import dev.patronus.source.netflow.NfdumpReading.Total;
import dev.patronus.testing.Captures;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The flows that tshark decodes in datagrams, scaled by the sampling rate that it decodes there.
///
/// tshark names elements and values; what counts of them is chosen here: deltas, else totals, else
/// the octets of initiator and responder, of which the event at the end of a connection has all.
final class TsharkReading {
  private static final int PORT = 2055;
  private static final String FLOW_UPDATED = "5";

  private final Map<String, Total> totals = new TreeMap<>();
  private final List<Json.Obj> records = new ArrayList<>();
  private long rate = 1;

  private TsharkReading() {}

  /// What tshark reads of the datagrams.
  static Map<String, Total> of(Path folder, List<byte[]> datagrams) throws IOException {
    Path sent = folder.resolve("export.pcap");
    try (Captures capture = Captures.create(sent)) {
      capture.at(1_700_000_000_000L);
      for (byte[] datagram : datagrams) {
        capture.after(1).frame(frame(datagram));
      }
    }
    ProgramOutcome read =
        Program.of(
                "tshark",
                "-r",
                sent,
                "-d",
                "udp.port==" + PORT + ",cflow",
                "-T",
                "json",
                "-J",
                "cflow",
                "--no-duplicate-keys")
            .run();
    assertEquals(0, read.exitCode(), read::toString);
    TsharkReading reading = new TsharkReading();
    reading.walk(Json.parse(read.stdout()));
    reading.records.forEach(reading::count);
    return reading.totals;
  }

  /// An Ethernet frame around a datagram.
  private static byte[] frame(byte[] datagram) {
    ByteBuffer frame = ByteBuffer.allocate(42 + datagram.length);
    frame.put(new byte[12]).putShort((short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (28 + datagram.length)).putInt(0);
    frame.put((byte) 64).put((byte) 17).putShort((short) 0);
    frame.putInt(0xc000_0201).putInt(0xc000_0202);
    frame.putShort((short) 4000).putShort((short) PORT);
    frame.putShort((short) (8 + datagram.length)).putShort((short) 0).put(datagram);
    return frame.array();
  }

  private void walk(Json json) {
    switch (json) {
      case Json.Arr list -> list.items().forEach(this::walk);
      case Json.Obj object -> {
        Optional<String> rated =
            first(object, "cflow.sampler_random_interval", "cflow.sampling_interval");
        boolean isFlow = first(object, "cflow.srcaddr", "cflow.srcaddrv6").isPresent();
        if (isFlow) {
          records.add(object);
        } else if (rated.isPresent()) {
          rate = Long.parseLong(rated.get());
        }
        object.members().values().forEach(this::walk);
      }
      case Json.Text _, Json.Num _, Json.Bool _, Json.Null _ -> {}
    }
  }

  /// The values of the first of these fields that there is; several if it is there several times.
  private static List<String> all(Json.Obj object, String... names) {
    for (String name : names) {
      Json value = object.members().get(name);
      if (value instanceof Json.Text(String text)) {
        return List.of(text);
      }
      if (value instanceof Json.Arr list) {
        return list.items().stream().map(item -> ((Json.Text) item).value()).toList();
      }
    }
    return List.of();
  }

  private static Optional<String> first(Json.Obj object, String... names) {
    return all(object, names).stream().findFirst();
  }

  private static int number(Json.Obj object, String name) {
    return first(object, name).map(Integer::decode).orElse(0);
  }

  private void count(Json.Obj flow) {
    if (first(flow, "cflow.firewall_event").equals(Optional.of(FLOW_UPDATED))) {
      return;
    }
    String src = first(flow, "cflow.srcaddr", "cflow.srcaddrv6").orElseThrow();
    String dst = first(flow, "cflow.dstaddr", "cflow.dstaddrv6").orElseThrow();
    int protocol = number(flow, "cflow.protocol");
    int srcPort = number(flow, "cflow.srcport");
    int type = number(flow, "cflow.icmp_type_code_ipv4");
    int dstPort = protocol == 1 && type > 0 ? type : number(flow, "cflow.dstport");
    List<String> packets = all(flow, "cflow.packets", "cflow.permanent_packets");
    List<String> bytes = all(flow, "cflow.octets", "cflow.permanent_octets");
    if (bytes.isEmpty()) {
      bytes =
          List.of(
              first(flow, "cflow.initiator_octets").orElse("0"),
              first(flow, "cflow.responder_octets").orElse("0"));
    }
    add(NfdumpReading.key(src, srcPort, dst, dstPort, protocol), packets, bytes, 0);
    if (bytes.size() > 1) {
      add(NfdumpReading.key(dst, dstPort, src, srcPort, protocol), packets, bytes, 1);
    }
  }

  private void add(String key, List<String> packets, List<String> bytes, int at) {
    long counted = at < packets.size() ? Long.parseLong(packets.get(at)) : 0;
    Total total = new Total(counted * rate, Long.parseLong(bytes.get(at)) * rate);
    if (total.bytes() > 0) {
      totals.merge(key, total, Total::plus);
    }
  }
}
