package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.wire.Wire.u16;
import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.netflow.exporter.Exporter;
import dev.patronus.source.netflow.exporter.ExporterCounters;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.Exporters;
import dev.patronus.source.netflow.exporter.PendingSets;
import dev.patronus.source.netflow.exporter.SequenceGaps;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.exporter.TemplateCache;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.template.MemoryBudget;
import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.template.TemplateSetParser;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns datagrams into flow records.
///
/// Knows no socket and no clock: bytes, sender and time of arrival come in; records go into the
/// [FlowSink], and everything that yields no record is counted by reason. Never throws because of a
/// datagram's content; every loop advances; all state is bounded.
///
/// The sets of a datagram may come in any order: templates are read first, then options, then data.
/// Data without a template is kept for a short time ([PendingSets]).
///
/// Confined to one thread, except for [#exporters] and [#templates].
public final class Decoder implements DatagramDecoder {
  private static final System.Logger LOG = System.getLogger(Decoder.class.getName());

  /// The kinds of sets, in the order in which they are read.
  private enum Pass {
    TEMPLATES,
    OPTIONS,
    DATA
  }

  private static final int FIRST_DATA_SET = 256;
  private static final int MOST_V5_RECORDS = 30;

  /// The maximum number of sets of a datagram for which the templates of other ports are searched.
  private static final int MOST_BORROWED = 64;

  private volatile NetflowSettings settings;
  private final Exporters exporters;
  private final ExporterCounters strangers;
  private final Metrics metrics;
  private final String source;
  private final PendingSets pending;
  private final TemplateSetParser.Reader definitions = definitions();
  private final OptionsReader options = new OptionsReader();
  private final RunningTotals totals;
  private final RecordReader records;
  private boolean learned;
  private Map<IpAddress, List<DecoderStateCodec.Saved>> elsewhere = Map.of();
  private NetflowSettings used; // by the records

  // The datagram that is being read.
  private byte[] bytes = {};
  private Exporter exporter;
  private Stream stream;
  private Header header;
  private FlowSink sink;
  private int optionRecords;
  private int flowRecords;
  private boolean undecoded;
  private boolean decoded;
  private int borrowed;

  /// Creates a decoder without templates.
  ///
  /// @param source the label of its metrics
  public Decoder(NetflowSettings settings, Metrics metrics, String source) {
    this(settings, metrics, source, Optional.empty(), budget(1));
  }

  /// The decoder of one receiver of an address.
  ///
  /// @param growth receives the records of flows whose exporters send totals, instead of the sink
  /// @param receivers share what must continue wherever an exporter arrives, and limits of memory
  /// @param receiver the number of this one
  Decoder(
      NetflowSettings settings,
      Metrics metrics,
      String source,
      Optional<TotalsGrowth> growth,
      Receivers receivers,
      int receiver) {
    this(
        settings,
        metrics,
        source,
        growth,
        budget(receivers.count()),
        receivers.count(),
        new RunningTotals(receivers.totals(), receiver),
        new FirewallConnections(receivers.connections()));
  }

  /// As the first one.
  ///
  /// @param growth receives the records of flows whose exporters send totals, instead of the sink
  /// @param budget the memory limit for the state of all exporters
  public Decoder(
      NetflowSettings settings,
      Metrics metrics,
      String source,
      Optional<TotalsGrowth> growth,
      MemoryBudget budget) {
    this(
        settings,
        metrics,
        source,
        growth,
        budget,
        1,
        new RunningTotals(new RunningTotals.Store(), 1),
        new FirewallConnections(new FirewallConnections.Store()));
  }

  @SuppressWarnings("NullAway.Init") // the state of a datagram is set when it is read
  private Decoder(
      NetflowSettings settings,
      Metrics metrics,
      String source,
      Optional<TotalsGrowth> growth,
      MemoryBudget budget,
      int parts,
      RunningTotals totals,
      FirewallConnections connections) {
    this.totals = totals;
    pending = new PendingSets(parts);
    this.settings = settings;
    this.metrics = metrics;
    this.source = source;
    exporters =
        new Exporters(budget, metrics, source, gone -> pending.forget(gone, Decoder::dropped));
    strangers = new ExporterCounters(metrics, source, ExporterCounters.UNKNOWN);
    used = settings;
    records = new RecordReader(settings, totals, connections, growth);
  }

  private static MemoryBudget budget(int parts) {
    return MemoryBudget.ofHeap(Runtime.getRuntime().maxMemory(), parts);
  }

  @Override
  public void use(NetflowSettings other) {
    settings = other;
  }

  @SuppressWarnings("ReferenceEquality") // once per datagram: other settings are another object
  @Override
  public void decode(
      IpAddress sender, int port, byte[] datagram, int length, Timestamps arrival, FlowSink sink) {
    NetflowSettings now = settings;
    if (now != used) {
      used = now;
      records.use(now);
    }
    if (!now.allows(sender)) {
      strangers.drop(Drop.EXPORTER_NOT_ALLOWED, 1);
      return;
    }
    int version = length < 2 ? 0 : u16(datagram, 0);
    int headerLength = Header.length(version);
    if (headerLength == 0 || length < headerLength) {
      refuse(sender, length < 2 || headerLength > 0 ? Drop.TOO_SHORT : Drop.UNKNOWN_VERSION);
      return;
    }
    Header read = Header.read(datagram, version, arrival);
    if (version == Header.V5 && !hasLengthOfItsRecords(read, length)) {
      refuse(sender, Drop.CONTRADICTS_LENGTH);
      return;
    }
    bytes = datagram;
    header = read;
    long before = exporters.memoryBytes();
    exporter = exporters.of(sender);
    if (exporter.isUnheard()) {
      adopt(sender, arrival);
      exporter = exporters.of(sender);
    }
    exporter.heard(header);
    stream = exporter.stream(port, version, header.domain());
    stream.heard(arrival.steadyMillis());
    this.sink = sink;
    read(version, headerLength, length);
    if (decoded) {
      exporters.decoded(exporter, stream, arrival.steadyMillis());
    }
    exporters.keepWithinBudget(before);
  }

  /// Exporters that are known are looked up at once, others when they send something.
  @Override
  public void redistributed(Receivers receivers, Timestamps now) {
    elsewhere = receivers.learned();
    for (Exporter known : exporters.all()) {
      known.forgetSequences();
      adopt(known.address(), now);
    }
  }

  /// Uses what other receivers have learned of an exporter.
  private void adopt(IpAddress sender, Timestamps now) {
    for (DecoderStateCodec.Saved saved : elsewhere.getOrDefault(sender, List.of())) {
      try {
        saved.read(exporters, now);
        learned = true;
      } catch (IOException e) {
        LOG.log(
            WARNING, source + " cannot use what was saved of " + sender + ": " + e.getMessage());
      }
    }
  }

  /// Cisco, "NetFlow Export Datagram Format": 1 to 30 records of 48 bytes, and nothing else.
  private static boolean hasLengthOfItsRecords(Header header, int length) {
    int count = header.count();
    return count >= 1
        && count <= MOST_V5_RECORDS
        && length == Header.length(Header.V5) + count * Layout.V5.recordLength;
  }

  private void refuse(IpAddress sender, Drop why) {
    Exporter known = exporters.known(sender);
    (known == null ? strangers : known.counters()).drop(why, 1);
  }

  private void read(int version, int headerLength, int length) {
    optionRecords = 0;
    flowRecords = 0;
    undecoded = false;
    decoded = false;
    borrowed = 0;
    switch (version) {
      case Header.V5 -> readV5(length);
      case Header.V9 -> readSets(headerLength, framed(headerLength, length));
      default -> readSets(headerLength, framed(headerLength, messageEnd(length)));
    }
    numbered(version);
  }

  private void readV5(int length) {
    int from = Header.length(Header.V5);
    records.read(exporter, stream, header, Layout.V5, bytes, from, length, sink);
    decoded |= records.hasEmitted();
    flowRecords = header.count();
  }

  /// The end of an IPFIX message; bytes of the datagram beyond it are ignored. But if the sets fill
  /// the whole datagram, the message length is wrong, as some exporters send it.
  private int messageEnd(int length) {
    int end = Math.min(length, Math.max(header.count(), Header.length(Header.IPFIX)));
    return end < length && lastSetEnd(end) < end && lastSetEnd(length) == length ? length : end;
  }

  /// The end of the well-formed sets before `end`.
  private int lastSetEnd(int end) {
    int at = Header.length(Header.IPFIX);
    while (end - at >= 4 && u16(bytes, at + 2) >= 4 && u16(bytes, at + 2) <= end - at) {
      at += u16(bytes, at + 2);
    }
    return at;
  }

  private void numbered(int version) {
    SequenceGaps sequence = stream.sequence();
    if (version == Header.V9) {
      sequence.observe(header.sequence(), 1, 1);
    } else {
      int units = undecoded ? -1 : flowRecords + optionRecords;
      sequence.observe(header.sequence(), units, flowRecords);
    }
    exporter.counters().lost(sequence.takeLost());
    exporter.counters().restarts(sequence.takeRestarts());
  }

  private void readSets(int from, int end) {
    for (Pass pass : Pass.values()) {
      for (int at = from; at < end; at += u16(bytes, at + 2)) {
        readSet(pass, u16(bytes, at), at + 4, at + u16(bytes, at + 2));
      }
    }
  }

  /// The end of the last well-formed set.
  private int framed(int from, int end) {
    int at = from;
    while (end - at >= 4) {
      int length = u16(bytes, at + 2);
      if (length < 4 || length > end - at) {
        if (!isZero(at, end)) {
          exporter.counters().drop(Drop.MALFORMED_SET, 1);
          undecoded = true;
        }
        return at;
      }
      at += length;
    }
    return at;
  }

  /// Whether the rest is only zeros: some exporters pad their datagrams with them.
  private boolean isZero(int from, int end) {
    for (int at = from; at < end; at++) {
      if (bytes[at] != 0) {
        return false;
      }
    }
    return true;
  }

  private void readSet(Pass pass, int id, int from, int end) {
    int firstTemplate = header.isIpfix() ? 2 : 0;
    if (id >= FIRST_DATA_SET) {
      readData(pass, id, from, end);
    } else if (id == firstTemplate || id == firstTemplate + 1) {
      if (pass == Pass.TEMPLATES) {
        TemplateSetParser.read(
            bytes, from, end, header.isIpfix(), id != firstTemplate, definitions);
      }
    } else if (pass == Pass.TEMPLATES) {
      exporter.counters().drop(Drop.RESERVED_SET, 1);
    }
  }

  private void readData(Pass pass, int id, int from, int end) {
    if (pass == Pass.TEMPLATES) {
      return;
    }
    boolean searched = stream.templates().get(id) != null || borrowed++ < MOST_BORROWED;
    Template template = searched ? template(exporter, stream, id, end - from) : null;
    if (template != null && template.definition().options()) {
      if (pass == Pass.OPTIONS) {
        optionRecords += readOptions(stream, template.layout(), bytes, from, end);
      }
    } else if (pass == Pass.DATA) {
      if (template == null) {
        keep(id, from, end, whyNot(id));
      } else if (fits(template.layout(), header, bytes, from, end)) {
        flowRecords +=
            records.read(exporter, stream, header, template.layout(), bytes, from, end, sink);
        dropped(exporter, stream, template);
        decoded |= records.hasEmitted();
      } else {
        keep(id, from, end, Drop.TEMPLATE_MISMATCH);
      }
    }
  }

  /// Records what was dropped of the set that was just read.
  private void dropped(Exporter exporter, Stream stream, Template template) {
    if (records.dropped() > 0) {
      exporter.dropped(stream, template, records.dropped(), records.dropReason());
    }
  }

  private int readOptions(Stream stream, Layout layout, byte[] from, int begin, int end) {
    int samplers = stream.samplers().size();
    int read = options.read(stream, layout, from, begin, end);
    exporter.samplersGrown(stream, stream.samplers().size() - samplers);
    learned |= options.takeLearned();
    return read;
  }

  private Drop whyNot(int id) {
    return stream.templates().get(id) == null ? Drop.NO_TEMPLATE : Drop.TEMPLATE_EXPIRED;
  }

  /// Whether what a set has beside whole records can be padding: fewer than 4 bytes, of any value
  /// (pmacct 1.7.7 leaves some unset); in IPFIX also more of them, if they are zeros. Otherwise its
  /// records have another length than the template says, and would be read from the wrong places.
  private static boolean fits(Layout layout, Header header, byte[] bytes, int from, int end) {
    if (layout.variable) {
      return true;
    }
    int rest = (end - from) % layout.recordLength;
    if (rest < 4) {
      return true;
    }
    for (int at = end - rest; at < end; at++) {
      if (bytes[at] != 0) {
        return false;
      }
    }
    return header.isIpfix();
  }

  /// The template for a set, or null if there is none that can be trusted.
  ///
  /// @param length of the set's records and padding
  private @Nullable Template template(Exporter exporter, Stream stream, int id, int length) {
    Template own = stream.templates().get(id);
    Timestamps now = header.arrival();
    if (own != null) {
      return TemplateCache.isExpired(own, now) ? null : own;
    }
    Template lent = exporter.borrow(stream, id);
    boolean fits =
        lent != null
            && !TemplateCache.isExpired(lent, now)
            && (lent.layout().variable || length % lent.layout().recordLength < 4);
    return fits ? lent : null;
  }

  private void keep(int id, int from, int end, Drop why) {
    undecoded = true;
    exporter.counters().waited();
    byte[] copy = Arrays.copyOfRange(bytes, from, end);
    pending.add(
        exporter,
        stream,
        header,
        id,
        copy,
        why,
        refused -> refused.exporter().counters().drop(Drop.WAITING_ROOM_FULL, 1));
  }

  private static void dropped(PendingSets.PendingSet set) {
    set.exporter().counters().drop(set.dropReason(), 1);
    set.exporter().droppedSetOf(set.template(), set.dropReason());
  }

  private TemplateSetParser.Reader definitions() {
    return new TemplateSetParser.Reader() {
      @Override
      public void defined(Template.Definition definition, int fields) {
        define(definition, fields);
      }

      @Override
      public void withdrawn(int id) {
        withdraw(id);
      }

      @Override
      public void refused(Drop why) {
        exporter.counters().drop(why, 1);
      }
    };
  }

  private void define(Template.Definition definition, int fields) {
    Template known = stream.templates().get(definition.id());
    Timestamps now = header.arrival();
    if (known != null && known.definition().equals(definition)) {
      exporter.refresh(stream, known, fields, now);
    } else {
      exporter.define(stream, new Template(definition, fields, now.steadyMillis()));
      learned = true;
    }
    decoded = true;
    readPending(definition.id());
  }

  private void withdraw(int id) {
    if (id < FIRST_DATA_SET) {
      exporter.removeAll(stream, id == 3);
    } else {
      exporter.remove(stream, id);
    }
    learned = true;
  }

  /// Reads the pending sets for a template that has just arrived.
  private void readPending(int id) {
    List<PendingSets.PendingSet> readable =
        pending.take(exporter, id, set -> isReadable(set, id), Decoder::dropped);
    for (PendingSets.PendingSet set : readable) {
      Template template = template(exporter, set.stream(), id, set.bytes().length);
      byte[] kept = set.bytes();
      if (template == null) {
        dropped(set);
      } else if (template.definition().options()) {
        readOptions(set.stream(), template.layout(), kept, 0, kept.length);
      } else {
        records.read(
            exporter, set.stream(), set.header(), template.layout(), kept, 0, kept.length, sink);
        dropped(exporter, set.stream(), template);
      }
    }
  }

  private boolean isReadable(PendingSets.PendingSet set, int id) {
    Template template = template(exporter, set.stream(), id, set.bytes().length);
    return template != null
        && (template.definition().options()
            || fits(template.layout(), set.header(), set.bytes(), 0, set.bytes().length));
  }

  @Override
  public void tick(Timestamps now) {
    pending.expire(now, Decoder::dropped);
    metrics.counter("source_totals_evicted", "source", source).add(totals.takeEvicted());
    metrics
        .counter("source_connections_evicted", "source", source)
        .add(records.takeConnectionsEvicted());
  }

  @Override
  public void defect(IpAddress sender) {
    refuse(sender, Drop.DEFECT);
  }

  @Override
  public List<ExporterStatus> exporters() {
    return exporters.status();
  }

  @Override
  public List<TemplateListing> templates() {
    return exporters.templates();
  }

  /// The totals of flows whose exporters send totals. Confined to the decoder's thread.
  RunningTotals totals() {
    return totals;
  }

  /// The number of pending sets that were examined for a definition so far.
  public long pendingSetsLooked() {
    return pending.looked();
  }

  /// The templates and sampling rates, serialized for the next run.
  public byte[] memory(Timestamps now) {
    return DecoderStateCodec.write(exporters.all(), now);
  }

  /// Restores the saved state.
  ///
  /// @throws IOException if it cannot be read; the part before the error is kept
  public void restore(byte[] memory, Timestamps now) throws IOException {
    DecoderStateCodec.read(memory, exporters, now);
  }

  /// Whether there is new state to save since the last call.
  public boolean takeLearned() {
    boolean taken = learned;
    learned = false;
    return taken;
  }
}
