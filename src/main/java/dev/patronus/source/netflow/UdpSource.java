package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.ThreadedSource;
import dev.patronus.source.TotalsJournal;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// NetFlow and IPFIX source on a UDP port.
///
/// One thread receives, decodes and delivers; it reads the socket until it is empty, and only then
/// waits. Templates and sampling rates are taken from the [TemplateStore] at the first start and
/// written back as they change. On close, datagrams that the kernel has already received are still
/// read.
///
/// The counts are of the process, and what was learned stays through close and start. Safe from any
/// thread.
public final class UdpSource extends ThreadedSource {
  private static final System.Logger LOG = System.getLogger(UdpSource.class.getName());

  /// Datagrams between two clock readings: at the highest rates some 2 ms.
  private static final int BATCH = 256;

  /// The maximum number of batches that are read when the source is closed, so that closing always
  /// ends.
  private static final int LAST_BATCHES = 400;

  private static final long TICK_MILLIS = 1000;
  private static final int CHECK_BUFFER_BYTES = 4096;

  /// Behind the name of the source, it names its records that a running total has grown by.
  private static final String GROWTH = " growth";

  private final SourceUri.Netflow uri;
  private final NetflowSettings settings;
  private final InstantSource clock;
  private final Optional<Path> totalsFile;
  private final TotalsJournal totals;
  private final Counter totalsFailed;
  private final Decoder decoder;
  private final TemplateKeeper templates;
  private final byte[] datagram = new byte[UdpSocket.MOST_BYTES];
  private InetSocketAddress sender;
  private IpAddress exporter;
  private long nextTickMillis = Long.MIN_VALUE;
  private boolean defectSaid;
  private boolean restored;

  private volatile UdpSocket socket;
  private volatile boolean stopping;
  private volatile long droppedBefore; // of the sockets before this one

  /// Creates a source that opens nothing before it is started.
  ///
  /// @param totals a file for the totals of flows whose exporters send totals, so that they go on
  ///   over a restart; without one, each flow's first total counts as a whole
  /// @param clock the wall clock; what lasts is measured by the machine's monotonic clock
  public UdpSource(
      SourceUri.Netflow uri,
      NetflowSettings settings,
      TemplateStore store,
      Optional<Path> totals,
      Metrics metrics,
      InstantSource clock) {
    super(uri);
    this.uri = uri;
    this.settings = settings;
    this.clock = clock;
    String name = uri.text();
    this.totalsFile = totals;
    this.totals = new TotalsJournal(totals, name + GROWTH);
    totalsFailed = metrics.counter("source_totals_file_failed", "source", name);
    decoder = new Decoder(settings, metrics, name, Optional.of(this.totals));
    templates =
        new TemplateKeeper(
            store, decoder, metrics.counter("source_templates_file_failed", "source", name));
    metrics.gauge("source_kernel_dropped", () -> kernelDropped().orElse(0), "source", name);
    metrics.gauge("source_receive_buffer_bytes", this::receiveBuffer, "source", name);
  }

  @Override
  public synchronized void start(FlowSink sink) throws IOException {
    if (health() instanceof Health.Running) {
      throw new IllegalStateException(name() + " is running already");
    }
    close();
    UdpSocket opened = UdpSocket.open(uri, settings.receiveBufferBytes());
    sayIfLessWasGranted(opened.receiveBuffer());
    templates.load(now());
    try {
      restore(sink);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    stopping = false;
    socket = opened;
    thread.start(() -> receive(opened, totals));
  }

  /// Restores the totals of the last run, before any record is delivered.
  private void restore(FlowSink sink) throws IOException {
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
        decoder.totals().takeBaseline(now().epochMillis());
      }
      restored = true;
    }
    totals.keep(decoder.totals()::forEach);
  }

  private void sayIfLessWasGranted(int granted) {
    int asked = settings.receiveBufferBytes();
    if (granted < asked) {
      LOG.log(
          WARNING,
          name()
              + " has a receive buffer of "
              + granted
              + " bytes instead of "
              + asked
              + ": bursts may be lost; 'sysctl -w net.core.rmem_max="
              + asked
              + "' allows more, and a daemon with CAP_NET_ADMIN, as in the unit that comes with it,"
              + " needs no leave");
    }
  }

  /// Binds the address of a source and releases it again.
  ///
  /// @throws IOException that says why it cannot be bound, and what to do
  public static void checkAddress(SourceUri.Netflow uri) throws IOException {
    UdpSocket.open(uri, CHECK_BUFFER_BYTES).close();
  }

  /// Reads datagrams from exporters in these blocks only from now on; from all if there are none.
  /// What was learned of each exporter stays.
  public void allow(List<IpPrefix> blocks) {
    decoder.allow(blocks);
  }

  private void receive(UdpSocket socket, FlowSink sink) throws IOException {
    while (!stopping) {
      thread.tick();
      int received = receiveBatch(socket, sink);
      sink.flush();
      tick(now());
      if (received < BATCH && !stopping) {
        socket.await(TICK_MILLIS);
      }
    }
    for (int left = LAST_BATCHES; left > 0 && receiveBatch(socket, sink) == BATCH; left--) {}
    sink.flush();
  }

  /// Reads at most a batch; less says that the socket is empty.
  private int receiveBatch(UdpSocket socket, FlowSink sink) throws IOException {
    Timestamps now = now();
    for (int received = 0; received < BATCH; received++) {
      int length = socket.receive(datagram);
      if (length < 0) {
        return received;
      }
      decode(socket.sender(), length, now, sink);
    }
    return BATCH;
  }

  private void decode(InetSocketAddress from, int length, Timestamps now, FlowSink sink) {
    if (!from.equals(sender)) {
      sender = from;
      exporter = IpAddress.of(from.getAddress().getAddress());
    }
    try {
      decoder.decode(exporter, from.getPort(), datagram, length, now, sink);
    } catch (RuntimeException e) {
      defect(e);
    }
  }

  /// Decodes one datagram; an exception while decoding does not end the source.
  private void defect(RuntimeException e) {
    decoder.defect(exporter);
    if (!defectSaid) {
      defectSaid = true;
      LOG.log(ERROR, name() + " could not decode a datagram of " + exporter, e);
    }
  }

  private void tick(Timestamps now) {
    if (now.steadyMillis() >= nextTickMillis) {
      nextTickMillis = now.steadyMillis() + TICK_MILLIS;
      decoder.tick(now);
      templates.keep(now);
      if (totals.isTooLong(decoder.totals().size())) {
        totals.keep(decoder.totals()::forEach);
      }
      totalsFailed.add(totals.takeFailures());
    }
  }

  private Timestamps now() {
    return new Timestamps(clock.millis(), System.nanoTime() / 1_000_000);
  }

  @Override
  public void sync() throws IOException {
    totals.sync();
  }

  @Override
  public synchronized void close() {
    UdpSocket open = socket;
    if (open == null) {
      return;
    }
    stopping = true;
    thread.stop(open::wake);
    totals.close();
    templates.finish(now());
    droppedBefore += open.dropped().orElse(0);
    socket = null;
    try {
      open.close();
    } catch (IOException e) {
      LOG.log(WARNING, name() + " could not be closed: " + e.getMessage());
    }
  }

  @Override
  public long tickNanos(long now) {
    return thread.tickNanos();
  }

  private int receiveBuffer() {
    UdpSocket open = socket;
    return open == null ? 0 : open.receiveBuffer();
  }

  private OptionalLong kernelDropped() {
    UdpSocket open = socket;
    OptionalLong now = open == null ? OptionalLong.of(0) : open.dropped();
    return now.isPresent() ? OptionalLong.of(droppedBefore + now.getAsLong()) : now;
  }

  /// The current status of the source and its exporters.
  public UdpStatus status() {
    return new UdpStatus(
        name(),
        health(),
        settings.receiveBufferBytes(),
        receiveBuffer(),
        kernelDropped(),
        decoder.exporters());
  }
}
