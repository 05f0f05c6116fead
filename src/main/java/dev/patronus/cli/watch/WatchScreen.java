package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.cli.terminal.WindowSize;
import dev.patronus.cli.traffic.TrafficAnswer;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Paragraph;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.StableTable;
import dev.patronus.output.text.Style;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A watch as a screen that is drawn again in place ([Frame]), with the summary after it.
final class WatchScreen implements WatchOutput {
  /// In a window with fewer lines, none is left blank, and only the total stands below the rows.
  private static final int ROOMY = 12;

  /// In a narrower window names are cut to a few characters, and so would be this one's number.
  private static final int WORDY = 60;

  private static final int ALERTS_MAX = 3;

  /// From so many seconds on, the time of a watch is said in minutes.
  private static final long MINUTES_FROM = 600;

  private final Invocation call;
  private final Optional<String> sortedBy;
  private Terminal window;
  private Screen screen;
  private StableTable table;
  private final Frame frame;

  /// @param sortedBy the name of the column that rows are sorted by; empty in matching order
  WatchScreen(Invocation call, Optional<String> sortedBy) {
    this.call = call;
    this.sortedBy = sortedBy;
    this.frame = new Frame(call);
    fit(call.terminal());
  }

  private void fit(Terminal size) {
    window = size;
    Screen whole = call.screen();
    screen =
        new Screen(
            size.columns(),
            whole.colour(),
            whole.unicode(),
            whole.zone(),
            whole.rawNumbers(),
            whole.headers());
    table = new StableTable(screen);
  }

  @Override
  public void resize() {
    WindowSize.ask().ifPresent(size -> call.session().resize(size.columns(), size.lines()));
    fit(call.terminal());
  }

  @Override
  public void show(WatchReading reading) throws IOException {
    frame.draw(lines(reading), window.columns(), window.lines());
  }

  private List<String> lines(WatchReading reading) {
    boolean roomy = window.lines() >= ROOMY;
    List<String> lines = new ArrayList<>();
    lines.addAll(heading(reading, roomy));
    List<String> alerts = alerts(reading.alerts().sentences());
    List<WatchedRow> sums = reading.sums();
    List<WatchedRow> below = new ArrayList<>(roomy ? sums : List.of(sums.getFirst()));
    int titles = 1;
    int room = window.lines() - lines.size() - titles - below.size() - alerts.size();
    List<WatchedRow> rows = fitting(reading, Math.max(1, room), below);
    table
        .text(WatchTable.screen(rows, below, samples(), sortedBy, screen))
        .lines()
        .forEach(lines::add);
    lines.addAll(alerts);
    return lines;
  }

  /// The first rows; those that have no room become one line above the others below.
  private List<WatchedRow> fitting(WatchReading reading, int room, List<WatchedRow> below) {
    List<WatchedRow> rows = reading.rows();
    if (rows.size() <= room && reading.hidden().isEmpty()) {
      return rows;
    }
    int shown = Math.min(rows.size(), room - 1);
    List<WatchedRow> rest = new ArrayList<>(rows.subList(shown, rows.size()));
    rest.addAll(reading.hidden());
    below.addFirst(WatchedRow.sum(more(rest.size()), rest));
    return rows.subList(0, shown);
  }

  private String more(int count) {
    if (window.columns() < WORDY) {
      return "+" + count;
    }
    return (screen.unicode() ? "… and " : "... and ") + HumanFormat.grouped(count) + " more";
  }

  private List<String> alerts(List<String> sentences) {
    List<String> lines = new ArrayList<>();
    for (String sentence : sentences.subList(0, Math.min(ALERTS_MAX, sentences.size()))) {
      lines.add(alert(sentence));
    }
    if (sentences.size() > ALERTS_MAX) {
      lines.set(
          ALERTS_MAX - 1,
          alert("and " + (sentences.size() - ALERTS_MAX + 1) + " more limits are exceeded"));
    }
    return lines;
  }

  private String alert(String sentence) {
    String text = HumanFormat.visible("! " + sentence);
    return Style.BAD.of(DisplayWidth.cut(text, window.columns(), screen), screen);
  }

  /// How many of the last readings there is room for.
  private int samples() {
    return Math.clamp((window.columns() - 56) / 2, 8, 60);
  }

  /// The heading, and a blank line where there is room for more than one.
  private List<String> heading(WatchReading reading, boolean roomy) {
    if (!roomy) {
      return List.of(DisplayWidth.cut(heading(reading), window.columns(), screen));
    }
    List<String> lines = new ArrayList<>();
    new Paragraph(window.columns(), 0)
        .words(heading(reading))
        .toString()
        .lines()
        .forEach(lines::add);
    lines.add("");
    return lines;
  }

  private String heading(WatchReading reading) {
    String source = TrafficAnswer.source(reading.now(), screen.humane(), reading.time());
    String trouble = reading.trouble();
    if (!trouble.isEmpty()) {
      trouble = " " + Character.toUpperCase(trouble.charAt(0)) + trouble.substring(1) + ".";
    }
    return HumanFormat.visible(source + trouble + rates(reading) + watched(reading));
  }

  private static String rates(WatchReading reading) {
    long seconds = Math.round(reading.window().toMillis() / 1000.0);
    return seconds == 0 ? "" : " Rates over " + HumanFormat.seconds(seconds) + ".";
  }

  private static String watched(WatchReading reading) {
    long seconds = reading.watched().toSeconds();
    long shown = seconds < MINUTES_FROM ? seconds : seconds - seconds % 60;
    return " Watched " + HumanFormat.seconds(shown) + ".";
  }

  @Override
  public boolean forPeople() {
    return true;
  }

  @Override
  public void close() throws IOException {
    frame.leave();
  }
}
