package dev.patronus.history;

import java.util.List;

/// The default step widths: those of clocks and calendars.
public final class DefaultSteps {
  private static final List<Step> STEPS =
      List.of(
          new Step.Clock(60),
          new Step.Clock(120),
          new Step.Clock(300),
          new Step.Clock(600),
          new Step.Clock(900),
          new Step.Clock(1_800),
          new Step.Clock(3_600),
          new Step.Clock(7_200),
          new Step.Clock(10_800),
          new Step.Clock(21_600),
          new Step.Clock(43_200),
          new Step.Days(1),
          new Step.Days(2),
          new Step.Days(7),
          new Step.Months(1),
          new Step.Months(3),
          new Step.Months(12));

  private DefaultSteps() {}

  /// The finest step that cuts so many seconds into at most so many pieces; the coarsest there is
  /// if none does.
  public static Step fitting(long seconds, int pieces) {
    return fitting(seconds, pieces, 0);
  }

  /// The same, and no finer than what was read, which would leave gaps.
  ///
  /// @param apart the seconds from one reading to the next; 0 if they are not known
  public static Step fitting(long seconds, int pieces, long apart) {
    return STEPS.stream()
        .filter(step -> step.shortest().toSeconds() >= apart - apart / 10)
        .filter(step -> Math.ceilDiv(seconds, step.shortest().toSeconds()) <= pieces)
        .findFirst()
        .orElse(STEPS.getLast());
  }
}
