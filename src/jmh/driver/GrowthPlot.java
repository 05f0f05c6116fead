import java.util.List;
import java.util.Locale;

/// Costs against sizes as SVG: a chart for each curve, both axes logarithmic, with the straight
/// line through its first and last point (dashed), which is a curve on such axes.
///
/// Immutable.
record GrowthPlot(List<GrowthPlot.Curve> curves) {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 220;
  private static final int LEFT = 56;
  private static final int BOTTOM = 34;
  private static final int TOP = 28;
  private static final int RIGHT = 16;
  private static final int LINE_POINTS = 40;

  /// @param of what is counted by the sizes
  /// @param unit of the costs
  @SuppressWarnings("ArrayRecordComponent")
  record Curve(String what, String of, String unit, int[] sizes, double[] costs) {
    private double line(double size) {
      int last = sizes.length - 1;
      double slope = (costs[last] - costs[0]) / ((double) sizes[last] - sizes[0]);
      return costs[0] + slope * (size - sizes[0]);
    }
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"11\">\n",
            WIDTH * curves.size(), HEIGHT));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int i = 0; i < curves.size(); i++) {
      svg.append(format("<g transform=\"translate(%d 0)\">\n", i * WIDTH));
      draw(curves.get(i), svg);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void draw(Curve curve, StringBuilder svg) {
    int last = curve.sizes().length - 1;
    double from = curve.sizes()[0];
    double to = curve.sizes()[last];
    double least = Double.MAX_VALUE;
    double most = 0;
    for (double cost : curve.costs()) {
      least = Math.min(least, cost);
      most = Math.max(most, cost);
    }
    double bottom = least / 1.5;
    double top = Math.max(most * 1.5, bottom * 10);
    svg.append(format("<text x=\"%d\" y=\"16\">%s</text>\n", LEFT, curve.what().replace("`", "")));
    svg.append(
        format(
            "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"black\"/>\n",
            LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT));
    StringBuilder line = new StringBuilder();
    for (int i = 0; i <= LINE_POINTS; i++) {
      double size = from * Math.pow(to / from, (double) i / LINE_POINTS);
      line.append(format("%.1f,%.1f ", x(size, from, to), y(curve.line(size), bottom, top)));
    }
    svg.append(
        format(
            "<polyline points=\"%s\" fill=\"none\" stroke=\"gray\" stroke-dasharray=\"4 3\"/>\n",
            line.toString().strip()));
    StringBuilder points = new StringBuilder();
    for (int i = 0; i <= last; i++) {
      double x = x(curve.sizes()[i], from, to);
      double y = y(curve.costs()[i], bottom, top);
      points.append(format("%.1f,%.1f ", x, y));
      svg.append(format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#06c\"/>\n", x, y));
      svg.append(
          format(
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
              x, y - 8, Value.short3(curve.costs()[i])));
      svg.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              x, HEIGHT - BOTTOM + 14, count(curve.sizes()[i])));
    }
    svg.append(
        format(
            "<polyline points=\"%s\" fill=\"none\" stroke=\"#06c\"/>\n",
            points.toString().strip()));
    svg.append(format("<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, HEIGHT - 6, curve.of()));
    svg.append(format("<text x=\"8\" y=\"%d\">%s</text>\n", TOP + 8, curve.unit()));
  }

  private static double x(double size, double from, double to) {
    double part = Math.log(size / from) / Math.log(to / from);
    return LEFT + 20 + part * (WIDTH - RIGHT - LEFT - 40);
  }

  private static double y(double cost, double bottom, double top) {
    double part = Math.log(cost / bottom) / Math.log(top / bottom);
    return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP);
  }

  private static String count(int number) {
    return number >= 1_000_000
        ? format("%.3g M", number / 1e6).replaceAll("\\.?0+ M", " M")
        : format("%,d", number);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
