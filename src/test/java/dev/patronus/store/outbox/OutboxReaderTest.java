package dev.patronus.store.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.audit.Actor;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxReaderTest {
  private static final Actor ACTOR = new Actor("patronus", null, "test");
  private static final Instant NOW = Instant.parse("2026-10-11T09:13:20Z");
  private static final long LIMIT = 1_000_000;

  @TempDir private Path home;
  @AutoClose private PlatformDatabase platform;
  @AutoClose private Database database;
  private Outbox outbox;

  @BeforeEach
  void openTheOutbox() throws Exception {
    platform = PlatformDatabase.create(home, PlatformDatabase.Age.NEWEST);
    database = Database.openWritable(platform.file());
    outbox = new Outbox(database, ACTOR);
    outbox.enable(NOW);
  }

  private void unmatched(long second) throws Exception {
    platform.run("INSERT INTO patronus_unmatched_stats VALUES (" + second + ", 1, 2, 3)");
  }

  private static List<String> unmatched(Batch batch) throws UnreadableJson {
    Json.Obj call = (Json.Obj) Json.parse("{\"rows\":" + batch.rows() + batch.members() + "}");
    return call.list("unmatched").stream().map(Json::toString).toList();
  }

  @Test
  void a_row_that_is_added_while_the_base_is_sent_is_in_a_batch_once() throws Exception {
    unmatched(1);
    Marks marks = outbox.begin("token", Outbox.Shared.NONE, NOW);
    unmatched(2);
    List<String> sent = unmatched(new OutboxReader(database, LIMIT).next(marks));
    assertEquals(List.of("[1,1,2,3]", "[2,1,2,3]"), sent);
  }
}
