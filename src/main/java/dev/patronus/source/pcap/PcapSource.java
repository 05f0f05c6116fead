package dev.patronus.source.pcap;

import static java.lang.System.Logger.Level.INFO;

import dev.patronus.file.FileErrors;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.EndedEarly;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.source.ThreadedSource;
import dev.patronus.source.UnreadableInput;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// A capture as a source: a file, plain or compressed with gzip, or standard input.
///
/// A file is counted once: how many of its packets were counted is kept with the counters
/// ([CaptureProgress]), and a start goes on after them. A stream has no such progress.
///
/// With `?time=capture` it counts into the history of its own time ([CaptureHistory]), once it was
/// read whole.
///
/// Its end is the source's end, also where it is cut off or damaged: all packets before that place
/// have been handed on by then. The memory it takes does not depend on the capture's length.
///
/// A stream has no packets for minutes if the program before it saves them up: `tcpdump -U -w -`
/// does not. A snap length (`-s 128`) costs nothing here, since the length on the wire counts.
///
/// Safe from any thread; the capture is read on a thread of its own.
public final class PcapSource extends ThreadedSource {
  private static final System.Logger LOG = System.getLogger(PcapSource.class.getName());
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
  private static final int GZIP_BUFFER = 64 << 10;
  private static final String HINT = "; try tcpdump -U -w - | patronus daemon --source pcap:-";

  private final SourceUri.Pcap uri;
  private final CaptureHistory history;
  private final Metrics metrics;
  private final InstantSource clock;
  private volatile @Nullable FileChannel channel;
  private final AtomicInteger runs = new AtomicInteger(); // one more with each start and each close

  /// @param history counts a capture that counts into the history of its own time
  /// @param clock what no packet can be later than
  public PcapSource(
      SourceUri.Pcap uri, CaptureHistory history, Metrics metrics, InstantSource clock) {
    super(uri);
    this.uri = uri;
    this.history = history;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public void start(FlowSink sink) throws IOException {
    int run = runs.incrementAndGet();
    channel = isPipe() ? null : open();
    thread.start(() -> read(sink, run));
  }

  /// Whether opening the file may have to wait for somebody who writes into it.
  private boolean isPipe() throws IOException {
    if (uri.isStandardInput()) {
      return false;
    }
    Path file = Path.of(uri.file());
    return Files.exists(file) && Files.readAttributes(file, BasicFileAttributes.class).isOther();
  }

  private FileChannel open() throws IOException {
    if (uri.isStandardInput()) {
      return standardInput();
    }
    Path file = Path.of(uri.file());
    if (Files.isDirectory(file)) {
      throw new IOException("cannot read the capture " + file + ": it is a folder");
    }
    try {
      return FileChannel.open(file);
    } catch (NoSuchFileException _) {
      throw new UnreadableInput("there is no capture " + file + "; 'pcap:-' reads standard input");
    } catch (AccessDeniedException _) {
      throw new IOException("may not read the capture " + file + "; it may belong to another user");
    }
  }

  /// Standard input, if somebody may write a capture into it.
  private static FileChannel standardInput() throws IOException {
    Path what = Path.of("/proc/self/fd/0");
    // of a pipe the link names what is nowhere in the file system
    Path target = Files.isSymbolicLink(what) ? Files.readSymbolicLink(what) : what;
    if (target.toString().matches("/dev/(pts/.*|tty.*|console)")) {
      throw new UnreadableInput("standard input is a terminal, and no capture" + HINT);
    }
    if (Files.isDirectory(what)) {
      throw new UnreadableInput("standard input is the folder " + target + HINT);
    }
    return new FileInputStream(FileDescriptor.in).getChannel();
  }

  private void read(FlowSink sink, int run) throws IOException, InterruptedException {
    FileChannel opened = channel;
    boolean isFile = opened != null && !uri.isStandardInput();
    if (opened == null) {
      opened = open(); // may wait for as long as nobody writes
      if (runs.get() != run) {
        opened.close();
        return;
      }
      channel = opened;
    }
    if (uri.captureTime()) {
      readIntoHistory(opened, run);
      return;
    }
    String file = isFile ? "pcap:" + Path.of(uri.file()).toRealPath() : "";
    try {
      read(opened, new CaptureProgress(file, sink), run);
    } catch (CaptureProgress.Other _) {
      LOG.log(
          INFO, name() + " differs from the capture that was counted before: all of it is counted");
      FileChannel again = open();
      channel = again;
      read(again, new CaptureProgress(file, sink), run);
    }
  }

  /// Reads a capture whole, then counts it in one step: what was read of one that is cut off, and
  /// nothing where the source is closed before its end.
  private void readIntoHistory(FileChannel opened, int run)
      throws IOException, InterruptedException {
    try (CaptureHistory.Capture capture = history.begin(name())) {
      Optional<EndedEarly> cut = readPackets(opened, new HistorySink(capture), run);
      if (runs.get() != run) {
        return;
      }
      String counted = capture.finish(() -> runs.get() == run);
      if (cut.isPresent()) {
        throw new EndedEarly(cut.get().getMessage() + "; " + counted);
      }
      String remark = thread.remark();
      thread.remark(remark.isEmpty() ? counted : counted + "; " + remark);
    } catch (CaptureHistory.Refused e) {
      throw new UnreadableInput(e.getMessage());
    }
  }

  private void read(FileChannel opened, CaptureProgress progress, int run) throws IOException {
    try {
      Optional<EndedEarly> cut = readPackets(opened, progress, run);
      if (cut.isPresent()) {
        throw cut.get();
      }
    } finally {
      progress.flush();
      if (progress.skipped() > 0) {
        LOG.log(
            INFO,
            name()
                + ": "
                + progress.skipped()
                + " of its packets were counted by an earlier run, and are passed over; a copy of"
                + " the file under another name counts again");
      }
    }
  }

  /// Reads packets to the end of a capture, or until the source is closed.
  ///
  /// @return where it is cut off or damaged; empty if it is not
  private Optional<EndedEarly> readPackets(FileChannel opened, PacketSink to, int run)
      throws IOException {
    PacketCounts counts = new PacketCounts(name(), to, metrics, clock);
    try (FileChannel from = opened) {
      if (runs.get() == run) {
        read(from, counts);
        thread.remark(counts.remark());
      }
    } catch (EndedEarly e) {
      String remark = counts.remark();
      return Optional.of(remark.isEmpty() ? e : new EndedEarly(e.getMessage() + "; " + remark));
    } catch (ClosedChannelException _) {
      // The source was closed while it read; what it had received has been handed on.
    }
    return Optional.empty();
  }

  private void read(FileChannel from, PacketCounts counts) throws IOException {
    CaptureInput input;
    CaptureFormat format;
    try {
      input = new CaptureInput(plain(Channels.newInputStream(from)), counts::flush);
      format = CaptureFormat.open(input);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      String why = FileErrors.reason(e);
      throw new UnreadableInput(uri.isStandardInput() ? "standard input: " + why + HINT : why);
    }
    readAll(input, format, counts);
  }

  /// A stream that fails in the middle is at its end: what was handed on must not come again.
  private static void readAll(CaptureInput input, CaptureFormat format, PacketCounts counts)
      throws IOException {
    try {
      while (format.next(input, counts)) {}
    } catch (ClosedChannelException | EndedEarly e) {
      throw e;
    } catch (IOException e) {
      throw new EndedEarly("unreadable from byte " + input.taken() + " on: " + e.getMessage());
    }
  }

  /// What is in a stream that may be compressed.
  private static InputStream plain(InputStream in) throws IOException {
    PushbackInputStream ahead = new PushbackInputStream(in, 2);
    byte[] first = ahead.readNBytes(2);
    ahead.unread(first);
    if (!Arrays.equals(first, GZIP_MAGIC)) {
      return ahead;
    }
    try {
      return new GZIPInputStream(ahead, GZIP_BUFFER);
    } catch (EOFException _) {
      throw new IOException("this compressed capture is truncated in its first bytes");
    }
  }

  @Override
  public void close() {
    runs.incrementAndGet();
    FileChannel opened = channel;
    if (opened == null) {
      closeUnopened();
    } else {
      thread.stop(() -> close(opened));
    }
  }

  /// A thread that still waits for the other end of a named pipe gets one: ours. Opened for reading
  /// and writing, a pipe makes nobody wait (fifo(7)). Where the pipe is gone from its place,
  /// nothing can wake the thread, and it is left waiting.
  private void closeUnopened() {
    if (!(thread.health() instanceof Health.Running)) {
      thread.stop(() -> {});
      return;
    }
    try (FileChannel _ = otherEnd()) {
      thread.stop(() -> {});
    } catch (IOException _) {
      thread.abandon();
    }
  }

  private FileChannel otherEnd() throws IOException {
    if (!isPipe()) {
      throw new IOException(uri.file() + " is no pipe any more");
    }
    return FileChannel.open(Path.of(uri.file()), StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void close(FileChannel opened) {
    try {
      opened.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
