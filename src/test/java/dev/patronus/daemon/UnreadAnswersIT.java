package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged daemon beside clients that ask for all that there is and read none of it.
class UnreadAnswersIT {
  private static final int CONTROL_CLIENTS = 64;
  private static final int HTTP_CLIENTS = 70;

  /// So many that neither the metrics page nor the flows fit into the buffers of a socket.
  private static final int POLICIES = 5_000;

  private static final int FLOWS = 60_000;

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final int page = DaemonUnderTest.freeTcpPort();

  private PlatformDatabase database() throws Exception {
    PlatformDatabase made = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    made.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            + " INSERT INTO sdwan_policies SELECT i, 'policy ' || i, i,"
            + " '{\"protocol\":6,\"dst_port_range\":[' || i || ',' || i || ']}',"
            + " '\"LowestLatency\"', 1 FROM n",
        POLICIES);
    return made;
  }

  private SocketChannel askForAllFlows() throws IOException {
    SocketChannel client =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("patronus.sock")));
    String line =
        new Request.Flows(Request.Order.BYTES, 10_000, Optional.empty(), FlowFilter.ALL).line();
    client.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    return client;
  }

  private Socket pipelineScrapes() throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(4_096);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), page));
    String gets = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50);
    client.getOutputStream().write(gets.getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  private boolean isReady(HttpClient client) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + page + "/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      return answer.statusCode() == 200;
    } catch (IOException _) {
      return false; // every connection is in use
    }
  }

  private static boolean answersStatus(DaemonUnderTest daemon) {
    try {
      return daemon.ask(new Request.Status()) instanceof Reply.Document;
    } catch (IOException _) {
      return false; // every connection is in use
    }
  }

  @Test
  void clients_that_never_read_stop_neither_counting_nor_snapshots_nor_answers() throws Exception {
    Program program =
        DaemonUnderTest.program(folder, port, "--snapshot-every", "1s")
            .env("PATRONUS_METRICS_LISTEN", "127.0.0.1:" + page);
    List<Closeable> clients = new ArrayList<>();
    try (PlatformDatabase database = database();
        DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port);
        HttpClient reader = HttpClient.newHttpClient()) {
      long sent = 0;
      for (int flow = 0; flow < FLOWS; flow += NetflowV5Sender.FLOWS) {
        sent += sender.send(flow, 20_000, 1);
      }
      long flows = sent;
      DaemonUnderTest.await("the flows are there", () -> daemon.packets() == flows);
      for (int i = 0; i < HTTP_CLIENTS; i++) {
        clients.add(pipelineScrapes());
      }
      for (int i = 0; i < CONTROL_CLIENTS; i++) {
        clients.add(askForAllFlows());
      }
      for (int i = 0; i < 20; i++) {
        sender.send(0, 443, 1);
      }
      DaemonUnderTest.await(
          "the records are counted and a snapshot has them",
          () ->
              database.number(
                      "SELECT COALESCE(MAX(packets_matched), 0) FROM sdwan_policy_stats"
                          + " WHERE policy_id = 443")
                  == 20L * NetflowV5Sender.FLOWS);
      DaemonUnderTest.await("status answers", () -> answersStatus(daemon));
      DaemonUnderTest.await("the metrics page answers", () -> isReady(reader));
      assertEquals(flows + 20L * NetflowV5Sender.FLOWS, daemon.packets());
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    } finally {
      for (Closeable client : clients) {
        client.close();
      }
    }
    assertTrue(clients.size() == HTTP_CLIENTS + CONTROL_CLIENTS, "all of them had connected");
  }
}
