package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// One exporter: its streams, its samplers, and what is counted of it.
///
/// Confined to the decoder's thread, but for [#status], which any thread may ask. Bounded: at a
/// limit the stream or domain that was heard of longest ago, or the template that was refreshed
/// longest ago, goes.
final class Exporter {
  static final int MOST_STREAMS = 256;
  static final int MOST_DOMAINS = 256;
  static final int MOST_TEMPLATES = 1024;

  private final IpAddress address;
  private final Tally tally;
  private final Map<Stream.Id, Stream> streams = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Integer, Samplers> samplers = new LinkedHashMap<>(16, 0.75f, true);
  private final Longest longest = new Longest();
  private Stream latest;

  private volatile int versions; // one bit each
  private volatile int templates;
  private volatile Rate rate = Rate.NONE;
  private volatile long rateSinceMillis = -1;
  private volatile long skewMillis;
  private volatile long lastSeenMillis;

  Exporter(IpAddress address, Metrics metrics, String source) {
    this.address = address;
    this.tally = new Tally(metrics, source, address.toString());
  }

  IpAddress address() {
    return address;
  }

  Tally tally() {
    return tally;
  }

  /// The stream that a datagram belongs to, made if it is the first one.
  Stream stream(int port, int version, int domain) {
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
    if (streams.size() >= MOST_STREAMS) {
      Stream.Id oldest = streams.keySet().iterator().next();
      long known = streams.remove(oldest).templates().size();
      tally.drop(Drop.TEMPLATE_EVICTED, known);
      recount();
    }
    Stream stream = new Stream(id, samplers(id.domain()));
    streams.put(id, stream);
    versions |= 1 << id.version();
    return stream;
  }

  Samplers samplers(int domain) {
    Samplers known = samplers.get(domain);
    if (known != null) {
      return known;
    }
    if (samplers.size() >= MOST_DOMAINS) {
      samplers.remove(samplers.keySet().iterator().next());
    }
    Samplers fresh = new Samplers();
    samplers.put(domain, fresh);
    return fresh;
  }

  /// What other ports of this exporter know as this template, if all that know it agree; else null.
  /// After a restart an exporter may go on from another port, and some send templates and data from
  /// different ones.
  Template borrow(Stream borrower, int template) {
    Template found = null;
    for (Stream stream : streams.values()) {
      boolean sibling =
          stream.id().version() == borrower.id().version()
              && stream.id().domain() == borrower.id().domain();
      Template known = sibling ? stream.template(template) : null;
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
  void define(Stream stream, Template template) {
    stream.put(template);
    recount();
    if (templates > MOST_TEMPLATES) {
      evictOldestTemplate();
    }
  }

  void evictOldestTemplate() {
    Stream owner = null;
    Template oldest = null;
    for (Stream stream : streams.values()) {
      for (Template template : stream.templates()) {
        if (oldest == null || template.refreshedMillis() < oldest.refreshedMillis()) {
          oldest = template;
          owner = stream;
        }
      }
    }
    if (oldest != null) {
      owner.remove(oldest.definition().id());
      tally.drop(Drop.TEMPLATE_EVICTED, 1);
      recount();
    }
  }

  void recount() {
    templates = streams.values().stream().mapToInt(s -> s.templates().size()).sum();
  }

  int templates() {
    return templates;
  }

  Collection<Stream> streams() {
    return streams.values();
  }

  Map<Integer, Samplers> samplers() {
    return samplers;
  }

  /// Takes note of a datagram of known version.
  void heard(Header header) {
    skewMillis = header.exportMillis() - header.arrivalMillis();
    lastSeenMillis = header.arrivalMillis();
    tally.datagrams().increment();
  }

  /// The longest time that one record covered.
  Longest longest() {
    return longest;
  }

  /// Takes note of the rate that flows are scaled by.
  void applied(Rate applied, long nowMillis) {
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
        tally.datagrams().value(),
        tally.records().value(),
        tally.drops(),
        tally.lost().value(),
        tally.restarts().value(),
        tally.waited().value(),
        tally.samplerUnknown().value(),
        tally.timesReplaced().value(),
        tally.ingress().value(),
        tally.egress().value(),
        Duration.ofMillis(longest.millis()),
        Duration.ofMillis(skewMillis),
        lastSeenMillis == 0 ? null : Instant.ofEpochMilli(lastSeenMillis));
  }
}
