package dev.patronus.alert;

import dev.patronus.alert.RuleTokens.Token;
import dev.patronus.alert.Subject.PathMeasure;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.policy.Quantity;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficLimit.Relation;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Reads the text of an alert rule.
///
/// ```
/// rule    = NAME ":" what { "for" DURATION | "clear" BOUND | "cooldown" DURATION }
/// what    = ( "policy" POLICY | "total" | "unmatched" ) measure RELATION bound
///         | "age" RELATION DURATION
///         | "path" ID path-measure RELATION bound
///         | "site" SITE "not-seen" DURATION
///         | "disk" [ RELATION ( BYTES | PERCENT ) ]
///         | "drops" [ RELATION NUMBER ]
///         | "sampling" "changed"
///         | "budget" NAME [ "forecast" ] [ RELATION PERCENT ]
/// bound   = QUANTITY | PERCENT "of" "usual"
/// ```
///
/// Names with blanks stand in double quotes. Confined to one thread.
final class RuleParser {
  private static final Pattern PERCENTAGE = Pattern.compile("[0-9]+(\\.[0-9]+)?%");
  private static final String SUBJECTS =
      "write policy NAME, total, unmatched, age, path ID, site NAME, disk, drops, sampling or"
          + " budget NAME";

  private final RuleTokens tokens;
  private Optional<String> doubt = Optional.empty();

  RuleParser(String text) {
    this.tokens = RuleTokens.of(text, "busy: policy voice byte-rate > 10M for 5m");
  }

  AlertRule rule() {
    Draft draft = what();
    Duration hold = Duration.ZERO;
    Duration cooldown = AlertRule.COOLDOWN;
    OptionalDouble clear = OptionalDouble.empty();
    while (tokens.more()) {
      Token word = tokens.next("");
      switch (word.quoted() ? "" : word.text()) {
        case "for" -> hold = duration();
        case "cooldown" -> cooldown = duration();
        case "clear" -> clear = OptionalDouble.of(clear(draft));
        default ->
            throw new UnreadableRule(
                word.offset(),
                "cannot read '" + word.text() + "'; write for TIME, clear VALUE or cooldown TIME");
      }
    }
    return new AlertRule(
        tokens.name(),
        draft.subject(),
        draft.relation(),
        draft.bound(),
        clear,
        hold,
        cooldown,
        tokens.rule(),
        doubt);
  }

  /// What is measured and compared.
  ///
  /// @param unit of the numbers, for traffic
  private record Draft(Subject subject, Relation relation, Bound bound, Quantity.Unit unit) {
    Draft(Subject subject, Relation relation, Bound bound) {
      this(subject, relation, bound, Quantity.Unit.AMOUNT);
    }
  }

  private Draft what() {
    Token word = tokens.next(SUBJECTS);
    return switch (word.quoted() ? "" : word.text()) {
      case "policy" -> traffic(tokens.next("write the name of a policy").text());
      case TrafficLimit.TOTAL, TrafficLimit.UNMATCHED -> traffic(word.text());
      case "age" ->
          new Draft(new Subject.SnapshotAge(), relation(), quantity(Quantity.Unit.SECONDS));
      case "path" -> path();
      case "site" -> site();
      case "disk" -> disk();
      case "drops" -> drops();
      case "sampling" -> sampling();
      case "budget" -> budget();
      default ->
          throw new UnreadableRule(
              word.offset(), "cannot measure '" + word.text() + "'; " + SUBJECTS);
    };
  }

  private Draft traffic(String policy) {
    Token word =
        tokens.next("write packets, bytes, flows, packet-rate, byte-rate, bit-rate or idle");
    Subject.Traffic subject;
    try {
      subject = new Subject.Traffic(policy, Measure.of(word.text()));
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(word.offset(), ErrorText.of(e));
    }
    Relation relation = relation();
    Token number = tokens.peek("write a number");
    if (!PERCENTAGE.matcher(number.text()).matches()) {
      Quantity.Unit unit = Measure.unitOf(word.text());
      Bound bound = quantity(unit);
      doubt = Measure.doubt(word.text(), number.text());
      return new Draft(subject, relation, bound, unit);
    }
    tokens.skip();
    tokens.requireWord("of");
    tokens.requireWord("usual");
    if (!subject.hasUsual()) {
      throw new UnreadableRule(
          number.offset(), "only byte-rate and packet-rate have a usual value");
    }
    return new Draft(subject, relation, new Bound.OfUsual(percentage(number)));
  }

  private Draft path() {
    Token id = tokens.next("write the id of a path");
    if (!id.text().matches("[0-9]{1,18}")) {
      throw new UnreadableRule(
          id.offset(), "a path is given by its number, was '" + id.text() + "'");
    }
    Token word = tokens.next("write latency, jitter, loss, bandwidth, score or age");
    for (PathMeasure measure : PathMeasure.values()) {
      if (word.is(measure.word())) {
        Subject subject = new Subject.PathValue(Long.parseLong(id.text()), measure);
        return new Draft(subject, relation(), number(subject));
      }
    }
    throw new UnreadableRule(
        word.offset(),
        "cannot measure '"
            + word.text()
            + "' of a path; write latency, jitter, loss, bandwidth, score or age");
  }

  private Draft site() {
    Token site = tokens.next("write the name of a site");
    tokens.requireWord("not-seen");
    Duration limit = duration();
    return new Draft(
        new Subject.SiteSilence(site.text()),
        Relation.MORE,
        new Bound.Fixed((double) limit.toSeconds()));
  }

  private Draft disk() {
    Optional<Relation> relation = relationIfAny();
    if (relation.isEmpty()) {
      return new Draft(new Subject.DiskFree(true), Relation.LESS, new Bound.Fixed(10));
    }
    Token number = tokens.peek("write the room that must be left, as in 10% or 5GB");
    boolean percent = number.text().endsWith("%");
    Subject subject = new Subject.DiskFree(percent);
    return new Draft(subject, relation.get(), number(subject));
  }

  private Draft drops() {
    Optional<Relation> relation = relationIfAny();
    Subject subject = new Subject.Drops();
    return relation.isEmpty()
        ? new Draft(subject, Relation.MORE, new Bound.Fixed(0))
        : new Draft(subject, relation.get(), number(subject));
  }

  private Draft sampling() {
    tokens.requireWord("changed");
    return new Draft(new Subject.SamplingChanges(), Relation.MORE, new Bound.Fixed(0));
  }

  private Draft budget() {
    String name = tokens.next("write the name of a budget").text();
    boolean forecast = tokens.more() && tokens.peek("").is("forecast");
    if (forecast) {
      tokens.skip();
    }
    Optional<Relation> relation = relationIfAny();
    Subject subject = new Subject.BudgetUse(name, forecast);
    return relation.isEmpty()
        ? new Draft(subject, Relation.MORE, new Bound.Fixed(100))
        : new Draft(subject, relation.get(), number(subject));
  }

  /// The number that a path, the disk or drops are compared with.
  private Bound number(Subject subject) {
    return switch (subject.unit()) {
      case PERCENT -> new Bound.Fixed(percent(tokens.next("write a percentage, as in 2%")));
      case SECONDS -> quantity(Quantity.Unit.SECONDS);
      case MILLISECONDS -> new Bound.Fixed(milliseconds(tokens.next("write a time, as in 80ms")));
      case MEGABITS -> quantity(Quantity.Unit.MEGABIT_RATE);
      case COUNT, BYTES, BYTES_PER_SECOND, PACKETS_PER_SECOND -> quantity(Quantity.Unit.AMOUNT);
    };
  }

  private static double percent(Token token) {
    String digits = token.text().replaceFirst("%$", "");
    return digits.matches("[0-9]+(\\.[0-9]+)?") ? Double.parseDouble(digits) : refused(token, "2%");
  }

  private static double milliseconds(Token token) {
    String digits = token.text().replaceFirst("ms$", "");
    return digits.matches("[0-9]+(\\.[0-9]+)?")
        ? Double.parseDouble(digits)
        : refused(token, "80ms");
  }

  private static double refused(Token token, String example) {
    throw new UnreadableRule(
        token.offset(), "cannot read the number '" + token.text() + "'; write it as in " + example);
  }

  private static double percentage(Token token) {
    return Double.parseDouble(token.text().replace("%", ""));
  }

  private Bound quantity(Quantity.Unit unit) {
    Token number = tokens.next("write a number");
    try {
      return new Bound.Fixed(Quantity.parse(number.text(), unit));
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(number.offset(), ErrorText.of(e));
    }
  }

  /// The bound that ends the alert, which lies inside the one that begins it.
  private double clear(Draft draft) {
    Token number = tokens.peek("write a value");
    double clear;
    double begin;
    switch (draft.bound()) {
      case Bound.OfUsual(double percent) -> {
        tokens.skip();
        clear = percent(number);
        begin = percent;
      }
      case Bound.Fixed(double value) -> {
        Bound read =
            draft.subject() instanceof Subject.Traffic
                ? quantity(draft.unit())
                : number(draft.subject());
        clear = ((Bound.Fixed) read).value();
        begin = value;
      }
    }
    boolean inside =
        switch (draft.relation()) {
          case MORE, AT_LEAST -> clear <= begin;
          case LESS, AT_MOST -> clear >= begin;
          case EQUAL -> Double.compare(clear, begin) == 0;
        };
    if (!inside) {
      throw new UnreadableRule(
          number.offset(),
          "the alert would begin and end at once: clear must be "
              + (draft.relation() == Relation.LESS || draft.relation() == Relation.AT_MOST
                  ? "above"
                  : "below")
              + " the limit, was '"
              + number.text()
              + "'");
    }
    return clear;
  }

  private Duration duration() {
    Token token = tokens.next("write a time, as in 5m");
    try {
      return DurationText.parse(token.text());
    } catch (UserError e) {
      throw new UnreadableRule(token.offset(), e.getMessage());
    }
  }

  private Relation relation() {
    Token sign = tokens.next("write >, >=, <, <= or =");
    return Relation.of(sign.text())
        .orElseThrow(() ->
            new UnreadableRule(
                sign.offset(), "expected >, >=, <, <= or =, was '" + sign.text() + "'"));
  }

  private Optional<Relation> relationIfAny() {
    boolean any = tokens.more() && Relation.of(tokens.peek("").text()).isPresent();
    return any ? Optional.of(relation()) : Optional.empty();
  }
}
