package dev.patronus.dist;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the package says of its parts.
class BillOfMaterialsIT {
  private static final Path HOME = Path.of("target/patronus");

  private static JsonNode bill() {
    return new JsonMapper().readTree(HOME.resolve("legal/bom.json").toFile());
  }

  private static List<JsonNode> components() {
    return bill().get("components").valueStream().toList();
  }

  private static String text(JsonNode component, String name) {
    return component.get(name).asString();
  }

  @Test
  void it_lists_each_library_that_is_packaged_once() throws IOException {
    String classPath = Files.readString(Path.of("target/distribution/class-path"));
    List<String> packaged =
        Stream.of(classPath.split(":"))
            .filter(path -> path.endsWith(".jar") && !path.endsWith("-sources.jar"))
            .map(path -> Path.of(path).getFileName().toString())
            .sorted()
            .toList();
    List<String> listed =
        components().stream()
            .filter(component -> component.has("purl"))
            .map(component -> text(component, "name") + "-" + text(component, "version") + ".jar")
            .sorted()
            .toList();
    assertEquals(packaged, listed);
  }

  @Test
  void it_has_the_versions_of_the_program_its_run_time_and_sqlite() {
    JsonNode program = bill().get("metadata").get("component");
    assertEquals(Version.TEXT, text(program, "version"));
    String java = Program.of(HOME.resolve("runtime/bin/java"), "--version").run().stdout();
    String runTime = version("java-runtime");
    assertTrue(java.contains(runTime.substring(0, runTime.indexOf('+'))), java);
    assertTrue(version("sqlite-jdbc").startsWith(version("sqlite") + "."), bill()::toString);
  }

  private static String version(String name) {
    return components().stream()
        .filter(component -> text(component, "name").equals(name))
        .map(component -> text(component, "version"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void each_component_has_the_text_of_its_licence() throws IOException {
    TreeSet<String> without = new TreeSet<>();
    for (JsonNode component : components()) {
      String name = text(component, "name");
      Path texts =
          switch (name) {
            case "java-runtime" -> HOME.resolve("runtime/legal/java.base");
            case "sqlite" -> HOME.resolve("legal/sqlite");
            default -> HOME.resolve("legal/" + name + "-" + text(component, "version"));
          };
      if (licences(texts).isEmpty()) {
        without.add(name);
      }
    }
    assertEquals(new TreeSet<String>(), without);
  }

  private static Set<Path> licences(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().contains("LICENSE"))
          .filter(file -> file.toFile().length() > 0)
          .collect(toSet());
    }
  }
}
