package dev.patronus.cli.policy;

import dev.patronus.cli.option.Finder;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.output.Format;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyFinding;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.store.table.PolicyTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How policies read in answers.
final class PolicyTexts {
  private PolicyTexts() {}

  static Finder<PolicyTable.Row> finder(List<PolicyTable.Row> all) {
    return new Finder<>(
        "policy",
        all,
        row -> PolicyId.format(row.policy().id()),
        row -> row.policy().name(),
        "policy list");
  }

  /// What it takes, in words.
  static String matches(Rules rules) {
    return switch (rules) {
      case MatchRules conditions -> conditions.describe();
      case Invalid _ -> "nothing: invalid rule";
    };
  }

  /// What it chooses its path by, in a word or two.
  static String prefers(Preference preference) {
    return switch (preference) {
      case PathPreference.Single single ->
          single
              .name()
              .substring(single.name().indexOf('_') + 1)
              .replace('_', ' ')
              .toLowerCase(Locale.ROOT);
      case PathPreference.Custom _ -> "weights";
      case Invalid _ -> "invalid";
    };
  }

  /// What cannot be read of it; empty where all can.
  static List<String> problems(Policy policy) {
    List<String> problems = new ArrayList<>();
    if (policy.rules() instanceof Invalid(String complaint)) {
      problems.add("match_rules: " + complaint);
    }
    if (policy.preference() instanceof Invalid(String complaint)) {
      problems.add("path_preference: " + complaint);
    }
    return problems;
  }

  /// What is wrong with a policy, as a sentence.
  static String sentence(PolicyFinding found) {
    return "policy '"
        + found.policy().name()
        + "' ("
        + PolicyId.format(found.policy().id())
        + ") "
        + found.message()
        + ".";
  }

  /// A stored text as it is: the JSON value itself inside JSON, the text elsewhere and where it is
  /// none.
  static Object asWritten(String stored, Format format) {
    if (format == Format.TABLE || format == Format.CSV) {
      return stored;
    }
    try {
      return Json.parse(stored);
    } catch (UnreadableJson _) {
      return stored;
    }
  }
}
