import dev.patronus.cli.command.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// The list of what is shipped, in CycloneDX 1.6 (ECMA-424), and the licence texts of all of it.
///
/// Made from the jars that are packaged, not from the dependencies that a build tool resolves:
/// these have picocli twice, and neither the run time nor the SQLite library inside its driver.
final class BillOfMaterials {
  private static final Path LEGAL = Path.of("src/dist/legal");

  /// A library that carries the text of the Apache licence, for those that only name it.
  private static final String APACHE_TEXT_IN = "caffeine";

  private final List<Component> components = new ArrayList<>();

  /// @param licence an SPDX expression
  private record Component(
      Path jar, String group, String name, String version, String licence, String sha256) {
    String purl() {
      return "pkg:maven/" + group + "/" + name + "@" + version;
    }
  }

  /// @throws IllegalStateException if a jar is not in `src/dist/legal/components.properties`, or
  ///   one of these is not shipped
  BillOfMaterials(List<Path> jars) throws IOException {
    Properties licences = new Properties();
    try (InputStream listed = Files.newInputStream(LEGAL.resolve("components.properties"))) {
      licences.load(listed);
    }
    for (Path jar : jars) {
      if (!jar.getFileName().toString().endsWith("-sources.jar")) {
        components.add(component(jar, licences));
      }
    }
    if (!licences.isEmpty()) {
      throw new IllegalStateException(LEGAL + " lists what is not shipped: " + licences.keySet());
    }
    components.sort(Comparator.comparing(Component::purl));
  }

  private static Component component(Path jar, Properties licences) throws IOException {
    // As in a Maven repository: NAME/VERSION/NAME-VERSION.jar.
    String version = jar.getParent().getFileName().toString();
    String name = jar.getFileName().toString().replace("-" + version + ".jar", "");
    String id =
        licences.stringPropertyNames().stream()
            .filter(key -> key.endsWith(":" + name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalStateException(LEGAL + " has no licence for " + jar.getFileName()));
    String licence = licences.remove(id).toString();
    return new Component(
        jar, id.substring(0, id.indexOf(':')), name, version, licence, sha256(jar));
  }

  private static String sha256(Path file) throws IOException {
    return HexFormat.of().formatHex(Distribution.sha256().digest(Files.readAllBytes(file)));
  }

  // ---- the list

  void write(Path file) throws IOException, SQLException {
    try (JsonGenerator json =
        new JsonFactory()
            .createGenerator(
                new ObjectWriteContext.Base() {
                  @Override
                  public DefaultPrettyPrinter getPrettyPrinter() {
                    return new DefaultPrettyPrinter();
                  }
                },
                file.toFile(),
                JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringProperty("bomFormat", "CycloneDX");
      json.writeStringProperty("specVersion", "1.6");
      json.writeNumberProperty("version", 1);
      json.writeObjectPropertyStart("metadata");
      json.writeObjectPropertyStart("component");
      json.writeStringProperty("type", "application");
      json.writeStringProperty("name", "patronus");
      json.writeStringProperty("version", Version.TEXT);
      json.writeEndObject();
      json.writeEndObject();
      json.writeArrayPropertyStart("components");
      for (Component each : components) {
        json.writeStartObject();
        json.writeStringProperty("type", "library");
        json.writeStringProperty("bom-ref", each.purl());
        json.writeStringProperty("group", each.group());
        json.writeStringProperty("name", each.name());
        json.writeStringProperty("version", each.version());
        json.writeArrayPropertyStart("hashes");
        json.writeStartObject();
        json.writeStringProperty("alg", "SHA-256");
        json.writeStringProperty("content", each.sha256());
        json.writeEndObject();
        json.writeEndArray();
        licence(json, each.licence());
        json.writeStringProperty("purl", each.purl());
        json.writeEndObject();
      }
      part(json, "library", "sqlite", sqliteVersion(), "blessing");
      part(
          json,
          "platform",
          "java-runtime",
          Runtime.version().toString(),
          "GPL-2.0-only WITH Classpath-exception-2.0");
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /// What is shipped and comes from no repository.
  private static void part(
      JsonGenerator json, String type, String name, String version, String licence) {
    json.writeStartObject();
    json.writeStringProperty("type", type);
    json.writeStringProperty("bom-ref", name);
    json.writeStringProperty("name", name);
    json.writeStringProperty("version", version);
    licence(json, licence);
    json.writeEndObject();
  }

  private static void licence(JsonGenerator json, String expression) {
    json.writeArrayPropertyStart("licenses");
    json.writeStartObject();
    json.writeStringProperty("expression", expression);
    json.writeEndObject();
    json.writeEndArray();
  }

  private static String sqliteVersion() throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT sqlite_version()")) {
      return row.getString(1);
    }
  }

  // ---- the texts

  /// Copies the licences and notices that each jar carries, else the text of the licence that it
  /// names. Those of the run time are in its own folder.
  void copyLicences(Path legal) throws IOException {
    for (Component each : components) {
      Path folder = legal.resolve(each.name() + "-" + each.version());
      Files.createDirectories(folder);
      if (!copyFrom(each.jar(), folder)) {
        copyNamed(each, folder);
      }
    }
    Path sqlite = Files.createDirectories(legal.resolve("sqlite"));
    Files.copy(LEGAL.resolve("sqlite.txt"), sqlite.resolve("LICENSE"));
  }

  private static boolean copyFrom(Path jar, Path folder) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar);
        Stream<Path> files = Files.walk(zip.getPath("META-INF"))) {
      List<Path> texts = files.filter(BillOfMaterials::isLicence).toList();
      for (Path text : texts) {
        // Those of what a library contains keep the names of their folders.
        String name = zip.getPath("META-INF").relativize(text).toString().replace('/', '-');
        Files.copy(text, folder.resolve(name));
      }
      return !texts.isEmpty();
    }
  }

  private static boolean isLicence(Path file) {
    String name =
        Optional.ofNullable(file.getFileName())
            .map(Path::toString)
            .orElse("")
            .toUpperCase(Locale.ROOT);
    return (name.contains("LICENSE") || name.startsWith("NOTICE")) && Files.isRegularFile(file);
  }

  private void copyNamed(Component component, Path folder) throws IOException {
    if (component.licence().equals("Apache-2.0")) {
      Component source =
          components.stream()
              .filter(each -> each.name().equals(APACHE_TEXT_IN))
              .findFirst()
              .orElseThrow();
      boolean _ = copyFrom(source.jar(), folder);
    } else {
      Files.copy(LEGAL.resolve(component.licence() + ".txt"), folder.resolve("LICENSE"));
    }
  }
}
