package dev.patronus.alert;

import dev.patronus.alert.Subject.PathMeasure;
import dev.patronus.error.UserError;
import dev.patronus.policy.Quantity;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficLimit.Relation;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
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
/// bound   = QUANTITY | PERCENT "of" "usual"
/// ```
///
/// Names with blanks stand in double quotes. Confined to one thread.
final class RuleParser {
  private static final Pattern TOKEN = Pattern.compile("\"([^\"]*)\"|[<>=]+|[^\\s<>=\"]+|\"");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern PERCENTAGE = Pattern.compile("[0-9]+(\\.[0-9]+)?%");
  private static final String SUBJECTS =
      "write policy NAME, total, unmatched, age, path ID, site NAME, disk, drops or sampling";

  private record Token(String text, int offset, boolean quoted) {
    boolean is(String word) {
      return !quoted && text.equals(word);
    }
  }

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  RuleParser(String text) {
    this.text = text;
  }

  AlertRule rule() {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(0, colon).strip();
    if (!NAME.matcher(name).matches()) {
      throw new UnreadableRule(
          0,
          "a rule begins with its name, of letters, digits, '-', '_' and '.', and a colon, as in"
              + " 'busy: policy voice byte-rate > 10M for 5m'");
    }
    tokenize(colon + 1);
    Draft draft = what();
    Duration hold = Duration.ZERO;
    Duration cooldown = AlertRule.COOLDOWN;
    OptionalDouble clear = OptionalDouble.empty();
    while (at < tokens.size()) {
      Token word = next("");
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
        name,
        draft.subject(),
        draft.relation(),
        draft.bound(),
        clear,
        hold,
        cooldown,
        text.substring(colon + 1).strip());
  }

  private record Draft(Subject subject, Relation relation, Bound bound) {}

  private void tokenize(int from) {
    Matcher matcher = TOKEN.matcher(text);
    int end = from;
    while (matcher.find(end)) {
      MatchResult found = matcher.toMatchResult();
      if (found.group().equals("\"")) {
        throw new UnreadableRule(found.start(), "the quote is not closed");
      }
      boolean quoted = found.group(1) != null;
      tokens.add(new Token(quoted ? found.group(1) : found.group(), found.start(), quoted));
      end = found.end();
    }
  }

  private Draft what() {
    Token word = next(SUBJECTS);
    return switch (word.quoted() ? "" : word.text()) {
      case "policy" -> traffic(next("write the name of a policy").text());
      case TrafficLimit.TOTAL, TrafficLimit.UNMATCHED -> traffic(word.text());
      case "age" -> new Draft(new Subject.SnapshotAge(), relation(), quantity(true));
      case "path" -> path();
      case "site" -> site();
      case "disk" -> disk();
      case "drops" -> drops();
      case "sampling" -> sampling();
      default ->
          throw new UnreadableRule(
              word.offset(), "cannot measure '" + word.text() + "'; " + SUBJECTS);
    };
  }

  private Draft traffic(String policy) {
    Token word = next("write packets, bytes, flows, packet-rate, byte-rate or idle");
    Subject.Traffic subject;
    try {
      subject = new Subject.Traffic(policy, Measure.of(word.text()));
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(word.offset(), e.getMessage());
    }
    Relation relation = relation();
    Token number = peek("write a number");
    if (!PERCENTAGE.matcher(number.text()).matches()) {
      return new Draft(subject, relation, quantity(subject.measure().isTime()));
    }
    at++;
    requireWord("of");
    requireWord("usual");
    if (!subject.hasUsual()) {
      throw new UnreadableRule(
          number.offset(), "only byte-rate and packet-rate have a usual value");
    }
    return new Draft(subject, relation, new Bound.OfUsual(percentage(number)));
  }

  private Draft path() {
    Token id = next("write the id of a path");
    if (!id.text().matches("[0-9]{1,18}")) {
      throw new UnreadableRule(
          id.offset(), "a path is given by its number, was '" + id.text() + "'");
    }
    Token word = next("write latency, jitter, loss, bandwidth, score or age");
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
    Token site = next("write the name of a site");
    requireWord("not-seen");
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
    Token number = peek("write the room that must be left, as in 10% or 5GB");
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
    requireWord("changed");
    return new Draft(new Subject.SamplingChanges(), Relation.MORE, new Bound.Fixed(0));
  }

  /// The number that a path, the disk or drops are compared with.
  private Bound number(Subject subject) {
    return switch (subject.unit()) {
      case PERCENT -> new Bound.Fixed(percent(next("write a percentage, as in 2%")));
      case SECONDS -> quantity(true);
      case MILLISECONDS -> new Bound.Fixed(milliseconds(next("write a time, as in 80ms")));
      case COUNT, BYTES, BYTES_PER_SECOND, PACKETS_PER_SECOND, MEGABITS -> quantity(false);
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

  private Bound quantity(boolean seconds) {
    Token number = next("write a number");
    try {
      return new Bound.Fixed(Quantity.parse(number.text(), seconds));
    } catch (IllegalArgumentException e) {
      throw new UnreadableRule(number.offset(), e.getMessage());
    }
  }

  /// The bound that ends the alert, which lies inside the one that begins it.
  private double clear(Draft draft) {
    Token number = peek("write a value");
    double clear;
    double begin;
    switch (draft.bound()) {
      case Bound.OfUsual(double percent) -> {
        at++;
        clear = percent(number);
        begin = percent;
      }
      case Bound.Fixed(double value) -> {
        Bound read =
            draft.subject() instanceof Subject.Traffic(_, Measure measure)
                ? quantity(measure.isTime())
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
    Token token = next("write a time, as in 5m");
    try {
      return DurationText.parse(token.text());
    } catch (UserError e) {
      throw new UnreadableRule(token.offset(), e.getMessage());
    }
  }

  private Relation relation() {
    Token sign = next("write >, >=, <, <= or =");
    return Relation.of(sign.text())
        .orElseThrow(() ->
            new UnreadableRule(
                sign.offset(), "expected >, >=, <, <= or =, was '" + sign.text() + "'"));
  }

  private Optional<Relation> relationIfAny() {
    boolean any = at < tokens.size() && Relation.of(tokens.get(at).text()).isPresent();
    return any ? Optional.of(relation()) : Optional.empty();
  }

  private void requireWord(String word) {
    Token token = next("write '" + word + "'");
    if (!token.is(word)) {
      throw new UnreadableRule(
          token.offset(), "expected '" + word + "', was '" + token.text() + "'");
    }
  }

  private Token peek(String missing) {
    if (at == tokens.size()) {
      throw new UnreadableRule(text.length(), "the rule ends too early; " + missing);
    }
    return tokens.get(at);
  }

  private Token next(String missing) {
    Token token = peek(missing);
    at++;
    return token;
  }
}
