package dev.patronus.control;

import static java.util.Objects.requireNonNull;

import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.UnreadableJson;
import dev.patronus.metrics.Metrics;
import dev.patronus.thread.SupervisedThread;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The daemon's end of the control socket: a Unix socket of mode 0660 where each line is a request
/// and is answered with a line.
///
/// Safe from any thread. Each connection has a virtual thread of its own. A client that takes
/// longer than [#TIMEOUT] to send a request, or to read a reply, is disconnected; beyond
/// [#CONNECTIONS] at once new ones are closed; a request has at most [#LINE] characters. Replies
/// are written row by row through a buffer of [#BUFFER] characters, and the replies in progress are
/// limited in bytes ([AnswerBudget]): a client that does not read costs one parked thread for some
/// seconds.
public final class ControlServer implements AutoCloseable {
  /// The maximum number of connections.
  public static final int CONNECTIONS = 64;

  /// The maximum length of a request, in characters.
  public static final int LINE = 64 * 1024;

  /// How long a client may take to send its request, or to read its reply.
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  /// The pause after a failed accept.
  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);

  /// The size of a reply's write buffer, in characters.
  static final int BUFFER = 8 << 10;

  /// How long a large reply waits while others use the budget.
  private static final Duration WAIT = Duration.ofSeconds(5);

  /// The fraction of the heap, as a divisor, that large replies may take at the same time.
  private static final int SHARE_OF_HEAP = 16;

  /// Handles requests. Called from many threads.
  @FunctionalInterface
  public interface Handler {
    /// The reply to a request.
    Reply answer(Request request, Peer peer);

    /// The estimated heap bytes of the reply.
    default long bytes(Request request) {
      return 0;
    }
  }

  private final SocketFile file;
  private final Handler handler;
  private final Metrics metrics;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor clock;
  private final AnswerBudget tables;
  private final AnswerBudget documents;
  private volatile boolean closed;
  private volatile @Nullable ServerSocketChannel server;
  private @Nullable SupervisedThread accepting;

  public ControlServer(Path path, Handler handler, Metrics metrics) {
    this.file = new SocketFile(path);
    this.handler = handler;
    this.metrics = metrics;
    metrics.declare(
        "control_requests",
        "control_requests_failed",
        "control_requests_refused",
        "control_requests_unreadable",
        "control_connections_refused",
        "control_connections_broken",
        "control_accept_failures");
    long budget = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    this.tables = new AnswerBudget(budget, WAIT);
    this.documents = new AnswerBudget(budget / 2, WAIT);
    this.clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("control-clock").daemon().factory());
    clock.setRemoveOnCancelPolicy(true);
  }

  /// Rejects a path where no socket can be bound; changes nothing.
  ///
  /// @throws UserError that says why
  /// @throws IOException if the path cannot be examined
  public static void require(Path path) throws IOException {
    SocketFile.require(path);
  }

  /// Binds the socket and starts to accept. A socket without a listener is replaced.
  ///
  /// @throws UserError if something else is at the path
  /// @throws IOException if the path cannot be bound, or another process listens there
  public void start() throws IOException {
    bind();
    accepting = SupervisedThread.startVirtual("control", metrics, this::accept);
  }

  /// Binds the socket again if its file has been deleted or replaced by something that is not in
  /// use. Does nothing before [#start] and after [#close].
  ///
  /// @return whether it was bound again
  /// @throws UserError if something else is at the path
  /// @throws IOException if the path cannot be bound, or another process listens there
  public synchronized boolean restore() throws IOException {
    if (server == null || closed || file.isBound()) {
      return false;
    }
    ServerSocketChannel before = server;
    bind();
    before.close(); // wakes the accepting thread, which continues with the new socket
    return true;
  }

  private synchronized void bind() throws IOException {
    server = file.bind();
  }

  private void accept() throws InterruptedException {
    while (!closed) {
      try {
        SocketChannel peer = requireNonNull(server).accept();
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
        Thread.sleep(ACCEPT_PAUSE); // for example, no descriptor is left
      }
    }
  }

  private void serve(SocketChannel peer) {
    try (peer) {
      Peer asker = Peer.of(peer);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(peer), StandardCharsets.UTF_8));
      Writer out =
          new BufferedWriter(
              new OutputStreamWriter(Channels.newOutputStream(peer), StandardCharsets.UTF_8),
              BUFFER);
      @Nullable String line;
      while ((line = withTimeout(peer, () -> readLine(in))) != null) {
        metrics.counter("control_requests").increment();
        serve(line, asker, reply -> withTimeout(peer, () -> write(reply, out)));
      }
    } catch (IOException | RuntimeException _) {
      metrics.counter("control_connections_broken").increment();
    } finally {
      open.remove(peer);
    }
  }

  /// Sends a reply to its client.
  private interface Delivery {
    void deliver(Reply reply) throws IOException;
  }

  /// Handles one request line, and sends the reply within the budget.
  private void serve(String line, Peer peer, Delivery to) throws IOException {
    Request request;
    try {
      request = Request.parse(line, LINE);
    } catch (UnreadableJson e) {
      metrics.counter("control_requests_unreadable").increment();
      to.deliver(new Reply.Refused(ExitCode.USAGE, ErrorText.of(e)));
      return;
    }
    AnswerBudget budget = request instanceof Request.Status ? documents : tables;
    int reserved = budget.reserve(handler.bytes(request));
    if (reserved < 0) {
      metrics.counter("control_requests_refused").increment();
      to.deliver(
          new Reply.Refused(
              ExitCode.BUSY, "the daemon is busy with other large replies; try again"));
      return;
    }
    try {
      to.deliver(answer(request, peer));
    } finally {
      budget.release(reserved);
    }
  }

  private static Void write(Reply reply, Writer out) throws IOException {
    reply.write(out);
    out.write('\n');
    out.flush();
    return null;
  }

  /// I/O that waits for the peer.
  private interface Exchange<T> {
    @Nullable T run() throws IOException;
  }

  /// Runs I/O with the peer, and closes the connection if it takes too long.
  private <T> @Nullable T withTimeout(SocketChannel peer, Exchange<T> exchange) throws IOException {
    ScheduledFuture<?> limit = limit(peer);
    try {
      return exchange.run();
    } finally {
      limit.cancel(false);
    }
  }

  private ScheduledFuture<?> limit(SocketChannel peer) throws IOException {
    try {
      return clock.schedule(() -> close(peer), TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      throw new IOException("the socket is being closed", e);
    }
  }

  private static void close(SocketChannel peer) {
    try {
      peer.close();
    } catch (IOException _) {
      // the connection is closed either way
    }
  }

  /// A line without its end; null at the end of input.
  private static @Nullable String readLine(BufferedReader in) throws IOException {
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

  private Reply answer(Request request, Peer peer) {
    try {
      return handler.answer(request, peer);
    } catch (RuntimeException e) {
      metrics.counter("control_requests_failed").increment();
      return new Reply.Refused(ExitCode.FAILED, "the daemon failed to answer: " + e);
    }
  }

  /// Stops serving and removes the socket file, if it is still the one that was bound.
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    clock.shutdownNow();
    if (server != null) {
      server.close();
      open.forEach(ControlServer::close);
      file.remove();
    }
    if (accepting != null) {
      accepting.stop();
    }
  }
}
