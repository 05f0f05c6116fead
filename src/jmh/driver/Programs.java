import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Runs programs; what they print goes to a log.
abstract class Programs {
  static final Path WORK = Path.of("target/bench").toAbsolutePath();
  static final Path PROGRAM = Path.of("target/patronus/bin/patronus").toAbsolutePath();
  static final Path JAVA = Path.of(System.getProperty("java.home"), "bin/java").toAbsolutePath();

  static Process quietly(List<String> words) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(WORK.resolve("log").toFile()));
    return builder.start();
  }

  static void run(List<String> words) throws Exception {
    int code = quietly(words).waitFor();
    if (code != 0) {
      throw new IllegalStateException(
          String.join(" ", words) + ": exit code " + code + "; see " + WORK.resolve("log"));
    }
  }

  static void shell(String command) throws Exception {
    run(List.of("sh", "-c", command));
  }

  static String line(List<String> words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.strip() : "unknown";
    } catch (IOException | InterruptedException _) {
      return "unknown";
    }
  }

  /// The processor time so far of a process and its children.
  static long processorNanos(Process process) {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .mapToLong(each -> each.info().totalCpuDuration().orElseThrow().toNanos())
        .sum();
  }

  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
