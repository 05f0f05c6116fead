package dev.patronus.cli.policy;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.UnreadableJson;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Policies in a JSON file, which need not be in force: a list of objects, or the document that
/// `policy list --json` and `export policies -o json` write.
final class PolicyFile {
  private static final long LARGEST = 64 << 20;

  private PolicyFile() {}

  /// Reads the policies.
  ///
  /// @throws UserError that says which policy cannot be read, and why
  static List<Policy> read(Path file) {
    Database.requireNotOpen(file, "file of policies");
    JsonNode root;
    try (InputStream in = Files.newInputStream(file)) {
      if (Files.size(file) > LARGEST) {
        throw new UserError(ExitCode.USAGE, file + " is too large for a file of policies");
      }
      root = new JsonMapper().readTree(in);
    } catch (NoSuchFileException e) {
      throw new UserError(ExitCode.FAILED, "there is no file " + file + " with policies", e);
    } catch (IOException e) {
      throw new UserError(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new UserError(
          ExitCode.USAGE,
          file + " is no JSON: " + UnreadableJson.reason(e.getOriginalMessage()) + place(e),
          e);
    }
    JsonNode list = root.isObject() ? root.path("policies") : root;
    list = list.isArray() ? list : root.path("rows");
    if (!list.isArray()) {
      throw new UserError(
          ExitCode.USAGE,
          file
              + " has no list of policies; 'patronus policy list --json' shows what it can look"
              + " like");
    }
    List<Policy> policies = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    for (JsonNode node : list) {
      int number = policies.size() + 1;
      try {
        policies.add(policy(node, number));
      } catch (IllegalArgumentException e) {
        throw new UserError(
            ExitCode.USAGE, file + ": policy number " + number + ": " + e.getMessage(), e);
      }
      if (!ids.add(policies.getLast().id())) {
        throw new UserError(
            ExitCode.USAGE, file + ": policy number " + number + ": its policy_id is there twice");
      }
    }
    return policies;
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  private static Policy policy(JsonNode node, int number) {
    if (!node.isObject()) {
      throw new IllegalArgumentException("it is no object");
    }
    JsonNode name = node.path("name");
    if (!name.isString()) {
      throw new IllegalArgumentException("it has no name");
    }
    JsonNode id = node.path("policy_id");
    JsonNode priority = node.path("priority");
    if (!priority.isIntegralNumber()) {
      throw new IllegalArgumentException("'" + name.stringValue() + "' has no priority");
    }
    JsonNode enabled = node.path("enabled");
    return new Policy(
        id.isMissingNode()
            ? number
            : PolicyId.parse(id.isString() ? id.stringValue() : id.toString()),
        name.stringValue(),
        priority.longValue(),
        enabled.isMissingNode()
            || (enabled.isBoolean() ? enabled.booleanValue() : enabled.asInt() != 0),
        Rules.read(json(node.path("match_rules"), "{}")),
        Preference.read(json(node.path("path_preference"), "\"LowestLatency\"")));
  }

  /// The JSON of a member: as it stands, or as a text that holds it.
  private static String json(JsonNode node, String absent) {
    if (node.isMissingNode() || node.isNull()) {
      return absent;
    }
    boolean held = node.isString() && node.stringValue().matches("\\s*[\\[{\"].*");
    return held ? node.stringValue() : node.toString();
  }
}
