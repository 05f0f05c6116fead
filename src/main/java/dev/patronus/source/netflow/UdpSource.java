package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.file.AtomicFile;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.SourceUri;
import dev.patronus.source.TotalsJournal;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

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

  private final SourceUri.Netflow uri;
  private final Receivers receivers;
  private final IntFunction<Optional<Path>> totalsFiles;
  private final TotalsJournal totals;
  private final Counter totalsFailed;
  private final Decoder decoder;
  private final TemplateSaver templates;

  /// Creates a source that opens nothing before it is started.
  ///
  /// @param receivers those of the address, of which this source is one
  /// @param totals of each receiver a file for the totals of flows whose exporters send totals, so
  ///   that they go on over a restart; without one, each flow's first total counts as a whole
  /// @param clock the wall clock; what lasts is measured by the machine's monotonic clock
  public UdpSource(
      SourceUri.Netflow uri,
      NetflowSettings settings,
      Receivers receivers,
      IntFunction<Optional<Path>> totals,
      Metrics metrics,
      InstantSource clock) {
    String name = uri.text();
    TotalsJournal journal = new TotalsJournal(totals.apply(uri.receiver()), name + GROWTH);
    Decoder decoder =
        new Decoder(settings, metrics, name, Optional.of(journal), receivers, uri.receiver());
    super(uri, settings, decoder, receivers, clock);
    register(metrics);
    this.uri = uri;
    this.receivers = receivers;
    this.totalsFiles = totals;
    this.totals = journal;
    this.decoder = decoder;
    totalsFailed = metrics.counter("source_totals_file_failed", "source", name);
    templates =
        new TemplateSaver(
            receivers,
            uri.receiver(),
            decoder,
            metrics.counter("source_templates_file_failed", "source", name));
  }

  @Override
  protected FlowSink opening(FlowSink sink, Timestamps now) throws IOException {
    templates.load(now);
    totals.to(sink, sink.input(name() + GROWTH));
    synchronized (receivers.totals()) {
      if (!receivers.totals().isRestored()) {
        restore(sink, now);
        receivers.totals().restored();
      }
    }
    if (totals.keep(decoder.totals()::forEach) && uri.receiver() == 1) {
      removeTotalsOfGone(sink);
    }
    return totals;
  }

  /// Restores the totals of the last run, before any receiver delivers a record: an exporter may
  /// arrive at another receiver than then. Those of receivers that are gone become the first one's.
  private void restore(FlowSink sink, Timestamps now) throws IOException {
    Map<Integer, TotalsJournal.Left> all = new LinkedHashMap<>();
    boolean whole = true;
    for (int number = 1; number <= Receivers.MOST; number++) {
      Optional<Path> file = totalsFiles.apply(number);
      if (file.isPresent() && (number <= receivers.count() || Files.exists(file.get()))) {
        String name = NetflowSettings.receiver(uri, number).text();
        long counted = sink.input(name + GROWTH).counted();
        TotalsJournal.Left left = left(file.get(), name, counted, sink);
        whole &= counted == 0 || left.whole();
        all.put(number, left);
      }
    }
    if (!whole) {
      LOG.log(
          WARNING,
          name()
              + " has lost the last totals of flows (a power cut?); those of flows that run"
              + " already are taken as a baseline, what they have carried meanwhile is lost");
      decoder.totals().takeBaseline(now.epochMillis());
      return;
    }
    all.forEach((number, left) -> {
      int saves = number <= receivers.count() ? number : 1;
      left.totals().forEach((flow, total) -> decoder.totals().restore(flow, total, saves));
    });
  }

  private static TotalsJournal.Left left(Path file, String name, long counted, FlowSink sink)
      throws IOException {
    boolean isOld = TotalsJournal.whose(file).equals(Optional.of(name));
    return isOld // of a version that had one number for all records of the source
        ? new TotalsJournal(Optional.of(file), name).restore(sink.input(name).counted())
        : new TotalsJournal(Optional.of(file), name + GROWTH).restore(counted);
  }

  /// Removes the files of receivers that are gone, whose totals are in the first one's now. Their
  /// records are numbered anew, so that no file is missed when they come back.
  private void removeTotalsOfGone(FlowSink sink) throws IOException {
    for (int gone = receivers.count() + 1; gone <= Receivers.MOST; gone++) {
      Optional<Path> file = totalsFiles.apply(gone);
      if (file.isPresent() && Files.exists(file.get()) && AtomicFile.deleteOwn(file.get())) {
        sink.input(NetflowSettings.receiver(uri, gone).text() + GROWTH).restart();
      }
    }
  }

  @Override
  protected void ticked(Timestamps now) {
    templates.keep(now);
    if (totals.isTooLong(decoder.totals().size())) {
      boolean _ = totals.keep(decoder.totals()::forEach);
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
