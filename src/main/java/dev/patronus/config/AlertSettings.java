package dev.patronus.config;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.Budget;
import dev.patronus.alert.Subject;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// The alert rules, and what is done when one fires or recovers.
///
/// Immutable.
///
/// @param budgets the budgets, which rules may be about
/// @param command a program that is run; empty for none
/// @param webhook a URL that a JSON document is posted to; empty for none
/// @param mail an address that is written to; empty for none
/// @param sendmail the program that sends mail
/// @param zone the zone whose hours are compared where a rule asks for what is usual
public record AlertSettings(
    List<AlertRule> rules,
    List<Budget> budgets,
    Optional<Path> command,
    Optional<URI> webhook,
    Optional<String> mail,
    Path sendmail,
    ZoneId zone) {
  /// No rules and no actions.
  public static final AlertSettings NONE =
      new AlertSettings(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Path.of("/usr/sbin/sendmail"),
          ZoneOffset.UTC);

  private static final Pattern MAIL =
      Pattern.compile("[A-Za-z0-9_+][A-Za-z0-9._%+-]*(@[A-Za-z0-9][A-Za-z0-9.-]*)?");

  public AlertSettings {
    rules = List.copyOf(rules);
    budgets = List.copyOf(budgets);
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(webhook, "webhook");
    Objects.requireNonNull(mail, "mail");
    Objects.requireNonNull(sendmail, "sendmail");
    Objects.requireNonNull(zone, "zone");
  }

  /// The same actions without a rule.
  AlertSettings withoutRules() {
    return new AlertSettings(List.of(), List.of(), command, webhook, mail, sendmail, zone);
  }

  /// What would keep an action from working, as this user and now; empty if nothing is seen.
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    command
        .filter(file -> !isProgram(file))
        .ifPresent(file -> problems.add("alert-command: " + file + " is no executable file"));
    if (mail.isPresent() && !isProgram(sendmail)) {
      problems.add(
          "alert-mail: "
              + sendmail
              + " is no executable file; install a mail server, or name the program with"
              + " alert-sendmail");
    }
    return problems;
  }

  /// The rules about policies that are not there, which never fire: `alert busy: there is no policy
  /// 'nosuch'`.
  ///
  /// @param known whether there is a policy of a name or id
  public List<String> withoutPolicy(Predicate<String> known) {
    List<String> without = new ArrayList<>();
    for (AlertRule rule : rules) {
      if (rule.subject() instanceof Subject.Traffic traffic
          && !traffic.ofSum()
          && !known.test(traffic.policy())) {
        without.add("alert " + rule.name() + ": there is no policy '" + traffic.policy() + "'");
      }
    }
    return without;
  }

  /// The rules whose limit has a unit that was probably not meant.
  public List<String> doubtfulUnits() {
    List<String> doubts = new ArrayList<>();
    for (AlertRule rule : rules) {
      rule.doubt()
          .ifPresent(doubt ->
              doubts.add(
                  "alert "
                      + rule.name()
                      + ": "
                      + doubt
                      + "; see what was understood with 'patronus alert show "
                      + rule.name()
                      + "'"));
    }
    return doubts;
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  static Path absolute(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(
          "must be the absolute path of a program, without arguments, was '" + text + "'");
    }
    return path;
  }

  static URI webhook(String text) {
    try {
      URI uri = new URI(text);
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // refused below
    }
    throw new IllegalArgumentException(
        "must be https://HOST/PATH or http://HOST/PATH, was '" + text + "'");
  }

  static String mailAddress(String text) {
    if (!MAIL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be one address, as in noc@example.net, was '" + text + "'");
    }
    return text;
  }
}
