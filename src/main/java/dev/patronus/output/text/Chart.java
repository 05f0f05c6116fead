package dev.patronus.output.text;

import dev.patronus.history.Bucket;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.TimeAxis.Mark;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// Values over time as bars that fit the screen: blocks of eighths where it shows Unicode, `#`
/// where not.
///
/// ```
/// 12.3 Mbit/s ┤          ▂█
///             │  ▃▆█▅▂  ▄██
///  6.2 Mbit/s ┤╌▂█████╌▂███╌   ╌ is the line that was asked for: the 95th percentile
///             │ ███████████
///           0 ┼┬─────┬────
///              14:00 20:00
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

  /// How far apart marks of the time are, and between which bounds their number is.
  private static final int MARK_COLUMNS = 7;

  private static final int MARKS_LEAST = 6;
  private static final int MARKS_MOST = 14;

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
    HumanFormat humane = new HumanFormat(screen.zone(), false);
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
    List<Mark> marks = marks(bars.length, screen.zone());
    text.append(foot(bars.length, marks, screen)).append('\n');
    String times = times(bars.length, marks);
    return times.isEmpty()
        ? text.toString()
        : text.append(" ".repeat(left + 2)).append(times).append('\n').toString();
  }

  /// From the foot to the top; most rows have none.
  private String[] labels(HumanFormat humane, double top) {
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

  private List<Mark> marks(int columns, ZoneId zone) {
    List<Bucket> steps = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      steps.add(new Bucket(starts[i], starts[i + 1]));
    }
    return TimeAxis.marks(steps, zone, Math.clamp(columns / MARK_COLUMNS, MARKS_LEAST, MARKS_MOST));
  }

  /// The column in which the step of a mark begins.
  private int column(Mark mark, int columns) {
    return (int) Math.ceilDiv((long) mark.index() * columns, values.length);
  }

  /// The line that bars stand on, with the marks of the times below it.
  private String foot(int columns, List<Mark> marks, Screen screen) {
    StringBuilder foot = new StringBuilder((screen.unicode() ? "─" : "-").repeat(columns));
    for (Mark mark : marks) {
      int column = column(mark, columns);
      if (column < columns) {
        foot.setCharAt(column, screen.unicode() ? '┬' : '+');
      }
    }
    return foot.toString();
  }

  /// The labels of the marks, each beginning below its own, where there is room for it.
  private String times(int columns, List<Mark> marks) {
    StringBuilder text = new StringBuilder();
    for (Mark mark : marks) {
      int column = column(mark, columns);
      boolean apart = text.isEmpty() || column >= text.length() + 2;
      if (apart && column + mark.label().length() <= columns) {
        text.append(" ".repeat(column - text.length())).append(mark.label());
      }
    }
    return text.toString();
  }
}
