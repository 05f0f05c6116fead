package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.Health;
import dev.patronus.source.KeptSockets;
import dev.patronus.source.SourceUri;
import dev.patronus.source.ThreadedSource;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A source on a UDP port whose datagrams a [DatagramDecoder] turns into flow records.
///
/// One thread receives, decodes and delivers; it reads the socket until it is empty, and only then
/// waits. On close, datagrams that the kernel has already received are still read.
///
/// The counts are of the process, and what was learned stays through close and start. Safe from any
/// thread.
public abstract class DatagramSource extends ThreadedSource {
  private static final System.Logger LOG = System.getLogger(DatagramSource.class.getName());

  /// Datagrams between two clock readings: at the highest rates some 2 ms.
  private static final int BATCH = 256;

  /// The maximum number of batches that are read when the source is closed, so that closing always
  /// ends.
  private static final int LAST_BATCHES = 400;

  private static final long TICK_MILLIS = 1000;
  private static final int CHECK_BUFFER_BYTES = 4096;

  private final SourceUri.Udp uri;
  private final NetflowSettings settings;
  private final InstantSource clock;
  private final DatagramDecoder decoder;
  private final Receivers receivers;
  private final byte[] datagram = new byte[UdpSocket.MOST_BYTES];
  private @Nullable InetSocketAddress sender;

  @SuppressWarnings("NullAway.Init") // set with the sender
  private IpAddress exporter;

  private long nextTickMillis = Long.MIN_VALUE;
  private boolean defectSaid;
  private KeptSockets kept = KeptSockets.NONE;
  private boolean removed;
  private int distribution;

  private volatile ExportCorrections corrections;
  private volatile @Nullable UdpSocket socket;
  private volatile boolean stopping;
  private volatile long droppedBefore; // of the sockets before this one

  /// Creates a source that opens nothing before it is started.
  ///
  /// @param receivers those of the address, of which this source is one
  /// @param clock the wall clock; what lasts is measured by the machine's monotonic clock
  protected DatagramSource(
      SourceUri.Udp uri,
      NetflowSettings settings,
      DatagramDecoder decoder,
      Receivers receivers,
      InstantSource clock) {
    super(uri);
    this.receivers = receivers;
    this.uri = uri;
    this.settings = settings;
    this.decoder = decoder;
    corrections = settings.corrections();
    this.clock = clock;
  }

  /// Takes its socket from there if one is kept for its address, and has it kept. Called before the
  /// first start.
  public final synchronized void keepSocketIn(KeptSockets kept) {
    this.kept = kept;
  }

  /// Has its socket kept no longer when it is closed, because nobody will read it. Called before
  /// the last close.
  public final synchronized void releaseSocket() {
    removed = true;
  }

  /// Adds the gauges of the socket to the metrics. Called once, by the constructor of a subclass.
  protected final void register(Metrics metrics) {
    metrics.gauge("source_kernel_dropped", () -> kernelDropped().orElse(0), "source", name());
    metrics.gauge("source_receive_buffer_bytes", this::receiveBuffer, "source", name());
  }

  /// Prepares for records, before any is delivered.
  ///
  /// @return where the records go
  /// @throws IOException if that fails; the source is then not started
  protected FlowSink opening(FlowSink sink, Timestamps now) throws IOException {
    return sink;
  }

  /// Does what is due about once a second. Called by the source's thread.
  protected void ticked(Timestamps now) {}

  /// Saves what is worth keeping, when no more records come.
  protected void closing(Timestamps now) {}

  @Override
  public final synchronized void start(FlowSink sink) throws IOException {
    if (health() instanceof Health.Running) {
      throw new IllegalStateException(name() + " is running already");
    }
    close();
    UdpSocket opened = receivers.open(uri, settings.receiveBufferBytes(), kept);
    sayIfLessWasGranted(opened.receiveBuffer());
    FlowSink records;
    try {
      records = opening(sink, now());
    } catch (IOException | RuntimeException e) {
      receivers.close(opened, receivers.count() == 1);
      throw e;
    }
    stopping = false;
    socket = opened;
    thread.start(() -> receive(opened, records));
  }

  /// Whether datagrams may wait in the socket until it is read again. With other receivers the
  /// kernel gives them to those instead, unless the process ends.
  private boolean staysOpen() {
    return !removed && (receivers.count() == 1 || !(health() instanceof Health.Failed));
  }

  private void sayIfLessWasGranted(int granted) {
    int asked = settings.receiveBufferBytes() / receivers.count();
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
  public static void checkAddress(SourceUri.Udp uri) throws IOException {
    UdpSocket.open(uri, CHECK_BUFFER_BYTES, KeptSockets.NONE, false, List.of()).close();
  }

  /// Uses other settings from the next datagram on, except for the size of the receive buffer. What
  /// was learned of each exporter stays.
  ///
  /// @throws IllegalArgumentException if the options of the source's URI are invalid
  public void use(List<IpPrefix> allowed, ExportCorrections corrections) {
    decoder.use(NetflowSettings.of(uri, allowed, corrections));
    this.corrections = corrections;
  }

  /// The configured names of exporters, by address.
  public Map<IpAddress, String> exporterNames() {
    return corrections.names();
  }

  private void receive(UdpSocket socket, FlowSink sink) throws IOException {
    while (!stopping) {
      thread.tick();
      int received = receiveBatch(socket, sink);
      if (received < BATCH) {
        sink.flush();
      }
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
      if (distribution != receivers.distribution()) {
        distribution = receivers.distribution();
        decoder.redistributed(receivers, now);
      }
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
      ticked(now);
    }
  }

  private Timestamps now() {
    return new Timestamps(clock.millis(), System.nanoTime() / 1_000_000);
  }

  @Override
  public final synchronized void close() {
    UdpSocket open = socket;
    if (open == null) {
      return;
    }
    stopping = true;
    boolean stays = staysOpen();
    try {
      thread.stop(open::wake);
      closing(now());
    } finally {
      close(open, stays);
    }
  }

  private synchronized void close(UdpSocket open, boolean stays) {
    droppedBefore += open.dropped().orElse(0);
    socket = null;
    try {
      receivers.close(open, stays);
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
        settings.receiveBufferBytes() / receivers.count(),
        receiveBuffer(),
        kernelDropped(),
        decoder.exporters());
  }

  /// The name that the receivers of its address have in common.
  public String address() {
    return uri.address();
  }

  /// The current status of its exporters.
  public List<ExporterStatus> exporters() {
    return decoder.exporters();
  }

  /// The templates and announced sampling rates of each exporter.
  public List<TemplateListing> templates() {
    return decoder.templates();
  }

  /// The age of something that came at a moment of the monotonic clock.
  public static Duration age(long steadyMillis) {
    return Duration.ofMillis(Math.max(0, System.nanoTime() / 1_000_000 - steadyMillis));
  }

  /// Whether an exporter counts layer 4 payload in place of IP bytes.
  public final boolean countsPayload() {
    return decoder.exporters().stream().anyMatch(ExporterStatus::payloadBytes);
  }
}
