package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.SourceUri;
import dev.patronus.source.TotalsJournal;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// NetFlow and IPFIX source on a UDP port.
///
/// Templates and sampling rates are taken from the [TemplateFile] at the first start and written
/// back as they change.
///
/// The counts are of the process, and what was learned stays through close and start. Safe from any
/// thread.
public final class UdpSource extends DatagramSource {
  private static final System.Logger LOG = System.getLogger(UdpSource.class.getName());

  /// Behind the name of the source, it names its records that a running total has grown by.
  private static final String GROWTH = " growth";

  private final Optional<Path> totalsFile;
  private final TotalsJournal totals;
  private final Counter totalsFailed;
  private final Decoder decoder;
  private final TemplateSaver templates;
  private boolean restored;

  /// Creates a source that opens nothing before it is started.
  ///
  /// @param totals a file for the totals of flows whose exporters send totals, so that they go on
  ///   over a restart; without one, each flow's first total counts as a whole
  /// @param clock the wall clock; what lasts is measured by the machine's monotonic clock
  public UdpSource(
      SourceUri.Netflow uri,
      NetflowSettings settings,
      TemplateFile store,
      Optional<Path> totals,
      Metrics metrics,
      InstantSource clock) {
    String name = uri.text();
    TotalsJournal journal = new TotalsJournal(totals, name + GROWTH);
    Decoder decoder = new Decoder(settings, metrics, name, Optional.of(journal));
    super(uri, settings, decoder, clock);
    register(metrics);
    this.totalsFile = totals;
    this.totals = journal;
    this.decoder = decoder;
    totalsFailed = metrics.counter("source_totals_file_failed", "source", name);
    templates =
        new TemplateSaver(
            store, decoder, metrics.counter("source_templates_file_failed", "source", name));
  }

  @Override
  protected FlowSink opening(FlowSink sink, Timestamps now) throws IOException {
    templates.load(now);
    restore(sink, now);
    return totals;
  }

  /// Restores the totals of the last run, before any record is delivered.
  private void restore(FlowSink sink, Timestamps now) throws IOException {
    totals.to(sink, sink.input(name() + GROWTH));
    if (!restored) {
      long counted = totals.counted();
      TotalsJournal.Left left = totals.restore(counted);
      boolean isOld = totalsFile.flatMap(TotalsJournal::whose).equals(Optional.of(name()));
      if (isOld) { // of a version that had one number for all records of the source
        left = new TotalsJournal(totalsFile, name()).restore(sink.counted());
      }
      if (counted == 0 || left.whole()) {
        left.totals().forEach(decoder.totals()::restore);
      } else {
        LOG.log(
            WARNING,
            name()
                + " has lost the last totals of flows (a power cut?); those of flows that run"
                + " already are taken as a baseline, what they have carried meanwhile is lost");
        decoder.totals().takeBaseline(now.epochMillis());
      }
      restored = true;
    }
    totals.keep(decoder.totals()::forEach);
  }

  @Override
  protected void ticked(Timestamps now) {
    templates.keep(now);
    if (totals.isTooLong(decoder.totals().size())) {
      totals.keep(decoder.totals()::forEach);
    }
    totalsFailed.add(totals.takeFailures());
  }

  @Override
  protected void closing(Timestamps now) {
    totals.close();
    templates.finish(now);
  }

  @Override
  public void sync() throws IOException {
    totals.sync();
  }
}
