package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One numbered stream of datagrams: from one port of an exporter, in one version and observation
/// domain, with templates of its own.
///
/// Confined to the decoder's thread.
public final class Stream {
  /// What tells the streams of an exporter apart.
  public record Id(int port, int version, int domain) {}

  /// What RFC 7011 §8.4 asks of a collector: three times the exporter's refresh interval. The
  /// slowest exporter known refreshes every 30 minutes.
  static final long TEMPLATE_LIFETIME_MILLIS = 3 * 30 * 60_000L;

  private final Id id;
  private final Samplers samplers;
  private final SequenceGaps sequence = new SequenceGaps();
  private final Map<Integer, Template> templates = new HashMap<>();
  private @Nullable Template
      latest; // the template of the last data set: most streams have one or two
  private long bootMillis;
  private long heardMillis;
  private boolean admitted;

  Stream(Id id, Samplers samplers) {
    this.id = id;
    this.samplers = samplers;
  }

  public Id id() {
    return id;
  }

  public Samplers samplers() {
    return samplers;
  }

  public SequenceGaps sequence() {
    return sequence;
  }

  /// The template of that id, or null.
  public @Nullable Template template(int id) {
    if (latest != null && latest.definition().id() == id) {
      return latest;
    }
    Template found = templates.get(id);
    latest = found == null ? latest : found;
    return found;
  }

  public boolean isExpired(Template template, Timestamps now) {
    return now.steadyMillis() - template.refreshedMillis() > TEMPLATE_LIFETIME_MILLIS;
  }

  /// Keeps a template.
  ///
  /// @return the one that it replaces, or null
  @Nullable Template put(Template template) {
    latest = null;
    return templates.put(template.definition().id(), template);
  }

  /// Forgets a template.
  ///
  /// @return the one that was there, or null
  @Nullable Template remove(int id) {
    latest = null;
    return templates.remove(id);
  }

  /// When its last datagram came, by the monotonic clock.
  long heardMillis() {
    return heardMillis;
  }

  public void heard(long millis) {
    heardMillis = millis;
  }

  /// Whether something of it was decoded and it was admitted for that.
  boolean isAdmitted() {
    return admitted;
  }

  void admit() {
    admitted = true;
  }

  public Collection<Template> templates() {
    return templates.values();
  }

  /// When the exporter booted, epoch milliseconds by its clock (IE 160); 0 if it did not say.
  public long bootMillis() {
    return bootMillis;
  }

  public void bootedAt(long millis) {
    bootMillis = millis;
  }
}
