package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The platform's flow page shows the largest flows while the daemon runs.
class PlatformFlowsIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database
        .policy(7, "web", 100, "{}")
        .site("aa", "berlin")
        .site("bb", "lyon")
        .path(3, "aa", "bb");
    database.metric(3, System.currentTimeMillis() / 1000, 10);
    configure(20);
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private void configure(int flows) throws IOException {
    Files.writeString(
        folder.resolve("patronus.conf"),
        "source = netflow://127.0.0.1:%d\nmetrics-listen = off\nsnapshot-every = 1s\nplatform-flows = %d\n"
            .formatted(port, flows));
  }

  private DaemonUnderTest start() {
    Program daemon =
        Program.patronus("daemon", "--config", folder.resolve("patronus.conf").toString())
            .env("PATRONUS_DB_PATH", database.file())
            .env("PATRONUS_STATE_DIR", folder)
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
    return DaemonUnderTest.start(daemon, folder, port);
  }

  private long flows() throws SQLException {
    return database.number("SELECT count(*) FROM sdwan_flows WHERE path_id = 3 AND policy_id = 7");
  }

  @Test
  void they_come_with_a_snapshot_and_go_at_a_reload_and_at_a_stop() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long _ = sender.send(0, 443, 30);
      DaemonUnderTest.await("twenty flows", () -> flows() == 20);
      configure(0);
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("platform-flows 0");
      DaemonUnderTest.await("no flows", () -> flows() == 0);
      configure(5);
      daemon.program().signal("HUP");
      DaemonUnderTest.await("five flows", () -> flows() == 5);
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    assertEquals(0, flows());
    assertTrue(database.number("SELECT count(*) FROM sdwan_policy_stats") > 0);
  }
}
