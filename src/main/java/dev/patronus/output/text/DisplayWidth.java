package dev.patronus.output.text;

/// How many columns of a terminal a text takes, and the text cut to a number of them.
///
/// East Asian wide and fullwidth characters and emoji take two columns, combining marks and
/// invisible controls none (Unicode Standard Annex 11, simplified to the blocks that terminals
/// agree on).
public final class DisplayWidth {
  private static final int[][] WIDE = {
    {0x1100, 0x115f},
    {0x231a, 0x231b},
    {0x2329, 0x232a},
    {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},
    {0x2614, 0x2615},
    {0x2648, 0x2653},
    {0x267f, 0x267f},
    {0x2693, 0x2693},
    {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},
    {0x26bd, 0x26be},
    {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},
    {0x26ea, 0x26ea},
    {0x26f2, 0x26f5},
    {0x26fa, 0x26fd},
    {0x2705, 0x2705},
    {0x270a, 0x270b},
    {0x2728, 0x2728},
    {0x274c, 0x274e},
    {0x2753, 0x2757},
    {0x2795, 0x2797},
    {0x27b0, 0x27bf},
    {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b55},
    {0x2e80, 0x303e},
    {0x3041, 0x33ff},
    {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},
    {0xa960, 0xa97f},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe10, 0xfe19},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x16fe0, 0x18aff},
    {0x1b000, 0x1b2ff},
    {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f19a},
    {0x1f200, 0x1f320},
    {0x1f32d, 0x1f64f},
    {0x1f680, 0x1f6ff},
    {0x1f7e0, 0x1f7eb},
    {0x1f90c, 0x1f9ff},
    {0x1fa70, 0x1faff},
    {0x20000, 0x3fffd},
  };
  private static final char ELLIPSIS = '…';
  private static final char ELLIPSIS_ASCII = '~';

  private DisplayWidth() {}

  /// The number of columns that the text takes.
  public static int of(String text) {
    int width = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      width += of(point);
      i += Character.charCount(point);
    }
    return width;
  }

  private static int of(int point) {
    if (point < 0x300) {
      return point < ' ' || (point >= 0x7f && point < 0xa0) || point == 0xad ? 0 : 1;
    }
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.CONTROL,
          Character.SURROGATE ->
          0;
      default -> isWide(point) ? 2 : 1;
    };
  }

  private static boolean isWide(int point) {
    if (point < WIDE[0][0]) {
      return false;
    }
    int low = 0;
    int high = WIDE.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (point < WIDE[middle][0]) {
        high = middle - 1;
      } else if (point > WIDE[middle][1]) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }

  /// The text if it fits into `width` columns, else its beginning and an ellipsis.
  public static String cut(String text, int width) {
    return cut(text, width, ELLIPSIS);
  }

  /// The same on a screen that may know nothing but ASCII, where a tilde stands for the ellipsis.
  public static String cut(String text, int width, Screen screen) {
    return cut(text, width, screen.unicode() ? ELLIPSIS : ELLIPSIS_ASCII);
  }

  private static String cut(String text, int width, char ellipsis) {
    return of(text) <= width ? text : beginning(text, width - 1) + ellipsis;
  }

  /// As much of the text's beginning as fits into `width` columns; marks stay with their letter.
  static String beginning(String text, int width) {
    int used = 0;
    int end = 0;
    while (end < text.length()) {
      int point = text.codePointAt(end);
      if (used + of(point) > width) {
        break;
      }
      used += of(point);
      end += Character.charCount(point);
    }
    return text.substring(0, end);
  }
}
