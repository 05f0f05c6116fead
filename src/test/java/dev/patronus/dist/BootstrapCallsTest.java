package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What packaging makes of switches over types and of records: the same program.
class BootstrapCallsTest {

  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin/java");
  private static final String PACKAGE = "dev/patronus/dist";

  @TempDir private Path folder;

  @Test
  void rewritten_classes_say_the_same() throws IOException {
    copySample();
    String before = shown();
    assertNotEquals("", before);
    assertNotEquals(0, calls());

    rewrite();
    assertEquals(0, calls());
    assertEquals(before, shown());
  }

  private void copySample() throws IOException {
    Path target = Files.createDirectories(folder.resolve(PACKAGE));
    for (Path file : classes(Path.of("target/test-classes", PACKAGE))) {
      Files.copy(file, target.resolve(file.getFileName()));
    }
    assertFalse(classes(target).isEmpty());
  }

  private static List<Path> classes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith("RewrittenSample")).toList();
    }
  }

  private void rewrite() {
    ProgramOutcome outcome = Program.of(JAVA, "src/build/java/BootstrapCalls.java", folder).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  private String shown() {
    ProgramOutcome outcome =
        Program.of(JAVA, "-cp", folder, "dev.patronus.dist.RewrittenSample").run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout();
  }

  /// How many calls are left that make their code at run time.
  private long calls() throws IOException {
    long count = 0;
    for (Path file : classes(folder.resolve(PACKAGE))) {
      ClassModel model = ClassFile.of().parse(file);
      count +=
          model.methods().stream()
              .flatMap(method -> method.code().stream())
              .flatMap(CodeModel::elementStream)
              .filter(InvokeDynamicInstruction.class::isInstance)
              .map(InvokeDynamicInstruction.class::cast)
              .map(call -> call.bootstrapMethod().owner().displayName())
              .filter(owner -> owner.equals("SwitchBootstraps") || owner.equals("ObjectMethods"))
              .count();
    }
    return count;
  }
}
