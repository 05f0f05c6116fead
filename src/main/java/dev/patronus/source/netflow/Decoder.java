package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Wire.u16;

import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Growth;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Turns datagrams into flow records.
///
/// Knows no socket and no clock: bytes, sender and time of arrival come in; records go into the
/// [FlowSink], and whatever became none is counted under a name. Never throws for what is in a
/// datagram; every loop moves on; everything that is kept has a limit.
///
/// The sets of a datagram may come in any order: templates are read first, then options, then data.
/// Data without a template waits for it a short while ([WaitingSets]).
///
/// Confined to one thread, but for [#exporters].
public final class Decoder {
  /// What a set contains, in the order in which they are read.
  private enum Pass {
    TEMPLATES,
    OPTIONS,
    DATA
  }

  private static final int FIRST_DATA_SET = 256;

  private volatile Settings settings;
  private final Exporters exporters;
  private final Tally strangers;
  private final Metrics metrics;
  private final String source;
  private final WaitingSets waiting = new WaitingSets();
  private final OptionsReader options = new OptionsReader();
  private final RunningTotals totals = new RunningTotals();
  private final RecordReader records;
  private boolean learned;

  // The datagram that is being read.
  private byte[] bytes;
  private Exporter exporter;
  private Stream stream;
  private Header header;
  private FlowSink sink;
  private int optionRecords;
  private int flowRecords;
  private boolean undecoded;

  /// A decoder that knows no templates yet.
  ///
  /// @param source the label of its metrics
  public Decoder(Settings settings, Metrics metrics, String source) {
    this(settings, metrics, source, Optional.empty());
  }

  /// As the other one.
  ///
  /// @param growth takes the records of flows whose exporters send totals, in place of the sink
  Decoder(Settings settings, Metrics metrics, String source, Optional<Growth> growth) {
    this.settings = settings;
    this.metrics = metrics;
    this.source = source;
    exporters = new Exporters(metrics, source);
    strangers = new Tally(metrics, source, "unknown");
    records = new RecordReader(settings, totals, growth);
  }

  /// Reads datagrams from these blocks only from now on; from all if there are none. Safe from any
  /// thread.
  void allow(List<IpPrefix> blocks) {
    settings = settings.allowing(blocks);
  }

  /// Reads one datagram.
  ///
  /// @param sender the address of the exporter
  /// @param port the port that it was sent from
  /// @param datagram its first `length` bytes; not kept
  /// @param arrival when it came
  public void decode(
      IpAddress sender, int port, byte[] datagram, int length, Moment arrival, FlowSink sink) {
    if (!settings.allows(sender)) {
      strangers.drop(Drop.EXPORTER_NOT_ALLOWED, 1);
      return;
    }
    int version = length < 2 ? 0 : u16(datagram, 0);
    int headerLength = Header.length(version);
    if (headerLength == 0 || length < headerLength) {
      refuse(sender, length < 2 || headerLength > 0 ? Drop.TOO_SHORT : Drop.UNKNOWN_VERSION);
      return;
    }
    bytes = datagram;
    header = Header.read(datagram, version, arrival);
    exporter = exporters.of(sender);
    exporter.heard(header);
    stream = exporter.stream(port, version, header.domain());
    this.sink = sink;
    read(version, headerLength, length);
  }

  private void refuse(IpAddress sender, Drop why) {
    Exporter known = exporters.known(sender);
    (known == null ? strangers : known.tally()).drop(why, 1);
  }

  private void read(int version, int headerLength, int length) {
    optionRecords = 0;
    flowRecords = 0;
    undecoded = false;
    switch (version) {
      case Header.V5 -> readV5(length);
      case Header.V9 -> readSets(headerLength, length);
      default -> readSets(headerLength, messageEnd(length));
    }
    numbered(version);
  }

  private void readV5(int length) {
    int from = Header.length(Header.V5);
    int whole = Math.min(header.count(), (length - from) / Layout.V5.recordLength);
    exporter.tally().drop(Drop.TRUNCATED, header.count() - whole);
    int end = from + whole * Layout.V5.recordLength;
    records.read(exporter, stream, header, Layout.V5, bytes, from, end, sink);
    flowRecords = header.count();
  }

  /// Where an IPFIX message ends: what a datagram has beyond it belongs to nobody.
  private int messageEnd(int length) {
    return Math.min(length, Math.max(header.count(), Header.length(Header.IPFIX)));
  }

  private void numbered(int version) {
    SequenceGaps sequence = stream.sequence();
    if (version == Header.V9) {
      sequence.observe(header.sequence(), 1, 1);
    } else {
      int units = undecoded ? -1 : flowRecords + optionRecords;
      sequence.observe(header.sequence(), units, flowRecords);
    }
    exporter.tally().lost().add(sequence.takeLost());
    exporter.tally().restarts().add(sequence.takeRestarts());
  }

  private void readSets(int from, int length) {
    int end = framed(from, length);
    for (Pass pass : Pass.values()) {
      for (int at = from; at < end; at += u16(bytes, at + 2)) {
        readSet(pass, u16(bytes, at), at + 4, at + u16(bytes, at + 2));
      }
    }
  }

  /// Where the last set ends that can be told from the next.
  private int framed(int from, int end) {
    int at = from;
    while (end - at >= 4) {
      int length = u16(bytes, at + 2);
      if (length < 4 || length > end - at) {
        exporter.tally().drop(Drop.MALFORMED_SET, 1);
        undecoded = true;
        return at;
      }
      at += length;
    }
    return at;
  }

  private void readSet(Pass pass, int id, int from, int end) {
    int firstTemplate = header.isIpfix() ? 2 : 0;
    if (id >= FIRST_DATA_SET) {
      readData(pass, id, from, end);
    } else if (id == firstTemplate || id == firstTemplate + 1) {
      if (pass == Pass.TEMPLATES) {
        TemplateSet.read(bytes, from, end, header.isIpfix(), id != firstTemplate, definitions());
      }
    } else if (pass == Pass.TEMPLATES) {
      exporter.tally().drop(Drop.RESERVED_SET, 1);
    }
  }

  private void readData(Pass pass, int id, int from, int end) {
    if (pass == Pass.TEMPLATES) {
      return;
    }
    Template template = template(exporter, stream, id, end - from);
    if (template == null) {
      if (pass == Pass.DATA) {
        keep(id, from, end);
      }
    } else if (template.definition().options()) {
      if (pass == Pass.OPTIONS) {
        optionRecords += options.read(stream, template.layout(), bytes, from, end);
        learned |= options.takeLearned();
      }
    } else if (pass == Pass.DATA) {
      flowRecords +=
          records.read(exporter, stream, header, template.layout(), bytes, from, end, sink);
    }
  }

  /// The template to read a set with, or null if there is none to be trusted.
  ///
  /// @param length of the set's records and padding
  private Template template(Exporter exporter, Stream stream, int id, int length) {
    Template own = stream.template(id);
    Moment now = header.arrival();
    if (own != null) {
      return stream.isExpired(own, now) ? null : own;
    }
    Template borrowed = exporter.borrow(stream, id);
    boolean fits =
        borrowed != null
            && !stream.isExpired(borrowed, now)
            && (borrowed.layout().variable || length % borrowed.layout().recordLength < 4);
    return fits ? borrowed : null;
  }

  private void keep(int id, int from, int end) {
    undecoded = true;
    exporter.tally().waited().increment();
    byte[] copy = Arrays.copyOfRange(bytes, from, end);
    Drop why = stream.template(id) == null ? Drop.NO_TEMPLATE : Drop.TEMPLATE_EXPIRED;
    waiting.add(
        new WaitingSets.Waiting(exporter, stream, header, id, copy, why),
        refused -> refused.exporter().tally().drop(Drop.WAITING_ROOM_FULL, 1));
  }

  private TemplateSet.Reader definitions() {
    return new TemplateSet.Reader() {
      @Override
      public void defined(Template.Definition definition) {
        define(definition);
      }

      @Override
      public void withdrawn(int id) {
        withdraw(id);
      }

      @Override
      public void refused(Drop why) {
        exporter.tally().drop(why, 1);
      }
    };
  }

  private void define(Template.Definition definition) {
    Template known = stream.template(definition.id());
    Moment now = header.arrival();
    if (known != null && known.definition().equals(definition)) {
      known.refresh(now);
    } else {
      exporters.define(exporter, stream, new Template(definition, now.steadyMillis()));
      learned = true;
    }
    if (!waiting.isEmpty()) {
      readWaiting(definition.id());
    }
  }

  private void withdraw(int id) {
    if (id < FIRST_DATA_SET) {
      stream.removeAll(id == 3);
    } else {
      stream.remove(id);
    }
    exporters.recount(exporter);
    learned = true;
  }

  /// Reads what waited for a template of the exporter that has just come.
  private void readWaiting(int id) {
    List<WaitingSets.Waiting> readable =
        waiting.take(set ->
            set.template() == id
                && set.exporter().equals(exporter)
                && template(exporter, set.stream(), id, set.bytes().length) != null);
    for (WaitingSets.Waiting set : readable) {
      Template template = template(exporter, set.stream(), id, set.bytes().length);
      byte[] kept = set.bytes();
      if (template.definition().options()) {
        options.read(set.stream(), template.layout(), kept, 0, kept.length);
      } else {
        records.read(
            exporter, set.stream(), set.header(), template.layout(), kept, 0, kept.length, sink);
      }
    }
  }

  /// Lets go of what has waited too long. To be called now and then, also when nothing arrives.
  public void tick(Moment now) {
    waiting.expire(now, set -> set.exporter().tally().drop(set.why(), 1));
    metrics.counter("source_totals_evicted", "source", source).add(totals.takeEvicted());
  }

  /// Counts a datagram that met a defect of ours.
  void defect(IpAddress sender) {
    refuse(sender, Drop.DEFECT);
  }

  /// What is known of each exporter. Safe from any thread.
  public List<ExporterStatus> exporters() {
    return exporters.status();
  }

  /// The totals of flows whose exporters send totals. Confined to the decoder's thread.
  RunningTotals totals() {
    return totals;
  }

  /// Templates and sampling rates, as they are to be found again after a restart.
  byte[] memory(Moment now) {
    return Memory.write(exporters.all(), now);
  }

  /// Takes up what was remembered.
  ///
  /// @throws IOException if it cannot be read; what was read before that is kept
  void restore(byte[] memory, Moment now) throws IOException {
    Memory.read(memory, exporters, now);
  }

  /// Whether there is anything new to remember since the last call.
  boolean takeLearned() {
    boolean taken = learned;
    learned = false;
    return taken;
  }
}
