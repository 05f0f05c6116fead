package dev.patronus.output.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileRights;
import dev.patronus.file.FileStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportStateTest {
  private static final Map<String, Object> ASKED = Map.of("export", "stats");
  private static final Checkpoint NEXT = new Checkpoint(7, "abc");

  @TempDir Path folder;

  private Path state() {
    return folder.resolve("state");
  }

  private Path target() {
    return folder.resolve("out.csv");
  }

  private ExportState.Wanted wanted(boolean restart, boolean again) {
    return new ExportState.Wanted(ASKED, Optional.of(target()), restart, again);
  }

  private ExportState open() {
    return ExportState.open(state(), wanted(false, false));
  }

  private UserError refusal() {
    return assertThrows(UserError.class, this::open);
  }

  private static void write(AtomicFile file) throws IOException {
    file.out().write("rows".getBytes(StandardCharsets.UTF_8));
  }

  private AtomicFile begin(ExportState exportState) throws IOException {
    Path part = AtomicFile.temporaryOf(target());
    exportState.begin(part);
    return AtomicFile.begin(target(), part, FileRights.OUTPUT);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_fresh_state_begins_before_the_first_row() throws IOException {
    try (ExportState exportState = open()) {
      assertEquals(Checkpoint.START, exportState.checkpoint());
    }
  }

  @Test
  void what_was_committed_is_remembered() throws IOException {
    try (ExportState exportState = open()) {
      exportState.commit(NEXT);
    }
    try (ExportState exportState = open()) {
      assertEquals(NEXT, exportState.checkpoint());
    }
  }

  @Test
  void a_delivered_file_is_there_and_remembered() throws IOException {
    try (ExportState exportState = open();
        AtomicFile file = begin(exportState)) {
      write(file);
      exportState.deliver(file, NEXT, false);
    }
    try (ExportState exportState = open()) {
      assertEquals(NEXT, exportState.checkpoint());
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
    return "\"part\":\"" + folder.resolve(".out.csv.0123abcd.part") + "\"";
  }

  @Test
  void after_a_crash_while_the_file_was_written_the_part_goes_and_its_rows_come_again()
      throws IOException {
    crashed("{" + part() + "}");
    Files.writeString(folder.resolve(".out.csv.0123abcd.part"), "half");
    try (ExportState exportState = open()) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
    assertEquals(List.of("state", "state.lock"), names());
  }

  @Test
  void after_a_crash_before_the_part_was_made_nothing_is_amiss() throws IOException {
    crashed("{" + part() + "}");
    try (ExportState exportState = open()) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
  }

  @Test
  void after_a_crash_before_the_rename_the_part_goes_and_its_rows_come_again() throws IOException {
    crashed("{" + part() + ",\"mark\":{\"key\":7,\"print\":\"abc\"}}");
    Files.writeString(folder.resolve(".out.csv.0123abcd.part"), "whole");
    try (ExportState exportState = open()) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
    assertEquals(List.of("state", "state.lock"), names());
  }

  private String prepared() {
    return "{" + part() + ",\"inode\":1,\"size\":4,\"mark\":{\"key\":7,\"print\":\"abc\"}}";
  }

  @Test
  void after_a_crash_behind_the_rename_the_rows_count_as_handed_over() throws IOException {
    Files.writeString(target(), "rows");
    long inode = FileStatus.of(target()).orElseThrow().inode();
    crashed(prepared().replace("\"inode\":1", "\"inode\":" + inode));
    try (ExportState exportState = open()) {
      assertEquals(NEXT, exportState.checkpoint());
    }
    try (ExportState exportState = open()) {
      assertEquals(NEXT, exportState.checkpoint(), "and that stays so");
    }
    assertEquals(List.of("out.csv", "state", "state.lock"), names());
  }

  @Test
  void a_file_that_got_its_name_counts_when_its_reader_has_taken_it_away() throws IOException {
    crashed(prepared());
    Files.writeString(folder.resolve(".out.csv.0123abcd.part.receipt"), "rows");
    try (ExportState exportState = open()) {
      assertEquals(NEXT, exportState.checkpoint());
    }
    assertEquals(List.of("state", "state.lock"), names());
  }

  @Test
  void a_file_that_is_not_to_be_found_does_not_count_as_handed_over() throws IOException {
    crashed(prepared());
    String before = Files.readString(state());
    UserError error = refusal();
    assertEquals(ExitCode.REFUSED, error.exitCode());
    assertEquals(
        "the last export was interrupted, and its file "
            + target()
            + " was not found; if its folder is not mounted, mount it; to export its"
            + " rows again, add --force",
        error.getMessage());
    assertEquals(before, Files.readString(state()));
    try (ExportState exportState = ExportState.open(state(), wanted(false, true))) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
  }

  @Test
  void another_file_of_the_name_does_not_count_as_handed_over() throws IOException {
    crashed(prepared());
    Files.writeString(target(), "other rows");
    assertEquals(ExitCode.REFUSED, refusal().exitCode());
    assertEquals("other rows", Files.readString(target()));
  }

  @Test
  void a_state_deletes_nothing_that_is_not_a_part_of_its_export() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim.txt"), "precious");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path other = Files.writeString(elsewhere.resolve(".out.csv.0123abcd.part"), "precious");
    Path link = Files.createSymbolicLink(folder.resolve(".out.csv.0123abce.part"), victim);
    Path directory = Files.createDirectory(folder.resolve(".out.csv.0123abcf.part"));
    for (Path named : List.of(victim, other, link, directory, Path.of("victim.txt"))) {
      crashed("{\"part\":\"" + named + "\"}");
      UserError error = refusal();
      assertEquals(ExitCode.REFUSED, error.exitCode());
      assertTrue(error.getMessage().contains("nothing was deleted"), error::getMessage);
      ExportState.open(state(), wanted(true, false)).close();
    }
    for (Path kept : List.of(victim, other, link, directory)) {
      assertTrue(Files.exists(kept, LinkOption.NOFOLLOW_LINKS), kept::toString);
    }
  }

  @Test
  void the_part_has_its_name_on_the_disk_and_a_receipt_before_the_state_counts_on_it()
      throws IOException {
    try (ExportState exportState = open();
        AtomicFile file = begin(exportState)) {
      write(file);
      Files.createDirectories(folder.resolve("out.csv/full"));
      assertThrows(IOException.class, () -> exportState.deliver(file, NEXT, true));
      assertFalse(names().contains(file.temporary().getFileName() + ".receipt"), "taken back");
    }
    assertEquals(List.of("out.csv", "state", "state.lock"), names());
  }

  @Test
  void only_an_empty_file_or_a_state_is_started_over() throws IOException {
    Files.writeString(state(), "precious");
    UserError error =
        assertThrows(UserError.class, () -> ExportState.open(state(), wanted(true, false)));
    assertTrue(
        error.getMessage().endsWith("; it was not changed; use another file with --since-last"),
        error::getMessage);
    assertEquals("precious", Files.readString(state()));
    Files.writeString(state(), "");
    ExportState.open(state(), wanted(true, false)).close();
  }

  @Test
  void a_run_that_is_refused_leaves_no_lock_that_was_not_there() throws IOException {
    Files.writeString(state(), "precious");
    assertThrows(UserError.class, this::open);
    assertEquals(List.of("state"), names());
    Files.createFile(folder.resolve("state.lock"));
    assertThrows(UserError.class, this::open);
    assertEquals(List.of("state", "state.lock"), names());
  }

  @Test
  void a_state_and_its_lock_are_for_their_owner_alone() throws IOException {
    try (ExportState exportState = open()) {
      exportState.commit(NEXT);
    }
    for (String name : List.of("state", "state.lock")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))));
    }
  }

  @Test
  void what_was_deleted_when_the_mark_passed_is_remembered() throws IOException {
    Checkpoint mark =
        new Checkpoint(
            9, "p", 4, List.of(new Checkpoint.Absent(-1, 2, 5), new Checkpoint.Absent(7, 3, 3)));
    try (ExportState exportState = open()) {
      exportState.commit(mark);
    }
    try (ExportState exportState = open()) {
      assertEquals(mark, exportState.checkpoint());
    }
  }

  @Test
  void a_rename_that_fails_is_taken_back() throws IOException {
    try (ExportState exportState = open();
        AtomicFile file = begin(exportState)) {
      write(file);
      Files.createDirectories(folder.resolve("out.csv/full"));
      assertThrows(IOException.class, () -> exportState.deliver(file, NEXT, false));
    }
    try (ExportState exportState = open()) {
      assertEquals(Checkpoint.START, exportState.checkpoint());
    }
  }

  @Test
  void a_second_one_at_the_same_time_is_told_to_try_again() throws IOException {
    try (ExportState _ = open()) {
      UserError error = assertThrows(UserError.class, this::open);
      assertEquals(ExitCode.BUSY, error.exitCode());
    }
    open().close();
  }

  @Test
  void another_question_is_refused_unless_it_starts_over() throws IOException {
    try (ExportState exportState = open()) {
      exportState.commit(NEXT);
    }
    Map<String, Object> other = Map.of("export", "audit");
    UserError error =
        assertThrows(
            UserError.class,
            () ->
                ExportState.open(
                    state(), new ExportState.Wanted(other, Optional.of(target()), false, false)));
    assertEquals(ExitCode.FAILED, error.exitCode());
    try (ExportState exportState =
        ExportState.open(
            state(), new ExportState.Wanted(other, Optional.of(target()), true, false))) {
      assertEquals(Checkpoint.START, exportState.checkpoint());
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
            "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":null,\"print\":\"\"}}",
            "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":1}}",
            "{\"patronus_state\":1,\"asked\":{\"export\":\"stats\"},\"mark\":{\"key\":1,\"print\":\"\"},"
                + "\"pending\":3}")) {
      Files.writeString(state(), damaged);
      UserError error = assertThrows(UserError.class, this::open, damaged);
      assertTrue(error.getMessage().contains("is not an export state file"), error::getMessage);
      assertFalse(error.getMessage().contains("expecting"), error::getMessage);
      assertEquals(damaged, Files.readString(state()));
    }
    Files.write(state(), new byte[] {(byte) 0xff, 0, 1});
    assertThrows(UserError.class, this::open);
  }

  @Test
  void a_state_in_a_folder_that_is_not_there_is_refused() {
    UserError error =
        assertThrows(
            UserError.class,
            () -> ExportState.open(folder.resolve("no/state"), wanted(false, false)));
    assertTrue(error.getMessage().endsWith("there is no such folder"), error::getMessage);
  }

  private String elsewhere() throws IOException {
    Files.createDirectories(folder.resolve("elsewhere"));
    return "\"part\":\"" + folder.resolve("elsewhere/.x.csv.0123abcd.part") + "\"";
  }

  @Test
  void a_run_in_another_folder_that_deleted_its_part_itself_is_no_obstacle() throws IOException {
    crashed("{" + elsewhere() + "}");
    try (ExportState exportState = open()) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
  }

  @Test
  void with_force_a_run_in_another_folder_is_left_and_its_undelivered_rows_come_again()
      throws IOException {
    crashed("{" + elsewhere() + "}");
    Path part = Files.writeString(folder.resolve("elsewhere/.x.csv.0123abcd.part"), "half");
    assertEquals(ExitCode.REFUSED, refusal().exitCode());
    assertTrue(refusal().getMessage().contains("add --force"), refusal()::getMessage);
    try (ExportState exportState = ExportState.open(state(), wanted(false, true))) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
    assertTrue(Files.exists(part));
  }

  @Test
  void with_force_rows_that_a_run_in_another_folder_delivered_do_not_come_again()
      throws IOException {
    crashed("{" + elsewhere() + ",\"mark\":{\"key\":7,\"print\":\"abc\"}}");
    Files.writeString(folder.resolve("elsewhere/.x.csv.0123abcd.part.receipt"), "whole");
    assertEquals(ExitCode.REFUSED, refusal().exitCode());
    try (ExportState exportState = ExportState.open(state(), wanted(false, true))) {
      assertEquals(NEXT, exportState.checkpoint());
    }
  }

  @Test
  void a_run_in_another_folder_whose_file_may_have_got_its_name_is_refused_without_force()
      throws IOException {
    crashed("{" + elsewhere() + ",\"mark\":{\"key\":7,\"print\":\"abc\"}}");
    assertEquals(ExitCode.REFUSED, refusal().exitCode());
    try (ExportState exportState = ExportState.open(state(), wanted(false, true))) {
      assertEquals(new Checkpoint(3, "p"), exportState.checkpoint());
    }
  }
}
