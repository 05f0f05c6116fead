package dev.patronus.history.tier;

/// A resolution at which traffic is rolled up, in UTC.
public enum Tier {
  FIVE_MINUTES(300, "5-minute"),
  HOUR(3_600, "hourly"),
  DAY(86_400, "daily");

  /// 0001-01-01T00:00:00Z, a border of all tiers; seconds before it lie in its cell.
  public static final long FIRST_SECOND = -62_135_596_800L;

  /// 10000-01-01T00:00:00Z, a border of all tiers; seconds from it on lie in the cell before.
  public static final long END_SECOND = 253_402_300_800L;

  private final int seconds;

  private final String word;

  Tier(int seconds, String word) {
    this.seconds = seconds;
    this.word = word;
  }

  /// The length of a cell.
  public int seconds() {
    return seconds;
  }

  /// For messages: `hourly`.
  public String word() {
    return word;
  }

  /// The second within the years 1 to 9999 that is nearest.
  public static long clamp(long second) {
    return Math.clamp(second, FIRST_SECOND, END_SECOND - 1);
  }

  /// The start of the cell that a second within the years 1 to 9999 lies in.
  public long floor(long second) {
    return second - Math.floorMod(second, seconds);
  }

  /// The first border that is not before a second within the years 1 to 9999.
  public long ceiling(long second) {
    return second + Math.floorMod(-second, seconds);
  }
}
