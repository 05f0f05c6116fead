package dev.patronus.output.html;

import dev.patronus.history.Bucket;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.RoundScale;
import dev.patronus.output.text.TimeAxis;
import dev.patronus.output.text.TimeAxis.Mark;
import java.io.IOException;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalDouble;

/// A curve as a picture: shapes in SVG that stretch with the page, and around them labels in HTML
/// that do not, so that a phone shows the same words at the same size.
///
/// ```
///   80 Mbit/s │      ▄▄
///             │╌╌╌╌╌╌██╌╌╌   the 95th percentile
///   40 Mbit/s │  ▂▄▆███┊▂▄   ┊ a reset
///             │▄▆██████┊██▒▒ ▒ no snapshot
///           0 └────────────
/// ```
///
/// Immutable.
final class Drawing {
  private static final int HEIGHT = 100;
  private static final int MARKS = 8;

  /// A label further right than this would leave the page.
  private static final double RIGHTMOST = 0.96;

  private final Numbers numbers;
  private final List<Bucket> steps;
  private final List<Mark> marks;

  Drawing(Numbers numbers, ZoneId zone, List<Bucket> steps) {
    this.numbers = numbers;
    this.steps = steps;
    this.marks = TimeAxis.marks(steps, zone, MARKS);
  }

  /// Draws a curve.
  ///
  /// @param key a word for the picture's ids that no other picture has
  /// @param line where a line is drawn across
  /// @param tips whether each column says its value under the mouse
  void draw(Markup page, String key, String title, Curve curve, OptionalDouble line, boolean tips)
      throws IOException {
    double top = RoundScale.top(Kind.BYTE_RATE, Math.max(curve.highest(), line.orElse(0)));
    page.raw("<div class=\"plot\">\n<div class=\"y\" aria-hidden=\"true\">");
    for (double part : new double[] {1, 0.5, 0}) {
      String label = top <= 0 ? "" : RoundScale.label(numbers.humane(), Kind.BYTE_RATE, top * part);
      page.raw("<span>").text(part == 0 ? "0" : label).raw("</span>");
    }
    page.raw("</div>\n<svg role=\"img\" aria-labelledby=\"" + key + "-t " + key + "-d\"");
    page.raw(" viewBox=\"0 0 " + Math.max(1, curve.columns()) + " " + HEIGHT + "\"");
    page.raw(" preserveAspectRatio=\"none\">\n<title id=\"" + key + "-t\">").text(title);
    page.raw("</title><desc id=\"" + key + "-d\">").text(words(curve, line)).raw("</desc>\n");
    shapes(page, curve, line, top);
    if (tips) {
      tips(page, curve);
    }
    page.raw("</svg>\n<div class=\"x\" aria-hidden=\"true\">");
    for (Mark mark : marks) {
      label(page, mark, curve);
    }
    page.raw("</div>\n</div>\n");
  }

  private void label(Markup page, Mark mark, Curve curve) throws IOException {
    double part = (double) column(mark) / curve.columns();
    if (part <= RIGHTMOST) {
      page.raw("<span style=\"left:" + Math.round(part * 1000) / 10.0 + "%\">");
      page.text(mark.label()).raw("</span>");
    }
  }

  private int column(Mark mark) {
    return mark.index() / Curve.stepsPerColumn(steps.size());
  }

  private void shapes(Markup page, Curve curve, OptionalDouble line, double top)
      throws IOException {
    gaps(page, curve);
    StringBuilder grid = new StringBuilder("M0 0H" + curve.columns() + "M0 50H" + curve.columns());
    marks.forEach(mark -> grid.append('M').append(column(mark)).append(" 0V" + HEIGHT));
    path(page, "grid", grid);
    if (top > 0) {
      path(page, "area", outline(curve, top, true));
      path(page, "edge", outline(curve, top, false));
    }
    if (top > 0 && line.isPresent()) {
      path(page, "line", "M0 " + y(line.getAsDouble(), top) + "H" + curve.columns());
    }
    StringBuilder resets = new StringBuilder();
    for (int i = 0; i < curve.columns(); i++) {
      if (curve.isReset(i)) {
        resets.append('M').append(i).append(".5 0V" + HEIGHT);
      }
    }
    path(page, "reset", resets);
  }

  private static void path(Markup page, String kind, CharSequence shape) throws IOException {
    if (!shape.isEmpty()) {
      page.raw("<path class=\"" + kind + "\" d=\"").raw(shape.toString()).raw("\"/>\n");
    }
  }

  private String words(Curve curve, OptionalDouble line) {
    return "Highest "
        + numbers.bits(OptionalDouble.of(curve.highest()))
        + (line.isPresent() ? ", 95th percentile " + numbers.bits(line) : "")
        + ", resets in "
        + curve.resets()
        + " and gaps in "
        + curve.gaps()
        + " of "
        + curve.columns()
        + " columns.";
  }

  /// Columns side by side; where nothing is known there is none.
  ///
  /// @param closed down to the foot, as a shape to fill
  private static StringBuilder outline(Curve curve, double top, boolean closed) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < curve.columns(); i++) {
      if (Double.isNaN(curve.rate(i))) {
        continue;
      }
      int from = i;
      path.append('M').append(i).append(' ');
      path.append(closed ? Integer.toString(HEIGHT) : y(curve.rate(i), top));
      for (; i < curve.columns() && !Double.isNaN(curve.rate(i)); i++) {
        path.append('V').append(y(curve.rate(i), top)).append('H').append(i + 1);
      }
      if (closed) {
        path.append('V').append(HEIGHT).append('H').append(from).append('Z');
      }
    }
    return path;
  }

  /// How far down a rate is, to a tenth.
  private static String y(double rate, double top) {
    long tenths = Math.round((1 - rate / top) * HEIGHT * 10);
    return tenths / 10 + "." + tenths % 10;
  }

  private static void gaps(Markup page, Curve curve) throws IOException {
    for (int i = 0; i < curve.columns(); i++) {
      int from = i;
      while (i < curve.columns() && curve.isGap(i)) {
        i++;
      }
      if (i > from) {
        page.raw("<rect class=\"gap\" x=\"" + from + "\" y=\"0\" width=\"" + (i - from));
        page.raw("\" height=\"" + HEIGHT + "\"/>\n");
      }
    }
  }

  private void tips(Markup page, Curve curve) throws IOException {
    int each = Curve.stepsPerColumn(steps.size());
    for (int i = 0; i < curve.columns(); i++) {
      page.raw("<rect class=\"tip\" x=\"" + i + "\" y=\"0\" width=\"1\" height=\"100\"><title>")
          .text(numbers.time(steps.get(i * each).startSecond()) + ": ")
          .text(numbers.bits(rate(curve, i)))
          .text(curve.isReset(i) ? ", reset" : "")
          .text(curve.isGap(i) ? ", gap" : "")
          .raw("</title></rect>\n");
    }
  }

  private static OptionalDouble rate(Curve curve, int column) {
    return Double.isNaN(curve.rate(column))
        ? OptionalDouble.empty()
        : OptionalDouble.of(curve.rate(column));
  }
}
