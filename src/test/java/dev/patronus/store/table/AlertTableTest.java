package dev.patronus.store.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.Evaluation;
import dev.patronus.audit.Actor;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlertTableTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:00:00Z");
  private static final Actor ACTOR = new Actor("test", null, "test");

  @TempDir private Path folder;

  private static AlertState state(Phase phase, OptionalDouble value) {
    return new AlertState(
        phase,
        AT,
        phase == Phase.FIRING,
        phase == Phase.OK ? Optional.empty() : Optional.of(AT),
        new Evaluation(value, value, false, false, value.isPresent() ? "" : "nothing there"));
  }

  private static Map<String, AlertState> states() {
    Map<String, AlertState> states = new LinkedHashMap<>();
    states.put("ok", state(Phase.OK, OptionalDouble.empty()));
    states.put("firing", state(Phase.FIRING, OptionalDouble.of(2.5)));
    return states;
  }

  private static void save(Database database, Map<String, AlertState> states) {
    boolean _ =
        database.write(
            ACTOR,
            AT,
            transaction -> {
              AlertTable.save(transaction, states, AT);
              return true;
            });
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void states_are_read_as_they_were_saved(Age age) throws Exception {
    Path file = SampleDatabase.make(folder, age);
    try (Database database = Database.openWritable(file)) {
      assertEquals(Map.of(), new AlertTable(database).states());
      save(database, states());
    }
    try (Database database = Database.openReadOnly(file)) {
      Map<String, AlertTable.Row> read = new AlertTable(database).states();
      assertEquals(states().keySet(), read.keySet());
      states().forEach((name, state) -> assertEquals(state, read.get(name).state()));
      assertEquals(AT, read.get("ok").evaluated());
    }
  }

  @Test
  void states_of_rules_that_are_gone_go_with_the_next_round() throws Exception {
    try (Database database = Database.openWritable(SampleDatabase.make(folder, Age.NEWEST))) {
      save(database, states());
      save(database, Map.of("other", state(Phase.PENDING, OptionalDouble.of(1))));
      assertEquals(1, new AlertTable(database).states().size());
    }
  }

  @Test
  void a_value_without_end_is_saved_as_none() throws Exception {
    try (Database database = Database.openWritable(SampleDatabase.make(folder, Age.NEWEST))) {
      save(
          database,
          Map.of("idle", state(Phase.FIRING, OptionalDouble.of(Double.POSITIVE_INFINITY))));
      assertTrue(
          new AlertTable(database).states().get("idle").state().evaluation().value().isEmpty());
    }
  }

  @Test
  void a_silence_is_replaced_and_ended_and_each_has_its_audit_row() throws Exception {
    Path file = SampleDatabase.make(folder, Age.NEWEST);
    try (Database database = Database.openWritable(file)) {
      AlertTable table = new AlertTable(database);
      table.silence("busy", AT.plusSeconds(60), ACTOR, AT);
      table.silence("busy", AT.plusSeconds(7200), ACTOR, AT);
      assertEquals(Map.of("busy", AT.plusSeconds(7200)), table.silences());
      table.silence("busy", AT, ACTOR, AT);
      assertEquals(Map.of(), table.silences());
    }
    try (PlatformDatabase platform = PlatformDatabase.open(file)) {
      assertEquals(
          "alert_silence|{\"alert_silence\":{\"alert\":\"busy\",\"until\":\"2026-11-23T16:00:00Z\"}}",
          platform
              .rows(
                  "SELECT event_type, event_data FROM audit_logs"
                      + " WHERE event_type = 'alert_silence' ORDER BY id")
              .get(1));
    }
  }
}
