package dev.patronus.export;

import dev.patronus.export.Column.Kind;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.OptionalDouble;

/// Values over time as bars that fit the screen: blocks of eighths where it shows Unicode, `#`
/// where not.
///
/// ```
/// 12.3 Mbit/s ┤          ▂█
///             │  ▃▆█▅▂  ▄██
///  6.2 Mbit/s ┤╌▂█████╌▂███╌   ╌ is the line that was asked for: the 95th percentile
///             │ ███████████
///           0 ┼───────────
///              14:00  20:00
/// ```
///
/// Immutable. Where there are more values than columns, neighbours are averaged.
public final class Chart {
  private static final int HEIGHT = 8;
  private static final int EIGHTHS = 8;
  private static final int LEAST_COLUMNS = 10;
  private static final int MOST_COLUMNS = 120;
  private static final String BLOCKS = " ▁▂▃▄▅▆▇█";
  private static final String ASCII = "  ..::###";
  private static final int WIDEST_BAR = 4;
  private static final int DAY_SECONDS = 86_400;

  private final Kind kind;
  private final double[] values;
  private final long[] starts;
  private final OptionalDouble line;

  /// @param values not a number where there is none
  /// @param starts the second in which each value begins, and behind them the end of the last
  /// @param line where a line is drawn across; empty for none
  public Chart(Kind kind, double[] values, long[] starts, OptionalDouble line) {
    if (starts.length != values.length + 1) {
      throw new IllegalArgumentException(
          "starts must be one more than values: " + starts.length + ", " + values.length);
    }
    this.kind = kind;
    this.values = values.clone();
    this.starts = starts.clone();
    this.line = line;
  }

  /// The chart as lines of text; empty if there is nothing to draw.
  public String text(Screen screen) {
    double top =
        RoundScale.top(kind, Arrays.stream(values).filter(Double::isFinite).max().orElse(0));
    if (values.length == 0 || top <= 0) {
      return "";
    }
    Humane humane = new Humane(screen.zone(), false);
    String[] labels = labels(humane, top);
    int left = Arrays.stream(labels).mapToInt(DisplayWidth::of).max().orElse(0);
    int room = (screen.columns() > 0 ? screen.columns() : 80) - left - 3;
    double[] bars = fit(Math.clamp(room, LEAST_COLUMNS, MOST_COLUMNS));
    StringBuilder text = new StringBuilder();
    for (int row = HEIGHT - 1; row >= 0; row--) {
      text.append(pad(labels[row + 1], left)).append(' ').append(axis(labels[row + 1], screen));
      text.append(row(bars, row, top, screen).stripTrailing()).append('\n');
    }
    text.append(pad(labels[0], left)).append(' ').append(screen.unicode() ? '┼' : '+');
    text.append((screen.unicode() ? "─" : "-").repeat(bars.length)).append('\n');
    return text.append(" ".repeat(left + 2))
        .append(times(bars.length, screen.zone()))
        .append('\n')
        .toString();
  }

  /// From the foot to the top; most rows have none.
  private String[] labels(Humane humane, double top) {
    String[] labels = new String[HEIGHT + 1];
    Arrays.fill(labels, "");
    labels[0] = "0";
    labels[HEIGHT / 2] = RoundScale.label(humane, kind, top / 2);
    labels[HEIGHT] = RoundScale.label(humane, kind, top);
    return labels;
  }

  private static String axis(String label, Screen screen) {
    if (screen.unicode()) {
      return label.isEmpty() ? "│" : "┤";
    }
    return label.isEmpty() ? "|" : "+";
  }

  private static String pad(String label, int width) {
    return " ".repeat(width - DisplayWidth.of(label)) + label;
  }

  private String row(double[] bars, int row, double top, Screen screen) {
    boolean crossed =
        line.isPresent() && (int) Math.min(HEIGHT - 1, line.getAsDouble() / top * HEIGHT) == row;
    StringBuilder text = new StringBuilder();
    for (double bar : bars) {
      int eighths = Double.isFinite(bar) ? (int) Math.round(bar / top * HEIGHT * EIGHTHS) : 0;
      if (bar > 0) {
        eighths = Math.max(1, eighths);
      }
      int here = Math.clamp(eighths - (long) row * EIGHTHS, 0, EIGHTHS);
      char block = (screen.unicode() ? BLOCKS : ASCII).charAt(here);
      text.append(block == ' ' && crossed ? (screen.unicode() ? '╌' : '-') : block);
    }
    return text.toString();
  }

  /// One bar a column: the mean of the values that fall into it.
  private double[] fit(int columns) {
    if (values.length <= columns) {
      int wide = Math.min(WIDEST_BAR, columns / values.length);
      double[] bars = new double[values.length * wide];
      for (int i = 0; i < bars.length; i++) {
        bars[i] = values[i / wide];
      }
      return bars;
    }
    double[] bars = new double[columns];
    for (int i = 0; i < columns; i++) {
      int from = (int) ((long) i * values.length / columns);
      int to = (int) ((i + 1L) * values.length / columns);
      bars[i] =
          Arrays.stream(values, from, Math.max(to, from + 1))
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
    }
    return bars;
  }

  /// Where in time the columns are: a label at the left, some between, each where it begins.
  private String times(int columns, ZoneId zone) {
    boolean days = starts[values.length] - starts[0] > 2L * DAY_SECONDS;
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < columns; column += 2) {
      int value = (int) ((long) column * values.length / columns);
      String label = label(starts[value], days, zone);
      boolean fits = column + label.length() <= Math.max(columns, label.length());
      boolean apart = text.isEmpty() || column >= text.length() + label.length() / 2 + 2;
      if (fits && apart) {
        text.append(" ".repeat(column - text.length())).append(label);
      }
    }
    return text.toString();
  }

  private static String label(long second, boolean days, ZoneId zone) {
    ZonedDateTime local = Instant.ofEpochSecond(second).atZone(zone);
    return days
        ? two(local.getMonthValue()) + "-" + two(local.getDayOfMonth())
        : two(local.getHour()) + ":" + two(local.getMinute());
  }

  private static String two(int value) {
    return value < 10 ? "0" + value : Integer.toString(value);
  }
}
