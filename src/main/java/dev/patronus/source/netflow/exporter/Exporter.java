package dev.patronus.source.netflow.exporter;

import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.template.MemoryBudget;
import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One exporter: its streams, samplers and counters.
///
/// Confined to the decoder's thread, but for [#status] and [#templates], which any thread may ask.
/// Bounded: streams by [Admissions], templates in number (the least recently refreshed one is
/// evicted), and all of it by the [MemoryBudget] of all exporters.
public final class Exporter {
  static final int MOST_STREAMS = 256;
  static final int MOST_TEMPLATES = 1024;

  /// The most streams of which nothing was decoded yet.
  static final int MOST_CANDIDATE_STREAMS = 32;

  private final IpAddress address;
  private final ExporterCounters counters;
  private final MemoryBudget budget;
  private final Admissions<Stream.Id, Stream> streams =
      new Admissions<>(
          MOST_STREAMS, MOST_CANDIDATE_STREAMS, Stream::heardMillis, (gone, _) -> closed(gone));
  private final Map<Integer, Samplers> samplers = new ConcurrentHashMap<>();
  private final Map<Template, Stream> byRefresh = new LinkedHashMap<>();
  private final Map<Template, Stream.Id> shown = new ConcurrentHashMap<>(4); // for other threads
  private final Map<Awaited, Integer> awaited = new ConcurrentHashMap<>(4);
  private final Map<Integer, Set<PendingSets.PendingSet>> pending = new HashMap<>();
  private final WindowedMax longest = new WindowedMax();
  private final RecentIds unknown = new RecentIds();
  private final RecentIds mismatched = new RecentIds();
  private @Nullable Stream latest;
  private double fraction; // of a packet, not counted yet
  private long memoryBytes;
  private long heardMillis;
  private boolean restored;
  private boolean admitted;

  private volatile int versions; // one bit each
  private volatile int templates;
  private volatile @Nullable Template faulty;
  private volatile int faultyDomain;
  private volatile Rate rate = Rate.NONE;
  private volatile long rateSinceMillis = -1;
  private volatile boolean payloadBytes;
  private volatile long skewMillis;
  private volatile long lastSeenMillis;

  /// What data sets of a stream wait for.
  private record Awaited(Stream.Id stream, int template) {}

  Exporter(IpAddress address, MemoryBudget budget, Metrics metrics, String source) {
    this.address = address;
    this.budget = budget;
    this.counters = new ExporterCounters(metrics, source, address.toString());
  }

  public IpAddress address() {
    return address;
  }

  public ExporterCounters counters() {
    return counters;
  }

  /// The packets that so many sampled ones stand for. Where a rate is no whole number (2 of 5), the
  /// fractions of records are summed, and counted as they become packets.
  ///
  /// @throws ArithmeticException if they are beyond 63 bits
  public long packets(Rate rate, long sampled) {
    long packets = rate.scale(sampled);
    if (rate.sample() == 1) {
      return packets; // most rates are whole numbers
    }
    fraction += rate.fraction(sampled);
    if (fraction < 1) {
      return packets;
    }
    fraction--;
    return packets + 1;
  }

  /// The stream that a datagram belongs to, made if it is the first one.
  public Stream stream(int port, int version, int domain) {
    if (latest != null) {
      Stream.Id id = latest.id();
      if (id.port() == port && id.domain() == domain && id.version() == version) {
        return latest;
      }
    }
    Stream.Id id = new Stream.Id(port, version, domain);
    Stream known = streams.get(id);
    latest = known == null ? open(id) : known;
    return latest;
  }

  private Stream open(Stream.Id id) {
    Stream stream = new Stream(id, samplers(id.domain()));
    streams.add(id, stream);
    take(MemoryBudget.STREAM_BYTES);
    versions |= 1 << id.version();
    return stream;
  }

  /// Gives back what a stream took that is no longer kept; with the last one of a domain go the
  /// rates that were announced for it.
  private void closed(Stream gone) {
    List<Template> known = List.copyOf(gone.templates().all());
    known.forEach(template -> remove(gone, template.definition().id()));
    counters.drop(Drop.TEMPLATE_EVICTED, known.size());
    take(-MemoryBudget.STREAM_BYTES);
    int domain = gone.id().domain();
    if (streams.all().stream().noneMatch(s -> s != gone && s.id().domain() == domain)) {
      Samplers forgotten = samplers.remove(domain);
      take(-(long) MemoryBudget.SAMPLER_BYTES * (forgotten == null ? 0 : forgotten.size()));
    }
    if (latest == gone) {
      latest = null;
    }
  }

  /// Records that something of a stream was decoded.
  void decoded(Stream stream, long nowMillis) {
    if (!stream.isAdmitted() && streams.admit(stream.id(), nowMillis)) {
      stream.admit();
    }
  }

  Samplers samplers(int domain) {
    return samplers.computeIfAbsent(domain, _ -> new Samplers());
  }

  /// Records that so many more samplers of a stream's domain have announced a rate.
  public void samplersGrown(Stream stream, int more) {
    if (samplers.get(stream.id().domain()) == stream.samplers()) {
      take((long) MemoryBudget.SAMPLER_BYTES * more);
    }
  }

  private void take(long bytes) {
    memoryBytes += bytes;
    budget.add(bytes);
  }

  /// An estimate of the memory that its streams, templates and samplers take.
  long memoryBytes() {
    return memoryBytes;
  }

  /// The definition of this template on other ports of this exporter, if they agree; else null.
  /// After a restart an exporter may go on from another port, and some send templates and data from
  /// different ones.
  public @Nullable Template borrow(Stream borrower, int template) {
    Template found = null;
    for (Stream stream : streams.all()) {
      boolean sibling =
          stream.id().version() == borrower.id().version()
              && stream.id().domain() == borrower.id().domain();
      Template known = sibling ? stream.templates().get(template) : null;
      if (known != null && found != null && !known.definition().equals(found.definition())) {
        return null;
      }
      found =
          known == null || (found != null && found.refreshedMillis() > known.refreshedMillis())
              ? found
              : known;
    }
    return found;
  }

  /// Keeps a template that is new or means something new.
  public void define(Stream stream, Template template) {
    remove(stream, template.definition().id());
    stream.templates().put(template);
    byRefresh.put(template, stream);
    shown.put(template, stream.id());
    unknown.remove(template.definition().id());
    take(template.memoryBytes());
    templates = byRefresh.size();
    if (templates > MOST_TEMPLATES) {
      evictOldestTemplate();
    }
  }

  /// Records that a template has come again.
  ///
  /// @param fields how many fields the exporter named, read or not
  public void refresh(Stream stream, Template template, int fields, Timestamps now) {
    template.refresh(fields, now);
    byRefresh.remove(template);
    byRefresh.put(template, stream);
  }

  /// Forgets a template of a stream; does nothing if there is none.
  public void remove(Stream stream, int id) {
    Template removed = stream.templates().remove(id);
    if (removed != null) {
      byRefresh.remove(removed);
      shown.remove(removed);
      if (removed == faulty) {
        faulty = null;
      }
      take(-removed.memoryBytes());
      templates = byRefresh.size();
    }
  }

  /// Forgets all templates of a kind of a stream.
  public void removeAll(Stream stream, boolean options) {
    for (Template template : List.copyOf(stream.templates().all())) {
      if (template.definition().options() == options) {
        remove(stream, template.definition().id());
      }
    }
  }

  private void evictOldestTemplate() {
    Map.Entry<Template, Stream> oldest = byRefresh.entrySet().iterator().next();
    remove(oldest.getValue(), oldest.getKey().definition().id());
    counters.drop(Drop.TEMPLATE_EVICTED, 1);
  }

  /// Removes templates, the oldest first, and then streams, until the bytes are free or nothing is
  /// left.
  void shed(long bytes) {
    long until = memoryBytes - bytes;
    while (memoryBytes > until && !byRefresh.isEmpty()) {
      evictOldestTemplate();
    }
    for (Stream eldest = streams.eldest(); memoryBytes > until && eldest != null; ) {
      streams.remove(eldest.id());
      closed(eldest);
      eldest = streams.eldest();
    }
  }

  /// Releases all of its memory budget, once it is removed.
  void retire() {
    budget.add(-memoryBytes);
    memoryBytes = 0;
    counters.retire();
  }

  public List<Stream> streams() {
    return streams.all();
  }

  public Map<Integer, Samplers> samplers() {
    return samplers;
  }

  /// The data sets that wait, by the template that they wait for; [PendingSets] keeps them.
  Map<Integer, Set<PendingSets.PendingSet>> pending() {
    return pending;
  }

  /// Records that so many more, or fewer, data sets wait for a template.
  void waits(Stream stream, int template, int more) {
    awaited.merge(
        new Awaited(stream.id(), template),
        more,
        (before, added) -> before + added == 0 ? null : before + added);
  }

  /// Records that records of a template were dropped, so that traffic may be missing.
  public void dropped(Stream stream, Template template, long records, Drop why) {
    template.dropped(records, why);
    Template worst = faulty;
    if (worst == null || template.recordsDropped() >= worst.recordsDropped()) {
      faultyDomain = stream.id().domain();
      faulty = template;
    }
  }

  /// Records that a data set was dropped because its template did not come, or does not fit.
  public void droppedSetOf(int template, Drop why) {
    if (why == Drop.TEMPLATE_MISMATCH) {
      mismatched.add(template);
    } else {
      unknown.add(template);
    }
  }

  /// Whether something of it was decoded and it was admitted for that.
  public boolean isAdmitted() {
    return admitted;
  }

  void admit() {
    admitted = true;
    counters.declareDrops();
  }

  /// Whether it has sent traffic that was counted, in this run or the one before.
  boolean hasCounted() {
    return restored || counters.records().value() > 0;
  }

  /// Records that it was known in the run before.
  public void restored() {
    restored = true;
  }

  /// When its last datagram came, by the monotonic clock.
  long heardMillis() {
    return heardMillis;
  }

  /// Whether no datagram of it has come in this run.
  public boolean isUnheard() {
    return lastSeenMillis == 0;
  }

  /// When the last template of a stream came, by the monotonic clock; the least number if the
  /// stream is not known, and the next one if it has no templates.
  public long knowsSince(Stream.Id id) {
    Stream known = streams.get(id);
    return known == null
        ? Long.MIN_VALUE
        : known.templates().all().stream()
            .mapToLong(Template::refreshedMillis)
            .max()
            .orElse(Long.MIN_VALUE + 1);
  }

  /// Begins anew with the sequence numbers of each stream: datagrams may have gone elsewhere.
  public void forgetSequences() {
    streams.all().forEach(Stream::forgetSequence);
  }

  /// Records a datagram of known version.
  public void heard(Header header) {
    heardMillis = header.arrival().steadyMillis();
    skewMillis = header.exportMillis() - header.arrivalMillis();
    lastSeenMillis = header.arrivalMillis();
    counters.datagrams().increment();
  }

  /// The longest time that one record covered.
  public WindowedMax longest() {
    return longest;
  }

  /// Records whether records counted layer 4 payload in place of IP bytes.
  public void countsPayload(boolean payload) {
    if (payload) {
      payloadBytes = true;
    }
  }

  /// Records the rate that flows are scaled by.
  public void applied(Rate applied, long nowMillis) {
    if (rateSinceMillis < 0 || !applied.equals(rate)) {
      rate = applied;
      rateSinceMillis = nowMillis;
    }
  }

  ExporterStatus status() {
    long since = rateSinceMillis;
    return new ExporterStatus(
        address.toString(),
        IntStream.of(Header.V5, Header.V9, Header.IPFIX)
            .filter(version -> (versions & 1 << version) != 0)
            .boxed()
            .toList(),
        templates,
        rate,
        since < 0 ? null : Instant.ofEpochMilli(since),
        counters.datagrams().value(),
        counters.records().value(),
        counters.drops(),
        counters.lost(),
        counters.restarts(),
        counters.setsWaited(),
        awaited.values().stream().mapToInt(Integer::intValue).sum(),
        unknown.all(),
        mismatched.all(),
        fault(),
        counters.samplerUnknown(),
        counters.agentDropped(),
        counters.rateContradicted(),
        counters.timesReplaced(),
        counters.ingress(),
        counters.egress(),
        payloadBytes,
        Duration.ofMillis(longest.millis()),
        Duration.ofMillis(skewMillis),
        lastSeenMillis == 0 ? null : Instant.ofEpochMilli(lastSeenMillis));
  }

  private Optional<TemplateFault> fault() {
    Template worst = faulty;
    Drop why = worst == null ? null : worst.dropReason();
    if (worst == null || why == null) {
      return Optional.empty();
    }
    return Optional.of(
        new TemplateFault(
            worst.definition().id(),
            faultyDomain,
            worst.recordsDropped(),
            why,
            worst.elements(why)));
  }

  private static TemplateListing.Known known(Stream.Id stream, Template template, int waiting) {
    boolean options = template.definition().options();
    return new TemplateListing.Known(
        stream,
        template.definition().id(),
        options ? TemplateListing.Kind.OPTIONS : TemplateListing.Kind.DATA,
        template.declaredFields(),
        template.elements(),
        template.layout().recordLength,
        template.layout().variable,
        template.refreshedMillis(),
        template.recordsDropped(),
        waiting);
  }

  private static TemplateListing.Known missing(Awaited awaited, int waiting) {
    return new TemplateListing.Known(
        awaited.stream(),
        awaited.template(),
        TemplateListing.Kind.MISSING,
        Template.UNKNOWN_FIELDS,
        List.of(),
        0,
        false,
        0,
        0,
        waiting);
  }

  /// Its templates, those that are awaited, and the rates that it announced; safe from any thread.
  TemplateListing templates() {
    Map<Awaited, Integer> waiting = new HashMap<>(awaited);
    List<TemplateListing.Known> known = new ArrayList<>();
    shown.forEach((template, stream) -> {
      int id = template.definition().id();
      Integer sets = waiting.remove(new Awaited(stream, id));
      known.add(known(stream, template, sets == null ? 0 : sets));
    });
    waiting.forEach((missing, sets) -> known.add(missing(missing, sets)));
    known.sort(
        Comparator.comparingInt((TemplateListing.Known each) -> each.stream().version())
            .thenComparingInt(each -> each.stream().domain())
            .thenComparingInt(each -> each.stream().port())
            .thenComparingInt(TemplateListing.Known::id));
    List<TemplateListing.Announced> announced = new ArrayList<>();
    samplers.forEach((domain, rates) -> announced.addAll(rates.announced(domain)));
    return new TemplateListing(address.toString(), known, announced);
  }
}
