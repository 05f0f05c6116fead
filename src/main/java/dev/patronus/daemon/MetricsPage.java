package dev.patronus.daemon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// The page that a monitoring system reads: `/metrics` in Prometheus' text format, `/health` (the
/// process answers) and `/ready` (it collects and saves), each 200 or 503.
///
/// Safe from any thread; requests run on virtual threads, at most [#WAITING] wait.
final class MetricsPage implements AutoCloseable {
  private static final int WAITING = 16;
  private static final int UNAVAILABLE = 503;

  private final InetSocketAddress address;
  private final Supplier<MetricSnapshots> metrics;
  private final BooleanSupplier ready;
  private HttpServer server;

  MetricsPage(InetSocketAddress address, Supplier<MetricSnapshots> metrics, BooleanSupplier ready) {
    this.address = address;
    this.metrics = metrics;
    this.ready = ready;
  }

  /// Binds the address and begins to serve.
  ///
  /// @throws IOException if the address cannot be bound
  void start() throws IOException {
    server = HttpServer.create(address, WAITING);
    server.setExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("metrics-page").factory()));
    server.createContext("/metrics", this::metrics);
    server.createContext("/health", exchange -> answer(exchange, 200, "ok\n"));
    server.createContext("/ready", this::ready);
    server.start();
  }

  /// The port that was bound, which is of interest where 0 was asked for.
  int port() {
    return server.getAddress().getPort();
  }

  private void metrics(HttpExchange exchange) throws IOException {
    PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    writer.write(page, metrics.get());
    exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
    answer(exchange, 200, page.toString(StandardCharsets.UTF_8));
  }

  private void ready(HttpExchange exchange) throws IOException {
    boolean is = ready.getAsBoolean();
    answer(exchange, is ? 200 : UNAVAILABLE, is ? "ready\n" : "not ready\n");
  }

  private static void answer(HttpExchange exchange, int code, String text) throws IOException {
    try (exchange) {
      boolean read = exchange.getRequestMethod().equals("GET");
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(read ? code : 405, read ? body.length : -1);
      if (read) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
  }
}
