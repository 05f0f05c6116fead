package dev.patronus.source.netflow.exporter;

import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.template.MemoryBudget;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The known exporters.
///
/// An address is a candidate until something of it decodes, a template or a record; then it is
/// admitted ([Admissions]). Their state is bounded in bytes by one [MemoryBudget]: when it is
/// exceeded, the largest exporter loses state, one that never sent traffic before one that did.
/// Confined to the decoder's thread, but for [#status] and [#templates].
public final class Exporters {
  static final int MOST_EXPORTERS = 1000;

  /// The most addresses of which nothing was decoded yet.
  static final int MOST_CANDIDATES = 128;

  /// At least this part of what an exporter takes goes at once, so that a flood does not cost a
  /// search each time.
  private static final int SHED_PART = 4;

  private final Metrics metrics;
  private final String source;
  private final MemoryBudget budget;
  private final Admissions<IpAddress, Exporter> exporters;
  private final Consumer<Exporter> gone;
  private final Counter evicted;
  private final Counter forgotten;
  private volatile List<Exporter> published = List.of();
  private @Nullable Exporter latest;

  /// @param gone is called with each exporter that is no longer kept
  public Exporters(MemoryBudget budget, Metrics metrics, String source, Consumer<Exporter> gone) {
    this.budget = budget;
    this.metrics = metrics;
    this.source = source;
    this.gone = gone;
    exporters =
        new Admissions<>(MOST_EXPORTERS, MOST_CANDIDATES, Exporter::heardMillis, this::evicted);
    evicted = metrics.counter("source_exporters_evicted", "source", source);
    forgotten = metrics.counter("source_candidates_evicted", "source", source);
    metrics.gauge("source_state_bytes", this::memoryBytes, "source", source);
  }

  /// An estimate of the memory that all exporters take.
  public long memoryBytes() {
    return budget.used();
  }

  /// The exporter of that address, made if it is new.
  public Exporter of(IpAddress address) {
    if (latest == null || !latest.address().equals(address)) {
      Exporter known = exporters.get(address);
      latest = known == null ? add(address) : known;
    }
    return latest;
  }

  private Exporter add(IpAddress address) {
    Exporter exporter = new Exporter(address, budget, metrics, source);
    exporters.add(address, exporter);
    published = exporters.all();
    return exporter;
  }

  private void evicted(Exporter exporter, boolean admitted) {
    (admitted ? evicted : forgotten).increment();
    gone.accept(exporter);
    exporter.retire();
  }

  /// Records that something of an exporter's stream was decoded.
  public void decoded(Exporter exporter, Stream stream, long nowMillis) {
    exporter.decoded(stream, nowMillis);
    if (!exporter.isAdmitted() && exporters.admit(exporter.address(), nowMillis)) {
      exporter.admit();
      published = exporters.all();
    }
  }

  /// The exporter of that address, or null.
  public @Nullable Exporter known(IpAddress address) {
    return exporters.get(address);
  }

  /// Evicts state if the exporters exceed the memory budget, and there is more of it than before.
  ///
  /// @param before of [#memoryBytes]
  public void keepWithinBudget(long before) {
    if (budget.used() > before) {
      keepWithinBudget();
    }
  }

  /// Evicts state if the exporters exceed the memory budget.
  public void keepWithinBudget() {
    while (budget.excess() > 0) {
      Exporter largest = largest();
      long before = largest.memoryBytes();
      largest.shed(Math.max(budget.excess(), before / SHED_PART));
      if (largest.memoryBytes() == before) {
        return;
      }
    }
  }

  private Exporter largest() {
    return exporters.all().stream()
        .max(
            Comparator.comparing((Exporter exporter) -> !exporter.hasCounted() && takes(exporter))
                .thenComparingLong(Exporter::memoryBytes))
        .orElseThrow();
  }

  private static boolean takes(Exporter exporter) {
    return exporter.memoryBytes() > 0;
  }

  public List<Exporter> all() {
    return exporters.all();
  }

  /// The templates and announced sampling rates of each; safe from any thread.
  public List<TemplateListing> templates() {
    return published.stream().map(Exporter::templates).toList();
  }

  /// What is known of each; safe from any thread.
  public List<ExporterStatus> status() {
    return published.stream().map(Exporter::status).toList();
  }
}
