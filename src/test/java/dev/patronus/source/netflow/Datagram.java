package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Octets.octets;

import dev.patronus.flow.IpAddress;
import java.util.List;

/// A datagram in the making, set by set.
///
/// ```java
/// ipfix(1).template(256, ie(8, 4), ie(12, 4), ie(1, 8), ie(2, 8))
///     .data(256, octets().ip("10.0.0.1").ip("10.0.0.2").u64(1500).u64(1))
/// ```
///
/// The export time is [#EXPORT_MILLIS], which is also when [DecoderTest] lets it arrive.
public final class Datagram {
  public static final long EXPORT_MILLIS = 1_700_000_000_000L;

  /// The uptime of exporters that have one, in milliseconds.
  public static final int UPTIME = 3_600_000;

  /// One field of a template: as it is written, and no check of whether that is allowed.
  public record Spec(int element, int length, int enterprise) {}

  private final int version;
  private final long sequence;
  private long domain;
  private long uptime = UPTIME;
  private long exportMillis = EXPORT_MILLIS;
  private int sampling;
  private int count;
  private int padding;
  private final Octets body = octets();

  private Datagram(int version, long sequence) {
    this.version = version;
    this.sequence = sequence;
  }

  public static Datagram v5(long sequence) {
    return new Datagram(5, sequence);
  }

  public static Datagram v9(long sequence) {
    return new Datagram(9, sequence);
  }

  public static Datagram ipfix(long sequence) {
    return new Datagram(10, sequence);
  }

  public static Spec ie(int element, int length) {
    return new Spec(element, length, 0);
  }

  public static Spec enterprise(int number, int element, int length) {
    return new Spec(element, length, number);
  }

  public Datagram domain(long domain) {
    this.domain = domain;
    return this;
  }

  public Datagram uptime(long millis) {
    uptime = millis;
    return this;
  }

  public Datagram exportedAt(long millis) {
    exportMillis = millis;
    return this;
  }

  /// The sampling field of a v5 header.
  public Datagram sampling(int field) {
    sampling = field;
    return this;
  }

  /// Pads the sets that follow with so many zero bytes.
  public Datagram padding(int bytes) {
    padding = bytes;
    return this;
  }

  /// A v5 record of a flow that ended a second before the export.
  public Datagram flow(
      String src, int srcPort, String dst, int dstPort, int protocol, long packets, long bytes) {
    return flow(src, srcPort, dst, dstPort, protocol, packets, bytes, uptime - 1000);
  }

  public Datagram flow(
      String src,
      int srcPort,
      String dst,
      int dstPort,
      int protocol,
      long packets,
      long bytes,
      long lastUptime) {
    count++;
    body.ip(src).ip(dst).u32(0).u16(1).u16(2).u32(packets).u32(bytes);
    body.u32(lastUptime - 500).u32(lastUptime).u16(srcPort).u16(dstPort);
    body.u8(0).u8(0x18).u8(protocol).u8(0).u16(0).u16(0).u8(24).u8(24).u16(0);
    return this;
  }

  public Datagram template(int id, Spec... fields) {
    return template(id, List.of(fields));
  }

  public Datagram template(int id, List<Spec> fields) {
    Octets definition = octets().u16(id).u16(fields.size());
    fields.forEach(field -> add(definition, field));
    return set(version == 9 ? 0 : 2, definition);
  }

  /// An options template whose first `scopes` fields are its scope.
  public Datagram options(int id, int scopes, Spec... fields) {
    Octets definition = octets().u16(id);
    if (version == 9) {
      definition.u16(4 * scopes).u16(4 * (fields.length - scopes));
    } else {
      definition.u16(fields.length).u16(scopes);
    }
    List.of(fields).forEach(field -> add(definition, field));
    return set(version == 9 ? 1 : 3, definition);
  }

  private static void add(Octets definition, Spec field) {
    boolean own = field.enterprise() != 0;
    definition.u16(field.element() | (own ? 0x8000 : 0)).u16(field.length());
    if (own) {
      definition.u32(field.enterprise());
    }
  }

  public Datagram withdraw(int set, int id) {
    return set(set, octets().u16(id).u16(0));
  }

  public Datagram data(int id, Octets... records) {
    Octets all = octets();
    List.of(records).forEach(all::add);
    return set(id, all);
  }

  public Datagram set(int id, Octets content) {
    count++;
    body.u16(id).u16(4 + content.size() + padding).add(content).raw(new byte[padding]);
    return this;
  }

  /// Anything at all, where a set would begin.
  public Datagram raw(Octets content) {
    body.add(content);
    return this;
  }

  /// The length of the datagram.
  int size() {
    return bytes().length;
  }

  public byte[] bytes() {
    long seconds = exportMillis / 1000;
    Octets header = octets().u16(version);
    switch (version) {
      case 5 ->
          header
              .u16(count)
              .u32(uptime)
              .u32(seconds)
              .u32(exportMillis % 1000 * 1_000_000)
              .u32(sequence)
              .u16((int) domain)
              .u16(sampling);
      case 9 -> header.u16(count).u32(uptime).u32(seconds).u32(sequence).u32(domain);
      default -> header.u16(16 + body.size()).u32(seconds).u32(sequence).u32(domain);
    }
    return header.add(body).bytes();
  }

  /// The sender of a datagram of tests that do not care.
  public static final IpAddress EXPORTER = IpAddress.parse("192.0.2.1");
}
