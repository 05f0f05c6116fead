package dev.patronus.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandoverTest {
  private static final Json ASKED = Json.parse("{\"export\":\"stats\"}");
  private static final Mark NEXT = new Mark(7, "abc");

  @TempDir Path folder;

  private Path state() {
    return folder.resolve("state");
  }

  private Handover open() {
    return Handover.open(state(), ASKED, false);
  }

  private static void write(OutputFile file) throws IOException {
    file.out().write("rows".getBytes(StandardCharsets.UTF_8));
    file.seal();
  }

  private OutputFile begin(Handover handover) throws IOException {
    Path target = folder.resolve("out.csv");
    Path part = OutputFile.partOf(target);
    handover.begin(part);
    return OutputFile.begin(target, part);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_fresh_state_begins_before_the_first_row() throws IOException {
    try (Handover handover = open()) {
      assertEquals(Mark.START, handover.mark());
    }
  }

  @Test
  void what_was_committed_is_remembered() throws IOException {
    try (Handover handover = open()) {
      handover.commit(NEXT);
    }
    try (Handover handover = open()) {
      assertEquals(NEXT, handover.mark());
    }
  }

  @Test
  void a_delivered_file_is_there_and_remembered() throws IOException {
    try (Handover handover = open();
        OutputFile file = begin(handover)) {
      write(file);
      handover.deliver(file, NEXT);
    }
    try (Handover handover = open()) {
      assertEquals(NEXT, handover.mark());
    }
    assertEquals(List.of("out.csv", "state", "state.lock"), names());
  }

  /// The states that a crash can leave, made by hand: the text of the state file as it stands after
  /// each step, and the files beside it.
  private void crashed(String pending) throws IOException {
    Files.writeString(
        state(),
        "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":3,\"print\":\"p\"},"
            + "\"pending\":"
            + pending
            + "}");
  }

  private String part() {
    return "\"part\":\"" + folder.resolve(".out.csv.1.part") + "\"";
  }

  @Test
  void after_a_crash_while_the_file_was_written_the_part_goes_and_its_rows_come_again()
      throws IOException {
    crashed("{" + part() + "}");
    Files.writeString(folder.resolve(".out.csv.1.part"), "half");
    try (Handover handover = open()) {
      assertEquals(new Mark(3, "p"), handover.mark());
    }
    assertEquals(List.of("state", "state.lock"), names());
  }

  @Test
  void after_a_crash_before_the_part_was_made_nothing_is_amiss() throws IOException {
    crashed("{" + part() + "}");
    try (Handover handover = open()) {
      assertEquals(new Mark(3, "p"), handover.mark());
    }
  }

  @Test
  void after_a_crash_before_the_rename_the_part_goes_and_its_rows_come_again() throws IOException {
    crashed("{" + part() + ",\"mark\":{\"key\":7,\"print\":\"abc\"}}");
    Files.writeString(folder.resolve(".out.csv.1.part"), "whole");
    try (Handover handover = open()) {
      assertEquals(new Mark(3, "p"), handover.mark());
    }
    assertEquals(List.of("state", "state.lock"), names());
  }

  @Test
  void after_a_crash_behind_the_rename_the_rows_count_as_handed_over() throws IOException {
    crashed("{" + part() + ",\"mark\":{\"key\":7,\"print\":\"abc\"}}");
    try (Handover handover = open()) {
      assertEquals(NEXT, handover.mark());
    }
    try (Handover handover = open()) {
      assertEquals(NEXT, handover.mark(), "and that stays so");
    }
  }

  @Test
  void a_rename_that_fails_is_taken_back() throws IOException {
    try (Handover handover = open();
        OutputFile file = begin(handover)) {
      write(file);
      Files.createDirectories(folder.resolve("out.csv/full"));
      assertThrows(IOException.class, () -> handover.deliver(file, NEXT));
    }
    try (Handover handover = open()) {
      assertEquals(Mark.START, handover.mark());
    }
  }

  @Test
  void a_second_one_at_the_same_time_is_told_to_try_again() throws IOException {
    try (Handover _ = open()) {
      UserError error = assertThrows(UserError.class, this::open);
      assertEquals(ExitCode.BUSY, error.exitCode());
    }
    open().close();
  }

  @Test
  void another_question_is_refused_unless_it_starts_over() throws IOException {
    try (Handover handover = open()) {
      handover.commit(NEXT);
    }
    Json other = Json.parse("{\"export\":\"audit\"}");
    UserError error = assertThrows(UserError.class, () -> Handover.open(state(), other, false));
    assertEquals(ExitCode.FAILED, error.exitCode());
    try (Handover handover = Handover.open(state(), other, true)) {
      assertEquals(Mark.START, handover.mark());
    }
  }

  @Test
  void a_damaged_state_is_refused_and_left_as_it_is() throws IOException {
    for (String damaged :
        List.of(
            "",
            "no json",
            "[]",
            "{}",
            "{\"patronus_state\":2}",
            "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":-1,\"print\":\"\"}}",
            "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":1,\"print\":\"\"},"
                + "\"pending\":3}")) {
      Files.writeString(state(), damaged);
      UserError error = assertThrows(UserError.class, this::open, damaged);
      assertTrue(error.getMessage().contains("is no state of an export"), error::getMessage);
      assertEquals(damaged, Files.readString(state()));
    }
    Files.write(state(), new byte[] {(byte) 0xff, 0, 1});
    assertThrows(UserError.class, this::open);
  }

  @Test
  void a_state_in_a_folder_that_is_not_there_is_refused() {
    UserError error =
        assertThrows(
            UserError.class, () -> Handover.open(folder.resolve("no/state"), ASKED, false));
    assertTrue(error.getMessage().endsWith("there is no such folder"), error::getMessage);
  }
}
