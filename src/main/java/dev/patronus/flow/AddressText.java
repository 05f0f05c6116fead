package dev.patronus.flow;

/// The text of addresses: RFC 4291 §2.2 in, RFC 5952 out.
final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? parseV6(text) : IpAddress.v4(parseV4(text, text));
  }

  private static int parseV4(String quad, String whole) {
    int bits = 0;
    int at = 0;
    for (int octet = 0; octet < 4; octet++) {
      int end = octet == 3 ? quad.length() : quad.indexOf('.', at);
      bits = bits << 8 | octet(quad, at, end, whole);
      at = end + 1;
    }
    return bits;
  }

  private static int octet(String quad, int from, int to, String whole) {
    int length = to - from;
    if (length < 1 || length > 3 || (length > 1 && quad.charAt(from) == '0')) {
      throw notAnAddress(whole);
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = quad.charAt(i);
      if (c < '0' || c > '9') {
        throw notAnAddress(whole);
      }
      value = value * 10 + c - '0';
    }
    if (value > 255) {
      throw notAnAddress(whole);
    }
    return value;
  }

  private static IpAddress parseV6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      int[] groups = groups(text, text);
      if (groups.length != GROUPS) {
        throw notAnAddress(text);
      }
      return join(groups);
    }
    int[] head = groups(text.substring(0, gap), text);
    int[] tail = groups(text.substring(gap + 2), text);
    if (head.length + tail.length >= GROUPS) {
      throw notAnAddress(text);
    }
    int[] groups = new int[GROUPS];
    System.arraycopy(head, 0, groups, 0, head.length);
    System.arraycopy(tail, 0, groups, GROUPS - tail.length, tail.length);
    return join(groups);
  }

  private static int[] groups(String part, String whole) {
    if (part.isEmpty()) {
      return new int[0];
    }
    String[] words = part.split(":", -1);
    boolean quad = words[words.length - 1].indexOf('.') >= 0 && whole.endsWith(part);
    int[] groups = new int[words.length + (quad ? 1 : 0)];
    for (int i = 0; i < words.length; i++) {
      if (quad && i == words.length - 1) {
        int bits = parseV4(words[i], whole);
        groups[i] = bits >>> 16;
        groups[i + 1] = bits & 0xffff;
      } else {
        groups[i] = group(words[i], whole);
      }
    }
    return groups;
  }

  private static int group(String word, String whole) {
    if (word.isEmpty() || word.length() > 4) {
      throw notAnAddress(whole);
    }
    int value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw notAnAddress(whole);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static IpAddress join(int[] groups) {
    long high = 0;
    long low = 0;
    for (int i = 0; i < 4; i++) {
      high = high << 16 | groups[i];
      low = low << 16 | groups[i + 4];
    }
    return new IpAddress(high, low);
  }

  static String format(long high, long low) {
    return IpAddress.isV4(high, low) ? formatV4((int) low) : formatV6(high, low);
  }

  private static String formatV4(int bits) {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }

  private static String formatV6(long high, long low) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < 4; i++) {
      groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
      groups[i + 4] = (int) (low >>> (48 - 16 * i)) & 0xffff;
    }
    int gapStart = -1;
    int gapLength = 1; // a single zero group is not shortened: RFC 5952 §4.2.2
    for (int i = 0; i < GROUPS; i++) {
      int run = zeros(groups, i);
      if (run > gapLength) {
        gapStart = i;
        gapLength = run;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < GROUPS; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  private static int zeros(int[] groups, int from) {
    int to = from;
    while (to < GROUPS && groups[to] == 0) {
      to++;
    }
    return to - from;
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException("not an IP address: '" + text + "'");
  }
}
