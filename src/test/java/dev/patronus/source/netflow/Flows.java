package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Octets.octets;

import dev.patronus.source.netflow.Datagram.Spec;
import java.util.ArrayList;
import java.util.List;

/// The template that most tests use, and records that fit it: a TCP flow of 10 packets.
public final class Flows {
  public static final int TEMPLATE = 256;

  private Flows() {}

  /// Addresses, ports, protocol, 64-bit packets and bytes, and what a test adds.
  public static List<Spec> fields(Spec... more) {
    List<Spec> fields =
        new ArrayList<>(
            List.of(ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(2, 8), ie(1, 8)));
    fields.addAll(List.of(more));
    return fields;
  }

  public static Octets record() {
    return record(10, 1500);
  }

  public static Octets record(long packets, long bytes) {
    return addresses().u16(40000).u16(443).u8(6).u64(packets).u64(bytes);
  }

  public static Octets addresses() {
    return octets().ip("10.0.0.1").ip("10.0.0.2");
  }
}
