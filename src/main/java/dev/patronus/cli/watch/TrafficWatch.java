package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.traffic.TrafficAlerts;
import dev.patronus.cli.traffic.TrafficFeed;
import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.cli.traffic.TrafficSource;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.row.JsonRows;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `stats --watch`: reads, shows, and waits, until somebody ends it.
///
/// Confined to one thread; interrupting that ends it with its summary.
public final class TrafficWatch {

  /// What is watched and how.
  ///
  /// @param readingsMax after how many readings it ends by itself
  /// @param named whether policies are named
  /// @param chosen which of the policies, asked at each reading
  /// @param ordered all of them in their order
  /// @param sortedBy the name of the column that they are sorted by; empty in matching order
  /// @param fluctuating the value that they are sorted by, the largest first, where it goes up and
  ///   down all the time; empty for other orders
  /// @param rowsMax how many are shown
  public record Question(
      Duration interval,
      long readingsMax,
      boolean named,
      Function<List<PolicyTraffic>, List<PolicyTraffic>> chosen,
      Function<Stream<TrafficRow>, Stream<TrafficRow>> ordered,
      Optional<String> sortedBy,
      Optional<ToDoubleFunction<TrafficRow>> fluctuating,
      long rowsMax,
      Alerts alerts) {}

  /// Holds a reading against the limits.
  @FunctionalInterface
  public interface Alerts {
    TrafficAlerts of(TrafficNow now, List<TrafficRow> rows, Optional<TrafficRow> unmatched);
  }

  /// How many of the limits that were exceeded the summary names.
  private static final int LIMITS_SAID = 5;

  private final Invocation call;
  private final Question question;
  private final WatchedTraffic watched = new WatchedTraffic();
  private final Optional<SteadyOrder> steady;
  private final Set<String> exceeded = new HashSet<>();
  private final Set<String> everExceeded = new LinkedHashSet<>();
  private TrafficNow.@Nullable Source source;
  private @Nullable WatchReading last;
  private long startNanos;

  public TrafficWatch(Invocation call, Question question) {
    this.call = call;
    this.question = question;
    this.steady = question.fluctuating().map(SteadyOrder::new);
  }

  public Answer run() throws IOException {
    startNanos = System.nanoTime();
    boolean people;
    try (TrafficFeed feed = new TrafficFeed(call);
        WatchOutput output = output()) {
      people = output.forPeople();
      show(feed, output);
    }
    boolean ended = Thread.interrupted(); // it has done what it was for
    if (last != null && (people || (ended && call.terminal().err()))) {
      summarize(last, people);
    }
    return new Answer().exit(everExceeded.isEmpty() ? ExitCode.DONE : ExitCode.LIMIT_EXCEEDED);
  }

  /// What cannot be read at all is told before anything is out, in the format that was asked for.
  private WatchOutput output() {
    return switch (call.format()) {
      case JSON -> new WatchDocuments(call);
      case NDJSON -> new WatchRows(call, JsonRows.lines(call.out()));
      case CSV ->
          new WatchRows(call, new CsvWriter(call.out(), call.screen(), call.spreadsheetSafe()));
      case TABLE ->
          call.terminal().out() && call.canMoveCursor() && call.columns().isEmpty()
              ? new WatchScreen(call, question.sortedBy())
              : new WatchLines(call);
    };
  }

  private void show(TrafficFeed feed, WatchOutput output) throws IOException {
    WatchLoop.Body body =
        new WatchLoop.Body() {
          @Override
          public void read() throws IOException {
            WatchReading reading = TrafficWatch.this.read(feed);
            if (Thread.currentThread().isInterrupted()) {
              return; // what was read may be for want of an answer that was cut off
            }
            last = reading;
            output.show(reading);
            tell(reading, output);
          }

          @Override
          public void resized() throws IOException {
            output.resize();
            if (last != null) {
              output.show(last);
            }
          }
        };
    new WatchLoop(call, question.interval(), question.readingsMax())
        .run(output instanceof WatchScreen, body);
  }

  private WatchReading read(TrafficFeed feed) {
    TrafficNow now = feed.next();
    long nanos = System.nanoTime();
    Instant time = call.session().clock().instant().truncatedTo(ChronoUnit.MILLIS);
    boolean elsewhere = source != now.source();
    source = now.source();
    List<WatchedRow> seen =
        watched.take(now, rows(now, elsewhere), unmatched(now, elsewhere), nanos);
    List<TrafficRow> rows = seen.stream().map(WatchedRow::row).toList();
    IdentityHashMap<TrafficRow, WatchedRow> hidden = new IdentityHashMap<>();
    seen.forEach(row -> hidden.put(row.row(), row));
    List<WatchedRow> shown = ordered(rows).limit(question.rowsMax()).map(hidden::remove).toList();
    return new WatchReading(
        time,
        now,
        feed.trouble(),
        Duration.ofNanos(nanos - startNanos),
        watched.readings(),
        watched.window(),
        shown,
        List.copyOf(hidden.values()),
        watched.total(seen),
        watched.unmatched(),
        question.named(),
        question.alerts().of(now, rows, watched.unmatched().map(WatchedRow::row)));
  }

  private Stream<TrafficRow> ordered(List<TrafficRow> rows) {
    return steady
        .map(order -> order.of(rows).stream())
        .orElseGet(() -> question.ordered().apply(rows.stream()));
  }

  /// The first reading of a place has the rates since an earlier snapshot; later ones are compared
  /// with each other.
  private List<TrafficRow> rows(TrafficNow now, boolean elsewhere) {
    List<PolicyTraffic> chosen = question.chosen().apply(now.policies());
    return elsewhere
        ? TrafficSource.rows(call, now, chosen)
        : chosen.stream().map(TrafficRow::withoutRates).toList();
  }

  private Optional<TrafficRow> unmatched(TrafficNow now, boolean elsewhere) {
    return elsewhere
        ? TrafficSource.unmatched(call, now)
        : now.unmatched().map(TrafficRow::withoutRates);
  }

  /// Says a limit on stderr when it begins to be exceeded; a screen has a place of its own for it.
  private void tell(WatchReading reading, WatchOutput output) {
    TrafficAlerts alerts = reading.alerts();
    Set<String> before = new HashSet<>(exceeded);
    exceeded.clear();
    exceeded.addAll(alerts.limits());
    everExceeded.addAll(alerts.limits());
    for (int i = 0; i < alerts.sentences().size(); i++) {
      if (!(output instanceof WatchScreen) && !before.contains(alerts.limits().get(i))) {
        call.warn(reading.time() + " " + alerts.sentences().get(i));
      }
    }
  }

  private void summarize(WatchReading end, boolean people) throws IOException {
    String sentence =
        "Watched for "
            + HumanFormat.seconds(end.watched().toSeconds())
            + ", "
            + HumanFormat.grouped(end.readings())
            + (end.readings() == 1 ? " reading: " : " readings: ")
            + HumanFormat.bytes(end.total().bytesGained())
            + " in "
            + HumanFormat.grouped(end.total().packetsGained())
            + " packets.";
    if (!people) {
      call.say(sentence);
      return;
    }
    Answer answer = new Answer().say(sentence).table(summary(end));
    call.out()
        .write(
            new AnswerPrinter(call.format(), call.screen(), false)
                .text(answer)
                .getBytes(StandardCharsets.UTF_8));
    call.out().flush();
    if (!everExceeded.isEmpty()) {
      call.warn("exceeded during the watch: " + some(everExceeded));
    }
  }

  private static String some(Set<String> limits) {
    String first = limits.stream().limit(LIMITS_SAID).collect(Collectors.joining(", "));
    int rest = limits.size() - LIMITS_SAID;
    return rest > 0 ? first + " and " + rest + " more" : first;
  }

  /// The rows that carried most, as many as fit the screen.
  private Table<WatchedRow> summary(WatchReading end) {
    int room = Math.max(1, call.terminal().lines() - 9);
    List<WatchedRow> rows =
        end.rows().stream()
            .sorted(Comparator.comparingLong(WatchedRow::bytesGained).reversed())
            .toList();
    List<WatchedRow> below = new ArrayList<>();
    List<WatchedRow> rest = new ArrayList<>(rows.subList(Math.min(room, rows.size()), rows.size()));
    rest.addAll(end.hidden());
    if (!rest.isEmpty()) {
      below.add(WatchedRow.more(rest));
    }
    below.addAll(end.sums());
    double seconds = end.watched().toMillis() / 1000.0;
    return WatchTable.summary(rows.subList(0, Math.min(room, rows.size())), below, seconds);
  }
}
