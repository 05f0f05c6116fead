package dev.patronus.cli.policy;

import dev.patronus.cli.option.Finder;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
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
  static final Column<PolicyTable.Row> MATCHES =
      Column.of("matches", Kind.TEXT, row -> matches(row.policy().rules()));
  static final Column<PolicyTable.Row> PREFERS =
      Column.of("prefers", Kind.TEXT, row -> prefers(row.policy().preference()));
  static final Column<PolicyTable.Row> PROBLEMS =
      Column.of("problems", Kind.TEXT, row -> problems(row.policy()));

  private PolicyTexts() {}

  static String id(PolicyTable.Row row) {
    return PolicyId.format(row.policy().id());
  }

  /// The rules as they are stored.
  static Column<PolicyTable.Row> matchRules(Format format) {
    return Column.of("match_rules", Kind.TEXT, row -> asWritten(row.matchRules(), format));
  }

  /// The preference as it is stored.
  static Column<PolicyTable.Row> pathPreference(Format format) {
    return Column.of("path_preference", Kind.TEXT, row -> asWritten(row.pathPreference(), format));
  }

  static Finder<PolicyTable.Row> finder(List<PolicyTable.Row> all) {
    return new Finder<>("policy", all, PolicyTexts::id, row -> row.policy().name(), "policy list");
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

  /// The same of a preference that is written as the database has it: `HighestBandwidth`; another
  /// text as it is.
  static String prefers(String written) {
    for (PathPreference.Single single : PathPreference.Single.values()) {
      if (single.toString().equals(written)) {
        return prefers(single);
      }
    }
    return written;
  }

  /// What cannot be read of it; empty where all can.
  static List<String> problems(Policy policy) {
    List<String> problems = new ArrayList<>();
    if (policy.rules() instanceof Invalid(String problem)) {
      problems.add("match_rules: " + problem);
    }
    if (policy.preference() instanceof Invalid(String problem)) {
      problems.add("path_preference: " + problem);
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
  private static Object asWritten(String stored, Format format) {
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
