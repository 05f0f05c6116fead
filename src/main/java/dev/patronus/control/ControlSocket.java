package dev.patronus.control;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.patronus.error.ExitCode;
import dev.patronus.json.UnreadableJson;
import dev.patronus.metrics.Metrics;
import dev.patronus.thread.SupervisedThread;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/// The daemon's end of the control socket: a Unix socket of mode 0660 where each line is a request
/// and is answered with a line.
///
/// Safe from any thread. Each connection has a virtual thread of its own; a client that is silent
/// or slow for [#PATIENCE] loses its connection, beyond [#CONNECTIONS] at once new ones wait no
/// longer than it takes to be told so, and a line is at most [#LINE] characters: a hostile client
/// costs one parked thread for some seconds. Who is at the other end the kernel says
/// (`SO_PEERCRED`, unix(7)).
public final class ControlSocket implements AutoCloseable {
  /// The most connections at once.
  public static final int CONNECTIONS = 64;

  /// The longest request, in characters.
  public static final int LINE = 64 * 1024;

  /// The longest path of a socket, in bytes (unix(7)).
  static final int PATH_BYTES = 107;

  /// How long a client may take to ask, or to take its answer.
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  /// How long nothing is accepted after a failure.
  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);

  /// Answers requests. Called from many threads.
  @FunctionalInterface
  public interface Desk {
    /// The reply to a request.
    ///
    /// @param user the peer's user name, as the kernel says it
    Reply answer(Request request, String user);
  }

  private final Path path;
  private final Desk desk;
  private final Metrics metrics;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock;
  private volatile boolean closed;
  private volatile ServerSocketChannel server;
  private Object fileKey;
  private SupervisedThread accepting;

  public ControlSocket(Path path, Desk desk, Metrics metrics) {
    this.path = path;
    this.desk = desk;
    this.metrics = metrics;
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("control-clock").daemon().factory());
  }

  /// Binds the socket and begins to answer. A socket file that nobody listens on is replaced.
  ///
  /// @throws IOException if the path cannot be bound, or somebody listens there
  public void start() throws IOException {
    Optional<String> tooLong = tooLong(path);
    if (tooLong.isPresent()) {
      throw new IOException(tooLong.get());
    }
    bind();
    accepting = SupervisedThread.startVirtual("control", metrics, this::accept);
  }

  /// What is wrong with a path that is too long for a socket; empty for one that is not.
  public static Optional<String> tooLong(Path path) {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    return bytes > PATH_BYTES
        ? Optional.of("its path has " + bytes + " bytes, at most " + PATH_BYTES + " can be")
        : Optional.empty();
  }

  /// Binds the socket again if its file has been deleted or replaced by something that is not in
  /// use. Does nothing before [#start] and after [#close].
  ///
  /// @return whether it was bound again
  /// @throws IOException if the path cannot be bound, or somebody listens there
  public synchronized boolean restore() throws IOException {
    if (server == null || closed || key(path).equals(Optional.of(fileKey))) {
      return false;
    }
    ServerSocketChannel before = server;
    bind();
    before.close(); // wakes the thread that accepts, which goes on with the new one
    return true;
  }

  /// The device and inode of a file; empty if it is not there.
  private static Optional<Object> key(Path file) {
    try {
      return Optional.of(
          Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS).fileKey());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private synchronized void bind() throws IOException {
    removeStale();
    ServerSocketChannel fresh = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      bind(fresh);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    fileKey = key(path).orElse("gone");
    server = fresh;
  }

  private void bind(ServerSocketChannel unbound) throws IOException {
    Path fresh = path.resolveSibling(".p" + ProcessHandle.current().pid());
    Files.deleteIfExists(fresh);
    unbound.bind(UnixDomainSocketAddress.of(fresh));
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----"));
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE); // never seen with another mode
  }

  private void removeStale() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (somebodyListens()) {
      throw new IOException(path + " is in use by another daemon");
    }
    Files.delete(path);
  }

  private boolean somebodyListens() throws IOException {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (SocketException _) {
      return false;
    }
  }

  private void accept() throws InterruptedException {
    while (!closed) {
      try {
        SocketChannel peer = server.accept();
        if (open.size() >= CONNECTIONS) {
          metrics.counter("control_connections_refused").increment();
          peer.close();
        } else {
          open.add(peer);
          Thread.ofVirtual().name("control-client").start(() -> serve(peer));
        }
      } catch (ClosedChannelException _) {
        // closed, or bound again
      } catch (IOException _) {
        metrics.counter("control_accept_failures").increment();
        Thread.sleep(ACCEPT_PAUSE); // no descriptor is left, say
      }
    }
  }

  private void serve(SocketChannel peer) {
    try (peer) {
      String user = user(peer);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(peer), StandardCharsets.UTF_8));
      OutputStream out = Channels.newOutputStream(peer);
      String line;
      while ((line = patiently(peer, () -> readLine(in))) != null) {
        byte[] reply = (answer(line, user).line() + "\n").getBytes(StandardCharsets.UTF_8);
        patiently(
            peer,
            () -> {
              out.write(reply);
              return null;
            });
      }
    } catch (IOException | RuntimeException _) {
      metrics.counter("control_connections_broken").increment();
    } finally {
      open.remove(peer);
    }
  }

  /// Work that waits for the peer.
  private interface Exchange<T> {
    T run() throws IOException;
  }

  /// Runs what waits for the peer, and closes the connection if that takes too long.
  private <T> T patiently(SocketChannel peer, Exchange<T> exchange) throws IOException {
    ScheduledFuture<?> limit = limit(peer);
    try {
      return exchange.run();
    } finally {
      limit.cancel(false);
    }
  }

  private ScheduledFuture<?> limit(SocketChannel peer) throws IOException {
    try {
      return clock.schedule(() -> close(peer), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      throw new IOException("the socket is being closed", e);
    }
  }

  private static void close(SocketChannel peer) {
    try {
      peer.close();
    } catch (IOException _) {
      // it is gone either way
    }
  }

  /// A line without its end; null at the end of input.
  private static String readLine(BufferedReader in) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      if (line.length() == LINE) {
        throw new IOException("a request of more than " + LINE + " characters");
      }
      line.append((char) c);
    }
    return c < 0 ? null : line.toString();
  }

  private static String user(SocketChannel peer) throws IOException {
    UnixDomainPrincipal principal = peer.getOption(ExtendedSocketOptions.SO_PEERCRED);
    return principal.user().getName();
  }

  private Reply answer(String line, String user) {
    metrics.counter("control_requests").increment();
    try {
      return desk.answer(Request.parse(line, LINE), user);
    } catch (UnreadableJson e) {
      metrics.counter("control_requests_unreadable").increment();
      return new Reply.Refused(ExitCode.USAGE, e.getMessage());
    } catch (RuntimeException e) {
      metrics.counter("control_requests_failed").increment();
      return new Reply.Refused(ExitCode.FAILED, "the daemon failed to answer: " + e);
    }
  }

  /// Stops answering and removes the socket file.
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    clock.shutdownNow();
    if (server != null) {
      server.close();
      open.forEach(ControlSocket::close);
      if (key(path).equals(Optional.of(fileKey))) {
        Files.deleteIfExists(path);
      }
    }
    if (accepting != null) {
      accepting.stop();
    }
  }
}
