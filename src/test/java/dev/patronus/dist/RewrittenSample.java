package dev.patronus.dist;

import java.util.List;

/// A program of records and of switches over types, which shows all that they do.
final class RewrittenSample {

  sealed interface Thing permits Every, Nothing, Box, Single {}

  /// A component of every kind.
  @SuppressWarnings("ArrayRecordComponent") // an array is equal to itself alone: that is shown
  record Every(
      int i,
      long j,
      String text,
      double d,
      float f,
      boolean z,
      char c,
      byte b,
      short s,
      int[] array,
      List<String> list)
      implements Thing {}

  record Nothing() implements Thing {}

  record Box(Thing inner) implements Thing {}

  enum Single implements Thing {
    ONE
  }

  /// Calls in an interface are of another form.
  interface Asked {
    static int about(Object value) {
      return switch (value) {
        case null -> -7;
        case String text when text.length() > 3 -> 1;
        case String _ -> 2;
        case Integer _ -> 3;
        case Every every when every.j() > 5 -> 4;
        case Thing _ -> 5;
        default -> 6;
      };
    }
  }

  private RewrittenSample() {}

  private static int nested(Thing thing) {
    return switch (thing) {
      case Every _ -> 1;
      case Nothing _ -> 2;
      case Box(Every _) -> 3;
      case Box(Nothing _) -> 4;
      case Box _ -> 5;
      case Single _ -> 6;
    };
  }

  private static Every every(long j, String text, double d, int[] array) {
    List<String> list = text == null ? null : List.of("a");
    return new Every(1, j, text, d, -0f, true, 'c', (byte) -3, (short) 4, array, list);
  }

  public static void main(String[] arguments) {
    int[] array = null;
    Object missing = null;
    Every one = every(2, "s", Double.NaN, array);
    List<Object> values =
        List.of(
            one,
            every(2, "s", Double.NaN, array),
            every(9, null, 0.0, array),
            every(2, "s", -0.0, array),
            new Nothing(),
            new Box(one),
            new Box(new Nothing()),
            new Box(null),
            Single.ONE,
            "four",
            "two",
            7,
            7L);
    for (Object value : values) {
      System.out.println(value + " " + Asked.about(value));
      if (value instanceof Thing thing) {
        System.out.println(nested(thing) + " " + value.equals(missing));
      }
      if (value instanceof Record) {
        System.out.println(value.hashCode());
      }
      values.forEach(other -> System.out.print(value.equals(other) + " "));
      System.out.println();
    }
    System.out.println(Asked.about(null));
  }
}
