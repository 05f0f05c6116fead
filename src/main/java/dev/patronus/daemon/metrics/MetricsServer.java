package dev.patronus.daemon.metrics;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.patronus.daemon.process.Log;
import dev.patronus.flow.HostPort;
import dev.patronus.metrics.Metrics;
import dev.patronus.thread.FatalErrors;
import dev.patronus.thread.SupervisedThread;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// HTTP server for monitoring: `/metrics` in Prometheus' text format, `/health` (all threads work)
/// and `/ready` (it collects and saves), each 200 or 503.
///
/// If its address is in use, the daemon works without it, logs that, and retries. Safe from any
/// thread; requests run on virtual threads. A slow reader costs one parked virtual thread; the
/// number and the duration of connections are limited by the JDK's server through `daemon.options`.
/// Each connection serves one reply, because the JDK limits time per reply. Pages are written while
/// they are generated, at most [#PAGES] at a time.
public final class MetricsServer implements AutoCloseable {
  private static final int WAITING = 16;
  private static final int UNAVAILABLE = 503;
  private static final Duration RETRY = Duration.ofSeconds(10);

  /// The number of pages that are generated and written at the same time.
  private static final int PAGES = 2;

  /// How long a scrape waits for its turn, in seconds.
  private static final int TURN_SECONDS = 5;

  /// Writes the page.
  @FunctionalInterface
  public interface Page {
    void write(OutputStream out) throws IOException;
  }

  private final InetSocketAddress address;
  private final Page page;
  private final Semaphore turns = new Semaphore(PAGES, true);
  private final Supplier<Optional<String>> stalled;
  private final Supplier<Optional<String>> notReadyReason;
  private final Metrics counters;
  private final Log log;
  private @Nullable HttpServer server;
  private boolean closed;
  private @Nullable SupervisedThread retrying;

  /// @param stalled the thread that has stopped working; empty if all work
  /// @param notReadyReason why the daemon is not ready; empty if it is
  public MetricsServer(
      InetSocketAddress address,
      Page page,
      Supplier<Optional<String>> stalled,
      Supplier<Optional<String>> notReadyReason,
      Metrics counters,
      Log log) {
    this.address = address;
    this.page = page;
    this.stalled = stalled;
    this.notReadyReason = notReadyReason;
    this.counters = counters;
    this.log = log;
  }

  public InetSocketAddress address() {
    return address;
  }

  /// Binds the address and starts to serve, now or as soon as it is free.
  public void start() {
    if (!serve()) {
      retrying = SupervisedThread.startVirtual("metrics-page-retry", counters, this::retry);
    }
  }

  private void retry() throws InterruptedException {
    do {
      Thread.sleep(RETRY);
    } while (!serve());
  }

  private synchronized boolean serve() {
    if (closed) {
      return true;
    }
    try {
      HttpServer made = HttpServer.create(address, WAITING);
      made.setExecutor(
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("metrics-page").factory()));
      made.createContext("/", exchange -> answer(exchange, 404, "/metrics /health /ready\n"));
      serve(made, "/metrics", this::metrics);
      serve(made, "/health", exchange -> answer(exchange, "ok", "not live", stalled.get()));
      serve(
          made, "/ready", exchange -> answer(exchange, "ready", "not ready", notReadyReason.get()));
      made.start();
      server = made;
      log.over("metrics page", "the metrics page is at " + url());
      log.info("metrics at " + url() + (isOpen() ? ", for every machine that reaches it" : ""));
      return true;
    } catch (IOException e) {
      log.trouble(
          "metrics page",
          "no metrics page at "
              + url()
              + ": "
              + e.getMessage()
              + "; counting goes on, and it is tried again (--metrics-listen, or off)");
      return false;
    }
  }

  /// Rejects longer paths, since the JDK's server matches handlers by prefix.
  private static void serve(HttpServer server, String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          try {
            if (exchange.getRequestURI().getPath().equals(path)) {
              handler.handle(exchange);
            } else {
              answer(exchange, 404, "not found\n");
            }
          } catch (Error e) {
            FatalErrors.report(e); // the server would swallow it
          }
        });
  }

  private String url() {
    String host = address.getAddress().getHostAddress();
    int port = server == null ? address.getPort() : port();
    return "http://" + new HostPort(host, port) + "/metrics";
  }

  private boolean isOpen() {
    return !address.getAddress().isLoopbackAddress();
  }

  /// The port that was bound; differs from the requested one if that is 0.
  int port() {
    return requireNonNull(server).getAddress().getPort();
  }

  private void metrics(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("GET")) {
      answer(exchange, 200, "");
    } else if (takesTurn()) {
      try {
        stream(exchange);
      } finally {
        turns.release();
      }
    } else {
      answer(exchange, UNAVAILABLE, "too many scrapes at the same time; try again\n");
    }
  }

  private boolean takesTurn() {
    try {
      return turns.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void stream(HttpExchange exchange) throws IOException {
    try (exchange) {
      head(exchange, PrometheusTextFormatWriter.create().getContentType());
      exchange.sendResponseHeaders(200, 0); // in chunks
      page.write(exchange.getResponseBody());
    }
  }

  private static void head(HttpExchange exchange, String type) {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Connection", "close");
  }

  private static void answer(
      HttpExchange exchange, String good, String bad, Optional<String> notReadyReason)
      throws IOException {
    answer(
        exchange,
        notReadyReason.isEmpty() ? 200 : UNAVAILABLE,
        notReadyReason.map(text -> bad + ": " + text + "\n").orElse(good + "\n"));
  }

  private static void answer(HttpExchange exchange, int code, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      head(exchange, "text/plain; charset=utf-8");
      switch (exchange.getRequestMethod()) {
        case "GET" -> {
          exchange.sendResponseHeaders(code, body.length);
          exchange.getResponseBody().write(body);
        }
        case "HEAD" -> exchange.sendResponseHeaders(code, -1);
        default -> {
          exchange.getResponseHeaders().set("Allow", "GET, HEAD");
          exchange.sendResponseHeaders(405, -1);
        }
      }
    }
  }

  @Override
  public void close() {
    if (retrying != null) {
      retrying.stop();
    }
    synchronized (this) {
      closed = true;
      if (server != null) {
        server.stop(0);
      }
    }
  }
}
