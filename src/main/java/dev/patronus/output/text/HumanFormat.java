package dev.patronus.output.text;

import dev.patronus.error.Counted;
import dev.patronus.json.ControlCharacters;
import dev.patronus.json.Json;
import dev.patronus.output.table.Column.Kind;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Values as people read them: units, thousands apart, the zone's own time.
///
/// Immutable.
///
/// @param zone the zone that times are shown in
/// @param rawNumbers whether numbers stay plain digits; rates are bits a second then too
public record HumanFormat(ZoneId zone, boolean rawNumbers) {
  private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  private static final String[] BIT_UNITS = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
  private static final String ABSENT = "-";
  private static final double STEP = 1000;
  private static final int BITS = 8; // of a byte

  /// The text of a value of this kind; `-` where there is none. Control characters are shown, not
  /// obeyed: a name cannot move the cursor.
  public String text(Kind kind, @Nullable Object value) {
    return switch (value) {
      case null -> ABSENT;
      case String text -> visible(text);
      case Instant instant -> time(instant);
      case Boolean flag -> flag ? "yes" : "no";
      case Json json -> visible(json.toString());
      case List<?> list when list.isEmpty() -> ABSENT;
      case List<?> list -> visible(String.join(", ", list.stream().map(String::valueOf).toList()));
      case Double number -> decimal(kind, number);
      case Number number -> whole(kind, number.longValue());
      default -> visible(value.toString());
    };
  }

  private String whole(Kind kind, long value) {
    if (rawNumbers) {
      return Long.toString(kind == Kind.BYTE_RATE ? value * BITS : value);
    }
    return switch (kind) {
      case BYTES -> bytes(value);
      case BYTE_RATE -> scaled((double) value * BITS, BIT_UNITS);
      case COUNT, RATE -> grouped(value);
      case SECONDS -> seconds(value);
      case PERCENT -> value + " %";
      case MILLIS -> value + " ms";
      case TEXT, ID, KEY, NUMBER, PLAIN_NUMBER, MEGABITS, TIME, FLAG, STATUS, CHART ->
          Long.toString(value);
    };
  }

  private String decimal(Kind kind, double value) {
    if (!Double.isFinite(value)) {
      return ABSENT;
    }
    if (rawNumbers) {
      return kind == Kind.BYTE_RATE
          ? thousandths(value * BITS)
          : kind == Kind.RATE ? thousandths(value) : Decimal.text(value);
    }
    return switch (kind) {
      case BYTES -> scaled(value, BYTE_UNITS);
      case BYTE_RATE -> scaled(value * BITS, BIT_UNITS);
      case PERCENT -> fixed(value, 2) + " %";
      case MILLIS -> fixed(value, 1) + " ms";
      case RATE -> Math.abs(value) < STEP ? fixed(value, 1) : grouped(Math.round(value));
      case PLAIN_NUMBER -> Decimal.text(value);
      case MEGABITS -> fixed(value, fraction(value));
      case SECONDS -> seconds(Math.round(value));
      case TEXT, ID, KEY, COUNT, NUMBER, TIME, FLAG, STATUS, CHART -> fixed(value, 2);
    };
  }

  private static String thousandths(double value) {
    return Decimal.text(Math.rint(value * STEP) / STEP);
  }

  /// `1.5 GB` for 1,500,000,000: three digits that count, powers of a thousand.
  public static String bytes(long value) {
    return scaled((double) value, BYTE_UNITS);
  }

  private static String scaled(double value, String... units) {
    int unit = 0;
    double scaled = value;
    while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
      scaled /= STEP;
      unit++;
    }
    int digits = unit == 0 ? 0 : fraction(scaled);
    return fixed(scaled, digits) + " " + units[unit];
  }

  /// How many decimals three digits that count leave.
  private static int fraction(double value) {
    return Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  }

  /// `1,234,567`.
  public static String grouped(long value) {
    return Counted.grouped(value);
  }

  private static String fixed(double value, int digits) {
    long unit = digits == 0 ? 1 : digits == 1 ? 10 : 100;
    long scaled = Math.round(Math.abs(value) * unit);
    String text = Long.toString(scaled / unit);
    if (digits > 0) {
      String fraction = Long.toString(unit + scaled % unit).substring(1);
      text = text + "." + fraction;
    }
    return value < 0 && scaled != 0 ? "-" + text : text;
  }

  /// `2 d 3 h`, `5 min`, `34 s`: the two largest units that count.
  public static String seconds(long seconds) {
    if (seconds < 0) {
      return "-" + seconds(-seconds);
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return two(seconds, 60, "min", 1, "s");
    }
    if (seconds < 86_400) {
      return two(seconds, 3600, "h", 60, "min");
    }
    return two(seconds, 86_400, "d", 3600, "h");
  }

  private static String two(long seconds, long big, String bigName, long small, String smallName) {
    long rest = seconds % big / small;
    String first = seconds / big + " " + bigName;
    return rest == 0 ? first : first + " " + rest + " " + smallName;
  }

  /// `2026-11-23 14:05:09`, in the zone; with its offset if that is not UTC's name.
  public String time(Instant instant) {
    ZonedDateTime local = instant.atZone(zone);
    return two(local.getYear(), 4)
        + "-"
        + two(local.getMonthValue(), 2)
        + "-"
        + two(local.getDayOfMonth(), 2)
        + " "
        + two(local.getHour(), 2)
        + ":"
        + two(local.getMinute(), 2)
        + ":"
        + two(local.getSecond(), 2);
  }

  private static String two(int value, int digits) {
    String text = Integer.toString(value);
    return text.length() >= digits ? text : "0".repeat(digits - text.length()) + text;
  }

  /// The text with control and direction-changing characters replaced by what shows that they were
  /// there.
  public static String visible(String text) {
    StringBuilder visible = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (ControlCharacters.includes(c)) {
        if (visible == null) {
          visible = new StringBuilder(text.length()).append(text, 0, i);
        }
        visible.append('\ufffd');
      } else if (visible != null) {
        visible.append(c);
      }
    }
    return visible == null ? text : visible.toString();
  }
}
