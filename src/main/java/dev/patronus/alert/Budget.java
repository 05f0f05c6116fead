package dev.patronus.alert;

import dev.patronus.error.ErrorText;
import dev.patronus.policy.Quantity;
import dev.patronus.policy.TrafficLimit;
import java.time.DayOfWeek;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/// A volume that traffic may have in each month, week or day: `backup: policy backup 2TB per month
/// from day 15 warn 80%`.
///
/// Immutable.
///
/// @param policy the name or id of a policy, [TrafficLimit#TOTAL] or [TrafficLimit#UNMATCHED]
/// @param bytes the volume
/// @param warn the part in per cent from which on there is a warning
/// @param text the budget as it was written, without the name
public record Budget(
    String name, String policy, double bytes, BudgetPeriod period, double warn, String text) {
  private static final double WARN = 80;
  private static final String EXAMPLE = "backup: policy backup 2TB per month from day 15 warn 80%";

  /// How a volume stands to the budget.
  public enum Level {
    OK,
    /// Beyond the part that there is a warning from.
    WARNING,
    EXCEEDED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Budget {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(period, "period");
    Objects.requireNonNull(text, "text");
    if (!(bytes >= 1)) {
      throw new IllegalArgumentException("a budget must be at least 1 byte, was " + bytes);
    }
    if (!(warn > 0 && warn <= 100)) {
      throw new IllegalArgumentException("warn must be 1%..100%, was " + warn);
    }
  }

  /// The level of a volume.
  public Level level(double used) {
    double percent = percent(used);
    return percent > 100 ? Level.EXCEEDED : percent >= warn ? Level.WARNING : Level.OK;
  }

  /// A volume in per cent of the budget.
  public double percent(double used) {
    return 100 * used / bytes;
  }

  /// Reads a budget with its name.
  ///
  /// ```
  /// budget = NAME ":" ( "policy" POLICY | "total" | "unmatched" ) BYTES
  ///          "per" ( "month" [ "from" "day" 1..28 ] | "week" [ "from" WEEKDAY ] | "day" )
  ///          [ "warn" PERCENT ]
  /// ```
  ///
  /// @throws UnreadableRule that says where it cannot be read, and what can be written
  public static Budget parse(String text) {
    RuleTokens tokens = RuleTokens.of(text, EXAMPLE);
    String policy = policy(tokens);
    RuleTokens.Token volume = tokens.next("write a volume, as in 2TB");
    double bytes;
    try {
      bytes = Quantity.parse(volume.text(), Quantity.Unit.AMOUNT);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(volume.offset(), ErrorText.of(e));
    }
    tokens.requireWord("per");
    BudgetPeriod period = period(tokens);
    double warn = WARN;
    if (tokens.more()) {
      tokens.requireWord("warn");
      warn = percentage(tokens.next("write a percentage, as in 80%"));
    }
    if (tokens.more()) {
      RuleTokens.Token rest = tokens.next("");
      throw new UnreadableRule(rest.offset(), "cannot read '" + rest.text() + "'");
    }
    try {
      return new Budget(tokens.name(), policy, bytes, period, warn, tokens.rule());
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(volume.offset(), ErrorText.of(e));
    }
  }

  private static String policy(RuleTokens tokens) {
    RuleTokens.Token word = tokens.next("write policy NAME, total or unmatched");
    return switch (word.quoted() ? "" : word.text()) {
      case "policy" -> tokens.next("write the name of a policy").text();
      case TrafficLimit.TOTAL, TrafficLimit.UNMATCHED -> word.text();
      default ->
          throw new UnreadableRule(
              word.offset(),
              "cannot budget '" + word.text() + "'; write policy NAME, total or unmatched");
    };
  }

  private static BudgetPeriod period(RuleTokens tokens) {
    RuleTokens.Token word = tokens.next("write month, week or day");
    boolean from = tokens.more() && tokens.peek("").is("from");
    if (from && !word.is("day")) {
      tokens.skip();
    }
    return switch (word.text()) {
      case "month" -> new BudgetPeriod.Month(from ? dayOfMonth(tokens) : 1);
      case "week" -> new BudgetPeriod.Week(from ? weekday(tokens) : DayOfWeek.MONDAY);
      case "day" -> new BudgetPeriod.Day();
      default ->
          throw new UnreadableRule(
              word.offset(), "expected month, week or day, was '" + word.text() + "'");
    };
  }

  private static int dayOfMonth(RuleTokens tokens) {
    tokens.requireWord("day");
    RuleTokens.Token day = tokens.next("write a day of the month, 1 to 28");
    if (!day.text().matches("[1-9]|1[0-9]|2[0-8]")) {
      throw new UnreadableRule(
          day.offset(), "the day must be 1 to 28, which every month has, was '" + day.text() + "'");
    }
    return Integer.parseInt(day.text());
  }

  private static DayOfWeek weekday(RuleTokens tokens) {
    RuleTokens.Token word = tokens.next("write a weekday, as in monday");
    for (DayOfWeek day : DayOfWeek.values()) {
      if (day.name().equalsIgnoreCase(word.text())) {
        return day;
      }
    }
    throw new UnreadableRule(
        word.offset(), "expected a weekday, as in monday, was '" + word.text() + "'");
  }

  private static double percentage(RuleTokens.Token token) {
    if (!token.text().matches("[0-9]{1,3}(\\.[0-9]+)?%")) {
      throw new UnreadableRule(
          token.offset(), "expected a percentage, as in 80%, was '" + token.text() + "'");
    }
    return Double.parseDouble(token.text().replace("%", ""));
  }

  /// What will be used at the end of a period.
  ///
  /// @param used so far
  /// @param daily the median of the volumes of the last days; empty if there are too few
  /// @param secondsLeft until the end of the period
  public static OptionalDouble forecast(double used, OptionalDouble daily, long secondsLeft) {
    return daily.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(used + daily.getAsDouble() * secondsLeft / 86_400);
  }
}
