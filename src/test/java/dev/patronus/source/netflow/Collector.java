package dev.patronus.source.netflow;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A decoder, what it handed on, and the time.
final class Collector {
  final Metrics metrics = new Metrics();
  final Decoder decoder;
  final List<FlowRecord> flows = new ArrayList<>();
  private final FlowSink sink = flows::add;
  private IpAddress exporter = Datagram.EXPORTER;
  private int port = 40000;
  private Moment now = new Moment(Datagram.EXPORT_MILLIS, 0);

  Collector() {
    this(Settings.PLAIN);
  }

  Collector(Settings settings) {
    decoder = new Decoder(settings, metrics, "netflow");
  }

  /// One that may remember so many bytes of its exporters.
  Collector(long budgetBytes) {
    decoder =
        new Decoder(
            Settings.PLAIN, metrics, "netflow", Optional.empty(), new MemoryBudget(budgetBytes));
  }

  /// What comes from now on comes from there.
  Collector from(String address, int port) {
    this.exporter = IpAddress.parse(address);
    this.port = port;
    return this;
  }

  Collector after(long millis) {
    now = new Moment(now.epochMillis() + millis, now.steadyMillis() + millis);
    decoder.tick(now);
    return this;
  }

  /// Somebody sets the clock on the wall.
  Collector clockSetBy(long millis) {
    now = new Moment(now.epochMillis() + millis, now.steadyMillis());
    decoder.tick(now);
    return this;
  }

  Moment now() {
    return now;
  }

  Collector take(Datagram datagram) {
    return take(datagram.bytes());
  }

  Collector take(byte[] datagram) {
    decoder.decode(exporter, port, datagram, datagram.length, now, sink);
    return this;
  }

  FlowRecord flow() {
    if (flows.size() != 1) {
      throw new AssertionError("one flow expected, there are " + flows + " " + drops());
    }
    return flows.getFirst();
  }

  long packets() {
    return flows.stream().mapToLong(FlowRecord::packets).sum();
  }

  long bytes() {
    return flows.stream().mapToLong(FlowRecord::bytes).sum();
  }

  /// `SRC:PORT > DST:PORT protocol packets/bytes`, as tests write flows.
  List<String> texts() {
    return flows.stream().map(Collector::text).toList();
  }

  static String text(FlowRecord flow) {
    return "%s:%d > %s:%d %d %d/%d"
        .formatted(
            flow.key().src(),
            flow.key().srcPort(),
            flow.key().dst(),
            flow.key().dstPort(),
            flow.key().protocol(),
            flow.packets(),
            flow.bytes());
  }

  ExporterStatus status() {
    return status(exporter.toString());
  }

  ExporterStatus status(String address) {
    return decoder.exporters().stream()
        .filter(known -> known.address().equals(address))
        .findFirst()
        .orElseThrow();
  }

  long drops(Drop why) {
    return metrics.readings().stream()
        .filter(reading -> reading.series().name().equals(why.unit().metric()))
        .filter(reading -> why.reason().equals(reading.series().labels().get("reason")))
        .mapToLong(Metrics.Reading::value)
        .sum();
  }

  String drops() {
    return metrics.readings().stream()
        .filter(reading -> reading.series().labels().containsKey("reason"))
        .toList()
        .toString();
  }
}
