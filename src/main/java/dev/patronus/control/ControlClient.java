package dev.patronus.control;

import dev.patronus.error.ErrorText;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The client's end of the control socket.
///
/// Confined to one thread. The caller of [#connect] closes it. It does not trust the peer: a reply
/// has at most [Json#LENGTH_MAX] bytes; connecting, the wait for a reply, and each further
/// [#PROGRESS] bytes of it take at most 15 s, four times as long for a reply with many rows,
/// because the daemon waits up to 30 s for a value that it reads while it counts.
public final class ControlClient implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(15);

  /// How many times as long a large answer may take.
  private static final int LARGE = 4;

  /// Bytes of an answer that are progress: who sends fewer in the time is not waited for.
  static final int PROGRESS = 64 << 10;

  private final SocketChannel channel;
  private final Duration timeout;
  private volatile Duration wait;
  private volatile boolean late;
  private volatile long progressNanos;

  private ControlClient(SocketChannel channel, Duration timeout) {
    this.channel = channel;
    this.timeout = timeout;
    this.wait = timeout;
  }

  /// Connects to the daemon; empty if none listens at this path.
  ///
  /// @throws AccessDeniedException if one listens and this user has no permission to connect
  /// @throws IOException if one listens and does not accept the connection
  public static Optional<ControlClient> connect(Path path) throws IOException {
    return connect(path, TIMEOUT);
  }

  /// Connects to the daemon, which has less time to answer.
  ///
  /// @param timeout how long connecting, and each reply, may take; a large one four times as long
  public static Optional<ControlClient> connect(Path path, Duration timeout) throws IOException {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    if (!Files.exists(path)) {
      throw new AccessDeniedException(path.toString(), null, "its folder may not be entered");
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    ControlClient client = new ControlClient(channel, timeout);
    try {
      client.inTime(() -> channel.connect(UnixDomainSocketAddress.of(path)));
      return Optional.of(client);
    } catch (ConnectException _) {
      channel.close();
      return Optional.empty();
    } catch (SocketException e) {
      channel.close();
      throw Files.isWritable(path)
          ? e
          : new AccessDeniedException(path.toString(), null, "permission denied");
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Sends a request, and waits for the reply.
  ///
  /// @throws IOException if the daemon closed the connection, takes too long, or sends an
  ///   unreadable reply; its message says which
  public Reply ask(Request request) throws IOException {
    // Duration.multipliedBy would initialize BigDecimal, which takes longer than the answer.
    wait = Duration.ofNanos(timeout.toNanos() * (isLarge(request) ? LARGE : 1));
    try {
      return inTime(() -> exchange(request));
    } catch (OtherProtocol e) {
      throw new IOException(e.getMessage(), e);
    } catch (UnreadableJson e) {
      throw unreadable(e);
    }
  }

  static IOException unreadable(RuntimeException why) {
    return new IOException("its reply cannot be read: " + ErrorText.of(why), why);
  }

  /// Whether the answer has a row of each policy, path or flow, or is made of all of them.
  private static boolean isLarge(Request request) {
    return switch (request) {
      case Request.Stats _,
          Request.Flows _,
          Request.FlowStretch _,
          Request.FlowGroups _,
          Request.Explain _,
          Request.Templates _,
          Request.Paths _ ->
          true;
      case Request.Status _,
          Request.Diagnostics _,
          Request.Reset _,
          Request.CacheStats _,
          Request.CacheClear _,
          Request.CacheCleanup _,
          Request.Changed _ ->
          false;
    };
  }

  private Reply exchange(Request request) throws IOException {
    Channels.newOutputStream(channel)
        .write((request.line() + "\n").getBytes(StandardCharsets.UTF_8));
    return Reply.read(new Line());
  }

  /// The daemon's line, read as it comes, so that it is understood while the rest is written.
  private final class Line extends InputStream {
    private final InputStream in = Channels.newInputStream(channel);
    private long length;
    private boolean ended;

    @Override
    public int read(byte[] to, int offset, int room) throws IOException {
      if (ended) {
        return -1;
      }
      int count = in.read(to, offset, room);
      if (count < 0) {
        throw new IOException("the daemon closed the connection");
      }
      // Nothing comes after the line, so that its end is that of what was read.
      ended = to[offset + count - 1] == '\n';
      if (length + count - (ended ? 1 : 0) > Json.LENGTH_MAX) {
        throw new IOException("its reply has more than " + Json.LENGTH_MAX + " bytes");
      }
      if (length / PROGRESS < (length + count) / PROGRESS) {
        progressNanos = System.nanoTime();
      }
      length += count;
      return count;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
  }

  /// I/O that waits for the daemon.
  private interface Wait<T> {
    T run() throws IOException;
  }

  private <T> T inTime(Wait<T> work) throws IOException {
    progressNanos = System.nanoTime();
    // A platform thread: the scheduler of virtual ones costs a short command some milliseconds.
    Thread watch = Thread.ofPlatform().daemon().name("reply watch").start(this::giveUp);
    try {
      return work.run();
    } catch (IOException e) {
      if (late) {
        throw new IOException("no more of a reply for " + wait.toMillis() / 1000.0 + " s", e);
      }
      throw e.getMessage() == null ? new IOException("the connection was closed", e) : e;
    } finally {
      watch.interrupt();
    }
  }

  private void giveUp() {
    try {
      long left = wait.toNanos();
      while (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
        left = wait.toNanos() - (System.nanoTime() - progressNanos);
      }
      late = true;
      channel.close();
    } catch (InterruptedException | IOException _) {
      // the reply arrived, or nothing is left to close
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
