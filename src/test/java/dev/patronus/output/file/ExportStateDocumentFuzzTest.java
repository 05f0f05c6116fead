package dev.patronus.output.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.output.file.ExportStateDocument.Pending;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class ExportStateDocumentFuzzTest {
  static Stream<byte[]> seeds() {
    Map<String, Object> asked = Map.of("table", "policy_stats");
    Checkpoint mark = new Checkpoint(7, "0123", 2, List.of(new Checkpoint.Absent(1, 2, 3)));
    return Stream.of(
            new ExportStateDocument(asked, Checkpoint.START, Optional.empty()),
            new ExportStateDocument(
                asked, mark, Optional.of(new Pending("/a/.b", 5, 6, Optional.of(mark)))),
            new ExportStateDocument(asked, mark, Optional.of(Pending.begun(Path.of("/a/.b")))))
        .map(state -> state.toText().getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_refused_or_is_a_state_whose_text_means_the_same(byte[] input) {
    ExportStateDocument read;
    try {
      read = ExportStateDocument.parse(new String(input, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return; // what the reader of the file turns into a message
    }
    assertEquals(read, ExportStateDocument.parse(read.toText()));
  }
}
