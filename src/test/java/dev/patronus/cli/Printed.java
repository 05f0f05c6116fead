package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

/// What a command printed for programs, as somebody else's strict parser reads it.
final class Printed {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final CsvMapper CSV =
      CsvMapper.builder().enable(CsvReadFeature.WRAP_AS_ARRAY).build();

  private Printed() {}

  /// The one document of `-o json`: it ends its line, begins with its schema, and its names are
  /// written as the database's.
  static JsonNode document(String text) {
    assertTrue(text.endsWith("}\n"), text);
    JsonNode document = JSON.readTree(text);
    assertEquals("schema", document.propertyNames().iterator().next(), text);
    assertEquals(1, document.get("schema").asInt(), text);
    namesAreSnakeCase(document);
    return document;
  }

  private static void namesAreSnakeCase(JsonNode node) {
    for (String name : node.propertyNames()) {
      assertTrue(name.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"), name);
      namesAreSnakeCase(node.get(name));
    }
    if (node.isArray()) {
      node.forEach(Printed::namesAreSnakeCase);
    }
  }

  /// The objects of `-o ndjson`, which all have the same names.
  static List<JsonNode> lines(String text) {
    assertTrue(text.isEmpty() || text.endsWith("}\n"), text);
    List<JsonNode> objects = new ArrayList<>();
    for (String line : text.lines().toList()) {
      JsonNode object = JSON.readTree(line);
      assertTrue(object.isObject(), line);
      objects.add(object);
      assertEquals(objects.getFirst().propertyNames(), object.propertyNames());
    }
    return objects;
  }

  /// The rows of `-o csv`, the header first; all are of the same length (RFC 4180).
  static List<List<String>> csv(String text) throws IOException {
    assertTrue(text.endsWith("\r\n"), text);
    List<List<String>> rows = new ArrayList<>();
    for (String[] row : CSV.readerFor(String[].class).<String[]>readValues(text).readAll()) {
      rows.add(List.of(row));
    }
    assertFalse(rows.isEmpty(), text);
    for (List<String> row : rows) {
      assertEquals(rows.getFirst().size(), row.size(), text);
    }
    return rows;
  }

  /// The document of an error.
  static JsonNode error(String text, ExitCode code) {
    JsonNode document = JSON.readTree(text);
    assertEquals(1, document.get("schema").asInt(), text);
    assertFalse(document.get("success").asBoolean());
    assertEquals(code.word(), document.get("error").asString());
    assertEquals(code.code(), document.get("exit_code").asInt());
    assertFalse(document.get("message").asString().isEmpty());
    return document;
  }
}
