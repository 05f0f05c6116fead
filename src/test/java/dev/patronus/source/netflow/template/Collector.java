package dev.patronus.source.netflow.template;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Decoder;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A decoder, what it handed on, and the time.
public final class Collector {
  public final Metrics metrics = new Metrics();
  public final Decoder decoder;
  public final List<FlowRecord> flows = new ArrayList<>();
  private final FlowSink sink = flows::add;
  private IpAddress exporter = Datagram.EXPORTER;
  private int port = 40000;
  private Timestamps now = new Timestamps(Datagram.EXPORT_MILLIS, 0);

  public Collector() {
    this(NetflowSettings.PLAIN);
  }

  public Collector(NetflowSettings settings) {
    decoder = new Decoder(settings, metrics, "netflow");
  }

  /// One that may remember so many bytes of its exporters.
  public Collector(long budgetBytes) {
    decoder =
        new Decoder(
            NetflowSettings.PLAIN,
            metrics,
            "netflow",
            Optional.empty(),
            new MemoryBudget(budgetBytes));
  }

  /// What comes from now on comes from there.
  public Collector from(String address, int port) {
    this.exporter = IpAddress.parse(address);
    this.port = port;
    return this;
  }

  public Collector after(long millis) {
    now = new Timestamps(now.epochMillis() + millis, now.steadyMillis() + millis);
    decoder.tick(now);
    return this;
  }

  /// Somebody sets the clock on the wall.
  public Collector clockSetBy(long millis) {
    now = new Timestamps(now.epochMillis() + millis, now.steadyMillis());
    decoder.tick(now);
    return this;
  }

  public Timestamps now() {
    return now;
  }

  public Collector take(Datagram datagram) {
    return take(datagram.bytes());
  }

  public Collector take(byte[] datagram) {
    decoder.decode(exporter, port, datagram, datagram.length, now, sink);
    return this;
  }

  public FlowRecord flow() {
    if (flows.size() != 1) {
      throw new AssertionError("one flow expected, there are " + flows + " " + drops());
    }
    return flows.getFirst();
  }

  public long packets() {
    return flows.stream().mapToLong(FlowRecord::packets).sum();
  }

  public long bytes() {
    return flows.stream().mapToLong(FlowRecord::bytes).sum();
  }

  /// `SRC:PORT > DST:PORT protocol packets/bytes`, as tests write flows.
  public List<String> texts() {
    return flows.stream().map(Collector::text).toList();
  }

  public static String text(FlowRecord flow) {
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

  public ExporterStatus status() {
    return status(exporter.toString());
  }

  ExporterStatus status(String address) {
    return decoder.exporters().stream()
        .filter(known -> known.address().equals(address))
        .findFirst()
        .orElseThrow();
  }

  public long drops(Drop why) {
    return metrics.readings().stream()
        .filter(reading -> reading.series().name().equals(why.unit().metric()))
        .filter(reading -> why.reason().equals(reading.series().labels().get("reason")))
        .mapToLong(Metrics.Reading::value)
        .sum();
  }

  public String drops() {
    return metrics.readings().stream()
        .filter(reading -> reading.series().labels().containsKey("reason"))
        .filter(reading -> reading.value() > 0)
        .toList()
        .toString();
  }
}
